/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/json.h>

#include <string.h>

static rp_json_document *parse(const char *text) {
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(text, strlen(text), "test.json", &document));
    return document;
}

static void test_typed_reads_give_values(void **state) {
    (void)state;
    rp_json_document *document =
        parse("{\"s\":\"a\\u0000b\",\"n\":3,\"x\":0.5,\"t\":true,\"list\":[1,[2,\"deep\"]],\"z\":null}");
    const rp_json root = rp_json_root(document);
    rp_str s;
    int64_t n = 0;
    double x = 0;
    bool t = false;
    rp_json at = rp_json_key(&root, "s");
    assert_ok(rp_json_get_string(&at, &s));
    assert_true(rp_str_equal(s, (rp_str){"a\0b", 3}));
    at = rp_json_key(&root, "n");
    assert_ok(rp_json_get_int(&at, 0, 10, &n));
    assert_ok(rp_json_get_double(&at, &x));
    assert_true(n == 3 && x == 3.0);
    at = rp_json_key(&root, "t");
    assert_ok(rp_json_get_bool(&at, &t));
    assert_true(t);
    const rp_json list = rp_json_key(&root, "list"), inner = rp_json_at(&list, 1);
    at = rp_json_at(&inner, 1);
    assert_ok(rp_json_get_string(&at, &s));
    assert_text(s, "deep");
    at = rp_json_key(&root, "z");
    n = 9;
    assert_ok(rp_json_opt_int(&at, 0, 10, &n));
    at = rp_json_key(&root, "nothing");
    assert_ok(rp_json_opt_int(&at, 0, 10, &n));
    assert_int_equal(n, 9);
    rp_json_free(document);
}

static void test_errors_name_the_path(void **state) {
    (void)state;
    rp_json_document *document = parse("{\"model\":{\"merges\":[\"a b\",7],\"flag\":true,\"size\":99}}");
    const rp_json root = rp_json_root(document), model = rp_json_key(&root, "model"),
                  merges = rp_json_key(&model, "merges");
    rp_str s = {NULL, 5};
    int64_t n = 4;
    rp_json at = rp_json_at(&merges, 1);
    assert_fails(rp_json_get_string(&at, &s), RP_ERR_FORMAT,
                 "test.json: $.model.merges[1]: expected a string, found an integer");
    at = rp_json_at(&merges, 2);
    assert_fails(rp_json_get_string(&at, &s), RP_ERR_FORMAT, "$.model.merges[2]: is missing (expected a string)");
    at = rp_json_key(&model, "flag");
    assert_fails(rp_json_get_int(&at, 0, 1, &n), RP_ERR_FORMAT, "$.model.flag: expected an integer, found true or false");
    at = rp_json_key(&model, "size");
    assert_fails(rp_json_get_int(&at, 0, 10, &n), RP_ERR_FORMAT, "$.model.size: 99 is outside 0..10");
    static const char *const known[] = {"merges", "flags", "size", NULL};
    assert_fails(rp_json_only_keys(&model, known), RP_ERR_ARGUMENT,
                 "$.model.flag: is not a known key; did you mean \"flags\"?");
    assert_true(s.length == 5 && n == 4);
    rp_json_free(document);
}

static void test_bad_text_is_refused_with_its_place(void **state) {
    (void)state;
    static const char *const bad[] = {"",         "{",     "{\"a\":1,\"a\":2}", "[1,]",
                                      "\"\xFF\"", "[1] 2", "{'a':1}",           "123456789012345678901"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rp_json_document *document = NULL;
        assert_fails(rp_json_parse(bad[i], strlen(bad[i]), "bad.json", &document), RP_ERR_FORMAT,
                     "bad.json: is not valid JSON (line 1");
        assert_null(document);
    }
    char deep[10000];
    memset(deep, '[', sizeof deep);
    rp_json_document *document = NULL;
    assert_fails(rp_json_parse(deep, sizeof deep, "deep", &document), RP_ERR_FORMAT, "deep: is not valid JSON");
}

static void test_the_place_in_the_tree_is_named_too(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"{\"logp\": [[-1, -2], [NaN]]}", "at $.logp[1][0]): invalid token near 'NaN'; JSON has no NaN and no infinity"},
        {"{\"a\": {\"x,[\\\"\": 1, \"b\": [1, -Infinity]}}", "at $.a.b[1])"},
        {"{\"a\": [1, 2], \"b\": [true, {\"c\": 1e999}]}", "at $.b[1].c)"},
        {"[[1], [2], [3, }", "at $[2][1])"},
        {"{\"a\": 1, \"a\": 2}", "at $.a): duplicate"},
        {"nonsense", "(line 1, column 8): invalid"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rp_json_document *document = NULL;
        assert_fails(rp_json_parse(bad[i].text, strlen(bad[i].text), "bad.json", &document), RP_ERR_FORMAT, bad[i].part);
    }
}

static void test_members_come_in_the_file_s_order(void **state) {
    (void)state;
    rp_json_document *document = parse("{\"z\":1,\"a\":2,\"m\":3}");
    const rp_json root = rp_json_root(document);
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    char seen[4] = "";
    while (rp_json_next_member(&root, &iterator, &key, &value)) strncat(seen, key, 1);
    assert_string_equal(seen, "zam");
    rp_json_free(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed_reads_give_values),
        cmocka_unit_test(test_errors_name_the_path),
        cmocka_unit_test(test_bad_text_is_refused_with_its_place),
        cmocka_unit_test(test_the_place_in_the_tree_is_named_too),
        cmocka_unit_test(test_members_come_in_the_file_s_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
