/* SPDX-License-Identifier: MIT
 *
 * json.c — typed reads over Jansson, the only file that includes it.
 *
 * A message names the place as "$.model.merges[3]". Places do not carry their path: it is found, only when something is
 * wrong, by searching the document for the container (containers are unique in a parsed tree).
 */
#include <rephrase/json.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct rp_json_document {
    json_t *root;
    char *source;
};

static rp_status document_create(json_t *root, const char *source, rp_json_document **document) {
    rp_json_document *made = malloc(sizeof *made); /* lives and dies with Jansson's own memory */
    char *name = malloc(strlen(source) + 1);
    if (!made || !name) {
        free(made);
        free(name);
        json_decref(root);
        return rp_fail(RP_ERR_MEMORY, "%s: out of memory", source);
    }
    memcpy(name, source, strlen(source) + 1);
    *made = (rp_json_document){root, name};
    *document = made;
    return RP_OK;
}

/* ---- Where a text stops being JSON ----------------------------------------------------------------------------- */

enum { DEEPEST = 12 }; /* levels that are named; what lies deeper is named by its twelfth ancestor */

typedef struct level {
    bool is_object, has_key;
    size_t index, key, key_length; /* of an array's element; of an object's key in the text */
} level;

/* Behind the string that begins at text[at], a quotation mark; n when it does not end. */
static size_t string_end(const char *text, size_t n, size_t at) {
    for (at++; at < n && text[at] != '"'; at++)
        if (text[at] == '\\') at++;
    return at < n ? at + 1 : n;
}

/* The path of the place of the token that ends at byte n of a text that is JSON up to that token. */
static void place_of(const char *text, size_t n, rp_buffer *out) {
    level levels[DEEPEST];
    size_t depth = 0;
    for (size_t at = 0; at + 1 < n; at++) {
        level *top = depth > 0 && depth <= DEEPEST ? &levels[depth - 1] : NULL;
        if (text[at] == '"') {
            const size_t end = string_end(text, n, at);
            if (end == n && text[n - 1] != '"') break;
            if (top && top->is_object && !top->has_key)
                *top = (level){.is_object = true, .has_key = true, .key = at + 1, .key_length = end - at - 2};
            at = end - 1;
        } else if (text[at] == '[' || text[at] == '{') {
            if (depth++ < DEEPEST) levels[depth - 1] = (level){.is_object = text[at] == '{'};
        } else if ((text[at] == ']' || text[at] == '}') && depth > 0) {
            depth--;
        } else if (text[at] == ',' && top) {
            top->has_key = false;
            top->index++;
        }
    }
    for (size_t d = 0; d < depth && d < DEEPEST; d++) {
        if (!levels[d].is_object)
            rp_buffer_format(out, "[%zu]", levels[d].index);
        else if (levels[d].has_key)
            rp_buffer_format(out, ".%.*s", (int)(levels[d].key_length < 60 ? levels[d].key_length : 60),
                             text + levels[d].key);
    }
}

static rp_status not_json(const char *text, size_t n, const char *source, const json_error_t *error) {
    static const char *const foreign[] = {"NaN", "nan", "Infinity", "inf"};
    rp_arena *scratch = rp_arena_create("the place of a mistake", 0);
    if (!scratch) return rp_fail(RP_ERR_MEMORY, "%s: out of memory", source);
    rp_buffer place = rp_buffer_in(scratch);
    const char *advice = "";
    const size_t at = error->position > 0 && (size_t)error->position < n ? (size_t)error->position : n;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const size_t length = strlen(foreign[i]); /* of "-Infinity" the parser quotes the sign only */
        if (strstr(error->text, foreign[i]) || (at + length <= n && memcmp(text + at, foreign[i], length) == 0))
            advice = "; JSON has no NaN and no infinity";
    }
    place_of(text, at, &place);
    const bool inside = place.length > 0 && rp_buffer_status(&place) == RP_OK;
    const rp_status status =
        rp_fail(RP_ERR_FORMAT, "%s: is not valid JSON (line %d, column %d%s%s): %s%s", source, error->line, error->column,
                inside ? ", at $" : "", inside ? place.data : "", error->text, advice);
    rp_arena_destroy(scratch);
    return status;
}

rp_status rp_json_parse(const char *text, size_t n, const char *source, rp_json_document **document) {
    json_error_t error;
    if (n == 0) text = ""; /* an empty file has no bytes to point to */
    RP_TRY(rp_foreign_check(source, text, n));
    const size_t mark = rp_byte_order_mark(text, n);
    text += mark;
    n -= mark;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!root) return not_json(text, n, source, &error);
    return document_create(root, source, document);
}

rp_status rp_json_load(const char *path, rp_json_document **document) {
    rp_file_view view;
    RP_TRY(rp_file_map(path, &view));
    const rp_status status = rp_json_parse((const char *)view.data, view.size, path, document);
    rp_file_unmap(&view);
    return status;
}

void rp_json_free(rp_json_document *document) {
    if (!document) return;
    json_decref(document->root);
    free(document->source);
    free(document);
}

rp_json rp_json_root(const rp_json_document *document) {
    return (rp_json){.document = document, .value = document->root};
}

static const json_t *value_of(const rp_json *at) {
    return at->value;
}

rp_json_type rp_json_typeof(const rp_json *at) {
    if (!at->value) return RP_JSON_ABSENT;
    switch (json_typeof(value_of(at))) {
    case JSON_NULL:
        return RP_JSON_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return RP_JSON_BOOL;
    case JSON_INTEGER:
        return RP_JSON_INTEGER;
    case JSON_REAL:
        return RP_JSON_REAL;
    case JSON_STRING:
        return RP_JSON_STRING;
    case JSON_ARRAY:
        return RP_JSON_ARRAY;
    case JSON_OBJECT:
        return RP_JSON_OBJECT;
    }
    return RP_JSON_ABSENT;
}

const char *rp_json_type_name(rp_json_type type) {
    static const char *const names[] = {"nothing",  "null",     "true or false", "an integer",
                                        "a number", "a string", "an array",      "an object"};
    return names[type];
}

rp_json rp_json_key(const rp_json *object, const char *key) {
    const json_t *value = object->value && json_is_object(value_of(object)) ? json_object_get(value_of(object), key) : NULL;
    return (rp_json){.document = object->document, .value = value, .parent = object->value, .key = key};
}

rp_json rp_json_at(const rp_json *array, size_t index) {
    const json_t *value = array->value && json_is_array(value_of(array)) ? json_array_get(value_of(array), index) : NULL;
    return (rp_json){.document = array->document, .value = value, .parent = array->value, .index = index};
}

size_t rp_json_length(const rp_json *at) {
    if (!at->value) return 0;
    return json_is_array(value_of(at)) ? json_array_size(value_of(at)) : json_object_size(value_of(at));
}

bool rp_json_next_member(const rp_json *object, rp_json_iterator *iterator, const char **key, rp_json *value) {
    if (!object->value || !json_is_object(value_of(object))) return false;
    /* Jansson's iterator wants a mutable object; nothing is changed through it. */
    json_t *table = (json_t *)(uintptr_t)object->value;
    iterator->position = iterator->position ? json_object_iter_next(table, iterator->position) : json_object_iter(table);
    if (!iterator->position) return false;
    *key = json_object_iter_key(iterator->position);
    *value = (rp_json){.document = object->document,
                       .value = json_object_iter_value(iterator->position),
                       .parent = object->value,
                       .key = *key};
    return true;
}

/* ---- Messages -------------------------------------------------------------------------------------------------- */

enum { PATH_SIZE = 512 };

static void append_step(char path[PATH_SIZE], size_t length, const char *key, size_t index) {
    if (key)
        (void)snprintf(path + length, PATH_SIZE - length, ".%s", key);
    else
        (void)snprintf(path + length, PATH_SIZE - length, "[%zu]", index);
}

/* Extends path (valid up to `length`) to the container `wanted` below `here`. Jansson bounds the depth at 2048. */
static bool find_container(const json_t *here, const void *wanted, char path[PATH_SIZE], size_t length) {
    if (here == wanted) return true;
    if (length + 1 >= PATH_SIZE) return false;
    const char *key;
    json_t *value;
    size_t index;
    if (json_is_object(here)) {
        json_object_foreach((json_t *)(uintptr_t)here, key, value) {
            append_step(path, length, key, 0);
            if (find_container(value, wanted, path, strlen(path))) return true;
            path[length] = '\0';
        }
    } else if (json_is_array(here)) {
        json_array_foreach(here, index, value) {
            if (!json_is_object(value) && !json_is_array(value)) continue;
            append_step(path, length, NULL, index);
            if (find_container(value, wanted, path, strlen(path))) return true;
            path[length] = '\0';
        }
    }
    return false;
}

rp_status rp_json_fail(const rp_json *at, rp_status status, const char *format, ...) {
    char path[PATH_SIZE] = "$";
    if (at->parent && find_container(at->document->root, at->parent, path, 1)) {
        append_step(path, strlen(path), at->key, at->index);
    }
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return rp_fail(status, "%s: %s: %s", at->document->source, path, message);
}

static rp_status fail_type(const rp_json *at, rp_json_type expected) {
    if (!at->value) return rp_json_fail(at, RP_ERR_FORMAT, "is missing (expected %s)", rp_json_type_name(expected));
    return rp_json_fail(at, RP_ERR_FORMAT, "expected %s, found %s", rp_json_type_name(expected),
                        rp_json_type_name(rp_json_typeof(at)));
}

rp_status rp_json_require_type(const rp_json *at, rp_json_type type) {
    return rp_json_typeof(at) == type ? RP_OK : fail_type(at, type);
}

rp_status rp_json_only_keys(const rp_json *object, const char *const *known) {
    RP_TRY(rp_json_require_type(object, RP_JSON_OBJECT));
    size_t count = 0;
    while (known[count]) count++;
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    while (rp_json_next_member(object, &iterator, &key, &value)) {
        size_t i = 0;
        while (i < count && strcmp(known[i], key) != 0) i++;
        if (i < count) continue;
        const char *near = rp_nearest_name(key, known, count);
        return rp_json_fail(&value, RP_ERR_ARGUMENT, "is not a known key%s%s%s", near ? "; did you mean \"" : "",
                            near ? near : "", near ? "\"?" : "");
    }
    return RP_OK;
}

/* ---- Conversions ----------------------------------------------------------------------------------------------- */

rp_status rp_json_get_string(const rp_json *at, rp_str *out) {
    RP_TRY(rp_json_require_type(at, RP_JSON_STRING));
    *out = (rp_str){json_string_value(value_of(at)), json_string_length(value_of(at))};
    return RP_OK;
}

rp_status rp_json_get_int(const rp_json *at, int64_t lo, int64_t hi, int64_t *out) {
    RP_TRY(rp_json_require_type(at, RP_JSON_INTEGER));
    const int64_t value = json_integer_value(value_of(at));
    if (value < lo || value > hi) {
        return rp_json_fail(at, RP_ERR_FORMAT, "%lld is outside %lld..%lld", (long long)value, (long long)lo,
                            (long long)hi);
    }
    *out = value;
    return RP_OK;
}

rp_status rp_json_get_double(const rp_json *at, double *out) {
    const rp_json_type type = rp_json_typeof(at);
    if (type != RP_JSON_REAL && type != RP_JSON_INTEGER) return fail_type(at, RP_JSON_REAL);
    *out = json_number_value(value_of(at));
    return RP_OK;
}

rp_status rp_json_get_bool(const rp_json *at, bool *out) {
    RP_TRY(rp_json_require_type(at, RP_JSON_BOOL));
    *out = json_is_true(value_of(at));
    return RP_OK;
}

static bool is_given(const rp_json *at) {
    return rp_json_typeof(at) > RP_JSON_NULL;
}
rp_status rp_json_opt_string(const rp_json *at, rp_str *out) {
    return is_given(at) ? rp_json_get_string(at, out) : RP_OK;
}
rp_status rp_json_opt_int(const rp_json *at, int64_t lo, int64_t hi, int64_t *out) {
    return is_given(at) ? rp_json_get_int(at, lo, hi, out) : RP_OK;
}
rp_status rp_json_opt_double(const rp_json *at, double *out) {
    return is_given(at) ? rp_json_get_double(at, out) : RP_OK;
}
rp_status rp_json_opt_bool(const rp_json *at, bool *out) {
    return is_given(at) ? rp_json_get_bool(at, out) : RP_OK;
}
