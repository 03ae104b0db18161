/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static void check(double v, double old, double epsilon, double value, double slope) {
    const rp_dual l = rp_value_loss((real)v, (real)old, 1, (real)epsilon);
    assert_near((double)l.value, value, 1e-6, 0);
    assert_near((double)l.slope, slope, 1e-6, 0);
}

static void test_clipped_values(void **state) {
    (void)state; /* V = .5, .5, .9; V_old = .2, .5, .6; ε = .2: halves of .36, .25, .04 */
    check(.5, .2, .2, .18, 0);
    check(.5, .5, .2, .125, -.5);
    check(.9, .6, .2, .02, 0);
    check(.5, .2, 0, .125, -.5);
}

static void test_a_worse_clipped_value_never_hides_the_error(void **state) {
    (void)state;
    check(2.0, 1.0, .2, .5, 1); /* clipped 1.2 has the smaller error: the plain one counts */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clipped_values),
        cmocka_unit_test(test_a_worse_clipped_value_never_hides_the_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
