/* SPDX-License-Identifier: MIT
 *
 * reduce.c — sums over long arrays with one order for any number of threads.
 *
 * An array is cut into 256 pieces whatever the threads; a piece is summed in 32 lanes of double, pieces are added in order.
 * (An OpenMP reduction would add in the order in which threads finish.)
 */
#include "lanes.h"

#include <rephrase/kernels.h>

enum { PIECES = 256 };

static double sum_piece(const real *x, size_t n, bool squares) {
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        if (squares) {
            VECTOR
            for (size_t l = 0; l < LANES; l++) lane[l] += (double)x[i + l] * (double)x[i + l];
        } else {
            VECTOR
            for (size_t l = 0; l < LANES; l++) lane[l] += (double)x[i + l];
        }
    }
    for (size_t l = 0; i < n; i++, l++) lane[l] += squares ? (double)x[i] * (double)x[i] : (double)x[i];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    return lane[0];
}

static double sum_pieces(const real *x, size_t n, bool squares) {
    double piece[PIECES], total = 0;
    const size_t length = (n + PIECES - 1) / PIECES;
#pragma omp parallel for schedule(static) if (n > 65536)
    for (size_t i = 0; i < PIECES; i++) {
        const size_t first = i * length < n ? i * length : n, last = first + length < n ? first + length : n;
        piece[i] = sum_piece(x + first, last - first, squares);
    }
    for (size_t i = 0; i < PIECES; i++) total += piece[i];
    return total;
}

double rp_sum(const real *x, size_t n) {
    return sum_pieces(x, n, false);
}

double rp_sum_squares(const real *x, size_t n) {
    return sum_pieces(x, n, true);
}

double rp_clip_factor(double norm, double max_norm) {
    return max_norm > 0 && norm > max_norm ? max_norm / norm : 1;
}
