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

static const rp_setting settings_of_asymre[] = {
    SETTING_REAL("shift", 0.1, -1e9, 1e9, "c; Trinity-RFT's baseline shift is -c"),
    SETTINGS_ADVANTAGE(RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY,
    SETTING_END,
};

static const rp_convention conventions_of_asymre[] = {
    {.name = "paper", .help = "sum over tokens, mean over answers"},
    {.name = "release", .help = "Trinity-RFT", .set = {{"aggregate", "token-mean"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *settings) {
    return RP_NEEDS_REWARD | rp_common_needs(&rp_algorithm_asymre, settings);
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    const rp_algorithm *self = &rp_algorithm_asymre;
    real *A, *W;
    RP_TRY(rp_common_advantage(self, settings, batch, arena, &A));
    RP_TRY(rp_common_weights(self, settings, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(self, settings);
    const real c = (real)rp_settings_get(self, settings, "shift");
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
