/* SPDX-License-Identifier: MIT
 *
 * backward.c — forward.c read from the last line to the first.
 *
 * Per layer: one loop over row tiles takes the gradient from the layer's output back to the attention output, one loop over
 * (sequence, key/value head) takes it through attention, a second loop over row tiles takes it to the layer's input. What
 * the weights receive is summed over all rows of the batch; so it waits for the rows and then goes over tiles of the
 * weights, each summed by one thread in one order. Normalised inputs and the gated product are computed again beside their
 * gradients.
 *
 * All loops go over the rows that a gradient reaches (live.c), in tiles or in runs; in the last layer, behind attention, over the
 * scored ones.
 */
#include "pass.h"

#include <string.h>

enum { WEIGHT_ROWS = 128, WEIGHT_COLUMNS = 64 };

static row_list live_rows(const pass *p) {
    return (row_list){p->ws->tiles, p->tiles};
}

/* Those of what follows attention. */
static row_list output_rows(const pass *p, size_t l) {
    return is_last(p, l) ? (row_list){p->ws->score_tiles, p->score_tiles} : live_rows(p);
}

/* Where they lie: the gradient of the residual stream behind attention, and that of its output, from row t. */
static real *dh_mid_of(const pass *p, size_t l, size_t t) {
    return is_last(p, l) ? p->ws->read_dh_mid + t * p->ws->sizes.C : activation_at(p->ws, ACT_DH_MID, l, t);
}
static real *do_of(const pass *p, size_t l, size_t t) {
    return is_last(p, l) ? p->ws->read_do + t * p->ws->sizes.Q : activation_at(p->ws, ACT_DO, l, t);
}

/* From the scored rows back to all: the others have no gradient behind attention. */
static void scatter_scored(pass *p) {
    const rp_workspace *ws = p->ws;
    const size_t C = ws->sizes.C, Q = ws->sizes.Q, l = ws->sizes.L - 1;
    for (size_t i; rp_team_take(&p->worker, p->tiles, &i);) {
        const size_t t = ws->tiles[i].first, T = ws->tiles[i].count;
        memset(activation_at(ws, ACT_DH_MID, l, t), 0, T * C * sizeof(real));
        memset(activation_at(ws, ACT_DO, l, t), 0, T * Q * sizeof(real));
    }
    rp_team_wait(&p->worker);
    for (size_t i; rp_team_take(&p->worker, p->score_tiles, &i);)
        for (size_t m = ws->score_tiles[i].first; m < ws->score_tiles[i].first + ws->score_tiles[i].count; m++) {
            memcpy(activation_at(ws, ACT_DH_MID, l, p->batch->score[m]), ws->read_dh_mid + m * C, C * sizeof(real));
            memcpy(activation_at(ws, ACT_DO, l, p->batch->score[m]), ws->read_do + m * Q, Q * sizeof(real));
        }
    rp_team_wait(&p->worker);
}

/* h_out = h_mid + s Wdᵀ, s = silu(g) ∘ u, (g,u) = m Wguᵀ, m = RMSNorm(h_mid) — and h_mid = h + o Woᵀ */
static void feed_forward_backward(const pass *p, size_t l, size_t t, size_t T, const real *dh) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const layer_offsets *o = &ws->offsets.layer[l];
    const real *gu = activation_at(ws, ACT_GU, l, t), *h_mid = activation_at(ws, ACT_H_MID, l, t);
    const real *r = activation_at(ws, ACT_R2, l, t), *norm = p->w + o->feed_norm;
    real *ds = activation_at(ws, ACT_DS, l, t), *dgu = activation_at(ws, ACT_DGU, l, t);
    real *dm = activation_at(ws, ACT_DM, l, t), *dh_mid = dh_mid_of(p, l, t);
    rp_linear_backward_input(ds, dh + t * s->C, p->w + o->down, T, s->C, s->F);
    rp_swiglu_backward(dgu, activation_at(ws, ACT_S, l, t), ds, gu, T, s->F);
    rp_linear_backward_input(dm, dgu, p->w + o->gate_up, T, 2 * s->F, s->C);
    rp_rmsnorm_backward(dh_mid, dh + t * s->C, s->C, activation_at(ws, ACT_M, l, t), dm, s->C, h_mid, s->C, norm, r, T,
                        s->C);
    rp_linear_backward_input(do_of(p, l, t), dh_mid, p->w + o->output, T, s->C, s->Q);
}

/* One key/value head of one sequence, with the query heads that share it. */
static void attend_backward(const pass *p, size_t l, size_t sequence, size_t kv) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const size_t t = p->batch->start[sequence], T = p->batch->start[sequence + 1] - t, G = s->H / s->K, D = s->D;
    const size_t q = kv * G * D, k = s->Q + kv * D, v = s->QK + kv * D;
    const real *qkv = activation_at(ws, ACT_QKV, l, t);
    real *dqkv = activation_at(ws, ACT_DQKV, l, t);
    for (size_t row = 0; row < T; row++) { /* attention adds */
        memset(dqkv + row * s->QKV + q, 0, G * D * sizeof *dqkv);
        memset(dqkv + row * s->QKV + k, 0, D * sizeof *dqkv);
        memset(dqkv + row * s->QKV + v, 0, D * sizeof *dqkv);
    }
    rp_attention_backward(dqkv + q, dqkv + k, dqkv + v, s->QKV, activation_at(ws, ACT_DO, l, t) + q, s->Q,
                          activation_at(ws, ACT_O, l, t) + q, s->Q, activation_at(ws, ACT_LSE, l, t) + kv * G, s->H,
                          qkv + q, s->QKV, qkv + k, qkv + v, s->QKV, T, G, D, rp_attention_space(ws));
}

/* The gradient at normalised q,k moves to its own buffer (the norm's weight needs it later); dqkv receives the one before.
 */
static void normalise_heads_backward(const pass *p, size_t l, size_t t, size_t T) {
    const model_sizes *s = &p->ws->sizes;
    const layer_offsets *o = &p->ws->offsets.layer[l];
    for (size_t row = t; row < t + T; row++) {
        real *dqkv = activation_at(p->ws, ACT_DQKV, l, row), *dqk = activation_at(p->ws, ACT_DQK, l, row);
        const real *raw = activation_at(p->ws, ACT_QK_RAW, l, row), *r = activation_at(p->ws, ACT_QK_R, l, row);
        memcpy(dqk, dqkv, s->QK * sizeof *dqk);
        memset(dqkv, 0, s->QK * sizeof *dqkv);
        real *dk = dqkv + s->Q;
        rp_rmsnorm_backward(dqkv, dqkv, s->D, NULL, dqk, s->D, raw, s->D, p->w + o->q_norm, r, s->H, s->D);
        rp_rmsnorm_backward(dk, dk, s->D, NULL, dqk + s->Q, s->D, raw + s->Q, s->D, p->w + o->k_norm, r + s->H, s->K, s->D);
    }
}

/* q,k,v = a Wqkvᵀ + b, a = RMSNorm(h); writes dh_in */
static void attention_input_backward(const pass *p, size_t l, size_t t, size_t T, real *dh_in) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const layer_offsets *o = &ws->offsets.layer[l];
    const real *h = activation_at(ws, ACT_H, l, t), *norm = p->w + o->attention_norm;
    real *dqkv = activation_at(ws, ACT_DQKV, l, t), *da = activation_at(ws, ACT_DA, l, t);
    rp_rope_backward(dqkv, s->QKV, ws->position + t, ws->cosine, ws->sine, T, s->H + s->K, s->D);
    if (o->q_norm != ABSENT) normalise_heads_backward(p, l, t, T);
    rp_linear_backward_input(da, dqkv, p->w + o->qkv, T, s->QKV, s->C);
    rp_rmsnorm_backward(dh_in + t * s->C, activation_at(ws, ACT_DH_MID, l, t), s->C, activation_at(ws, ACT_A, l, t), da,
                        s->C, h, s->C, norm, activation_at(ws, ACT_R1, l, t), T, s->C);
}

/* dW += dyᵀ x for the four matrices of a layer, in tiles of rows of W. */
static void matrices_backward(pass *p, size_t l, const real *dh) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const layer_offsets *o = &ws->offsets.layer[l];
    const real *attended = is_last(p, l) ? ws->read_o : activation_at(ws, ACT_O, l, 0);
    const row_list behind = output_rows(p, l);
    const struct {
        ptrdiff_t weight, bias;
        const real *dy, *x;
        size_t out, in;
        row_list rows;
    } matrices[4] = {
        {o->gate_up, ABSENT, activation_at(ws, ACT_DGU, l, 0), activation_at(ws, ACT_M, l, 0), 2 * s->F, s->C, behind},
        {o->down, ABSENT, dh, activation_at(ws, ACT_S, l, 0), s->C, s->F, behind},
        {o->qkv, o->qkv_bias, activation_at(ws, ACT_DQKV, l, 0), activation_at(ws, ACT_A, l, 0), s->QKV, s->C, live_rows(p)},
        {o->output, ABSENT, dh_mid_of(p, l, 0), attended, s->C, s->Q, behind},
    };
    for (size_t i = 0; i < 4; i++) {
        const size_t out = matrices[i].out;
        for (size_t part; rp_team_take(&p->worker, rp_parts(out, WEIGHT_ROWS), &part);) {
            const size_t first = part * WEIGHT_ROWS, last = first + WEIGHT_ROWS < out ? first + WEIGHT_ROWS : out;
            real *dbias = matrices[i].bias == ABSENT ? NULL : p->dw + matrices[i].bias;
            for (size_t tile = 0; tile < matrices[i].rows.count;) {
                const row_tile run = rp_next_run(matrices[i].rows, &tile);
                rp_linear_backward_weight(p->dw + matrices[i].weight, dbias, matrices[i].dy + run.first * out,
                                          matrices[i].x + run.first * matrices[i].in, run.count, out, matrices[i].in, first,
                                          last);
            }
        }
    }
}

/* dw of one norm over `width` values, for the columns first … last-1. Rows are ld values apart, their r's ldr. */
static void norm_backward(row_list rows, real *dw, const real *dy, const real *x, size_t ld, const real *r, size_t ldr,
                          size_t first, size_t last) {
    for (size_t tile = 0; tile < rows.count;) {
        const row_tile run = rp_next_run(rows, &tile);
        rp_rmsnorm_backward_weight(dw, dy + run.first * ld, ld, x + run.first * ld, ld, r + run.first * ldr, ldr, run.count,
                                   first, last);
    }
}

static void norms_backward(pass *p, size_t l) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const layer_offsets *o = &ws->offsets.layer[l];
    for (size_t part; rp_team_take(&p->worker, rp_parts(s->C, WEIGHT_COLUMNS), &part);) {
        const size_t c = part * WEIGHT_COLUMNS, last = c + WEIGHT_COLUMNS < s->C ? c + WEIGHT_COLUMNS : s->C;
        norm_backward(output_rows(p, l), p->dw + o->feed_norm, activation_at(ws, ACT_DM, l, 0),
                      activation_at(ws, ACT_H_MID, l, 0), s->C, activation_at(ws, ACT_R2, l, 0), 1, c, last);
        norm_backward(live_rows(p), p->dw + o->attention_norm, activation_at(ws, ACT_DA, l, 0),
                      activation_at(ws, ACT_H, l, 0), s->C, activation_at(ws, ACT_R1, l, 0), 1, c, last);
    }
    if (o->q_norm == ABSENT) return;
    const size_t heads = s->H + s->K;
    for (size_t half; rp_team_take(&p->worker, 2, &half);) /* queries' norm, keys' norm: heads in order */
        for (size_t head = half ? s->H : 0; head < (half ? heads : s->H); head++)
            norm_backward(live_rows(p), p->dw + (half ? o->k_norm : o->q_norm), activation_at(ws, ACT_DQK, l, 0) + head * s->D,
                          activation_at(ws, ACT_QK_RAW, l, 0) + head * s->D, s->QK, activation_at(ws, ACT_QK_R, l, 0) + head,
                          heads, 0, s->D);
}

static void layer_backward(pass *p, size_t l, const real *dh, real *dh_in) {
    const size_t kv_heads = p->ws->sizes.K, tasks = p->sequences * kv_heads;
    const row_tile *tiles = p->ws->tiles;
    const row_list behind = output_rows(p, l);
    for (size_t i; rp_team_take(&p->worker, behind.count, &i);)
        feed_forward_backward(p, l, behind.tiles[i].first, behind.tiles[i].count, dh);
    rp_team_wait(&p->worker);
    if (is_last(p, l)) scatter_scored(p);
    for (size_t i; rp_team_take(&p->worker, tasks, &i);)
        attend_backward(p, l, p->ws->sequence[i / kv_heads], i % kv_heads);
    rp_team_wait(&p->worker);
    for (size_t i; rp_team_take(&p->worker, p->tiles, &i);)
        attention_input_backward(p, l, tiles[i].first, tiles[i].count, dh_in);
    rp_team_wait(&p->worker);
    matrices_backward(p, l, dh);
    norms_backward(p, l);
    rp_team_wait(&p->worker);
}

/* What the first layer's input received goes to the embedding. */
static void embedding_backward(pass *p, const real *dh) {
    const size_t C = p->ws->sizes.C;
    real *dE = p->dw + p->ws->offsets.embedding;
    for (size_t part; rp_team_take(&p->worker, rp_parts(C, WEIGHT_COLUMNS), &part);) {
        const size_t c = part * WEIGHT_COLUMNS, last = c + WEIGHT_COLUMNS < C ? c + WEIGHT_COLUMNS : C;
        for (size_t i = 0; i < p->tiles; i++) {
            const row_tile tile = p->ws->tiles[i];
            rp_embedding_backward(dE, dh + tile.first * C, p->batch->ids + tile.first, tile.count, C, c, last);
        }
    }
}

void rp_model_backward(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *workspace,
                       const real *dlogp, const real *dentropy, real *gradient) {
    RP_REQUIRE(workspace->keep);
    pass shared = rp_pass_begin(model, batch, temperature, workspace, gradient);
    rp_find_live(&shared, dlogp, dentropy);
    rp_team team = RP_TEAM;
#pragma omp parallel num_threads(workspace->threads)
    {
        pass p = shared;
        p.worker = rp_team_join(&team);
        real *dh = activation_at(workspace, ACT_DH, 0, 0), *dh_in = activation_at(workspace, ACT_DH_IN, 0, 0);
        rp_head_backward(&p, dlogp, dentropy, dh);
        for (size_t l = workspace->sizes.L; l-- > 0;) {
            layer_backward(&p, l, dh, dh_in);
            real *finished = dh; /* what was the input's gradient is the output's of the layer before */
            dh = dh_in;
            dh_in = finished;
        }
        embedding_backward(&p, dh);
    }
    workspace->logits_kept = false; /* the buffer holds gradients now */
}
