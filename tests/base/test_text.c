/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <string.h>

static void test_every_scalar_value_survives_a_round_trip(void **state) {
    (void)state;
    for (uint32_t c = 0; c <= 0x110000; c++) {
        char bytes[4];
        const size_t n = rp_utf8_encode(c, bytes);
        if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
            assert_int_equal(n, 0);
            continue;
        }
        uint32_t back = 0;
        assert_int_equal(rp_utf8_decode(bytes, n, &back), n);
        assert_int_equal(back, c);
        for (size_t cut = 1; cut < n; cut++) {
            assert_int_equal(rp_utf8_decode(bytes, cut, &back), 0);
            assert_int_equal(rp_utf8_incomplete_suffix(bytes, cut), cut);
            assert_int_equal(rp_utf8_bad_length(bytes, cut), cut);
        }
        assert_int_equal(rp_utf8_incomplete_suffix(bytes, n), 0);
    }
}

static void test_ill_formed_sequences_are_refused_by_maximal_subparts(void **state) {
    (void)state;
    /* bytes, length of the first maximal subpart (Unicode 15, table 3-8 and its neighbours) */
    static const struct {
        const char *bytes;
        size_t n, bad;
    } cases[] = {
        {"\xC0\xAF", 2, 1},     {"\xE0\x80\xBF", 3, 1}, {"\xED\xA0\x80", 3, 1}, {"\xF4\x91\x92\x93", 4, 1},
        {"\xFF", 1, 1},         {"\x80", 1, 1},         {"\xE1\x80\xE2", 3, 2}, {"\xF0\x91\x92\x41", 4, 3},
        {"\xF1\xBF\x41", 3, 2}, {"\xC2\x41", 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t c;
        assert_int_equal(rp_utf8_decode(cases[i].bytes, cases[i].n, &c), 0);
        assert_int_equal(rp_utf8_bad_length(cases[i].bytes, cases[i].n), cases[i].bad);
    }
    assert_int_equal(rp_utf8_valid_prefix("ab\xC3\xA9\xFFz", 6), 4);
    assert_int_equal(rp_utf8_incomplete_suffix("ab\xE2\x82", 4), 2);
    assert_int_equal(rp_utf8_incomplete_suffix("ab\x82\x82", 4), 0);
}

static void test_buffer_grows_and_formats(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer buffer = rp_buffer_in(arena);
    for (int i = 0; i < 1000; i++) rp_buffer_format(&buffer, "%d,", i);
    rp_buffer_char(&buffer, '.');
    assert_ok(rp_buffer_status(&buffer));
    assert_int_equal(buffer.length, 10 * 2 + 90 * 3 + 900 * 4 + 1);
    assert_string_equal(buffer.data + buffer.length - 5, "999,.");
    rp_arena_destroy(arena);
    rp_arena *small = rp_arena_create("small", 256);
    rp_buffer full = rp_buffer_in(small);
    for (int i = 0; i < 100; i++) rp_buffer_text(&full, "0123456789");
    assert_fails(rp_buffer_status(&full), RP_ERR_MEMORY, "small");
    rp_arena_destroy(small);
}

static void test_slices_compare_by_bytes(void **state) {
    (void)state;
    assert_true(rp_str_is((rp_str){"abc", 2}, "ab"));
    assert_false(rp_str_is((rp_str){"abc", 3}, "ab"));
    assert_true(rp_str_equal((rp_str){NULL, 0}, (rp_str){"x", 0}));
    assert_false(rp_str_equal((rp_str){"a\0b", 3}, (rp_str){"a\0c", 3}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_scalar_value_survives_a_round_trip),
        cmocka_unit_test(test_ill_formed_sequences_are_refused_by_maximal_subparts),
        cmocka_unit_test(test_buffer_grows_and_formats),
        cmocka_unit_test(test_slices_compare_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
