/* SPDX-License-Identifier: MIT
 *
 * rephrase.h — private to this layer: RePO's gate, rephrasing and replacement.
 */
#ifndef REPHRASE_LEARN_REPHRASE_H
#define REPHRASE_LEARN_REPHRASE_H

#include "trainer.h"

/* RePO's gate, sampling, filter and replacement on grouped rows (rollouts each). Fills the reports' rephrase fields. */
rp_status rp_rephrase_groups(rp_trainer *trainer, const rp_problem *problems, size_t count, size_t rollouts, rp_row *rows,
                             rp_group_report *reports, rp_metrics *metrics) RP_MUST_CHECK;
/* Demonstrations in the policy's own words: each row (a question with its solution) becomes a verified rephrasing; where that
 * fails the row keeps the solution and carries no loss. */
rp_status rp_rephrase_demonstrations(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_row *rows,
                                     rp_metrics *metrics) RP_MUST_CHECK;
/* The prompts P(q,k) under which readings B and C take log-probabilities: rows of another source than the policy get the
 * rephrase prompt of their problem in place of the plain one; the others are copied as they are. */
rp_status rp_rows_under_knowledge(rp_trainer *trainer, const rp_problem *problems, const rp_row *rows, size_t count,
                                  rp_row *out) RP_MUST_CHECK;

#endif
