/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void test_hash_gives_values_computed_elsewhere(void **state) {
    (void)state;
    /* From a few lines of Python written from the definitions: FNV-1a (64 bit), then fmix64. */
    static const struct {
        const char *text;
        uint64_t hash;
    } known[] = {
        {"", 0xEFD01F60BA992926U},
        {"What is 73 - 9?", 0xEDBD51E87C57C97AU},
        {"rephrase", 0xE2D4F5FE59DF1209U},
    };
    for (size_t i = 0; i < 3; i++) assert_true(rp_hash64(known[i].text, strlen(known[i].text), 0) == known[i].hash);
    assert_true(rp_hash64("a", 1, 0) != rp_hash64("a", 1, 1));
}

static void test_doubles_print_shortest_and_read_back(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } known[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {0.1, "0.1"},
        {1e300, "1e+300"},
        {1.0 / 3, "0.3333333333333333"},
        {123456789012.0, "123456789012"}, {300, "300"},
        {5e-324, "5e-324"},
        {0.1 + 0.2, "0.30000000000000004"},
    };
    char text[32];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_int_equal(rp_format_double(known[i].value, text), strlen(known[i].text));
        assert_string_equal(text, known[i].text);
    }
    rp_rng rng = rp_rng_stream(1, RP_RNG_TEST, 0, 0, 0);
    for (int i = 0; i < 20000; i++) {
        const double value = ldexp(rp_rng_normal(&rng), (int)rp_rng_range(&rng, -200, 200));
        (void)rp_format_double(value, text);
        assert_true(strtod(text, NULL) == value);
    }
    (void)rp_format_double((double)NAN, text);
    assert_string_equal(text, "NaN");
}

static void test_parses_take_the_whole_text_or_nothing(void **state) {
    (void)state;
    double d = 7;
    int64_t i = 7;
    static const char *const bad[] = {"", " 1", "1 ", "1x", "0x10", "nan", "inf", "1e999", "--1", "one"};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        assert_false(rp_parse_double(bad[k], &d));
        assert_false(rp_parse_int64(bad[k], &i));
    }
    assert_true(d == 7 && i == 7);
    assert_true(rp_parse_double("-1.5e-3", &d) && d == -1.5e-3);
    assert_true(rp_parse_int64("-9223372036854775808", &i) && i == INT64_MIN);
    assert_false(rp_parse_int64("9223372036854775808", &i));
    assert_false(rp_parse_int64("1.0", &i));
}

static void test_nearest_name_finds_slips_and_nothing_far(void **state) {
    (void)state;
    static const char *const names[] = {"learning_rate", "batch", "steps", "seed", "model"};
    assert_string_equal(rp_nearest_name("learning-rate", names, 5), "learning_rate");
    assert_string_equal(rp_nearest_name("sedd", names, 5), "seed");
    assert_string_equal(rp_nearest_name("setps", names, 5), "steps"); /* a transposition is one slip */
    assert_null(rp_nearest_name("temperature", names, 5));
    assert_null(rp_nearest_name("x", names, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_gives_values_computed_elsewhere),
        cmocka_unit_test(test_doubles_print_shortest_and_read_back),
        cmocka_unit_test(test_parses_take_the_whole_text_or_nothing),
        cmocka_unit_test(test_nearest_name_finds_slips_and_nothing_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
