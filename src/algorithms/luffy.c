/* SPDX-License-Identifier: MIT
 *
 * luffy.c — a teacher's solution inside the group, its weight shaped so that unlikely tokens are learned too.
 *
 *   Eq      [luffy.3]  J = (1/Z) [ Σ_expert Σ_t f(π) A + Σ_policy Σ_t r A ],  Z all tokens
 *           [luffy.6]  f(p) = p/(p + γ), γ = 0.1
 *   Source  arXiv 2504.14945. The teacher's probability is set to 1, so its ratio is π itself. A compares all rows of
 *   the group, the teacher's included. The clip is off for the policy's rows as well.
 *   Grad    expert: -A γ p/(p+γ)², largest at p = γ, never above 1/4: no explosion is possible here.
 *   Differs from the released code (release): no deviation, and the sum over tokens is divided by the padded length
 *   8192, neither by Z nor by the number of rows. shaping=false is the paper's ablation f(p) = p.
 */
#include "common.h"

typedef struct luffy_settings {
    double gamma;
    bool shaping;
    advantage_settings advantage;
    aggregate_settings aggregate;
    bool use_clip;
    clip_settings clip;
    penalty_settings penalty;
} luffy_settings;
RP_SETTINGS_OF(luffy)

static const rp_option settings_of_luffy[] = {
    SETTING_REAL(luffy, gamma, 0.1, 1e-9, 1e9, "shaping constant"),
    SETTING_BOOL(luffy, shaping, true, "shape the ratio of expert rows; off = the plain ratio p"),
    SETTINGS_ADVANTAGE(luffy, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(luffy, RP_TOKEN_MEAN),
    SETTING_BOOL(luffy, use_clip, false, "clip the ratio of the policy's own rows", .former = "clip"),
    SETTINGS_CLIP(luffy, 0.2, 0.2, 0),
    SETTINGS_PENALTY(luffy),
    RP_OPTION_END,
};

static const rp_convention conventions_of_luffy[] = {
    {.name = "paper", .help = "shaped, deviation, mean over all tokens"},
    {.name = "release",
     .help = "LUFFY 01f4ae06",
     .set = {{"std", "none"}, {"loss_type", "token-sum-norm"}, {"loss_scale_factor", "8192"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const luffy_settings settings = luffy_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* One row of each group is the solution as it is. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    (void)given, (void)step;
    out->demonstration[out->demonstrations++] = (rp_demonstration){.whole = true};
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const luffy_settings settings = luffy_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, settings.use_clip);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const real gamma = (real)settings.gamma;
    const bool shaping = settings.shaping;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++) {
        const bool expert = rp_row_source(batch, i) == RP_SOURCE_EXPERT;
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            if (!expert) {
                const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
                rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out); /* [luffy.3] */
                continue;
            }
            const rp_dual p = rp_ratio(batch->logp[t], 0);
            rp_loss_add(out, t, W[i],
                        shaping ? rp_surrogate_shaped(batch->logp[t], A[i], gamma) /* [luffy.6] */
                                : (rp_dual){-A[i] * p.value, -A[i] * p.slope});
            rp_penalty_add(&penalty, batch, t, W[i], (rp_dual){1, 0}, &tally, out);
            out->advantage[t] = A[i];
        }
    }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_luffy = {
    .name = "luffy",
    .title = "LUFFY",
    .citation = "yan2025luffy",
    .equations = "luffy.3, luffy.6",
    .summary = "Off-policy solutions join the group; the ratio of their tokens is shaped by p/(p+gamma).",
    .settings = settings_of_luffy,
    .conventions = conventions_of_luffy,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
