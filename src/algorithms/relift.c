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

typedef struct relift_settings {
    int64_t buffer_size;
    double alpha;
    advantage_settings advantage;
    aggregate_settings aggregate;
    bool use_clip;
    clip_settings clip;
    penalty_settings penalty;
} relift_settings;
RP_SETTINGS_OF(relift)

static const rp_option settings_of_relift[] = {
    SETTING_INT(relift, buffer_size, 128, 1, 1e6, "failed questions collected before one supervised step"),
    SETTING_REAL(relift, alpha, 0.0001, 0, 1e3, "entropy bonus of the supervised term"),
    SETTINGS_ADVANTAGE(relift, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(relift, RP_TOKEN_MEAN),
    SETTING_BOOL(relift, use_clip, false, "clip the ratio of the policy's own rows", .former = "clip"),
    SETTINGS_CLIP(relift, 0.2, 0.2, 0),
    SETTINGS_PENALTY(relift),
    RP_OPTION_END,
};

static const rp_convention conventions_of_relift[] = {
    {.name = "paper", .help = "mean over tokens, entropy coefficient 1e-4"},
    {.name = "release",
     .help = "ReLIFT eb95454f",
     .set = {{"alpha", "0.001"}, {"loss_type", "token-sum-norm"}, {"loss_scale_factor", "8192"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const relift_settings settings = relift_of(given);
    const bool bonus = settings.alpha > 0;
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | (bonus ? RP_NEEDS_ENTROPY : 0) |
           rp_common_needs(&settings.advantage, &settings.penalty);
}

/* Rollouts alone; what nobody solved waits for a supervised update. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    const relift_settings settings = relift_of(given);
    (void)step;
    out->failures = (size_t)settings.buffer_size;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const relift_settings settings = relift_of(given);
    real *A, *W;
    real *V;
    uint8_t *own;
    RP_TRY(rp_common_policy_rows(batch, arena, &own));
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, batch->reward, own, arena, &A));
    RP_TRY(rp_common_weights_of(&settings.aggregate, batch, RP_PART_POLICY, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, settings.use_clip);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    V = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(V);
    rp_aggregate_weights(batch, RP_TOKEN_MEAN, 0, false, RP_PART_EXPERT, V);
    const real alpha = (real)settings.alpha;
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
