/* SPDX-License-Identifier: MIT
 *
 * rloo.c — REINFORCE with the other answers as baseline.
 *
 *   Eq      [rloo.2]  A_i = R_i - (1/(G-1)) Σ_{j≠i} R_j = G/(G-1) (R_i - mean)
 *           [rloo.1]  L = -(1/B) Σ_i A_i Σ_t log π(y_t)
 *   Source  arXiv 2402.14740. The baseline is independent of the answer, so the gradient is unbiased
 *   (tests/algorithms shows it as an equality). The paper puts the KL term into the reward: R_i - β Σ_t (logπ_old -
 *   logπ_ref), kl_in_reward here.
 *   Differs from TRL: one ratio s = exp(Σ_t (logπ - logπ_old)) per answer, clipped: -min(s A, clip(s) A); the product
 *   over tokens saturates for long answers. Its default kl coefficient is 0.05.
 *   Differs from verl: the advantage only, fed into PPO's token loss.
 */
#include "common.h"

enum { FORM_LOGPROB, FORM_SEQUENCE, FORM_TOKEN };

typedef struct rloo_settings {
    int form;
    double kl_in_reward;
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} rloo_settings;
RP_SETTINGS_OF(rloo)

static const rp_option settings_of_rloo[] = {
    SETTING_CHOICE(rloo, form, FORM_LOGPROB, RP_CHOICES("logprob", "sequence-ratio", "token-ratio"),
                   "log-probability (paper), one clipped ratio per answer, or per token"),
    SETTING_REAL(rloo, kl_in_reward, 0, 0, 1e3, "coefficient of the k1 estimate subtracted from the reward", .trl = "beta",
                 .verl = "algorithm.kl_ctrl.kl_coef"),
    SETTINGS_ADVANTAGE(rloo, RP_BASELINE_LEAVE_ONE_OUT, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(rloo, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_CLIP(rloo, 0.2, 0.2, 0),
    SETTINGS_PENALTY(rloo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_rloo[] = {
    {.name = "paper", .help = "leave-one-out advantage, sequence log-probability"},
    {.name = "trl", .help = "TRL 1.16 RLOOTrainer", .set = {{"form", "sequence-ratio"}, {"std_epsilon", "1e-4"}}},
    {.name = "verl",
     .help = "verl adv_estimator=rloo with policy loss vanilla",
     .set = {{"form", "token-ratio"},
             {"loss_type", "token-mean"},
             {"group_of_one", "reward"},
             {"empty_rows", "skip"},
             {"delta", "3"},
             {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const rloo_settings settings = rloo_of(given);
    const bool ratio = settings.form > FORM_LOGPROB;
    const bool penalised = settings.kl_in_reward > 0;
    return RP_NEEDS_REWARD | (ratio || penalised ? RP_NEEDS_OLD : RP_NEEDS_ON_POLICY) |
           (penalised ? RP_NEEDS_REFERENCE : 0) | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* R_i - β Σ_t (logπ_old - logπ_ref) */
static rp_status penalised_reward(const rp_batch *batch, double beta, rp_arena *arena, const real **reward) {
    *reward = batch->reward;
    if (!(beta > 0)) return RP_OK;
    real *R = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(R);
    for (size_t i = 0; i < batch->rows; i++) {
        double k1 = 0;
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++)
            if (rp_token_counts(batch, t)) k1 += (double)rp_log_ratio(batch->logp_old[t], batch->logp_ref[t]).value;
        R[i] = (real)((double)batch->reward[i] - beta * k1);
    }
    *reward = R;
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const rloo_settings settings = rloo_of(given);
    real *A, *W;
    const real *R;
    RP_TRY(penalised_reward(batch, settings.kl_in_reward, arena, &R));
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, R, NULL, arena, &A)); /* [rloo.2] */
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const int form = settings.form;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++) {
        const real L = (real)rp_row_length(batch, i);
        const rp_dual s = form == FORM_SEQUENCE ? rp_row_ratio(batch, i, batch->logp_old, false) : (rp_dual){1, 0};
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            /* A row's ratio is spread over its tokens: value s A/L each, slope so that ∂(s A)/∂logπ_t = s A. */
            const real share = form == FORM_SEQUENCE ? 1 / L : 1;
            if (form == FORM_LOGPROB) {
                rp_common_weighted_token(batch, t, W[i], 1, A[i], &penalty, &tally, out); /* [rloo.1] */
                continue;
            }
            const rp_dual r = form == FORM_SEQUENCE ? s : rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_dual l = rp_surrogate_clipped(r, A[i], clip);
            l.value *= share;
            rp_loss_add(out, t, W[i], l);
            rp_penalty_add(&penalty, batch, t, W[i], rp_ratio(batch->logp[t], batch->logp_old[t]), &tally, out);
            rp_tally_ratio(&tally, r.value, rp_clip_where(r.value, A[i], clip));
            out->advantage[t] = A[i];
        }
    }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_rloo = {
    .name = "rloo",
    .title = "REINFORCE leave-one-out",
    .citation = "ahmadian2024rloo",
    .equations = "rloo.1, rloo.2",
    .summary = "REINFORCE whose baseline is the mean reward of the other answers.",
    .settings = settings_of_rloo,
    .conventions = conventions_of_rloo,
    .needs = needs,
    .loss = loss,
};
