/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/cli/commands.h"

#include <rephrase/verify.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Runs the command with standard output (and error) in a file; returns the exit code and what was printed. */
static int run(rp_arena *arena, int argc, const char **argv, rp_str *printed) {
    const char *path = temporary_path("cmd_verify.out");
    (void)fflush(stdout);
    (void)fflush(stderr);
    const int saved_out = dup(1), saved_err = dup(2);
    const int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(saved_out >= 0 && saved_err >= 0 && file >= 0);
    assert_true(dup2(file, 1) >= 0 && dup2(file, 2) >= 0);
    (void)close(file);
    const int code = rp_command_run(&rp_command_verify, argc, (char **)argv);
    (void)fflush(stdout);
    (void)fflush(stderr);
    assert_true(dup2(saved_out, 1) >= 0 && dup2(saved_err, 2) >= 0);
    (void)close(saved_out);
    (void)close(saved_err);
    assert_ok(rp_file_read(arena, path, 0, printed));
    return code;
}

static bool contains(rp_str text, const char *part) {
    return strstr(text.data, part) != NULL;
}

static void test_the_defaults_are_those_of_the_library(void **state) {
    (void)state;
    rp_verify_options options = {0};
    rp_options_defaults(rp_command_verify.shared, &options);
    assert_memory_equal(&options, &rp_verify_defaults, sizeof options);
}

static void test_one_pair_prints_verdict_reason_and_certificate(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *argv[] = {"verify", "--gold", "\\frac{1}{2}", "--answer", "0.50"};
    assert_int_equal(run(arena, 5, argv, &out), 0);
    assert_true(contains(out, "verdict     equal\n"));
    assert_true(contains(out, "reason      rational\n"));
    assert_true(contains(out, "certificate proved\n"));
    rp_arena_destroy(arena);
}

static void test_explain_tells_the_steps_before_the_verdict(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *argv[] = {"verify", "--gold", "\\{1,2\\}", "--answer", "2 and 1", "--explain"};
    assert_int_equal(run(arena, 6, argv, &out), 0);
    assert_true(contains(out, "gold as written: \\{1,2\\}\n  set\n    number 1\n    number 2\n"));
    assert_true(contains(out, "- compare: {1, 2}  against  2 and 1\n"));
    assert_true(strstr(out.data, "decided by: set") < strstr(out.data, "verdict     equal\n"));
    const char *both[] = {"verify", "--jsonl", "x", "--explain"};
    assert_int_equal(run(arena, 4, both, &out), 2);
    assert_true(contains(out, "--explain tells about one pair"));
    rp_arena_destroy(arena);
}

static void test_a_response_shows_the_span(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("response.txt");
    const char text[] = "We add: 2+3. So \\boxed{5}.";
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    rp_str out;
    const char *argv[] = {"verify", "--gold", "6", "--response", path};
    assert_int_equal(run(arena, 5, argv, &out), 0);
    assert_true(contains(out, "verdict     different\n"));
    assert_true(contains(out, "span        5\n"));
    rp_arena_destroy(arena);
}

static void test_a_file_of_cases_keeps_its_order_on_any_number_of_threads(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer cases = rp_buffer_in(arena), expected = rp_buffer_in(arena);
    for (int i = 0; i < 3000; i++) { /* more than two blocks */
        rp_buffer_format(&cases, "{\"id\": %d, \"gold\": \"%d\", \"%s\": \"%d\", \"options\": {\"lenient\": true}}\n", i,
                         i % 7, i % 2 ? "pred" : "response", i % 5);
        rp_buffer_format(&expected, "{\"id\": %d, \"verdict\": \"%s\"", i, i % 7 == i % 5 ? "equal" : "different");
    }
    const char *path = temporary_path("cases.jsonl");
    assert_ok(rp_file_write(arena, path, cases.data, cases.length));
    rp_str out;
    const char *argv[] = {"verify", "--jsonl", path};
    assert_int_equal(run(arena, 3, argv, &out), 0);
    const char *at = out.data, *want = expected.data;
    for (int i = 0; i < 3000; i++) {
        const char *next = strstr(want + 1, "{\"id\"");
        const size_t n = next ? (size_t)(next - want) : strlen(want);
        assert_int_equal(strncmp(at, want, n), 0);
        at = strchr(at, '\n') + 1;
        want = next;
    }
    assert_string_equal(at, "");
    rp_arena_destroy(arena);
}

static void test_wrong_calls_and_wrong_lines_are_named(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *none[] = {"verify", "--gold", "5"};
    assert_int_equal(run(arena, 3, none, &out), 2);
    assert_true(contains(out, "exactly one of --answer"));
    const char *path = temporary_path("bad.jsonl");
    const char text[] = "{\"id\": 1, \"gold\": \"1\", \"pred\": \"1\"}\n{\"id\": 2, \"gold\": 3, \"pred\": \"1\"}\n";
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    const char *argv[] = {"verify", "--jsonl", path};
    assert_int_equal(run(arena, 3, argv, &out), 1);
    assert_true(contains(out, "bad.jsonl:2: $.gold"));
    rp_arena_destroy(arena);
}

static size_t lines_of(rp_str text) {
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) n += text.data[i] == '\n';
    return n;
}

/* Empty lines, half a line, another type, bytes that are no UTF-8, a case that fills its memory: one line each. */
static void test_every_line_of_the_input_gives_one_line(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    static const char text[] =
        "{\"id\": 1, \"gold\": \"1\", \"pred\": \"1\"}\n"
        "\n"
        "{\"id\": 3, \"gold\": \"1\"\n"
        "[4]\n"
        "{\"id\": \"five\", \"gold\": \"1\", \"pred\": \"1\", \"response\": \"1\"}\n"
        "\xff\xfe\n"
        "{\"id\": 7, \"gold\": \"3\", \"pred\": \"\\\\sum_{i=1}^{100}\\\\sum_{j=1}^{100} x^{i}y^{j}\"}\n"
        "{\"id\": 8, \"gold\": \"2\", \"pred\": \"3\"}";
    const char *path = temporary_path("mixed.jsonl");
    assert_ok(rp_file_write(arena, path, text, sizeof text - 1));
    rp_str out;
    const char *argv[] = {"verify", "--jsonl", path};
    assert_int_equal(run(arena, 3, argv, &out), 1);
    assert_true(contains(out, "{\"id\": 1, \"verdict\": \"equal\""));
    assert_true(contains(out, "{\"id\": null, \"error\": "));
    assert_true(contains(out, "mixed.jsonl:2: the line is empty"));
    assert_true(contains(out, "mixed.jsonl:3: is not valid JSON"));
    assert_true(contains(out, "{\"id\": \"five\", \"error\": "));
    assert_true(contains(out, "{\"id\": 7, \"verdict\": \"budget\", \"reason\": \"steps\""));
    assert_true(contains(out, "{\"id\": 8, \"verdict\": \"different\""));
    assert_true(contains(out, "5 of 8 lines could not be read (\"error\" in the output); the first is line 2"));
    assert_int_equal(lines_of(out), 9); /* one for each line, and the sentence on standard error */
    rp_arena_destroy(arena);
}

static void test_steps_of_a_text_and_of_a_file(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("steps.txt");
    const char text[] = "We pay 3 * $4 = $12, so 20 - 12 = 9. Half of 48 = 24.";
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    rp_str out;
    const char *argv[] = {"verify", "--steps", "--response", path};
    assert_int_equal(run(arena, 4, argv, &out), 0);
    assert_true(contains(out, "true        3 * $4 = $12\n"));
    assert_true(contains(out, "false       20 - 12 = 9\n"));
    assert_true(contains(out, "1 true, 1 false, 1 unreadable\n"));
    const char lines[] = "{\"id\": 5, \"response\": \"1 + 1 = 2\"}\n{\"id\": 6, \"gold\": \"2\"}\n";
    path = temporary_path("steps.jsonl");
    assert_ok(rp_file_write(arena, path, lines, strlen(lines)));
    const char *file[] = {"verify", "--steps", "--jsonl", path};
    assert_int_equal(run(arena, 4, file, &out), 1);
    assert_true(contains(
        out, "{\"id\": 5, \"true\": 1, \"false\": 0, \"unreadable\": 0, \"steps\": [[\"true\", \"1 + 1 = 2\"]]}\n"));
    assert_true(contains(out, "{\"id\": 6, \"error\": "));
    const char *wrong[] = {"verify", "--steps", "--gold", "5", "--response", path};
    assert_int_equal(run(arena, 6, wrong, &out), 2);
    assert_true(contains(out, "--steps looks at one text"));
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_defaults_are_those_of_the_library),
        cmocka_unit_test(test_one_pair_prints_verdict_reason_and_certificate),
        cmocka_unit_test(test_explain_tells_the_steps_before_the_verdict),
        cmocka_unit_test(test_a_response_shows_the_span),
        cmocka_unit_test(test_a_file_of_cases_keeps_its_order_on_any_number_of_threads),
        cmocka_unit_test(test_wrong_calls_and_wrong_lines_are_named),
        cmocka_unit_test(test_every_line_of_the_input_gives_one_line),
        cmocka_unit_test(test_steps_of_a_text_and_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
