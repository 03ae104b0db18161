/* SPDX-License-Identifier: MIT
 *
 * golden.h — data/golden/v1/model/models.json: tiny models run by transformers in float64 (tools/golden_model.py).
 */
#ifndef REPHRASE_TESTS_MODEL_GOLDEN_H
#define REPHRASE_TESTS_MODEL_GOLDEN_H

#include "numeric.h"

#include <rephrase/json.h>
#include <rephrase/kernels.h>
#include <rephrase/model.h>

#include <string.h>

#define GOLDEN_FOLDER "data/golden/v1/model"

typedef struct golden_case {
    char name[64], folder[1024], tensors[1024];
    double temperature, tolerance;
    rp_packed packed;
    real *dlogp, *dentropy, *logp, *entropy;
    size_t prompts;
    int32_t *prompt[8], *greedy[8];
    size_t prompt_length[8], greedy_length[8];
} golden_case;

static inline size_t golden_ints(rp_arena *arena, const rp_json *at, int32_t **out) {
    const size_t n = rp_json_length(at);
    *out = rp_alloc(arena, int32_t, n);
    for (size_t i = 0; i < n; i++) {
        const rp_json item = rp_json_at(at, i);
        int64_t value;
        assert_ok(rp_json_get_int(&item, 0, INT32_MAX, &value));
        (*out)[i] = (int32_t)value;
    }
    return n;
}

static inline real *golden_reals(rp_arena *arena, const rp_json *at) {
    const size_t n = rp_json_length(at);
    real *out = rp_alloc(arena, real, n);
    for (size_t i = 0; i < n; i++) {
        const rp_json item = rp_json_at(at, i);
        double value;
        assert_ok(rp_json_get_double(&item, &value));
        out[i] = (real)value;
    }
    return out;
}

static inline void golden_batch(rp_arena *arena, const rp_json *in, rp_packed *packed) {
    int32_t *start, *score, *ids, *target;
    const rp_json starts = rp_json_key(in, "start"), scores = rp_json_key(in, "score"), all = rp_json_key(in, "ids");
    const rp_json targets = rp_json_key(in, "target");
    const size_t boundaries = golden_ints(arena, &starts, &start), scored = golden_ints(arena, &scores, &score);
    golden_ints(arena, &all, &ids);
    assert_int_equal(golden_ints(arena, &targets, &target), scored);
    *packed = (rp_packed){boundaries - 1, (uint32_t *)start, ids, scored, (uint32_t *)score, target};
}

static inline void golden_text(const rp_json *object, const char *key, char *out, size_t size, const char *prefix) {
    const rp_json at = rp_json_key(object, key);
    rp_str text;
    assert_ok(rp_json_get_string(&at, &text));
    (void)snprintf(out, size, "%s%.*s", prefix, (int)text.length, text.data);
}

static inline void golden_read(rp_arena *arena, const rp_json *at, golden_case *g) {
    const rp_json in = rp_json_key(at, "inputs"), expected = rp_json_key(at, "expected");
    golden_text(at, "id", g->name, sizeof g->name, "");
    golden_text(&in, "model", g->folder, sizeof g->folder, GOLDEN_FOLDER "/");
    golden_text(&expected, "tensors", g->tensors, sizeof g->tensors, GOLDEN_FOLDER "/");
    const rp_json temperature = rp_json_key(&in, "temperature"), tolerances = rp_json_key(at, "tolerance");
    const rp_json tolerance = rp_json_key(&tolerances, sizeof(real) == 8 ? "f64" : "f32");
    assert_ok(rp_json_get_double(&temperature, &g->temperature));
    assert_ok(rp_json_get_double(&tolerance, &g->tolerance));
    golden_batch(arena, &in, &g->packed);
    const rp_json dlogp = rp_json_key(&in, "dlogp"), dentropy = rp_json_key(&in, "dentropy");
    const rp_json logp = rp_json_key(&expected, "logp"), entropy = rp_json_key(&expected, "entropy");
    g->dlogp = golden_reals(arena, &dlogp);
    g->dentropy = golden_reals(arena, &dentropy);
    g->logp = golden_reals(arena, &logp);
    g->entropy = golden_reals(arena, &entropy);
    const rp_json prompts = rp_json_key(&in, "prompts"), continued = rp_json_key(&expected, "greedy");
    g->prompts = rp_json_length(&prompts);
    assert_true(g->prompts >= 1 && g->prompts <= 8);
    for (size_t i = 0; i < g->prompts; i++) {
        const rp_json prompt = rp_json_at(&prompts, i), greedy = rp_json_at(&continued, i);
        g->prompt_length[i] = golden_ints(arena, &prompt, &g->prompt[i]);
        g->greedy_length[i] = golden_ints(arena, &greedy, &g->greedy[i]);
    }
}

/* Calls f for every case of the file. */
static inline void for_each_golden(void (*f)(rp_arena *arena, const golden_case *g)) {
    rp_json_document *document;
    assert_ok(rp_json_load(source_path(GOLDEN_FOLDER "/models.json"), &document));
    const rp_json root = rp_json_root(document), groups = rp_json_key(&root, "groups"), group = rp_json_at(&groups, 0);
    const rp_json cases = rp_json_key(&group, "cases");
    assert_true(rp_json_length(&cases) >= 4);
    for (size_t i = 0; i < rp_json_length(&cases); i++) {
        rp_arena *arena = rp_arena_create("golden", 0);
        const rp_json at = rp_json_at(&cases, i);
        golden_case g;
        golden_read(arena, &at, &g);
        print_message("%s\n", g.name);
        f(arena, &g);
        rp_arena_destroy(arena);
    }
    rp_json_free(document);
}

#endif
