/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "find/extract.h"

typedef struct extract_case {
    const char *response, *span;
    rp_span_rule rule;
} extract_case;

static void check_cases(const extract_case *cases, size_t count, rp_verify_options options) {
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < count; i++) {
        const rp_span got = rp_extract_marked(arena, rp_str_of(cases[i].response), &options);
        if (got.rule != cases[i].rule || (cases[i].span && !rp_str_is(got.text, cases[i].span)))
            fail_msg("\"%s\": rule %s, span \"%.*s\"", cases[i].response, rp_span_rule_sentence(got.rule),
                     (int)got.text.length, got.text.data);
    }
    rp_arena_destroy(arena);
}

static void test_the_last_box_decides(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"We compute. \\boxed{5}", "5", RP_SPAN_BOX},
        {"\\boxed{3} ... so finally \\boxed{5}.", "5", RP_SPAN_BOX},
        {"\\boxed{\\frac{1}{2}} and then prose", "\\frac{1}{2}", RP_SPAN_BOX},
        {"\\fbox{7}", "7", RP_SPAN_BOX},
        {"\\boxed 5 done", "5", RP_SPAN_BOX},
        {"$\\boxed12$.", "12", RP_SPAN_BOX},
        {"\\boxed{5} \\boxed{}", "5", RP_SPAN_BOX},
        {"\\boxed{ } then \\boxed{5}", "5", RP_SPAN_BOX},
        {"\\boxed{\\{1,2\\}}", "\\{1,2\\}", RP_SPAN_BOX},
        {"\\boxed{x \\boxed{5} y}", "x \\boxed{5} y", RP_SPAN_BOX},
        {"\\boxed{ cut off \\boxed{5} ...", "5", RP_SPAN_BOX},
        {"\\boxed{5}}", "5", RP_SPAN_BOX},
        {"f{ \\boxed{5}", "5", RP_SPAN_BOX},
        {"\\boxedx{5}", NULL, RP_SPAN_NONE},
        {"\\text{boxed}{5}", NULL, RP_SPAN_NONE},
        {"\\boxed{5", NULL, RP_SPAN_NONE},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
    static const extract_case open_cases[] = {{"so \\boxed{5", "5", RP_SPAN_BOX},
                                              {"\\boxed{4} so \\boxed{5", "5", RP_SPAN_BOX}};
    rp_verify_options options = rp_verify_defaults;
    options.open_box = true;
    check_cases(open_cases, 2, options);
}

static void test_joined_boxes_are_one_answer(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"\\boxed{5}\\boxed{6}", "5 ; 6", RP_SPAN_BOX},
        {"\\boxed{1}, \\boxed{2} and $\\boxed{3}$", "1 ; 2 ; 3", RP_SPAN_BOX},
        {"\\boxed{-2} \\quad \\text{and} \\quad \\boxed{1}.", "-2 ; 1", RP_SPAN_BOX},
        {"\\boxed{1} thus \\boxed{2}, \\boxed{3}", "2 ; 3", RP_SPAN_BOX},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
}

static void test_lines_tags_and_thoughts(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"She makes $18.\n#### 18", "18", RP_SPAN_HASHES},
        {"#### 17\n#### 18\n", "18", RP_SPAN_HASHES},
        {"#### Step 4: sum\nno answer here", NULL, RP_SPAN_NONE},
        {"<answer>42</answer>", "42", RP_SPAN_TAG},
        {"<answer>41</answer><answer> </answer>", "41", RP_SPAN_TAG},
        {"<think>maybe \\boxed{13}</think> The answer is **72**.", "72", RP_SPAN_ANCHOR},
        {"<think>\\boxed{42}</think>", NULL, RP_SPAN_NONE},
        {"<think>\\boxed{42} still thinking", NULL, RP_SPAN_NONE},
        {"<think>a</think> \\boxed{1} <think> again \\boxed{2}", NULL, RP_SPAN_NONE},
        {"thought</think> \\boxed{7}", "7", RP_SPAN_BOX},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
}

static void test_announcements_in_prose(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"The answer is 5.", "5", RP_SPAN_ANCHOR},
        {"The answer is: 5", "5", RP_SPAN_ANCHOR},
        {"Final Answer: 5", "5", RP_SPAN_ANCHOR},
        {"FINAL ANSWER IS 5!", "5", RP_SPAN_ANCHOR},
        {"Answer = 5", "5", RP_SPAN_ANCHOR},
        {"Answer\n5", "5", RP_SPAN_ANCHOR},
        {"The final answer is:\n\n$$5$$", "$$5$$", RP_SPAN_ANCHOR},
        {"The answer is 1,000.50.", "1,000.50", RP_SPAN_ANCHOR},
        {"The answer is 100,", "100", RP_SPAN_ANCHOR},
        {"The answer is 7. On reflection, that is wrong. The answer is 8.", "8", RP_SPAN_ANCHOR},
        {"The answer is $4$ or $5$.", "$4$ or $5$", RP_SPAN_ANCHOR},
        {"The answer is D, it cannot be A", "D", RP_SPAN_ANCHOR},
        {"The answer is not 3, it is 4.", NULL, RP_SPAN_NONE},
        {"The answer isn't 3.", NULL, RP_SPAN_NONE},
        {"The answer is 6. The answer is not 3.", "6", RP_SPAN_ANCHOR},
        {"**Answer:** 12 because 3*4", "12", RP_SPAN_ANCHOR},
        {"La réponse est 1/2.", "1/2", RP_SPAN_ANCHOR},
        {"La réponse n'est pas 3.", NULL, RP_SPAN_NONE},
        {"Die Antwort lautet 12.", "12", RP_SPAN_ANCHOR},
        {"答案是 5", "5", RP_SPAN_ANCHOR},
        {"答案：$\\frac{1}{2}$。", "$\\frac{1}{2}$", RP_SPAN_ANCHOR},
        {"答案不是 5。", NULL, RP_SPAN_NONE},
        {"Ответ: 7", "7", RP_SPAN_ANCHOR},
        {"The answer is **5** (since 2+3=5).", "5", RP_SPAN_ANCHOR},
        {"**Answer:** 12 and no more", "12 and no more", RP_SPAN_ANCHOR},
        {"La réponse est C non A", "C", RP_SPAN_ANCHOR},
        {"Die Antwort ist 5, weil 2+3", "5", RP_SPAN_ANCHOR},
        {"答案是 5，因为 2+3", "5", RP_SPAN_ANCHOR},
        {"The answer is 3 rather than 4.", "3", RP_SPAN_ANCHOR},
        {"I don't know", NULL, RP_SPAN_NONE},
        {"an answering machine is 5", NULL, RP_SPAN_NONE},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
}

static void test_the_lenient_rules_take_what_is_left(void **state) {
    (void)state;
    static const struct {
        const char *response, *span;
    } cases[] = {
        {"so $x = 3$ or rather $x=4$ then", "x=4"},
        {"Total: 3*5 = 15", "15"},
        {"I computed 41 then added 1 to get 42", "42"},
        {"about -1,234.5% of it", "-1,234.5%"},
        {"it costs 2/3 of a dollar", "2/3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(rp_extract_lenient(rp_str_of(cases[i].response), false, true).text, cases[i].span);
    assert_int_equal(rp_extract_lenient(rp_str_of("nothing here"), false, true).rule, RP_SPAN_NONE);
    assert_text(rp_extract_lenient(rp_str_of("It is not A, so I think it's B"), true, true).text, "B");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_box_decides),
        cmocka_unit_test(test_joined_boxes_are_one_answer),
        cmocka_unit_test(test_lines_tags_and_thoughts),
        cmocka_unit_test(test_announcements_in_prose),
        cmocka_unit_test(test_the_lenient_rules_take_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
