/* SPDX-License-Identifier: MIT
 *
 * batch.h — private to this layer: the rows of one optimiser update, flattened.
 */
#ifndef REPHRASE_LEARN_BATCH_H
#define REPHRASE_LEARN_BATCH_H

#include "trainer.h"

typedef struct rp_update_batch {
    const rp_row *rows;
    size_t count, tokens;
    rp_batch batch;
    real *logp, *entropy, *value; /* of the current weights; value only with a critic */
    real *top_logp;               /* of the recorded tokens under the current weights; only with top */
    size_t *live, live_count;     /* rows with a gradient, in order; known once the loss is */
} rp_update_batch;
/* `rows` are whole, consecutive groups in ascending order. */
rp_status rp_update_flatten(rp_trainer *t, const rp_row *rows, size_t count, size_t groups,
                            rp_update_batch *out) RP_MUST_CHECK;
/* Frozen quantities: taken before the first optimiser update of the step. */
rp_status rp_update_freeze(rp_trainer *t, rp_update_batch *u, bool several_updates) RP_MUST_CHECK;
/* Is log π_θ of the row's tokens what the sampler recorded? */
bool rp_row_is_known(const rp_trainer *t, const rp_row *row);
/* log π_θ, and what else `out` asks for, of all rows: as recorded where that is known, else by a forward pass. */
rp_status rp_current_values(rp_trainer *t, const rp_update_batch *u, rp_row_values out) RP_MUST_CHECK;
void rp_count_forward(rp_trainer *t, const rp_row *rows, size_t count);

#endif
