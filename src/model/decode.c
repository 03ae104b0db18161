/* SPDX-License-Identifier: MIT
 *
 * decode.c — the transformer for generation: forward.c without what only training needs, against a cache.
 *
 * A step takes runs of positions of several sequences, mostly one position each, and leaves their logits. Reading a prompt
 * is the same step with longer runs. Matrices are used as panels, and threads share a product by its panels (columns of the
 * result), so each weight is read once per step whatever the number of rows. Every sum has an order of its own row
 * (panel.c, page.c), so that a sequence's logits have the same bits in any company and for any number of threads.
 */
#include "decode.h"

#include <string.h>

/* ---- Repacking
 * --------------------------------------------------------------------------------------------------------------- */

typedef struct matrix {
    void **panels;
    ptrdiff_t offset;
    size_t out, in;
} matrix;
enum { LAYER_MATRICES = 5 };

static void layer_matrices(const rp_decoder *d, size_t l, matrix list[LAYER_MATRICES]) {
    const model_sizes *s = &d->sizes;
    const layer_offsets *o = &d->offsets.layer[l];
    layer_panels *p = &d->layer[l];
    list[0] = (matrix){&p->qkv, o->qkv, s->QKV, s->C};
    list[1] = (matrix){&p->output, o->output, s->C, s->Q};
    list[2] = (matrix){&p->gate, o->gate_up, s->F, s->C};
    list[3] = (matrix){&p->up, o->gate_up + (ptrdiff_t)(s->F * s->C), s->F, s->C};
    list[4] = (matrix){&p->down, o->down, s->C, s->F};
}

static size_t value_size(const rp_decoder *d) {
    return d->rounding == RP_TO_BF16 ? sizeof(rp_bf16) : sizeof(real);
}

static void pack_matrix(const rp_decoder *d, const matrix *m) {
    const size_t panels = rp_panel_number(m->out);
    const real *w = d->weights + m->offset;
#pragma omp for schedule(static) nowait
    for (size_t i = 0; i < panels; i++)
        if (d->rounding == RP_TO_BF16)
            rp_panel_pack_bf16(*m->panels, w, m->in, m->out, m->in, i, i + 1);
        else
            rp_panel_pack(*m->panels, w, m->in, m->out, m->in, i, i + 1);
}

/* y (rows,out) (+)= x wᵀ for the columns of panels first … last-1, whichever kind of panel the decoder has. */
static void multiply(const rp_decoder *d, real *y, size_t ldy, const real *x, const void *panels, size_t rows, size_t out,
                     size_t in, size_t first, size_t last, bool accumulate) {
    if (d->rounding == RP_TO_BF16)
        rp_panel_product_bf16(y, ldy, x, in, panels, rows, out, in, first, last, accumulate);
    else
        rp_panel_product(y, ldy, x, in, panels, rows, out, in, first, last, accumulate);
}

void rp_decoder_refresh(rp_decoder *d, const rp_model *model) {
    d->weights = model->weights;
    const matrix head = {&d->head, d->offsets.head, d->sizes.V, d->sizes.C};
#pragma omp parallel
    {
        matrix list[LAYER_MATRICES];
        for (size_t l = 0; l < d->sizes.L; l++) {
            layer_matrices(d, l, list);
            for (size_t i = 0; i < LAYER_MATRICES; i++) pack_matrix(d, &list[i]);
        }
        pack_matrix(d, &head);
    }
}

static rp_status make_room(rp_arena *arena, const rp_decoder *d, const matrix *m) {
    *m->panels = rp_alloc_bytes(arena, rp_panel_values(m->out, m->in), value_size(d));
    return *m->panels ? RP_OK : RP_ERR_MEMORY;
}

rp_status rp_decoder_create(rp_arena *arena, const rp_model *model, rp_rounding rounding, rp_decoder **decoder) {
    rp_decoder *d = rp_alloc_zero(arena, rp_decoder, 1);
    RP_TRY_ALLOC(d);
    d->config = model->config;
    d->rounding = rounding;
    d->sizes = rp_sizes_of(&model->config);
    RP_TRY(rp_offsets_find(arena, model, &d->offsets));
    d->layer = rp_alloc(arena, layer_panels, d->sizes.L);
    RP_TRY_ALLOC(d->layer);
    for (size_t l = 0; l < d->sizes.L; l++) {
        matrix list[LAYER_MATRICES];
        layer_matrices(d, l, list);
        for (size_t i = 0; i < LAYER_MATRICES; i++) RP_TRY(make_room(arena, d, &list[i]));
    }
    RP_TRY(make_room(arena, d, &(matrix){&d->head, d->offsets.head, d->sizes.V, d->sizes.C}));
    rp_decoder_refresh(d, model);
    *decoder = d;
    return RP_OK;
}

/* ---- State
 * ------------------------------------------------------------------------------------------------------------------- */

static size_t most(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* A thread needs scores of a group of heads, or a tile of gate and up, or what choosing a token needs. */
static size_t scratch_values(const model_sizes *s, size_t rows, size_t longest) {
    const size_t scores = s->H / s->K * pages_for(longest) * RP_PAGE, gate_up = rows * 2 * rp_panel_width();
    return most(most(scores, gate_up), rp_choose_scratch(s->V)) + 64;
}

rp_status rp_decode_state_create(rp_arena *arena, const rp_decoder *d, size_t rows, size_t outputs, size_t longest,
                                 size_t pages, decode_state *state) {
    const model_sizes *s = &d->sizes;
    decode_state st = {.rows = rows,
                       .outputs = outputs,
                       .longest = longest,
                       .threads = rp_thread_count(),
                       .scratch_size = scratch_values(s, rows, longest)};
    struct {
        real **buffer;
        size_t count;
    } reals[] = {{&st.h, rows * s->C},
                 {&st.a, rows * s->C},
                 {&st.qkv, rows * s->QKV},
                 {&st.o, rows * s->Q},
                 {&st.s, rows * s->F},
                 {&st.logits, outputs * s->V},
                 {&st.cosine, longest * s->D / 2},
                 {&st.sine, longest * s->D / 2},
                 {&st.scratch, (size_t)st.threads * st.scratch_size}};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        *reals[i].buffer = rp_alloc(arena, real, reals[i].count);
        RP_TRY_ALLOC(*reals[i].buffer);
    }
    uint32_t **const lists[] = {&st.position, &st.run_row, &st.output_row};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        *lists[i] = rp_alloc(arena, uint32_t, rows + 1);
        RP_TRY_ALLOC(*lists[i]);
    }
    RP_TRY(rp_pool_create(arena, s, pages, &st.pool));
    const rp_rope rope = rp_rope_of(&d->config);
    rp_rope_table(st.cosine, st.sine, &rope, longest, s->D);
    *state = st;
    return RP_OK;
}

/* ---- The step
 * ------------------------------------------------------------------------------------------------------------------ */

typedef struct step { /* a thread's view: all but `worker` is the same for all */
    const rp_decoder *d;
    decode_state *st;
    const decode_run *runs;
    size_t count, rows, outputs;
    rp_worker worker;
} step;

enum { NORM_ROWS = 16 };

/* Portions in which threads take panels: neither one by one, which costs, nor all at once, which waits for the slowest. */
static size_t portion(const step *p, size_t panels) {
    return most(panels / (8 * (size_t)p->st->threads), 1);
}

static void normalise(step *p, const real *w) {
    const size_t C = p->d->sizes.C, tasks = rp_parts(p->rows, NORM_ROWS);
    const real epsilon = (real)p->d->config.norm_epsilon;
    for (size_t i; rp_team_take(&p->worker, tasks, &i);) {
        const size_t t = i * NORM_ROWS, rows = p->rows - t < NORM_ROWS ? p->rows - t : NORM_ROWS;
        rp_rmsnorm_forward(p->st->a + t * C, C, NULL, p->st->h + t * C, C, w, epsilon, rows, C);
    }
    rp_team_wait(&p->worker);
}

/* y (rows,out) (+)= x panelsᵀ + bias; threads take panels. */
static void product(step *p, real *y, const real *x, const void *panels, const real *bias, size_t out, size_t in,
                    bool accumulate) {
    const size_t width = rp_panel_width(), number = rp_panel_number(out), each = portion(p, number);
    for (size_t i; rp_team_take(&p->worker, rp_parts(number, each), &i);) {
        const size_t first = i * each, last = first + each < number ? first + each : number;
        const size_t end = last * width < out ? last * width : out;
        multiply(p->d, y, out, x, panels, p->rows, out, in, first, last, accumulate);
        for (size_t t = 0; bias && t < p->rows; t++)
            for (size_t j = first * width; j < end; j++) y[t * out + j] += bias[j];
    }
    rp_team_wait(&p->worker);
}

/* s = silu(a Wgᵀ) ∘ a Wuᵀ, the two products and the gate of one panel in one task. */
static void gate_up(step *p, const layer_panels *w) {
    const size_t C = p->d->sizes.C, F = p->d->sizes.F, width = rp_panel_width(), number = rp_panel_number(F);
    const size_t each = portion(p, number);
    for (size_t task; rp_team_take(&p->worker, rp_parts(number, each), &task);)
        for (size_t i = task * each; i < (task + 1) * each && i < number; i++) {
            const size_t columns = F - i * width < width ? F - i * width : width;
            const size_t panel = i * width * C * value_size(p->d);
            real *tile = rp_decode_scratch(p->st); /* (rows, gate then up) */
            multiply(p->d, tile, 2 * columns, p->st->a, (const char *)w->gate + panel, p->rows, columns, C, 0, 1, false);
            multiply(p->d, tile + columns, 2 * columns, p->st->a, (const char *)w->up + panel, p->rows, columns, C, 0, 1,
                     false);
            for (size_t t = 0; t < p->rows; t++)
                rp_swiglu_forward(p->st->s + t * F + i * width, tile + t * 2 * columns, 1, columns);
        }
    rp_team_wait(&p->worker);
}

/* One run and one key/value head: norms and rotation, keys and values into the cache, then each position's attention. */
static void attend(const step *p, size_t l, size_t run, size_t kv) {
    const model_sizes *s = &p->d->sizes;
    const layer_offsets *o = &p->d->offsets.layer[l];
    const size_t G = s->H / s->K, D = s->D, first = p->st->run_row[run], count = p->runs[run].count;
    const uint32_t *pages = p->runs[run].pages;
    const page_pool *pool = &p->st->pool;
    real *leaves = pool->data + (l * s->K + kv) * pool->leaf;
    for (size_t t = first; t < first + count; t++) {
        real *row = p->st->qkv + t * s->QKV, *q = row + kv * G * D, *k = row + s->Q + kv * D, *v = row + s->QK + kv * D;
        const uint32_t *position = p->st->position + t;
        if (o->q_norm != ABSENT) {
            const real epsilon = (real)p->d->config.norm_epsilon;
            rp_rmsnorm_forward(q, D, NULL, q, D, p->d->weights + o->q_norm, epsilon, G, D);
            rp_rmsnorm_forward(k, D, NULL, k, D, p->d->weights + o->k_norm, epsilon, 1, D);
        }
        rp_rope_forward(q, s->QKV, position, p->st->cosine, p->st->sine, 1, G, D);
        rp_rope_forward(k, s->QKV, position, p->st->cosine, p->st->sine, 1, 1, D);
        rp_page_store(leaves + pages[*position / RP_PAGE] * pool->stride, *position % RP_PAGE, k, v, D);
    }
    for (size_t t = first; t < first + count; t++)
        rp_page_attend(p->st->o + t * s->Q + kv * G * D, p->st->qkv + t * s->QKV + kv * G * D, G, leaves, pages,
                       pool->stride, p->st->position[t] + 1, D, rp_decode_scratch(p->st));
}

static void layer_step(step *p, size_t l) {
    const model_sizes *s = &p->d->sizes;
    const layer_offsets *o = &p->d->offsets.layer[l];
    const layer_panels *w = &p->d->layer[l];
    const real *weights = p->d->weights;
    normalise(p, weights + o->attention_norm);
    product(p, p->st->qkv, p->st->a, w->qkv, o->qkv_bias == ABSENT ? NULL : weights + o->qkv_bias, s->QKV, s->C, false);
    const size_t tasks = p->count * s->K;
    for (size_t task; rp_team_take(&p->worker, tasks, &task);) attend(p, l, task / s->K, task % s->K);
    rp_team_wait(&p->worker);
    product(p, p->st->h, p->st->o, w->output, NULL, s->C, s->Q, true);
    normalise(p, weights + o->feed_norm);
    gate_up(p, w);
    product(p, p->st->h, p->st->s, w->down, NULL, s->C, s->F, true);
}

static void head_step(step *p) {
    const size_t C = p->d->sizes.C, V = p->d->sizes.V, number = rp_panel_number(V), each = portion(p, number);
    const real *norm = p->d->weights + p->d->offsets.final_norm, epsilon = (real)p->d->config.norm_epsilon;
    for (size_t i; rp_team_take(&p->worker, p->outputs, &i);)
        rp_rmsnorm_forward(p->st->a + i * C, C, NULL, p->st->h + p->st->output_row[i] * C, C, norm, epsilon, 1, C);
    rp_team_wait(&p->worker);
    for (size_t i; rp_team_take(&p->worker, rp_parts(number, each), &i);)
        multiply(p->d, p->st->logits, V, p->st->a, p->d->head, p->outputs, V, C, i * each, least((i + 1) * each, number),
                 false);
    rp_team_wait(&p->worker);
}

/* Rows are the positions of the runs, one after the other. */
static step lay_out(const rp_decoder *d, decode_state *st, const decode_run *runs, size_t count) {
    step p = {.d = d, .st = st, .runs = runs, .count = count};
    for (size_t i = 0; i < count; i++) {
        RP_REQUIRE(p.rows + runs[i].count <= st->rows && runs[i].position + runs[i].count <= st->longest);
        st->run_row[i] = (uint32_t)p.rows;
        for (size_t j = 0; j < runs[i].count; j++, p.rows++) {
            st->position[p.rows] = (uint32_t)(runs[i].position + j);
            rp_embedding_forward(st->h + p.rows * d->sizes.C, d->weights + d->offsets.embedding, runs[i].ids + j, 1,
                                 d->sizes.C);
            if (runs[i].logits) st->output_row[p.outputs++] = (uint32_t)p.rows;
        }
    }
    RP_REQUIRE(p.outputs <= st->outputs);
    return p;
}

void rp_decode_step(const rp_decoder *d, decode_state *st, const decode_run *runs, size_t count) {
    const step shared = lay_out(d, st, runs, count);
    rp_team team = RP_TEAM;
#pragma omp parallel num_threads(st->threads)
    {
        step p = shared;
        p.worker = rp_team_join(&team);
        for (size_t l = 0; l < d->sizes.L; l++) layer_step(&p, l);
        if (p.outputs > 0) head_step(&p);
    }
}
