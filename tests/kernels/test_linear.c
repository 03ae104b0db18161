/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

enum { T = 5, OUT = 7, IN = 6 };

typedef struct fixture {
    real x[T * IN], w[OUT * IN], b[OUT], y[T * OUT], weight[T * OUT];
    const real *panels;
} fixture;

static double loss(void *context) {
    fixture *f = context;
    rp_linear_forward(f->y, f->x, f->w, NULL, f->b, T, OUT, IN, false);
    return weighted_sum(f->y, f->weight, T * OUT);
}

static void test_gradients_match_central_differences(void **state) {
    (void)state;
    fixture f;
    fill_normal(f.x, T * IN, 1, 1);
    fill_normal(f.w, OUT * IN, 1, 2);
    fill_normal(f.b, OUT, 1, 3);
    fill_normal(f.weight, T * OUT, 1, 4);
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
    real dx[T * IN], dw[OUT * IN] = {0}, db[OUT] = {0};
    rp_linear_backward_input(dx, f.weight, f.w, T, OUT, IN);
    rp_linear_backward_weight(dw, db, f.weight, f.x, T, OUT, IN, 0, 3);
    rp_linear_backward_weight(dw, db, f.weight, f.x, T, OUT, IN, 3, OUT);
    check_gradient(loss, &f, f.x, dx, T * IN, "linear dx");
    check_gradient(loss, &f, f.w, dw, OUT * IN, "linear dw");
    check_gradient(loss, &f, f.b, db, OUT, "linear db");
    rp_linear_backward_weight(dw, db, f.weight, f.x, T, OUT, IN, 0, OUT); /* accumulates */
    for (size_t i = 0; i < OUT * IN; i++) dw[i] /= 2;
    check_gradient(loss, &f, f.w, dw, OUT * IN, "linear dw, twice");
}

static void test_panels_and_accumulation(void **state) {
    (void)state;
    fixture f;
    fill_normal(f.x, T * IN, 1, 1);
    fill_normal(f.w, OUT * IN, 1, 2);
    fill_normal(f.b, OUT, 1, 3);
    assert_true(rp_products_use(RP_PRODUCTS_PLAIN));
    rp_arena *arena = rp_arena_create("test", 0);
    real *panels = rp_alloc(arena, real, rp_panel_values(OUT, IN)), y[T * OUT];
    rp_panel_pack(panels, f.w, IN, OUT, IN, 0, rp_panel_number(OUT));
    rp_linear_forward(f.y, f.x, f.w, NULL, f.b, T, OUT, IN, false);
    rp_linear_forward(f.y, f.x, f.w, NULL, NULL, T, OUT, IN, true);
    rp_linear_forward(y, f.x, f.w, panels, NULL, T, OUT, IN, false);
    rp_linear_forward(y, f.x, f.w, panels, f.b, T, OUT, IN, true);
    assert_close(y, f.y, T * OUT, 100 * (double)REAL_EPSILON, 0);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients_match_central_differences),
        cmocka_unit_test(test_panels_and_accumulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
