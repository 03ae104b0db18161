/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

#include <string.h>

static void test_panels_give_the_product_for_every_shape(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    assert_true(rp_products_use(RP_PRODUCTS_PLAIN));
    for (size_t M = 1; M <= 27; M++)
        for (size_t N = 1; N <= 100; N += 9) {
            const rp_arena_mark mark = rp_arena_get_mark(arena);
            const size_t K = 1 + (M * 31 + N * 7) % 90, ldy = N + M % 3, ldx = K + N % 2, panels = rp_panel_number(N);
            const real *x = normal_array(arena, M * ldx, 1, 1), *w = normal_array(arena, N * K, 1, 2);
            real *packed = rp_alloc(arena, real, rp_panel_values(N, K));
            real *y = normal_array(arena, M * ldy, 1, 3), *expected = rp_alloc(arena, real, M * ldy);
            memcpy(expected, y, M * ldy * sizeof *y);
            rp_product_nt(expected, ldy, x, ldx, w, K, M, N, K, M % 2);
            rp_panel_pack(packed, w, K, N, K, 0, panels / 2);
            rp_panel_pack(packed, w, K, N, K, panels / 2, panels);
            rp_panel_product(y, ldy, x, ldx, packed, M, N, K, 0, panels / 2, M % 2);
            rp_panel_product(y, ldy, x, ldx, packed, M, N, K, panels / 2, panels, M % 2);
            assert_close(y, expected, M * ldy, 300 * (double)REAL_EPSILON, 0);
            rp_arena_rewind(arena, mark);
        }
    rp_arena_destroy(arena);
}

static void test_a_row_has_the_same_bits_in_any_company(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    enum { M = 23, N = 70, K = 133 };
    const real *x = normal_array(arena, M * K, 1, 1), *w = normal_array(arena, N * K, 1, 2);
    real *packed = rp_alloc(arena, real, rp_panel_values(N, K));
    rp_panel_pack(packed, w, K, N, K, 0, rp_panel_number(N));
    real *together = zero_array(arena, M * N), *alone = zero_array(arena, M * N);
    rp_panel_product(together, N, x, K, packed, M, N, K, 0, rp_panel_number(N), false);
    for (size_t rows = 1; rows <= M; rows++) {
        for (size_t m = 0; m < M; m += rows) {
            const size_t n = M - m < rows ? M - m : rows;
            rp_panel_product(alone + m * N, N, x + m * K, K, packed, n, N, K, 0, rp_panel_number(N), false);
        }
        assert_memory_equal(together, alone, sizeof *alone * M * N);
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_panels_give_the_product_for_every_shape),
        cmocka_unit_test(test_a_row_has_the_same_bits_in_any_company),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
