/* SPDX-License-Identifier: MIT
 *
 * tokenizer_save.c — writing tokenizer.json so that Hugging Face's `tokenizers` loads it and encodes identically.
 */
#include "internal.h"

#include <rephrase/json.h>

static void put_pair(rp_json_writer *w, const char *key, const char *text) {
    rp_json_put_key(w, key);
    rp_json_put_text(w, text);
}

static void put_flag(rp_json_writer *w, const char *key, bool value) {
    rp_json_put_key(w, key);
    rp_json_put_bool(w, value);
}

static void put_str(rp_json_writer *w, rp_str text) {
    rp_json_put_string(w, text.data, text.length);
}

/* A slice as a key, which must end in NUL: scratch holds it. */
static void put_key(rp_json_writer *w, rp_str text, rp_buffer *scratch) {
    scratch->length = 0;
    rp_buffer_append(scratch, text.data, text.length);
    rp_json_put_key(w, scratch->failed ? "" : scratch->data); /* the caller looks at scratch's status */
}

static void put_added(rp_json_writer *w, const rp_tokenizer *t) {
    rp_json_begin_array(w);
    for (size_t i = 0; i < t->added_count; i++) {
        const rp_added_token *token = &t->added[i];
        rp_json_begin_object(w);
        rp_json_put_key(w, "id");
        rp_json_put_int(w, token->id);
        rp_json_put_key(w, "content");
        put_str(w, token->content);
        put_flag(w, "single_word", token->single_word);
        put_flag(w, "lstrip", token->lstrip);
        put_flag(w, "rstrip", token->rstrip);
        put_flag(w, "normalized", token->normalized);
        put_flag(w, "special", token->special);
        rp_json_end_object(w);
    }
    rp_json_end_array(w);
}

static void put_byte_level(rp_json_writer *w, bool use_regex) {
    rp_json_begin_object(w);
    put_pair(w, "type", "ByteLevel");
    put_flag(w, "add_prefix_space", false);
    put_flag(w, "trim_offsets", true);
    put_flag(w, "use_regex", use_regex);
    rp_json_end_object(w);
}

static void put_step(rp_json_writer *w, rp_split_kind kind) {
    const char *pattern = rp_split_pattern(kind);
    rp_json_begin_object(w);
    put_pair(w, "type", pattern ? "Split" : "Digits");
    if (pattern) {
        rp_json_put_key(w, "pattern");
        rp_json_begin_object(w);
        put_pair(w, "Regex", pattern);
        rp_json_end_object(w);
        put_pair(w, "behavior", "Isolated");
        put_flag(w, "invert", false);
    } else {
        put_flag(w, "individual_digits", kind == SPLIT_DIGIT);
    }
    rp_json_end_object(w);
}

/* A last step with GPT-2's rule is what ByteLevel itself does. */
static void put_splitting(rp_json_writer *w, const rp_splitting *splitting) {
    const bool by_itself = splitting->count > 0 && splitting->steps[splitting->count - 1] == SPLIT_GPT2;
    const int before = splitting->count - by_itself;
    if (before > 0) {
        rp_json_begin_object(w);
        put_pair(w, "type", "Sequence");
        rp_json_put_key(w, "pretokenizers");
        rp_json_begin_array(w);
    }
    for (int k = 0; k < before; k++) put_step(w, splitting->steps[k]);
    put_byte_level(w, by_itself);
    if (before > 0) {
        rp_json_end_array(w);
        rp_json_end_object(w);
    }
}

static void put_template_item(rp_json_writer *w, const char *kind, rp_str id, int type) {
    rp_json_begin_object(w);
    rp_json_put_key(w, kind);
    rp_json_begin_object(w);
    rp_json_put_key(w, "id");
    put_str(w, id);
    rp_json_put_key(w, "type_id");
    rp_json_put_int(w, type);
    rp_json_end_object(w);
    rp_json_end_object(w);
}

static void put_template_side(rp_json_writer *w, const rp_tokenizer *t, bool pair) {
    rp_json_begin_array(w);
    for (int i = 0; i < t->prefix_count; i++) put_template_item(w, "SpecialToken", t->texts[t->prefix[i]], 0);
    put_template_item(w, "Sequence", rp_str_of("A"), 0);
    if (pair) put_template_item(w, "Sequence", rp_str_of("B"), 1);
    for (int i = 0; i < t->suffix_count; i++) put_template_item(w, "SpecialToken", t->texts[t->suffix[i]], 0);
    rp_json_end_array(w);
}

static void put_template_tokens(rp_json_writer *w, const rp_tokenizer *t, rp_buffer *key) {
    int32_t written[2 * MAX_TEMPLATE];
    int count = 0;
    rp_json_begin_object(w);
    for (int i = 0; i < t->prefix_count + t->suffix_count; i++) {
        const int32_t id = i < t->prefix_count ? t->prefix[i] : t->suffix[i - t->prefix_count];
        bool seen = false;
        for (int k = 0; k < count; k++) seen = seen || written[k] == id;
        if (seen) continue;
        written[count++] = id;
        put_key(w, t->texts[id], key);
        rp_json_begin_object(w);
        rp_json_put_key(w, "id");
        put_str(w, t->texts[id]);
        rp_json_put_key(w, "ids");
        rp_json_begin_array(w);
        rp_json_put_int(w, id);
        rp_json_end_array(w);
        rp_json_put_key(w, "tokens");
        rp_json_begin_array(w);
        put_str(w, t->texts[id]);
        rp_json_end_array(w);
        rp_json_end_object(w);
    }
    rp_json_end_object(w);
}

static void put_post_processor(rp_json_writer *w, const rp_tokenizer *t, rp_buffer *key) {
    if (t->prefix_count + t->suffix_count == 0) {
        rp_json_put_null(w);
        return;
    }
    rp_json_begin_object(w);
    put_pair(w, "type", "TemplateProcessing");
    rp_json_put_key(w, "single");
    put_template_side(w, t, false);
    rp_json_put_key(w, "pair");
    put_template_side(w, t, true);
    rp_json_put_key(w, "special_tokens");
    put_template_tokens(w, t, key);
    rp_json_end_object(w);
}

static void put_model(rp_json_writer *w, const rp_tokenizer *t, rp_buffer *key) {
    static const char *const absent[] = {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"};
    rp_json_begin_object(w);
    put_pair(w, "type", "BPE");
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) put_pair(w, absent[i], NULL);
    put_flag(w, "fuse_unk", false);
    put_flag(w, "byte_fallback", false);
    put_flag(w, "ignore_merges", t->ignore_merges);
    rp_json_put_key(w, "vocab");
    rp_json_begin_object(w);
    for (size_t i = 0; i < t->size; i++) {
        if (!(t->flags[i] & TOKEN_MODEL)) continue;
        put_key(w, t->texts[i], key);
        rp_json_put_int(w, (int64_t)i);
    }
    rp_json_end_object(w);
    rp_json_put_key(w, "merges");
    rp_json_begin_array(w);
    for (size_t i = 0; i < t->merge_count; i++) {
        rp_json_begin_array(w);
        put_str(w, t->texts[t->merges[i].left]);
        put_str(w, t->texts[t->merges[i].right]);
        rp_json_end_array(w);
    }
    rp_json_end_array(w);
    rp_json_end_object(w);
}

static void put_tokenizer(rp_json_writer *w, const rp_tokenizer *t, rp_buffer *key) {
    rp_json_begin_object(w);
    put_pair(w, "version", "1.0");
    put_pair(w, "truncation", NULL);
    put_pair(w, "padding", NULL);
    rp_json_put_key(w, "added_tokens");
    put_added(w, t);
    rp_json_put_key(w, "normalizer");
    if (t->nfc) {
        rp_json_begin_object(w);
        put_pair(w, "type", "NFC");
        rp_json_end_object(w);
    } else {
        rp_json_put_null(w);
    }
    rp_json_put_key(w, "pre_tokenizer");
    put_splitting(w, &t->splitting);
    rp_json_put_key(w, "post_processor");
    put_post_processor(w, t, key);
    rp_json_put_key(w, "decoder");
    put_byte_level(w, true);
    rp_json_put_key(w, "model");
    put_model(w, t, key);
    rp_json_end_object(w);
}

rp_status rp_tokenizer_save(rp_arena *scratch, const rp_tokenizer *tokenizer, const char *path) {
    const rp_arena_mark mark = rp_arena_get_mark(scratch);
    rp_buffer out = rp_buffer_in(scratch), key = rp_buffer_in(scratch);
    rp_json_writer w = rp_json_write_to(&out);
    put_tokenizer(&w, tokenizer, &key);
    rp_buffer_char(&out, '\n');
    rp_status status = rp_buffer_status(&key);
    if (status == RP_OK) status = rp_buffer_status(&out);
    if (status == RP_OK) status = rp_file_write(scratch, path, out.data, out.length);
    rp_arena_rewind(scratch, mark);
    return status;
}

/* A begin or end token is written as its text; none as null. */
static void put_end(rp_json_writer *w, const char *key, const rp_tokenizer *t, int32_t id) {
    rp_json_put_key(w, key);
    if (id < 0)
        rp_json_put_null(w);
    else
        put_str(w, rp_token_text(t, id));
}

rp_status rp_tokenizer_save_config(rp_arena *scratch, const rp_tokenizer *t, const char *path) {
    const rp_arena_mark mark = rp_arena_get_mark(scratch);
    rp_buffer out = rp_buffer_in(scratch);
    rp_json_writer w = rp_json_write_to(&out);
    const rp_str template = t->chat_template;
    rp_json_begin_object(&w);
    put_pair(&w, "tokenizer_class", "PreTrainedTokenizerFast"); /* "as tokenizer.json says" */
    put_end(&w, "bos_token", t, t->bos);
    put_end(&w, "eos_token", t, t->eos);
    put_flag(&w, "clean_up_tokenization_spaces", false);
    if (template.length && rp_utf8_valid_prefix(template.data, template.length) == template.length) {
        rp_json_put_key(&w, "chat_template");
        put_str(&w, template);
    }
    rp_json_end_object(&w);
    rp_buffer_char(&out, '\n');
    rp_status status = rp_buffer_status(&out);
    if (status == RP_OK) status = rp_file_write(scratch, path, out.data, out.length);
    rp_arena_rewind(scratch, mark);
    return status;
}
