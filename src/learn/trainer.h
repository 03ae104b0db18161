/* SPDX-License-Identifier: MIT
 *
 * trainer.h — private to this layer: what one algorithm's training owns.
 */
#ifndef REPHRASE_LEARN_TRAINER_H
#define REPHRASE_LEARN_TRAINER_H

#include "critic.h"

enum { RP_FAILED_MAX = 4096 };
typedef struct failed_question { /* question `number` of step `step`: all that is needed to ask it again */
    int64_t step, number;
} failed_question;

struct rp_trainer {
    const rp_recipe *recipe;
    rp_policy *policy;
    const rp_algorithm *algorithm;
    rp_settings settings; /* as set; what a step makes of them is in its plan */
    rp_plan plan;         /* of the step that was begun last */
    rp_optimizer optimizer;
    const rp_model *reference;
    rp_critic critic;                      /* weights NULL: the algorithm needs none */
    real *gradient, *first, *second;       /* (model count) the gradient and Adam's two moments */
    int64_t step;                          /* finished training steps */
    int64_t updates;                       /* finished optimiser updates: AdamW's t */
    int64_t sampled_at;                    /* `updates` when the rows of this step were sampled */
    rp_passes passes;                      /* of the last update */
    const rp_problem_source *source;       /* for algorithms that ask further questions; else NULL */
    failed_question failed[RP_FAILED_MAX]; /* questions waiting for ReLIFT's supervised step */
    size_t failed_count;
    rp_arena *rows; /* this step's rows, texts and reports */
    rp_arena *work; /* decoder, caches, activations: rewound between the phases of a step */
};

/* Does sampling give the log-probabilities that the training pass would give, to the bit? With exact weights and tiled
 * products both sum in the same order. */
bool rp_trainer_samples_exactly(const rp_trainer *trainer);
/* Samples with the current weights; results live in the arena of the rows. */
rp_status rp_trainer_generate(rp_trainer *trainer, const rp_generate_options *options, const rp_generate_request *requests,
                              size_t count, rp_generate_result *results) RP_MUST_CHECK;
/* The recipe's sampling with the policy's stop tokens. */
rp_generate_options rp_trainer_sampling(const rp_trainer *trainer);
/* Scoring with this model (the policy's, or the reference) as the recipe trains. */
rp_scoring rp_trainer_scoring(const rp_trainer *trainer, const rp_model *model);
/* K: how many likeliest tokens the plan records at sampling; the vocabulary has no more. */
size_t rp_trainer_candidates(const rp_trainer *trainer);
/* Makes the plan of step t->step, a function of the settings and the step; refuses what this trainer cannot provide. */
rp_status rp_trainer_plan(rp_trainer *trainer) RP_MUST_CHECK;

#endif
