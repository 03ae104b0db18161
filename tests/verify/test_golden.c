/* SPDX-License-Identifier: MIT
 *
 * Every golden verdict of data/golden/v1/verify: what must be equal, what must not be, and what the adversarial cases may be.
 * Every undecided budget, every reason and certificate must fit the verdict it comes with; an adversarial case must also keep
 * to its memory.
 */
#include "check.h"

#include <rephrase/json.h>
#include <rephrase/verify.h>

#include <string.h>

/* The field, or the text that its parts spell: [["(", 200], ["5", 1], …]. */
static bool read_text(rp_arena *arena, const rp_json *at, const char *name, rp_str *text) {
    char parts_name[32];
    (void)snprintf(parts_name, sizeof parts_name, "%s_parts", name);
    const rp_json plain = rp_json_key(at, name), parts = rp_json_key(at, parts_name);
    if (rp_json_typeof(&plain) == RP_JSON_STRING) return rp_json_get_string(&plain, text) == RP_OK;
    if (rp_json_typeof(&parts) != RP_JSON_ARRAY) return false;
    rp_buffer out = rp_buffer_in(arena);
    for (size_t i = 0; i < rp_json_length(&parts); i++) {
        const rp_json part = rp_json_at(&parts, i), what = rp_json_at(&part, 0), times = rp_json_at(&part, 1);
        rp_str piece;
        int64_t count;
        assert_ok(rp_json_get_string(&what, &piece));
        assert_ok(rp_json_get_int(&times, 0, 1 << 24, &count));
        for (int64_t k = 0; k < count; k++) rp_buffer_append(&out, piece.data, piece.length);
    }
    assert_false(out.failed);
    *text = (rp_str){out.data ? out.data : "", out.length};
    return true;
}

static rp_verify_options read_options(const rp_json *at) {
    rp_verify_options options = rp_verify_defaults;
    const struct {
        const char *name;
        bool *target;
    } known[] = {{"lenient", &options.lenient},
                 {"rounded", &options.rounded},
                 {"percent_fraction", &options.percent_fraction},
                 {"units_optional", &options.units_optional},
                 {"open_box", &options.open_box},
                 {"numeric", &options.numeric}};
    const rp_json given = rp_json_key(at, "options");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const rp_json value = rp_json_key(&given, known[i].name);
        assert_ok(rp_json_opt_bool(&value, known[i].target));
    }
    return options;
}

static bool accepted(const rp_json *accept, rp_verdict_kind kind) {
    for (size_t i = 0; i < rp_json_length(accept); i++) {
        const rp_json item = rp_json_at(accept, i);
        rp_str name;
        if (rp_json_get_string(&item, &name) == RP_OK && rp_str_is(name, rp_verdict_name(kind))) return true;
    }
    return false;
}

/* The reason belongs to the verdict, and only a decided comparison has a certificate. */
static void check_sense(const rp_verdict *v, const char *id) {
    const bool equal = v->reason <= RP_REASON_APPROX, budget = v->reason >= RP_REASON_INPUT;
    const bool unparsed = v->reason >= RP_REASON_NO_ANSWER && !budget;
    if (equal != (v->kind == RP_VERDICT_EQUAL) || budget != (v->kind == RP_VERDICT_BUDGET) ||
        unparsed != (v->kind == RP_VERDICT_UNPARSED))
        fail_msg("%s: the verdict %s has the reason %s", id, rp_verdict_name(v->kind), rp_reason_name(v->reason));
    const rp_certificate_kind open = v->reason == RP_REASON_UNPROVED ? RP_CERT_NUMERIC : RP_CERT_NONE;
    if ((unparsed || budget) && v->certificate != open) fail_msg("%s: undecided, with a certificate", id);
}

/* Every equality is one of the table: its reason, with a certificate that the row has. */
static void check_row(const rp_verdict *v, const char *id) {
    size_t count;
    const rp_equality_rule *rules = rp_equality_rules(&count);
    for (size_t i = 0; i < count; i++)
        if (rules[i].reason == v->reason && (rules[i].of_parts || rules[i].certificate == v->certificate)) return;
    fail_msg("%s: the table has no equality `%s` with the certificate %d", id, rp_reason_name(v->reason), v->certificate);
}

/* The reason is the recorded one, where one is recorded. */
static bool follows_rule(const rp_json *at, rp_verify_reason reason) {
    const rp_json rule_at = rp_json_key(at, "rule");
    rp_str rule;
    return rp_json_typeof(&rule_at) != RP_JSON_STRING ||
           (rp_json_get_string(&rule_at, &rule) == RP_OK && rp_str_is(rule, rp_reason_name(reason)));
}

/* Returns 1 when the verdict is not the expected one, and says so. */
static int check_case(rp_arena *arena, const rp_json *at) {
    enum { MEMORY = 64 << 20 };
    rp_str id, gold, text;
    const rp_json id_at = rp_json_key(at, "id"), expected_at = rp_json_key(at, "expected"),
                  accept = rp_json_key(at, "accept");
    assert_ok(rp_json_get_string(&id_at, &id));
    assert_true(read_text(arena, at, "gold", &gold));
    const bool is_response = !read_text(arena, at, "answer", &text);
    if (is_response) assert_true(read_text(arena, at, "response", &text));
    const rp_verify_options options = read_options(at);
    rp_arena *scratch = rp_arena_create("golden verdict", MEMORY);
    const rp_verdict v =
        is_response ? rp_verify_response(scratch, gold, text, &options) : rp_verify_answer(scratch, gold, text, &options);
    bool good;
    check_sense(&v, id.data);
    if (v.kind == RP_VERDICT_EQUAL) check_row(&v, id.data);
    if (rp_json_typeof(&accept) == RP_JSON_ARRAY) {
        good = accepted(&accept, v.kind);
    } else {
        bool expected = false;
        assert_int_equal(rp_json_typeof(&expected_at), RP_JSON_BOOL);
        assert_ok(rp_json_opt_bool(&expected_at, &expected));
        good = (v.kind == RP_VERDICT_EQUAL) == expected && follows_rule(at, v.reason);
    }
    if (!good)
        print_error("%s: gold \"%.*s\", %s \"%.*s\": %s, %s\n", id.data, (int)(gold.length < 80 ? gold.length : 80),
                    gold.data, is_response ? "response" : "answer", (int)(text.length < 80 ? text.length : 80), text.data,
                    rp_verdict_name(v.kind), rp_reason_name(v.reason));
    rp_arena_destroy(scratch);
    return !good;
}

static void test_every_golden_verdict(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_json_document *document;
    assert_ok(rp_json_load(source_path("data/golden/v1/verify/answers.json"), &document));
    const rp_json root = rp_json_root(document), groups = rp_json_key(&root, "groups");
    size_t count = 0;
    int wrong = 0;
    for (size_t g = 0; g < rp_json_length(&groups); g++) {
        const rp_json group = rp_json_at(&groups, g), cases = rp_json_key(&group, "cases");
        for (size_t i = 0; i < rp_json_length(&cases); i++, count++) {
            const rp_json one = rp_json_at(&cases, i);
            const rp_arena_mark mark = rp_arena_get_mark(arena);
            wrong += check_case(arena, &one);
            rp_arena_rewind(arena, mark);
        }
    }
    if (wrong) fail_msg("%d of %zu golden verdicts are others", wrong, count);
    assert_true(count > 1000);
    rp_json_free(document);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_golden_verdict)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
