/* SPDX-License-Identifier: MIT
 *
 * look.h — private to this layer: what is looked at before the first step.
 */
#ifndef REPHRASE_RUN_LOOK_H
#define REPHRASE_RUN_LOOK_H

#include <rephrase/run.h>

/* Every problem of the training data, for all these algorithms: bad rows are refused or left out, as on_bad_row says, once per
 * run. RePO without a single solution is refused. */
rp_status rp_run_look(rp_run *run, const rp_policy *policy, const rp_algorithm *const *algorithms, size_t count) RP_MUST_CHECK;
/* Settings under which nothing would be trained or evaluated. */
rp_status rp_run_check(const rp_run *run, const rp_algorithm *const *algorithms, size_t count) RP_MUST_CHECK;

#endif
