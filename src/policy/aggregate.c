/* SPDX-License-Identifier: MIT
 *
 * aggregate.c — from per-token losses to one number: the source of most public confusion.
 *
 * Every method here is Loss = Σ_i Σ_t m W_i l_{i,t}; W depends on the row alone. Dividing by the row's own length gives
 * each answer the same say, so a token of a long answer counts less; dividing by all tokens gives each token the same say;
 * a constant makes neither depend on what was sampled. None is wrong; mixing them up silently is.
 */
#include <rephrase/policy.h>

static bool takes_part(const rp_batch *batch, size_t row, rp_part part) {
    const bool expert = rp_row_source(batch, row) == RP_SOURCE_EXPERT;
    return part == RP_PART_ALL || expert == (part == RP_PART_EXPERT);
}

/* The share of a total of the whole step that belongs to the part. */
static size_t share(size_t total, size_t of_experts, rp_part part) {
    return part == RP_PART_ALL ? total : part == RP_PART_EXPERT ? of_experts : total - of_experts;
}

void rp_aggregate_weights(const rp_batch *batch, rp_aggregate kind, double max_length, bool skip_empty, rp_part part,
                          real *W) {
    size_t rows = 0, tokens = 0;
    for (size_t i = 0; i < batch->rows; i++)
        if (takes_part(batch, i, part)) {
            const size_t length = rp_row_length(batch, i);
            rows += length > 0 || !skip_empty;
            tokens += length;
        }
    if (batch->total_rows) rows = share(batch->total_rows, batch->total_expert_rows, part);
    if (batch->total_tokens) tokens = share(batch->total_tokens, batch->total_expert_tokens, part);
    const double B = rows ? (double)rows : 1, N = tokens ? (double)tokens : 1;
    for (size_t i = 0; i < batch->rows; i++) {
        const size_t length = rp_row_length(batch, i);
        const double L = length ? (double)length : 1;
        const double table[] = {
            [RP_SEQ_MEAN_TOKEN_MEAN] = 1 / (B * L), [RP_TOKEN_MEAN] = 1 / N, [RP_CONSTANT] = 1 / (B * max_length),
            [RP_SEQ_MEAN_TOKEN_SUM] = 1 / B,        [RP_TOKEN_SUM] = 1,      [RP_TOKEN_SUM_NORM] = 1 / max_length};
        W[i] = takes_part(batch, i, part) ? (real)table[kind] : 0;
    }
}
