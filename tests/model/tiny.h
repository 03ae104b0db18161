/* SPDX-License-Identifier: MIT
 *
 * tiny.h — models of a few thousand parameters that together have every feature, and a packed batch for them.
 */
#ifndef REPHRASE_TESTS_MODEL_TINY_H
#define REPHRASE_TESTS_MODEL_TINY_H

#include "numeric.h"

#include <rephrase/kernels.h>
#include <rephrase/model.h>

/* What differs between them: grouped queries or not, tied or own head, bias, query/key norm, an explicit head size,
 * scaling. */
static const rp_model_config tiny_configs[] = {
    {.architecture = "llama",
     .layers = 2,
     .channels = 24,
     .heads = 4,
     .kv_heads = 2,
     .head_size = 6,
     .hidden = 40,
     .vocab = 37,
     .context = 64,
     .rope_theta = 10000,
     .norm_epsilon = 1e-5,
     .tied_head = true,
     .bos = -1,
     .eos = {1}, .eos_count = 1},
    {.architecture = "llama",
     .layers = 1,
     .channels = 20,
     .heads = 4,
     .kv_heads = 1,
     .head_size = 8,
     .hidden = 30,
     .vocab = 41,
     .context = 64,
     .rope_theta = 500000,
     .norm_epsilon = 1e-6,
     .rope_scaling = RP_ROPE_LLAMA3,
     .rope_factor = 8,
     .rope_low_freq_factor = 1,
     .rope_high_freq_factor = 4,
     .rope_original_context = 32,
     .bos = 0},
    {.architecture = "qwen2",
     .layers = 2,
     .channels = 16,
     .heads = 4,
     .kv_heads = 4,
     .head_size = 4,
     .hidden = 22,
     .vocab = 33,
     .context = 64,
     .rope_theta = 10000,
     .norm_epsilon = 1e-6,
     .rope_scaling = RP_ROPE_LINEAR,
     .rope_factor = 2,
     .tied_head = true,
     .qkv_bias = true,
     .bos = -1},
    {.architecture = "qwen3",
     .layers = 2,
     .channels = 18,
     .heads = 4,
     .kv_heads = 2,
     .head_size = 10,
     .hidden = 26,
     .vocab = 35,
     .context = 64,
     .rope_theta = 1000000,
     .norm_epsilon = 1e-6,
     .qk_norm = true,
     .bos = -1},
};
enum { TINY_CONFIGS = sizeof tiny_configs / sizeof *tiny_configs };

/* Weights random everywhere, norms and biases too, so that no gradient is zero by symmetry. */
static inline rp_model *tiny_model(rp_arena *arena, const rp_model_config *config) {
    rp_model *model;
    assert_ok(rp_model_create(arena, config, &model));
    fill_normal(model->weights, model->count, 0.3, 7);
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        for (size_t j = 0; p->rows == 1 && j < p->columns; j++) model->weights[p->offset + j] += R(0.8);
    }
    return model;
}

/* Five sequences of different lengths; about two thirds of the rows are scored. */
typedef struct tiny_batch {
    uint32_t start[6], score[64];
    int32_t ids[64], target[64];
    real dlogp[64], dentropy[64];
    rp_packed packed;
} tiny_batch;

static inline void tiny_fill(tiny_batch *b, int vocab) {
    const uint32_t lengths[5] = {7, 1, 12, 3, 9};
    rp_rng rng = rp_rng_stream(3, RP_RNG_TEST, 0, 0, 0);
    size_t scored = 0;
    b->start[0] = 0;
    for (size_t s = 0; s < 5; s++) {
        b->start[s + 1] = b->start[s] + lengths[s];
        for (uint32_t t = b->start[s]; t < b->start[s + 1]; t++) {
            b->ids[t] = (int32_t)rp_rng_below(&rng, (uint32_t)vocab);
            if (rp_rng_below(&rng, 3) == 0) continue;
            b->score[scored] = t;
            b->target[scored++] = (int32_t)rp_rng_below(&rng, (uint32_t)vocab);
        }
    }
    fill_normal(b->dlogp, scored, 1, 8);
    fill_normal(b->dentropy, scored, 1, 9);
    b->packed = (rp_packed){
        .sequences = 5, .start = b->start, .ids = b->ids, .scored = scored, .score = b->score, .target = b->target};
}

#endif
