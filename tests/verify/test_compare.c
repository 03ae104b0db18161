/* SPDX-License-Identifier: MIT */
#include "support_verify.h"

#include "read/units.h"

typedef struct answer_case {
    const char *gold, *answer;
    rp_verdict_kind kind;
    rp_verify_reason reason;
} answer_case;

static void check(const answer_case *cases, size_t count, const rp_verify_options *options) {
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < count; i++) {
        const rp_verdict v = rp_verify_answer(arena, rp_str_of(cases[i].gold), rp_str_of(cases[i].answer), options);
        if (v.kind != cases[i].kind || v.reason != cases[i].reason)
            fail_msg("gold \"%s\", answer \"%s\": %s, %s", cases[i].gold, cases[i].answer, rp_verdict_name(v.kind),
                     rp_reason_name(v.reason));
    }
    rp_arena_destroy(arena);
}
#define CHECK(cases) check((cases), sizeof(cases) / sizeof((cases)[0]), &rp_verify_defaults)

static void test_collections(void **state) {
    (void)state;
    static const answer_case cases[] = {
        {"\\{1,2,3\\}", "\\{3,2,1\\}", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"1,1,2", "1,2", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"5", "5 \\text{ or } 6", RP_VERDICT_DIFFERENT, RP_REASON_EXTRA_ANSWERS},
        {"1,2", "1", RP_VERDICT_DIFFERENT, RP_REASON_ARITY},
        {"x=1,y=2", "x=2,y=1", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"AB=4,CD=5", "4, 5", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"AB=4,CD=5", "5, 4", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"x=1\\text{ or }x=-3", "-3, 1", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"\\pm2", "2,-2", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"\\pm1\\pm2", "-3,-1,1,3", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"1\\mp2", "-1,3", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"n=2,3", "2,3", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"(x,y)=(1,2)", "x=1,y=2", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"1,2,\\ldots,n", "1,3,\\ldots,n", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"p=5,q=2;p=7,q=2", "(5,2),(7,2)", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"\\{1,2,3\\}", "(1,2,3)", RP_VERDICT_DIFFERENT, RP_REASON_KIND},
        {"1,234", "1, 234", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"1234", "1, 234", RP_VERDICT_DIFFERENT, RP_REASON_ARITY},
        {"1000, 2000", "1,000, 2,000", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"1234, 5678", "1,234, 5,678", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"1,000, 2,000", "0, 1, 2", RP_VERDICT_DIFFERENT, RP_REASON_ARITY},
        {"1,2,332t", "1,2,332t", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"x = \\{1, 2\\}", "x \\in {2, 1}", RP_VERDICT_EQUAL, RP_REASON_RELATION},
        {"A = \\{1, 2\\}", "A \\in \\{1, 2\\}", RP_VERDICT_DIFFERENT, RP_REASON_KIND},
    };
    CHECK(cases);
}

static void test_points_intervals_and_regions(void **state) {
    (void)state;
    static const answer_case cases[] = {
        {"(1,2)", "(2,1)", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"(0,1)", "[0,1]", RP_VERDICT_DIFFERENT, RP_REASON_OPENNESS},
        {"(1,2,3)", "[1,2,3]", RP_VERDICT_EQUAL, RP_REASON_STRUCTURAL},
        {"(1,2)\\cup(2,3)", "(2,3)\\cup(1,2)", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
        {"(1,2)\\cup(2,3)", "(1,3)", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"[1,4]\\cap[2,6]", "[2,4]", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
        {"x\\ne 3", "(-\\infty,3)\\cup(3,\\infty)", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
        {"-1\\le x<2", "[-1,2)", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
        {"x<-1\\text{ or }x>2", "(-\\infty,-1)\\cup(2,\\infty)", RP_VERDICT_EQUAL, RP_REASON_SET},
        {"\\mathbb{R}", "(-\\infty,\\infty)", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
        {"\\{x \\mid 0<x<1\\}", "(0,1)", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
        {"[0,3]\\setminus\\{1\\}", "[0,1)\\cup(1,3]", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
        {"[0,1)\\cup[1,2]", "[0,2]", RP_VERDICT_EQUAL, RP_REASON_INTERVAL},
    };
    CHECK(cases);
}

static void test_relations(void **state) {
    (void)state;
    static const answer_case cases[] = {
        {"2x+4y=6", "x+2y=3", RP_VERDICT_EQUAL, RP_REASON_RELATION},
        {"y-1=2(x-3)", "y=2x-5", RP_VERDICT_EQUAL, RP_REASON_RELATION},
        {"x^2+y^2=1", "x^2+y^2=2", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"2x>6", "x>3", RP_VERDICT_EQUAL, RP_REASON_RELATION},
        {"x<=1", "-x>=-1", RP_VERDICT_EQUAL, RP_REASON_RELATION},
        {"x>3", "x\\ge3", RP_VERDICT_DIFFERENT, RP_REASON_OPENNESS},
        {"x>3", "y>3", RP_VERDICT_DIFFERENT, RP_REASON_OTHER_TEXT},
        {"x+y>1", "2x+2y>2", RP_VERDICT_EQUAL, RP_REASON_RELATION},
        {"x+y>1", "-x-y>-1", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"f(x)=x^2", "f(y)=y^2", RP_VERDICT_EQUAL, RP_REASON_POLY_IDENTITY},
        {"f(x)=0", "g(x)=0", RP_VERDICT_DIFFERENT, RP_REASON_OTHER_TEXT},
        {"f(2)<f(1)<f(4)", "f(4)>f(1)>f(2)", RP_VERDICT_EQUAL, RP_REASON_RELATION},
        {"5", "x=5", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"5", "3=5", RP_VERDICT_DIFFERENT, RP_REASON_KIND},
        {"6", "2\\cdot3=6", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"a+b=5", "5", RP_VERDICT_DIFFERENT, RP_REASON_KIND},
        {"x=5", "y=5", RP_VERDICT_DIFFERENT, RP_REASON_OTHER_TEXT},
    };
    rp_verify_options options = rp_verify_defaults;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* equality of relations may come with any reason below RELATION; what matters is stated by the reason of
         * differences */
        if (strcmp(cases[i].gold, "f(x)=x^2") != 0) check(&cases[i], 1, &options);
    }
    const answer_case definition = {"f(x)=x^2+1", "f(y)=y^2+1", RP_VERDICT_EQUAL, RP_REASON_STRUCTURAL};
    check(&definition, 1, &options);
}

static void test_quantities(void **state) {
    (void)state;
    static const answer_case cases[] = {
        {"5\\text{ cm}", "5\\text{ m}", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"2\\text{ hours}", "120\\text{ minutes}", RP_VERDICT_EQUAL, RP_REASON_UNIT_CONVERTED},
        {"10\\text{ cm}^2", "10\\text{ cm}^3", RP_VERDICT_DIFFERENT, RP_REASON_UNIT},
        {"7\\text{ apples}", "7\\text{ oranges}", RP_VERDICT_DIFFERENT, RP_REASON_UNIT},
        {"5\\text{ cm}", "5", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"36\\text{ km/h}", "10\\text{ m/s}", RP_VERDICT_EQUAL, RP_REASON_UNIT_CONVERTED},
        {"28\\%", "0.28", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"28\\%", "28", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"28", "0.28", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"45^\\circ", "\\frac{\\pi}{4}", RP_VERDICT_EQUAL, RP_REASON_STRUCTURAL},
        {"45^\\circ", "45", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"101_2", "101_8", RP_VERDICT_DIFFERENT, RP_REASON_BASE},
        {"101_2", "5", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"101_2", "101", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"101", "101_2", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"\\$18", "£18", RP_VERDICT_DIFFERENT, RP_REASON_UNIT},
        {"4c", "4", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"1:2:3", "2:4:6", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"3:30\\text{ PM}", "3:30\\text{ AM}", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"3:30", "4:40", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"5 \\pmod 7", "5 \\pmod 8", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"100^\\circ\\text{C}", "100^\\circ\\text{F}", RP_VERDICT_DIFFERENT, RP_REASON_UNIT},
    };
    CHECK(cases);
    rp_verify_options strict = rp_verify_defaults;
    strict.units_optional = strict.percent_fraction = false;
    static const answer_case strict_cases[] = {
        {"5\\text{ cm}", "5", RP_VERDICT_DIFFERENT, RP_REASON_UNIT},
        {"28\\%", "28", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"28\\%", "0.28", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"45^\\circ", "45", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
    };
    check(strict_cases, sizeof strict_cases / sizeof strict_cases[0], &strict);
}

static void test_rounded_decimals_are_an_option(void **state) {
    (void)state;
    static const answer_case off[] = {{"\\sqrt2", "1.414", RP_VERDICT_DIFFERENT, RP_REASON_VALUE}};
    CHECK(off);
    rp_verify_options options = rp_verify_defaults;
    options.rounded = true;
    static const answer_case on[] = {
        {"\\sqrt2", "1.414", RP_VERDICT_EQUAL, RP_REASON_APPROX},
        {"\\sqrt2", "1.415", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"33.3", "\\frac{100}{3}", RP_VERDICT_EQUAL, RP_REASON_APPROX},
        {"(\\frac{3}{5},\\frac{8}{3}]", "(0.6,2.6667]", RP_VERDICT_EQUAL, RP_REASON_APPROX},
        {"\\frac13", "0.3", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"2\\pi", "6.283185307", RP_VERDICT_EQUAL, RP_REASON_APPROX},
    };
    check(on, sizeof on / sizeof on[0], &options);
}

static void test_unit_factors_are_definitions(void **state) {
    (void)state;
    static const struct {
        const char *word;
        int64_t num, den;
    } cases[] = {
        {"inch", 127, 5000}, {"mile", 201168, 125},       {"km", 1000, 1},     {"kilometres", 1000, 1},
        {"mg", 1, 1000000},  {"lb", 45359237, 100000000}, {"mph", 1397, 3125}, {"hours", 3600, 1},
        {"mL", 1, 1000000},  {"kWh", 3600000, 1},
    };
    bench b = bench_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rp_unit unit = rp_unit_none();
        assert_true(rp_unit_multiply(&b.work, &unit, rp_str_of(cases[i].word), 1));
        if (!rp_q_equal(unit.factor, rp_q_ratio(&b.work, cases[i].num, cases[i].den)) || unit.labels)
            fail_msg("%s", cases[i].word);
    }
    bench_close(&b);
}

static void test_texts_choices_and_readings(void **state) {
    (void)state;
    static const answer_case cases[] = {
        {"\\text{odd}", "odd", RP_VERDICT_EQUAL, RP_REASON_TEXT},
        {"\\text{STOP}", "\\text{POTS}", RP_VERDICT_DIFFERENT, RP_REASON_OTHER_TEXT},
        {"ABC", "\\triangle ABC", RP_VERDICT_EQUAL, RP_REASON_STRUCTURAL},
        {"\\angle ABC", "\\angle ACB", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"B", "(B)", RP_VERDICT_EQUAL, RP_REASON_CHOICE},
        {"B", "(C) 12", RP_VERDICT_DIFFERENT, RP_REASON_OTHER_TEXT},
        {"\\ln 2", "\\log 2", RP_VERDICT_EQUAL, RP_REASON_STRUCTURAL},
        {"2", "\\log 100", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"1+2j", "1+2i", RP_VERDICT_EQUAL, RP_REASON_STRUCTURAL},
        {"2.74", "2,74", RP_VERDICT_EQUAL, RP_REASON_RATIONAL},
        {"1.234", "1,234", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"5", "V", RP_VERDICT_DIFFERENT, RP_REASON_VALUE},
        {"\\forall", "5", RP_VERDICT_UNPARSED, RP_REASON_GOLD_UNPARSED},
        {"5", "5^", RP_VERDICT_UNPARSED, RP_REASON_SYNTAX},
        {"5", "", RP_VERDICT_UNPARSED, RP_REASON_EMPTY},
    };
    CHECK(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_points_intervals_and_regions),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_rounded_decimals_are_an_option),
        cmocka_unit_test(test_unit_factors_are_definitions),
        cmocka_unit_test(test_texts_choices_and_readings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
