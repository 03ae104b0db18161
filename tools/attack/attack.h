/* SPDX-License-Identifier: MIT
 *
 * attack.h — the search for answers that are worth more than one gold: golds, material, judge.
 */
#ifndef REPHRASE_TOOLS_ATTACK_H
#define REPHRASE_TOOLS_ATTACK_H

#include <rephrase/base.h>
#include <rephrase/verify.h>

enum { ANSWER_MAX = 600 }; /* bytes of a generated answer */

/* ---- Golds (pool.c) ---------------------------------------------------------------------------------------------- */

typedef struct pool {
    rp_str *golds;
    size_t count;
    size_t *start, kinds; /* golds are sorted by kind; kind k is golds[start[k]] … golds[start[k + 1] - 1] */
} pool;

/* Reads {"gold": …} lines, drops repetitions and golds that do not equal themselves, sorts by kind (what the text is made of).
 */
rp_status pool_load(rp_arena *arena, rp_arena *scratch, const char *path, pool *p);
/* One gold: a kind by chance, then one of it, so that rare kinds are asked as often as plain numbers. */
rp_str pool_pick(const pool *p, rp_rng *rng);
/* A gold of the same kind as golds[i]; or golds[i] with one digit or letter changed. */
rp_str pool_neighbour(rp_arena *arena, const pool *p, rp_str gold, rp_rng *rng);

/* ---- Material (grow.c) ------------------------------------------------------------------------------------------- */

enum { SCORE_KEPT = 512 };

typedef struct grown {
    char text[ANSWER_MAX / 2 + 1];
    size_t length;
    double score;
} grown;

typedef struct garden { /* the answers that got furthest; new ones are made of them */
    grown kept[SCORE_KEPT];
    size_t count;
} garden;

typedef struct pair_form { /* an answer made of two golds: %1 and %2 stand for them */
    const char *text;
    bool is_response;
} pair_form;

extern const pair_form pair_forms[];
extern const size_t pair_form_count;

/* A bare answer: a known trap, a random composition, or a change of one of the garden's. */
rp_str grow_answer(rp_arena *arena, const garden *g, const pool *p, rp_rng *rng);
/* … in a response; `*is_response` says whether it was put into one. */
rp_str grow_response(rp_arena *arena, rp_str answer, rp_rng *rng, bool *is_response);
rp_str fill_pair(rp_arena *arena, const char *form, rp_str first, rp_str second);
void garden_keep(garden *g, rp_rng *rng, rp_str text, double score);

/* ---- Judge (judge.c) --------------------------------------------------------------------------------------------- */

typedef struct tally {
    uint64_t answers, pairs, equal, budget, excused, asymmetric;
} tally;

typedef struct asked {
    rp_arena *scratch;
    tally *tally;
    rp_verify_options options;
} asked;

rp_verdict ask(asked *a, rp_str gold, rp_str text, bool is_response);
bool is_equal(asked *a, rp_str gold, rp_str text, bool is_response);
/* Both golds equal this answer. Is that a fault? Not when they equal each other, and not when a named policy of the gold
 * (a missing unit, name, bracket, choice text) explains it. */
bool is_fault(asked *a, rp_arena *arena, rp_str first, rp_str second, rp_str text, bool is_response);
/* How far an answer got against a gold: 0 not understood … 9 equal by belief. */
double progress(const rp_verdict *v);

#endif
