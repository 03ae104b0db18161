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

double rp_learning_rate(const rp_optimizer *o, int64_t step) {
    if (step < o->warmup_steps) return o->learning_rate * (double)(step + 1) / (double)o->warmup_steps;
    const double span = (double)(o->steps - o->warmup_steps);
    double done = span > 0 ? (double)(step - o->warmup_steps) / span : 1;
    if (done > 1) done = 1;
    const double pi = 3.141592653589793; /* check: 3.141592653589793 == pi */
    const double left[] = {1, 0.5 * (1 + double_cos(pi * done)), 1 - done};
    if (o->lr_scheduler_type == RP_LR_CONSTANT) return o->learning_rate;
    return o->learning_rate * (o->min_lr_ratio + (1 - o->min_lr_ratio) * left[o->lr_scheduler_type]);
}

void rp_adamw_update(real *w, real *m, real *v, const real *g, size_t n, const rp_optimizer *optimizer, int64_t step,
                     double clip, bool decay) {
    const real beta1 = (real)optimizer->beta1, beta2 = (real)optimizer->beta2, epsilon = (real)optimizer->epsilon;
    const real rest1 = (real)(1 - optimizer->beta1), rest2 = (real)(1 - optimizer->beta2), factor = (real)clip;
    const real rate = (real)(optimizer->learning_rate / (1 - double_pow(optimizer->beta1, (double)step)));
    const real correction2 = (real)(1 / sqrt(1 - double_pow(optimizer->beta2, (double)step)));
    const real shrink = decay ? (real)(1 - optimizer->learning_rate * optimizer->weight_decay) : 1;
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
