/* SPDX-License-Identifier: MIT
 *
 * step.h — private to this layer: the finished rows of a step, for tests of what each algorithm gathers.
 */
#ifndef REPHRASE_LEARN_STEP_H
#define REPHRASE_LEARN_STEP_H

#include "groups.h"

/* Everything of a step that comes before its update. */
rp_status rp_step_rows(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_groups *groups,
                       rp_metrics *metrics) RP_MUST_CHECK;

#endif
