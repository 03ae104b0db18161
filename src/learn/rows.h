/* SPDX-License-Identifier: MIT
 *
 * rows.h — private to this layer: responses laid end to end for the model.
 */
#ifndef REPHRASE_LEARN_ROWS_H
#define REPHRASE_LEARN_ROWS_H

#include <rephrase/learn.h>

/* Rows first..end laid end to end for the model: every response token is scored. */
rp_status rp_rows_pack(rp_arena *arena, const rp_row *rows, size_t count, rp_packed *packed) RP_MUST_CHECK;
/* The end of the longest run of rows from `first` whose tokens fit `limit` (at least one row). */
size_t rp_rows_fit(const rp_row *rows, size_t count, size_t first, size_t limit);

/* What is true of finished rows; a breach is a bug and aborts. Groups stand in ascending order, each in one piece. */
void rp_rows_check(const rp_row *rows, size_t count);

#endif
