/* SPDX-License-Identifier: MIT */
#include "support_verify.h"

#include "read/choice.h"

typedef struct choice_case {
    const char *text, *letters; /* NULL: no choice */
    bool sure, with_text;
} choice_case;

static void check(const choice_case *cases, size_t count) {
    bench b = bench_open();
    for (size_t i = 0; i < count; i++) {
        const rp_tokens t = tokens_of(&b.work, cases[i].text);
        rp_choices got;
        const bool is = rp_choices_read(t.items, t.count, &got);
        if (is != (cases[i].letters != NULL)) fail_msg("\"%s\" is%s taken for a choice", cases[i].text, is ? "" : " not");
        if (!is) continue;
        uint32_t wanted = 0;
        for (const char *c = cases[i].letters; *c; c++) wanted |= 1u << (*c - 'A');
        if (got.letters != wanted || got.count != (int)strlen(cases[i].letters) || got.sure != cases[i].sure ||
            (got.text < t.count) != cases[i].with_text)
            fail_msg("\"%s\": letters %x, %d of them, sure %d", cases[i].text, got.letters, got.count, got.sure);
    }
    bench_close(&b);
}

static void test_one_letter_in_its_forms(void **state) {
    (void)state;
    static const choice_case cases[] = {
        {"B", "B", false, false},
        {"(B)", "B", true, false},
        {"(b)", "B", true, false},
        {"[D]", "D", true, false},
        {"B.", "B", false, false},
        {"(\\text{C})", "C", true, false},
        {"\\text{(E)}", "E", true, false},
        {"B) 7 apples", "B", true, true},
        {"B. 7 apples", "B", true, true},
        {"C: a plant", "C", true, true},
        {"\\textbf{(B) } 12", "B", true, true},
        {"\\textbf{(D)}~\\frac{1}{2}", "D", true, true},
        {"C Cecile", "C", true, true},
        {"Option C", "C", true, false},
        {"\\text{choice (d)}", "D", true, false},
        {"\\text{answer: A}", "A", true, false},
        {"for sure D", "D", true, false},
        {"the correct answer is (B)", "B", true, false},
        {"\\text{I choose C}", "C", true, false},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_several_letters_are_several_choices(void **state) {
    (void)state;
    static const choice_case cases[] = {
        {"(A), (B)", "AB", true, false},    {"(B) and (A)", "AB", true, false},
        {"(C)(D)", "CD", true, false},      {"(A) \\text{ or } (B)", "AB", true, false},
        {"A, B, D", "ABD", false, false},   {"A/B", "AB", false, false},
        {"N/A", "AN", false, false},        {"(A) 3 (B) 4", "AB", true, true},
        {"\\text{A: C}", "AC", true, true}, {"options A and C", "AC", true, false},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_names_denials_and_formulas_are_no_choices(void **state) {
    (void)state;
    static const choice_case cases[] = {
        {"b", NULL, false, false},
        {"5", NULL, false, false},
        {"BC", NULL, false, false},
        {"", NULL, false, false},
        {"odd $n$", NULL, false, false},
        {"even $N$", NULL, false, false},
        {"Train B", NULL, false, false},
        {"\\text{vitamin B}", NULL, false, false},
        {"\\text{point }A", NULL, false, false},
        {"\\text{increasing in }a", NULL, false, false},
        {"\\text{all except A}", NULL, false, false},
        {"\\text{opposite of A}", NULL, false, false},
        {"not B", NULL, false, false},
        {"anything but A", NULL, false, false},
        {"A cat", NULL, false, false},
        {"A mystery", NULL, false, false},
        {"C is wrong", NULL, false, false},
        {"\\text{(C) is not it}", NULL, false, false},
        {"I think B", NULL, false, false},
        {"A + B", NULL, false, false},
        {"A'", NULL, false, false},
        {"A_1", NULL, false, false},
        {"A^c", NULL, false, false},
        {"A:B", NULL, false, false},
        {"(b) + (x)", NULL, false, false},
        {"(x)(x+1)", NULL, false, false},
        {"(a)(b)", NULL, false, false},
        {"P(A)", NULL, false, false},
        {"A \\to B", NULL, false, false},
        {"-A", NULL, false, false},
        {"P. 5", NULL, false, false},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_letter_in_its_forms),
        cmocka_unit_test(test_several_letters_are_several_choices),
        cmocka_unit_test(test_names_denials_and_formulas_are_no_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
