#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mistakes that public projects really made, each as a mutation of the reference losses of golden/oracle_numpy.py.

    python tools/known_mistakes.py            list them
    python tools/known_mistakes.py --check    every mistake must differ from the truth on at least one golden vector

A mistake is a function (name, settings, batch) -> result or None (it does not apply to that algorithm). `where` names the thread
or commit, or the two implementations that differ. tools/verify_mine.py compares a user's numbers with these.
"""
import collections
import contextlib
import json
import math
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "golden")]
import later_mistakes  # noqa: E402
import oracle_numpy as truth  # noqa: E402
from conventions import CONVENTIONS, DEFAULTS, resolve  # noqa: E402

RIGHT_ADVANTAGES = truth.advantages
Mistake = collections.namedtuple("Mistake", "id title where wrong")
MISTAKES = []


def mistake(title, where):
    def register(function):
        MISTAKES.append(Mistake(f"M{len(MISTAKES) + 1:02d}", title, where, function))
        return function
    return register


# ---- Ways to be wrong -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def patched(**replacements):
    kept = {k: getattr(truth, k) for k in replacements}
    for k, v in replacements.items():
        setattr(truth, k, v)
    try:
        yield kept
    finally:
        for k, v in kept.items():
            setattr(truth, k, v)


def with_settings(name, settings, batch, **changes):
    """The truth under other settings; None where the algorithm lacks one or nothing changes."""
    if any(k not in settings for k in changes) or all(settings[k] == v for k, v in changes.items()):
        return None
    return truth.loss(name, {**settings, **changes}, batch)


def with_batch(name, settings, batch, **changes):
    return truth.loss(name, settings, {**batch, **changes})


def scaled(name, settings, batch, factor):
    out = truth.loss(name, settings, batch)
    times = lambda rows: [[factor * x for x in r] for r in rows]
    return {**out, "loss": factor * out["loss"], **{k: times(out[k]) for k in ("dlogp", "dentropy", "dvalue")}}


def mask_of(batch):
    return batch.get("mask") or [[1] * len(r) for r in batch["logp"]]


def relative(settings):
    return settings.get("baseline") in ("group-mean", "leave-one-out", "length-weighted")


def with_advantages(change):
    """A mistake that only replaces the advantages: change(right, work, settings, R) -> list."""
    def wrong(name, settings, batch):
        if not relative(settings):
            return None
        right = truth.advantages
        with patched(advantages=lambda w, s, R=None, members=None: change(right(w, s, R, members), w, s, w.R if R is None else R)):
            return truth.loss(name, settings, batch)
    return wrong


def with_clip(function):
    def wrong(name, settings, batch):
        if "epsilon" not in settings or settings.get("use_clip") is False:
            return None
        with patched(clipped=function):
            return truth.loss(name, settings, batch)
    return wrong


def kl_coefficient(settings):
    """β of the KL term; SPO's β is something else and has no estimator beside it."""
    return settings.get("beta") if "kl" in settings else None


def with_kl(function):
    def wrong(name, settings, batch):
        if not kl_coefficient(settings):
            return None
        right = truth.kl_term
        with patched(kl_term=lambda kind, lp, ref, cap: function(right, kind, lp, ref, cap)):
            return truth.loss(name, settings, batch)
    return wrong


# ---- KL and entropy ---------------------------------------------------------------------------------------------------------

TRL, VERL = "https://github.com/huggingface/trl/", "https://github.com/verl-project/verl/"


@mistake("the KL term is subtracted: the loss drives the policy away from the reference",
         "verl before a65c9157; copied in RAGEN #58, Logic-RL #58, ToolRL #52")
def kl_sign(name, settings, batch):
    return with_settings(name, settings, batch, beta=-settings["beta"]) if kl_coefficient(settings) else None


@mistake("policy and reference are exchanged inside the KL estimate", "marin-community/marin #1708 discusses the two directions")
def kl_exchanged(name, settings, batch):
    def swap(right, kind, lp, ref, cap):
        value, slope = right(kind, ref, lp, cap)
        return value, -slope
    return with_kl(swap)(name, settings, batch)


@mistake("the squared log ratio without its half stands for the KL", "one-covenant/grail PR 42")
def kl_square(name, settings, batch):
    return with_kl(lambda right, kind, lp, ref, cap: tuple(2 * x for x in right("k2", lp, ref, 0.0)))(name, settings, batch)


@mistake("k1 is differentiated in the loss: its expected gradient is zero", "NeMo-RL PR 2506, OpenRLHF PR 1309")
def kl_k1(name, settings, batch):
    return with_settings(name, settings, batch, kl="k1") if kl_coefficient(settings) else None


@mistake("k3 is differentiated where the gradient of the reverse KL (k2's) was wanted", "verl PR 2953, NeMo-RL PR 2506")
def kl_k3(name, settings, batch):
    return with_settings(name, settings, batch, kl="k3") if kl_coefficient(settings) and settings["kl"] in ("k2", "k3+") else None


@mistake("the KL estimate is multiplied by the live ratio where the paper has none, or is not where TRL has it",
         "TRL PR 4638, PR 6503 (use_bias_correction_kl)")
def use_bias_correction_kl(name, settings, batch):
    return with_settings(name, settings, batch, use_bias_correction_kl=not settings["use_bias_correction_kl"]) if kl_coefficient(settings) else None


@mistake("the entropy bonus has the wrong sign", "a sign error of the same family as verl a65c9157")
def entropy_sign(name, settings, batch):
    return with_settings(name, settings, batch, entropy_coef=-settings["entropy_coef"]) if settings.get("entropy_coef") else None


@mistake("the entropy bonus is a mean over tokens whatever the aggregation of the loss", "TRL 1.16 against verl")
def entropy_tokens(name, settings, batch):
    if not settings.get("entropy_coef") or settings.get("loss_type") == "token-mean":
        return None
    c, mask = settings["entropy_coef"], mask_of(batch)
    out = truth.loss(name, {**settings, "entropy_coef": 0.0}, batch)
    n = max(sum(map(sum, mask)), 1)
    out["loss"] -= c * sum(h * m for hs, ms in zip(batch["entropy"], mask) for h, m in zip(hs, ms)) / n
    out["dentropy"] = [[-c * m / n for m in ms] for ms in mask]
    return out


# ---- Denominators -----------------------------------------------------------------------------------------------------------


def aggregate_mistake(wrong):
    def function(name, settings, batch):
        width = max((len(r) for r in batch["logp"]), default=1)
        given = {"loss_scale_factor": float(width)} if wrong in ("constant", "token-sum-norm") else {}
        return with_settings(name, {**settings, **given} if "loss_type" in settings else settings, batch, loss_type=wrong)
    return function


mistake("token-mean where another denominator is asked for: long answers weigh more",
        "TRL #2995, #3187")(aggregate_mistake("token-mean"))
mistake("each row is divided by its own length where another denominator is asked for",
        "autonomous-dev #413 (a token-level switch without effect), prime-rl PR 102")(aggregate_mistake("seq-mean-token-mean"))
mistake("token losses are summed per row and not divided by any length", "open-instruct #636")(aggregate_mistake("seq-mean-token-sum"))


@mistake("the constant of Dr. GRPO is the padded width of the current batch", "verl seq-mean-token-sum-norm without loss_scale_factor")
def padded_width(name, settings, batch):
    if settings.get("loss_type") != "constant":
        return None
    return with_settings(name, settings, batch, loss_scale_factor=float(max((len(r) for r in batch["logp"]), default=1)))


@mistake("the loss is divided once more by the number of accumulation steps (4)", "ms-swift #10117")
def divided_again(name, settings, batch):
    return scaled(name, settings, batch, 1 / 4)


@mistake("the loss is half as large: the token count spans two accumulation windows", "TRL PR 6024")
def half(name, settings, batch):
    return scaled(name, settings, batch, 1 / 2)


@mistake("a part of a split step is normalised by itself, not by the whole step",
         "verl PR 906, #907, #1083; TRL #3021; open-instruct PR 1137, PR 1161")
def local_totals(name, settings, batch):
    if "total_rows" not in batch:
        return None
    return truth.loss(name, settings, {k: v for k, v in batch.items() if not k.startswith("total_")})


@mistake("hidden tokens leave the sum but stay in the denominator", "TRL PR 6439, #6369")
def mask_in_denominator(name, settings, batch):
    if "loss_type" not in settings or "mask" not in batch:
        return None
    right = truth.weights

    def wrong(w, s, part=None, kind=None):
        shown, w.mask = w.mask, [[1] * len(r) for r in w.lp]
        out = right(w, s, part, kind)
        w.mask = shown
        return out
    with patched(weights=wrong):
        return truth.loss(name, settings, batch)


@mistake("rows without tokens are left out of the mean over rows, or counted where verl leaves them out", "TRL against verl")
def empty_rows(name, settings, batch):
    other = "count" if settings.get("empty_rows") == "skip" else "skip"
    return with_settings(name, settings, batch, empty_rows=other)


# ---- Masks ------------------------------------------------------------------------------------------------------------------


@mistake("the mask is ignored: prompt, tool and padding tokens are trained", "the reason for response masks in every trainer")
def no_mask(name, settings, batch):
    return with_batch(name, settings, batch, mask=[[1] * len(r) for r in batch["logp"]]) if "mask" in batch else None


@mistake("the mask is one position late: labels and logits are not shifted against each other", "the off-by-one of label shifting")
def shifted_mask(name, settings, batch):
    return with_batch(name, settings, batch, mask=[[0] * min(len(m), 1) + list(m[:-1]) for m in mask_of(batch)])


@mistake("the last token of each answer (EOS) is not trained", "LUFFY and RePO keep it; chat templates drop it")
def no_eos(name, settings, batch):
    def drop(m):
        last = max((t for t, x in enumerate(m) if x), default=-1)
        return [x if t != last else 0 for t, x in enumerate(m)]
    return with_batch(name, settings, batch, mask=[drop(m) for m in mask_of(batch)])


@mistake("only the last half of the rows reaches the optimiser: micro-batches are dropped", "arXiv 2604.23747 (DeepSpeed CPU offload)")
def dropped_micro_batches(name, settings, batch):
    out = truth.loss(name, settings, batch)
    keep = range(len(batch["logp"]) // 2, len(batch["logp"]))
    return {**out, **{k: [r if i in keep else [0.0] * len(r) for i, r in enumerate(out[k])] for k in ("dlogp", "dentropy", "dvalue")}}


# ---- Advantages -------------------------------------------------------------------------------------------------------------


@mistake("groups are taken as contiguous blocks although rows are interleaved", "R1-V #67, prime-rl PR 600, miles PR 1573")
def contiguous_groups(name, settings, batch):
    if "group" not in batch:
        return None
    sizes = collections.Counter(map(str, batch["group"]))
    blocks = [g for g, n in sizes.items() for _ in range(n)]
    return with_batch(name, settings, batch, group=blocks)


@mistake("mean and deviation are of the whole batch, not of the group", "grpo-flat #2, slime PR 1918")
def batch_statistics(name, settings, batch):
    return with_batch(name, settings, batch, group=[0] * len(batch["logp"])) if relative(settings) and "group" in batch else None


@mistake("advantages are not divided by the deviation", "open-r1 #67")
def no_std(name, settings, batch):
    return with_settings(name, settings, batch, std="none")


@mistake("advantages are divided by the deviation where the method has none", "Dr. GRPO, RLOO and OPO against GRPO; tinker-cookbook PR 589")
def extra_std(name, settings, batch):
    return with_settings(name, settings, batch, std="bessel") if settings.get("std") == "none" else None


@mistake("the other convention of the deviation: G in place of G-1, or the reverse", "TRL and verl (torch.std) against the population's")
def other_std(name, settings, batch):
    other = {"population": "bessel", "bessel": "population"}.get(settings.get("std"))
    return with_settings(name, settings, batch, std=other) if other else None


@mistake("epsilon stands inside the root: sqrt(variance + 1e-4)", "verl's whitening against its GRPO")
def epsilon_inside(name, settings, batch):
    if settings.get("std") not in ("population", "bessel"):
        return None

    def change(A, w, s, R):
        out = []
        for i in range(w.rows):
            x = [R[j] for j in range(w.rows) if w.group[j] == w.group[i]]
            n = len(x) - (s["std"] == "bessel")
            m = sum(x) / len(x)
            out.append((R[i] - m) / math.sqrt(sum((v - m) ** 2 for v in x) / max(n, 1) + 1e-4))
        return out
    return with_advantages(change)(name, settings, batch)


@mistake("advantages are normalised twice: per group, then over the batch", "axon-rl/gem PR 113")
def twice(name, settings, batch):
    def change(A, w, s, R):
        m = sum(A) / len(A)
        sd = math.sqrt(sum((a - m) ** 2 for a in A) / max(len(A) - 1, 1))
        return [(a - m) / (sd + 1e-6) for a in A]
    return with_advantages(change)(name, settings, batch)


@mistake("a group of one keeps its reward as advantage, or has 0 where verl keeps it", "verl #6478 (single-sample deviation), TRL against verl")
def single(name, settings, batch):
    other = "zero" if settings.get("group_of_one") == "reward" else "reward"
    return with_settings(name, settings, batch, group_of_one=other)


@mistake("raw rewards are used as advantages", "open-r1 #67 (no baseline at all)")
def raw_rewards(name, settings, batch):
    return with_settings(name, settings, batch, baseline="none", std="none") if relative(settings) else None


@mistake("the baseline contains the answer's own reward", "RLOO with the group mean")
def own_reward(name, settings, batch):
    return with_settings(name, settings, batch, baseline="group-mean") if settings.get("baseline") == "leave-one-out" else None


@mistake("leave-one-out divides the others' sum by G", "the off-by-one of leave-one-out")
def loo_divisor(name, settings, batch):
    if settings.get("baseline") != "leave-one-out":
        return None

    def change(A, w, s, R):
        peers = [[R[j] for j in range(w.rows) if w.group[j] == w.group[i]] for i in range(w.rows)]
        return [R[i] - (sum(p) - R[i]) / len(p) for i, p in enumerate(peers)]
    return with_advantages(change)(name, settings, batch)


@mistake("the length-weighted baseline is a plain mean", "GRPO's baseline in place of OPO's")
def plain_mean(name, settings, batch):
    return with_settings(name, settings, batch, baseline="group-mean") if settings.get("baseline") == "length-weighted" else None


# ---- Ratio and clip ---------------------------------------------------------------------------------------------------------


@mistake("the loss has the wrong sign", "maximise against minimise")
def wrong_sign(name, settings, batch):
    return scaled(name, settings, batch, -1.0)


@mistake("the ratio is upside down: exp(old - new)", "an exchange of arguments")
def inverted(name, settings, batch):
    if "logp_old" not in batch:
        return None
    right = truth.ratio

    def wrong(new, old):
        r, dr = right(old, new)
        return r, -dr
    with patched(ratio=wrong):
        return truth.loss(name, settings, batch)


@mistake("the old log-probabilities are the current ones: every ratio is 1 after the first update",
         "TRL without stored old_per_token_logps, num_iterations > 1")
def stale_old(name, settings, batch):
    return with_batch(name, settings, batch, logp_old=[r[:] for r in batch["logp"]]) if "logp_old" in batch else None


@mistake("the clip takes the maximum of the two surrogates: it is optimistic", "-max in place of -min")
def optimistic(name, settings, batch):
    def wrong(r, dr, A, low, high, dual):
        held = min(max(r, low), high)
        return (-r * A, -dr * A) if r * A >= held * A else (-held * A, 0.0)
    return with_clip(wrong)(name, settings, batch)


@mistake("the ratio is clipped whatever the sign of the advantage: tokens on their way back lose their gradient",
         "two-sided clipping in place of PPO's")
def two_sided(name, settings, batch):
    def wrong(r, dr, A, low, high, dual):
        return (-r * A, -dr * A) if low <= r <= high else (-min(max(r, low), high) * A, 0.0)
    return with_clip(wrong)(name, settings, batch)


@mistake("nothing is clipped", "clip settings that are not passed on, verl PR 5798")
def no_clip(name, settings, batch):
    return with_clip(lambda r, dr, A, low, high, dual: (-r * A, -dr * A))(name, settings, batch)


@mistake("epsilon and epsilon_high are exchanged", "clip-higher the wrong way round")
def exchanged_clip(name, settings, batch):
    if settings.get("epsilon") == settings.get("epsilon_high") or "epsilon" not in settings or settings["epsilon_high"] > 1:
        return None
    return with_settings(name, settings, batch, epsilon=settings["epsilon_high"], epsilon_high=settings["epsilon"])


@mistake("a dual clip of 3 where the paper has none, or none where verl has it", "verl's default clip_ratio_c")
def dual_clip(name, settings, batch):
    return with_settings(name, settings, batch, delta=0.0 if settings.get("delta") else 3.0)


@mistake("the answer's ratio is the product over its tokens, not the geometric mean", "GSPO without the length")
def product_ratio(name, settings, batch):
    if name != "gspo":
        return None
    w = truth.Work(batch)
    A, W = truth.advantages(w, settings), truth.weights(w, settings)
    for i in range(w.rows):
        S, dS = truth.ratio(sum(w.lp[i][t] - w.of("logp_old", i, t) for t in w.tokens(i)), 0.0)
        for t in w.tokens(i):
            value, slope = truth.clipped(S, dS * w.L(i), A[i], *truth.bounds(settings))
            w.add(i, t, W[i], value, slope)
            truth.penalty(w, settings, i, t, W[i], S, 0.0)
            w.adv[i][t] = A[i]
    return w.result()


@mistake("the cap of CISPO is read the other way: absolute in place of 1 + epsilon, or the reverse", "TRL's epsilon_high against verl's clip_ratio_high")
def cispo_cap(name, settings, batch):
    return with_settings(name, settings, batch, epsilon_high=settings["epsilon_high"] - 1) if name == "cispo" else None


@mistake("the gradient flows through the truncated weight of -w A log pi", "CISPO without its stop-gradient")
def live_weight(name, settings, batch):
    if name != "cispo":
        return None
    out = truth.loss(name, settings, batch)
    w = truth.Work(batch)
    A, W = truth.advantages(w, settings), truth.weights(w, settings)
    low, high = 1 - settings["epsilon"], 1 + settings["epsilon_high"]
    for i, t in truth.every(w):
        r, dr = truth.live(w, i, t)
        if low <= r <= high:
            out["dlogp"][i][t] -= W[i] * A[i] * w.lp[i][t] * dr
    return out


# ---- Off-policy rows and values -----------------------------------------------------------------------------------------------


@mistake("the sampler's log-probabilities under P(q,k) stay on an injected row: its ratio is far below 1",
         "TRL's vllm_importance_sampling_correction and verl's rollout_is on spliced rows")
def sampler_logp(name, settings, batch):
    return with_settings(name, settings, batch, reading="B") if name == "repo" and "logp_behavior" in batch else None


@mistake("the trust region is anchored on recomputed log-probabilities, not on the sampler's", "verl dppo_tv without rollout log-probabilities")
def wrong_anchor(name, settings, batch):
    if name != "dppo" or "logp_old" not in batch or "logp_behavior" not in batch:
        return None
    return with_settings(name, settings, batch, anchor="old" if settings["anchor"] == "behavior" else "behavior")


@mistake("expert tokens have the plain probability as weight: unlikely tokens are not learned", "LUFFY without shaping")
def unshaped(name, settings, batch):
    return with_settings(name, settings, batch, shaping=False)


@mistake("the expert's row enters the baseline of the policy's rows", "LUFFY's grpo in place of grpo_split")
def expert_in_baseline(name, settings, batch):
    if name not in ("rl_sft", "relift", "chord", "hpt"):
        return None
    right = truth.advantages
    with patched(advantages=lambda w, s, R=None, members=None: right(w, s, R, None)):
        return truth.loss(name, settings, batch)


@mistake("BNPO is taken for a token mean with GRPO's advantages", "TRL loss_type=\"bnpo\" (PR 3256) carries the paper's name")
def bnpo_name(name, settings, batch):
    if name != "bnpo":
        return None
    s = {**DEFAULTS["grpo"], **settings, "loss_type": "token-mean", "std": "bessel", "std_epsilon": 1e-4}
    return truth.loss("grpo", s, batch)


@mistake("the running minimum of prefix ratios contains the token itself", "SC-GRPO before its correction")
def inclusive_minimum(name, settings, batch):
    if name != "minpro":
        return None
    w = truth.Work(batch)
    A, W, (low, high, _) = truth.advantages(w, settings), truth.weights(w, settings), truth.bounds(settings)
    for i in range(w.rows):
        seen = []
        for t in w.tokens(i):
            d, _ = truth.held(w.lp[i][t] - w.of("logp_old", i, t))
            seen.append(d)
            c = math.exp(truth.held(min(seen) + d)[0])
            if settings["form"] == "hard":
                truth.ppo_token(w, settings, i, t, W[i], c, c, A[i])
            else:
                truth.weighted(w, settings, i, t, W[i], min(max(c, low), high), A[i])
    return w.result()


@mistake("the whole answer's reward stands at every token before GAE", "the terminal reward spread by broadcasting")
def reward_everywhere(name, settings, batch):
    if name != "ppo" or not settings["critic"]:
        return None
    right = truth.gae

    def wrong(rewards, values, gamma, lam):
        return right([rewards[-1]] * len(rewards) if rewards else [], values, gamma, lam)
    with patched(gae=wrong):
        return truth.loss(name, settings, batch)


@mistake("the value loss lacks its half", "PPO2 against the paper's squared error")
def value_half(name, settings, batch):
    return with_settings(name, settings, batch, vf_coef=2 * settings["vf_coef"]) if name == "ppo" else None


# ---- Found later; what stands above keeps its number ----------------------------------------------------------------------------


@mistake("advantages are scaled by rows/non-zero rewards, whatever scale was asked for", "verl #6478, PR 6803 (GPG's alpha is overwritten)")
def overwritten_alpha(name, settings, batch):
    def change(A, w, s, R):
        return [a * w.rows / max(sum(r != 0 for r in R), 1) for a in A]
    return with_advantages(change)(name, settings, batch)


@mistake("log ratios are not held to a bound before exp: e^30 or infinity, and a gradient where there should be none",
         "verl #6478, PR 6538 (clip_cov, kl_cov, geo_mean), TRL 1.16")
def unheld(name, settings, batch):
    if "logp_old" not in batch and "logp_behavior" not in batch:
        return None

    class Math:
        """math, whose exp gives infinity as an array library's does."""
        def __getattr__(self, key):
            return getattr(math, key)

        @staticmethod
        def exp(x):
            return math.exp(x) if x < 709 else math.inf
    with patched(held=lambda x: (x, 1.0), math=Math()):
        return truth.loss(name, settings, batch)


@mistake("the deviation is taken along an axis of length one: it is 0, and advantages are divided by epsilon (1e-6 where there is none)",
         "reported in verl-agent #236 and Seg-Zero #104 of torch.std(tensor([scores])), which has no axis and is right; with one it is this")
def std_of_one(name, settings, batch):
    if settings.get("std") not in ("population", "bessel"):
        return None

    def change(A, w, s, R):
        centred = RIGHT_ADVANTAGES(w, {**s, "std": "none"}, R)
        return [a / (s["std_epsilon"] or 1e-6) for a in centred]
    return with_advantages(change)(name, settings, batch)


@mistake("the advantages are passed where the mask belongs: tokens count by their advantage", "verl #2506 (response_mask=advantages)")
def advantages_as_mask(name, settings, batch):
    if not relative(settings) or settings.get("loss_type", "seq-mean-token-mean") == "seq-mean-token-mean":
        return None  # divided by the sum of the "mask", a row's advantage cancels
    right = truth.weights

    def wrong(w, s, part=None, kind=None):
        W, A = right(w, s, part, kind), RIGHT_ADVANTAGES(w, s)
        if s["loss_type"] != "token-mean":
            return [x * a for x, a in zip(W, A)]
        total = sum(a * sum(m) for a, m in zip(A, w.mask))
        return [a / total if total else 0.0 for a in A]
    with patched(weights=wrong):
        return truth.loss(name, settings, batch)


@mistake("mean and deviation are those of the group's first answer alone", "PipelineRL PR 54")
def first_answer(name, settings, batch):
    def change(A, w, s, R):
        first = {}
        for i in range(w.rows):
            first.setdefault(w.group[i], R[i])
        scale = 1.0 if s.get("std", "none") == "none" else s["std_epsilon"] or 1e-4
        return [(R[i] - first[w.group[i]]) / scale for i in range(w.rows)]
    return with_advantages(change)(name, settings, batch)


@mistake("the variance has a floor of 1e-6: groups whose rewards differ little learn little", "verl's grpo_vectorized before PR 6348")
def variance_floor(name, settings, batch):
    if settings.get("std") not in ("population", "bessel"):
        return None

    def change(A, w, s, R):
        centred = RIGHT_ADVANTAGES(w, {**s, "std": "none"}, R)
        out = []
        for i in range(w.rows):
            x = [R[j] for j in range(w.rows) if w.group[j] == w.group[i]]
            m, n = sum(x) / len(x), max(len(x) - (s["std"] == "bessel"), 1)
            out.append(centred[i] / (math.sqrt(max(sum((v - m) ** 2 for v in x) / n, 1e-6)) + s["std_epsilon"]))
        return out
    return with_advantages(change)(name, settings, batch)


@mistake("the KL is a mean over all tokens, hidden ones too, beside a masked policy term", "open-instruct PR 535")
def unmasked_kl(name, settings, batch):
    beta = kl_coefficient(settings)
    if not beta or "mask" not in batch or settings.get("use_bias_correction_kl"):
        return None
    out = truth.loss(name, {**settings, "beta": 0.0}, batch)
    n = max(sum(map(len, batch["logp"])), 1)
    for i, row in enumerate(batch["logp"]):
        for t, lp in enumerate(row):
            value, slope = truth.kl_term(settings["kl"], lp, batch["logp_ref"][i][t], settings["kl_cap"])
            out["loss"] += beta * value / n
            out["dlogp"][i][t] += beta * slope / n
    return out


@mistake("an answer's length is the span from its first to its last counted token: tool tokens between them count as length",
         "OpenRLHF #1243, PR 1252")
def span_as_length(name, settings, batch):
    if "loss_type" not in settings or "mask" not in batch:
        return None
    right = truth.weights

    def wrong(w, s, part=None, kind=None):
        shown, spans = w.mask, []
        for m in shown:
            counted = [t for t, x in enumerate(m) if x]
            spans.append([int(bool(counted) and counted[0] <= t <= counted[-1]) for t in range(len(m))])
        w.mask = spans
        out = right(w, s, part, kind)
        w.mask = shown
        return out
    with patched(weights=wrong):
        return truth.loss(name, settings, batch)


@mistake("the KL and entropy terms are left out although their coefficients are not 0",
         "a switch without effect; TinyZero #67 and SQL-R1 #9 are about finding such a one")
def no_terms(name, settings, batch):
    given = {k: 0.0 for k in ("beta", "entropy_coef", "kl_in_reward") if (kl_coefficient(settings) if k == "beta" else settings.get(k))}
    return truth.loss(name, {**settings, **given}, batch) if given else None


later_mistakes.add(sys.modules[__name__])


# ---- Comparison ---------------------------------------------------------------------------------------------------------------


def golden(name):
    return json.loads((HERE.parent / "data" / "golden" / "v1" / "algorithms" / f"{name}.json").read_text())["cases"]


def flat(rows):
    return [x for r in rows for x in r]


def close(a, b, tolerance=1e-7):
    """Equal in loss and gradient by log-probability (and by entropy and value where both have them), or in advantages where there is no
    loss: to seven digits each, or to a hundredth of that of the largest expected number. One absolute tolerance would pass whatever is small."""
    keys = [k for k in ("loss", "dlogp", "dentropy", "dvalue") if k in a and k in b] or ["advantage"]
    pairs = [([a[k]], [b[k]]) if k == "loss" else (flat(a[k]), flat(b[k])) for k in keys]
    floor = tolerance / 100 * max([1.0] + [abs(y) for _, q in pairs for y in q if math.isfinite(y)])
    return all(abs(x - y) <= tolerance * abs(y) + floor or (not math.isfinite(x) and not math.isfinite(y))
               for p, q in pairs for x, y in zip(p, q))


def inputs_of(case, name, convention):
    batch = {k: v for k, v in case["inputs"].items() if k != "settings"}
    return resolve(name, convention, case["inputs"]["settings"]), batch


def main():
    check, bad = "--check" in sys.argv, 0
    for ident, title, where in later_mistakes.BY_FLAG.values():
        print(f"{ident}  {title}\n     {where}")
    for m in MISTAKES:
        print(f"{m.id}  {m.title}\n     {m.where}")
        if not check:
            continue
        separating = []
        for name in DEFAULTS:
            for case in golden(name):
                for convention in case["expected"]:
                    settings, batch = inputs_of(case, name, convention)
                    wrong = m.wrong(name, settings, batch)
                    if wrong is not None and not close(wrong, case["expected"][convention]):
                        separating.append(f"{case['id']} ({convention})")
        print(f"     told apart by {len(separating)} vectors, for example {separating[0] if separating else 'NONE'}")
        bad += not separating
    print(f"{len(MISTAKES)} mistakes{f', {bad} of them not told apart from the truth' if check else ''}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
