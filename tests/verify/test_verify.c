/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/verify.h>

#include <string.h>

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

/* A zero times a huge number has an enclosure that holds every small number. That is no reason to pay: each of these once
 * equalled every gold. */
static void test_a_wide_enclosure_equals_nothing(void **state) {
    (void)state;
    static const char *const golds[] = {"7", "0.75", "\\frac{3}{4}", "B", "-2", "\\begin{pmatrix}1&2\\end{pmatrix}"};
    static const char *const answers[] = {"100!(\\sin^2 x+\\cos^2 x-1)",
                                          "100!(\\sin^2 x+\\cos^2 x-1)+5",
                                          "1000\\lfloor\\sin^2x+\\cos^2x\\rfloor",
                                          "e^{10^6}(\\sin^2 1+\\cos^2 1-1)",
                                          "10^{400}(\\cosh^2 x-\\sinh^2 x-1)",
                                          "e^{e^{9}}(\\ln 6-\\ln 2-\\ln 3)"};
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t g = 0; g < sizeof golds / sizeof golds[0]; g++)
        for (size_t a = 0; a < sizeof answers / sizeof answers[0]; a++) {
            const rp_verdict v = judge(arena, golds[g], answers[a]);
            if (v.kind == RP_VERDICT_EQUAL) fail_msg("\"%s\" equals \"%s\": %s", answers[a], golds[g], rp_reason_name(v.reason));
        }
    rp_arena_destroy(arena);
}

/* A story tells these lines, in this order. */
static void check_story(const char *gold, const char *text, bool is_response, const char *const *lines) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_verdict told;
    const rp_str story =
        rp_verify_explain(arena, rp_str_of(gold), rp_str_of(text), is_response, &rp_verify_defaults, &told);
    const char *at = rp_strndup(arena, story.data, story.length);
    assert_non_null(at);
    for (; *lines; lines++) {
        const char *next = strstr(at, *lines);
        if (!next) fail_msg("\"%s\" is not told, or not in order, in:\n%.*s", *lines, (int)story.length, story.data);
        at = next;
    }
    const rp_verdict v = is_response ? rp_verify_response(arena, rp_str_of(gold), rp_str_of(text), &rp_verify_defaults)
                                     : rp_verify_answer(arena, rp_str_of(gold), rp_str_of(text), &rp_verify_defaults);
    assert_int_equal(v.kind, told.kind);
    assert_int_equal(v.reason, told.reason);
    assert_int_equal(v.certificate, told.certificate);
    rp_arena_destroy(arena);
}

static void test_a_decision_is_told_step_by_step(void **state) {
    (void)state;
    check_story("7", "So \\boxed{x^2-1}.", true,
                (const char *const[]){"extraction: the last box", "gold as written: 7", "answer as written: x^2-1",
                                      "  sum\n    power\n      symbol x\n      number 2\n    number -1\n",
                                      "- compare: 7  against  x^2 -1", "does not vanish", "decided by: value", NULL});
    check_story("\\sqrt{2+\\sqrt3}", "\\frac{\\sqrt6+\\sqrt2}{2}", false,
                (const char *const[]){"gold in canonical form: (2 + 3^(1/2))^(1/2)", "  - canonical difference: ",
                                      "root-separation bound", "narrower than the bound", "decided by: algebraic", NULL});
    check_story("(1,2)", "1<x<=2", false,
                (const char *const[]){"tuple or interval", "relation 1 < x <= 2", "sets of real numbers",
                                      "different (openness)", "decided by: openness", NULL});
    check_story("5", "\\frac{5}", false, (const char *const[]){"gold", "answer as written", "decided by: syntax", NULL});
    check_story("5", "no answer here", true,
                (const char *const[]){"extraction: nothing marks", "decided by: no_answer", NULL});
}

static void test_a_long_story_is_cut(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer list = rp_buffer_in(arena);
    for (int i = 0; i < 300; i++) rp_buffer_format(&list, "%s%d", i ? ", " : "", 300 - i);
    rp_verdict told;
    const rp_str story =
        rp_verify_explain(arena, (rp_str){list.data, list.length}, rp_str_of("\\{1\\}"), false, &rp_verify_defaults, &told);
    assert_true(story.length > 0 && story.length < 80000);
    rp_arena_destroy(arena);
}

static void test_lenient_extraction_ends_at_an_answer(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_verify_options options = rp_verify_defaults;
    static const char *const cases[][2] = {
        {"220", "Réponse: Janeth aura encore 220 $ à payer d'ici 12 mois."},
        {"2/5", "答案：每份应该是 (\\frac{2}{5}) 吨。"},
        {"1", "how many $? just about 1$"},
        {"42", "I computed 41 then added 1 to get 42"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        options.lenient = true;
        rp_verdict v = rp_verify_response(arena, rp_str_of(cases[i][0]), rp_str_of(cases[i][1]), &options);
        if (v.kind != RP_VERDICT_EQUAL) fail_msg("\"%s\": %s", cases[i][1], rp_reason_name(v.reason));
    }
    options.lenient = false;
    assert_int_equal(rp_verify_response(arena, rp_str_of("42"), rp_str_of(cases[3][1]), &options).reason,
                     RP_REASON_NO_ANSWER);
    rp_arena_destroy(arena);
}

static void test_every_code_has_a_name_and_a_sentence(void **state) {
    (void)state;
    for (int r = 0; r < RP_REASON_COUNT; r++) {
        assert_non_null(rp_reason_name((rp_verify_reason)r));
        assert_non_null(rp_reason_sentence((rp_verify_reason)r));
    }
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
        cmocka_unit_test(test_a_wide_enclosure_equals_nothing),
        cmocka_unit_test(test_a_decision_is_told_step_by_step),
        cmocka_unit_test(test_a_long_story_is_cut),
        cmocka_unit_test(test_lenient_extraction_ends_at_an_answer),
        cmocka_unit_test(test_every_code_has_a_name_and_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
