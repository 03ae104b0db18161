/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

/* q, k, v of one head as slices of rows of length LD, like in the model. */
enum { D = 8, LD = 3 * D + 2, LDO = D + 1, LONGEST = 150 };

typedef struct fixture {
    size_t T;
    real qkv[LONGEST * LD], o[LONGEST * LDO], lse[LONGEST * 2], weight[LONGEST * LDO];
    real scratch[2 * 64 * LONGEST];
} fixture;

static void forward(fixture *f) {
    rp_attention_forward(f->o, LDO, f->lse, 2, f->qkv, LD, f->qkv + D, f->qkv + 2 * D, LD, f->T, D, f->scratch);
}

static double loss(void *context) {
    fixture *f = context;
    forward(f);
    double sum = 0;
    for (size_t t = 0; t < f->T; t++) sum += weighted_sum(f->o + t * LDO, f->weight + t * LDO, D);
    return sum;
}

static void fill(fixture *f, size_t T) {
    f->T = T;
    assert_true(rp_attention_scratch(T) <= sizeof f->scratch / sizeof(real));
    fill_normal(f->qkv, T * LD, 1, 1);
    fill_normal(f->weight, T * LDO, 1, 2);
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
}

/* The definition, one query at a time, in double. */
static void define(const fixture *f, size_t i, double *o, double *lse) {
    double sum = 0;
    for (size_t d = 0; d < D; d++) o[d] = 0;
    for (size_t j = 0; j <= i; j++) {
        const double p = exp(weighted_sum(f->qkv + i * LD, f->qkv + j * LD + D, D) / sqrt((double)D));
        sum += p;
        for (size_t d = 0; d < D; d++) o[d] += p * (double)f->qkv[j * LD + 2 * D + d];
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
        for (size_t i = 0; i < f.T; i++) {
            double o[D], lse;
            define(&f, i, o, &lse);
            assert_near((double)f.lse[i * 2], lse, 60 * (double)REAL_EPSILON, 0);
            for (size_t d = 0; d < D; d++) assert_near((double)f.o[i * LDO + d], o[d], 60 * (double)REAL_EPSILON, 0);
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
        rp_attention_backward(dqkv, dqkv + D, dqkv + 2 * D, LD, f.weight, LDO, f.o, LDO, f.lse, 2, f.qkv, LD, f.qkv + D,
                              f.qkv + 2 * D, LD, f.T, D, f.scratch);
        check_gradient(loss, &f, f.qkv, dqkv, f.T * LD, "attention dq, dk, dv");
    }
}

static void test_grouped_queries_add_up(void **state) {
    (void)state;
    static fixture f;
    static real once[LONGEST * LD], twice[LONGEST * LD];
    fill(&f, 33);
    forward(&f);
    for (int round = 0; round < 3; round++) {
        real *d = round == 0 ? once : twice;
        rp_attention_backward(d, d + D, d + 2 * D, LD, f.weight, LDO, f.o, LDO, f.lse, 2, f.qkv, LD, f.qkv + D,
                              f.qkv + 2 * D, LD, f.T, D, f.scratch);
    }
    for (size_t i = 0; i < f.T * LD; i++) once[i] *= 2;
    assert_close(once, twice, f.T * LD, 100 * (double)REAL_EPSILON, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_is_the_definition),
        cmocka_unit_test(test_gradients_match_central_differences),
        cmocka_unit_test(test_grouped_queries_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
