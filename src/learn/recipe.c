/* SPDX-License-Identifier: MIT
 *
 * recipe.c — settings in and out: INI files by inih, single assignments, the resolved recipe as text.
 */
#include <rephrase/learn.h>

#include <ini.h>
#include <string.h>

static void *field_of(rp_recipe *recipe, const rp_recipe_key *key) {
    return (char *)recipe + key->offset;
}
static const void *field_in(const rp_recipe *recipe, const rp_recipe_key *key) {
    return (const char *)recipe + key->offset;
}

static rp_status fail_range(const rp_recipe_key *key, const char *value) {
    char lo[32], hi[32];
    (void)rp_format_double(key->lo, lo);
    (void)rp_format_double(key->hi, hi);
    return rp_fail(RP_ERR_ARGUMENT, "%s = %s is outside %s..%s", key->name, value, lo, hi);
}

static rp_status set_choice(const rp_recipe_key *key, const char *value, int64_t *out) {
    size_t count = 0;
    for (; key->choices[count]; count++) {
        if (strcmp(key->choices[count], value) == 0) {
            *out = (int64_t)count;
            return RP_OK;
        }
    }
    char list[256] = "";
    for (size_t i = 0; i < count; i++) {
        const size_t n = strlen(list);
        (void)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", key->choices[i]);
    }
    return rp_fail(RP_ERR_ARGUMENT, "%s = %s is not one of %s", key->name, value, list);
}

static rp_status set_key(rp_arena *arena, rp_recipe *recipe, const rp_recipe_key *key, const char *value) {
    int64_t integer = 0;
    double number = 0;
    switch (key->kind) {
    case RP_RECIPE_INT:
        if (!rp_parse_int64(value, &integer))
            return rp_fail(RP_ERR_ARGUMENT, "%s = %s is not a whole number", key->name, value);
        if ((double)integer < key->lo || (double)integer > key->hi) return fail_range(key, value);
        *(int64_t *)field_of(recipe, key) = integer;
        return RP_OK;
    case RP_RECIPE_REAL:
        if (!rp_parse_double(value, &number)) return rp_fail(RP_ERR_ARGUMENT, "%s = %s is not a number", key->name, value);
        if (number < key->lo || number > key->hi) return fail_range(key, value);
        *(double *)field_of(recipe, key) = number;
        return RP_OK;
    case RP_RECIPE_BOOL:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return rp_fail(RP_ERR_ARGUMENT, "%s = %s is neither true nor false", key->name, value);
        *(bool *)field_of(recipe, key) = value[0] == 't';
        return RP_OK;
    case RP_RECIPE_CHOICE:
        return set_choice(key, value, field_of(recipe, key));
    case RP_RECIPE_TEXT: {
        const char *copy = arena ? rp_strdup(arena, value) : value;
        RP_TRY_ALLOC(copy);
        *(const char **)field_of(recipe, key) = copy;
        return RP_OK;
    }
    }
    return RP_OK;
}

void rp_recipe_defaults(rp_recipe *recipe) {
    *recipe = (rp_recipe){0};
    for (size_t i = 0; i < rp_recipe_key_count(); i++) {
        const rp_recipe_key *key = rp_recipe_key_at(i);
        RP_REQUIRE(set_key(NULL, recipe, key, key->standard) == RP_OK); /* static text needs no copy */
    }
}

static rp_status fail_unknown_key(const char *section, const char *name) {
    const char *names[256];
    size_t count = 0;
    for (size_t i = 0; i < rp_recipe_key_count(); i++) {
        const rp_recipe_key *key = rp_recipe_key_at(i);
        if (!section || strcmp(section, key->section) == 0) names[count++] = key->name;
    }
    const char *near = rp_nearest_name(name, names, count);
    char where[80] = "";
    if (section) (void)snprintf(where, sizeof where, " in section [%s]", section);
    if (near) return rp_fail(RP_ERR_ARGUMENT, "there is no key \"%s\"%s; did you mean \"%s\"?", name, where, near);
    return rp_fail(RP_ERR_ARGUMENT, "there is no key \"%s\"%s; `rephrase train --help` lists them", name, where);
}

static bool is_section(const char *name) {
    for (size_t i = 0; i < rp_recipe_key_count(); i++)
        if (strcmp(rp_recipe_key_at(i)->section, name) == 0) return true;
    return false;
}

static rp_status assign(rp_arena *arena, rp_recipe *recipe, const char *algorithm_name, const char *key,
                        const char *value) {
    const rp_algorithm *algorithm = rp_algorithm_find(algorithm_name);
    if (!algorithm) return RP_ERR_ARGUMENT;
    rp_settings tried = rp_settings_defaults(algorithm);
    if (strcmp(key, "convention") == 0)
        RP_TRY(rp_settings_apply(algorithm, value, &tried));
    else
        RP_TRY(rp_settings_set(algorithm, key, value, &tried));
    if (recipe->assignment_count == RP_MAX_ASSIGNMENTS)
        return rp_fail(RP_ERR_LIMIT, "more than %d settings of algorithms", RP_MAX_ASSIGNMENTS);
    char *key_copy = rp_strdup(arena, key), *value_copy = rp_strdup(arena, value);
    RP_TRY_ALLOC(key_copy);
    RP_TRY_ALLOC(value_copy);
    const size_t n = recipe->assignment_count++;
    recipe->assignments[n].algorithm = algorithm->name;
    recipe->assignments[n].key = key_copy;
    recipe->assignments[n].value = value_copy;
    return RP_OK;
}

rp_status rp_recipe_set(rp_arena *arena, rp_recipe *recipe, const char *section, const char *name, const char *value) {
    const char *dot = strchr(name, '.');
    if (!section && dot) { /* "repo.rho" */
        char *owner = rp_strndup(arena, name, (size_t)(dot - name));
        RP_TRY_ALLOC(owner);
        return rp_recipe_set(arena, recipe, owner, dot + 1, value);
    }
    if (section && !is_section(section)) return assign(arena, recipe, section, name, value);
    for (size_t i = 0; i < rp_recipe_key_count(); i++) {
        const rp_recipe_key *key = rp_recipe_key_at(i);
        if (strcmp(key->name, name) == 0 && (!section || strcmp(section, key->section) == 0))
            return set_key(arena, recipe, key, value);
    }
    return fail_unknown_key(section, name);
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

static void write_value(const rp_recipe *recipe, const rp_recipe_key *key, rp_buffer *out) {
    const void *field = field_in(recipe, key);
    char digits[32];
    switch (key->kind) {
    case RP_RECIPE_INT:
        rp_buffer_format(out, "%lld", (long long)*(const int64_t *)field);
        return;
    case RP_RECIPE_REAL:
        (void)rp_format_double(*(const double *)field, digits);
        rp_buffer_text(out, digits);
        return;
    case RP_RECIPE_BOOL:
        rp_buffer_text(out, *(const bool *)field ? "true" : "false");
        return;
    case RP_RECIPE_CHOICE:
        rp_buffer_text(out, key->choices[*(const int64_t *)field]);
        return;
    case RP_RECIPE_TEXT:
        for (const char *c = *(const char *const *)field; *c; c++)
            rp_buffer_text(out, *c == '\n' ? "\n    " : (char[]){*c, '\0'});
        return;
    }
}

void rp_recipe_write_key(const rp_recipe *recipe, const rp_recipe_key *key, rp_buffer *out) {
    rp_buffer_format(out, "%s = ", key->name);
    write_value(recipe, key, out);
    rp_buffer_char(out, '\n');
}

void rp_recipe_write(const rp_recipe *recipe, rp_buffer *out) {
    const char *section = "";
    for (size_t i = 0; i < rp_recipe_key_count(); i++) {
        const rp_recipe_key *key = rp_recipe_key_at(i);
        if (strcmp(section, key->section) != 0) rp_buffer_format(out, "%s[%s]\n", *section ? "\n" : "", key->section);
        section = key->section;
        rp_recipe_write_key(recipe, key, out);
    }
    for (size_t i = 0; i < recipe->assignment_count; i++) {
        rp_buffer_format(out, "\n[%s]\n%s = %s\n", recipe->assignments[i].algorithm, recipe->assignments[i].key,
                         recipe->assignments[i].value);
    }
}

rp_status rp_recipe_settings(const rp_recipe *recipe, const rp_algorithm *algorithm, rp_settings *settings) {
    rp_settings made = rp_settings_defaults(algorithm);
    for (int pass = 0; pass < 2; pass++) { /* a convention first, single settings on top */
        for (size_t i = 0; i < recipe->assignment_count; i++) {
            if (strcmp(recipe->assignments[i].algorithm, algorithm->name) != 0) continue;
            const char *key = recipe->assignments[i].key, *value = recipe->assignments[i].value;
            const bool convention = strcmp(key, "convention") == 0;
            if (pass == 0 && convention) RP_TRY(rp_settings_apply(algorithm, value, &made));
            if (pass == 1 && !convention) RP_TRY(rp_settings_set(algorithm, key, value, &made));
        }
    }
    *settings = made;
    return RP_OK;
}
