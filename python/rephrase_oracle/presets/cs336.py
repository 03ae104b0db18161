# SPDX-License-Identifier: MIT
"""Stanford's CS336, the assignment on alignment: the functions that a student fills in tests/adapters.py, editions 2025 and 2026.

--impl names adapters.py, or the folder of a submission. Each function is asked by itself, with right inputs from the vectors, so that
one mistake is found in one place. The edition is read from the functions that are there. Conventions are the assignment's: the
deviation is torch.std (G - 1) with epsilon outside, log ratios are not held to a bound, and a mean over no token is not asked for.
Modules that the submission imports and that are not installed (vllm, transformers) are replaced by stand-ins, and named.
"""
import importlib
import inspect
import pathlib
import sys
import types
import unittest.mock

from .. import judge, vectors
from ..places import OracleError, reference
from . import _parts

ABOUT = "tests/adapters.py of Stanford's CS336 alignment assignment, editions 2025 and 2026"

NOT_ASKED = {"RatioOverflow", "RatioHeld", "RowHeld", "SplitBatch", "HugeRewards"}
EPSILON = 1e-6
SINGLE = 1e-5  # relative: submissions may compute in single precision
counted = lambda case: all(map(any, case["inputs"].get("mask") or case["inputs"]["logp"]))
ordinary = lambda case, settings: not NOT_ASKED & set(case["flags"]) and counted(case)
even = lambda case, settings: ordinary(case, settings) and settings["epsilon"] == settings["epsilon_high"]
grouped = lambda case, settings: ordinary(case, settings) and "GroupOfOne" not in case["flags"]


# ---- The submission ------------------------------------------------------------------------------------------------------------


def adapters(impl):
    """The module adapters.py, as part of the package `tests` where it lies in one."""
    path = pathlib.Path(impl or "tests/adapters.py")
    candidates = [path, path / "tests" / "adapters.py", path / "adapters.py"]
    found = next((p.resolve() for p in candidates if p.is_file()), None)
    if found is None:
        raise OracleError(f"{path} is no adapters.py and holds none")
    package = found.parent.name == "tests"
    sys.path.insert(0, str(found.parent.parent if package else found.parent))
    if package:
        sys.modules.pop("tests", None)
    return import_with_stand_ins("tests.adapters" if package else "adapters", found)


def import_with_stand_ins(name, path):
    replaced = []
    for _ in range(32):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing = (error.name or "").split(".")[0]
            if not missing or error.name in replaced or missing in ("tests", "adapters", "torch", "numpy") or missing.startswith("cs336"):
                raise OracleError(f"{path} cannot be imported: {error}") from error
            sys.modules[error.name] = unittest.mock.MagicMock(name=error.name, __path__=[])
            replaced.append(error.name)
        except Exception as error:
            raise OracleError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
        else:
            if replaced:
                print("  stand-ins for modules that are not installed: " + ", ".join(replaced), file=sys.stderr)
            return module
    raise OracleError(f"{path} imports too much that is not installed")


# ---- Advantages -----------------------------------------------------------------------------------------------------------------


def advantage_of(ask):
    """ask(rewards of equal groups one after the other, group size) -> advantages; vectors have groups in any order and size."""
    def advantage(batch, settings):
        rows = {}
        for i, g in enumerate(batch.get("group") or [0] * len(batch["reward"])):
            rows.setdefault(g, []).append(i)
        found = [0.0] * len(batch["reward"])
        import torch
        with vectors.double_precision(torch):
            for size in sorted({len(r) for r in rows.values()}):
                order = [i for r in rows.values() if len(r) == size for i in r]
                for i, a in zip(order, ask([float(batch["reward"][i]) for i in order], size)):
                    found[i] = float(a)
        return [[a] * len(r) for a, r in zip(found, batch["logp"])]
    return advantage


def ask_2025(function, by_std):
    def ask(rewards, size):
        score = lambda response, truth: {k: rewards[int(response)] for k in ("reward", "format_reward", "answer_reward")}
        texts = [str(i) for i in range(len(rewards))]
        return function(reward_fn=score, rollout_responses=texts, repeated_ground_truths=["x"] * len(texts), group_size=size,
                        advantage_eps=EPSILON, normalize_by_std=by_std)[0]
    return ask


def ask_2026(function, baseline, normalizer):
    def ask(rewards, size):
        import torch
        return function(raw_rewards=torch.tensor(rewards, dtype=torch.float64), group_size=size, baseline=baseline, advantage_eps=EPSILON,
                        advantage_normalizer=normalizer)[0]
    return ask


# ---- Losses: per token, then aggregated as the algorithm's page says -------------------------------------------------------------


def row_mean(x, mask):
    return ((x * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


def row_sum(x, mask):
    return (x * mask).sum(1).mean()


def token_mean(x, mask):
    return (x * mask).sum() / mask.sum().clamp(min=1)


def loss_of(per_token, aggregate):
    @_parts.wants_advantage
    def loss(batch, settings):
        _, A = _parts.advantages(batch)
        return aggregate(per_token(batch, A.unsqueeze(1), settings), batch["mask"])
    return loss


def step_of(step, scale, advantages=True):
    """A train step calls backward itself: its loss and the gradient it leaves, times the accumulation steps it divides by."""
    def loss(batch, settings):
        import torch
        with vectors.double_precision(torch):
            tensors = {k: torch.tensor(v) for k, v in batch.items() if hasattr(v, "shape")}
            # SFT's vectors with an entropy bonus: -log p - c H is the loss of log p + c H, with the same gradient.
            bonus = settings.get("entropy_coef", 0.0) * tensors["entropy"] if "entropy" in tensors and "advantage" not in tensors else 0.0
            lp = (tensors["logp"] + bonus).requires_grad_()
            value = step(tensors, lp, settings, scale)[0]
            gradient = torch.zeros_like(lp) if lp.grad is None else lp.grad
            return float(value) * scale, (gradient * scale).numpy()
    return _parts.wants_advantage(loss) if advantages else loss


def grpo_step(function):
    def step(b, lp, settings, steps):
        _, A = _parts.advantages(b)
        return function(policy_log_probs=lp, response_mask=b["mask"], gradient_accumulation_steps=steps, loss_type="grpo_clip",
                        raw_rewards=b["reward"].unsqueeze(1), advantages=A.unsqueeze(1), old_log_probs=b["logp_old"], cliprange=settings["epsilon"])
    return step


def sft_step(function):
    return lambda b, lp, settings, steps: function(policy_log_probs=lp, response_mask=b["mask"], gradient_accumulation_steps=steps,
                                                   normalize_constant=settings["loss_scale_factor"])


def negative_logp(b, settings):
    """The loss of SFT for each token: what the functions for means and sums are given."""
    return -b["logp"] - settings["entropy_coef"] * b["entropy"] if settings.get("entropy_coef") else -b["logp"]


def plain_sft(kind):
    """Vectors of SFT with this aggregation; NumPy steps cannot take the entropy bonus, and the functions for means can."""
    return lambda case, settings: ordinary(case, settings) and settings["loss_type"] == kind and "total_rows" not in case["inputs"]


class LogProbs(judge.Task):
    """run_get_response_log_probs on a model that returns the logits of a vector of the kernel `logprob`."""

    def __init__(self, name, function):
        super().__init__(name, "logprob", "paper", function, outputs=("logp", "entropy"), with_torch=True, tolerance=SINGLE)
        self.kernels = reference("kernel_mistakes")

    def cases(self):
        return [c for c in self.kernels.cases("logprob") if c["inputs"]["temperature"] == 1]

    def expected(self, case):
        return {k: case["expected"][k] for k in self.outputs}

    def run(self, case):
        import torch
        z, target = torch.tensor(case["inputs"]["z"], dtype=torch.float64)[None], torch.tensor(case["inputs"]["target"])[None]
        model = lambda ids, *a, **k: types.SimpleNamespace(logits=z)
        try:
            with vectors.double_precision(torch):
                out = self.function(model=model, input_ids=target, labels=target, return_token_entropy=True)
            mine = {"logp": out["log_probs"][0].tolist(), "entropy": out["token_entropy"][0].tolist()}
        except Exception as error:
            return judge.Result(case, "broken", None, f"{type(error).__name__}: {error}")
        return judge.Result(case, "right" if self.kernels.close(mine, self.expected(case), SINGLE) else "wrong", mine, None)

    def best(self, wrong):
        return [], False

    def others(self, wrong):
        return []

    def difference(self, result):
        return f"{judge.describe(result.case)}: log-probabilities or entropies differ" if result.status == "wrong" else None


def task(*what, **how):
    return judge.Task(*what, tolerance=SINGLE, **how)


# ---- Editions ---------------------------------------------------------------------------------------------------------------------


def tasks_2025(a, choice, every):
    loss = lambda name, algorithm, convention, per_token, aggregate, only=ordinary: task(
        name, algorithm, convention, loss_of(per_token, aggregate), with_torch=True, choice=choice, only=only)
    rewards = a.run_compute_group_normalized_rewards
    yield task("compute_group_normalized_rewards, by std", "grpo", "verl", advantage_of(ask_2025(rewards, True)), ("advantage",),
                     choice=choice, only=grouped)
    yield task("compute_group_normalized_rewards, no std", "dr_grpo", "paper", advantage_of(ask_2025(rewards, False)), ("advantage",),
                     choice=choice, only=grouped)
    yield loss("compute_naive_policy_gradient_loss", "reinforce", "paper",
               lambda b, A, s: a.run_compute_naive_policy_gradient_loss(A, b["logp"]), row_sum)
    yield loss("compute_grpo_clip_loss", "grpo", "paper",
               lambda b, A, s: a.run_compute_grpo_clip_loss(A, b["logp"], b["logp_old"], s["epsilon"])[0], row_mean, even)
    ask = lambda b, A, s, kind, clip: a.run_compute_policy_gradient_loss(
        policy_log_probs=b["logp"], loss_type=kind, raw_rewards=b["reward"].unsqueeze(1), advantages=A, old_log_probs=b.get("logp_old", b["logp"]),
        cliprange=clip)[0]
    yield loss("compute_policy_gradient_loss, no_baseline", "reinforce", "paper", lambda b, A, s: ask(b, A * 0, s, "no_baseline", .2), row_sum)
    yield loss("compute_policy_gradient_loss, reinforce_with_baseline", "reinforce", "verl",
               lambda b, A, s: ask(b, A, s, "reinforce_with_baseline", .2), token_mean)
    yield loss("compute_policy_gradient_loss, grpo_clip", "grpo", "paper", lambda b, A, s: ask(b, A, s, "grpo_clip", s["epsilon"]), row_mean, even)
    for name, kind, function in [
            ("masked_mean, all", "token-mean", lambda b, s: a.run_masked_mean(negative_logp(b, s), b["mask"], None)),
            ("masked_mean, dim 1", "seq-mean-token-mean", lambda b, s: a.run_masked_mean(negative_logp(b, s), b["mask"], 1).mean()),
            ("masked_normalize, all", "token-sum-norm", lambda b, s: a.run_masked_normalize(negative_logp(b, s), b["mask"], None, s["loss_scale_factor"])),
            ("masked_normalize, dim 1", "constant", lambda b, s: a.run_masked_normalize(negative_logp(b, s), b["mask"], 1, s["loss_scale_factor"]).mean())]:
        yield task(name, "sft", "paper", function, with_torch=True, choice=every, only=plain_sft(kind))
    if hasattr(a, "run_sft_microbatch_train_step"):
        yield task("sft_microbatch_train_step, 4 accumulation steps", "sft", "paper", step_of(sft_step(a.run_sft_microbatch_train_step), 4, False),
                   with_torch=False, choice=every, only=plain_sft("constant"))
    if hasattr(a, "run_get_response_log_probs"):
        yield LogProbs("get_response_log_probs", a.run_get_response_log_probs)
    step = a.run_grpo_microbatch_train_step
    for steps in (1, 4):
        yield task(f"grpo_microbatch_train_step, {steps} accumulation steps", "grpo", "paper", step_of(grpo_step(step), steps),
                         with_torch=False, choice=choice, only=even)


def tasks_2026(a, choice, every):
    rewards = a.run_compute_group_normalized_rewards
    kinds = [("std", "grpo", "verl", "mean", "std"), ("no normalizer", "dr_grpo", "paper", "mean", "none"),
             ("no baseline", "reinforce", "paper", "none", "none")]
    if "maxrl" in vectors.algorithms():
        kinds.append(("mean", "maxrl", "paper", "mean", "mean"))
    for label, algorithm, convention, baseline, normalizer in kinds:
        yield task(f"compute_group_normalized_rewards, {label}", algorithm, convention,
                         advantage_of(ask_2026(rewards, baseline, normalizer)), ("advantage",), choice=choice, only=grouped)
    ask = lambda b, A, s, kind: a.run_compute_policy_gradient_loss(
        raw_rewards_or_advantages=A, policy_log_probs=b["logp"], importance_reweighting_method=kind, old_log_probs=b.get("logp_old"),
        cliprange=s.get("epsilon"), response_mask=b["mask"])[0]
    for kind, algorithm, aggregate, only in [("none", "reinforce", row_sum, ordinary), ("grpo", "grpo", row_mean, even), ("gspo", "gspo", row_mean, even)]:
        yield task(f"compute_policy_gradient_loss, {kind}", algorithm, "paper",
                         loss_of(lambda b, A, s, kind=kind: ask(b, A, s, kind), aggregate), with_torch=True, choice=choice, only=only)
    for label, kind in [("sequence", "seq-mean-token-mean"), ("constant", "token-sum-norm")]:
        function = lambda b, s, label=label: a.run_aggregate_loss_across_microbatch(negative_logp(b, s), b["mask"], label, s["loss_scale_factor"] or None)
        yield task(f"aggregate_loss_across_microbatch, {label}", "sft", "paper", function, with_torch=True, choice=every,
                         only=plain_sft(kind))


def tasks(impl, choice):
    _parts.need_torch("cs336")
    a = adapters(impl)
    every = vectors.Choice(settings=True, ordinary=choice.ordinary, nan=choice.nan)
    if hasattr(a, "run_grpo_microbatch_train_step"):
        return tasks_2025(a, choice, every)
    if hasattr(a, "run_aggregate_loss_across_microbatch"):
        return tasks_2026(a, choice, every)
    names = sorted(n for n, v in vars(a).items() if n.startswith("run_") and inspect.isfunction(v))
    raise OracleError(f"this adapters.py has the functions of neither edition (it has {', '.join(names) or 'none that begins with run_'})")
