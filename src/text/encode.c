/* SPDX-License-Identifier: MIT
 *
 * encode.c — the pipeline: text to ids, in the order of the reference.
 *
 *     1  invalid UTF-8 is refused or replaced
 *     2  added tokens that are matched in raw text cut it into gaps
 *     3  each gap is normalised (NFC), then cut by the added tokens that are matched in normalised text
 *     4  each gap left is split into pieces, and each piece merged
 *
 * Text repeats its words, so pieces already met in the same call are looked up in a small cache whose entries point into
 * the output written so far: a hit copies ids and stores nothing new. The cache lives on the stack; nothing outlives the
 * call.
 */
#include "internal.h"

enum { CACHE_MAX = 4096, CACHE_FROM = 256 /* texts shorter than this repeat too little */ };

typedef struct cached {
    const char *piece; /* NULL = empty */
    uint32_t length, first, count;
} cached;

typedef struct encoder {
    const rp_tokenizer *tokenizer;
    rp_arena *arena;
    bool plain, offsets;
    rp_encoding out;
    size_t capacity;
    size_t cache_size; /* a power of two, or 0 */
    cached cache[CACHE_MAX];
} encoder;

/* ---- Output ---------------------------------------------------------------------------------------------------- */

static void *grown(rp_arena *arena, const void *old, size_t used, size_t capacity, size_t size) {
    void *made = rp_alloc_bytes(arena, capacity, size);
    if (made && used) memcpy(made, old, used * size);
    return made;
}

static rp_status grow(encoder *e, size_t more) {
    size_t capacity = e->capacity * 2;
    if (capacity < e->out.length + more) capacity = e->out.length + more;
    e->out.ids = grown(e->arena, e->out.ids, e->out.length, capacity, sizeof *e->out.ids);
    RP_TRY_ALLOC(e->out.ids);
    if (e->offsets) {
        e->out.begin = grown(e->arena, e->out.begin, e->out.length, capacity, sizeof *e->out.begin);
        e->out.end = grown(e->arena, e->out.end, e->out.length, capacity, sizeof *e->out.end);
        RP_TRY_ALLOC(e->out.begin);
        RP_TRY_ALLOC(e->out.end);
    }
    e->capacity = capacity;
    return RP_OK;
}

static inline rp_status reserve(encoder *e, size_t more) {
    return e->capacity - e->out.length >= more ? RP_OK : grow(e, more);
}

/* Room must have been reserved. */
static inline void emit(encoder *e, int32_t id, uint32_t begin, uint32_t end) {
    const size_t n = e->out.length++;
    e->out.ids[n] = id;
    if (!e->offsets) return;
    e->out.begin[n] = begin;
    e->out.end[n] = end;
}

/* ---- Pieces ---------------------------------------------------------------------------------------------------- */

/* gap: the text the piece is part of, for offsets. */
static rp_status merge_into_output(encoder *e, const rp_mapped_text *gap, rp_str piece) {
    enum { FIXED = 128 };
    rp_symbol fixed[FIXED], *symbols = fixed;
    size_t count;
    RP_TRY(reserve(e, piece.length));
    const rp_arena_mark mark = rp_arena_get_mark(e->arena);
    if (piece.length > FIXED) {
        symbols = rp_alloc(e->arena, rp_symbol, piece.length);
        RP_TRY_ALLOC(symbols);
    }
    RP_TRY(rp_merge_piece(e->tokenizer, e->arena, piece, e->plain, symbols, &count));
    const size_t at = (size_t)(piece.data - gap->text.data);
    for (size_t i = 0; i < count; i++) {
        if (e->offsets)
            emit(e, symbols[i].id, origin_begin(gap, at + symbols[i].begin), origin_end(gap, at + symbols[i].end - 1));
        else
            emit(e, symbols[i].id, 0, 0);
    }
    rp_arena_rewind(e->arena, mark);
    return RP_OK;
}

static rp_status encode_piece_afresh(encoder *e, const rp_mapped_text *gap, rp_str piece, uint64_t hash) {
    const int32_t whole = rp_whole_piece(e->tokenizer, piece, hash, e->plain);
    if (whole < 0) return merge_into_output(e, gap, piece);
    const size_t at = (size_t)(piece.data - gap->text.data);
    RP_TRY(reserve(e, 1));
    emit(e, whole, e->offsets ? origin_begin(gap, at) : 0, e->offsets ? origin_end(gap, at + piece.length - 1) : 0);
    return RP_OK;
}

static rp_status encode_piece(encoder *e, const rp_mapped_text *gap, rp_str piece) {
    const uint64_t hash = rp_text_hash(piece.data, piece.length);
    if (!e->cache_size) return encode_piece_afresh(e, gap, piece, hash);
    cached *slot = &e->cache[hash & (e->cache_size - 1)];
    if (slot->piece && slot->length == piece.length && memcmp(slot->piece, piece.data, piece.length) == 0) {
        RP_TRY(reserve(e, slot->count));
        for (uint32_t i = 0; i < slot->count; i++) emit(e, e->out.ids[slot->first + i], 0, 0);
        return RP_OK;
    }
    const size_t first = e->out.length;
    RP_TRY(encode_piece_afresh(e, gap, piece, hash));
    *slot = (cached){piece.data, (uint32_t)piece.length, (uint32_t)first, (uint32_t)(e->out.length - first)};
    return RP_OK;
}

static rp_status encode_gap(encoder *e, const rp_mapped_text *gap) {
    rp_piece_walk walk = rp_pieces(&e->tokenizer->splitting, gap->text.data, gap->text.length);
    rp_str piece;
    while (rp_next_piece(&walk, &piece)) RP_TRY(encode_piece(e, gap, piece));
    return RP_OK;
}

/* ---- Added tokens and normalisation ---------------------------------------------------------------------------- */

static rp_status emit_added(encoder *e, const rp_mapped_text *text, const rp_added_match *match) {
    RP_TRY(reserve(e, 1));
    emit(e, match->id, e->offsets ? origin_begin(text, match->begin) : 0,
         e->offsets ? origin_end(text, match->end - 1) : 0);
    return RP_OK;
}

static rp_status encode_normalized(encoder *e, const rp_mapped_text *text) {
    rp_added_walk walk = rp_added_tokens(e->tokenizer, &e->tokenizer->normalized, text->text, e->plain);
    rp_added_match match;
    while (rp_next_added(&walk, &match)) {
        const rp_mapped_text gap = rp_mapped_slice(text, match.gap_begin, match.begin);
        RP_TRY(encode_gap(e, &gap));
        if (match.id >= 0) RP_TRY(emit_added(e, text, &match));
    }
    return RP_OK;
}

static rp_status encode_raw(encoder *e, const rp_mapped_text *text) {
    rp_added_walk walk = rp_added_tokens(e->tokenizer, &e->tokenizer->raw, text->text, e->plain);
    rp_added_match match;
    while (rp_next_added(&walk, &match)) {
        rp_mapped_text gap = rp_mapped_slice(text, match.gap_begin, match.begin);
        if (e->tokenizer->nfc) RP_TRY(rp_normalize_nfc(e->arena, &gap, e->offsets, &gap));
        RP_TRY(encode_normalized(e, &gap));
        if (match.id >= 0) RP_TRY(emit_added(e, text, &match));
    }
    return RP_OK;
}

/* Tokens of the post-processor stand for no text: their range is 0 to 0, as in the reference. */
static rp_status emit_template(encoder *e, const int32_t *ids, int count) {
    RP_TRY(reserve(e, (size_t)count));
    for (int i = 0; i < count; i++) emit(e, ids[i], 0, 0);
    return RP_OK;
}

static rp_status check_text(const encoder *e, rp_str text, bool replace, rp_mapped_text *checked) {
    if (text.length > UINT32_MAX / 4)
        return rp_fail(RP_ERR_LIMIT, "a text of %zu bytes is above the limit of 1 GiB", text.length);
    *checked = (rp_mapped_text){.text = text};
    const size_t valid = rp_utf8_valid_prefix(text.data, text.length);
    if (valid == text.length) return RP_OK;
    if (!replace) return rp_fail(RP_ERR_FORMAT, "invalid UTF-8 at byte %zu of the text", valid);
    return rp_replace_invalid(e->arena, text, e->offsets, checked);
}

rp_status rp_encode(const rp_tokenizer *tokenizer, rp_arena *arena, rp_str text, const rp_encode_options *options,
                    rp_encoding *out) {
    static const rp_encode_options defaults;
    if (!options) options = &defaults;
    encoder e;
    e.tokenizer = tokenizer;
    e.arena = arena;
    e.plain = options->plain;
    e.offsets = options->offsets;
    e.out = (rp_encoding){0};
    e.capacity = e.cache_size = 0;
    if (text.length >= CACHE_FROM && !e.offsets) {
        for (e.cache_size = 64; e.cache_size < CACHE_MAX && e.cache_size < text.length / 8;) e.cache_size *= 2;
        memset(e.cache, 0, e.cache_size * sizeof *e.cache);
    }
    rp_mapped_text checked;
    RP_TRY(check_text(&e, text, options->replace_invalid, &checked));
    RP_TRY(reserve(&e, text.length / 3 + MAX_TEMPLATE));
    if (options->add_special) RP_TRY(emit_template(&e, tokenizer->prefix, tokenizer->prefix_count));
    RP_TRY(encode_raw(&e, &checked));
    if (options->add_special) RP_TRY(emit_template(&e, tokenizer->suffix, tokenizer->suffix_count));
    *out = e.out;
    return RP_OK;
}
