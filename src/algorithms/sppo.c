/* SPDX-License-Identifier: MIT
 *
 * sppo.c — Trinity-RFT's simple PPO: the log ratio in place of the log-probability.
 *
 *   Eq      [sppo.1]  l = -sg[M] A (logπ - logπ_old)
 *   Source  Trinity-RFT sppo_loss_fn. logπ_old is constant, so the gradient is REC's without importance weights under
 *   the same mask; only the value differs: it is 0 on-policy.
 */
#include "common.h"

typedef struct sppo_settings {
    int sppo_mask;
    double epsilon, epsilon_high;
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} sppo_settings;
RP_SETTINGS_OF(sppo)

static const rp_option settings_of_sppo[] = {
    SETTING_CHOICE(sppo, sppo_mask, 0, RP_CHOICES("one-side", "two-side"), "which tokens keep their gradient"),
    SETTING_EPSILON(sppo, epsilon, 0.2, 0, 1, "1 - epsilon bounds the ratio from below"),
    SETTING_EPSILON_HIGH(sppo, epsilon_high, 0.2, 0, 1e9, "1 + epsilon_high bounds it from above"),
    SETTINGS_ADVANTAGE(sppo, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(sppo, RP_TOKEN_MEAN),
    SETTINGS_PENALTY(sppo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_sppo[] = {
    {.name = "paper", .help = "one-side mask, mean over tokens, as released"},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const sppo_settings settings = sppo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const sppo_settings settings = sppo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const bool two_sided = settings.sppo_mask > 0;
    const real low = (real)(1 - settings.epsilon);
    const real high = (real)(1 + settings.epsilon_high);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const real r = rp_ratio(rp_detached(batch, t), batch->logp_old[t]).value;
            const bool kept = (A[i] >= 0 && r <= high && (!two_sided || r >= low)) ||
                              (A[i] <= 0 && r >= low && (!two_sided || r <= high));
            const rp_dual d = {batch->logp[t] - batch->logp_old[t], 1};
            if (kept) rp_loss_add(out, t, W[i], (rp_dual){-A[i] * d.value, -A[i] * d.slope}); /* [sppo.1] */
            const rp_dual live = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_penalty_add(&penalty, batch, t, W[i], live, &tally, out);
            rp_tally_ratio(&tally, live.value, RP_CLIP_NONE);
            out->advantage[t] = A[i];
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_sppo = {
    .name = "sppo",
    .title = "Simple PPO",
    .citation = "trinity2025",
    .equations = "sppo.1",
    .summary = "REINFORCE on the log ratio with a clip mask.",
    .settings = settings_of_sppo,
    .conventions = conventions_of_sppo,
    .needs = needs,
    .loss = loss,
};
