/* SPDX-License-Identifier: MIT
 *
 * failures.h — private to this layer: supervision of what nobody solved.
 */
#ifndef REPHRASE_LEARN_FAILURES_H
#define REPHRASE_LEARN_FAILURES_H

#include "groups.h"

/* Where the plan collects failures: remembers the questions of this step all of whose answers failed; when there are enough,
 * one supervised update on their solutions. Called after the step's own update, which counted the step. */
rp_status rp_learn_from_failures(rp_trainer *trainer, const rp_groups *groups, rp_metrics *metrics) RP_MUST_CHECK;

#endif
