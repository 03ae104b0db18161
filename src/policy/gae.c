/* SPDX-License-Identifier: MIT
 *
 * gae.c — generalised advantage estimation: λ between one-step surprise and the whole return.
 *
 * λ = 0 trusts the critic (A = δ), λ = 1 trusts the return (A = Σγ^k ρ - V). The recursion runs backwards; tokens outside
 * the mask (a tool's output) are stepped over, so that the value and advantage behind them reach the token before them.
 */
#include <rephrase/policy.h>

void rp_gae(const real *reward, const real *value, const uint8_t *mask, size_t T, real gamma, real lambda, real after,
            real *advantage, real *returns) {
    real next_value = after, next_advantage = 0;
    for (size_t t = T; t-- > 0;) {
        advantage[t] = returns[t] = 0;
        if (mask && !mask[t]) continue;
        const real delta = reward[t] + gamma * next_value - value[t]; /* [gae.16] */
        advantage[t] = delta + gamma * lambda * next_advantage;
        returns[t] = advantage[t] + value[t];
        next_value = value[t];
        next_advantage = advantage[t];
    }
}
