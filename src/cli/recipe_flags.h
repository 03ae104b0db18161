/* SPDX-License-Identifier: MIT
 *
 * recipe_flags.h — private to the program: the recipe table as flags.
 */
#ifndef REPHRASE_CLI_RECIPE_FLAGS_H
#define REPHRASE_CLI_RECIPE_FLAGS_H

#include "cli.h"

#include <rephrase/compare.h>

typedef struct rp_recipe_flag_set {
    rp_flag *flags; /* --recipe, --set, the command's own flags, then every key */
    const char *recipe_path;
    rp_text_list assignments;
    const char **values; /* parallel to the recipe table; NULL = not given */
} rp_recipe_flag_set;

/* own: the command's own flags, ending with name NULL. */
rp_status rp_recipe_flags(rp_arena *arena, const rp_flag *own, rp_recipe_flag_set *set) RP_MUST_CHECK;
rp_status rp_recipe_from_flags(rp_arena *arena, const rp_recipe_flag_set *set, rp_recipe *recipe) RP_MUST_CHECK;

#endif
