/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

/* Groups are interleaved on purpose: rows of a group stand anywhere. Group 0 is R = 1, 0, 1, 0 with lengths 2, 4, 1, 1. */
static const uint32_t start[] = {0, 2, 5, 9, 10, 11, 12}, group[] = {0, 1, 0, 0, 1, 0};
static const real logp[12], reward[] = {1, 3, 0, 1, 3, 0};

static rp_batch batch_of(void) {
    return (rp_batch){.rows = 6, .start = start, .group = group, .groups = 2, .logp = logp, .reward = reward};
}

static void advantages(const rp_batch *batch, rp_advantage_options options, const double *expected) {
    rp_arena *arena = rp_arena_create("test", 0);
    real A[8], want[8];
    for (size_t i = 0; i < batch->rows; i++) want[i] = (real)expected[i];
    assert_ok(rp_advantage(batch, batch->reward, &options, arena, A));
    assert_close(A, want, batch->rows, 2e-7, 0);
    rp_arena_destroy(arena);
}

static void test_baselines(void **state) {
    (void)state;
    const rp_batch batch = batch_of();
    advantages(&batch, (rp_advantage_options){.baseline = RP_BASELINE_NONE}, (double[]){1, 3, 0, 1, 3, 0});
    advantages(&batch, (rp_advantage_options){.baseline = RP_BASELINE_MEAN}, (double[]){.5, 0, -.5, .5, 0, -.5});
    advantages(&batch, (rp_advantage_options){.baseline = RP_BASELINE_LEAVE_ONE_OUT},
               (double[]){1 - 1. / 3, 0, -2. / 3, 1 - 1. / 3, 0, -2. / 3});
    advantages(&batch, (rp_advantage_options){.baseline = RP_BASELINE_LENGTH}, (double[]){.625, 0, -.375, .625, 0, -.375});
}

static void test_three_conventions_of_the_deviation(void **state) {
    (void)state;
    const rp_batch batch = {.rows = 2,
                            .start = (const uint32_t[]){0, 3, 4},
                            .group = (const uint32_t[]){0, 0},
                            .groups = 1,
                            .logp = logp,
                            .reward = (const real[]){1, 0}};
    const rp_advantage_options population = {.baseline = RP_BASELINE_MEAN, .std = RP_STD_POPULATION};
    rp_advantage_options bessel = {.baseline = RP_BASELINE_MEAN, .std = RP_STD_BESSEL, .std_epsilon = 1e-4};
    advantages(&batch, population, (double[]){1, -1});
    advantages(&batch, bessel, (double[]){.7070068, -.7070068});
    bessel.std_epsilon = 1e-6;
    advantages(&batch, bessel, (double[]){.7071058, -.7071058});
}

static void test_one_deviation_for_the_batch(void **state) {
    (void)state; /* TRL scale_rewards="batch" on R = 1, 0 | 1, 1 */
    const rp_batch batch = {.rows = 4,
                            .start = (const uint32_t[]){0, 1, 2, 3, 4},
                            .group = (const uint32_t[]){0, 0, 1, 1},
                            .groups = 2,
                            .logp = logp,
                            .reward = (const real[]){1, 0, 1, 1}};
    advantages(&batch,
               (rp_advantage_options){
                   .baseline = RP_BASELINE_MEAN, .std = RP_STD_BESSEL, .std_epsilon = 1e-4, .std_of_batch = true},
               (double[]){.99980004, -.99980004, 0, 0});
}

static void test_equal_rewards_give_exactly_zero(void **state) {
    (void)state; /* the mean of three 0.1 is not 0.1, and the deviation is rounding too */
    const rp_batch batch = {.rows = 3,
                            .start = (const uint32_t[]){0, 1, 2, 3},
                            .group = (const uint32_t[]){0, 0, 0},
                            .groups = 1,
                            .logp = logp,
                            .reward = (const real[]){R(0.1), R(0.1), R(0.1)}};
    rp_arena *arena = rp_arena_create("test", 0);
    for (int baseline = RP_BASELINE_MEAN; baseline <= RP_BASELINE_LENGTH; baseline++)
        for (int std = RP_STD_NONE; std <= RP_STD_BESSEL; std++) {
            const rp_advantage_options options = {.baseline = (rp_baseline)baseline, .std = (rp_std)std};
            real A[3];
            assert_ok(rp_advantage(&batch, batch.reward, &options, arena, A));
            for (size_t i = 0; i < 3; i++) assert_true(A[i] == 0);
        }
    rp_arena_destroy(arena);
}

static void test_rewards_equal_up_to_rounding_are_equal(void **state) {
    (void)
        state; /* 0.1 + 0.2 beside 0.3, and a hybrid outside the pool; taken at their word the last bits are advantages of 1 */
    const real sum = R(0.1) + R(0.2), near = R(0.3) * (1 + 2 * REAL_EPSILON);
    const rp_batch batch = {.rows = 4,
                            .start = (const uint32_t[]){0, 1, 2, 3, 4},
                            .group = (const uint32_t[]){0, 0, 0, 0},
                            .groups = 1,
                            .logp = logp,
                            .reward = (const real[]){sum, R(0.3), near, R(0.3)}};
    for (int baseline = RP_BASELINE_MEAN; baseline <= RP_BASELINE_LENGTH; baseline++)
        for (int std = RP_STD_NONE; std <= RP_STD_BESSEL; std++) {
            const rp_advantage_options options = {.baseline = (rp_baseline)baseline, .std = (rp_std)std};
            rp_advantage_options of_batch = options;
            of_batch.std_of_batch = true;
            advantages(&batch, options, (double[]){0, 0, 0, 0});
            advantages(&batch, of_batch, (double[]){0, 0, 0, 0});
        }
    assert_true(rp_rewards_equal(-0.3, -0.3 * (1 + 1e-13)) && rp_rewards_equal(0, 0) && rp_rewards_equal(1e-9, 1e-9));
    assert_false(rp_rewards_equal(0, 1e-9));
    assert_false(rp_rewards_equal(1, 1 + 0x1p-12));
    assert_false(rp_rewards_equal(-1e-9, 1e-9));
    /* a row outside the pool is compared with the mean; a deviation that is rounding does not make it 10^16 */
    rp_batch hybrid = batch;
    hybrid.reward = (const real[]){sum, R(0.3), near, 1};
    const uint8_t in[] = {1, 1, 1, 0};
    advantages(&hybrid,
               (rp_advantage_options){
                   .baseline = RP_BASELINE_MEAN, .std = RP_STD_POPULATION, .std_epsilon = 0.5, .in_baseline = in},
               (double[]){0, 0, 0, 1.4});
}

static void test_group_of_one(void **state) {
    (void)state;
    const rp_batch batch = {.rows = 1,
                            .start = (const uint32_t[]){0, 1},
                            .group = (const uint32_t[]){4},
                            .groups = 5,
                            .logp = logp,
                            .reward = (const real[]){1}};
    rp_advantage_options options = {.baseline = RP_BASELINE_MEAN, .std = RP_STD_BESSEL, .std_epsilon = 1e-6};
    advantages(&batch, options, (double[]){0});
    options.single_keeps_reward = true;
    advantages(&batch, options, (double[]){.999999});
    options.std = RP_STD_NONE;
    options.baseline = RP_BASELINE_LEAVE_ONE_OUT;
    advantages(&batch, options, (double[]){1});
}

static void test_rows_outside_the_baseline_are_compared_with_it(void **state) {
    (void)state;
    rp_batch batch = batch_of();
    batch.reward = (const real[]){1, 3, 0, 0, 3, 7};
    const uint8_t in[] = {1, 1, 1, 1, 1, 0};
    advantages(&batch, (rp_advantage_options){.baseline = RP_BASELINE_MEAN, .in_baseline = in},
               (double[]){2. / 3, 0, -1. / 3, -1. / 3, 0, 7 - 1. / 3});
    advantages(&batch, (rp_advantage_options){.baseline = RP_BASELINE_LEAVE_ONE_OUT, .in_baseline = in},
               (double[]){1, 0, -.5, -.5, 0, 7 - 1. / 3});
}

static void test_whitening_is_over_counted_tokens(void **state) {
    (void)state; /* [.756, .48, .4] of algorithms.md 1.3, with a hidden token between */
    rp_batch batch = {.rows = 1, .start = (const uint32_t[]){0, 4}, .mask = (const uint8_t[]){1, 0, 1, 1}, .logp = logp};
    real A[] = {R(.756), 99, R(.48), R(.4)};
    rp_advantage_whiten(&batch, A);
    assert_near((double)A[0], 1.127910, 1e-6, 0);
    assert_near((double)A[1], 99, 0, 0);
    assert_near((double)A[2], -.349795, 1e-6, 0);
    assert_near((double)A[3], -.778115, 1e-6, 0);
    batch.mask = (const uint8_t[]){0, 1, 0, 0};
    rp_advantage_whiten(&batch, A);
    assert_near((double)A[1], 99, 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_baselines),
        cmocka_unit_test(test_three_conventions_of_the_deviation),
        cmocka_unit_test(test_one_deviation_for_the_batch),
        cmocka_unit_test(test_equal_rewards_give_exactly_zero),
        cmocka_unit_test(test_rewards_equal_up_to_rounding_are_equal),
        cmocka_unit_test(test_group_of_one),
        cmocka_unit_test(test_rows_outside_the_baseline_are_compared_with_it),
        cmocka_unit_test(test_whitening_is_over_counted_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
