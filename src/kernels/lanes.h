/* SPDX-License-Identifier: MIT
 *
 * lanes.h — sums and exponentials in a form that compilers turn into vector code.
 *
 * A plain loop `s += x[i]` must add in order, one at a time. Here 32 partial sums ("lanes") take every 32nd value and are
 * added as a binary tree at the end: the order is still fixed, on every machine, but 32 additions are independent, enough
 * for two registers of the widest vector units of today. VECTOR marks a loop whose iterations are independent; without
 * OpenMP the pragma still works (-fopenmp-simd) and without both it is a comment.
 */
#ifndef REPHRASE_KERNELS_LANES_H
#define REPHRASE_KERNELS_LANES_H

#include <rephrase/real.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VECTOR _Pragma("omp simd")
enum { LANES = 32 };

static inline real lanes_total(real lane[LANES]) {
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    return lane[0];
}

/* The last n < LANES values of an array as a full set, zeros behind them. */
static inline void lanes_load_rest(real lane[LANES], const real *x, size_t n) {
    memset(lane, 0, LANES * sizeof *lane);
    memcpy(lane, x, n * sizeof *lane);
}

static inline real lanes_dot(const real *x, const real *y, size_t n) {
    real lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        VECTOR
        for (size_t l = 0; l < LANES; l++) lane[l] = real_fma(x[i + l], y[i + l], lane[l]);
    }
    for (size_t l = 0; i < n; i++, l++) lane[l] = real_fma(x[i], y[i], lane[l]);
    return lanes_total(lane);
}

static inline real lanes_max(const real *x, size_t n) {
    real lane[LANES], largest;
    for (int l = 0; l < LANES; l++) lane[l] = x[0];
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        VECTOR
        for (size_t l = 0; l < LANES; l++) lane[l] = x[i + l] > lane[l] ? x[i + l] : lane[l];
    }
    largest = lane[0];
    for (int l = 1; l < LANES; l++) largest = lane[l] > largest ? lane[l] : largest;
    for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
}

/* exp(x). In f64 the C library's. In f32: x = n ln 2 + r with |r| <= ln 2/2, exp(x) = 2ⁿ (1 + r + r² q(r)); q is the
 * polynomial of degree 4 that minimises the largest relative error of the whole (3.1e-9, found by Lawson's iteration, as
 * tools/fit_exp.py shows). Adding 1.5·2²³ rounds x/ln 2 to an integer in the low bits of the sum; 2ⁿ is applied as two
 * factors so that results down to the smallest denormal are right. Below -104 the result is 0, above 88.73 infinite. */
#if RP_PRECISION == 32
static inline real lanes_exp(real x) {
    const float round = 0x1.8p23f;
    x = x < -104.0f ? -104.0f : x;
    x = x > 89.0f ? 89.0f : x;
    const float shifted = real_fma(x, 0x1.715476p+0f, round); /* 1/ln 2 */
    const float n = shifted - round;
    float r = real_fma(n, -0x1.62e4p-1f, x); /* ln 2 in two parts, the first with 15 bits so that n times it is exact */
    r = real_fma(n, -0x1.7f7d1cp-20f, r);
    float q = 0x1.6a2442p-10f;
    q = real_fma(q, r, 0x1.1239e8p-7f);
    q = real_fma(q, r, 0x1.5558f2p-5f);
    q = real_fma(q, r, 0x1.555492p-3f);
    q = real_fma(q, r, 0x1.fffffcp-2f);
    const float p = 1.0f + real_fma(r * r, q, r);
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits -= 0x4b400000; /* the bits of `round`: what remains is n */
    const int32_t half = bits >> 1, rest = bits - half;
    const uint32_t half_bits = (uint32_t)(half + 127) << 23, rest_bits = (uint32_t)(rest + 127) << 23;
    float scale_half, scale_rest;
    memcpy(&scale_half, &half_bits, sizeof half_bits);
    memcpy(&scale_rest, &rest_bits, sizeof rest_bits);
    return p * scale_half * scale_rest;
}
#else
static inline real lanes_exp(real x) {
    return double_exp(x);
}
#endif

#endif
