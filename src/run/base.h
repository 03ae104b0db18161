/* SPDX-License-Identifier: MIT
 *
 * base.h — private to this layer: where a policy is saved.
 */
#ifndef REPHRASE_RUN_BASE_H
#define REPHRASE_RUN_BASE_H

#include <rephrase/run.h>

/* Tokenizer, config and weights in the precision of the program; the weights last, for they mark a stage as finished. */
rp_status rp_save_policy(rp_arena *scratch, const rp_policy *policy, const char *directory) RP_MUST_CHECK;

#endif
