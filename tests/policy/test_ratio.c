/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static void test_ratio_and_its_derivative(void **state) {
    (void)state;
    const rp_dual r = rp_ratio((real)log(.7), (real)log(.5));
    assert_near((double)r.value, 1.4, 1e-6, 0);
    assert_near((double)r.slope, 1.4, 1e-6, 0);
    assert_true(rp_ratio(R(-1.25), R(-1.25)).value == 1); /* exactly: on-policy losses cancel */
}

static void test_far_ratios_are_finite_and_flat(void **state) {
    (void)state;
    const rp_dual high = rp_ratio(R(-0.5), R(-800.5)), low = rp_ratio(R(-800.5), R(-0.5));
    assert_near((double)high.value, exp(20), 0, 1e-6);
    assert_near((double)low.value, exp(-20), 0, 1e-6);
    assert_true(high.slope == 0 && low.slope == 0);
    assert_true(rp_log_ratio(R(20.0), 0).slope == 1);
}

static void test_row_ratios_of_the_toy_batch(void **state) {
    (void)state;
    const real logp[] = {(real)log(.70), (real)log(.20), (real)log(.26), (real)log(.56)};
    const real old[] = {(real)log(.50), (real)log(.40), (real)log(.25), (real)log(.80)};
    const uint8_t mask[] = {1, 1, 1, 0};
    rp_batch batch = {.rows = 2, .start = (const uint32_t[]){0, 3, 4}, .logp = logp};
    const rp_dual mean = rp_row_ratio(&batch, 0, old, true), sum = rp_row_ratio(&batch, 0, old, false);
    assert_near((double)mean.value, .8995883, 1e-6, 0);
    assert_near((double)mean.slope, .8995883 / 3, 1e-6, 0);
    assert_near((double)sum.value, .728, 1e-6, 0);
    assert_near((double)sum.slope, .728, 1e-6, 0);
    assert_near((double)rp_row_ratio(&batch, 1, old, true).value, .7, 1e-6, 0);
    const real far[] = {R(-90.0), R(-0.9), R(-1.3), R(-0.2)};
    const rp_dual held = rp_row_ratio(&batch, 0, far, true); /* the mean of the log ratios is above 20 */
    assert_near((double)held.value, exp(20), 0, 1e-6);
    assert_true(held.slope == 0);
    batch.mask = mask;
    assert_true(rp_row_ratio(&batch, 1, old, true).value == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratio_and_its_derivative),
        cmocka_unit_test(test_far_ratios_are_finite_and_flat),
        cmocka_unit_test(test_row_ratios_of_the_toy_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
