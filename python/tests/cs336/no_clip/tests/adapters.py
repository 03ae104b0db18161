# SPDX-License-Identifier: MIT
"""The right solution with one thing wrong: nothing is clipped."""
import torch


def run_compute_group_normalized_rewards(reward_fn, rollout_responses, repeated_ground_truths, group_size, advantage_eps, normalize_by_std):
    scores = [reward_fn(r, t)["reward"] for r, t in zip(rollout_responses, repeated_ground_truths)]
    raw = torch.tensor(scores)
    groups = raw.view(-1, group_size)
    centred = groups - groups.mean(1, keepdim=True)
    if normalize_by_std:
        centred = centred / (groups.std(1, keepdim=True) + advantage_eps)
    return centred.flatten(), raw, {"mean": raw.mean().item()}


def run_get_response_log_probs(model, input_ids, labels, return_token_entropy):
    lp = model(input_ids).logits.log_softmax(-1)
    out = {"log_probs": lp.gather(-1, labels.unsqueeze(-1)).squeeze(-1)}
    if return_token_entropy:
        out["token_entropy"] = -(lp.exp() * lp).sum(-1)
    return out


def run_compute_naive_policy_gradient_loss(raw_rewards_or_advantages, policy_log_probs):
    return -raw_rewards_or_advantages * policy_log_probs


def run_compute_grpo_clip_loss(advantages, policy_log_probs, old_log_probs, cliprange):
    ratio = torch.exp(policy_log_probs - old_log_probs)
    return -ratio * advantages, {}


def run_compute_policy_gradient_loss(policy_log_probs, loss_type, raw_rewards, advantages, old_log_probs, cliprange):
    if loss_type == "no_baseline":
        return run_compute_naive_policy_gradient_loss(raw_rewards, policy_log_probs), {}
    if loss_type == "reinforce_with_baseline":
        return run_compute_naive_policy_gradient_loss(advantages, policy_log_probs), {}
    return run_compute_grpo_clip_loss(advantages, policy_log_probs, old_log_probs, cliprange)


def run_masked_mean(tensor, mask, dim=None):
    shown = tensor * mask
    return shown.sum() / mask.sum() if dim is None else shown.sum(dim) / mask.sum(dim)


def run_masked_normalize(tensor, mask, dim=None, normalize_constant=1.0):
    shown = tensor * mask
    return (shown.sum() if dim is None else shown.sum(dim)) / normalize_constant


def run_sft_microbatch_train_step(policy_log_probs, response_mask, gradient_accumulation_steps, normalize_constant=1.0):
    rows = run_masked_normalize(-policy_log_probs, response_mask, 1, normalize_constant)
    loss = rows.mean() / gradient_accumulation_steps
    loss.backward()
    return loss.detach(), {}


def run_grpo_microbatch_train_step(policy_log_probs, response_mask, gradient_accumulation_steps, loss_type, raw_rewards=None, advantages=None,
                                   old_log_probs=None, cliprange=None):
    per_token, more = run_compute_policy_gradient_loss(policy_log_probs, loss_type, raw_rewards, advantages, old_log_probs, cliprange)
    loss = run_masked_mean(per_token, response_mask, 1).mean() / gradient_accumulation_steps
    loss.backward()
    return loss.detach(), more
