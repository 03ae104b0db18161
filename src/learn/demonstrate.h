/* SPDX-License-Identifier: MIT
 *
 * demonstrate.h — private to this layer: rows that begin with a solution.
 */
#ifndef REPHRASE_LEARN_DEMONSTRATE_H
#define REPHRASE_LEARN_DEMONSTRATE_H

#include "groups.h"

/* The problem's solution behind its question. A problem without one is an error. */
rp_status rp_expert_row(rp_trainer *trainer, const rp_problem *problem, uint32_t group, rp_row *row) RP_MUST_CHECK;
/* Fills the last rows of every group as the plan says. */
rp_status rp_add_demonstrations(rp_trainer *trainer, rp_groups *groups, rp_metrics *metrics) RP_MUST_CHECK;

#endif
