/* SPDX-License-Identifier: MIT
 *
 * asymre.c — lean on the successes: a baseline below the mean.
 *
 *   Eq      [asymre.1]  l = -(A + c) logπ,  A = R - mean R
 *   Source  arXiv 2506.20520 as arXiv 2509.24203 and Trinity-RFT state it: a regulariser -c logπ is the same as
 *   lowering the baseline by c. Off-policy, failures say less than successes, so the baseline should stand below the
 *   mean. With equal rewards A is 0 and every sampled answer is still pushed up by c.
 */
#include "common.h"

typedef struct asymre_settings {
    double shift;
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} asymre_settings;
RP_SETTINGS_OF(asymre)

static const rp_option settings_of_asymre[] = {
    SETTING_REAL(asymre, shift, 0.1, -1e9, 1e9, "c; Trinity-RFT's baseline shift is -c"),
    SETTINGS_ADVANTAGE(asymre, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(asymre, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY(asymre),
    RP_OPTION_END,
};

static const rp_convention conventions_of_asymre[] = {
    {.name = "paper", .help = "sum over tokens, mean over answers"},
    {.name = "release", .help = "Trinity-RFT", .set = {{"loss_type", "token-mean"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const asymre_settings settings = asymre_of(given);
    return RP_NEEDS_REWARD | rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const asymre_settings settings = asymre_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const real c = (real)settings.shift;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            rp_common_weighted_token(batch, t, W[i], 1, A[i] + c, &penalty, &tally, out); /* [asymre.1] */
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_asymre = {
    .name = "asymre",
    .title = "Asymmetric REINFORCE",
    .citation = "arnal2025asymre",
    .equations = "asymre.1",
    .summary = "REINFORCE with the baseline lowered below the group mean.",
    .settings = settings_of_asymre,
    .conventions = conventions_of_asymre,
    .needs = needs,
    .loss = loss,
};
