/* SPDX-License-Identifier: MIT
 *
 * replace.h — private to this layer: what goes into a group, and for whom.
 */
#ifndef REPHRASE_LEARN_REPLACE_H
#define REPHRASE_LEARN_REPLACE_H

#include "rephrase.h"

/* Puts the first candidate of each question that passed in the place of its group's worst row, and counts every decision. */
void rp_replace_worst(rp_trainer *trainer, rp_groups *groups, rp_candidates *candidates, rp_metrics *metrics);

#endif
