/* SPDX-License-Identifier: MIT
 *
 * logprob.c — from logits to the log-probability of a token and the entropy, and back.
 *
 * Both are computed relative to the row's maximum, so nothing overflows, and from one pass over the vocabulary.
 * Vocabularies are long (49,152 for SmolLM2): sums run in lanes over pieces of 1024 and the pieces add up in double, which
 * keeps f32 log-probabilities right to the last digit or two.
 *
 * With a_j = (z_j − m)/τ and S = log Σ exp(a_j):  log p_j = a_j − S,  H = S − Σ p_j a_j,
 *     ∂logp_y/∂z_j = (1[j=y] − p_j)/τ,      ∂H/∂z_j = −p_j (log p_j + H)/τ.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

enum { PIECE = 1024 };

size_t rp_argmax(const real *x, size_t n) {
    const real largest = lanes_max(x, n);
    for (size_t i = 0; i < n; i++)
        if (x[i] == largest) return i;
    size_t best = 0; /* x[0] is NaN: compare one by one */
    for (size_t i = 1; i < n; i++)
        if (isnan(x[best]) || x[i] > x[best]) best = i;
    return best;
}

real rp_exp(real x) {
    return lanes_exp(x);
}

/* x_l ← exp((x_l − m) scale) for a set of lanes, added to sum. */
static inline void exp_lanes(real *x, real *sum, real m, real scale) {
    VECTOR
    for (size_t l = 0; l < LANES; l++) {
        x[l] = lanes_exp((x[l] - m) * scale);
        sum[l] += x[l];
    }
}

double rp_exp_in_place(real *x, size_t n, real m, real scale) {
    double total = 0;
    for (size_t first = 0; first < n; first += PIECE) {
        const size_t last = n - first < PIECE ? n : first + PIECE;
        real sum[LANES] = {0}, rest[LANES], unused[LANES] = {0};
        size_t j = first;
        for (; j + LANES <= last; j += LANES) exp_lanes(x + j, sum, m, scale);
        lanes_load_rest(rest, x + j, last - j);
        exp_lanes(rest, unused, m, scale);
        memcpy(x + j, rest, (last - j) * sizeof *x);
        for (size_t l = 0; l < last - j; l++) sum[l] += rest[l];
        total += (double)lanes_total(sum);
    }
    return total;
}

/* Of exactly PIECE values. */
static double piece_sum(const real *x) {
    real lane[LANES] = {0};
    for (size_t j = 0; j < PIECE; j += LANES) {
        VECTOR
        for (size_t l = 0; l < LANES; l++) lane[l] += x[j + l];
    }
    return (double)lanes_total(lane);
}

size_t rp_pick(const real *p, size_t n, double target) {
    double before = 0;
    size_t first = 0, last = n;
    for (; first + PIECE < n; first += PIECE) { /* the piece that holds the target */
        const double sum = piece_sum(p + first);
        if (before + sum > target) break;
        before += sum;
    }
    for (size_t i = first; i < n; i++) {
        before += (double)p[i];
        if (p[i] > 0) last = i;
        if (before > target) return i;
    }
    while (last == n || p[last] <= 0) last--; /* rounding: the last possible one */
    return last;
}

/* a_l = (z_l − m)·scale, e_l = exp(a_l): adds e to sum and e a to weighted, for the first n of a set of lanes. */
static inline void moment_lanes(const real *z, real *sum, real *weighted, real m, real scale, size_t n) {
    VECTOR
    for (size_t l = 0; l < LANES; l++) {
        const real a = (z[l] - m) * scale, e = lanes_exp(a);
        sum[l] += l < n ? e : 0;
        weighted[l] += l < n ? e * a : 0;
    }
}

/* Σ e_j and Σ e_j a_j */
static void exp_moments(const real *z, size_t n, real m, real scale, double *sum, double *weighted) {
    *sum = *weighted = 0;
    for (size_t first = 0; first < n; first += PIECE) {
        const size_t last = n - first < PIECE ? n : first + PIECE;
        real lane[LANES] = {0}, lane_a[LANES] = {0}, rest[LANES];
        size_t j = first;
        for (; j + LANES <= last; j += LANES) moment_lanes(z + j, lane, lane_a, m, scale, LANES);
        lanes_load_rest(rest, z + j, last - j);
        if (j < last) moment_lanes(rest, lane, lane_a, m, scale, last - j);
        *sum += (double)lanes_total(lane);
        *weighted += (double)lanes_total(lane_a);
    }
}

void rp_logprob_forward(real *logp, rp_logit_row *row, const real *z, size_t ldz, const int32_t *target, size_t T, size_t V,
                        real temperature) {
    const real scale = 1 / temperature;
    for (size_t t = 0; t < T; t++) {
        const real *logits = z + t * ldz, max = lanes_max(logits, V);
        double sum, weighted;
        exp_moments(logits, V, max, scale, &sum, &weighted);
        const double log_sum = double_log(sum);
        row[t] = (rp_logit_row){max, (real)log_sum, (real)(log_sum - weighted / sum)};
        logp[t] = (real)((double)((logits[target[t]] - max) * scale) - log_sum);
    }
}

void rp_logprob_backward(real *z, size_t ldz, const rp_logit_row *row, const int32_t *target, const real *dlogp,
                         const real *dentropy, size_t T, size_t V, real temperature) {
    const real scale = 1 / temperature;
    for (size_t t = 0; t < T; t++) {
        real *dz = z + t * ldz;
        const real max = row[t].max, log_sum = row[t].log_sum, entropy = row[t].entropy;
        const real d = dlogp[t] * scale, dH = dentropy ? dentropy[t] * scale : 0;
        VECTOR
        for (size_t j = 0; j < V; j++) {
            const real log_p = (dz[j] - max) * scale - log_sum;
            dz[j] = -lanes_exp(log_p) * (d + dH * (log_p + entropy));
        }
        dz[target[t]] += d;
    }
}
