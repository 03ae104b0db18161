/* SPDX-License-Identifier: MIT
 *
 * prose.h — answers that are words: normal form, number words, letters of a multiple choice.
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
/* "seven", "twenty-five", 五: the tokens are one number word. */
bool rp_prose_number(const rp_token *tokens, size_t begin, size_t end, int64_t *value);
/* The letter chosen: "B", "(B)", "B.", "(B) 12", "Option B"; 0 when the tokens are something else. */
char rp_prose_choice(const rp_token *tokens, size_t count);
/* Words that make a remark of what they accompany ("of", "each"): no units. */
bool rp_prose_is_filler(rp_str word);
/* Words that deny: what they accompany is no answer. */
bool rp_prose_denies(rp_str word);

#endif
