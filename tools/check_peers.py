#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs TRL's own GRPOTrainer._compute_loss and RLOOTrainer._compute_loss, and verl's core_algos, on random batches and compares
loss and gradient with librephrase in double precision.

    python tools/check_peers.py [--batches 50] [--verl DIRECTORY]

Needs torch, numpy and trl 1.16.0. DIRECTORY holds an unpacked verl wheel (0.9.1: `pip download --no-deps verl==0.9.1`, unzip);
without it only TRL is compared. The methods are called unbound on a stand-in for the trainer, so no model is loaded: the
stand-in returns the batch's log-probabilities. Advantages are computed here as the library computes them from rewards.
"""
import argparse
import collections
import importlib
import pathlib
import sys
import types
import unittest.mock

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from rephrase_oracle import Oracle  # noqa: E402

torch.set_default_dtype(torch.float64)
TOLERANCE = 1e-9
VERL_EPSILON = 2e-8  # verl divides by L + 1e-8 in seq-mean-token-mean; librephrase does not follow that


def random_batch(rng, groups=3, G=4, T=7):
    B = groups * G
    lengths = rng.integers(1, T + 1, B)
    mask = (np.arange(T)[None, :] < lengths[:, None]).astype(np.int64)
    logp = -rng.exponential(1.0, (B, T)) - 1e-3
    near = lambda spread: np.minimum(logp + rng.normal(0, spread, (B, T)), -1e-3)
    reward = np.round(rng.random(B) * 4) / 4
    return {"logp": logp, "logp_old": near(.3), "logp_ref": near(.3), "mask": mask, "reward": reward,
            "group": np.repeat(np.arange(groups), G)}


# ---- TRL ----------------------------------------------------------------------------------------------------------------------


def trl_advantages(batch, scale):
    R = torch.tensor(batch["reward"]).view(-1, (batch["group"] == 0).sum())
    A = R - R.mean(1, keepdim=True)
    return (A / (R.std(1, keepdim=True) + 1e-4) if scale else A).flatten()


def trl_trainer(lp, entropies, **fields):
    accelerator = types.SimpleNamespace(num_processes=1, gather=lambda x: x, reduce=lambda x, reduction: x, sync_gradients=True,
                                        gather_for_metrics=lambda x: x)
    args = types.SimpleNamespace(use_bias_correction_kl=fields.pop("use_bias_correction_kl", True), delta=fields.pop("delta", None),
                                 steps_per_generation=1)
    trainer = types.SimpleNamespace(aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None, args=args,
                                    importance_sampling_level="token", beta=0.0, loss_type="grpo", epsilon_low=.2, epsilon_high=.2,
                                    use_vllm=False, model=types.SimpleNamespace(training=True), max_completion_length=16,
                                    current_gradient_accumulation_steps=1, accelerator=accelerator, _entropy_bonus_enabled=False,
                                    _metrics=collections.defaultdict(lambda: collections.defaultdict(list)))
    vars(trainer).update(fields)
    trainer._get_per_token_logps_and_entropies = lambda *a, **k: (lp, entropies, None)
    return trainer


def trl_loss(kind, batch, scale=True, **fields):
    from trl.trainer.grpo_trainer import GRPOTrainer
    from trl.trainer.rloo_trainer import RLOOTrainer
    lp, mask = torch.tensor(batch["logp"], requires_grad=True), torch.tensor(batch["mask"])
    ids = torch.zeros_like(mask)
    inputs = {"prompt_ids": ids[:, :1], "prompt_mask": ids[:, :1], "completion_ids": ids, "completion_mask": mask,
              "num_items_in_batch": mask.sum(), "old_per_token_logps": torch.tensor(batch["logp_old"]),
              "ref_per_token_logps": torch.tensor(batch["logp_ref"]), "advantages": trl_advantages(batch, scale)}
    trainer = trl_trainer(lp, torch.zeros_like(lp), **fields)
    if kind == "rloo":
        R = torch.tensor(batch["reward"]).view(-1, (batch["group"] == 0).sum())
        G = R.shape[1]
        inputs["advantages"] = (R - (R.sum(1, keepdim=True) - R) / (G - 1)).flatten()
        inputs["old_logps"] = (inputs["old_per_token_logps"] * mask).sum(1)
        loss = RLOOTrainer._compute_loss(trainer, None, inputs)
    else:
        loss = GRPOTrainer._compute_loss(trainer, None, inputs)
    loss.backward()
    return loss.item(), lp.grad.numpy()


TRL = [
    ("grpo", {}, {}, {}),
    ("grpo", {"beta": .1}, {"beta": .1}, {}),
    ("grpo", {"beta": .1, "use_bias_correction_kl": False}, {"beta": .1, "use_bias_correction_kl": False}, {}),
    ("grpo", {"loss_type": "token-mean"}, {"loss_type": "bnpo"}, {}),
    ("grpo", {"loss_type": "seq-mean-token-sum"}, {"loss_type": "luspo"}, {}),
    ("grpo", {"delta": 1.5}, {"delta": 1.5}, {}),
    ("grpo", {"std": "none"}, {}, {"scale": False}),
    ("dapo", {}, {"loss_type": "dapo", "epsilon_high": .28}, {}),
    ("dapo", {"beta": .05}, {"loss_type": "dapo", "epsilon_high": .28, "beta": .05}, {}),
    ("dr_grpo", {"loss_scale_factor": 16}, {"loss_type": "dr_grpo"}, {"scale": False}),
    ("cispo", {}, {"loss_type": "cispo", "epsilon_high": 5.0}, {}),
    ("cispo", {"epsilon_high": .2, "beta": .05}, {"loss_type": "cispo", "epsilon_high": 1.2, "beta": .05}, {}),
    ("gspo", {}, {"importance_sampling_level": "sequence", "epsilon_low": 3e-4, "epsilon_high": 4e-4}, {}),
    ("gspo", {"epsilon": .2, "epsilon_high": .2, "beta": .1},
     {"importance_sampling_level": "sequence", "beta": .1}, {}),
    ("rloo", {}, {}, {}),
]

# ---- verl ---------------------------------------------------------------------------------------------------------------------


def load_verl(directory):
    """core_algos and what it imports, without the trainer's dependencies."""
    root = pathlib.Path(directory)
    for name in ("verl", "verl.trainer", "verl.trainer.ppo", "verl.utils"):
        module = types.ModuleType(name)
        module.__path__ = [str(root / name.replace(".", "/"))]
        sys.modules[name] = module
    for name in ("omegaconf", "verl.trainer.config", "verl.workers", "verl.workers.config", "verl.utils.import_utils",
                 "verl.utils.device", "tensordict"):
        sys.modules.setdefault(name, unittest.mock.MagicMock())
    sys.modules["verl.utils.import_utils"].deprecated = lambda *a, **k: (lambda f: f)
    sys.modules["verl.trainer.config"].AlgoConfig = type("AlgoConfig", (), {})
    sys.modules["verl.workers.config"].ActorConfig = Config
    sys.modules["omegaconf"].DictConfig = Config
    try:
        groupwise = importlib.import_module("verl.utils.groupwise")
        sys.modules["verl.utils"].as_torch_index, sys.modules["verl.utils"].group_mean_std = groupwise.as_torch_index, groupwise.group_mean_std
    except ImportError:
        sys.modules["verl.utils"].as_torch_index = sys.modules["verl.utils"].group_mean_std = None
    return importlib.import_module("verl.trainer.ppo.core_algos")


class Config(dict):
    """The configuration of an actor, readable in both of the ways verl reads it."""
    __getattr__ = dict.get


def verl_loss(core, loss, estimator, mode, batch, scale_factor=None, **config):
    lp, mask = torch.tensor(batch["logp"], requires_grad=True), torch.tensor(batch["mask"], dtype=torch.float64)
    R, last = torch.zeros_like(mask), mask.sum(1).long() - 1
    R[torch.arange(len(R)), last] = torch.tensor(batch["reward"])
    index = np.array([str(g) for g in batch["group"]], dtype=object)
    A = getattr(core, f"compute_{estimator}_outcome_advantage")(token_level_rewards=R, response_mask=mask, index=index)[0]
    settings = Config(clip_ratio=.2, clip_ratio_low=.2, clip_ratio_high=.2, clip_ratio_c=3.0,
                      global_batch_info={"loss_scale_factor": scale_factor} if scale_factor else {})
    settings.update(config)
    out = getattr(core, f"compute_policy_loss_{loss}")(old_log_prob=torch.tensor(batch["logp_old"]), log_prob=lp, advantages=A.detach(),
                                                       response_mask=mask, loss_agg_mode=mode, config=settings)[0]
    out.backward()
    return out.item(), lp.grad.numpy()


VERL = [
    ("grpo", {}, ("vanilla", "grpo", "token-mean"), {}),
    ("grpo", {"loss_type": "seq-mean-token-mean"}, ("vanilla", "grpo", "seq-mean-token-mean"), {}),
    ("grpo", {"loss_type": "seq-mean-token-sum"}, ("vanilla", "grpo", "seq-mean-token-sum"), {}),
    ("rloo", {}, ("vanilla", "rloo", "token-mean"), {}),
    ("opo", {}, ("vanilla", "opo", "token-mean"), {}),
    ("gspo", {}, ("gspo", "grpo", "seq-mean-token-mean"), {"clip_ratio_low": 3e-4, "clip_ratio_high": 4e-4}),
    ("cispo", {}, ("cispo", "grpo", "token-mean"), {}),
    ("dppo", {"std": "bessel", "std_epsilon": 1e-6}, ("dppo_tv", "grpo", "token-mean"), {"clip_ratio_low": .15, "clip_ratio_high": .15}),
]


# ---- Comparison ---------------------------------------------------------------------------------------------------------------


def compare(label, oracle, name, convention, settings, batches, peer, tolerance=TOLERANCE):
    worst = 0.0
    for batch in batches:
        loss, gradient = peer(batch)
        got = oracle.loss(name, batch, convention, **settings)
        worst = max(worst, abs(got["loss"] - loss), np.abs(got["dlogp"] - gradient * batch["mask"]).max())
    print(f"{label:5} {name:8} {str(settings):62} largest difference {worst:.1e}{'' if worst <= tolerance else '   TOO LARGE'}")
    return worst <= tolerance


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--verl", help="directory of an unpacked verl wheel")
    args = parser.parse_args()
    rng, oracle = np.random.default_rng(0), Oracle()
    batches = [random_batch(rng) for _ in range(args.batches)]
    good = True
    for name, settings, fields, extra in TRL:
        good &= compare("TRL", oracle, name, "trl", settings, batches, lambda b: trl_loss(name, b, **extra, **fields))
    if args.verl:
        core = load_verl(args.verl)
        for name, settings, which, config in VERL:
            good &= compare("verl", oracle, name, "verl", settings, batches, lambda b: verl_loss(core, *which, b, **config),
                            VERL_EPSILON if which[2] == "seq-mean-token-mean" else TOLERANCE)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
