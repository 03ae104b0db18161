# SPDX-License-Identifier: MIT
"""What each algorithm's settings are by default and under each named convention, written down for the golden generator.

This file is a second copy on purpose: the C program has its own table, and tests/algorithms/test_golden.c fails when a
convention of one does not give the numbers of the other.
"""

ADVANTAGE = {"baseline": "group-mean", "std": "none", "std_epsilon": 0.0, "scale_rewards": "group", "group_of_one": "zero"}
AGGREGATE = {"loss_type": "token-mean", "loss_scale_factor": 0.0, "empty_rows": "count"}
CLIP = {"epsilon": 0.2, "epsilon_high": 0.2, "delta": 0.0}
PENALTY = {"beta": 0.0, "kl": "k3", "kl_cap": 0.0, "use_bias_correction_kl": False, "entropy_coef": 0.0}

TRL_STD = {"std": "bessel", "std_epsilon": 1e-4}
VERL_STD = {"std": "bessel", "std_epsilon": 1e-6, "group_of_one": "reward"}
VERL_LOSS = {"empty_rows": "skip", "delta": 3.0, "kl_cap": 10.0}
POPULATION = {"std": "population"}


def settings(*parts, **extra):
    merged = {}
    for part in parts:
        merged.update(part)
    merged.update(extra)
    return merged


def seq(kind):
    return {"loss_type": kind}


SAMPLE, ROWSUM = seq("seq-mean-token-mean"), seq("seq-mean-token-sum")

DEFAULTS = {
    "sft": settings(AGGREGATE, entropy_coef=0.0),
    "reinforce": settings(ADVANTAGE, AGGREGATE, ROWSUM, PENALTY, baseline="none"),
    "rloo": settings(ADVANTAGE, AGGREGATE, ROWSUM, CLIP, PENALTY, baseline="leave-one-out", form="logprob", kl_in_reward=0.0),
    "opo": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, baseline="length-weighted", form="logprob"),
    "ppo": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, critic=True, gamma=1.0, whiten=False, vf_coef=1.0,
                    cliprange_value=0.2, kl_in_reward=0.0, lam=1.0),
    "grpo": settings(ADVANTAGE, AGGREGATE, SAMPLE, CLIP, PENALTY, POPULATION),
    "dr_grpo": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, loss_type="constant"),
    "dapo": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, POPULATION, epsilon_high=0.28, overlong_max=0.0, overlong_cache=0.0,
                     overlong_floor=True),
    "bnpo": settings(AGGREGATE, ROWSUM, CLIP, PENALTY, epsilon_high=0.28, delta=10.0, reward_low=0.0, reward_high=1.0,
                     decompose=True),
    "gspo": settings(ADVANTAGE, AGGREGATE, SAMPLE, CLIP, PENALTY, POPULATION, epsilon=3e-4, epsilon_high=4e-4),
    "cispo": settings(ADVANTAGE, AGGREGATE, PENALTY, POPULATION, epsilon=1.0, epsilon_high=4.0),
    "dppo": settings(ADVANTAGE, AGGREGATE, PENALTY, divergence="binary-tv", divergence_threshold=0.15, cap=5.0, anchor="behavior"),
    "minpro": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, epsilon_high=0.28, form="soft"),
    "bapo": settings(ADVANTAGE, AGGREGATE, ROWSUM, PENALTY, POPULATION, statistic="share", order="high-first", weigh=True,
                     target=0.4, low_start=0.6, low_limit=0.9, low_step=0.02, high_start=1.2, high_limit=3.0, high_step=0.05,
                     delta=0.0),
    "rec": settings(ADVANTAGE, AGGREGATE, ROWSUM, PENALTY, rec_mask="one-side", importance=False, epsilon=0.2, epsilon_high=0.2,
                    ring_low=0.6, ring_high=2.0),
    "red_drop": settings(ADVANTAGE, AGGREGATE, ROWSUM, PENALTY, seed=0),
    "red_weight": settings(ADVANTAGE, AGGREGATE, ROWSUM, PENALTY, temperature=1.0, weighted_baseline=False),
    "opmd": settings(ADVANTAGE, AGGREGATE, ROWSUM, tau=0.1, level="sequence", soft_baseline=False, tau_baseline=1.0,
                     divide=False),
    "asymre": settings(ADVANTAGE, AGGREGATE, ROWSUM, PENALTY, shift=0.1),
    "sppo": settings(ADVANTAGE, AGGREGATE, PENALTY, sppo_mask="one-side", epsilon=0.2, epsilon_high=0.2),
    "spo": {"objective": "squared", "beta": 0.1, "q0_from": "setting", "q0": 0.0},
    "luffy": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, POPULATION, gamma=0.1, shaping=True, use_clip=False),
    "rl_sft": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, sft_coef=1.0, use_clip=True),
    "relift": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, alpha=1e-4, use_clip=False),
    "chord": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, POPULATION, weight="one", mu=0.1),
    "hpt": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, gate=0.0, reward_threshold=0.5, sft_coef=1.0, use_clip=False),
    "prefix_rft": settings(ADVANTAGE, AGGREGATE, CLIP, PENALTY, top_entropy=0.2, use_clip=True),
    "repo": settings(ADVANTAGE, AGGREGATE, SAMPLE, CLIP, PENALTY, POPULATION, reading="A", gamma=0.1),
}

RELEASE_SUM = {"loss_type": "token-sum-norm", "loss_scale_factor": 8192.0}
GRPO_VERL = settings(VERL_STD, VERL_LOSS, loss_type="token-mean")

CONVENTIONS = {
    "sft": {"paper": {}},
    "reinforce": {"paper": {}, "verl": {"baseline": "group-mean", "loss_type": "token-mean", "empty_rows": "skip"}},
    "rloo": {"paper": {}, "trl": {"form": "sequence-ratio"},
             "verl": settings(VERL_LOSS, form="token-ratio", loss_type="token-mean", group_of_one="reward")},
    "opo": {"paper": {}, "verl": settings(VERL_LOSS, form="ratio", group_of_one="reward")},
    "ppo": {"paper": {}, "verl": settings(VERL_LOSS, whiten=True, cliprange_value=0.5)},
    "grpo": {"paper": {}, "trl": settings(TRL_STD, use_bias_correction_kl=True), "verl": GRPO_VERL},
    "dr_grpo": {"paper": {}, "trl": {"use_bias_correction_kl": True}, "verl": settings(VERL_LOSS, group_of_one="reward")},
    "dapo": {"paper": {}, "trl": settings(TRL_STD, use_bias_correction_kl=True),
             "verl": settings(VERL_STD, empty_rows="skip", delta=10.0, overlong_floor=False, kl_cap=10.0)},
    "bnpo": {"paper": {}},
    "gspo": {"paper": {}, "trl": settings(TRL_STD, use_bias_correction_kl=True), "verl": settings(VERL_STD, empty_rows="skip", kl_cap=10.0)},
    "cispo": {"paper": {}, "trl": settings(TRL_STD, use_bias_correction_kl=True),
              "verl": settings(VERL_STD, epsilon=0.2, epsilon_high=0.2, empty_rows="skip", kl_cap=10.0)},
    "dppo": {"paper": {}, "verl": {"anchor": "old", "cap": 3.0, "empty_rows": "skip", "kl_cap": 10.0}, "release": {"cap": 10.0}},
    "minpro": {"paper": {}, "release": {"form": "hard"}},
    "bapo": {"paper": {},
             "release": {"statistic": "ratio", "order": "low-first", "weigh": False, "target": 1.0, "low_limit": 0.8,
                         "low_step": 0.05, "high_limit": 2.0, "delta": 3.0, "loss_type": "token-mean", "std": "bessel",
                         "std_epsilon": 1e-6}},
    "rec": {"paper": {}, "release": {"loss_type": "token-mean"}},
    "red_drop": {"paper": {}, "release": {"loss_type": "token-mean"}},
    "red_weight": {"paper": {}, "release": {"loss_type": "token-mean"}},
    "opmd": {"paper": {}, "release": {"level": "token", "loss_type": "token-mean"}},
    "asymre": {"paper": {}, "release": {"loss_type": "token-mean"}},
    "sppo": {"paper": {}},
    "spo": {"paper": {}},
    "luffy": {"paper": {}, "release": settings(RELEASE_SUM, std="none")},
    "rl_sft": {"paper": {}, "release": settings(RELEASE_SUM, use_clip=False)},
    "relift": {"paper": {}, "release": settings(RELEASE_SUM, alpha=1e-3)},
    "chord": {"paper": {}, "release": {"weight": "phi", "mu": 0.1, "std": "bessel", "std_epsilon": 1e-6}},
    "hpt": {"paper": {}, "release": RELEASE_SUM},
    "prefix_rft": {"paper": {}, "release": {"group_of_one": "reward", "delta": 3.0}},
    "repo": {"paper": {}, "verl": GRPO_VERL},
}


def resolve(name, convention, given):
    return settings(DEFAULTS[name], CONVENTIONS[name][convention], given)
