/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

#include <string.h>

enum { T = 4, V = 45, LD = 48 };
static const int32_t target[T] = {0, 44, 7, 32};

typedef struct fixture {
    real z[T * LD], logp[T], a[T], b[T], temperature;
    rp_logit_row row[T];
    bool entropy;
} fixture;

/* Σ a logp + b H */
static double loss(void *context) {
    fixture *f = context;
    rp_logprob_forward(f->logp, f->row, f->z, LD, target, T, V, f->temperature);
    double sum = weighted_sum(f->a, f->logp, T);
    for (size_t t = 0; f->entropy && t < T; t++) sum += (double)f->b[t] * (double)f->row[t].entropy;
    return sum;
}

static void fill(fixture *f, real temperature) {
    fill_normal(f->z, T * LD, 2, 1);
    fill_normal(f->a, T, 1, 2);
    fill_normal(f->b, T, 1, 3);
    f->temperature = temperature;
    f->entropy = false;
}

static void test_forward_is_the_definition(void **state) {
    (void)state;
    fixture f;
    fill(&f, R(0.7));
    (void)loss(&f);
    for (size_t t = 0; t < T; t++) {
        double sum = 0, entropy = 0;
        for (size_t j = 0; j < V; j++) sum += exp((double)f.z[t * LD + j] / (double)f.temperature);
        for (size_t j = 0; j < V; j++) {
            const double log_p = (double)f.z[t * LD + j] / (double)f.temperature - log(sum);
            entropy -= exp(log_p) * log_p;
        }
        const double logp = (double)f.z[t * LD + (size_t)target[t]] / (double)f.temperature - log(sum);
        assert_near((double)f.logp[t], logp, 40 * (double)REAL_EPSILON, 0);
        assert_near((double)f.row[t].entropy, entropy, 40 * (double)REAL_EPSILON, 0);
    }
}

static void test_gradient_matches_central_differences(void **state) {
    (void)state;
    for (int round = 0; round < 4; round++) {
        fixture f;
        fill(&f, round % 2 ? R(1.0) : R(1.3));
        f.entropy = round >= 2;
        (void)loss(&f);
        real dz[T * LD] = {0};
        for (size_t t = 0; t < T; t++) memcpy(dz + t * LD, f.z + t * LD, V * sizeof(real));
        rp_logprob_backward(dz, LD, f.row, target, f.a, f.entropy ? f.b : NULL, T, V, f.temperature);
        check_gradient(loss, &f, f.z, dz, T * LD, "logits");
    }
}

static void test_extreme_logits_stay_finite(void **state) {
    (void)state;
    real z[3] = {R(1e4), R(-1e4), R(9990.0)}, logp;
    const int32_t second = 1;
    rp_logit_row row;
    rp_logprob_forward(&logp, &row, z, 3, &second, 1, 3, 1);
    assert_near((double)logp, -2e4 - log1p(exp(-10)), 0, 1e-6);
    const real one = 1;
    rp_logprob_backward(z, 3, &row, &second, &one, &one, 1, 3, 1);
    for (size_t i = 0; i < 3; i++) assert_true(isfinite(z[i]));
    assert_near((double)z[1], 1, 1e-6, 0);
}

static void test_exponential_over_its_range(void **state) {
    (void)state;
    double worst = 0;
    for (double x = -103.9; x < 88.7; x += 1.37e-3) {
        const double exact = exp((double)(real)x);
        if (exact < (sizeof(real) == 4 ? (double)FLT_MIN : DBL_MIN)) continue; /* denormals: one unit is 1.4e-45 */
        worst = fmax(worst, fabs((double)rp_exp((real)x) - exact) / (exact * (double)REAL_EPSILON));
    }
    assert_true(worst < 1.5);
    assert_true(rp_exp(0) == 1);
    assert_true(rp_exp(R(-800.0)) == 0 && isinf(rp_exp(R(800.0))) && isnan(rp_exp((real)NAN)));
    assert_near((double)rp_exp(-100), exp(-100), 1.5e-45, 0);
}

static void test_exp_in_place_and_its_sum(void **state) {
    (void)state;
    static real x[2500];
    const size_t lengths[] = {1, 31, 33, 1024, 2500};
    for (size_t i = 0; i < 5; i++) {
        fill_normal(x, 2500, 1, 5);
        const real kept = x[lengths[i] / 2];
        double sum = 0;
        for (size_t j = 0; j < lengths[i]; j++) sum += exp(((double)x[j] - 2) * 0.5);
        assert_near(rp_exp_in_place(x, lengths[i], 2, R(0.5)), sum, 0, 40 * (double)REAL_EPSILON);
        assert_near((double)x[lengths[i] / 2], exp(((double)kept - 2) * 0.5), 0, 8 * (double)REAL_EPSILON);
    }
}

static void test_argmax_takes_the_lowest_of_equals(void **state) {
    (void)state;
    real x[100];
    fill_normal(x, 100, 1, 6);
    x[40] = x[77] = x[90] = 50;
    assert_int_equal(rp_argmax(x, 100), 40);
    x[99] = 51;
    assert_int_equal(rp_argmax(x, 100), 99);
    x[0] = (real)NAN;
    assert_int_equal(rp_argmax(x, 100), 99);
    assert_int_equal(rp_argmax(x, 1), 0);
}

static void test_pick_walks_the_running_sum(void **state) {
    (void)state;
    static real p[3000];
    for (size_t i = 0; i < 3000; i++) p[i] = i % 3 == 0 ? 0 : R(0.5); /* exact sums: 0, 0.5, 1, 1, 1.5, … */
    assert_int_equal(rp_pick(p, 3000, 0), 1);
    assert_int_equal(rp_pick(p, 3000, 0.49), 1);
    assert_int_equal(rp_pick(p, 3000, 0.5), 2);
    assert_int_equal(rp_pick(p, 3000, 0.999), 2);
    assert_int_equal(rp_pick(p, 3000, 1), 4);
    for (size_t i = 1; i < 2000; i++)
        assert_int_equal(rp_pick(p, 3000, 0.5 * (double)i - 0.25), 1 + (i - 1) / 2 * 3 + (i - 1) % 2);
    p[2999] = 0;
    assert_int_equal(rp_pick(p, 3000, 1e9), 2998); /* never a token of probability 0 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_is_the_definition),  cmocka_unit_test(test_gradient_matches_central_differences),
        cmocka_unit_test(test_extreme_logits_stay_finite), cmocka_unit_test(test_exponential_over_its_range),
        cmocka_unit_test(test_exp_in_place_and_its_sum),   cmocka_unit_test(test_argmax_takes_the_lowest_of_equals),
        cmocka_unit_test(test_pick_walks_the_running_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
