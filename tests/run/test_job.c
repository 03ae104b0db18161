/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/run.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void tiny_recipe(rp_arena *arena, rp_recipe *r, const char *out) {
    rp_recipe_defaults(r);
    static const char *const set[] = {"families",
                                      "calc1, mean3",
                                      "mix",
                                      "easy:1, hard:1",
                                      "vocab",
                                      "300",
                                      "layers",
                                      "1",
                                      "channels",
                                      "16",
                                      "heads",
                                      "2",
                                      "kv_heads",
                                      "1",
                                      "hidden",
                                      "16",
                                      "context",
                                      "160",
                                      "pretrain_steps",
                                      "6",
                                      "pretrain_batch",
                                      "8",
                                      "steps",
                                      "5",
                                      "num_generations",
                                      "3",
                                      "max_completion_length",
                                      "10",
                                      "eval_count",
                                      "4",
                                      "save_steps",
                                      "2",
                                      "eval_steps",
                                      "2",
                                      "algorithms",
                                      "grpo, repo",
                                      NULL};
    for (size_t i = 0; set[i]; i += 2) assert_ok(rp_recipe_set(arena, r, NULL, set[i], set[i + 1]));
    assert_ok(rp_recipe_set(arena, r, NULL, "out", out));
}

typedef struct watch {
    const char *stage; /* stop after this step of this stage; NULL = never */
    int64_t step;
    int steps, stages, texts;
} watch;

static void on_event(void *context, const rp_event *event) {
    watch *w = context;
    w->steps += event->kind == RP_EVENT_STEP;
    w->stages += event->kind == RP_EVENT_STAGE;
    w->texts += event->kind == RP_EVENT_TEXT;
    if (w->stage && event->kind == RP_EVENT_STEP && event->step == w->step && strcmp(event->stage, w->stage) == 0)
        rp_interrupt_request();
}

/* The wish to stop stays set in a process, so an interrupted run has one of its own. */
static void run_interrupted(const rp_recipe *recipe, bool resume, const char *stage, int64_t step) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        watch w = {.stage = stage, .step = step};
        const rp_status status = rp_job_run(recipe, resume, on_event, &w);
        _exit(status == RP_ERR_INTERRUPTED ? 7 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void assert_same_file(rp_arena *arena, const char *a, const char *b, const char *name) {
    rp_str x, y;
    assert_ok(rp_file_read(arena, rp_path_join(arena, a, name), 0, &x));
    assert_ok(rp_file_read(arena, rp_path_join(arena, b, name), 0, &y));
    if (!rp_str_equal(x, y)) fail_msg("%s differs between the two runs", name);
}

/* Wall times differ between runs: compare metrics.jsonl without them. */
static void assert_same_metrics(rp_arena *arena, const char *a, const char *b, const char *name) {
    rp_str text[2];
    assert_ok(rp_file_read(arena, rp_path_join(arena, a, name), 0, &text[0]));
    assert_ok(rp_file_read(arena, rp_path_join(arena, b, name), 0, &text[1]));
    rp_buffer kept[2] = {rp_buffer_in(arena), rp_buffer_in(arena)};
    for (int k = 0; k < 2; k++) {
        for (const char *at = text[k].data; *at;) {
            const char *comma = at + strcspn(at, ",}");
            if (!strstr(rp_strndup(arena, at, (size_t)(comma - at)), "seconds"))
                rp_buffer_append(&kept[k], at, (size_t)(comma - at));
            at = comma + (*comma != 0);
        }
    }
    assert_string_equal(kept[0].data, kept[1].data);
}

static void fresh(rp_arena *arena, const char *path) {
    assert_int_equal(system(rp_sprintf(arena, "rm -rf '%s'", path)), 0);
}

static void test_a_run_from_nothing_writes_what_it_promises_and_resumes_bit_for_bit(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *straight = rp_strdup(arena, temporary_path("run-straight")),
               *broken = rp_strdup(arena, temporary_path("run-broken"));
    fresh(arena, straight);
    fresh(arena, broken);
    rp_recipe r;
    /* First the interrupted ones: a forked process must not meet a thread pool of its parent's. */
    tiny_recipe(arena, &r, broken);
    run_interrupted(&r, false, "base", 3);
    run_interrupted(&r, true, "grpo", 3);
    run_interrupted(&r, true, "repo", 1);
    watch w = {.stage = NULL};
    assert_ok(rp_job_run(&r, true, on_event, &w));
    assert_int_equal(w.steps, 4);
    tiny_recipe(arena, &r, straight);
    w = (watch){.stage = NULL};
    assert_ok(rp_job_run(&r, false, on_event, &w));
    assert_int_equal(w.steps, 6 + 5 + 5);
    assert_int_equal(w.stages, 3);
    assert_int_equal(w.texts, 2); /* the table and the speed */
    static const char *const files[] = {"base/model.safetensors",
                                        "base/config.json",
                                        "base/tokenizer.json",
                                        "grpo/model.safetensors",
                                        "repo/model.safetensors",
                                        "grpo/samples.jsonl",
                                        "repo/samples.jsonl",
                                        "eval-base.jsonl",
                                        "eval-grpo.jsonl",
                                        "eval-repo.jsonl",
                                        "table.md",
                                        "table.json"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) assert_same_file(arena, straight, broken, files[i]);
    rp_str log; /* every second step answers the validation problems */
    assert_ok(rp_file_read(arena, rp_path_join(arena, straight, "repo/metrics.jsonl"), 0, &log));
    size_t looks = 0;
    for (const char *at = log.data; (at = strstr(at, "\"validation_hard\": ")) != NULL; at++) looks++;
    assert_int_equal(looks, 2);
    static const char *const metrics[] = {"base/metrics.jsonl", "grpo/metrics.jsonl", "repo/metrics.jsonl"};
    for (size_t i = 0; i < 3; i++) assert_same_metrics(arena, straight, broken, metrics[i]);
    rp_arena_destroy(arena);
}

static void test_a_run_directory_is_not_overwritten_nor_resumed_under_another_recipe(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *out = rp_strdup(arena, temporary_path("run-claimed"));
    fresh(arena, out);
    rp_recipe r;
    tiny_recipe(arena, &r, out);
    r.optimizer.steps = 0;
    r.pretrain_optimizer.steps = 1;
    watch w = {.stage = NULL};
    assert_ok(rp_job_run(&r, false, on_event, &w));
    assert_fails(rp_job_run(&r, false, on_event, &w), RP_ERR_ARGUMENT, "already holds a run: --resume continues it");
    r.num_generations = 4;
    assert_fails(rp_job_run(&r, true, on_event, &w), RP_ERR_ARGUMENT,
                 "was begun with another recipe; it differs at \"num_generations = 4\"");
    rp_arena_destroy(arena);
}

static void test_bad_recipes_are_refused_before_anything_is_written(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    static const struct {
        const char *key, *value, *sentence;
    } cases[] = {
        {"algorithms", "grpo, repoo", "repo"},
        {"algorithms", "grpo, grpo", "grpo is named twice"},
        {"data", "/no/such.jsonl", "/no/such.jsonl"},
        {"mix", "hard:", "mix"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *out = rp_strdup(arena, temporary_path("run-refused"));
        rp_recipe r;
        tiny_recipe(arena, &r, out);
        assert_ok(rp_recipe_set(arena, &r, NULL, cases[i].key, cases[i].value));
        watch w = {.stage = NULL};
        assert_true(rp_job_run(&r, false, on_event, &w) != RP_OK);
        if (!strstr(rp_last_error(), cases[i].sentence))
            fail_msg("\"%s\" does not say \"%s\"", rp_last_error(), cases[i].sentence);
        assert_false(rp_file_exists(out));
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_from_nothing_writes_what_it_promises_and_resumes_bit_for_bit),
        cmocka_unit_test(test_a_run_directory_is_not_overwritten_nor_resumed_under_another_recipe),
        cmocka_unit_test(test_bad_recipes_are_refused_before_anything_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
