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
 *   out/inputs.json             digests of the files that the run reads
 *
 * A stage is finished when finished.json stands beside its model, which is written last; resumption skips finished stages
 * and continues the unfinished one from its last checkpoint.
 */
#include "look.h"
#include "stage.h"

#include <string.h>

/* A run, the algorithms it names and the columns of its table, filled one after the other. */
typedef struct job {
    rp_run run;
    const char *base; /* path of the base model */
    const rp_algorithm *algorithms[RP_MAX_ALGORITHMS_IN_RUN];
    size_t algorithm_count;
    rp_eval_column columns[RP_MAX_ALGORITHMS_IN_RUN + 1];
    size_t column_count;
} job;

static rp_status evaluate(job *j, const char *name, const rp_policy *policy) {
    const char *file = rp_sprintf(j->run.arena, "eval-%s.jsonl", name);
    RP_TRY_ALLOC(file);
    if (!j->run.held_out.count) return RP_OK;
    RP_TRY(rp_run_evaluate(&j->run, name, file, policy, &j->columns[j->column_count]));
    j->column_count++;
    return RP_OK;
}

static rp_status run_algorithm(job *j, const rp_algorithm *algorithm) {
    rp_arena *arena = rp_arena_create("model and optimiser", 0);
    RP_TRY_ALLOC(arena);
    rp_policy policy;
    rp_status status = rp_run_train(&j->run, j->base, algorithm, algorithm->name, arena, &policy);
    if (status == RP_OK) status = evaluate(j, algorithm->name, &policy);
    rp_arena_destroy(arena);
    return status;
}

/* Every training problem is looked at with the base's tokenizer and context, before anything is written. */
static rp_status look_first(job *j) {
    if (j->run.source.is_world) return RP_OK;
    rp_arena *arena = rp_arena_create("base model", 0);
    RP_TRY_ALLOC(arena);
    rp_policy policy;
    rp_status status = rp_policy_load(arena, j->run.recipe, j->run.recipe->model, &policy);
    if (status == RP_OK) status = rp_run_look(&j->run, &policy, j->algorithms, j->algorithm_count);
    rp_arena_destroy(arena);
    return status;
}

static rp_status evaluate_base(job *j) {
    if (!j->run.held_out.count) return RP_OK;
    rp_arena *arena = rp_arena_create("base model", 0);
    RP_TRY_ALLOC(arena);
    rp_policy policy;
    rp_status status = rp_policy_load(arena, j->run.recipe, j->base, &policy);
    if (status == RP_OK) status = evaluate(j, "base", &policy);
    rp_arena_destroy(arena);
    return status;
}

static rp_status write_table(const job *j) {
    const rp_run *run = &j->run;
    if (!run->held_out.count) return RP_OK;
    rp_buffer text = rp_buffer_in(run->arena), json = rp_buffer_in(run->arena);
    RP_TRY(rp_table_write(run->arena, &run->held_out, j->columns, j->column_count, &text, &json));
    const char *markdown = rp_run_path(run, "", "table.md"), *data = rp_run_path(run, "", "table.json");
    if (!markdown || !data) return RP_ERR_MEMORY;
    RP_TRY(rp_file_write(run->arena, markdown, text.data, text.length));
    RP_TRY(rp_file_write(run->arena, data, json.data, json.length));
    rp_run_text(run, text.data);
    return RP_OK;
}

static rp_status choose_algorithm(void *context, const char *name) {
    job *j = context;
    const rp_algorithm *algorithm = rp_algorithm_find(name);
    if (!algorithm) return RP_ERR_ARGUMENT;
    if (j->algorithm_count == RP_MAX_ALGORITHMS_IN_RUN)
        return rp_fail(RP_ERR_LIMIT, "algorithms: more than %d are named", RP_MAX_ALGORITHMS_IN_RUN);
    for (size_t i = 0; i < j->algorithm_count; i++)
        if (j->algorithms[i] == algorithm) return rp_fail(RP_ERR_ARGUMENT, "algorithms: %s is named twice", name);
    j->algorithms[j->algorithm_count++] = algorithm;
    return RP_OK;
}

static rp_status run_all(job *j) {
    rp_run *run = &j->run;
    const rp_recipe *recipe = run->recipe;
    /* All names are checked before any work begins. */
    RP_TRY(rp_each_item(run->arena, recipe->algorithms, RP_WORDS, choose_algorithm, j));
    if (!*recipe->model && !run->source.is_world)
        return rp_fail(RP_ERR_ARGUMENT,
                       "a model can be trained from nothing on the micro-world only: --model names a pretrained one for %s",
                       recipe->data);
    RP_TRY(rp_run_check(run, j->algorithms, j->algorithm_count));
    RP_TRY(look_first(j));
    RP_TRY(rp_run_claim(run->arena, recipe, run->resume));
    if (*recipe->model)
        j->base = recipe->model;
    else
        RP_TRY(rp_run_pretrain(run, &j->base));
    RP_TRY(evaluate_base(j));
    for (size_t i = 0; i < j->algorithm_count; i++) RP_TRY(run_algorithm(j, j->algorithms[i]));
    RP_TRY(write_table(j));
    return rp_run_speed(run);
}

rp_status rp_job_run(const rp_recipe *recipe, bool resume, rp_event_function *on_event, void *context) {
    rp_arena *arena = rp_arena_create("job", 0);
    RP_TRY_ALLOC(arena);
    job j = {.base = NULL};
    rp_status status = rp_run_open(arena, recipe, resume, on_event, context, &j.run);
    if (status == RP_OK) status = run_all(&j);
    rp_arena_destroy(arena);
    return status;
}
