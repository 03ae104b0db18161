# SPDX-License-Identifier: MIT
"""The right solution with one thing wrong: the mask is ignored in the mean over a row."""
import torch


def run_compute_group_normalized_rewards(raw_rewards, group_size, baseline="mean", advantage_eps=1e-6, advantage_normalizer="std"):
    groups = raw_rewards.view(-1, group_size)
    mean = groups.mean(1, keepdim=True)
    made = groups - mean if baseline == "mean" else groups
    if advantage_normalizer == "std":
        made = made / (groups.std(1, keepdim=True) + advantage_eps)
    elif advantage_normalizer == "mean":
        made = made / (mean + advantage_eps)
    return made.reshape(-1), {}


def run_compute_policy_gradient_loss(raw_rewards_or_advantages, policy_log_probs, importance_reweighting_method="none", old_log_probs=None,
                                     cliprange=None, response_mask=None):
    A = raw_rewards_or_advantages.reshape(-1, 1)
    if importance_reweighting_method == "none":
        return -A * policy_log_probs, {}
    log_ratio = policy_log_probs - old_log_probs
    if importance_reweighting_method == "gspo":
        mask = torch.ones_like(log_ratio) if response_mask is None else response_mask
        log_ratio = ((log_ratio * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True)).expand_as(log_ratio)
    ratio = log_ratio.exp()
    if importance_reweighting_method == "noclip":
        return -ratio * A, {}
    return -torch.minimum(ratio * A, ratio.clamp(1 - cliprange, 1 + cliprange) * A), {}


def run_aggregate_loss_across_microbatch(per_token_policy_gradient_loss, mask, loss_normalization="sequence", normalization_constant=None):
    shown = per_token_policy_gradient_loss * mask
    if loss_normalization == "constant":
        return shown.sum() / normalization_constant
    return per_token_policy_gradient_loss.mean(1).mean()
