/* SPDX-License-Identifier: MIT
 *
 * Tokenizers in GGUF metadata: the real SmolLM2 file, small ones built here, and what is wrong with broken ones.
 */
#include "golden.h"

/* ---- Building -------------------------------------------------------------------------------------------------- */

enum { TYPE_U32 = 4, TYPE_I32 = 5, TYPE_BOOL = 7, TYPE_STRING = 8, TYPE_ARRAY = 9 };

static void u32(rp_buffer *out, uint32_t value) {
    rp_buffer_append(out, &value, 4);
}
static void u64(rp_buffer *out, uint64_t value) {
    rp_buffer_append(out, &value, 8);
}
static void string(rp_buffer *out, const char *text) {
    u64(out, strlen(text));
    rp_buffer_text(out, text);
}
static void key(rp_buffer *out, const char *name, uint32_t type) {
    string(out, name);
    u32(out, type);
}
static void strings(rp_buffer *out, const char *name, const char *const *items, size_t count) {
    key(out, name, TYPE_ARRAY);
    u32(out, TYPE_STRING);
    u64(out, count);
    for (size_t i = 0; i < count; i++) string(out, items[i]);
}

typedef struct file {
    const char *model, *pre, *tokens[7], *merges[2];
    size_t token_count, type_count, merge_count;
    uint32_t types[7], bos;
    bool add_bos, with_bos;
    const char *more_key; /* one more id or flag */
    uint32_t more_type, more;
} file;

static file sound(void) {
    return (file){.model = "gpt2",
                  .pre = "smollm",
                  .tokens = {"<s>", "a", "b", "ab", "abb", "<u>", "1"},
                  .merges = {"a b", "ab b"},
                  .token_count = 7,
                  .type_count = 7,
                  .merge_count = 2,
                  .types = {3, 1, 1, 1, 1, 4, 1}};
}

static rp_status load(rp_arena *arena, const file *f, rp_tokenizer **tokenizer) {
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_text(&out, "GGUF");
    u32(&out, 3);
    u64(&out, 0);
    u64(&out, 6u + f->with_bos + (f->more_key != NULL));
    key(&out, "tokenizer.ggml.model", TYPE_STRING);
    string(&out, f->model);
    key(&out, f->pre ? "tokenizer.ggml.pre" : "tokenizer.ggml.pro", TYPE_STRING);
    string(&out, f->pre ? f->pre : "smollm");
    strings(&out, "tokenizer.ggml.tokens", f->tokens, f->token_count);
    key(&out, "tokenizer.ggml.token_type", TYPE_ARRAY);
    u32(&out, TYPE_I32);
    u64(&out, f->type_count);
    for (size_t i = 0; i < f->type_count; i++) u32(&out, f->types[i]);
    strings(&out, "tokenizer.ggml.merges", f->merges, f->merge_count);
    key(&out, "tokenizer.ggml.add_bos_token", TYPE_BOOL);
    rp_buffer_char(&out, f->add_bos);
    if (f->with_bos) key(&out, "tokenizer.ggml.bos_token_id", TYPE_U32);
    if (f->with_bos) u32(&out, f->bos);
    if (f->more_key) {
        key(&out, f->more_key, f->more_type);
        rp_buffer_append(&out, &f->more, f->more_type == TYPE_BOOL ? 1 : 4);
    }
    const char *path = rp_strdup(arena, temporary_path("small.gguf"));
    assert_ok(rp_file_write(arena, path, out.data, out.length));
    return rp_tokenizer_load(arena, path, tokenizer);
}

static void remember(void *context, rp_log_level level, const char *message) {
    (void)level;
    (void)snprintf(context, 512, "%s", message);
}

static void test_keys_around_the_vocabulary(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    static const char *const ids[] = {"unknown", "padding", "separator", "mask", "eot", "fim_pre"};
    rp_tokenizer *t = NULL;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        file f = sound();
        f.more_key = rp_sprintf(arena, "tokenizer.ggml.%s_token_id", ids[i]);
        f.more_type = TYPE_U32;
        f.more = 7; /* of 7 tokens */
        assert_fails(load(arena, &f, &t), RP_ERR_FORMAT,
                     rp_sprintf(arena, "%s_token_id 7 is not in the vocabulary of 7", ids[i]));
    }
    assert_null(t);
    file f = sound();
    f.with_bos = true;
    f.more_key = "tokenizer.ggml.add_eos_token";
    f.more_type = TYPE_BOOL;
    f.more = 1;
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "eos_token_id is missing");
    f = sound();
    f.more_key = "tokenizer.ggml.px"; /* a misspelt "pre" is not refused, but what is assumed is said */
    f.more_type = TYPE_U32;
    assert_ok(load(arena, &f, &t));
    char said[512] = "";
    rp_log_set(remember, said);
    f.pre = NULL;
    assert_ok(load(arena, &f, &t));
    rp_log_set(NULL, NULL);
    assert_non_null(strstr(said, "tokenizer.ggml.pre is missing: the splitting rule of GPT-2 is assumed"));
    rp_arena_destroy(arena);
}

static void test_small_file_encodes(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    file f = sound();
    f.with_bos = f.add_bos = true;
    rp_tokenizer *t;
    rp_encoding e;
    assert_ok(load(arena, &f, &t));
    assert_ok(rp_encode(t, arena, rp_str_of("abb<u>11<s>"), &(rp_encode_options){.add_special = true}, &e));
    const int32_t expected[] = {0, 4, 5, 6, 6, 0};
    assert_int_equal(e.length, 6);
    assert_memory_equal(e.ids, expected, sizeof expected);
    assert_true(rp_token_is_special(t, 0));
    assert_false(rp_token_is_special(t, 5)); /* user-defined: found in text, but not special */
    assert_int_equal(rp_tokenizer_bos(t), 0);
    rp_arena_destroy(arena);
}

static void test_broken_files_are_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *t = NULL;
    file f = sound();
    f.model = "llama";
    assert_fails(load(arena, &f, &t), RP_ERR_UNSUPPORTED, "tokenizer model llama is not supported");
    f = sound();
    f.pre = "tekken";
    assert_fails(load(arena, &f, &t), RP_ERR_UNSUPPORTED, "splitting rule tekken");
    f = sound();
    f.type_count = 6;
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "7 tokens but 6 token types");
    f = sound();
    f.tokens[4] = "a";
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "tokenizer.ggml.merges[1]");
    f = sound();
    f.tokens[6] = "a";
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "token \"a\" has two ids, 1 and 6");
    f = sound();
    f.tokens[6] = "\xFF";
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "tokenizer.ggml.tokens[6] is not valid UTF-8");
    f = sound();
    f.tokens[6] = "";
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "token 6 is empty");
    f = sound();
    f.merges[1] = "abb";
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "tokenizer.ggml.merges[1]: \"abb\" is not two tokens");
    f = sound();
    f.with_bos = true;
    f.bos = 7;
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "bos_token_id 7 is not in the vocabulary of 7");
    f = sound();
    f.add_bos = true;
    assert_fails(load(arena, &f, &t), RP_ERR_FORMAT, "bos_token_id is missing");
    assert_null(t);
    assert_fails(rp_tokenizer_load(arena, source_path("data/golden/v1/formats/tiny.gguf"), &t), RP_ERR_FORMAT,
                 "key tokenizer.ggml.model is missing");
    rp_arena_destroy(arena);
}

/* The file's own tokenizer equals the tokenizer.json rebuilt from it: same size, same ids, and the published ones. */
static void test_smollm2_equals_its_json(void **state) {
    (void)state;
    const char *path = smollm2_path();
    if (!path) skip();
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *t;
    rp_encoding e;
    assert_ok(rp_tokenizer_load(arena, path, &t));
    assert_int_equal(rp_tokenizer_size(t), 49152);
    assert_ok(rp_encode(t, arena, rp_str_of("Hello, we can use"), NULL, &e));
    const int32_t expected[] = {19556, 28, 392, 416, 722}; /* an independent exporter's self-check */
    assert_int_equal(e.length, 5);
    assert_memory_equal(e.ids, expected, sizeof expected);
    const char *json = shared_path("data/tokenizer/smollm2_tokenizer.json");
    if (!json) skip();
    rp_tokenizer *other;
    assert_ok(rp_tokenizer_load(arena, json, &other));
    for (int32_t id = 0; id < 49152; id++) {
        assert_true(rp_str_equal(rp_token_text(t, id), rp_token_text(other, id)));
        assert_int_equal(rp_token_is_special(t, id), rp_token_is_special(other, id));
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_file_encodes),
        cmocka_unit_test(test_keys_around_the_vocabulary),
        cmocka_unit_test(test_broken_files_are_refused),
        cmocka_unit_test(test_smollm2_equals_its_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
