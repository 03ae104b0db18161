#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/golden/v1/pieces/*.json: corrections between sampler and trainer, distillation from a teacher that reads more.

    python tools/golden/generate_pieces.py            write, then renew MANIFEST.json
    python tools/golden/generate_pieces.py --check    compute again and compare with the files; write nothing

Two origins: closed forms (pieces_numpy.py) and autograd (pieces_torch.py). The script stops at the first number on which they differ by more
than 1e-10 (1 + |x|).
"""
import argparse
import json
import pathlib
import random
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import manifest  # noqa: E402
import pieces_numpy as closed  # noqa: E402
import pieces_torch as framework  # noqa: E402
from generate import OUT, TOLERANCE, differs, dump  # noqa: E402
from generate_kernels import AGREE, agree, draw  # noqa: E402

NOTES = {
    "Typical": "Random numbers with four decimals; some tokens are hidden.",
    "Rejected": "Some tokens or rows are rejected; the denominator says whether they still count.",
    "Bypass": "The old policy is the current one, detached: the weight alone carries the ratio to the sampler, and has no gradient.",
    "RejectedFar": "A rejected row whose loss is huge: weight zero must leave it out and not multiply it (0 times infinity is NaN).",
    "TopK": "Only the student's k likeliest tokens are compared; the rest is renormalised away or kept as one bucket.",
    "Negative": "A truncated reverse KL below zero without its tail (verl PR 7806's numbers are the first case).",
    "Edge": "alpha is 0, 1 or near it: the generalised JSD is 0 at both ends.",
    "ByHand": "Two tokens, small enough for a sheet of paper.",
}


def as_arrays(inputs):
    return {k: np.array(v, dtype=float) if isinstance(v, list) else v for k, v in inputs.items()}


def case(subject, ident, flags, comment, inputs):
    x = as_arrays(inputs)
    first, second = getattr(closed, subject)(x), getattr(framework, subject)(x)
    return {"id": f"{subject}-{ident}", "comment": comment, "flags": flags, "inputs": inputs,
            "expected": agree(f"{subject}-{ident}", first, list(second.values())), "tolerance": TOLERANCE}


def correction_cases(rng):
    B, T = 4, 5
    below = lambda rows: [[min(round(v, 4), -.01) for v in r] for r in rows]
    near = lambda rows, width: below([[v + width * (rng.random() - .5) for v in r] for r in rows])
    logp = below(draw(rng, B, T, scale=.5, shift=-1.2))
    old = near(logp, .8)
    base = {"logp": logp, "logp_old": old, "logp_behavior": near(old, 1.2), "logp_ref": near(logp, .6), "advantage": [1.0, -1.0, .5, -.75],
            "mask": [[1, 1, 1, 0, 1], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 1, 1, 0]]}
    far = {**base, "logp_old": [r[:] for r in old], "logp_behavior": [r[:] for r in base["logp_behavior"]]}
    far["logp_old"][1] = [round(v - 800, 4) for v in far["logp_old"][1]]
    kinds = [("token-truncate", 0, 1.2), ("token-mask", .7, 1.4), ("sequence-truncate", 0, 1.0), ("sequence-mask", 0, 1.0),
             ("geometric-reject", .85, 1.15), ("k3-reject", 0, .055), ("seq-mask-tis", .85, 1.15)]
    for kind, low, high in kinds:
        s = {"kind": kind, "low": low, "high": high, "clip": .2, "beta": 0.0, "denominator": "all", "bypass": False}
        rejects = kind not in ("token-truncate", "sequence-truncate")
        yield case("correction", kind, ["Typical"] + ["Rejected"] * rejects, f"{kind} from {low} to {high}", {**base, "settings": s})
        yield case("correction", kind + "-kl", ["Typical"], "with a KL term, which has no weight", {**base, "settings": {**s, "beta": .1}})
        if rejects:
            yield case("correction", kind + "-kept", ["Rejected"], "rejected tokens leave the denominator, and the KL",
                       {**base, "settings": {**s, "denominator": "kept", "beta": .1}})
            yield case("correction", kind + "-far", ["RejectedFar"], "the second row lies e^800 off", {**far, "settings": s})
        yield case("correction", kind + "-bypass", ["Bypass"], "three policies become two", {**base, "settings": {**s, "bypass": True}})


def distillation_cases(rng):
    hand = {"student": [[[float(np.log(.6)), float(np.log(.4))]]], "teacher": [[[float(np.log(.9)), float(np.log(.1))]]], "blind": [[[0.0, 0.0]]],
            "token": [[0]], "mask": [[1]]}
    B, T, V = 3, 4, 6
    base = {"student": draw(rng, B, T, V), "teacher": draw(rng, B, T, V, scale=1.3), "blind": draw(rng, B, T, V, scale=.5),
            "token": [[rng.randrange(V) for _ in range(T)] for _ in range(B)], "mask": [[1, 1, 0, 1], [1, 0, 0, 0], [1, 1, 1, 1]]}
    make = lambda kind, topk="full", k=6, alpha=.5: {"kind": kind, "topk": topk, "k": k, "alpha": alpha}
    for kind in ("sampled", "reverse", "forward", "jsd"):
        yield case("distillation", kind + "-hand", ["ByHand"], "q = (.9, .1), p = (.6, .4)", {**hand, "settings": make(kind, k=2)})
        yield case("distillation", kind, ["Typical"], kind, {**base, "settings": make(kind)})
    for alpha in (0.0, .001, .1, .9, .999, 1.0):
        yield case("distillation", f"jsd-{alpha}", ["Edge"] if alpha < .01 or alpha > .99 else ["Typical"], f"alpha = {alpha}",
                   {**base, "settings": make("jsd", alpha=alpha)})
    yield case("distillation", "tail-hand", ["TopK", "Negative", "ByHand"], "k = 1: 0.6 ln(0.6/0.9) = -0.243279 alone, 0.311239 with the tail",
               {**hand, "settings": make("reverse", "tail", 1)})
    for topk in ("tail", "renormalise"):
        for k in (2, 4):
            yield case("distillation", f"{topk}-{k}", ["TopK"], f"the {k} likeliest of six tokens", {**base, "settings": make("reverse", topk, k)})


SUBJECTS = {"correction": correction_cases, "distillation": distillation_cases}


def document(subject, number):
    made = list(SUBJECTS[subject](random.Random(300 + number)))
    return {"schema": "kernel.json", "area": "pieces", "subject": subject,
            "source": {"oracles": ["closed forms, NumPy float64 (tools/golden/pieces_numpy.py)", "autograd, float64 (tools/golden/pieces_torch.py)"],
                       "page": "docs/golden-format.md"},
            "notes": {f: NOTES[f] for f in sorted({f for c in made for f in c["flags"]})}, "cases": made}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing")
    check, count = parser.parse_args().check, 0
    (OUT / "pieces").mkdir(parents=True, exist_ok=True)
    for number, subject in enumerate(SUBJECTS):
        doc, path = document(subject, number), OUT / "pieces" / f"{subject}.json"
        count += len(doc["cases"])
        if check:
            worst = differs(json.loads(path.read_text()), doc)
            if worst is None or worst > AGREE:
                sys.exit(f"{path.name}: differs from what this machine computes ({worst})")
        else:
            path.write_text(dump(doc), encoding="utf-8")
    if not check:
        manifest.write()
    print(f"{len(SUBJECTS)} subjects, {count} cases, both origins agree{'; the files agree with them' if check else ''}")


if __name__ == "__main__":
    main()
