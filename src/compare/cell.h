/* SPDX-License-Identifier: MIT
 *
 * cell.h — private to this layer: one cell of a comparison, and what is made of the cells.
 */
#ifndef REPHRASE_COMPARE_CELL_H
#define REPHRASE_COMPARE_CELL_H

#include <rephrase/compare.h>

typedef struct rp_cell {
    const rp_compared *row;
    int64_t pretrain_seed, seed;
    const char *rate;      /* of the sweep; NULL otherwise */
    const char *directory; /* where it is written */
    const char *place;     /* the same, relative to the comparison */
    const char *failure;   /* NULL = none */
} rp_cell;

/* What is known of an answer to a held-out question. */
typedef enum rp_sign {
    RP_SIGN_STRICT,   /* right, and no false equation written */
    RP_SIGN_ANSWER,   /* right */
    RP_SIGN_SOUND,    /* equations were written and none is false */
    RP_SIGN_EXPERT,   /* written in the expert's style */
    RP_SIGN_REPHRASE, /* right and no false equation when the expert's solution may be read */
    RP_SIGNS
} rp_sign;
extern const char *const rp_sign_names[RP_SIGNS];

static inline void rp_put_number(rp_json_writer *w, const char *key, double value) {
    rp_json_put_key(w, key);
    rp_json_put_double(w, value);
}

/* Finds or pretrains the base of a seed. */
rp_status rp_cell_base(const rp_comparison *comparison, int64_t seed, rp_event_function *on_event, void *context,
                       rp_arena *arena, const char **base) RP_MUST_CHECK;
rp_status rp_cell_recipe(const rp_comparison *comparison, const rp_cell *cell, rp_arena *arena,
                         rp_recipe *recipe) RP_MUST_CHECK;
/* Has it a result? One that was made with another recipe is an error. */
rp_status rp_cell_finished(const rp_comparison *comparison, const rp_cell *cell, bool *finished) RP_MUST_CHECK;
/* Runs or continues a cell. */
rp_status rp_cell_run(const rp_comparison *comparison, const rp_cell *cell, const char *base, rp_event_function *on_event,
                      void *context) RP_MUST_CHECK;

/* compare.json from the results of the cells that exist; rows of the table in the order of the comparison. */
rp_status rp_compare_table(rp_arena *arena, const rp_comparison *comparison, const rp_cell *cells, size_t count,
                           const char *commit, rp_buffer *json) RP_MUST_CHECK;
/* One line for each of the cells that both files hold, `made` and `kept`: the same to the bit or not. Other bits are
 * RP_ERR_NUMERIC; no cell in common is RP_ERR_ARGUMENT. */
rp_status rp_compare_against(rp_arena *arena, const char *made, const char *kept, const rp_cell *cells, size_t count,
                             rp_buffer *out) RP_MUST_CHECK;
/* The mean accuracy over the tiers of a cell's result, for the sweep. */
rp_status rp_compare_score(rp_arena *arena, const char *result, double *score, double tiers[RP_TIERS]) RP_MUST_CHECK;

#endif
