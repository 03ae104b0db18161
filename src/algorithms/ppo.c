/* SPDX-License-Identifier: MIT
 *
 * ppo.c — proximal policy optimisation: several updates on one batch, held near the policy that sampled it.
 *
 *   Eq      [ppo.7]   l = -min(r A, clip(r, 1-ε, 1+ε) A)
 *           [ppo.9]   L = mean l + c_v mean ½ max((V-ret)², (clip(V, V_old ± ε_v)-ret)²) - c_e mean H
 *           [gae.16]  A from rewards and V_old by GAE; the answer's reward arrives at its last token
 *   Source  arXiv 1707.06347, 1506.02438. γ = λ = 1 as language models use it; the paper's control tasks had .99 and
 *   .95. Without a critic (critic=false) A is a group advantage: what GRPO later became.
 *   kl_in_reward adds -β (logπ_old - logπ_ref) to every token's reward, as in InstructGPT.
 *   Training uses a linear critic on the policy's hidden states whose gradient stops there (src/learn/critic.c); TRL and
 *   verl train a second model.
 *   Differs from verl: verl whitens A over the counted tokens (after the returns), and has a dual clip of 3.
 */
#include "common.h"

typedef struct ppo_settings {
    bool critic;
    double gamma, lam;
    bool whiten;
    double vf_coef, cliprange_value, kl_in_reward;
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} ppo_settings;
RP_SETTINGS_OF(ppo)

static const rp_option settings_of_ppo[] = {
    SETTING_BOOL(ppo, critic, true, "advantages by GAE from a value head; off = group advantages"),
    SETTING_REAL(ppo, gamma, 1, 0, 1, "discount", .verl = "algorithm.gamma"),
    SETTING_REAL(ppo, lam, 1, 0, 1, "λ of GAE: 0 trusts the critic, 1 the return", .verl = "algorithm.lam",
                 .former = "lambda"),
    SETTING_BOOL(ppo, whiten, false, "whiten advantages over the tokens of the step"),
    SETTING_REAL(ppo, vf_coef, 1, 0, 1e3, "weight of the value loss", .former = "value_coefficient"),
    SETTING_REAL(ppo, cliprange_value, 0.2, 0, 1e9, "the value is held within this of the old one; 0 = off",
                 .verl = "critic.cliprange_value", .former = "value_clip"),
    SETTING_REAL(ppo, kl_in_reward, 0, 0, 1e3, "coefficient of the per-token k1 estimate subtracted from the rewards",
                 .verl = "algorithm.kl_ctrl.kl_coef"),
    SETTINGS_ADVANTAGE(ppo, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(ppo, RP_TOKEN_MEAN),
    SETTINGS_CLIP(ppo, 0.2, 0.2, 0),
    SETTINGS_PENALTY(ppo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_ppo[] = {
    {.name = "paper", .help = "clip 0.2, value head, no whitening"},
    {.name = "verl",
     .help = "verl policy loss vanilla with adv_estimator=gae",
     .set = {{"whiten", "true"}, {"cliprange_value", "0.5"}, {"empty_rows", "skip"}, {"delta", "3"}, {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const ppo_settings settings = ppo_of(given);
    const bool critic = settings.critic, whiten = settings.whiten;
    const bool penalised = critic && settings.kl_in_reward > 0;
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | (critic ? RP_NEEDS_VALUE : 0) | (penalised ? RP_NEEDS_REFERENCE : 0) |
           (critic && whiten ? RP_NEEDS_WHOLE_STEP : 0) | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* A (tokens) and returns (tokens) of every row by GAE. */
static rp_status critic_advantages(const rp_batch *batch, const ppo_settings *s, rp_arena *arena, real **A,
                                   real **returns) {
    const size_t n = batch->start[batch->rows];
    const real gamma = (real)s->gamma, lam = (real)s->lam;
    const real beta = (real)s->kl_in_reward;
    real *rho = rp_alloc_zero(arena, real, n + 1);
    *A = rp_alloc_zero(arena, real, n + 1);
    *returns = rp_alloc_zero(arena, real, n + 1);
    if (!rho || !*A || !*returns) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch->rows; i++) {
        const size_t first = batch->start[i], end = batch->start[i + 1];
        size_t last = end; /* of the counted tokens */
        for (size_t t = first; t < end; t++)
            if (rp_token_counts(batch, t)) {
                last = t;
                if (beta > 0) rho[t] = -beta * rp_log_ratio(batch->logp_old[t], batch->logp_ref[t]).value;
            }
        if (last < end) rho[last] += batch->reward[i];
        rp_gae(rho + first, batch->value_old + first, batch->mask ? batch->mask + first : NULL, end - first, gamma, lam, 0,
               *A + first, *returns + first);
    }
    if (s->whiten) rp_advantage_whiten(batch, *A);
    return RP_OK;
}

/* Each token of a row has the row's group advantage. */
static rp_status spread_advantages(const rp_batch *batch, const ppo_settings *s, rp_arena *arena, real **A) {
    real *rows;
    RP_TRY(rp_common_advantage(&s->advantage, batch, arena, &rows));
    *A = rp_alloc_zero(arena, real, batch->start[batch->rows] + 1);
    RP_TRY_ALLOC(*A);
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) (*A)[t] = rows[i];
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const ppo_settings settings = ppo_of(given);
    const bool critic = settings.critic;
    real *A, *W, *returns = NULL;
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    if (critic)
        RP_TRY(critic_advantages(batch, &settings, arena, &A, &returns));
    else
        RP_TRY(spread_advantages(batch, &settings, arena, &A));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const real c = (real)settings.vf_coef;
    const real cliprange_value = (real)settings.cliprange_value;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_common_clipped_token(batch, t, W[i], r, A[t], clip, &penalty, &tally, out); /* [ppo.7] */
            if (!critic) continue;
            const rp_dual v =
                rp_value_loss(batch->value[t], batch->value_old[t], returns[t], cliprange_value); /* [ppo.9] */
            out->loss += (double)(W[i] * c) * (double)v.value;
            out->dvalue[t] += W[i] * c * v.slope;
        }
    rp_tally_write(&tally, out);
    if (critic) rp_loss_metric(out, "explained_variance", rp_explained_variance(batch, batch->value_old, returns));
    return RP_OK;
}

const rp_algorithm rp_algorithm_ppo = {
    .name = "ppo",
    .title = "Proximal policy optimisation",
    .citation = "schulman2017ppo",
    .equations = "ppo.7, ppo.9, gae.16",
    .summary = "Clipped surrogate with advantages from a value head (GAE) or from the group.",
    .settings = settings_of_ppo,
    .conventions = conventions_of_ppo,
    .needs = needs,
    .loss = loss,
};
