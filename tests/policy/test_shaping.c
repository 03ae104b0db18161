/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static void test_overlong_answers_fall_down_a_ramp(void **state) {
    (void)state; /* Lmax 10, Lc 4 */
    const double expected[] = {0, -.25, -.5, -.75, -1, -1};
    for (size_t L = 6; L <= 11; L++) assert_near(rp_overlong_penalty(L, 10, 4, true), expected[L - 6], 1e-15, 0);
    assert_near(rp_overlong_penalty(12, 10, 4, false), -1.5, 1e-15, 0);
    assert_near(rp_overlong_penalty(1000, 10, 0, true), 0, 0, 0);
}

static void test_soft_mean_lies_between_mean_and_maximum(void **state) {
    (void)state;
    const real reward[] = {1, 0, 0, 1};
    assert_near(rp_soft_mean(reward, 4, .1), .9306898, 1e-7, 0);
    assert_near(rp_soft_mean(reward, 4, 1e6), .5, 1e-6, 0);
    assert_near(rp_soft_mean(reward, 4, 1e-4), 1, 1e-4, 0);
    assert_near(rp_soft_mean((const real[]){0, 0}, 2, .1), 0, 0, 0);
}

static void test_schedule_warms_up_and_falls(void **state) {
    (void)state;
    assert_near(rp_cosine_schedule(0, 10, 100, .9, .1), 0, 0, 0);
    assert_near(rp_cosine_schedule(5, 10, 100, .9, .1), .45, 1e-12, 0);
    assert_near(rp_cosine_schedule(10, 10, 100, .9, .1), .9, 1e-12, 0);
    assert_near(rp_cosine_schedule(60, 10, 100, .9, .1), .5, 1e-12, 0);
    assert_near(rp_cosine_schedule(110, 10, 100, .9, .1), .1, 1e-12, 0);
    assert_near(rp_cosine_schedule(9999, 10, 100, .9, .1), .1, 1e-12, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlong_answers_fall_down_a_ramp),
        cmocka_unit_test(test_soft_mean_lies_between_mean_and_maximum),
        cmocka_unit_test(test_schedule_warms_up_and_falls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
