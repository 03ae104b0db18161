/* SPDX-License-Identifier: MIT
 *
 * forward.c — the transformer from token ids to log-probabilities, in reading order.
 *
 * One team of threads walks through the layers together. Everything except attention treats rows independently, so a layer
 * is two loops over tiles of 128 rows (a tile's activations stay in a core's cache from one kernel to the next) and one
 * loop over (sequence, key/value head) between them. Each loop ends with the team waiting for its last member: three times
 * per layer. What follows attention in the last layer is for the scored rows only.
 *
 * backward.c has the same functions in the opposite order.
 */
#include "pass.h"

#include <string.h>

rp_status rp_packed_check(const rp_model *model, const rp_packed *batch) {
    const rp_model_config *config = &model->config;
    if (batch->sequences == 0 || batch->start[0] != 0)
        return rp_fail(RP_ERR_SHAPE, "a packed batch needs at least one sequence, the first of which starts at row 0");
    for (size_t s = 0; s < batch->sequences; s++) {
        if (batch->start[s + 1] <= batch->start[s]) return rp_fail(RP_ERR_SHAPE, "sequence %zu of the batch is empty", s);
        const size_t length = batch->start[s + 1] - batch->start[s];
        if (length > (size_t)config->context)
            return rp_fail(RP_ERR_LIMIT, "sequence %zu of the batch has %zu tokens; the model's context is %d", s, length,
                           config->context);
    }
    const size_t rows = batch->start[batch->sequences];
    for (size_t t = 0; t < rows; t++)
        if (batch->ids[t] < 0 || batch->ids[t] >= config->vocab)
            return rp_fail(RP_ERR_SHAPE, "token id %d at row %zu is outside the vocabulary of %d", (int)batch->ids[t], t,
                           config->vocab);
    for (size_t m = 0; m < batch->scored; m++) {
        if (batch->score[m] >= rows || (m > 0 && batch->score[m] <= batch->score[m - 1]))
            return rp_fail(RP_ERR_SHAPE, "scored row %zu of the batch is not an ascending row number below %zu", m, rows);
        if (batch->target[m] < 0 || batch->target[m] >= config->vocab)
            return rp_fail(RP_ERR_SHAPE, "target %d of scored row %zu is outside the vocabulary of %d",
                           (int)batch->target[m], m, config->vocab);
    }
    return RP_OK;
}

pass rp_pass_begin(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *ws, real *gradient) {
    const size_t rows = batch->start[batch->sequences];
    rp_workspace_check(ws);
    RP_REQUIRE(rows <= ws->rows && batch->scored <= ws->scored && temperature > 0);
    for (size_t s = 0; s < batch->sequences; s++) {
        RP_REQUIRE(batch->start[s + 1] - batch->start[s] <= ws->longest);
        for (uint32_t t = batch->start[s]; t < batch->start[s + 1]; t++) ws->position[t] = t - batch->start[s];
    }
    return (pass){.model = model,
                  .batch = batch,
                  .ws = ws,
                  .w = model->weights,
                  .dw = gradient,
                  .rows = rows,
                  .temperature = (real)temperature,
                  .epsilon = (real)model->config.norm_epsilon};
}

/* Where products are tiled loops: the layer's matrices as panels, once for all its row tiles. */
static void pack_layer(pass *p, size_t l) {
    const model_sizes *s = &p->ws->sizes;
    const layer_offsets *o = &p->ws->offsets.layer[l];
    const struct {
        ptrdiff_t offset;
        size_t out, in;
    } matrices[4] = {{o->qkv, s->QKV, s->C}, {o->output, s->C, s->Q}, {o->gate_up, 2 * s->F, s->C}, {o->down, s->C, s->F}};
    for (size_t i = 0; i < 4; i++) {
        const size_t panels = rp_panel_number(matrices[i].out);
        for (size_t n; rp_team_take(&p->worker, panels, &n);)
            rp_panel_pack(p->ws->panels[i], p->w + matrices[i].offset, matrices[i].in, matrices[i].out, matrices[i].in, n,
                          n + 1);
    }
    rp_team_wait(&p->worker);
}

/* q,k of T rows from row t: RMSNorm per head, keeping the input and 1/rms (Qwen3). */
static void normalise_heads(const pass *p, size_t l, size_t t, size_t T) {
    const model_sizes *s = &p->ws->sizes;
    const layer_offsets *o = &p->ws->offsets.layer[l];
    for (size_t row = t; row < t + T; row++) {
        real *qk = activation_at(p->ws, ACT_QKV, l, row), *raw = activation_at(p->ws, ACT_QK_RAW, l, row);
        real *r = activation_at(p->ws, ACT_QK_R, l, row);
        memcpy(raw, qk, s->QK * sizeof *qk);
        rp_rmsnorm_forward(qk, s->D, r, raw, s->D, p->w + o->q_norm, p->epsilon, s->H, s->D);
        rp_rmsnorm_forward(qk + s->Q, s->D, r + s->H, raw + s->Q, s->D, p->w + o->k_norm, p->epsilon, s->K, s->D);
    }
}

/* a = RMSNorm(h);  q,k,v = a Wqkvᵀ + b;  [norm of q,k];  q,k = RoPE(q,k) */
static void attention_input(const pass *p, size_t l, size_t t, size_t T) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const layer_offsets *o = &ws->offsets.layer[l];
    real *a = activation_at(ws, ACT_A, l, t), *qkv = activation_at(ws, ACT_QKV, l, t);
    rp_rmsnorm_forward(a, s->C, activation_at(ws, ACT_R1, l, t), activation_at(ws, ACT_H, l, t), s->C,
                       p->w + o->attention_norm, p->epsilon, T, s->C);
    rp_linear_forward(qkv, a, p->w + o->qkv, ws->panels[0], o->qkv_bias == ABSENT ? NULL : p->w + o->qkv_bias, T, s->QKV,
                      s->C, false);
    if (o->q_norm != ABSENT) normalise_heads(p, l, t, T);
    rp_rope_forward(qkv, s->QKV, ws->position + t, ws->cosine, ws->sine, T, s->H + s->K, s->D);
}

/* One key/value head of one sequence, with the query heads that share it. */
static void attend(const pass *p, size_t l, size_t sequence, size_t kv) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const size_t t = p->batch->start[sequence], T = p->batch->start[sequence + 1] - t, G = s->H / s->K, D = s->D;
    const real *qkv = activation_at(ws, ACT_QKV, l, t);
    rp_attention_forward(activation_at(ws, ACT_O, l, t) + kv * G * D, s->Q, activation_at(ws, ACT_LSE, l, t) + kv * G, s->H,
                         qkv + kv * G * D, s->QKV, qkv + s->Q + kv * D, qkv + s->QK + kv * D, s->QKV, T, G, D,
                         rp_attention_space(ws));
}

/* h and o of the scored rows m … m+n-1, side by side. */
static void gather_scored(const pass *p, size_t l, size_t m, size_t n) {
    const rp_workspace *ws = p->ws;
    const size_t C = ws->sizes.C, Q = ws->sizes.Q;
    for (size_t i = m; i < m + n; i++) {
        memcpy(activation_at(ws, ACT_H_MID, l, i), activation_at(ws, ACT_H, l, p->batch->score[i]), C * sizeof(real));
        memcpy(ws->read_o + i * Q, activation_at(ws, ACT_O, l, p->batch->score[i]), Q * sizeof(real));
    }
}

/* h += o Woᵀ */
static void attention_output(const pass *p, size_t l, size_t t, size_t T) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    real *h_mid = activation_at(ws, ACT_H_MID, l, t);
    const real *o = is_last(p, l) ? ws->read_o + t * s->Q : activation_at(ws, ACT_O, l, t);
    if (is_last(p, l))
        gather_scored(p, l, t, T);
    else
        memcpy(h_mid, activation_at(ws, ACT_H, l, t), T * s->C * sizeof *h_mid);
    rp_linear_forward(h_mid, o, p->w + ws->offsets.layer[l].output, ws->panels[1], NULL, T, s->C, s->Q, true);
}

/* m = RMSNorm(h);  h += ( silu(m Wgᵀ) ∘ m Wuᵀ ) Wdᵀ */
static void feed_forward(const pass *p, size_t l, size_t t, size_t T) {
    const rp_workspace *ws = p->ws;
    const model_sizes *s = &ws->sizes;
    const layer_offsets *o = &ws->offsets.layer[l];
    real *m = activation_at(ws, ACT_M, l, t), *gu = activation_at(ws, ACT_GU, l, t),
         *gated = activation_at(ws, ACT_S, l, t);
    const real *h_mid = activation_at(ws, ACT_H_MID, l, t);
    real *h_out = is_last(p, l) ? ws->raw + t * s->C : activation_at(ws, ACT_H, l + 1, t);
    rp_rmsnorm_forward(m, s->C, activation_at(ws, ACT_R2, l, t), h_mid, s->C, p->w + o->feed_norm, p->epsilon, T, s->C);
    rp_linear_forward(gu, m, p->w + o->gate_up, ws->panels[2], NULL, T, 2 * s->F, s->C, false);
    rp_swiglu_forward(gated, gu, T, s->F);
    memcpy(h_out, h_mid, T * s->C * sizeof *h_out);
    rp_linear_forward(h_out, gated, p->w + o->down, ws->panels[3], NULL, T, s->C, s->F, true);
}

static void layer_forward(pass *p, size_t l) {
    const size_t heads = p->ws->sizes.K, tasks = p->batch->sequences * heads, tiles = rp_parts(p->rows, TILE_ROWS);
    if (p->ws->panels[0]) pack_layer(p, l);
    for (size_t i; rp_team_take(&p->worker, tiles, &i);)
        attention_input(p, l, i * TILE_ROWS, rp_tile(p->rows, i * TILE_ROWS));
    rp_team_wait(&p->worker);
    for (size_t i; rp_team_take(&p->worker, tasks, &i);) attend(p, l, i / heads, i % heads);
    rp_team_wait(&p->worker);
    const size_t outputs = is_last(p, l) ? p->batch->scored : p->rows;
    for (size_t i; rp_team_take(&p->worker, rp_parts(outputs, TILE_ROWS), &i);) {
        attention_output(p, l, i * TILE_ROWS, rp_tile(outputs, i * TILE_ROWS));
        feed_forward(p, l, i * TILE_ROWS, rp_tile(outputs, i * TILE_ROWS));
    }
    rp_team_wait(&p->worker);
}

void rp_model_forward(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *workspace,
                      real *logp, real *entropy) {
    const pass shared = rp_pass_begin(model, batch, temperature, workspace, NULL);
    const size_t C = workspace->sizes.C, tiles = rp_parts(shared.rows, TILE_ROWS);
    const real *E = shared.w + workspace->offsets.embedding;
    rp_team team = RP_TEAM;
#pragma omp parallel num_threads(workspace->threads)
    {
        pass p = shared;
        p.worker = rp_team_join(&team);
        for (size_t i; rp_team_take(&p.worker, tiles, &i);) {
            const size_t t = i * TILE_ROWS;
            rp_embedding_forward(activation_at(workspace, ACT_H, 0, t), E, batch->ids + t, rp_tile(p.rows, t), C);
        }
        rp_team_wait(&p.worker);
        for (size_t l = 0; l < workspace->sizes.L; l++) layer_forward(&p, l);
        rp_head_forward(&p, logp, entropy);
    }
    workspace->logits_kept = batch->scored <= workspace->chunk;
}
