/* SPDX-License-Identifier: MIT
 *
 * knowledge.h — private to this layer: log-probabilities of injected rows under P(q, k).
 */
#ifndef REPHRASE_LEARN_KNOWLEDGE_H
#define REPHRASE_LEARN_KNOWLEDGE_H

#include "groups.h"

/* As the plan's gate says: the behaviour's log-probabilities of rows that were not sampled under the plain question are taken
 * under P(q, k), or those rows move behind P(q, k) altogether. */
rp_status rp_condition_on_knowledge(rp_trainer *trainer, rp_groups *groups) RP_MUST_CHECK;

#endif
