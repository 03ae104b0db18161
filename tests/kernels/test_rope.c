/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/json.h>
#include <rephrase/kernels.h>

#include <stdlib.h>

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

static double number_or(const rp_json *object, const char *key, double missing) {
    const rp_json at = rp_json_key(object, key);
    assert_ok(rp_json_opt_double(&at, &missing));
    return missing;
}

static void scaled_rope(const rp_json *in, rp_rope *rope, size_t *size) {
    const rp_json settings = rp_json_key(in, "rope"), kind = rp_json_key(&settings, "rope_type");
    rp_str name;
    assert_ok(rp_json_get_string(&kind, &name));
    const double factor = number_or(&settings, "factor", 1), m = number_or(&settings, "mscale", 1),
                 all = number_or(&settings, "mscale_all_dim", 0);
    *size = (size_t)number_or(in, "size", 0);
    *rope = (rp_rope){.theta = number_or(in, "theta", 0),
                      .factor = factor,
                      .llama3 = rp_str_is(name, "llama3"),
                      .low_freq_factor = number_or(&settings, "low_freq_factor", 1),
                      .high_freq_factor = number_or(&settings, "high_freq_factor", 4),
                      .original_context = number_or(&settings, "original_max_position_embeddings", 0),
                      .yarn = rp_str_is(name, "yarn"),
                      .beta_fast = number_or(&settings, "beta_fast", 32),
                      .beta_slow = number_or(&settings, "beta_slow", 1),
                      .whole_bounds = true};
    rope->attention = number_or(&settings, "attention_factor", (1 + 0.1 * m * log(factor)) / (1 + 0.1 * all * log(factor)));
}

/* Rows of `key` against the table at the case's positions; how many numbers there were. */
static size_t compare_rows(const rp_json *in, const rp_json *origin, const char *key, const real *table, size_t size) {
    const rp_json rows = rp_json_key(origin, key), positions = rp_json_key(in, "positions");
    for (size_t t = 0; t < rp_json_length(&rows); t++) {
        const rp_json row = rp_json_at(&rows, t), at = rp_json_at(&positions, t);
        int64_t where;
        assert_ok(rp_json_get_int(&at, 0, 500, &where));
        assert_int_equal(rp_json_length(&row), size / 2);
        for (size_t i = 0; i < size / 2; i++) {
            const rp_json item = rp_json_at(&row, i);
            double value;
            assert_ok(rp_json_get_double(&item, &value));
            assert_near((double)table[(size_t)where * (size / 2) + i], value, 1e-4, 0);
        }
    }
    return rp_json_length(&rows) * size / 2;
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

/* rope_scaling.json: what transformers and ggml compute in single precision, whose angles of some 500 radians have four digits. */
static void test_tables_equal_those_of_transformers_and_of_ggml(void **state) {
    (void)state;
    static const char *const origins[] = {"transformers", "ggml"};
    rp_json_document *document;
    assert_ok(rp_json_load(source_path("data/golden/v1/kernels/rope_scaling.json"), &document));
    const rp_json root = rp_json_root(document), groups = rp_json_key(&root, "groups"), group = rp_json_at(&groups, 0),
                  cases = rp_json_key(&group, "cases");
    size_t checked = 0;
    for (size_t i = 0; i < rp_json_length(&cases); i++) {
        const rp_json one = rp_json_at(&cases, i), in = rp_json_key(&one, "inputs"),
                      expected = rp_json_key(&one, "expected");
        rp_rope rope;
        size_t size;
        scaled_rope(&in, &rope, &size);
        real *cosine = calloc(501 * size / 2, sizeof *cosine), *sine = calloc(501 * size / 2, sizeof *sine);
        rp_rope_table(cosine, sine, &rope, 501, size);
        for (size_t k = 0; k < 2; k++) {
            const rp_json origin = rp_json_key(&expected, origins[k]);
            checked += compare_rows(&in, &origin, "cosine", cosine, size) + compare_rows(&in, &origin, "sine", sine, size);
        }
        free(cosine);
        free(sine);
    }
    assert_true(checked > 2000);
    rp_json_free(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_turn_by_position_times_frequency),
        cmocka_unit_test(test_backward_undoes_forward),
        cmocka_unit_test(test_scaled_frequencies),
        cmocka_unit_test(test_tables_equal_those_of_transformers_and_of_ggml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
