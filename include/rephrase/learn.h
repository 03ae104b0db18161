/* SPDX-License-Identifier: MIT
 *
 * learn.h — one training step: recipes, questions, rollouts, rewards, rephrasing, one optimiser step, checkpoints.
 *
 *   question ─→ G rollouts ─→ rewards ─→ [gate: rephrase and replace] ─→ batch ─→ algorithm ─→ ∂L/∂logπ ─→ backward ─→ AdamW
 *
 * Everything random is named by (seed, step, prompt, sample), so a run's bits depend on the recipe alone: not on threads, not
 * on where it was interrupted.
 */
#ifndef REPHRASE_LEARN_H
#define REPHRASE_LEARN_H

#include <rephrase/algorithms.h>
#include <rephrase/kernels.h>
#include <rephrase/json.h>
#include <rephrase/model.h>
#include <rephrase/tasks.h>
#include <rephrase/text.h>
#include <rephrase/verify.h>

/* ---- Recipe -------------------------------------------------------------------------------------------------------
 *
 * One table (src/learn/recipe_table.c) declares every key: name, section, kind, default, range, help. The same table reads
 * INI files and flags, writes the resolved recipe, prints --help and docs/recipes.md. Settings of an algorithm live in the
 * section of its name and are declared by its own table.
 */
enum { RP_MAX_ALGORITHMS_IN_RUN = 16, RP_MAX_ALGORITHMS_SET = 32 };

typedef struct rp_recipe {
    /* [run] */
    const char *out, *algorithms;
    int64_t seed, save_steps, log_groups;
    /* [model] */
    const char *model;
    int64_t layers, channels, heads, kv_heads, hidden, context;
    double rope_theta, init_std, embedding_std;
    bool tied;
    /* [text] */
    const char *tokenizer, *chat_format, *system, *prompt, *rephrase_prompt;
    int64_t vocab;
    /* [data] */
    const char *data, *eval_data, *families, *mix;
    rp_expert_style expert_style;
    rp_split split, eval_split;
    int64_t limit, eval_count;
    int on_bad_row; /* refuse, drop */
    double drill, explain, rephrase_share, expert_share, own_share;
    /* [pretrain] */
    int64_t pretrain_batch;
    rp_optimizer pretrain_optimizer;
    /* [rl] */
    int64_t questions, num_generations, max_completion_length, num_iterations, minibatches, top_k, eval_steps;
    double temperature, top_p;
    rp_rounding rollout_weights;
    rp_optimizer optimizer;
    double critic_learning_rate;
    int strict, demonstrations; /* outcome, strict; solution, rephrasing */
    double reward_format, reward_length;
    bool rephrase_eager, mask_truncated_completions;
    double rephrase_temperature, rephrase_top_p, copy_limit;
    /* [memory] */
    int64_t micro_tokens, kv_megabytes;
    /* Sections of algorithms, in the order of their first key. */
    struct {
        rp_settings settings;
        const char *convention; /* NULL = none was named */
    } chosen[RP_MAX_ALGORITHMS_SET];
    size_t chosen_count;
} rp_recipe;
extern const rp_option rp_recipe_keys[]; /* of rp_recipe */

void rp_recipe_defaults(rp_recipe *recipe);
/* Sets one key; section NULL = any. "repo.rho" or (section "repo", key "rho") sets an algorithm's setting. Text is copied into
 * the arena. Unknown keys fail with the nearest known one. */
rp_status rp_recipe_set(rp_arena *arena, rp_recipe *recipe, const char *section, const char *key,
                        const char *value) RP_MUST_CHECK;
/* Reads an INI file on top of what is set. Errors are "file:line: sentence". */
rp_status rp_recipe_load(rp_arena *arena, rp_recipe *recipe, const char *path) RP_MUST_CHECK;
/* The same for files with further sections: `other` sees each assignment first and sets *taken when it was one of its own. */
typedef rp_status rp_recipe_other(void *context, const char *section, const char *name, const char *value, bool *taken);
rp_status rp_recipe_load_with(rp_arena *arena, rp_recipe *recipe, const char *path, rp_recipe_other *other,
                              void *context) RP_MUST_CHECK;
/* The whole recipe as an INI text that rp_recipe_load reads back to the same values. */
void rp_recipe_write(const rp_recipe *recipe, rp_buffer *out);
/* One line of it: "key = value". */
void rp_recipe_write_key(const rp_recipe *recipe, const rp_option *key, rp_buffer *out);
/* Settings of one algorithm: its defaults, over them the convention's, over these what was set by name. */
rp_settings rp_recipe_settings(const rp_recipe *recipe, const rp_algorithm *algorithm);

/* ---- Questions (problems.c) --------------------------------------------------------------------------------------- */

typedef struct rp_problem_source {
    const rp_recipe *recipe;
    bool is_world;
    rp_world world;
    int *families; /* of the world, chosen by the recipe */
    size_t family_count;
    struct {
        const char *tier;
        int64_t questions;
    } mix[8];
    size_t mix_count;
    rp_dataset data, eval_data;
} rp_problem_source;

/* Calls back with each trimmed item of "a, b:3"; separators: RP_WORDS where items hold no spaces. */
#define RP_WORDS " ,\n"
typedef rp_status rp_item_function(void *context, const char *item);
rp_status rp_each_item(rp_arena *arena, const char *list, const char *separators, rp_item_function *on_item,
                       void *context) RP_MUST_CHECK;
/* The micro-world of a recipe: limit, expert's style, families. */
rp_status rp_recipe_world(const rp_recipe *recipe, rp_world *world) RP_MUST_CHECK;
rp_status rp_problems_open(rp_arena *arena, const rp_recipe *recipe, rp_problem_source *source) RP_MUST_CHECK;
/* The questions of a step, a function of (seed, step); attempt > 0: further questions in place of the first ones. */
rp_status rp_problems_of_step(const rp_problem_source *source, int64_t step, uint32_t attempt, rp_arena *arena,
                              rp_problem **problems, size_t *count) RP_MUST_CHECK;
/* Distinct held-out problems, family by family. */
rp_status rp_problems_for_eval(const rp_problem_source *source, int split, rp_arena *arena, rp_dataset *out) RP_MUST_CHECK;

/* Problems of a JSONL file (or of recipe->eval_data), or the micro-world's held-out split as the recipe says; at most
 * eval_count (of each family). None at all is an error. *total: how many there are in the file, or as many as the list
 * has. */
rp_status rp_problems_for_command(rp_arena *arena, const rp_recipe *recipe, const char *jsonl, rp_dataset *list,
                                  size_t *total) RP_MUST_CHECK;

/* ---- The policy: a model, its tokenizer and how questions become prompts --------------------------------------- */

typedef struct rp_policy {
    rp_model *model;
    rp_tokenizer *tokenizer;
    const rp_chat_format *chat; /* NULL: plain prompts */
    const char *system, *prompt, *rephrase_prompt;
    int32_t stops[RP_MOST_STOPS];
    size_t stop_count;
    int32_t end; /* appended to a response that is written rather than sampled */
} rp_policy;

/* Loads model, tokenizer and prompts as the recipe says. */
rp_status rp_policy_load(rp_arena *arena, const rp_recipe *recipe, const char *path, rp_policy *policy) RP_MUST_CHECK;
/* Chat format, prompts and stop tokens of a policy whose model and tokenizer are set. */
rp_status rp_policy_finish(const rp_recipe *recipe, rp_policy *policy) RP_MUST_CHECK;

/* The prompt of a question; with reference text, the rephrase prompt P(q, k). */
rp_status rp_policy_prompt(const rp_policy *policy, rp_arena *arena, rp_str question, const rp_str *reference,
                           rp_encoding *ids) RP_MUST_CHECK;
/* Ids of a written response and the end token. */
rp_status rp_policy_response(const rp_policy *policy, rp_arena *arena, rp_str text, rp_encoding *ids) RP_MUST_CHECK;
/* Text of sampled ids without special tokens. */
rp_status rp_policy_text(const rp_policy *policy, rp_arena *arena, const int32_t *ids, size_t n,
                         rp_str *text) RP_MUST_CHECK;

/* ---- Rewards --------------------------------------------------------------------------------------------------- */

typedef struct rp_reward {
    double total;   /* correct + reward_format · format + reward_length · length */
    double correct; /* 1 when the verdict is EQUAL and, if strict, no false equation was written */
    double format;  /* 1 when a final answer could be extracted from a finished response */
    double length;  /* -(response length / max_new): a penalty, 0 .. -1 */
    rp_verdict_kind verdict;
    rp_verify_reason reason;
    int steps, false_steps; /* equations written, and wrong ones among them */
    bool expert_style;
} rp_reward;
rp_reward rp_reward_of(const rp_recipe *recipe, rp_arena *scratch, const rp_problem *problem, rp_str response,
                       size_t tokens, bool stopped);

/* ---- Rows: a response behind a prompt, on its way to the update ------------------------------------------------ */

typedef struct rp_row_trace { /* what the first pass of an update saw of a row, for the log */
    real *logp;               /* (response) log π_θ under the prompt of the update */
    real *advantage;          /* (response) */
    /* (response) the coefficient of ∇logπ without the aggregation factor: advantage × ratio, 0 where clipped */
    real *weight;
} rp_row_trace;

typedef struct rp_row {
    int32_t *ids;                   /* prompt, then response */
    uint32_t prompt_length, length; /* response = ids[prompt_length .. length) */
    uint32_t group;                 /* the question's number in the step */
    uint32_t prefix_length;         /* response tokens at its beginning that were copied from a solution */
    rp_source source;
    bool stopped; /* ended by a stop token */
    /* logp_behavior and entropy_behavior are, to the bit, what the training pass would give for the weights that sampled */
    bool exact;
    uint8_t *mask;          /* (response) tokens that carry loss; NULL = all */
    real *logp_behavior;    /* (response) as sampled; NULL = not sampled under this prompt */
    real *entropy_behavior; /* (response) as sampled; NULL = not recorded */
    int32_t *top_ids;       /* (response, K) the likeliest tokens as sampled, where the algorithm needs them; else NULL */
    real *top_logp;         /* (response, K) their log-probabilities */
    rp_row_trace *trace;    /* filled by the update; NULL = not wanted */
    rp_str text;
    rp_reward reward;
} rp_row;

/* A row of prompt + response ids, without reward, mask and record. */
rp_status rp_row_create(rp_arena *arena, const int32_t *prompt, size_t prompt_length, const int32_t *response,
                        size_t length, rp_row *row) RP_MUST_CHECK;
size_t rp_row_tokens(const rp_row *row); /* of the response */

typedef struct rp_critic rp_critic;
typedef struct rp_scoring { /* how rows are scored without gradients (score.c) */
    const rp_model *model;
    const rp_critic *critic; /* only where values are wanted */
    double temperature;
    size_t micro_tokens; /* at most so many in one pass */
    rp_arena *work;
} rp_scoring;
typedef struct rp_row_values { /* what is written for every response token of all rows; all but logp may be NULL */
    real *logp, *entropy, *value;
    const int32_t *top_ids; /* (tokens, top) given; their log-probabilities go to top_logp */
    size_t top;
    real *top_logp;
} rp_row_values;
rp_status rp_rows_logp(const rp_scoring *how, const rp_row *rows, size_t count, rp_row_values out) RP_MUST_CHECK;

/* ---- Metrics --------------------------------------------------------------------------------------------------- */

enum { RP_METRICS_MAX = 96 };
typedef struct rp_metrics { /* one line of metrics.jsonl: names in order with values */
    const char *name[RP_METRICS_MAX];
    double value[RP_METRICS_MAX];
    size_t count;
} rp_metrics;
void rp_metrics_set(rp_metrics *metrics, const char *name, double value);
/* One metric each of an algorithm's loss; its page documents them. */
void rp_metrics_of_loss(rp_metrics *metrics, const rp_loss *loss);
void rp_metrics_write(const rp_metrics *metrics, rp_json_writer *w);
double rp_metrics_get(const rp_metrics *metrics, const char *name, double absent);
/* Every metric's meaning and unit, for docs/metrics.md and `rephrase train --explain-metrics`; NULL = unknown name. */
const char *rp_metric_meaning(const char *name);
/* The metric of one tier: "accuracy" and tier 3 give "accuracy_hard". */
const char *rp_metric_of_tier(const char *stem, size_t tier);
size_t rp_metric_count(void);
const char *rp_metric_name(size_t index);

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

typedef struct rp_trainer rp_trainer;
typedef struct rp_trainer_setup { /* what a trainer works on: all of it outlives the trainer */
    const rp_recipe *recipe;
    const rp_problem_source *source; /* further questions; NULL only for algorithms that ask for none */
    rp_policy *policy;
    const rp_algorithm *algorithm;
    const rp_settings *settings;
    const rp_optimizer *optimizer;
    const rp_model *reference; /* the frozen π_ref, for algorithms that need it; else NULL */
} rp_trainer_setup;
/* A trainer owns gradient, moments and work memory for one policy and one algorithm. What it cannot provide it refuses. */
rp_status rp_trainer_create(rp_arena *arena, const rp_trainer_setup *setup, rp_trainer **trainer) RP_MUST_CHECK;
void rp_trainer_destroy(rp_trainer *trainer); /* accepts NULL; frees work memory */
int64_t rp_trainer_step(const rp_trainer *trainer);
const rp_policy *rp_trainer_policy(const rp_trainer *trainer);

typedef struct rp_passes { /* tokens that the model's passes went over, and how many of them were scored */
    double forward, forward_scored, backward, backward_scored;
} rp_passes;
rp_passes rp_trainer_passes(const rp_trainer *trainer); /* of the last update */

/* Gives back what the step before needed and makes the plan of this one. */
rp_status rp_trainer_begin_step(rp_trainer *trainer) RP_MUST_CHECK;
rp_arena *rp_trainer_rows(rp_trainer *trainer); /* where the rows of the step are made */

/* One or more optimiser steps on finished rows (updates × minibatches of them). The result is invariant to micro_tokens up to
 * rounding. A loss or gradient that is not finite is RP_ERR_NUMERIC, and the weights are those before the
 * optimiser update that met it. */
rp_status rp_trainer_update(rp_trainer *trainer, const rp_row *rows, size_t count, size_t groups,
                            rp_metrics *metrics) RP_MUST_CHECK;

/* What became of a rephrasing. A question whose gate stayed closed, or that has no solution, has none. */
typedef enum rp_rephrase_outcome {
    RP_REPHRASE_NONE, /* nobody asked for one */
    RP_REPHRASE_NO_SOLUTION,
    RP_REPHRASE_PASSED, /* through every filter; in a report: and it replaced a row */
    RP_REPHRASE_EMPTY,  /* from here on: rejected, and why */
    RP_REPHRASE_TRUNCATED,
    RP_REPHRASE_LEAK,
    RP_REPHRASE_COPY,
    RP_REPHRASE_REWARD,
    RP_REPHRASE_NOT_BETTER,
    RP_REPHRASE_LONG,
    RP_REPHRASE_NOT_GATED, /* sampled or not: the gate stayed closed */
    RP_REPHRASE_OUTCOMES
} rp_rephrase_outcome;
/* As samples.jsonl has it: "", "no solution", "replaced", "not gated", or the metric that counts the rejection. */
const char *rp_rephrase_outcome_name(rp_rephrase_outcome outcome);

/* What happened to a group, for the log and for people. */
typedef struct rp_group_report {
    const rp_problem *problem;
    const rp_policy *policy; /* whose tokens the rows hold; NULL = their pieces are not logged */
    const rp_row *rows;      /* of this group, in order */
    size_t count;
    int replaced;                 /* index of the replaced row, -1 = none */
    rp_row before;                /* the rollout that left, when replaced >= 0 */
    rp_rephrase_outcome rephrase; /* of the rephrasing that went in, else of the last one */
    rp_str rephrase_text;         /* what was sampled, after stripping; empty when none */
    double failed_share;
} rp_group_report;

/* One reinforcement-learning step: sample, score, gate, rephrase, replace, update. `problems` are this step's questions.
 * reports: (count) or NULL; valid until the next step. */
rp_status rp_trainer_rl_step(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_metrics *metrics,
                             rp_group_report **reports) RP_MUST_CHECK;

/* RePO's deterministic clean-up of a rephrased trajectory: leading meta lines go. Returns why it cannot be used, or
 * RP_REPHRASE_PASSED. copy_share receives the longest common run of words with the knowledge, as a share of the trajectory's
 * words. */
rp_rephrase_outcome rp_rephrase_clean(rp_arena *arena, rp_str raw, rp_str knowledge, double copy_limit, rp_str *clean,
                                      double *copy_share);

/* ---- Pretraining (pretrain.c): a tokenizer from the micro-world's text, batches of its examples ---------------- */

rp_status rp_pretrain_rows(const rp_problem_source *source, const rp_policy *policy, int64_t step, rp_arena *arena,
                           rp_row **rows, size_t *count) RP_MUST_CHECK;
rp_status rp_train_world_tokenizer(rp_arena *arena, const rp_recipe *recipe, rp_tokenizer **tokenizer) RP_MUST_CHECK;

/* ---- Checkpoints ----------------------------------------------------------------------------------------------- */

/* Weights, both moments and the step, in a new file; then latest.json names it; then all older files go but the one before. A
 * crash at any moment leaves a directory from which the last completed checkpoint loads. RP_ERR_NUMERIC when a value is not
 * finite: nothing is written then, and what was saved before stays. */
rp_status rp_checkpoint_save(const rp_trainer *trainer, const char *directory) RP_MUST_CHECK;
/* *found = false when the directory has none. A latest checkpoint that is damaged or gone is left for the one before it; then
 * `warning` gets a sentence that names what was wrong, and otherwise nothing. */
rp_status rp_checkpoint_load(rp_trainer *trainer, const char *directory, bool *found, rp_buffer *warning) RP_MUST_CHECK;

#endif
