/* SPDX-License-Identifier: MIT
 *
 * optimizer.h — private to this layer: AdamW as the recipe sets it.
 */
#ifndef REPHRASE_LEARN_OPTIMIZER_H
#define REPHRASE_LEARN_OPTIMIZER_H

#include <rephrase/kernels.h>
#include <rephrase/learn.h>

/* AdamW at this learning rate, with the other settings of the optimiser. */
rp_adamw rp_adamw_of(const rp_optimizer_settings *settings, double rate);

#endif
