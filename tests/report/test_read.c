/* SPDX-License-Identifier: MIT */
#include "run.h"

static const rp_report_row *row_named(const rp_report *report, const char *name) {
    for (size_t i = 0; i < report->row_count; i++)
        if (strcmp(report->rows[i].name, name) == 0) return &report->rows[i];
    fail_msg("there is no row %s", name);
    return NULL;
}

static void test_a_run_of_train_is_read(void **state) {
    (void)state;
    const char *paths[] = {rp_sprintf(arena, "%s/", make_run("train", 1, 0.75, 4))};
    rp_report report;
    assert_ok(rp_report_read(arena, paths, 1, NULL, &report));
    assert_int_equal(report.row_count, 2);
    const rp_report_row *base = row_named(&report, "base"), *grpo = row_named(&report, "grpo");
    assert_near(rp_spread_find(&base->tiers, "hard")->mean, 0.25, 0, 0);
    const rp_spread *hard = rp_spread_find(&grpo->tiers, "hard");
    assert_near(hard->mean, 0.75, 0, 0);
    assert_near(hard->questions, 40, 0, 0);
    /* Wilson for 30 of 40, by hand: centre (.75 + z²/80) / (1 + z²/40), z² = 3.841459 */
    assert_near(hard->low, 0.5981, 5e-5, 0);
    assert_near(hard->high, 0.8581, 5e-5, 0);
    assert_near(rp_spread_find(&grpo->families, "mean3")->mean, 0.75, 0, 0);
    assert_near(rp_spread_find(&grpo->rephrased, "mean3")->mean, 0.5, 0, 0);
    assert_near(rp_spread_find(&grpo->measures, "grad_norm_mean")->mean, 0.25, 1e-15, 0);
    assert_near(rp_spread_find(&grpo->measures, "grad_norm_max")->mean, 0.4, 1e-15, 0);
    assert_near(rp_spread_find(&grpo->measures, "tokens_sampled")->mean, 400, 0, 0);
    assert_near(rp_spread_find(&grpo->measures, "seconds")->mean, 2, 0, 0);
    assert_near(rp_spread_find(&grpo->measures, "sound")->mean, 0.5, 0, 0); /* the rephrased answer does not count */
    assert_null(rp_spread_find(&grpo->measures, "rephrase_pass_rate"));
    assert_true(grpo->shown && !base->shown);
    assert_true(noted(&report, "eval-base.jsonl is missing"));
}

static void test_runs_that_differ_in_the_seed_are_cells_of_one_row(void **state) {
    (void)state;
    const char *paths[] = {make_run("seed1", 1, 0.5, 4), make_run("seed2", 2, 0.75, 4), make_run("other", 1, 1, 4)};
    put_file(paths[2], "recipe.ini", "[run]\nout = other\nalgorithms = grpo\nseed = 1\n\n[rl]\nsteps = 5\n");
    rp_report report;
    assert_ok(rp_report_read(arena, paths, 3, NULL, &report));
    assert_int_equal(report.row_count, 4);
    const rp_report_row *grpo = row_named(&report, "grpo");
    const rp_spread *hard = rp_spread_find(&grpo->tiers, "hard");
    assert_int_equal(grpo->cell_count, 2);
    assert_string_equal(grpo->cells[1].label, "seed 2");
    assert_near(hard->mean, 0.625, 0, 0);
    assert_near(hard->min, 0.5, 0, 0);
    assert_near(hard->max, 0.75, 0, 0);
    assert_near(hard->questions, 40, 0, 0); /* the same questions twice are not 80 */
    const char *other = rp_sprintf(arena, "grpo (%s)", rp_path_base(paths[2]));
    assert_near(rp_spread_find(&row_named(&report, other)->tiers, "hard")->mean, 1, 0, 0);
}

static const char comparison[] =
    "{\"rows\": [{\"row\": \"base\", \"algorithm\": \"\", \"about\": \"untouched\", \"tiers\": {\"hard\": {\"mean\": 0.01, "
    "\"min\": 0, "
    "\"max\": 0.02, \"low\": 0.002, \"high\": 0.04, \"questions\": 300}}, \"families\": {}, \"measures\": {}, \"cells\": "
    "[{\"path\": "
    "\"base/1-1\", \"status\": \"done\"}]},"
    "{\"row\": \"repo-raw\", \"algorithm\": \"repo\", \"about\": \"raw <knowledge>\", \"tiers\": {\"hard\": {\"mean\": "
    "0.625, "
    "\"min\": 0.5, \"max\": 0.75, \"low\": 0.57, \"high\": 0.68, \"questions\": 300}}, \"families\": {\"mean3\": "
    "{\"mean\": 0.5}}, "
    "\"measures\": {\"kl_general\": {\"mean\": 0.125, \"min\": 0.1, \"max\": 0.15}, \"sound\": null}, \"cells\": ["
    "{\"pretrain_seed\": 1, \"seed\": 1, \"path\": \"repo-raw/1-1\", \"status\": \"done\"}, "
    "{\"pretrain_seed\": 2, \"seed\": 1, \"path\": \"repo-raw/2-1\", \"status\": \"the loss is NaN\"}, "
    "{\"pretrain_seed\": 3, \"seed\": 1, \"path\": \"../../etc\", \"status\": \"done\"}]}]}";

static void test_a_comparison_is_read(void **state) {
    (void)state;
    const char *run = new_directory("compare"), *paths[] = {run};
    put_file(run, "compare.json", comparison);
    put_file(run, "repo-raw/1-1/metrics.jsonl", "{\"step\": 1, \"entropy\": 0.5}\n");
    rp_report report;
    assert_ok(rp_report_read(arena, paths, 1, NULL, &report));
    const rp_report_row *row = row_named(&report, "repo-raw");
    const rp_spread *hard = rp_spread_find(&row->tiers, "hard"), *kl = rp_spread_find(&row->measures, "kl_general");
    assert_string_equal(row->algorithm, "repo");
    assert_string_equal(row->about, "raw <knowledge>");
    assert_near(hard->low, 0.57, 0, 0);
    assert_near(kl->max, 0.15, 0, 0);
    assert_false(kl->has_interval);
    assert_null(rp_spread_find(&row->measures, "sound"));
    assert_near(rp_spread_find(&row->families, "mean3")->mean, 0.5, 0, 0);
    assert_int_equal(row->cell_count, 2); /* the third leads out of the directory */
    assert_string_equal(row->cells[1].label, "2-1");
    assert_near(rp_series_find(&row->cells[0], "entropy")->value[0], 0.5, 0, 0);
    assert_true(noted(&report, "repo-raw 2-1 failed: the loss is NaN"));
    assert_true(noted(&report, "leads out of the directory"));
    assert_true(noted(&report, "2-1/metrics.jsonl is missing"));
}

static void test_cells_fill_in_tiers_and_what_has_not_begun_is_said(void **state) {
    (void)state;
    const char *run = new_directory("cells"), *paths[] = {run};
    put_file(run, "compare.json",
             "{\"rows\": [{\"row\": \"repo\", \"algorithm\": \"repo\", \"about\": \"gated\", \"settings\": {\"repo.rho\": "
             "\"0.5\", "
             "\"steps\": \"9\"}, \"tiers\": {\"hard\": 0.5}, \"families\": {\"mean3\": {\"mean\": 0.5}}, \"sound\": "
             "{\"hard\": {\"mean\": "
             "0.25}, \"all\": {\"mean\": 0.75, \"low\": 0.5, \"high\": 1}}, \"cells\": [{\"pretrain_seed\": 1, \"seed\": "
             "1, \"path\": "
             "\"repo/1-1\", \"status\": \"done\"}, {\"pretrain_seed\": 2, \"seed\": 1, \"path\": \"repo/2-1\", \"status\": "
             "\"missing\"}]}, "
             "{\"row\": \"sft\", \"cells\": [{\"path\": \"sft/1-1\", \"status\": \"missing\"}]}, "
             "{\"row\": \"opo\", \"cells\": [{\"path\": \"opo/1-1\", \"status\": \"missing\"}]}]}");
    put_file(run, "repo/1-1/metrics.jsonl", "{\"step\": 1, \"entropy\": 0.5}\n");
    put_file(run, "repo/1-1/recipe.ini", "[run]\nseed = 1\n");
    put_file(run, "repo/1-1/result.json",
             "{\"families\": [{\"family\": \"mean3\", \"tier\": \"hard\", \"strict\": \"0011\", \"rephrase\": \"0111\"}]}");
    rp_report report;
    assert_ok(rp_report_read(arena, paths, 1, NULL, &report));
    assert_int_equal(report.row_count, 1);
    const rp_report_row *row = row_named(&report, "repo");
    assert_string_equal(row->about, "gated (repo.rho = 0.5, steps = 9)");
    assert_string_equal(rp_spread_find(&row->families, "mean3")->tier, "hard");
    assert_near(rp_spread_find(&row->rephrased, "mean3")->mean, 0.75, 0, 0);
    assert_near(rp_spread_find(&row->measures, "sound")->mean, 0.75, 0, 0);
    assert_near(rp_spread_find(&row->tiers, "hard")->mean, 0.5, 0, 0);
    assert_int_equal(row->cell_count, 1);
    assert_true(noted(&report, "repo: no result yet of 2-1"));
    assert_true(noted(&report, "rows not begun: sft, opo"));
    assert_text(report.runs[0].recipe, "[run]\nseed = 1\n");
}

static void test_rows_can_be_chosen(void **state) {
    (void)state;
    const char *run = new_directory("chosen"), *paths[] = {run};
    put_file(run, "compare.json", comparison);
    put_file(run, "repo-raw/1-1/metrics.jsonl", "{\"step\": 1, \"entropy\": 0.5}\n");
    rp_report report;
    assert_ok(rp_report_read(arena, paths, 1, "grpo, sft", &report));
    assert_false(row_named(&report, "repo-raw")->shown);
    assert_ok(rp_report_read(arena, paths, 1, "grpo, repo-raw", &report));
    assert_true(row_named(&report, "repo-raw")->shown);
    assert_int_equal(row_named(&report, "repo-raw")->colour, 0);
}

static void test_what_is_no_run_is_refused(void **state) {
    (void)state;
    const char *empty[] = {new_directory("empty")}, *none[] = {"/no/such/run"}, *broken[] = {new_directory("broken")};
    rp_report report;
    assert_fails(rp_report_read(arena, empty, 1, NULL, &report), RP_ERR_FORMAT, "it is no directory of a run");
    assert_fails(rp_report_read(arena, none, 1, NULL, &report), RP_ERR_IO, "/no/such/run is no directory");
    put_file(broken[0], "compare.json", "{\"rows\": 3}");
    assert_fails(rp_report_read(arena, broken, 1, NULL, &report), RP_ERR_FORMAT, "compare.json: $.rows");
    assert_fails(rp_report_read(arena, empty, 0, NULL, &report), RP_ERR_ARGUMENT, "at least one run");
}

static void test_a_run_that_is_still_going_on_has_notes(void **state) {
    (void)state;
    const char *run = new_directory("going"), *paths[] = {run};
    put_file(run, "recipe.ini", "[run]\nalgorithms = grpo, ../secret, repo\nseed = 1\n");
    put_file(run, "grpo/metrics.jsonl", "{\"step\": 1, \"entropy\": 0.5}\n");
    rp_report report;
    assert_ok(rp_report_read(arena, paths, 1, NULL, &report));
    assert_int_equal(report.row_count, 3); /* base, grpo, repo */
    assert_true(noted(&report, "table.json is missing: the run has not been evaluated yet"));
    assert_true(noted(&report, "repo/metrics.jsonl is missing"));
    assert_false(noted(&report, "secret"));
}

static void test_a_run_without_held_out_questions_misses_no_answers(void **state) {
    (void)state;
    static const char *const recipes[] = {"algorithms = grpo\neval_count = 0\n",
                                          "algorithms = grpo\ndata = train.jsonl\neval_data = \neval_count = 60\n"};
    for (size_t i = 0; i < 2; i++) {
        const char *run = new_directory(i ? "no-file" : "no-count"), *paths[] = {run};
        put_file(run, "recipe.ini", recipes[i]);
        put_file(run, "grpo/metrics.jsonl", "{\"step\": 1, \"entropy\": 0.5}\n");
        rp_report report;
        assert_ok(rp_report_read(arena, paths, 1, NULL, &report));
        assert_false(noted(&report, "has not been evaluated yet"));
        assert_false(noted(&report, "no soundness"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_without_held_out_questions_misses_no_answers),
        cmocka_unit_test(test_a_run_of_train_is_read),
        cmocka_unit_test(test_runs_that_differ_in_the_seed_are_cells_of_one_row),
        cmocka_unit_test(test_a_comparison_is_read),
        cmocka_unit_test(test_cells_fill_in_tiers_and_what_has_not_begun_is_said),
        cmocka_unit_test(test_rows_can_be_chosen),
        cmocka_unit_test(test_what_is_no_run_is_refused),
        cmocka_unit_test(test_a_run_that_is_still_going_on_has_notes),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
