# SPDX-License-Identifier: MIT
"""First origin of the kernel goldens: forward and backward in closed form, NumPy float64, in the letters of kernels.h.

Every backward is written from its equation and knows nothing of automatic differentiation; kernels_torch.py is the other
origin and knows no derivative.
"""
import math

import numpy as np


# ---- Linear, embedding ----


def linear(x, w, b=None):
    return x @ w.T + (0 if b is None else b)


def linear_backward(dy, x, w):
    """dx, dw, db."""
    return dy @ w, dy.T @ x, dy.sum(0)


def embedding(E, ids):
    return E[ids]


def embedding_backward(dy, ids, V):
    dE = np.zeros((V, dy.shape[1]))
    for t, i in enumerate(ids):
        dE[i] += dy[t]
    return dE


# ---- RMSNorm ----


def rmsnorm(x, w, epsilon):
    r = 1 / np.sqrt((x * x).mean(1) + epsilon)
    return x * r[:, None] * w, r


def rmsnorm_backward(dy, x, w, r):
    C, r = x.shape[1], r[:, None]
    dx = r * w * dy - x * r ** 3 / C * (w * dy * x).sum(1, keepdims=True)
    return dx, (dy * x * r).sum(0)


# ---- Rotary positions ----


def frequency(rope, i, D):
    """Angle per position of pair i."""
    plain = rope["theta"] ** (-2 * i / D) / rope.get("factor", 1.0) ** (rope["kind"] == "linear")
    if rope["kind"] == "yarn":
        # The pair that turns n times within the original context solves context * theta^(-2i/D) = 2 pi n.
        pair = [D * math.log(rope["original_context"] / (2 * math.pi * rope[n])) / (2 * math.log(rope["theta"]))
                for n in ("beta_fast", "beta_slow")]
        first, last = max(math.floor(pair[0]), 0), min(math.ceil(pair[1]), D - 1)
        share = min(max((i - first) / ((last - first) or 0.001), 0), 1)
        return plain * (1 - share + share / rope["factor"])
    if rope["kind"] != "llama3":
        return plain
    wavelength = 2 * math.pi / plain
    slow, fast = rope["original_context"] / rope["low_freq_factor"], rope["original_context"] / rope["high_freq_factor"]
    if wavelength > slow:
        return plain / rope["factor"]
    if wavelength < fast:
        return plain
    share = (rope["original_context"] / wavelength - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])
    return plain * (share + (1 - share) / rope["factor"])


def rotate(x, position, rope, sign=1):
    """x (T, heads, D); pair i is (x_i, x_{i+D/2}). sign -1 turns back, which is the gradient."""
    T, _, D = x.shape
    y = np.empty_like(x)
    for t in range(T):
        for i in range(D // 2):
            angle = sign * position[t] * frequency(rope, i, D)
            c, s = rope.get("length", 1) * math.cos(angle), rope.get("length", 1) * math.sin(angle)
            a, b = x[t, :, i], x[t, :, i + D // 2]
            y[t, :, i], y[t, :, i + D // 2] = a * c - b * s, b * c + a * s
    return y


# ---- Attention of one head ----


def attention(q, k, v):
    """o and lse, query by query."""
    T, D = q.shape
    o, lse = np.zeros_like(v), np.zeros(T)
    for i in range(T):
        score = k[:i + 1] @ q[i] / math.sqrt(D)
        m = score.max()
        lse[i] = m + math.log(np.exp(score - m).sum())
        o[i] = np.exp(score - lse[i]) @ v[:i + 1]
    return o, lse


def attention_backward(do, q, k, v, o, lse):
    T, D = q.shape
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    for i in range(T):
        p = np.exp(k[:i + 1] @ q[i] / math.sqrt(D) - lse[i])
        ds = p * (v[:i + 1] @ do[i] - do[i] @ o[i])
        dq[i] += ds @ k[:i + 1] / math.sqrt(D)
        dk[:i + 1] += np.outer(ds, q[i]) / math.sqrt(D)
        dv[:i + 1] += np.outer(p, do[i])
    return dq, dk, dv


# ---- SwiGLU ----


def sigmoid(g):
    small = np.exp(-np.abs(g))
    return np.where(g >= 0, 1, small) / (1 + small)


def swiglu(gate, up):
    return gate * sigmoid(gate) * up


def swiglu_backward(ds, gate, up):
    s = sigmoid(gate)
    return ds * up * (s + gate * s * (1 - s)), ds * gate * s


# ---- Log-probabilities ----


def log_softmax(z, temperature):
    a = z / temperature
    m = a.max(1, keepdims=True)
    return a - m - np.log(np.exp(a - m).sum(1, keepdims=True))


def logprob(z, target, temperature):
    """log p of the targets and the entropies."""
    lp = log_softmax(z, temperature)
    return lp[np.arange(len(target)), target], -(np.exp(lp) * lp).sum(1)


def logprob_backward(z, target, temperature, dlogp, dentropy):
    lp = log_softmax(z, temperature)
    p, H = np.exp(lp), -(np.exp(lp) * lp).sum(1, keepdims=True)
    hit = np.zeros_like(z)
    hit[np.arange(len(target)), target] = 1
    return (dlogp[:, None] * (hit - p) - dentropy[:, None] * p * (lp + H)) / temperature


# ---- Sums and AdamW ----


def clip_factor(norm, most):
    return min(1.0, most / norm) if most > 0 and norm > 0 else 1.0


def adamw_step(w, m, v, g, t, s, decay):
    """One update in place of the arrays returned; s: rate, beta1, beta2, epsilon, decay."""
    m = s["beta1"] * m + (1 - s["beta1"]) * g
    v = s["beta2"] * v + (1 - s["beta2"]) * g * g
    m_hat, v_hat = m / (1 - s["beta1"] ** t), v / (1 - s["beta2"] ** t)
    w = w * (1 - s["rate"] * (s["decay"] if decay else 0)) - s["rate"] * m_hat / (np.sqrt(v_hat) + s["epsilon"])
    return w, m, v


# ---- Sampling ----


def sampling(logits, s):
    """The distribution after temperature, top-k, top-p, min-p, and the order in which a uniform number walks it: by falling
    probability where a filter is on, by id where none is. Returns (order, probabilities in that order, log p of all ids)."""
    lp = log_softmax(np.array([logits]), s["temperature"])[0]
    p, V = np.exp(lp), len(logits)
    if not s["top_k"] and s["top_p"] >= 1 and s["min_p"] <= 0:
        return list(range(V)), p.tolist(), lp
    falling = sorted(range(V), key=lambda j: (-p[j], j))
    pool = falling[:s["top_k"] or V]
    whole, mass, kept = sum(p[j] for j in pool), 0.0, []
    for j in pool:
        if kept and (mass / whole >= s["top_p"] < 1 or p[j] < s["min_p"] * p[pool[0]]):
            break
        kept.append(j)
        mass += p[j]
    return kept, [float(p[j] / mass) for j in kept], lp
