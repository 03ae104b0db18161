/* SPDX-License-Identifier: MIT
 *
 * opo.c — the baseline that makes the gradient's variance smallest.
 *
 *   Eq      [opo.4]  b = Σ_j L_j R_j/Σ_j L_j over the group;  A = R - b;  l = -A logπ
 *   Source  arXiv 2505.23585. The optimal baseline is E[|∇logπ|² R]/E[|∇logπ|²]; with per-token gradients of like
 *   size and orthogonal to each other, |∇logπ|² is the length. Exactly on-policy: one update per batch, no ratio, no
 *   KL, no entropy. Property: Σ_i L_i A_i = 0, so under a mean over tokens the coefficients of ∇logπ sum to 0.
 *   Differs from verl: the value is PPO's r A, with r = 1 at the single step, and a group of one keeps its reward.
 */
#include "common.h"

static const rp_setting settings_of_opo[] = {
    SETTING_CHOICE("form", 0, "log-probability, or PPO's ratio which is 1 on-policy", "logprob", "ratio"),
    SETTINGS_ADVANTAGE(RP_BASELINE_LENGTH, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(RP_TOKEN_MEAN),
    SETTINGS_CLIP(0.2, 0.2),
    SETTINGS_PENALTY,
    SETTING_END,
};

static const rp_convention conventions_of_opo[] = {
    {.name = "paper", .help = "length-weighted baseline, mean over tokens"},
    {.name = "verl",
     .help = "verl adv_estimator=opo with policy loss vanilla",
     .set = {{"form", "ratio"}, {"group_of_one", "reward"}, {"empty_rows", "skip"}, {"clip_dual", "3"}, {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *settings) {
    const bool ratio = rp_settings_get(&rp_algorithm_opo, settings, "form") > 0;
    return RP_NEEDS_REWARD | RP_NEEDS_ON_POLICY | (ratio ? RP_NEEDS_OLD : 0) | rp_common_needs(&rp_algorithm_opo, settings);
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    const rp_algorithm *self = &rp_algorithm_opo;
    real *A, *W;
    RP_TRY(rp_common_advantage(self, settings, batch, arena, &A));
    RP_TRY(rp_common_weights(self, settings, batch, arena, &W));
    const rp_clip clip = rp_common_clip(self, settings);
    const rp_penalty penalty = rp_common_penalty(self, settings);
    const bool ratio = rp_settings_get(self, settings, "form") > 0;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            if (ratio) {
                const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
                rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out);
            } else
                rp_common_weighted_token(batch, t, W[i], 1, A[i], &penalty, &tally, out); /* [opo.4] */
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_opo = {
    .name = "opo",
    .title = "On-policy RL with optimal reward baseline",
    .citation = "hao2025opo",
    .equations = "opo.4",
    .summary = "REINFORCE with the length-weighted, variance-optimal baseline.",
    .settings = settings_of_opo,
    .conventions = conventions_of_opo,
    .needs = needs,
    .loss = loss,
};
