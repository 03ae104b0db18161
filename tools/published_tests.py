#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How many of the known mistakes pass the tests that other projects publish, and how many pass the golden vectors?

    python tools/published_tests.py cs336 DIRECTORY    a copy of stanford-cs336/assignment5-alignment, edition 2025 (tests/ and its snapshots)
    python tools/published_tests.py step DIRECTORY     the same, with the mistake in the train step alone
    python tools/published_tests.py verl DIRECTORY     a copy of verl-project/verl (verl/ and tests/)
    python tools/published_tests.py trl DIRECTORY      a copy of huggingface/trl (trl/ and tests/), and in it the tiny models and prompts that its
                                                       tests take from a hub, as folders of those names (trl-internal-testing/...)

A submission is made for every mistake of tools/known_mistakes.py: the functions under test, computed by the reference with that mistake.
The project's own test file runs on it, and so does our preset. A mistake that changes no number in either, because the functions do not
have its subject, is left out. Their files are run where they lie; nothing of them is copied. A third argument, M09,M39, names the mistakes to try. Needs torch and pytest.
"""
import collections
import contextlib
import io
import pathlib
import sys
import types

import numpy as np
import pytest
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))
from rephrase_oracle import judge, places, presets, vectors  # noqa: E402

known = places.reference("known_mistakes")
Truth = collections.namedtuple("Truth", "id title wrong")
current = Truth("right", "no mistake", None)
EXTRA = [Truth("clip", "the clip range is twice as wide",
               lambda name, s, b: known.truth.loss(name, {**s, **{k: 2 * s[k] for k in ("epsilon", "epsilon_high") if k in s}}, b))]


def compute(name, settings, batch):
    found = current.wrong(name, settings, batch) if current.wrong else None
    return known.truth.loss(name, settings, batch) if found is None else found


def per_token(name, A, lp, old, settings):
    """The loss of every token by itself, as these functions return it: one row of one token."""
    settings = {**known.DEFAULTS[name], "baseline": "none", "std": "none", "loss_type": "token-sum", **settings}
    rows = A.expand_as(lp)
    value, slope = torch.zeros_like(lp), torch.zeros_like(lp)
    for at in np.ndindex(*lp.shape):
        batch = {"logp": [[lp[at].item()]], "reward": [rows[at].item()]}
        if old is not None:
            batch["logp_old"] = [[old[at].item()]]
        got = compute(name, settings, batch)
        value[at], slope[at] = got["loss"], got["dlogp"][0][0]
    return with_gradient(lp, value, slope)


def with_gradient(lp, value, slope):
    """A tensor of these values whose gradient by lp is `slope`."""
    return value.detach() + (lp - lp.detach()) * slope.detach()


def mean_of(x, mask, kind, constant=1.0):
    """The mean of one row of numbers, as SFT's loss of their negatives."""
    batch = {"logp": [[-float(v) for v in x]], "mask": [[int(m) for m in mask]]}
    if not any(batch["mask"][0]) and kind != "token-sum-norm":
        return float("nan")
    return compute("sft", {**known.DEFAULTS["sft"], "loss_type": kind, "loss_scale_factor": constant}, batch)["loss"]


def along(tensor, mask, dim, kind, constant=1.0):
    if dim is None:
        flat, weight = tensor.detach().flatten(), mask.expand_as(tensor).float().flatten()
        value = tensor.new_tensor(mean_of(flat.tolist(), weight.tolist(), kind, constant))
        total = weight.sum() if kind != "token-sum-norm" else constant
        return with_gradient((tensor * mask).sum() / total, value, torch.ones_like(value))
    right = (tensor * mask).sum(dim) / (mask.sum(dim) if kind != "token-sum-norm" else constant)
    x, m = tensor.detach().movedim(dim, -1), mask.movedim(dim, -1)
    value = torch.tensor([mean_of(a, b, kind, constant) for a, b in zip(x.reshape(-1, x.shape[-1]).tolist(), m.reshape(-1, m.shape[-1]).tolist())])
    return with_gradient(right, value.reshape(right.shape).to(right), torch.ones_like(right))


# ---- CS336 ----------------------------------------------------------------------------------------------------------------------


def group_normalized(reward_fn, rollout_responses, repeated_ground_truths, group_size, advantage_eps, normalize_by_std):
    R = [reward_fn(a, b)["reward"] for a, b in zip(rollout_responses, repeated_ground_truths)]
    zeros = [[0.0]] * len(R)
    settings = {**known.resolve("grpo", "verl", {}), "std": "bessel" if normalize_by_std else "none", "std_epsilon": advantage_eps if normalize_by_std else 0.0}
    got = compute("grpo", settings, {"logp": zeros, "logp_old": zeros, "reward": R, "group": [i // group_size for i in range(len(R))]})
    return torch.tensor([row[0] for row in got["advantage"]]), torch.tensor(R), {}


def clip_loss(advantages, policy_log_probs, old_log_probs, cliprange):
    return per_token("grpo", advantages, policy_log_probs, old_log_probs, {"epsilon": cliprange, "epsilon_high": cliprange}), {}


def policy_gradient(policy_log_probs, loss_type, raw_rewards, advantages, old_log_probs, cliprange):
    if loss_type == "grpo_clip":
        return clip_loss(advantages, policy_log_probs, old_log_probs, cliprange)
    return per_token("reinforce", raw_rewards if loss_type == "no_baseline" else advantages, policy_log_probs, None, {}), {}


def microbatch(policy_log_probs, response_mask, gradient_accumulation_steps, loss_type, raw_rewards=None, advantages=None, old_log_probs=None,
               cliprange=None):
    settings = {**known.DEFAULTS["grpo"], "baseline": "none", "std": "none", "epsilon": cliprange, "epsilon_high": cliprange}
    rows = lambda x: x.detach().double().tolist()
    got = compute("grpo", settings, {"logp": rows(policy_log_probs), "logp_old": rows(old_log_probs), "mask": response_mask.int().tolist(),
                                     "reward": advantages.flatten().tolist()})
    value, slope = torch.tensor(got["loss"]).to(policy_log_probs), torch.tensor(got["dlogp"]).to(policy_log_probs)
    loss = (value.detach() + ((policy_log_probs - policy_log_probs.detach()) * slope).sum()) / gradient_accumulation_steps
    loss.backward()
    return loss.detach(), {}


def right(function):
    """The function without the mistake."""
    def call(*a, **k):
        global current
        kept, current = current, Truth("right", "", None)
        try:
            return function(*a, **k)
        finally:
            current = kept
    return call


def cs336_adapters(step_only):
    module = types.ModuleType("tests.adapters")
    functions = {"compute_group_normalized_rewards": group_normalized, "compute_grpo_clip_loss": clip_loss,
                 "compute_naive_policy_gradient_loss": lambda raw_rewards_or_advantages, policy_log_probs: per_token(
                     "reinforce", raw_rewards_or_advantages, policy_log_probs, None, {}),
                 "compute_policy_gradient_loss": policy_gradient, "grpo_microbatch_train_step": microbatch,
                 "masked_mean": lambda tensor, mask, dim=None: along(tensor, mask, dim, "token-mean" if dim is None else "seq-mean-token-mean"),
                 "masked_normalize": lambda tensor, mask, dim=None, normalize_constant=1.0: along(tensor, mask, dim, "token-sum-norm", normalize_constant)}
    for key, function in functions.items():
        setattr(module, f"run_{key}", right(function) if step_only and key != "grpo_microbatch_train_step" else function)
    return module


# ---- verl -----------------------------------------------------------------------------------------------------------------------


def verl_functions(core):
    """The functions of core_algos that a mistake can sit in. Their tests look them up in core_algos."""
    def advantage(name):
        def function(token_level_rewards, response_mask, index, epsilon=1e-6, norm_adv_by_std_in_grpo=True, config=None, **_):
            R, zeros = token_level_rewards.sum(-1).double().tolist(), [[0.0]] * len(index)
            settings = {**known.resolve(name, "verl", {}), **({} if norm_adv_by_std_in_grpo or name != "grpo" else {"std": "none"})}
            if name == "grpo" and settings["std"] != "none":
                settings["std_epsilon"] = epsilon
            got = compute(name, settings, {"logp": zeros, "logp_old": zeros, "reward": R, "group": [str(g) for g in index]})
            A = torch.tensor([row[0] for row in got["advantage"]], dtype=response_mask.dtype).unsqueeze(-1) * response_mask
            return A, A
        return function

    def vanilla(old_log_prob, log_prob, advantages, response_mask, loss_agg_mode="token-mean", config=None, rollout_is_weights=None):
        settings = {**known.resolve("grpo", "verl", {}), "baseline": "none", "std": "none", "loss_type": loss_agg_mode,
                    "epsilon": config.clip_ratio_low, "epsilon_high": config.clip_ratio_high}
        rows, mask = lambda x: x.detach().double().tolist(), response_mask > 0
        got = compute("grpo", settings, {"logp": rows(log_prob), "logp_old": rows(old_log_prob), "mask": response_mask.int().tolist(),
                                         "reward": advantages[torch.arange(len(mask)), mask.int().argmax(1)].double().tolist()})
        slope = torch.tensor(got["dlogp"], dtype=log_prob.dtype)
        return torch.tensor(got["loss"], dtype=log_prob.dtype) + ((log_prob - log_prob.detach()) * slope).sum(), {}

    def penalty(logprob, ref_logprob, kl_penalty):
        kind = {"kl": "k1", "kl+": "k1+", "mse": "k2", "low_var_kl": "k3", "low_var_kl+": "k3+", "abs+": "abs"}.get(kl_penalty, kl_penalty)
        cap = 10.0 if kind.startswith("k3") else 0.0
        settings = {**known.DEFAULTS["grpo"], "baseline": "none", "std": "none", "loss_type": "token-sum", "beta": 1.0, "kl": kind, "kl_cap": cap}
        value, slope = torch.zeros_like(logprob), torch.zeros_like(logprob)
        for at in np.ndindex(*logprob.shape):
            one = {"logp": [[float(logprob[at])]], "logp_old": [[float(logprob[at])]], "logp_ref": [[float(ref_logprob[at])]], "reward": [0.0]}
            got = compute("grpo", settings, one)
            value[at], slope[at] = got["loss"], got["dlogp"][0][0]
        if kl_penalty == "abs+":
            slope = (logprob - ref_logprob).detach()
        return with_gradient(logprob, value, slope)
    return {"compute_grpo_outcome_advantage": advantage("grpo"), "compute_rloo_outcome_advantage": advantage("rloo"),
            "compute_policy_loss_vanilla": vanilla, "kl_penalty": penalty}


# ---- TRL ------------------------------------------------------------------------------------------------------------------------


def trl_loss(trainer, model, inputs):
    """GRPOTrainer._compute_loss for grpo and dapo, by the reference."""
    prompt, completion, mask = inputs["prompt_ids"], inputs["completion_ids"], inputs["completion_mask"]
    lp = trainer._get_per_token_logps_and_entropies(model, torch.cat([prompt, completion], 1), torch.cat([inputs["prompt_mask"], mask], 1),
                                                    completion.size(1), compute_entropy=True)[0]
    old = inputs.get("old_per_token_logps")
    rows = lambda x: x.detach().double().tolist()
    name = "grpo" if trainer.loss_type == "grpo" else "dapo"
    settings = {**known.resolve(name, "trl", {}), "baseline": "none", "std": "none", "epsilon": trainer.epsilon_low, "epsilon_high": trainer.epsilon_high}
    batch = {"logp": rows(lp), "logp_old": rows(lp if old is None else old), "mask": mask.int().tolist(), "reward": inputs["advantages"].double().tolist()}
    if trainer.beta:
        settings["beta"] = trainer.beta
        batch["logp_ref"] = rows(inputs["ref_per_token_logps"])
    got = compute(name, settings, batch)
    slope = torch.tensor(got["dlogp"]).to(lp)
    return torch.tensor(got["loss"]).to(lp) + ((lp - lp.detach()) * slope).sum()


# ---- Both -----------------------------------------------------------------------------------------------------------------------


class Count:
    def __init__(self):
        self.failed, self.passed = [], []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.failed:
            (self.failed if report.failed else self.passed).append(report.nodeid.rpartition("::")[2])


def theirs(files):
    count = Count()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore", *files], plugins=[count])
    return count


def ours(tasks):
    """The vectors that a submission fails, over all tasks."""
    return [(task.name, r.case["id"]) for task in tasks for r in judge.judge(task) if r.status != "right"]


def table(name, files, tasks):
    global current
    rows = []
    chosen = [m for m in known.MISTAKES + EXTRA if len(sys.argv) < 4 or m.id in sys.argv[3].split(",")]
    for m in [current] + chosen:
        current = m
        wrong = ours(tasks)
        if name == "TRL" and not wrong and m.id != "right":
            continue  # a test that trains takes a minute; what changes no vector there changes no loss
        count = theirs(files)
        if m.id == "right":
            assert not wrong and not count.failed, f"the right submission fails: {wrong[:3]} {count.failed[:3]}"
            print(f"{name}: the right submission passes {len(count.passed)} published tests and every vector", flush=True)
        elif wrong or count.failed:
            rows.append((m, count, wrong))
            print(f"  {m.id:5} {'passes' if not count.failed else 'fails '} theirs, {'passes' if not wrong else 'fails '} ours   {m.title[:100]}", flush=True)
    passed = [m.id for m, count, _ in rows if not count.failed]
    print(f"{name}: {len(rows)} mistakes change a number of these functions; {len(passed)} of them pass the published tests "
          f"({', '.join(passed)}); {sum(not wrong for _, _, wrong in rows)} pass the golden vectors")


def main():
    name, directory = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    torch.set_num_threads(1)
    choice = vectors.Choice()
    if name in ("cs336", "step"):
        import os
        os.chdir(directory)
        sys.path.insert(0, str(directory))
        import tests
        adapters = sys.modules["tests.adapters"] = tests.adapters = cs336_adapters(name == "step")
        cs336 = presets.load("cs336")
        table("CS336 2025" + (", train step" if name == "step" else ""), ["tests/test_grpo.py"], list(cs336.tasks_2025(adapters, choice, vectors.Choice(settings=True))))
    elif name == "trl":
        import os
        os.chdir(directory)
        os.environ["HF_HUB_OFFLINE"] = "1"
        sys.path.insert(0, str(directory))
        from trl.trainer import grpo_trainer
        grpo_trainer.GRPOTrainer._compute_loss = trl_loss
        tasks = [t for t in presets.load("trl").tasks(None, choice) if t.algorithm in ("grpo", "dapo")]
        for t in tasks:
            t.choice = vectors.Choice(ordinary=True)
        table("TRL", ["tests/test_grpo_trainer.py", "-k", "TestGRPOTrainer and test_train and tiny-Qwen2ForCausalLM"], tasks)
    else:
        verl = presets.load("verl")
        core = verl.core_algos(str(directory))
        for key, function in verl_functions(core).items():
            setattr(core, key, function)
        tasks = [t for t in verl.tasks_of(core, choice) if t.name.split(",")[0] in (
            "compute_grpo_outcome_advantage", "compute_rloo_outcome_advantage", "compute_policy_loss_vanilla", "kl_penalty") and t.algorithm in ("grpo", "rloo")]
        table("verl", [str(directory / "tests/trainer/ppo/test_core_algos_on_cpu.py"), "-k", "not Register"], [t for t in tasks if t.algorithm == "grpo" or "advantage" in t.name])


if __name__ == "__main__":
    main()
