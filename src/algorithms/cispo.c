/* SPDX-License-Identifier: MIT
 *
 * cispo.c — clip the weight, never the gradient.
 *
 *   Eq      [cispo.4]  l = -sg[clip(r, 1-ε_low, 1+ε_high)] A logπ
 *   Source  MiniMax-M1, arXiv 2506.13585: token mean, lower bound off (epsilon=1). The paper's ε_high could not be
 *   read; 4 is the cap of 5 that ScaleRL uses.
 *   Grad    -w A: where PPO's clip drops a token, CISPO keeps it with a bounded weight. The loss value estimates
 *   nothing.
 *   Differs from TRL: epsilon_high is the absolute cap there (5 means r <= 5). verl: caps at 1 + clip_ratio_high and
 *   has a floor 1 - clip_ratio_low that is active at its default 0.2.
 */
#include "common.h"

typedef struct cispo_settings {
    advantage_settings advantage;
    aggregate_settings aggregate;
    double epsilon, epsilon_high;
    penalty_settings penalty;
} cispo_settings;
RP_SETTINGS_OF(cispo)

static const rp_option settings_of_cispo[] = {
    SETTINGS_ADVANTAGE(cispo, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(cispo, RP_TOKEN_MEAN),
    SETTING_EPSILON(cispo, epsilon, 1, 0, 1, "the weight is at least 1 - epsilon; 1 = no floor"),
    SETTING_EPSILON_HIGH(cispo, epsilon_high, 4, -1, 1e9, "the weight is at most 1 + epsilon_high"),
    SETTINGS_PENALTY(cispo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_cispo[] = {
    {.name = "paper", .help = "no floor, cap 5"},
    {.name = "trl",
     .help = "TRL 1.16 loss_type=\"cispo\" with epsilon_high 5",
     .set = {{"std", "bessel"}, {"std_epsilon", "1e-4"}, {"use_bias_correction_kl", "true"}}},
    {.name = "verl",
     .help = "verl policy loss cispo with its default clip ratios",
     .set = {{"std", "bessel"},
             {"std_epsilon", "1e-6"},
             {"group_of_one", "reward"},
             {"epsilon", "0.2"},
             {"epsilon_high", "0.2"},
             {"empty_rows", "skip"},
             {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const cispo_settings settings = cispo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const cispo_settings settings = cispo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const real low = (real)(1 - settings.epsilon);
    const real high = (real)(1 + settings.epsilon_high);
    size_t capped = 0;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const real r = rp_ratio(rp_detached(batch, t), batch->logp_old[t]).value;
            const real w = real_fmin(real_fmax(r, low), high);
            rp_common_weighted_token(batch, t, W[i], w, A[i], &penalty, &tally, out); /* [cispo.4] */
            capped += r > high;
        }
    rp_tally_write(&tally, out);
    rp_loss_metric(out, "weight_capped", tally.ratios ? (double)capped / (double)tally.ratios : 0);
    return RP_OK;
}

const rp_algorithm rp_algorithm_cispo = {
    .name = "cispo",
    .title = "Clipped importance-sampling policy optimisation",
    .citation = "minimax2025m1",
    .equations = "cispo.4",
    .summary = "REINFORCE with a capped importance weight held constant; no token loses its gradient.",
    .settings = settings_of_cispo,
    .conventions = conventions_of_cispo,
    .needs = needs,
    .loss = loss,
};
