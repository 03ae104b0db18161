/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

/* torch 2.13.0, float64: torch.optim.AdamW([w], lr=0.1, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1), three steps on
 * w = (1, -2, 0.5) with gradients (0.1, -3, 0), (0.2, 1, 0), (-0.4, 0.5, 1e-3). */
static void test_three_steps_equal_torch(void **state) {
    (void)state;
    const real gradients[3][3] = {{R(0.1), -3, 0}, {R(0.2), 1, 0}, {R(-0.4), R(0.5), R(1e-3)}};
    const double expected[3] = {0.7964875369585263, -1.7815376750715242, 0.42282824350969683};
    real w[3] = {1, -2, R(0.5)}, m[3] = {0}, v[3] = {0};
    const rp_optimizer adamw = {.learning_rate = 0.1, .beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weight_decay = 0.1};
    for (int64_t step = 1; step <= 3; step++) rp_adamw_update(w, m, v, gradients[step - 1], 3, &adamw, step, 1, true);
    for (size_t i = 0; i < 3; i++) assert_near((double)w[i], expected[i], 0, 10 * (double)REAL_EPSILON);
}

static void test_clipping_scales_the_gradient_and_no_decay_leaves_still_weights(void **state) {
    (void)state;
    const rp_optimizer adamw = {.learning_rate = 0.1, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .weight_decay = 0.5};
    const real g[2] = {4, 0}, half[2] = {2, 0};
    real w[2] = {1, 1}, m[2] = {0}, v[2] = {0}, w_half[2] = {1, 1}, m_half[2] = {0}, v_half[2] = {0};
    rp_adamw_update(w, m, v, g, 2, &adamw, 1, 0.5, false);
    rp_adamw_update(w_half, m_half, v_half, half, 2, &adamw, 1, 1, false);
    assert_memory_equal(w, w_half, sizeof w);
    assert_memory_equal(v, v_half, sizeof v);
    assert_true(w[1] == 1 && w[0] < 1);
}

static void test_long_arrays_are_treated_alike(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const size_t n = (1 << 17) + 77;
    const rp_optimizer adamw = {.learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .weight_decay = 0.1};
    real *w = normal_array(arena, n, 1, 1), *g = normal_array(arena, n, 1, 2), *m = zero_array(arena, n),
         *v = zero_array(arena, n);
    real *w_piece = normal_array(arena, n, 1, 1), *m_piece = zero_array(arena, n), *v_piece = zero_array(arena, n);
    rp_adamw_update(w, m, v, g, n, &adamw, 3, 1, true);
    for (size_t i = 0; i < n; i += 1000)
        rp_adamw_update(w_piece + i, m_piece + i, v_piece + i, g + i, n - i < 1000 ? n - i : 1000, &adamw, 3, 1, true);
    assert_memory_equal(w, w_piece, n * sizeof *w);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_steps_equal_torch),
        cmocka_unit_test(test_clipping_scales_the_gradient_and_no_decay_leaves_still_weights),
        cmocka_unit_test(test_long_arrays_are_treated_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
