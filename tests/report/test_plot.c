/* SPDX-License-Identifier: MIT */
#include "run.h"

#include "../../src/report/internal.h"

#include <math.h>

static rp_line line_of(const char *label, int row, const rp_point *points, size_t n) {
    return (rp_line){.label = label, .row = row, .colour = row, .shown = true, .mean = points, .count = n};
}

static const char *plot(rp_panel panel) {
    rp_buffer out = rp_buffer_in(arena);
    rp_plot_panel(arena, &panel, &out);
    assert_ok(rp_buffer_status(&out));
    return out.data;
}

/* The n-th pair of numbers behind "d=\"M" of the first line of class `kind`. */
static rp_point drawn_point(const char *svg, const char *kind, int n) {
    const char *at = strstr(svg, kind);
    assert_non_null(at);
    at = strstr(at, " d=\"M") + 5;
    rp_point p = {0, 0};
    for (int i = 0; i <= n; i++) {
        char *end;
        p.x = strtod(at, &end);
        p.y = strtod(end, &end);
        at = end + 1;
    }
    return p;
}

/* Ticks say where a value lies: the y of the grid line whose text this is. */
static double y_of_tick(const char *svg, const char *text) {
    const char *at = strstr(svg, rp_sprintf(arena, ">%s</text>", text));
    assert_non_null(at);
    while (strncmp(at, " y=\"", 4) != 0) at--;
    return strtod(at + 4, NULL) - 3.5; /* the letters hang a little below their line */
}

static void test_points_lie_where_the_ticks_say(void **state) {
    (void)state;
    static const rp_point points[] = {{1, 0.2}, {10, 0.6}, {20, 1}};
    const rp_line line = line_of("grpo", 3, points, 3);
    const char *svg = plot((rp_panel){.title = "T", .caption = "c", .share = true, .lines = &line, .line_count = 1});
    assert_near(drawn_point(svg, "class=\"mn r3 c3", 0).y, y_of_tick(svg, ".2"), 0.11, 0);
    assert_near(drawn_point(svg, "class=\"mn r3 c3", 1).y, y_of_tick(svg, ".6"), 0.11, 0);
    assert_near(drawn_point(svg, "class=\"mn r3 c3", 2).y, y_of_tick(svg, "1"), 0.11, 0);
    const rp_point first = drawn_point(svg, "class=\"mn", 0), second = drawn_point(svg, "class=\"mn", 1),
                   third = drawn_point(svg, "class=\"mn", 2);
    assert_near((second.x - first.x) / (third.x - second.x), 0.9, 2e-3, 0);
}

static void test_a_logarithmic_axis_leaves_zeros_out(void **state) {
    (void)state;
    static const rp_point points[] = {{1, 0.01}, {2, 0}, {3, 1}, {4, 100}};
    const rp_line line = line_of("grpo", 0, points, 4);
    const char *svg = plot((rp_panel){.title = "T", .caption = "c", .log_scale = true, .lines = &line, .line_count = 1});
    assert_near(drawn_point(svg, "class=\"mn", 0).y, y_of_tick(svg, "0.01"), 0.11, 0);
    assert_near(drawn_point(svg, "class=\"mn", 1).y, y_of_tick(svg, "1"), 0.11, 0);
    assert_near(drawn_point(svg, "class=\"mn", 2).y, y_of_tick(svg, "100"), 0.11, 0);
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf"));
}

static void test_labels_do_not_touch(void **state) {
    (void)state;
    static const rp_point points[] = {{1, 0.5}, {2, 0.5}};
    rp_line lines[8];
    for (int i = 0; i < 8; i++) lines[i] = line_of("same <place>", i, points, 2);
    const char *svg = plot((rp_panel){.title = "T", .caption = "c", .share = true, .lines = lines, .line_count = 8});
    double last = -100;
    int count = 0;
    for (const char *at = svg; (at = strstr(at, "class=\"lb ")) != NULL; at++, count++) {
        const double y = strtod(strstr(at, " y=\"") + 4, NULL);
        assert_true(y - last >= 11.9);
        assert_true(y > 0 && y < 200);
        last = y;
    }
    assert_int_equal(count, 8);
    assert_null(strstr(svg, "<place>"));
}

static void test_nothing_and_one_value_can_be_drawn(void **state) {
    (void)state;
    static const rp_point flat[] = {{5, -3}, {6, -3}}, strange[] = {{1, 0}, {2, 0}};
    rp_line line = line_of("grpo", 0, flat, 2);
    assert_null(strstr(plot((rp_panel){.title = "T", .caption = "", .lines = &line, .line_count = 1}), "nan"));
    assert_null(strstr(plot((rp_panel){.title = "T", .caption = "", .lines = NULL, .line_count = 0}), "nan"));
    line = line_of("grpo", 0, strange, 2);
    assert_null(
        strstr(plot((rp_panel){.title = "T", .caption = "", .log_scale = true, .lines = &line, .line_count = 1}), "nan"));
}

static void test_an_interval_holds_its_mean(void **state) {
    (void)state;
    const rp_spread s = {.mean = 0.5, .min = 0.25, .max = 0.75, .low = 0.4, .high = 0.6, .has_interval = true};
    rp_buffer out = rp_buffer_in(arena);
    rp_plot_interval(&s, &out);
    const double x = strtod(strstr(out.data, "class=\"ci\" x=\"") + 14, NULL),
                 width = strtod(strstr(out.data, " width=\"") + 8, NULL),
                 cx = strtod(strstr(out.data, "class=\"mean\" d=\"M") + 17, NULL);
    assert_near(cx, x + width / 2, 0.11, 0);
    assert_near(width / (2 * (cx - 3)), 0.2, 2e-3, 0); /* the axis begins at 3 and the mean is its middle */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points_lie_where_the_ticks_say),
        cmocka_unit_test(test_a_logarithmic_axis_leaves_zeros_out),
        cmocka_unit_test(test_labels_do_not_touch),
        cmocka_unit_test(test_nothing_and_one_value_can_be_drawn),
        cmocka_unit_test(test_an_interval_holds_its_mean),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
