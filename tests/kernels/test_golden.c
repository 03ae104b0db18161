/* SPDX-License-Identifier: MIT
 *
 * Every kernel against data/golden/v1/kernels: closed forms and torch agree on the numbers, see docs/golden-format.md.
 */
#include "golden.h"

#include <rephrase/kernels.h>

#define FILE_OF(subject) "data/golden/v1/kernels/" subject ".json"

static real *in(const golden *g, const char *key, size_t n) {
    return golden_array(g->arena, &g->inputs, key, n);
}

static real *zeros(const golden *g, size_t n) {
    real *x = rp_alloc_zero(g->arena, real, n + 1);
    assert_non_null(x);
    return x;
}

static void linear_case(const golden *g) {
    const size_t T = golden_rows(&g->inputs, "x"), C = golden_columns(&g->inputs, "x"), N = golden_rows(&g->inputs, "w");
    const real *x = in(g, "x", T * C), *w = in(g, "w", N * C), *dy = in(g, "dy", T * N);
    const bool biased = golden_has(&g->inputs, "b");
    real *y = zeros(g, T * N), *dx = zeros(g, T * C), *dw = zeros(g, N * C), *db = biased ? zeros(g, N) : NULL;
    rp_linear_forward(y, x, w, NULL, biased ? in(g, "b", N) : NULL, T, N, C, false);
    golden_compare(g, "y", y, T * N);
    real *panels = zeros(g, rp_panel_values(N, C));
    rp_panel_pack(panels, w, C, N, C, 0, rp_panel_number(N));
    rp_linear_forward(y, x, w, panels, biased ? in(g, "b", N) : NULL, T, N, C, false);
    golden_compare(g, "y", y, T * N);
    rp_linear_backward_input(dx, dy, w, T, N, C);
    golden_compare(g, "dx", dx, T * C);
    rp_linear_backward_weight(dw, db, dy, x, T, N, C, 0, N);
    golden_compare(g, "dw", dw, N * C);
    if (db) golden_compare(g, "db", db, N);
}

static void embedding_case(const golden *g) {
    const size_t V = golden_rows(&g->inputs, "E"), C = golden_columns(&g->inputs, "E"), T = golden_rows(&g->inputs, "id");
    const int32_t *id = golden_ids(g->arena, &g->inputs, "id", T);
    real *y = zeros(g, T * C), *dE = zeros(g, V * C);
    rp_embedding_forward(y, in(g, "E", V * C), id, T, C);
    golden_compare(g, "y", y, T * C);
    rp_embedding_backward(dE, in(g, "dy", T * C), id, T, C, 0, C);
    golden_compare(g, "dE", dE, V * C);
}

static void rmsnorm_case(const golden *g) {
    const size_t T = golden_rows(&g->inputs, "x"), C = golden_columns(&g->inputs, "x");
    const real *x = in(g, "x", T * C), *w = in(g, "w", C), *dy = in(g, "dy", T * C);
    real *y = zeros(g, T * C), *r = zeros(g, T), *dx = zeros(g, T * C), *dw = zeros(g, C);
    rp_rmsnorm_forward(y, C, r, x, C, w, (real)golden_double(&g->inputs, "epsilon"), T, C);
    golden_compare(g, "y", y, T * C);
    golden_compare(g, "r", r, T);
    rp_rmsnorm_backward(dx, dx, C, NULL, dy, C, x, C, w, r, T, C);
    golden_compare(g, "dx", dx, T * C);
    rp_rmsnorm_backward_weight(dw, dy, C, x, C, r, 1, T, 0, C);
    golden_compare(g, "dw", dw, C);
}

static rp_rope rope_of(const rp_json *object) {
    const rp_json kind = rp_json_key(object, "kind");
    rp_str name;
    assert_ok(rp_json_get_string(&kind, &name));
    rp_rope rope = {.theta = golden_double(object, "theta"), .factor = 1, .llama3 = rp_str_is(name, "llama3")};
    if (!rp_str_is(name, "plain")) rope.factor = golden_double(object, "factor");
    if (rope.llama3) {
        rope.low_freq_factor = golden_double(object, "low_freq_factor");
        rope.high_freq_factor = golden_double(object, "high_freq_factor");
        rope.original_context = golden_double(object, "original_context");
    }
    return rope;
}

static void rope_case(const golden *g) {
    const rp_json settings = rp_json_key(&g->inputs, "rope"), x_at = rp_json_key(&g->inputs, "x"),
                  row = rp_json_at(&x_at, 0), head = rp_json_at(&row, 0);
    const size_t T = golden_rows(&g->inputs, "x"), H = rp_json_length(&row), D = rp_json_length(&head), n = T * H * D;
    const rp_rope rope = rope_of(&settings);
    const int32_t *position = golden_ids(g->arena, &g->inputs, "position", T);
    const size_t longest = (size_t)position[T - 1] + 1;
    real *cosine = zeros(g, longest * D / 2), *sine = zeros(g, longest * D / 2), *frequency = zeros(g, D / 2);
    for (size_t i = 0; i < D / 2; i++) frequency[i] = (real)rp_rope_frequency(&rope, i, D);
    golden_compare(g, "frequency", frequency, D / 2);
    rp_rope_table(cosine, sine, &rope, longest, D);
    real *x = in(g, "x", n), *dy = in(g, "dy", n);
    rp_rope_forward(x, H * D, (const uint32_t *)position, cosine, sine, T, H, D);
    golden_compare(g, "y", x, n);
    rp_rope_backward(dy, H * D, (const uint32_t *)position, cosine, sine, T, H, D);
    golden_compare(g, "dx", dy, n);
}

/* The decoder's way to the same numbers: keys and values in pages, one query. */
static void attend_from_pages(const golden *g, const real *q, const real *k, const real *v, size_t T, size_t D) {
    const size_t pages = (T + RP_PAGE - 1) / RP_PAGE, stride = 2 * RP_PAGE * D;
    real *pool = zeros(g, pages * stride), *o = zeros(g, D), *scratch = zeros(g, pages * RP_PAGE);
    uint32_t *page = rp_alloc(g->arena, uint32_t, pages);
    for (uint32_t p = 0; p < pages; p++) page[p] = (uint32_t)pages - 1 - p; /* in no order */
    const double *want = golden_doubles(g->arena, &g->expected, "o", T * D);
    for (size_t t = 0; t < T; t++) {
        rp_page_store(pool + page[t / RP_PAGE] * stride, t % RP_PAGE, k + t * D, v + t * D, D);
        rp_page_attend(o, q + t * D, 1, pool, page, stride, t + 1, D, scratch);
        for (size_t i = 0; i < D; i++) golden_check_number(g, "o from pages", t * D + i, (double)o[i], want[t * D + i]);
    }
}

static void attention_case(const golden *g) {
    const size_t T = golden_rows(&g->inputs, "q"), D = golden_columns(&g->inputs, "q"), n = T * D;
    const real *q = in(g, "q", n), *k = in(g, "k", n), *v = in(g, "v", n), *dout = in(g, "do", n);
    real *o = zeros(g, n), *lse = zeros(g, T), *dq = zeros(g, n), *dk = zeros(g, n), *dv = zeros(g, n);
    real *scratch = zeros(g, rp_attention_scratch(T, D));
    rp_attention_forward(o, D, lse, 1, q, D, k, v, D, T, 1, D, scratch);
    golden_compare(g, "o", o, n);
    golden_compare(g, "lse", lse, T);
    rp_attention_backward(dq, dk, dv, D, dout, D, o, D, lse, 1, q, D, k, v, D, T, 1, D, scratch);
    golden_compare(g, "dq", dq, n);
    golden_compare(g, "dk", dk, n);
    golden_compare(g, "dv", dv, n);
    attend_from_pages(g, q, k, v, T, D);
}

static void swiglu_case(const golden *g) {
    const size_t T = golden_rows(&g->inputs, "gate"), F = golden_columns(&g->inputs, "gate");
    const real *gate = in(g, "gate", T * F), *up = in(g, "up", T * F);
    real *gu = zeros(g, 2 * T * F), *s = zeros(g, T * F), *dgu = zeros(g, 2 * T * F);
    real *dgate = zeros(g, T * F), *dup = zeros(g, T * F);
    for (size_t t = 0; t < T; t++) {
        memcpy(gu + 2 * t * F, gate + t * F, F * sizeof *gu);
        memcpy(gu + (2 * t + 1) * F, up + t * F, F * sizeof *gu);
    }
    rp_swiglu_forward(s, gu, T, F);
    golden_compare(g, "s", s, T * F);
    rp_swiglu_backward(dgu, s, in(g, "ds", T * F), gu, T, F);
    golden_compare(g, "s", s, T * F);
    for (size_t t = 0; t < T; t++) {
        memcpy(dgate + t * F, dgu + 2 * t * F, F * sizeof *gu);
        memcpy(dup + t * F, dgu + (2 * t + 1) * F, F * sizeof *gu);
    }
    golden_compare(g, "dgate", dgate, T * F);
    golden_compare(g, "dup", dup, T * F);
}

static void logprob_case(const golden *g) {
    const size_t T = golden_rows(&g->inputs, "z"), V = golden_columns(&g->inputs, "z");
    const int32_t *target = golden_ids(g->arena, &g->inputs, "target", T);
    const double temperature = golden_double(&g->inputs, "temperature");
    real *z = in(g, "z", T * V), *logp = zeros(g, T), *entropy = zeros(g, T);
    rp_logit_row *row = rp_alloc(g->arena, rp_logit_row, T);
    rp_logprob_forward(logp, row, z, V, target, T, V, (real)temperature);
    for (size_t t = 0; t < T; t++) entropy[t] = row[t].entropy;
    golden_compare(g, "logp", logp, T);
    golden_compare(g, "entropy", entropy, T);
    rp_logprob_backward(z, V, row, target, in(g, "dlogp", T), in(g, "dentropy", T), T, V, (real)temperature);
    golden_compare(g, "dz", z, T * V);
}

static void norm_case(const golden *g) {
    const size_t n = golden_rows(&g->inputs, "gradient");
    const double norm = sqrt(rp_sum_squares(in(g, "gradient", n), n));
    golden_check_number(g, "norm", 0, norm, golden_double(&g->expected, "norm"));
    golden_check_number(g, "clip", 0, rp_clip_factor(norm, golden_double(&g->inputs, "max_norm")),
                        golden_double(&g->expected, "clip"));
}

static void adamw_case(const golden *g) {
    const size_t steps = golden_rows(&g->inputs, "gradient"), n = golden_columns(&g->inputs, "gradient");
    const rp_json settings = rp_json_key(&g->inputs, "adamw"), decays = rp_json_key(&g->inputs, "decays");
    const rp_optimizer adamw = {.learning_rate = golden_double(&settings, "rate"),
                                .beta1 = golden_double(&settings, "beta1"),
                                .beta2 = golden_double(&settings, "beta2"),
                                .epsilon = golden_double(&settings, "epsilon"),
                                .weight_decay = golden_double(&settings, "decay")};
    bool decay;
    assert_ok(rp_json_get_bool(&decays, &decay));
    const real *gradient = in(g, "gradient", steps * n);
    const double *clip = golden_doubles(g->arena, &g->inputs, "clip", steps);
    real *w = in(g, "parameter", n), *m = zeros(g, n), *v = zeros(g, n);
    real *all[3] = {zeros(g, steps * n), zeros(g, steps * n), zeros(g, steps * n)};
    for (size_t t = 0; t < steps; t++) {
        rp_adamw_update(w, m, v, gradient + t * n, n, &adamw, (int64_t)t + 1, clip[t], decay);
        memcpy(all[0] + t * n, w, n * sizeof *w);
        memcpy(all[1] + t * n, m, n * sizeof *w);
        memcpy(all[2] + t * n, v, n * sizeof *w);
    }
    golden_compare(g, "parameter", all[0], steps * n);
    golden_compare(g, "first", all[1], steps * n);
    golden_compare(g, "second", all[2], steps * n);
}

#define GOLDEN_TEST(subject, least)                                                                                        \
    static void test_##subject(void **state) {                                                                             \
        (void)state;                                                                                                       \
        golden_each(FILE_OF(#subject), least, subject##_case);                                                             \
    }
GOLDEN_TEST(linear, 4)
GOLDEN_TEST(embedding, 2)
GOLDEN_TEST(rmsnorm, 5)
GOLDEN_TEST(rope, 5)
GOLDEN_TEST(attention, 5)
GOLDEN_TEST(swiglu, 3)
GOLDEN_TEST(logprob, 5)
GOLDEN_TEST(norm, 5)
GOLDEN_TEST(adamw, 6)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),  cmocka_unit_test(test_embedding), cmocka_unit_test(test_rmsnorm),
        cmocka_unit_test(test_rope),    cmocka_unit_test(test_attention), cmocka_unit_test(test_swiglu),
        cmocka_unit_test(test_logprob), cmocka_unit_test(test_norm),      cmocka_unit_test(test_adamw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
