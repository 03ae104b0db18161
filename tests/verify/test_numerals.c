/* SPDX-License-Identifier: MIT */
#include "support_verify.h"

#include "read/numerals.h"

static void test_numbers_in_words(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t num, den;
    } cases[] = {
        {"seven", 7, 1},
        {"Twelve", 12, 1},
        {"twenty-five", 25, 1},
        {"forty two", 42, 1},
        {"three hundred", 300, 1},
        {"three hundred and seven", 307, 1},
        {"one hundred twenty-three", 123, 1},
        {"two thousand and six", 2006, 1},
        {"twelve hundred", 1200, 1},
        {"one million two hundred thousand and five", 1200005, 1},
        {"ninety-nine thousand nine hundred ninety-nine", 99999, 1},
        {"zero", 0, 1},
        {"minus five", -5, 1},
        {"negative twenty", -20, 1},
        {"third", 3, 1},
        {"twenty-first", 21, 1},
        {"hundredth", 100, 1},
        {"three quarters", 3, 4},
        {"three-fourths", 3, 4},
        {"two thirds", 2, 3},
        {"one third", 1, 3},
        {"one half", 1, 2},
        {"half", 1, 2},
        {"five thousandths", 5, 1000},
        {"五", 5, 1},
        {"十", 10, 1},
        {"十二", 12, 1},
        {"二十五", 25, 1},
        {"一百零五", 105, 1},
        {"三千二百", 3200, 1},
    };
    bench b = bench_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rp_tokens t = tokens_of(&b.work, cases[i].text);
        rp_numeral value = {.num = 0};
        if (rp_numeral_read(t.items, 0, t.count, &value) != t.count || value.num != cases[i].num ||
            value.den != cases[i].den)
            fail_msg("\"%s\": %lld/%lld", cases[i].text, (long long)value.num, (long long)value.den);
    }
    bench_close(&b);
}

static void test_where_a_number_in_words_ends(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t used;
    } cases[] = {
        {"twenty eleven", 1}, {"two three", 1},  {"five apples", 1},         {"thousand", 0}, {"hundred", 0}, {"apples", 0},
        {"minus", 0},         {"seven zero", 1}, {"two million million", 2}, {"one two", 1},  {"二五", 0},    {"x", 0},
    };
    bench b = bench_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rp_tokens t = tokens_of(&b.work, cases[i].text);
        rp_numeral value;
        const size_t used = rp_numeral_read(t.items, 0, t.count, &value);
        if (used != cases[i].used) fail_msg("\"%s\": %zu words", cases[i].text, used);
    }
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_in_words),
        cmocka_unit_test(test_where_a_number_in_words_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
