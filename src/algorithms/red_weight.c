/* SPDX-License-Identifier: MIT
 *
 * red_weight.c — weight answers by how good they were, instead of dropping.
 *
 *   Eq      [red.2]  l = -exp(A/T) A logπ,  A = R - mean R
 *   Source  arXiv 2509.24203 (RED-Weight). Trinity-RFT takes the plain mean as the baseline; a secondary note of the
 *   paper writes the weighted mean Σ w R/Σ w, weighted_baseline here: then the coefficients are w (R - weighted mean).
 *   The exponent is held to ±20: unscaled rewards would overflow.
 */
#include "common.h"

static const rp_setting settings_of_red_weight[] = {
    SETTING_REAL("temperature", 1, 1e-6, 1e9, "T"),
    SETTING_BOOL("weighted_baseline", 0, "subtract the weighted mean of the group"),
    SETTINGS_ADVANTAGE(RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY,
    SETTING_END,
};

static const rp_convention conventions_of_red_weight[] = {
    {.name = "paper", .help = "sum over tokens, mean over answers"},
    {.name = "release", .help = "Trinity-RFT", .set = {{"aggregate", "token-mean"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *settings) {
    return RP_NEEDS_REWARD | rp_common_needs(&rp_algorithm_red_weight, settings);
}

/* A = R - Σ w R/Σ w over the group. */
static rp_status weighted_advantage(const rp_batch *batch, const real *w, rp_arena *arena, real *A) {
    double *sum = rp_alloc_zero(arena, double, batch->groups), *total = rp_alloc_zero(arena, double, batch->groups);
    if (!sum || !total) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch->rows; i++) {
        sum[batch->group[i]] += (double)w[i] * (double)batch->reward[i];
        total[batch->group[i]] += (double)w[i];
    }
    for (size_t i = 0; i < batch->rows; i++)
        A[i] = (real)((double)batch->reward[i] - sum[batch->group[i]] / total[batch->group[i]]);
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    const rp_algorithm *self = &rp_algorithm_red_weight;
    real *A, *W;
    RP_TRY(rp_common_advantage(self, settings, batch, arena, &A));
    const real T = (real)rp_settings_get(self, settings, "temperature");
    real *w = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(w);
    for (size_t i = 0; i < batch->rows; i++) w[i] = rp_ratio(A[i] / T, 0).value; /* exp, exponent held to ±20 */
    if (rp_settings_get(self, settings, "weighted_baseline") > 0) RP_TRY(weighted_advantage(batch, w, arena, A));
    RP_TRY(rp_common_weights(self, settings, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(self, settings);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            rp_common_weighted_token(batch, t, W[i], w[i], A[i], &penalty, &tally, out); /* [red.2] */
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_red_weight = {
    .name = "red_weight",
    .title = "RED-Weight",
    .citation = "yao2025rec",
    .equations = "red.2",
    .summary = "REINFORCE whose answers are weighted by exp(A/T).",
    .settings = settings_of_red_weight,
    .conventions = conventions_of_red_weight,
    .needs = needs,
    .loss = loss,
};
