/* SPDX-License-Identifier: MIT
 *
 * tokenizer_config.c — what tokenizer.json leaves out: the begin and end tokens, the chat template, and at times more tokens.
 *
 * They are in tokenizer_config.json (and newer templates in chat_template.jinja) in the same folder. Without these files
 * the post-processor's first token begins a text, and the end token is the first of a few customary names that is there.
 *
 * The reference is AutoTokenizer. Tokens that stand only in added_tokens_decoder it appends one after another, so a stated
 * id is refused where that would give another one. Whether a text begins with the begin token says the post-processor; the
 * classes of Llama, CodeLlama, Gemma and Cohere in transformers 4 build it anew from add_bos_token and add_eos_token, which
 * therefore count here. Other classes pass the two keys over, and so does this file, with a warning where a key asks for a
 * token that is not added.
 */
#include "internal.h"

#include <rephrase/json.h>

#include <stdlib.h>

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

rp_status rp_template_keep(rp_arena *arena, rp_str text, rp_str *kept) {
    char *copy = rp_alloc(arena, char, text.length + 1);
    RP_TRY_ALLOC(copy);
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\r' && i + 1 < text.length && text.data[i + 1] == '\n') continue;
        copy[n++] = text.data[i] == '\r' ? '\n' : text.data[i];
    }
    copy[n] = 0;
    *kept = (rp_str){copy, n};
    return RP_OK;
}

/* A text, or a list of {"name", "template"} of which "default" counts. */
static rp_status read_template(rp_arena *arena, const rp_json *at, rp_tokenizer *tokenizer) {
    rp_str text = {0}, name = {0};
    if (rp_json_typeof(at) != RP_JSON_ARRAY) {
        RP_TRY(rp_json_opt_string(at, &text));
        return text.data ? rp_template_keep(arena, text, &tokenizer->chat_template) : RP_OK;
    }
    for (size_t i = 0; i < rp_json_length(at); i++) {
        const rp_json item = rp_json_at(at, i), key = rp_json_key(&item, "name"), value = rp_json_key(&item, "template");
        RP_TRY(rp_json_get_string(&key, &name));
        if (!rp_str_is(name, "default")) continue;
        RP_TRY(rp_json_get_string(&value, &text));
        return rp_template_keep(arena, text, &tokenizer->chat_template);
    }
    return RP_OK;
}

/* Does this class build the post-processor from the two keys? Without a class the model type decides, which is Llama's here. */
static bool rebuilds(rp_str class_name) {
    static const char *const classes[] = {"LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer", "CohereTokenizer"};
    bool found = class_name.length == 0;
    for (size_t i = 0; i < sizeof classes / sizeof *classes && !found; i++) {
        const size_t n = strlen(classes[i]);
        const rp_str rest = {class_name.data + n, class_name.length - n};
        found = class_name.length >= n && memcmp(class_name.data, classes[i], n) == 0 &&
                (rest.length == 0 || rp_str_is(rest, "Fast"));
    }
    return found;
}

static bool contains(const int32_t *ids, int count, int32_t id) {
    for (int i = 0; i < count; i++)
        if (ids[i] == id) return true;
    return false;
}

static rp_status set_end(const rp_json *at, const char *token, int32_t id, bool add, int32_t ids[MAX_TEMPLATE],
                         int *count) {
    if (add && id < 0) return rp_json_fail(at, RP_ERR_FORMAT, "asks for a token that is not there: there is no %s", token);
    *count = add;
    if (add) ids[0] = id;
    return RP_OK;
}

/* add_bos_token and add_eos_token: what stands around every text. */
static rp_status read_frame(const rp_json *root, const char *path, rp_tokenizer *t) {
    const rp_json bos = rp_json_key(root, "add_bos_token"), eos = rp_json_key(root, "add_eos_token"),
                  class_at = rp_json_key(root, "tokenizer_class");
    const bool says_bos = rp_json_typeof(&bos) > RP_JSON_NULL, says_eos = rp_json_typeof(&eos) > RP_JSON_NULL;
    rp_str class_name = {0};
    bool add_bos = t->bos >= 0, add_eos = false; /* the defaults of the classes that build anew */
    if (!says_bos && !says_eos) return RP_OK;
    RP_TRY(rp_json_opt_string(&class_at, &class_name));
    RP_TRY(rp_json_opt_bool(&bos, &add_bos));
    RP_TRY(rp_json_opt_bool(&eos, &add_eos));
    if (rebuilds(class_name)) {
        RP_TRY(set_end(&bos, "bos_token", t->bos, add_bos, t->prefix, &t->prefix_count));
        return set_end(&eos, "eos_token", t->eos, add_eos, t->suffix, &t->suffix_count);
    }
    if (says_bos && add_bos && !contains(t->prefix, t->prefix_count, t->bos))
        rp_log(RP_LOG_WARNING,
               "%s: add_bos_token is true, but tokenizer.json adds none and AutoTokenizer passes the key over", path);
    if (says_eos && add_eos && !contains(t->suffix, t->suffix_count, t->eos))
        rp_log(RP_LOG_WARNING,
               "%s: add_eos_token is true, but tokenizer.json adds none and AutoTokenizer passes the key over", path);
    return RP_OK;
}

static rp_status read_config(rp_arena *arena, const char *path, rp_tokenizer *tokenizer) {
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document), template = rp_json_key(&root, "chat_template");
    rp_status status = rp_json_require_type(&root, RP_JSON_OBJECT);
    if (status == RP_OK) status = read_end(&root, "bos_token", tokenizer, &tokenizer->bos);
    if (status == RP_OK) status = read_end(&root, "eos_token", tokenizer, &tokenizer->eos);
    if (status == RP_OK) status = read_frame(&root, path, tokenizer);
    if (status == RP_OK) status = read_template(arena, &template, tokenizer);
    rp_json_free(document);
    return status;
}

/* ---- Tokens that tokenizer.json does not have ------------------------------------------------------------------ */

static int compare_ids(const void *a, const void *b) {
    const rp_added_token *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* Absent and null count as `missing`. */
static rp_status flag_of(const rp_json *object, const char *key, bool missing, bool *value) {
    const rp_json at = rp_json_key(object, key);
    *value = missing;
    return rp_json_opt_bool(&at, value);
}

rp_status rp_added_token_read(rp_arena *arena, const rp_json *at, rp_added_token *token) {
    const rp_json content = rp_json_key(at, "content");
    rp_str text;
    RP_TRY(rp_json_require_type(at, RP_JSON_OBJECT));
    RP_TRY(rp_json_get_string(&content, &text));
    char *copy = rp_strndup(arena, text.data, text.length);
    RP_TRY_ALLOC(copy);
    token->content = (rp_str){copy, text.length};
    RP_TRY(flag_of(at, "special", false, &token->special));
    RP_TRY(flag_of(at, "normalized", !token->special, &token->normalized));
    RP_TRY(flag_of(at, "single_word", false, &token->single_word));
    RP_TRY(flag_of(at, "lstrip", false, &token->lstrip));
    return flag_of(at, "rstrip", false, &token->rstrip);
}

/* The id that the reference gives to the next token that is appended. */
static int32_t next_id(const rp_token_source *source) {
    size_t known = 0;
    int32_t next = -1;
    for (size_t i = 0; i < source->count; i++) known += source->texts[i].data != NULL;
    for (size_t i = 0; i < source->added_count; i++)
        if (source->added[i].id >= next) next = source->added[i].id + 1;
    return next > (int32_t)known ? next : (int32_t)known;
}

/* A token that is known under this text keeps its id and takes the flags stated here. */
static rp_status add_token(const char *path, rp_added_token token, rp_token_source *source) {
    int32_t id = -1;
    size_t place = source->added_count;
    for (size_t i = 0; i < source->added_count && id < 0; i++)
        if (rp_str_equal(source->added[i].content, token.content)) {
            id = source->added[i].id;
            place = i;
        }
    for (size_t i = 0; i < source->count && id < 0; i++)
        if (source->texts[i].data && rp_str_equal(source->texts[i], token.content)) id = (int32_t)i;
    if (id < 0) id = next_id(source);
    if (id != token.id)
        return rp_fail(RP_ERR_FORMAT,
                       "%s: added_tokens_decoder gives \"%.*s\" the id %d; with this tokenizer.json it has %d", path,
                       SHOWN(token.content), token.id, id);
    source->added[place] = token;
    source->added_count += place == source->added_count;
    return RP_OK;
}

static rp_status read_decoder(rp_arena *arena, const char *path, const rp_json *at, rp_token_source *source) {
    if (rp_json_typeof(at) <= RP_JSON_NULL) return RP_OK;
    RP_TRY(rp_json_require_type(at, RP_JSON_OBJECT));
    const size_t count = rp_json_length(at);
    rp_added_token *tokens = rp_alloc_zero(arena, rp_added_token, count + 1),
                   *all = rp_alloc_zero(arena, rp_added_token, source->added_count + count + 1);
    RP_TRY_ALLOC(tokens);
    RP_TRY_ALLOC(all);
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json entry;
    for (size_t i = 0; i < count && rp_json_next_member(at, &iterator, &key, &entry); i++) {
        int64_t id;
        if (!rp_parse_int64(key, &id) || id < 0 || id >= INT32_MAX)
            return rp_json_fail(&entry, RP_ERR_FORMAT, "\"%.40s\" is not a token id", key);
        RP_TRY(rp_added_token_read(arena, &entry, &tokens[i]));
        tokens[i].id = (int32_t)id;
    }
    qsort(tokens, count, sizeof *tokens, compare_ids);
    if (source->added_count) memcpy(all, source->added, source->added_count * sizeof *all);
    source->added = all;
    for (size_t i = 0; i < count; i++) RP_TRY(add_token(path, tokens[i], source));
    return RP_OK;
}

rp_status rp_tokenizer_read_more_tokens(rp_arena *arena, const char *path, rp_token_source *source) {
    if (strcmp(rp_path_base(path), "tokenizer.json") != 0) return RP_OK;
    const char *directory = rp_path_directory(arena, path);
    RP_TRY_ALLOC(directory);
    const char *config = rp_path_join(arena, directory, "tokenizer_config.json");
    RP_TRY_ALLOC(config);
    if (!rp_file_exists(config)) return RP_OK;
    rp_json_document *document;
    RP_TRY(rp_json_load(config, &document));
    const rp_json root = rp_json_root(document), decoder = rp_json_key(&root, "added_tokens_decoder");
    const rp_status status = read_decoder(arena, config, &decoder, source);
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
        if (rp_file_exists(template)) {
            rp_str text;
            RP_TRY(rp_file_read(arena, template, TEMPLATE_LIMIT, &text));
            RP_TRY(rp_template_keep(arena, text, &tokenizer->chat_template));
        }
    }
    rp_tokenizer_guess_ends(tokenizer);
    return RP_OK;
}
