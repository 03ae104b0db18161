/* SPDX-License-Identifier: MIT
 *
 * update.h — private to this layer: from finished rows to new weights.
 */
#ifndef REPHRASE_LEARN_UPDATE_H
#define REPHRASE_LEARN_UPDATE_H

#include "trainer.h"

/* rp_trainer_update without the end of the training step. */
rp_status rp_update_rows(rp_trainer *trainer, const rp_row *rows, size_t count, size_t groups,
                         rp_metrics *metrics) RP_MUST_CHECK;

#endif
