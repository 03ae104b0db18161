/* SPDX-License-Identifier: MIT
 *
 * relift.c — reinforcement where the policy can, fine-tuning where it cannot.
 *
 *   Eq      [relift.1]  L = L_RL(policy rows)
 *           [relift.2]  on a batch of demonstrations of questions that failed altogether:  L = -mean log π - α mean H
 *   Source  arXiv 2506.07527 and its code. The trainer collects (question, solution) where no answer of the group was
 *   right; when buffer_size are there, one supervised step follows, then reinforcement goes on. A batch may hold both
 *   kinds of rows. RL part: A without deviation, no clip; released code: sum over tokens divided by 8192, α = 0.001.
 *   An SFT step after every RL step collapses, as does a random choice of questions (secondary notes).
 */
#include "common.h"

static const rp_setting settings_of_relift[] = {
    SETTING_INT("buffer_size", 128, 1, 1e6, "failed questions collected before one supervised step"),
    SETTING_REAL("alpha", 0.0001, 0, 1e3, "entropy bonus of the supervised term"),
    SETTINGS_ADVANTAGE(RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(RP_TOKEN_MEAN),
    SETTING_BOOL("clip", 0, "clip the ratio of the policy's own rows"),
    SETTINGS_CLIP(0.2, 0.2),
    SETTINGS_PENALTY,
    SETTING_END,
};

static const rp_convention conventions_of_relift[] = {
    {.name = "paper", .help = "mean over tokens, entropy coefficient 1e-4"},
    {.name = "release",
     .help = "ReLIFT eb95454f",
     .set = {{"alpha", "0.001"}, {"aggregate", "token-sum-norm"}, {"max_length", "8192"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *settings) {
    const bool bonus = rp_settings_get(&rp_algorithm_relift, settings, "alpha") > 0;
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | (bonus ? RP_NEEDS_ENTROPY : 0) |
           rp_common_needs(&rp_algorithm_relift, settings);
}

/* Rollouts alone; what nobody solved waits for a supervised update. */
static void plan(const rp_settings *settings, int64_t step, rp_plan *out) {
    (void)step;
    out->failures = (size_t)rp_settings_get(&rp_algorithm_relift, settings, "buffer_size");
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    const rp_algorithm *self = &rp_algorithm_relift;
    real *A, *W;
    real *V;
    uint8_t *own;
    RP_TRY(rp_common_policy_rows(batch, arena, &own));
    RP_TRY(rp_common_advantage_of(self, settings, batch, batch->reward, own, arena, &A));
    RP_TRY(rp_common_weights_of(self, settings, batch, RP_PART_POLICY, arena, &W));
    const rp_clip clip = rp_common_clip(self, settings);
    const rp_penalty penalty = rp_common_penalty(self, settings);
    V = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(V);
    rp_aggregate_weights(batch, RP_TOKEN_MEAN, 0, false, RP_PART_EXPERT, V);
    const real alpha = (real)rp_settings_get(self, settings, "alpha");
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            if (own[i]) {
                const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
                rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out);
            } else {
                rp_common_sft_token(batch, t, V[i], 1, out); /* [relift.2] */
                rp_common_entropy(batch, t, V[i], alpha, &tally, out);
            }
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_relift = {
    .name = "relift",
    .title = "ReLIFT",
    .citation = "ma2025relift",
    .equations = "relift.1, relift.2",
    .summary = "GRPO interleaved with supervised steps on the questions nobody in the group solved.",
    .settings = settings_of_relift,
    .conventions = conventions_of_relift,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
