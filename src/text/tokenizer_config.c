/* SPDX-License-Identifier: MIT
 *
 * tokenizer_config.c — what tokenizer.json leaves out: the begin and end tokens and the chat template.
 *
 * They are in tokenizer_config.json (and newer templates in chat_template.jinja) in the same folder. Without these files
 * the post-processor's first token begins a text, and the end token is the first of a few customary names that is there.
 */
#include "internal.h"

#include <rephrase/json.h>

static int32_t find_token(const rp_tokenizer *tokenizer, rp_str name) {
    for (size_t i = 0; i < tokenizer->added_count; i++)
        if (rp_str_equal(tokenizer->added[i].content, name)) return tokenizer->added[i].id;
    return rp_text_map_find(&tokenizer->by_text, name);
}

void rp_tokenizer_guess_ends(rp_tokenizer *tokenizer) {
    static const char *const customary[] = {"<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "</s>"};
    if (tokenizer->bos < 0 && tokenizer->prefix_count > 0) tokenizer->bos = tokenizer->prefix[0];
    for (size_t i = 0; tokenizer->eos < 0 && i < sizeof customary / sizeof *customary; i++) {
        const int32_t id = find_token(tokenizer, rp_str_of(customary[i]));
        if (rp_token_is_special(tokenizer, id)) tokenizer->eos = id;
    }
}

/* A token is named by its text, or by an object with the text as "content"; null = none. */
static rp_status read_end(const rp_json *root, const char *key, const rp_tokenizer *tokenizer, int32_t *id) {
    const rp_json at = rp_json_key(root, key), content = rp_json_key(&at, "content");
    rp_str name = {0};
    RP_TRY(rp_json_opt_string(rp_json_typeof(&at) == RP_JSON_OBJECT ? &content : &at, &name));
    if (!name.data) return RP_OK;
    *id = find_token(tokenizer, name);
    if (*id >= 0) return RP_OK;
    return rp_json_fail(&at, RP_ERR_FORMAT, "\"%.*s\" is not in the vocabulary", SHOWN(name));
}

static rp_status keep_template(rp_arena *arena, rp_str text, rp_tokenizer *tokenizer) {
    char *copy = rp_strndup(arena, text.data, text.length);
    RP_TRY_ALLOC(copy);
    tokenizer->chat_template = (rp_str){copy, text.length};
    return RP_OK;
}

/* A text, or a list of {"name", "template"} of which "default" counts. */
static rp_status read_template(rp_arena *arena, const rp_json *at, rp_tokenizer *tokenizer) {
    rp_str text = {0}, name = {0};
    if (rp_json_typeof(at) != RP_JSON_ARRAY) {
        RP_TRY(rp_json_opt_string(at, &text));
        return text.data ? keep_template(arena, text, tokenizer) : RP_OK;
    }
    for (size_t i = 0; i < rp_json_length(at); i++) {
        const rp_json item = rp_json_at(at, i), key = rp_json_key(&item, "name"), value = rp_json_key(&item, "template");
        RP_TRY(rp_json_get_string(&key, &name));
        if (!rp_str_is(name, "default")) continue;
        RP_TRY(rp_json_get_string(&value, &text));
        return keep_template(arena, text, tokenizer);
    }
    return RP_OK;
}

static rp_status read_config(rp_arena *arena, const char *path, rp_tokenizer *tokenizer) {
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document), template = rp_json_key(&root, "chat_template");
    rp_status status = rp_json_require_type(&root, RP_JSON_OBJECT);
    if (status == RP_OK) status = read_end(&root, "bos_token", tokenizer, &tokenizer->bos);
    if (status == RP_OK) status = read_end(&root, "eos_token", tokenizer, &tokenizer->eos);
    if (status == RP_OK) status = read_template(arena, &template, tokenizer);
    rp_json_free(document);
    return status;
}

rp_status rp_tokenizer_read_config(rp_arena *arena, const char *path, rp_tokenizer *tokenizer) {
    enum { TEMPLATE_LIMIT = 1 << 20 };
    if (strcmp(rp_path_base(path), "tokenizer.json") == 0) {
        const char *directory = rp_path_directory(arena, path);
        RP_TRY_ALLOC(directory);
        const char *config = rp_path_join(arena, directory, "tokenizer_config.json");
        const char *template = rp_path_join(arena, directory, "chat_template.jinja");
        RP_TRY_ALLOC(config);
        RP_TRY_ALLOC(template);
        if (rp_file_exists(config)) RP_TRY(read_config(arena, config, tokenizer));
        if (rp_file_exists(template)) RP_TRY(rp_file_read(arena, template, TEMPLATE_LIMIT, &tokenizer->chat_template));
    }
    rp_tokenizer_guess_ends(tokenizer);
    return RP_OK;
}
