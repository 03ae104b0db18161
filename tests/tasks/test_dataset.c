/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/tasks.h>

#include <string.h>

static rp_arena *arena;

static int setup(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

static const char *file_with(const char *text) {
    const char *path = temporary_path("dataset.jsonl");
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    return path;
}

static void test_plain_form_is_read(void **state) {
    (void)state;
    rp_dataset d;
    assert_ok(rp_dataset_load(arena,
                              file_with("{\"question\":\"1+1?\",\"answer\":\" 2 \",\"solution\":\"1+1=2\",\"id\":\"a\"}\n"
                                        "\n"
                                        "{\"answer\":3,\"question\":\"1+2?\",\"level\":\"easy\"}\r\n"
                                        "{\"question\":\"half?\",\"answer\":0.5,\"id\":17,\"solution\":null}"),
                              &d));
    assert_int_equal(d.count, 3);
    assert_text(d.problems[0].question, "1+1?");
    assert_text(d.problems[0].answer, "2");
    assert_text(d.problems[0].solution, "1+1=2");
    assert_text(d.problems[0].id, "a");
    assert_text(d.problems[1].answer, "3");
    assert_text(d.problems[1].id, "3"); /* the line's number, empty lines counted */
    assert_int_equal(d.problems[1].solution.length, 0);
    assert_text(d.problems[2].answer, "0.5");
    assert_text(d.problems[2].id, "17");
}

static void test_gsm8k_form_is_read(void **state) {
    (void)state;
    rp_dataset d;
    assert_ok(rp_dataset_load(
        arena,
        file_with(
            "{\"question\":\"Clips?\",\"answer\":\"48/2 = <<48/2=24>>24 in May.\\n48+24 = <<48+24=72>>72.\\n#### 72\"}\n"
            "{\"question\":\"Odd?\",\"answer\":\"a << b <<c>>\\nd <<e\\nf>> g\\n#### 1,000 \"}\n"
            "{\"question\":\"Both?\",\"answer\":\"#### 5\",\"solution\":\"given\"}\n"),
        &d));
    assert_int_equal(d.count, 3);
    assert_text(d.problems[0].answer, "72");
    assert_text(d.problems[0].solution, "48/2 = 24 in May.\n48+24 = 72.\n#### 72");
    assert_text(d.problems[1].answer, "1,000");
    assert_text(d.problems[1].solution, "a \nd <<e\nf>> g\n#### 1,000");
    assert_text(d.problems[2].answer, "#### 5"); /* with a solution beside it the answer is taken as it stands */
    assert_text(d.problems[2].solution, "given");
}

static void test_errors_name_file_and_line(void **state) {
    (void)state;
    rp_dataset d = {NULL, 7};
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"{\"question\":\"a\",\"answer\":\"1\"}\n{\"question\":\"b\",", "dataset.jsonl:2"},
        {"\n\n{\"question\":\"a\"}\n", "dataset.jsonl:3: $.answer"},
        {"{\"answer\":\"1\"}", "dataset.jsonl:1: $.question"},
        {"{\"question\":7,\"answer\":\"1\"}", "$.question: expected a string, found an integer"},
        {"{\"question\":\"a\",\"answer\":[1]}", "$.answer: expected a string"},
        {"{\"question\":\"a\",\"answer\":\"\"}", "there is no answer (or it is empty)"},
        {"{\"question\":\"a\",\"answer\":\"work\\n#### \"}", "the answer is empty"},
        {"{\"question\":\"a\",\"answer\":null}", "there is no answer (or it is empty)"},
        {"{\"question\":\" \",\"answer\":\"1\"}", "there is no question (or it is empty)"},
        {"7", "dataset.jsonl:1: $: expected an object"},
        {"[1]", "dataset.jsonl:1: begins with a list"},
        {"{\"question\":\"a\",\"question\":\"b\",\"answer\":\"1\"}", "dataset.jsonl:1"},
        {"\n\n", "holds no problem"},
        {"", "holds no problem"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_fails(rp_dataset_load(arena, file_with(cases[i].text), &d), RP_ERR_FORMAT, cases[i].part);
        assert_int_equal(d.count, 7); /* outputs untouched on failure */
    }
    assert_fails(rp_dataset_load(arena, temporary_path("no-such-file.jsonl"), &d), RP_ERR_IO, "no-such-file.jsonl");
}

static void test_many_problems_keep_their_order(void **state) {
    (void)state;
    rp_buffer text = rp_buffer_in(arena);
    for (int i = 0; i < 1000; i++) rp_buffer_format(&text, "{\"question\":\"q%d\",\"answer\":%d}\n", i, i);
    rp_dataset d;
    assert_ok(rp_dataset_load(arena, file_with(text.data), &d));
    assert_int_equal(d.count, 1000);
    char expected[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(expected, sizeof expected, "q%d", i);
        assert_text(d.problems[i].question, expected);
    }
}

static void test_gsm8k_itself_loads(void **state) {
    (void)state;
    const char *path = shared_path("data/gsm8k/test.jsonl");
    if (!path) skip();
    rp_dataset d;
    assert_ok(rp_dataset_load(arena, path, &d));
    assert_int_equal(d.count, 1319); /* wc -l */
    assert_text(d.problems[0].answer, "18");
    for (size_t i = 0; i < d.count; i++) {
        for (size_t k = 0; k + 1 < d.problems[i].solution.length; k++) {
            assert_false(memcmp(d.problems[i].solution.data + k, "<<", 2) == 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_form_is_read),        cmocka_unit_test(test_gsm8k_form_is_read),
        cmocka_unit_test(test_errors_name_file_and_line), cmocka_unit_test(test_many_problems_keep_their_order),
        cmocka_unit_test(test_gsm8k_itself_loads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
