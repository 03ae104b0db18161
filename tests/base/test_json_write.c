/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/json.h>

#include <math.h>

static void test_writes_nested_values_in_order(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer out = rp_buffer_in(arena);
    rp_json_writer w = rp_json_write_to(&out);
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "ids");
    rp_json_begin_array(&w);
    rp_json_put_int(&w, 1);
    rp_json_begin_array(&w);
    rp_json_end_array(&w);
    rp_json_put_double(&w, 0.1);
    rp_json_put_float(&w, 0.1f);
    rp_json_put_double(&w, (double)NAN);
    rp_json_end_array(&w);
    rp_json_put_key(&w, "ok");
    rp_json_put_bool(&w, true);
    rp_json_put_key(&w, "text");
    rp_json_put_string(&w, "q\" b\\ n\n \x01 \xC3\xA9 \xE2\x82 z\0!", 20);
    rp_json_put_key(&w, "none");
    rp_json_put_text(&w, NULL);
    rp_json_end_object(&w);
    assert_ok(rp_buffer_status(&out));
    assert_string_equal(out.data,
                        "{\"ids\": [1, [], 0.1, 0.1, null], \"ok\": true, "
                        "\"text\": \"q\\\" b\\\\ n\\n \\u0001 \xC3\xA9 \xEF\xBF\xBD z\\u0000!\", \"none\": null}");
    rp_arena_destroy(arena);
}

/* One value, one line, for every reader of lines. */
static void test_line_separators_are_escaped(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer out = rp_buffer_in(arena);
    rp_json_writer w = rp_json_write_to(&out);
    rp_json_put_text(&w, "a\n\xC2\x85" "b\xE2\x80\xA8" "c\xE2\x80\xA9" "d\xE2\x80\xAA");
    assert_ok(rp_buffer_status(&out));
    assert_string_equal(out.data, "\"a\\n\\u0085b\\u2028c\\u2029d\xE2\x80\xAA\"");
    rp_arena_destroy(arena);
}

static void test_what_is_written_reads_back_exactly(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_rng rng = rp_rng_stream(9, RP_RNG_TEST, 0, 0, 0);
    double values[500];
    float floats[500];
    rp_buffer out = rp_buffer_in(arena);
    rp_json_writer w = rp_json_write_to(&out);
    rp_json_begin_array(&w);
    for (int i = 0; i < 500; i++) {
        values[i] = ldexp(rp_rng_normal(&rng), (int)rp_rng_range(&rng, -300, 300));
        floats[i] = (float)rp_rng_normal(&rng);
        rp_json_put_double(&w, values[i]);
        rp_json_put_float(&w, floats[i]);
    }
    rp_json_end_array(&w);
    rp_json_document *document;
    assert_ok(rp_json_parse(out.data, out.length, "written", &document));
    const rp_json root = rp_json_root(document);
    for (size_t i = 0; i < 500; i++) {
        double d = 0, f = 0;
        rp_json at = rp_json_at(&root, 2 * i);
        assert_ok(rp_json_get_double(&at, &d));
        at = rp_json_at(&root, 2 * i + 1);
        assert_ok(rp_json_get_double(&at, &f));
        assert_true(d == values[i] && (float)f == floats[i]);
    }
    rp_json_free(document);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_nested_values_in_order),
        cmocka_unit_test(test_line_separators_are_escaped),
        cmocka_unit_test(test_what_is_written_reads_back_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
