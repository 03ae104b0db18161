/* SPDX-License-Identifier: MIT
 *
 * reading.h — one text as it was read: its tokens, its words, its tree; and the readings that two trees may be compared in.
 */
#ifndef REPHRASE_VERIFY_READING_H
#define REPHRASE_VERIFY_READING_H

#include "compare/compare.h"
#include "parse/parse.h"

typedef struct rp_reading {
    rp_str source;
    rp_folded folded;
    rp_tokens tokens; /* without full stops at the end */
    bool prose;       /* words only */
    rp_str words;     /* … in normal form; empty when there are other tokens */
    const rp_node *tree;
    rp_verify_reason reason; /* why there is no tree */
    size_t offset;
} rp_reading;

bool rp_reading_lex(rp_work *work, rp_str source, rp_reading *r);
/* The tokens [begin, end) of `whole` as a reading of their own, not parsed yet. */
bool rp_reading_part(rp_work *work, const rp_reading *whole, size_t begin, size_t end, rp_reading *part);
bool rp_reading_parse(rp_work *work, rp_reading *r, bool group_commas);

/* Both are parsed. Compares them in each of the readings (see the table in reading.c) until one makes them equal; the trees
 * become those that were equal. group: how the commas were read. */
rp_finding rp_reading_compare(rp_work *work, rp_reading *gold, rp_reading *answer, bool group);
/* A comma is followed by 000, which is no number of a list: 1,000, 2,000 are two thousands. */
bool rp_reading_has_zero_group(const rp_reading *r);

#endif
