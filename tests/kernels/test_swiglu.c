/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

enum { T = 3, F = 37 };

typedef struct fixture {
    real gu[T * 2 * F], s[T * F], weight[T * F];
} fixture;

static double loss(void *context) {
    fixture *f = context;
    rp_swiglu_forward(f->s, f->gu, T, F);
    return weighted_sum(f->s, f->weight, T * F);
}

static void test_gradient_matches_central_differences(void **state) {
    (void)state;
    fixture f;
    real dgu[T * 2 * F], again[T * F];
    fill_normal(f.gu, T * 2 * F, 2, 1);
    fill_normal(f.weight, T * F, 1, 2);
    rp_swiglu_backward(dgu, again, f.weight, f.gu, T, F);
    check_gradient(loss, &f, f.gu, dgu, T * 2 * F, "swiglu");
    rp_swiglu_forward(f.s, f.gu, T, F);
    for (size_t i = 0; i < T * F; i++) /* g σ(g) here, g/(1+exp(−g)) there */
        assert_near((double)again[i], (double)f.s[i], 1e-30, 4 * (double)REAL_EPSILON);
}

static void test_forward_is_the_formula_even_far_out(void **state) {
    (void)state;
    const real g[] = {0, 1, -1, 5, -20, 80, -80, 500, -500};
    for (size_t i = 0; i < sizeof g / sizeof *g; i++) {
        const real gu[2] = {g[i], 3};
        real s;
        rp_swiglu_forward(&s, gu, 1, 1);
        assert_near((double)s, 3 * (double)g[i] / (1 + exp(-(double)g[i])), 1e-35, 10 * (double)REAL_EPSILON);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_matches_central_differences),
        cmocka_unit_test(test_forward_is_the_formula_even_far_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
