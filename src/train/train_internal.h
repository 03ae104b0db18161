/* SPDX-License-Identifier: MIT
 *
 * train_internal.h — what the files of the train layer share and nobody else sees.
 */
#ifndef REPHRASE_TRAIN_INTERNAL_H
#define REPHRASE_TRAIN_INTERNAL_H

#include <rephrase/json.h>
#include <rephrase/train.h>

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

enum { RP_FAILED_MAX = 4096 };
typedef struct failed_question { /* question `number` of step `step`: all that is needed to ask it again */
    int64_t step, number;
} failed_question;

typedef struct rp_critic { /* V_t = w · h_t + b */
    size_t channels;
    real *weights, *gradient, *first, *second; /* (channels + 1), b last */
} rp_critic;

typedef struct rp_passes { /* tokens that the model's passes went over, and how many of them were scored */
    double forward, forward_scored, backward, backward_scored;
} rp_passes;

struct rp_trainer {
    const rp_recipe *recipe;
    rp_policy *policy;
    const rp_algorithm *algorithm;
    rp_settings settings;
    unsigned needs;
    rp_optimizer_settings optimizer;
    const rp_model *reference;
    size_t top;                            /* K: how many likeliest tokens are recorded at sampling; 0 = none */
    rp_critic critic;                      /* weights NULL: the algorithm needs none */
    real *gradient, *first, *second;       /* (model count) the gradient and Adam's two moments */
    int64_t step;                          /* finished training steps */
    int64_t updates;                       /* finished optimiser updates: AdamW's t */
    int64_t sampled_at;                    /* `updates` when the rows of this step were sampled */
    rp_passes passes;                      /* of the last update */
    const rp_problem_source *source;       /* for algorithms that ask further questions */
    failed_question failed[RP_FAILED_MAX]; /* questions waiting for ReLIFT's supervised step */
    size_t failed_count;
    rp_arena *rows; /* this step's rows, texts and reports */
    rp_arena *work; /* decoder, caches, activations: rewound between the phases of a step */
};

/* ---- rows.c ---------------------------------------------------------------------------------------------------- */

/* A row of prompt + response ids. NULL when memory is exhausted. */
rp_status rp_row_create(rp_arena *arena, const int32_t *prompt, size_t prompt_length, const int32_t *response,
                        size_t length, rp_row *row) RP_MUST_CHECK;
size_t rp_row_tokens(const rp_row *row); /* of the response */
/* Rows first..end laid end to end for the model: every response token is scored. */
rp_status rp_rows_pack(rp_arena *arena, const rp_row *rows, size_t count, rp_packed *packed) RP_MUST_CHECK;
/* The end of the longest run of rows from `first` whose tokens fit `limit` (at least one row). */
size_t rp_rows_fit(const rp_row *rows, size_t count, size_t first, size_t limit);

/* ---- forward.c ------------------------------------------------------------------------------------------------- */

/* What a pass without gradients writes for every response token of all rows; all but logp may be NULL. */
typedef struct rp_row_values {
    real *logp, *entropy, *value;
    const int32_t *top_ids; /* (tokens, top) given; their log-probabilities go to top_logp */
    size_t top;
    real *top_logp;
} rp_row_values;
rp_status rp_rows_logp(const rp_model *model, const rp_critic *critic, const rp_row *rows, size_t count, double temperature,
                       size_t micro_tokens, rp_arena *work, rp_row_values out) RP_MUST_CHECK;

/* ---- critic.c -------------------------------------------------------------------------------------------------- */

rp_status rp_critic_create(rp_arena *arena, size_t channels, rp_critic *critic) RP_MUST_CHECK;
/* value (tokens) from hidden (tokens, channels). */
void rp_critic_values(const rp_critic *critic, const real *hidden, size_t tokens, real *value);
void rp_critic_gradient(rp_critic *critic, const real *hidden, const real *dvalue, size_t tokens); /* accumulates */
/* One AdamW step; clears the gradient. */
void rp_critic_update(rp_critic *critic, double learning_rate, const rp_optimizer_settings *optimizer, int64_t step);

/* ---- trainer.c ------------------------------------------------------------------------------------------------- */

/* Does sampling give the log-probabilities that the training pass would give, to the bit? With exact weights and tiled
 * products both sum in the same order. */
bool rp_trainer_samples_exactly(const rp_trainer *trainer);
/* Samples with the current weights; results live in the arena of the rows. */
rp_status rp_trainer_generate(rp_trainer *trainer, const rp_generate_options *options, const rp_generate_request *requests,
                              size_t count, rp_generate_result *results) RP_MUST_CHECK;

/* ---- rollout.c ------------------------------------------------------------------------------------------------- */

/* Samples `rollouts` answers to each problem; rows are grouped, problem by problem. */
rp_status rp_sample_rollouts(rp_trainer *trainer, const rp_problem *problems, size_t count, size_t rollouts,
                             uint32_t attempt, rp_row *rows, rp_metrics *metrics) RP_MUST_CHECK;
/* The recipe's sampling with the policy's stop tokens. */
rp_generate_options rp_trainer_sampling(const rp_trainer *trainer);

/* ---- gather.c -------------------------------------------------------------------------------------------------- */

/* The rows of every group of a step, as the algorithm needs them: rollouts, with an expert's solution or a hybrid among
 * them, after the rephrasings. */
rp_status rp_gather_rows(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_row **rows, size_t *per_group,
                         rp_group_report *reports, rp_metrics *metrics) RP_MUST_CHECK;
/* ReLIFT: remembers questions all of whose answers failed; when there are enough, one supervised update on their
 * solutions. */
rp_status rp_learn_from_failures(rp_trainer *trainer, const rp_group_report *groups, size_t count,
                                 rp_metrics *metrics) RP_MUST_CHECK;

/* ---- update.c -------------------------------------------------------------------------------------------------- */

/* rp_trainer_update without the end of the training step. */
rp_status rp_update_rows(rp_trainer *trainer, const rp_row *rows, size_t count, size_t groups,
                         rp_metrics *metrics) RP_MUST_CHECK;

/* ---- rephrase.c ------------------------------------------------------------------------------------------------ */

/* RePO's gate, sampling, filter and replacement on grouped rows (rollouts each). Fills the reports' rephrase fields. */
rp_status rp_rephrase_groups(rp_trainer *trainer, const rp_problem *problems, size_t count, size_t rollouts, rp_row *rows,
                             rp_group_report *reports, rp_metrics *metrics) RP_MUST_CHECK;
/* Demonstrations in the policy's own words: each row (a question with its solution) becomes a verified rephrasing; where that
 * fails the row keeps the solution and carries no loss. */
rp_status rp_rephrase_demonstrations(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_row *rows,
                                     rp_metrics *metrics) RP_MUST_CHECK;
/* The prompts P(q,k) under which readings B and C take log-probabilities: rows of another source than the policy get the
 * rephrase prompt of their problem in place of the plain one; the others are copied as they are. */
rp_status rp_rows_under_knowledge(rp_trainer *trainer, const rp_problem *problems, const rp_row *rows, size_t count,
                                  rp_row *out) RP_MUST_CHECK;
double rp_trainer_setting(const rp_trainer *trainer, const char *name);

/* ---- problems.c ------------------------------------------------------------------------------------------------ */

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

/* ---- policy.c -------------------------------------------------------------------------------------------------- */

/* Chat format, prompts and stop tokens of a policy whose model and tokenizer are set. */
rp_status rp_policy_finish(const rp_recipe *recipe, rp_policy *policy) RP_MUST_CHECK;

/* ---- pretrain.c ------------------------------------------------------------------------------------------------ */

rp_status rp_pretrain_rows(const rp_problem_source *source, const rp_policy *policy, int64_t step, rp_arena *arena,
                           rp_row **rows, size_t *count) RP_MUST_CHECK;
rp_status rp_train_world_tokenizer(rp_arena *arena, const rp_recipe *recipe, rp_tokenizer **tokenizer) RP_MUST_CHECK;

/* ---- log.c: files of a run that grow line by line -------------------------------------------------------------- */

typedef struct rp_run_log {
    FILE *stream;
    const char *path;
} rp_run_log;
/* Opens for appending; lines whose "step" is above `keep_step` are dropped first (what a stopped run wrote after its last
 * checkpoint). keep_step < 0 starts empty. */
rp_status rp_run_log_open(rp_arena *arena, const char *path, int64_t keep_step, rp_run_log *log) RP_MUST_CHECK;
rp_status rp_run_log_line(rp_run_log *log, const rp_buffer *line) RP_MUST_CHECK;
void rp_run_log_close(rp_run_log *log);
void rp_metrics_write(const rp_metrics *metrics, rp_json_writer *w);
/* The algorithm names its own metrics (documented on its page). */
void rp_metrics_of_loss(rp_metrics *metrics, const rp_loss *loss);
void rp_group_write(const rp_group_report *group, int64_t step, rp_json_writer *w);

/* ---- drift.c: KL from the base and entropy, nats per token, by tier ------------------------------------------- */

enum { RP_TIERS = 5 };
extern const char *const rp_tiers[RP_TIERS]; /* easy, medium, near, hard, general */
int rp_tier_of(rp_str name);                 /* -1: none of them */
typedef struct rp_drift {
    double kl[RP_TIERS], entropy[RP_TIERS];
    bool known[RP_TIERS];
} rp_drift;
rp_status rp_drift_from(const rp_recipe *recipe, const rp_policy *policy, const rp_model *base, const rp_dataset *problems,
                        rp_drift *out) RP_MUST_CHECK;

/* ---- tables.c -------------------------------------------------------------------------------------------------- */

/* The 95 % interval of a proportion p of n (n need not be whole: an effective number). */
void rp_wilson(double p, double n, double *lo, double *hi);
typedef struct rp_eval_column { /* one column of the final table */
    const char *name;
    const rp_answered *answers;   /* NULL: not evaluated */
    const rp_answered *rephrased; /* asked with the solution at hand; NULL = not measured */
} rp_eval_column;
/* Accuracy per family and tier, as aligned text for people and as Markdown; and the same numbers as JSON. */
rp_status rp_table_write(rp_arena *arena, const rp_dataset *problems, const rp_eval_column *columns, size_t count,
                         rp_buffer *text, rp_buffer *json) RP_MUST_CHECK;

#endif
