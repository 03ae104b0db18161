# SPDX-License-Identifier: MIT
"""OpenRLHF's PolicyLoss (0.11.2): PPO's clip with token or sequence means, the dual clip, and GSPO. --impl names a folder with
OpenRLHF's sources or a class with the same arguments (my_module:MyPolicyLoss). Advantages come from the vector: OpenRLHF computes
them in the experience maker, which needs the whole trainer."""
import pathlib

from .. import find, judge
from . import _parts

ABOUT = "PolicyLoss of OpenRLHF 0.11.2"

# task -> (algorithm, convention, arguments of PolicyLoss)
LOSSES = {
    "sequence mean": ("grpo", "paper", {"token_level_loss": False}),
    "token mean": ("dapo", "paper", {"token_level_loss": True}),
    "dual clip": ("grpo", "verl", {"token_level_loss": True, "dual_clip": 3.0}),
    "gspo": ("gspo", "paper", {"policy_loss_type": "gspo"}),
}
READ = {"epsilon", "epsilon_high"}


def policy_loss(impl):
    if impl and ":" in impl and not pathlib.Path(impl).exists():
        return find.function(impl)
    folder = _parts.package_folder("openrlhf", impl)
    return _parts.only_module(folder, "openrlhf.models.loss", ["deepspeed"]).PolicyLoss


def loss_of(PolicyLoss, arguments):
    @_parts.wants_advantage
    def loss(batch, settings):
        A, _ = _parts.advantages(batch)
        made = PolicyLoss(clip_eps_low=settings["epsilon"], clip_eps_high=settings["epsilon_high"], **arguments)
        return made(batch["logp"], batch["logp_old"], A, action_mask=batch["mask"])[0]
    return loss


def tasks(impl, choice):
    _parts.need_torch("openrlhf")
    PolicyLoss = policy_loss(impl)
    for name, (algorithm, convention, arguments) in LOSSES.items():
        row_mean = not arguments.get("token_level_loss", False)  # OpenRLHF then divides by L + 1e-8; the vectors do not
        yield judge.Task(f"PolicyLoss, {name}", algorithm, convention, loss_of(PolicyLoss, arguments), with_torch=True, choice=choice,
                         tolerance=2e-6 if row_mean else 1e-7,
                         only=lambda case, settings: set(case["inputs"]["settings"]) <= READ)
