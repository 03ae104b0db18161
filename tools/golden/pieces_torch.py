# SPDX-License-Identifier: MIT
"""Second origin of the golden pieces: padded tensors, autograd, what is constant detached, as a trainer would write it."""
import torch

torch.set_default_dtype(torch.float64)
tensor = lambda x: torch.tensor(x, dtype=torch.float64)


def correction(x):
    s, mask = x["settings"], tensor(x["mask"])
    lp = tensor(x["logp"]).requires_grad_()
    old, mu, ref, A = (tensor(x[k]) for k in ("logp_old", "logp_behavior", "logp_ref", "advantage"))
    n = mask.sum(1, keepdim=True)
    anchor = lp.detach() if s["bypass"] else old
    d = (anchor - mu) * mask
    token, total = d.clamp(-20, 20).exp(), d.sum(1, keepdim=True)
    whole = total.clamp(-20, 20).exp()
    mean = (total / n.clamp(min=1)).clamp(-20, 20).exp()
    everything = torch.ones_like(mask, dtype=torch.bool)
    within = (mean >= s["low"]) & (mean <= s["high"])
    k3 = ((token - d.clamp(-20, 20) - 1) * mask).sum(1, keepdim=True) / n.clamp(min=1) <= s["high"]
    w, kept = {"token-truncate": lambda: (token.clamp(max=s["high"]), everything),
               "token-mask": lambda: (token, (token >= s["low"]) & (token <= s["high"])),
               "sequence-truncate": lambda: (whole.clamp(max=s["high"]), everything),
               "sequence-mask": lambda: (whole, whole <= s["high"]),
               "k3-reject": lambda: (torch.ones_like(token), k3),
               "geometric-reject": lambda: (torch.ones_like(token), within),
               "seq-mask-tis": lambda: (token, within)}[s["kind"]]()
    w, kept = torch.where(kept, w, torch.zeros_like(w)).expand_as(mask) * mask, kept.expand_as(mask)
    r = torch.exp((lp - (lp.detach() if s["bypass"] else old)).clamp(-20, 20))
    a = A[:, None]
    policy = -torch.min(r * a, r.clamp(1 - s["clip"], 1 + s["clip"]) * a)
    k = (lp - ref).clamp(-20, 20)
    penalty = s["beta"] * (torch.exp(-k) + k - 1)
    part = mask if s["denominator"] == "all" else mask * kept
    # A rejected token may hold anything: its loss is not multiplied by 0 but left out.
    loss = (torch.where(w > 0, w * policy, torch.zeros_like(policy)) + penalty * part)[mask > 0].sum() / part.sum()
    loss.backward()
    return {"weight": w, "loss": loss.detach(), "dlogp": torch.where(mask > 0, lp.grad, torch.zeros_like(mask))}


def divergence(lp, lq, x, s):
    if s["kind"] == "sampled":
        index = torch.tensor(x["token"]).long().unsqueeze(-1)
        own, other = lp.gather(-1, index).squeeze(-1), lq.gather(-1, index).squeeze(-1)
        return (own - other).detach() * own
    if s["kind"] == "forward":
        return torch.nn.functional.kl_div(lp, lq, log_target=True, reduction="none").sum(-1)
    if s["kind"] == "jsd":
        a = s["alpha"]
        m = torch.log((1 - a) * lp.exp() + a * lq.exp())
        kl = lambda u, v: (u.exp() * (u - v)).sum(-1)
        return (1 - a) * kl(lp, m) + a * kl(lq, m)
    if s["topk"] == "full":
        return torch.nn.functional.kl_div(lq, lp, log_target=True, reduction="none").sum(-1)
    values, index = lp.topk(s["k"], dim=-1)
    P, Q = values, lq.gather(-1, index)
    if s["topk"] == "renormalise":
        P, Q = P.log_softmax(-1), Q.log_softmax(-1)
        return (P.exp() * (P - Q)).sum(-1)
    p_tail, q_tail = 1 - P.exp().sum(-1), 1 - Q.exp().sum(-1)
    return (P.exp() * (P - Q)).sum(-1) + p_tail * torch.log(p_tail / q_tail)


def distillation(x):
    s, mask = x["settings"], tensor(x["mask"])
    z, teacher = tensor(x["student"]).requires_grad_(), tensor(x["teacher"]).requires_grad_()
    value = divergence(z.log_softmax(-1), teacher.detach().log_softmax(-1), x, s)
    loss = ((value * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()
    loss.backward()
    return {"loss": loss.detach(), "dstudent": z.grad, "dteacher": torch.zeros_like(z)}
