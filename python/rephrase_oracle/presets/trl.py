# SPDX-License-Identifier: MIT
"""TRL's trainers (1.16.0): GRPOTrainer._compute_loss and RLOOTrainer._compute_loss, called on a trainer that was made without its
__init__, so that no model is loaded. Its log-probabilities are the vector's; advantages are arguments of the method and come from the
vector. Your own trainer: --impl my_module:MyGRPOTrainer, a class with the same method."""
import collections
import types

from .. import find, judge
from ..places import OracleError
from . import _parts

ABOUT = "GRPOTrainer and RLOOTrainer of TRL 1.16.0"

# algorithm -> (fields of the trainer, the settings that it reads as they are)
LOSSES = {
    "grpo": {"loss_type": "grpo"},
    "dr_grpo": {"loss_type": "dr_grpo"},
    "dapo": {"loss_type": "dapo"},
    "cispo": {"loss_type": "cispo"},
    "gspo": {"loss_type": "grpo", "importance_sampling_level": "sequence"},
    "rloo": {},
}
# Settings by which a vector may differ from the convention; another one is no setting of this method, and the vector is left out.
READ = {"epsilon", "epsilon_high", "beta", "use_bias_correction_kl", "loss_scale_factor"}


def stand_in(cls, batch, settings, fields):
    single = types.SimpleNamespace(num_processes=1, gather=lambda x: x, reduce=lambda x, reduction: x, sync_gradients=True,
                                   gather_for_metrics=lambda x: x)
    args = types.SimpleNamespace(use_bias_correction_kl=settings.get("use_bias_correction_kl", True), delta=None, steps_per_generation=1)
    above = settings["epsilon_high"] + (1 if fields.get("loss_type") == "cispo" else 0)  # TRL's epsilon_high is CISPO's bound itself
    trainer = cls.__new__(cls)
    vars(trainer).update(
        aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None, args=args, importance_sampling_level="token",
        beta=settings.get("beta", 0.0), loss_type="grpo", epsilon_low=settings["epsilon"], epsilon_high=above, use_vllm=False,
        model=types.SimpleNamespace(training=True), max_completion_length=settings.get("loss_scale_factor") or 1,
        current_gradient_accumulation_steps=1, accelerator=single, _entropy_bonus_enabled=False, num_iterations=1,
        _metrics=collections.defaultdict(lambda: collections.defaultdict(list)))
    vars(trainer).update(fields)
    trainer._get_per_token_logps_and_entropies = lambda *a, **k: (batch["logp"], batch["logp"].detach() * 0, None)
    return trainer


def loss_of(cls, name):
    @_parts.wants_advantage
    def loss(batch, settings):
        import torch
        _, A = _parts.advantages(batch)
        mask = batch["mask"].long()
        ids = torch.zeros_like(mask)
        old = batch["logp_old"]
        inputs = {"prompt_ids": ids[:, :1], "prompt_mask": ids[:, :1], "completion_ids": ids, "completion_mask": mask,
                  "num_items_in_batch": mask.sum(), "old_per_token_logps": old, "old_logps": (old * mask).sum(1),
                  "ref_per_token_logps": batch.get("logp_ref", old), "advantages": A}
        return cls._compute_loss(stand_in(cls, batch, settings, LOSSES[name]), None, inputs)
    return loss


def readable(name):
    """TRL's CISPO has no lower bound: its vectors are those where the lower bound is 0."""
    return lambda case, settings: set(case["inputs"]["settings"]) <= READ and (name != "cispo" or settings["epsilon"] == 1)


def trainers(impl):
    _parts.need_torch("trl")
    if impl:
        given = find.function(impl)
        if not hasattr(given, "_compute_loss"):
            raise OracleError(f"{impl} has no method _compute_loss")
        return ["rloo"] if "rloo" in given.__name__.lower() else [n for n in LOSSES if n != "rloo"], lambda name: given
    try:
        from trl.trainer.grpo_trainer import GRPOTrainer
        from trl.trainer.rloo_trainer import RLOOTrainer
    except Exception as error:
        raise OracleError(f"TRL cannot be imported: {error}") from error
    return list(LOSSES), lambda name: RLOOTrainer if name == "rloo" else GRPOTrainer


def tasks(impl, choice):
    names, trainer = trainers(impl)
    for name in names:
        yield judge.Task(f"{trainer(name).__name__}._compute_loss, {name}", name, "trl", loss_of(trainer(name), name), with_torch=True,
                         choice=choice, only=readable(name))
