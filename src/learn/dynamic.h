/* SPDX-License-Identifier: MIT
 *
 * dynamic.h — private to this layer: further questions in place of undecided groups.
 */
#ifndef REPHRASE_LEARN_DYNAMIC_H
#define REPHRASE_LEARN_DYNAMIC_H

#include "groups.h"

/* As long as the plan allows further batches of questions, groups whose rewards are all equal make way for groups of those. */
rp_status rp_resample_undecided(rp_trainer *trainer, rp_groups *groups, rp_metrics *metrics) RP_MUST_CHECK;

#endif
