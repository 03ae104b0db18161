/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static const rp_clip band = {R(0.8), R(1.2), 3};

static void check_dual(rp_dual got, double value, double slope) {
    assert_near((double)got.value, value, 1e-6, 1e-6);
    assert_near((double)got.slope, slope, 1e-6, 1e-6);
}

static void test_the_clip_is_one_sided(void **state) {
    (void)state;
    check_dual(rp_surrogate_clipped((rp_dual){R(1.4), R(1.4)}, R(.5), band), -.6, 0);     /* gone far enough up */
    check_dual(rp_surrogate_clipped((rp_dual){R(0.5), R(0.5)}, R(.5), band), -.25, -.25); /* coming back */
    check_dual(rp_surrogate_clipped((rp_dual){R(0.7), R(0.7)}, R(-.5), band), .4, 0);     /* gone far enough down */
    check_dual(rp_surrogate_clipped((rp_dual){R(1.4), R(1.4)}, R(-.5), band), .7, .7);    /* coming back */
    check_dual(rp_surrogate_clipped((rp_dual){R(5.0), R(5.0)}, -1, band), 3, 0);          /* dual clip */
    check_dual(rp_surrogate_clipped((rp_dual){R(5.0), R(5.0)}, -1, (rp_clip){R(0.8), R(1.2), 0}), 5, 5);
    check_dual(rp_surrogate_clipped((rp_dual){R(1.4), R(1.4)}, 0, band), 0, 0);
}

static void test_a_ratio_on_the_bound_keeps_its_gradient(void **state) {
    (void)state;
    assert_int_equal(rp_clip_where(R(1.2), 1, band), RP_CLIP_NONE);
    assert_int_equal(rp_clip_where(R(0.8), -1, band), RP_CLIP_NONE);
    assert_int_equal(rp_clip_where(3, -1, band), RP_CLIP_NONE);
    assert_int_equal(rp_clip_where(R(1.21), 1, band), RP_CLIP_HIGH);
    assert_int_equal(rp_clip_where(R(0.79), -1, band), RP_CLIP_LOW);
    assert_int_equal(rp_clip_where(R(3.01), -1, band), RP_CLIP_DUAL);
}

static void test_constant_weight(void **state) {
    (void)state;
    check_dual(rp_surrogate_weighted(R(1.2), R(-.5), -2), -1.2, .6);
}

static void test_shaping_has_its_table_of_weights(void **state) {
    (void)state;
    const struct {
        double p, f, weight;
    } rows[] = {{1e-3, .00990099, .009802960},
                {.01, .09090909, .08264463},
                {.1, .5, .25},
                {.5, .8333333, .1388889},
                {1, .9090909, .08264463}}; /* p/(p+.1) and .1 p/(p+.1)², by hand */
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        check_dual(rp_surrogate_shaped((real)log(rows[k].p), 1, R(0.1)), -rows[k].f, -rows[k].weight);
    check_dual(rp_surrogate_shaped(R(0.5), 1, R(0.1)), -.9090909, -.08264463); /* rounding above 1 counts as 1 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_clip_is_one_sided),
        cmocka_unit_test(test_a_ratio_on_the_bound_keeps_its_gradient),
        cmocka_unit_test(test_constant_weight),
        cmocka_unit_test(test_shaping_has_its_table_of_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
