/* SPDX-License-Identifier: MIT
 *
 * decode.h — what the files of generation share: the repacked weights, the cache of keys and values, one step, one choice.
 */
#ifndef REPHRASE_MODEL_DECODE_H
#define REPHRASE_MODEL_DECODE_H

#include "pass.h"

/* ---- Repacked weights (decode.c)
 * ---------------------------------------------------------------------------------------------- */

/* Panels of real or of rp_bf16, as the decoder's rounding says. */
typedef struct layer_panels {
    void *qkv, *output, *gate, *up, *down;
} layer_panels;

struct rp_decoder {
    rp_model_config config;
    model_sizes sizes;
    model_offsets offsets;
    const real *weights; /* embedding, norms, biases are read from the model itself */
    rp_rounding rounding;
    layer_panels *layer; /* (L) */
    void *head;
};

/* ---- Keys and values (cache.c)
 * ---------------------------------------------------------------------------------------------------
 *
 * A pool of pages, each holding RP_PAGE positions of every layer and key/value head. Sequences own lists of page numbers;
 * a page may belong to several sequences, which share a prompt, and returns to the pool when the last of them lets go.
 */
typedef struct page_pool {
    real *data;
    size_t leaf, stride;  /* values of one (layer, head) in a page, of a page */
    uint32_t pages, free; /* in all, unused */
    uint32_t *free_list;  /* (pages) */
    uint32_t *owners;     /* (pages) */
} page_pool;

size_t rp_page_bytes(const model_sizes *sizes);
static inline size_t pages_for(size_t positions) {
    return (positions + RP_PAGE - 1) / RP_PAGE;
}
rp_status rp_pool_create(rp_arena *arena, const model_sizes *sizes, size_t pages, page_pool *pool) RP_MUST_CHECK;
uint32_t rp_pool_take(page_pool *pool); /* with one owner; there must be a free one */
void rp_pool_share(page_pool *pool, uint32_t page);
void rp_pool_drop(page_pool *pool, uint32_t page);
void rp_pool_copy(page_pool *pool, uint32_t to, uint32_t from);
/* What is true of a pool: every page is free, once in the list and without owner, or has owners. A breach is a bug and aborts. */
void rp_pool_check(const page_pool *pool);

/* ---- One step (decode.c)
 * -------------------------------------------------------------------------------------------------------------- */

/* Consecutive positions of one sequence to run through the model: one when decoding, many when reading a prompt. */
typedef struct decode_run {
    const uint32_t *pages; /* of the sequence, from position 0 on */
    const int32_t *ids;    /* (count) */
    size_t position, count;
    bool logits; /* of every position in the run */
} decode_run;

/* Buffers for steps of up to `rows` positions, `outputs` of them with logits, in sequences of up to `longest` positions. */
typedef struct decode_state {
    page_pool pool;
    size_t rows, outputs, longest;
    int threads;
    real *h, *a, *qkv, *o, *s, *logits, *cosine, *sine;
    uint32_t *position, *run_row, *output_row; /* row → position, run → first row, output → row */
    real *scratch;                             /* (threads, scratch_size) */
    size_t scratch_size;
} decode_state;

static inline real *rp_decode_scratch(const decode_state *state) {
    return state->scratch + rp_thread_index() * state->scratch_size;
}
rp_status rp_decode_state_create(rp_arena *arena, const rp_decoder *decoder, size_t rows, size_t outputs, size_t longest,
                                 size_t pages, decode_state *state) RP_MUST_CHECK;
/* Runs the positions, stores their keys and values, leaves the logits (in the order of the runs) in state->logits. */
void rp_decode_step(const rp_decoder *decoder, decode_state *state, const decode_run *runs, size_t count);

/* ---- One choice (sample.c)
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct choice {
    int32_t id;
    real logp, logp_1;
    real max, scale; /* log p_j = (z_j - max)·scale - log_sum */
    double log_sum;
    bool finite; /* false: the logits hold a NaN or an infinity, the rest means nothing */
} choice;

/* The choice of a uniform number u in [0, 1): the first token whose running sum of probabilities exceeds u. The sum walks the
 * tokens by id where no filter is on, by falling probability otherwise. scratch: rp_choose_scratch(V) values; logits (V) are
 * left alone. */
size_t rp_choose_scratch(size_t V);
choice rp_choose(const real *logits, size_t V, const rp_sampling *sampling, double u, real *scratch);
/* The K <= V likeliest ids by falling probability (the lower id among equals) and their log-probabilities, under the
 * distribution of a choice that was made from these logits. */
void rp_likeliest(const real *logits, size_t V, const choice *made, size_t K, int32_t *ids, real *logp);

#endif
