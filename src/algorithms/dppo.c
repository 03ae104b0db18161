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

static const rp_setting settings_of_dppo[] = {
    SETTING_CHOICE("divergence", RP_BINARY_TV, "how D is measured", RP_DIVERGENCE_NAMES),
    SETTING_REAL("delta", 0.15, 0, 1e9, "divergence above which a token moving away is masked"),
    SETTING_REAL("cap", 5, 0, 1e9, "C, bound of the ratio; 0 = none"),
    SETTING_INT("candidates", 20, 1, 1000,
                "K of the top-K forms: how many of the sampler's likeliest tokens training records"),
    SETTING_CHOICE("anchor", 0, "what the ratio and D compare with", "behavior", "old"),
    SETTINGS_ADVANTAGE(RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(RP_TOKEN_MEAN),
    SETTINGS_PENALTY,
    SETTING_END,
};

static const rp_convention conventions_of_dppo[] = {
    {.name = "paper", .help = "binary TV, delta 0.15, cap 5, anchored on the sampler"},
    {.name = "verl",
     .help = "verl policy loss dppo_tv",
     .set = {{"anchor", "old"}, {"cap", "3"}, {"empty_rows", "skip"}, {"kl_cap", "10"}}},
    {.name = "release", .help = "Stable-RL dppo_binary_tv", .set = {{"cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *settings) {
    const rp_algorithm *self = &rp_algorithm_dppo;
    const bool topk = rp_settings_get(self, settings, "divergence") >= RP_TOPK_TV;
    const bool old = rp_settings_get(self, settings, "anchor") > 0;
    return RP_NEEDS_REWARD | (old ? RP_NEEDS_OLD : RP_NEEDS_BEHAVIOR) | (topk ? RP_NEEDS_TOPK : 0) |
           rp_common_needs(self, settings);
}

/* The top-K forms compare with the likeliest tokens of the sampler. */
static void plan(const rp_settings *settings, int64_t step, rp_plan *out) {
    const rp_algorithm *self = &rp_algorithm_dppo;
    (void)step;
    if (rp_settings_get(self, settings, "divergence") >= RP_TOPK_TV)
        out->candidates = (size_t)rp_settings_get(self, settings, "candidates");
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    const rp_algorithm *self = &rp_algorithm_dppo;
    real *A, *W;
    RP_TRY(rp_common_advantage(self, settings, batch, arena, &A));
    RP_TRY(rp_common_weights(self, settings, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(self, settings);
    const rp_divergence kind = (rp_divergence)rp_settings_get(self, settings, "divergence");
    const double delta = rp_settings_get(self, settings, "delta");
    const real cap = (real)rp_settings_get(self, settings, "cap");
    const real *mu = rp_settings_get(self, settings, "anchor") > 0 ? batch->logp_old : batch->logp_behavior;
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
