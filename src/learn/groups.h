/* SPDX-License-Identifier: MIT
 *
 * groups.h — private to this layer: the questions of a step with their rows.
 */
#ifndef REPHRASE_LEARN_GROUPS_H
#define REPHRASE_LEARN_GROUPS_H

#include "trainer.h"

/* Row j of question q is rows[q · size + j]: first the `sampled` rollouts, then the plan's demonstrations. */
typedef struct rp_groups {
    rp_problem *problems; /* (count) a copy: dynamic sampling exchanges some */
    size_t count, size, sampled;
    rp_row *rows;             /* (count · size) */
    rp_group_report *reports; /* (count) */
} rp_groups;

/* Room for the rows that the plan of this step wants of each question. */
rp_status rp_groups_create(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_groups *groups) RP_MUST_CHECK;
rp_row *rp_group_rows(const rp_groups *groups, size_t question);
/* What is true of groups whose rows are finished; a breach is a bug and aborts. */
void rp_groups_check(const rp_groups *groups);

#endif
