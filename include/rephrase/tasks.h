/* SPDX-License-Identifier: MIT
 *
 * tasks.h — problems: JSON-lines data sets of the user, and the procedurally generated school-maths micro-world.
 */
#ifndef REPHRASE_TASKS_H
#define REPHRASE_TASKS_H

#include <rephrase/base.h>

/* One problem. All slices live in the arena that loaded or generated it. */
typedef struct rp_problem {
    rp_str id;       /* the data's own id, or the line number */
    rp_str question;
    rp_str answer;   /* the bare gold answer */
    rp_str solution; /* off-policy knowledge k: a worked (expert's) solution; empty = none */
    rp_str own;      /* a worked solution in the policy's own style (micro-world only; empty otherwise) */
    rp_str family;   /* empty for a user's data */
    rp_str tier;     /* "easy" "medium" "near" "hard" "general"; empty for a user's data */
} rp_problem;

typedef struct rp_dataset {
    rp_problem *problems;
    size_t count;
} rp_dataset;

/* Lines of GSM8K's form {question, answer: "work … #### 72"} (the work becomes the solution) or {question, answer,
 * solution?, id?}. An error names the line. Empty lines are skipped; an empty data set is an error. */
rp_status rp_dataset_load(rp_arena *arena, const char *path, rp_dataset *dataset) RP_MUST_CHECK;

/* ---- The micro-world ---------------------------------------------------------------------------------------------------------- */

typedef enum rp_split { RP_SPLIT_TRAIN, RP_SPLIT_VALIDATION, RP_SPLIT_TEST } rp_split;
typedef enum rp_expert_style { RP_EXPERT_TERSE, RP_EXPERT_CHAIN } rp_expert_style;

typedef struct rp_world_family {
    const char *name, *tier, *help;
    bool in_pretraining, in_rl;
} rp_world_family;
size_t rp_world_family_count(void);
const rp_world_family *rp_world_family_at(size_t index);
/* Index, or -1 with the nearest name in rp_last_error. */
int rp_world_family_find(const char *name);

typedef struct rp_world {
    int limit;                   /* N: every number in a problem and its solution lies in 0..limit */
    rp_expert_style expert_style;
} rp_world;

/* One random problem of a family, of the given split (decided by the hash of the question, so splits are disjoint). */
rp_status rp_world_problem(const rp_world *world, int family, rp_split split, rp_rng *rng, rp_arena *arena,
                           rp_problem *problem) RP_MUST_CHECK;
/* `count` distinct problems of a family (fewer when the family has fewer), in an order given by the seed. */
rp_status rp_world_distinct(const rp_world *world, int family, rp_split split, uint64_t seed, size_t count, rp_arena *arena,
                            rp_dataset *dataset) RP_MUST_CHECK;

/* Prompts of the micro-world. {question} and {reference} are filled in. */
rp_str rp_world_solve_prompt(rp_arena *arena, rp_str question);
rp_str rp_world_rephrase_prompt(rp_arena *arena, rp_str question, rp_str reference);

/* One pretraining example: a prompt and the response to learn (no end token). Mixture of drills, explanations, rephrasings
 * and solutions as docs/world.md states. scored: byte ranges of the response that carry loss (drills: the results only);
 * scored_count 0 = the whole response and the end token. */
typedef struct rp_world_example {
    rp_str prompt, response;
    uint32_t (*scored)[2];
    size_t scored_count;
} rp_world_example;
typedef struct rp_world_mixture { /* shares in percent; the rest of `drill` is divided among the others */
    double drill, explain, rephrase, expert, own;
} rp_world_mixture;
extern const rp_world_mixture rp_world_default_mixture;
rp_status rp_world_pretraining(const rp_world *world, const rp_world_mixture *mixture, rp_rng *rng, rp_arena *arena,
                               rp_world_example *example) RP_MUST_CHECK;

/* Re-evaluates what a response writes: every own step "a op b = c" and every segment of a LaTeX chain. */
typedef struct rp_soundness {
    int steps;         /* statements checked */
    int false_steps;   /* of these, arithmetically wrong */
    bool expert_style; /* contains a box or LaTeX command */
} rp_soundness;
rp_soundness rp_world_soundness(rp_str response);

#endif
