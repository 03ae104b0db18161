# SPDX-License-Identifier: MIT
"""Six losses written from the algorithms' pages alone, as anyone would: verify-mine agrees with them, and --mutate changes them."""
import torch


def normalised(b, s):
    A = torch.zeros_like(b["reward"])
    for g in b["group"].unique():
        rows = b["group"] == g
        r = b["reward"][rows]
        spread = r.std(unbiased=False)
        A[rows] = (r - r.mean()) / spread if spread > 1e-12 else 0.0
    return A[:, None]


def log_ratio(b):
    return (b["logp"] - b["logp_old"]).clamp(-20, 20)


def clipped(ratio, A, s):
    return -torch.min(ratio * A, ratio.clamp(1 - s["epsilon"], 1 + s["epsilon_high"]) * A)


def row_mean(x, mask):
    return ((x * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


def token_mean(x, mask):
    return (x * mask).sum() / mask.sum().clamp(min=1)


def grpo(b, s):
    return row_mean(clipped(log_ratio(b).exp(), normalised(b, s), s), b["mask"])


def dapo(b, s):
    return token_mean(clipped(log_ratio(b).exp(), normalised(b, s), s), b["mask"])


def gspo(b, s):
    mask = b["mask"]
    mean = ((b["logp"] - b["logp_old"]) * mask).sum(1) / mask.sum(1).clamp(min=1)
    ratio = mean.clamp(-20, 20).exp()[:, None].expand_as(mask)
    return row_mean(clipped(ratio, normalised(b, s), s), mask)


def cispo(b, s):
    weight = log_ratio(b).exp().clamp(1 - s["epsilon"], 1 + s["epsilon_high"]).detach()
    return token_mean(-weight * normalised(b, s) * b["logp"], b["mask"])


def rloo(b, s):
    A = torch.zeros_like(b["reward"])
    for g in b["group"].unique():
        rows = b["group"] == g
        r = b["reward"][rows]
        A[rows] = r - (r.sum() - r) / (len(r) - 1) if len(r) > 1 else 0.0
    return -(A[:, None] * b["logp"] * b["mask"]).sum(1).mean()


def luffy(b, s):
    A = normalised(b, s)
    p = b["logp"].exp()
    own = -log_ratio(b).exp() * A
    return token_mean(torch.where((b["source"] == 1)[:, None], -p / (p + s["gamma"]) * A, own), b["mask"])
