/* SPDX-License-Identifier: MIT
 *
 * divergence.c — how far two next-token distributions are apart, from the little that was kept of them.
 *
 * A ratio of 100 at a token of probability 1e-4 moves almost nothing; a ratio of .8 at a token of probability .99 moves a
 * fifth of the mass. Divergences see this, ratios do not. The full distributions are too large to keep, so categories are
 * merged: what was sampled (and the K likeliest) on their own, all else in one.
 */
#include <rephrase/policy.h>

/* The smallest probability a logarithm sees; a merged rest can be 0 or below by rounding. */
#define FLOOR 1e-12

static double term(rp_divergence kind, double p, double q) {
    if (kind == RP_BINARY_TV || kind == RP_TOPK_TV) return fabs(p - q) / 2;
    return p > 0 ? p * double_log(fmax(p, FLOOR) / fmax(q, FLOOR)) : 0;
}

double rp_token_divergence(rp_divergence kind, const rp_batch *batch, const real *anchor, size_t token) {
    const double p = fmin(double_exp((double)anchor[token]), 1), q = fmin(double_exp((double)rp_detached(batch, token)), 1);
    double sum = 0, p_rest = 1, q_rest = 1;
    bool sampled_seen = false;
    if (kind == RP_TOPK_TV || kind == RP_TOPK_KL)
        for (size_t k = 0; k < batch->topk; k++) {
            const size_t at = token * batch->topk + k;
            const double pk = double_exp((double)batch->topk_logp_behavior[at]),
                         qk = double_exp((double)batch->topk_logp[at]);
            sampled_seen = sampled_seen || batch->topk_ids[at] == batch->token_ids[token];
            sum += term(kind, pk, qk);
            p_rest -= pk;
            q_rest -= qk;
        }
    if (!sampled_seen) {
        sum += term(kind, p, q);
        p_rest -= p;
        q_rest -= q;
    }
    sum += term(kind, fmax(p_rest, 0), fmax(q_rest, 0));
    return fmax(sum, 0);
}
