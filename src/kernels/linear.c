/* SPDX-License-Identifier: MIT
 *
 * linear.c — y = x wᵀ + b and its three gradients: the matrix products under the names they have in a network.
 *
 * Checkpoints store w as (out, in), one row per output. q, k and v (and gate, up) are rows of one longer matrix, so that a
 * fused projection is an ordinary call.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

void rp_linear_forward(real *y, const real *x, const real *w, const real *panels, const real *bias, size_t T, size_t out,
                       size_t in, bool accumulate) {
    if (panels)
        rp_panel_product(y, out, x, in, panels, T, out, in, 0, rp_panel_number(out), accumulate);
    else
        rp_product_nt(y, out, x, in, w, in, T, out, in, accumulate);
    for (size_t t = 0; bias && t < T; t++) {
        real *row = y + t * out;
        VECTOR
        for (size_t i = 0; i < out; i++) row[i] += bias[i];
    }
}

void rp_linear_backward_input(real *dx, const real *dy, const real *w, size_t T, size_t out, size_t in) {
    rp_product_nn(dx, in, dy, out, w, in, T, in, out, false);
}

void rp_linear_backward_weight(real *dw, real *dbias, const real *dy, const real *x, size_t T, size_t out, size_t in,
                               size_t first, size_t last) {
    rp_product_tn(dw + first * in, in, dy + first, out, x, in, last - first, in, T, true);
    for (size_t t = 0; dbias && t < T; t++) {
        const real *row = dy + t * out;
        VECTOR
        for (size_t i = first; i < last; i++) dbias[i] += row[i];
    }
}
