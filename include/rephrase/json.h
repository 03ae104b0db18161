/* SPDX-License-Identifier: MIT
 *
 * json.h — typed JSON reads that name the path of what is wrong, and a writer whose numbers read back exactly.
 *
 * Reading wraps Jansson (json.c is the only file that includes it). A value is looked up by key or index and converted in
 * one call; on a wrong type or a missing key the error says "file: $.model.merges[3]: expected a string, found a number".
 * Duplicate keys are an error. NUL characters inside strings are allowed. Numbers: integers must fit 64 bits.
 *
 * Writing appends to an rp_buffer in the order of the calls; doubles are written as the shortest decimal that reads back as
 * the same double. NaN and infinities have no JSON form: the writer puts null (callers that must not lose them check first).
 */
#ifndef REPHRASE_JSON_H
#define REPHRASE_JSON_H

#include <rephrase/base.h>

typedef struct rp_json_document rp_json_document; /* owns the tree */

/* A place in a tree: the value and how we got there. Cheap to copy; valid while the document lives. */
typedef struct rp_json {
    const rp_json_document *document;
    const void *value;  /* private; NULL = absent */
    const void *parent; /* private: the container, for messages; NULL at the root */
    const char *key;    /* when the parent is an object; not copied */
    size_t index;       /* when the parent is an array */
} rp_json;

typedef enum rp_json_type {
    RP_JSON_ABSENT,
    RP_JSON_NULL,
    RP_JSON_BOOL,
    RP_JSON_INTEGER,
    RP_JSON_REAL,
    RP_JSON_STRING,
    RP_JSON_ARRAY,
    RP_JSON_OBJECT
} rp_json_type;

/* `source` names the text in messages (file, or "file:line") and is copied. */
rp_status rp_json_parse(const char *text, size_t n, const char *source, rp_json_document **document) RP_MUST_CHECK;
rp_status rp_json_load(const char *path, rp_json_document **document) RP_MUST_CHECK;
void rp_json_free(rp_json_document *document); /* accepts NULL */
rp_json rp_json_root(const rp_json_document *document);

rp_json_type rp_json_typeof(const rp_json *at);
const char *rp_json_type_name(rp_json_type type);
/* Children. An absent or wrong-typed parent gives an absent child, so look-ups can be chained and checked at the end. */
rp_json rp_json_key(const rp_json *object, const char *key);
rp_json rp_json_at(const rp_json *array, size_t index);
size_t rp_json_length(const rp_json *at); /* elements of an array, members of an object, else 0 */
/* The i-th member in the file's order: its key and value. O(1) amortised when i grows by one from 0. */
typedef struct rp_json_iterator {
    void *position;
} rp_json_iterator;
bool rp_json_next_member(const rp_json *object, rp_json_iterator *iterator, const char **key, rp_json *value);

/* Conversions; each fails with a sentence that names the path. get_* require presence, opt_* leave *out when absent or null. */
rp_status rp_json_get_string(const rp_json *at, rp_str *out) RP_MUST_CHECK;
rp_status rp_json_get_int(const rp_json *at, int64_t lo, int64_t hi, int64_t *out) RP_MUST_CHECK;
rp_status rp_json_get_double(const rp_json *at, double *out) RP_MUST_CHECK; /* integers are accepted */
rp_status rp_json_get_bool(const rp_json *at, bool *out) RP_MUST_CHECK;
rp_status rp_json_opt_string(const rp_json *at, rp_str *out) RP_MUST_CHECK;
rp_status rp_json_opt_int(const rp_json *at, int64_t lo, int64_t hi, int64_t *out) RP_MUST_CHECK;
rp_status rp_json_opt_double(const rp_json *at, double *out) RP_MUST_CHECK;
rp_status rp_json_opt_bool(const rp_json *at, bool *out) RP_MUST_CHECK;
rp_status rp_json_require_type(const rp_json *at, rp_json_type type) RP_MUST_CHECK;
/* Fails at `at` with "source: $.path: message"; `status` is returned. */
rp_status rp_json_fail(const rp_json *at, rp_status status, const char *format, ...) RP_PRINTF(3, 4);
/* Fails when the object has a member not in `known` (NULL-terminated); the sentence offers the nearest known name. */
rp_status rp_json_only_keys(const rp_json *object, const char *const *known) RP_MUST_CHECK;

/* ---- Writer ---------------------------------------------------------------------------------------------------- */

typedef struct rp_json_writer {
    rp_buffer *out;
    int depth;
    uint64_t has_items; /* bit d: the container at depth d already has an item */
    bool after_key;
} rp_json_writer;

rp_json_writer rp_json_write_to(rp_buffer *out);
void rp_json_begin_object(rp_json_writer *w);
void rp_json_end_object(rp_json_writer *w);
void rp_json_begin_array(rp_json_writer *w);
void rp_json_end_array(rp_json_writer *w);
void rp_json_put_key(rp_json_writer *w, const char *key);
void rp_json_put_string(rp_json_writer *w, const char *text, size_t n); /* invalid UTF-8 becomes U+FFFD */
void rp_json_put_text(rp_json_writer *w, const char *text);             /* NULL becomes null */
void rp_json_put_double(rp_json_writer *w, double value);
/* The shortest decimal that reads back as the same float: what f32 results should look like. */
void rp_json_put_float(rp_json_writer *w, float value);
void rp_json_put_int(rp_json_writer *w, int64_t value);
void rp_json_put_bool(rp_json_writer *w, bool value);
void rp_json_put_null(rp_json_writer *w);

#endif
