/* SPDX-License-Identifier: MIT
 *
 * products.h — the type that the three implementations of the matrix products share.
 */
#ifndef REPHRASE_KERNELS_PRODUCTS_H
#define REPHRASE_KERNELS_PRODUCTS_H

#include <rephrase/kernels.h>

typedef void product_function(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N,
                              size_t K, bool accumulate);

typedef struct products {
    const char *name;
    product_function *nt, *nn, *tn;
} products;

extern const products rp_tiled_products; /* panel.c */
extern const products rp_blas_products;  /* blas.c; its functions are NULL when OpenBLAS is not built in */

void rp_blas_single_thread(void); /* blas.c; does nothing when not built in */

#endif
