/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/verify.h>

static rp_verdict judge(rp_arena *arena, const char *gold, const char *answer) {
    return rp_verify_answer(arena, rp_str_of(gold), rp_str_of(answer), &rp_verify_defaults);
}

static void test_plain_numbers_by_value(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_verdict v = judge(arena, "1/2", "0.50");
    assert_int_equal(v.kind, RP_VERDICT_EQUAL);
    assert_int_equal(v.reason, RP_REASON_RATIONAL);
    assert_int_equal(v.certificate, RP_CERT_PROVED);
    v = judge(arena, "42", "43");
    assert_int_equal(v.kind, RP_VERDICT_DIFFERENT);
    assert_int_equal(v.reason, RP_REASON_VALUE);
    rp_arena_destroy(arena);
}

static void test_nothing_is_never_equal(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    assert_int_equal(judge(arena, "", "").reason, RP_REASON_GOLD_UNPARSED);
    assert_int_equal(judge(arena, "", "5").reason, RP_REASON_GOLD_UNPARSED);
    assert_int_equal(judge(arena, "5", " ").reason, RP_REASON_EMPTY);
    rp_arena_destroy(arena);
}

static void test_a_worked_solution_gives_its_gold(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str span;
    assert_true(rp_verify_extract(arena, rp_str_of("Natalia sold 48/2 = <<48/2=24>>24 clips.\n#### 72"),
                                  &rp_verify_defaults, &span));
    assert_text(span, "72");
    const rp_verdict v = rp_verify_response(arena, span, rp_str_of("48 + 24 = 72, so \\boxed{72}."), &rp_verify_defaults);
    assert_int_equal(v.kind, RP_VERDICT_EQUAL);
    assert_text(v.span, "72");
    rp_arena_destroy(arena);
}

static void test_every_code_has_a_name(void **state) {
    (void)state;
    for (int r = 0; r < RP_REASON_COUNT; r++) assert_non_null(rp_reason_name((rp_verify_reason)r));
    char text[32];
    const rp_verdict v = {.certificate = RP_CERT_PROBABLE, .bits = 200};
    rp_certificate_text(&v, text);
    assert_string_equal(text, "probable(2^-200)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_numbers_by_value),
        cmocka_unit_test(test_nothing_is_never_equal),
        cmocka_unit_test(test_a_worked_solution_gives_its_gold),
        cmocka_unit_test(test_every_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
