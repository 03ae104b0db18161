/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "read/number.h"

static void test_plain_numbers_are_read_to_lowest_terms(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t num, den;
    } cases[] = {
        {"42", 42, 1},
        {" 42 ", 42, 1},
        {"+42", 42, 1},
        {"-42", -42, 1},
        {"042", 42, 1},
        {"$42$", 42, 1},
        {"42.0", 42, 1},
        {"42.", 42, 1},
        {".5", 1, 2},
        {"0.50", 1, 2},
        {"-0.125", -1, 8},
        {"2/4", 1, 2},
        {"-3/6", -1, 2},
        {"7/1", 7, 1},
        {"1,000,000", 1000000, 1},
        {"1,000.99", 100099, 100},
        {"\\frac{1}{2}", 1, 2},
        {"-\\dfrac{6}{4}", -3, 2},
        {"\\tfrac{1}{-2}", -1, 2},
        {"0", 0, 1},
        {"-0", 0, 1},
        {"0/5", 0, 1},
        {"999999999999999999", 999999999999999999, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rp_plain got;
        assert_true(rp_plain_read(rp_str_of(cases[i].text), &got));
        assert_int_equal(got.num, cases[i].num);
        assert_int_equal(got.den, cases[i].den);
    }
}

static void test_everything_else_is_left_to_the_parser(void **state) {
    (void)state;
    static const char *const cases[] = {"",
                                        " ",
                                        "-",
                                        ".",
                                        "$",
                                        "$$",
                                        "x",
                                        "4 2",
                                        "12,34",
                                        "1,2",
                                        "1234,567",
                                        "0,123",
                                        "1,000,00",
                                        "1/0",
                                        "1.5/2",
                                        "1/2/3",
                                        "--5",
                                        "5-",
                                        "5x",
                                        "1e6",
                                        "50%",
                                        "\\frac12",
                                        "\\frac{1}{0}",
                                        "\\frac{1.5}{2}",
                                        "1000000000000000000",
                                        "0.0000000000000000001",
                                        "\xC2\xBD"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rp_plain got;
        if (rp_plain_read(rp_str_of(cases[i]), &got)) fail_msg("\"%s\" was read as a plain number", cases[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_numbers_are_read_to_lowest_terms),
        cmocka_unit_test(test_everything_else_is_left_to_the_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
