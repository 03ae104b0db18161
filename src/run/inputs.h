/* SPDX-License-Identifier: MIT
 *
 * inputs.h — private to this layer: digests of the files that a run reads.
 */
#ifndef REPHRASE_RUN_INPUTS_H
#define REPHRASE_RUN_INPUTS_H

#include <rephrase/run.h>

/* Writes the digests of data, eval_data, model and tokenizer into the run's directory; where the run has begun, compares them
 * with those that are there: RP_ERR_ARGUMENT names the file that was exchanged. */
rp_status rp_run_check_inputs(rp_arena *arena, const rp_recipe *recipe, bool begun) RP_MUST_CHECK;

#endif
