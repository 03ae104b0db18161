# SPDX-License-Identifier: MIT
"""First origin of the golden pieces: what stands between a published loss and its trainer, in closed form, float64, token by token.

    correction(x)      weights between sampler and trainer, and the clipped loss under them      (verl's rollout_corr_math, TRL, OpenRLHF, NeMo-RL)
    distillation(x)    from the logits of a student and of a teacher that reads more             (OPSD, SDFT, GKD; TRL sdft/loss_utils.py)

x holds NumPy arrays and x["settings"]. Every derivative is written out; pieces_torch.py has the second origin.
"""
import math

import numpy as np

LIMIT = 20.0


def held(d):
    return (d, 1.0) if abs(d) <= LIMIT else (math.copysign(LIMIT, d), 0.0)


def tokens(x, i):
    return [t for t in range(len(x["mask"][i])) if x["mask"][i][t]]


# ---- Correction: sampler mu, old policy, current policy ---------------------------------------------------------------------------


def row_weights(x, s, i):
    """The weight of each counted token of row i, and whether it is kept."""
    ts, kind = tokens(x, i), s["kind"]
    old = x["logp"] if s["bypass"] else x["logp_old"]
    d = {t: held(old[i][t] - x["logp_behavior"][i][t])[0] for t in ts}
    total = sum(old[i][t] - x["logp_behavior"][i][t] for t in ts)
    if kind == "token-truncate":
        return {t: (min(math.exp(d[t]), s["high"]), True) for t in ts}
    if kind == "token-mask":
        inside = {t: s["low"] <= math.exp(d[t]) <= s["high"] for t in ts}
        return {t: (math.exp(d[t]) if inside[t] else 0.0, inside[t]) for t in ts}
    if kind == "sequence-truncate":
        return {t: (min(math.exp(held(total)[0]), s["high"]), True) for t in ts}
    if kind == "sequence-mask":
        W = math.exp(held(total)[0])
        return {t: (W if W <= s["high"] else 0.0, W <= s["high"]) for t in ts}
    mean = total / len(ts) if ts else 0.0
    if kind == "k3-reject":
        kept = sum(math.exp(d[t]) - d[t] - 1 for t in ts) / max(len(ts), 1) <= s["high"]
        return {t: (float(kept), kept) for t in ts}
    kept = s["low"] <= math.exp(held(mean)[0]) <= s["high"]
    if kind == "geometric-reject":
        return {t: (float(kept), kept) for t in ts}
    return {t: (math.exp(d[t]) if kept else 0.0, kept) for t in ts}  # seq-mask-tis: survivors keep their own weights


def correction(x):
    s, B = x["settings"], len(x["logp"])
    W = [row_weights(x, s, i) for i in range(B)]
    counted = sum(kept or s["denominator"] == "all" for row in W for _, kept in row.values())
    loss, dlogp, weight = 0.0, np.zeros(x["logp"].shape), np.zeros(x["logp"].shape)
    for i in range(B):
        for t, (w, kept) in W[i].items():
            weight[i, t] = w
            A, d, alive = x["advantage"][i], *held(x["logp"][i][t] - x["logp_old"][i][t])
            r, dr = (1.0, 1.0) if s["bypass"] else (math.exp(d), math.exp(d) * alive)
            value, slope = -r * A, -dr * A
            if (A > 0 and r > 1 + s["clip"]) or (A < 0 and r < 1 - s["clip"]):
                value, slope = -(1 + s["clip"] if A > 0 else 1 - s["clip"]) * A, 0.0
            if w:
                loss, dlogp[i, t] = loss + w * value / counted, w * slope / counted
            if kept or s["denominator"] == "all":
                d, alive = held(x["logp"][i][t] - x["logp_ref"][i][t])
                loss += s["beta"] * (math.exp(-d) + d - 1) / counted
                dlogp[i, t] += s["beta"] * (1 - math.exp(-d)) * alive / counted
    return {"weight": weight, "loss": loss, "dlogp": dlogp}


# ---- Distillation: student, teacher with knowledge ---------------------------------------------------------------------------------


def log_softmax(z):
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def one_token(lp, lq, token, s):
    """Value and derivative by the student's logits at one position."""
    p, q, kind = np.exp(lp), np.exp(lq), s["kind"]
    if kind == "sampled":  # sg(log p - log q) log p
        slope = -p * (lp[token] - lq[token])
        slope[token] += lp[token] - lq[token]
        return (lp[token] - lq[token]) * lp[token], slope
    if kind == "forward":
        return (q * (lq - lp)).sum(), p - q
    if kind == "jsd":
        a = s["alpha"]
        m = (1 - a) * p + a * q
        g = (1 - a) * (lp - np.log(m))
        return (1 - a) * (p * (lp - np.log(m))).sum() + a * (q * (lq - np.log(m))).sum(), p * (g - (p * g).sum())
    g = np.zeros_like(lp)
    top = np.argsort(-lp, kind="stable")[:s["k"]] if s["topk"] != "full" else np.arange(len(lp))
    if s["topk"] == "renormalise":
        P, Q = p[top] / p[top].sum(), q[top] / q[top].sum()
        value, slope = (P * np.log(P / Q)).sum(), np.zeros_like(lp)
        slope[top] = P * (np.log(P / Q) - value)
        return value, slope
    g[:] = 0.0
    value = (p[top] * (lp[top] - lq[top])).sum()
    rest = np.setdiff1d(np.arange(len(lp)), top)
    if s["topk"] == "tail" and len(rest):
        P, Q = p[rest].sum(), q[rest].sum()
        value += P * math.log(P / Q)
        g[rest] = math.log(P / Q)
    g[top] = lp[top] - lq[top]
    g += 1
    return value, p * (g - (p * g).sum())


def distillation(x):
    s, z = x["settings"], x["student"]
    lp, lq = log_softmax(z), log_softmax(x["teacher"])
    loss, dz = 0.0, np.zeros(z.shape)
    for i in range(len(z)):
        ts = tokens(x, i)
        for t in ts:
            value, slope = one_token(lp[i, t], lq[i, t], int(x["token"][i][t]), s)
            w = 1 / (len(z) * len(ts))
            loss, dz[i, t] = loss + w * value, w * slope
    return {"loss": loss, "dstudent": dz, "dteacher": np.zeros(z.shape)}
