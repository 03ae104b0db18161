/* SPDX-License-Identifier: MIT
 *
 * reinforce.c — the policy gradient itself: make likely what was rewarded.
 *
 *   Eq      [reinforce.1]  L = -(1/B) Σ_i A_i Σ_t log π(y_t),  A = R - b
 *   Source  Williams 1992. b = 0 is the textbook; any b that does not look at the answer leaves the expectation alone.
 *   Grad    ∂L/∂logπ = -W A: no ratio, so nothing overflows, and one update per sample is all that theory allows.
 *   Differs from TRL: TRL has no loss without a ratio; on-policy it uses exp(logπ - sg[logπ]) A, whose value is A
 *   instead of A log π and whose gradient is the same. verl's gpg is this with a token mean.
 */
#include "common.h"

typedef struct reinforce_settings {
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} reinforce_settings;
RP_SETTINGS_OF(reinforce)

static const rp_option settings_of_reinforce[] = {
    SETTINGS_ADVANTAGE(reinforce, RP_BASELINE_NONE, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(reinforce, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY(reinforce),
    RP_OPTION_END,
};

static const rp_convention conventions_of_reinforce[] = {
    {.name = "paper", .help = "no baseline, sum over tokens, mean over answers"},
    {.name = "verl",
     .help = "verl policy loss gpg with a group-mean baseline",
     .set = {{"baseline", "group-mean"}, {"loss_type", "token-mean"}, {"empty_rows", "skip"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const reinforce_settings settings = reinforce_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_ON_POLICY | rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const reinforce_settings settings = reinforce_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            rp_common_weighted_token(batch, t, W[i], 1, A[i], &penalty, &tally, out); /* [reinforce.1] */
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_reinforce = {
    .name = "reinforce",
    .title = "REINFORCE",
    .citation = "williams1992reinforce",
    .equations = "reinforce.1",
    .summary = "Log-likelihood weighted by reward minus a baseline.",
    .settings = settings_of_reinforce,
    .conventions = conventions_of_reinforce,
    .needs = needs,
    .loss = loss,
};
