/* SPDX-License-Identifier: MIT
 *
 * dr_grpo.c — GRPO without its two biases.
 *
 *   Eq      [dr_grpo.3]  A_i = R_i - mean R;  L = (1/(B Lmax)) Σ_i Σ_t -min(r A, clip(r) A)
 *   Source  arXiv 2503.20783. Dividing by an answer's own length favours long wrong answers; dividing by the
 *   deviation favours questions that are nearly all right or all wrong. Lmax is a constant, the generation limit: set
 *   max_length.
 *   Differs from verl (seq-mean-token-sum-norm): empty rows leave the mean, and the default constant is the padded
 *   width of the current batch, so that the step size depends on what was sampled.
 */
#include "common.h"

typedef struct dr_grpo_settings {
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} dr_grpo_settings;
RP_SETTINGS_OF(dr_grpo)

static const rp_option settings_of_dr_grpo[] = {
    SETTINGS_ADVANTAGE(dr_grpo, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(dr_grpo, RP_CONSTANT),
    SETTINGS_CLIP(dr_grpo, 0.2, 0.2, 0),
    SETTINGS_PENALTY(dr_grpo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_dr_grpo[] = {
    {.name = "paper", .help = "constant denominator, no deviation"},
    {.name = "trl",
     .help = "TRL 1.16 loss_type=\"dr_grpo\", scale_rewards=\"none\"; max_length is max_completion_length",
     .set = {{"use_bias_correction_kl", "true"}}},
    {.name = "verl",
     .help = "verl seq-mean-token-sum-norm; max_length is loss_scale_factor",
     .set = {{"group_of_one", "reward"}, {"empty_rows", "skip"}, {"delta", "3"}, {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const dr_grpo_settings settings = dr_grpo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const dr_grpo_settings settings = dr_grpo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out); /* [dr_grpo.3] */
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_dr_grpo = {
    .name = "dr_grpo",
    .title = "Dr. GRPO",
    .citation = "liu2025drgrpo",
    .equations = "dr_grpo.3",
    .summary = "GRPO without the division by length and by the deviation.",
    .settings = settings_of_dr_grpo,
    .conventions = conventions_of_dr_grpo,
    .needs = needs,
    .loss = loss,
};
