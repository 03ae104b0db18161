# SPDX-License-Identifier: MIT
"""Numbers worked out before this program existed, for the batch B0: four tokens that fit on a sheet of paper.

They come from closed forms and, where a library is named, from running that library on the batch (TRL 1.16.0, verl 1dda039).
generate.py reproduces every one of them to 1e-6 with both origins before it writes anything.

A row: (id, algorithm, convention, settings, changes of the batch, loss or None, dlogp rows or None).
"""
HALF = {"std": "none"}
GIVEN = {"baseline": "none", "std": "none"}
TOKEN = {"loss_type": "token-mean"}


def g(a, b, c, d):
    return [[a, b, c], [d]]


def s(*parts, **extra):
    merged = {}
    for part in parts:
        merged.update(part)
    merged.update(extra)
    return merged


CENTRED = {"baseline": "group-mean"}
TRL_A = {"std": "bessel", "std_epsilon": 1e-4}

B0 = [
    ("reinforce-raw", "reinforce", "paper", {}, {}, 1.6565933, g(-.5, -.5, -.5, 0)),
    ("reinforce-mean", "reinforce", "paper", CENTRED, {}, .6833420, g(-.25, -.25, -.25, .25)),
    ("reinforce-gpg", "reinforce", "verl", {}, {}, .3416710, None),
    ("rloo", "rloo", "paper", {}, {}, 1.3666840, g(-.5, -.5, -.5, .5)),
    ("rloo-trl", "rloo", "trl", {}, {}, .036, g(-.364, -.364, -.364, 0)),
    ("ppo-no-critic", "ppo", "paper", {"critic": False}, {}, -.2425, g(0, -.0625, -.13, 0)),
    ("grpo-paper", "grpo", "paper", {}, {}, -.0566667, g(0, -.0833333, -.1733333, 0)),
    ("grpo-trl", "grpo", "trl", {}, {}, -.0400637, g(0, -.0589172, -.1225478, 0)),
    ("grpo-trl-token", "grpo", "trl", TOKEN, {}, -.3428983, g(0, -.0883759, -.1838218, 0)),
    ("grpo-verl", "grpo", "verl", {}, {}, -.3429463, None),
    ("grpo-no-std", "grpo", "paper", HALF, {}, -.0283333, None),
    ("grpo-verl-token-mean", "grpo", "verl", HALF, {}, -.2425, None),
    ("grpo-verl-seq-mean-token-mean", "grpo", "verl", s(HALF, loss_type="seq-mean-token-mean"), {}, -.0283333, None),
    ("grpo-verl-seq-mean-token-sum", "grpo", "verl", s(HALF, loss_type="seq-mean-token-sum"), {}, -.485, None),
    ("grpo-verl-norm-width-3", "grpo", "verl", s(HALF, loss_type="constant", loss_scale_factor=3), {}, -.1616667, None),
    ("grpo-verl-token-sum", "grpo", "verl", s(HALF, loss_type="token-sum"), {}, -.97, None),
    ("grpo-trl-kl", "grpo", "trl", {"beta": .1}, {}, -.0380593, None),
    ("grpo-trl-kl-uncorrected", "grpo", "trl", {"beta": .1, "use_bias_correction_kl": False}, {}, -.0369444, None),
    ("grpo-trl-empty-row", "grpo", "trl", {}, {"mask": [[1, 1, 1], [0]]}, -.3228664, None),
    ("dapo-trl-empty-row", "dapo", "trl", {"epsilon_high": .2}, {"mask": [[1, 1, 1], [0]]}, -.6457329, None),
    ("grpo-verl-empty-row", "grpo", "verl", HALF, {"mask": [[1, 1, 1], [0]]}, -.4566667, None),
    ("grpo-verl-empty-row-rows", "grpo", "verl", s(HALF, loss_type="seq-mean-token-sum"), {"mask": [[1, 1, 1], [0]]}, -1.37, None),
    ("grpo-luspo", "grpo", "trl", {"loss_type": "seq-mean-token-sum"}, {}, -.6857966, None),
    ("dr_grpo", "dr_grpo", "paper", {"loss_scale_factor": 4}, {}, -.12125, g(0, -.03125, -.065, 0)),
    ("dr_grpo-trl", "dr_grpo", "trl", {"loss_scale_factor": 4}, {}, -.12125, g(0, -.03125, -.065, 0)),
    ("dr_grpo-verl", "dr_grpo", "verl", {"loss_scale_factor": 4}, {}, -.12125, g(0, -.03125, -.065, 0)),
    ("dr_grpo-verl-padded-width", "dr_grpo", "verl", {"loss_scale_factor": 3}, {}, -.1616667, None),
    ("dapo-trl", "dapo", "trl", {}, {}, -.3570384, g(0, -.0883759, -.1838218, 0)),
    ("gspo-trl", "gspo", "trl", {}, {}, .0353898, g(-.1060025, -.1060025, -.1060025, 0)),
    ("gspo-trl-wide", "gspo", "trl", {"epsilon": .4, "epsilon_high": .4}, {}, -.0705551, g(-.1060025, -.1060025, -.1060025, .2474524)),
    ("gspo-trl-luspo", "gspo", "trl", {"epsilon": .4, "epsilon_high": .4, "loss_type": "seq-mean-token-sum"}, {}, -.7065702, None),
    ("cispo-trl", "cispo", "trl", {}, {}, .4063782, g(-.2474524, -.0883759, -.1838218, .1237262)),
    ("cispo-trl-cap-1.2", "cispo", "trl", {"epsilon_high": .2}, {}, .3937697, g(-.2121020, -.0883759, -.1838218, .1237262)),
    ("cispo-verl", "cispo", "verl", {}, {}, .4689282, g(-.2121317, -.1414212, -.1838475, .1414212)),
    ("dppo-tv", "dppo", "paper", {}, {}, .2757094, g(0, -.0625, -.13, 0)),
    ("dppo-kl", "dppo", "paper", {"divergence": "binary-kl", "divergence_threshold": .05}, {}, .2757094, g(0, -.0625, -.13, 0)),
    ("dppo-wide-capped", "dppo", "paper", {"divergence_threshold": .25, "cap": 1.2}, {}, .2784766, g(-.15, -.0625, -.13, .0875)),
    ("minpro-soft", "minpro", "paper", {}, {}, .2947373, g(-.16, -.1, -.1, .1)),
    ("minpro-hard", "minpro", "release", {}, {}, -.2125, g(0, -.0875, -.065, 0)),
    ("bapo-paper", "bapo", "paper", GIVEN, {"reward": [.5, -1.5]}, -.1975, g(0, -.125, -.26, .525)),
    ("bapo-net-does-not-move", "bapo", "paper", s(GIVEN, statistic="net"), {"reward": [.5, -1.5]}, -.16, g(0, -.125, -.26, .525)),
    ("bapo-release", "bapo", "release", GIVEN, {"reward": [.5, -1.5]}, -.08, g(0, -.0625, -.13, .2625)),
    ("bapo-release-trap", "bapo", "release", GIVEN, {"reward": [.5, -3]}, .2325, g(-.175, -.0625, -.13, 0)),
    ("rec-one-side", "rec", "release", {}, {}, .3695639, g(0, -.125, -.125, 0)),
    ("rec-one-side-is", "rec", "release", {"importance": True}, {}, .2757094, g(0, -.0625, -.13, 0)),
    ("rec-two-side", "rec", "release", {"rec_mask": "two-side"}, {}, .1683842, g(0, 0, -.125, 0)),
    ("rec-ring", "rec", "release", {"rec_mask": "ring"}, {}, .1683842, g(0, 0, -.125, 0)),
    ("rec-ring-narrow", "rec", "release", {"rec_mask": "ring", "ring_low": .4, "ring_high": .4}, {}, .3695639, None),
    ("rec-none", "rec", "release", {"rec_mask": "none"}, {}, .3416710, g(-.125, -.125, -.125, .125)),
    ("red-weight", "red_weight", "release", {}, {}, .6388554, g(-.2060902, -.2060902, -.2060902, .0758163)),
    ("red-weight-baseline", "red_weight", "release", {"weighted_baseline": True}, {}, None,
     g(-.4434094 / 4, -.4434094 / 4, -.4434094 / 4, .4434094 / 4)),
    ("opmd", "opmd", "release", {}, {}, .3597315, g(-.1081764, -.1596574, -.1230390, .1071663)),
    ("asymre", "asymre", "release", {}, {}, .4389961, g(-.15, -.15, -.15, .1)),
    ("sppo", "sppo", "paper", {}, {}, .0817408, g(0, -.125, -.125, 0)),
    ("opo", "opo", "paper", {}, {}, .0983582, g(-.0625, -.0625, -.0625, .1875)),
    ("opo-rows", "opo", "paper", {"loss_type": "seq-mean-token-sum"}, {}, .1967164, None),
    ("spo", "spo", "paper", {"q0": .5}, {}, .2499214, g(-.0521209, -.0521209, -.0521209, .0477686)),
    ("spo-at-ref", "spo", "paper", {"q0": .5}, {"logp_ref": "logp"}, .25, g(-.05, -.05, -.05, .05)),
    ("spo-cross-entropy", "spo", "paper", {"objective": "cross-entropy", "q0": -.5}, {}, .7102554,
     g(-.05, -.05, -.05, .0728943)),
]
