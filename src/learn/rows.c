/* SPDX-License-Identifier: MIT
 *
 * rows.c — responses behind prompts, laid end to end for the model.
 *
 * The model predicts the token at i+1 from position i, so the response tokens ids[p .. n) are scored at positions p-1 .. n-2.
 * Getting this shift wrong by one is among the most common mistakes of public trainers; it is written here and nowhere else.
 */
#include "rows.h"

#include <string.h>

rp_status rp_row_create(rp_arena *arena, const int32_t *prompt, size_t prompt_length, const int32_t *response,
                        size_t length, rp_row *row) {
    RP_REQUIRE(prompt_length >= 1 && length >= 1);
    int32_t *ids = rp_alloc(arena, int32_t, prompt_length + length);
    RP_TRY_ALLOC(ids);
    memcpy(ids, prompt, prompt_length * sizeof *ids);
    memcpy(ids + prompt_length, response, length * sizeof *ids);
    *row = (rp_row){.ids = ids, .prompt_length = (uint32_t)prompt_length, .length = (uint32_t)(prompt_length + length)};
    return RP_OK;
}

size_t rp_row_tokens(const rp_row *row) {
    return row->length - row->prompt_length;
}

rp_status rp_rows_pack(rp_arena *arena, const rp_row *rows, size_t count, rp_packed *packed) {
    size_t tokens = 0, scored = 0;
    for (size_t i = 0; i < count; i++) {
        tokens += rows[i].length;
        scored += rp_row_tokens(&rows[i]);
    }
    uint32_t *start = rp_alloc(arena, uint32_t, count + 1), *score = rp_alloc(arena, uint32_t, scored);
    int32_t *ids = rp_alloc(arena, int32_t, tokens), *target = rp_alloc(arena, int32_t, scored);
    if (!start || !score || !ids || !target) return RP_ERR_MEMORY;
    uint32_t at = 0;
    size_t m = 0;
    for (size_t i = 0; i < count; i++) {
        start[i] = at;
        memcpy(ids + at, rows[i].ids, rows[i].length * sizeof *ids);
        for (uint32_t t = rows[i].prompt_length; t < rows[i].length; t++, m++) {
            score[m] = at + t - 1;
            target[m] = rows[i].ids[t];
        }
        at += rows[i].length;
    }
    start[count] = at;
    *packed =
        (rp_packed){.sequences = count, .start = start, .ids = ids, .scored = scored, .score = score, .target = target};
    return RP_OK;
}

size_t rp_rows_fit(const rp_row *rows, size_t count, size_t first, size_t limit) {
    size_t end = first, tokens = 0;
    while (end < count && (end == first || tokens + rows[end].length <= limit)) tokens += rows[end++].length;
    return end;
}

void rp_rows_check(const rp_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const rp_row *row = &rows[i];
        RP_REQUIRE(row->ids && row->prompt_length >= 1 && row->length > row->prompt_length);
        RP_REQUIRE(row->prefix_length <= rp_row_tokens(row));
        RP_REQUIRE(i == 0 || row->group >= rows[i - 1].group);
        RP_REQUIRE(!row->exact ||
                   (row->logp_behavior && row->entropy_behavior)); /* they take the place of a forward pass */
        RP_REQUIRE(!row->top_ids == !row->top_logp);
    }
}
