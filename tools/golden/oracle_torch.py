# SPDX-License-Identifier: MIT
"""Second origin of the golden numbers: padded tensors, vectorised formulas, derivatives by torch.autograd in float64.

Written apart from oracle_numpy.py: nothing here knows a derivative, and nothing there knows a tensor. What is constant in a
loss is detached, as a trainer would write it.

    loss(name, settings, batch) -> {"loss", "advantage", "dlogp", "dentropy", "dvalue"}   (ragged lists, one per row)
"""
import torch
from torch.distributions import Beta

torch.set_default_dtype(torch.float64)
INF = float("inf")


def pad(rows, fill=0.0):
    T = max(max(len(r) for r in rows), 1)
    return torch.tensor([list(map(float, r)) + [fill] * (T - len(r)) for r in rows])


class Tensors:
    def __init__(self, b):
        self.b = b
        self.lengths = [len(r) for r in b["logp"]]
        shown = pad([[1.0] * n for n in self.lengths])
        self.M = shown * (pad(b["mask"]) if "mask" in b else 1.0)
        self.lp = self.clean(b["logp"]).requires_grad_()
        for key in ("logp_old", "logp_behavior", "logp_ref"):
            setattr(self, key, self.clean(b[key]) if key in b else None)
        self.H = self.clean(b["entropy"]).requires_grad_() if "entropy" in b else torch.zeros_like(self.M, requires_grad=True)
        self.V = self.clean(b["value"]).requires_grad_() if "value" in b else torch.zeros_like(self.M, requires_grad=True)
        self.V_old = self.clean(b["value_old"]) if "value_old" in b else None
        self.prefix = pad(b["prefix"]).bool() if "prefix" in b else None
        labels = list(dict.fromkeys(b.get("group") or [0] * len(self.lengths)))
        self.g = torch.tensor([labels.index(x) for x in (b.get("group") or [0] * len(self.lengths))])
        self.expert = torch.tensor([x == "expert" for x in (b.get("source") or ["policy"] * len(self.lengths))])
        self.foreign = torch.tensor([x != "policy" for x in (b.get("source") or ["policy"] * len(self.lengths))])
        parts = torch.tensor(list(b["rewards"].values()), dtype=torch.float64) if "rewards" in b else None
        self.parts = parts
        self.R = torch.tensor([float(x) for x in b["reward"]]) if "reward" in b else None if parts is None else parts.sum(0)
        self.L = self.M.sum(1)
        self.A = torch.zeros_like(self.M)

    def clean(self, rows):
        x = pad(rows)
        return torch.where(self.M.bool(), x, torch.zeros_like(x)) if hasattr(self, "M") else x


def diff(x, y):
    return (x - y).clamp(-20.0, 20.0)


def expand(x, w):
    return x.unsqueeze(1).expand_as(w.M) if x.dim() == 1 else x


# ---- Advantages ----


def advantage(w, s, R=None, members=None):
    R = w.R if R is None else R
    members = torch.ones_like(R, dtype=torch.bool) if members is None else members
    A = torch.zeros_like(R)
    for g in w.g.unique():
        rows = w.g == g
        pool, pool_L = R[rows & members], w.L[rows & members]
        base, a = s["baseline"], R[rows].clone()
        inside = members[rows]
        n = len(pool)
        mean = pool.mean() if n else torch.tensor(0.0)
        alone = n == 1 and s["group_of_one"] == "reward" and base != "none"
        if base == "group-mean":
            a = a - mean
        elif base == "leave-one-out":
            others = (pool.sum() - a) / (n - 1) if n > 1 else a
            a = torch.where(inside, a - others, a - mean)
        elif base == "length-weighted":
            a = a - ((pool_L * pool).sum() / pool_L.sum() if pool_L.sum() > 0 else mean)
        if base != "none" and n and bool((pool == pool[0]).all()):
            a = torch.where(inside, torch.zeros_like(a), a)
        if alone:
            a = torch.where(inside, R[rows], a)
        if s["std"] != "none":
            source = R[members] if s["scale_rewards"] == "batch" else pool
            unbiased = s["std"] == "bessel"
            spread = source.std(unbiased=unbiased) if len(source) > unbiased else torch.tensor(0.0)
            spread = torch.where(inside, torch.tensor(1.0), spread) if alone else spread
            spread = spread + s["std_epsilon"]
            a = torch.where(spread > 0, a / spread, torch.zeros_like(a))
        A[rows] = a
    return A


# ---- Aggregation ----


def agg(w, s, x, rows=None, kind=None, which=None):
    """One number from per-token losses x; rows: those that take part."""
    rows = torch.ones_like(w.L, dtype=torch.bool) if rows is None else rows
    kind = kind or s["loss_type"]
    row_sum = (x * w.M).sum(1) * rows
    B, N = rows.sum(), (w.L * rows).sum()
    if s.get("empty_rows") == "skip" and which != "expert":
        B = (rows & (w.L > 0)).sum()
    b = w.b
    if b.get("total_rows"):
        B = {None: b["total_rows"], "expert": b.get("total_expert_rows", 0),
             "policy": b["total_rows"] - b.get("total_expert_rows", 0)}[which]
    if b.get("total_tokens"):
        N = {None: b["total_tokens"], "expert": b.get("total_expert_tokens", 0),
             "policy": b["total_tokens"] - b.get("total_expert_tokens", 0)}[which]
    B, N = max(float(B), 1.0), max(float(N), 1.0)
    if kind == "seq-mean-token-mean":
        return (row_sum / w.L.clamp(min=1)).sum() / B
    if kind == "token-mean":
        return row_sum.sum() / N
    if kind == "constant":
        return row_sum.sum() / B / s["loss_scale_factor"]
    if kind == "seq-mean-token-sum":
        return row_sum.sum() / B
    return row_sum.sum() / (s["loss_scale_factor"] if kind == "token-sum-norm" else 1.0)


# ---- Pieces ----


def surrogate(r, A, s, band=None):
    if band is None:
        band = (0.0, INF, 0.0) if s.get("use_clip") is False else (1 - s["epsilon"], 1 + s["epsilon_high"], s["delta"])
    low, high, dual = band
    l = torch.maximum(-r * A, -r.clamp(low, high) * A)
    return torch.where(A < 0, torch.minimum(l, -dual * A), l) if dual > 0 else l


def kl(s, lp, ref):
    d = diff(lp, ref)
    k = {"k1": d, "k2": d.square() / 2, "k3": torch.exp(-d) - 1 + d, "abs": d.abs()}[s["kl"].rstrip("+")]
    if s["kl_cap"] > 0:
        k = k.clamp(-s["kl_cap"], s["kl_cap"])
    if s["kl"].endswith("+"):
        k2 = d.square() / 2
        k = k.detach() + k2 - k2.detach()
    return k


def extras(w, s, r=None):
    """The KL and entropy terms, per token."""
    x = torch.zeros_like(w.M)
    if s.get("beta", 0) > 0:
        k = kl(s, w.lp, w.logp_ref)
        x = x + s["beta"] * (k * r if s["use_bias_correction_kl"] and r is not None else k)
    return x - s.get("entropy_coef", 0.0) * w.H


def own_ratio(w, old=None):
    old = w.logp_old if old is None else old
    return torch.exp(diff(w.lp, old)) if old is not None else torch.ones_like(w.M)


def show(w, A):
    w.A = expand(A, w).detach() * w.M


def reinforced(w, s, A, weight=1.0):
    show(w, A)
    return agg(w, s, -weight * expand(A, w) * w.lp + extras(w, s, own_ratio(w)))


def ppo_like(w, s, A, r=None, band=None):
    r = own_ratio(w) if r is None else r
    show(w, A)
    return agg(w, s, surrogate(r, expand(A, w), s, band) + extras(w, s, r))


# ---- Algorithms ----


def sft(w, s):
    show(w, torch.ones_like(w.L))
    return agg(w, s, -w.lp - s["entropy_coef"] * w.H)


def reinforce(w, s):
    return reinforced(w, s, advantage(w, s))


def rloo(w, s):
    R = w.R
    if s["kl_in_reward"] > 0:
        R = R - s["kl_in_reward"] * (diff(w.logp_old, w.logp_ref) * w.M).sum(1)
    A = advantage(w, s, R)
    if s["form"] == "logprob":
        return reinforced(w, s, A)
    if s["form"] == "token-ratio":
        return ppo_like(w, s, A)
    S = torch.exp(((w.lp - w.logp_old) * w.M).sum(1).clamp(-20, 20))
    show(w, A)
    spread = expand(surrogate(S, A, s) / w.L.clamp(min=1), w)
    return agg(w, s, spread + extras(w, s, own_ratio(w)))


def grpo(w, s):
    return ppo_like(w, s, advantage(w, s))


dr_grpo = grpo


def dapo(w, s):
    R = w.R
    if s["overlong_max"] > 0 and s["overlong_cache"] > 0:
        ramp = -((w.L - (s["overlong_max"] - s["overlong_cache"])) / s["overlong_cache"]).clamp(min=0)
        R = R + (ramp.clamp(min=-1) if s["overlong_floor"] else ramp)
    return ppo_like(w, s, advantage(w, s, R))


def opo(w, s):
    A = advantage(w, s)
    return ppo_like(w, s, A) if s["form"] == "ratio" else reinforced(w, s, A)


def ppo(w, s):
    if not s["critic"]:
        return grpo(w, s)
    A, ret = torch.zeros_like(w.M), torch.zeros_like(w.M)
    for i in range(len(w.L)):
        at = w.M[i].nonzero().flatten()
        if len(at) == 0:
            continue
        rho = torch.zeros(len(at))
        if s["kl_in_reward"] > 0:
            rho = -s["kl_in_reward"] * diff(w.logp_old, w.logp_ref)[i, at]
        rho[-1] += w.R[i]
        v = w.V_old[i, at]
        delta = rho + s["gamma"] * torch.cat([v[1:], torch.zeros(1)]) - v
        n = len(at)
        powers = (s["gamma"] * s["lam"]) ** torch.arange(n)  # A_t = sum over k of (gamma lambda)^k delta_{t+k}
        A[i, at] = torch.stack([(delta[t:] * powers[:n - t]).sum() for t in range(n)])
        ret[i, at] = A[i, at] + v
    shown = w.M.bool()
    if s["whiten"] and shown.sum() > 1:
        x = A[shown]
        A = torch.where(shown, (A - x.mean()) / torch.sqrt(x.var(unbiased=True) + 1e-8), A)
    policy = ppo_like(w, s, A)
    error = (w.V - ret).square()
    if s["cliprange_value"] > 0:
        near = torch.clamp(w.V, w.V_old - s["cliprange_value"], w.V_old + s["cliprange_value"])
        error = torch.maximum(error, (near - ret).square())
    return policy + s["vf_coef"] * agg(w, s, error / 2)


def gspo(w, s):
    S = torch.exp((((w.lp - w.logp_old) * w.M).sum(1) / w.L.clamp(min=1)).clamp(-20, 20))
    A = advantage(w, s)
    show(w, A)
    return agg(w, s, expand(surrogate(S, A, s), w) + extras(w, s, expand(S, w)))


def cispo(w, s):
    return reinforced(w, s, advantage(w, s), own_ratio(w).detach().clamp(1 - s["epsilon"], 1 + s["epsilon_high"]))


def dppo(w, s):
    mu = w.logp_old if s["anchor"] == "old" else w.logp_behavior
    A, r = advantage(w, s), own_ratio(w, mu).detach()
    p, q = mu.exp().clamp(max=1), w.lp.detach().exp().clamp(max=1)
    P, Q = p.unsqueeze(-1), q.unsqueeze(-1)
    if s["divergence"].startswith("topk"):
        k, T, K = w.b["topk"], w.M.shape[1], len(next(t for r_ in w.b["topk"]["ids"] for t in r_))
        cube = lambda key, fill: torch.stack([torch.tensor([list(map(float, t)) for t in row] + [[fill] * K] * (T - len(row)))
                                              .reshape(T, K) for row in k[key]])
        token = pad(k["token_ids"], -1.0).unsqueeze(-1)
        missing = ~(cube("ids", -2.0) == token).any(-1, keepdim=True)
        P = torch.cat([cube("logp_behavior", -INF).exp(), P * missing], -1)
        Q = torch.cat([cube("logp", -INF).exp(), Q * missing], -1)
    P = torch.cat([P, (1 - P.sum(-1, keepdim=True)).clamp(min=0)], -1)
    Q = torch.cat([Q, (1 - Q.sum(-1, keepdim=True)).clamp(min=0)], -1)
    if s["divergence"].endswith("tv"):
        D = (P - Q).abs().sum(-1) / 2
    else:
        D = torch.where(P > 0, P * torch.log(P.clamp(min=1e-12) / Q.clamp(min=1e-12)), torch.zeros_like(P)).sum(-1).clamp(min=0)
    a = expand(A, w)
    masked = (((a > 0) & (r > 1)) | ((a < 0) & (r < 1))) & (D > s["divergence_threshold"])
    weight = (r.clamp(max=s["cap"]) if s["cap"] > 0 else r) * ~masked
    show(w, A)  # the KL term's live ratio plays no part here
    return agg(w, s, -weight * a * w.lp + extras(w, s, own_ratio(w)))


def minpro(w, s):
    d = diff(w.lp, w.logp_old)
    frozen = torch.where(w.M.bool(), d.detach(), torch.full_like(d, INF))
    running = torch.cummin(frozen, 1).values
    before = torch.cat([torch.full_like(running[:, :1], INF), running[:, :-1]], 1)
    before = torch.where(before.isinf(), torch.zeros_like(before), before)
    A = advantage(w, s)
    if s["form"] == "hard":
        return ppo_like(w, s, A, torch.exp((before + d).clamp(-20, 20)))
    c = torch.exp((before + d.detach()).clamp(-20, 20))
    return reinforced(w, s, A, c.clamp(1 - s["epsilon"], 1 + s["epsilon_high"]))


def bapo(w, s):
    A = advantage(w, s)
    a, r = expand(A, w) * w.M, own_ratio(w).detach()
    p = w.logp_old.exp() if s["weigh"] else torch.ones_like(w.M)

    def satisfied(low, high):
        u = p * torch.minimum(r * a, r.clamp(low, high) * a)
        if s["statistic"] == "active":
            u = u * torch.where(a > 0, r <= high, r >= low)
        good, bad = u[a > 0].sum(), -u[a < 0].sum()
        if s["statistic"] == "net":
            return good / (good - bad).abs() >= s["target"] if good != bad else True
        bottom = bad if s["statistic"] == "ratio" else good + bad
        return good / bottom >= s["target"] if bottom > 0 else True

    i = j = 0
    count = lambda x: round((s[x + "_limit"] - s[x + "_start"]) / s[x + "_step"] - 0.5 + 1e-6)
    lows, highs = max(count("low"), 0), max(count("high"), 0)
    at = lambda: (s["low_start"] + i * s["low_step"], s["high_start"] + j * s["high_step"])
    if s["order"] == "high-first":
        while not satisfied(*at()) and i < lows:
            if j < highs:
                j += 1
            else:
                i += 1
    else:
        while not satisfied(*at()) and (i < lows or j < highs):
            if i < lows:
                i += 1
            else:
                j += 1
    return ppo_like(w, s, A, band=(*at(), s["delta"]))


def rec(w, s):
    A, r = advantage(w, s), own_ratio(w).detach()
    a = expand(A, w)
    low, high = r >= 1 - s["epsilon"], r <= 1 + s["epsilon_high"]
    one = ((a >= 0) & high) | ((a <= 0) & low)
    ring = (low & high) | ((a >= 0) & (r <= 1 - s["ring_low"])) | ((a <= 0) & (r >= 1 + s["ring_high"]))
    M = {"none": torch.ones_like(low), "one-side": one, "two-side": low & high, "ring": ring}[s["rec_mask"]]
    return reinforced(w, s, A, M * (r if s["importance"] else 1.0))


def red_drop(w, s, kept):
    kept = torch.tensor(kept)
    return reinforced(w, s, torch.where(kept, advantage(w, s, members=kept), torch.zeros_like(w.R)))


def red_weight(w, s):
    A = advantage(w, s)
    f = torch.exp((A / s["temperature"]).clamp(-20, 20))
    if s["weighted_baseline"]:
        same = (w.g.unsqueeze(0) == w.g.unsqueeze(1)).double()
        A = w.R - (same @ (f * w.R)) / (same @ f)
    return reinforced(w, s, A, expand(f, w))


def soft(w, tau):
    out = torch.zeros_like(w.R)
    for g in w.g.unique():
        rows = w.g == g
        out[rows] = tau * (torch.logsumexp(w.R[rows] / tau, 0) - torch.log(rows.sum().double()))
    return out


def opmd(w, s):
    A = w.R - soft(w, s["tau_baseline"]) if s["soft_baseline"] else advantage(w, s)
    show(w, A)
    scale = 1 / (1 + s["tau_baseline"]) if s["divide"] else 1.0
    policy = -scale * expand(A, w) * w.lp
    if s["level"] == "token":
        return agg(w, s, policy + s["tau"] * diff(w.lp, w.logp_old).square())
    S = ((w.lp - w.logp_old) * w.M).sum(1)
    return agg(w, s, policy + expand(s["tau"] / 2 * S.square() / w.L.clamp(min=1), w))


def asymre(w, s):
    return reinforced(w, s, advantage(w, s) + s["shift"])


def sppo(w, s):
    A, r = advantage(w, s), own_ratio(w).detach()
    a, low, high = expand(A, w), r >= 1 - s["epsilon"], r <= 1 + s["epsilon_high"]
    M = low & high if s["sppo_mask"] == "two-side" else ((a >= 0) & high) | ((a <= 0) & low)
    show(w, A)
    return agg(w, s, -M.double() * a * (w.lp - w.logp_old) + extras(w, s, own_ratio(w)))


def bnpo_part(w, s, R):
    x = (R - s["reward_low"]) / (s["reward_high"] - s["reward_low"])
    p = torch.stack([x[w.g == g].mean() for g in w.g.unique()])
    alpha = beta = torch.tensor(1.0)
    if len(p) > 1 and p.var() >= 1e-12:
        m, v = p.mean(), p.var()
        k = m * (1 - m) / v - 1
        alpha, beta = (1 + k * m / 3).clamp(min=1), (1 + k * (1 - m) / 3).clamp(min=1)
    f = torch.where((p > 0) & (p < 1), Beta(alpha, beta, validate_args=False).log_prob(p.clamp(1e-9, 1 - 1e-9)).exp(), torch.tensor(1.0))
    return (x - p[w.g]) / f[w.g]  # at p = 0 or 1 the numerator is 0


def bnpo(w, s):
    parts = w.parts if s["decompose"] and w.parts is not None else w.R.unsqueeze(0)
    A = torch.stack([bnpo_part(w, s, part) for part in parts]).mean(0)
    return ppo_like(w, s, A)


def spo(w, s):
    Q0 = soft(w, s["beta"]) if s["q0_from"] == "group" else torch.full_like(w.R, s["q0"])
    Q = Q0 + s["beta"] * ((w.lp - w.logp_ref) * w.M).sum(1)
    show(w, w.R - Q)
    if s["objective"] == "squared":
        row = (Q - w.R).square()
    else:
        q, y = Q.clamp(max=-1e-6), w.R.clamp(0, 1)
        row = -(y * q + (1 - y) * torch.log(-torch.expm1(q)))
    return row.sum() / max(float(w.b.get("total_rows") or len(w.R)), 1.0)


def shaping(w, gamma):
    p = w.lp.clamp(max=0).exp()
    return p / (p + gamma)


def luffy(w, s):
    A = advantage(w, s)
    a, r = expand(A, w), own_ratio(w)
    p = w.lp.clamp(-20, 20).exp()
    foreign = -(shaping(w, s["gamma"]) if s["shaping"] else p) * a
    teacher = expand(w.expert, w)
    show(w, A)
    return agg(w, s, torch.where(teacher, foreign, surrogate(r, a, s)) + extras(w, s, torch.where(teacher, torch.ones_like(r), r)))


def policy_part(w, s, extra_rows=None):
    own = ~w.expert
    A = advantage(w, s, members=own)
    r, rows = own_ratio(w), own if extra_rows is None else own & extra_rows
    w.A = torch.where(expand(rows, w), expand(A, w), torch.zeros_like(w.M)) * w.M
    x = surrogate(r, expand(A, w), s) + extras(w, s, r)
    x = torch.where(expand(rows, w), x, torch.zeros_like(x))
    return agg(w, s, x, rows=own, which="policy")


def expert_part(w, s, x, rows=None):
    rows = w.expert if rows is None else rows
    w.A = w.A + expand(rows, w) * w.M
    return agg(w, s, torch.where(expand(rows, w), x, torch.zeros_like(x)), rows=rows, kind="token-mean", which="expert")


def rl_sft(w, s):
    return policy_part(w, s) + s["sft_coef"] * expert_part(w, s, -w.lp)


def relift(w, s):
    return policy_part(w, s) + expert_part(w, s, -w.lp - s["alpha"] * w.H)


def chord(w, s):
    p = w.lp.detach().clamp(max=0).exp()
    weight = {"one": torch.ones_like(p), "phi": p * (1 - p), "is": p}[s["weight"]]
    return (1 - s["mu"]) * policy_part(w, s) + s["mu"] * expert_part(w, s, -weight * w.lp)


def hpt(w, s):
    opened = torch.zeros_like(w.expert)
    for g in w.g.unique():
        rows = (w.g == g) & ~w.expert
        opened[w.g == g] = bool((w.R[rows] >= s["reward_threshold"]).sum() > s["gate"] * rows.sum() + 1e-9)
    return policy_part(w, s, opened) + s["sft_coef"] * expert_part(w, s, -w.lp, rows=w.expert & ~opened)


def prefix_rft(w, s):
    pure, own = advantage(w, s, members=~w.expert), advantage(w, s, members=w.expert)
    A = expand(torch.where(w.expert, own, pure), w).clone()
    for i in w.expert.nonzero().flatten().tolist():
        rollouts = w.R[(w.g == w.g[i]) & ~w.expert]
        gain = (w.R[i] - (rollouts.mean() if len(rollouts) else 0.0)) / ((w.g == w.g[i]) & w.expert).sum()
        at = (w.prefix[i] & w.M[i].bool()).nonzero().flatten()
        A[i, at] = gain
        if s["top_entropy"] < 1 and len(at):
            order = torch.argsort(w.H.detach()[i, at], descending=True, stable=True)
            A[i, at[order[int(torch.ceil(torch.tensor(s["top_entropy"] * len(at) - 1e-9))):]]] = 0.0
    return ppo_like(w, s, A)


def repo(w, s):
    foreign = expand(w.foreign, w)
    old = torch.where(foreign, w.logp_behavior, w.logp_old) if s["reading"] == "B" else w.logp_old
    A, r = advantage(w, s), own_ratio(w, old)
    show(w, A)
    a = expand(A, w)
    l = surrogate(r, a, s)
    if s["reading"] == "D":
        l = torch.where(foreign, -shaping(w, s["gamma"]) * a, l)
    return agg(w, s, l + extras(w, s, r))


def loss(name, settings, batch, **given):
    w = Tensors(batch)
    total = globals()[name](w, settings, **given)
    total.backward() if total.requires_grad else None

    def rows(x):
        x = torch.zeros_like(w.M) if x is None else x
        return [x[i, :n].tolist() for i, n in enumerate(w.lengths)]

    return {"loss": total.item(), "advantage": rows(w.A), "dlogp": rows(w.lp.grad), "dentropy": rows(w.H.grad),
            "dvalue": rows(w.V.grad)}
