/* SPDX-License-Identifier: MIT
 *
 * spo.c — soft policy optimisation: regress the value of the whole answer, from any data.
 *
 *   Eq      [spo.4]  Q_T = Q0(x) + β Σ_t (logπ - logπ_ref)
 *           [spo.6]  squared: L = (1/B) Σ (Q_T - R)²     cross-entropy: -(1/B) Σ [y Q + (1-y) log(1 - e^Q)],  y = e^R
 *   Source  arXiv 2503.05453 by its abstract and secondary notes. The soft Bellman equations hold by construction;
 *   only the end has to be learned, and the target is right for every answer whoever wrote it: no ratio, no clip, no
 *   stop-gradient. Q0(x) = β log E_ref exp(R/β): a constant (q0), or estimated from the group's own rewards
 *   (q0_from=group), which is right while the rollouts come from the reference policy.
 *   For the cross-entropy the reward is taken as the probability y itself and Q is held below -1e-6.
 *   Not to be confused with single-stream, segment or simple policy optimisation, which share the three letters.
 */
#include "common.h"

typedef struct spo_settings {
    int objective;
    double beta;
    int q0_from;
    double q0;
} spo_settings;
RP_SETTINGS_OF(spo)

static const rp_option settings_of_spo[] = {
    SETTING_CHOICE(spo, objective, 0, RP_CHOICES("squared", "cross-entropy"), "regression of Q_T"),
    SETTING_REAL(spo, beta, 0.1, 1e-9, 1e9, "strength of the tie to the reference policy"),
    SETTING_CHOICE(spo, q0_from, 0, RP_CHOICES("setting", "group"),
                   "the constant q0, or the soft mean of the group's rewards"),
    SETTING_REAL(spo, q0, 0, -1e9, 1e9, "Q0 of every question with q0_from=setting"),
    RP_OPTION_END,
};

static const rp_convention conventions_of_spo[] = {
    {.name = "paper", .help = "squared residual"},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    (void)given;
    return RP_NEEDS_REWARD | RP_NEEDS_REFERENCE;
}

static rp_dual squared(real Q, real R) {
    return (rp_dual){(Q - R) * (Q - R), 2 * (Q - R)}; /* slope by Q */
}

static rp_dual cross_entropy(real Q, real R) {
    const real top = R(-1e-6), y = real_fmin(real_fmax(R, 0), 1), held = real_fmin(Q, top);
    const real gap = -real_expm1(held); /* 1 - e^Q */
    const rp_dual l = {-(y * held + (1 - y) * real_log(gap)), -(y - (1 - y) * real_exp(held) / gap)};
    return (rp_dual){l.value, Q < top ? l.slope : 0};
}

/* Q0 of each row's question. */
static rp_status start_values(const rp_batch *batch, const spo_settings *s, rp_arena *arena, real **Q0) {
    const double beta = s->beta;
    real *member = rp_alloc(arena, real, batch->rows);
    *Q0 = rp_alloc(arena, real, batch->rows);
    if (!member || !*Q0) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch->rows; i++) (*Q0)[i] = (real)s->q0;
    for (size_t g = 0; g < batch->groups && s->q0_from > 0; g++) {
        size_t n = 0;
        for (size_t i = 0; i < batch->rows; i++)
            if (batch->group[i] == g) member[n++] = batch->reward[i];
        const real level = (real)rp_soft_mean(member, n, beta);
        for (size_t i = 0; i < batch->rows; i++)
            if (batch->group[i] == g) (*Q0)[i] = level;
    }
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const spo_settings settings = spo_of(given);
    const bool entropic = settings.objective > 0;
    const real beta = (real)settings.beta;
    real *Q0, *W = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(W);
    RP_TRY(start_values(batch, &settings, arena, &Q0));
    rp_aggregate_weights(batch, RP_SEQ_MEAN_TOKEN_SUM, 0, false, RP_PART_ALL, W);
    double residual = 0;
    for (size_t i = 0; i < batch->rows; i++) {
        real Q = Q0[i]; /* [spo.4] */
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++)
            if (rp_token_counts(batch, t)) Q += beta * (batch->logp[t] - batch->logp_ref[t]);
        const rp_dual l = entropic ? cross_entropy(Q, batch->reward[i]) : squared(Q, batch->reward[i]); /* [spo.6] */
        residual += fabs((double)(Q - batch->reward[i]));
        out->loss += (double)W[i] * (double)l.value; /* the row's, whatever its length */
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            rp_loss_add(out, t, W[i], (rp_dual){0, beta * l.slope});
            out->advantage[t] = batch->reward[i] - Q;
        }
    }
    rp_loss_metric(out, "spo_residual", residual / (double)batch->rows);
    return RP_OK;
}

const rp_algorithm rp_algorithm_spo = {
    .name = "spo",
    .title = "Soft policy optimisation",
    .citation = "cohen2025spo",
    .equations = "spo.4, spo.6",
    .summary = "Regression of the cumulative soft advantage of an answer onto its reward; off-policy by construction.",
    .settings = settings_of_spo,
    .conventions = conventions_of_spo,
    .needs = needs,
    .loss = loss,
};
