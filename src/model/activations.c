/* SPDX-License-Identifier: MIT
 *
 * activations.c — the activation table and the workspace made from it: every buffer of a training pass, allocated once.
 *
 * A row says how wide an activation is and how long it lives. Only what backward cannot cheaply compute again is kept for
 * every layer: the residual stream, the projections, the attention output and a few norms. Normalised inputs and the gated
 * product are computed a second time in backward, tile by tile, which costs less than reading them from memory would.
 */
#include "pass.h"

#include <string.h>

typedef enum lifetime { PER_LAYER, SHARED, BACKWARD } lifetime;

typedef struct activation_row {
    const char *name;
    size_t width;
    lifetime lives;
} activation_row;

/* The table, for the sizes at hand. */
static void activation_table(const model_sizes *s, bool qk_norm, activation_row table[ACTIVATIONS]) {
    const size_t QK = qk_norm ? s->QK : 0, heads = qk_norm ? s->H + s->K : 0;
    const activation_row rows[ACTIVATIONS] = {
        [ACT_H] = {"h", s->C, PER_LAYER},
        [ACT_R1] = {"r1", 1, PER_LAYER},
        [ACT_QK_RAW] = {"qk_raw", QK, PER_LAYER},
        [ACT_QK_R] = {"qk_r", heads, PER_LAYER},
        [ACT_QKV] = {"qkv", s->QKV, PER_LAYER},
        [ACT_O] = {"o", s->Q, PER_LAYER},
        [ACT_LSE] = {"lse", s->H, PER_LAYER},
        [ACT_H_MID] = {"h_mid", s->C, PER_LAYER},
        [ACT_R2] = {"r2", 1, PER_LAYER},
        [ACT_GU] = {"gu", 2 * s->F, PER_LAYER},
        [ACT_A] = {"a", s->C, SHARED},
        [ACT_M] = {"m", s->C, SHARED},
        [ACT_S] = {"s", s->F, SHARED},
        [ACT_DH] = {"dh", s->C, BACKWARD},
        [ACT_DH_MID] = {"dh_mid", s->C, BACKWARD},
        [ACT_DH_IN] = {"dh_in", s->C, BACKWARD},
        [ACT_DS] = {"ds", s->F, BACKWARD},
        [ACT_DGU] = {"dgu", 2 * s->F, BACKWARD},
        [ACT_DM] = {"dm", s->C, BACKWARD},
        [ACT_DA] = {"da", s->C, BACKWARD},
        [ACT_DO] = {"do", s->Q, BACKWARD},
        [ACT_DQKV] = {"dqkv", s->QKV, BACKWARD},
        [ACT_DQK] = {"dqk", QK, BACKWARD},
    };
    memcpy(table, rows, sizeof rows);
}

/* Logits of at most this many bytes exist at a time. A vocabulary of 49,152 fits 1,365 rows of f32. */
static const size_t logit_budget = (size_t)256 << 20;
enum { LEAST_CHUNK = 64 };

static size_t chunk_rows(const model_sizes *s, size_t scored) {
    const size_t fit = logit_budget / (s->V * sizeof(real)) / LEAST_CHUNK * LEAST_CHUNK;
    const size_t chunk = fit > LEAST_CHUNK ? fit : LEAST_CHUNK;
    return chunk < scored ? chunk : scored;
}

/* Everything that create allocates, as one list, so that rp_workspace_bytes cannot disagree with it. */
typedef struct request {
    void **buffer;
    size_t count, size;
} request;
enum { MOST_REQUESTS = ACTIVATIONS + 24 };

static size_t list_requests(rp_workspace *ws, const rp_model *model, request list[MOST_REQUESTS]) {
    const model_sizes *s = &ws->sizes;
    activation_row table[ACTIVATIONS];
    activation_table(s, model->config.qk_norm, table);
    size_t n = 0;
    for (size_t i = 0; i < ACTIVATIONS; i++) {
        activation *a = &ws->activations[i];
        const bool per_layer = table[i].lives == PER_LAYER && ws->keep;
        const bool needed = table[i].width > 0 && (table[i].lives != BACKWARD || ws->keep);
        const size_t layers = per_layer ? s->L : 1;
        *a = (activation){NULL, table[i].width, per_layer ? ws->rows * table[i].width : 0};
        if (needed) list[n++] = (request){(void **)&a->data, layers * ws->rows * table[i].width, sizeof(real)};
    }
    const size_t C = s->C, half = s->D / 2;
    const bool tiled = rp_products_prepare() == RP_PRODUCTS_TILED;
    const size_t shapes[4][2] = {{s->QKV, C}, {C, s->Q}, {2 * s->F, C}, {C, s->F}};
    for (size_t i = 0; tiled && i < 4; i++)
        list[n++] = (request){(void **)&ws->panels[i], rp_panel_values(shapes[i][0], shapes[i][1]), sizeof(real)};
    const request others[] = {
        {(void **)&ws->position, ws->rows, sizeof(uint32_t)},
        {(void **)&ws->cosine, ws->longest * half, sizeof(real)},
        {(void **)&ws->sine, ws->longest * half, sizeof(real)},
        {(void **)&ws->attention, (size_t)ws->threads * rp_attention_scratch(ws->longest, s->D), sizeof(real)},
        {(void **)&ws->read_o, ws->scored * s->Q, sizeof(real)},
        {(void **)&ws->read_do, ws->keep ? ws->scored * s->Q : 0, sizeof(real)},
        {(void **)&ws->read_dh_mid, ws->keep ? ws->scored * C : 0, sizeof(real)},
        {(void **)&ws->raw, ws->scored * C, sizeof(real)},
        {(void **)&ws->hidden, ws->scored * C, sizeof(real)},
        {(void **)&ws->dhidden, ws->keep ? ws->scored * C : 0, sizeof(real)},
        {(void **)&ws->final_r, ws->scored, sizeof(real)},
        {(void **)&ws->logit_rows, ws->scored, sizeof(rp_logit_row)},
        {(void **)&ws->logits, ws->chunk * s->V, sizeof(real)},
        {(void **)&ws->tiles, ws->keep ? ws->rows : 0, sizeof(row_tile)},
        {(void **)&ws->score_tiles, ws->keep ? ws->scored : 0, sizeof(row_tile)},
        {(void **)&ws->sequence, ws->keep ? ws->rows : 0, sizeof(uint32_t)},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) list[n++] = others[i];
    RP_REQUIRE(n <= MOST_REQUESTS);
    return n;
}

static void set_capacities(rp_workspace *ws, const rp_model *model, size_t rows, size_t scored, bool keep) {
    const size_t context = (size_t)model->config.context;
    *ws = (rp_workspace){.sizes = rp_sizes_of(&model->config),
                         .rows = rows,
                         .scored = scored,
                         .keep = keep,
                         .longest = context < rows ? context : rows,
                         .threads = rp_thread_count()};
    ws->chunk = chunk_rows(&ws->sizes, scored);
}

rp_status rp_workspace_create(rp_arena *arena, const rp_model *model, size_t rows, size_t scored, bool keep,
                              rp_workspace **workspace) {
    rp_workspace *ws = rp_alloc(arena, rp_workspace, 1);
    RP_TRY_ALLOC(ws);
    set_capacities(ws, model, rows, scored, keep);
    RP_TRY(rp_offsets_find(arena, model, &ws->offsets));
    request list[MOST_REQUESTS];
    const size_t n = list_requests(ws, model, list);
    for (size_t i = 0; i < n; i++) {
        void *buffer = rp_alloc_bytes(arena, list[i].count, list[i].size);
        RP_TRY_ALLOC(buffer);
        memcpy(list[i].buffer, &buffer, sizeof buffer); /* a real ** is not a void ** to the compiler */
    }
    const rp_rope rope = rp_rope_of(&model->config);
    rp_rope_table(ws->cosine, ws->sine, &rope, ws->longest, ws->sizes.D);
    rp_workspace_check(ws);
    *workspace = ws;
    return RP_OK;
}

void rp_workspace_check(const rp_workspace *ws) {
    const model_sizes *s = &ws->sizes;
    RP_REQUIRE(s->Q == s->H * s->D && s->QK == (s->H + s->K) * s->D && s->QKV == s->QK + s->K * s->D);
    RP_REQUIRE(ws->threads >= 1 && ws->longest <= ws->rows && ws->chunk <= ws->scored);
    /* Layers lie side by side exactly where backward comes for them. */
    RP_REQUIRE(ws->activations[ACT_H].layer_stride == (ws->keep ? ws->rows * s->C : 0));
}

size_t rp_workspace_bytes(const rp_model *model, size_t rows, size_t scored, bool keep) {
    rp_workspace ws;
    request list[MOST_REQUESTS];
    set_capacities(&ws, model, rows, scored, keep);
    const size_t n = list_requests(&ws, model, list);
    size_t bytes = sizeof ws + ws.sizes.L * sizeof(layer_offsets);
    for (size_t i = 0; i < n; i++) bytes += (list[i].count * list[i].size + 63) / 64 * 64;
    return bytes;
}

const real *rp_model_hidden(const rp_workspace *workspace) {
    return workspace->hidden;
}
