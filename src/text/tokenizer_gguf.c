/* SPDX-License-Identifier: MIT
 *
 * tokenizer_gguf.c — a tokenizer from a GGUF file's metadata.
 *
 * GGUF keeps the vocabulary in full but only a name ("pre") for the pipeline around it. The table says which pipeline a
 * name stands for in the tokenizer.json the file was made from; other names are refused.
 */
#include "internal.h"

typedef struct pipeline {
    const char *pre;
    rp_splitting splitting;
    bool nfc, ignore_merges, bos;
} pipeline;

static const pipeline pipelines[] = {
    {"gpt-2", {{SPLIT_GPT2}, 1}, false, false, false},
    {"default", {{SPLIT_GPT2}, 1}, false, false, false},
    {"smollm", {{SPLIT_DIGIT, SPLIT_GPT2}, 2}, false, false, false},
    {"qwen2", {{SPLIT_QWEN2}, 1}, true, false, false},
    {"deepseek-r1-qwen", {{SPLIT_QWEN2}, 1}, false, false, true},
    {"llama-bpe", {{SPLIT_LLAMA3}, 1}, false, true, true},
    {"llama3", {{SPLIT_LLAMA3}, 1}, false, true, true},
};

/* The kinds of tokens GGUF distinguishes; 3 and 4 are found in text before anything else. */
enum { KIND_CONTROL = 3, KIND_USER = 4 };

#define KEY(name) "tokenizer.ggml." name

static rp_status find_pipeline(const rp_tensor_file *file, const char *path, const pipeline **found) {
    rp_str model, pre = rp_str_of("default");
    RP_TRY(rp_gguf_get_string(file, KEY("model"), &model));
    if (!rp_str_is(model, "gpt2"))
        return rp_fail(RP_ERR_UNSUPPORTED, "%s: tokenizer model %.*s is not supported (gpt2, byte-level BPE, is)", path,
                       SHOWN(model));
    if (rp_gguf_has(file, KEY("pre")))
        RP_TRY(rp_gguf_get_string(file, KEY("pre"), &pre));
    else
        rp_log(RP_LOG_WARNING, "%s: " KEY("pre") " is missing: the splitting rule of GPT-2 is assumed", path);
    for (size_t i = 0; i < sizeof pipelines / sizeof *pipelines; i++) {
        if (!rp_str_is(pre, pipelines[i].pre)) continue;
        *found = &pipelines[i];
        return RP_OK;
    }
    return rp_fail(RP_ERR_UNSUPPORTED, "%s: splitting rule %.*s (" KEY("pre") ") is not supported", path, SHOWN(pre));
}

static rp_status copy_texts(rp_arena *arena, const char *path, rp_str *texts, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += texts[i].length;
    char *at = rp_alloc(arena, char, total + 1);
    RP_TRY_ALLOC(at);
    for (size_t i = 0; i < count; i++) {
        if (rp_utf8_valid_prefix(texts[i].data, texts[i].length) != texts[i].length)
            return rp_fail(RP_ERR_FORMAT, "%s: " KEY("tokens") "[%zu] is not valid UTF-8", path, i);
        if (texts[i].length) memcpy(at, texts[i].data, texts[i].length);
        texts[i].data = at;
        at += texts[i].length;
    }
    return RP_OK;
}

static rp_status read_tokens(rp_arena *arena, const rp_tensor_file *file, rp_token_source *source) {
    rp_str *texts;
    int64_t *kinds;
    size_t count, kind_count;
    RP_TRY(rp_gguf_strings(file, KEY("tokens"), arena, &texts, &count));
    RP_TRY(rp_gguf_ints(file, KEY("token_type"), arena, &kinds, &kind_count));
    if (count != kind_count)
        return rp_fail(RP_ERR_FORMAT, "%s: %zu tokens but %zu token types", source->source, count, kind_count);
    if (count > INT32_MAX) return rp_fail(RP_ERR_LIMIT, "%s: too many tokens", source->source);
    RP_TRY(copy_texts(arena, source->source, texts, count));
    source->added = rp_alloc_zero(arena, rp_added_token, count + 1);
    RP_TRY_ALLOC(source->added);
    for (size_t i = 0; i < count; i++) {
        if (kinds[i] != KIND_CONTROL && kinds[i] != KIND_USER) continue;
        source->added[source->added_count++] =
            (rp_added_token){.content = texts[i], .id = (int32_t)i, .special = kinds[i] == KIND_CONTROL};
    }
    source->texts = texts;
    source->count = count;
    return RP_OK;
}

static rp_status read_merges(rp_arena *arena, const rp_tensor_file *file, rp_token_source *source) {
    rp_str *lines;
    rp_text_map vocabulary;
    rp_buffer scratch = rp_buffer_in(arena);
    RP_TRY(rp_gguf_strings(file, KEY("merges"), arena, &lines, &source->merge_count));
    rp_merge *merges = rp_alloc(arena, rp_merge, source->merge_count + 1);
    RP_TRY_ALLOC(merges);
    RP_TRY(rp_text_map_init(&vocabulary, arena, source->texts, source->count));
    for (size_t i = 0; i < source->count; i++)
        if (source->texts[i].length) (void)rp_text_map_add(&vocabulary, (int32_t)i);
    for (size_t i = 0; i < source->merge_count; i++) {
        rp_str left, right;
        rp_status status = rp_split_merge(lines[i], &left, &right);
        if (status == RP_OK) status = rp_resolve_merge(&vocabulary, left, right, &scratch, &merges[i]);
        if (status != RP_OK) return rp_fail_prefix(status, "%s: " KEY("merges") "[%zu]", source->source, i);
    }
    source->merges = merges;
    return RP_OK;
}

static rp_status read_id(const rp_tensor_file *file, const char *key, const rp_token_source *source, int32_t *id) {
    int64_t value;
    if (!rp_gguf_has(file, key)) return RP_OK;
    RP_TRY(rp_gguf_get_int(file, key, &value));
    if (value < 0 || (size_t)value >= source->count)
        return rp_fail(RP_ERR_FORMAT, "%s: %s %lld is not in the vocabulary of %zu", source->source, key, (long long)value,
                       source->count);
    *id = (int32_t)value;
    return RP_OK;
}

/* Ids that nothing here uses: one beyond the vocabulary says that tokens and keys do not belong together. */
static rp_status check_ids(const rp_tensor_file *file, const rp_token_source *source) {
    static const char *const keys[] = {KEY("unknown_token_id"), KEY("seperator_token_id"), KEY("separator_token_id"),
                                       KEY("padding_token_id"), KEY("cls_token_id"),       KEY("mask_token_id"),
                                       KEY("eot_token_id"),     KEY("eom_token_id"),       KEY("prefix_token_id"),
                                       KEY("suffix_token_id"),  KEY("middle_token_id"),    KEY("fim_pre_token_id"),
                                       KEY("fim_suf_token_id"), KEY("fim_mid_token_id"),   KEY("fim_pad_token_id"),
                                       KEY("fim_rep_token_id"), KEY("fim_sep_token_id")};
    int32_t ignored;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) RP_TRY(read_id(file, keys[i], source, &ignored));
    return RP_OK;
}

static rp_status read_ends(rp_arena *arena, const rp_tensor_file *file, rp_token_source *source, bool add_bos) {
    rp_tokenizer *settings = &source->settings;
    bool add_eos = false;
    RP_TRY(check_ids(file, source));
    RP_TRY(read_id(file, KEY("bos_token_id"), source, &settings->bos));
    RP_TRY(read_id(file, KEY("eos_token_id"), source, &settings->eos));
    if (rp_gguf_has(file, KEY("add_bos_token"))) RP_TRY(rp_gguf_get_bool(file, KEY("add_bos_token"), &add_bos));
    if (add_bos && settings->bos < 0)
        return rp_fail(RP_ERR_FORMAT, "%s: a begin token is to be added, but " KEY("bos_token_id") " is missing",
                       source->source);
    if (add_bos) settings->prefix[settings->prefix_count++] = settings->bos;
    if (rp_gguf_has(file, KEY("add_eos_token"))) RP_TRY(rp_gguf_get_bool(file, KEY("add_eos_token"), &add_eos));
    if (add_eos && settings->eos < 0)
        return rp_fail(RP_ERR_FORMAT, "%s: an end token is to be added, but " KEY("eos_token_id") " is missing",
                       source->source);
    if (add_eos) settings->suffix[settings->suffix_count++] = settings->eos;
    if (!rp_gguf_has(file, "tokenizer.chat_template")) return RP_OK;
    rp_str text;
    RP_TRY(rp_gguf_get_string(file, "tokenizer.chat_template", &text));
    return rp_template_keep(arena, text, &settings->chat_template);
}

static rp_status read_file(rp_arena *arena, const rp_tensor_file *file, const char *path, rp_tokenizer **tokenizer) {
    const pipeline *named = NULL;
    RP_TRY(find_pipeline(file, path, &named));
    rp_token_source source = {
        .source = path,
        .settings = {
            .splitting = named->splitting, .nfc = named->nfc, .ignore_merges = named->ignore_merges, .bos = -1, .eos = -1}};
    RP_TRY(read_tokens(arena, file, &source));
    RP_TRY(read_merges(arena, file, &source));
    RP_TRY(read_ends(arena, file, &source, named->bos));
    return rp_tokenizer_build(arena, &source, tokenizer);
}

rp_status rp_tokenizer_read_gguf(rp_arena *arena, const char *path, rp_tokenizer **tokenizer) {
    rp_tensor_file *file;
    RP_TRY(rp_tensors_open(arena, path, &file));
    const rp_status status = read_file(arena, file, path, tokenizer);
    rp_tensors_close(file);
    return status;
}
