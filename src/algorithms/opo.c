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

typedef struct opo_settings {
    int form;
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} opo_settings;
RP_SETTINGS_OF(opo)

static const rp_option settings_of_opo[] = {
    SETTING_CHOICE(opo, form, 0, RP_CHOICES("logprob", "ratio"), "log-probability, or PPO's ratio which is 1 on-policy"),
    SETTINGS_ADVANTAGE(opo, RP_BASELINE_LENGTH, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(opo, RP_TOKEN_MEAN),
    SETTINGS_CLIP(opo, 0.2, 0.2, 0),
    SETTINGS_PENALTY(opo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_opo[] = {
    {.name = "paper", .help = "length-weighted baseline, mean over tokens"},
    {.name = "verl",
     .help = "verl adv_estimator=opo with policy loss vanilla",
     .set = {{"form", "ratio"}, {"group_of_one", "reward"}, {"empty_rows", "skip"}, {"delta", "3"}, {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const opo_settings settings = opo_of(given);
    const bool ratio = settings.form > 0;
    return RP_NEEDS_REWARD | RP_NEEDS_ON_POLICY | (ratio ? RP_NEEDS_OLD : 0) |
           rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const opo_settings settings = opo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const bool ratio = settings.form > 0;
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
