/* SPDX-License-Identifier: MIT
 *
 * The same problem in the columns of open-r1, verl, TRL, GSM8K and others; rows that have none of them.
 */
#include "check.h"

#include <rephrase/tasks.h>

#include <string.h>

static rp_status load(rp_arena *arena, const char *line, rp_problem *problem) {
    const char *path = temporary_path("columns.jsonl");
    assert_ok(rp_file_write(arena, path, line, strlen(line)));
    rp_dataset d;
    const rp_status status = rp_dataset_load(arena, path, &d);
    if (status == RP_OK) *problem = d.problems[0];
    return status;
}

#define ASKS "[{\"role\":\"user\",\"content\":\"2+3?\"}]"
static void test_every_project_s_columns_give_the_same_problem(void **state) {
    (void)state;
    static const struct {
        const char *line, *solution, *id;
    } cases[] = {
        {"{\"question\":\"2+3?\",\"answer\":\"5\"}", "", "1"},
        {"{\"problem\":\"2+3?\",\"answer\":5,\"uuid\":\"u7\"}", "", "u7"},
        {"{\"problem\":\"2+3?\",\"solution\":\"We add: $2+3=\\\\boxed{5}$.\"}", "We add: $2+3=\\boxed{5}$.", "1"},
        {"{\"prompt\":\"2+3?\",\"solution\":\"5\"}", "", "1"},
        {"{\"prompt\":\"2+3?\",\"solution\":\"$\\\\boxed{5}$\"}", "$\\boxed{5}$", "1"},
        {"{\"prompt\":" ASKS ",\"reward_model\":{\"style\":\"rule\",\"ground_truth\":\"5\"},\"extra_info\":{\"index\":12}}",
         "", "12"},
        {"{\"prompt\":" ASKS ",\"reward_model\":{\"ground_truth\":[\"5\"]}}", "", "1"},
        {"{\"prompt\":" ASKS
         ",\"reward_model\":{\"ground_truth\":\"5\"},\"extra_info\":{\"answer\":\"2+3 = <<2+3=5>>5\\n#### 5\"}}",
         "2+3 = 5\n#### 5", "1"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"2+3?\"},{\"role\":\"assistant\",\"content\":\"2+3 = 5\\n#### "
         "5\"}]}",
         "2+3 = 5\n#### 5", "1"},
        {"{\"prompt\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"2+\"},{\"type\":\"text\",\"text\":\"3?"
         "\"}]}],"
         "\"completion\":[{\"role\":\"assistant\",\"content\":\"so \\\\boxed{5}\"}]}",
         "so \\boxed{5}", "1"},
        {"{\"instruction\":\"2+3?\",\"output\":\"one\\n#### 4\\nno\\n#### 5\",\"input\":\"\"}", "one\n#### 4\nno\n#### 5",
         "1"},
        {"{\"question\":null,\"problem\":\"2+3?\",\"answer\":\"\",\"final_answer\":\"5\"}", "", "1"}, /* empty is absent */
        {"{\"query\":\"2+3?\",\"expected_answer\":\"5\",\"generated_solution\":\"x\",\"idx\":4}", "x", "4"},
    };
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rp_problem p;
        if (load(arena, cases[i].line, &p) != RP_OK) fail_msg("%s: %s", cases[i].line, rp_last_error());
        assert_text(p.question, "2+3?");
        assert_text(p.answer, "5");
        assert_text(p.solution, cases[i].solution);
        assert_text(p.id, cases[i].id);
    }
    rp_arena_destroy(arena);
}

static void test_rows_without_a_column_say_what_they_have_and_what_is_read(void **state) {
    (void)state;
    static const struct {
        const char *line, *part;
    } cases[] = {
        {"{\"text\":\"2+3?\",\"label\":\"5\"}",
         "$.question: there is no question (or it is empty): the row has text, label; a question "
         "is read from question, problem, prompt, query, instruction, messages"},
        {"{\"problem\":\"2+3?\",\"level\":3}",
         "the row has problem, level; an answer is read from answer, final_answer, expected_answer, "
         "ground_truth, gold, target, reward_model.ground_truth"},
        {"{}", "the row has no keys"},
        {"{\"problem\":\"2+3?\",\"solution\":\"This is a long story of many words which really never comes to any end at "
         "all.\"}",
         "it has neither #### nor \\boxed{}"},
        {"{\"prompt\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"b\"}],\"answer\":\"1\"}",
         "$.prompt[1]: is a second message of the user"},
        {"{\"prompt\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}],\"answer\":\"1\"}",
         "only text is supported"},
        {"{\"prompt\":[{\"content\":\"a\"}],\"answer\":\"1\"}", "$.prompt[0].role"},
        {"{\"problem\":7,\"answer\":\"1\"}", "$.problem: expected a string, found an integer"},
        {"{\"problem\":\"a\",\"reward_model\":{\"ground_truth\":{}}}", "$.reward_model.ground_truth: expected a string"},
        {"[{\"problem\":\"a\",\"answer\":\"1\"}]", "begins with a list; one object on each line is read: jq -c '.[]'"},
    };
    rp_arena *arena = rp_arena_create("test", 0);
    rp_problem p;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const rp_status status = load(arena, cases[i].line, &p);
        if (status == RP_OK || !strstr(rp_last_error(), cases[i].part)) fail_msg("%s: %s", cases[i].line, rp_last_error());
        assert_non_null(strstr(rp_last_error(), "columns.jsonl:1"));
    }
    rp_arena_destroy(arena);
}

static void remember(void *context, rp_log_level level, const char *message) {
    (void)level;
    (void)snprintf(context, 512, "%s", message);
}

static void test_messages_of_the_system_are_counted_and_said(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    char said[512] = "";
    rp_problem p;
    rp_log_set(remember, said);
    assert_ok(load(arena,
                   "{\"prompt\":[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"2+3?\"}],"
                   "\"answer\":\"5\"}\n{\"prompt\":\"1?\",\"answer\":\"1\"}",
                   &p));
    rp_log_set(NULL, NULL);
    assert_text(p.question, "2+3?");
    assert_non_null(strstr(said, "the messages of the system in 1 of 2 prompts are not asked with; --system sets one"));
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_project_s_columns_give_the_same_problem),
        cmocka_unit_test(test_rows_without_a_column_say_what_they_have_and_what_is_read),
        cmocka_unit_test(test_messages_of_the_system_are_counted_and_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
