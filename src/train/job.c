/* SPDX-License-Identifier: MIT
 *
 * job.c — a whole recipe: the base, each algorithm from the same base, evaluations, the table.
 *
 *   out/recipe.ini              the resolved recipe
 *   out/base/                   tokenizer.json, config.json, model.safetensors, metrics.jsonl   (when trained from nothing)
 *   out/<algorithm>/            metrics.jsonl, samples.jsonl, checkpoint/, and the trained model
 *   out/eval-<name>.jsonl       one line per held-out problem: answer, verdict
 *   out/table.md, table.json    accuracy per family and tier: before and after each algorithm
 *
 * A stage is finished when its model is on the disk; resumption skips finished stages and continues the unfinished one from its
 * last checkpoint.
 */
#include "job.h"

#include <string.h>

/* ---- Paths and small files ------------------------------------------------------------------------------------- */

const char *rp_job_path(rp_job *job, const char *directory, const char *name) {
    const char *inner = rp_path_join(job->arena, job->recipe->out, directory);
    return !inner ? NULL : *name ? rp_path_join(job->arena, inner, name) : inner;
}

void rp_job_text(rp_job *job, const char *text) {
    const rp_event event = {.kind = RP_EVENT_TEXT, .text = text};
    job->on_event(job->context, &event);
}

/* The first line in which two recipes differ, NULL when none does. A run may be moved: where it lies does not count. */
static const char *first_difference(rp_arena *arena, const char *a, const char *b) {
    while (*a || *b) {
        const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        const bool place = strncmp(a, "out = ", 6) == 0 && strncmp(b, "out = ", 6) == 0;
        if (!place && (n != m || memcmp(a, b, n) != 0)) return rp_strndup(arena, a, n);
        a += n + (a[n] != 0);
        b += m + (b[m] != 0);
    }
    return NULL;
}

rp_status rp_job_claim(rp_job *job) {
    const char *path = rp_path_join(job->arena, job->recipe->out, "recipe.ini");
    RP_TRY_ALLOC(path);
    rp_buffer text = rp_buffer_in(job->arena);
    rp_recipe_write(job->recipe, &text);
    RP_TRY(rp_buffer_status(&text));
    if (rp_file_exists(path)) {
        if (!job->resume)
            return rp_fail(RP_ERR_ARGUMENT, "%s already holds a run: --resume continues it, --out names another place",
                           job->recipe->out);
        rp_str old;
        RP_TRY(rp_file_read(job->arena, path, 1 << 20, &old));
        const char *difference = first_difference(job->arena, text.data, old.data);
        if (difference)
            return rp_fail(RP_ERR_ARGUMENT, "%s was begun with another recipe; it differs at \"%s\"", job->recipe->out,
                           difference);
        return RP_OK;
    }
    RP_TRY(rp_make_directories(job->recipe->out));
    return rp_file_write(job->arena, path, text.data, text.length);
}

/* ---- Evaluation ------------------------------------------------------------------------------------------------ */

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

static rp_status save_answers(rp_job *job, const char *file, const rp_eval_column *column) {
    const rp_arena_mark mark = rp_arena_get_mark(job->arena);
    rp_buffer text = rp_buffer_in(job->arena);
    rp_json_writer w = rp_json_write_to(&text);
    rp_buffer_text(&text, "");
    for (size_t i = 0; i < job->held_out.count; i++) {
        write_answer(&column->answers[i], false, &w);
        if (column->rephrased) write_answer(&column->rephrased[i], true, &w);
    }
    RP_TRY(rp_buffer_status(&text));
    const char *path = rp_job_path(job, "", file);
    RP_TRY_ALLOC(path);
    const rp_status status = rp_file_write(job->arena, path, text.data, text.length);
    rp_arena_rewind(job->arena, mark);
    return status;
}

rp_status rp_job_evaluate(rp_job *job, const char *name, const char *file, const rp_policy *policy) {
    RP_TRY_ALLOC(file);
    if (!job->held_out.count) return RP_OK;
    rp_eval_column *column = &job->columns[job->column_count];
    rp_eval_settings settings = {.samples = 1,
                                 .max_new = (size_t)job->recipe->max_new,
                                 .seed = (uint64_t)job->recipe->seed,
                                 .sampling = {.top_p = 1},
                                 .memory = (size_t)job->recipe->kv_megabytes << 20};
    rp_answered *answers, *rephrased = NULL;
    RP_TRY(rp_evaluate(job->recipe, policy, job->arena, &settings, job->held_out.problems, job->held_out.count, &answers));
    if (job->source.is_world) {
        settings.rephrase = true;
        RP_TRY(rp_evaluate(job->recipe, policy, job->arena, &settings, job->held_out.problems, job->held_out.count,
                           &rephrased));
    }
    *column = (rp_eval_column){.name = name, .answers = answers, .rephrased = rephrased};
    job->column_count++;
    return save_answers(job, file, column);
}

rp_status rp_job_validate(rp_job *job, const rp_policy *policy, rp_metrics *metrics) {
    static const struct {
        const char *tier, *metric;
    } rows[] = {{NULL, "validation"},        {"easy", "validation_easy"}, {"medium", "validation_medium"},
                {"near", "validation_near"}, {"hard", "validation_hard"}, {"general", "validation_general"}};
    const rp_eval_settings settings = {.samples = 1,
                                       .max_new = (size_t)job->recipe->max_new,
                                       .seed = (uint64_t)job->recipe->seed,
                                       .sampling = {.top_p = 1},
                                       .memory = (size_t)job->recipe->kv_megabytes << 20};
    const rp_arena_mark mark = rp_arena_get_mark(job->arena);
    rp_answered *answers;
    RP_TRY(
        rp_evaluate(job->recipe, policy, job->arena, &settings, job->validation.problems, job->validation.count, &answers));
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double right = 0, asked = 0;
        for (size_t i = 0; i < job->validation.count; i++) {
            if (rows[r].tier && !rp_str_is(answers[i].problem->tier, rows[r].tier)) continue;
            asked++;
            right += answers[i].reward.correct;
        }
        if (asked > 0) rp_metrics_set(metrics, rows[r].metric, right / asked);
    }
    rp_arena_rewind(job->arena, mark);
    return RP_OK;
}

/* ---- One algorithm --------------------------------------------------------------------------------------------- */

static rp_status train_algorithm(rp_job *job, const rp_algorithm *algorithm, const char *directory, rp_policy *policy,
                                 const rp_model *reference, rp_arena *arena) {
    const rp_recipe *recipe = job->recipe;
    rp_settings settings;
    RP_TRY(rp_recipe_settings(recipe, algorithm, &settings));
    const rp_optimizer_settings optimizer = {.learning_rate = recipe->learning_rate,
                                             .final = recipe->final,
                                             .beta1 = recipe->beta1,
                                             .beta2 = recipe->beta2,
                                             .epsilon = recipe->adam_epsilon,
                                             .decay = recipe->decay,
                                             .clip = recipe->clip,
                                             .steps = recipe->steps,
                                             .warmup = recipe->warmup,
                                             .schedule = (int)recipe->schedule};
    rp_trainer *trainer;
    RP_TRY(rp_trainer_create(arena, recipe, policy, algorithm, &settings, &optimizer, reference, &trainer));
    trainer->source = &job->source;
    rp_stage stage = {.name = algorithm->name,
                      .directory = directory,
                      .trainer = trainer,
                      .steps = recipe->steps,
                      .next = rp_stage_rl_step};
    rp_status status = rp_stage_run(job, &stage);
    rp_trainer_destroy(trainer);
    return status;
}

rp_status rp_job_train(rp_job *job, const rp_algorithm *algorithm, const char *directory, rp_arena *arena,
                       rp_policy *policy) {
    const char *place = rp_job_path(job, directory, ""), *model = rp_job_path(job, directory, "model.safetensors");
    if (!place || !model) return RP_ERR_MEMORY;
    if (job->resume && rp_file_exists(model)) return rp_policy_load(arena, job->recipe, place, policy);
    rp_settings settings;
    RP_TRY(rp_recipe_settings(job->recipe, algorithm, &settings));
    RP_TRY(rp_policy_load(arena, job->recipe, job->base, policy));
    rp_model *reference = NULL;
    if (algorithm->needs(&settings) & RP_NEEDS_REFERENCE)
        RP_TRY(rp_model_load(arena, job->base, &reference, &(rp_load_report){0}));
    RP_TRY(train_algorithm(job, algorithm, directory, policy, reference, arena));
    return rp_save_policy(job->arena, policy, place);
}

static rp_status run_algorithm(rp_job *job, const rp_algorithm *algorithm) {
    rp_arena *arena = rp_arena_create("model and optimiser", 0);
    RP_TRY_ALLOC(arena);
    rp_policy policy;
    rp_status status = rp_job_train(job, algorithm, algorithm->name, arena, &policy);
    if (status == RP_OK)
        status = rp_job_evaluate(job, algorithm->name, rp_sprintf(job->arena, "eval-%s.jsonl", algorithm->name), &policy);
    rp_arena_destroy(arena);
    return status;
}

static rp_status evaluate_base(rp_job *job) {
    if (!job->held_out.count) return RP_OK;
    rp_arena *arena = rp_arena_create("base model", 0);
    RP_TRY_ALLOC(arena);
    rp_policy policy;
    rp_status status = rp_policy_load(arena, job->recipe, job->base, &policy);
    if (status == RP_OK) status = rp_job_evaluate(job, "base", "eval-base.jsonl", &policy);
    rp_arena_destroy(arena);
    return status;
}

static rp_status write_table(rp_job *job) {
    if (!job->held_out.count) return RP_OK;
    rp_buffer text = rp_buffer_in(job->arena), json = rp_buffer_in(job->arena);
    RP_TRY(rp_table_write(job->arena, &job->held_out, job->columns, job->column_count, &text, &json));
    const char *markdown = rp_job_path(job, "", "table.md"), *data = rp_job_path(job, "", "table.json");
    if (!markdown || !data) return RP_ERR_MEMORY;
    RP_TRY(rp_file_write(job->arena, markdown, text.data, text.length));
    RP_TRY(rp_file_write(job->arena, data, json.data, json.length));
    rp_job_text(job, text.data);
    return RP_OK;
}

static rp_status choose_algorithm(void *context, const char *name) {
    rp_job *job = context;
    const rp_algorithm *algorithm = rp_algorithm_find(name);
    if (!algorithm) return RP_ERR_ARGUMENT;
    if (job->algorithm_count == RP_MAX_ALGORITHMS_IN_RUN)
        return rp_fail(RP_ERR_LIMIT, "algorithms: more than %d are named", RP_MAX_ALGORITHMS_IN_RUN);
    for (size_t i = 0; i < job->algorithm_count; i++)
        if (job->algorithms[i] == algorithm) return rp_fail(RP_ERR_ARGUMENT, "algorithms: %s is named twice", name);
    rp_settings settings;
    RP_TRY(rp_recipe_settings(job->recipe, algorithm, &settings));
    job->algorithms[job->algorithm_count++] = algorithm;
    return RP_OK;
}

static rp_status run(rp_job *job) {
    RP_TRY(rp_problems_open(job->arena, job->recipe, &job->source));
    /* All names are checked before any work begins. */
    RP_TRY(rp_each_item(job->arena, job->recipe->algorithms, RP_WORDS, choose_algorithm, job));
    if (!*job->recipe->model && !job->source.is_world)
        return rp_fail(RP_ERR_ARGUMENT,
                       "a model can be trained from nothing on the micro-world only: --model names a pretrained one for %s",
                       job->recipe->data);
    RP_TRY(rp_problems_for_eval(&job->source, (int)job->recipe->eval_split, job->arena, &job->held_out));
    if (job->recipe->eval_every)
        RP_TRY(rp_problems_for_eval(&job->source, RP_SPLIT_VALIDATION, job->arena, &job->validation));
    RP_TRY(rp_job_claim(job));
    if (*job->recipe->model)
        job->base = job->recipe->model;
    else
        RP_TRY(rp_job_pretrain(job));
    RP_TRY(evaluate_base(job));
    for (size_t i = 0; i < job->algorithm_count; i++) RP_TRY(run_algorithm(job, job->algorithms[i]));
    RP_TRY(write_table(job));
    return rp_job_speed(job);
}

rp_status rp_job_run(const rp_recipe *recipe, bool resume, rp_event_function *on_event, void *context) {
    rp_job job = {.recipe = recipe, .resume = resume, .on_event = on_event, .context = context};
    job.arena = rp_arena_create("job", 0);
    RP_TRY_ALLOC(job.arena);
    const rp_status status = run(&job);
    rp_arena_destroy(job.arena);
    return status;
}
