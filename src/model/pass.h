/* SPDX-License-Identifier: MIT
 *
 * pass.h — what the files of a training pass share: where a layer's weights lie, the activation table, the workspace.
 */
#ifndef REPHRASE_MODEL_PASS_H
#define REPHRASE_MODEL_PASS_H

#include "team.h"

#include <rephrase/kernels.h>
#include <rephrase/model.h>

#ifdef _OPENMP
#include <omp.h>
static inline size_t rp_thread_index(void) {
    return (size_t)omp_get_thread_num();
}
#else
static inline size_t rp_thread_index(void) {
    return 0;
}
#endif

/* ---- Where things lie
 * ------------------------------------------------------------------------------------------------------- */

enum { ABSENT = -1 };

/* Offsets into the block of weights (and of gradients): one row per layer. q, k, v and gate, up are adjacent in the table
 * of parameters, so the first one's offset is that of the fused matrix. */
typedef struct layer_offsets {
    ptrdiff_t attention_norm, qkv, qkv_bias, q_norm, k_norm, output, feed_norm, gate_up, down;
} layer_offsets;

typedef struct model_offsets {
    ptrdiff_t embedding, final_norm, head; /* head = embedding when tied */
    layer_offsets *layer;                  /* (L) */
} model_offsets;

/* The letters of the shapes, as sizes. */
typedef struct model_sizes {
    size_t L, C, H, K, D, F, V;
    size_t Q;   /* H D: width of all queries, and of the attention output */
    size_t QK;  /* (H+K) D */
    size_t QKV; /* (H+2K) D */
} model_sizes;

model_sizes rp_sizes_of(const rp_model_config *config);
rp_rope rp_rope_of(const rp_model_config *config);
rp_status rp_offsets_find(rp_arena *arena, const rp_model *model, model_offsets *offsets) RP_MUST_CHECK;

/* The table of parameters without the weights: loading checks a file's shapes before it allocates them. */
rp_status rp_model_describe(rp_arena *arena, const rp_model_config *config, rp_model **model) RP_MUST_CHECK;

/* ---- Activations
 * -------------------------------------------------------------------------------------------------------------- */

typedef enum activation_name {
    /* kept for backward, one per layer */
    ACT_H,      /* (N,C) residual stream at the layer's input */
    ACT_R1,     /* (N) 1/rms of the attention norm */
    ACT_QK_RAW, /* (N,QK) queries and keys before their norm; only with qk_norm */
    ACT_QK_R,   /* (N,H+K) 1/rms of each; only with qk_norm */
    ACT_QKV,    /* (N,QKV) rotated queries and keys, values */
    ACT_O,      /* (N,Q) attention output */
    ACT_LSE,    /* (N,H) log-sum-exp of the scores */
    ACT_H_MID,  /* (N,C) residual stream between the two halves; what follows attention in the last layer lies in rows 0 … M-1 */
    ACT_R2,     /* (N) 1/rms of the feed-forward norm */
    ACT_GU,     /* (N,2F) gate and up */
    /* computed again in backward, one for all layers */
    ACT_A, /* (N,C) input of the attention half after its norm */
    ACT_M, /* (N,C) input of the feed-forward half after its norm */
    ACT_S, /* (N,F) silu(gate) ∘ up */
    /* gradients, one for all layers */
    ACT_DH,
    ACT_DH_MID,
    ACT_DH_IN, /* (N,C) with respect to the layer's output, middle and input */
    ACT_DS,    /* (N,F) */
    ACT_DGU,   /* (N,2F) */
    ACT_DM,
    ACT_DA,   /* (N,C) */
    ACT_DO,   /* (N,Q) */
    ACT_DQKV, /* (N,QKV) */
    ACT_DQK,  /* (N,QK) with respect to normalised queries and keys; only with qk_norm */
    ACTIVATIONS
} activation_name;

typedef struct activation {
    real *data;
    size_t width;        /* values per row; 0 = not needed */
    size_t layer_stride; /* 0 when all layers share the buffer */
} activation;

/* Rows first … first+count-1, at most TILE_ROWS of them. */
typedef struct row_tile {
    uint32_t first, count;
} row_tile;

struct rp_workspace {
    model_sizes sizes;
    model_offsets offsets;
    size_t rows, scored, longest; /* capacities */
    bool keep;
    int threads; /* of the parallel regions: scratch exists for this many */
    activation activations[ACTIVATIONS];
    uint32_t *position;  /* (N) within its sequence */
    real *cosine, *sine; /* (longest, D/2) */
    real *attention;     /* (threads, rp_attention_scratch(longest)) */
    real *panels[4];     /* the layer's matrices as panels, where products are tiled; else NULL */
    /* last layer: attention output at the scored rows, gradients of it and of the residual stream behind it */
    real *read_o, *read_do, *read_dh_mid; /* (M,Q), (M,Q), (M,C) */
    /* head */
    real *raw, *hidden, *dhidden; /* (M,C) the last layer's output before and after the norm; gradient of hidden */
    real *final_r;                /* (M) */
    rp_logit_row *logit_rows;     /* (M) */
    real *logits;                 /* (chunk, V) */
    size_t chunk;                 /* rows of logits at a time */
    bool logits_kept;             /* all M rows fitted: backward need not compute them again */
    /* backward: what a gradient reaches (live.c) */
    row_tile *tiles, *score_tiles; /* of rows, of scored rows */
    uint32_t *sequence;            /* numbers of the sequences */
};

/* What is true of a workspace between two passes; a breach is a bug and aborts. */
void rp_workspace_check(const rp_workspace *workspace);

/* The calling thread's scratch for attention. */
static inline real *rp_attention_space(const rp_workspace *ws) {
    return ws->attention + rp_thread_index() * rp_attention_scratch(ws->longest, ws->sizes.D);
}

/* Row tiles are the units of work; their size never depends on the threads. */
enum { TILE_ROWS = 128 };
static inline size_t rp_tile(size_t rows, size_t first) {
    return rows - first < TILE_ROWS ? rows - first : TILE_ROWS;
}

/* Parts of size `part` that n things make, the last one smaller. */
static inline size_t rp_parts(size_t n, size_t part) {
    return (n + part - 1) / part;
}

static inline real *activation_at(const rp_workspace *ws, activation_name name, size_t layer, size_t row) {
    const activation *a = &ws->activations[name];
    return a->data + layer * a->layer_stride + row * a->width;
}

/* One pass over one batch: what the functions of forward.c, head.c and backward.c hand to each other. Each thread has its own
 * copy, which differs in `worker` only. */
typedef struct pass {
    const rp_model *model;
    const rp_packed *batch;
    rp_workspace *ws;
    const real *w; /* weights */
    real *dw;      /* gradient; NULL in forward */
    size_t rows;   /* N */
    real temperature, epsilon;
    /* backward only: entries of ws->tiles, ws->score_tiles and ws->sequence */
    size_t tiles, score_tiles, sequences;
    rp_worker worker;
} pass;

/* The head reads the last layer's output at the scored rows and nowhere else, and other positions see a position only through
 * its keys and values. So what follows attention in the last layer is computed for the scored rows, side by side: 40 % of all
 * in pretraining on the micro-world. */
static inline bool is_last(const pass *p, size_t l) {
    return l + 1 == p->ws->sizes.L;
}

pass rp_pass_begin(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *ws, real *gradient);

/* ---- What a gradient reaches (live.c)
 * ----------------------------------------------------------------------------------------- */

/* Lists the sequences with a scored row whose dlogp or dentropy is not zero, their rows and their scored rows as tiles. */
void rp_find_live(pass *p, const real *dlogp, const real *dentropy);
typedef struct row_list {
    const row_tile *tiles;
    size_t count;
} row_list;
/* The rows from tile *i on that follow each other without a gap; *i moves behind them. For sums over rows. */
row_tile rp_next_run(row_list list, size_t *i);

/* Inside a parallel region, by all threads; each returns when all are done. */
void rp_head_forward(pass *p, real *logp, real *entropy);
/* dh (M,C) receives the gradient at the last layer's output, at the scored rows. */
void rp_head_backward(pass *p, const real *dlogp, const real *dentropy, real *dh);

#endif
