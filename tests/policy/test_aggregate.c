/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static const uint32_t start[] = {0, 3, 4, 4};
static const real logp[4];

static void weights(const rp_batch *batch, rp_aggregate kind, bool skip_empty, const double *expected) {
    real W[3], want[3];
    for (size_t i = 0; i < 3; i++) want[i] = (real)expected[i];
    rp_aggregate_weights(batch, kind, 4, skip_empty, RP_PART_ALL, W);
    assert_close(W, want, 3, 1e-7, 0);
}

static void test_named_denominators(void **state) {
    (void)state; /* rows of 3, 1 and 0 tokens */
    const rp_batch batch = {.rows = 3, .start = start, .logp = logp};
    weights(&batch, RP_SEQ_MEAN_TOKEN_MEAN, false, (double[]){1. / 9, 1. / 3, 1. / 3});
    weights(&batch, RP_SEQ_MEAN_TOKEN_MEAN, true, (double[]){1. / 6, 1. / 2, 1. / 2});
    weights(&batch, RP_TOKEN_MEAN, false, (double[]){1. / 4, 1. / 4, 1. / 4});
    weights(&batch, RP_CONSTANT, false, (double[]){1. / 12, 1. / 12, 1. / 12});
    weights(&batch, RP_CONSTANT, true, (double[]){1. / 8, 1. / 8, 1. / 8});
    weights(&batch, RP_SEQ_MEAN_TOKEN_SUM, false, (double[]){1. / 3, 1. / 3, 1. / 3});
    weights(&batch, RP_SEQ_MEAN_TOKEN_SUM, true, (double[]){1. / 2, 1. / 2, 1. / 2});
    weights(&batch, RP_TOKEN_SUM, false, (double[]){1, 1, 1});
    weights(&batch, RP_TOKEN_SUM_NORM, false, (double[]){.25, .25, .25});
}

static void test_experts_and_policy_have_their_own_denominators(void **state) {
    (void)state;
    const uint8_t source[] = {RP_SOURCE_POLICY, RP_SOURCE_EXPERT, RP_SOURCE_REPHRASED};
    rp_batch batch = {.rows = 3, .start = start, .logp = logp, .source = source};
    real W[3];
    rp_aggregate_weights(&batch, RP_TOKEN_MEAN, 0, false, RP_PART_POLICY, W);
    assert_close(W, ((const real[]){(real)(1. / 3), 0, (real)(1. / 3)}), 3, 1e-7, 0);
    rp_aggregate_weights(&batch, RP_TOKEN_MEAN, 0, false, RP_PART_EXPERT, W);
    assert_close(W, ((const real[]){0, 1, 0}), 3, 1e-7, 0);
    rp_aggregate_weights(&batch, RP_SEQ_MEAN_TOKEN_SUM, 0, true, RP_PART_POLICY, W);
    assert_close(W, ((const real[]){1, 0, 1}), 3, 1e-7, 0);
    batch.total_rows = 10;
    batch.total_tokens = 50;
    batch.total_expert_rows = 2;
    batch.total_expert_tokens = 30;
    rp_aggregate_weights(&batch, RP_TOKEN_MEAN, 0, false, RP_PART_POLICY, W);
    assert_close(W, ((const real[]){R(.05), 0, R(.05)}), 3, 1e-7, 0);
    rp_aggregate_weights(&batch, RP_SEQ_MEAN_TOKEN_SUM, 0, false, RP_PART_EXPERT, W);
    assert_close(W, ((const real[]){0, R(.5), 0}), 3, 1e-7, 0);
}

static void test_normalisers_of_the_whole_step_win(void **state) {
    (void)state;
    const rp_batch batch = {.rows = 3, .start = start, .logp = logp, .total_rows = 10, .total_tokens = 100};
    weights(&batch, RP_SEQ_MEAN_TOKEN_MEAN, true, (double[]){1. / 30, 1. / 10, 1. / 10});
    weights(&batch, RP_TOKEN_MEAN, false, (double[]){1. / 100, 1. / 100, 1. / 100});
    weights(&batch, RP_CONSTANT, false, (double[]){1. / 40, 1. / 40, 1. / 40});
}

static void test_nothing_to_count_is_not_a_division_by_zero(void **state) {
    (void)state;
    const uint8_t mask[4] = {0, 0, 0, 0};
    const rp_batch batch = {.rows = 3, .start = start, .logp = logp, .mask = mask};
    weights(&batch, RP_TOKEN_MEAN, false, (double[]){1, 1, 1});
    weights(&batch, RP_SEQ_MEAN_TOKEN_MEAN, true, (double[]){1, 1, 1});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named_denominators),
        cmocka_unit_test(test_experts_and_policy_have_their_own_denominators),
        cmocka_unit_test(test_normalisers_of_the_whole_step_win),
        cmocka_unit_test(test_nothing_to_count_is_not_a_division_by_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
