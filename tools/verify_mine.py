#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is my loss the paper's loss? Runs the golden vectors against your Python function and, where it is wrong, says which known
mistake it makes.

    python tools/verify_mine.py --impl my_module:my_loss --algorithm grpo [--convention trl] [--torch]

Your function is called as my_loss(batch, settings) for every vector:

    batch      a dict of padded float64 arrays: logp, logp_old, logp_ref, entropy, value, value_old, mask, prefix (B, T) and
               reward, group (B); only what the algorithm needs. mask is 1 where a token counts; padding is 0.
    settings   a dict: clip_low, clip_high, kl_beta, aggregate, ... (`rephrase explain grpo` says what they mean)
    returns    NumPy: (loss, dloss/dlogp), the second of shape (B, T).   With --torch the arrays are tensors, batch["logp"]
               requires grad, and you return the scalar loss; the gradient is taken by autograd.

For what lies below the loss, --kernel logprob (or rope, rmsnorm, attention, swiglu, linear, embedding, norm, adamw, sampling) calls
my_function(inputs) with NumPy arrays named as in docs/golden-format.md and compares those of the outputs it returns in a dict.

Needs numpy (and torch with --torch), nothing that has to be built. Exit code 0 when every vector agrees.
"""
import argparse
import importlib
import math
import pathlib
import sys
import traceback

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import kernel_mistakes as kernels  # noqa: E402
import known_mistakes as known  # noqa: E402

HOSTILE = {"EmptyMask", "EmptyRow", "RatioOverflow", "RatioHeld", "LowVariance", "GroupOfOne", "AllEqualRewards", "SplitBatch"}


def padded(batch):
    lengths = [len(r) for r in batch["logp"]]
    B, T = len(lengths), max(max(lengths), 1)
    out = {"mask": np.zeros((B, T))}
    for i, n in enumerate(lengths):
        out["mask"][i, :n] = 1
    for key, value in batch.items():
        if key == "group":
            labels = list(dict.fromkeys(value))
            out[key] = np.array([labels.index(g) for g in value])
        elif key == "source":
            out[key] = np.array([{"policy": 0, "expert": 1, "rephrased": 2}[s] for s in value])
        elif key == "reward":
            out[key] = np.array(value, dtype=np.float64)
        elif key in ("rewards", "topk") or key.startswith("total_"):
            out[key] = value
        else:
            out[key] = np.zeros((B, T))
            for i, row in enumerate(value):
                out[key][i, :len(row)] = row
    out.setdefault("group", np.zeros(B, dtype=int))
    return out, lengths


def call(function, batch, settings, with_torch):
    """The user's loss and gradient as ragged rows; or the reason why there is none."""
    arrays, lengths = padded(batch)
    try:
        if with_torch:
            import torch
            tensors = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in arrays.items()}
            tensors["logp"].requires_grad_()
            loss = function(tensors, dict(settings))
            gradient = torch.autograd.grad(loss, tensors["logp"], allow_unused=True)[0] if loss.requires_grad else None
            loss, gradient = loss.item(), np.zeros_like(arrays["logp"]) if gradient is None else gradient.numpy()
        else:
            loss, gradient = function(arrays, dict(settings))
    except Exception:
        return None, traceback.format_exc(limit=-2).strip().split("\n")[-1]
    gradient = np.asarray(gradient, dtype=np.float64) * arrays["mask"]
    result = {"loss": float(loss), "dlogp": [gradient[i, :n].tolist() for i, n in enumerate(lengths)]}
    if not math.isfinite(result["loss"]) or not np.isfinite(gradient).all():
        return result, f"loss {result['loss']}, gradient {'finite' if np.isfinite(gradient).all() else 'NaN or infinite'}"
    return result, None


def asked(case, args):
    """By default the convention as it is; other settings only where the user's function is said to read them."""
    if "SplitBatch" in case["flags"]:
        return args.split
    given = set(case["inputs"]["settings"]) - {"max_length"}
    return not given or args.settings or (args.terms and "AllTerms" in case["flags"])


def diagnose(name, convention, wrong):
    """Mistakes that equal the user's numbers on every wrong vector to which they apply, best first."""
    found = []
    for m in known.MISTAKES:
        hits = total = 0
        for case, mine in wrong:
            settings, batch = known.inputs_of(case, name, convention)
            theirs = m.wrong(name, settings, batch)
            if theirs is None or known.close({k: theirs[k] for k in ("loss", "dlogp")}, case["expected"][convention]):
                continue
            total += 1
            hits += known.close(mine, {k: theirs[k] for k in ("loss", "dlogp")})
        if hits:
            found.append((hits, total, m))
    return sorted(found, key=lambda f: (-f[0], f[1] - f[0]))


def other_conventions(convention, wrong):
    """Conventions whose numbers the user's are on every wrong vector that has them."""
    others = {o for case, _ in wrong for o in case["expected"]} - {convention}
    for other in sorted(others):
        asked = [(case["expected"][other], mine) for case, mine in wrong if other in case["expected"]]
        if asked and all(known.close(mine, {k: expected[k] for k in ("loss", "dlogp")}) for expected, mine in asked):
            yield other, len(asked)


def report(name, convention, right, wrong, broken):
    total = len(right) + len(wrong) + len(broken)
    print(f"{name}, convention {convention}: {len(right)} of {total} vectors agree in loss and gradient")
    for case, why in broken:
        print(f"  no finite result on {case['id']} [{', '.join(case['flags'])}]: {why}")
    if not wrong:
        return
    first = wrong[0]
    print(f"  first difference: {first[0]['id']} [{', '.join(first[0]['flags'])}]: loss {first[1]['loss']:.9g}, "
          f"expected {first[0]['expected'][convention]['loss']:.9g}")
    for other, count in other_conventions(convention, wrong):
        print(f"  these are the numbers of convention {other} on {count} of {len(wrong)} wrong vectors")
    found = [f for f in diagnose(name, convention, wrong) if 2 * f[0] >= len(wrong)]
    exact = [f for f in found if f[0] == len(wrong)]
    for hits, _, m in exact or found[:3]:
        print(f"  matches {m.id}: {m.title}\n      ({m.where}) on {hits} of {len(wrong)} wrong vectors")
    if not found:
        print("  none of the known mistakes; the vectors above say where it parts")
    if not exact and all(set(c["flags"]) & HOSTILE for c, _ in wrong):
        print("  ordinary batches agree: only hostile ones differ, see their flags in docs/golden-format.md")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], epilog="docs/verify-yours.md has an example of five minutes.")
    parser.add_argument("--impl", required=True, metavar="MODULE:FUNCTION", help="your loss; the current directory is on the path")
    parser.add_argument("--algorithm", default="grpo", choices=sorted(known.DEFAULTS))
    parser.add_argument("--convention", default="paper")
    parser.add_argument("--torch", action="store_true", help="pass tensors and differentiate by autograd")
    parser.add_argument("--terms", action="store_true", help="add the vectors with KL and entropy terms (read kl_beta and the rest)")
    parser.add_argument("--settings", action="store_true", help="add the vectors with other settings (your function reads them all)")
    parser.add_argument("--split", action="store_true", help="add parts of a split step (read total_rows and total_tokens)")
    parser.add_argument("--ordinary", action="store_true", help="leave the hostile vectors out")
    parser.add_argument("--kernel", choices=kernels.SUBJECTS, help="verify a kernel in place of a loss")
    args = parser.parse_args()
    if not args.kernel and args.convention not in known.CONVENTIONS[args.algorithm]:
        parser.error(f"{args.algorithm} has the conventions {', '.join(known.CONVENTIONS[args.algorithm])}")
    module, _, function = args.impl.partition(":")
    sys.path.insert(0, ".")
    try:
        implementation = getattr(importlib.import_module(module), function or "loss")
    except (ModuleNotFoundError, AttributeError) as error:
        parser.error(f"--impl {args.impl}: {error}")
    if args.kernel:
        sys.exit(0 if kernels.verify(implementation, args.kernel) else 1)
    right, wrong, broken = [], [], []
    for case in known.golden(args.algorithm):
        if args.convention not in case["expected"] or not asked(case, args) or (args.ordinary and set(case["flags"]) & HOSTILE):
            continue
        settings, batch = known.inputs_of(case, args.algorithm, args.convention)
        mine, why = call(implementation, batch, settings, args.torch)
        expected = {k: case["expected"][args.convention][k] for k in ("loss", "dlogp")}
        if why:
            broken.append((case, why))
        else:
            (right if known.close(mine, expected) else wrong).append((case, mine))
    report(args.algorithm, args.convention, right, wrong, broken)
    sys.exit(0 if not wrong and not broken else 1)


if __name__ == "__main__":
    main()
