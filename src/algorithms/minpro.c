/* SPDX-License-Identifier: MIT
 *
 * minpro.c — the worst earlier ratio stands for the whole prefix.
 *
 *   Eq      [minpro.1]  rb_t = min_{j<t} ρ_j over counted tokens (1 when there are none);  c_t = rb_t ρ_t in place of
 *   Π_{j<=t} ρ_j
 *           [minpro.2]  soft: l = -sg[clip(c, 1-ε_low, 1+ε_high)] A logπ     hard: l = -min(c A, clip(c) A), c =
 *   sg[rb] ρ
 *   Source  arXiv 2601.22718 by its abstract and secondary notes; the hard form by third-party code (miles, xorl). ε
 *   .2/.28 is theirs. Whether A is divided by the deviation could not be read; here it is not.
 *   1 is not part of the minimum, so rb may exceed 1. Computed in logs: rb ρ may be ∞·0 otherwise.
 */
#include "common.h"

typedef struct minpro_settings {
    int form;
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} minpro_settings;
RP_SETTINGS_OF(minpro)

static const rp_option settings_of_minpro[] = {
    SETTING_CHOICE(minpro, form, 0, RP_CHOICES("soft", "hard"),
                   "soft: a clipped constant weight (paper); hard: PPO's clip on c"),
    SETTINGS_ADVANTAGE(minpro, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(minpro, RP_TOKEN_MEAN),
    SETTINGS_CLIP(minpro, 0.2, 0.28, 0),
    SETTINGS_PENALTY(minpro),
    RP_OPTION_END,
};

static const rp_convention conventions_of_minpro[] = {
    {.name = "paper", .help = "soft clip"},
    {.name = "release", .help = "hard clip of miles and xorl", .set = {{"form", "hard"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const minpro_settings settings = minpro_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const minpro_settings settings = minpro_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const bool hard = settings.form > 0;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++) {
        real prefix = REAL_MAX; /* min of log ρ so far; REAL_MAX = none yet */
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const real d = rp_log_ratio(rp_detached(batch, t), batch->logp_old[t]).value;
            const real behind = prefix < REAL_MAX ? prefix : 0; /* log rb_t [minpro.1] */
            prefix = real_fmin(prefix, d);
            if (hard) {
                const rp_dual live = rp_log_ratio(batch->logp[t], batch->logp_old[t]);
                rp_dual c = rp_ratio(behind + live.value, 0);
                c.slope *= live.slope;
                rp_common_clipped_token(batch, t, W[i], c, A[i], clip, &penalty, &tally, out);
            } else {
                const real w = real_fmin(real_fmax(rp_ratio(behind + d, 0).value, clip.low), clip.high);
                rp_common_weighted_token(batch, t, W[i], w, A[i], &penalty, &tally, out); /* [minpro.2] */
            }
        }
    }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_minpro = {
    .name = "minpro",
    .title = "Minimum prefix ratio",
    .citation = "minpro2026",
    .equations = "minpro.1, minpro.2",
    .summary = "Token ratios multiplied by the smallest ratio of the tokens before.",
    .settings = settings_of_minpro,
    .conventions = conventions_of_minpro,
    .needs = needs,
    .loss = loss,
};
