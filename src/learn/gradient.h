/* SPDX-License-Identifier: MIT
 *
 * gradient.h — private to this layer: loss and gradient of one update.
 */
#ifndef REPHRASE_LEARN_GRADIENT_H
#define REPHRASE_LEARN_GRADIENT_H

#include "batch.h"

/* Fills the trainer's gradient and *loss. */
rp_status rp_loss_and_gradient(rp_trainer *t, rp_update_batch *u, rp_loss *loss) RP_MUST_CHECK;

#endif
