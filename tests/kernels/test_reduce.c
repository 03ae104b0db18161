/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

#ifdef _OPENMP
#include <omp.h>
#endif

static void test_sums_are_right(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const size_t lengths[] = {0, 1, 100, 256, 257, 8191, 100003};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t n = lengths[i];
        real *x = rp_alloc(arena, real, n + 1);
        double squares = 0;
        for (size_t j = 0; j < n; j++) {
            x[j] = (real)(j % 1000); /* integers below 2^53: exact in double whatever the order */
            squares += (double)x[j] * (double)x[j];
        }
        double sum = 0;
        for (size_t j = 0; j < n; j++) sum += (double)x[j];
        assert_true(rp_sum(x, n) == sum && rp_sum_squares(x, n) == squares);
    }
    rp_arena_destroy(arena);
}

static void test_sums_have_the_same_bits_for_any_number_of_threads(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const size_t n = 300007;
    const real *x = normal_array(arena, n, 1, 1);
    const double sum = rp_sum(x, n), squares = rp_sum_squares(x, n);
#ifdef _OPENMP
    const int threads = omp_get_max_threads();
    for (int t = 1; t <= 5; t++) {
        omp_set_num_threads(t);
        assert_true(rp_sum(x, n) == sum && rp_sum_squares(x, n) == squares);
    }
    omp_set_num_threads(threads);
#endif
    assert_near(squares, (double)n, 0, 0.02);
    assert_near(sum, 0, 4 * sqrt((double)n), 0);
    rp_arena_destroy(arena);
}

static void test_clip_factor(void **state) {
    (void)state;
    assert_true(rp_clip_factor(2, 1) == 0.5);
    assert_true(rp_clip_factor(0.5, 1) == 1);
    assert_true(rp_clip_factor(5, 0) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_right),
        cmocka_unit_test(test_sums_have_the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(test_clip_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
