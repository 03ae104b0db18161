/* SPDX-License-Identifier: MIT
 *
 * columns.h — the names that data sets have for the same thing.
 */
#ifndef REPHRASE_TASKS_COLUMNS_H
#define REPHRASE_TASKS_COLUMNS_H

#include <rephrase/json.h>
#include <rephrase/tasks.h>

typedef enum rp_column { COLUMN_QUESTION, COLUMN_ANSWER, COLUMN_SOLUTION, COLUMN_ID, COLUMNS } rp_column;

/* The text of the first of a column's names that the row has; length 0 when it has none. A question may be a list of messages
 * with one from the user; *systems counts those that bring a message of the system. */
rp_status rp_column_read(rp_arena *arena, const rp_json *row, rp_column column, size_t *systems, rp_str *out) RP_MUST_CHECK;
/* Fails: the row has none of the column's names. The sentence lists those it has and those that would be read. */
rp_status rp_column_missing(const rp_json *row, rp_column column) RP_MUST_CHECK;
/* A string, or a number written as one; absent and null leave *out empty. */
rp_status rp_text_read(rp_arena *arena, const rp_json *at, rp_str *out) RP_MUST_CHECK;
/* What a worked solution ends in: behind the last ####, in the last \boxed{}, or all of it where it is one short line;
 * length 0 when there is none of these. */
rp_str rp_answer_of_solution(rp_str solution);

#endif
