/* SPDX-License-Identifier: MIT
 *
 * Whole models against transformers in float64: logits, log-probabilities, entropies, gradients of all parameters.
 */
#include "golden.h"

static real *expected_tensor(rp_arena *arena, const golden_case *g, const char *name, size_t count) {
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, source_path(g->tensors), &file));
    const rp_tensor_view *view = rp_tensors_find(file, name);
    assert_non_null(view);
    assert_int_equal(view->count, count);
    real *values = rp_alloc(arena, real, count);
    rp_tensor_read(view, 0, count, values);
    rp_tensors_close(file);
    return values;
}

/* Elements of a tensor are compared relative to the tensor's root mean square: single entries may cancel to nearly nothing.
 */
static void check_tensor(const real *actual, const real *expected, size_t n, double tolerance) {
    const double size = sqrt(rp_sum_squares(expected, n) / (double)n);
    assert_close(actual, expected, n, tolerance * size, tolerance);
}

static void forward_case(rp_arena *arena, const golden_case *g) {
    rp_model *model;
    assert_ok(rp_model_load(arena, source_path(g->folder), &model, NULL));
    assert_ok(rp_packed_check(model, &g->packed));
    const size_t M = g->packed.scored, V = (size_t)model->config.vocab;
    rp_workspace *ws;
    assert_ok(rp_workspace_create(arena, model, 64, 64, false, &ws));
    real logp[64], entropy[64], *logits = rp_alloc(arena, real, M * V);
    rp_model_forward(model, &g->packed, g->temperature, ws, logp, entropy);
    rp_model_logits(model, &g->packed, ws, logits);
    check_tensor(logits, expected_tensor(arena, g, "logits", M * V), M * V, g->tolerance);
    check_tensor(logp, g->logp, M, g->tolerance);
    check_tensor(entropy, g->entropy, M, g->tolerance);
}

static void backward_case(rp_arena *arena, const golden_case *g) {
    rp_model *model;
    assert_ok(rp_model_load(arena, source_path(g->folder), &model, NULL));
    rp_workspace *ws;
    assert_ok(rp_workspace_create(arena, model, 64, 64, true, &ws));
    real logp[64], *gradient = zero_array(arena, model->count);
    rp_model_forward(model, &g->packed, g->temperature, ws, logp, NULL);
    rp_model_backward(model, &g->packed, g->temperature, ws, g->dlogp, g->dentropy, gradient);
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        char name[96];
        (void)snprintf(name, sizeof name, "gradient.%s", p->name);
        const size_t n = p->rows * p->columns;
        /* The gradient sums some thirty rows, each with the forward pass's rounding. */
        check_tensor(gradient + p->offset, expected_tensor(arena, g, name, n), n, 2 * g->tolerance);
    }
}

static void test_logits_and_log_probabilities(void **state) {
    (void)state;
    for_each_golden(forward_case);
}

static void test_gradients_of_all_parameters(void **state) {
    (void)state;
    for_each_golden(backward_case);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logits_and_log_probabilities),
        cmocka_unit_test(test_gradients_of_all_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
