/* SPDX-License-Identifier: MIT
 *
 * rmsnorm.c — root-mean-square normalisation [zhang2019], forward and backward.
 *
 * y = x r ∘ w with r = 1/√(mean(x²) + ε). Since ∂r/∂x_i = −r³ x_i/C, a row's gradient is that of a plain scaling minus its
 * component along x; both need one sum over the row. Only r is kept; x is there anyway.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

void rp_rmsnorm_forward(real *y, size_t ldy, real *r, const real *x, size_t ldx, const real *w, real epsilon, size_t T,
                        size_t C) {
    for (size_t t = 0; t < T; t++) {
        const real *in = x + t * ldx;
        real *out = y + t * ldy;
        const real scale = 1 / real_sqrt(lanes_dot(in, in, C) / (real)C + epsilon);
        VECTOR
        for (size_t i = 0; i < C; i++) out[i] = in[i] * scale * w[i];
        if (r) r[t] = scale;
    }
}

/* Σ_j w_j dy_j x_j */
static real along_x(const real *w, const real *dy, const real *x, size_t C) {
    real lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= C; i += LANES) {
        VECTOR
        for (size_t l = 0; l < LANES; l++) lane[l] = real_fma(w[i + l] * dy[i + l], x[i + l], lane[l]);
    }
    for (size_t l = 0; i < C; i++, l++) lane[l] = real_fma(w[i] * dy[i], x[i], lane[l]);
    return lanes_total(lane);
}

void rp_rmsnorm_backward(real *dx, const real *base, size_t lddx, real *y, const real *dy, size_t lddy, const real *x,
                         size_t ldx, const real *w, const real *r, size_t T, size_t C) {
    for (size_t t = 0; t < T; t++) {
        const real *in = x + t * ldx, *dout = dy + t * lddy, *around = base + t * lddx;
        real *din = dx + t * lddx;
        const real scale = r[t], along = along_x(w, dout, in, C) * scale * scale * scale / (real)C;
        VECTOR
        for (size_t i = 0; i < C; i++) din[i] = around[i] + (scale * w[i] * dout[i] - in[i] * along);
        if (!y) continue;
        real *out = y + t * lddy;
        VECTOR
        for (size_t i = 0; i < C; i++) out[i] = in[i] * scale * w[i];
    }
}

void rp_rmsnorm_backward_weight(real *dw, const real *dy, size_t lddy, const real *x, size_t ldx, const real *r, size_t ldr,
                                size_t T, size_t first, size_t last) {
    for (size_t t = 0; t < T; t++) {
        const real *in = x + t * ldx, *dout = dy + t * lddy, scale = r[t * ldr];
        VECTOR
        for (size_t i = first; i < last; i++) dw[i] += dout[i] * in[i] * scale;
    }
}
