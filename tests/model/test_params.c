/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <string.h>

static void test_table_covers_the_block_in_order(void **state) {
    (void)state;
    for (size_t c = 0; c < TINY_CONFIGS; c++) {
        rp_arena *arena = rp_arena_create("test", 0);
        rp_model *model;
        assert_ok(rp_model_create(arena, &tiny_configs[c], &model));
        size_t offset = 0;
        for (size_t i = 0; i < model->parameter_rows; i++) {
            const rp_parameter *p = &model->parameters[i];
            assert_int_equal(p->offset, offset);
            assert_int_equal(p->decay, p->rows > 1);
            assert_ptr_equal(rp_model_find(model, p->name), p);
            offset += p->rows * p->columns;
        }
        assert_int_equal(offset, model->count);
        assert_null(rp_model_find(model, "model.layers.9.mlp.up_proj.weight"));
        assert_int_equal(rp_model_find(model, "lm_head.weight") == NULL, model->config.tied_head);
        assert_int_equal(rp_model_find(model, "model.layers.0.self_attn.k_proj.bias") != NULL, model->config.qkv_bias);
        assert_int_equal(rp_model_find(model, "model.layers.0.self_attn.k_norm.weight") != NULL, model->config.qk_norm);
        rp_arena_destroy(arena);
    }
}

static void test_fused_matrices_are_adjacent(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_model *model;
    assert_ok(rp_model_create(arena, &tiny_configs[2], &model));
    static const char *const pairs[][2] = {{"self_attn.q_proj.weight", "self_attn.k_proj.weight"},
                                           {"self_attn.k_proj.weight", "self_attn.v_proj.weight"},
                                           {"self_attn.q_proj.bias", "self_attn.k_proj.bias"},
                                           {"self_attn.k_proj.bias", "self_attn.v_proj.bias"},
                                           {"mlp.gate_proj.weight", "mlp.up_proj.weight"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char first[96], second[96];
        (void)snprintf(first, sizeof first, "model.layers.1.%s", pairs[i][0]);
        (void)snprintf(second, sizeof second, "model.layers.1.%s", pairs[i][1]);
        const rp_parameter *a = rp_model_find(model, first), *b = rp_model_find(model, second);
        assert_int_equal(a->offset + a->rows * a->columns, b->offset);
    }
    rp_arena_destroy(arena);
}

static void test_initial_weights_have_their_deviations(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_model_config config = tiny_configs[2];
    config.channels = 64;
    config.hidden = 200;
    rp_model *model, *other;
    assert_ok(rp_model_create(arena, &config, &model));
    assert_ok(rp_model_create(arena, &config, &other));
    rp_model_init(model, 5, 0.02, 0.5);
    rp_model_init(other, 5, 0.02, 0.5);
    assert_memory_equal(model->weights, other->weights, model->count * sizeof(real));
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        const real *w = model->weights + p->offset;
        const size_t n = p->rows * p->columns;
        if (p->rows == 1) {
            const real expected = strstr(p->name, "norm") ? 1 : 0;
            for (size_t j = 0; j < n; j++) assert_true(w[j] == expected);
            continue;
        }
        const double expected = i == 0 ? 0.5 : p->residual_output ? 0.02 / 2 : 0.02; /* sqrt(2 · 2 layers) = 2 */
        assert_near(sqrt(rp_sum_squares(w, n) / (double)n), expected, 0, 4 / sqrt(2 * (double)n));
        assert_near(rp_sum(w, n) / (double)n, 0, 4.5 * expected / sqrt((double)n), 0);
    }
    rp_model_init(other, 6, 0.02, 0.5);
    assert_true(memcmp(model->weights, other->weights, model->count * sizeof(real)) != 0);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_covers_the_block_in_order),
        cmocka_unit_test(test_fused_matrices_are_adjacent),
        cmocka_unit_test(test_initial_weights_have_their_deviations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
