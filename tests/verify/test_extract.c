/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "find/extract.h"

typedef struct extract_case {
    const char *response, *span; /* NULL: nothing is extracted */
} extract_case;

static void check_cases(const extract_case *cases, size_t count, rp_verify_options options) {
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < count; i++) {
        rp_str got = {"", 0};
        const bool found = rp_verify_extract(arena, rp_str_of(cases[i].response), &options, &got);
        if (found != (cases[i].span != NULL) || (found && !rp_str_is(got, cases[i].span)))
            fail_msg("\"%s\": found %d, span \"%.*s\"", cases[i].response, found, (int)got.length, got.data);
    }
    rp_arena_destroy(arena);
}

static void test_the_last_box_decides(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"We compute. \\boxed{5}", "5"},
        {"\\boxed{3} ... so finally \\boxed{5}.", "5"},
        {"\\boxed{\\frac{1}{2}} and then prose", "\\frac{1}{2}"},
        {"\\fbox{7}", "7"},
        {"\\boxed 5 done", "5"},
        {"$\\boxed12$.", "12"},
        {"\\boxed{5} \\boxed{}", "5"},
        {"\\boxed{ } then \\boxed{5}", "5"},
        {"\\boxed{\\{1,2\\}}", "\\{1,2\\}"},
        {"\\boxed{x \\boxed{5} y}", "x \\boxed{5} y"},
        {"\\boxed{ cut off \\boxed{5} ...", "5"},
        {"\\boxed{5}}", "5"},
        {"f{ \\boxed{5}", "5"},
        {"\\boxedx{5}", NULL},
        {"\\text{boxed}{5}", NULL},
        {"\\boxed{5", NULL},
        {"\\boxed{4}. So \\boxed{\\frac{", NULL},
        {"\\boxed{4}\\boxed{", NULL},
        {"\\boxed{6} and not \\boxed{5}", "6"},
        {"\\boxed{5} is wrong.", NULL},
        {"\\boxed{5}. Wait, that is wrong.", NULL},
        {"\\boxed{5}. Wait, that is wrong. The answer is 6.", "6"},
        {"\\boxed{x>3}\n\nAnswer: D", "D"},
        {"\\boxed{5}. The answer is positive, as expected.", "5"},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
    static const extract_case open_cases[] = {{"so \\boxed{5", "5"}, {"\\boxed{4} so \\boxed{5", "5"}};
    rp_verify_options options = rp_verify_defaults;
    options.open_box = true;
    check_cases(open_cases, 2, options);
}

static void test_joined_boxes_are_one_answer(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"\\boxed{5}\\boxed{6}", "5 ; 6"},
        {"\\boxed{1}, \\boxed{2} and $\\boxed{3}$", "1 ; 2 ; 3"},
        {"\\boxed{-2} \\quad \\text{and} \\quad \\boxed{1}.", "-2 ; 1"},
        {"\\boxed{1} thus \\boxed{2}, \\boxed{3}", "2 ; 3"},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
}

static void test_lines_tags_and_thoughts(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"She makes $18.\n#### 18", "18"},
        {"#### 17\n#### 18\n", "18"},
        {"#### Step 4: sum\nno answer here", NULL},
        {"<answer>42</answer>", "42"},
        {"<answer>41</answer><answer> </answer>", "41"},
        {"<think>maybe \\boxed{13}</think> The answer is **72**.", "72"},
        {"<think>\\boxed{42}</think>", NULL},
        {"<think>\\boxed{42} still thinking", NULL},
        {"<think>a</think> \\boxed{1} <think> again \\boxed{2}", NULL},
        {"thought</think> \\boxed{7}", "7"},
        {"<THINK>\\boxed{4}</THINK> \\boxed{5}", "5"},
        {"◁think▷\\boxed{4}◁/think▷ done and over", NULL},
        {"<thinking>a \\boxed{4}", NULL},
        {"<ANSWER>7</ANSWER>", "7"},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
}

static void test_announcements_in_prose(void **state) {
    (void)state;
    static const extract_case cases[] = {
        {"The answer is 5.", "5"},
        {"The answer is: 5", "5"},
        {"Final Answer: 5", "5"},
        {"FINAL ANSWER IS 5!", "5"},
        {"Answer = 5", "5"},
        {"Answer\n5", "5"},
        {"The final answer is:\n\n$$5$$", "$$5$$"},
        {"The answer is 1,000.50.", "1,000.50"},
        {"The answer is 100,", "100"},
        {"The answer is\n\\begin{align}\nx &= 5\n\\end{align}\nas claimed.", "\\begin{align}\nx &= 5\n\\end{align}"},
        {"The answer is 7. On reflection, that is wrong. The answer is 8.", "8"},
        {"The answer is $4$ or $5$.", "$4$ or $5$"},
        {"The answer is 5; 6 is also possible.", NULL},
        {"The answer is 41, oops, 37.", "37"},
        {"The answer is D, it cannot be A", "D"},
        {"The answer is not 3, it is 4.", "4"},
        {"The answer is not 3 but 4.", "4"},
        {"The answer isn't 3.", NULL},
        {"The answer is 6. The answer is not 3.", "6"},
        {"**Answer:** 12 because 3*4", "12"},
        {"La réponse est 1/2.", "1/2"},
        {"La réponse n'est pas 3.", NULL},
        {"Die Antwort lautet 12.", "12"},
        {"答案是 5", "5"},
        {"答案：$\\frac{1}{2}$。", "$\\frac{1}{2}$"},
        {"答案不是 5。", NULL},
        {"Ответ: 7", "7"},
        {"The answer is **5** (since 2+3=5).", "5"},
        {"**Answer:** 12 apples in the box", "12\\text{ apples}"},
        {"La réponse est C non A", "C"},
        {"Die Antwort ist 5, weil 2+3", "5"},
        {"答案是 5，因为 2+3", "5"},
        {"The answer is 3 rather than 4.", "3"},
        {"I don't know", NULL},
        {"an answering machine is 5", NULL},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], rp_verify_defaults);
}

static void test_the_lenient_rules_take_what_is_left(void **state) {
    (void)state;
    static const struct {
        const char *response, *span;
    } cases[] = {
        {"so $x = 3$ and then $x=4$ then", "x=4"},
        {"Total: 3*5 = 15", "15"},
        {"I computed 41 then added 1 to get 42", "42"},
        {"it is -1,234.5% of it", "-1,234.5%"},
        {"it costs 2/3 of a dollar", "2/3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(rp_extract_lenient(rp_str_of(cases[i].response), false, true).text, cases[i].span);
    static const char *const against[] = {"nothing here", "it is not 7",   "at least 7", "half of 7", "neither 7 nor 8",
                                          "7 or 8",       "more than $7$", "7 is wrong", "7 squared", "between 6 and 7"};
    for (size_t i = 0; i < sizeof against / sizeof against[0]; i++)
        if (rp_extract_lenient(rp_str_of(against[i]), false, true).rule != RP_SPAN_NONE) fail_msg("\"%s\"", against[i]);
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
