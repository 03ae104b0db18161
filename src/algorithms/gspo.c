/* SPDX-License-Identifier: MIT
 *
 * gspo.c — one ratio per answer: the geometric mean of its tokens' ratios.
 *
 *   Eq      [gspo.7]  s_i = exp((1/L_i) Σ_t (logπ - logπ_old))
 *           [gspo.5]  L = (1/B) Σ_i -min(s A, clip(s, 1-ε_low, 1+ε_high) A)
 *   Source  arXiv 2507.18071; ε = 3e-4/4e-4, two or three powers of ten below PPO's, because a mean of logs hardly
 *   moves.
 *   Grad    -A s/(B L_i) for every token of a row that is not clipped. Written per token as GSPO-token writes it, with
 *           sg[s] π/sg[π]: the same value and gradient while A is one number per row.
 *   Differs from TRL: with a token-mean aggregation TRL multiplies the row's loss by the mask, which weights rows by
 *   length.
 *   Differs from verl: log s is held below 10 only from above, and the asked aggregation is ignored.
 */
#include "common.h"

typedef struct gspo_settings {
    advantage_settings advantage;
    aggregate_settings aggregate;
    clip_settings clip;
    penalty_settings penalty;
} gspo_settings;
RP_SETTINGS_OF(gspo)

static const rp_option settings_of_gspo[] = {
    SETTINGS_ADVANTAGE(gspo, RP_BASELINE_MEAN, RP_STD_POPULATION, 0),
    SETTINGS_AGGREGATE(gspo, RP_SEQ_MEAN_TOKEN_MEAN),
    SETTINGS_CLIP(gspo, 3e-4, 4e-4, 0),
    SETTINGS_PENALTY(gspo),
    RP_OPTION_END,
};

static const rp_convention conventions_of_gspo[] = {
    {.name = "paper", .help = "clip 3e-4/4e-4, mean over answers"},
    {.name = "trl",
     .help = "TRL 1.16 importance_sampling_level=\"sequence\", loss_type=\"grpo\"",
     .set = {{"std", "bessel"}, {"std_epsilon", "1e-4"}, {"use_bias_correction_kl", "true"}}},
    {.name = "verl",
     .help = "verl policy loss gspo",
     .set = {{"std", "bessel"},
             {"std_epsilon", "1e-6"},
             {"group_of_one", "reward"},
             {"empty_rows", "skip"},
             {"kl_cap", "10"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const gspo_settings settings = gspo_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* Σ_t of the KL estimates of a row. */
static real row_kl(const rp_batch *batch, size_t row, const rp_penalty *penalty) {
    real sum = 0;
    for (size_t t = batch->start[row]; batch->logp_ref && t < batch->start[row + 1]; t++)
        if (rp_token_counts(batch, t))
            sum += rp_kl_estimate(penalty->kl, batch->logp[t], batch->logp_ref[t], penalty->cap).value;
    return sum;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const gspo_settings settings = gspo_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, true);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++) {
        rp_dual s = rp_row_ratio(batch, i, batch->logp_old, true); /* [gspo.7] */
        /* All L tokens carry the row's loss, so a token's own slope stands for the sum of them. The same holds for the KL
         * terms of the row where they are multiplied by s. */
        const real spread = penalty.times_ratio ? s.slope * penalty.beta * row_kl(batch, i, &penalty) : 0;
        s.slope *= (real)rp_row_length(batch, i);
        const rp_dual constant = {s.value, 0};
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            rp_loss_add(out, t, W[i], rp_surrogate_clipped(s, A[i], clip)); /* [gspo.5] */
            rp_penalty_add(&penalty, batch, t, W[i], constant, &tally, out);
            rp_loss_add(out, t, W[i], (rp_dual){0, spread});
            rp_tally_ratio(&tally, s.value, rp_clip_where(s.value, A[i], clip));
            out->advantage[t] = A[i];
        }
    }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_gspo = {
    .name = "gspo",
    .title = "Group sequence policy optimisation",
    .citation = "zheng2025gspo",
    .equations = "gspo.5, gspo.7",
    .summary = "The clip applied to one length-normalised ratio per answer.",
    .settings = settings_of_gspo,
    .conventions = conventions_of_gspo,
    .needs = needs,
    .loss = loss,
};
