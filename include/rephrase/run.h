/* SPDX-License-Identifier: MIT
 *
 * run.h — one job: directories and logs, pretraining the base, a loop of steps for each algorithm, evaluations, tables.
 */
#ifndef REPHRASE_RUN_H
#define REPHRASE_RUN_H

#include <rephrase/learn.h>

#include <stdio.h>

/* ---- Evaluation ------------------------------------------------------------------------------------------------ */

typedef struct rp_answered {
    const rp_problem *problem;
    rp_str response;
    rp_verdict verdict;
    rp_reward reward;
    bool stopped;
    size_t tokens;
} rp_answered;
typedef struct rp_eval_settings {
    rp_sampling sampling;
    size_t samples; /* answers per problem */
    size_t max_new, memory;
    uint64_t seed;
    bool rephrase; /* ask with the rephrase prompt and the problem's solution */
} rp_eval_settings;
/* answers: (problems × samples), problem by problem. */
rp_status rp_evaluate(const rp_recipe *recipe, const rp_policy *policy, rp_arena *arena, const rp_eval_settings *settings,
                      const rp_problem *problems, size_t count, rp_answered **answers) RP_MUST_CHECK;

/* ---- Tables (tables.c) ----------------------------------------------------------------------------------------- */

typedef struct rp_eval_column { /* one column of the final table */
    const char *name;
    const rp_answered *answers;   /* NULL: not evaluated */
    const rp_answered *rephrased; /* asked with the solution at hand; NULL = not measured */
} rp_eval_column;
/* Accuracy per family and tier, as aligned text for people and as Markdown; and the same numbers as JSON. */
rp_status rp_table_write(rp_arena *arena, const rp_dataset *problems, const rp_eval_column *columns, size_t count,
                         rp_buffer *text, rp_buffer *json) RP_MUST_CHECK;

/* ---- Events ---------------------------------------------------------------------------------------------------- */

typedef enum rp_event_kind {
    RP_EVENT_STAGE,  /* a stage begins: name, steps */
    RP_EVENT_STEP,   /* a step ended: metrics */
    RP_EVENT_GROUP,  /* a group to show */
    RP_EVENT_TEXT,   /* lines for a person: a table, a summary */
    RP_EVENT_WARNING /* a sentence that a person should read: something was not as expected, and the run goes on */
} rp_event_kind;
typedef struct rp_event {
    rp_event_kind kind;
    const char *stage;
    int64_t step, steps;
    double seconds; /* since the stage began, this process */
    const rp_metrics *metrics;
    const rp_group_report *group;
    const char *text;
} rp_event;
typedef void rp_event_function(void *context, const rp_event *event);

/* ---- A run ----------------------------------------------------------------------------------------------------- */

typedef struct rp_work_done { /* for the speed report */
    double seconds_sampling, seconds_update, tokens_sampled, tokens_trained;
    rp_passes passes;
    size_t body, head; /* matrix parameters of the model: without and of the head */
} rp_work_done;

typedef struct rp_run { /* whole once rp_run_open has returned */
    const rp_recipe *recipe;
    bool resume;
    rp_event_function *on_event;
    void *context;
    rp_arena *arena;
    rp_problem_source source;
    rp_dataset held_out;   /* for the table */
    rp_dataset validation; /* for looks along the way; empty unless the recipe has eval_steps */
    rp_work_done work;
    bool looked; /* the training data was looked at, and bad rows were left out */
} rp_run;
/* Opens the recipe's questions. Nothing is written. */
rp_status rp_run_open(rp_arena *arena, const rp_recipe *recipe, bool resume, rp_event_function *on_event, void *context,
                      rp_run *run) RP_MUST_CHECK;
/* A path in the run's directory: directory "" = the run's own, name "" = the directory itself. NULL = out of memory. */
const char *rp_run_path(const rp_run *run, const char *directory, const char *name);
void rp_run_text(const rp_run *run, const char *text); /* lines for a person */
/* Makes recipe->out with its resolved recipe and the digests of its files; refuses one that was begun otherwise, or whose files
 * were exchanged. A run may go on for more steps where the learning rate does not depend on their number; recipe.ini then says
 * so. */
rp_status rp_run_claim(rp_arena *arena, const rp_recipe *recipe, bool resume) RP_MUST_CHECK;
/* Trains tokenizer and base on the micro-world, or finds them finished; *base is where they are. */
rp_status rp_run_pretrain(rp_run *run, const char **base) RP_MUST_CHECK;
/* Loads the base, trains it with the algorithm and saves it in the directory; or loads what an earlier run finished there. */
rp_status rp_run_train(rp_run *run, const char *base, const rp_algorithm *algorithm, const char *directory, rp_arena *arena,
                       rp_policy *policy) RP_MUST_CHECK;
/* Greedy answers to the held-out problems, and their file in the run's directory. */
rp_status rp_run_evaluate(const rp_run *run, const char *name, const char *file, const rp_policy *policy,
                          rp_eval_column *column) RP_MUST_CHECK;
/* Greedy answers to the validation problems, as metrics. */
rp_status rp_run_validate(const rp_run *run, const rp_policy *policy, rp_metrics *metrics) RP_MUST_CHECK;

/* The whole recipe: load or pretrain the base, run each algorithm from it, evaluate, write the table. resume continues what a
 * stopped run left in recipe->out; without it an existing run directory is refused. */
rp_status rp_job_run(const rp_recipe *recipe, bool resume, rp_event_function *on_event, void *context) RP_MUST_CHECK;

/* ---- Drift (drift.c): KL from the base and entropy, nats per token, by tier ------------------------------------------- */

typedef struct rp_drift {
    double kl[RP_TIERS], entropy[RP_TIERS];
    bool known[RP_TIERS];
} rp_drift;
rp_status rp_drift_from(const rp_recipe *recipe, const rp_policy *policy, const rp_model *base, const rp_dataset *problems,
                        rp_drift *out) RP_MUST_CHECK;

#endif
