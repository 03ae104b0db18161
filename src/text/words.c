/* SPDX-License-Identifier: MIT
 *
 * words.c — the distinct pieces of a corpus, counted.
 */
#include "words.h"

static rp_status grow(rp_words *words, rp_arena *arena) {
    const size_t capacity = words->capacity ? 2 * words->capacity : 4096;
    rp_str *texts = rp_alloc(arena, rp_str, capacity);
    uint64_t *counts = rp_alloc(arena, uint64_t, capacity);
    RP_TRY_ALLOC(texts);
    RP_TRY_ALLOC(counts);
    if (words->count) memcpy(texts, words->texts, words->count * sizeof *texts);
    if (words->count) memcpy(counts, words->counts, words->count * sizeof *counts);
    words->texts = texts;
    words->counts = counts;
    words->capacity = capacity;
    RP_TRY(rp_text_map_init(&words->map, arena, texts, capacity));
    for (size_t i = 0; i < words->count; i++) (void)rp_text_map_add(&words->map, (int32_t)i);
    return RP_OK;
}

static rp_status count_piece(rp_words *words, rp_arena *arena, rp_str piece) {
    if (words->count == words->capacity) RP_TRY(grow(words, arena));
    words->texts[words->count] = piece;
    const int32_t known = rp_text_map_add(&words->map, (int32_t)words->count);
    if (known >= 0) {
        words->counts[known]++;
    } else {
        if (words->count >= INT32_MAX) return rp_fail(RP_ERR_LIMIT, "the corpus has too many different words");
        words->counts[words->count++] = 1;
    }
    return RP_OK;
}

rp_status rp_words_of(rp_arena *arena, const rp_tokenizer *settings, const rp_str *texts, size_t count, rp_words *words) {
    *words = (rp_words){0};
    for (size_t i = 0; i < count; i++) {
        const size_t valid = rp_utf8_valid_prefix(texts[i].data, texts[i].length);
        if (valid != texts[i].length)
            return rp_fail(RP_ERR_FORMAT, "invalid UTF-8 at byte %zu of text %zu of the corpus", valid, i + 1);
        rp_mapped_text text = {.text = texts[i]};
        if (settings->nfc) RP_TRY(rp_normalize_nfc(arena, &text, false, &text));
        rp_piece_walk walk = rp_pieces(&settings->splitting, text.text.data, text.text.length);
        rp_str piece;
        while (rp_next_piece(&walk, &piece)) RP_TRY(count_piece(words, arena, piece));
    }
    return RP_OK;
}
