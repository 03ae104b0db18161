/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

/* Two query heads, then k and v of the head they share, as slices of rows of length LD, like in the model. */
enum { D = 8, G = 2, Q = G * D, LD = Q + 2 * D + 2, LDO = Q + 1, LDL = G + 1, LONGEST = 150 };

typedef struct fixture {
    size_t T;
    real qkv[LONGEST * LD], o[LONGEST * LDO], lse[LONGEST * LDL], weight[LONGEST * LDO];
    real scratch[2 * 64 * (LONGEST + 32) + 4 * D * (LONGEST + 64)];
} fixture;

static void forward(fixture *f) {
    rp_attention_forward(f->o, LDO, f->lse, LDL, f->qkv, LD, f->qkv + Q, f->qkv + Q + D, LD, f->T, G, D, f->scratch);
}

static void backward(fixture *f, real *dqkv) {
    rp_attention_backward(dqkv, dqkv + Q, dqkv + Q + D, LD, f->weight, LDO, f->o, LDO, f->lse, LDL, f->qkv, LD, f->qkv + Q,
                          f->qkv + Q + D, LD, f->T, G, D, f->scratch);
}

static double loss(void *context) {
    fixture *f = context;
    forward(f);
    double sum = 0;
    for (size_t t = 0; t < f->T; t++) sum += weighted_sum(f->o + t * LDO, f->weight + t * LDO, Q);
    return sum;
}

static void fill(fixture *f, size_t T) {
    f->T = T;
    assert_true(rp_attention_scratch(T, D) <= sizeof f->scratch / sizeof(real));
    fill_normal(f->qkv, T * LD, 1, 1);
    fill_normal(f->weight, T * LDO, 1, 2);
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
}

/* The definition, one query of head g at a time, in double. */
static void define(const fixture *f, size_t i, size_t g, double *o, double *lse) {
    double sum = 0;
    for (size_t d = 0; d < D; d++) o[d] = 0;
    for (size_t j = 0; j <= i; j++) {
        const double p = exp(weighted_sum(f->qkv + i * LD + g * D, f->qkv + j * LD + Q, D) / sqrt((double)D));
        sum += p;
        for (size_t d = 0; d < D; d++) o[d] += p * (double)f->qkv[j * LD + Q + D + d];
    }
    for (size_t d = 0; d < D; d++) o[d] /= sum;
    *lse = log(sum);
}

static void test_forward_is_the_definition(void **state) {
    (void)state;
    static fixture f;
    const size_t lengths[] = {1, 2, 63, 64, 65, 128, 150};
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++) {
        fill(&f, lengths[n]);
        forward(&f);
        for (size_t row = 0; row < f.T * G; row++) {
            const size_t i = row / G, g = row % G;
            double o[D], lse;
            define(&f, i, g, o, &lse);
            assert_near((double)f.lse[i * LDL + g], lse, 60 * (double)REAL_EPSILON, 0);
            for (size_t d = 0; d < D; d++)
                assert_near((double)f.o[i * LDO + g * D + d], o[d], 60 * (double)REAL_EPSILON, 0);
        }
    }
}

static void test_gradients_match_central_differences(void **state) {
    (void)state;
    static fixture f;
    static real dqkv[LONGEST * LD];
    const size_t lengths[] = {1, 5, 70};
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++) {
        fill(&f, lengths[n]);
        forward(&f);
        for (size_t i = 0; i < f.T * LD; i++) dqkv[i] = 0;
        backward(&f, dqkv);
        check_gradient(loss, &f, f.qkv, dqkv, f.T * LD, "attention dq, dk, dv");
    }
}

static void test_gradients_are_added(void **state) {
    (void)state;
    static fixture f;
    static real once[LONGEST * LD], twice[LONGEST * LD];
    fill(&f, 33);
    forward(&f);
    for (int round = 0; round < 3; round++) backward(&f, round == 0 ? once : twice);
    for (size_t i = 0; i < f.T * LD; i++) once[i] *= 2;
    assert_close(once, twice, f.T * LD, 100 * (double)REAL_EPSILON, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_is_the_definition),
        cmocka_unit_test(test_gradients_match_central_differences),
        cmocka_unit_test(test_gradients_are_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
