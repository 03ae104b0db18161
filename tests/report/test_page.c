/* SPDX-License-Identifier: MIT
 *
 * The page as a file: it is well-formed, refers to nothing, says what is missing, holds the figures of the run, and what a model
 * wrote stays text.
 */
#include "run.h"

/* ---- A small checker of markup --------------------------------------------------------------------------------- */

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

/* Attributes are name="value" with no < inside; returns the place behind the tag. */
static const char *skip_tag(const char *at, bool *closed) {
    *closed = false;
    while (*at && *at != '>') {
        if (*at == '"') {
            for (at++; *at && *at != '"'; at++) assert_true(*at != '<');
            assert_true(*at == '"');
        }
        assert_true(*at != '<');
        *closed = at[0] == '/' && at[1] == '>';
        at++;
    }
    assert_true(*at == '>');
    return at + 1;
}

/* Every element is closed in order; in text no & stands without an entity. Returns the number of elements. */
static size_t check_markup(const char *page) {
    const char *open[64];
    size_t length[64], depth = 0, elements = 0;
    const char *at = page;
    assert_true(strncmp(at, "<!DOCTYPE html>\n", 16) == 0);
    for (at += 16; *at;) {
        if (*at == '&') {
            const size_t n = strcspn(at, "; <\n");
            if (at[n] != ';') fail_msg("a bare & at \"%.40s\"", at);
        }
        if (*at != '<') {
            at++;
            continue;
        }
        const bool end = at[1] == '/';
        const char *name = at + 1 + end;
        const size_t n = strcspn(name, " />\n");
        bool closed;
        at = skip_tag(name + n, &closed);
        if (end) {
            if (!depth || length[depth - 1] != n || memcmp(open[depth - 1], name, n) != 0)
                fail_msg("</%.*s> closes <%.*s>", (int)n, name, depth ? (int)length[depth - 1] : 0,
                         depth ? open[depth - 1] : "");
            depth--;
            continue;
        }
        elements++;
        if (closed) continue;
        assert_true(depth < 64);
        open[depth] = name;
        length[depth++] = n;
        if ((n == 6 && memcmp(name, "script", 6) == 0) || (n == 5 && memcmp(name, "style", 5) == 0)) {
            const char *stop = strstr(at, n == 6 ? "</script>" : "</style>"); /* raw text: its first end tag ends it */
            assert_non_null(stop);
            at = stop;
        }
    }
    assert_int_equal(depth, 0);
    return elements;
}

static void check_no_reference(const char *page) {
    static const char *const attributes[] = {"href=\"", "src=\"", "url(", "action=\"", "srcset=\"", "@import", "xlink:"};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        for (const char *at = page; (at = strstr(at, attributes[i])) != NULL; at++)
            if (at[strlen(attributes[i])] != '#') fail_msg("a reference: %.60s", at);
    }
}

static const char *page_of(const char *run, rp_report *report) {
    rp_buffer page = rp_buffer_in(arena);
    assert_ok(rp_report_read(arena, &run, 1, NULL, report));
    assert_ok(rp_report_html(report, 8, &page));
    return page.data;
}

/* ---- Tests ----------------------------------------------------------------------------------------------------- */

static void test_the_page_is_well_formed_and_alone(void **state) {
    (void)state;
    rp_report report;
    const char *page = page_of(make_run("page", 1, 0.75, 200), &report);
    assert_true(check_markup(page) > 100);
    check_no_reference(page);
    assert_non_null(strstr(page, "<svg"));
    for (const char *at = page; *at && !is_space(*at); at++) assert_true((unsigned char)*at < 128);
}

static void test_figures_are_those_of_the_run(void **state) {
    (void)state;
    rp_report report;
    const char *page = page_of(make_run("figures", 1, 0.625, 4), &report);
    assert_non_null(strstr(page, "<b>0.625</b>"));                         /* table.json */
    assert_non_null(strstr(page, "<b>0.250</b>"));                         /* the base, and the mean of grad_norm */
    assert_non_null(strstr(page, "grpo, mean3: 0.6250 ["));                /* the matrix */
    assert_non_null(strstr(page, "<td class=\"h6\" title=\"grpo, mean3")); /* .625 of ten shades */
    assert_non_null(strstr(page, "<b>400.0</b>"));                         /* tokens: 4 · 100 */
    assert_non_null(strstr(page, "Accuracy, hard"));
    assert_non_null(strstr(page, "rollouts of the step")); /* there is no validation column */
    assert_non_null(strstr(page, "Not logged in these runs: "));
    assert_non_null(strstr(page, "The same number in all rows at every step: Tokens sampled 100, Seconds 0.5."));
    rp_buffer csv = rp_buffer_in(arena), markdown = rp_buffer_in(arena);
    rp_report_csv(&report, &csv);
    rp_report_markdown(&report, &markdown);
    assert_non_null(strstr(csv.data,
                           "row,algorithm,cells,\"hard_mean\",\"hard_min\",\"hard_max\",\"hard_low\",\"hard_high\","
                           "\"hard_questions\",\"sound_mean\""));
    assert_non_null(strstr(csv.data, "\n\"grpo\",\"grpo\",1,0.625,0.625,0.625,0.47"));
    assert_non_null(strstr(markdown.data, "| grpo | 0.625 [0.4"));
    assert_non_null(strstr(markdown.data, "- "));
}

/* The curve of the page against the log: 4 · 0.125 + 0.01 at the last of four steps, on an axis of 0..1. */
static void test_curves_are_those_of_the_log(void **state) {
    (void)state;
    rp_report report;
    const char *page = page_of(make_run("curve", 1, 0.625, 4), &report),
               *at = strstr(page, "aria-label=\"Accuracy, hard\"");
    assert_non_null(at);
    const char *low = strstr(at, ">0</text>"), *high = strstr(at, ">1</text>"), *line = strstr(at, "class=\"mn ");
    while (strncmp(low, " y=\"", 4) != 0) low--;
    while (strncmp(high, " y=\"", 4) != 0) high--;
    const double y0 = strtod(low + 4, NULL) - 3.5, y1 = strtod(high + 4, NULL) - 3.5;
    char *end;
    double y = 0;
    line = strstr(line, " d=\"M") + 5;
    for (int i = 0; i < 4; i++) {
        (void)strtod(line, &end);
        y = strtod(end, &end);
        line = end + 1;
    }
    assert_near((y - y0) / (y1 - y0), 0.51, 1e-3, 0);
}

static void test_seeds_are_thin_lines_behind_their_mean(void **state) {
    (void)state;
    const char *runs[] = {make_run("thin1", 1, 0.5, 4), make_run("thin2", 2, 0.75, 4)};
    rp_report report;
    rp_buffer page = rp_buffer_in(arena);
    assert_ok(rp_report_read(arena, runs, 2, NULL, &report));
    assert_ok(rp_report_html(&report, 0, &page));
    (void)check_markup(page.data);
    const char *at = strstr(page.data, "aria-label=\"Accuracy, hard\""), *end = strstr(at, "</svg>");
    size_t thin = 0, thick = 0;
    for (const char *p = at; (p = strstr(p, "class=\"sd ")) != NULL && p < end; p++) thin++;
    for (const char *p = at; (p = strstr(p, "class=\"mn ")) != NULL && p < end; p++) thick++;
    assert_int_equal(thin, 2);
    assert_int_equal(thick, 1);
    assert_non_null(strstr(page.data, "seeds 0.500–0.750"));
}

static const char hostile[] =
    "</script><script>alert(1)</script><img src=\\\"http://evil.example/x\\\" onerror=alert(2)>\\u0000";

static void test_what_a_model_wrote_stays_text(void **state) {
    (void)state;
    const char *run = make_run("hostile", 1, 0.5, 4);
    put_file(run, "grpo/samples.jsonl",
             rp_sprintf(
                 arena,
                 "{\"step\": 1, \"question\": \"%s\", \"rows\": [{\"text\": \"%s\", \"reward\": 1, \"pieces\": [\"%s\"]}], "
                 "\"replaced\": -1}\n{\"step\": 2, \"cut",
                 hostile, hostile, hostile));
    put_file(
        run, "recipe.ini",
        "[run]\nout = x\nalgorithms = grpo, <b onclick='x'>\nseed = <script>alert(3)</script>\nprompt = </pre><script>\n");
    rp_report report;
    const char *page = page_of(run, &report);
    (void)check_markup(page);
    assert_null(strstr(page, "<img"));
    assert_null(strstr(page, "<script>alert"));
    assert_null(strstr(page, "<b onclick"));
    assert_non_null(strstr(page, "\\u003c/script\\u003e\\u003cscript\\u003ealert(1)"));
    assert_non_null(strstr(page, "samples.jsonl: 1 lines could not be read"));
    size_t scripts = 0;
    for (const char *at = page; (at = strstr(at, "<script")) != NULL; at++) scripts++;
    assert_int_equal(scripts, 2); /* the data and ours */
    /* The data element is JSON whose strings are what the model wrote. */
    const char *from = strstr(page, "id=\"groups-data\">") + 17, *to = strstr(from, "</script>");
    rp_json_document *document;
    assert_ok(rp_json_parse(from, (size_t)(to - from), "groups", &document));
    const rp_json root = rp_json_root(document), first = rp_json_at(&root, 0), group = rp_json_key(&first, "group"),
                  question = rp_json_key(&group, "question");
    rp_str text;
    assert_int_equal(rp_json_length(&root), 1);
    assert_ok(rp_json_get_string(&question, &text));
    assert_true(strncmp(text.data, "</script><script>alert(1)", 25) == 0);
    rp_json_free(document);
}

static void test_groups_are_spread_over_the_run_and_replacements_go_first(void **state) {
    (void)state;
    const char *run = make_run("spread", 1, 0.5, 4);
    rp_buffer samples = rp_buffer_in(arena);
    for (int step = 1; step <= 80; step++)
        rp_buffer_format(&samples, "{\"step\": %d, \"rows\": [], \"replaced\": %d}\n", step, step % 10 == 7 ? 0 : -1);
    put_file(run, "grpo/samples.jsonl", samples.data);
    rp_report report;
    const char *page = page_of(run, &report), *from = strstr(page, "id=\"groups-data\">") + 17,
               *to = strstr(from, "</script>");
    rp_json_document *document;
    assert_ok(rp_json_parse(from, (size_t)(to - from), "groups", &document));
    const rp_json root = rp_json_root(document);
    assert_int_equal(rp_json_length(&root), 8);
    for (size_t i = 0; i < 8; i++) {
        const rp_json item = rp_json_at(&root, i), group = rp_json_key(&item, "group"), step = rp_json_key(&group, "step");
        double value;
        assert_ok(rp_json_get_double(&step, &value));
        assert_near(value, 10.0 * (double)i + 7, 0, 0);
    }
    rp_json_free(document);
}

static void test_what_is_missing_is_said(void **state) {
    (void)state;
    const char *run = new_directory("missing");
    put_file(run, "recipe.ini", "[run]\nalgorithms = repo\nseed = 1\n");
    rp_report report;
    const char *page = page_of(run, &report);
    (void)check_markup(page);
    assert_non_null(strstr(page, "table.json is missing: the run has not been evaluated yet"));
    assert_non_null(strstr(page, "repo/metrics.jsonl is missing: no curves of this run"));
    assert_non_null(strstr(page, "No accuracies yet."));
    assert_non_null(strstr(page, "No accuracies of families yet."));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_page_is_well_formed_and_alone),
        cmocka_unit_test(test_figures_are_those_of_the_run),
        cmocka_unit_test(test_curves_are_those_of_the_log),
        cmocka_unit_test(test_seeds_are_thin_lines_behind_their_mean),
        cmocka_unit_test(test_what_a_model_wrote_stays_text),
        cmocka_unit_test(test_groups_are_spread_over_the_run_and_replacements_go_first),
        cmocka_unit_test(test_what_is_missing_is_said),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
