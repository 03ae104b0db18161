/* SPDX-License-Identifier: MIT
 *
 * families.h — the rows of the micro-world: what a family asks, in which words, and by which plan it is solved.
 *
 * A family has one or more templates, chosen with equal probability. A template is three texts:
 *
 *   question   words with places to fill:
 *                {a}        the value of slot a (a-z)
 *                {N} {M}    two different names;  {T}  a kind of thing;  each the same wherever it is repeated
 *                {x|y|z}    one of these words
 *                {=}        the whole tree, written as 10 + 34 + (7 + 3)
 *   slots      how the values are found, items separated by spaces, in order:
 *                a:1..N/2   drawn uniformly from a range whose ends are expressions of N and earlier slots (rounded down)
 *                c=a+b      computed
 *                ?a-b-1     must be valid (an integer in 0..N): the way to demand a > b
 *   plan       the expression that answers the question, e.g. "(a+b)/3"; "@" stands for a random tree of
 *              the world's number of operations (3), "@2" for one of two
 *
 * Every slot and every node of the plan must lie in 0..N, else everything is drawn again: problems are uniform over the
 * valid values of a template.
 *
 * The tier says how far a family is from what the base model has met:
 *   easy     one operation, stated in the question; in pretraining and in RL
 *   medium   two or three operations, stated in the question; in pretraining and in RL
 *   general  other skills; in pretraining, never in RL: what RL may cost
 *   near     a concept never met in pretraining whose plan has at most two operations: guessable
 *   hard     a concept never met in pretraining whose plan has three or more operations, not written in the question
 */
#ifndef REPHRASE_TASKS_FAMILIES_H
#define REPHRASE_TASKS_FAMILIES_H

#include <rephrase/tasks.h>

typedef struct family_template {
    const char *question, *slots, *plan;
} family_template;

enum { FAMILY_MAX_TEMPLATES = 8 };

typedef struct family_row {
    rp_world_family head;
    family_template templates[FAMILY_MAX_TEMPLATES + 1]; /* ends with question NULL */
} family_row;

/* families_known.c: what the base model learns. families_new.c: what it never meets before RL. */
extern const family_row rp_families_known[];
extern const size_t rp_families_known_count;
extern const family_row rp_families_new[];
extern const size_t rp_families_new_count;

/* The most operations in a plan of the world's families. world.c */
int rp_world_longest_plan(const rp_world *world);
/* Appends one word (letters only) of a random question of the world's families: the material of word soup. world.c */
void rp_world_word(const rp_world *world, rp_rng *rng, rp_buffer *out);

#endif
