/* SPDX-License-Identifier: MIT
 *
 * clock.h — times of day and dates.
 */
#ifndef REPHRASE_VERIFY_CLOCK_H
#define REPHRASE_VERIFY_CLOCK_H

#include "read/lex.h"

typedef struct rp_moment {
    bool is_date;
    bool certain;         /* a date, a time with a.m., p.m., noon, midnight, or 3:00: 3:30 alone may be a ratio */
    bool half;            /* morning or afternoon is known: certain, or written with 24 hours */
    int seconds;          /* of a time, since midnight */
    int year, month, day; /* year 0: not given */
} rp_moment;

/* "8:34 p.m.", "noon", "15:30", "October 30", "30 Oct. 2024", "2025-01-01": false when the tokens are anything else. */
bool rp_moment_read(const rp_token *tokens, size_t count, rp_moment *moment);
bool rp_moment_same(const rp_moment *a, const rp_moment *b);

#endif
