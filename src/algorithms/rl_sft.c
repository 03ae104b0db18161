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

static const rp_setting settings_of_rl_sft[] = {
    SETTING_REAL("coefficient", 1, 0, 1e9, "c, weight of the supervised term"),
    SETTINGS_ADVANTAGE(RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(RP_TOKEN_MEAN),
    SETTING_BOOL("clip", 1, "clip the ratio of the policy's own rows"),
    SETTINGS_CLIP(0.2, 0.2),
    SETTINGS_PENALTY,
    SETTING_END,
};

static const rp_convention conventions_of_rl_sft[] = {
    {.name = "paper", .help = "GRPO and SFT, each a mean over its own tokens"},
    {.name = "release",
     .help = "LUFFY 01f4ae06, train_rl_sft_loss.sh",
     .set = {{"aggregate", "token-sum-norm"}, {"max_length", "8192"}, {"clip", "off"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *settings) {
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&rp_algorithm_rl_sft, settings);
}

/* One row of each group is the solution as it is. */
static void plan(const rp_settings *settings, int64_t step, rp_plan *out) {
    (void)settings, (void)step;
    out->demonstration[out->demonstrations++] = (rp_demonstration){.whole = true};
}

static rp_status loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    const rp_algorithm *self = &rp_algorithm_rl_sft;
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
    const real c = (real)rp_settings_get(self, settings, "coefficient");
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
