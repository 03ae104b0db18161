/* SPDX-License-Identifier: MIT
 *
 * ratio.c — how much more likely the current weights make what was sampled.
 *
 * Importance sampling multiplies a sample of π_old by r = π_θ/π_old. For a whole answer the exact ratio is the product over
 * its tokens, whose variance explodes with length; the methods differ in which surrogate they take: the token's own ratio
 * (PPO, GRPO), the geometric mean of the row (GSPO), the full product (RLOO in TRL).
 */
#include <rephrase/policy.h>

rp_dual rp_log_ratio(real logp, real logp_old) {
    const real d = logp - logp_old;
    if (d > RP_LOG_RATIO_LIMIT) return (rp_dual){RP_LOG_RATIO_LIMIT, 0};
    if (d < -RP_LOG_RATIO_LIMIT) return (rp_dual){-RP_LOG_RATIO_LIMIT, 0};
    return (rp_dual){d, 1};
}

rp_dual rp_ratio(real logp, real logp_old) {
    const rp_dual d = rp_log_ratio(logp, logp_old);
    const real r = real_exp(d.value);
    return (rp_dual){r, r * d.slope}; /* ∂r/∂logπ = r */
}

rp_dual rp_row_ratio(const rp_batch *batch, size_t row, const real *logp_old, bool mean) {
    double sum = 0;
    size_t length = 0;
    for (size_t t = batch->start[row]; t < batch->start[row + 1]; t++)
        if (rp_token_counts(batch, t)) {
            sum += (double)batch->logp[t] - (double)logp_old[t];
            length++;
        }
    const double share = mean && length > 0 ? 1.0 / (double)length : 1.0; /* ∂exponent/∂logπ_t */
    const rp_dual s = rp_ratio((real)(sum * share), 0);
    return (rp_dual){s.value, s.slope * (real)share};
}
