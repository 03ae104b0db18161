/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/cli/commands.h"

#include <rephrase/tasks.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

/* Runs "task" with the words of `line`; standard output and error go to a file. Returns the exit code. */
static int run(const char *line, const char *path, rp_str *printed) {
    char *words = rp_strdup(arena, line);
    char *argv[24] = {(char *)"task"};
    int argc = 1;
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) argv[argc++] = w;
    (void)fflush(stdout);
    (void)fflush(stderr);
    const int saved_out = dup(1), saved_err = dup(2), file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(saved_out >= 0 && saved_err >= 0 && file >= 0);
    assert_true(dup2(file, 1) >= 0 && dup2(file, 2) >= 0);
    (void)close(file);
    const int code = rp_command_run(&rp_command_task, argc, argv);
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

static void test_problems_are_printed_for_people(void **state) {
    (void)state;
    rp_str out;
    assert_int_equal(run("--family perim --n 2", temporary_path("task.out"), &out), 0);
    assert_true(contains(out, "(near)\n  question  Find the perimeter of a "));
    assert_true(contains(out, "\n  expert    $("));
    assert_true(contains(out, "\n  own       Step 1: "));
    assert_true(contains(out, "\n            Step 2: "));
    assert_true(contains(out, "\n            #### "));
}

static void test_the_export_reads_back_as_a_data_set(void **state) {
    (void)state;
    const char *path = temporary_path("task.jsonl");
    rp_str out;
    rp_dataset read, direct;
    assert_int_equal(run("--family legs --n 40 --split test --seed 3 --style terse --jsonl", path, &out), 0);
    assert_ok(rp_dataset_load(arena, path, &read));
    const rp_world world = {.limit = 50, .expert_style = RP_EXPERT_TERSE};
    assert_ok(rp_world_distinct(&world, rp_world_family_find("legs"), RP_SPLIT_TEST, 3, 40, arena, &direct));
    assert_int_equal(read.count, 40);
    for (size_t i = 0; i < 40; i++) {
        const rp_problem *a = &read.problems[i], *b = &direct.problems[i];
        assert_true(rp_str_equal(a->id, b->id) && rp_str_equal(a->question, b->question) &&
                    rp_str_equal(a->answer, b->answer));
        assert_true(rp_str_equal(a->solution, b->solution) && rp_str_equal(a->own, b->own));
        assert_true(rp_str_equal(a->family, b->family) && rp_str_equal(a->tier, b->tier));
    }
}

static void test_the_list_names_every_family(void **state) {
    (void)state;
    rp_str out;
    assert_int_equal(run("--list", temporary_path("task.out"), &out), 0);
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        char row[64];
        (void)snprintf(row, sizeof row, "%-9s %-8s ", rp_world_family_at(i)->name, rp_world_family_at(i)->tier);
        assert_true(contains(out, row));
    }
}

static void test_pretraining_examples_can_be_seen(void **state) {
    (void)state;
    rp_str out;
    assert_int_equal(run("--pretraining --n 40 --jsonl", temporary_path("task.out"), &out), 0);
    assert_true(contains(out, "{\"prompt\": \"Q: Drill.\\nA:\\n\", \"response\": \""));
    assert_true(contains(out, "\"scored\": [["));
    assert_int_equal(run("--pretraining --n 3", temporary_path("task.out"), &out), 0);
    assert_true(contains(out, "  prompt    Q: "));
}

static void test_wrong_calls_are_explained(void **state) {
    (void)state;
    static const struct {
        const char *line, *part;
        int code;
    } cases[] = {
        {"--family perin", "did you mean 'perim'?", 2},
        {"--split tets", "--split is one of train, validation, test, not \"tets\"; did you mean test?", 2},
        {"--style chian", "did you mean chain?", 2},
        {"--limit 3", "--limit is a whole number from 20 to 9999, not", 2},
        {"--limit 99999999999", "from 20 to 9999", 2},
        {"--operations 12", "--operations is a whole number from 0 to 8, not", 2},
        {"--n 0", "--n is a whole number from 1 to", 2},
        {"--famly perim", "--family", 2},
        {"perim", "perim", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rp_str out;
        assert_int_equal(run(cases[i].line, temporary_path("task.out"), &out), cases[i].code);
        if (!contains(out, cases[i].part)) fail_msg("task %s printed: %s", cases[i].line, out.data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_problems_are_printed_for_people), cmocka_unit_test(test_the_export_reads_back_as_a_data_set),
        cmocka_unit_test(test_the_list_names_every_family),     cmocka_unit_test(test_pretraining_examples_can_be_seen),
        cmocka_unit_test(test_wrong_calls_are_explained),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
