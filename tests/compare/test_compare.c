/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/compare/cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char recipe_text[] = "[compare]\n"
                                  "seeds = 1, 2\n"
                                  "sweep_rates = 1e-3, 1e-2\n"
                                  "sweep_steps = 1\n"
                                  "[data]\n"
                                  "families = calc1, eq1, mean3\n"
                                  "mix = easy:1, hard:1\n"
                                  "eval_count = 5\n"
                                  "[text]\n"
                                  "vocab = 300\n"
                                  "[model]\n"
                                  "layers = 1\n"
                                  "channels = 16\n"
                                  "heads = 2\n"
                                  "kv_heads = 1\n"
                                  "hidden = 16\n"
                                  "context = 160\n"
                                  "[pretrain]\n"
                                  "pretrain_steps = 3\n"
                                  "pretrain_batch = 8\n"
                                  "[rl]\n"
                                  "steps = 2\n"
                                  "num_generations = 3\n"
                                  "max_completion_length = 10\n"
                                  "[row grpo]\n"
                                  "about = group-relative\n"
                                  "algorithm = grpo\n"
                                  "[row repo-raw]\n"
                                  "algorithm = repo\n"
                                  "repo.source = raw\n"
                                  "repo.verify = false\n"
                                  "num_generations = 2\n"
                                  "sweep = false\n";

static const char *write_recipe(rp_arena *arena, const char *name, const char *text) {
    const char *path = rp_strdup(arena, temporary_path(name));
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    return path;
}

static void ignore(void *context, const rp_event *event) {
    (void)context;
    (void)event;
}

static void load_at(rp_arena *arena, const char *name, rp_comparison *c) {
    assert_ok(rp_comparison_load(arena, write_recipe(arena, "compare.ini", recipe_text), c));
    c->recipe.out = rp_strdup(arena, temporary_path(name));
    c->cache = rp_strdup(arena, temporary_path("compare-bases"));
    assert_int_equal(system(rp_sprintf(arena, "rm -rf '%s'", c->recipe.out)), 0);
}

static void test_rows_and_seeds_are_read(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_comparison c;
    load_at(arena, "compare-read", &c);
    assert_int_equal(c.seed_count, 2);
    assert_int_equal(c.rate_count, 2);
    assert_int_equal(c.row_count, 3);
    assert_string_equal(c.rows[0].name, "base");
    assert_null(c.rows[0].algorithm);
    assert_string_equal(c.rows[1].about, "group-relative");
    assert_true(c.rows[1].sweep);
    assert_false(c.rows[2].sweep);
    assert_int_equal(c.rows[2].overrides, 3);
    assert_int_equal(c.recipe.optimizer.steps, 2);
    /* A row's settings reach its cells and nobody else's. */
    rp_recipe *r = rp_alloc(arena, rp_recipe, 1);
    const rp_cell raw = {.row = &c.rows[2], .pretrain_seed = 2, .seed = 1, .directory = "x"};
    assert_ok(rp_cell_recipe(&c, &raw, arena, r));
    assert_int_equal(r->num_generations, 2);
    assert_int_equal(r->chosen_count, 1);
    assert_int_equal(r->seed, 2001);
    const rp_cell swept = {.row = &c.rows[1], .pretrain_seed = 1, .seed = 1, .rate = "1e-2", .directory = "x"};
    assert_ok(rp_cell_recipe(&c, &swept, arena, r));
    assert_int_equal(r->num_generations, 3);
    assert_true(r->optimizer.learning_rate == 1e-2);
    assert_int_equal(r->optimizer.steps, 1);
    assert_int_equal(r->eval_split, RP_SPLIT_VALIDATION);
    rp_arena_destroy(arena);
}

static void test_mistakes_name_their_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"[compare]\nseeds = 1, 1\n[row a]\nalgorithm = grpo\n", ":2: seeds: 1 is named twice"},
        {"[compare]\nsedes = 1\n", ":2: there is no key \"sedes\" in section [compare]; did you mean seeds?"},
        {"[row A]\nalgorithm = grpo\n", ":2: [row A]: a name has 1 to 40 of a-z, 0-9, - and _"},
        {"[row ../x]\nalgorithm = grpo\n", "a name has 1 to 40"},
        {"[row a]\nalgorithm = gpro\n", "did you mean \"grpo\"?"},
        {"[row a]\nalgorithm = grpo\nseed = 3\n", ":3: [row a]: seed is the comparison's to choose"},
        {"[row a]\nalgorithm = grpo\nrepo.rho = 3\n", ":3:"},
        {"[row a]\nabout = nothing\n", "[row a] names no algorithm"},
        {"[row a]\nalgorithm = grpo\nsweep = off\n", ":3: sweep is true or false, not \"off\""},
        {"[row a]\nalgorithm = grpo\nclip = 1\n", ":3: there is no key \"clip\"; here it is called max_grad_norm"},
        {"[compare]\nsweep_steps = 0\n", ":2: sweep_steps is a whole number from 1 to"},
        {"[row base]\nalgorithm = grpo\n", "the base is always compared"},
        {"[rl]\nsteps = 3\n", "there is no [row NAME] section to compare"},
        {"[compare]\nsweep_rates = fast\n", "sweep_rates: \"fast\" is not a learning rate"},
    };
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rp_comparison c;
        const rp_status status = rp_comparison_load(arena, write_recipe(arena, "wrong.ini", cases[i].text), &c);
        assert_int_not_equal(status, RP_OK);
        if (!strstr(rp_last_error(), cases[i].sentence))
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, rp_last_error(), cases[i].sentence);
    }
    rp_arena_destroy(arena);
}

/* Mean of `answer` and its number in a cell's eval.jsonl, counted from the answers' verdicts. */
static void count_answers(rp_arena *arena, const char *path, const char *family, double *right, double *n) {
    rp_line_reader reader;
    rp_str line;
    bool end = false;
    assert_ok(rp_lines_open(path, &reader));
    while (true) {
        assert_ok(rp_lines_next(&reader, &line, &end));
        if (end) break;
        const char *text = rp_strndup(arena, line.data, line.length);
        if (!strstr(text, "\"prompt\": \"solve\"") || !strstr(text, rp_sprintf(arena, "\"family\": \"%s\"", family)))
            continue;
        (*n)++;
        *right += strstr(text, "\"verdict\": \"equal\"") != NULL;
    }
    rp_lines_close(&reader);
}

/* The sum of a column over a run's log, by hand. */
static double summed(rp_arena *arena, const char *path, const char *column) {
    rp_str text;
    assert_ok(rp_file_read(arena, path, 0, &text));
    const char *key = rp_sprintf(arena, "\"%s\": ", column);
    double sum = 0;
    for (const char *at = text.data; (at = strstr(at, key)) != NULL; at++) sum += strtod(at + strlen(key), NULL);
    return sum;
}

static double figure(const rp_json_document *document, size_t row, const char *group, const char *name, const char *which) {
    const rp_json root = rp_json_root(document), rows = rp_json_key(&root, "rows"), r = rp_json_at(&rows, row);
    const rp_json g = rp_json_key(&r, group), c = rp_json_key(&g, name), v = rp_json_key(&c, which);
    double value = -1;
    assert_ok(rp_json_get_double(&v, &value));
    return value;
}

static void assert_same_text(rp_arena *arena, const char *a, const char *b, const char *name) {
    rp_str x, y;
    assert_ok(rp_file_read(arena, rp_path_join(arena, a, name), 0, &x));
    assert_ok(rp_file_read(arena, rp_path_join(arena, b, name), 0, &y));
    if (!rp_str_equal(x, y)) fail_msg("%s differs", name);
}

static char heard[4096]; /* what the comparison said */

static void listen(void *context, const rp_event *event) {
    (void)context;
    if (event->kind == RP_EVENT_TEXT && strlen(heard) + strlen(event->text) < sizeof heard) strcat(heard, event->text);
}

/* c holds one cell of the comparison that `kept` was written of. */
static void check_against(rp_arena *arena, rp_comparison *c, const char *kept) {
    rp_compare_options options = {.rows = "repo-raw", .seeds = "2", .resume = true, .against = kept};
    heard[0] = 0;
    assert_ok(rp_compare_run(c, &options, listen, NULL));
    assert_non_null(strstr(heard, "repo-raw/2-1: the same to the bit"));
    assert_non_null(strstr(heard, "1 of 1 cells are those that "));
    /* One answer turned, then one measure in its last digit: other bits. */
    const char *path = rp_path_join(arena, c->recipe.out, "repo-raw/2-1/result.json");
    rp_str result;
    assert_ok(rp_file_read(arena, path, 0, &result));
    for (int i = 0; i < 2; i++) {
        char *copy = rp_strndup(arena, result.data, result.length);
        char *at = i ? strstr(copy, "\"entropy_hard\": ") + strlen("\"entropy_hard\": 0.12345")
                     : strstr(copy, "\"strict\": \"") + strlen("\"strict\": \"");
        *at = i ? (*at == '5' ? '6' : '5') : (*at == '1' ? '0' : '1');
        assert_ok(rp_file_write(arena, path, copy, strlen(copy)));
        heard[0] = 0;
        assert_int_equal(rp_compare_run(c, &options, listen, NULL), RP_ERR_NUMERIC);
        assert_non_null(strstr(heard, "repo-raw/2-1: other bits"));
        assert_non_null(strstr(rp_last_error(), "1 of 1 cells have other bits"));
    }
    options.against = write_recipe(arena, "no-digest.json", "{\"rows\": [{\"row\": \"repo-raw\"}]}");
    assert_int_equal(rp_compare_run(c, &options, ignore, NULL), RP_ERR_ARGUMENT);
    assert_non_null(strstr(rp_last_error(), "no-digest.json: it holds no digest of a cell that was run here"));
    options.against = "no/such/file.json";
    assert_int_equal(rp_compare_run(c, &options, ignore, NULL), RP_ERR_IO);
}

static void test_a_tiny_comparison_counts_right_and_resumes(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_comparison c;
    load_at(arena, "compare-whole", &c);
    rp_compare_options options = {.commit = "abc"};
    assert_ok(rp_compare_run(&c, &options, ignore, NULL));
    const char *whole = c.recipe.out;
    rp_json_document *document;
    assert_ok(rp_json_load(rp_path_join(arena, whole, "compare.json"), &document));
    double right = 0, n = 0;
    count_answers(arena, rp_path_join(arena, whole, "grpo/1-1/eval.jsonl"), "mean3", &right, &n);
    count_answers(arena, rp_path_join(arena, whole, "grpo/2-1/eval.jsonl"), "mean3", &right, &n);
    assert_true(n == 10);
    assert_true(fabs(figure(document, 1, "answer", "hard", "mean") - right / n) < 1e-12);
    assert_true(figure(document, 1, "answer", "hard", "questions") == 5);
    assert_true(figure(document, 1, "measures", "steps", "mean") == 2);
    double tokens = 0; /* the budget is what the logs say was spent */
    for (int seed = 1; seed <= 2; seed++)
        tokens += summed(arena, rp_path_join(arena, whole, rp_sprintf(arena, "repo-raw/%d-1/metrics.jsonl", seed)),
                         "tokens_sampled");
    assert_true(tokens > 0);
    assert_true(fabs(2 * figure(document, 2, "measures", "tokens_sampled", "mean") - tokens) < 1e-9);
    assert_true(figure(document, 0, "measures", "kl_hard", "max") == 0); /* the base has not moved */
    assert_true(figure(document, 1, "measures", "entropy_hard", "mean") > 0);
    rp_json_free(document);
    /* Without --resume the place is taken; with it nothing is left to do and the files stay as they are. */
    assert_int_equal(rp_compare_run(&c, &options, ignore, NULL), RP_ERR_ARGUMENT);
    options.resume = true;
    rp_str before, after;
    assert_ok(rp_file_read(arena, rp_path_join(arena, whole, "compare.json"), 0, &before));
    assert_ok(rp_compare_run(&c, &options, ignore, NULL));
    assert_ok(rp_file_read(arena, rp_path_join(arena, whole, "compare.json"), 0, &after));
    assert_true(rp_str_equal(before, after));
    c.recipe.optimizer.learning_rate *= 2; /* results of another recipe must not slip into the table */
    assert_int_equal(rp_compare_run(&c, &options, ignore, NULL), RP_ERR_ARGUMENT);
    assert_non_null(strstr(rp_last_error(), "was begun with another recipe; it differs at \"learning_rate"));
    /* One cell alone, elsewhere: the same bits. */
    load_at(arena, "compare-cell", &c);
    const rp_compare_options one = {.rows = "repo-raw", .seeds = "2"};
    assert_ok(rp_compare_run(&c, &one, ignore, NULL));
    assert_same_text(arena, rp_path_join(arena, whole, "repo-raw/2-1"), rp_path_join(arena, c.recipe.out, "repo-raw/2-1"),
                     "model.safetensors");
    assert_same_text(arena, rp_path_join(arena, whole, "repo-raw/2-1"), rp_path_join(arena, c.recipe.out, "repo-raw/2-1"),
                     "eval.jsonl");
    assert_false(rp_file_exists(rp_path_join(arena, c.recipe.out, "grpo/1-1/result.json")));
    check_against(arena, &c, rp_path_join(arena, whole, "compare.json"));
    rp_arena_destroy(arena);
}

static void test_a_failed_cell_does_not_lose_the_others(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_comparison c;
    load_at(arena, "compare-failed", &c);
    c.seed_count = 1;
    /* REC's exact on-policy schedule cannot be had with two updates per batch: the trainer refuses. */
    c.rows[1].algorithm = rp_algorithm_find("reinforce");
    c.rows[1].key[c.rows[1].overrides] = "num_iterations";
    c.rows[1].value[c.rows[1].overrides++] = "2";
    const rp_compare_options options = {.rows = NULL};
    assert_int_equal(rp_compare_run(&c, &options, ignore, NULL), RP_ERR_ARGUMENT);
    rp_str text;
    assert_ok(rp_file_read(arena, rp_path_join(arena, c.recipe.out, "compare.json"), 0, &text));
    assert_non_null(strstr(text.data, "reinforce is defined for one update per rollout batch"));
    assert_true(rp_file_exists(rp_path_join(arena, c.recipe.out, "repo-raw/1-1/result.json")));
    assert_ok(rp_file_read(arena, rp_path_join(arena, c.recipe.out, "table.md"), 0, &text));
    assert_non_null(strstr(text.data, "| grpo | 0 of 1, failed |"));
    assert_non_null(strstr(text.data, "| repo-raw | 1 of 1 |"));
    assert_int_equal(rp_compare_run(&c, &(rp_compare_options){.rows = "rpeo-raw", .resume = true}, ignore, NULL),
                     RP_ERR_ARGUMENT);
    assert_non_null(strstr(rp_last_error(), "did you mean \"repo-raw\"?"));
    assert_int_equal(rp_compare_run(&c, &(rp_compare_options){.seeds = "9", .resume = true}, ignore, NULL),
                     RP_ERR_ARGUMENT);
    assert_non_null(strstr(rp_last_error(), "--seeds: 9 is not among the recipe's seeds"));
    rp_arena_destroy(arena);
}

static void test_the_sweep_scores_on_validation(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_comparison c;
    load_at(arena, "compare-sweep", &c);
    const rp_compare_options options = {.sweep = true};
    assert_ok(rp_compare_run(&c, &options, ignore, NULL));
    rp_json_document *document;
    assert_ok(rp_json_load(rp_path_join(arena, c.recipe.out, "sweep.json"), &document));
    const rp_json root = rp_json_root(document);
    assert_int_equal(rp_json_length(&root), 2); /* one swept row, two rates */
    rp_json_free(document);
    rp_str text;
    assert_ok(rp_file_read(arena, rp_path_join(arena, c.recipe.out, "sweep/grpo/1e-2/recipe.ini"), 0, &text));
    assert_non_null(strstr(text.data, "eval_split = validation"));
    assert_non_null(strstr(text.data, "learning_rate = 0.01"));
    assert_false(rp_file_exists(rp_path_join(arena, c.recipe.out, "compare.json")));
    rp_arena_destroy(arena);
}

static void test_comparisons_in_the_repository_load(void **state) {
    (void)state;
    static const char *const names[] = {"data/recipes/compare.ini", "data/recipes/compare-quick.ini",
                                        "data/recipes/compare-methods.ini", "data/recipes/compare-outcome.ini",
                                        "data/recipes/frontier.ini"};
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        rp_comparison c;
        assert_ok(rp_comparison_load(arena, source_path(names[i]), &c));
        assert_true(c.row_count > 3);
        rp_recipe *r = rp_alloc(arena, rp_recipe, 1);
        for (size_t k = 1; k < c.row_count; k++) {
            const rp_cell cell = {.row = &c.rows[k], .pretrain_seed = 1, .seed = 1, .directory = "x"};
            assert_ok(rp_cell_recipe(&c, &cell, arena, r));
            const rp_settings settings = rp_recipe_settings(r, c.rows[k].algorithm);
            assert_true(settings.of == c.rows[k].algorithm);
        }
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_seeds_are_read),
        cmocka_unit_test(test_mistakes_name_their_line),
        cmocka_unit_test(test_a_tiny_comparison_counts_right_and_resumes),
        cmocka_unit_test(test_a_failed_cell_does_not_lose_the_others),
        cmocka_unit_test(test_the_sweep_scores_on_validation),
        cmocka_unit_test(test_comparisons_in_the_repository_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
