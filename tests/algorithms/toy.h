/* SPDX-License-Identifier: MIT
 *
 * toy.h — two batches for the tests of this layer: B0, four tokens that can be worked out by hand, and random ragged ones
 * with every array an algorithm may need.
 */
#ifndef REPHRASE_TESTS_TOY_H
#define REPHRASE_TESTS_TOY_H

#include <rephrase/algorithms.h>

#include "check.h"

#include <string.h>

/* One question, two answers of 3 and 1 tokens, R = [1, 0], ratios [[1.40, .50, 1.04], [.70]]. */
static inline rp_batch toy_b0(rp_arena *arena) {
    static const uint32_t start[] = {0, 3, 4}, group[] = {0, 0};
    static const real reward[] = {1, 0};
    static const double p[3][4] = {{.70, .20, .26, .56}, {.50, .40, .25, .80}, {.60, .30, .25, .70}};
    real *logp[3];
    for (size_t k = 0; k < 3; k++) {
        logp[k] = rp_alloc(arena, real, 4);
        for (size_t t = 0; t < 4; t++) logp[k][t] = (real)log(p[k][t]);
    }
    return (rp_batch){.rows = 2,
                      .start = start,
                      .group = group,
                      .groups = 1,
                      .reward = reward,
                      .logp = logp[0],
                      .logp_old = logp[1],
                      .logp_behavior = logp[1],
                      .logp_ref = logp[2]};
}

enum { TOY_ROWS = 8, TOY_TOPK = 3 };

static inline real *toy_near(rp_arena *arena, rp_rng *rng, const real *center, size_t n, double spread) {
    real *x = rp_alloc(arena, real, n);
    for (size_t t = 0; t < n; t++) x[t] = (real)fmin(-0.02, (double)center[t] + spread * (rp_rng_uniform(rng) - 0.5));
    return x;
}

/* Top-K of the sampling policy: three categories, the sampled token first in about half of the cases. */
static inline void toy_topk(rp_arena *arena, rp_rng *rng, rp_batch *batch, size_t n) {
    int32_t *ids = rp_alloc(arena, int32_t, n * TOY_TOPK), *token = rp_alloc(arena, int32_t, n);
    real *mu = rp_alloc(arena, real, n * TOY_TOPK), *pi = rp_alloc(arena, real, n * TOY_TOPK);
    for (size_t t = 0; t < n; t++) {
        const bool inside = rp_rng_uniform(rng) < 0.5;
        token[t] = inside ? 10 : 99;
        /* What the sampled token leaves is shared out, so that the categories stay below 1 in sum. */
        const double mu_left = 1 - exp((double)batch->logp_behavior[t]), pi_left = 1 - exp((double)batch->logp[t]);
        for (size_t k = 0; k < TOY_TOPK; k++) {
            ids[t * TOY_TOPK + k] = 10 + (int32_t)k;
            mu[t * TOY_TOPK + k] =
                inside && k == 0 ? batch->logp_behavior[t] : (real)log(mu_left * (0.2 + 0.05 * (double)k));
            pi[t * TOY_TOPK + k] =
                inside && k == 0 ? batch->logp[t] : (real)log(pi_left * (0.3 - 0.1 * rp_rng_uniform(rng)));
        }
    }
    batch->topk = TOY_TOPK;
    batch->topk_ids = ids;
    batch->token_ids = token;
    batch->topk_logp_behavior = mu;
    batch->topk_logp = pi;
}

/* Ragged rows of 0..6 tokens in three interleaved groups, some tokens hidden, all sources, graded rewards of two parts. */
static inline rp_batch toy_random(rp_arena *arena, uint32_t number) {
    static const uint32_t groups[TOY_ROWS] = {2, 0, 1, 0, 2, 1, 0, 2};
    rp_rng rng = rp_rng_stream(7, RP_RNG_TEST, number, 0, 0);
    uint32_t *start = rp_alloc_zero(arena, uint32_t, TOY_ROWS + 1);
    for (size_t i = 0; i < TOY_ROWS; i++) start[i + 1] = start[i] + (i == 3 ? 0 : 1 + rp_rng_below(&rng, 6));
    const size_t n = start[TOY_ROWS];
    uint8_t *mask = rp_alloc(arena, uint8_t, n), *source = rp_alloc_zero(arena, uint8_t, TOY_ROWS);
    real *reward = rp_alloc(arena, real, TOY_ROWS), *parts = rp_alloc(arena, real, TOY_ROWS * 2);
    real *logp = rp_alloc(arena, real, n), *entropy = rp_alloc(arena, real, n), *value = rp_alloc(arena, real, n),
         *value_old = rp_alloc(arena, real, n);
    for (size_t t = 0; t < n; t++) {
        mask[t] = rp_rng_uniform(&rng) < 0.85;
        logp[t] = (real)(-0.1 - 2 * rp_rng_uniform(&rng));
        entropy[t] = (real)(2 * rp_rng_uniform(&rng));
        value[t] = (real)rp_rng_uniform(&rng);
        value_old[t] = value[t] + (real)(0.5 * (rp_rng_uniform(&rng) - 0.5));
    }
    uint8_t *prefix = rp_alloc_zero(arena, uint8_t, n);
    for (size_t i = 2; i <= 6; i += 4) /* the experts' rows begin with a demonstration */
        for (size_t t = start[i]; t < start[i + 1]; t++) prefix[t] = 2 * (t - start[i]) < start[i + 1] - start[i];
    for (size_t i = 0; i < TOY_ROWS; i++) {
        for (size_t p = 0; p < 2; p++) parts[i * 2 + p] = (real)(rp_rng_below(&rng, 5) / 4.0);
        reward[i] = (parts[i * 2] + parts[i * 2 + 1]) / 2;
    }
    source[2] = RP_SOURCE_EXPERT;
    source[4] = RP_SOURCE_REPHRASED;
    source[6] = RP_SOURCE_EXPERT;
    rp_batch batch = {.rows = TOY_ROWS,
                      .start = start,
                      .group = groups,
                      .groups = 3,
                      .source = source,
                      .mask = mask,
                      .logp = logp,
                      .entropy = entropy,
                      .value = value,
                      .value_old = value_old,
                      .reward = reward,
                      .reward_parts = parts,
                      .parts = 2,
                      .prefix = prefix};
    batch.logp_old = toy_near(arena, &rng, logp, n, 1.2);
    batch.logp_behavior = toy_near(arena, &rng, batch.logp_old, n, 0.4);
    batch.logp_ref = toy_near(arena, &rng, logp, n, 0.8);
    toy_topk(arena, &rng, &batch, n);
    return batch;
}

/* Loss of a fresh rp_loss in `arena`. `assignments` is NULL-terminated "key=value" text. */
static inline rp_loss toy_loss(rp_arena *arena, const char *name, const char *convention, const char *const *assignments,
                               const rp_batch *batch) {
    const rp_algorithm *algorithm = rp_algorithm_find(name);
    assert_non_null(algorithm);
    rp_settings settings = rp_settings_defaults(algorithm);
    assert_ok(rp_settings_apply(algorithm, convention, &settings));
    for (; assignments && *assignments; assignments++) {
        char key[64];
        const char *equals = strchr(*assignments, '=');
        assert_true(equals && (size_t)(equals - *assignments) < sizeof key);
        memcpy(key, *assignments, (size_t)(equals - *assignments));
        key[equals - *assignments] = '\0';
        assert_ok(rp_settings_set(algorithm, key, equals + 1, &settings));
    }
    rp_loss loss;
    assert_ok(rp_loss_create(arena, batch, &loss));
    assert_ok(rp_algorithm_loss(algorithm, &settings, batch, arena, &loss));
    return loss;
}

#endif
