/* SPDX-License-Identifier: MIT
 *
 * swiglu.c — the gated unit of the feed-forward block [shazeer2020]: s = silu(g) ∘ u, silu(g) = g σ(g).
 *
 * Gate and up projections are one product, so a row holds g and then u. σ'(g) = σ(1−σ) gives silu'(g) = σ + g σ (1−σ).
 */
#include "lanes.h"

#include <rephrase/kernels.h>

void rp_swiglu_forward(real *s, const real *gu, size_t T, size_t F) {
    for (size_t t = 0; t < T; t++) {
        const real *g = gu + t * 2 * F, *u = g + F;
        real *out = s + t * F;
        VECTOR
        for (size_t i = 0; i < F; i++) out[i] = g[i] / (1 + lanes_exp(-g[i])) * u[i];
    }
}

void rp_swiglu_backward(real *dgu, real *s, const real *ds, const real *gu, size_t T, size_t F) {
    for (size_t t = 0; t < T; t++) {
        const real *g = gu + t * 2 * F, *u = g + F, *d = ds + t * F;
        real *dg = dgu + t * 2 * F, *du = dg + F, *out = s + t * F;
        VECTOR
        for (size_t i = 0; i < F; i++) {
            const real sigma = 1 / (1 + lanes_exp(-g[i])), silu = g[i] * sigma;
            dg[i] = d[i] * u[i] * (sigma + silu * (1 - sigma));
            du[i] = d[i] * silu;
            out[i] = silu * u[i];
        }
    }
}
