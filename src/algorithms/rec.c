/* SPDX-License-Identifier: MIT
 *
 * rec.c — group-relative REINFORCE for any data: what clipping does without importance sampling.
 *
 *   Eq      [rec.1]  l = -sg[M w] A logπ,  A = R - mean R,  w = 1 or r
 *   Source  arXiv 2509.24203; forms of the mask M as in Trinity-RFT:
 *             none      1
 *             one-side  (A >= 0 and r <= 1+ε_h) or (A <= 0 and r >= 1-ε_l)           with w = r: PPO's gradient
 *   exactly
 *             two-side  1-ε_l <= r <= 1+ε_h
 *             ring      two-side, or (A >= 0 and r <= 1-ε_l'), or (A <= 0 and r >= 1+ε_h')
 *   The point of the paper: the masks matter, the weight r hardly does, so group-relative REINFORCE is off-policy as
 *   it stands.
 *   Differs from Trinity-RFT (release): its mean is over tokens; the paper's algebra sums over an answer's tokens.
 */
#include "common.h"

typedef struct rec_settings {
    int rec_mask;
    bool importance;
    double epsilon, epsilon_high, ring_low, ring_high;
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} rec_settings;
RP_SETTINGS_OF(rec)

static const rp_option settings_of_rec[] = {
    SETTING_CHOICE(rec, rec_mask, 1, RP_CHOICES("none", "one-side", "two-side", "ring"),
                   "which tokens keep their gradient"),
    SETTING_BOOL(rec, importance, false, "weight by the ratio"),
    SETTING_EPSILON(rec, epsilon, 0.2, 0, 1, "inner bound below, 1 - epsilon"),
    SETTING_EPSILON_HIGH(rec, epsilon_high, 0.2, 0, 1e9, "inner bound above, 1 + epsilon_high"),
    SETTING_REAL(rec, ring_low, 0.6, 0, 1, "outer bound below, 1 - ring_low"),
    SETTING_REAL(rec, ring_high, 2, 0, 1e9, "outer bound above, 1 + ring_high"),
    SETTINGS_ADVANTAGE(rec, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(rec, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY(rec),
    RP_OPTION_END,
};

static const rp_convention conventions_of_rec[] = {
    {.name = "paper", .help = "one-side mask, no importance weight, sum over tokens"},
    {.name = "release", .help = "Trinity-RFT rec_policy_loss", .set = {{"loss_type", "token-mean"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const rec_settings settings = rec_of(given);
    return RP_NEEDS_REWARD | RP_NEEDS_OLD | rp_common_needs(&settings.advantage, &settings.penalty);
}

typedef struct rec_bounds {
    int mask; /* none, one-side, two-side, ring */
    real low, high, ring_low, ring_high;
} rec_bounds;

static bool keeps(const rec_bounds *b, real r, real A) {
    const bool inside = r >= b->low && r <= b->high;
    const bool one_side = (A >= 0 && r <= b->high) || (A <= 0 && r >= b->low);
    const bool ring = inside || (A >= 0 && r <= b->ring_low) || (A <= 0 && r >= b->ring_high);
    return (const bool[]){true, one_side, inside, ring}[b->mask];
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const rec_settings settings = rec_of(given);
    real *A, *W;
    RP_TRY(rp_common_advantage(&settings.advantage, batch, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    const rec_bounds bounds = {.mask = settings.rec_mask,
                               .low = (real)(1 - settings.epsilon),
                               .high = (real)(1 + settings.epsilon_high),
                               .ring_low = (real)(1 - settings.ring_low),
                               .ring_high = (real)(1 + settings.ring_high)};
    const bool importance = settings.importance;
    size_t dropped = 0;
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            const real r = rp_ratio(rp_detached(batch, t), batch->logp_old[t]).value;
            const bool kept = keeps(&bounds, r, A[i]);
            rp_common_weighted_token(batch, t, W[i], kept ? importance ? r : 1 : 0, A[i], &penalty, &tally,
                                     out); /* [rec.1] */
            dropped += !kept;
        }
    rp_tally_write(&tally, out);
    rp_loss_metric(out, "masked_tokens", tally.ratios ? (double)dropped / (double)tally.ratios : 0);
    return RP_OK;
}

const rp_algorithm rp_algorithm_rec = {
    .name = "rec",
    .title = "Group-relative REINFORCE with clipping",
    .citation = "yao2025rec",
    .equations = "rec.1",
    .summary = "REINFORCE with group-mean advantages and a mask by ratio, with or without importance weights.",
    .settings = settings_of_rec,
    .conventions = conventions_of_rec,
    .needs = needs,
    .loss = loss,
};
