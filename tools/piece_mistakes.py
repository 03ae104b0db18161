# SPDX-License-Identifier: MIT
"""Known mistakes of 2026 in what stands between a loss and its trainer: corrections between sampler and trainer, distillation.

add(kernel) registers them with tools/kernel_mistakes.py, which lists, checks and names them all. Each is the right computation of
golden/pieces_numpy.py with one thing wrong, and None where it changes nothing that the settings could show.
"""
import contextlib
import math

import numpy as np

import pieces_numpy as truth


def settings_of(x, **changes):
    return {**x, "settings": {**x["settings"], **changes}}


@contextlib.contextmanager
def patched(**replacements):
    kept = {k: getattr(truth, k) for k in replacements}
    for k, v in replacements.items():
        setattr(truth, k, v)
    try:
        yield
    finally:
        for k, v in kept.items():
            setattr(truth, k, v)


def with_weights(change):
    """The correction under other weights: change(right weights of a row, x, settings, row) -> {token: (weight, kept)}."""
    right = truth.row_weights

    def wrong(x):
        with patched(row_weights=lambda x, s, i: change(right(x, s, i), x, s, i)):
            return truth.correction(x)
    return wrong


def log_ratios(x, s, i):
    old = x["logp"] if s["bypass"] else x["logp_old"]
    return {t: old[i][t] - x["logp_behavior"][i][t] for t in truth.tokens(x, i)}


def by_sequence(weight):
    """Another weight of a whole answer, where the weight is one of a whole answer."""
    def change(right, x, s, i):
        if not s["kind"].startswith("sequence"):
            return right
        W = weight(list(log_ratios(x, s, i).values()))
        kept = s["kind"] == "sequence-truncate" or W <= s["high"]
        return {t: (min(W, s["high"]) if kept else 0.0, kept) for t in right}
    return with_weights(change)


def not_detached(x):
    out, s = truth.correction(x), x["settings"]
    if not s["bypass"]:
        return out
    whole = s["kind"].startswith("sequence")
    for i in range(len(x["logp"])):
        row = truth.row_weights(x, s, i)
        counted = sum(kept or s["denominator"] == "all" for j in range(len(x["logp"])) for _, kept in truth.row_weights(x, s, j).values())
        if s["kind"] in ("geometric-reject", "k3-reject"):
            continue
        W = sum(-w * x["advantage"][i] for w, _ in row.values()) / counted
        for t, (w, _) in row.items():
            held_at_cap = s["kind"].endswith("truncate") and w == s["high"]
            out["dlogp"][i, t] += 0.0 if held_at_cap else W if whole else -w * x["advantage"][i] / counted
    return out


def weighted_terms(x):
    """The weight multiplies the KL term too."""
    out, plain = truth.correction(x), truth.correction(settings_of(x, beta=0.0))
    weight, kl = truth.correction(settings_of(x, beta=0.0))["weight"], out["dlogp"] - plain["dlogp"]
    d = np.clip(x["logp"] - x["logp_ref"], -truth.LIMIT, truth.LIMIT)
    shown = np.array(x["mask"]) > 0
    counted = shown.sum() if x["settings"]["denominator"] == "all" else sum(k for i in range(len(d)) for _, k in truth.row_weights(x, x["settings"], i).values())
    value = np.where(shown, x["settings"]["beta"] * (np.exp(-d) + d - 1), 0.0) / max(counted, 1)
    return {"weight": weight, "loss": plain["loss"] + (weight * value).sum(), "dlogp": plain["dlogp"] + weight * kl}


def zero_times_infinity(x):
    """The loss of every token first, without a hold; then times the weight."""
    with np.errstate(over="ignore", invalid="ignore"):
        out = truth.correction(x)
        d = x["logp"] - x["logp_old"]
        rejected = (np.array(x["mask"]) > 0) & (out["weight"] == 0)
        if (rejected & (np.abs(d) > truth.LIMIT)).any():  # exp of what is not held, and 0 times it
            return {**out, "loss": math.nan, "dlogp": np.where(rejected, math.nan, out["dlogp"])}
        return out


def each_token(function):
    """A distillation whose value at one position is function(lp, lq, token, settings) -> (value, slope)."""
    def wrong(x):
        right = truth.one_token
        with patched(one_token=lambda lp, lq, token, s: function(right, lp, lq, token, s)):
            return truth.distillation(x)
    return wrong


def exchanged(right, lp, lq, token, s):
    other = {"reverse": "forward", "forward": "reverse"}.get(s["kind"])
    if s["kind"] == "jsd":
        return right(lp, lq, token, {**s, "alpha": 1 - s["alpha"]})
    return right(lp, lq, token, {**s, "kind": other, "topk": "full"} if other else s)


def bare(lp, lq, s):
    """The k likeliest tokens as they are: neither renormalised nor with the rest."""
    p, top = np.exp(lp), np.argsort(-lp, kind="stable")[:s["k"]]
    g = np.zeros_like(lp)
    g[top] = lp[top] - lq[top] + 1
    return (p[top] * (lp[top] - lq[top])).sum(), p * (g - (p * g).sum())


def truncated(right, lp, lq, token, s):
    return bare(lp, lq, s) if s["kind"] == "reverse" and s["topk"] != "full" else right(lp, lq, token, s)


def clamped(right, lp, lq, token, s):
    value, slope = truncated(right, lp, lq, token, s)
    if s["kind"] != "reverse" or s["topk"] == "full":
        return value, slope
    return (value, slope) if value >= 0 else (0.0, np.zeros_like(lp))


def jump(right, lp, lq, token, s):
    if s["kind"] == "jsd" and s["alpha"] in (0, 1):
        return right(lp, lq, token, {**s, "kind": "forward" if s["alpha"] == 0 else "reverse", "topk": "full"})
    return right(lp, lq, token, s)


def differentiated(right, lp, lq, token, s):
    if s["kind"] != "sampled":
        return right(lp, lq, token, s)
    slope = -np.exp(lp)
    slope[token] += 1
    return lp[token] - lq[token], slope


def into_teacher(x):
    """The teacher's logits get a gradient too: central differences of the value by them."""
    out, h = truth.distillation(x), 1e-6
    out["dteacher"] = np.zeros(x["teacher"].shape)
    for at in np.ndindex(*x["teacher"].shape):
        moved = [x["teacher"].copy() for _ in range(2)]
        moved[0][at] += h
        moved[1][at] -= h
        up, down = (truth.distillation({**x, "teacher": m})["loss"] for m in moved)
        out["dteacher"][at] = (up - down) / (2 * h)
    return out


ENTRIES = [
    ("correction", "the weight of an answer is exp of the mean log ratio, not of the sum", "TRL #5814, PR 5815",
     by_sequence(lambda d: math.exp(truth.held(sum(d) / len(d))[0]))),
    ("correction", "the weight of an answer is the sum of its tokens' ratios", "unsloth-zoo PR 870", by_sequence(lambda d: sum(math.exp(truth.held(v)[0]) for v in d))),
    ("correction", "the gradient flows through the correction weight", "verl PR 4105 (bypass mode)", not_detached),
    ("correction", "the weight is accepted and not used", "Liger-Kernel #1082, PR 1088", with_weights(lambda right, x, s, i: {t: (1.0, True) for t in right})),
    ("correction", "rejected tokens leave the denominator where they should stay, or stay where they should leave it",
     "slime PR 657, mlcommons/training #905, NeMo-RL #4242",
     lambda x: truth.correction(settings_of(x, denominator="kept" if x["settings"]["denominator"] == "all" else "all"))),
    ("correction", "the weight multiplies the KL term too", "TRL and NeMo-RL weigh the policy term alone", weighted_terms),
    ("correction", "a rejected weight is multiplied with a loss that is infinite: 0 times infinity is NaN", "OpenRLHF #1295", zero_times_infinity),
    ("correction", "seq-mask-tis: surviving tokens are truncated at the band as well", "OpenRLHF's comment against its code and NeMo-RL's page (#1295)",
     with_weights(lambda right, x, s, i: {t: (min(w, s["high"]), k) for t, (w, k) in right.items()} if s["kind"] == "seq-mask-tis" else right)),
    ("distillation", "the two directions of the KL are exchanged", "aprender PR 2153, TRL PR 3043", each_token(exchanged)),
    ("distillation", "a truncated KL is clamped at 0, and the clamp kills its gradient", "verl PR 7806, #7856", each_token(clamped)),
    ("distillation", "the top k are neither renormalised nor given a tail: leaving the support lowers the loss", "verl #5041", each_token(truncated)),
    ("distillation", "at alpha 0 and 1 the divergence jumps to a KL, where the generalised JSD is 0", "ms-swift #10078, PR 10213; verl-recipe #151", each_token(jump)),
    ("distillation", "the gradient flows into the teacher", "a live teacher without its stop-gradient", into_teacher),
    ("distillation", "log p - log q of the sampled token is differentiated directly: its expected gradient is 0",
     "verl's guard \"k1 without policy gradient\"; TRL #4967", each_token(differentiated)),
    ("distillation", "the teacher reads the student's prompt and knows no more than it", "no privileged context reaches the teacher",
     lambda x: truth.distillation({**x, "teacher": x["blind"]})),
]


def add(kernel):
    for subject, title, where, wrong in ENTRIES:
        kernel.mistake(subject, title, where)(wrong)
