/* SPDX-License-Identifier: MIT
 *
 * look.c — every problem is looked at before the first step.
 *
 * A row that cannot be trained on stops a run at whichever step draws it, perhaps after hours: a prompt longer than the
 * context, a missing solution where the method learns from solutions, a gold answer that no response can be compared with.
 * All are found here, at once, and on_bad_row says whether the run is refused or the rows are left out. The micro-world
 * makes its own problems and is not looked at.
 */
#include "look.h"

#include <string.h>

typedef enum fault { FAULT_NONE, FAULT_PROMPT, FAULT_SOLUTION_LONG, FAULT_SOLUTION_MISSING, FAULT_GOLD, FAULTS } fault;

static const char *const names[FAULTS] = {
    [FAULT_PROMPT] = "with a prompt that leaves no room for an answer",
    [FAULT_SOLUTION_LONG] = "whose solution does not fit behind the prompt, or into the rephrase prompt",
    [FAULT_SOLUTION_MISSING] = "without the solution that the method learns from",
    [FAULT_GOLD] = "whose gold answer cannot be read",
};

typedef struct look {
    const rp_policy *policy;
    bool demonstrations, gate; /* some algorithm of the run learns from solutions; rephrases them */
    rp_arena *scratch;
} look;

/* Faults are looked for in the order of the table; the first that is found is the row's. */
static rp_status fault_of(const look *l, const rp_problem *problem, fault *found) {
    const size_t context = (size_t)l->policy->model->config.context;
    const bool has = problem->solution.length > 0;
    rp_encoding prompt, solution = {.length = 0}, asked = {.length = 0};
    RP_TRY(rp_policy_prompt(l->policy, l->scratch, problem->question, NULL, &prompt));
    if (has && l->demonstrations) RP_TRY(rp_policy_response(l->policy, l->scratch, problem->solution, &solution));
    if (has && l->gate) RP_TRY(rp_policy_prompt(l->policy, l->scratch, problem->question, &problem->solution, &asked));
    const rp_verdict verdict = rp_verify_answer(l->scratch, problem->answer, problem->answer, &rp_verify_defaults);
    *found = prompt.length >= context                                               ? FAULT_PROMPT
             : prompt.length + solution.length > context || asked.length >= context ? FAULT_SOLUTION_LONG
             : l->demonstrations && !has                                            ? FAULT_SOLUTION_MISSING
             : verdict.kind != RP_VERDICT_EQUAL                                     ? FAULT_GOLD
                                                                                    : FAULT_NONE;
    return RP_OK;
}

/* "3 without the solution that the method learns from (4, 7, 9)" for every kind of fault that was found. */
static rp_status describe(rp_arena *arena, const rp_dataset *data, const uint8_t *faults, const char **text) {
    enum { SHOWN = 8 };
    rp_buffer out = rp_buffer_in(arena);
    for (int f = FAULT_PROMPT; f < FAULTS; f++) {
        size_t count = 0;
        for (size_t i = 0; i < data->count; i++) count += faults[i] == f;
        if (count == 0) continue;
        rp_buffer_format(&out, "%s%zu %s (", out.length ? "; " : "", count, names[f]);
        size_t shown = 0;
        for (size_t i = 0; i < data->count && shown < SHOWN; i++) {
            if (faults[i] != f) continue;
            const rp_str id = data->problems[i].id;
            rp_buffer_format(&out, "%s%.*s", shown++ ? ", " : "", (int)(id.length < 24 ? id.length : 24), id.data);
        }
        rp_buffer_text(&out, count > shown ? ", ...)" : ")");
    }
    RP_TRY(rp_buffer_status(&out));
    *text = out.data;
    return RP_OK;
}

static void drop(rp_dataset *data, const uint8_t *faults) {
    size_t kept = 0;
    for (size_t i = 0; i < data->count; i++)
        if (faults[i] == FAULT_NONE) data->problems[kept++] = data->problems[i];
    data->count = kept;
}

static rp_status judge(rp_run *run, const look *l, const uint8_t *faults, size_t bad) {
    rp_dataset *data = &run->source.data;
    const char *text;
    size_t solutions = 0;
    if (bad) {
        RP_TRY(describe(run->arena, data, faults, &text));
        if (!run->recipe->on_bad_row)
            return rp_fail(RP_ERR_ARGUMENT,
                           "%s: %zu of %zu problems cannot be trained on: %s; --on-bad-row drop leaves them out",
                           run->recipe->data, bad, data->count, text);
        rp_log(RP_LOG_WARNING, "%s: %zu of %zu problems are left out: %s", run->recipe->data, bad, data->count, text);
        drop(data, faults);
    }
    if (data->count == 0) return rp_fail(RP_ERR_ARGUMENT, "%s: no problem is left to train on", run->recipe->data);
    for (size_t i = 0; i < data->count; i++) solutions += data->problems[i].solution.length > 0;
    if (l->gate && solutions == 0)
        return rp_fail(RP_ERR_ARGUMENT,
                       "%s: no problem has a solution, so there is nothing to rephrase: this would be grpo",
                       run->recipe->data);
    if (l->gate && solutions < data->count)
        rp_log(RP_LOG_INFO, "%s: %zu of %zu problems have a solution to rephrase", run->recipe->data, solutions,
               data->count);
    return RP_OK;
}

rp_status rp_run_look(rp_run *run, const rp_policy *policy, const rp_algorithm *const *algorithms, size_t count) {
    const rp_dataset *data = &run->source.data;
    if (run->looked || run->source.is_world) return RP_OK;
    look l = {.policy = policy};
    for (size_t i = 0; i < count; i++) {
        rp_settings settings;
        settings = rp_recipe_settings(run->recipe, algorithms[i]);
        const rp_plan plan = rp_algorithm_plan(algorithms[i], &settings, 0);
        l.demonstrations |= plan.demonstrations > 0;
        l.gate |= plan.gate.wanted;
    }
    uint8_t *faults = rp_alloc_zero(run->arena, uint8_t, data->count + 1);
    RP_TRY_ALLOC(faults);
    l.scratch = rp_arena_create("a look at the problems", 0);
    RP_TRY_ALLOC(l.scratch);
    size_t bad = 0;
    rp_status status = RP_OK;
    for (size_t i = 0; i < data->count && status == RP_OK; i++) {
        fault found = FAULT_NONE;
        status = fault_of(&l, &data->problems[i], &found);
        faults[i] = (uint8_t)found;
        bad += found != FAULT_NONE;
        rp_arena_rewind(l.scratch, (rp_arena_mark){0});
    }
    if (status == RP_OK) status = judge(run, &l, faults, bad);
    rp_arena_destroy(l.scratch);
    run->looked = status == RP_OK;
    return status;
}

/* ---- Settings that would train nothing ------------------------------------------------------------------------- */

static rp_status check_algorithm(const rp_recipe *recipe, const rp_algorithm *algorithm) {
    const rp_settings settings = rp_recipe_settings(recipe, algorithm);
    const rp_plan plan = rp_algorithm_plan(algorithm, &settings, 0);
    const bool relative = rp_settings_has(algorithm, "baseline") && rp_settings_get(algorithm, &settings, "baseline") > 0;
    const bool keeps =
        rp_settings_has(algorithm, "group_of_one") && rp_settings_get(algorithm, &settings, "group_of_one") > 0;
    if (plan.rollouts && relative && !keeps && recipe->num_generations == 1)
        return rp_fail(
            RP_ERR_ARGUMENT,
            "%s compares the answers to a question with each other; with rollouts = 1 every advantage is 0 and nothing "
            "is learnt",
            algorithm->name);
    return RP_OK;
}

rp_status rp_run_check(const rp_run *run, const rp_algorithm *const *algorithms, size_t count) {
    const rp_recipe *recipe = run->recipe;
    for (size_t i = 0; i < count; i++) RP_TRY(check_algorithm(recipe, algorithms[i]));
    if (recipe->eval_steps && run->validation.count == 0)
        return rp_fail(RP_ERR_ARGUMENT, "eval_steps = %lld, but there is nothing to evaluate on: eval_data names a file",
                       (long long)recipe->eval_steps);
    if (recipe->optimizer.lr_scheduler_type && recipe->optimizer.min_lr_ratio >= 1 && count)
        rp_log(RP_LOG_WARNING,
               "the learning rate stays constant: final = 1 is the share of it at the end of the schedule; final = 0 "
               "lets it fall to nothing");
    return RP_OK;
}
