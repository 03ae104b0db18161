/* SPDX-License-Identifier: MIT
 *
 * config_gguf.c — what a model is, from the metadata keys of a GGUF file.
 *
 * Keys carry the architecture's name in front ("llama.block_count"). A key that llama.cpp requires is required; one of the
 * architecture that neither program is known to read is named in a warning, because a misspelt key is silence. Llama 3's
 * rope scaling has no keys: converters store the resulting divisor of every frequency as a tensor, rope_freqs.weight. Its
 * largest entry is the factor; with the other three numbers, which all published models share, the formula must give back
 * every entry, otherwise the file is refused.
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

/* A window as long as the context hides nothing; 0 means none. */
static rp_status refuse_window(gguf_reader *r, int context) {
    const char *key = key_of(r, "attention.sliding_window");
    int64_t width = 0;
    if (rp_gguf_has(r->file, key)) RP_TRY(rp_gguf_get_int(r->file, key, &width));
    if (width <= 0 || (context > 0 && width >= context)) return RP_OK;
    return rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s is %lld: sliding-window attention is not supported", key,
                   (long long)width);
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

static rp_status read_real(gguf_reader *r, const char *name, double *out) {
    const char *key = key_of(r, name);
    return rp_gguf_has(r->file, key) ? rp_gguf_get_double(r->file, key, out) : RP_OK;
}

/* YaRN. llama.cpp multiplies the attention factor that follows from the factor by attn_factor; its two other keys have no
 * effect in their usual values and are refused in others. */
static rp_status read_yarn(gguf_reader *r, rp_model_config *c) {
    double times = 1, ext = 1, yarn = 1, log_multiplier = 0;
    c->rope_scaling = RP_ROPE_YARN;
    c->rope_whole_bounds = true;
    c->rope_original_context = c->context;
    c->rope_beta_fast = 32;
    c->rope_beta_slow = 1;
    RP_TRY(read_count(r, "rope.scaling.original_context_length", false, &c->rope_original_context));
    RP_TRY(read_number(r, "rope.scaling.yarn_beta_fast", &c->rope_beta_fast));
    RP_TRY(read_number(r, "rope.scaling.yarn_beta_slow", &c->rope_beta_slow));
    RP_TRY(read_number(r, "rope.scaling.attn_factor", &times));
    RP_TRY(read_real(r, "rope.scaling.yarn_ext_factor", &ext));
    RP_TRY(read_real(r, "rope.scaling.yarn_attn_factor", &yarn));
    RP_TRY(read_real(r, "rope.scaling.yarn_log_multiplier", &log_multiplier));
    if ((ext != 1 && ext >= 0) || (yarn != 1 && yarn >= 0) || log_multiplier != 0)
        return rp_fail(
            RP_ERR_UNSUPPORTED,
            "GGUF keys of %s.rope.scaling: yarn_ext_factor %g, yarn_attn_factor %g or yarn_log_multiplier %g is not "
            "supported (1, 1 and 0 are)",
            r->architecture, ext, yarn, log_multiplier);
    c->rope_attention_factor = times * (c->rope_factor > 1 ? 0.1 * double_log(c->rope_factor) + 1 : 1);
    return RP_OK;
}

/* As in llama.cpp: a factor without a type scales linearly, the older key means the same, and a factor of 0 or type "none"
 * means none. */
static rp_status read_scaling(gguf_reader *r, rp_model_config *c) {
    rp_str kind = rp_str_of("linear");
    double factor = 0;
    const char *key = key_of(r, "rope.scaling.type");
    if (rp_gguf_has(r->file, key)) RP_TRY(rp_gguf_get_string(r->file, key, &kind));
    if (!rp_str_is(kind, "none") && !rp_str_is(kind, "linear") && !rp_str_is(kind, "yarn"))
        return rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s: rope scaling \"%.*s\" is not supported; none, linear and yarn are",
                       key, (int)(kind.length < 60 ? kind.length : 60), kind.data);
    if (rp_gguf_has(r->file, key_of(r, "rope.scaling.factor")))
        RP_TRY(read_real(r, "rope.scaling.factor", &factor));
    else
        RP_TRY(read_real(r, "rope.scale_linear", &factor));
    if (rp_str_is(kind, "none")) return RP_OK;
    c->rope_factor = factor == 0 ? 1 : factor;
    if (rp_str_is(kind, "yarn")) return read_yarn(r, c);
    if (c->rope_factor != 1)
        c->rope_scaling = RP_ROPE_LINEAR;
    else
        c->rope_factor = 0; /* plain */
    return RP_OK;
}

static rp_status read_rope(gguf_reader *r, rp_model_config *c) {
    RP_TRY(read_number(r, "rope.freq_base", &c->rope_theta));
    int rotated = c->head_size;
    RP_TRY(read_count(r, "rope.dimension_count", false, &rotated));
    if (rotated != c->head_size)
        return rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s is %d of %d: rotating only a part of each head is not supported",
                       r->key, rotated, c->head_size);
    RP_TRY(read_scaling(r, c));
    const rp_tensor_view *divisors = rp_tensors_find(r->file, "rope_freqs.weight");
    if (!divisors) return RP_OK;
    if (c->rope_scaling != RP_ROPE_PLAIN)
        return rp_fail(RP_ERR_UNSUPPORTED, "tensor rope_freqs.weight together with rope scaling by keys is not supported");
    return read_rope_divisors(divisors, c);
}

/* ---- Keys that would change what is computed ------------------------------------------------------------------- */

/* Read above, or without effect here. */
static const char *const known_keys[] = {"block_count",
                                         "embedding_length",
                                         "feed_forward_length",
                                         "context_length",
                                         "vocab_size",
                                         "expert_count",
                                         "expert_used_count",
                                         "attention.head_count",
                                         "attention.head_count_kv",
                                         "attention.key_length",
                                         "attention.value_length",
                                         "attention.layer_norm_rms_epsilon",
                                         "attention.layer_norm_epsilon",
                                         "attention.sliding_window",
                                         "attention.causal",
                                         "attention.scale",
                                         "attention.clamp_kqv",
                                         "attention.max_alibi_bias",
                                         "use_parallel_residual",
                                         "tensor_data_layout",
                                         "rope.freq_base",
                                         "rope.dimension_count",
                                         "rope.scale_linear",
                                         "rope.scaling.type",
                                         "rope.scaling.factor",
                                         "rope.scaling.attn_factor",
                                         "rope.scaling.original_context_length",
                                         "rope.scaling.finetuned",
                                         "rope.scaling.yarn_ext_factor",
                                         "rope.scaling.yarn_attn_factor",
                                         "rope.scaling.yarn_beta_fast",
                                         "rope.scaling.yarn_beta_slow",
                                         "rope.scaling.yarn_log_multiplier",
                                         "logit_scale",
                                         "residual_scale",
                                         "embedding_scale",
                                         "attn_logit_softcapping",
                                         "final_logit_softcapping",
                                         "pooling_type"};

/* Each of these changes the numbers of a model in a way that is not computed here; `none` is the value without effect. */
static const struct {
    const char *name;
    double none, other;
} changing[] = {{"attention.scale", 0, 0},          {"attention.clamp_kqv", 0, 0},
                {"attention.max_alibi_bias", 0, 0}, {"logit_scale", 0, 1},
                {"residual_scale", 0, 1},           {"embedding_scale", 0, 1},
                {"attn_logit_softcapping", 0, 0},   {"final_logit_softcapping", 0, 0}};

static rp_status refuse_changes(gguf_reader *r) {
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
        double value = changing[i].none;
        RP_TRY(read_real(r, changing[i].name, &value));
        if (value != changing[i].none && value != changing[i].other)
            return rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s is %g: this is not supported", key_of(r, changing[i].name),
                           value);
    }
    const char *key = key_of(r, "attention.causal");
    bool causal = true;
    if (rp_gguf_has(r->file, key)) RP_TRY(rp_gguf_get_bool(r->file, key, &causal));
    return causal ? RP_OK
                  : rp_fail(RP_ERR_UNSUPPORTED, "GGUF key %s is false: attention to later positions is not supported", key);
}

static void name_unknown(const gguf_reader *r) {
    const size_t prefix = strlen(r->architecture);
    for (size_t i = 0; i < rp_gguf_count(r->file); i++) {
        const rp_str key = rp_gguf_key(r->file, i);
        if (key.length <= prefix + 1 || memcmp(key.data, r->architecture, prefix) != 0 || key.data[prefix] != '.') continue;
        const rp_str rest = {key.data + prefix + 1, key.length - prefix - 1};
        size_t k = 0;
        while (k < sizeof known_keys / sizeof *known_keys && !rp_str_is(rest, known_keys[k])) k++;
        if (k == sizeof known_keys / sizeof *known_keys)
            rp_log(RP_LOG_WARNING, "GGUF key %.*s is not known and has no effect", (int)(key.length < 96 ? key.length : 96),
                   key.data);
    }
}

static rp_status read_vocabulary(gguf_reader *r, rp_model_config *c) {
    const rp_tensor_view *embedding = rp_tensors_find(r->file, "token_embd.weight");
    if (!embedding || embedding->rank != 2)
        return rp_fail(RP_ERR_FORMAT,
                       "the GGUF file has no matrix token_embd.weight, which says how large the vocabulary is");
    if (embedding->shape[0] > INT32_MAX)
        return rp_fail(RP_ERR_LIMIT, "tensor token_embd.weight has %zu rows", embedding->shape[0]);
    c->vocab = (int)embedding->shape[0];
    int stated = c->vocab;
    RP_TRY(read_count(r, "vocab_size", false, &stated));
    if (stated != c->vocab)
        return rp_fail(RP_ERR_FORMAT, "GGUF key %s is %d, but token_embd.weight has %d rows", key_of(r, "vocab_size"),
                       stated, c->vocab);
    RP_TRY(read_token(r->file, "tokenizer.ggml.bos_token_id", c->vocab, &c->bos));
    static const char *const ends[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                       "tokenizer.ggml.eom_token_id"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) { /* llama.cpp ends an answer at each of them */
        int id;
        RP_TRY(read_token(r->file, ends[i], c->vocab, &id));
        RP_TRY(rp_config_add_end(c, id));
    }
    return RP_OK;
}

rp_status rp_config_from_gguf(const rp_tensor_file *file, rp_model_config *config) {
    rp_str name;
    RP_TRY(rp_gguf_get_string(file, "general.architecture", &name));
    const model_family *family = rp_family_find(name);
    if (!family || family->window) /* GGUF calls Mistral's models llama */
        return rp_fail(RP_ERR_UNSUPPORTED, "GGUF architecture \"%.*s\" is not supported; llama, qwen2 and qwen3 are",
                       (int)name.length, name.data);
    gguf_reader r = {.file = file, .architecture = family->name};
    rp_model_config c = {
        .qkv_bias = family->qkv_bias, .qk_norm = family->qk_norm, .rope_theta = 10000, .norm_epsilon = 1e-5};
    (void)snprintf(c.architecture, sizeof c.architecture, "%s", family->name);
    RP_TRY(refuse_if_positive(&r, "expert_count", "a mixture of experts"));
    RP_TRY(refuse_changes(&r));
    RP_TRY(read_count(&r, "context_length", false, &c.context));
    RP_TRY(refuse_window(&r, c.context));
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
    const char *epsilon = key_of(&r, "attention.layer_norm_rms_epsilon");
    if (!rp_gguf_has(file, epsilon)) return rp_fail(RP_ERR_FORMAT, "GGUF key %s is missing", epsilon);
    RP_TRY(read_number(&r, "attention.layer_norm_rms_epsilon", &c.norm_epsilon));
    RP_TRY(read_vocabulary(&r, &c));
    c.tied_head = rp_tensors_find(file, "output.weight") == NULL;
    if (c.head_size % 2 == 0 && c.head_size > 0) RP_TRY(read_rope(&r, &c)); /* else the check below names the field */
    if (rp_config_check(&c) != RP_OK) return rp_fail_prefix(RP_ERR_FORMAT, "GGUF metadata");
    name_unknown(&r);
    *config = c;
    return RP_OK;
}
