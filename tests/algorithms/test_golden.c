/* SPDX-License-Identifier: MIT
 *
 * Every case of data/golden/v1/algorithms under every convention it names, and the door of the JSON format.
 */
#include "toy.h"

#include <rephrase/json.h>

static size_t results; /* compared so far */

static void compare_rows(const char *where, const char *key, const rp_json *expected, const rp_batch *batch,
                         const real *got, double tolerance) {
    const rp_json rows = rp_json_key(expected, key);
    const bool given = rp_json_typeof(&rows) != RP_JSON_ABSENT;
    for (size_t i = 0; i < batch->rows; i++) {
        const rp_json row = rp_json_at(&rows, i);
        if (given) assert_int_equal(rp_json_length(&row), batch->start[i + 1] - batch->start[i]);
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++) {
            double want = 0; /* a derivative that is not given is zero everywhere */
            const rp_json item = rp_json_at(&row, t - batch->start[i]);
            if (given) assert_ok(rp_json_get_double(&item, &want));
            if (!(fabs((double)got[t] - want) <= tolerance * (1 + fabs(want))))
                fail_msg("%s: %s[%zu][%zu] is %.17g, expected %.17g", where, key, i, t - (size_t)batch->start[i],
                         (double)got[t], want);
        }
    }
}

/* NaN in every slot that the mask hides: what does not count must not matter, not even times zero. */
static const real *poisoned(rp_arena *arena, const rp_batch *batch, const real *array) {
    if (!array) return NULL;
    const size_t n = batch->start[batch->rows];
    real *copy = rp_alloc(arena, real, n + 1);
    for (size_t t = 0; t < n; t++) copy[t] = rp_token_counts(batch, t) ? array[t] : (real)NAN;
    return copy;
}

static void poison(rp_arena *arena, rp_batch *batch) {
    const real **const arrays[] = {&batch->logp,    &batch->logp_old, &batch->logp_behavior, &batch->logp_ref,
                                   &batch->entropy, &batch->value,    &batch->value_old};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++) *arrays[k] = poisoned(arena, batch, *arrays[k]);
}

static bool has_flag(const rp_json *test, const char *flag) {
    const rp_json flags = rp_json_key(test, "flags");
    for (size_t k = 0; k < rp_json_length(&flags); k++) {
        const rp_json at = rp_json_at(&flags, k);
        rp_str text;
        assert_ok(rp_json_get_string(&at, &text));
        if (text.length == strlen(flag) && memcmp(text.data, flag, text.length) == 0) return true;
    }
    return false;
}

static void check_convention(const rp_algorithm *algorithm, const char *id, const char *convention, const rp_json *test,
                             const rp_json *expected, bool with_nan) {
    rp_arena *arena = rp_arena_create("golden", 0);
    const rp_json inputs = rp_json_key(test, "inputs"), tolerances = rp_json_key(test, "tolerance");
    const rp_json tolerance_at = rp_json_key(&tolerances, sizeof(real) == 8 ? "f64" : "f32"),
                  loss_at = rp_json_key(expected, "loss");
    double tolerance = 0, want = 0;
    assert_ok(rp_json_get_double(&tolerance_at, &tolerance));
    assert_ok(rp_json_get_double(&loss_at, &want));
    rp_settings settings = rp_settings_defaults(algorithm);
    rp_batch batch;
    rp_loss loss;
    assert_ok(rp_settings_apply(algorithm, convention, &settings));
    assert_ok(rp_batch_read(&inputs, algorithm, arena, &batch, &settings));
    if (with_nan) poison(arena, &batch);
    assert_ok(rp_loss_create(arena, &batch, &loss));
    char where[200];
    snprintf(where, sizeof where, "%s (%s)%s", id, convention, with_nan ? " with NaN in hidden slots" : "");
    if (rp_algorithm_loss(algorithm, &settings, &batch, arena, &loss) != RP_OK) fail_msg("%s: %s", where, rp_last_error());
    if (!(fabs(loss.loss - want) <= tolerance * (1 + fabs(want))))
        fail_msg("%s: the loss is %.17g, expected %.17g", where, loss.loss, want);
    compare_rows(where, "advantage", expected, &batch, loss.advantage, tolerance);
    compare_rows(where, "dlogp", expected, &batch, loss.dlogp, tolerance);
    compare_rows(where, "dentropy", expected, &batch, loss.dentropy, tolerance);
    compare_rows(where, "dvalue", expected, &batch, loss.dvalue, tolerance);
    results++;
    rp_arena_destroy(arena);
}

static void check_file(const rp_algorithm *algorithm) {
    char relative[128];
    snprintf(relative, sizeof relative, "data/golden/v1/algorithms/%s.json", algorithm->name);
    rp_json_document *document = NULL;
    assert_ok(rp_json_load(source_path(relative), &document));
    const rp_json root = rp_json_root(document), tests = rp_json_key(&root, "cases");
    assert_true(rp_json_length(&tests) >= 10);
    size_t conventions_seen = 0;
    for (size_t k = 0; k < rp_json_length(&tests); k++) {
        const rp_json test = rp_json_at(&tests, k), id_at = rp_json_key(&test, "id"),
                      expected = rp_json_key(&test, "expected");
        rp_str id;
        char name[128];
        assert_ok(rp_json_get_string(&id_at, &id));
        snprintf(name, sizeof name, "%.*s", (int)id.length, id.data);
        if (sizeof(real) == 4 && has_flag(&test, "HugeRewards")) continue; /* 2^17 + 3 and its mean need more than a float */
        rp_json_iterator iterator = {NULL};
        const char *convention;
        rp_json numbers;
        size_t here = 0;
        for (; rp_json_next_member(&expected, &iterator, &convention, &numbers); here++) {
            check_convention(algorithm, name, convention, &test, &numbers, false);
            check_convention(algorithm, name, convention, &test, &numbers, true);
        }
        assert_true(here > 0);
        conventions_seen = here > conventions_seen ? here : conventions_seen;
    }
    size_t conventions = 0;
    while (algorithm->conventions[conventions].name) conventions++;
    assert_int_equal(conventions_seen, conventions); /* no convention goes untested */
    rp_json_free(document);
}

static void test_every_algorithm_reproduces_its_golden_file(void **state) {
    (void)state;
    for (size_t k = 0; k < rp_algorithm_count(); k++) check_file(rp_algorithm_at(k));
    assert_true(results > 1000);
}

static rp_status read_text(const char *text) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(text, strlen(text), "input", &document));
    const rp_json root = rp_json_root(document);
    const rp_algorithm *grpo = rp_algorithm_find("grpo");
    rp_settings settings = rp_settings_defaults(grpo);
    rp_batch batch;
    const rp_status status = rp_batch_read(&root, grpo, arena, &batch, &settings);
    rp_json_free(document);
    rp_arena_destroy(arena);
    return status;
}

static void test_what_is_wrong_is_named_by_its_path(void **state) {
    (void)state;
    assert_ok(read_text("{\"logp\": [[-1, -2], []], \"reward\": [1, 0], \"group\": [\"a\", 7]}"));
    assert_fails(read_text("{\"reward\": [1]}"), RP_ERR_FORMAT, "logp");
    assert_fails(read_text("{\"logp\": []}"), RP_ERR_SHAPE, "$.logp: has no rows");
    assert_fails(read_text("{\"logp\": [[-1], 3]}"), RP_ERR_FORMAT, "$.logp[1]");
    assert_fails(read_text("{\"logp\": [[-1, \"x\"]]}"), RP_ERR_FORMAT, "$.logp[0][1]");
    assert_fails(read_text("{\"logp\": [[-1, null]]}"), RP_ERR_FORMAT, "$.logp[0][1]");
    assert_fails(read_text("{\"logp\": [[-1]], \"logp_old\": [[-1, -2]]}"), RP_ERR_SHAPE, "$.logp_old[0]: has 2 tokens");
    assert_fails(read_text("{\"logp\": [[-1]], \"mask\": [[2]]}"), RP_ERR_FORMAT, "$.mask[0][0]");
    assert_fails(read_text("{\"logp\": [[-1]], \"reward\": [1, 2]}"), RP_ERR_SHAPE, "$.reward: has 2 numbers");
    assert_fails(read_text("{\"logp\": [[-1]], \"rewards\": {\"a\": [1], \"b\": []}}"), RP_ERR_SHAPE, "$.rewards.b");
    assert_fails(read_text("{\"logp\": [[-1]], \"group\": [1.5]}"), RP_ERR_FORMAT, "$.group[0]");
    assert_fails(read_text("{\"logp\": [[-1]], \"source\": [\"teacher\"]}"), RP_ERR_ARGUMENT, "$.source[0]");
    assert_fails(read_text("{\"logp\": [[-1]], \"lopg_old\": [[-1]]}"), RP_ERR_ARGUMENT, "logp_old");
    assert_fails(read_text("{\"logp\": [[-1]], \"settings\": {\"clip_hihg\": 1}}"), RP_ERR_ARGUMENT,
                 "$.settings.clip_hihg");
    assert_fails(read_text("{\"logp\": [[-1]], \"settings\": {\"epsilon\": 7}}"), RP_ERR_ARGUMENT, "from 0 to 1");
    assert_fails(read_text("{\"logp\": [[-1]], \"total_rows\": -1}"), RP_ERR_FORMAT, "$.total_rows");
    assert_fails(read_text("{\"logp\": [[-1]], \"topk\": {\"ids\": [[[1]]], \"logp_behavior\": [[[-1, -2]]]}}"),
                 RP_ERR_SHAPE, "$.topk.logp_behavior[0][0]");
}

static void test_labels_are_numbered_in_order_of_appearance(void **state) {
    (void)state;
    const char *text = "{\"logp\": [[-1],[-1],[-1],[-1],[-1]], \"group\": [7, \"7\", 7, -1, \"7\"]}";
    rp_arena *arena = rp_arena_create("test", 0);
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(text, strlen(text), "input", &document));
    const rp_json root = rp_json_root(document);
    rp_batch batch;
    assert_ok(rp_batch_read(&root, NULL, arena, &batch, NULL));
    const uint32_t expected[] = {0, 1, 0, 2, 1};
    assert_int_equal(batch.groups, 3);
    for (size_t i = 0; i < 5; i++) assert_int_equal(batch.group[i], expected[i]);
    rp_json_free(document);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_algorithm_reproduces_its_golden_file),
        cmocka_unit_test(test_what_is_wrong_is_named_by_its_path),
        cmocka_unit_test(test_labels_are_numbered_in_order_of_appearance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
