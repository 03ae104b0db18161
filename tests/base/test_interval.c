/* SPDX-License-Identifier: MIT */
#include "check.h"

/* Wilson (1927), p = (n p + z²/2)/(n + z²) ± z/(n + z²) sqrt(n p (1 - p) + z²/4), computed once in 50 decimal digits. */
static void test_wilsons_interval_of_proportions(void **state) {
    (void)state;
    static const struct {
        double p, n, low, high;
    } cases[] = {{0.5, 10, 0.236593090512564, 0.763406909487436},
                 {0, 60, 0.000000000000000, 0.060171852142090},
                 {1, 60, 0.939828147857910, 1.000000000000000},
                 {0.9, 1740, 0.885010879617013, 0.913226823104751},
                 {0.03, 7.5, 0.001579484889162, 0.376807360096224}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double low, high;
        rp_wilson(cases[i].p, cases[i].n, &low, &high);
        assert_near(low, cases[i].low, 1e-12, 0);
        assert_near(high, cases[i].high, 1e-12, 0);
    }
}

static void test_nothing_asked_is_nothing_known(void **state) {
    (void)state;
    double low, high;
    rp_wilson(0.5, 0, &low, &high);
    assert_near(low, 0, 0, 0);
    assert_near(high, 1, 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wilsons_interval_of_proportions),
        cmocka_unit_test(test_nothing_asked_is_nothing_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
