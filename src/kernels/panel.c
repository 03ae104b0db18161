/* SPDX-License-Identifier: MIT
 *
 * panel.c — matrix products in portable C at the speed of the vector unit.
 *
 * The product y = x wᵀ multiplies every row of x with every row of w. The trick of all fast implementations is to hold a
 * small tile of y in registers (ROWS rows, WIDTH columns), walk k once, and per step load WIDTH values of w and ROWS of x
 * for ROWS·WIDTH multiplications. For that the WIDTH values must lie side by side: w is repacked into panels,
 *
 *        panel p = ( w[pW+0][0] … w[pW+W-1][0],  w[pW+0][1] … w[pW+W-1][1],  … )            (K, WIDTH)
 *
 * once per update for decoding, or block by block on the way (`tiled` below, the portable twin of blas.c). The inner loop
 * is ordinary C; compilers keep `sum` in registers because ROWS and WIDTH are constants: two vectors by eight rows where
 * there are 32 registers of 64 bytes, two by six elsewhere.
 *
 * A panel may hold its values as bfloat16, the upper half of a float: half the bytes to read from memory, which is what a
 * product with few rows waits for. A value is widened as it is loaded; the arithmetic is the same.
 *
 * Two more things keep the vector unit busy. Blocks of 256 steps of k stay in the first cache while all rows pass, so that
 * only the first tile of rows waits for memory; and each tile meanwhile asks for its share of the block that comes next.
 *
 * Every y[m][n] is one chain of fused multiply-adds over ascending k, whatever the tile it falls in.
 */
#include "lanes.h"
#include "products.h"

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, ROWS = 8 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32, ROWS = 6 };
#else
enum { VECTOR_BYTES = 16, ROWS = 6 };
#endif
enum {
    WIDTH = 2 * VECTOR_BYTES / (int)sizeof(real),
    BLOCK_K = 256,  /* a packed block of (256, WIDTH) is 32 KiB: it stays in the first cache while rows of x pass */
    BLOCK_M = 1024, /* rows of x served by one packing */
    BLOCK_T = 128,  /* the same where x is transposed and copied */
};

#define INLINE static inline __attribute__((always_inline)) /* the number of rows and the kind of panel become constants */

/* A bfloat16 and its value: the upper 16 bits of a float. */
static inline real widened(rp_bf16 half) {
    const uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (real)value;
}

/* What a product is told about the second matrix. */
typedef struct panel_view {
    const void *data;
    bool bf16;
} panel_view;

/* Row k of a panel: in place, or widened into `space`. */
INLINE const real *panel_row(const panel_view panel, size_t k, real space[WIDTH]) {
    if (!panel.bf16) return (const real *)panel.data + k * WIDTH;
    const rp_bf16 *half = (const rp_bf16 *)panel.data + k * WIDTH;
    VECTOR
    for (size_t j = 0; j < WIDTH; j++) space[j] = widened(half[j]);
    return space;
}

/* y[r][0 … columns-1] (+)= Σ_k x[r·row_step + k·k_step] panel[k][j] for `rows` rows. The last panel has fewer columns than
 * WIDTH: what is beyond them is computed (the panel has zeros there) and not stored. Beside every step, what lies at ahead +
 * k·stride bytes is fetched. */
INLINE void tile(real *y, size_t ldy, const real *x, size_t row_step, size_t k_step, const panel_view panel, size_t K,
                 size_t columns, bool accumulate, const char *ahead, size_t stride, const int rows) {
    real sum[ROWS][WIDTH], space[WIDTH];
    for (int r = 0; r < rows; r++)
        for (size_t j = 0; j < WIDTH; j++) sum[r][j] = accumulate && j < columns ? y[(size_t)r * ldy + j] : 0;
    for (size_t k = 0; k < K; k++) {
        __builtin_prefetch(ahead + k * stride, 0, 2);
        const real *w = panel_row(panel, k, space);
        for (int r = 0; r < rows; r++) {
            const real a = x[(size_t)r * row_step + k * k_step];
            VECTOR
            for (size_t j = 0; j < WIDTH; j++) sum[r][j] = real_fma(a, w[j], sum[r][j]);
        }
    }
    for (int r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++) y[(size_t)r * ldy + j] = sum[r][j];
}

/* The same with constants for the usual case, so that loads and stores of sum are vectors too. */
INLINE void tile_of(real *y, size_t ldy, const real *x, size_t row_step, size_t k_step, const panel_view panel, size_t K,
                    size_t columns, bool accumulate, const char *ahead, size_t stride, const int rows) {
    if (columns == WIDTH && accumulate)
        tile(y, ldy, x, row_step, k_step, panel, K, WIDTH, true, ahead, stride, rows);
    else if (columns == WIDTH)
        tile(y, ldy, x, row_step, k_step, panel, K, WIDTH, false, ahead, stride, rows);
    else
        tile(y, ldy, x, row_step, k_step, panel, K, columns, accumulate, ahead, stride, rows);
}

/* All M rows against one panel; on the way they fetch another one of K steps that lies ahead. What remains below ROWS at the
 * end is shared with the tile before it (11 rows are 6 + 5, not 8 + 3), because a tile of few rows waits for its own sums. */
INLINE void rows_of(real *y, size_t ldy, const real *x, size_t row_step, size_t k_step, const panel_view panel, size_t M,
                    size_t K, size_t columns, bool accumulate, const char *ahead) {
    const size_t tiles = (M + ROWS - 1) / ROWS, bytes = WIDTH * (panel.bf16 ? sizeof(rp_bf16) : sizeof(real));
    const size_t stride = tiles ? bytes / tiles : 0;
    for (size_t m = 0, rows; m < M; m += rows, y += rows * ldy, x += rows * row_step, ahead += K * stride) {
        rows = M - m >= 2 * ROWS ? ROWS : M - m > ROWS ? (M - m + 1) / 2 : M - m;
        switch (rows) {
#define CASE(n)                                                                                                            \
    case n:                                                                                                                \
        tile_of(y, ldy, x, row_step, k_step, panel, K, columns, accumulate, ahead, stride, n);                             \
        break;
            CASE(1)
            CASE(2)
            CASE(3)
            CASE(4)
            CASE(5)
            CASE(6)
#if defined(__AVX512F__)
            CASE(7)
            CASE(8)
#endif
#undef CASE
        }
    }
}

/* Both kinds of panel, each with its own copy of the loops above. */
static void panel_rows(real *y, size_t ldy, const real *x, size_t row_step, size_t k_step, const real *panel, size_t M,
                       size_t K, size_t columns, bool accumulate, const void *ahead) {
    const panel_view view = {panel, false};
    rows_of(y, ldy, x, row_step, k_step, view, M, K, columns, accumulate, ahead);
}

static void panel_rows_bf16(real *y, size_t ldy, const real *x, size_t row_step, const rp_bf16 *panel, size_t M, size_t K,
                            size_t columns, bool accumulate, const void *ahead) {
    const panel_view view = {panel, true};
    rows_of(y, ldy, x, row_step, 1, view, M, K, columns, accumulate, ahead);
}

/* ---- Panels packed ahead
 * ---------------------------------------------------------------------------------------------------- */

size_t rp_panel_width(void) {
    return WIDTH;
}

size_t rp_panel_number(size_t N) {
    return (N + WIDTH - 1) / WIDTH;
}

size_t rp_panel_values(size_t N, size_t K) {
    return rp_panel_number(N) * WIDTH * K;
}

static size_t panel_columns(size_t N, size_t first_column) {
    return N - first_column < WIDTH ? N - first_column : WIDTH;
}

/* panel (K,WIDTH) = the transpose of rows of w (columns,K); 16 values of each row at a time, so that both sides stay in the
 * first cache. */
static void pack_transposed(real *panel, const real *w, size_t ldw, size_t columns, size_t K) {
    for (size_t k = 0; k < K; k += 16) {
        const size_t n = K - k < 16 ? K - k : 16;
        for (size_t j = 0; j < WIDTH; j++)
            for (size_t i = 0; i < n; i++) panel[(k + i) * WIDTH + j] = j < columns ? w[j * ldw + k + i] : 0;
    }
}

/* panel (K,WIDTH) = columns of w (K,columns) */
static void pack_straight(real *panel, const real *w, size_t ldw, size_t columns, size_t K) {
    for (size_t k = 0; k < K; k++) {
        if (columns == WIDTH)
            memcpy(panel + k * WIDTH, w + k * ldw, WIDTH * sizeof *w);
        else
            for (size_t j = 0; j < WIDTH; j++) panel[k * WIDTH + j] = j < columns ? w[k * ldw + j] : 0;
    }
}

void rp_panel_pack(real *panels, const real *w, size_t ldw, size_t N, size_t K, size_t first, size_t last) {
    for (size_t p = first; p < last; p++)
        pack_transposed(panels + p * WIDTH * K, w + p * WIDTH * ldw, ldw, panel_columns(N, p * WIDTH), K);
}

/* To the nearest bfloat16, halves to the even one; a NaN keeps its upper bits and stays one. */
static rp_bf16 narrowed(real x) {
    const float value = (float)x;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value) return (rp_bf16)(bits >> 16 | 0x40);
    return (rp_bf16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void rp_panel_pack_bf16(rp_bf16 *panels, const real *w, size_t ldw, size_t N, size_t K, size_t first, size_t last) {
    real block[16 * WIDTH];
    for (size_t p = first; p < last; p++)
        for (size_t k = 0; k < K; k += 16) {
            const size_t n = K - k < 16 ? K - k : 16;
            pack_transposed(block, w + p * WIDTH * ldw + k, ldw, panel_columns(N, p * WIDTH), n);
            for (size_t i = 0; i < n * WIDTH; i++) panels[(p * K + k) * WIDTH + i] = narrowed(block[i]);
        }
}

void rp_panel_product(real *y, size_t ldy, const real *x, size_t ldx, const real *panels, size_t M, size_t N, size_t K,
                      size_t first, size_t last, bool accumulate) {
    const real *end = panels + last * WIDTH * K;
    for (size_t p = first; p < last; p++)
        for (size_t k = 0; k < K || (k == 0 && !accumulate); k += BLOCK_K) {
            const real *block = panels + (p * K + k) * WIDTH;
            const size_t steps = K - k < BLOCK_K ? K - k : BLOCK_K;
            const real *ahead = block + 2 * steps * WIDTH <= end ? block + steps * WIDTH : block;
            panel_rows(y + p * WIDTH, ldy, x + k, ldx, 1, block, M, steps, panel_columns(N, p * WIDTH), accumulate || k > 0,
                       ahead);
        }
}

/* Few rows read the halves directly; where several tiles of rows pass over a block, it is widened once for all of them. */
void rp_panel_product_bf16(real *y, size_t ldy, const real *x, size_t ldx, const rp_bf16 *panels, size_t M, size_t N,
                           size_t K, size_t first, size_t last, bool accumulate) {
    const rp_bf16 *end = panels + last * WIDTH * K;
    real wide[BLOCK_K * WIDTH];
    for (size_t p = first; p < last; p++)
        for (size_t k = 0; k < K || (k == 0 && !accumulate); k += BLOCK_K) {
            const rp_bf16 *block = panels + (p * K + k) * WIDTH;
            const size_t steps = K - k < BLOCK_K ? K - k : BLOCK_K, columns = panel_columns(N, p * WIDTH);
            const rp_bf16 *ahead = block + 3 * steps * WIDTH <= end ? block + steps * WIDTH : block;
            if (M <= ROWS) {
                panel_rows_bf16(y + p * WIDTH, ldy, x + k, ldx, block, M, steps, columns, accumulate || k > 0, ahead);
            } else {
                VECTOR
                for (size_t i = 0; i < steps * WIDTH; i++) wide[i] = widened(block[i]);
                panel_rows(y + p * WIDTH, ldy, x + k, ldx, 1, wide, M, steps, columns, accumulate || k > 0, ahead);
            }
        }
}

/* ---- Panels packed on the way
 * ------------------------------------------------------------------------------------------------ */

typedef void pack_function(real *panel, const real *w, size_t ldw, size_t columns, size_t K);

/* y (M,N) (+)= x' w' where x'[m][k] = x[m·row_step + k·k_step] and w' is w (K,N), or w (N,K) transposed. */
static void tiled(real *y, size_t ldy, const real *x, size_t row_step, size_t k_step, const real *w, size_t ldw,
                  pack_function *pack, size_t n_step, size_t w_k_step, size_t M, size_t N, size_t K, bool accumulate) {
    real panel[BLOCK_K * WIDTH];
    for (size_t m = 0; m < M; m += BLOCK_M)
        for (size_t k = 0; k < K || (k == 0 && !accumulate); k += BLOCK_K) /* K = 0 still clears y */
            for (size_t n = 0; n < N; n += WIDTH) {
                const size_t columns = panel_columns(N, n), steps = K - k < BLOCK_K ? K - k : BLOCK_K;
                pack(panel, w + n * n_step + k * w_k_step, ldw, columns, steps);
                panel_rows(y + m * ldy + n, ldy, x + m * row_step + k * k_step, row_step, k_step, panel,
                           M - m < BLOCK_M ? M - m : BLOCK_M, steps, columns, accumulate || k > 0, panel);
            }
}

static void tiled_nt(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                     size_t K, bool accumulate) {
    tiled(y, ldy, x, ldx, 1, w, ldw, pack_transposed, ldw, 1, M, N, K, accumulate);
}

static void tiled_nn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                     size_t K, bool accumulate) {
    tiled(y, ldy, x, ldx, 1, w, ldw, pack_straight, 1, ldw, M, N, K, accumulate);
}

static void copy_block(real *to, size_t ld_to, const real *from, size_t ld_from, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++) memcpy(to + i * ld_to, from + i * ld_from, columns * sizeof *to);
}

/* Here x is walked across its rows. Rows of a wide matrix lie a multiple of many cache lines apart, which puts them all into
 * the same few places of the cache; so a block of x is copied side by side first, one cache line apart from such a multiple. */
static void tiled_tn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                     size_t K, bool accumulate) {
    enum { LD = BLOCK_T + 64 / (int)sizeof(real) };
    real block[BLOCK_K * LD];
    if (K * ldx <= BLOCK_K * LD / 4) { /* small enough to stay in the first cache as it is */
        tiled(y, ldy, x, 1, ldx, w, ldw, pack_straight, 1, ldw, M, N, K, accumulate);
        return;
    }
    for (size_t m = 0; m < M; m += BLOCK_T) {
        const size_t rows = M - m < BLOCK_T ? M - m : BLOCK_T;
        for (size_t k = 0; k < K || (k == 0 && !accumulate); k += BLOCK_K) {
            const size_t steps = K - k < BLOCK_K ? K - k : BLOCK_K;
            copy_block(block, LD, x + k * ldx + m, ldx, steps, rows);
            tiled(y + m * ldy, ldy, block, 1, LD, w + k * ldw, ldw, pack_straight, 1, ldw, rows, N, steps,
                  accumulate || k > 0);
        }
    }
}

const products rp_tiled_products = {"tiled loops", tiled_nt, tiled_nn, tiled_tn};
