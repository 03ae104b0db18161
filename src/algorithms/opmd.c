/* SPDX-License-Identifier: MIT
 *
 * opmd.c — policy mirror descent: REINFORCE with a spring to the old policy.
 *
 *   Eq      [opmd.1]  L = -(1/K) Σ_i A_i log π(y_i) + (τ/2K) Σ_i (log π(y_i) - log π_old(y_i))²
 *   Source  Kimi k1.5 (arXiv 2501.12599) and its derivation in arXiv 2509.24203. A = R - mean R, or R minus the soft
 *   mean τ log mean exp(R/τ), which is the exact optimum's constant.
 *   Differs from Trinity-RFT (release): the square is taken per token, with a coefficient of its own, under a token
 *   mean. With coefficient β/2 that is verl's dro. Trinity's stand-alone opmd has no square and divides the loss by 1
 *   + τ (divide).
 */
#include "common.h"

typedef struct opmd_settings {
    double tau;
    int level;
    bool soft_baseline;
    double tau_baseline;
    bool divide;
    advantage_settings advantage;
    aggregate_settings aggregate;
} opmd_settings;
RP_SETTINGS_OF(opmd)

static const rp_option settings_of_opmd[] = {
    SETTING_REAL(opmd, tau, 0.1, 0, 1e9, "strength: tau/2 per answer, or the coefficient per token"),
    SETTING_CHOICE(opmd, level, 0, RP_CHOICES("sequence", "token"),
                   "square of the answer's log ratio (paper) or of each token's"),
    SETTING_BOOL(opmd, soft_baseline, false, "subtract tau_baseline log mean exp(R/tau_baseline)"),
    SETTING_REAL(opmd, tau_baseline, 1, 1e-6, 1e9, "temperature of the soft baseline and of divide"),
    SETTING_BOOL(opmd, divide, false, "divide the policy term by 1 + tau_baseline"),
    SETTINGS_ADVANTAGE(opmd, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(opmd, RP_SEQ_MEAN_TOKEN_SUM),
    RP_OPTION_END,
};

static const rp_convention conventions_of_opmd[] = {
    {.name = "paper", .help = "square of the log ratio of the answer"},
    {.name = "release",
     .help = "Trinity-RFT rec loss with the k2 regulariser",
     .set = {{"level", "token"}, {"loss_type", "token-mean"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const opmd_settings settings = opmd_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, NULL);
}

/* A = R - τ log mean exp(R/τ) over the group. */
static rp_status soft_advantage(const rp_batch *batch, double tau, rp_arena *arena, real *A) {
    real *member = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(member);
    for (size_t g = 0; g < batch->groups; g++) {
        size_t n = 0;
        for (size_t i = 0; i < batch->rows; i++)
            if (batch->group[i] == g) member[n++] = batch->reward[i];
        const double level = rp_soft_mean(member, n, tau);
        for (size_t i = 0; i < batch->rows; i++)
            if (batch->group[i] == g) A[i] = (real)((double)batch->reward[i] - level);
    }
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const opmd_settings settings = opmd_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const real tau = (real)settings.tau, soft = (real)settings.tau_baseline;
    const bool token_level = settings.level > 0;
    const real scale = settings.divide ? 1 / (1 + soft) : 1;
    if (settings.soft_baseline) RP_TRY(soft_advantage(batch, (double)soft, arena, A));
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++) {
        real S = 0; /* log π(y_i) - log π_old(y_i) */
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++)
            if (rp_token_counts(batch, t)) S += batch->logp[t] - batch->logp_old[t];
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual d = rp_log_ratio(batch->logp[t], batch->logp_old[t]);
            rp_loss_add(out, t, W[i], rp_surrogate_weighted(scale, A[i], batch->logp[t])); /* [opmd.1] */
            /* τ/2 S² has the slope τ S at each token; its value is shared out as τ/2 S d_t. */
            const rp_dual spring = token_level ? (rp_dual){tau * d.value * d.value, 2 * tau * d.value * d.slope}
                                               : (rp_dual){tau / 2 * S * (batch->logp[t] - batch->logp_old[t]), tau * S};
            rp_loss_add(out, t, W[i], spring);
            rp_tally_ratio(&tally, real_exp(d.value), RP_CLIP_NONE);
            out->advantage[t] = A[i];
        }
    }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_opmd = {
    .name = "opmd",
    .title = "Online policy mirror descent",
    .citation = "kimi2025k15",
    .equations = "opmd.1",
    .summary = "REINFORCE plus a quadratic penalty on the log ratio to the old policy.",
    .settings = settings_of_opmd,
    .conventions = conventions_of_opmd,
    .needs = needs,
    .loss = loss,
};
