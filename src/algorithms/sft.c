/* SPDX-License-Identifier: MIT
 *
 * sft.c — supervised fine-tuning: make the demonstration likely.
 *
 *   Eq      [sft.1]  L = -(1/N) Σ_i Σ_t log π(y*_t)
 *   Source  the maximum-likelihood loss; N counts the tokens of the whole optimiser step, not of one micro-batch.
 *   Differs from a mean of micro-batch means, which two public trainers computed and which weights short micro-batches more
 *   (arXiv 2604.23747): give total_tokens when a step is split.
 */
#include "common.h"

typedef struct sft_settings {
    aggregate_settings aggregate;
    double entropy_coef;
} sft_settings;
RP_SETTINGS_OF(sft)

static const rp_option settings_of_sft[] = {
    SETTINGS_AGGREGATE(sft, RP_TOKEN_MEAN),
    SETTING_ENTROPY(sft, entropy_coef),
    RP_OPTION_END,
};

static unsigned needs(const rp_settings *given) {
    const sft_settings settings = sft_of(given);
    return settings.entropy_coef != 0 ? RP_NEEDS_ENTROPY : 0;
}

/* The solutions and nothing else. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    (void)given, (void)step;
    out->rollouts = false;
    out->demonstration[out->demonstrations++] = (rp_demonstration){.whole = true};
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const sft_settings settings = sft_of(given);
    real *W;
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const real c = (real)settings.entropy_coef;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            rp_common_sft_token(batch, t, W[i], 1, out); /* [sft.1] */
            rp_common_entropy(batch, t, W[i], c, &tally, out);
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_sft = {
    .name = "sft",
    .title = "Supervised fine-tuning",
    .citation = "ouyang2022instructgpt",
    .equations = "sft.1",
    .summary = "Negative log-likelihood of the demonstrations, averaged over all tokens of the step.",
    .settings = settings_of_sft,
    .conventions = (const rp_convention[]){{.name = "paper", .help = "mean over all tokens of the step"}, {.name = NULL}},
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
