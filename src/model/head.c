/* SPDX-License-Identifier: MIT
 *
 * head.c — from the last residual rows to log-probabilities and entropies, and back; scored rows only.
 *
 * The logits are the widest thing in the model: M × V. They exist for one chunk of rows at a time. A batch that fits a
 * single chunk keeps them for backward; a longer one computes each chunk's logits once more there. Within a chunk, tasks
 * are tiles of 512 rows by 512 tokens of the vocabulary for the logits, tiles of rows for what follows.
 */
#include "pass.h"

#include <string.h>

enum { HEAD_ROWS = 512, HEAD_COLUMNS = 512, LOSS_ROWS = 8, GRADIENT_COLUMNS = 128, NORM_COLUMNS = 64 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* logits (n,V) of scored rows m … m+n-1 */
static void logits_of(pass *p, size_t m, size_t n, real *logits) {
    const rp_workspace *ws = p->ws;
    const size_t C = ws->sizes.C, V = ws->sizes.V;
    const size_t across = (V + HEAD_COLUMNS - 1) / HEAD_COLUMNS, tasks = (n + HEAD_ROWS - 1) / HEAD_ROWS * across;
    const real *head = p->w + ws->offsets.head;
    for (size_t task; rp_team_take(&p->worker, tasks, &task);) {
        const size_t row = task / across * HEAD_ROWS, column = task % across * HEAD_COLUMNS;
        rp_product_nt(logits + row * V + column, V, ws->hidden + (m + row) * C, C, head + column * C, C,
                      least(n - row, HEAD_ROWS), least(V - column, HEAD_COLUMNS), C, false);
    }
    rp_team_wait(&p->worker);
}

/* hidden = RMSNorm(h), of the scored rows that the last layer has put side by side. */
static void final_norm(pass *p) {
    rp_workspace *ws = p->ws;
    const size_t C = ws->sizes.C, M = p->batch->scored;
    for (size_t i; rp_team_take(&p->worker, rp_parts(M, TILE_ROWS), &i);) {
        const size_t m = i * TILE_ROWS;
        rp_rmsnorm_forward(ws->hidden + m * C, C, ws->final_r + m, ws->raw + m * C, C, p->w + ws->offsets.final_norm,
                           p->epsilon, rp_tile(M, m), C);
    }
    rp_team_wait(&p->worker);
}

void rp_head_forward(pass *p, real *logp, real *entropy) {
    rp_workspace *ws = p->ws;
    const size_t M = p->batch->scored, V = ws->sizes.V;
    final_norm(p);
    for (size_t m = 0; m < M; m += ws->chunk) {
        const size_t n = least(M - m, ws->chunk);
        logits_of(p, m, n, ws->logits);
        for (size_t task; rp_team_take(&p->worker, rp_parts(n, LOSS_ROWS), &task);) {
            const size_t i = task * LOSS_ROWS, rows = least(n - i, LOSS_ROWS);
            rp_logprob_forward(logp + m + i, ws->logit_rows + m + i, ws->logits + i * V, V, p->batch->target + m + i, rows,
                               V, p->temperature);
            for (size_t j = m + i; entropy && j < m + i + rows; j++) entropy[j] = ws->logit_rows[j].entropy;
        }
        rp_team_wait(&p->worker);
    }
}

/* One chunk: of the live rows in tiles a … b-1, dlogits → dhidden, and the head's own gradient. Logits start at row m. */
static void chunk_backward(pass *p, const real *dlogp, const real *dentropy, size_t m, size_t a, size_t b) {
    rp_workspace *ws = p->ws;
    const size_t C = ws->sizes.C, V = ws->sizes.V;
    const real *head = p->w + ws->offsets.head;
    for (size_t task; rp_team_take(&p->worker, b - a, &task);) {
        const size_t i = ws->score_tiles[a + task].first, rows = ws->score_tiles[a + task].count;
        real *dlogits = ws->logits + (i - m) * V;
        rp_logprob_backward(dlogits, V, ws->logit_rows + i, p->batch->target + i, dlogp + i, dentropy ? dentropy + i : NULL,
                            rows, V, p->temperature);
        rp_linear_backward_input(ws->dhidden + i * C, dlogits, head, rows, V, C);
    }
    rp_team_wait(&p->worker);
    for (size_t task; rp_team_take(&p->worker, rp_parts(V, GRADIENT_COLUMNS), &task);)
        for (size_t i = a; i < b;) {
            const row_tile run = rp_next_run((row_list){ws->score_tiles, b}, &i);
            rp_linear_backward_weight(p->dw + ws->offsets.head, NULL, ws->logits + (run.first - m) * V,
                                      ws->hidden + run.first * C, run.count, V, C, task * GRADIENT_COLUMNS,
                                      least(V, (task + 1) * GRADIENT_COLUMNS));
        }
    rp_team_wait(&p->worker);
}

/* Chunk by chunk in order. */
static void logits_backward(pass *p, const real *dlogp, const real *dentropy) {
    const rp_workspace *ws = p->ws;
    for (size_t a = 0, b; a < p->score_tiles; a = b) {
        const size_t m = ws->score_tiles[a].first / ws->chunk * ws->chunk, n = least(p->batch->scored - m, ws->chunk);
        for (b = a; b < p->score_tiles && ws->score_tiles[b].first < m + n;) b++;
        if (!ws->logits_kept) logits_of(p, m, n, ws->logits);
        chunk_backward(p, dlogp, dentropy, m, a, b);
    }
}

void rp_head_backward(pass *p, const real *dlogp, const real *dentropy, real *dh) {
    const rp_workspace *ws = p->ws;
    const size_t C = ws->sizes.C;
    logits_backward(p, dlogp, dentropy);
    for (size_t i; rp_team_take(&p->worker, p->score_tiles, &i);) {
        const size_t m = ws->score_tiles[i].first, n = ws->score_tiles[i].count;
        memset(dh + m * C, 0, n * C * sizeof *dh);
        rp_rmsnorm_backward(dh + m * C, dh + m * C, C, NULL, ws->dhidden + m * C, C, ws->raw + m * C, C,
                            p->w + ws->offsets.final_norm, ws->final_r + m, n, C);
    }
    for (size_t part; rp_team_take(&p->worker, rp_parts(C, NORM_COLUMNS), &part);)
        for (size_t i = 0; i < p->score_tiles;) {
            const row_tile run = rp_next_run((row_list){ws->score_tiles, p->score_tiles}, &i);
            rp_rmsnorm_backward_weight(p->dw + ws->offsets.final_norm, ws->dhidden + run.first * C, C,
                                       ws->raw + run.first * C, C, ws->final_r + run.first, 1, run.count,
                                       part * NORM_COLUMNS, least(C, (part + 1) * NORM_COLUMNS));
        }
    rp_team_wait(&p->worker);
}

void rp_model_logp_of(const rp_model *model, const rp_packed *batch, double temperature, rp_workspace *workspace,
                      const int32_t *ids, size_t K, real *logp) {
    const size_t M = batch->scored, V = workspace->sizes.V;
    const real scale = (real)(1 / temperature);
    rp_team team = RP_TEAM;
#pragma omp parallel num_threads(workspace->threads)
    {
        pass p = {.model = model, .batch = batch, .ws = workspace, .w = model->weights, .worker = rp_team_join(&team)};
        for (size_t m = 0; m < M; m += workspace->chunk) {
            const size_t n = least(M - m, workspace->chunk);
            if (!workspace->logits_kept) logits_of(&p, m, n, workspace->logits);
            for (size_t i; rp_team_take(&p.worker, n, &i);) {
                const rp_logit_row *row = &workspace->logit_rows[m + i];
                const real *z = workspace->logits + i * V;
                for (size_t k = (m + i) * K; k < (m + i + 1) * K; k++)
                    logp[k] = (z[ids[k]] - row->max) * scale - row->log_sum;
            }
            rp_team_wait(&p.worker);
        }
    }
}

void rp_model_logits(const rp_model *model, const rp_packed *batch, rp_workspace *workspace, real *logits) {
    rp_team team = RP_TEAM;
#pragma omp parallel num_threads(workspace->threads)
    {
        pass p = {.model = model, .batch = batch, .ws = workspace, .w = model->weights, .worker = rp_team_join(&team)};
        logits_of(&p, 0, batch->scored, logits);
    }
}
