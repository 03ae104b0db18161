/* SPDX-License-Identifier: MIT
 *
 * base.h — private to this layer: where a policy is saved.
 */
#ifndef REPHRASE_RUN_BASE_H
#define REPHRASE_RUN_BASE_H

#include <rephrase/run.h>

/* Tokenizer, weights in the precision of the program, config, and last finished.json with the number of steps. */
rp_status rp_save_policy(rp_arena *scratch, const rp_policy *policy, const char *directory, int64_t steps) RP_MUST_CHECK;
/* After how many steps the stage of this directory was finished: -1 when a file of its model is missing, and more than any number
 * where finished.json alone is (directories of earlier versions). */
rp_status rp_finished_steps(rp_arena *scratch, const char *directory, int64_t *steps) RP_MUST_CHECK;

#endif
