/* SPDX-License-Identifier: MIT
 *
 * failures.h — private to this layer: ReLIFT's later supervision.
 */
#ifndef REPHRASE_LEARN_FAILURES_H
#define REPHRASE_LEARN_FAILURES_H

#include "trainer.h"

/* ReLIFT: remembers questions all of whose answers failed; when there are enough, one supervised update on their
 * solutions. */
rp_status rp_learn_from_failures(rp_trainer *trainer, const rp_group_report *groups, size_t count,
                                 rp_metrics *metrics) RP_MUST_CHECK;

#endif
