/* SPDX-License-Identifier: MIT */
#include "../learn/tiny.h"

#include "../../src/run/log.h"

#include <math.h>

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
                                   .rephrase = RP_REPHRASE_PASSED,
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

static double number_at(const rp_json *array, size_t index) {
    const rp_json at = rp_json_at(array, index);
    double value = (double)NAN;
    assert_ok(rp_json_get_double(&at, &value));
    return value;
}

/* On-policy GRPO: the ratio is 1, so the weight of every token is the advantage of its row, and log π is what was sampled. */
static void check_logged_row(const rp_json *logged, const rp_row *row, const rp_policy *policy, rp_arena *arena) {
    const rp_json pieces = rp_json_key(logged, "pieces"), logp = rp_json_key(logged, "logp"),
                  weight = rp_json_key(logged, "weight"), mean = rp_json_key(logged, "advantage");
    const size_t n = rp_row_tokens(row);
    rp_buffer joined = rp_buffer_in(arena);
    rp_str piece, whole;
    double advantage, same;
    assert_int_equal(rp_json_length(&pieces), n);
    assert_int_equal(rp_json_length(&logp), n);
    assert_ok(rp_json_get_double(&mean, &advantage));
    assert_ok(rp_json_get_double(&weight, &same)); /* one number: it is the same at every token */
    assert_near(same, advantage, 0, 0);
    for (size_t k = 0; k < n; k++) {
        const rp_json at = rp_json_at(&pieces, k);
        assert_ok(rp_json_get_string(&at, &piece));
        rp_buffer_append(&joined, piece.data, piece.length);
        assert_near(number_at(&logp, k), (double)row->logp_behavior[k], 1e-3, 0);
    }
    assert_ok(rp_decode(policy->tokenizer, arena, row->ids + row->prompt_length, n, false, &whole));
    assert_true(rp_str_equal(whole, (rp_str){joined.data, joined.length})); /* may hold NUL */
}

static void test_logged_tokens_are_those_of_the_update(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    t.recipe.reward_length = 1;
    t.recipe.max_completion_length =
        80; /* some answers of an untrained policy end before, so that groups disagree about the length */
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    rp_problem *problems;
    size_t n, unequal = 0;
    rp_metrics metrics = {.count = 0};
    rp_group_report *reports;
    assert_ok(rp_problems_of_step(&t.source, 0, 0, t.arena, &problems, &n));
    assert_ok(rp_trainer_rl_step(trainer, problems, n, &metrics, &reports));
    for (size_t g = 0; g < n; g++) {
        rp_buffer out = rp_buffer_in(t.arena);
        rp_json_writer w = rp_json_write_to(&out);
        rp_json_document *document;
        double sum = 0;
        rp_group_write(&reports[g], 1, &w);
        assert_ok(rp_json_parse(out.data, out.length, "group", &document));
        const rp_json root = rp_json_root(document), rows = rp_json_key(&root, "rows");
        for (size_t i = 0; i < reports[g].count; i++) {
            const rp_json row = rp_json_at(&rows, i), advantage = rp_json_key(&row, "advantage");
            double a;
            check_logged_row(&row, &reports[g].rows[i], &t.policy, t.arena);
            assert_ok(rp_json_get_double(&advantage, &a));
            sum += a;
            unequal += a != 0;
        }
        assert_near(sum, 0, 1e-2, 0); /* four digits each */
        rp_json_free(document);
    }
    assert_true(unequal > 0);
    tiny_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resumption_drops_lines_above_the_checkpoint_and_cut_ones),
        cmocka_unit_test(test_a_group_is_written_with_what_replaced_what),
        cmocka_unit_test(test_logged_tokens_are_those_of_the_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
