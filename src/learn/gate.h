/* SPDX-License-Identifier: MIT
 *
 * gate.h — private to this layer: which groups are rephrased [repo.gate].
 */
#ifndef REPHRASE_LEARN_GATE_H
#define REPHRASE_LEARN_GATE_H

#include "groups.h"

typedef struct rp_questions { /* numbers of some of a step's questions, ascending */
    size_t *number, count;
} rp_questions;
/* Measures every group's share of failures and says in its report whether it is to be rephrased. *asked are the questions
 * whose rephrasing is sampled: those of open gates, and with rephrase_eager all that have a solution. */
rp_status rp_open_gates(rp_trainer *trainer, rp_groups *groups, rp_questions *asked, rp_metrics *metrics) RP_MUST_CHECK;

#endif
