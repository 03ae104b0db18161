/* SPDX-License-Identifier: MIT
 *
 * gather.h — private to this layer: the rows of a step.
 */
#ifndef REPHRASE_LEARN_GATHER_H
#define REPHRASE_LEARN_GATHER_H

#include "trainer.h"

/* The rows of every group of a step, as the algorithm needs them: rollouts, with an expert's solution or a hybrid among
 * them, after the rephrasings. */
rp_status rp_gather_rows(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_row **rows, size_t *per_group,
                         rp_group_report *reports, rp_metrics *metrics) RP_MUST_CHECK;

#endif
