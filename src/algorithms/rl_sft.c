/* SPDX-License-Identifier: MIT
 *
 * rl_sft.c — the naive mixture: policy gradient on rollouts plus likelihood of the demonstration.
 *
 *   Eq      [rl_sft.1]  L = L_GRPO(policy rows) + c L_SFT(expert rows),  L_SFT a mean over the expert's tokens
 *   Source  the baseline "RL w/ SFT loss" of LUFFY's release (arXiv 2504.14945), c = 1. The baseline of the advantage
 *   is the mean of the policy's own rows.
 *   Differs between paper and release: the release divides the policy term by the padded length 8192 and the other by
 *   its own tokens, which re-weights the two sources without saying so.
 */
#include "common.h"

typedef struct rl_sft_settings {
    double sft_coef;
    advantage_settings advantage;
    aggregate_settings aggregate;
    bool use_clip;
    clip_settings clip;
    penalty_settings penalty;
} rl_sft_settings;
RP_SETTINGS_OF(rl_sft)

static const rp_option settings_of_rl_sft[] = {
    SETTING_REAL(rl_sft, sft_coef, 1, 0, 1e9, "c, weight of the supervised term", .former = "coefficient, sft_loss_coef"),
    SETTINGS_ADVANTAGE(rl_sft, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(rl_sft, RP_TOKEN_MEAN),
    SETTING_BOOL(rl_sft, use_clip, true, "clip the ratio of the policy's own rows", .former = "clip"),
    SETTINGS_CLIP(rl_sft, 0.2, 0.2, 0),
    SETTINGS_PENALTY(rl_sft),
    RP_OPTION_END,
};

static const rp_convention conventions_of_rl_sft[] = {
    {.name = "paper", .help = "GRPO and SFT, each a mean over its own tokens"},
    {.name = "release",
     .help = "LUFFY 01f4ae06, train_rl_sft_loss.sh",
     .set = {{"loss_type", "token-sum-norm"}, {"loss_scale_factor", "8192"}, {"use_clip", "false"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const rl_sft_settings settings = rl_sft_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* One row of each group is the solution as it is. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    (void)given, (void)step;
    out->demonstration[out->demonstrations++] = (rp_demonstration){.whole = true};
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const rl_sft_settings settings = rl_sft_of(given);
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
    const real c = (real)settings.sft_coef;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            if (own[i]) {
                const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
                rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out);
            } else {
                rp_common_sft_token(batch, t, V[i], c, out); /* [rl_sft.1] */
            }
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_rl_sft = {
    .name = "rl_sft",
    .title = "RL with an SFT loss",
    .citation = "yan2025luffy",
    .equations = "rl_sft.1",
    .summary = "GRPO on rollouts plus a weighted likelihood of the demonstrations.",
    .settings = settings_of_rl_sft,
    .conventions = conventions_of_rl_sft,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
