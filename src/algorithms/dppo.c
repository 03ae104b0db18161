/* SPDX-License-Identifier: MIT
 *
 * dppo.c — a trust region in probability, not in ratio.
 *
 *   Eq      [dppo.12]  M = 0 if A > 0, r > 1, D > δ  or  A < 0, r < 1, D > δ;  else 1
 *           [dppo.23]  l = -sg[M min(r, C)] A logπ,   r = π/μ
 *   Source  arXiv 2602.04879. μ is what the sampler reported (logp_behavior), never recomputed; D compares the two
 *   next-token distributions through the partition {sampled, rest} or the top K. A without deviation. δ = .15-.2 for
 *   TV, .05 for KL; C = 5 in the scaling study, none (0) in the sanity study.
 *   The decoder records its `candidates` likeliest tokens, and each update asks π for the same ones; D is a constant.
 *   Grad    -M min(r, C) A; a token on its way back to μ is never masked. Replacing D by |r-1| gives PPO's mask.
 *   Differs from verl: anchored on logp_old and capped at 3 by its configuration class; binary only. Stable-RL: C =
 *   10. TRL had a trainer between March and July 2026; 1.16 has none.
 */
#include "common.h"

typedef struct dppo_settings {
    rp_divergence divergence;
    double divergence_threshold, cap;
    int64_t candidates;
    int anchor;
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} dppo_settings;
RP_SETTINGS_OF(dppo)

static const rp_option settings_of_dppo[] = {
    SETTING_CHOICE(dppo, divergence, RP_BINARY_TV, RP_CHOICES(RP_DIVERGENCE_NAMES), "how D is measured"),
    SETTING_REAL(dppo, divergence_threshold, 0.15, 0, 1e9, "divergence above which a token moving away is masked"),
    SETTING_REAL(dppo, cap, 5, 0, 1e9, "C, bound of the ratio; 0 = none"),
    SETTING_INT(dppo, candidates, 20, 1, 1000,
                "K of the top-K forms: how many of the sampler's likeliest tokens training records"),
    SETTING_CHOICE(dppo, anchor, 0, RP_CHOICES("behavior", "old"), "what the ratio and D compare with"),
    SETTINGS_ADVANTAGE(dppo, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(dppo, RP_TOKEN_MEAN),
    SETTINGS_PENALTY(dppo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_dppo[] = {
    {.name = "paper", .help = "binary TV, delta 0.15, cap 5, anchored on the sampler"},
    {.name = "verl",
     .help = "verl policy loss dppo_tv",
     .set = {{"anchor", "old"}, {"cap", "3"}, {"empty_rows", "skip"}, {"kl_cap", "10"}}},
    {.name = "release", .help = "Stable-RL dppo_binary_tv", .set = {{"cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const dppo_settings settings = dppo_of(given);
    const bool topk = settings.divergence >= RP_TOPK_TV;
    const bool old = settings.anchor > 0;
    return RP_NEEDS_REWARD | (old ? RP_NEEDS_OLD : RP_NEEDS_BEHAVIOR) | (topk ? RP_NEEDS_TOPK : 0) |
           rp_common_needs(&settings.advantage, &settings.penalty);
}

/* The top-K forms compare with the likeliest tokens of the sampler. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    const dppo_settings settings = dppo_of(given);
    (void)step;
    if (settings.divergence >= RP_TOPK_TV) out->candidates = (size_t)settings.candidates;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const dppo_settings settings = dppo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const rp_divergence kind = settings.divergence;
    const double delta = settings.divergence_threshold;
    const real cap = (real)settings.cap;
    const real *mu = settings.anchor > 0 ? batch->logp_old : batch->logp_behavior;
    size_t dropped = 0;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const real r = rp_ratio(rp_detached(batch, t), mu[t]).value;
            const bool away = (A[i] > 0 && r > 1) || (A[i] < 0 && r < 1);
            const bool masked = away && rp_token_divergence(kind, batch, mu, t) > delta; /* [dppo.12] */
            const real w = masked ? 0 : cap > 0 ? real_fmin(r, cap) : r;
            rp_common_weighted_token(batch, t, W[i], w, A[i], &penalty, &tally, out); /* [dppo.23] */
            dropped += masked;
        }
    rp_tally_write(&tally, out);
    const size_t N = rp_batch_length(batch);
    rp_loss_metric(out, "masked_tokens", N ? (double)dropped / (double)N : 0);
    return RP_OK;
}

const rp_algorithm rp_algorithm_dppo = {
    .name = "dppo",
    .title = "Divergence proximal policy optimisation",
    .citation = "qi2026dppo",
    .equations = "dppo.12, dppo.23",
    .summary = "Tokens whose distribution moved too far from the sampler lose their gradient; ratios are only capped.",
    .settings = settings_of_dppo,
    .conventions = conventions_of_dppo,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
