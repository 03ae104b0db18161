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

static const rp_setting settings_of_sft[] = {
    SETTINGS_AGGREGATE(RP_TOKEN_MEAN),
    SETTING_REAL("entropy_bonus", 0, -1e3, 1e3, "coefficient of the mean token entropy, subtracted from the loss"),
    SETTING_END,
};

static unsigned needs(const rp_settings *settings) {
    return rp_common_needs(&rp_algorithm_sft, settings);
}

/* The solutions and nothing else. */
static void plan(const rp_settings *settings, int64_t step, rp_plan *out) {
    (void)settings, (void)step;
    out->rollouts = false;
    out->demonstration[out->demonstrations++] = (rp_demonstration){.whole = true};
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    real *W;
    RP_TRY(rp_common_weights(&rp_algorithm_sft, settings, batch, arena, &W));
    const real c = (real)rp_settings_get(&rp_algorithm_sft, settings, "entropy_bonus");
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
