/* SPDX-License-Identifier: MIT
 *
 * golden.h — reads golden files of one document form: cases with inputs, expected numbers and a tolerance per precision.
 *
 * Arrays are nested lists; a test asks for them flat and says how many numbers it expects, so that a file of another shape
 * fails instead of being read past its end.
 */
#ifndef REPHRASE_TESTS_GOLDEN_H
#define REPHRASE_TESTS_GOLDEN_H

#include "check.h"

#include <rephrase/json.h>

#include <math.h>
#include <string.h>

typedef struct golden {
    rp_arena *arena;
    char id[96];
    rp_json inputs, expected;
    double tolerance; /* a number agrees when |difference| <= tolerance (1 + |expected|) */
} golden;

static inline size_t golden_count(const rp_json *at) {
    if (rp_json_typeof(at) != RP_JSON_ARRAY) return 1;
    size_t n = 0;
    for (size_t i = 0; i < rp_json_length(at); i++) {
        const rp_json item = rp_json_at(at, i);
        n += golden_count(&item);
    }
    return n;
}

static inline double *golden_flatten(const rp_json *at, double *out) {
    if (rp_json_typeof(at) != RP_JSON_ARRAY) {
        assert_ok(rp_json_get_double(at, out));
        return out + 1;
    }
    for (size_t i = 0; i < rp_json_length(at); i++) {
        const rp_json item = rp_json_at(at, i);
        out = golden_flatten(&item, out);
    }
    return out;
}

static inline bool golden_has(const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    return rp_json_typeof(&at) != RP_JSON_ABSENT;
}

/* Length of the outer list, and of the first list inside it. */
static inline size_t golden_rows(const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    return rp_json_length(&at);
}

static inline size_t golden_columns(const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key), first = rp_json_at(&at, 0);
    return rp_json_length(&first);
}

static inline double *golden_doubles(rp_arena *arena, const rp_json *object, const char *key, size_t n) {
    const rp_json at = rp_json_key(object, key);
    if (rp_json_typeof(&at) == RP_JSON_ABSENT) fail_msg("the golden case has no %s", key);
    assert_int_equal(golden_count(&at), n);
    double *out = rp_alloc(arena, double, n + 1);
    assert_non_null(out);
    golden_flatten(&at, out);
    return out;
}

static inline real *golden_array(rp_arena *arena, const rp_json *object, const char *key, size_t n) {
    const double *from = golden_doubles(arena, object, key, n);
    real *out = rp_alloc(arena, real, n + 1);
    assert_non_null(out);
    for (size_t i = 0; i < n; i++) out[i] = (real)from[i];
    return out;
}

static inline int32_t *golden_ids(rp_arena *arena, const rp_json *object, const char *key, size_t n) {
    const double *from = golden_doubles(arena, object, key, n);
    int32_t *out = rp_alloc(arena, int32_t, n + 1);
    assert_non_null(out);
    for (size_t i = 0; i < n; i++) out[i] = (int32_t)from[i];
    return out;
}

static inline double golden_double(const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    double out;
    assert_ok(rp_json_get_double(&at, &out));
    return out;
}

static inline void golden_check_number(const golden *g, const char *key, size_t i, double got, double want) {
    if (!(fabs(got - want) <= g->tolerance * (1 + fabs(want))))
        fail_msg("%s: %s[%zu] is %.17g, expected %.17g", g->id, key, i, got, want);
}

/* Compares with expected.key, number by number. */
static inline void golden_compare(const golden *g, const char *key, const real *got, size_t n) {
    const double *want = golden_doubles(g->arena, &g->expected, key, n);
    for (size_t i = 0; i < n; i++) golden_check_number(g, key, i, (double)got[i], want[i]);
}

/* Calls f for every case of a file, and insists on at least `least` of them. */
static inline void golden_each(const char *relative, size_t least, void (*f)(const golden *g)) {
    rp_json_document *document;
    assert_ok(rp_json_load(source_path(relative), &document));
    const rp_json root = rp_json_root(document), cases = rp_json_key(&root, "cases");
    assert_true(rp_json_length(&cases) >= least);
    for (size_t i = 0; i < rp_json_length(&cases); i++) {
        const rp_json at = rp_json_at(&cases, i), id = rp_json_key(&at, "id"), tolerance = rp_json_key(&at, "tolerance");
        golden g = {.arena = rp_arena_create("golden case", 0),
                    .inputs = rp_json_key(&at, "inputs"),
                    .expected = rp_json_key(&at, "expected"),
                    .tolerance = golden_double(&tolerance, sizeof(real) == 8 ? "f64" : "f32")};
        rp_str name;
        assert_ok(rp_json_get_string(&id, &name));
        snprintf(g.id, sizeof g.id, "%.*s", (int)name.length, name.data);
        f(&g);
        rp_arena_destroy(g.arena);
    }
    rp_json_free(document);
}

#endif
