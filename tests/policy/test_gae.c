/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static const real reward[] = {0, 0, 1}, value[] = {R(.2), R(.5), R(.6)};

static void gae(double gamma, double lambda, const real *expected_A, const real *expected_return) {
    real A[3], returns[3];
    rp_gae(reward, value, NULL, 3, (real)gamma, (real)lambda, 0, A, returns);
    assert_close(A, expected_A, 3, 1e-6, 0);
    assert_close(returns, expected_return, 3, 1e-6, 0);
}

static void test_numbers_of_three_lambdas(void **state) {
    (void)state;
    gae(1, 1, (const real[]){R(.8), R(.5), R(.4)}, (const real[]){1, 1, 1});
    gae(1, .95, (const real[]){R(.756), R(.48), R(.4)}, (const real[]){R(.956), R(.98), 1});
    gae(1, 0, (const real[]){R(.3), R(.1), R(.4)}, (const real[]){R(.5), R(.6), 1});
    gae(.5, 1, (const real[]){R(.05), 0, R(.4)}, (const real[]){R(.25), R(.5), 1});
}

static void test_hidden_tokens_are_stepped_over(void **state) {
    (void)state;
    const real r[] = {0, 9, 0, 1}, v[] = {R(.2), 7, R(.5), R(.6)};
    const uint8_t mask[] = {1, 0, 1, 1};
    real A[4], returns[4];
    rp_gae(r, v, mask, 4, 1, R(.95), 0, A, returns);
    assert_close(A, ((const real[]){R(.756), 0, R(.48), R(.4)}), 4, 1e-6, 0);
    assert_close(returns, ((const real[]){R(.956), 0, R(.98), 1}), 4, 1e-6, 0);
}

static void test_truncation_is_not_termination(void **state) {
    (void)state;
    real A[3], returns[3];
    rp_gae((const real[]){0, 0, 0}, value, NULL, 3, 1, 1, R(.9), A, returns);
    assert_close(returns, ((const real[]){R(.9), R(.9), R(.9)}), 3, 1e-6, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_three_lambdas),
        cmocka_unit_test(test_hidden_tokens_are_stepped_over),
        cmocka_unit_test(test_truncation_is_not_termination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
