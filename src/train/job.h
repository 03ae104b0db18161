/* SPDX-License-Identifier: MIT
 *
 * job.h — private to the files of a job: job.c (the order of things), stage.c (a loop of steps), base.c (pretraining).
 */
#ifndef REPHRASE_TRAIN_JOB_H
#define REPHRASE_TRAIN_JOB_H

#include "train_internal.h"

typedef struct rp_work_done { /* for the speed report */
    double seconds_sampling, seconds_update, tokens_sampled, tokens_trained;
    rp_passes passes;
    size_t body, head; /* matrix parameters of the model: without and of the head */
} rp_work_done;

typedef struct rp_job {
    const rp_recipe *recipe;
    bool resume;
    rp_event_function *on_event;
    void *context;
    rp_arena *arena;
    rp_problem_source source;
    const rp_algorithm *algorithms[RP_MAX_ALGORITHMS_IN_RUN];
    size_t algorithm_count;
    rp_dataset held_out;   /* for the table */
    rp_dataset validation; /* for looks along the way; empty unless the recipe has eval_every */
    rp_eval_column columns[RP_MAX_ALGORITHMS_IN_RUN + 1];
    size_t column_count;
    const char *base; /* path of the base model */
    rp_work_done work;
} rp_job;

/* A loop of training steps with logs and checkpoints; `next` does one step. */
typedef struct rp_stage rp_stage;
struct rp_stage {
    const char *name;      /* for people */
    const char *directory; /* within the run's; "" = the run's own */
    rp_trainer *trainer;
    int64_t steps;
    rp_status (*next)(rp_job *job, rp_stage *stage, rp_metrics *metrics, rp_group_report **groups, size_t *group_count);
};
rp_status rp_stage_run(rp_job *job, rp_stage *stage) RP_MUST_CHECK;
rp_status rp_stage_rl_step(rp_job *job, rp_stage *stage, rp_metrics *metrics, rp_group_report **groups,
                           size_t *group_count) RP_MUST_CHECK;

/* Trains tokenizer and base on the micro-world, or finds them finished; sets job->base. */
rp_status rp_job_pretrain(rp_job *job) RP_MUST_CHECK;
/* Prints tokens per second and the share of the measured matrix-product peak. */
rp_status rp_job_speed(rp_job *job) RP_MUST_CHECK;

const char *rp_job_path(rp_job *job, const char *directory, const char *name);
void rp_job_text(rp_job *job, const char *text);
/* Greedy answers to the validation problems, as metrics. */
rp_status rp_job_validate(rp_job *job, const rp_policy *policy, rp_metrics *metrics) RP_MUST_CHECK;
/* Greedy answers to the held-out problems: one more column, and their file in the run's directory. */
rp_status rp_job_evaluate(rp_job *job, const char *name, const char *file, const rp_policy *policy) RP_MUST_CHECK;
/* The run's directory with its resolved recipe; refuses one that was begun otherwise. */
rp_status rp_job_claim(rp_job *job) RP_MUST_CHECK;
/* Loads the base, trains it with the algorithm and saves it in the directory; or loads what an earlier run finished there. */
rp_status rp_job_train(rp_job *job, const rp_algorithm *algorithm, const char *directory, rp_arena *arena,
                       rp_policy *policy) RP_MUST_CHECK;
/* Tokenizer, config and weights in the precision of the program; the weights last, for they mark a stage as finished. */
rp_status rp_save_policy(rp_arena *scratch, const rp_policy *policy, const char *directory) RP_MUST_CHECK;

#endif
