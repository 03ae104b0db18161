/* SPDX-License-Identifier: MIT
 *
 * unicode.h — other scripts' forms of mathematics, told in ASCII and TeX.
 */
#ifndef REPHRASE_VERIFY_UNICODE_H
#define REPHRASE_VERIFY_UNICODE_H

#include "work.h"

typedef struct rp_folded {
    rp_str text;
    const uint32_t *origin; /* offset in the source of each byte of text; NULL when text is the source itself */
    bool had_bad_utf8;      /* some bytes were no UTF-8 and became U+FFFD */
} rp_folded;

/* Rewrites full-width forms, mathematical alphabets, foreign digits, super- and subscripts, vulgar fractions, operators,
 * Greek letters, minus signs and spaces to ASCII and TeX commands, and drops what cannot be seen (zero-width characters,
 * direction marks). Letters of other scripts stay. Pure ASCII is returned as it is. */
rp_folded rp_unicode_fold(rp_work *work, rp_str source);
/* Where byte `at` of the folded text comes from. */
size_t rp_folded_origin(const rp_folded *folded, rp_str source, size_t at);

#endif
