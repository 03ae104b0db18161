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

typedef struct red_weight_settings {
    double temperature;
    bool weighted_baseline;
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} red_weight_settings;
RP_SETTINGS_OF(red_weight)

static const rp_option settings_of_red_weight[] = {
    SETTING_REAL(red_weight, temperature, 1, 1e-6, 1e9, "T"),
    SETTING_BOOL(red_weight, weighted_baseline, false, "subtract the weighted mean of the group"),
    SETTINGS_ADVANTAGE(red_weight, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(red_weight, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY(red_weight),
    RP_OPTION_END,
};

static const rp_convention conventions_of_red_weight[] = {
    {.name = "paper", .help = "sum over tokens, mean over answers"},
    {.name = "release", .help = "Trinity-RFT", .set = {{"loss_type", "token-mean"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const red_weight_settings settings = red_weight_of(given);
    return RP_NEEDS_REWARD | rp_common_needs(&settings.advantage, &settings.penalty);
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

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const red_weight_settings settings = red_weight_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    const real T = (real)settings.temperature;
    real *w = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(w);
    for (size_t i = 0; i < batch->rows; i++) w[i] = rp_ratio(A[i] / T, 0).value; /* exp, exponent held to ±20 */
    if (settings.weighted_baseline) RP_TRY(weighted_advantage(batch, w, arena, A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
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
