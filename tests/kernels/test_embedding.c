/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

static void test_gather_and_scatter(void **state) {
    (void)state;
    enum { V = 4, C = 5, T = 6 };
    const int32_t id[T] = {3, 0, 3, 3, 1, 0};
    real E[V * C], y[T * C], dy[T * C], dE[V * C] = {0}, expected[V * C] = {0};
    fill_normal(E, V * C, 1, 1);
    fill_normal(dy, T * C, 1, 2);
    rp_embedding_forward(y, E, id, T, C);
    for (size_t t = 0; t < T; t++) assert_memory_equal(y + t * C, E + (size_t)id[t] * C, C * sizeof *y);
    /* Columns in two parts give what all columns give; equal ids add up in the order of the positions. */
    rp_embedding_backward(dE, dy, id, T, C, 0, 2);
    rp_embedding_backward(dE, dy, id, T, C, 2, C);
    for (size_t i = 0; i < C; i++) {
        expected[3 * C + i] = dy[0 * C + i] + dy[2 * C + i] + dy[3 * C + i];
        expected[0 * C + i] = dy[1 * C + i] + dy[5 * C + i];
        expected[1 * C + i] = dy[4 * C + i];
    }
    assert_memory_equal(dE, expected, sizeof expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gather_and_scatter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
