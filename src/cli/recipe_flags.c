/* SPDX-License-Identifier: MIT
 *
 * recipe_flags.c — every key of the recipe table as a flag: --recipe FILE first, single keys on top, then --set.
 */
#include "recipe_flags.h"

#include <string.h>

/* "learning_rate" becomes "learning-rate". */
static char *flag_name(rp_arena *arena, const char *key) {
    char *name = rp_strdup(arena, key);
    for (char *c = name; c && *c; c++)
        if (*c == '_') *c = '-';
    return name;
}

static char *flag_help(rp_arena *arena, const rp_recipe_key *key) {
    char choices[200] = "";
    for (size_t i = 0; key->choices[i]; i++) {
        const size_t n = strlen(choices);
        (void)snprintf(choices + n, sizeof choices - n, "%s%s", i ? ", " : ": ", key->choices[i]);
    }
    return rp_sprintf(arena, "[%s] %s%s%s%s%s", key->section, key->help, choices, *key->standard ? " (default " : "",
                      key->standard, *key->standard ? ")" : "");
}

rp_status rp_recipe_flags(rp_arena *arena, const rp_flag *own, rp_recipe_flag_set *set) {
    size_t own_count = 0;
    while (own[own_count].name) own_count++;
    const size_t keys = rp_recipe_key_count();
    rp_flag *flags = rp_alloc_zero(arena, rp_flag, own_count + keys + 3);
    *set = (rp_recipe_flag_set){.flags = flags, .values = rp_alloc_zero(arena, const char *, keys)};
    if (!flags || !set->values) return RP_ERR_MEMORY;
    size_t n = 0;
    flags[n++] =
        (rp_flag){"recipe", RP_FLAG_TEXT, &set->recipe_path, "FILE", "INI file of settings; single flags go on top"};
    flags[n++] = (rp_flag){"set", RP_FLAG_LIST, &set->assignments, "KEY=VALUE",
                           "any key, and settings of algorithms: --set repo.rho=0.5 --set grpo.convention=trl"};
    for (size_t i = 0; i < own_count; i++) flags[n++] = own[i];
    for (size_t i = 0; i < keys; i++) {
        const rp_recipe_key *key = rp_recipe_key_at(i);
        flags[n] = (rp_flag){flag_name(arena, key->name), RP_FLAG_TEXT, &set->values[i], "VALUE", flag_help(arena, key)};
        if (!flags[n].name || !flags[n].help) return RP_ERR_MEMORY;
        n++;
    }
    return RP_OK;
}

/* The examples of --help name recipes as they lie in the source tree. Elsewhere the same name means the installed one. */
static const char *recipe_path(rp_arena *arena, const char *path) {
    static const char home[] = "data/";
    if (rp_file_exists(path) || strncmp(path, home, sizeof home - 1) != 0) return path;
    const char *installed = rp_path_join(arena, RP_SHARE, path + sizeof home - 1);
    return installed && rp_file_exists(installed) ? installed : path;
}

rp_status rp_recipe_from_flags(rp_arena *arena, const rp_recipe_flag_set *set, rp_recipe *recipe) {
    rp_recipe_defaults(recipe);
    if (set->recipe_path) RP_TRY(rp_recipe_load(arena, recipe, recipe_path(arena, set->recipe_path)));
    for (size_t i = 0; i < rp_recipe_key_count(); i++)
        if (set->values[i]) RP_TRY(rp_recipe_set(arena, recipe, NULL, rp_recipe_key_at(i)->name, set->values[i]));
    for (size_t i = 0; i < set->assignments.count; i++) {
        const char *text = set->assignments.items[i], *equals = strchr(text, '=');
        if (!equals) return rp_fail(RP_ERR_ARGUMENT, "--set %s: is not of the form key=value", text);
        char *key = rp_strndup(arena, text, (size_t)(equals - text));
        RP_TRY_ALLOC(key);
        RP_TRY(rp_recipe_set(arena, recipe, NULL, key, equals + 1));
    }
    return RP_OK;
}
