/* SPDX-License-Identifier: MIT */
#include "support_cases.h"

/* One gold, what equals it and what does not; NULL ends a list early. */
typedef struct judge_case {
    const char *gold, *equal[8], *different[10];
} judge_case;

static void check_one(const char *gold, const char *answer, bool equal) {
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_verdict v = rp_verify_answer(arena, rp_str_of(gold), rp_str_of(answer), &rp_verify_defaults);
    if ((v.kind == RP_VERDICT_EQUAL) != equal)
        fail_msg("gold \"%s\", answer \"%s\": %s, %s", gold, answer, rp_verdict_name(v.kind), rp_reason_name(v.reason));
    rp_arena_destroy(arena);
}

static void check(const judge_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        check_one(cases[i].gold, cases[i].gold, true);
        for (size_t k = 0; k < 8 && cases[i].equal[k]; k++) check_one(cases[i].gold, cases[i].equal[k], true);
        for (size_t k = 0; k < 10 && cases[i].different[k]; k++) check_one(cases[i].gold, cases[i].different[k], false);
    }
}

static void test_a_letter_behind_words_is_no_choice(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"odd $n$", {"\\text{odd }n"}, {"even $n$", "odd $m$", "n", "\\text{even }n", "$n$ is even"}},
        {"prime $p$", {NULL}, {"composite $p$", "p", "prime $q$"}},
        {"\\text{decreasing in }x", {NULL}, {"\\text{increasing in }x", "x", "\\text{decreasing in }y"}},
        {"Train B", {"train B"}, {"Car B", "Train A", "B", "Bus B"}},
        {"\\text{vitamin C}", {NULL}, {"\\text{hepatitis C}", "\\text{vitamin D}"}},
        {"\\text{team A}", {NULL}, {"\\text{team B}", "\\text{class A}"}},
        {"\\text{all even }k", {NULL}, {"\\text{all odd }k", "k"}},
        {"A",
         {"\\text{option A}", "\\text{answer: A}", "(a)"},
         {"\\text{not A}", "\\text{all but A}", "\\text{A is false}", "\\text{except A}", "\\text{wrong: A}", "A'", "A_1",
          "-A", "A^c"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_several_choices_are_not_one(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"C",
         {"(C)", "C.", "\\textbf{(C)}"},
         {"(C)(D)", "(C), (D)", "(A) and (C)", "\\text{C and D}", "C, D", "(C) 3 (D) 4",
          "\\text{(C) } 3 \\text{ or (D) } 4", "C/D", "\\text{A: C}"}},
        {"(A), (B)", {"(B), (A)", "(A) and (B)", "A, B"}, {"(A)", "B", "(A), (C)", "(A), (B), (C)"}},
        {"(B) and (D)", {"(D) and (B)", "(B), (D)"}, {"(B)", "(D)", "(B) and (C)"}},
        {"A", {NULL}, {"(A) (B) (C) (D)", "A, B, C, D", "N/A", "A/B", "AB", "A \\text{ or } B"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_a_gold_option_with_its_text(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"\\textbf{(C)}\\ 12",
         {"C", "(C)", "12", "\\textbf{(C) }12", "C. 12", "12.0"},
         {"D", "(D)", "\\textbf{(D)}\\ 12", "13", "(C) 13", "\\text{twelve or so}"}},
        {"\\mathrm{(B)}\\ 4", {"B", "4", "\\text{(B) } 4"}, {"A", "5", "(A) 4"}},
        {"C. $\\frac12$", {"\\frac12", "0.5", "C"}, {"D", "\\frac13", "2"}},
        {"\\text{(E) }\\sqrt2", {"\\sqrt{2}", "E", "(e)"}, {"2", "\\sqrt3", "\\text{(D) }\\sqrt2"}},
        {"(C)", {"C", "\\text{choice C}"}, {"12", "(D)"}},
        {"C) 12", {"C", "12"}, {"D) 12", "D"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_words_that_compute_or_compare_are_no_units(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"6",
         {"6 units", "\\text{six}", "6\\text{ apples}", "sixth"},
         {"6 squared", "6 cubed", "6 halves", "6 thousandths", "6 doubled", "6\\text{ factorial}", "6 times 2",
          "more than 6", "6 or so and more", "below 6"}},
        {"3",
         {"three"},
         {"3 thirds", "3 hundredths", "negative 3", "minus 3", "log 3", "root 3", "twice 3", "half 3", "almost 3",
          "less than 3"}},
        {"\\frac34", {"three quarters", "three-fourths", "0.75"}, {"three fifths", "four thirds", "3 fourths of 2"}},
        {"\\frac23", {"two thirds", "\\text{two-thirds}"}, {"2", "two", "three halves"}},
        {"25", {"twenty-five", "25th"}, {"twenty-six", "fifty-two"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_units_and_nouns_in_brackets(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"9 (apples)", {"9", "9 apples", "9 (apple)", "\\text{nine apples}"}, {"9 (oranges)", "8 (apples)", "9 oranges"}},
        {"62 (push-ups)", {"62", "62 push-ups"}, {"62 (sit-ups)", "61", "26 (push-ups)"}},
        {"120 (minutes)", {"2 (hours)", "120", "2 hours"}, {"2 (minutes)", "120 (seconds)", "120 (hours)"}},
        {"17 (cents)", {"17", "17 cents", "0.17 dollars"}, {"17 (dollars)", "17 dollars", "71"}},
        {"36 (sq. inches)",
         {"36", "36 square inches", "36\\text{ in}^2"},
         {"36 (inches)", "36 (sq. feet)", "36 (cubic inches)"}},
        {"426 (white t-shirts)", {"426"}, {"426 (black t-shirts)", "426 (white shirts)", "624"}},
        {"5 (packs of gum)", {"5 packs of gum", "5"}, {"5 packs of cards", "5 (sticks of gum)"}},
        {"28 (meters)", {"28 m", "2800 (cm)"}, {"28 (square inches)", "28 (yards)"}},
        {"34\\text{ sq. units}", {"34\\text{ square units}", "34"}, {"34\\text{ cubic units}", "35"}},
        {"864 \\mbox{ inches}^2",
         {"864\\text{ sq. in.}", "6\\text{ square feet}"},
         {"864\\text{ in.}", "865\\text{ sq. in.}"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_operations_and_numbers_in_words(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"-8", {"minus 8", "negative 8", "\\text{minus eight}"}, {"8", "eight", "minus 7"}},
        {"\\sqrt{7}", {"square root of 7", "\\text{square root of }7"}, {"7", "cube root of 7", "square of 7"}},
        {"2", {"cube root of 8", "two"}, {"square root of 8", "root of 8"}},
        {"27",
         {"\\text{There are }27\\text{ apples}", "\\text{27 apples in total}"},
         {"\\text{There are more than }27\\text{ apples}", "\\text{There are }28\\text{ apples}", "about 27", "almost 27",
          "roughly 27", "\\text{between }27\\text{ and }28"}},
        {"13.2\\%", {"132‰", "0.132"}, {"13.2‰", "1.32"}},
        {"37", {"\\cancel{41} 37", "\\phantom{41}37"}, {"\\cancel{37} 41", "\\cancel{37}"}},
        {"1, 2, 3, 或 6", {"1,2,3,6", "1、2、3、6", "1, 2, 3 和 6"}, {"1,2,3", "1,2,3,7"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_times_and_dates(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"8\\!:\\!34 \\text{ p.m.}", {"8:34 PM", "8:34 p.m.", "20:34"}, {"8:43 p.m.", "8:34 a.m.", "8", "9:34 PM"}},
        {"\\text{noon}", {"12 PM", "12:00 p.m."}, {"12 AM", "midnight", "12", "11 AM"}},
        {"\\text{midnight}", {"12 AM", "0:00"}, {"noon", "12 PM"}},
        {"\\text{October 30}", {"Oct. 30", "30 October", "October 30th"}, {"November 30", "October 31", "30"}},
        {"2024-02-29", {"February 29, 2024", "29 Feb 2024"}, {"2024-02-28", "February 29, 2023"}},
        {"3:30", {NULL}, {"3.5", "3:31"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_labelled_parts(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"\\text{Alice}: 3, \\text{Bob}: 5",
         {"\\text{Bob}: 5, \\text{Alice}: 3", "\\text{Alice: 3, Bob: 5}"},
         {"\\text{Alice}: 5, \\text{Bob}: 3", "3, 5", "\\text{Alice}: 3", "\\text{Alice}: 3, \\text{Carl}: 5"}},
        {"radius: 5, center: $(-1,2)$",
         {"center: $(-1,2)$, radius: 5", "center $(-1,2)$, radius 5"},
         {"radius: 5, center: $(1,2)$", "radius: 4, center: $(-1,2)$", "5"}},
        {"\\text{mean }3, \\text{ median }5",
         {"\\text{median } 5, \\text{ mean } 3"},
         {"\\text{mean }5, \\text{ median }3", "\\text{mean }3, \\text{ mode }5"}},
        {"domain: $\\mathbb{R}$, range: $[0,\\infty)$",
         {"range: $[0,\\infty)$, domain: $\\mathbb{R}$"},
         {"domain: $[0,\\infty)$, range: $\\mathbb{R}$", "domain: $\\mathbb{R}$, range: $(0,\\infty)$"}},
        {"27",
         {"\\text{the number of ways} = 27", "\\text{Total: } 27", "\\max f = 27", "a+b=27"},
         {"\\text{the number of ways} = 28", "\\text{less than } 27", "x-1=27", "a+b=28", "\\text{at most } 27"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
}

static void test_what_nobody_parses_equals_itself(void **state) {
    (void)state;
    static const judge_case cases[] = {
        {"Cathy can win if and only if \\( n \\leq 2^{k-1} \\).",
         {"Cathy can win if and only if $n\\le 2^{k-1}$"},
         {"Cathy can win if and only if \\( n < 2^{k-1} \\).", "Cathy can win if and only if \\( n \\leq 2^{k+1} \\)."}},
        {"$\\min$ at $x=1$", {NULL}, {"$\\max$ at $x=1$", "$\\min$ at $x=2$"}},
        {"10和11之间", {NULL}, {"10和12之间", "11"}},
        {"$\\textcircled{2}\\textcircled{3}$", {"②③"}, {"②④", "②", "③②"}},
        {"All numbers of the form $4k+3$", {"all numbers of the form $4k+3$"}, {"All numbers of the form $4k+1$"}},
        {"local min. $(0,0)$", {NULL}, {"local max. $(0,0)$", "local min. $(0,1)$"}},
    };
    check(cases, sizeof cases / sizeof cases[0]);
    check_one("?", "?", false);
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_verdict v = rp_verify_answer(arena, rp_str_of("blue whale"), rp_str_of("Blue whales"), &rp_verify_defaults);
    char certificate[32];
    rp_certificate_text(&v, certificate);
    assert_string_equal(certificate, "text");
    rp_arena_destroy(arena);
}

static bool check_reading(char mark, rp_str gold, rp_str answer) {
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_verdict v = rp_verify_answer(arena, gold, answer, &rp_verify_defaults);
    rp_arena_destroy(arena);
    return (v.kind == RP_VERDICT_EQUAL) == (mark == '=');
}

static void test_every_reading_decided_by_hand(void **state) {
    (void)state;
    assert_true(for_each_case("tests/verify/readings.txt", check_reading) > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reading_decided_by_hand),
        cmocka_unit_test(test_a_letter_behind_words_is_no_choice),
        cmocka_unit_test(test_several_choices_are_not_one),
        cmocka_unit_test(test_a_gold_option_with_its_text),
        cmocka_unit_test(test_words_that_compute_or_compare_are_no_units),
        cmocka_unit_test(test_units_and_nouns_in_brackets),
        cmocka_unit_test(test_operations_and_numbers_in_words),
        cmocka_unit_test(test_times_and_dates),
        cmocka_unit_test(test_labelled_parts),
        cmocka_unit_test(test_what_nobody_parses_equals_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
