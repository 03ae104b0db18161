/* SPDX-License-Identifier: MIT
 *
 * red_drop.c — drop surplus failures until each success has one.
 *
 *   Eq      [red.1]  keep all R >= mean and as many R < mean, chosen at random
 *           L = -(1/B) Σ A logπ,  A = R - mean of the kept, 0 for dropped rows
 *   Source  arXiv 2509.24203 (RED-Drop) as Trinity-RFT computes it; no ratio enters. A group of equal rewards has only
 *   successes, so nothing is dropped there. Which failures go is drawn from the seed, the group's number and their
 *   order.
 */
#include "common.h"

typedef struct red_drop_settings {
    int64_t seed;
    advantage_settings advantage;
    aggregate_settings aggregate;
    penalty_settings penalty;
} red_drop_settings;
RP_SETTINGS_OF(red_drop)

static const rp_option settings_of_red_drop[] = {
    SETTING_INT(red_drop, seed, 0, 0, 4294967295.0, "of the draw of dropped rows"),
    SETTINGS_ADVANTAGE(red_drop, RP_BASELINE_MEAN, RP_STD_NONE, 0),
    SETTINGS_AGGREGATE(red_drop, RP_SEQ_MEAN_TOKEN_SUM),
    SETTINGS_PENALTY(red_drop),
    RP_OPTION_END,
};

static const rp_convention conventions_of_red_drop[] = {
    {.name = "paper", .help = "sum over tokens, mean over answers"},
    {.name = "release", .help = "Trinity-RFT", .set = {{"loss_type", "token-mean"}}},
    {.name = NULL},
};

static unsigned needs(const rp_settings *given) {
    const red_drop_settings settings = red_drop_of(given);
    return RP_NEEDS_REWARD | rp_common_needs(&settings.advantage, &settings.penalty);
}

static bool fails(const rp_batch *batch, const double *mean, size_t row) {
    return (double)batch->reward[row] < mean[batch->group[row]];
}

/* Keeps `wanted` of the failures of one group: each next one with probability wanted/left, which is a uniform choice. */
static void drop_in_group(const rp_batch *batch, const double *mean, uint32_t group, size_t good, size_t bad, uint64_t seed,
                          uint8_t *kept) {
    rp_rng rng = rp_rng_stream(seed, RP_RNG_ALGORITHM, 0, group, 0);
    size_t wanted = good < bad ? good : bad, left = bad;
    for (size_t i = 0; i < batch->rows; i++)
        if (batch->group[i] == group && fails(batch, mean, i)) {
            kept[i] = rp_rng_below(&rng, (uint32_t)left--) < wanted;
            wanted -= kept[i];
        }
}

static rp_status choose_rows(const rp_batch *batch, uint64_t seed, rp_arena *arena, uint8_t **kept) {
    double *mean = rp_alloc_zero(arena, double, batch->groups);
    size_t *good = rp_alloc_zero(arena, size_t, batch->groups), *bad = rp_alloc_zero(arena, size_t, batch->groups);
    *kept = rp_alloc(arena, uint8_t, batch->rows);
    if (!mean || !good || !bad || !*kept) return RP_ERR_MEMORY;
    for (size_t i = 0; i < batch->rows; i++) {
        mean[batch->group[i]] += (double)batch->reward[i];
        good[batch->group[i]]++;
    }
    for (size_t g = 0; g < batch->groups; g++) {
        /* Held just below, so that equal rewards are all successes whatever the rounding of their mean. */
        mean[g] = good[g] ? mean[g] / (double)good[g] : 0;
        mean[g] -= 1e-6 * fabs(mean[g]);
        good[g] = 0;
    }
    for (size_t i = 0; i < batch->rows; i++) {
        (*kept)[i] = 1;
        if (fails(batch, mean, i))
            bad[batch->group[i]]++;
        else
            good[batch->group[i]]++;
    }
    for (size_t g = 0; g < batch->groups; g++)
        if (bad[g] > good[g]) drop_in_group(batch, mean, (uint32_t)g, good[g], bad[g], seed, *kept);
    return RP_OK;
}

static rp_status loss(const rp_batch *batch, const rp_settings *given, rp_arena *arena, rp_loss *out) {
    const red_drop_settings settings = red_drop_of(given);
    real *A, *W;
    uint8_t *kept;
    const uint64_t seed = (uint64_t)settings.seed;
    RP_TRY(choose_rows(batch, seed, arena, &kept));
    RP_TRY(rp_common_advantage_of(&settings.advantage, batch, batch->reward, kept, arena, &A));
    RP_TRY(rp_common_weights(&settings.aggregate, batch, arena, &W));
    const rp_penalty penalty = rp_common_penalty(&settings.penalty);
    rp_tally tally = {0};
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            if (!rp_token_counts(batch, t)) continue;
            rp_common_weighted_token(batch, t, W[i], 1, kept[i] ? A[i] : 0, &penalty, &tally, out); /* [red.1] */
        }
    rp_tally_write(&tally, out);
    size_t count = 0;
    for (size_t i = 0; i < batch->rows; i++) count += kept[i];
    rp_loss_metric(out, "kept_rows", (double)count / (double)batch->rows);
    return RP_OK;
}

const rp_algorithm rp_algorithm_red_drop = {
    .name = "red_drop",
    .title = "RED-Drop",
    .citation = "yao2025rec",
    .equations = "red.1",
    .summary = "REINFORCE on groups balanced by dropping surplus failures.",
    .settings = settings_of_red_drop,
    .conventions = conventions_of_red_drop,
    .needs = needs,
    .loss = loss,
};
