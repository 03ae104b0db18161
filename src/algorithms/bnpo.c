/* SPDX-License-Identifier: MIT
 *
 * bnpo.c — normalise by a Beta density fitted to how hard the questions are.
 *
 *   Eq      [bnpo.7]  A_i = (R_i - p_q)/f(p_q; α, β),  p_q = mean reward of the question's group
 *           [bnpo.9]  k = m(1-m)/v - 1;  a = k m, b = k (1-m);  α = max(1, 1 + a/3), β = max(1, 1 + b/3)
 *           [bnpo.12] several rewards: the advantage of each component on its own, averaged
 *   Source  arXiv 2506.02864 and its code; m, v are mean and Bessel variance of p_q over the questions of the batch.
 *   α = β = 1 is REINFORCE with a group mean, α = β = 3/2 is π/8 times GRPO with the population's deviation.
 *   Not TRL's loss_type="bnpo", which is only a mean over the tokens of the local batch.
 *   Differs from the code where the code fails: v = 0 gives NaN or raises there, α = β = 1 here; a group of one gets 0;
 *   rewards outside reward_low to reward_high, for which there is no Beta density, are refused.
 */
#include "common.h"

typedef struct bnpo_settings {
    double reward_low, reward_high;
    bool decompose;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} bnpo_settings;
RP_SETTINGS_OF(bnpo)

static const rp_option settings_of_bnpo[] = {
    SETTING_REAL(bnpo, reward_low, 0, -1e9, 1e9, "reward that is mapped to 0"),
    SETTING_REAL(bnpo, reward_high, 1, -1e9, 1e9, "reward that is mapped to 1"),
    SETTING_BOOL(bnpo, decompose, true, "per component of the reward where the batch has components"),
    SETTINGS_AGGREGATE(bnpo, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_CLIP(bnpo, 0.2, 0.28, 10),
    SETTINGS_PENALTY(bnpo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_bnpo[] = {
    {.name = "paper", .help = "as run.sh of the released code"},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const bnpo_settings settings = bnpo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | RP_NEEDS_WHOLE_STEP | rp_common_needs(NULL, &settings.penalty);
}

/* α and β of the density from the spread of the groups' means [bnpo.9]. */
static void fit(const double *p, const double *count, size_t groups, double *alpha, double *beta) {
    double n = 0, m = 0, v = 0;
    for (size_t g = 0; g < groups; g++)
        if (count[g] > 0) {
            n += 1;
            m += p[g];
        }
    m /= n; /* a batch has rows, so there is a group */
    for (size_t g = 0; g < groups; g++)
        if (count[g] > 0) v += (p[g] - m) * (p[g] - m);
    v = n > 1 ? v / (n - 1) : 0;
    *alpha = *beta = 1;
    if (v < 1e-12) return; /* all questions equally hard, or one question */
    const double k = m * (1 - m) / v - 1;
    *alpha = fmax(1, 1 + k * m / 3);
    *beta = fmax(1, 1 + k * (1 - m) / 3);
}

/* 1/f(p; α, β), at most 1e6: at p = 0 or 1 the density is 0 and R - p is 0 too. */
static double inverse_density(double p, double alpha, double beta) {
    const double log_beta = lgamma(alpha) + lgamma(beta) - lgamma(alpha + beta);
    const double log_p = p > 0 ? double_log(p) : -HUGE_VAL, log_q = p < 1 ? double_log1p(-p) : -HUGE_VAL;
    const double log_f = (alpha > 1 ? (alpha - 1) * log_p : 0) + (beta > 1 ? (beta - 1) * log_q : 0) - log_beta;
    return fmin(double_exp(-log_f), 1e6);
}

/* A += scale (R - p_q)/f(p_q) for one component, whose reward of row i is reward[i * stride]. */
static rp_status add_component(const rp_batch *batch, const bnpo_settings *s, const real *reward, size_t stride,
                               double scale, rp_arena *arena, real *A) {
    const double low = s->reward_low;
    const double high = s->reward_high;
    if (!(high > low)) return rp_fail(RP_ERR_ARGUMENT, "reward_high is not above reward_low");
    double *p = rp_alloc_zero(arena, double, batch->groups), *count = rp_alloc_zero(arena, double, batch->groups);
    double *least = rp_alloc_zero(arena, double, batch->groups), *most = rp_alloc_zero(arena, double, batch->groups);
    if (!p || !count || !least || !most) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch->rows; i++) {
        const uint32_t g = batch->group[i];
        const double R = (double)reward[i * stride], slack = 1e-6 * (high - low);
        if (R < low - slack || R > high + slack)
            return rp_fail(
                RP_ERR_ARGUMENT,
                "the reward of row %zu is %g; a Beta density has rewards from reward_low = %g to reward_high = %g", i, R,
                low, high);
        if (count[g] <= 0) least[g] = most[g] = R;
        least[g] = fmin(least[g], R);
        most[g] = fmax(most[g], R);
        p[g] += (R - low) / (high - low);
        count[g] += 1;
    }
    for (size_t g = 0; g < batch->groups; g++)
        if (count[g] > 0) p[g] = fmin(fmax(p[g] / count[g], 0), 1);
    double alpha, beta;
    fit(p, count, batch->groups, &alpha, &beta);
    for (size_t i = 0; i < batch->rows; i++) { /* [bnpo.7] */
        const uint32_t g = batch->group[i];
        const double R = ((double)reward[i * stride] - low) / (high - low), mean = p[g];
        if (!rp_rewards_equal(least[g], most[g])) A[i] += (real)(scale * (R - mean) * inverse_density(mean, alpha, beta));
    }
    return RP_OK;
}

static rp_status all_advantages(const rp_batch *batch, const bnpo_settings *s, rp_arena *arena, real **A) {
    *A = rp_alloc_zero(arena, real, batch->rows);
    RP_TRY_ALLOC(*A);
    const bool decompose = s->decompose;
    if (!decompose || !batch->reward_parts || batch->parts == 0)
        return add_component(batch, s, batch->reward, 1, 1, arena, *A);
    for (size_t c = 0; c < batch->parts; c++)
        RP_TRY(add_component(batch, s, batch->reward_parts + c, batch->parts, 1 / (double)batch->parts, arena, *A));
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const bnpo_settings settings = bnpo_of(given);
    real *A, *W;
    RP_TRY(all_advantages(batch, &settings, arena, &A)); /* [bnpo.12] */
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out);
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_bnpo = {
    .name = "bnpo",
    .title = "Beta normalisation policy optimisation",
    .citation = "xiao2025bnpo",
    .equations = "bnpo.7, bnpo.9, bnpo.12",
    .summary = "Group-mean advantages divided by a Beta density of the question difficulty.",
    .settings = settings_of_bnpo,
    .conventions = conventions_of_bnpo,
    .needs = needs,
    .loss = loss,
};
