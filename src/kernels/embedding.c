/* SPDX-License-Identifier: MIT
 *
 * embedding.c — rows of a table by token id, and the gradient's way back.
 *
 * A token may occur many times in a batch; its gradients are added in the order of the positions. Columns are independent:
 * threads may take different columns, never different rows.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

void rp_embedding_forward(real *y, const real *E, const int32_t *id, size_t T, size_t C) {
    for (size_t t = 0; t < T; t++) memcpy(y + t * C, E + (size_t)id[t] * C, C * sizeof *y);
}

void rp_embedding_backward(real *dE, const real *dy, const int32_t *id, size_t T, size_t C, size_t first, size_t last) {
    for (size_t t = 0; t < T; t++) {
        real *row = dE + (size_t)id[t] * C;
        VECTOR
        for (size_t i = first; i < last; i++) row[i] += dy[t * C + i];
    }
}
