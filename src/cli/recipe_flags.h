/* SPDX-License-Identifier: MIT
 *
 * recipe_flags.h — private to the program: the recipe table as flags.
 */
#ifndef REPHRASE_CLI_RECIPE_FLAGS_H
#define REPHRASE_CLI_RECIPE_FLAGS_H

#include "cli.h"

#include <rephrase/compare.h>

/* The recipe file first, single keys over it, --set over both. */
rp_status rp_recipe_from_flags(const rp_invocation *call, rp_recipe *recipe) RP_MUST_CHECK;

#endif
