/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

#include <string.h>

typedef void product(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                     size_t K, bool accumulate);
static product *const products[3] = {rp_product_nt, rp_product_nn, rp_product_tn};

/* The three definitions in one: element strides of x (m,k) and w (k,n). Sums in double, whatever `real` is. */
static void define(int which, real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                   size_t K, bool accumulate) {
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++) {
            double sum = accumulate ? (double)y[m * ldy + n] : 0;
            for (size_t k = 0; k < K; k++)
                sum += (double)(which == 2 ? x[k * ldx + m] : x[m * ldx + k]) *
                       (double)(which == 0 ? w[n * ldw + k] : w[k * ldw + n]);
            y[m * ldy + n] = (real)sum;
        }
}

static void check_implementation(rp_products kind) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_rng rng = rp_rng_stream(2, RP_RNG_TEST, 0, 0, 0);
    for (int round = 0; round < 60; round++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        const int which = round % 3;
        const size_t M = 1 + rp_rng_below(&rng, 40), N = 1 + rp_rng_below(&rng, 130), K = 1 + rp_rng_below(&rng, 600);
        const bool accumulate = rp_rng_below(&rng, 2);
        const size_t ldy = N + rp_rng_below(&rng, 5), ldx = (which == 2 ? M : K) + rp_rng_below(&rng, 5);
        const size_t ldw = (which == 0 ? K : N) + rp_rng_below(&rng, 5);
        const real *x = normal_array(arena, ldx * (which == 2 ? K : M), 1, 1);
        const real *w = normal_array(arena, ldw * (which == 0 ? N : K), 1, 2);
        real *y = normal_array(arena, ldy * M, 1, 3), *expected = rp_alloc(arena, real, ldy * M);
        memcpy(expected, y, ldy * M * sizeof *y);
        define(which, expected, ldy, x, ldx, w, ldw, M, N, K, accumulate);
        assert_true(rp_products_use(kind));
#pragma omp parallel
#pragma omp single
        products[which](y, ldy, x, ldx, w, ldw, M, N, K, accumulate);
        assert_close(y, expected, ldy * M, 40 * sqrt((double)K) * (double)REAL_EPSILON,
                     0); /* gaps between rows are untouched too */
        rp_arena_rewind(arena, mark);
    }
    rp_arena_destroy(arena);
}

static void test_plain_loops_are_the_definition(void **state) {
    (void)state;
    check_implementation(RP_PRODUCTS_PLAIN);
}

static void test_tiled_loops_agree_with_the_definition(void **state) {
    (void)state;
    check_implementation(RP_PRODUCTS_TILED);
}

static void test_openblas_agrees_with_the_definition(void **state) {
    (void)state;
    if (!rp_products_use(RP_PRODUCTS_BLAS)) {
        print_message("built without OpenBLAS (-Dblas=disabled): nothing to compare\n");
        skip();
    }
    check_implementation(RP_PRODUCTS_BLAS);
}

static void test_more_rows_than_one_packing_serves(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const size_t M = 2500, N = 40, K = 300;
    const real *x = normal_array(arena, M * K, 1, 1), *w = normal_array(arena, N * K, 1, 2);
    real *y = zero_array(arena, M * N), *expected = zero_array(arena, M * N);
    define(0, expected, N, x, K, w, K, M, N, K, false);
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
    rp_product_nt(y, N, x, K, w, K, M, N, K, false);
    assert_close(y, expected, M * N, 40 * sqrt((double)K) * (double)REAL_EPSILON, 0);
    rp_arena_destroy(arena);
}

static void test_an_empty_sum_clears_or_keeps(void **state) {
    (void)state;
    for (rp_products kind = RP_PRODUCTS_PLAIN; kind <= RP_PRODUCTS_BLAS; kind++) {
        if (!rp_products_use(kind)) continue;
        real y[2] = {3, 4}, x[2] = {0}, w[2] = {0};
#pragma omp parallel
#pragma omp single
        {
            rp_product_nn(y, 1, x, 1, w, 1, 2, 1, 0, true);
            rp_product_nn(y, 1, x, 1, w, 1, 1, 1, 0, false);
        }
        assert_true(y[0] == 0 && y[1] == 4);
    }
}

static void test_the_choice_is_reported(void **state) {
    (void)state;
    const rp_blas_facts facts = rp_blas_look();
    assert_non_null(facts.core);
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
    assert_int_equal(rp_products_prepare(), RP_PRODUCTS_TILED);
    assert_string_equal(rp_products_name(RP_PRODUCTS_TILED), "tiled loops");
    static const char *const widths[] = {"narrower than", "as wide as", "wider than"};
    print_message("OpenBLAS core %s%s, vectors %s this program's\n", facts.core, facts.forced ? " (forced)" : "",
                  widths[facts.vectors]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_loops_are_the_definition),
        cmocka_unit_test(test_tiled_loops_agree_with_the_definition),
        cmocka_unit_test(test_openblas_agrees_with_the_definition),
        cmocka_unit_test(test_more_rows_than_one_packing_serves),
        cmocka_unit_test(test_an_empty_sum_clears_or_keeps),
        cmocka_unit_test(test_the_choice_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
