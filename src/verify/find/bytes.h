/* SPDX-License-Identifier: MIT
 *
 * bytes.h — looking at bytes without a locale and without surprises: the one set of predicates of this wing.
 */
#ifndef REPHRASE_VERIFY_BYTES_H
#define REPHRASE_VERIFY_BYTES_H

#include <rephrase/base.h>

static inline bool rp_is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}
static inline bool rp_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool rp_is_ascii_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/* An ASCII letter or any byte of a letter of another script. */
static inline bool rp_is_word_byte(char c) {
    return rp_is_ascii_letter(c) || (unsigned char)c >= 0x80;
}
static inline char rp_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool rp_text_starts(rp_str text, size_t at, const char *prefix);
bool rp_text_starts_folded(rp_str text, size_t at, const char *lower_prefix); /* ASCII case ignored */
/* The same, as a word of its own: when the prefix begins or ends with an ASCII letter, no further letter touches it. */
bool rp_text_has_word_at(rp_str text, size_t at, const char *lower_word);
/* Length of the first of the `count` words (NULL ends the list early) that stands at `at` as a word of its own; else 0. */
size_t rp_text_any_word_at(rp_str text, size_t at, const char *const *lower_words, size_t count);
/* One of the words stands somewhere in the text, as a word of its own; *at is where the first one does. */
bool rp_text_find_any_word(rp_str text, const char *const *lower_words, size_t count, size_t *at);
/* The text is this word, or one of the words; ASCII case ignored. */
bool rp_text_is_folded(rp_str text, const char *lower_word);
bool rp_text_is_one_of(rp_str text, const char *const *lower_words, size_t count);
rp_str rp_text_slice(rp_str text, size_t begin, size_t end);
rp_str rp_text_trim(rp_str text); /* white space at both ends */
size_t rp_text_skip_spaces(rp_str text, size_t at);
bool rp_text_is_blank(rp_str text); /* nothing but spaces, in TeX's forms of them too, and dollar signs */
/* Offset of the last occurrence of `what` at or before `end`; false when there is none. */
bool rp_text_find_last(rp_str text, size_t end, const char *what, size_t *at);
bool rp_text_find_last_folded(rp_str text, size_t end, const char *lower_what, size_t *at);

/* ---- Formulas and sentences -------------------------------------------------------------------------------------- */

enum { RP_FORMULA_MARKS = 4 };

/* A scan over a text that passes over formulas. hopeless[p] remembers that no closing mark of kind p follows, so that a
 * megabyte of opening marks is not searched again and again. */
typedef struct rp_formula_scan {
    bool hopeless[RP_FORMULA_MARKS];
} rp_formula_scan;

/* The end of a formula that opens at `at` ("$…$", "\(…\)", "\[…\]"), or `at` when none opens there; *mark is the length of
 * its mark. */
size_t rp_formula_end(rp_formula_scan *scan, rp_str text, size_t at, size_t *mark);
/* Number of formulas that are not blank; *inner is the last one, without its marks. */
size_t rp_formula_count(rp_str text, rp_str *inner);
/* A full stop, an exclamation or question mark or a line's end that ends a sentence stands at `at`. */
bool rp_sentence_ends_at(rp_str text, size_t at);

#endif
