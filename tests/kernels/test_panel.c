/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

#include <math.h>
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

/* Halves to even, infinities and NaN as they are; by hand. */
static void test_bfloat16_is_the_nearest(void **state) {
    (void)state;
    static const struct {
        float value, nearest;
    } cases[] = {{1, 1},
                 {0x1.02p0f, 0x1.02p0f},
                 {0x1.01p0f, 0x1p0f},    /* half way between 1 and 1 + 2^-7: the even one */
                 {0x1.03p0f, 0x1.04p0f}, /* half way, upwards this time */
                 {0x1.0101p0f, 0x1.02p0f},
                 {-0x1.fffffep-1f, -1},
                 {0x1.fffffep127f, INFINITY},
                 {-INFINITY, -INFINITY},
                 {0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const real w = (real)cases[i].value, x = 1;
        rp_bf16 panel[64];
        real y;
        assert_true(rp_panel_width() <= 64);
        rp_panel_pack_bf16(panel, &w, 1, 1, 1, 0, 1);
        rp_panel_product_bf16(&y, 1, &x, 1, panel, 1, 1, 1, 0, 1, false);
        assert_true(y == (real)cases[i].nearest);
    }
    const real w = (real)NAN, x = 1;
    rp_bf16 panel[64];
    real y;
    rp_panel_pack_bf16(panel, &w, 1, 1, 1, 0, 1);
    rp_panel_product_bf16(&y, 1, &x, 1, panel, 1, 1, 1, 0, 1, false);
    assert_true(isnan(y));
}

/* Rounded by a division and a multiplication, not by bits. */
static real rounded_to_8_bits(real x) {
    int exponent;
    const double fraction = frexp((double)(float)x, &exponent);
    return (real)ldexp(nearbyint(fraction * 256), exponent - 8);
}

static void test_bfloat16_panels_are_panels_of_rounded_weights(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t M = 1; M <= 20; M++)
        for (size_t N = 1; N <= 100; N += 11) {
            const rp_arena_mark mark = rp_arena_get_mark(arena);
            const size_t K = 1 + (M * 131 + N * 17) % 300, panels = rp_panel_number(N);
            const real *x = normal_array(arena, M * K, 1, 1);
            real *w = normal_array(arena, N * K, 1, 2), *packed = rp_alloc(arena, real, rp_panel_values(N, K));
            rp_bf16 *half = rp_alloc(arena, rp_bf16, rp_panel_values(N, K));
            real *y = normal_array(arena, M * N, 1, 3), *expected = normal_array(arena, M * N, 1, 3);
            rp_panel_pack_bf16(half, w, K, N, K, 0, panels);
            for (size_t i = 0; i < N * K; i++) w[i] = rounded_to_8_bits(w[i]);
            rp_panel_pack(packed, w, K, N, K, 0, panels);
            rp_panel_product(expected, N, x, K, packed, M, N, K, 0, panels, M % 2);
            rp_panel_product_bf16(y, N, x, K, half, M, N, K, 0, panels / 2, M % 2);
            rp_panel_product_bf16(y, N, x, K, half, M, N, K, panels / 2, panels, M % 2);
            assert_memory_equal(y, expected, M * N * sizeof *y);
            rp_arena_rewind(arena, mark);
        }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_panels_give_the_product_for_every_shape),
        cmocka_unit_test(test_a_row_has_the_same_bits_in_any_company),
        cmocka_unit_test(test_bfloat16_is_the_nearest),
        cmocka_unit_test(test_bfloat16_panels_are_panels_of_rounded_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
