# SPDX-License-Identifier: MIT
"""verl's core_algos (0.9.1): the advantage estimators and the policy losses with their aggregation, called with the vector's tensors.
--impl names a folder with verl's sources (or an edited copy of them); without it the installed package is used. Only core_algos and
what it needs of verl.utils is run: ray, vllm and the trainer are not needed."""
import sys
import types

import numpy as np

from .. import judge
from ..vectors import Choice
from . import _parts

ABOUT = "advantage estimators and policy losses of verl 0.9.1"

# task -> (policy loss, aggregation, settings that the loss reads under other names)
LOSSES = {
    "grpo": ("vanilla", "token-mean"),
    "rloo": ("vanilla", "token-mean"),
    "opo": ("vanilla", "token-mean"),
    "dapo": ("vanilla", "token-mean"),
    "dr_grpo": ("vanilla", "seq-mean-token-sum-norm"),
    "gspo": ("gspo", "seq-mean-token-mean"),
    "cispo": ("cispo", "token-mean"),
}
ADVANTAGES = {"grpo": "grpo", "rloo": "rloo", "opo": "opo", "dr_grpo": "grpo"}
READ = {"epsilon", "epsilon_high", "delta", "loss_scale_factor"}
KL = {"k1": "kl", "k2": "mse", "k3": "low_var_kl", "abs": "abs", "k1+": "kl+", "k3+": "low_var_kl+"}


class Config(dict):
    """The configuration of an actor, readable in both of the ways verl reads it."""
    __getattr__ = dict.get


def core_algos(folder):
    folder = _parts.package_folder("verl", folder)
    for name in ("verl.trainer.config", "verl.workers.config", "omegaconf", "verl.utils.import_utils"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["verl.trainer.config"].AlgoConfig = type("AlgoConfig", (), {})
    sys.modules["verl.workers.config"].ActorConfig = sys.modules["omegaconf"].DictConfig = Config
    sys.modules["verl.utils.import_utils"].deprecated = lambda *a, **k: (lambda f: f)
    absent = ["tensordict", "verl.utils.device"]
    groupwise = _parts.only_module(folder, "verl.utils.groupwise", absent)
    utils = sys.modules["verl.utils"]
    utils.as_torch_index, utils.group_mean_std = groupwise.as_torch_index, groupwise.group_mean_std
    return _parts.only_module(folder, "verl.trainer.ppo.core_algos", absent)


def loss_of(core, name, mode=None):
    policy, mode = LOSSES[name][0], mode or LOSSES[name][1]

    @_parts.wants_advantage
    def loss(batch, settings):
        A, _ = _parts.advantages(batch)
        config = Config(clip_ratio=settings["epsilon"], clip_ratio_low=settings["epsilon"], clip_ratio_high=settings["epsilon_high"],
                        clip_ratio_c=settings.get("delta") or 1e9, global_batch_info={})
        if mode == "seq-mean-token-sum-norm":
            config["global_batch_info"] = {"loss_scale_factor": settings["loss_scale_factor"]}
        made = getattr(core, f"compute_policy_loss_{policy}")(old_log_prob=batch["logp_old"], log_prob=batch["logp"], advantages=A,
                                                              response_mask=batch["mask"], loss_agg_mode=mode, config=config)[0]
        # The worker adds the terms as means of their own, in the same mode.
        if settings.get("beta"):
            kl = core.kl_penalty(batch["logp"], batch["logp_ref"], KL[settings["kl"]])
            made = made + settings["beta"] * core.agg_loss(kl, batch["mask"], mode, **config["global_batch_info"])
        if settings.get("entropy_coef"):
            made = made - settings["entropy_coef"] * core.agg_loss(batch["entropy"], batch["mask"], mode, **config["global_batch_info"])
        return made
    return loss


def advantage_of(core, name):
    def advantage(batch, settings):
        import torch
        from ..vectors import double_precision, padded
        with double_precision(torch):
            arrays, _ = padded(batch)
            mask = torch.tensor(arrays["mask"])
            if "mask" not in batch:
                mask = torch.tensor([[1.0 if t < len(r) else 0.0 for t in range(mask.shape[1])] for r in batch["logp"]])
            scores, last = torch.zeros_like(mask), (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
            scores[torch.arange(len(last)), last] = torch.tensor(arrays["reward"])
            index = np.array([str(g) for g in arrays["group"]], dtype=object)
            more = {"norm_adv_by_std_in_grpo": False} if name == "dr_grpo" else {}
            estimator = getattr(core, f"compute_{ADVANTAGES[name]}_outcome_advantage")
            return estimator(token_level_rewards=scores, response_mask=mask, index=index, **more)[0].tolist()
    return advantage


def tasks(impl, choice):
    _parts.need_torch("verl")
    return tasks_of(core_algos(impl), choice)


def tasks_of(core, choice):
    # An estimator reads a row's reward at its tokens; a row without any has none.
    for name, estimator in ADVANTAGES.items():
        yield judge.Task(f"compute_{estimator}_outcome_advantage", name, "verl", advantage_of(core, name), outputs=("advantage",), choice=choice,
                         only=lambda case, settings: not case["inputs"]["settings"].keys() - {"loss_scale_factor"} and not {"EmptyRow", "EmptyMask"} & set(case["flags"]))
    for name, (policy, mode) in LOSSES.items():
        # verl divides by L + 1e-8 where a row is averaged; the vectors do not.
        yield judge.Task(f"compute_policy_loss_{policy}, {name}", name, "verl", loss_of(core, name), with_torch=True, choice=choice,
                         tolerance=2e-6 if mode == "seq-mean-token-mean" else 1e-7,
                         only=lambda case, settings: set(case["inputs"]["settings"]) <= READ)
    yield judge.Task("compute_policy_loss_vanilla, kl_penalty and entropy, grpo", "grpo", "verl", loss_of(core, "grpo"), with_torch=True,
                     choice=Choice(terms=True, ordinary=choice.ordinary), only=lambda case, settings: "AllTerms" in case["flags"])
    yield judge.Task("kl_penalty, other estimators, grpo", "grpo", "paper", loss_of(core, "grpo", "seq-mean-token-mean"), with_torch=True,
                     choice=Choice(settings=True, ordinary=choice.ordinary), only=lambda case, settings: "kl" in case["inputs"]["settings"],
                     tolerance=2e-6)
