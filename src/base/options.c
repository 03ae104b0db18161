/* SPDX-License-Identifier: MIT
 *
 * options.c — one parser, one set of checks and one set of error sentences for every table of options.
 *
 * A field is read and written with memcpy at its offset. The macros of options.h proved at compile time that the field has the
 * type of its kind, so the size is right; memcpy keeps the access legal whatever the struct was declared as.
 */
#include <rephrase/options.h>

#include <math.h>
#include <stdarg.h>
#include <string.h>

size_t rp_options_count(const rp_option *options) {
    size_t count = 0;
    while (options[count].name) count++;
    return count;
}

static void store(const rp_option *option, void *structure, const void *value, size_t size) {
    memcpy((char *)structure + option->offset, value, size);
}
static void load(const rp_option *option, const void *structure, void *value, size_t size) {
    memcpy(value, (const char *)structure + option->offset, size);
}

static void store_number(const rp_option *option, void *structure, double value) {
    const bool on = value > 0;
    const int64_t whole = (int64_t)value;
    const int index = (int)value;
    if (option->kind == RP_OPTION_KIND_BOOL) store(option, structure, &on, sizeof on);
    if (option->kind == RP_OPTION_KIND_INT) store(option, structure, &whole, sizeof whole);
    if (option->kind == RP_OPTION_KIND_REAL) store(option, structure, &value, sizeof value);
    if (option->kind == RP_OPTION_KIND_CHOICE) store(option, structure, &index, sizeof index);
}

double rp_option_number(const rp_option *option, const void *structure) {
    bool on = false;
    int64_t whole = 0;
    double value = 0;
    int index = 0;
    switch (option->kind) {
    case RP_OPTION_KIND_BOOL:
        load(option, structure, &on, sizeof on);
        return on;
    case RP_OPTION_KIND_INT:
        load(option, structure, &whole, sizeof whole);
        return (double)whole;
    case RP_OPTION_KIND_REAL:
        load(option, structure, &value, sizeof value);
        return value;
    case RP_OPTION_KIND_CHOICE:
        load(option, structure, &index, sizeof index);
        return index;
    case RP_OPTION_KIND_TEXT:
    case RP_OPTION_KIND_LIST:
        break;
    }
    RP_REQUIRE(false && "a text has no number");
    return 0;
}

void rp_options_defaults(const rp_option *options, void *structure) {
    for (const rp_option *option = options; option->name; option++) {
        const size_t none = 0;
        if (option->kind == RP_OPTION_KIND_TEXT)
            store(option, structure, &option->text, sizeof option->text);
        else if (option->kind == RP_OPTION_KIND_LIST)
            memcpy((char *)structure + option->offset + offsetof(rp_text_list, count), &none, sizeof none);
        else
            store_number(option, structure, option->initial);
    }
}

/* ---- Names ----------------------------------------------------------------------------------------------------- */

static bool same_name(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i])) return false;
    return true;
}

const rp_option *rp_options_find(const rp_option *options, const char *section, const char *name) {
    const size_t n = strlen(name);
    for (const rp_option *option = options; option->name; option++) {
        if (section && option->section && strcmp(option->section, section) != 0) continue;
        if (strlen(option->name) == n && same_name(option->name, name, n)) return option;
    }
    return NULL;
}

/* Whether `name` is an item of a list like "clip_ratio_high, rollout.n"; the part behind the last dot of an item counts too. */
static bool lists_name(const char *list, const char *name) {
    const size_t n = strlen(name);
    for (const char *item = list ? list : ""; *item;) {
        const size_t length = strcspn(item, ",");
        size_t tail = length; /* where the last word of "optim.lr" begins */
        while (tail > 0 && item[tail - 1] != '.') tail--;
        if (length == n && same_name(item, name, n)) return true;
        if (length - tail == n && n > 1 && same_name(item + tail, name, n)) return true;
        item += length;
        item += strspn(item, ", ");
    }
    return false;
}

/* "epsilon_high" or, as a flag, "--epsilon-high". */
static void show_name(const char *name, bool dashes, char out[80]) {
    (void)snprintf(out, 80, "%s%s", dashes ? "--" : "", name);
    for (char *c = out; dashes && *c; c++)
        if (*c == '_') *c = '-';
}

static const rp_option *renamed(const rp_option *const *tables, const char *name) {
    for (; *tables; tables++)
        for (const rp_option *option = *tables; option->name; option++)
            if (lists_name(option->former, name) || lists_name(option->trl, name) || lists_name(option->verl, name))
                return option;
    return NULL;
}

rp_status rp_option_unknown(const rp_option *const *tables, const char *name, bool dashes, const char *head,
                            const char *tail) {
    enum { MOST = 512 };
    const char *names[MOST];
    char plain[80], shown[80];
    size_t count = 0;
    (void)snprintf(plain, sizeof plain, "%s", name);
    for (char *c = plain; *c; c++)
        if (*c == '-') *c = '_';
    const rp_option *today = renamed(tables, plain);
    if (today) {
        show_name(today->name, dashes, shown);
        return rp_fail(RP_ERR_ARGUMENT, "%s; here it is called %s", head, shown);
    }
    for (; *tables; tables++)
        for (const rp_option *option = *tables; option->name && count < MOST; option++) names[count++] = option->name;
    const char *near = rp_nearest_name(plain, names, count);
    if (!near) return rp_fail(RP_ERR_ARGUMENT, "%s; %s", head, tail);
    show_name(near, dashes, shown);
    return rp_fail(RP_ERR_ARGUMENT, "%s; did you mean %s?", head, shown);
}

/* ---- Values ---------------------------------------------------------------------------------------------------- */

static void describe_choices(const rp_option *option, char out[256]) {
    size_t used = (size_t)snprintf(out, 256, "one of ");
    for (size_t k = 0; option->choices[k] && used < 256; k++)
        used += (size_t)snprintf(out + used, 256 - used, "%s%s", k ? ", " : "", option->choices[k]);
}

void rp_option_describe(const rp_option *option, char out[256]) {
    static const char *const words[] = {"true or false", "a whole number", "a number", "a text", "", "a text"};
    char lo[32], hi[32];
    if (option->kind == RP_OPTION_KIND_CHOICE) {
        describe_choices(option, out);
        return;
    }
    if (option->kind != RP_OPTION_KIND_INT && option->kind != RP_OPTION_KIND_REAL) {
        (void)snprintf(out, 256, "%s", words[option->kind]);
        return;
    }
    (void)rp_format_double(option->lo, lo);
    (void)rp_format_double(option->hi, hi);
    char above[32];
    (void)rp_format_double(option->above, above);
    if (option->above > 0)
        (void)snprintf(out, 256, "0 (off) or above %s", above);
    else
        (void)snprintf(out, 256, "%s from %s to %s", words[option->kind], lo, hi);
}

/* The number a text stands for, by kind and range; false when it is none. Written so that NaN is outside every range. */
static bool parse_number(const rp_option *option, const char *value, double *number, int64_t *whole) {
    if (option->kind == RP_OPTION_KIND_INT) {
        if (!rp_parse_int64(value, whole)) return false;
        *number = (double)*whole;
    } else if (!rp_parse_double(value, number))
        return false;
    if (option->above > 0 && *number != 0 && !(*number > option->above)) return false;
    return *number >= option->lo && *number <= option->hi;
}

static bool parse_word(const rp_option *option, const char *value, double *number) {
    static const char *const truth[] = {"false", "true", NULL};
    const char *const *words = option->kind == RP_OPTION_KIND_BOOL ? truth : option->choices;
    for (size_t k = 0; words[k]; k++)
        if (strcmp(words[k], value) == 0) {
            *number = (double)k;
            return true;
        }
    return false;
}

static const char *nearest_choice(const rp_option *option, const char *value) {
    size_t count = 0;
    if (option->kind != RP_OPTION_KIND_CHOICE) return NULL;
    while (option->choices[count]) count++;
    return rp_nearest_name(value, option->choices, count);
}

static rp_status add_item(const rp_option *option, const char *shown, void *structure, const char *value) {
    rp_text_list list;
    load(option, structure, &list, sizeof list);
    if (list.count == RP_LIST_MAX) return rp_fail(RP_ERR_LIMIT, "%s was given more than %d times", shown, RP_LIST_MAX);
    list.items[list.count++] = value;
    store(option, structure, &list, sizeof list);
    return RP_OK;
}

rp_status rp_option_set(const rp_option *option, const char *shown, void *structure, const char *value) {
    double number = 0;
    int64_t whole = 0;
    bool fits = false;
    if (!shown) shown = option->name;
    switch (option->kind) {
    case RP_OPTION_KIND_TEXT:
        store(option, structure, &value, sizeof value);
        return RP_OK;
    case RP_OPTION_KIND_LIST:
        return add_item(option, shown, structure, value);
    case RP_OPTION_KIND_INT:
    case RP_OPTION_KIND_REAL:
        fits = parse_number(option, value, &number, &whole);
        break;
    case RP_OPTION_KIND_BOOL:
    case RP_OPTION_KIND_CHOICE:
        fits = parse_word(option, value, &number);
        break;
    }
    if (!fits) {
        char allowed[256];
        const char *near = nearest_choice(option, value);
        rp_option_describe(option, allowed);
        return rp_fail(RP_ERR_ARGUMENT, "%s is %s, not \"%s\"%s%s%s", shown, allowed, value, near ? "; did you mean " : "",
                       near ? near : "", near ? "?" : "");
    }
    if (option->kind == RP_OPTION_KIND_INT) /* not through a double, which has no more than 53 bits */
        store(option, structure, &whole, sizeof whole);
    else
        store_number(option, structure, number);
    return RP_OK;
}

rp_status rp_option_set_json(const rp_option *option, const char *shown, void *structure, const rp_json *value) {
    char text[256];
    rp_str string;
    bool on = false;
    double number = 0;
    RP_REQUIRE(option->kind != RP_OPTION_KIND_TEXT && option->kind != RP_OPTION_KIND_LIST); /* `text` is gone afterwards */
    switch (rp_json_typeof(value)) {
    case RP_JSON_STRING:
        RP_TRY(rp_json_get_string(value, &string));
        (void)snprintf(text, sizeof text, "%.*s", (int)(string.length < 200 ? string.length : 200), string.data);
        break;
    case RP_JSON_BOOL:
        RP_TRY(rp_json_get_bool(value, &on));
        (void)snprintf(text, sizeof text, "%s", on ? "true" : "false");
        break;
    default:
        RP_TRY(rp_json_get_double(value, &number));
        (void)rp_format_double(number, text);
    }
    return rp_option_set(option, shown, structure, text);
}

void rp_option_copy(const rp_option *option, void *structure, const void *from) {
    static const size_t sizes[] = {sizeof(bool),         sizeof(int64_t), sizeof(double),
                                   sizeof(const char *), sizeof(int),     sizeof(rp_text_list)};
    memcpy((char *)structure + option->offset, (const char *)from + option->offset, sizes[option->kind]);
}

static void write_number(const rp_option *option, double value, rp_buffer *out) {
    char digits[32];
    if (option->kind == RP_OPTION_KIND_BOOL)
        rp_buffer_text(out, value > 0 ? "true" : "false");
    else if (option->kind == RP_OPTION_KIND_CHOICE)
        rp_buffer_text(out, option->choices[(size_t)value]);
    else {
        (void)rp_format_double(value, digits);
        rp_buffer_text(out, digits);
    }
}

void rp_option_write(const rp_option *option, const void *structure, rp_buffer *out) {
    const char *text = NULL;
    int64_t whole = 0;
    switch (option->kind) {
    case RP_OPTION_KIND_TEXT:
        load(option, structure, &text, sizeof text);
        rp_buffer_text(out, text ? text : "");
        return;
    case RP_OPTION_KIND_LIST:
        return;
    case RP_OPTION_KIND_INT:
        load(option, structure, &whole, sizeof whole);
        rp_buffer_format(out, "%lld", (long long)whole);
        return;
    default:
        write_number(option, rp_option_number(option, structure), out);
    }
}

void rp_option_write_default(const rp_option *option, rp_buffer *out) {
    if (option->kind == RP_OPTION_KIND_TEXT)
        rp_buffer_text(out, option->text ? option->text : "");
    else if (option->kind != RP_OPTION_KIND_LIST)
        write_number(option, option->initial, out);
}

/* ---- For readers and other programs ------------------------------------------------------------------------------ */

void rp_option_peers(const rp_option *option, char out[160]) {
    out[0] = '\0';
    if (option->trl && option->verl && strcmp(option->trl, option->verl) == 0)
        (void)snprintf(out, 160, " (TRL and verl: %s)", option->trl);
    else if (option->trl && option->verl)
        (void)snprintf(out, 160, " (TRL: %s; verl: %s)", option->trl, option->verl);
    else if (option->trl || option->verl)
        (void)snprintf(out, 160, " (%s: %s)", option->trl ? "TRL" : "verl", option->trl ? option->trl : option->verl);
}

static void put_pair(rp_json_writer *writer, const char *key, const char *text) {
    if (!text) return;
    rp_json_put_key(writer, key);
    rp_json_put_text(writer, text);
}

static void put_default(const rp_option *option, rp_json_writer *writer) {
    if (option->kind == RP_OPTION_KIND_LIST) return;
    rp_json_put_key(writer, "default");
    if (option->kind == RP_OPTION_KIND_TEXT)
        rp_json_put_text(writer, option->text);
    else if (option->kind == RP_OPTION_KIND_CHOICE)
        rp_json_put_text(writer, option->choices[(size_t)option->initial]);
    else if (option->kind == RP_OPTION_KIND_BOOL)
        rp_json_put_bool(writer, option->initial > 0);
    else
        rp_json_put_double(writer, option->initial);
}

static void put_allowed(const rp_option *option, rp_json_writer *writer) {
    if (option->kind == RP_OPTION_KIND_CHOICE) {
        rp_json_put_key(writer, "choices");
        rp_json_begin_array(writer);
        for (size_t k = 0; option->choices[k]; k++) rp_json_put_text(writer, option->choices[k]);
        rp_json_end_array(writer);
    } else if (option->kind == RP_OPTION_KIND_INT || option->kind == RP_OPTION_KIND_REAL) {
        rp_json_put_key(writer, "low");
        rp_json_put_double(writer, option->lo);
        rp_json_put_key(writer, "high");
        rp_json_put_double(writer, option->hi);
        if (option->above > 0) {
            rp_json_put_key(writer, "above");
            rp_json_put_double(writer, option->above);
        }
    }
}

void rp_options_json(const rp_option *options, rp_json_writer *writer) {
    static const char *const kinds[] = {"bool", "int", "real", "text", "choice", "list"};
    rp_json_begin_array(writer);
    for (const rp_option *option = options; option->name; option++) {
        rp_json_begin_object(writer);
        put_pair(writer, "name", option->name);
        put_pair(writer, "section", option->section);
        put_pair(writer, "kind", kinds[option->kind]);
        put_default(option, writer);
        put_allowed(option, writer);
        put_pair(writer, "value", option->value);
        put_pair(writer, "help", option->help);
        put_pair(writer, "trl", option->trl);
        put_pair(writer, "verl", option->verl);
        rp_json_end_object(writer);
    }
    rp_json_end_array(writer);
}
