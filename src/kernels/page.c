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

/* Queries that walk through a page together: one alone would wait for its own sum at every step. Their sums stay in registers. */
#if defined(__AVX512F__)
#define QUERIES_AT_ONCE 4
#elif defined(__AVX__)
#define QUERIES_AT_ONCE 2
#else
#define QUERIES_AT_ONCE 1
#endif
enum { QUERIES = QUERIES_AT_ONCE };
#define INLINE static inline __attribute__((always_inline)) /* the number of queries must become a constant */

void rp_page_store(real *leaf, size_t slot, const real *k, const real *v, size_t D) {
    for (size_t d = 0; d < D; d++) leaf[d * RP_PAGE + slot] = k[d];
    memcpy(leaf + RP_PAGE * D + slot * D, v, D * sizeof *v);
}

/* What lies ahead of the page in hand: its successor, asked for while this one is worked on. */
static void fetch(const real *ahead, size_t row, size_t width) {
    for (size_t j = 0; j < width; j += 64 / sizeof *ahead) __builtin_prefetch(ahead + row * width + j, 0, 2);
}

/* s (rows,32) = scores of the queries q (rows,D) against the keys (D,32) of a page */
INLINE void score_tile(real *s, size_t lds, const real *q, const real *keys, const real *ahead, size_t D, const int rows) {
    real sum[QUERIES][RP_PAGE];
    memset(sum, 0, sizeof sum);
    for (size_t d = 0; d < D; d++) {
        fetch(ahead, d, RP_PAGE);
        fetch(keys + RP_PAGE * D, d, RP_PAGE);
        for (int r = 0; r < rows; r++) {
            const real q_d = q[(size_t)r * D + d];
            VECTOR
            for (size_t j = 0; j < RP_PAGE; j++) sum[r][j] = real_fma(q_d, keys[d * RP_PAGE + j], sum[r][j]);
        }
    }
    for (int r = 0; r < rows; r++) memcpy(s + (size_t)r * lds, sum[r], sizeof sum[r]);
}

/* o (rows,D) += p (rows,n) · values (n,D), for `width` columns from the first one of o and values on */
INLINE void gather_tile(real *o, const real *p, size_t ldp, const real *values, size_t n, size_t D, size_t width,
                        const int rows) {
    real sum[QUERIES][LANES];
    for (int r = 0; r < rows; r++) memcpy(sum[r], o + (size_t)r * D, width * sizeof *o);
    for (size_t j = 0; j < n; j++)
        for (int r = 0; r < rows; r++) {
            const real p_j = p[(size_t)r * ldp + j];
            VECTOR
            for (size_t d = 0; d < width; d++) sum[r][d] = real_fma(p_j, values[j * D + d], sum[r][d]);
        }
    for (int r = 0; r < rows; r++) memcpy(o + (size_t)r * D, sum[r], width * sizeof *o);
}

/* The same for all columns. */
INLINE void gather_page(real *o, const real *p, size_t ldp, const real *values, size_t n, size_t D, const int rows) {
    size_t d = 0;
    for (; d + LANES <= D; d += LANES) gather_tile(o + d, p, ldp, values + d, n, D, LANES, rows);
    if (d < D) gather_tile(o + d, p, ldp, values + d, n, D, D - d, rows);
}

/* Where the pages of one key/value head lie. */
typedef struct cache {
    const real *pool;
    const uint32_t *page;
    size_t stride, length, pages;
} cache;

static const real *leaf_of(const cache *c, size_t i) {
    return c->pool + c->page[i] * c->stride;
}

INLINE void attend(real *o, const real *q, const cache *c, size_t D, real *p, const int rows) {
    const real scale = 1 / real_sqrt((real)D);
    const size_t row = c->pages * RP_PAGE;
    for (size_t i = 0; i < c->pages; i++)
        score_tile(p + i * RP_PAGE, row, q, leaf_of(c, i), leaf_of(c, i + 1 < c->pages ? i + 1 : i), D, rows);
    memset(o, 0, (size_t)rows * D * sizeof *o);
    real factor[QUERIES];
    for (int r = 0; r < rows; r++) {
        real *p_r = p + (size_t)r * row;
        factor[r] = (real)(1 / rp_exp_in_place(p_r, c->length, lanes_max(p_r, c->length), scale));
    }
    for (size_t i = 0; i < c->pages; i++) {
        const size_t left = c->length - i * RP_PAGE, n = left < RP_PAGE ? left : RP_PAGE;
        gather_page(o, p + i * RP_PAGE, row, leaf_of(c, i) + RP_PAGE * D, n, D, rows);
    }
    for (int r = 0; r < rows; r++)
        for (size_t d = 0; d < D; d++) o[(size_t)r * D + d] *= factor[r];
}

void rp_page_attend(real *o, const real *q, size_t G, const real *pool, const uint32_t *page, size_t stride, size_t length,
                    size_t D, real *scratch) {
    const cache c = {pool, page, stride, length, (length + RP_PAGE - 1) / RP_PAGE};
    for (size_t g = 0; g < G; g += QUERIES, o += QUERIES * D, q += QUERIES * D) {
        switch (G - g) {
        case 1:
            attend(o, q, &c, D, scratch, 1);
            break;
#if QUERIES_AT_ONCE > 2
        case 2:
            attend(o, q, &c, D, scratch, 2);
            break;
        case 3:
            attend(o, q, &c, D, scratch, 3);
            break;
#endif
        default:
            attend(o, q, &c, D, scratch, QUERIES);
            break;
        }
    }
}
