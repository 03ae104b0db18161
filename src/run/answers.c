/* SPDX-License-Identifier: MIT
 *
 * answers.c — a policy's greedy answers to a run's held-out problems, kept line by line, and to its validation problems.
 */
#include <rephrase/run.h>

static void write_answer(const rp_answered *a, bool rephrased, rp_json_writer *w) {
    const struct {
        const char *key;
        rp_str text;
    } texts[] = {{"id", a->problem->id},
                 {"family", a->problem->family},
                 {"question", a->problem->question},
                 {"answer", a->problem->answer},
                 {"response", a->response}};
    rp_json_begin_object(w);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        rp_json_put_key(w, texts[i].key);
        rp_json_put_string(w, texts[i].text.data, texts[i].text.length);
    }
    rp_json_put_key(w, "prompt");
    rp_json_put_text(w, rephrased ? "rephrase" : "solve");
    rp_json_put_key(w, "verdict");
    rp_json_put_text(w, rp_verdict_name(a->verdict.kind));
    rp_json_put_key(w, "reward");
    rp_json_put_double(w, a->reward.total);
    rp_json_put_key(w, "false_steps");
    rp_json_put_int(w, a->reward.false_steps);
    rp_json_end_object(w);
    rp_buffer_char(w->out, '\n');
    w->has_items = 0;
}

static rp_status save_answers(const rp_run *run, const char *file, const rp_eval_column *column) {
    const rp_arena_mark mark = rp_arena_get_mark(run->arena);
    rp_buffer text = rp_buffer_in(run->arena);
    rp_json_writer w = rp_json_write_to(&text);
    rp_buffer_text(&text, "");
    for (size_t i = 0; i < run->held_out.count; i++) {
        write_answer(&column->answers[i], false, &w);
        if (column->rephrased) write_answer(&column->rephrased[i], true, &w);
    }
    RP_TRY(rp_buffer_status(&text));
    const char *path = rp_run_path(run, "", file);
    RP_TRY_ALLOC(path);
    const rp_status status = rp_file_write(run->arena, path, text.data, text.length);
    rp_arena_rewind(run->arena, mark);
    return status;
}

rp_status rp_run_evaluate(const rp_run *run, const char *name, const char *file, const rp_policy *policy,
                          rp_eval_column *column) {
    RP_TRY_ALLOC(file);
    rp_eval_settings settings = {.samples = 1,
                                 .max_new = (size_t)run->recipe->max_completion_length,
                                 .seed = (uint64_t)run->recipe->seed,
                                 .sampling = {.top_p = 1},
                                 .memory = (size_t)run->recipe->kv_megabytes << 20};
    rp_answered *answers, *rephrased = NULL;
    RP_TRY(rp_evaluate(run->recipe, policy, run->arena, &settings, run->held_out.problems, run->held_out.count, &answers));
    if (run->source.is_world) {
        settings.rephrase = true;
        RP_TRY(rp_evaluate(run->recipe, policy, run->arena, &settings, run->held_out.problems, run->held_out.count,
                           &rephrased));
    }
    *column = (rp_eval_column){.name = name, .answers = answers, .rephrased = rephrased};
    return save_answers(run, file, column);
}

rp_status rp_run_validate(const rp_run *run, const rp_policy *policy, rp_metrics *metrics) {
    const rp_eval_settings settings = {.samples = 1,
                                       .max_new = (size_t)run->recipe->max_completion_length,
                                       .seed = (uint64_t)run->recipe->seed,
                                       .sampling = {.top_p = 1},
                                       .memory = (size_t)run->recipe->kv_megabytes << 20};
    const rp_arena_mark mark = rp_arena_get_mark(run->arena);
    rp_answered *answers;
    /* The step before it is in the weights already: its look belongs to it and is finished before the run stops. */
    rp_interrupt_hold(true);
    const rp_status status =
        rp_evaluate(run->recipe, policy, run->arena, &settings, run->validation.problems, run->validation.count, &answers);
    rp_interrupt_hold(false);
    RP_TRY(status);
    double right[RP_TIERS + 1] = {0}, asked[RP_TIERS + 1] = {0}; /* by tier, and of all */
    for (size_t i = 0; i < run->validation.count; i++) {
        const int tier = rp_tier_of(answers[i].problem->tier);
        for (int k = 0; k <= RP_TIERS; k++) {
            if (k < RP_TIERS && k != tier) continue;
            asked[k]++;
            right[k] += answers[i].reward.correct;
        }
    }
    for (size_t k = 0; k <= RP_TIERS; k++)
        if (asked[k] > 0)
            rp_metrics_set(metrics, k < RP_TIERS ? rp_metric_of_tier("validation", k) : "validation", right[k] / asked[k]);
    rp_arena_rewind(run->arena, mark);
    return RP_OK;
}
