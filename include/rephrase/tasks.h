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

/* rp_dataset_load — problems from a JSON-lines file ("-" = standard input)
 *   A line is an object with a question, an answer, and if you like a solution and an id, under any of these names:
 *     question  question, problem, prompt, query, instruction, messages, extra_info.question
 *     answer    answer, final_answer, expected_answer, ground_truth, gold, target, reward_model.ground_truth
 *     solution  solution, rationale, reasoning, completion, response, output, generated_solution, messages,
 *               extra_info.solution, extra_info.answer
 *     id        id, idx, index, uuid, unique_id, problem_id, extra_info.index; else the line's number
 *   The first that is there and not empty counts. A prompt may be a list of {role, content} with one message of the user.
 *   GSM8K's own form {question, answer: "work … #### 72"}: the answer is what follows the last ####, and the solution is the
 *   whole work with its closing #### line but without the calculator annotations <<48/2=24>>. Without an answer the solution
 *   gives it: behind its last ####, in its last \\boxed{}, or all of a solution of one short line.
 *   Also read: family, tier, own. Other members are ignored. Numbers are accepted as answer or id. Empty lines are skipped.
 *   Fails   RP_ERR_FORMAT naming file and line: invalid JSON, a missing, empty or wrong-typed member, with the keys that are
 *           there; no problem at all.
 */
rp_status rp_dataset_load(rp_arena *arena, const char *path, rp_dataset *dataset) RP_MUST_CHECK;

/* ---- The micro-world ----------------------------------------------------------------------------------------------
 *
 * A small world of school maths in which everything is generated (docs/world.md). Base model = a pupil who computes within
 * 0..limit and can read a worked LaTeX solution; it never met the concepts of the near and hard families.
 */

typedef enum rp_split { RP_SPLIT_TRAIN, RP_SPLIT_VALIDATION, RP_SPLIT_TEST } rp_split;
typedef enum rp_expert_style { RP_EXPERT_TERSE, RP_EXPERT_CHAIN } rp_expert_style;

typedef struct rp_world_family {
    const char *name, *tier, *help;
    bool in_pretraining, in_rl;
    uint32_t share; /* of the pretraining problems, relative to the other families; 0 = 1 */
} rp_world_family;
size_t rp_world_family_count(void);
const rp_world_family *rp_world_family_at(size_t index);
/* Index, or -1 with the nearest name in rp_last_error. */
int rp_world_family_find(const char *name);

typedef struct rp_world {
    int limit;                    /* N: every number in a problem and its solution lies in 0..limit (20..9999) */
    rp_expert_style expert_style; /* of rp_problem.solution */
    uint64_t families;            /* bit i: family i takes part in mixtures and tiers; 0 = all */
    int operations;               /* of a "calc3" problem, at most 8; 0 = 3 */
} rp_world;

/* The five tiers of families, in the order in which tables show them. */
enum { RP_TIERS = 5 };
extern const char *const rp_tiers[RP_TIERS]; /* easy, medium, near, hard, general */
int rp_tier_of(rp_str name);                 /* -1: none of them */

/* RP_ERR_ARGUMENT when limit or operations are out of range. */
rp_status rp_world_check(const rp_world *world) RP_MUST_CHECK;

/* The bits of a list such as "easy,medium,perim,hard,-meet": families, tiers or "all", from left to right, - takes away. */
rp_status rp_world_select(const char *list, uint64_t *families) RP_MUST_CHECK;
bool rp_world_has(const rp_world *world, size_t family);

/* The split of a question: rp_hash64(question) mod 8 is 0 for test, 1 for validation, 2..7 for train. */
rp_split rp_world_split_of(rp_str question);
const char *rp_split_name(rp_split split); /* "train" "validation" "test" */

/* One random problem of a family, of the given split (decided by the hash of the question, so splits are disjoint).
 *   Fails   RP_ERR_LIMIT when the family has none within the limit; RP_ERR_ARGUMENT for a world out of range. */
rp_status rp_world_problem(const rp_world *world, int family, rp_split split, rp_rng *rng, rp_arena *arena,
                           rp_problem *problem) RP_MUST_CHECK;
/* The same from a family of the tier, each of the world's families with equal probability. */
rp_status rp_world_from_tier(const rp_world *world, const char *tier, rp_split split, rp_rng *rng, rp_arena *arena,
                             rp_problem *problem) RP_MUST_CHECK;
/* `count` distinct problems of a family (fewer when the family has fewer), in an order given by the seed. */
rp_status rp_world_distinct(const rp_world *world, int family, rp_split split, uint64_t seed, size_t count, rp_arena *arena,
                            rp_dataset *dataset) RP_MUST_CHECK;

/* Prompts of the micro-world. {question} and {reference} are filled in. data NULL when memory is exhausted. */
rp_str rp_world_solve_prompt(rp_arena *arena, rp_str question);
rp_str rp_world_rephrase_prompt(rp_arena *arena, rp_str question, rp_str reference);

/* One pretraining example: a prompt and the response to learn (no end token). Mixture of drills, explanations, rephrasings
 * and solutions as docs/world.md states. scored: byte ranges [begin, end) of the response that carry loss (drills: the
 * results only); scored_count 0 = the whole response and the end token. All problems are of the train split. */
typedef struct rp_world_example {
    rp_str prompt, response;
    uint32_t (*scored)[2];
    size_t scored_count;
} rp_world_example;
typedef struct rp_world_mixture { /* drill: percent of all examples; the others share the rest in proportion */
    double drill, explain, rephrase, expert, own;
} rp_world_mixture;
extern const rp_world_mixture rp_world_default_mixture;
rp_status rp_world_pretraining(const rp_world *world, const rp_world_mixture *mixture, rp_rng *rng, rp_arena *arena,
                               rp_world_example *example) RP_MUST_CHECK;
/* Texts to train a tokenizer on: by turns a pretraining example (default mixture) and a rephrasing of one of the world's
 * families, near and hard included, so that every word of every question is seen. */
rp_status rp_world_corpus(const rp_world *world, uint64_t seed, size_t examples, rp_arena *arena, rp_str **texts,
                          size_t *count) RP_MUST_CHECK;

/* Re-evaluates what a response writes, exactly: in every line the expressions that = joins (own steps "Step 1: 12 + 69 = 81",
 * LaTeX chains with \frac, \cdot, \times and parentheses) must have one value. Each = is one statement. False are: sides
 * that differ, a side that is not an expression, a "Step" line without =, and an answer (#### or \boxed) that is not the
 * result of the last statement before it. */
typedef struct rp_soundness {
    int steps;         /* statements checked */
    int false_steps;   /* of these, false; never more than steps */
    bool expert_style; /* contains a box or LaTeX command */
} rp_soundness;
rp_soundness rp_world_soundness(rp_str response);

#endif
