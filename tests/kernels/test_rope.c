/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

#include <string.h>

enum { T = 4, H = 2, D = 8, LENGTH = 50 };
static const uint32_t position[T] = {0, 1, 7, 49};

static void tables(real *cosine, real *sine) {
    const rp_rope rope = {.theta = 10000, .factor = 1};
    rp_rope_table(cosine, sine, &rope, LENGTH, D);
}

static void test_pairs_turn_by_position_times_frequency(void **state) {
    (void)state;
    real cosine[LENGTH * D / 2], sine[LENGTH * D / 2], x[T * H * D], y[T * H * D];
    tables(cosine, sine);
    fill_normal(x, T * H * D, 1, 1);
    memcpy(y, x, sizeof x);
    rp_rope_forward(y, H * D, position, cosine, sine, T, H, D);
    for (size_t t = 0; t < T; t++)
        for (size_t h = 0; h < H; h++)
            for (size_t i = 0; i < D / 2; i++) {
                /* The pair as a complex number times exp(i·angle). */
                const double angle = position[t] / pow(10000, 2.0 * (double)i / D);
                const double a = (double)x[(t * H + h) * D + i], b = (double)x[(t * H + h) * D + i + D / 2];
                assert_near((double)y[(t * H + h) * D + i], a * cos(angle) - b * sin(angle), 8 * (double)REAL_EPSILON, 0);
                assert_near((double)y[(t * H + h) * D + i + D / 2], a * sin(angle) + b * cos(angle),
                            8 * (double)REAL_EPSILON, 0);
            }
}

static void test_backward_undoes_forward(void **state) {
    (void)state;
    real cosine[LENGTH * D / 2], sine[LENGTH * D / 2], x[T * H * D], y[T * H * D];
    tables(cosine, sine);
    fill_normal(x, T * H * D, 1, 1);
    memcpy(y, x, sizeof x);
    rp_rope_forward(y, H * D, position, cosine, sine, T, H, D);
    assert_true(memcmp(x, y, sizeof x) != 0);
    rp_rope_backward(y, H * D, position, cosine, sine, T, H, D);
    assert_close(x, y, T * H * D, 8 * (double)REAL_EPSILON, 0);
}

/* The plain frequencies are 500000^(-i/4); the llama3 rule of transformers and its ramp written out for the one pair that
 * lies on it. tests/model compares whole models with transformers. */
static void test_scaled_frequencies(void **state) {
    (void)state;
    const rp_rope llama3 = {.theta = 500000,
                            .factor = 8,
                            .llama3 = true,
                            .low_freq_factor = 1,
                            .high_freq_factor = 4,
                            .original_context = 8192};
    const double plain[4] = {1.0, 0.03760603093086394, 0.001414213562373095, 5.318295896944989e-05};
    /* turns within 8192 positions: 1303, 49, 1.84, 0.069: two fast ones, one on the ramp, one slow */
    const double turns = 8192 * plain[2] / (2 * 3.14159265358979323846), ramp = (turns - 1) / 3;
    assert_near(rp_rope_frequency(&llama3, 0, 8), plain[0], 0, 1e-14);
    assert_near(rp_rope_frequency(&llama3, 1, 8), plain[1], 0, 1e-14);
    assert_near(rp_rope_frequency(&llama3, 2, 8), (1 - ramp) * plain[2] / 8 + ramp * plain[2], 0, 1e-12);
    assert_near(rp_rope_frequency(&llama3, 3, 8), plain[3] / 8, 0, 1e-14);
    const rp_rope linear = {.theta = 500000, .factor = 4};
    for (size_t i = 0; i < 4; i++) assert_near(rp_rope_frequency(&linear, i, 8), plain[i] / 4, 0, 1e-14);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_turn_by_position_times_frequency),
        cmocka_unit_test(test_backward_undoes_forward),
        cmocka_unit_test(test_scaled_frequencies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
