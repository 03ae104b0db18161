/* SPDX-License-Identifier: MIT
 *
 * grpo.c — group-relative policy optimisation: PPO's clip with the group instead of a critic.
 *
 *   Eq      [grpo.3]  J = E (1/G) Σ_i (1/|o_i|) Σ_t { min(r A, clip(r, 1-ε, 1+ε) A) - β k3 }
 *           [grpo.21] A_i = (R_i - mean R)/std R over the G answers to one question
 *   Source  DeepSeekMath, arXiv 2402.03300. The paper does not say which standard deviation; here it is the
 *   population's with nothing added, and a group of equal rewards gets 0 exactly.
 *   Grad    ∂l/∂logπ = -A r while the clip is inactive, else 0; + β(1 - e^(logπ_ref - logπ))
 *   Differs from TRL: Bessel deviation + 1e-4, the KL term times the live ratio; its default loss is DAPO's token
 *   mean.
 *   Differs from verl: Bessel deviation + 1e-6, token mean, dual clip 3, empty rows not counted, k3 capped at 10, and
 *   a group of one keeps its reward.
 */
#include "common.h"

typedef struct grpo_settings {
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} grpo_settings;
RP_SETTINGS_OF(grpo)

static const rp_option settings_of_grpo[] = {
    SETTINGS_ADVANTAGE(grpo, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(grpo, RP_SEQ_MEAN_TOKEN_MEAN),
    SETTINGS_CLIP(grpo, 0.2, 0.2, 0),
    SETTINGS_PENALTY(grpo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_grpo[] = {
    {.name = "paper", .help = "mean over each answer's tokens, then over answers; population deviation"},
    {.name = "trl",
     .help = "TRL 1.16 GRPOTrainer with loss_type=\"grpo\" (its default \"dapo\" is aggregate=token-mean)",
     .set = {{"std", "bessel"}, {"std_epsilon", "1e-4"}, {"use_bias_correction_kl", "true"}}},
    {.name = "verl",
     .help = "verl core_algos, adv_estimator=grpo, policy loss vanilla",
     .set = {{"std", "bessel"},
             {"std_epsilon", "1e-6"},
             {"group_of_one", "reward"},
             {"loss_type", "token-mean"},
             {"empty_rows", "skip"},
             {"delta", "3"},
             {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const grpo_settings settings = grpo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const grpo_settings settings = grpo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A)); /* [grpo.21] */
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out); /* [grpo.3] */
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_grpo = {
    .name = "grpo",
    .title = "Group-relative policy optimisation",
    .citation = "shao2024deepseekmath",
    .equations = "grpo.3, grpo.21",
    .summary = "PPO's clipped surrogate with advantages from the mean and deviation of each question's answers.",
    .settings = settings_of_grpo,
    .conventions = conventions_of_grpo,
    .needs = needs,
    .loss = loss,
};
