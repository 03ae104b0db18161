#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mistakes below the loss (log-probabilities, positions, norms, attention, the optimiser, sampling) and beside it (corrections between
sampler and trainer, distillation: tools/piece_mistakes.py).

    python tools/kernel_mistakes.py            list them
    python tools/kernel_mistakes.py --check    every mistake must differ from the truth on at least one golden vector

A mistake is the right computation of golden/kernels_numpy.py with one thing wrong. tools/verify_mine.py --kernel compares a user's
function with them.
"""
import collections
import json
import math
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "golden")]
import kernels_numpy as truth  # noqa: E402
import piece_mistakes  # noqa: E402

GOLDEN = HERE.parent / "data" / "golden" / "v1"
PIECES = ("correction", "distillation")
SUBJECTS = ("linear", "embedding", "rmsnorm", "rope", "attention", "swiglu", "logprob", "norm", "adamw", "sampling") + PIECES
Mistake = collections.namedtuple("Mistake", "id subject title where wrong")
MISTAKES = []


def mistake(subject, title, where):
    def register(function):
        MISTAKES.append(Mistake(f"K{len(MISTAKES) + 1:02d}", subject, title, where, function))
        return function
    return register


def arrays(inputs):
    """Numbers and lists as float64 arrays, ids as integers, the rest as it is."""
    integers = {"id", "target", "position", "token", "mask"}
    return {k: np.array(v, dtype=int if k in integers else float) if isinstance(v, list) else v for k, v in inputs.items()}


def cases(subject):
    return json.loads((GOLDEN / ("pieces" if subject in PIECES else "kernels") / f"{subject}.json").read_text())["cases"]


def close(got, expected, tolerance=1e-7):
    """Every number that was given; at least one must have been."""
    if not got or not set(got) <= set(expected):
        return False
    for key, value in got.items():
        a, b = np.asarray(value, dtype=float), np.asarray(expected[key], dtype=float)
        if a.shape != b.shape or not np.all(np.abs(a - b) <= tolerance * (1 + np.abs(b))):
            return False
    return True


# ---- The mistakes -----------------------------------------------------------------------------------------------------------


@mistake("logprob", "the sampling temperature is left out of the log-probabilities", "TRL PR 3029, OpenRLHF PR 853, NeMo-RL PR 935")
def no_temperature(x):
    return logprob_of(x, x["z"], 1.0)


@mistake("logprob", "logits are multiplied by the temperature", "the reciprocal, as in APIs that ask for an inverse temperature")
def inverse_temperature(x):
    return logprob_of(x, x["z"], 1 / x["temperature"])


@mistake("logprob", "logits are shifted by one place against the targets: position t is asked for its own token", "verl PR 3287 (off by one in SFT)")
def shifted(x):
    return logprob_of(x, np.roll(x["z"], -1, axis=0), x["temperature"])


def logprob_of(x, z, temperature):
    logp, entropy = truth.logprob(z, x["target"], temperature)
    dz = truth.logprob_backward(z, x["target"], temperature, x["dlogp"], x["dentropy"])
    return {"logp": logp, "entropy": entropy, "dz": dz}


@mistake("rope", "neighbours (2i, 2i+1) are paired where the checkpoint pairs (i, i + D/2)", "Meta's layout against Hugging Face's permuted weights")
def neighbours(x):
    D = x["x"].shape[2]
    order = [*range(0, D, 2), *range(1, D, 2)]
    back = np.argsort(order)
    turn = lambda v, sign: truth.rotate(v[..., order], x["position"], x["rope"], sign)[..., back]
    return {"y": turn(x["x"], 1), "dx": turn(x["dy"], -1)}


@mistake("rope", "positions start at 1", "an offset of the cache or of padding on the left")
def late_positions(x):
    return {"y": truth.rotate(x["x"], x["position"] + 1, x["rope"]), "dx": truth.rotate(x["dy"], x["position"] + 1, x["rope"], -1)}


@mistake("rope", "the scaling of positions is ignored", "llama2.c #506 (Llama 3.1 needs its own)")
def unscaled(x):
    rope = {"kind": "plain", "theta": x["rope"]["theta"]}
    return {"y": truth.rotate(x["x"], x["position"], rope), "dx": truth.rotate(x["dy"], x["position"], rope, -1)}


@mistake("rmsnorm", "epsilon is added outside the root", "1/(sqrt(mean) + eps) in place of 1/sqrt(mean + eps)")
def outside(x):
    with np.errstate(all="ignore"):
        r = 1 / (np.sqrt((x["x"] ** 2).mean(1)) + x["epsilon"])
    return {"y": x["x"] * r[:, None] * x["w"]}


@mistake("rmsnorm", "the mean is subtracted: a LayerNorm", "LayerNorm in place of RMSNorm")
def layer_norm(x):
    return {"y": truth.rmsnorm(x["x"] - x["x"].mean(1, keepdims=True), x["w"], x["epsilon"])[0]}


@mistake("rmsnorm", "the gradient does not go through the root", "dx = r w dy alone")
def half_backward(x):
    y, r = truth.rmsnorm(x["x"], x["w"], x["epsilon"])
    return {"y": y, "dx": r[:, None] * x["w"] * x["dy"]}


@mistake("attention", "scores are not divided by the root of the head's size", "vaswani2017, eq. 1 without its scale")
def no_scale(x):
    return {"o": truth.attention(x["q"] * math.sqrt(x["q"].shape[1]), x["k"], x["v"])[0]}


@mistake("attention", "later positions are seen: the mask is missing", "training without a causal mask")
def no_causal_mask(x):
    score = x["q"] @ x["k"].T / math.sqrt(x["q"].shape[1])
    p = np.exp(score - score.max(1, keepdims=True))
    return {"o": p / p.sum(1, keepdims=True) @ x["v"]}


@mistake("swiglu", "gate and up are exchanged", "the two halves of a fused weight in the other order")
def exchanged(x):
    return {"s": truth.swiglu(x["up"], x["gate"])}


def adamw_of(x, step):
    w, m, v, out = x["parameter"], 0.0, 0.0, []
    for t, (g, clip) in enumerate(zip(x["gradient"], x["clip"]), 1):
        w, m, v = step(w, m, v, g * clip, t, x["adamw"], x["decays"])
        out.append((w, m + 0 * w, v + 0 * w))
    return {key: np.array([o[i] for o in out]) for i, key in enumerate(("parameter", "first", "second"))}


@mistake("adamw", "the decay is added to the gradient (Adam with L2) and enters the moments", "loshchilov2019, the paper's own point")
def coupled(x):
    return adamw_of(x, lambda w, m, v, g, t, s, decay: truth.adamw_step(w, m, v, g + (s["decay"] if decay else 0) * w, t, s, False))


@mistake("adamw", "the moments are not corrected for their start at 0", "BERT's optimiser, arXiv 2006.05987")
def no_correction(x):
    def step(w, m, v, g, t, s, decay):
        w2, m, v = truth.adamw_step(w, m, v, g, t, s, decay)
        return w * (1 - s["rate"] * (s["decay"] if decay else 0)) - s["rate"] * m / (np.sqrt(v) + (s["epsilon"] or 1e-30)), m, v
    return adamw_of(x, step)


@mistake("adamw", "norms and biases decay too", "one parameter group for everything")
def all_decay(x):
    return adamw_of({**x, "decays": True}, truth.adamw_step)


@mistake("adamw", "the step counts from 0 in the correction, held at 1", "the counter is advanced after the update")
def late_step(x):
    return adamw_of(x, lambda w, m, v, g, t, s, decay: truth.adamw_step(w, m, v, g, max(t - 1, 1), s, decay))


@mistake("norm", "1e-6 is added to the norm before clipping", "torch.nn.utils.clip_grad_norm_, which means it so")
def clip_epsilon(x):
    norm = math.sqrt(float((x["gradient"] ** 2).sum()))
    return {"norm": norm, "clip": min(1.0, x["max_norm"] / (norm + 1e-6)) if x["max_norm"] > 0 else 1.0}


def sampling_of(x, order, p, lp):
    chosen = [order[min(int(np.searchsorted(np.cumsum(p), u, side="right")), len(order) - 1)] for u in x["uniform"]]
    return {"id": chosen, "logp": [lp[j] for j in chosen]}


@mistake("sampling", "log-probabilities are those after top-k, top-p and min-p: the trainer's forward pass has no filters",
         "ms-swift PR 8442 (processed log-probabilities of the engine)")
def filtered_logp(x):
    order, p, _ = truth.sampling(x["logits"], x)
    return sampling_of(x, order, p, {j: math.log(q) if q > 0 else -math.inf for j, q in zip(order, p)})


@mistake("sampling", "log-probabilities are those at temperature 1 although the choice had another", "TRL #4159 (raw log-probabilities of vLLM)")
def raw_logp(x):
    order, p, _ = truth.sampling(x["logits"], x)
    return sampling_of(x, order, p, truth.log_softmax(np.array([x["logits"]]), 1.0)[0])


@mistake("sampling", "top-p leaves out the token that reaches the threshold", "a strict comparison in the cumulative sum")
def short_nucleus(x):
    order, p, lp = truth.sampling(x["logits"], x)
    if x["top_p"] < 1 and len(order) > 1:
        order, p = order[:-1], [q / (1 - p[-1]) for q in p[:-1]]
    return sampling_of(x, order, p, lp)


piece_mistakes.add(sys.modules[__name__])


# ---- Comparison ---------------------------------------------------------------------------------------------------------------


def verify(function, subject):
    """Runs the vectors of a kernel against function(inputs) -> {name: array}; any of the expected names. True when all agree."""
    wrong = []
    for case in cases(subject):
        try:
            got = {k: np.asarray(v, dtype=float) for k, v in function(arrays(case["inputs"])).items()}
        except Exception as error:
            print(f"  {case['id']}: {type(error).__name__}: {error}")
            got = {}
        if not close(got, case["expected"]):
            wrong.append((case, got))
    total = len(cases(subject))
    print(f"{subject}: {total - len(wrong)} of {total} vectors agree")
    if not wrong:
        return True
    print("  different: " + ", ".join(f"{c['id']} [{', '.join(c['flags'])}]" for c, _ in wrong))
    for m in (m for m in MISTAKES if m.subject == subject):
        theirs = [m.wrong(arrays(c["inputs"])) for c, _ in wrong]
        keys = [set(t) & set(g) for t, (_, g) in zip(theirs, wrong)]
        if all(k and close({n: g[n] for n in k}, {n: np.asarray(t[n]).tolist() for n in k}) for k, t, (_, g) in zip(keys, theirs, wrong)):
            print(f"  matches {m.id}: {m.title}\n      ({m.where})")
    return False


def main():
    check, bad = "--check" in sys.argv, 0
    for m in MISTAKES:
        print(f"{m.id}  {m.subject}: {m.title}\n     {m.where}")
        if check:
            apart = [c["id"] for c in cases(m.subject) if not close(m.wrong(arrays(c["inputs"])), c["expected"])]
            print(f"     told apart by {len(apart)} vectors, for example {apart[0] if apart else 'NONE'}")
            bad += not apart
    print(f"{len(MISTAKES)} mistakes{f', {bad} of them not told apart from the truth' if check else ''}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
