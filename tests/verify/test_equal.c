/* SPDX-License-Identifier: MIT */
#include "support_verify.h"

#include "algebra/bound.h"
#include "algebra/enclose.h"
#include "decide/equal.h"

#include <math.h>

typedef struct equal_case {
    const char *a, *b;
    rp_outcome outcome;
    rp_certificate_kind certificate;
} equal_case;

static void check(const equal_case *cases, size_t count) {
    static const char *const outcomes[] = {"same", "different", "undecided"};
    for (size_t i = 0; i < 2 * count; i++) {
        bench b = bench_open();
        const equal_case *c = &cases[i / 2]; /* both ways */
        const char *left = i % 2 ? c->b : c->a, *right = i % 2 ? c->a : c->b;
        const rp_finding f = rp_compare_expressions(&b.work, tree_of(&b.work, left), tree_of(&b.work, right));
        if (f.outcome != c->outcome || f.certificate != c->certificate)
            fail_msg("\"%s\" against \"%s\": %s, certificate %d", left, right, outcomes[f.outcome], f.certificate);
        bench_close(&b);
    }
}
#define CHECK(cases) check((cases), sizeof(cases) / sizeof((cases)[0]))

static void test_algebraic_numbers_are_decided_with_proof(void **state) {
    (void)state;
    static const equal_case cases[] = {
        {"\\sqrt{3+2\\sqrt2}", "1+\\sqrt2", RP_SAME, RP_CERT_PROVED},
        {"\\frac{\\sqrt5+1}{2}", "\\frac{2}{\\sqrt5-1}", RP_SAME, RP_CERT_PROVED},
        {"\\sqrt[3]{2+\\sqrt5}+\\sqrt[3]{2-\\sqrt5}", "1", RP_SAME, RP_CERT_PROVED},
        {"\\sqrt2+\\sqrt3", "\\sqrt{5+2\\sqrt6}", RP_SAME, RP_CERT_PROVED},
        {"\\cos\\frac{\\pi}{7}\\cos\\frac{2\\pi}{7}\\cos\\frac{3\\pi}{7}", "\\frac18", RP_SAME, RP_CERT_PROVED},
        {"(1+i)^8", "16", RP_SAME, RP_CERT_PROVED},
        {"\\sqrt{10^{40}+1}", "10^{20}", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\sqrt{10^{400}+1}", "10^{200}", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\sqrt2+\\sqrt3", "\\sqrt{5+2\\sqrt6}+10^{-40}", RP_DIFFERENT, RP_CERT_PROVED},
        {"1.41421356237309504880168872420969807856967187537694", "\\sqrt2", RP_DIFFERENT, RP_CERT_PROVED},
    };
    CHECK(cases);
}

static void test_transcendental_numbers(void **state) {
    (void)state;
    static const equal_case cases[] = {
        {"\\pi", "\\pi+10^{-20}", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\pi", "\\pi+10^{-2000}", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\pi", "\\frac{355}{113}", RP_DIFFERENT, RP_CERT_PROVED},
        {"e^{\\pi\\sqrt{163}}", "262537412640768744", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\frac{\\ln(640320^3+744)}{\\sqrt{163}}", "\\pi", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\frac{3\\pi}{4}", "0.75\\pi", RP_SAME, RP_CERT_PROVED},
        {"(\\pi+1)^2", "\\pi^2+2\\pi+1", RP_SAME, RP_CERT_PROBABLE},
        {"(e+1)(e-1)", "e^2-1", RP_SAME, RP_CERT_PROBABLE},
        {"16\\arctan\\frac15-4\\arctan\\frac1{239}", "\\pi", RP_SAME, RP_CERT_PROVED},
        {"\\sin 1 \\cos 1", "\\frac{\\sin 2}{2}", RP_SAME, RP_CERT_PROBABLE},
        {"\\log_2 3", "\\log_3 2", RP_DIFFERENT, RP_CERT_PROVED},
    };
    CHECK(cases);
}

static void test_polynomials_and_rational_functions_by_residues(void **state) {
    (void)state;
    static const equal_case cases[] = {
        {"(x+1)^2", "x^2+2x+1", RP_SAME, RP_CERT_PROBABLE},
        {"\\frac{1}{x-1}-\\frac{1}{x+1}", "\\frac{2}{x^2-1}", RP_SAME, RP_CERT_PROBABLE},
        {"(x+1)^{1000000}", "(1+x)^{1000000}", RP_SAME, RP_CERT_PROVED},
        {"x^2-1", "(x-1)^2", RP_DIFFERENT, RP_CERT_PROVED},
        {"(x-1)(x-2)(x-3)(x-4)", "x^4-10x^3+35x^2-50x+25", RP_DIFFERENT, RP_CERT_PROVED},
        {"x^2y", "xy^2", RP_DIFFERENT, RP_CERT_PROVED},
        {"x+10^{-40}", "x", RP_DIFFERENT, RP_CERT_PROVED},
        {"x^{2305843009213368241}", "x", RP_DIFFERENT, RP_CERT_PROVED}, /* x^p = x modulo the first prime only */
        {"f(x)+f(y)", "f(y)+f(x)", RP_SAME, RP_CERT_PROVED},
        {"f(x)", "f(y)", RP_DIFFERENT, RP_CERT_PROVED},
        {"f(x+x)", "f(2x)", RP_SAME, RP_CERT_PROVED},
    };
    CHECK(cases);
}

static void test_numbers_too_large_to_write_down(void **state) {
    (void)state;
    static const equal_case cases[] = {
        {"10^{10^{10}}", "10^{10^{10}}+1", RP_DIFFERENT, RP_CERT_PROVED},
        {"5", "9^{9^{9^{9}}}", RP_DIFFERENT, RP_CERT_PROVED},
        {"7^{2023}", "7^{2024}", RP_DIFFERENT, RP_CERT_PROVED},
        {"2^{1000000}", "4^{500000}", RP_SAME, RP_CERT_PROVED},
        {"2^{1000000}", "2^{1000001}", RP_DIFFERENT, RP_CERT_PROVED},
        {"1^{10^{100}}", "1", RP_SAME, RP_CERT_PROVED},
        {"(10^{10^{6}}+1)(10^{10^{6}}-1)", "10^{2\\cdot 10^{6}}-1", RP_SAME, RP_CERT_PROBABLE},
        {"\\frac{1}{2004!}", "\\frac{1}{2006!}", RP_DIFFERENT, RP_CERT_PROVED},
    };
    CHECK(cases);
}

static void test_functions_by_identities_and_differences_by_points(void **state) {
    (void)state;
    static const equal_case cases[] = {
        {"\\sin^2x+\\cos^2x", "1", RP_SAME, RP_CERT_PROBABLE},
        {"\\cos 2x", "2\\cos^2x-1", RP_SAME, RP_CERT_PROBABLE},
        {"\\tan^2y+1", "\\sec^2y", RP_SAME, RP_CERT_PROBABLE},
        {"n!", "n(n-1)!", RP_SAME, RP_CERT_PROVED},
        {"\\sqrt{\\frac1n}", "\\frac{1}{\\sqrt n}", RP_SAME, RP_CERT_PROVED},
        {"\\sqrt{xy}", "\\sqrt x\\sqrt y", RP_SAME, RP_CERT_PROVED},
        {"\\sum_{k=1}^{n}k", "\\frac{n(n+1)}{2}", RP_SAME, RP_CERT_PROBABLE},
        {"\\sqrt{x^2}", "x", RP_DIFFERENT, RP_CERT_PROVED},
        {"|x|", "x", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\sqrt{x^2}", "|x|", RP_SAME, RP_CERT_PROVED},
        {"\\sin(x+y)", "\\sin x+\\sin y", RP_DIFFERENT, RP_CERT_PROVED},
        {"\\sqrt{x^2+y^2}", "x+y", RP_DIFFERENT, RP_CERT_PROVED},
        {"e^{ix}", "\\cos x+i\\sin x", RP_SAME, RP_CERT_PROBABLE},
    };
    CHECK(cases);
}

static void test_undefined_is_equal_to_nothing(void **state) {
    (void)state;
    static const equal_case cases[] = {
        {"\\frac30", "\\frac50", RP_DIFFERENT, RP_CERT_NONE},
        {"\\frac10", "\\infty", RP_DIFFERENT, RP_CERT_NONE},
        {"\\infty", "+\\infty", RP_SAME, RP_CERT_PROVED},
        {"\\infty", "10^{1000}", RP_DIFFERENT, RP_CERT_PROVED},
    };
    CHECK(cases);
}

/* Values to 30 digits by mpmath. */
static void test_enclosures_hold_the_value(void **state) {
    (void)state;
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"\\pi^2", "9.86960440108935861883449099988"},
        {"e^{-1}", "0.367879441171442321595523770161"},
        {"\\ln 2", "0.69314718055994530941723212146"},
        {"\\sin 1", "0.841470984807896506652502321630"},
        {"\\arctan\\frac12", "0.463647609000806116214256231461"},
        {"2^{1/3}", "1.25992104989487316476721060728"},
        {"\\sqrt{2+\\sqrt2}", "1.84775906502257351225636637879"},
        {"\\pi^e", "22.4591577183610454734271522045"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int bits = 64; bits <= 1024; bits *= 4) {
            bench b = bench_open();
            const rp_node *value = rp_simplify(&b.work, tree_of(&b.work, cases[i].text));
            const rp_node *off = rp_expr_subtract(&b.work, value, rp_simplify(&b.work, tree_of(&b.work, cases[i].value)));
            long size;
            const rp_enclosure e = rp_enclose(&b.work, off, bits, &size);
            assert_int_not_equal(e, RP_ENCLOSE_UNKNOWN);
            if (bits > 110) assert_int_equal(e, RP_ENCLOSE_NONZERO); /* 30 digits are not the number */
            if (bits > 64) assert_true(size < -90 && size > -110);   /* 10^-30 is 2^-99.7, and the digits are right */
            bench_close(&b);
        }
    }
}

static void test_the_zero_bound_is_below_small_differences(void **state) {
    (void)state;
    bench b = bench_open();
    double bits;
    /* |sqrt(10^40 + 1) - 10^20| is about 2^-67.4 */
    const rp_node *d = rp_simplify(&b.work, tree_of(&b.work, "\\sqrt{10^{40}+1}-10^{20}"));
    assert_true(rp_zero_bound(&b.work, d, &bits));
    assert_true(bits > 67.4 && bits < 400);
    assert_false(rp_zero_bound(&b.work, rp_simplify(&b.work, tree_of(&b.work, "\\pi-3")), &bits));
    bench_close(&b);
}

/* Of two findings the worse counts, and of two probabilities the larger error. */
static void test_findings_join_to_the_weaker_one(void **state) {
    (void)state;
    const rp_finding proved = rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0),
                     likely = rp_found(RP_SAME, RP_REASON_POLY_IDENTITY, RP_CERT_PROBABLE, 100),
                     likelier = rp_found(RP_SAME, RP_REASON_POLY_IDENTITY, RP_CERT_PROBABLE, 200),
                     open = rp_found(RP_UNDECIDED, RP_REASON_UNPROVED, RP_CERT_NUMERIC, 256),
                     other = rp_found(RP_DIFFERENT, RP_REASON_VALUE, RP_CERT_PROVED, 0);
    assert_int_equal(rp_finding_join(likelier, likely).bits, 100);
    assert_int_equal(rp_finding_join(likely, likelier).bits, 100);
    assert_int_equal(rp_finding_join(proved, likely).certificate, RP_CERT_PROBABLE);
    assert_int_equal(rp_finding_join(likely, proved).bits, 100);
    assert_int_equal(rp_finding_join(open, likely).outcome, RP_UNDECIDED);
    assert_int_equal(rp_finding_join(proved, open).outcome, RP_UNDECIDED);
    assert_int_equal(rp_finding_join(open, other).outcome, RP_DIFFERENT);
    assert_int_equal(rp_finding_join(other, proved).outcome, RP_DIFFERENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_algebraic_numbers_are_decided_with_proof),
        cmocka_unit_test(test_transcendental_numbers),
        cmocka_unit_test(test_polynomials_and_rational_functions_by_residues),
        cmocka_unit_test(test_numbers_too_large_to_write_down),
        cmocka_unit_test(test_functions_by_identities_and_differences_by_points),
        cmocka_unit_test(test_undefined_is_equal_to_nothing),
        cmocka_unit_test(test_findings_join_to_the_weaker_one),
        cmocka_unit_test(test_enclosures_hold_the_value),
        cmocka_unit_test(test_the_zero_bound_is_below_small_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
