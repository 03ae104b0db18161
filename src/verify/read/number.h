/* SPDX-License-Identifier: MIT
 *
 * number.h — the fast path: answers that are one plain number.
 */
#ifndef REPHRASE_VERIFY_NUMBER_H
#define REPHRASE_VERIFY_NUMBER_H

#include <rephrase/base.h>

typedef struct rp_plain { /* num/den in lowest terms, den >= 1 */
    int64_t num, den;
} rp_plain;

/* Reads the whole text as one plain number: spaces and one pair of $ around it, a sign, digits with commas in groups of
 * three, a decimal point, or a quotient of two integers written a/b or \frac{a}{b} (\dfrac, \tfrac). At most 18 digits.
 * false for everything else, also for numbers in other notations: those are the parser's business. */
bool rp_plain_read(rp_str text, rp_plain *out);

#endif
