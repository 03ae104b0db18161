/* SPDX-License-Identifier: MIT
 *
 * recipe_flags.c — every key of the recipe table as a flag: --recipe FILE first, single keys over it, then --set.
 */
#include "recipe_flags.h"

#include <string.h>

/* The examples of --help name recipes as they lie in the source tree. Elsewhere the same name means the installed one. */
static const char *recipe_path(rp_arena *arena, const char *path) {
    static const char home[] = "data/";
    if (rp_file_exists(path) || strncmp(path, home, sizeof home - 1) != 0) return path;
    const char *installed = rp_path_join(arena, RP_SHARE, path + sizeof home - 1);
    return installed && rp_file_exists(installed) ? installed : path;
}

rp_status rp_recipe_from_flags(const rp_invocation *call, rp_recipe *recipe) {
    rp_arena *arena = call->arena;
    rp_recipe_defaults(recipe);
    if (call->recipe_path) RP_TRY(rp_recipe_load(arena, recipe, recipe_path(arena, call->recipe_path)));
    for (size_t i = 0; rp_recipe_keys[i].name; i++) {
        if (!call->recipe_values[i]) continue;
        char shown[80];
        rp_flag_name(&rp_recipe_keys[i], shown);
        RP_TRY(rp_option_set(&rp_recipe_keys[i], shown, recipe, call->recipe_values[i]));
    }
    for (size_t i = 0; i < call->assignments.count; i++) {
        const char *text = call->assignments.items[i], *equals = strchr(text, '=');
        if (!equals) return rp_fail(RP_ERR_ARGUMENT, "--set %s: is not of the form key=value", text);
        char *key = rp_strndup(arena, text, (size_t)(equals - text));
        RP_TRY_ALLOC(key);
        RP_TRY(rp_recipe_set(arena, recipe, NULL, key, equals + 1));
    }
    return RP_OK;
}
