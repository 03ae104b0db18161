/* SPDX-License-Identifier: MIT
 *
 * products.c — the definition of the three matrix products as plain loops, and the choice between implementations.
 *
 * The loops below are what the product means; blas.c and panel.c must agree with them up to rounding, which their test
 * checks over random shapes. The choice is made once. It asks two questions only: is OpenBLAS built in, and are the vectors
 * of the core that it picked wider than those this file was compiled for? A program compiled for any x86-64 has 128-bit vectors
 * and gains much from a library that looks at the CPU. One compiled for its own CPU does as well by itself, and then its sums
 * have an order that is written down.
 */
#include "products.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static void plain_nt(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                     size_t K, bool accumulate) {
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++) {
            real sum = accumulate ? y[m * ldy + n] : 0;
            for (size_t k = 0; k < K; k++) sum += x[m * ldx + k] * w[n * ldw + k];
            y[m * ldy + n] = sum;
        }
}

static void plain_nn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                     size_t K, bool accumulate) {
    for (size_t m = 0; m < M; m++) {
        if (!accumulate) memset(y + m * ldy, 0, N * sizeof *y);
        for (size_t k = 0; k < K; k++)
            for (size_t n = 0; n < N; n++) y[m * ldy + n] += x[m * ldx + k] * w[k * ldw + n];
    }
}

static void plain_tn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                     size_t K, bool accumulate) {
    for (size_t m = 0; m < M; m++) {
        if (!accumulate) memset(y + m * ldy, 0, N * sizeof *y);
        for (size_t k = 0; k < K; k++)
            for (size_t n = 0; n < N; n++) y[m * ldy + n] += x[k * ldx + m] * w[k * ldw + n];
    }
}

static const products plain_products = {"plain loops", plain_nt, plain_nn, plain_tn};

static const products *const implementations[] = {[RP_PRODUCTS_PLAIN] = &plain_products,
                                                  [RP_PRODUCTS_TILED] = &rp_tiled_products,
                                                  [RP_PRODUCTS_BLAS] = &rp_blas_products};

static _Atomic int chosen = -1; /* an rp_products, or not chosen yet */

static const products *implementation(void) {
    const int kind = atomic_load_explicit(&chosen, memory_order_relaxed);
    return implementations[kind >= 0 ? kind : (int)rp_products_prepare()];
}

rp_products rp_products_prepare(void) {
    int kind = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (kind < 0) {
        const bool built_in = rp_blas_products.nt;
        kind = built_in && rp_blas_look().vectors == RP_WIDER ? RP_PRODUCTS_BLAS : RP_PRODUCTS_TILED;
        if (built_in) rp_blas_single_thread();
        atomic_store_explicit(&chosen, kind, memory_order_relaxed);
    }
    return (rp_products)kind;
}

bool rp_products_use(rp_products kind) {
    if (!implementations[kind]->nt) return false;
    rp_blas_single_thread();
    atomic_store_explicit(&chosen, (int)kind, memory_order_relaxed);
    return true;
}

const char *rp_products_name(rp_products kind) {
    return implementations[kind]->name;
}

void rp_product_nt(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                   bool accumulate) {
    implementation()->nt(y, ldy, x, ldx, w, ldw, M, N, K, accumulate);
}

void rp_product_nn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                   bool accumulate) {
    implementation()->nn(y, ldy, x, ldx, w, ldw, M, N, K, accumulate);
}

void rp_product_tn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                   bool accumulate) {
    implementation()->tn(y, ldy, x, ldx, w, ldw, M, N, K, accumulate);
}
