/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static rp_dual at(rp_kl kind, double p, double q, double cap) {
    return rp_kl_estimate(kind, (real)log(p), (real)log(q), (real)cap);
}

static void check_dual(rp_dual got, double value, double slope) {
    assert_near((double)got.value, value, 2e-7, 0);
    assert_near((double)got.slope, slope, 2e-7, 0);
}

static void test_values_and_derivatives(void **state) {
    (void)state;
    check_dual(at(RP_KL_K1, .7, .6, 0), .15415068, 1);
    check_dual(at(RP_KL_K2, .7, .6, 0), .01188122, .15415068);
    check_dual(at(RP_KL_K3, .7, .6, 0), .01129354, .14285714);
    check_dual(at(RP_KL_K1, .56, .7, 0), -.22314355, 1);
    check_dual(at(RP_KL_K2, .56, .7, 0), .02489652, -.22314355);
    check_dual(at(RP_KL_K3, .56, .7, 0), .02685645, -.25);
    check_dual(at(RP_KL_ABS, .56, .7, 0), .22314355, -1);
    check_dual(at(RP_KL_ABS, .5, .5, 0), 0, 0);
    check_dual(at(RP_KL_K1_PLUS, .56, .7, 0), -.22314355, -.22314355);
    check_dual(at(RP_KL_K3_PLUS, .7, .6, 0), .01129354, .15415068);
}

static void test_the_cap_flattens(void **state) {
    (void)state;
    check_dual(at(RP_KL_K3, 1e-6, 1, 10), 10, 0);
    check_dual(at(RP_KL_K1, 1e-6, 1, 10), -10, 0);
    check_dual(at(RP_KL_K3_PLUS, 1e-6, 1, 10), 10, (double)at(RP_KL_K2, 1e-6, 1, 0).slope);
    assert_true(isfinite(rp_kl_estimate(RP_KL_K3, R(-800.0), 0, 0).value));
    assert_true(rp_kl_estimate(RP_KL_K3, R(-800.0), 0, 0).slope == 0);
}

static void test_k3_keeps_its_digits_near_zero(void **state) {
    (void)state;
    const real d = R(0.0009765625); /* 2^-10; k3 = d²/2 - d³/6 + d⁴/24 */
    const double expected = 4.7668197e-07;
    const rp_dual k = rp_kl_estimate(RP_KL_K3, d, 0, 0);
    assert_near((double)k.value, expected, 0, sizeof(real) == 4 ? 3e-4 : 1e-7);
}

static void test_expectations_over_two_outcomes(void **state) {
    (void)state;
    const double p[] = {.7, .3}, q[] = {.6, .4};
    double k[3] = {0, 0, 0};
    for (size_t v = 0; v < 2; v++)
        for (int kind = RP_KL_K1; kind <= RP_KL_K3; kind++) k[kind] += p[v] * (double)at((rp_kl)kind, p[v], q[v], 0).value;
    const real logp[] = {(real)log(.7), (real)log(.3)}, logq[] = {(real)log(.6), (real)log(.4)};
    assert_near(rp_kl_exact(logp, logq, 2), .0216009, 1e-7, 0);
    assert_near(k[RP_KL_K1], .0216009, 1e-7, 0);
    assert_near(k[RP_KL_K2], .0207310, 1e-7, 0);
    assert_near(k[RP_KL_K3], .0216009, 1e-7, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_derivatives),
        cmocka_unit_test(test_the_cap_flattens),
        cmocka_unit_test(test_k3_keeps_its_digits_near_zero),
        cmocka_unit_test(test_expectations_over_two_outcomes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
