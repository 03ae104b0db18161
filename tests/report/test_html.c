/* SPDX-License-Identifier: MIT */
#include "run.h"

#include "../../src/report/internal.h"

#include <math.h>

static const char *escaped(const char *text, size_t n) {
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_text(&out, "");
    rp_html(&out, (rp_str){text, n});
    return out.data;
}

static void test_markup_becomes_text(void **state) {
    (void)state;
    assert_string_equal(escaped("<script>alert('a' & \"b\")</script>", 33),
                        "&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;");
    assert_string_equal(escaped("x² ≤ 3\n", 10), "x² ≤ 3\n");
}

static void test_what_cannot_be_seen_is_made_visible(void **state) {
    (void)state;
    assert_string_equal(escaped("a\0b\x1b[2J\x7f", 8), "a\u2400b\u241b[2J\u2421");
    assert_string_equal(escaped("a\xff\xc3", 3), "a\ufffd\ufffd");
}

static void test_json_cannot_close_its_element(void **state) {
    (void)state;
    rp_buffer out = rp_buffer_in(arena);
    rp_html_json(&out, rp_str_of("{\"a\":\"</script><!--&\"}"));
    assert_string_equal(out.data, "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\"}");
    rp_json_document *document;
    assert_ok(rp_json_parse(out.data, out.length, "json", &document));
    const rp_json root = rp_json_root(document), at = rp_json_key(&root, "a");
    rp_str text;
    assert_ok(rp_json_get_string(&at, &text));
    assert_text(text, "</script><!--&");
    rp_json_free(document);
}

static void test_numbers_have_as_many_digits_as_help(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0.000"},        {1, "1.000"},        {0.03684, "0.0368"},      {147.62, "147.6"},
                 {356261, "356261"},  {-2.5, "-2.500"},    {0.00012345, "0.000123"}, {1e-9, "1.000e-09"},
                 {3e12, "3.000e+12"}, {9.99996, "10.0000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rp_buffer out = rp_buffer_in(arena);
        rp_html_number(&out, cases[i].value, 4);
        if (i + 1 < sizeof cases / sizeof *cases)
            assert_string_equal(out.data, cases[i].text);
        else
            assert_true(strncmp(out.data, "10.00", 5) == 0);
    }
    rp_buffer out = rp_buffer_in(arena);
    rp_html_number(&out, (double)NAN, 4);
    assert_string_equal(out.data, "not a number");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup_becomes_text),
        cmocka_unit_test(test_what_cannot_be_seen_is_made_visible),
        cmocka_unit_test(test_json_cannot_close_its_element),
        cmocka_unit_test(test_numbers_have_as_many_digits_as_help),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
