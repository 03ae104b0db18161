/* SPDX-License-Identifier: MIT */
#include "golden.h"

static void same_config(rp_arena *arena, const golden_case *g) {
    rp_model_config from_json, from_gguf;
    char path[2048];
    (void)snprintf(path, sizeof path, "%s/config.json", source_path(g->folder));
    assert_ok(rp_config_from_json(path, &from_json));
    (void)snprintf(path, sizeof path, "%s/model.gguf", source_path(g->folder));
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    assert_ok(rp_config_from_gguf(file, &from_gguf));
    rp_tensors_close(file);
    from_json.bos = -1;
    memset(from_json.eos, 0, sizeof from_json.eos);
    from_json.eos_count = 0;                            /* the goldens' GGUF files have no tokens */
    if (strcmp(from_json.architecture, "mistral") == 0) /* GGUF calls Mistral's models llama */
        memcpy(from_json.architecture, "llama\0\0", 8);
    assert_memory_equal(&from_gguf, &from_json, sizeof from_gguf);
}

static void test_gguf_keys_say_what_config_json_says(void **state) {
    (void)state;
    for_each_golden(same_config);
}

/* A copy of a golden GGUF file with one piece of text replaced by another of the same length. */
static rp_status with_replaced(const char *name, const char *from, const char *to, size_t length) {
    rp_arena *arena = rp_arena_create("test", 0);
    char relative[256];
    (void)snprintf(relative, sizeof relative, GOLDEN_FOLDER "/%s/model.gguf", name);
    rp_str text;
    assert_ok(rp_file_read(arena, source_path(relative), 0, &text));
    char *copy = rp_strndup(arena, text.data, text.length);
    size_t replaced = 0;
    for (size_t i = 0; i + length <= text.length; i++)
        if (memcmp(text.data + i, from, length) == 0) {
            memcpy(copy + i, to, length);
            replaced++;
        }
    assert_true(replaced > 0);
    const char *path = temporary_path("changed.gguf");
    assert_ok(rp_file_write(arena, path, copy, text.length));
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    rp_model_config config;
    const rp_status status = rp_config_from_gguf(file, &config);
    rp_tensors_close(file);
    rp_arena_destroy(arena);
    return status;
}
#define REPLACED(name, from, to) with_replaced(name, from, to, sizeof(from) - 1)

/* A golden GGUF file with one more pair, a key with a float or a text, put before the others. */
static rp_status with_pair(const char *name, const char *key, const char *text, float number, rp_model_config *config) {
    rp_arena *arena = rp_arena_create("test", 0);
    char relative[256];
    (void)snprintf(relative, sizeof relative, GOLDEN_FOLDER "/%s/model.gguf", name);
    rp_str bytes;
    assert_ok(rp_file_read(arena, source_path(relative), 0, &bytes));
    /* The header ends at 24. The directory behind it grows, so the padding before the data is made anew: 32 bytes and more. */
    rp_buffer pair = rp_buffer_in(arena), out = rp_buffer_in(arena);
    const uint64_t length = strlen(key), text_length = text ? strlen(text) : 0;
    const uint32_t kind = text ? 8 : 6;
    rp_buffer_append(&pair, &length, 8);
    rp_buffer_text(&pair, key);
    rp_buffer_append(&pair, &kind, 4);
    if (text) rp_buffer_append(&pair, &text_length, 8);
    rp_buffer_append(&pair, text ? (const void *)text : (const void *)&number, text ? text_length : sizeof number);
    /* A key of its own fills up to a multiple of the alignment, so that the rest of the file moves by whole lines. */
    const size_t used = pair.length + 8 + 3 + 4 + 8, fill = (32 - used % 32) % 32;
    const uint64_t three = 3, filled = fill;
    const uint32_t string = 8;
    rp_buffer_append(&pair, &three, 8);
    rp_buffer_text(&pair, "pad");
    rp_buffer_append(&pair, &string, 4);
    rp_buffer_append(&pair, &filled, 8);
    for (size_t i = 0; i < fill; i++) rp_buffer_char(&pair, ' ');
    uint64_t pairs;
    memcpy(&pairs, bytes.data + 16, 8);
    pairs += 2;
    rp_buffer_append(&out, bytes.data, 16);
    rp_buffer_append(&out, &pairs, 8);
    rp_buffer_append(&out, pair.data, pair.length);
    rp_buffer_append(&out, bytes.data + 24, bytes.length - 24);
    const char *path = temporary_path("more.gguf");
    assert_ok(rp_file_write(arena, path, out.data, out.length));
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    const rp_status status = rp_config_from_gguf(file, config);
    rp_tensors_close(file);
    rp_arena_destroy(arena);
    return status;
}

static void test_every_spelling_of_scaling(void **state) {
    (void)state;
    rp_model_config c;
    assert_ok(with_pair("llama-tied", "llama.rope.scale_linear", NULL, 4, &c)); /* the older key */
    assert_true(c.rope_scaling == RP_ROPE_LINEAR && c.rope_factor == 4);
    assert_ok(with_pair("llama-tied", "llama.rope.scaling.factor", NULL, 4, &c)); /* linear is llama.cpp's default type */
    assert_true(c.rope_scaling == RP_ROPE_LINEAR && c.rope_factor == 4);
    assert_ok(with_pair("llama-tied", "llama.rope.scaling.factor", NULL, 0, &c)); /* 0 is none */
    assert_true(c.rope_scaling == RP_ROPE_PLAIN);
    assert_ok(with_pair("qwen2-linear", "qwen2.rope.scale_linear", NULL, 8, &c)); /* the newer key counts */
    assert_true(c.rope_scaling == RP_ROPE_LINEAR && c.rope_factor == 2);
    assert_ok(with_pair("llama-tied", "llama.rope.scaling.type", "none", 0, &c));
    assert_true(c.rope_scaling == RP_ROPE_PLAIN);
    assert_ok(
        with_pair("llama-yarn", "llama.rope.scaling.attn_factor", NULL, 2, &c)); /* times what follows from the factor */
    assert_near(c.rope_attention_factor, 2 * 1.1386294361119891, 1e-12, 0);
    assert_fails(with_pair("llama-yarn", "llama.rope.scaling.yarn_ext_factor", NULL, 0.5f, &c), RP_ERR_UNSUPPORTED,
                 "yarn_ext_factor 0.5");
    assert_fails(with_pair("llama-yarn", "llama.rope.scaling.yarn_log_multiplier", NULL, 0.1f, &c), RP_ERR_UNSUPPORTED,
                 "yarn_log_multiplier 0.1");
    assert_fails(with_pair("llama-tied", "llama.rope.scaling.type", "longrope", 0, &c), RP_ERR_UNSUPPORTED, "\"longrope\"");
    assert_fails(with_pair("llama-llama3", "llama.rope.scale_linear", NULL, 2, &c), RP_ERR_UNSUPPORTED,
                 "rope_freqs.weight together");
}

static void remember(void *context, rp_log_level level, const char *message) {
    (void)level;
    (void)snprintf(context, 512, "%s", message);
}

static void test_keys_that_contradict_or_would_change_the_model(void **state) {
    (void)state;
    rp_model_config c;
    assert_fails(with_pair("llama-tied", "llama.final_logit_softcapping", NULL, 30, &c), RP_ERR_UNSUPPORTED,
                 "softcapping is 30");
    assert_fails(with_pair("llama-tied", "llama.logit_scale", NULL, 0.5f, &c), RP_ERR_UNSUPPORTED,
                 "llama.logit_scale is 0.5");
    assert_ok(with_pair("llama-tied", "llama.logit_scale", NULL, 1, &c));
    char said[512] = "";
    rp_log_set(remember, said);
    assert_ok(with_pair("llama-tied", "llama.rope.freq_basf", NULL, 5, &c)); /* a misspelt key is silence in llama.cpp */
    rp_log_set(NULL, NULL);
    assert_non_null(strstr(said, "GGUF key llama.rope.freq_basf is not known and has no effect"));
}

static void test_missing_and_foreign_keys_are_named(void **state) {
    (void)state;
    assert_fails(REPLACED("llama-tied", "llama.block_count", "llama.clock_count"), RP_ERR_FORMAT, "llama.block_count");
    assert_fails(REPLACED("llama-tied", "token_embd.weight", "token_embx.weight"), RP_ERR_FORMAT, "token_embd.weight");
    assert_fails(REPLACED("qwen2-linear", "\6\0\0\0\0\0\0\0linear", "\6\0\0\0\0\0\0\0dynami"), RP_ERR_UNSUPPORTED,
                 "rope scaling \"dynami\" is not supported; none, linear and yarn are");
    assert_fails(REPLACED("llama-tied", "layer_norm_rms_epsilon", "layer_norm_rms_epsilom"), RP_ERR_FORMAT,
                 "attention.layer_norm_rms_epsilon is missing");
    /* Without its key the head size is 16 / 4 channels. */
    assert_fails(REPLACED("llama-llama3", "llama.attention.key_length", "llama.attention.kex_length"), RP_ERR_UNSUPPORTED,
                 "heads of size 4 with values of size 8");
    const float plain[2] = {1, 1}, other[2] = {2, 1}; /* rope_freqs: the two fast pairs are not scaled */
    assert_fails(with_replaced("llama-llama3", (const char *)plain, (const char *)other, sizeof plain), RP_ERR_UNSUPPORTED,
                 "rope_freqs.weight is not Llama 3's scaling");
}

static void put_key(rp_buffer *out, const char *key, uint32_t type) {
    const uint64_t length = strlen(key);
    rp_buffer_append(out, &length, sizeof length);
    rp_buffer_append(out, key, length);
    rp_buffer_append(out, &type, sizeof type);
}

/* A GGUF file without tensors: general.architecture and one more key with a number. */
static rp_status with_key(const char *architecture, const char *key, uint32_t value) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer out = rp_buffer_in(arena);
    const uint32_t version = 3, string = 8, u32 = 4;
    const uint64_t counts[2] = {0, 2}, length = strlen(architecture);
    rp_buffer_text(&out, "GGUF");
    rp_buffer_append(&out, &version, sizeof version);
    rp_buffer_append(&out, counts, sizeof counts);
    put_key(&out, "general.architecture", string);
    rp_buffer_append(&out, &length, sizeof length);
    rp_buffer_append(&out, architecture, length);
    put_key(&out, key, u32);
    rp_buffer_append(&out, &value, sizeof value);
    const char *path = temporary_path("keys.gguf");
    assert_ok(rp_file_write(arena, path, out.data, out.length));
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    rp_model_config config;
    const rp_status status = rp_config_from_gguf(file, &config);
    rp_tensors_close(file);
    rp_arena_destroy(arena);
    return status;
}

static void test_what_is_not_supported_is_refused_by_name(void **state) {
    (void)state;
    assert_fails(with_key("gemma2", "gemma2.block_count", 2), RP_ERR_UNSUPPORTED, "GGUF architecture \"gemma2\"");
    assert_fails(with_key("llama", "llama.expert_count", 8), RP_ERR_UNSUPPORTED, "a mixture of experts");
    assert_fails(with_key("qwen2", "qwen2.attention.sliding_window", 64), RP_ERR_UNSUPPORTED, "sliding-window attention");
    assert_fails(with_key("llama", "llama.expert_count", 0), RP_ERR_FORMAT, "llama.block_count");
    assert_fails(with_key("llama", "llama.block_count", 0), RP_ERR_FORMAT, "llama.block_count is 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gguf_keys_say_what_config_json_says),
        cmocka_unit_test(test_missing_and_foreign_keys_are_named),
        cmocka_unit_test(test_every_spelling_of_scaling),
        cmocka_unit_test(test_keys_that_contradict_or_would_change_the_model),
        cmocka_unit_test(test_what_is_not_supported_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
