/* SPDX-License-Identifier: MIT
 *
 * bapo.c — move the clip bounds until good tokens carry their share.
 *
 *   Eq      [bapo.8]  raise c_high, then c_low, while  stat(c_low, c_high) < target;  stat = share of A > 0 in Σ μ |u|
 *           [bapo.9]  l = -u(c_low, c_high) = -min(r A, clip(r, c_low, c_high) A)
 *   Source  arXiv 2510.18927. The typeset denominator reads as the net sum (statistic=net), the prose as a share:
 *   share is the default. Steps .05 and .02 from 0.6..0.9 and 1.2..3.0, target 0.4; integer steps, because 36 times
 *   .05 is not 1.8.
 *   Differs from the released code (release): statistic positive/negative without the probability μ, target 1, c_low
 *   is raised first, both by .05, dual clip 3.
 *   A trap, true of both: raising c_low cannot raise the literal statistic, because for A < 0 below c_low |u| = c_low
 *   |A| grows. It only takes those tokens' gradients away. statistic=active counts tokens that still have one, as the
 *   prose intends.
 */
#include "common.h"

enum { STAT_SHARE, STAT_NET, STAT_ACTIVE, STAT_RATIO };

typedef struct bapo_settings {
    int statistic, order;
    bool weigh;
    double target, low_start, low_limit, low_step, high_start, high_limit, high_step, delta;
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} bapo_settings;
RP_SETTINGS_OF(bapo)

static const rp_option settings_of_bapo[] = {
    SETTING_CHOICE(bapo, statistic, STAT_SHARE, RP_CHOICES("share", "net", "active", "ratio"),
                   "what is compared with the target"),
    SETTING_CHOICE(bapo, order, 0, RP_CHOICES("high-first", "low-first"), "which bound is raised first"),
    SETTING_BOOL(bapo, weigh, true, "weight tokens by their sampling probability in the statistic"),
    SETTING_REAL(bapo, target, 0.4, 0, 1e9, "rho_0"),
    SETTING_REAL(bapo, low_start, 0.6, 0, 1, "c_low at first"),
    SETTING_REAL(bapo, low_limit, 0.9, 0, 1, "c_low at most"),
    SETTING_REAL(bapo, low_step, 0.02, 1e-6, 1, "raise of c_low"),
    SETTING_REAL(bapo, high_start, 1.2, 1, 1e9, "c_high at first"),
    SETTING_REAL(bapo, high_limit, 3, 1, 1e9, "c_high at most"),
    SETTING_REAL(bapo, high_step, 0.05, 1e-6, 1e9, "raise of c_high"),
    SETTING_DELTA(bapo, delta, 0),
    SETTINGS_ADVANTAGE(bapo, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(bapo, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY(bapo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_bapo[] = {
    {.name = "paper", .help = "share of positive tokens, c_high first"},
    {.name = "release",
     .help = "the released recipe, which differs from the paper",
     .set = {{"statistic", "ratio"},
             {"order", "low-first"},
             {"weigh", "false"},
             {"target", "1"},
             {"low_limit", "0.8"},
             {"low_step", "0.05"},
             {"high_limit", "2"},
             {"delta", "3"},
             {"loss_type", "token-mean"},
             {"std", "bessel"},
             {"std_epsilon", "1e-6"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const bapo_settings settings = bapo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | RP_NEEDS_WHOLE_STEP | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* The statistic of [bapo.8]; 0/0 counts as satisfied, hence infinity. */
static double statistic(const rp_batch *batch, const real *A, rp_clip clip, int kind, bool weigh) {
    double positive = 0, negative = 0;
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const real r = rp_ratio(rp_detached(batch, t), batch->logp_old[t]).value;
            const double p = weigh ? double_exp((double)batch->logp_old[t]) : 1, a = (double)A[i];
            const bool active = a > 0 ? r <= clip.high : r >= clip.low;
            if (kind == STAT_ACTIVE && !active) continue;
            if (a > 0) positive += p * a * (double)real_fmin(r, clip.high);
            if (a < 0) negative -= p * a * (double)real_fmax(r, clip.low);
        }
    const double denominators[] = {positive + negative, fabs(positive - negative), positive + negative, negative};
    const double denominator = denominators[kind];
    return denominator > 0 ? positive / denominator : HUGE_VAL;
}

/* Algorithm 1 of the paper: bounds are start + steps * step, counted in integers. */
static rp_clip adapted_bounds(const rp_batch *batch, const bapo_settings *s, const real *A) {
    const double low = s->low_start, low_step = s->low_step;
    const double high = s->high_start, high_step = s->high_step;
    /* The slack keeps (3.0 - 1.2)/.05 from being 35.999. */
    const double low_count = floor((s->low_limit - low) / low_step + 1e-9);
    const double high_count = floor((s->high_limit - high) / high_step + 1e-9);
    const double target = s->target;
    const bool low_first = s->order > 0, weigh = s->weigh;
    const int kind = s->statistic;
    double lows = 0, highs = 0;
    for (;;) {
        const rp_clip clip = {
            .low = (real)(low + lows * low_step), .high = (real)(high + highs * high_step), .dual = (real)s->delta};
        if (statistic(batch, A, clip, kind, weigh) >= target) return clip;
        const bool low_left = lows < low_count, high_left = highs < high_count;
        if (low_left && (low_first || !high_left))
            lows++;
        else if (high_left && (low_left || low_first)) /* the paper's loop ends with c_low at its limit */
            highs++;
        else
            return clip;
    }
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const bapo_settings settings = bapo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const rp_clip clip = adapted_bounds(batch, &settings, A);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out); /* [bapo.9] */
        }
    rp_tally_write(&tally, out);
    rp_loss_metric(out, "bapo_low", (double)clip.low);
    rp_loss_metric(out, "bapo_high", (double)clip.high);
    const bool weigh = settings.weigh;
    rp_loss_metric(out, "bapo_statistic", statistic(batch, A, clip, settings.statistic, weigh));
    return RP_OK;
}

const rp_algorithm rp_algorithm_bapo = {
    .name = "bapo",
    .title = "Balanced policy optimisation",
    .citation = "xi2025bapo",
    .equations = "bapo.8, bapo.9",
    .summary = "Clip bounds raised step by step until tokens with positive advantage carry a target share.",
    .settings = settings_of_bapo,
    .conventions = conventions_of_bapo,
    .needs = needs,
    .loss = loss,
};
