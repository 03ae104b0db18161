/* SPDX-License-Identifier: MIT
 *
 * attention.c — causal softmax attention of one head [vaswani2017], forward and backward, for training.
 *
 * Queries come in tiles of 64. A tile's scores against all keys up to its last query are one matrix product, (64, T) at
 * most; softmax works on its rows; the weighted sum of the values is a second product. Nothing of size (T,T) is ever
 * stored: forward keeps one number per query, lse = log Σ exp(score), and backward computes the probabilities again from
 * it. Grouped queries are the caller's loop: several query heads pass the same k and v, and dk, dv add up over them in
 * order.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

enum { TILE = 64 };

size_t rp_attention_scratch(size_t T) {
    return 2 * TILE * T;
}

/* s[0 … n-1] ← exp(s·scale − max), 0 beyond; returns the row's sum and lse. The rest of the row becomes 0. */
static real softmax_row(real *s, size_t n, size_t width, real scale, real *lse) {
    const real max = lanes_max(s, n);
    real lane[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= n; j += LANES) {
        VECTOR
        for (size_t l = 0; l < LANES; l++) {
            s[j + l] = lanes_exp((s[j + l] - max) * scale);
            lane[l] += s[j + l];
        }
    }
    for (size_t l = 0; j < n; j++, l++) {
        s[j] = lanes_exp((s[j] - max) * scale);
        lane[l] += s[j];
    }
    memset(s + n, 0, (width - n) * sizeof *s);
    const real sum = lanes_total(lane);
    *lse = max * scale + real_log(sum);
    return sum;
}

void rp_attention_forward(real *o, size_t ldo, real *lse, size_t ldl, const real *q, size_t ldq, const real *k,
                          const real *v, size_t ldkv, size_t T, size_t D, real *scratch) {
    const real scale = 1 / real_sqrt((real)D);
    for (size_t first = 0; first < T; first += TILE) {
        const size_t n = T - first < TILE ? T - first : TILE, keys = first + n;
        real total[TILE];
        rp_product_nt(scratch, keys, q + first * ldq, ldq, k, ldkv, n, keys, D, false);
        for (size_t i = 0; i < n; i++) {
            real row_lse;
            total[i] = softmax_row(scratch + i * keys, first + i + 1, keys, scale, &row_lse);
            if (lse) lse[(first + i) * ldl] = row_lse;
        }
        rp_product_nn(o + first * ldo, ldo, scratch, keys, v, ldkv, n, D, keys, false);
        for (size_t i = 0; i < n; i++) {
            real *row = o + (first + i) * ldo;
            const real factor = 1 / total[i];
            VECTOR
            for (size_t d = 0; d < D; d++) row[d] *= factor;
        }
    }
}

/* p ← the probabilities of query i from its scores; n of them, then zeros */
static void probabilities(real *p, size_t n, size_t width, real scale, real lse) {
    VECTOR
    for (size_t j = 0; j < n; j++) p[j] = lanes_exp(p[j] * scale - lse);
    memset(p + n, 0, (width - n) * sizeof *p);
}

void rp_attention_backward(real *dq, real *dk, real *dv, size_t lddqkv, const real *dout, size_t lddo, const real *o,
                           size_t ldo, const real *lse, size_t ldl, const real *q, size_t ldq, const real *k, const real *v,
                           size_t ldkv, size_t T, size_t D, real *scratch) {
    const real scale = 1 / real_sqrt((real)D);
    for (size_t first = 0; first < T; first += TILE) {
        const size_t n = T - first < TILE ? T - first : TILE, keys = first + n;
        const real *q_tile = q + first * ldq, *do_tile = dout + first * lddo;
        real *p = scratch, *ds = scratch + TILE * T;
        rp_product_nt(p, keys, q_tile, ldq, k, ldkv, n, keys, D, false);
        for (size_t i = 0; i < n; i++) probabilities(p + i * keys, first + i + 1, keys, scale, lse[(first + i) * ldl]);
        rp_product_tn(dv, lddqkv, p, keys, do_tile, lddo, keys, D, n, true);
        rp_product_nt(ds, keys, do_tile, lddo, v, ldkv, n, keys, D, false); /* dp for now */
        for (size_t i = 0; i < n; i++) {
            const real delta = lanes_dot(do_tile + i * lddo, o + (first + i) * ldo, D);
            const real *p_row = p + i * keys;
            real *ds_row = ds + i * keys;
            VECTOR
            for (size_t j = 0; j < keys; j++) ds_row[j] = p_row[j] * (ds_row[j] - delta) * scale;
        }
        rp_product_nn(dq + first * lddqkv, lddqkv, ds, keys, k, ldkv, n, D, keys, true);
        rp_product_tn(dk, lddqkv, ds, keys, q_tile, ldq, keys, D, n, true);
    }
}
