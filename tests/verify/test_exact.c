/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "algebra/exact.h"

#include <string.h>

typedef struct fixture {
    rp_arena *arena;
    rp_work work;
} fixture;

static int set_up(void **state) {
    static fixture f;
    f.arena = rp_arena_create("test", 0);
    f.work = (rp_work){.arena = f.arena, .steps = RP_LIMIT_STEPS, .scratch = rp_exact_open(f.arena)};
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    fixture *f = *state;
    rp_exact_close(&f->work);
    rp_arena_destroy(f->arena);
    return 0;
}

static rp_q read_q(rp_work *w, const char *digits) {
    rp_q q = rp_q_int(0);
    assert_true(rp_q_digits(w, digits, strlen(digits), 10, &q));
    return q;
}

static void assert_q(rp_work *w, rp_q q, const char *expected) {
    rp_buffer out = rp_buffer_in(w->arena);
    rp_q_print(w, q, &out);
    assert_string_equal(out.data, expected);
}

static void test_small_and_big_paths_agree_around_64_bits(void **state) {
    rp_work *w = &((fixture *)*state)->work;
    const rp_q max = rp_q_int(INT64_MAX);
    assert_q(w, rp_q_add(w, max, rp_q_int(1)), "9223372036854775808");
    assert_q(w, rp_q_sub(w, rp_q_add(w, max, rp_q_int(1)), rp_q_int(1)), "9223372036854775807");
    assert_q(w, rp_q_mul(w, max, max), "85070591730234615847396907784232501249");
    assert_true(rp_q_equal(rp_q_div(w, rp_q_mul(w, max, max), max), max));
    assert_q(w, rp_q_neg(w, rp_q_mul(w, max, rp_q_int(-2))), "18446744073709551614");
    assert_int_equal(rp_q_cmp(w, rp_q_mul(w, max, max), max), 1);
    assert_int_equal(rp_q_sign(rp_q_neg(w, rp_q_mul(w, max, max))), -1);
}

static void test_fractions_are_kept_in_lowest_terms(void **state) {
    rp_work *w = &((fixture *)*state)->work;
    assert_q(w, rp_q_ratio(w, 6, -4), "-3/2");
    assert_q(w, rp_q_add(w, rp_q_ratio(w, 1, 6), rp_q_ratio(w, 1, 3)), "1/2");
    assert_q(w, rp_q_pow(w, rp_q_ratio(w, 2, 3), -3), "27/8");
    assert_q(w, rp_q_floor(w, rp_q_ratio(w, -7, 2)), "-4");
    assert_q(w, rp_q_floor(w, rp_q_int(-4)), "-4");
    assert_q(w, rp_q_gcd(w, rp_q_ratio(w, 12, 5), rp_q_ratio(w, 18, 5)), "6/5");
}

static void test_integers_of_combinatorics(void **state) {
    rp_work *w = &((fixture *)*state)->work;
    assert_q(w, rp_q_factorial(w, 20, 1), "2432902008176640000");
    assert_q(w, rp_q_factorial(w, 25, 1), "15511210043330985984000000");
    assert_q(w, rp_q_factorial(w, 7, 2), "105");
    assert_q(w, rp_q_binomial(w, rp_q_int(10), 3), "120");
    assert_q(w, rp_q_binomial(w, rp_q_int(3), 10), "0");
    assert_q(w, rp_q_powmod(w, rp_q_int(7), read_q(w, "100000000000000000000000000000000000000"), rp_q_int(4)), "1");
    rp_q root;
    assert_true(rp_q_root(w, rp_q_ratio(w, -8, 27), 3, &root));
    assert_q(w, root, "-2/3");
    assert_false(rp_q_root(w, rp_q_int(2), 2, &root));
    assert_false(rp_q_root(w, rp_q_int(-4), 2, &root));
}

static void test_residues(void **state) {
    rp_work *w = &((fixture *)*state)->work;
    bool defined;
    assert_int_equal(rp_q_mod(rp_q_int(-1), 7, &defined), 6);
    assert_true(defined);
    assert_int_equal(rp_q_mod(rp_q_ratio(w, 1, 2), 7, &defined), 4);
    assert_int_equal(rp_q_mod(read_q(w, "100000000000000000000000000000"), 1000000007, &defined),
                     999965707); /* by Python */
    (void)rp_q_mod(rp_q_ratio(w, 1, 7), 7, &defined);
    assert_false(defined);
}

static void test_sizes_are_checked_before_the_work_starts(void **state) {
    rp_work *w = &((fixture *)*state)->work;
    (void)rp_q_pow(w, rp_q_int(9), 387420489);
    assert_true(w->failed);
    assert_int_equal(w->failure, RP_REASON_BITS);
    rp_work again = {.arena = w->arena, .steps = 10, .scratch = rp_exact_open(w->arena)};
    rp_q sum = read_q(w, "0");
    for (int i = 0; i < 100; i++) sum = rp_q_add(&again, rp_q_int(INT64_MAX), rp_q_int(INT64_MAX));
    assert_true(again.failed);
    assert_int_equal(again.failure, RP_REASON_STEPS);
    assert_true(rp_q_is(sum, 0));
    rp_exact_close(&again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_small_and_big_paths_agree_around_64_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fractions_are_kept_in_lowest_terms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_integers_of_combinatorics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_residues, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sizes_are_checked_before_the_work_starts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
