/* SPDX-License-Identifier: MIT
 *
 * page.c — attention against a key/value cache in pages, for generation.
 *
 * Sequences grow and end at different times, and samples of one prompt share its keys and values: so the cache is a pool of
 * pages of 32 positions and a sequence is a list of page numbers. Within a page keys lie transposed, (D,32): the scores of
 * 32 positions are then 32 lanes that walk d together, and no sum across lanes is needed. Values lie as they are used, one
 * row per position. Each score is one chain over ascending d and each output one chain over ascending positions, so a
 * query's result depends on its own sequence alone.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

void rp_page_store(real *leaf, size_t slot, const real *k, const real *v, size_t D) {
    for (size_t d = 0; d < D; d++) leaf[d * RP_PAGE + slot] = k[d];
    memcpy(leaf + RP_PAGE * D + slot * D, v, D * sizeof *v);
}

/* s (32) = scores of q against the keys (D,32) of a page */
static void score_page(real *restrict s, const real *q, const real *keys, size_t D) {
    real sum[RP_PAGE] = {0};
    for (size_t d = 0; d < D; d++) {
        const real q_d = q[d];
        VECTOR
        for (size_t j = 0; j < RP_PAGE; j++) sum[j] = real_fma(q_d, keys[d * RP_PAGE + j], sum[j]);
    }
    memcpy(s, sum, sizeof sum);
}

/* o += Σ_j p_j v_j over the first n positions of a page */
static void gather_page(real *restrict o, const real *p, const real *values, size_t n, size_t D) {
    for (size_t j = 0; j < n; j++) {
        const real p_j = p[j];
        VECTOR
        for (size_t d = 0; d < D; d++) o[d] = real_fma(p_j, values[j * D + d], o[d]);
    }
}

void rp_page_attend(real *o, const real *q, size_t G, const real *pool, const uint32_t *page, size_t stride, size_t length,
                    size_t D, real *scratch) {
    const size_t pages = (length + RP_PAGE - 1) / RP_PAGE, row = pages * RP_PAGE;
    const real scale = 1 / real_sqrt((real)D);
    for (size_t i = 0; i < pages; i++)
        for (size_t g = 0; g < G; g++) score_page(scratch + g * row + i * RP_PAGE, q + g * D, pool + page[i] * stride, D);
    for (size_t g = 0; g < G; g++) {
        real *p = scratch + g * row;
        const real factor = (real)(1 / rp_exp_in_place(p, length, lanes_max(p, length), scale));
        VECTOR
        for (size_t j = 0; j < length; j++) p[j] *= factor;
        memset(o + g * D, 0, D * sizeof *o);
    }
    for (size_t i = 0; i < pages; i++) {
        const size_t n = length - i * RP_PAGE < RP_PAGE ? length - i * RP_PAGE : RP_PAGE;
        const real *values = pool + page[i] * stride + RP_PAGE * D;
        for (size_t g = 0; g < G; g++) gather_page(o + g * D, scratch + g * row + i * RP_PAGE, values, n, D);
    }
}
