/* SPDX-License-Identifier: MIT
 *
 * hpt.c — per question either reinforcement or imitation, never both.
 *
 *   Eq      [hpt.4]  P = share of right rollouts;  P > gate: RL loss on the rollouts, else SFT loss on the
 *   demonstration
 *           L = a L_RL + b L_SFT,  (a, b) = (1, 0) or (0, sft_coef)
 *   Source  Unify-Post-Training (arXiv 2509.04419) and its code: gate 0 (all fail) for Qwen, 2 of 8 for Llama; RL
 *   part as LUFFY's release (no deviation, no clip, sum over tokens divided by 8192), SFT part a mean over the tokens
 *   that take part. A rollout is right when its reward is at least delta. The trainer supplies the demonstration of
 *   every question; rows that the gate closes have weight 0.
 */
#include "common.h"

typedef struct hpt_settings {
    double gate, reward_threshold, sft_coef;
    advantage_settings advantage;
    aggregate_settings aggregate;
    bool use_clip;
    clip_settings clip;
    penalty_settings penalty;
} hpt_settings;
RP_SETTINGS_OF(hpt)

static const rp_option settings_of_hpt[] = {
    SETTING_REAL(hpt, gate, 0, 0, 1, "share of right answers up to which the demonstration is used"),
    SETTING_REAL(hpt, reward_threshold, 0.5, -1e9, 1e9, "reward from which an answer is right"),
    SETTING_REAL(hpt, sft_coef, 1, 0, 1e9, "weight of the supervised term", .former = "coefficient, sft_loss_coef"),
    SETTINGS_ADVANTAGE(hpt, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(hpt, RP_TOKEN_MEAN),
    SETTING_BOOL(hpt, use_clip, false, "clip the ratio of the policy's own rows", .former = "clip"),
    SETTINGS_CLIP(hpt, 0.2, 0.2, 0),
    SETTINGS_PENALTY(hpt),
    RP_OPTION_END,
};

static const rp_convention conventions_of_hpt[] = {
    {.name = "paper", .help = "gate 0, means over tokens"},
    {.name = "release",
     .help = "Unify-Post-Training ae332f5f",
     .set = {{"loss_type", "token-sum-norm"}, {"loss_scale_factor", "8192"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const hpt_settings settings = hpt_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | RP_NEEDS_WHOLE_STEP | rp_common_needs(&settings.advantage, &settings.penalty);
}

/* One row of each group is the solution as it is. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    (void)given, (void)step;
    out->demonstration[out->demonstrations++] = (rp_demonstration){.whole = true};
}

/* open[g] = 1: the rollouts of group g are good enough for reinforcement. */
static rp_status gates(const rp_batch *batch, const hpt_settings *s, const uint8_t *own, rp_arena *arena, uint8_t **open) {
    const double gate = s->gate;
    const double delta = s->reward_threshold;
    double *n = rp_alloc_zero(arena, double, batch->groups), *right = rp_alloc_zero(arena, double, batch->groups);
    *open = rp_alloc(arena, uint8_t, batch->groups);
    if (!n || !right || !*open) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch->rows; i++)
        if (own[i]) {
            n[batch->group[i]] += 1;
            right[batch->group[i]] += (double)batch->reward[i] >= delta;
        }
    /* Compared as counts, with slack for a gate like 2/8 typed as a decimal. */
    for (size_t g = 0; g < batch->groups; g++) (*open)[g] = right[g] > gate * n[g] + 1e-9;
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const hpt_settings settings = hpt_of(given);
    real *A, *W;
    uint8_t *own;
    RP_TRY(rp_common_policy_rows(batch, arena, &own));
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, batch->reward, own, arena, &A));
    RP_TRY(rp_common_weights_of(&settings.aggregate, batch, RP_PART_POLICY, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, settings.use_clip);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const real c = (real)settings.sft_coef;
    uint8_t *open;
    RP_TRY(gates(batch, &settings, own, arena, &open));
    size_t tokens = 0; /* of the demonstrations that take part */
    for (size_t i = 0; i < batch->rows; i++)
        if (!own[i] && !open[batch->group[i]]) tokens += rp_row_length(batch, i);
    const real demonstrated = tokens ? (real)tokens : 1;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            if (own[i]) {
                if (!open[batch->group[i]]) continue;
                const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
                rp_common_clipped_token(batch, t, W[i], r, A[i], clip, &penalty, &tally, out);
            } else {
                if (open[batch->group[i]]) continue;
                rp_common_sft_token(batch, t, 1 / demonstrated, c, out); /* [hpt.4] */
            }
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_hpt = {
    .name = "hpt",
    .title = "Hybrid post-training",
    .citation = "lv2025hpt",
    .equations = "hpt.4",
    .summary = "Each question is trained by RL when the policy solves it often enough, else by SFT.",
    .settings = settings_of_hpt,
    .conventions = conventions_of_hpt,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
