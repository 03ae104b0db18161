#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/golden/v1/kernels/*.json: every kernel forward and backward, AdamW traces, sampling distributions and choices.

    python tools/golden/generate_kernels.py            write, then renew MANIFEST.json
    python tools/golden/generate_kernels.py --check    compute again and compare with the files; write nothing

Two origins: closed forms (kernels_numpy.py) and torch with autograd (kernels_torch.py, with transformers for positions and sampling
filters). The script stops at the first number on which they differ by more than 1e-10 (1 + |x|).
"""
import argparse
import json
import math
import pathlib
import random
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import kernels_numpy as closed  # noqa: E402
import kernels_torch as framework  # noqa: E402
import manifest  # noqa: E402
from generate import OUT, differs, dump  # noqa: E402

AGREE = 1e-10
NOTES = {
    "ByHand": "Small enough for a sheet of paper; if this fails, look here first.",
    "Typical": "Random numbers with four decimals.",
    "EpsilonRules": "Rows so small that epsilon is most of the root.",
    "Large": "Numbers whose squares or exponentials overflow where they are not shifted or scaled first.",
    "OneRow": "A single row or position.",
    "LongRow": "More positions than one tile or page holds.",
    "Repeated": "An id occurs several times: its gradient is a sum.",
    "NoBias": "The layer has no bias.",
    "Scaling": "Positions scaled: linear, or the ramp of Llama 3.1.",
    "Temperature": "Logits divided by a temperature that is not 1.",
    "ZeroGradient": "A gradient of exactly 0: moments decay, v may stay 0.",
    "Clipped": "The gradient is scaled down by its norm first.",
    "NoDecay": "A parameter without weight decay.",
    "Filter": "A filter cuts the distribution; the cumulative sum then walks tokens by falling probability.",
    "Plain": "No filter: the cumulative sum walks tokens by id.",
}


def draw(rng, *shape, scale=1.0, shift=0.0):
    if len(shape) == 1:
        return [round(shift + scale * rng.gauss(0, 1), 4) for _ in range(shape[0])]
    return [draw(rng, *shape[1:], scale=scale, shift=shift) for _ in range(shape[0])]


def agree(where, first, second):
    """Both origins, number by number."""
    for key, a, b in zip(first, first.values(), second, strict=True):
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        if a.shape != b.shape or not np.all(np.abs(a - b) <= AGREE * (1 + np.abs(a))):
            sys.exit(f"{where}: {key} differs between the closed form and torch:\n{a}\n{b}")
    return {k: (np.asarray(v, dtype=float) + 0.0).tolist() for k, v in first.items()}


def case(ident, flags, comment, inputs, expected, tolerance=None):
    return {"id": ident, "comment": comment, "flags": flags, "inputs": inputs, "expected": expected,
            "tolerance": tolerance or {"f64": 1e-11, "f32": 3e-5}}


# ---- One function per kernel ------------------------------------------------------------------------------------------------


def linear_cases(rng):
    def make(ident, flags, comment, x, w, b, dy):
        a = [np.array(v) if v is not None else None for v in (x, w, b, dy)]
        dx, dw, db = closed.linear_backward(a[3], a[0], a[1])
        first = {"y": closed.linear(a[0], a[1], a[2]), "dx": dx, "dw": dw, **({"db": db} if b else {})}
        inputs = {"x": x, "w": w, **({"b": b} if b else {}), "dy": dy}
        return case(ident, flags, comment, inputs, agree(ident, first, framework.linear(*a)))
    yield make("linear-hand", ["ByHand"], "y = [5, 6]: 1·1 + 2·2, 1·0 + 2·3", [[1, 2]], [[1, 2], [0, 3]], None, [[1, -1]])
    yield make("linear-typical", ["Typical"], "5 rows, 7 in, 4 out", draw(rng, 5, 7), draw(rng, 4, 7), draw(rng, 4), draw(rng, 5, 4))
    yield make("linear-no-bias", ["NoBias"], "9 rows, 3 in, 6 out", draw(rng, 9, 3), draw(rng, 6, 3), None, draw(rng, 9, 6))
    yield make("linear-one-row", ["OneRow"], "1 row, 70 in, 2 out", draw(rng, 1, 70), draw(rng, 2, 70), draw(rng, 2), draw(rng, 1, 2))


def embedding_cases(rng):
    def make(ident, flags, comment, E, ids, dy):
        a = np.array(E)
        first = {"y": closed.embedding(a, ids), "dE": closed.embedding_backward(np.array(dy), ids, len(E))}
        return case(ident, flags, comment, {"E": E, "id": ids, "dy": dy}, agree(ident, first, framework.embedding(a, ids, dy)))
    yield make("embedding-hand", ["ByHand", "Repeated"], "id 1 twice: its gradient is 1 + 2", [[1], [2], [3]], [1, 0, 1], [[1], [5], [2]])
    yield make("embedding-typical", ["Typical", "Repeated"], "8 ids of 5", draw(rng, 5, 3), [4, 0, 2, 2, 1, 4, 2, 0], draw(rng, 8, 3))


def rmsnorm_cases(rng):
    def make(ident, flags, comment, x, w, epsilon, dy):
        ax, aw, ady = map(np.array, (x, w, dy))
        y, r = closed.rmsnorm(ax, aw, epsilon)
        dx, dw = closed.rmsnorm_backward(ady, ax, aw, r)
        expected = agree(ident, {"y": y, "dx": dx, "dw": dw}, framework.rmsnorm(ax, aw, epsilon, dy))
        return case(ident, flags, comment, {"x": x, "w": w, "epsilon": epsilon, "dy": dy}, {**expected, "r": r.tolist()})
    yield make("rmsnorm-hand", ["ByHand"], "x = (3, 4): mean of squares 12.5, so y = x/sqrt(12.5)", [[3.0, 4.0]], [1.0, 1.0], 0.0, [[1.0, 0.0]])
    yield make("rmsnorm-typical", ["Typical"], "4 rows of 10", draw(rng, 4, 10), draw(rng, 10, shift=1), 1e-5, draw(rng, 4, 10))
    yield make("rmsnorm-small", ["EpsilonRules"], "values of 1e-4", draw(rng, 3, 6, scale=1e-3), draw(rng, 6, shift=1), 1e-5, draw(rng, 3, 6, scale=.01))
    yield make("rmsnorm-large", ["Large"], "values of 1e4", draw(rng, 2, 40, scale=1e4), draw(rng, 40), 1e-6, draw(rng, 2, 40))
    yield make("rmsnorm-zero-row", ["EpsilonRules", "OneRow"], "a row of zeros", [[0.0] * 5], draw(rng, 5), 1e-2, draw(rng, 1, 5))


def rope_cases(rng):
    def make(ident, flags, comment, settings, position, heads, D):
        x, dy = draw(rng, len(position), heads, D), draw(rng, len(position), heads, D)
        first = {"y": closed.rotate(np.array(x), position, settings), "dx": closed.rotate(np.array(dy), position, settings, -1)}
        expected = agree(ident, first, framework.rope(np.array(x), position, settings, dy))
        expected["frequency"] = [closed.frequency(settings, i, D) for i in range(D // 2)]
        return case(ident, flags, comment, {"x": x, "position": position, "rope": settings, "dy": dy}, expected)
    quarter = {"kind": "plain", "theta": 10000.0}
    llama3 = {"kind": "llama3", "theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_context": 8192.0}
    yield make("rope-hand", ["ByHand"], "position 0 changes nothing; position 1 turns the only pair by 1 rad", quarter, [0, 1], 1, 2)
    yield make("rope-typical", ["Typical"], "two heads of six", quarter, [0, 1, 2, 5, 17], 2, 6)
    yield make("rope-far", ["Large"], "positions up to 4000", {"kind": "plain", "theta": 1e6}, [0, 100, 999, 4000], 1, 8)
    yield make("rope-linear", ["Scaling"], "linear scaling by 4", {"kind": "linear", "theta": 10000.0, "factor": 4.0}, [0, 3, 50], 1, 8)
    yield make("rope-llama3", ["Scaling"], "fast pairs stay, slow ones slow down, a ramp between", llama3, [1, 700, 4000], 1, 64)


def attention_cases(rng):
    def make(ident, flags, comment, q, k, v, do):
        a = [np.array(x, dtype=float) for x in (q, k, v, do)]
        o, lse = closed.attention(*a[:3])
        dq, dk, dv = closed.attention_backward(a[3], *a[:3], o, lse)
        first = {"o": o, "lse": lse, "dq": dq, "dk": dk, "dv": dv}
        return case(ident, flags, comment, {"q": q, "k": k, "v": v, "do": do}, agree(ident, first, framework.attention(*a)))
    def rows(T, D, scale=1.0):
        return draw(rng, T, D, scale=scale), draw(rng, T, D, scale=scale), draw(rng, T, D), draw(rng, T, D)
    yield make("attention-hand", ["ByHand"], "equal scores: position 1 takes the mean of both values", [[1.0], [0.0]], [[2.0], [5.0]],
               [[4.0], [8.0]], [[1.0], [1.0]])
    yield make("attention-typical", ["Typical"], "6 positions of 4", *rows(6, 4))
    yield make("attention-one", ["OneRow"], "one position sees itself", *rows(1, 8))
    yield make("attention-large", ["Large"], "scores of some hundreds", *rows(5, 2, 20.0))
    yield make("attention-long", ["LongRow"], "70 positions: more than a tile of 64, three pages of the cache", *rows(70, 2))


def swiglu_cases(rng):
    def make(ident, flags, comment, gate, up, ds):
        a = [np.array(x, dtype=float) for x in (gate, up, ds)]
        dgate, dup = closed.swiglu_backward(a[2], a[0], a[1])
        first = {"s": closed.swiglu(a[0], a[1]), "dgate": dgate, "dup": dup}
        return case(ident, flags, comment, {"gate": gate, "up": up, "ds": ds}, agree(ident, first, framework.swiglu(*a)))
    yield make("swiglu-hand", ["ByHand"], "a gate of 0: s = 0, but half of ds·u comes back", [[0.0]], [[3.0]], [[2.0]])
    yield make("swiglu-typical", ["Typical"], "3 rows of 37", draw(rng, 3, 37), draw(rng, 3, 37), draw(rng, 3, 37))
    yield make("swiglu-large", ["Large"], "gates of +-800: s is u·gate or 0, no overflow", [[800.0, -800.0, 60.0, -60.0]],
               [[1.5, 1.5, -2.0, -2.0]], [[1.0, 1.0, .5, .5]])


def logprob_cases(rng):
    def make(ident, flags, comment, z, target, temperature):
        dlogp, dentropy = draw(rng, len(z)), draw(rng, len(z))
        a = np.array(z, dtype=float)
        logp, entropy = closed.logprob(a, target, temperature)
        dz = closed.logprob_backward(a, target, temperature, np.array(dlogp), np.array(dentropy))
        expected = agree(ident, {"logp": logp, "entropy": entropy, "dz": dz}, framework.logprob(a, target, temperature, dlogp, dentropy))
        return case(ident, flags, comment,
                    {"z": z, "target": target, "temperature": temperature, "dlogp": dlogp, "dentropy": dentropy}, expected)
    yield make("logprob-hand", ["ByHand"], "two equal logits: log p = -log 2, entropy log 2", [[1.0, 1.0]], [0], 1.0)
    yield make("logprob-typical", ["Typical"], "4 rows of 50", draw(rng, 4, 50, scale=2), [3, 49, 0, 17], 1.0)
    yield make("logprob-temperature", ["Temperature"], "temperature 0.6", draw(rng, 3, 20, scale=2), [0, 7, 19], 0.6)
    yield make("logprob-hot", ["Temperature"], "temperature 3", draw(rng, 2, 20, scale=2), [5, 6], 3.0)
    yield make("logprob-large", ["Large"], "logits of +-1000: the chosen one certain, or all but impossible",
               [[1000.0, -1000.0, 3.0], [1000.0, -1000.0, 3.0], [-1000.0, -1000.0, -999.0]], [0, 2, 2], 1.0)


def norm_cases(rng):
    def make(ident, flags, comment, g, most):
        first = {"norm": math.sqrt(math.fsum(x * x for x in g))}
        first["clip"] = closed.clip_factor(first["norm"], most)
        return case(ident, flags, comment, {"gradient": g, "max_norm": most}, agree(ident, first, framework.clip_factor(g, most)))
    yield make("norm-hand", ["ByHand", "Clipped"], "(3, 4): norm 5, factor 1/5", [3.0, 4.0], 1.0)
    yield make("norm-small", ["ByHand", "Clipped"], "(0.003, 0.004): norm 0.005, factor 1/5 exactly, not 1/(5 + 0.001)", [.003, .004], .001)
    yield make("norm-below", ["Typical"], "below the limit: factor 1", draw(rng, 9, scale=.1), 1.0)
    yield make("norm-off", ["Typical"], "no limit", draw(rng, 700), 0.0)
    yield make("norm-zero", ["ZeroGradient"], "a gradient of zeros", [0.0] * 4, 1.0)


def adamw_cases(rng):
    def make(ident, flags, comment, w, gradients, settings, decay=True, clips=None):
        clips = clips or [1.0] * len(gradients)
        theirs = framework.adamw(w, gradients, settings, decay, clips)
        now, m, v, steps = np.array(w), np.zeros(len(w)), np.zeros(len(w)), []
        for t, (g, clip) in enumerate(zip(gradients, clips), 1):
            now, m, v = closed.adamw_step(now, m, v, np.array(g) * clip, t, settings, decay)
            steps.append(agree(f"{ident} step {t}", {"parameter": now, "first": m, "second": v}, theirs[t - 1]))
        inputs = {"parameter": w, "gradient": gradients, "clip": clips, "decays": decay, "adamw": settings}
        expected = {key: [step[key] for step in steps] for key in ("parameter", "first", "second")}
        return case(ident, flags, comment, inputs, expected, {"f64": 1e-12, "f32": 1e-5})
    usual = {"rate": 1e-3, "beta1": .9, "beta2": .999, "epsilon": 1e-8, "decay": .01}
    other = {"rate": .05, "beta1": .8, "beta2": .95, "epsilon": 1e-6, "decay": .1}
    yield make("adamw-hand", ["ByHand"], "the first step moves by rate·sign(g), whatever the size of g", [1.0, 1.0], [[3.0, -.001]],
               {**usual, "decay": 0.0, "epsilon": 0.0})
    yield make("adamw-typical", ["Typical"], "12 steps", draw(rng, 5), draw(rng, 12, 5), usual)
    yield make("adamw-other", ["Typical"], "other betas, a large rate and decay", draw(rng, 4), draw(rng, 8, 4), other)
    yield make("adamw-no-decay", ["NoDecay"], "the same settings for a norm or a bias", draw(rng, 4), draw(rng, 5, 4), other, False)
    yield make("adamw-zero", ["ZeroGradient"], "gradients that stop, and one that never comes", [1.0, -2.0, .5],
               [[1.0, 0.0, .3], [0.0, 0.0, -.3], [0.0, 0.0, .3], [0.0, 0.0, 0.0]], other)
    yield make("adamw-clipped", ["Clipped"], "a factor per step before the moments", draw(rng, 3), draw(rng, 4, 3), usual,
               clips=[1.0, .5, .01, .125])


def sampling_cases(rng):
    def make(ident, flags, comment, logits, **settings):
        s = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, **settings}
        kept, p, lp = closed.sampling(logits, s)
        spread = np.zeros(len(logits))
        spread[kept] = p
        agree(ident, {"probability": spread}, [framework.sampling(logits, s)])
        edges = np.cumsum(p)
        uniforms, chosen = [], []
        for k, j in enumerate(kept):  # on both sides of every boundary that is wide enough to stand there
            low, high = (edges[k - 1] if k else 0.0), edges[k]
            if high - low > 1e-3:
                uniforms += [float(low + 2e-4), float(high - 2e-4)]
                chosen += [j, j]
        return case(ident, flags, comment, {"logits": logits, **s, "uniform": uniforms},
                    {"order": kept, "probability": p, "id": chosen, "logp": [float(lp[j]) for j in chosen]})
    typical = draw(rng, 14, scale=1.5)
    yield make("sampling-hand", ["ByHand", "Plain"], "p = (1/4, 3/4): u below 1/4 takes id 0", [0.0, math.log(3)])
    yield make("sampling-plain", ["Typical", "Plain"], "14 ids", typical)
    yield make("sampling-cold", ["Temperature", "Plain"], "temperature 0.5", typical, temperature=.5)
    yield make("sampling-hot", ["Temperature", "Plain"], "temperature 2.5", typical, temperature=2.5)
    yield make("sampling-top-k", ["Filter"], "the 4 likeliest", typical, top_k=4)
    yield make("sampling-top-1", ["Filter"], "top-k 1 is greedy", typical, top_k=1)
    yield make("sampling-top-p", ["Filter"], "the fewest that reach 0.7", typical, top_p=.7)
    yield make("sampling-top-p-small", ["Filter"], "the likeliest token always stays", typical, top_p=.01)
    yield make("sampling-min-p", ["Filter"], "at least 0.15 of the largest probability", typical, min_p=.15)
    yield make("sampling-all", ["Filter", "Temperature"], "all filters at temperature 1.4", typical, temperature=1.4, top_k=9, top_p=.85, min_p=.1)
    yield make("sampling-k-then-p", ["Filter"], "top-p is a share of what top-k left", typical, top_k=5, top_p=.6)
    yield make("sampling-large", ["Large", "Plain"], "logits of +-1000", [1000.0, 999.0, -1000.0])


SUBJECTS = {"linear": linear_cases, "embedding": embedding_cases, "rmsnorm": rmsnorm_cases, "rope": rope_cases,
            "attention": attention_cases, "swiglu": swiglu_cases, "logprob": logprob_cases, "norm": norm_cases,
            "adamw": adamw_cases, "sampling": sampling_cases}


def document(subject, number):
    made = list(SUBJECTS[subject](random.Random(100 + number)))
    return {"schema": "kernel.json", "area": "kernels", "subject": subject,
            "source": {"oracles": ["closed forms, NumPy float64 (tools/golden/kernels_numpy.py)",
                                   "torch operators and autograd, float64 (tools/golden/kernels_torch.py)"],
                       "page": "include/rephrase/kernels.h" if subject != "sampling" else "include/rephrase/model.h"},
            "notes": {f: NOTES[f] for f in sorted({f for c in made for f in c["flags"]})}, "cases": made}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing")
    check, count = parser.parse_args().check, 0
    (OUT / "kernels").mkdir(parents=True, exist_ok=True)
    for number, subject in enumerate(SUBJECTS):
        doc, path = document(subject, number), OUT / "kernels" / f"{subject}.json"
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
