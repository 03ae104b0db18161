/* SPDX-License-Identifier: MIT
 *
 * rollout.h — private to this layer: answers sampled from the policy, their rewards, and what both say of it.
 */
#ifndef REPHRASE_LEARN_ROLLOUT_H
#define REPHRASE_LEARN_ROLLOUT_H

#include "groups.h"

/* Samples the rollouts of every group. attempt > 0: further questions of the same step. */
rp_status rp_sample_rollouts(rp_trainer *trainer, rp_groups *groups, uint32_t attempt) RP_MUST_CHECK;
/* Scores them. */
void rp_reward_rollouts(rp_trainer *trainer, rp_groups *groups);
/* Means over the rollouts as sampled, before anything is replaced. */
void rp_measure_rollouts(const rp_groups *groups, rp_metrics *metrics);

#endif
