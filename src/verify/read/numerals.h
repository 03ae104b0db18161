/* SPDX-License-Identifier: MIT
 *
 * numerals.h — numbers written in words.
 */
#ifndef REPHRASE_VERIFY_NUMERALS_H
#define REPHRASE_VERIFY_NUMERALS_H

#include "read/lex.h"

typedef struct rp_numeral { /* num/den, den >= 1 */
    int64_t num, den;
    bool rank; /* "third", "twenty-first" */
} rp_numeral;

/* The longest number in words at the beginning of [begin, end): "twenty-five", "two thousand and six", "three quarters",
 * "third", "二十五", perhaps with "minus" before it. Returns the token that follows it, `begin` when there is none. */
size_t rp_numeral_read(const rp_token *tokens, size_t begin, size_t end, rp_numeral *value);

/* The word is part of numbers: "seven", "hundred", "third", "halves". */
bool rp_numeral_is_word(rp_str word);

#endif
