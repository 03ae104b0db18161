/* SPDX-License-Identifier: MIT */
#include "support_verify.h"

typedef struct parse_case {
    const char *text, *printed;
} parse_case;

static void check(const parse_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bench b = bench_open();
        const char *got = printed(&b.work, tree_of(&b.work, cases[i].text));
        if (strcmp(got, cases[i].printed) != 0)
            fail_msg("\"%s\" was read as %s, expected %s", cases[i].text, got, cases[i].printed);
        bench_close(&b);
    }
}
#define CHECK(cases) check((cases), sizeof(cases) / sizeof((cases)[0]))

static void test_numbers_in_every_notation(void **state) {
    (void)state;
    static const parse_case cases[] = {
        {"42", "42"},
        {"042", "42"},
        {"1,234,567", "1234567"},
        {"1 000 000", "1000000"},
        {"1\\,000\\,000", "1000000"},
        {"1{,}000", "1000"},
        {"12,34,567", "1234567"},
        {"1,000.5", "2001/2"},
        {".5", "1/2"},
        {"0.\\overline{3}", "1/3"},
        {"0.1\\overline{6}", "1/6"},
        {"0.\\dot{1}4285\\dot{7}", "1/7"},
        {"0.(3)", "1/3"},
        {"0.333\\ldots", "1/3"},
        {"0.1212...", "4/33"},
        {"1.5e3", "1500"},
        {"2E-2", "1/50"},
        {"3 1/2", "7/2"},
        {"101_2", "101_2"},
        {"FF_{16}", "FF_16"},
        {"11,\\! 111", "11111"},
        {"12,34", "12, 34"},
        {"32, 349", "32, 349"},
        {"1,2345", "1, 2345"},
    };
    CHECK(cases);
}

static void test_precedence(void **state) {
    (void)state;
    static const parse_case cases[] = {
        {"-2^2", "-2^2"},
        {"2^3^2", "2^(3^2)"},
        {"1/2x", "1/2*x"},
        {"a-b-c", "a -b -c"},
        {"a/b/c", "a/b/c"},
        {"2x^2y", "2*x^2*y"},
        {"3\\frac{1}{2}", "3 + 1/2"},
        {"3\\frac{x}{2}", "3*(x/2)"},
        {"\\frac12", "1/2"},
        {"\\frac\\pi4", "pi/4"},
        {"1 \\over 2", "1/2"},
        {"\\sin 2x", "sin(2*x)"},
        {"\\sin x \\cos y", "sin(x)*cos(y)"},
        {"\\sin^2 x", "sin(x)^2"},
        {"\\sin(x)^2", "sin(x)^2"},
        {"\\sin^{-1} x", "arcsin(x)"},
        {"\\cos 2\\pi/7", "cos(2*pi/7)"},
        {"\\log_2 8", "log(8, 2)"},
        {"\\sqrt[3]{x}", "root(x, 3)"},
        {"5!", "factorial(5)"},
        {"5!!", "factorial2(5)"},
        {"x^2_1", "x_1^2"},
        {"{10 \\choose 3}", "binomial(10, 3)"},
        {"C_{10}^{3}", "binomial(10, 3)"},
        {"|x|+|y|", "abs(x) + abs(y)"},
        {"\\left|x-1\\right|", "abs(x -1)"},
        {"-7 \\bmod 5", "mod(-7, 5)"},
        {"2\\pm\\sqrt3", "2 +- root(3, 2)"},
        {"f(x+1)", "f(x + 1)"},
        {"x(x+1)", "x*(x + 1)"},
        {"45^\\circ 30'", "degrees(45 + 30/60)"},
        {"\\sum_{k=1}^{n} k^2", "sum(k^2, k, 1, n)"},
        {"\\int_0^1 x^2\\,dx", "integral(x^2, x, 0, 1)"},
    };
    CHECK(cases);
}

static void test_answers(void **state) {
    (void)state;
    static const parse_case cases[] = {
        {"1, 2 \\text{ and } 3", "1 and 2 and 3"},
        {"p=5,q=2;p=7,q=2", "p = 5, q = 2; p = 7, q = 2"},
        {"\\{1,2\\}", "{1, 2}"},
        {"[0,1)", "[0, 1)"},
        {"]0,1[", "(0, 1)"},
        {"(1,2)\\cup[3,4]", "(1, 2) union [3, 4]"},
        {"\\{x \\mid x>0\\}", "{x | x > 0}"},
        {"-1 \\le x < 2", "-1 <= x < 2"},
        {"frac{1}{2} + sqrt{3}", "1/2 + root(3, 2)"},
        {"bar{x}_n", "overline x_n"},
        {"\\bar x \\widehat{AB}", "overline x*hat AB"},
        {"x \\in {1, 2}", "x in {1, 2}"},
        {"x \\notin {5}", "x not in {5}"},
        {"x!!", "factorial2(x)"},
        {"x!!!", "factorial(factorial(factorial(x)))"},
        {"x \\in \\mathbb{R}", "x in R"},
        {"2:3", "2:3"},
        {"5\\text{ cm}", "5 [1/100 m]"},
        {"60\\text{ mph}", "60 [1397/3125 m s^-1]"},
        {"7\\text{ apples}", "7 [apple]"},
        {"\\$18", "18 [USD]"},
        {"28\\text{ percent}", "percent(28)"},
        {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "[1, 2; 3, 4]"},
        {"\\text{no solution}", "\"no solution\""},
        {"5 \\pmod 7", "5 [mod 7]"},
        {"5\\,\\text{(exactly)}", "5"},
        {"\\approx 5", "5"},
        {"1, 2, \\ldots, n", "1, 2, ..., n"},
        {"\\triangle ABC", "triangle ABC"},
        {"\\begin{cases}x=1\\\\y=2\\end{cases}", "x = 1 and y = 2"},
        {"\\begin{cases}x&x>0\\\\-x&\\text{otherwise}\\end{cases}", "x if x > 0; -x if \"otherwise\""},
        {"2k, k \\in \\mathbb{Z}", "2*k where k in Z"},
        {"x^2 \\quad (x>0)", "x^2 where x > 0"},
        {"8p \\text{ (for all odd primes } p)", "8*p where \"odd prime p\""},
        {"cx \\text{ for some constant } c", "c*x"},
        {"x<1 \\text{ or } x>3", "x < 1 or x > 3"},
        {"\\mathbb{R}^+", "(0, infinity)"},
        {"\\text{all integers except } 3", "Z minus {3}"},
        {"y(0)", "y(0)"},
        {"x(x+1)", "x*(x + 1)"},
        {"x=1\ny=2", "x = 1; y = 2"},
        {"A \\supseteq B", "A superset B"},
        {"4^{\\text{th}}", "4"},
        {"(10,000, 20,000)", "(10000, 20000)"},
        {"\\emptyset", "{}"},
        {"seven", "7"},
        {"100^\\circ\\text{F}", "100 [degF]"},
        {"10\\text{ cm}^2", "10 [1/10000 m^2]"},
    };
    CHECK(cases);
}

static void test_what_is_not_understood_is_refused_with_its_offset(void **state) {
    (void)state;
    static const struct {
        const char *text;
        rp_verify_reason reason;
        size_t offset;
    } cases[] = {
        {"5^", RP_REASON_SYNTAX, 2},
        {"\\frac{}{}", RP_REASON_SYNTAX, 6},
        {"4 2", RP_REASON_SYNTAX, 2},
        {"=5=", RP_REASON_SYNTAX, 3},
        {"(1", RP_REASON_SYNTAX, 2},
        {"5?", RP_REASON_UNSUPPORTED, 1},
        {"\\forall x", RP_REASON_UNSUPPORTED, 0},
        {"5_", RP_REASON_SYNTAX, 1},
        {"\\text{not }5", RP_REASON_SYNTAX, 6},
        {"1+*2", RP_REASON_SYNTAX, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench b = bench_open();
        const rp_parse_result r = rp_parse(&b.work, tokens_of(&b.work, cases[i].text), true);
        if (r.tree || r.reason != cases[i].reason || r.offset != cases[i].offset)
            fail_msg("\"%s\": %s at %zu", cases[i].text, r.tree ? printed(&b.work, r.tree) : rp_reason_name(r.reason),
                     r.offset);
        bench_close(&b);
    }
}

static void test_nesting_stops_at_the_limit(void **state) {
    (void)state;
    bench b = bench_open();
    char text[1202];
    memset(text, '(', 600);
    text[600] = '5';
    memset(text + 601, ')', 600);
    text[1201] = '\0';
    const rp_parse_result r = rp_parse(&b.work, tokens_of(&b.work, text), true);
    assert_null(r.tree);
    assert_true(b.work.failed);
    assert_int_equal(b.work.failure, RP_REASON_DEPTH);
    bench_close(&b);
}

static void test_equal_trees_have_equal_hashes_and_substitution_respects_binding(void **state) {
    (void)state;
    bench b = bench_open();
    rp_work *w = &b.work;
    assert_true(rp_tree_equal(tree_of(w, "x^2+1"), tree_of(w, "x^{2} + 1")));
    assert_false(rp_tree_equal(tree_of(w, "x^2+1"), tree_of(w, "1+x^2")));
    const rp_node *sum = tree_of(w, "k + \\sum_{k=1}^{k} k");
    assert_string_equal(printed(w, rp_tree_substitute(w, sum, rp_str_of("k"), rp_tree_int(w, 7))), "7 + sum(k, k, 1, 7)");
    bench_close(&b);
}

/* Nested readings that are given up must not be read twice at every depth. */
static void test_given_up_readings_cost_little(void **state) {
    (void)state;
    static const char *const pieces[] = {"x if y and (", "x for (x for ", "x (y=1 ", "all reals except ("};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        bench b = bench_open();
        rp_buffer text = rp_buffer_in(b.arena);
        for (int k = 0; k < 200; k++) rp_buffer_text(&text, pieces[i]);
        (void)rp_parse(&b.work, tokens_of(&b.work, text.data), true);
        assert_true(b.work.steps > RP_LIMIT_STEPS / 2);
        bench_close(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_in_every_notation),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_what_is_not_understood_is_refused_with_its_offset),
        cmocka_unit_test(test_nesting_stops_at_the_limit),
        cmocka_unit_test(test_equal_trees_have_equal_hashes_and_substitution_respects_binding),
        cmocka_unit_test(test_given_up_readings_cost_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
