/* SPDX-License-Identifier: MIT
 *
 * config.c — what a model is, as numbers: checked, read from a Hugging Face config.json, written back.
 *
 * Four model types are understood; a row of `families` says what each one means by silence: Qwen2 has biases on q, k and v
 * without saying so, Qwen3 normalises queries and keys, Mistral attends through a window of 4096. A config.json may ask for
 * things this program does not compute (experts, sliding windows, other activations, quantised weights): those are refused
 * by name rather than computed wrongly. config_rope.c has the settings of rotary positions.
 *
 * What ends an answer is stated in two files, config.json and generation_config.json, by one id or a list of ids. All of
 * them count, here and in what is written: which of the two a program reads differs from program to program.
 */
#include "config.h"
#include "pass.h"

#include <rephrase/json.h>

#include <string.h>

const model_family rp_model_families[] = {
    {"llama", "LlamaForCausalLM", false, false, 0, 0},
    {"mistral", "MistralForCausalLM", false, false, 0, 4096},
    {"qwen2", "Qwen2ForCausalLM", true, false, 0, 0},
    {"qwen3", "Qwen3ForCausalLM", false, true, 128, 0},
};

const model_family *rp_family_find(rp_str architecture) {
    for (size_t i = 0; i < sizeof rp_model_families / sizeof *rp_model_families; i++)
        if (rp_str_is(architecture, rp_model_families[i].name)) return &rp_model_families[i];
    return NULL;
}

/* ---- Check --------------------------------------------------------------------------------------------------------
 */

enum {
    MOST_LAYERS = 1000,
    MOST_WIDTH = 1 << 18, /* channels, hidden, heads · head_size */
    MOST_VOCABULARY = 1 << 24,
    MOST_CONTEXT = 1 << 26,
};

static rp_status check_range(const char *field, int value, int most) {
    if (value >= 1 && value <= most) return RP_OK;
    return rp_fail(RP_ERR_ARGUMENT, "model configuration: %s is %d; it must be from 1 to %d", field, value, most);
}

static rp_status check_positive(const char *field, double value) {
    if (value > 0 && isfinite(value)) return RP_OK;
    return rp_fail(RP_ERR_ARGUMENT, "model configuration: %s is %g; it must be positive", field, value);
}

rp_status rp_config_check(const rp_model_config *c) {
    if (!rp_family_find(rp_str_of(c->architecture)))
        return rp_fail(RP_ERR_UNSUPPORTED,
                       "model configuration: architecture \"%s\" is not one of llama, mistral, qwen2, qwen3",
                       c->architecture);
    RP_TRY(check_range("layers", c->layers, MOST_LAYERS));
    RP_TRY(check_range("channels", c->channels, MOST_WIDTH));
    RP_TRY(check_range("heads", c->heads, MOST_WIDTH));
    RP_TRY(check_range("kv_heads", c->kv_heads, MOST_WIDTH));
    RP_TRY(check_range("head_size", c->head_size, MOST_WIDTH));
    RP_TRY(check_range("hidden", c->hidden, MOST_WIDTH));
    RP_TRY(check_range("vocab", c->vocab, MOST_VOCABULARY));
    RP_TRY(check_range("context", c->context, MOST_CONTEXT));
    if (c->heads % c->kv_heads != 0)
        return rp_fail(RP_ERR_ARGUMENT, "model configuration: %d heads are not a multiple of %d kv_heads", c->heads,
                       c->kv_heads);
    if (c->head_size % 2 != 0)
        return rp_fail(RP_ERR_ARGUMENT, "model configuration: head_size %d is odd; rotary positions need pairs",
                       c->head_size);
    if ((int64_t)c->heads * c->head_size > MOST_WIDTH)
        return rp_fail(RP_ERR_ARGUMENT, "model configuration: %d heads of size %d are wider than %d", c->heads,
                       c->head_size, MOST_WIDTH);
    RP_TRY(check_positive("norm_epsilon", c->norm_epsilon));
    if (c->bos >= c->vocab)
        return rp_fail(RP_ERR_ARGUMENT, "model configuration: bos %d is outside the vocabulary of %d", c->bos, c->vocab);
    if (c->eos_count < 0 || c->eos_count > RP_MAX_ENDS)
        return rp_fail(RP_ERR_ARGUMENT, "model configuration: %d end tokens; at most %d are supported", c->eos_count,
                       RP_MAX_ENDS);
    for (int i = 0; i < c->eos_count; i++)
        if (c->eos[i] < 0 || c->eos[i] >= c->vocab)
            return rp_fail(RP_ERR_ARGUMENT, "model configuration: eos %d is outside the vocabulary of %d", c->eos[i],
                           c->vocab);
    return rp_config_check_rope(c);
}

/* ---- config.json -> numbers
 * ----------------------------------------------------------------------------------------------- */

static rp_status read_count(const rp_json *root, const char *key, bool required, int *out) {
    const rp_json at = rp_json_key(root, key);
    int64_t value = *out;
    if (required)
        RP_TRY(rp_json_get_int(&at, 1, INT32_MAX, &value));
    else
        RP_TRY(rp_json_opt_int(&at, 1, INT32_MAX, &value));
    *out = (int)value;
    return RP_OK;
}

static rp_status read_begin(const rp_json *root, int *out) {
    const rp_json at = rp_json_key(root, "bos_token_id"), first = rp_json_at(&at, 0);
    int64_t value = -1;
    RP_TRY(rp_json_opt_int(rp_json_typeof(&at) == RP_JSON_ARRAY ? &first : &at, -1, INT32_MAX, &value));
    *out = (int)value;
    return RP_OK;
}

rp_status rp_config_add_end(rp_model_config *c, int64_t id) {
    if (id < 0 || id >= c->vocab) return RP_OK;
    for (int i = 0; i < c->eos_count; i++)
        if (c->eos[i] == id) return RP_OK;
    if (c->eos_count == RP_MAX_ENDS) return rp_fail(RP_ERR_LIMIT, "there are more than %d end tokens", RP_MAX_ENDS);
    c->eos[c->eos_count++] = (int)id;
    return RP_OK;
}

/* An id, a list of ids, or null. Ids that the vocabulary does not have occur in the wild; they can never be produced. */
static rp_status read_ends(const rp_json *root, rp_model_config *c) {
    const rp_json at = rp_json_key(root, "eos_token_id");
    const bool list = rp_json_typeof(&at) == RP_JSON_ARRAY;
    if (rp_json_typeof(&at) <= RP_JSON_NULL) return RP_OK;
    for (size_t i = 0; i < (list ? rp_json_length(&at) : 1); i++) {
        const rp_json item = rp_json_at(&at, i), *one = list ? &item : &at;
        int64_t id;
        RP_TRY(rp_json_get_int(one, -1, INT32_MAX, &id));
        if (rp_config_add_end(c, id) != RP_OK) return rp_json_fail(one, RP_ERR_LIMIT, "%s", rp_last_error());
    }
    return RP_OK;
}

static rp_status refuse_if_true(const rp_json *root, const char *key, const char *what) {
    const rp_json at = rp_json_key(root, key);
    bool value = false;
    RP_TRY(rp_json_opt_bool(&at, &value));
    return value ? rp_json_fail(&at, RP_ERR_UNSUPPORTED, "%s is not supported", what) : RP_OK;
}

static rp_status refuse_if_present(const rp_json *root, const char *key, const char *what) {
    const rp_json at = rp_json_key(root, key);
    return rp_json_typeof(&at) > RP_JSON_NULL ? rp_json_fail(&at, RP_ERR_UNSUPPORTED, "%s is not supported", what) : RP_OK;
}

static rp_status refuse_features(const rp_json *root) {
    RP_TRY(refuse_if_present(root, "num_experts", "a mixture of experts"));
    RP_TRY(refuse_if_present(root, "num_local_experts", "a mixture of experts"));
    RP_TRY(refuse_if_present(root, "quantization_config", "a checkpoint with quantised weights"));
    RP_TRY(refuse_if_true(root, "attention_bias", "a bias on the attention output"));
    RP_TRY(refuse_if_true(root, "mlp_bias", "a bias in the feed-forward block"));
    const rp_json types = rp_json_key(root, "layer_types");
    for (size_t i = 0; i < rp_json_length(&types); i++) {
        const rp_json type = rp_json_at(&types, i);
        rp_str name;
        RP_TRY(rp_json_get_string(&type, &name));
        if (!rp_str_is(name, "full_attention"))
            return rp_json_fail(&type, RP_ERR_UNSUPPORTED, "layer type \"%.*s\" is not supported; full_attention is",
                                (int)name.length, name.data);
    }
    const rp_json act = rp_json_key(root, "hidden_act");
    rp_str name = rp_str_of("silu");
    RP_TRY(rp_json_opt_string(&act, &name));
    if (!rp_str_is(name, "silu") && !rp_str_is(name, "swish"))
        return rp_json_fail(&act, RP_ERR_UNSUPPORTED, "activation \"%.*s\" is not supported; silu is", (int)name.length,
                            name.data);
    return RP_OK;
}

/* Qwen has a window that is not in use unless a flag says so; Mistral's is in use unless it is null. One as long as the
 * context hides nothing. */
static rp_status refuse_window(const rp_json *root, const model_family *family, int context) {
    const rp_json window = rp_json_key(root, "sliding_window"), flag = rp_json_key(root, "use_sliding_window");
    int64_t width = rp_json_typeof(&window) == RP_JSON_ABSENT ? family->window : 0;
    bool in_use = family->window > 0;
    RP_TRY(rp_json_opt_int(&window, 0, INT64_MAX, &width));
    RP_TRY(rp_json_opt_bool(&flag, &in_use));
    if (!in_use || width == 0 || width >= context) return RP_OK;
    const rp_json *at = rp_json_typeof(&window) == RP_JSON_ABSENT ? root : &window;
    return rp_json_fail(at, RP_ERR_UNSUPPORTED,
                        "sliding-window attention is not supported (a window of %lld in a context of %d; null means none)",
                        (long long)width, context);
}

static rp_status read_family(const rp_json *root, rp_model_config *c, const model_family **family) {
    const rp_json at = rp_json_key(root, "model_type");
    rp_str type;
    RP_TRY(rp_json_get_string(&at, &type));
    *family = rp_family_find(type);
    if (!*family)
        return rp_json_fail(&at, RP_ERR_UNSUPPORTED,
                            "model type \"%.*s\" is not supported; llama, mistral, qwen2 and qwen3 are", (int)type.length,
                            type.data);
    (void)snprintf(c->architecture, sizeof c->architecture, "%s", (*family)->name);
    return RP_OK;
}

static rp_status config_from(const rp_json *root, rp_model_config *c) {
    const model_family *family;
    RP_TRY(rp_json_require_type(root, RP_JSON_OBJECT));
    RP_TRY(read_family(root, c, &family));
    RP_TRY(refuse_features(root));
    RP_TRY(read_count(root, "num_hidden_layers", true, &c->layers));
    RP_TRY(read_count(root, "hidden_size", true, &c->channels));
    RP_TRY(read_count(root, "num_attention_heads", true, &c->heads));
    RP_TRY(read_count(root, "intermediate_size", true, &c->hidden));
    RP_TRY(read_count(root, "vocab_size", true, &c->vocab));
    c->kv_heads = c->heads;
    RP_TRY(read_count(root, "num_key_value_heads", false, &c->kv_heads));
    c->head_size = family->head_size ? family->head_size : c->channels / c->heads;
    RP_TRY(read_count(root, "head_dim", false, &c->head_size));
    c->context = 2048;
    RP_TRY(read_count(root, "max_position_embeddings", false, &c->context));
    RP_TRY(refuse_window(root, family, c->context));
    c->norm_epsilon = 1e-6;
    const rp_json epsilon = rp_json_key(root, "rms_norm_eps"), tied = rp_json_key(root, "tie_word_embeddings");
    RP_TRY(rp_json_opt_double(&epsilon, &c->norm_epsilon));
    RP_TRY(rp_json_opt_bool(&tied, &c->tied_head));
    c->qkv_bias = family->qkv_bias;
    c->qk_norm = family->qk_norm;
    c->rope_theta = 10000;
    RP_TRY(rp_config_read_rope(root, c));
    RP_TRY(read_begin(root, &c->bos));
    if (c->bos >= c->vocab) c->bos = -1;
    return read_ends(root, c);
}

/* The end tokens of the generation_config.json beside a config.json, where there is one. */
static rp_status ends_beside(const char *path, rp_model_config *c) {
    char beside[4096];
    const char *base = rp_path_base(path);
    const int n = snprintf(beside, sizeof beside, "%.*sgeneration_config.json", (int)(base - path), path);
    if (strcmp(base, "config.json") != 0 || n < 0 || (size_t)n >= sizeof beside || !rp_file_exists(beside)) return RP_OK;
    rp_json_document *document;
    RP_TRY(rp_json_load(beside, &document));
    const rp_json root = rp_json_root(document);
    rp_status status = rp_json_require_type(&root, RP_JSON_OBJECT);
    if (status == RP_OK) status = read_ends(&root, c);
    rp_json_free(document);
    return status;
}

rp_status rp_config_from_json(const char *path, rp_model_config *config) {
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document);
    rp_model_config c = {.layers = 0};
    rp_status status = config_from(&root, &c);
    if (status == RP_OK) status = ends_beside(path, &c);
    if (status == RP_OK && rp_config_check(&c) != RP_OK) status = rp_fail_prefix(RP_ERR_FORMAT, "%s", path);
    rp_json_free(document);
    if (status == RP_OK) *config = c;
    return status;
}

/* ---- numbers -> config.json
 * ------------------------------------------------------------------------------------------------- */

static void put_int(rp_json_writer *w, const char *key, int64_t value) {
    rp_json_put_key(w, key);
    rp_json_put_int(w, value);
}

static void put_double(rp_json_writer *w, const char *key, double value) {
    rp_json_put_key(w, key);
    rp_json_put_double(w, value);
}

static void put_text(rp_json_writer *w, const char *key, const char *value) {
    rp_json_put_key(w, key);
    rp_json_put_text(w, value);
}

static void put_bool(rp_json_writer *w, const char *key, bool value) {
    rp_json_put_key(w, key);
    rp_json_put_bool(w, value);
}

static void put_token(rp_json_writer *w, const char *key, int id) {
    rp_json_put_key(w, key);
    if (id >= 0)
        rp_json_put_int(w, id);
    else
        rp_json_put_null(w);
}

/* One id as a number, several as a list: what transformers writes. */
static void put_ends(rp_json_writer *w, const rp_model_config *c) {
    if (c->eos_count < 2) {
        put_token(w, "eos_token_id", c->eos_count ? c->eos[0] : -1);
        return;
    }
    rp_json_put_key(w, "eos_token_id");
    rp_json_begin_array(w);
    for (int i = 0; i < c->eos_count; i++) rp_json_put_int(w, c->eos[i]);
    rp_json_end_array(w);
}

rp_status rp_config_write_json(rp_arena *scratch, const rp_model_config *c, rp_dtype type, const char *path) {
    const char *const torch_type = type == RP_BF16 ? "bfloat16" : type == RP_F64 ? "float64" : "float32";
    const model_family *family = rp_family_find(rp_str_of(c->architecture));
    RP_TRY(rp_config_check(c));
    const rp_arena_mark mark = rp_arena_get_mark(scratch);
    rp_buffer text = rp_buffer_in(scratch);
    rp_json_writer w = rp_json_write_to(&text);
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "architectures");
    rp_json_begin_array(&w);
    rp_json_put_text(&w, family->class_name);
    rp_json_end_array(&w);
    put_text(&w, "model_type", c->architecture);
    put_int(&w, "num_hidden_layers", c->layers);
    put_int(&w, "hidden_size", c->channels);
    put_int(&w, "num_attention_heads", c->heads);
    put_int(&w, "num_key_value_heads", c->kv_heads);
    put_int(&w, "head_dim", c->head_size);
    put_int(&w, "intermediate_size", c->hidden);
    put_int(&w, "vocab_size", c->vocab);
    put_int(&w, "max_position_embeddings", c->context);
    put_double(&w, "rms_norm_eps", c->norm_epsilon);
    put_text(&w, "hidden_act", "silu");
    put_bool(&w, "tie_word_embeddings", c->tied_head);
    rp_config_write_rope(&w, c);
    if (family->window) { /* silence would mean a window */
        rp_json_put_key(&w, "sliding_window");
        rp_json_put_null(&w);
    }
    put_token(&w, "bos_token_id", c->bos);
    put_ends(&w, c);
    put_text(&w, "dtype", torch_type);
    put_text(&w, "torch_dtype", torch_type);
    rp_json_end_object(&w);
    rp_buffer_char(&text, '\n');
    rp_status status = rp_buffer_status(&text);
    if (status == RP_OK) status = rp_file_write(scratch, path, text.data, text.length);
    rp_arena_rewind(scratch, mark);
    return status;
}
