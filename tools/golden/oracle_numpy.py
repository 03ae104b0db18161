# SPDX-License-Identifier: MIT
"""First origin of the golden numbers: losses and derivatives in closed form, float64, token by token, from the papers.

No framework, no autograd: every derivative is written out. The second origin (oracle_torch.py) is vectorised and
differentiates automatically; generate.py refuses to write a number on which the two differ.

    loss(name, settings, batch) -> {"loss", "advantage", "dlogp", "dentropy", "dvalue"}   (ragged lists, one per row)
"""
import math

import numpy as np

from draws import kept_rows

LIMIT = 20.0  # log ratios are held to this before exp


class Work:
    """A batch with its derivative arrays; dead tokens are those the mask hides."""

    def __init__(self, batch):
        self.b = batch
        self.rows = len(batch["logp"])
        self.lp = batch["logp"]
        self.mask = batch.get("mask") or [[1] * len(r) for r in self.lp]
        labels = batch.get("group") or [0] * self.rows
        order = []
        for g in labels:
            if g not in order:
                order.append(g)
        self.group = [order.index(g) for g in labels]
        self.groups = len(order)
        self.source = batch.get("source") or ["policy"] * self.rows
        self.R = batch.get("reward")
        if self.R is None and "rewards" in batch:
            self.R = [sum(part[i] for part in batch["rewards"].values()) for i in range(self.rows)]
        zeros = lambda: [[0.0] * len(r) for r in self.lp]
        self.total, self.dlogp, self.dH, self.dV, self.adv = 0.0, zeros(), zeros(), zeros(), zeros()

    def tokens(self, i):
        return [t for t in range(len(self.lp[i])) if self.mask[i][t]]

    def L(self, i):
        return len(self.tokens(i))

    def of(self, key, i, t):
        return self.b[key][i][t]

    def add(self, i, t, w, value, slope):
        self.total += w * value
        self.dlogp[i][t] += w * slope

    def result(self):
        return {"loss": self.total, "advantage": self.adv, "dlogp": self.dlogp, "dentropy": self.dH, "dvalue": self.dV}


def held(x):
    """The log ratio and its derivative by the current log-probability."""
    return (x, 1.0) if abs(x) <= LIMIT else (math.copysign(LIMIT, x), 0.0)


def ratio(new, old):
    d, s = held(new - old)
    return math.exp(d), math.exp(d) * s


# ---- Advantages ---------------------------------------------------------------------------------------------------------------


def advantages(w, s, R=None, members=None):
    R = w.R if R is None else R
    members = members or [True] * w.rows
    A = []
    everyone = [R[i] for i in range(w.rows) if members[i]]
    for i in range(w.rows):
        peers = [j for j in range(w.rows) if w.group[j] == w.group[i] and members[j]]
        values = [R[j] for j in peers]
        inside, base = members[i], s["baseline"]
        mean = math.fsum(values) / len(values) if values else 0.0
        alone = inside and len(values) == 1 and s["group_of_one"] == "reward" and base != "none"
        if base == "none":
            a = R[i]
        elif alone:
            a = R[i]
        elif inside and max(values) == min(values):
            a = 0.0
        elif base == "group-mean":
            a = R[i] - mean
        elif base == "leave-one-out":
            others = [R[j] for j in peers if j != i]
            a = R[i] - (math.fsum(others) / len(others) if others else 0.0)
        else:
            length = sum(w.L(j) for j in peers)
            a = R[i] - (sum(w.L(j) * R[j] for j in peers) / length if length else mean)
        if s["std"] != "none":
            pool = everyone if s["scale_rewards"] == "batch" else values
            n, m = len(pool), (math.fsum(pool) / len(pool) if pool else 0.0)
            divisor = n - 1 if s["std"] == "bessel" else n
            deviation = math.sqrt(math.fsum((x - m) ** 2 for x in pool) / divisor) if divisor > 0 else 0.0
            deviation = (1.0 if alone else deviation) + s["std_epsilon"]
            a = a / deviation if deviation > 0 else 0.0
        A.append(a)
    return A


def weights(w, s, part=None, kind=None):
    kind = kind or s["loss_type"]
    inside = [part is None or (w.source[i] == "expert") == (part == "expert") for i in range(w.rows)]
    L = [w.L(i) for i in range(w.rows)]
    skip = s.get("empty_rows") == "skip" and part != "expert"
    B = sum(1 for i in range(w.rows) if inside[i] and (L[i] or not skip))
    N = sum(L[i] for i in range(w.rows) if inside[i])

    def of_step(key):
        total, expert = w.b.get("total_" + key, 0), w.b.get("total_expert_" + key, 0)
        return total and {None: total, "expert": expert, "policy": total - expert}[part]

    if w.b.get("total_rows"):
        B = of_step("rows")
    if w.b.get("total_tokens"):
        N = of_step("tokens")
    B, N = max(B, 1), max(N, 1)
    table = {"seq-mean-token-mean": lambda l: 1 / (B * max(l, 1)), "token-mean": lambda l: 1 / N,
             "constant": lambda l: 1 / (B * s["loss_scale_factor"]), "seq-mean-token-sum": lambda l: 1 / B, "token-sum": lambda l: 1.0,
             "token-sum-norm": lambda l: 1 / s["loss_scale_factor"]}
    return [table[kind](L[i]) if inside[i] else 0.0 for i in range(w.rows)]


# ---- Pieces -------------------------------------------------------------------------------------------------------------------


def bounds(s):
    if s.get("use_clip") is False:
        return 0.0, math.inf, 0.0
    return 1 - s["epsilon"], 1 + s["epsilon_high"], s["delta"]


def clipped(r, dr, A, low, high, dual):
    if A > 0 and r > high:
        return -high * A, 0.0
    if A < 0 and r < low:
        return -low * A, 0.0
    if A < 0 and dual > 0 and r > dual:
        return -dual * A, 0.0
    return -r * A, -dr * A


def kl_term(kind, lp, ref, cap):
    d, s = held(lp - ref)
    k1, k2, k3 = (d, s), (d * d / 2, d * s), (math.exp(-d) + d - 1, (1 - math.exp(-d)) * s)
    value, slope = {"k1": k1, "k2": k2, "k3": k3, "abs": (abs(d), s * np.sign(d)), "k1+": (d, k2[1]), "k3+": (k3[0], k2[1])}[kind]
    if cap > 0 and abs(value) > cap:
        return math.copysign(cap, value), slope if kind.endswith("+") else 0.0
    return value, slope


def penalty(w, s, i, t, weight, r=1.0, dr=0.0):
    if s.get("beta", 0) > 0:
        k, dk = kl_term(s["kl"], w.lp[i][t], w.of("logp_ref", i, t), s["kl_cap"])
        if s["use_bias_correction_kl"]:
            k, dk = r * k, r * dk + dr * k
        w.add(i, t, weight, s["beta"] * k, s["beta"] * dk)
    entropy(w, s.get("entropy_coef", 0.0), i, t, weight)


def entropy(w, c, i, t, weight):
    if c:
        w.total -= weight * c * w.of("entropy", i, t)
        w.dH[i][t] -= weight * c


def every(w):
    for i in range(w.rows):
        for t in w.tokens(i):
            yield i, t


def live(w, i, t, key="logp_old"):
    return ratio(w.lp[i][t], w.of(key, i, t)) if key in w.b else (1.0, 0.0)


def weighted(w, s, i, t, weight, factor, A):
    w.add(i, t, weight, -factor * A * w.lp[i][t], -factor * A)
    penalty(w, s, i, t, weight, *live(w, i, t))
    w.adv[i][t] = A


def ppo_token(w, s, i, t, weight, r, dr, A, band=None):
    w.add(i, t, weight, *clipped(r, dr, A, *(band or bounds(s))))
    penalty(w, s, i, t, weight, r, dr)
    w.adv[i][t] = A


# ---- Algorithms ---------------------------------------------------------------------------------------------------------------


def sft(w, s):
    W = weights(w, s)
    for i, t in every(w):
        w.add(i, t, W[i], -w.lp[i][t], -1.0)
        w.adv[i][t] = 1.0
        entropy(w, s["entropy_coef"], i, t, W[i])


def reinforce(w, s):
    A, W = advantages(w, s), weights(w, s)
    for i, t in every(w):
        weighted(w, s, i, t, W[i], 1.0, A[i])


def rloo(w, s):
    R = list(w.R)
    if s["kl_in_reward"] > 0:
        for i in range(w.rows):
            R[i] -= s["kl_in_reward"] * sum(held(w.of("logp_old", i, t) - w.of("logp_ref", i, t))[0] for t in w.tokens(i))
    A, W = advantages(w, s, R), weights(w, s)
    for i in range(w.rows):
        S = ratio(math.fsum(w.lp[i][t] - w.of("logp_old", i, t) for t in w.tokens(i)), 0.0) if "logp_old" in w.b else (1, 0)
        for t in w.tokens(i):
            if s["form"] == "logprob":
                weighted(w, s, i, t, W[i], 1.0, A[i])
                continue
            one = s["form"] == "token-ratio"
            value, slope = clipped(*(live(w, i, t) if one else S), A[i], *bounds(s))
            w.add(i, t, W[i], value / (1 if one else w.L(i)), slope)
            penalty(w, s, i, t, W[i], *live(w, i, t))
            w.adv[i][t] = A[i]


def clip_family(w, s, R=None):
    A, W = advantages(w, s, R), weights(w, s)
    for i, t in every(w):
        ppo_token(w, s, i, t, W[i], *live(w, i, t), A[i])


def dapo(w, s):
    R = list(w.R)
    for i in range(w.rows):
        over = w.L(i) - (s["overlong_max"] - s["overlong_cache"])
        if s["overlong_max"] > 0 and s["overlong_cache"] > 0 and over > 0:
            R[i] += max(-over / s["overlong_cache"], -1.0) if s["overlong_floor"] else -over / s["overlong_cache"]
    clip_family(w, s, R)


def opo(w, s):
    if s["form"] == "ratio":
        clip_family(w, s)
    else:
        reinforce(w, s)


def gae(rewards, values, gamma, lam):
    A, out = 0.0, [0.0] * len(values)
    for t in reversed(range(len(values))):
        after = values[t + 1] if t + 1 < len(values) else 0.0
        A = rewards[t] + gamma * after - values[t] + gamma * lam * A
        out[t] = A
    return out


def ppo(w, s):
    if not s["critic"]:
        return clip_family(w, s)
    W, A, ret = weights(w, s), {}, {}
    for i in range(w.rows):
        ts = w.tokens(i)
        rewards = [0.0] * len(ts)
        for k, t in enumerate(ts):
            if s["kl_in_reward"] > 0:
                rewards[k] -= s["kl_in_reward"] * held(w.of("logp_old", i, t) - w.of("logp_ref", i, t))[0]
        if ts:
            rewards[-1] += w.R[i]
        values = [w.of("value_old", i, t) for t in ts]
        for t, a, v in zip(ts, gae(rewards, values, s["gamma"], s["lam"]), values):
            A[i, t], ret[i, t] = a, a + v
    if s["whiten"] and len(A) > 1:
        x = np.array(list(A.values()))
        A = {k: (a - x.mean()) / math.sqrt(x.var(ddof=1) + 1e-8) for k, a in A.items()}
    for i, t in every(w):
        ppo_token(w, s, i, t, W[i], *live(w, i, t), A[i, t])
        v, old, e, c = w.of("value", i, t), w.of("value_old", i, t), s["cliprange_value"], s["vf_coef"] * W[i]
        value, slope = (v - ret[i, t]) ** 2 / 2, v - ret[i, t]
        if e > 0 and (min(max(v, old - e), old + e) - ret[i, t]) ** 2 / 2 > value:
            near = min(max(v, old - e), old + e)
            value, slope = (near - ret[i, t]) ** 2 / 2, near - ret[i, t] if near == v else 0.0
        w.total += c * value
        w.dV[i][t] += c * slope


def gspo(w, s):
    A, W = advantages(w, s), weights(w, s)
    for i in range(w.rows):
        ts = w.tokens(i)
        if not ts:
            continue
        S, dS = ratio(math.fsum(w.lp[i][t] - w.of("logp_old", i, t) for t in ts) / len(ts), 0.0)
        kl_sum = 0.0
        for t in ts:
            value, slope = clipped(S, dS, A[i], *bounds(s))
            w.add(i, t, W[i], value, slope)
            penalty(w, s, i, t, W[i], S, 0.0)
            if s["beta"] > 0 and s["use_bias_correction_kl"]:
                kl_sum += kl_term(s["kl"], w.lp[i][t], w.of("logp_ref", i, t), s["kl_cap"])[0]
            w.adv[i][t] = A[i]
        for t in ts:  # s multiplies the KL terms of all tokens, and moves with each of them
            w.add(i, t, W[i], 0.0, s["beta"] * kl_sum * dS / len(ts))


def cispo(w, s):
    A, W = advantages(w, s), weights(w, s)
    for i, t in every(w):
        r = live(w, i, t)[0]
        weighted(w, s, i, t, W[i], min(max(r, 1 - s["epsilon"]), 1 + s["epsilon_high"]), A[i])


def divergence(kind, w, i, t, anchor):
    p, q = min(math.exp(w.of(anchor, i, t)), 1.0), min(math.exp(w.lp[i][t]), 1.0)
    if kind.startswith("binary"):
        P, Q = [p], [q]
    else:
        k = w.b["topk"]
        P, Q = list(np.exp(k["logp_behavior"][i][t])), list(np.exp(k["logp"][i][t]))
        if k["token_ids"][i][t] not in k["ids"][i][t]:
            P, Q = P + [p], Q + [q]
    P, Q = P + [max(1 - sum(P), 0.0)], Q + [max(1 - sum(Q), 0.0)]
    if kind.endswith("tv"):
        return sum(abs(a - b) for a, b in zip(P, Q)) / 2
    return max(sum(a * math.log(max(a, 1e-12) / max(b, 1e-12)) for a, b in zip(P, Q) if a > 0), 0.0)


def dppo(w, s):
    A, W, anchor = advantages(w, s), weights(w, s), "logp_old" if s["anchor"] == "old" else "logp_behavior"
    for i, t in every(w):
        r = live(w, i, t, anchor)[0]
        away = (A[i] > 0 and r > 1) or (A[i] < 0 and r < 1)
        M = 0.0 if away and divergence(s["divergence"], w, i, t, anchor) > s["divergence_threshold"] else 1.0
        weighted(w, s, i, t, W[i], M * (min(r, s["cap"]) if s["cap"] > 0 else r), A[i])


def minpro(w, s):
    A, W, (low, high, dual) = advantages(w, s), weights(w, s), bounds(s)
    for i in range(w.rows):
        seen = []
        for t in w.tokens(i):
            d, alive = held(w.lp[i][t] - w.of("logp_old", i, t))
            e, alive2 = held((min(seen) if seen else 0.0) + d)
            seen.append(d)
            c = math.exp(e)
            if s["form"] == "hard":
                ppo_token(w, s, i, t, W[i], c, c * alive * alive2, A[i])
            else:
                weighted(w, s, i, t, W[i], min(max(c, low), high), A[i])


def bapo_bounds(w, s, A):
    def statistic(low, high):
        pos = neg = 0.0
        for i, t in every(w):
            r, p = live(w, i, t)[0], math.exp(w.of("logp_old", i, t)) if s["weigh"] else 1.0
            if s["statistic"] == "active" and not (r <= high if A[i] > 0 else r >= low):
                continue
            if A[i] > 0:
                pos += p * A[i] * min(r, high)
            elif A[i] < 0:
                neg -= p * A[i] * max(r, low)
        bottom = {"share": pos + neg, "active": pos + neg, "net": abs(pos - neg), "ratio": neg}[s["statistic"]]
        return pos / bottom if bottom > 0 else math.inf

    lows = int((s["low_limit"] - s["low_start"]) / s["low_step"] + 1e-9)
    highs = int((s["high_limit"] - s["high_start"]) / s["high_step"] + 1e-9)
    low, high = (lambda k: s["low_start"] + k * s["low_step"]), (lambda k: s["high_start"] + k * s["high_step"])
    if s["order"] == "high-first":  # nothing is raised once c_low cannot be
        path = [(0, k) for k in range(highs + 1)] + [(k, highs) for k in range(1, lows + 1)] if lows else [(0, 0)]
    else:
        path = [(k, 0) for k in range(lows + 1)] + [(lows, k) for k in range(1, highs + 1)]
    for a, b in path:
        if statistic(low(a), high(b)) >= s["target"]:
            break
    return low(a), high(b), s["delta"]


def bapo(w, s):
    A, W = advantages(w, s), weights(w, s)
    band = bapo_bounds(w, s, A)
    for i, t in every(w):
        ppo_token(w, s, i, t, W[i], *live(w, i, t), A[i], band)


def rec(w, s):
    A, W = advantages(w, s), weights(w, s)
    lo, hi, rlo, rhi = 1 - s["epsilon"], 1 + s["epsilon_high"], 1 - s["ring_low"], 1 + s["ring_high"]
    for i, t in every(w):
        r, a = live(w, i, t)[0], A[i]
        two = lo <= r <= hi
        M = {"none": True, "one-side": (a >= 0 and r <= hi) or (a <= 0 and r >= lo), "two-side": two,
             "ring": two or (a >= 0 and r <= rlo) or (a <= 0 and r >= rhi)}[s["rec_mask"]]
        weighted(w, s, i, t, W[i], float(M) * (r if s["importance"] else 1.0), a)


def red_drop(w, s):
    kept = kept_rows(w, s)
    A, W = advantages(w, s, members=kept), weights(w, s)
    for i, t in every(w):
        weighted(w, s, i, t, W[i], 1.0, A[i] if kept[i] else 0.0)


def red_weight(w, s):
    A, W = advantages(w, s), weights(w, s)
    f = [math.exp(held(a / s["temperature"])[0]) for a in A]
    if s["weighted_baseline"]:
        peers = [[j for j in range(w.rows) if w.group[j] == w.group[i]] for i in range(w.rows)]
        A = [w.R[i] - sum(f[j] * w.R[j] for j in peers[i]) / sum(f[j] for j in peers[i]) for i in range(w.rows)]
    for i, t in every(w):
        weighted(w, s, i, t, W[i], f[i], A[i])


def soft_mean(values, tau):
    top = max(values)
    return top + tau * math.log(sum(math.exp((v - top) / tau) for v in values) / len(values))


def group_rewards(w, i):
    return [w.R[j] for j in range(w.rows) if w.group[j] == w.group[i]]


def opmd(w, s):
    A, W, tau = advantages(w, s), weights(w, s), s["tau"]
    if s["soft_baseline"]:
        A = [w.R[i] - soft_mean(group_rewards(w, i), s["tau_baseline"]) for i in range(w.rows)]
    scale = 1 / (1 + s["tau_baseline"]) if s["divide"] else 1.0
    for i in range(w.rows):
        S = math.fsum(w.lp[i][t] - w.of("logp_old", i, t) for t in w.tokens(i))
        for t in w.tokens(i):
            w.add(i, t, W[i], -scale * A[i] * w.lp[i][t], -scale * A[i])
            w.adv[i][t] = A[i]
            if s["level"] == "token":
                d, alive = held(w.lp[i][t] - w.of("logp_old", i, t))
                w.add(i, t, W[i], tau * d * d, 2 * tau * d * alive)
            else:
                w.add(i, t, W[i], tau / 2 * S * S / w.L(i), tau * S)


def asymre(w, s):
    A, W = advantages(w, s), weights(w, s)
    for i, t in every(w):
        weighted(w, s, i, t, W[i], 1.0, A[i] + s["shift"])


def sppo(w, s):
    A, W, lo, hi = advantages(w, s), weights(w, s), 1 - s["epsilon"], 1 + s["epsilon_high"]
    for i, t in every(w):
        r, a = live(w, i, t)[0], A[i]
        inside = lo <= r <= hi if s["sppo_mask"] == "two-side" else (a >= 0 and r <= hi) or (a <= 0 and r >= lo)
        if inside:
            w.add(i, t, W[i], -a * (w.lp[i][t] - w.of("logp_old", i, t)), -a)
        penalty(w, s, i, t, W[i], *live(w, i, t))
        w.adv[i][t] = a


def beta_density(p, a, b):
    if (p == 0 and a > 1) or (p == 1 and b > 1):
        return 0.0
    return math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)) * p ** (a - 1) * (1 - p) ** (b - 1)


def bnpo_advantage(w, s, R):
    x = [(r - s["reward_low"]) / (s["reward_high"] - s["reward_low"]) for r in R]
    p = [np.mean([x[i] for i in range(w.rows) if w.group[i] == g]) for g in range(w.groups)]
    m, v = np.mean(p), np.var(p, ddof=1) if len(p) > 1 else 0.0
    a = b = 1.0
    if v >= 1e-12:
        k = m * (1 - m) / v - 1
        a, b = max(1.0, 1 + k * m / 3), max(1.0, 1 + k * (1 - m) / 3)
    out = []
    for i in range(w.rows):
        same = [x[j] for j in range(w.rows) if w.group[j] == w.group[i]]
        f = beta_density(p[w.group[i]], a, b)
        out.append(0.0 if max(same) == min(same) else (x[i] - p[w.group[i]]) * (min(1 / f, 1e6) if f > 0 else 1e6))
    return out


def bnpo(w, s):
    parts = list(w.b["rewards"].values()) if s["decompose"] and "rewards" in w.b else [w.R]
    A = np.mean([bnpo_advantage(w, s, part) for part in parts], axis=0)
    W = weights(w, s)
    for i, t in every(w):
        ppo_token(w, s, i, t, W[i], *live(w, i, t), float(A[i]))


def spo(w, s):
    B = max(w.b.get("total_rows") or w.rows, 1)
    for i in range(w.rows):
        Q = soft_mean(group_rewards(w, i), s["beta"]) if s["q0_from"] == "group" else s["q0"]
        Q += s["beta"] * math.fsum(w.lp[i][t] - w.of("logp_ref", i, t) for t in w.tokens(i))
        if s["objective"] == "squared":
            value, slope = (Q - w.R[i]) ** 2, 2 * (Q - w.R[i])
        else:
            y, q = min(max(w.R[i], 0.0), 1.0), min(Q, -1e-6)
            value = -(y * q + (1 - y) * math.log(-math.expm1(q)))
            slope = -(y - (1 - y) * math.exp(q) / -math.expm1(q)) if Q < -1e-6 else 0.0
        w.total += value / B
        for t in w.tokens(i):
            w.dlogp[i][t] += s["beta"] * slope / B
            w.adv[i][t] = w.R[i] - Q


def shaped(lp, A, gamma):
    p = math.exp(min(lp, 0.0))
    return -A * p / (p + gamma), -A * gamma * p / (p + gamma) ** 2


def luffy(w, s):
    A, W = advantages(w, s), weights(w, s)
    for i, t in every(w):
        if w.source[i] != "expert":
            ppo_token(w, s, i, t, W[i], *live(w, i, t), A[i])
            continue
        p, dp = ratio(w.lp[i][t], 0.0)
        w.add(i, t, W[i], *(shaped(w.lp[i][t], A[i], s["gamma"]) if s["shaping"] else (-A[i] * p, -A[i] * dp)))
        penalty(w, s, i, t, W[i])
        w.adv[i][t] = A[i]


def mixed(w, s, expert, rl=1.0, is_open=lambda i: True):
    own = [w.source[i] != "expert" for i in range(w.rows)]
    A, W, V = advantages(w, s, members=own), weights(w, s, "policy"), weights(w, s, "expert", "token-mean")
    for i, t in every(w):
        if not own[i]:
            expert(i, t, V[i])
        elif is_open(i):
            ppo_token(w, s, i, t, rl * W[i], *live(w, i, t), A[i])


def imitate(w, i, t, weight, factor=1.0):
    w.add(i, t, weight, -factor * w.lp[i][t], -factor)
    w.adv[i][t] = 1.0


def rl_sft(w, s):
    mixed(w, s, lambda i, t, v: imitate(w, i, t, v, s["sft_coef"]))


def relift(w, s):
    def expert(i, t, v):
        imitate(w, i, t, v)
        entropy(w, s["alpha"], i, t, v)
    mixed(w, s, expert)


def chord(w, s):
    def expert(i, t, v):
        p = math.exp(min(w.lp[i][t], 0.0))
        imitate(w, i, t, s["mu"] * v, {"one": 1.0, "phi": p * (1 - p), "is": p}[s["weight"]])
    mixed(w, s, expert, rl=1 - s["mu"])


def hpt(w, s):
    own = [w.source[i] != "expert" for i in range(w.rows)]

    def opened(i):
        rows = [j for j in range(w.rows) if w.group[j] == w.group[i] and own[j]]
        return sum(w.R[j] >= s["reward_threshold"] for j in rows) > s["gate"] * len(rows) + 1e-9

    N = max(sum(w.L(i) for i in range(w.rows) if not own[i] and not opened(i)), 1)
    mixed(w, s, lambda i, t, v: None if opened(i) else imitate(w, i, t, 1 / N, s["sft_coef"]), is_open=opened)


def prefix_rft(w, s):
    own = [w.source[i] != "expert" for i in range(w.rows)]
    pure, cont, W = advantages(w, s, members=own), advantages(w, s, members=[not o for o in own]), weights(w, s)
    for i, t in every(w):
        a = pure[i] if own[i] else cont[i]
        if w.b["prefix"][i][t]:
            rows = [j for j in range(w.rows) if w.group[j] == w.group[i]]
            rollouts, hybrids = [w.R[j] for j in rows if own[j]], sum(not own[j] for j in rows)
            a = (w.R[i] - (sum(rollouts) / len(rollouts) if rollouts else 0.0)) / hybrids
            ts = [u for u in w.tokens(i) if w.b["prefix"][i][u]]
            if s["top_entropy"] < 1:
                ranked = sorted(ts, key=lambda u: -w.of("entropy", i, u))
                a = a if t in ranked[:math.ceil(s["top_entropy"] * len(ts) - 1e-9)] else 0.0
        ppo_token(w, s, i, t, W[i], *live(w, i, t), a)


def repo(w, s):
    A, W = advantages(w, s), weights(w, s)
    for i, t in every(w):
        injected = w.source[i] != "policy"
        r = live(w, i, t, "logp_behavior" if injected and s["reading"] == "B" else "logp_old")
        if injected and s["reading"] == "D":
            w.add(i, t, W[i], *shaped(w.lp[i][t], A[i], s["gamma"]))
            penalty(w, s, i, t, W[i], *r)
            w.adv[i][t] = A[i]
        else:
            ppo_token(w, s, i, t, W[i], *r, A[i])


def loss(name, settings, batch):
    w = Work(batch)
    {"grpo": clip_family, "dr_grpo": clip_family}.get(name, globals().get(name))(w, settings)
    return w.result()
