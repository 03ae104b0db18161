/* SPDX-License-Identifier: MIT
 *
 * attention.c — causal softmax attention [vaswani2017] of one key/value head and the query heads that share it, forward and
 * backward, for training.
 *
 * Queries come in tiles of 64. A tile's scores against all keys up to its last query are one matrix product, (64, T) at
 * most; softmax works on its rows; the weighted sum of the values is a second product. Nothing of size (T,T) is ever stored:
 * forward keeps one number per query, lse = log Σ exp(score), and backward computes the probabilities again from it. Keys
 * (and in backward values) are repacked as panels once and serve all tiles and heads. Rows of scores are padded to whole sets
 * of lanes, so that exp never meets a remainder.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

enum { TILE = 64 };

static size_t padded(size_t n) {
    return (n + LANES - 1) / LANES * LANES;
}

size_t rp_attention_scratch(size_t T, size_t D) {
    return 2 * TILE * padded(T) + 2 * rp_panel_values(T, D);
}

/* scores (n,width) of a tile against the first `keys` rows that the panels hold; zeros behind them */
static void score(real *s, size_t width, const real *x, size_t ldx, const real *panels, size_t n, size_t keys, size_t D) {
    rp_panel_product(s, width, x, ldx, panels, n, keys, D, 0, rp_panel_number(keys), false);
    for (size_t i = 0; i < n; i++) memset(s + i * width + keys, 0, (width - keys) * sizeof *s);
}

/* s_j ← exp((s_j − shift) scale) for j < n, 0 for the rest of the row; returns the sum. */
static real exp_row(real *s, size_t n, size_t width, real shift, real scale) {
    real sum[LANES] = {0};
    const size_t whole = n / LANES * LANES, rest = n - whole;
    for (size_t j = 0; j < whole; j += LANES) {
        VECTOR
        for (size_t l = 0; l < LANES; l++) {
            s[j + l] = lanes_exp((s[j + l] - shift) * scale);
            sum[l] += s[j + l];
        }
    }
    if (rest) {
        VECTOR
        for (size_t l = 0; l < LANES; l++) {
            const real e = lanes_exp((s[whole + l] - shift) * scale);
            s[whole + l] = l < rest ? e : 0;
            sum[l] += s[whole + l];
        }
    }
    memset(s + padded(n), 0, (width - padded(n)) * sizeof *s);
    return lanes_total(sum);
}

/* One tile of one head: rows first … first+n-1 of o and lse. */
static void forward_tile(real *o, size_t ldo, real *lse, size_t ldl, const real *q, size_t ldq, const real *panels,
                         const real *v, size_t ldkv, size_t first, size_t n, size_t D, real *s) {
    const real scale = 1 / real_sqrt((real)D);
    const size_t keys = first + n, width = padded(keys);
    real total[TILE];
    score(s, width, q + first * ldq, ldq, panels, n, keys, D);
    for (size_t i = 0; i < n; i++) {
        real *row = s + i * width;
        const real max = lanes_max(row, first + i + 1);
        total[i] = exp_row(row, first + i + 1, width, max, scale);
        lse[(first + i) * ldl] = max * scale + real_log(total[i]);
    }
    rp_product_nn(o + first * ldo, ldo, s, width, v, ldkv, n, D, keys, false);
    for (size_t i = 0; i < n; i++) {
        real *row = o + (first + i) * ldo;
        const real factor = 1 / total[i];
        VECTOR
        for (size_t d = 0; d < D; d++) row[d] *= factor;
    }
}

void rp_attention_forward(real *o, size_t ldo, real *lse, size_t ldl, const real *q, size_t ldq, const real *k,
                          const real *v, size_t ldkv, size_t T, size_t G, size_t D, real *scratch) {
    real *panels = scratch + 2 * TILE * padded(T);
    rp_panel_pack(panels, k, ldkv, T, D, 0, rp_panel_number(T));
    for (size_t first = 0; first < T; first += TILE)
        for (size_t g = 0; g < G; g++)
            forward_tile(o + g * D, ldo, lse + g, ldl, q + g * D, ldq, panels, v, ldkv, first,
                         T - first < TILE ? T - first : TILE, D, scratch);
}

/* The rows of a tile: p from the scores, and ds = p (dp − δ)/√D in the place of dp. */
static void differentiate(real *p, real *ds, size_t width, const real *dout, size_t lddo, const real *o, size_t ldo,
                          const real *lse, size_t ldl, size_t first, size_t n, size_t D) {
    const real scale = 1 / real_sqrt((real)D);
    for (size_t i = 0; i < n; i++) {
        real *p_row = p + i * width, *ds_row = ds + i * width;
        const real delta = lanes_dot(dout + (first + i) * lddo, o + (first + i) * ldo, D);
        (void)exp_row(p_row, first + i + 1, width, lse[(first + i) * ldl] / scale, scale);
        VECTOR
        for (size_t j = 0; j < width; j++) ds_row[j] = p_row[j] * (ds_row[j] - delta) * scale;
    }
}

void rp_attention_backward(real *dq, real *dk, real *dv, size_t lddqkv, const real *dout, size_t lddo, const real *o,
                           size_t ldo, const real *lse, size_t ldl, const real *q, size_t ldq, const real *k, const real *v,
                           size_t ldkv, size_t T, size_t G, size_t D, real *scratch) {
    real *p = scratch, *ds = p + TILE * padded(T), *k_panels = ds + TILE * padded(T);
    real *v_panels = k_panels + rp_panel_values(T, D);
    rp_panel_pack(k_panels, k, ldkv, T, D, 0, rp_panel_number(T));
    rp_panel_pack(v_panels, v, ldkv, T, D, 0, rp_panel_number(T));
    for (size_t first = 0; first < T; first += TILE)
        for (size_t g = 0; g < G; g++) {
            const size_t n = T - first < TILE ? T - first : TILE, keys = first + n, width = padded(keys);
            const real *q_tile = q + first * ldq + g * D, *do_tile = dout + first * lddo + g * D;
            score(p, width, q_tile, ldq, k_panels, n, keys, D);
            score(ds, width, do_tile, lddo, v_panels, n, keys, D);
            differentiate(p, ds, width, dout + g * D, lddo, o + g * D, ldo, lse + g, ldl, first, n, D);
            rp_product_tn(dv, lddqkv, p, width, do_tile, lddo, keys, D, n, true);
            rp_product_nn(dq + first * lddqkv + g * D, lddqkv, ds, width, k, ldkv, n, D, keys, true);
            rp_product_tn(dk, lddqkv, ds, width, q_tile, ldq, keys, D, n, true);
        }
}
