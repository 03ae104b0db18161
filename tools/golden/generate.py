#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/golden/v1/algorithms/*.json from two independent origins, and MANIFEST.json for the whole of data/golden/v1.

    python tools/golden/generate.py            write
    python tools/golden/generate.py --check    compute again and compare with the files; write nothing
    python tools/golden/generate.py --manifest digests only, after another generator wrote files

Needs numpy and torch (versions go into the manifest). Every expected number is computed by oracle_numpy.py (closed forms) and
by oracle_torch.py (autograd); the script stops at the first number on which they differ by more than 1e-10 (1 + |x|), and at
the first number of published.py that is not reproduced to 1e-6. Inputs are data: no reader needs a random number generator.
"""
import argparse
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import manifest  # noqa: E402
import oracle_numpy  # noqa: E402
import oracle_torch  # noqa: E402
from conventions import CONVENTIONS, DEFAULTS, resolve  # noqa: E402
from published import B0 as PUBLISHED  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "data" / "golden" / "v1"
TOLERANCE = {"f64": 1e-10, "f32": 3e-5}

CHOICES = {
    "baseline": ["none", "group-mean", "leave-one-out", "length-weighted"], "std": ["none", "population", "bessel"],
    "scale_rewards": ["group", "batch"], "group_of_one": ["zero", "reward"],
    "loss_type": ["seq-mean-token-mean", "token-mean", "constant", "seq-mean-token-sum", "token-sum", "token-sum-norm"],
    "empty_rows": ["count", "skip"], "kl": ["k1", "k2", "k3", "abs", "k1+", "k3+"],
    "divergence": ["binary-tv", "binary-kl", "topk-tv", "topk-kl"], "anchor": ["behavior", "old"],
    "statistic": ["share", "net", "active", "ratio"], "order": ["high-first", "low-first"],
    "rec_mask": ["none", "one-side", "two-side", "ring"], "sppo_mask": ["one-side", "two-side"], "level": ["sequence", "token"],
    "objective": ["squared", "cross-entropy"], "q0_from": ["setting", "group"], "weight": ["one", "phi", "is"],
    "reading": ["A", "B", "C", "D"],
    "form": {"rloo": ["logprob", "sequence-ratio", "token-ratio"], "opo": ["logprob", "ratio"], "minpro": ["soft", "hard"]},
}

NOTES = {
    "ByHand": "Four tokens, small enough for a sheet of paper; if this fails, look here first.",
    "Published": "The number was known before this program: a closed form by hand or the named library's output on B0.",
    "Typical": "Ragged rows, interleaved groups, hidden tokens, graded rewards, all three sources.",
    "AllTerms": "The typical batch with KL and entropy terms on.",
    "FarOffPolicy": "Log ratios up to 3: every clip, cap and mask is at work.",
    "OnPolicyZero": "logp_old equals logp: clipped surrogates have loss zero (up to lengths) but not gradient zero (TRL #2995).",
    "AllEqualRewards": "Group-relative advantages are exactly 0; 0/0 must not appear.",
    "EmptyRow": "A row without tokens: counted in B by TRL, not by verl.",
    "EmptyMask": "Nothing counts: the loss is finite and the gradient 0 (verl without global counts: NaN).",
    "OneTokenSequence": "Lengths of one: token means and sequence means meet.",
    "RatioOverflow": "log ratios of +-800: held to +-20, value finite, gradient 0 there (TRL 1.16: NaN gradient).",
    "RatioHeld": "log ratios of +-30: finite without a hold, but e^30 is not e^20, and behind the hold there is no gradient (verl #6478).",
    "LowVariance": "Rewards that differ by 2^-12: a floor under the variance or an epsilon of 1e-4 shows (verl PR 6348).",
    "GroupOfOne": "A group with one row: advantage 0, or the reward in verl.",
    "OnTheBound": "A ratio exactly on a bound keeps its gradient: comparisons are strict.",
    "LongRow": "A row of 60 tokens beside a row of 2: the denominators part.",
    "SplitBatch": "Part of a step: total_rows and total_tokens are those of the whole (verl #906).",
    "RatioSteep": "Log ratios of 3 to 14, all in one direction: a hold nearer than 20 shows.",
    "RowHeld": "Log ratios of 25 and more at every token of a row: the mean of a sequence is held as well (GSPO without its hold: e^27).",
    "ClipPair": "Two clip bounds that are not the convention's, far apart (or equal where the convention has two): bounds that are exchanged, or not read, show.",
    "OneCounted": "One token counts in the whole step: a floor of 2 under a count, or n - 1 of one, shows.",
    "HugeRewards": "Rewards of 2^17 and a little: E[x^2] - mean^2 loses the deviation (NeMo-RL PR 4158). Double precision only.",
    "PartialGroup": "A group of four, then one of two: a fixed stride cuts wrongly (AReaL PR 1673).",
    "Truncated": "Long answers over the limit: their punishment and their mask.",
    "Setting": "One setting away from the paper's convention.",
    "Components": "The reward comes in parts.",
}


# ---- Batches ------------------------------------------------------------------------------------------------------------------


def b0():
    log = lambda rows: [[math.log(p) for p in row] for row in rows]
    old = log([[.50, .40, .25], [.80]])
    return {"logp": log([[.70, .20, .26], [.56]]), "logp_old": old, "logp_behavior": [r[:] for r in old],
            "logp_ref": log([[.60, .30, .25], [.70]]), "reward": [1.0, 0.0]}


def make(seed, lengths, groups, spread=1.0, hide=0.15, sources=None, rewards=None):
    rng = random.Random(seed)
    rows = lambda f: [[round(f(), 4) for _ in range(n)] for n in lengths]
    near = lambda base, width: [[round(min(x + width * (rng.random() - .5), -.01), 4) for x in r] for r in base]
    logp = rows(lambda: -.05 - 2.2 * rng.random())
    old = near(logp, spread)
    B = len(lengths)
    parts = {"accuracy": rewards or [rng.choice([0.0, 1.0]) for _ in range(B)], "format": [rng.choice([0.0, .25, .5]) for _ in range(B)]}
    batch = {"logp": logp, "logp_old": old, "logp_behavior": near(old, .3), "logp_ref": near(logp, .7),
             "entropy": rows(lambda: 2 * rng.random()), "value": rows(rng.random), "value_old": rows(rng.random),
             "mask": [[int(rng.random() >= hide) for _ in range(n)] for n in lengths], "reward": [a + f for a, f in zip(*parts.values())],
             "rewards": parts, "group": groups, "source": sources or ["policy"] * B}
    batch["prefix"] = [[int(batch["source"][i] == "expert" and 2 * t < n) for t in range(n)] for i, n in enumerate(lengths)]
    batch["topk"] = topk(rng, batch)
    return batch


def topk(rng, batch):
    ids, mu, pi, token = [], [], [], []
    for i, row in enumerate(batch["logp"]):
        for box in (ids, mu, pi, token):
            box.append([])
        for t in range(len(row)):
            p, q = math.exp(batch["logp_behavior"][i][t]), math.exp(row[t])
            inside = rng.random() < .5
            token[i].append(7 if inside else 40)
            ids[i].append([7, 11, 12])
            share = lambda rest, x: [round(math.log(rest * y), 4) for y in x]
            mu[i].append(([batch["logp_behavior"][i][t]] if inside else share(1 - p, [.3])) + share(1 - p, [.3, .2]))
            pi[i].append(([row[t]] if inside else share(1 - q, [.25])) + share(1 - q, [.4 - .3 * rng.random(), .2]))
    return {"ids": ids, "logp_behavior": mu, "logp": pi, "token_ids": token}


SOURCES = ["policy", "policy", "expert", "policy", "rephrased", "policy", "expert"]


def batches():
    groups = [3, "b", 3, 3, "b", "b", "b"]
    typical = make(1, [3, 5, 2, 4, 1, 3, 4], groups, 1.0, .15, SOURCES, [1.0, 0, 1.0, 0, 1.0, 0, 1.0])
    far = make(2, [4, 3, 5, 2, 4, 3, 2], groups, 5.0, .1, SOURCES, [0, 1.0, 1.0, 0, 0, 1.0, 0])
    on = make(3, [2, 4, 3, 3, 2, 4, 2], groups, 0.0, 0, SOURCES, [1.0, 0, 0, 0, 1.0, 1.0, 0])
    on["logp_old"], on["logp_behavior"] = [r[:] for r in on["logp"]], [r[:] for r in on["logp"]]
    equal = make(4, [3, 2, 4, 1], ["q"] * 4, sources=SOURCES[:4])
    equal["reward"] = [.1] * 4
    equal["rewards"] = {"accuracy": [.1] * 4}
    empty = make(5, [3, 0, 2, 4], [0, 0, 1, 1], 1.5, 0, SOURCES[:4], [1.0, 0, 1.0, 0])
    hidden = make(6, [2, 3], [0, 0], sources=["policy", "expert"], rewards=[1.0, 0])
    hidden["mask"] = [[0, 0], [0, 0, 0]]
    single = make(7, [1, 1, 1, 1], [0, 0, 0, 0], 1.5, 0, SOURCES[:4], [1.0, 0, 0, 1.0])
    overflow = make(8, [3, 3, 2], [0, 0, 0], .4, 0, ["policy", "policy", "expert"], [1.0, 0, 1.0])
    for key in ("logp_old", "logp_behavior", "logp_ref"):
        overflow[key] = [[x - 800 if i != 1 and t == 1 else x for t, x in enumerate(r)] for i, r in enumerate(overflow[key])]
    overflow["logp"][1][1], overflow["logp_old"][1][2] = -800.5, -.5
    alone = make(9, [3, 2, 4], ["x", "y", "y"], 1.0, 0, ["policy", "policy", "rephrased"], [1.0, 1.0, 0])
    beyond = make(11, [3, 2, 3], [0, 0, 0], .4, 0, ["policy", "policy", "expert"], [0, 1.0, 1.0])
    for key in ("logp_old", "logp_behavior"):
        beyond[key] = [[x - 30 if i != 1 and t == 0 else x for t, x in enumerate(r)] for i, r in enumerate(beyond[key])]
    beyond["logp"][1][1] = -31.0
    narrow = make(12, [2, 3, 1, 2], [0, 0, "b", "b"], .8, 0, SOURCES[:4])
    narrow["reward"] = [0.0, 2.0 ** -12, .5, .5 + 2.0 ** -12]
    narrow["rewards"] = {"accuracy": narrow["reward"]}
    steep = {}
    for sign, name in ((-1, "steep-down"), (1, "steep-up")):
        b = steep[name] = make(13 + sign, [4, 3, 4, 2], [0, 0, 1, 1], .3, 0, ["policy", "policy", "expert", "policy"], [1.0, 0, 0, 1.0])
        distance = [[3, 6, 10, 14], [4, 8, 12], [14, 9, 5, 2.5], [7, 11]]
        for key in ("logp_old", "logp_behavior"):
            b[key] = [[round(x - (d if sign > 0 else 0), 4) for x, d in zip(r, ds)] for r, ds in zip(b["logp"], distance)]
        if sign < 0:
            b["logp"] = [[round(x - d, 4) for x, d in zip(r, ds)] for r, ds in zip(b["logp"], distance)]
    row = make(15, [3, 2, 2], [0, 0, 0], .3, 0, ["policy", "policy", "policy"], [1.0, 0, 0.5])
    for key in ("logp_old", "logp_behavior"):
        row[key] = [[round(x - (27 + t if i == 1 else 0), 4) for t, x in enumerate(r)] for i, r in enumerate(row[key])]
    row["logp"][0] = [round(x - 26, 4) for x in row["logp"][0]]
    counted = make(16, [3, 2], [0, 0], .8, 0, ["policy", "policy"], [1.0, 0])
    counted["mask"] = [[0, 1, 0], [0, 0]]
    huge = make(17, [1, 3, 2, 2], [0, 0, 0, 0], .8, 0, ["policy"] * 4)
    huge["reward"] = [2.0 ** 17, 2.0 ** 17 + 1, 2.0 ** 17 + 3, 2.0 ** 17 + 4]
    huge["rewards"] = {"accuracy": huge["reward"]}
    partial = make(18, [2, 3, 1, 2, 3, 2], [0, 0, 0, 0, 1, 1], .8, .1, ["policy"] * 6, [1.0, 0, 0, 1.0, 1.0, 0])
    more = {**steep, "row-held": row, "one-counted": counted, "huge-rewards": huge, "partial": partial}
    long = make(10, [60, 2], [0, 0], .8, .05, ["policy", "policy"], [1.0, 0])
    return {"typical": typical, "far": far, "on-policy": on, "equal": equal, "empty-row": empty, "hidden": hidden,
            "one-token": single, "overflow": overflow, "group-of-one": alone, "long": long, "beyond": beyond, "low-variance": narrow, **more}


SUPERVISED = {"sft"}
NO_OLD = {"sft", "spo"}


def needed(name, s):
    keys = ["logp", "mask", "total_rows", "total_tokens", "total_expert_rows", "total_expert_tokens"]
    if name not in SUPERVISED:
        keys += ["reward", "group"]
    if name not in NO_OLD:
        keys.append("logp_old")
    if name in ("luffy", "rl_sft", "relift", "chord", "hpt", "prefix_rft", "repo"):
        keys.append("source")
    if name in ("dppo", "repo"):
        keys.append("logp_behavior")
    if name == "dppo" and s["divergence"].startswith("topk"):
        keys.append("topk")
    if s.get("beta", 0) > 0 or s.get("kl_in_reward", 0) > 0:
        keys.append("logp_ref")
    if s.get("entropy_coef", 0) or name == "relift" or (name == "prefix_rft" and s["top_entropy"] < 1):
        keys.append("entropy")
    if name == "ppo" and s["critic"]:
        keys += ["value", "value_old"]
    if name == "prefix_rft":
        keys.append("prefix")
    if name == "bnpo" and s["decompose"]:
        keys.append("rewards")
    return keys


def cut(batch, keys):
    return {k: v for k, v in batch.items() if k in keys}


# ---- Two origins -------------------------------------------------------------------------------------------------------------


def flatten(x):
    if isinstance(x, dict):
        return [v for key in sorted(x) for v in flatten(x[key])]
    return [v for item in x for v in flatten(item)] if isinstance(x, list) else [x]


def compute(name, convention, settings, batch, where):
    s = resolve(name, convention, settings)
    first = oracle_numpy.loss(name, s, batch)
    given = {"kept": oracle_numpy.kept_rows(oracle_numpy.Work(batch), s)} if name == "red_drop" else {}
    second = oracle_torch.loss(name, s, batch, **given)
    for key in first:
        for a, b in zip(flatten(first[key]), flatten(second[key]), strict=True):
            if not (math.isfinite(a) and abs(a - b) <= 1e-10 * (1 + abs(a))):
                sys.exit(f"{where}: {name} ({convention}) {settings}: {key} is {a!r} in closed form and {b!r} by autograd")
    return {k: [[float(x) + 0.0 for x in row] for row in v] if isinstance(v, list) else float(v) for k, v in first.items()}


def strip(result):
    """Leaves out derivatives that are zero everywhere."""
    return {k: v for k, v in result.items() if k not in ("dentropy", "dvalue") or any(flatten(v))}


def case(ident, name, flags, comment, batch, settings, conventions=None):
    expected, keys = {}, set()
    for convention in conventions or CONVENTIONS[name]:
        keys |= set(needed(name, resolve(name, convention, settings)))
    inputs = cut(batch, keys)
    for convention in conventions or CONVENTIONS[name]:
        expected[convention] = strip(compute(name, convention, settings, inputs, ident))
    return {"id": ident, "comment": comment, "flags": flags, "inputs": {**inputs, "settings": settings}, "expected": expected,
            "tolerance": TOLERANCE}


# ---- Cases of one algorithm ---------------------------------------------------------------------------------------------------


def base_settings(name):
    return {"loss_scale_factor": 10} if DEFAULTS[name].get("loss_type") == "constant" else {}


def terms(name):
    extra = {"beta": .3, "entropy_coef": .2, "kl_in_reward": .1}
    given = {k: v for k, v in extra.items() if k in DEFAULTS[name] and name != "spo"}
    more = {"dapo": {"overlong_max": 4, "overlong_cache": 2}, "ppo": {"vf_coef": .5, "gamma": .9, "lam": .8}}
    return {**given, **more.get(name, {})}


def single_settings(name):
    """Every other value of every choice and switch."""
    for key, default in DEFAULTS[name].items():
        if isinstance(default, bool):
            yield key, not default
        elif isinstance(default, str):
            values = CHOICES[key][name] if isinstance(CHOICES[key], dict) else CHOICES[key]
            yield from ((key, v) for v in values if v != default)


# In the order of the cases in the files.
NUMBERS = {"alpha": .3, "cap": 1.1, "delta": 1.4, "epsilon_high": .5, "epsilon": .1, "sft_coef": .4, "reward_threshold": .25,
           "divergence_threshold": .25, "entropy_coef": -.3, "gamma": .6, "gate": .5, "high_limit": 1.5, "high_start": 1.1,
           "high_step": .2, "beta": .7, "kl_cap": .05, "kl_in_reward": .4, "lam": .3, "low_limit": .7, "low_start": .5,
           "low_step": .1, "mu": .4, "overlong_max": 3.0, "q0": -.3, "reward_high": 2.0, "reward_low": -1.0, "ring_high": .4,
           "ring_low": .3, "seed": 5, "shift": -.2, "std_epsilon": .05, "target": .7, "tau": .4, "tau_baseline": .5,
           "temperature": 2.0, "top_entropy": .6, "cliprange_value": .05, "vf_coef": 2.0}
SPO_BETA = .5  # its β is the strength of the tie to the reference, not a coefficient of the KL estimate


def published_cases(name):
    for ident, algorithm, convention, settings, changes, loss, dlogp in PUBLISHED:
        if algorithm != name:
            continue
        batch = {**b0(), **{k: b0()[v] if isinstance(v, str) else v for k, v in changes.items()}}
        made = case(ident, name, ["Published", "ByHand"], "B0; the number was known beforehand" if loss is not None else "B0", batch,
                    settings, [convention])
        got = made["expected"][convention]
        if loss is not None and not abs(got["loss"] - loss) <= 1e-6:
            sys.exit(f"{ident}: the loss is {got['loss']!r}, published as {loss!r}")
        for a, b in zip(flatten(got["dlogp"]), flatten(dlogp)) if dlogp else []:
            if not abs(a - b) <= 1e-6:
                sys.exit(f"{ident}: a derivative is {a!r}, published as {b!r}")
        yield made


def split_case(name, batch):
    take = [i for i, g in enumerate(batch["group"]) if g == "b"]
    pick = lambda v: [v[i] for i in take]
    part = {k: pick(v) if k not in ("topk", "rewards") else {n: pick(x) for n, x in v.items()} for k, v in batch.items()}
    counted = [sum(m) for m in batch["mask"]]
    part.update(total_rows=len(counted), total_tokens=sum(counted),
                total_expert_rows=sum(x == "expert" for x in batch["source"]),
                total_expert_tokens=sum(n for n, x in zip(counted, batch["source"]) if x == "expert"))
    return case(name + "-split", name, ["SplitBatch"], "one group of the typical batch, with the normalisers of the whole", part,
                base_settings(name))


def cases(name, all_batches):
    start = base_settings(name)
    yield from published_cases(name)
    hand = b0()
    hand.update(entropy=[[.5, 1.0, 1.5], [.25]], value=[[.5, .5, .9], [.3]], value_old=[[.2, .5, .6], [.4]],
                source=["policy", "expert"], prefix=[[0, 0, 0], [1]], mask=[[1, 1, 1], [1]], group=[0, 0],
                rewards={"accuracy": [1.0, 0.0]})
    yield case(name + "-b0", name, ["ByHand"], "the batch B0 under every convention", hand, start)
    plan = [("typical", ["Typical"], "ragged, interleaved, partly hidden", start),
            ("typical", ["AllTerms"], "KL and entropy terms on", {**start, **terms(name)}),
            ("far", ["FarOffPolicy"], "log ratios up to 2.5", start),
            ("far", ["FarOffPolicy", "AllTerms"], "the same with all terms", {**start, **terms(name)}),
            ("on-policy", ["OnPolicyZero"], "logp_old = logp", start),
            ("equal", ["AllEqualRewards"], "four rewards of 0.1", start),
            ("empty-row", ["EmptyRow"], "the second row has no token", start),
            ("hidden", ["EmptyMask"], "no token counts", start),
            ("one-token", ["OneTokenSequence"], "all rows have one token", start),
            ("overflow", ["RatioOverflow"], "log ratios of 800 in both directions", start),
            ("group-of-one", ["GroupOfOne"], "the first question has one answer", start),
            ("long", ["LongRow"], "60 tokens beside 2", start),
            ("beyond", ["RatioHeld"], "log ratios of 30 in both directions", start),
            ("low-variance", ["LowVariance"], "rewards 0 and 2^-12, and the same around 1/2", start),
            ("steep-down", ["RatioSteep"], "log ratios of -3 to -14", start),
            ("steep-up", ["RatioSteep"], "log ratios of 3 to 14", start),
            ("row-held", ["RowHeld"], "one row 27 above its old policy, one 26 below", start),
            ("one-counted", ["OneCounted"], "one token counts, in one of two rows", start),
            ("partial", ["PartialGroup"], "groups of four and of two, one after the other", start)]
    if name != "ppo" and "std" in DEFAULTS[name] and DEFAULTS[name]["baseline"] != "none":  # whitening mixes 2^17 with 1
        plan.append(("huge-rewards", ["HugeRewards"], "rewards of 2^17 + 0, 1, 3 and 4", start))
    if "epsilon" in DEFAULTS[name] and "epsilon_high" in DEFAULTS[name]:
        plan.append(("far", ["ClipPair"], "epsilon = 0.1 and epsilon_high = 0.3", {**start, "epsilon": .1, "epsilon_high": .3}))
        even = .1 if DEFAULTS[name]["epsilon"] == .2 == DEFAULTS[name]["epsilon_high"] else .2
        plan.append(("typical", ["ClipPair"], f"epsilon = epsilon_high = {even}", {**start, "epsilon": even, "epsilon_high": even}))
    for batch, flags, comment, settings in plan:
        if batch == "hidden" and name == "prefix_rft":
            continue
        suffix = "-terms" if "AllTerms" in flags else "-clip-pair" if "ClipPair" in flags else ""
        yield case(f"{name}-{batch}{suffix}", name, flags, comment, all_batches[batch], settings)
    if name not in ("bapo", "bnpo", "hpt"):
        yield split_case(name, all_batches["typical"])
    for key, value in single_settings(name):
        given = {**start, **terms(name), key: value}
        if key == "loss_type" and value in ("constant", "token-sum-norm"):
            given["loss_scale_factor"] = 12
        if key == "decompose":
            given["reward_high"] = 2.0  # of the sum of two components
        label = str(value).lower()
        yield case(f"{name}-{key}-{label}", name, ["Setting"], f"{key} = {label}", all_batches["typical"], given, ["paper"])
    for key in (k for k in NUMBERS if k in DEFAULTS[name]):
        value = SPO_BETA if (name, key) == ("spo", "beta") else NUMBERS[key]
        given = {**start, **terms(name), key: value}
        yield case(f"{name}-{key}", name, ["Setting"], f"{key} = {value}", all_batches["far"], given, ["paper"])
    if "epsilon" in DEFAULTS[name] and "epsilon_high" in DEFAULTS[name]:
        yield case(f"{name}-on-the-bound", name, ["OnTheBound"], "ratios of exactly 1 and bounds of exactly 1", all_batches["on-policy"],
                   {**start, "epsilon": 0.0, "epsilon_high": 0.0})
    if name == "red_drop":
        surplus = {**all_batches["far"], "reward": [1.0, 0.0, 0.0, 0.0, .25, 0.0, 0.5], "group": [0, 0, 0, 0, "b", "b", 0]}
        for seed in range(4):
            yield case(f"red_drop-surplus-{seed}", name, ["Setting"], "more failures than successes", surplus, {"seed": seed})


# ---- Files --------------------------------------------------------------------------------------------------------------------


def document(name, all_batches):
    made = list(cases(name, all_batches))
    flags = sorted({f for c in made for f in c["flags"]})
    return {"schema": "algorithm.json", "area": "algorithms", "subject": name,
            "source": {"oracles": ["closed forms, float64 (tools/golden/oracle_numpy.py)",
                                   "autograd, float64 (tools/golden/oracle_torch.py)"], "page": f"docs/algorithms/{name}.md"},
            "notes": {f: NOTES[f] for f in flags}, "cases": made}


def dump(doc):
    head = {k: v for k, v in doc.items() if k != "cases"}
    text = json.dumps(head, indent=1, ensure_ascii=False)[:-2]
    lines = ",\n".join("  " + json.dumps(c, ensure_ascii=False, allow_nan=False) for c in doc["cases"])
    return text + ',\n "cases": [\n' + lines + "\n ]\n}\n"


def differs(old, new):
    """The largest difference between two documents of numbers, or None when they are not alike in shape."""
    a, b = flatten([c["expected"] for c in old["cases"]]), flatten([c["expected"] for c in new["cases"]])
    return max(abs(x - y) / (1 + abs(x)) for x, y in zip(a, b)) if len(a) == len(b) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing")
    parser.add_argument("--manifest", action="store_true", help="write MANIFEST.json for the files as they are")
    args = parser.parse_args()
    if args.manifest:
        manifest.write()
        return
    check = args.check
    all_batches, count = batches(), 0
    (OUT / "algorithms").mkdir(parents=True, exist_ok=True)
    for name in DEFAULTS:
        doc, path = document(name, all_batches), OUT / "algorithms" / f"{name}.json"
        count += sum(len(c["expected"]) for c in doc["cases"])
        if check:
            worst = differs(json.loads(path.read_text()), doc)
            if worst is None or worst > TOLERANCE["f64"]:
                sys.exit(f"{path.name}: differs from what this machine computes ({worst})")
        else:
            path.write_text(dump(doc), encoding="utf-8")
    if not check:
        manifest.write()
    print(f"{len(DEFAULTS)} algorithms, {count} expected results, both origins agree{'; the files agree with them' if check else ''}")


if __name__ == "__main__":
    main()
