/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

enum { T = 3, C = 37, LD = 40 };

typedef struct fixture {
    real x[T * LD], w[C], y[T * C], weight[T * C], r[T];
} fixture;

static double loss(void *context) {
    fixture *f = context;
    rp_rmsnorm_forward(f->y, C, f->r, f->x, LD, f->w, R(1e-2), T, C);
    return weighted_sum(f->y, f->weight, T * C);
}

static void fill(fixture *f) {
    fill_normal(f->x, T * LD, 1, 1);
    fill_normal(f->w, C, 1, 2);
    fill_normal(f->weight, T * C, 1, 3);
}

static void test_forward_is_the_formula(void **state) {
    (void)state;
    fixture f;
    fill(&f);
    (void)loss(&f);
    for (size_t t = 0; t < T; t++) {
        double squares = 0;
        for (size_t i = 0; i < C; i++) squares += (double)f.x[t * LD + i] * (double)f.x[t * LD + i];
        const double r = 1 / sqrt(squares / C + 1e-2);
        assert_near((double)f.r[t], r, 0, 20 * (double)REAL_EPSILON + 1e-8 * (sizeof(real) == 4));
        for (size_t i = 0; i < C; i++)
            assert_near((double)f.y[t * C + i], (double)f.x[t * LD + i] * r * (double)f.w[i], 1e-30,
                        20 * (double)REAL_EPSILON);
    }
}

static void test_gradients_match_central_differences(void **state) {
    (void)state;
    fixture f;
    fill(&f);
    (void)loss(&f);
    real dx[T * LD] = {0}, dw[C] = {0};
    rp_rmsnorm_backward(dx, dx, LD, NULL, f.weight, C, f.x, LD, f.w, f.r, T, C);
    rp_rmsnorm_backward_weight(dw, f.weight, C, f.x, LD, f.r, 1, T, 0, 10);
    rp_rmsnorm_backward_weight(dw, f.weight, C, f.x, LD, f.r, 1, T, 10, C);
    check_gradient(loss, &f, f.x, dx, T * LD, "rmsnorm dx");
    check_gradient(loss, &f, f.w, dw, C, "rmsnorm dw");
}

static void test_backward_adds_to_its_base_and_repeats_the_output(void **state) {
    (void)state;
    fixture f;
    fill(&f);
    (void)loss(&f);
    real base[T * LD], alone[T * LD] = {0}, dx[T * LD], y[T * C];
    fill_normal(base, T * LD, 1, 4);
    rp_rmsnorm_backward(alone, alone, LD, NULL, f.weight, C, f.x, LD, f.w, f.r, T, C);
    rp_rmsnorm_backward(dx, base, LD, y, f.weight, C, f.x, LD, f.w, f.r, T, C);
    for (size_t t = 0; t < T; t++) {
        assert_memory_equal(y + t * C, f.y + t * C, C * sizeof(real));
        for (size_t i = 0; i < C; i++)
            assert_near((double)dx[t * LD + i], (double)base[t * LD + i] + (double)alone[t * LD + i],
                        4 * (double)REAL_EPSILON, 4 * (double)REAL_EPSILON);
    }
}

static void test_in_place(void **state) {
    (void)state;
    fixture f;
    fill(&f);
    (void)loss(&f);
    rp_rmsnorm_forward(f.x, LD, NULL, f.x, LD, f.w, R(1e-2), T, C);
    for (size_t t = 0; t < T; t++) assert_memory_equal(f.x + t * LD, f.y + t * C, C * sizeof(real));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_is_the_formula),
        cmocka_unit_test(test_gradients_match_central_differences),
        cmocka_unit_test(test_backward_adds_to_its_base_and_repeats_the_output),
        cmocka_unit_test(test_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
