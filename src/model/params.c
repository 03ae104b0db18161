/* SPDX-License-Identifier: MIT
 *
 * params.c — the parameter table: one row per tensor with its Hugging Face name, shape, offset and the two flags that
 * initialisation and the optimiser need. Everything that walks over parameters walks over this table.
 *
 * The rows of a layer are a template; its entries that a configuration does not have (biases, query/key norms) are left
 * out. q, k, v follow each other, and gate, up: products take them as one matrix.
 */
#include "pass.h"

#include <string.h>

typedef enum dimension { DIM_1, DIM_C, DIM_D, DIM_F, DIM_V, DIM_Q, DIM_KV, DIMENSIONS } dimension;
typedef enum condition { ALWAYS, WITH_QKV_BIAS, WITH_QK_NORM, WITH_OWN_HEAD } condition;

typedef struct template_row {
    const char *name; /* within the layer */
    dimension rows, columns;
    condition when;
    bool decay, residual_output;
} template_row;

static const template_row layer_template[] = {
    {"input_layernorm.weight", DIM_1, DIM_C, ALWAYS, false, false},
    {"self_attn.q_proj.weight", DIM_Q, DIM_C, ALWAYS, true, false},
    {"self_attn.k_proj.weight", DIM_KV, DIM_C, ALWAYS, true, false},
    {"self_attn.v_proj.weight", DIM_KV, DIM_C, ALWAYS, true, false},
    {"self_attn.q_proj.bias", DIM_1, DIM_Q, WITH_QKV_BIAS, false, false},
    {"self_attn.k_proj.bias", DIM_1, DIM_KV, WITH_QKV_BIAS, false, false},
    {"self_attn.v_proj.bias", DIM_1, DIM_KV, WITH_QKV_BIAS, false, false},
    {"self_attn.q_norm.weight", DIM_1, DIM_D, WITH_QK_NORM, false, false},
    {"self_attn.k_norm.weight", DIM_1, DIM_D, WITH_QK_NORM, false, false},
    {"self_attn.o_proj.weight", DIM_C, DIM_Q, ALWAYS, true, true},
    {"post_attention_layernorm.weight", DIM_1, DIM_C, ALWAYS, false, false},
    {"mlp.gate_proj.weight", DIM_F, DIM_C, ALWAYS, true, false},
    {"mlp.up_proj.weight", DIM_F, DIM_C, ALWAYS, true, false},
    {"mlp.down_proj.weight", DIM_C, DIM_F, ALWAYS, true, true},
};
static const template_row first_row = {"model.embed_tokens.weight", DIM_V, DIM_C, ALWAYS, true, false};
static const template_row last_rows[] = {
    {"model.norm.weight", DIM_1, DIM_C, ALWAYS, false, false},
    {"lm_head.weight", DIM_V, DIM_C, WITH_OWN_HEAD, true, false},
};
enum {
    LAYER_ROWS = sizeof layer_template / sizeof *layer_template,
    LAST_ROWS = sizeof last_rows / sizeof *last_rows,
};

model_sizes rp_sizes_of(const rp_model_config *config) {
    model_sizes s = {.L = (size_t)config->layers,
                     .C = (size_t)config->channels,
                     .H = (size_t)config->heads,
                     .K = (size_t)config->kv_heads,
                     .D = (size_t)config->head_size,
                     .F = (size_t)config->hidden,
                     .V = (size_t)config->vocab};
    s.Q = s.H * s.D;
    s.QK = (s.H + s.K) * s.D;
    s.QKV = (s.H + 2 * s.K) * s.D;
    return s;
}

static bool present(const rp_model_config *config, condition when) {
    switch (when) {
    case WITH_QKV_BIAS:
        return config->qkv_bias;
    case WITH_QK_NORM:
        return config->qk_norm;
    case WITH_OWN_HEAD:
        return !config->tied_head;
    case ALWAYS:
        break;
    }
    return true;
}

static size_t extent(const model_sizes *s, dimension dim) {
    const size_t extents[DIMENSIONS] = {[DIM_1] = 1,    [DIM_C] = s->C, [DIM_D] = s->D,        [DIM_F] = s->F,
                                        [DIM_V] = s->V, [DIM_Q] = s->Q, [DIM_KV] = s->K * s->D};
    return extents[dim];
}

static void add_row(rp_model *model, const template_row *row, int layer) {
    if (!present(&model->config, row->when)) return;
    const model_sizes sizes = rp_sizes_of(&model->config);
    rp_parameter *p = &model->parameters[model->parameter_rows++];
    *p = (rp_parameter){.rows = extent(&sizes, row->rows),
                        .columns = extent(&sizes, row->columns),
                        .offset = model->count,
                        .decay = row->decay,
                        .residual_output = row->residual_output};
    if (layer >= 0)
        (void)snprintf(p->name, sizeof p->name, "model.layers.%d.%s", layer, row->name);
    else
        (void)snprintf(p->name, sizeof p->name, "%s", row->name);
    model->count += p->rows * p->columns;
}

rp_status rp_model_describe(rp_arena *arena, const rp_model_config *config, rp_model **model) {
    RP_TRY(rp_config_check(config));
    rp_model *m = rp_alloc_zero(arena, rp_model, 1);
    RP_TRY_ALLOC(m);
    m->config = *config;
    m->parameters = rp_alloc_zero(arena, rp_parameter, 1 + LAST_ROWS + LAYER_ROWS * (size_t)config->layers);
    RP_TRY_ALLOC(m->parameters);
    add_row(m, &first_row, -1);
    for (int l = 0; l < config->layers; l++)
        for (size_t i = 0; i < LAYER_ROWS; i++) add_row(m, &layer_template[i], l);
    for (size_t i = 0; i < LAST_ROWS; i++) add_row(m, &last_rows[i], -1);
    *model = m;
    return RP_OK;
}

rp_status rp_model_create(rp_arena *arena, const rp_model_config *config, rp_model **model) {
    rp_model *m;
    RP_TRY(rp_model_describe(arena, config, &m));
    m->weights = rp_alloc_zero(arena, real, m->count);
    RP_TRY_ALLOC(m->weights);
    *model = m;
    return RP_OK;
}

const rp_parameter *rp_model_find(const rp_model *model, const char *name) {
    for (size_t i = 0; i < model->parameter_rows; i++)
        if (strcmp(model->parameters[i].name, name) == 0) return &model->parameters[i];
    return NULL;
}

static ptrdiff_t offset_of(const rp_model *model, size_t layer, const char *name) {
    char full[sizeof model->parameters->name];
    if (name[0] == '.')
        (void)snprintf(full, sizeof full, "model.layers.%zu%s", layer, name);
    else
        (void)snprintf(full, sizeof full, "%s", name);
    const rp_parameter *p = rp_model_find(model, full);
    return p ? (ptrdiff_t)p->offset : ABSENT;
}

rp_status rp_offsets_find(rp_arena *arena, const rp_model *model, model_offsets *offsets) {
    const size_t L = (size_t)model->config.layers;
    layer_offsets *layer = rp_alloc(arena, layer_offsets, L);
    RP_TRY_ALLOC(layer);
    for (size_t l = 0; l < L; l++)
        layer[l] = (layer_offsets){.attention_norm = offset_of(model, l, ".input_layernorm.weight"),
                                   .qkv = offset_of(model, l, ".self_attn.q_proj.weight"),
                                   .qkv_bias = offset_of(model, l, ".self_attn.q_proj.bias"),
                                   .q_norm = offset_of(model, l, ".self_attn.q_norm.weight"),
                                   .k_norm = offset_of(model, l, ".self_attn.k_norm.weight"),
                                   .output = offset_of(model, l, ".self_attn.o_proj.weight"),
                                   .feed_norm = offset_of(model, l, ".post_attention_layernorm.weight"),
                                   .gate_up = offset_of(model, l, ".mlp.gate_proj.weight"),
                                   .down = offset_of(model, l, ".mlp.down_proj.weight")};
    *offsets = (model_offsets){.embedding = offset_of(model, 0, "model.embed_tokens.weight"),
                               .final_norm = offset_of(model, 0, "model.norm.weight"),
                               .head = offset_of(model, 0, "lm_head.weight"),
                               .layer = layer};
    if (offsets->head == ABSENT) offsets->head = offsets->embedding;
    return RP_OK;
}

/* ---- Initial weights
 * ------------------------------------------------------------------------------------------------------- */

static bool is_norm(const rp_parameter *p) {
    const char *end = strstr(p->name, "norm.weight");
    return end && strcmp(end, "norm.weight") == 0;
}

void rp_model_init(rp_model *model, uint64_t seed, double std, double embedding_std) {
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        double deviation = p->residual_output ? std / sqrt(2.0 * model->config.layers) : std;
        if (i == 0) deviation = embedding_std;
#pragma omp parallel for schedule(static)
        for (size_t row = 0; row < p->rows; row++) {
            real *w = model->weights + p->offset + row * p->columns;
            rp_rng rng = rp_rng_stream(seed, RP_RNG_INIT, (uint32_t)i, (uint32_t)row, 0); /* a row's own stream */
            for (size_t c = 0; c < p->columns; c++)
                w[c] = p->decay ? (real)(deviation * rp_rng_normal(&rng)) : is_norm(p) ? 1 : 0;
        }
    }
}
