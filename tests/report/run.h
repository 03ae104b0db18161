/* SPDX-License-Identifier: MIT
 *
 * run.h — small directories of runs, written by hand, for the tests of the report.
 */
#ifndef REPHRASE_TESTS_RUN_H
#define REPHRASE_TESTS_RUN_H

#include "check.h"

#include <rephrase/json.h>
#include <rephrase/report.h>

#include <stdlib.h>
#include <string.h>

static rp_arena *arena;

static inline int open_arena(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena ? 0 : -1;
}

static inline int close_arena(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

/* An empty directory of this name. */
static inline const char *new_directory(const char *name) {
    const char *path = rp_strdup(arena, temporary_path(name));
    assert_int_equal(system(rp_sprintf(arena, "rm -rf '%s'", path)), 0);
    assert_ok(rp_make_directories(path));
    return path;
}

static inline void put_file(const char *directory, const char *name, const char *text) {
    const char *path = rp_path_join(arena, directory, name);
    assert_ok(rp_make_directories(rp_path_directory(arena, path)));
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
}

/* A run of grpo with one family; accuracies .25 before and `after` behind, of 40 questions; `steps` lines of metrics. */
static inline const char *make_run(const char *name, int seed, double after, int steps) {
    const char *run = new_directory(name);
    put_file(run, "recipe.ini",
             rp_sprintf(arena, "[run]\nout = %s\nalgorithms = grpo\nseed = %d\n\n[rl]\nsteps = 4\n", name, seed));
    const char *figures = rp_sprintf(
        arena, "\"problems\": 40, \"base\": {\"accuracy\": 0.25}, \"grpo\": {\"accuracy\": %g, \"rephrase\": 0.5}", after);
    put_file(run, "table.json",
             rp_sprintf(arena, "[{\"row\": \"mean3\", \"tier\": \"hard\", %s}, {\"row\": \"all\", \"tier\": \"hard\", %s}]",
                        figures, figures));
    rp_buffer metrics = rp_buffer_in(arena);
    for (int step = 1; step <= steps; step++)
        rp_buffer_format(
            &metrics,
            "{\"step\": %d, \"grad_norm\": %g, \"entropy\": %g, \"accuracy_hard\": %g, \"tokens_sampled\": 100, "
            "\"seconds\": 0.5}\n",
            step, 0.1 * step, 2.0 / step, 0.125 * step + 0.01 * seed);
    put_file(run, "grpo/metrics.jsonl", metrics.data);
    put_file(run, "eval-grpo.jsonl",
             "{\"prompt\": \"solve\", \"false_steps\": 0}\n{\"prompt\": \"solve\", \"false_steps\": 2}\n"
             "{\"prompt\": \"rephrase\", \"false_steps\": 1}\n");
    return run;
}

static inline bool noted(const rp_report *report, const char *part) {
    for (size_t i = 0; i < report->note_count; i++)
        if (strstr(report->notes[i], part)) return true;
    return false;
}

#endif
