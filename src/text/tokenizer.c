/* SPDX-License-Identifier: MIT
 *
 * tokenizer.c — from a vocabulary, merges and added tokens to the tables that encoding and decoding read.
 *
 * All three origins of a tokenizer (tokenizer.json, GGUF, the trainer) end here, so every consistency check stands here
 * once: no text under two ids, no id with two texts, ids not far beyond their number.
 */
#include "internal.h"

#include <stdlib.h>

/* ---- Token list ------------------------------------------------------------------------------------------------ */

static int compare_added(const void *a, const void *b) {
    const rp_added_token *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* A gap in the numbering costs memory for nothing: ids may run at most this far beyond the number of tokens. */
static rp_status check_size(const rp_token_source *source, size_t *size) {
    size_t known = 0;
    *size = source->count;
    for (size_t i = 0; i < source->count; i++) known += source->texts[i].data != NULL;
    for (size_t i = 0; i < source->added_count; i++)
        if ((size_t)source->added[i].id >= *size) *size = (size_t)source->added[i].id + 1;
    known += source->added_count;
    if (*size > 2 * known + 65536)
        return rp_fail(RP_ERR_LIMIT, "%s: the largest id is %zu, but there are only %zu tokens", source->source, *size - 1,
                       known);
    return RP_OK;
}

static rp_status place_vocabulary(rp_tokenizer *t, const rp_token_source *source) {
    for (size_t i = 0; i < source->count; i++) {
        if (!source->texts[i].data) continue;
        if (source->texts[i].length == 0) return rp_fail(RP_ERR_FORMAT, "%s: token %zu is empty", source->source, i);
        t->texts[i] = source->texts[i];
        t->flags[i] = TOKEN_KNOWN | TOKEN_MODEL;
        t->vocabulary++;
        const int32_t other = rp_text_map_add(&t->by_text, (int32_t)i);
        if (other >= 0)
            return rp_fail(RP_ERR_FORMAT, "%s: token \"%.*s\" has two ids, %d and %zu", source->source, SHOWN(t->texts[i]),
                           other, i);
    }
    return RP_OK;
}

static rp_status place_added(rp_tokenizer *t, const rp_token_source *source) {
    for (size_t i = 0; i < t->added_count; i++) {
        const rp_added_token *token = &t->added[i];
        if (token->content.length == 0)
            return rp_fail(RP_ERR_FORMAT, "%s: added token %d is empty", source->source, token->id);
        if (i > 0 && t->added[i - 1].id == token->id)
            return rp_fail(RP_ERR_FORMAT, "%s: id %d is given to two added tokens", source->source, token->id);
        const int32_t other = rp_text_map_find(&t->by_text, token->content);
        if ((other >= 0 && other != token->id) || (t->flags[token->id] & TOKEN_MODEL && other < 0))
            return rp_fail(RP_ERR_FORMAT, "%s: added token \"%.*s\" has id %d, which contradicts the vocabulary",
                           source->source, SHOWN(token->content), token->id);
        t->texts[token->id] = token->form;
        t->flags[token->id] |= (unsigned char)(TOKEN_KNOWN | (token->special ? TOKEN_SPECIAL : 0));
    }
    return RP_OK;
}

static rp_status copy_added(rp_arena *arena, rp_tokenizer *t, const rp_token_source *source) {
    t->added_count = source->added_count;
    t->added = rp_alloc(arena, rp_added_token, t->added_count + 1);
    RP_TRY_ALLOC(t->added);
    if (t->added_count) memcpy(t->added, source->added, t->added_count * sizeof *t->added);
    if (t->added_count) qsort(t->added, t->added_count, sizeof *t->added, compare_added);
    for (size_t i = 0; i < t->added_count; i++) {
        rp_mapped_text form = {.text = t->added[i].content};
        if (t->nfc && t->added[i].normalized) RP_TRY(rp_normalize_nfc(arena, &form, false, &form));
        t->added[i].form = form.text;
    }
    return RP_OK;
}

/* ---- Bytes ----------------------------------------------------------------------------------------------------- */

/* A token outside the alphabet stands for its own text, added tokens included: what the reference's decoder does. */
static rp_status spell_out(rp_arena *arena, rp_tokenizer *t) {
    size_t total = 0;
    for (size_t i = 0; i < t->size; i++) total += t->texts[i].length;
    char *at = rp_alloc(arena, char, total + 1);
    RP_TRY_ALLOC(at);
    RP_TRY(rp_text_map_init(&t->by_bytes, arena, t->bytes, t->vocabulary));
    memset(t->symbols, 0xFF, sizeof t->symbols);
    for (size_t i = 0; i < t->size; i++) {
        const size_t n = rp_alphabet_read(t->texts[i], at);
        t->bytes[i] = n == SIZE_MAX ? t->texts[i] : (rp_str){at, n};
        if (n == SIZE_MAX || !(t->flags[i] & TOKEN_MODEL)) {
            at += t->texts[i].length;
            continue;
        }
        at += n;
        (void)rp_text_map_add(&t->by_bytes, (int32_t)i); /* spelling is one to one, so bytes are as distinct as texts */
        if (n != 1) continue;
        t->symbols[(unsigned char)t->bytes[i].data[0]] = (int32_t)i;
        if (t->flags[i] & TOKEN_SPECIAL) t->specials_can_merge = true;
    }
    return RP_OK;
}

/* ---- Merges ---------------------------------------------------------------------------------------------------- */

rp_status rp_split_merge(rp_str both, rp_str *left, rp_str *right) {
    const char *space = memchr(both.data, ' ', both.length);
    if (!space || memchr(space + 1, ' ', both.length - (size_t)(space + 1 - both.data)))
        return rp_fail(RP_ERR_FORMAT, "\"%.*s\" is not two tokens with a space between", SHOWN(both));
    *left = (rp_str){both.data, (size_t)(space - both.data)};
    *right = (rp_str){space + 1, both.length - left->length - 1};
    return RP_OK;
}

rp_status rp_resolve_merge(const rp_text_map *vocabulary, rp_str left, rp_str right, rp_buffer *scratch, rp_merge *merge) {
    merge->left = rp_text_map_find(vocabulary, left);
    merge->right = rp_text_map_find(vocabulary, right);
    scratch->length = 0;
    rp_buffer_append(scratch, left.data, left.length);
    rp_buffer_append(scratch, right.data, right.length);
    RP_TRY(rp_buffer_status(scratch));
    merge->id = rp_text_map_find(vocabulary, (rp_str){scratch->data, scratch->length});
    const bool sides = merge->left >= 0 && merge->right >= 0;
    if (sides && merge->id >= 0) return RP_OK;
    const rp_str missing = merge->left < 0 ? left : merge->right < 0 ? right : (rp_str){scratch->data, scratch->length};
    return rp_fail(RP_ERR_FORMAT, "merge of \"%.*s\" and \"%.*s\": \"%.*s\" is not in the vocabulary", SHOWN(left),
                   SHOWN(right), SHOWN(missing));
}

static rp_status place_merges(rp_arena *arena, rp_tokenizer *t, const rp_token_source *source) {
    t->merges = rp_alloc(arena, rp_merge, source->merge_count + 1);
    RP_TRY_ALLOC(t->merges);
    RP_TRY(rp_pair_map_init(&t->pairs, arena, source->merge_count));
    if (source->merge_count > UINT32_MAX - 1) return rp_fail(RP_ERR_LIMIT, "%s: too many merges", source->source);
    for (size_t i = 0; i < source->merge_count; i++) {
        rp_merge merge = source->merges[i];
        merge.rank = (uint32_t)i;
        *pair_slot(&t->pairs, merge.left, merge.right) = merge;
        if (t->flags[merge.id] & TOKEN_SPECIAL) t->specials_can_merge = true;
    }
    for (size_t i = 0; i < source->merge_count; i++) { /* of equal pairs only the last remains */
        const rp_merge *kept = pair_slot(&t->pairs, source->merges[i].left, source->merges[i].right);
        if (kept->rank == i) t->merges[t->merge_count++] = *kept;
    }
    return RP_OK;
}

/* Marks the tokens whose own bytes merge back into just them: nearly all, and then a piece that is such a token needs no
 * merging at all. */
static rp_status mark_whole(rp_arena *arena, rp_tokenizer *t) {
    size_t longest = 1;
    for (size_t i = 0; i < t->size; i++)
        if (t->bytes[i].length > longest) longest = t->bytes[i].length;
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_symbol *symbols = rp_alloc(arena, rp_symbol, longest);
    RP_TRY_ALLOC(symbols);
    for (size_t i = 0; i < t->size; i++) {
        if (!(t->flags[i] & TOKEN_MODEL) || rp_text_map_find(&t->by_bytes, t->bytes[i]) != (int32_t)i) continue;
        size_t count;
        RP_TRY(rp_merge_piece(t, arena, t->bytes[i], false, symbols, &count));
        if (count == 1 && symbols[0].id == (int32_t)i) t->flags[i] |= TOKEN_WHOLE;
    }
    rp_arena_rewind(arena, mark);
    return RP_OK;
}

/* ---- Building -------------------------------------------------------------------------------------------------- */

static rp_status build(rp_arena *arena, const rp_token_source *source, rp_tokenizer *t) {
    RP_TRY(check_size(source, &t->size));
    t->texts = rp_alloc_zero(arena, rp_str, t->size + 1);
    t->bytes = rp_alloc_zero(arena, rp_str, t->size + 1);
    t->flags = rp_alloc_zero(arena, unsigned char, t->size + 1);
    RP_TRY_ALLOC(t->texts);
    RP_TRY_ALLOC(t->bytes);
    RP_TRY_ALLOC(t->flags);
    RP_TRY(rp_text_map_init(&t->by_text, arena, t->texts, source->count));
    RP_TRY(place_vocabulary(t, source));
    RP_TRY(copy_added(arena, t, source));
    RP_TRY(place_added(t, source));
    RP_TRY(spell_out(arena, t));
    RP_TRY(place_merges(arena, t, source));
    RP_TRY(mark_whole(arena, t));
    RP_TRY(rp_trie_build(&t->raw, arena, t->added, t->added_count, false));
    return rp_trie_build(&t->normalized, arena, t->added, t->added_count, true);
}

rp_status rp_tokenizer_build(rp_arena *arena, const rp_token_source *source, rp_tokenizer **tokenizer) {
    rp_tokenizer *t = rp_alloc_zero(arena, rp_tokenizer, 1);
    RP_TRY_ALLOC(t);
    const rp_tokenizer *s = &source->settings;
    t->splitting = s->splitting;
    t->nfc = s->nfc;
    t->ignore_merges = s->ignore_merges;
    memcpy(t->prefix, s->prefix, sizeof t->prefix);
    memcpy(t->suffix, s->suffix, sizeof t->suffix);
    t->prefix_count = s->prefix_count;
    t->suffix_count = s->suffix_count;
    t->bos = s->bos;
    t->eos = s->eos;
    t->chat_template = s->chat_template;
    RP_TRY(build(arena, source, t));
    *tokenizer = t;
    return RP_OK;
}

/* ---- Looking up ------------------------------------------------------------------------------------------------ */

size_t rp_tokenizer_size(const rp_tokenizer *tokenizer) {
    return tokenizer->size;
}

int32_t rp_token_id(const rp_tokenizer *tokenizer, const char *token) {
    const int32_t id = rp_text_map_find(&tokenizer->by_text, rp_str_of(token));
    if (id >= 0) return id;
    for (size_t i = 0; i < tokenizer->added_count; i++)
        if (rp_str_is(tokenizer->added[i].content, token) || rp_str_is(tokenizer->added[i].form, token))
            return tokenizer->added[i].id;
    return -1;
}

rp_str rp_token_text(const rp_tokenizer *tokenizer, int32_t id) {
    return rp_token_is_known(tokenizer, id) ? tokenizer->texts[id] : (rp_str){"", 0};
}

bool rp_token_is_special(const rp_tokenizer *tokenizer, int32_t id) {
    return id >= 0 && (size_t)id < tokenizer->size && (tokenizer->flags[id] & TOKEN_SPECIAL);
}

int32_t rp_tokenizer_bos(const rp_tokenizer *tokenizer) {
    return tokenizer->bos;
}

int32_t rp_tokenizer_eos(const rp_tokenizer *tokenizer) {
    return tokenizer->eos;
}
