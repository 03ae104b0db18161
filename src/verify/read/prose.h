/* SPDX-License-Identifier: MIT
 *
 * prose.h — answers that are words: normal forms, remarks, words that change a value.
 */
#ifndef REPHRASE_VERIFY_PROSE_H
#define REPHRASE_VERIFY_PROSE_H

#include "read/lex.h"

/* Are the tokens [begin, end) words only, with at least one of two letters or more (or in \text)? */
bool rp_prose_is(const rp_token *tokens, size_t begin, size_t end);
/* Words or letters only. */
bool rp_prose_is_letters(const rp_token *tokens, size_t begin, size_t end);
/* Lower case, one space between words, no articles, no full stop, no plural endings. */
rp_str rp_prose_normal(rp_work *work, const rp_token *tokens, size_t begin, size_t end);
/* The tokens as one text, each in one spelling: equal texts were written alike up to spaces, synonyms of a command and a
 * capital at the beginning of a word. Works for anything, formulas and sentences together. */
rp_str rp_prose_same_text(rp_work *work, const rp_token *tokens, size_t begin, size_t end);
/* "seven", "twenty-five", "three quarters", 五: all the tokens are one number in words. */
bool rp_prose_number(const rp_token *tokens, size_t begin, size_t end, int64_t *num, int64_t *den);
/* Words that make a remark of what they accompany ("of", "each"): no units. */
bool rp_prose_is_filler(rp_str word);
/* Words that deny a value, compare with it, leave it open, or compute on with it: "not", "below", "or", "squared". What
 * they accompany is not that value. */
bool rp_prose_denies(rp_str word);

#endif
