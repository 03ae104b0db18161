/* SPDX-License-Identifier: MIT
 *
 * prefix_rft.c — begin with the teacher's words, go on with your own.
 *
 *   Eq      [prefix.3]  prefix token of a hybrid row:  A = (R_hybrid - mean R of the pure rollouts)/(hybrids of the
 *   group)
 *           [prefix.4]  continuation token: A within the hybrids of the group;  pure rollouts: A within the pure
 *   rollouts
 *           [prefix.5]  of the prefix tokens only the share top_entropy with the highest entropy keep their advantage
 *   Source  arXiv 2507.01679 and its code. A hybrid row (source expert) starts with a piece of the demonstration
 *   (prefix = 1), whose length follows a cosine from prefix_start to prefix_end; the ratio is π/π_old under the plain
 *   question everywhere. The kept share could not be read; 0.2 here. A single hybrid has nothing to be compared with:
 *   its continuation has A = 0, or its reward with group_of_one=reward.
 */
#include "common.h"

typedef struct prefix_rft_settings {
    double top_entropy, prefix_start, prefix_end;
    int64_t decay_steps;
    advantage_settings advantage;
    aggregate_settings aggregate;
    bool use_clip;
    clip_settings clip;
    penalty_settings penalty;
} prefix_rft_settings;
RP_SETTINGS_OF(prefix_rft)

static const rp_option settings_of_prefix_rft[] = {
    SETTING_REAL(prefix_rft, top_entropy, 0.2, 0, 1, "share of prefix tokens that keep their advantage; 1 = all"),
    SETTING_REAL(prefix_rft, prefix_start, 0.95, 0, 1, "share of the demonstration given at first, for the trainer"),
    SETTING_REAL(prefix_rft, prefix_end, 0.05, 0, 1, "share given at the end of the schedule"),
    SETTING_INT(prefix_rft, decay_steps, 300, 0, 1e9, "steps of the schedule", .former = "decay"),
    SETTINGS_ADVANTAGE(prefix_rft, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(prefix_rft, RP_TOKEN_MEAN),
    SETTING_BOOL(prefix_rft, use_clip, true, "clip the ratio", .former = "clip"),
    SETTINGS_CLIP(prefix_rft, 0.2, 0.2, 0),
    SETTINGS_PENALTY(prefix_rft),
    RP_OPTION_END,
};

static const rp_convention conventions_of_prefix_rft[] = {
    {.name = "paper", .help = "mean over tokens, a fifth of the prefix tokens"},
    {.name = "release",
     .help = "prefix_rft 5f5d2a1f: a group of one keeps its reward",
     .set = {{"group_of_one", "reward"}, {"delta", "3"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const prefix_rft_settings settings = prefix_rft_of(given);
    const bool ranked = settings.top_entropy < 1;
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | RP_NEEDS_PREFIX | (ranked ? RP_NEEDS_ENTROPY : 0) |
           rp_common_needs(&settings.advantage, &settings.penalty);
}

/* One row of each group is a hybrid; the part of the solution that it copies shrinks by half a cosine. */
static void plan(const rp_settings *given, int64_t step, rp_plan *out) {
    const prefix_rft_settings settings = prefix_rft_of(given);
    const double share =
        rp_cosine_schedule((double)step, 0, (double)settings.decay_steps, settings.prefix_start, settings.prefix_end);
    out->demonstration[out->demonstrations++] = (rp_demonstration){.share = share};
}

/* P (B): what a hybrid gained over the pure rollouts of its group, shared among the hybrids. */
static rp_status prefix_advantage(const rp_batch *batch, const uint8_t *own, rp_arena *arena, real **P) {
    double *sum = rp_alloc_zero(arena, double, batch->groups), *pure = rp_alloc_zero(arena, double, batch->groups);
    double *hybrids = rp_alloc_zero(arena, double, batch->groups);
    *P = rp_alloc(arena, real, batch->rows);
    if (!sum || !pure || !hybrids || !*P) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch->rows; i++) {
        const uint32_t g = batch->group[i];
        sum[g] += own[i] ? (double)batch->reward[i] : 0;
        pure[g] += own[i];
        hybrids[g] += !own[i];
    }
    for (size_t i = 0; i < batch->rows; i++) {
        const uint32_t g = batch->group[i];
        const double mean = pure[g] > 0 ? sum[g] / pure[g] : 0;
        (*P)[i] = own[i] ? 0 : (real)(((double)batch->reward[i] - mean) / hybrids[g]);
    }
    return RP_OK;
}

/* Whether fewer than share * n of the row's n prefix tokens have a higher entropy (an earlier token wins a tie). */
static bool keeps_advantage(const rp_batch *batch, size_t row, size_t token, double share) {
    if (share >= 1) return true;
    size_t n = 0, above = 0;
    for (size_t t = batch->start[row]; t < batch->start[row + 1]; t++) {
        if (!rp_token_counts(batch, t) || !batch->prefix[t]) continue;
        n++;
        above += batch->entropy[t] > batch->entropy[token] || (t < token && batch->entropy[t] >= batch->entropy[token]);
    }
    return (double)above < ceil(share * (double)n - 1e-9);
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const prefix_rft_settings settings = prefix_rft_of(given);
    real *A, *W;
    real *P, *H;
    uint8_t *own, *hybrid;
    RP_TRY(rp_common_policy_rows(batch, arena, &own));
    RP_TRY(rp_common_policy_rows(batch, arena, &hybrid));
    for (size_t i = 0; i < batch->rows; i++) hybrid[i] = !own[i];
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, batch->reward, own, arena, &A));    /* pure rollouts */
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, batch->reward, hybrid, arena, &H)); /* [prefix.4] */
    RP_TRY(prefix_advantage(batch, own, arena, &P));                                              /* [prefix.3] */
    for (size_t i = 0; i < batch->rows; i++)
        if (hybrid[i]) A[i] = H[i];
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_clip clip = rp_common_clip(&settings.clip, settings.use_clip);
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const double share = settings.top_entropy;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const bool copied = batch->prefix[t] != 0;
            const real a = !copied ? A[i] : keeps_advantage(batch, i, t, share) ? P[i] : 0; /* [prefix.5] */
            const rp_dual r = rp_ratio(batch->logp[t], batch->logp_old[t]);
            rp_common_clipped_token(batch, t, W[i], r, a, clip, &penalty, &tally, out);
        }
    rp_tally_write(&tally, out);
    return RP_OK;
}

const rp_algorithm rp_algorithm_prefix_rft = {
    .name = "prefix_rft",
    .title = "Prefix-RFT",
    .citation = "huang2025prefix",
    .equations = "prefix.3, prefix.4, prefix.5",
    .summary = "Rollouts that continue the beginning of a demonstration; prefix tokens are credited with what they gained.",
    .settings = settings_of_prefix_rft,
    .conventions = conventions_of_prefix_rft,
    .needs = needs,
    .plan = plan,
    .loss = loss,
};
