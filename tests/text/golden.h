/* SPDX-License-Identifier: MIT
 *
 * golden.h — data/golden/v1/text/cases.json for the tests of this layer: corpus, four tokenizers, strings with their ids.
 */
#ifndef REPHRASE_TEST_TEXT_GOLDEN_H
#define REPHRASE_TEST_TEXT_GOLDEN_H

#include <rephrase/json.h>
#include <rephrase/text.h>

#include <string.h>

#include "check.h"

typedef struct golden {
    rp_arena *arena;
    rp_json_document *document;
    rp_json root, groups;
} golden;

static inline golden golden_open(void) {
    golden g = {.arena = rp_arena_create("test", 0)};
    assert_ok(rp_json_load(source_path("data/golden/v1/text/cases.json"), &g.document));
    g.root = rp_json_root(g.document);
    g.groups = rp_json_key(&g.root, "groups");
    assert_int_equal(rp_json_length(&g.groups), 4);
    return g;
}

static inline void golden_close(golden *g) {
    rp_json_free(g->document);
    rp_arena_destroy(g->arena);
}

static inline rp_str string_at(const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    rp_str text;
    assert_ok(rp_json_get_string(&at, &text));
    return text;
}

static inline int64_t int_at(const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    int64_t value;
    assert_ok(rp_json_get_int(&at, INT64_MIN, INT64_MAX, &value));
    return value;
}

static inline int64_t int_item(const rp_json *array, size_t index) {
    const rp_json at = rp_json_at(array, index);
    int64_t value;
    assert_ok(rp_json_get_int(&at, INT64_MIN, INT64_MAX, &value));
    return value;
}

static inline const char *golden_tokenizer_path(const char *name) {
    static char relative[128];
    (void)snprintf(relative, sizeof relative, "data/golden/v1/text/tokenizer_%s.json", name);
    return source_path(relative);
}

static inline rp_tokenizer *golden_tokenizer(rp_arena *arena, const char *name) {
    rp_tokenizer *tokenizer;
    assert_ok(rp_tokenizer_load(arena, golden_tokenizer_path(name), &tokenizer));
    return tokenizer;
}

/* The tokenizer of a group, and its cases. */
static inline rp_tokenizer *golden_group(golden *g, size_t index, rp_json *settings, rp_json *cases) {
    const rp_json group = rp_json_at(&g->groups, index);
    *settings = rp_json_key(&group, "settings");
    *cases = rp_json_key(&group, "cases");
    assert_true(rp_json_length(cases) >= 140);
    const rp_str name = string_at(settings, "splitter");
    return golden_tokenizer(g->arena, rp_strndup(g->arena, name.data, name.length));
}

static inline void expect_ids(const rp_json *expected, const rp_encoding *got, rp_str text) {
    bool equal = rp_json_length(expected) == got->length;
    for (size_t i = 0; equal && i < got->length; i++) equal = int_item(expected, i) == got->ids[i];
    if (!equal)
        fail_msg("other ids than expected (%zu, expected %zu) for \"%.*s\"", got->length, rp_json_length(expected),
                 (int)text.length, text.data);
}

#endif
