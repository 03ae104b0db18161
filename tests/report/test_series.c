/* SPDX-License-Identifier: MIT */
#include "run.h"

#include "../../src/report/internal.h"

#include <math.h>

static void test_columns_are_read_and_cut_lines_are_said(void **state) {
    (void)state;
    const char *directory = new_directory("series");
    put_file(directory, "metrics.jsonl",
             "{\"step\": 1, \"loss\": 0.5, \"entropy\": null}\n{\"step\": 2, \"loss\": -1e-3, \"entropy\": "
             "2}\n[1]\n{\"step\": 3, \"lo");
    rp_report report = {.arena = arena};
    rp_report_cell cell = {.directory = directory};
    assert_ok(rp_report_read_metrics(&report, &cell));
    assert_int_equal(cell.series_count, 2);
    const rp_series *loss = rp_series_find(&cell, "loss"), *entropy = rp_series_find(&cell, "entropy");
    assert_int_equal(loss->count, 2);
    assert_near(loss->value[1], -1e-3, 0, 0);
    assert_int_equal(entropy->count, 1);
    assert_near(entropy->step[0], 2, 0, 0);
    assert_null(rp_series_find(&cell, "step"));
    assert_true(noted(&report, "metrics.jsonl: 2 lines could not be read"));
}

static void test_a_missing_log_is_a_note(void **state) {
    (void)state;
    rp_report report = {.arena = arena};
    rp_report_cell cell = {.directory = new_directory("no-series")};
    assert_ok(rp_report_read_metrics(&report, &cell));
    assert_int_equal(cell.series_count, 0);
    assert_true(noted(&report, "metrics.jsonl is missing"));
}

static void test_bins_hold_means_or_the_largest(void **state) {
    (void)state;
    double step[] = {1, 2, 3, 4, 5, 9}, value[] = {1, 3, 10, (double)NAN, 4, 7};
    const rp_series s = {.name = "x", .step = step, .value = value, .count = 6};
    rp_point points[8];
    assert_int_equal(rp_series_bins(&s, 1, false, points, 8), 5); /* NaN has no point */
    assert_int_equal(rp_series_bins(&s, 4, false, points, 8), 3);
    assert_near(points[0].x, 2, 1e-15, 0); /* steps 1, 2, 3 */
    assert_near(points[0].y, 14.0 / 3, 1e-14, 0);
    assert_near(points[1].y, 4, 0, 0);
    assert_near(points[2].x, 9, 0, 0);
    assert_int_equal(rp_series_bins(&s, 4, true, points, 8), 3);
    assert_near(points[0].y, 10, 0, 0);
    assert_int_equal(rp_series_bins(&s, 1, false, points, 2), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_read_and_cut_lines_are_said),
        cmocka_unit_test(test_a_missing_log_is_a_note),
        cmocka_unit_test(test_bins_hold_means_or_the_largest),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
