/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <string.h>

static rp_status inner(int x) {
    return x < 0 ? rp_fail(RP_ERR_ARGUMENT, "x is %d; it must not be negative", x) : RP_OK;
}
static rp_status outer(int x, int *out) {
    RP_TRY(inner(x));
    *out = x;
    return RP_OK;
}

static void test_try_passes_the_status_on_and_leaves_outputs_alone(void **state) {
    (void)state;
    int out = 7;
    assert_fails(outer(-1, &out), RP_ERR_ARGUMENT, "x is -1; it must not be negative");
    assert_int_equal(out, 7);
    assert_ok(outer(3, &out));
    assert_int_equal(out, 3);
}

static void test_prefix_keeps_the_sentence(void **state) {
    (void)state;
    (void)inner(-2);
    assert_int_equal(rp_fail_prefix(RP_ERR_FORMAT, "file.json:%d", 12), RP_ERR_FORMAT);
    assert_string_equal(rp_last_error(), "file.json:12: x is -2; it must not be negative");
}

static void test_a_sentence_may_quote_the_last_one_and_is_cut_safely(void **state) {
    (void)state;
    (void)rp_fail(RP_ERR_IO, "first");
    (void)rp_fail(RP_ERR_IO, "second after %s", rp_last_error());
    assert_string_equal(rp_last_error(), "second after first");
    char long_text[3000];
    memset(long_text, 'a', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    (void)rp_fail(RP_ERR_IO, "%s", long_text);
    assert_int_equal(strlen(rp_last_error()), 1023);
    (void)rp_fail_prefix(RP_ERR_IO, "%s", long_text);
    assert_int_equal(strlen(rp_last_error()), 1023);
}

static void test_every_status_has_a_name(void **state) {
    (void)state;
    assert_string_equal(rp_status_name(RP_OK), "ok");
    for (int s = RP_ERR_ARGUMENT; s >= RP_ERR_INTERRUPTED; s--)
        assert_string_not_equal(rp_status_name((rp_status)s), "unknown");
    assert_string_equal(rp_status_name((rp_status)-99), "unknown");
    assert_string_equal(rp_status_name(RP_ERR_NUMERIC), "numeric");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_try_passes_the_status_on_and_leaves_outputs_alone),
        cmocka_unit_test(test_prefix_keeps_the_sentence),
        cmocka_unit_test(test_a_sentence_may_quote_the_last_one_and_is_cut_safely),
        cmocka_unit_test(test_every_status_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
