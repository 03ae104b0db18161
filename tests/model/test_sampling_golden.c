/* SPDX-License-Identifier: MIT
 *
 * data/golden/v1/kernels/sampling.json: which token a given uniform number takes, after temperature, top-k, top-p and min-p.
 *
 * The distribution itself is checked at its edges: just below the running sum F_k the k-th token is taken, just above it the
 * next one, so every probability is known to the width of that gap.
 */
#include "../support/golden.h"

#include "../../src/model/decode.h"

static rp_sampling settings_of(const rp_json *in) {
    return (rp_sampling){.temperature = golden_double(in, "temperature"),
                         .top_k = (int)golden_double(in, "top_k"),
                         .top_p = golden_double(in, "top_p"),
                         .min_p = golden_double(in, "min_p")};
}

static void choice_case(const golden *g) {
    const size_t V = golden_rows(&g->inputs, "logits"), n = golden_rows(&g->inputs, "uniform");
    const rp_sampling sampling = settings_of(&g->inputs);
    assert_ok(rp_sampling_check(&sampling));
    const real *logits = golden_array(g->arena, &g->inputs, "logits", V);
    const double *u = golden_doubles(g->arena, &g->inputs, "uniform", n);
    const double *logp = golden_doubles(g->arena, &g->expected, "logp", n);
    const int32_t *id = golden_ids(g->arena, &g->expected, "id", n);
    real *scratch = rp_alloc(g->arena, real, rp_choose_scratch(V));
    assert_true(n >= 2);
    for (size_t i = 0; i < n; i++) {
        const choice made = rp_choose(logits, V, &sampling, u[i], scratch);
        assert_true(made.finite);
        if (made.id != id[i]) fail_msg("%s: u = %g takes id %d, expected %d", g->id, u[i], (int)made.id, (int)id[i]);
        golden_check_number(g, "logp", i, (double)made.logp, logp[i]);
    }
}

static void edge_case(const golden *g) {
    const size_t V = golden_rows(&g->inputs, "logits"), n = golden_rows(&g->expected, "order");
    const rp_sampling sampling = settings_of(&g->inputs);
    const real *logits = golden_array(g->arena, &g->inputs, "logits", V);
    const double *p = golden_doubles(g->arena, &g->expected, "probability", n), gap = sizeof(real) == 8 ? 1e-11 : 2e-6;
    const int32_t *order = golden_ids(g->arena, &g->expected, "order", n);
    real *scratch = rp_alloc(g->arena, real, rp_choose_scratch(V));
    double edge = 0;
    for (size_t k = 0; k < n; k++) {
        if (p[k] <= 2 * gap) continue; /* too narrow to stand in */
        assert_int_equal(rp_choose(logits, V, &sampling, edge + gap, scratch).id, order[k]);
        edge += p[k];
        assert_int_equal(rp_choose(logits, V, &sampling, edge - gap, scratch).id, order[k]);
    }
    assert_near(edge, 1, 3 * gap * (double)n, 0);
}

static void test_a_uniform_number_takes_the_expected_token(void **state) {
    (void)state;
    golden_each("data/golden/v1/kernels/sampling.json", 12, choice_case);
}

static void test_the_distribution_has_its_edges_where_expected(void **state) {
    (void)state;
    golden_each("data/golden/v1/kernels/sampling.json", 12, edge_case);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_uniform_number_takes_the_expected_token),
        cmocka_unit_test(test_the_distribution_has_its_edges_where_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
