/* SPDX-License-Identifier: MIT
 *
 * demonstrate.h — private to this layer: rows that are written, not sampled.
 */
#ifndef REPHRASE_LEARN_DEMONSTRATE_H
#define REPHRASE_LEARN_DEMONSTRATE_H

#include "trainer.h"

/* The problem's solution behind its question. A problem without one is an error. */
rp_status rp_expert_row(rp_trainer *trainer, const rp_problem *problem, uint32_t group, rp_row *row) RP_MUST_CHECK;
/* The policy continues behind the question and the first part of the solution's tokens. */
rp_status rp_hybrid_rows(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_row *rows,
                         rp_metrics *metrics) RP_MUST_CHECK;

#endif
