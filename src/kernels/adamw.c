/* SPDX-License-Identifier: MIT
 *
 * adamw.c — Adam with decoupled weight decay [loshchilov2019, algorithm 2], one pass over weights, moments and gradient.
 *
 * Decay multiplies the weight by 1 − rate·decay before the step and does not enter the moments. The moments start at zero;
 * dividing by 1 − βᵗ undoes the bias that this causes. Clipping is a factor on the gradient that the caller computed from
 * the global norm, so that no pass is spent on scaling it.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

enum { PIECE = 1 << 16 };

void rp_adamw_update(real *w, real *m, real *v, const real *g, size_t n, const rp_adamw *adamw, int64_t step, double clip,
                     bool decay) {
    const real beta1 = (real)adamw->beta1, beta2 = (real)adamw->beta2, epsilon = (real)adamw->epsilon;
    const real rest1 = (real)(1 - adamw->beta1), rest2 = (real)(1 - adamw->beta2), factor = (real)clip;
    const real rate = (real)(adamw->rate / (1 - pow(adamw->beta1, (double)step)));
    const real correction2 = (real)(1 / sqrt(1 - pow(adamw->beta2, (double)step)));
    const real shrink = decay ? (real)(1 - adamw->rate * adamw->decay) : 1;
#pragma omp parallel for schedule(static) if (n > PIECE)
    for (size_t first = 0; first < n; first += PIECE) {
        const size_t last = n - first < PIECE ? n : first + PIECE;
        VECTOR
        for (size_t i = first; i < last; i++) {
            const real gradient = g[i] * factor;
            m[i] = beta1 * m[i] + rest1 * gradient;
            v[i] = beta2 * v[i] + rest2 * gradient * gradient;
            w[i] = w[i] * shrink - rate * m[i] / (real_sqrt(v[i]) * correction2 + epsilon);
        }
    }
}
