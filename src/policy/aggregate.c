/* SPDX-License-Identifier: MIT
 *
 * aggregate.c — from per-token losses to one number: the source of most public confusion.
 *
 * Every method here is Loss = Σ_i Σ_t m W_i l_{i,t}; W depends on the row alone. Dividing by the row's own length gives
 * each answer the same say, so a token of a long answer counts less; dividing by all tokens gives each token the same say;
 * a constant makes neither depend on what was sampled. None is wrong; mixing them up silently is.
 */
#include <rephrase/policy.h>

void rp_aggregate_weights(const rp_batch *batch, rp_aggregate kind, double max_length, bool skip_empty, real *W) {
    size_t nonempty = 0, tokens = 0;
    for (size_t i = 0; i < batch->rows; i++) {
        const size_t length = rp_row_length(batch, i);
        nonempty += length > 0;
        tokens += length;
    }
    const size_t rows = batch->total_rows ? batch->total_rows : skip_empty ? nonempty : batch->rows;
    const double B = rows ? (double)rows : 1;
    if (batch->total_tokens) tokens = batch->total_tokens;
    const double N = tokens ? (double)tokens : 1;
    for (size_t i = 0; i < batch->rows; i++) {
        const size_t length = rp_row_length(batch, i);
        const double L = length ? (double)length : 1;
        const double table[] = {[RP_SEQ_MEAN_TOKEN_MEAN] = 1 / (B * L),
                                [RP_TOKEN_MEAN] = 1 / N,
                                [RP_CONSTANT] = 1 / (B * max_length),
                                [RP_SEQ_MEAN_TOKEN_SUM] = 1 / B,
                                [RP_TOKEN_SUM] = 1};
        W[i] = (real)table[kind];
    }
}
