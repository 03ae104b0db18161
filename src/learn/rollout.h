/* SPDX-License-Identifier: MIT
 *
 * rollout.h — private to this layer: answers sampled from the policy.
 */
#ifndef REPHRASE_LEARN_ROLLOUT_H
#define REPHRASE_LEARN_ROLLOUT_H

#include "trainer.h"

/* Samples `rollouts` answers to each problem; rows are grouped, problem by problem. */
rp_status rp_sample_rollouts(rp_trainer *trainer, const rp_problem *problems, size_t count, size_t rollouts,
                             uint32_t attempt, rp_row *rows, rp_metrics *metrics) RP_MUST_CHECK;

#endif
