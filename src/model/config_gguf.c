/* SPDX-License-Identifier: MIT
 *
 * config_gguf.c — what a model is, from the metadata keys of a GGUF file.
 *
 * Keys carry the architecture's name in front ("llama.block_count"). Llama 3's rope scaling has no keys: converters store
 * the resulting divisor of every frequency as a tensor, rope_freqs.weight. Its largest entry is the factor; with the other
 * three numbers, which all published models share, the formula must give back every entry, otherwise the file is refused.
 */
#include "config.h"
#include "pass.h"

#include <string.h>

typedef struct gguf_reader {
    const rp_tensor_file *file;
    const char *architecture;
    char key[96];
} gguf_reader;

static const char *key_of(gguf_reader *r, const char *name) {
    (void)snprintf(r->key, sizeof r->key, "%s.%s", r->architecture, name);
    return r->key;
}

static rp_status read_count(gguf_reader *r, const char *name, bool required, int *out) {
    const char *key = key_of(r, name);
    int64_t value;
    if (!required && !rp_gguf_has(r->file, key)) return RP_OK;
    RP_TRY(rp_gguf_get_int(r->file, key, &value));
    if (value < 1 || value > INT32_MAX)
        return rp_fail(RP_ERR_FORMAT, "GGUF key %s is %lld; it must be a positive 31-bit number", key, (long long)value);
    *out = (int)value;
    return RP_OK;
}

/* GGUF holds 1e-5 as the nearest float, 9.99999975e-06. What was meant is the shortest decimal that gives the same float; so a
 * converted model has its first configuration again. */
static double meant_by(double value) {
    char text[32];
    double shortest = value;
    for (int digits = 6; digits <= 9 && (double)(float)value == value; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (rp_parse_double(text, &shortest) && (float)shortest == (float)value) return shortest;
    }
    return value;
}

static rp_status read_number(gguf_reader *r, const char *name, double *out) {
    const char *key = key_of(r, name);
    if (!rp_gguf_has(r->file, key)) return RP_OK;
    RP_TRY(rp_gguf_get_double(r->file, key, out));
    *out = meant_by(*out);
    return RP_OK;
}

static rp_status read_token(const rp_tensor_file *file, const char *key, int vocab, int *out) {
    int64_t value;
    *out = -1;
    if (!rp_gguf_has(file, key)) return RP_OK;
    RP_TRY(rp_gguf_get_int(file, key, &value));
    if (value >= 0 && value < vocab) *out = (int)value;
    return RP_OK;
}

static rp_status refuse_if_positive(gguf_reader *r, const char *name, const char *what) {
    const char *key = key_of(r, name);
    int64_t value = 0;
    if (rp_gguf_has(r->file, key)) RP_TRY(rp_gguf_get_int(r->file, key, &value));
    return value > 0 ? rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s is %lld: %s is not supported", key, (long long)value, what)
                     : RP_OK;
}

/* rope_freqs.weight (D/2): the llama3 scaling as divisors. */
static rp_status read_rope_divisors(const rp_tensor_view *tensor, rp_model_config *c) {
    const size_t pairs = (size_t)c->head_size / 2;
    if (tensor->count != pairs || tensor->type != RP_F32)
        return rp_fail(RP_ERR_SHAPE, "tensor rope_freqs.weight has %zu values of type %s; %zu of type F32 are expected",
                       tensor->count, rp_dtype_name(tensor->type), pairs);
    real divisor;
    rp_tensor_read(tensor, pairs - 1, 1, &divisor);
    c->rope_scaling = RP_ROPE_LLAMA3;
    c->rope_factor = (double)divisor;
    c->rope_low_freq_factor = 1;
    c->rope_high_freq_factor = 4;
    c->rope_original_context = 8192;
    const rp_rope rope = rp_rope_of(c), plain = {.theta = c->rope_theta, .factor = 1};
    for (size_t i = 0; i < pairs; i++) {
        rp_tensor_read(tensor, i, 1, &divisor);
        const double ours = rp_rope_frequency(&plain, i, 2 * pairs) / rp_rope_frequency(&rope, i, 2 * pairs);
        if (!(fabs((double)divisor - ours) <= 1e-4 * ours))
            return rp_fail(RP_ERR_UNSUPPORTED,
                           "tensor rope_freqs.weight is not Llama 3's scaling by %g (pair %zu: %g against %g)",
                           c->rope_factor, i, (double)divisor, ours);
    }
    return RP_OK;
}

static rp_status read_rope(gguf_reader *r, rp_model_config *c) {
    RP_TRY(read_number(r, "rope.freq_base", &c->rope_theta));
    int rotated = c->head_size;
    RP_TRY(read_count(r, "rope.dimension_count", false, &rotated));
    if (rotated != c->head_size)
        return rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s is %d of %d: rotating only a part of each head is not supported",
                       r->key, rotated, c->head_size);
    const rp_tensor_view *divisors = rp_tensors_find(r->file, "rope_freqs.weight");
    if (divisors) return read_rope_divisors(divisors, c);
    const char *key = key_of(r, "rope.scaling.type");
    if (!rp_gguf_has(r->file, key)) return RP_OK;
    rp_str kind;
    RP_TRY(rp_gguf_get_string(r->file, key, &kind));
    if (rp_str_is(kind, "none")) return RP_OK;
    if (!rp_str_is(kind, "linear"))
        return rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s: rope scaling \"%.*s\" is not supported; linear is", key,
                       (int)kind.length, kind.data);
    c->rope_scaling = RP_ROPE_LINEAR;
    return rp_gguf_get_double(r->file, key_of(r, "rope.scaling.factor"), &c->rope_factor);
}

static rp_status read_vocabulary(gguf_reader *r, rp_model_config *c) {
    const rp_tensor_view *embedding = rp_tensors_find(r->file, "token_embd.weight");
    if (!embedding || embedding->rank != 2)
        return rp_fail(RP_ERR_FORMAT,
                       "the GGUF file has no matrix token_embd.weight, which says how large the vocabulary is");
    if (embedding->shape[0] > INT32_MAX)
        return rp_fail(RP_ERR_LIMIT, "tensor token_embd.weight has %zu rows", embedding->shape[0]);
    c->vocab = (int)embedding->shape[0];
    RP_TRY(read_token(r->file, "tokenizer.ggml.bos_token_id", c->vocab, &c->bos));
    return read_token(r->file, "tokenizer.ggml.eos_token_id", c->vocab, &c->eos);
}

rp_status rp_config_from_gguf(const rp_tensor_file *file, rp_model_config *config) {
    rp_str name;
    RP_TRY(rp_gguf_get_string(file, "general.architecture", &name));
    const model_family *family = rp_family_find(name);
    if (!family)
        return rp_fail(RP_ERR_UNSUPPORTED, "GGUF architecture \"%.*s\" is not supported; llama, qwen2 and qwen3 are",
                       (int)name.length, name.data);
    gguf_reader r = {.file = file, .architecture = family->name};
    rp_model_config c = {
        .qkv_bias = family->qkv_bias, .qk_norm = family->qk_norm, .rope_theta = 10000, .norm_epsilon = 1e-5};
    (void)snprintf(c.architecture, sizeof c.architecture, "%s", family->name);
    RP_TRY(refuse_if_positive(&r, "expert_count", "a mixture of experts"));
    RP_TRY(refuse_if_positive(&r, "attention.sliding_window", "sliding-window attention"));
    RP_TRY(read_count(&r, "block_count", true, &c.layers));
    RP_TRY(read_count(&r, "embedding_length", true, &c.channels));
    RP_TRY(read_count(&r, "feed_forward_length", true, &c.hidden));
    RP_TRY(read_count(&r, "context_length", true, &c.context));
    RP_TRY(read_count(&r, "attention.head_count", true, &c.heads));
    c.kv_heads = c.heads;
    RP_TRY(read_count(&r, "attention.head_count_kv", false, &c.kv_heads));
    c.head_size = c.channels / c.heads;
    RP_TRY(read_count(&r, "attention.key_length", false, &c.head_size));
    int value_size = c.head_size;
    RP_TRY(read_count(&r, "attention.value_length", false, &value_size));
    if (value_size != c.head_size)
        return rp_fail(RP_ERR_UNSUPPORTED, "GGUF keys: heads of size %d with values of size %d are not supported",
                       c.head_size, value_size);
    RP_TRY(read_number(&r, "attention.layer_norm_rms_epsilon", &c.norm_epsilon));
    RP_TRY(read_vocabulary(&r, &c));
    c.tied_head = rp_tensors_find(file, "output.weight") == NULL;
    if (c.head_size % 2 == 0 && c.head_size > 0) RP_TRY(read_rope(&r, &c)); /* else the check below names the field */
    if (rp_config_check(&c) != RP_OK) return rp_fail_prefix(RP_ERR_FORMAT, "GGUF metadata");
    *config = c;
    return RP_OK;
}
