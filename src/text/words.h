/* SPDX-License-Identifier: MIT
 *
 * words.h — the distinct pieces of a corpus and how often each occurs; private to training.
 */
#ifndef REPHRASE_TEXT_WORDS_H
#define REPHRASE_TEXT_WORDS_H

#include "internal.h"

typedef struct rp_words {
    rp_str *texts; /* into the corpus */
    uint64_t *counts;
    size_t count, capacity;
    rp_text_map map;
} rp_words;

/* Normalises and splits the texts as `settings` says and counts the pieces. */
rp_status rp_words_of(rp_arena *arena, const rp_tokenizer *settings, const rp_str *texts, size_t count,
                      rp_words *words) RP_MUST_CHECK;

#endif
