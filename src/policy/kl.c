/* SPDX-License-Identifier: MIT
 *
 * kl.c — three estimators of one divergence, and why value and gradient are two questions.
 *
 * Averaged over samples of π, k1 and k3 have the value KL(π‖ref). Differentiated token by token they do not have its
 * gradient: k1 gives 0 on average, k3 the gradient of the other direction KL(ref‖π), k2 the right one. Implementations
 * disagree about which they use; tests/exact shows the three facts as equalities of sums over all sequences.
 */
#include <rephrase/policy.h>

rp_dual rp_kl_estimate(rp_kl kind, real logp, real logp_ref, real cap) {
    const rp_dual d = rp_log_ratio(logp, logp_ref);
    const rp_dual k1 = d;
    const rp_dual k2 = {d.value * d.value / 2, d.value * d.slope};
    /* e^-d - 1 by expm1: near d = 0 the plain form loses every digit of a quantity of size d²/2. */
    const real e = real_expm1(-d.value);
    const rp_dual k3 = {e + d.value, -e * d.slope};
    const rp_dual absolute = {real_fabs(d.value), d.slope * (real)((d.value > 0) - (d.value < 0))};
    const rp_dual table[] = {[RP_KL_K1] = k1,
                             [RP_KL_K2] = k2,
                             [RP_KL_K3] = k3,
                             [RP_KL_ABS] = absolute,
                             [RP_KL_K1_PLUS] = {k1.value, k2.slope},
                             [RP_KL_K3_PLUS] = {k3.value, k2.slope}};
    const rp_dual k = table[kind];
    if (cap > 0 && real_fabs(k.value) > cap) {
        const bool borrowed = kind == RP_KL_K1_PLUS || kind == RP_KL_K3_PLUS; /* the gradient of k2 is not capped */
        return (rp_dual){k.value > 0 ? cap : -cap, borrowed ? k.slope : 0};
    }
    return k;
}

double rp_kl_exact(const real *logp, const real *logq, size_t V) {
    double sum = 0;
    for (size_t v = 0; v < V; v++)
        if (isfinite(logp[v])) sum += double_exp((double)logp[v]) * ((double)logp[v] - (double)logq[v]);
    return sum;
}
