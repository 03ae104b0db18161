/* SPDX-License-Identifier: MIT
 *
 * The expected side of each case is another way to write the same value, found by hand; canonical trees of both must be the
 * same. So the tests do not depend on the order in which a canonical form happens to list its terms.
 */
#include "support_verify.h"

#include "algebra/simplify.h"

typedef struct form_case {
    const char *text, *same;
} form_case;

static void check(const form_case *cases, size_t count, bool equal) {
    for (size_t i = 0; i < count; i++) {
        bench b = bench_open();
        const rp_node *x = rp_simplify(&b.work, tree_of(&b.work, cases[i].text)),
                      *y = rp_simplify(&b.work, tree_of(&b.work, cases[i].same));
        if (!rp_tree_is_sound(x) || !rp_tree_is_sound(y)) fail_msg("\"%s\" breaks a rule of trees", cases[i].text);
        assert_false(b.work.failed);
        if (rp_tree_equal(x, y) != equal || x->kind == RP_UNDEFINED)
            fail_msg("\"%s\" is %s, \"%s\" is %s", cases[i].text, printed(&b.work, x), cases[i].same, printed(&b.work, y));
        bench_close(&b);
    }
}
#define CHECK(cases, equal) check((cases), sizeof(cases) / sizeof((cases)[0]), (equal))

static void test_sums_and_products_collect(void **state) {
    (void)state;
    static const form_case cases[] = {
        {"x+x", "2x"},      {"x-x", "0"}, {"x x^2", "x^3"},     {"(x^2)^3", "x^6"}, {"a b", "b a"},
        {"2(x+1)-2x", "2"}, {"x/x", "1"}, {"(xy)^2", "x^2y^2"}, {"1/(1/x)", "x"},   {"3x y - x y", "2 y x"},
        {"-(x-y)", "y-x"},
    };
    CHECK(cases, true);
}

static void test_radicals_have_a_normal_form(void **state) {
    (void)state;
    static const form_case cases[] = {
        {"\\sqrt8", "2\\sqrt2"},
        {"\\sqrt2\\sqrt3", "\\sqrt6"},
        {"\\frac{1}{\\sqrt2}", "\\frac{\\sqrt2}{2}"},
        {"\\sqrt[3]{16}", "2\\sqrt[3]2"},
        {"\\sqrt[4]{4}", "\\sqrt2"},
        {"\\sqrt[3]{-8}", "-2"},
        {"4^{3/2}", "8"},
        {"\\sqrt{-4}", "2i"},
        {"\\sqrt{4/9}", "2/3"},
        {"12^{1/3}", "2^{2/3}3^{1/3}"},
        {"(\\sqrt2)^4", "4"},
        {"\\sqrt{x}\\sqrt{x}", "x"},
        {"8^{-2/3}", "1/4"},
    };
    CHECK(cases, true);
    static const form_case different[] = {
        {"\\sqrt{x^2}", "x"}, {"\\sqrt2", "\\sqrt3"}, {"\\sqrt2+\\sqrt3", "\\sqrt5"}, {"\\sqrt[3]2", "\\sqrt2"}};
    CHECK(different, false);
}

static void test_elementary_functions(void **state) {
    (void)state;
    static const form_case cases[] = {
        {"\\ln 8", "3\\ln 2"},
        {"\\ln 6", "\\ln 2+\\ln 3"},
        {"\\log_4 8", "3/2"},
        {"e^{\\ln 3}", "3"},
        {"3^{\\log_3 5}", "5"},
        {"\\ln e^2", "2"},
        {"2^n 3^n", "6^n"},
        {"2^{n+1}", "2\\cdot 2^n"},
        {"\\sin\\frac{\\pi}{6}", "1/2"},
        {"\\cos 15^\\circ", "\\frac{\\sqrt6+\\sqrt2}{4}"},
        {"\\tan\\frac{\\pi}{4}", "1"},
        {"\\sin\\frac{7\\pi}{6}", "-1/2"},
        {"\\cos\\frac{2\\pi}{5}", "\\frac{\\sqrt5-1}{4}"},
        {"\\sin(-x)", "-\\sin x"},
        {"\\arctan 1", "\\pi/4"},
        {"\\arcsin\\frac{\\sqrt3}{2}", "\\pi/3"},
        {"\\arccos 0", "\\pi/2"},
        {"e^{i\\pi}", "-1"},
        {"e^{i\\pi/3}", "\\frac{1+i\\sqrt3}{2}"},
        {"i^3", "-i"},
        {"\\cosh x", "\\frac{e^x+e^{-x}}{2}"},
        {"\\sec x", "1/\\cos x"},
        {"180^\\circ", "\\pi"},
        {"\\ln(-1)", "i\\pi"},
        {"\\operatorname{arsinh} 0", "0"},
    };
    CHECK(cases, true);
}

static void test_discrete_functions(void **state) {
    (void)state;
    static const form_case cases[] = {
        {"20!", "2432902008176640000"},
        {"\\binom{10}{3}", "120"},
        {"\\binom{n}{2}", "n(n-1)/2"},
        {"\\lfloor -3.5\\rfloor", "-4"},
        {"\\lceil 3.2\\rceil", "4"},
        {"\\lfloor\\sqrt{10}\\rfloor", "3"},
        {"|1-\\sqrt2|", "\\sqrt2-1"},
        {"|3+4i|", "5"},
        {"\\gcd(12,18)", "6"},
        {"\\operatorname{lcm}(4,6)", "12"},
        {"\\max(\\pi,3)", "\\pi"},
        {"\\min(x,x)", "x"},
        {"7^{10^{100}}\\bmod 4", "1"},
        {"-7\\bmod 5", "3"},
        {"5!!", "15"},
        {"|-x|", "|x|"},
    };
    CHECK(cases, true);
}

static void test_sums_products_integrals_limits(void **state) {
    (void)state;
    static const form_case cases[] = {
        {"\\sum_{k=1}^{10}k", "55"},
        {"\\sum_{k=1}^{10^{12}}k", "500000000000500000000000"},
        {"\\sum_{k=0}^{\\infty}\\frac{1}{2^k}", "2"},
        {"\\sum_{k=1}^{\\infty}\\frac{k}{2^k}", "2"},
        {"\\sum_{n=1}^{\\infty}\\frac{1}{n^2}", "\\pi^2/6"},
        {"\\sum_{n=2}^{\\infty}\\frac{1}{n^2}", "\\pi^2/6-1"},
        {"\\sum_{n=0}^{\\infty}\\frac{1}{n!}", "e"},
        {"\\sum_{k=1}^{\\infty}\\frac{(-1)^{k+1}}{k}", "\\ln 2"},
        {"\\prod_{k=1}^{5}k", "120"},
        {"\\sum_{i=1}^{3}\\sum_{j=1}^{2}ij", "18"},
        {"\\sum_{i=1}^{3}i", "6"},
        {"\\int_0^1 x^2\\,dx", "1/3"},
        {"\\int_0^{\\pi}\\sin x\\,dx", "2"},
        {"\\int_0^1 (x+1)(x-2)\\,dx", "-13/6"},
        {"\\int_1^e\\frac{1}{x}\\,dx", "1"},
        {"\\int_1^e\\frac{dx}{x}", "1"},
        {"\\int_0^1\\frac{1}{1+x^2}\\,dx", "\\pi/4"},
        {"\\int_0^a x\\,dx", "a^2/2"},
        {"\\int_0^1 e^{2x}\\,dx", "\\frac{e^2-1}{2}"},
        {"\\lim_{x\\to 2} x^2", "4"},
        {"\\sum_{k=5}^{4}k", "0"},
    };
    CHECK(cases, true);
    static const form_case different[] = {{"\\int_{-1}^{1}\\frac{1}{x}\\,dx", "0"},
                                          {"\\sum_{k=1}^{n}k", "\\sum_{k=1}^{n}k^2"}};
    CHECK(different, false);
}

static void test_matrices(void **state) {
    (void)state;
    static const form_case cases[] = {
        {"\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "-2"},
        {"2\\begin{pmatrix}1&2\\end{pmatrix}", "\\begin{pmatrix}2&4\\end{pmatrix}"},
        {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}\\begin{pmatrix}0&1\\\\1&0\\end{pmatrix}",
         "\\begin{pmatrix}2&1\\\\4&3\\end{pmatrix}"},
        {"\\begin{pmatrix}1&2\\end{pmatrix}+\\begin{pmatrix}3&x\\end{pmatrix}", "\\begin{pmatrix}4&x+2\\end{pmatrix}"},
        {"\\begin{pmatrix}1&2\\end{pmatrix}^T", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"},
    };
    CHECK(cases, true);
}

static void test_what_has_no_value_is_undefined(void **state) {
    (void)state;
    static const char *const cases[] = {"\\frac{1}{0}",
                                        "\\infty-\\infty",
                                        "0^{-1}",
                                        "0^0",
                                        "\\tan\\frac{\\pi}{2}",
                                        "\\frac{1}{\\sqrt2\\sqrt2-2}",
                                        "\\ln 0",
                                        "(-1)!",
                                        "\\frac{1}{x-x}",
                                        "5 \\bmod 0"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench b = bench_open();
        const rp_node *x = rp_simplify(&b.work, tree_of(&b.work, cases[i]));
        if (x->kind != RP_UNDEFINED) fail_msg("\"%s\" is %s", cases[i], printed(&b.work, x));
        assert_false(b.work.failed);
        bench_close(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_and_products_collect),      cmocka_unit_test(test_radicals_have_a_normal_form),
        cmocka_unit_test(test_elementary_functions),           cmocka_unit_test(test_discrete_functions),
        cmocka_unit_test(test_sums_products_integrals_limits), cmocka_unit_test(test_matrices),
        cmocka_unit_test(test_what_has_no_value_is_undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
