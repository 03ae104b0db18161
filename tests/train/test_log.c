/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/train/train_internal.h"

#include <string.h>

static void append(rp_arena *arena, rp_run_log *log, int step) {
    rp_buffer line = rp_buffer_in(arena);
    rp_buffer_format(&line, "{\"step\": %d, \"loss\": 0.5}", step);
    assert_ok(rp_run_log_line(log, &line));
}

static void test_resumption_drops_lines_above_the_checkpoint_and_cut_ones(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = rp_strdup(arena, temporary_path("metrics.jsonl"));
    rp_run_log log;
    assert_ok(rp_run_log_open(arena, path, -1, &log));
    for (int step = 1; step <= 5; step++) append(arena, &log, step);
    (void)fputs("{\"step\": 3, \"lo", log.stream); /* a crash in the middle of a line */
    rp_run_log_close(&log);
    assert_ok(rp_run_log_open(arena, path, 3, &log));
    append(arena, &log, 4);
    rp_run_log_close(&log);
    rp_str text;
    assert_ok(rp_file_read(arena, path, 0, &text));
    assert_text(text, "{\"step\": 1, \"loss\": 0.5}\n{\"step\": 2, \"loss\": 0.5}\n{\"step\": 3, \"loss\": 0.5}\n"
                      "{\"step\": 4, \"loss\": 0.5}\n");
    assert_ok(rp_run_log_open(arena, path, -1, &log));
    rp_run_log_close(&log);
    assert_ok(rp_file_read(arena, path, 0, &text));
    assert_int_equal(text.length, 0);
    rp_arena_destroy(arena);
}

static void test_a_group_is_written_with_what_replaced_what(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_problem problem = {.id = rp_str_of("7"), .question = rp_str_of("1 + 1?"), .answer = rp_str_of("2")};
    const rp_row rows[2] = {{.text = rp_str_of("#### 2"), .source = RP_SOURCE_REPHRASED, .reward = {.total = 1}},
                            {.text = rp_str_of("#### 3"), .reward = {.verdict = RP_VERDICT_DIFFERENT}}};
    const rp_group_report group = {.problem = &problem,
                                   .rows = rows,
                                   .count = 2,
                                   .replaced = 0,
                                   .before = rows[1],
                                   .rephrase = "replaced",
                                   .rephrase_text = rows[0].text};
    rp_buffer out = rp_buffer_in(arena);
    rp_json_writer w = rp_json_write_to(&out);
    rp_group_write(&group, 12, &w);
    rp_json_document *document;
    assert_ok(rp_json_parse(out.data, out.length, "group", &document));
    const rp_json root = rp_json_root(document), list = rp_json_key(&root, "rows"), first = rp_json_at(&list, 0),
                  source = rp_json_key(&first, "source"), before = rp_json_key(&root, "before"),
                  text = rp_json_key(&before, "text");
    rp_str value;
    assert_int_equal(rp_json_length(&list), 2);
    assert_ok(rp_json_get_string(&source, &value));
    assert_text(value, "rephrased");
    assert_ok(rp_json_get_string(&text, &value));
    assert_text(value, "#### 3");
    rp_json_free(document);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resumption_drops_lines_above_the_checkpoint_and_cut_ones),
        cmocka_unit_test(test_a_group_is_written_with_what_replaced_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
