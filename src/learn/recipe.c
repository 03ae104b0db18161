/* SPDX-License-Identifier: MIT
 *
 * recipe.c — settings in and out: INI files by inih, single assignments, the resolved recipe as text.
 */
#include <rephrase/learn.h>

#include <ini.h>
#include <string.h>

void rp_recipe_defaults(rp_recipe *recipe) {
    *recipe = (rp_recipe){0};
    rp_options_defaults(rp_recipe_keys, recipe);
}

static rp_status set_key(rp_arena *arena, rp_recipe *recipe, const rp_option *key, const char *value) {
    const char *kept = key->kind == RP_OPTION_KIND_TEXT ? rp_strdup(arena, value) : value;
    RP_TRY_ALLOC(kept);
    return rp_option_set(key, NULL, recipe, kept);
}

static rp_status fail_unknown_key(const char *section, const char *name) {
    const rp_option *const tables[] = {rp_recipe_keys, NULL}, *elsewhere = rp_options_find(rp_recipe_keys, NULL, name);
    char head[160];
    if (section)
        (void)snprintf(head, sizeof head, "there is no key \"%s\" in section [%s]", name, section);
    else
        (void)snprintf(head, sizeof head, "there is no key \"%s\"", name);
    if (elsewhere) return rp_fail(RP_ERR_ARGUMENT, "%s; it belongs to section [%s]", head, elsewhere->section);
    return rp_option_unknown(tables, name, false, head, "`rephrase train --help` lists them");
}

static bool is_section(const char *name) {
    for (const rp_option *key = rp_recipe_keys; key->name; key++)
        if (strcmp(key->section, name) == 0) return true;
    return false;
}

static size_t chosen_index(const rp_recipe *recipe, const rp_algorithm *algorithm) {
    size_t i = 0;
    while (i < recipe->chosen_count && recipe->chosen[i].settings.of != algorithm) i++;
    return i;
}

static rp_status set_algorithm(rp_recipe *recipe, const char *name, const char *key, const char *value) {
    const rp_algorithm *algorithm = rp_algorithm_find(name);
    if (!algorithm) return RP_ERR_ARGUMENT;
    const size_t i = chosen_index(recipe, algorithm);
    if (i == RP_MAX_ALGORITHMS_SET)
        return rp_fail(RP_ERR_LIMIT, "settings of more than %d algorithms", RP_MAX_ALGORITHMS_SET);
    rp_settings settings = rp_recipe_settings(recipe, algorithm);
    const char *convention = i < recipe->chosen_count ? recipe->chosen[i].convention : NULL;
    if (strcmp(key, "convention") == 0)
        RP_TRY(rp_settings_convention(algorithm, value, &settings, &convention));
    else
        RP_TRY(rp_settings_set(algorithm, key, value, &settings));
    recipe->chosen[i].settings = settings;
    recipe->chosen[i].convention = convention;
    if (i == recipe->chosen_count) recipe->chosen_count++;
    return RP_OK;
}

rp_status rp_recipe_set(rp_arena *arena, rp_recipe *recipe, const char *section, const char *name, const char *value) {
    const char *dot = strchr(name, '.');
    if (!section && dot) { /* "repo.rho" */
        char *owner = rp_strndup(arena, name, (size_t)(dot - name));
        RP_TRY_ALLOC(owner);
        return rp_recipe_set(arena, recipe, owner, dot + 1, value);
    }
    if (section && !is_section(section)) return set_algorithm(recipe, section, name, value);
    const rp_option *key = rp_options_find(rp_recipe_keys, section, name);
    return key ? set_key(arena, recipe, key, value) : fail_unknown_key(section, name);
}

/* ---- INI files ------------------------------------------------------------------------------------------------- */

typedef struct ini_reading {
    rp_arena *arena;
    rp_recipe *recipe;
    rp_recipe_other *other; /* takes sections that are not a recipe's; may be NULL */
    void *context;
    char section[64], name[64]; /* of the last assignment, for continuation lines */
    const char *value;
    rp_status status; /* of the first failure */
    char sentence[512];
} ini_reading;

static rp_status assign_line(ini_reading *reading, const char *section, const char *name, const char *value) {
    RP_TRY_ALLOC(value);
    if (!*section) return rp_fail(RP_ERR_FORMAT, "\"%s\" stands before the first [section]", name);
    bool taken = false;
    if (reading->other) RP_TRY(reading->other(reading->context, section, name, value, &taken));
    return taken ? RP_OK : rp_recipe_set(reading->arena, reading->recipe, section, name, value);
}

/* inih's handler: 1 = fine, 0 = error (inih then reports the line). An indented line continues the value above it: inih calls
 * again with the same name, and the pieces are joined by a newline. */
static int on_assignment(void *user, const char *section, const char *name, const char *value) {
    ini_reading *reading = user;
    if (reading->status != RP_OK) return 0;
    const bool continued = strcmp(section, reading->section) == 0 && strcmp(name, reading->name) == 0;
    const char *whole =
        continued ? rp_sprintf(reading->arena, "%s\n%s", reading->value, value) : rp_strdup(reading->arena, value);
    reading->status = assign_line(reading, section, name, whole);
    if (reading->status != RP_OK) {
        (void)snprintf(reading->sentence, sizeof reading->sentence, "%s", rp_last_error());
        return 0;
    }
    (void)snprintf(reading->section, sizeof reading->section, "%s", section);
    (void)snprintf(reading->name, sizeof reading->name, "%s", name);
    reading->value = whole;
    return 1;
}

/* inih reads lines of up to 198 bytes and would cut longer ones. */
static rp_status check_line_lengths(const char *path, rp_str text) {
    size_t line = 1, start = 0;
    for (size_t i = 0; i <= text.length; i++) {
        if (i < text.length && text.data[i] != '\n') continue;
        if (i - start > 198)
            return rp_fail(RP_ERR_FORMAT, "%s:%zu: the line is longer than 198 bytes; continue it on an indented line",
                           path, line);
        start = i + 1;
        line++;
    }
    if (memchr(text.data, 0, text.length)) return rp_fail(RP_ERR_FORMAT, "%s: contains a NUL byte: not a recipe", path);
    return RP_OK;
}

rp_status rp_recipe_load(rp_arena *arena, rp_recipe *recipe, const char *path) {
    return rp_recipe_load_with(arena, recipe, path, NULL, NULL);
}

rp_status rp_recipe_load_with(rp_arena *arena, rp_recipe *recipe, const char *path, rp_recipe_other *other, void *context) {
    rp_str text;
    RP_TRY(rp_file_read(arena, path, 1 << 20, &text));
    RP_TRY(check_line_lengths(path, text));
    rp_recipe loaded = *recipe;
    ini_reading reading = {.arena = arena, .recipe = &loaded, .other = other, .context = context};
    const int line = ini_parse_string(text.data, on_assignment, &reading);
    if (reading.status != RP_OK) return rp_fail(reading.status, "%s:%d: %s", path, line, reading.sentence);
    if (line > 0) return rp_fail(RP_ERR_FORMAT, "%s:%d: is neither \"[section]\" nor \"key = value\"", path, line);
    if (line < 0) return rp_fail(RP_ERR_MEMORY, "%s: out of memory", path);
    *recipe = loaded;
    return RP_OK;
}

void rp_recipe_write_key(const rp_recipe *recipe, const rp_option *key, rp_buffer *out) {
    rp_buffer value = rp_buffer_in(out->arena);
    rp_option_write(key, recipe, &value);
    rp_buffer_format(out, "%s = ", key->name);
    for (const char *c = value.data; c && *c; c++) rp_buffer_text(out, *c == '\n' ? "\n    " : (char[]){*c, '\0'});
    rp_buffer_char(out, '\n');
    out->failed = out->failed || value.failed;
}

/* The convention and what was set by name; the rest follows from them. */
static void write_algorithm(const rp_settings *settings, const char *convention, rp_buffer *out) {
    const rp_option *options = settings->of->settings;
    rp_buffer_format(out, "\n[%s]\n", settings->of->name);
    if (convention) rp_buffer_format(out, "convention = %s\n", convention);
    for (size_t k = 0; options[k].name; k++) {
        if (!(settings->given >> k & 1)) continue;
        rp_buffer_format(out, "%s = ", options[k].name);
        rp_option_write(&options[k], settings->bytes, out);
        rp_buffer_char(out, '\n');
    }
}

void rp_recipe_write(const rp_recipe *recipe, rp_buffer *out) {
    const char *section = "";
    for (const rp_option *key = rp_recipe_keys; key->name; key++) {
        if (strcmp(section, key->section) != 0) rp_buffer_format(out, "%s[%s]\n", *section ? "\n" : "", key->section);
        section = key->section;
        rp_recipe_write_key(recipe, key, out);
    }
    for (size_t i = 0; i < recipe->chosen_count; i++)
        write_algorithm(&recipe->chosen[i].settings, recipe->chosen[i].convention, out);
}

rp_settings rp_recipe_settings(const rp_recipe *recipe, const rp_algorithm *algorithm) {
    const size_t i = chosen_index(recipe, algorithm);
    return i < recipe->chosen_count ? recipe->chosen[i].settings : rp_settings_defaults(algorithm);
}
