/* SPDX-License-Identifier: MIT */
#include "support_verify.h"

#include "read/clock.h"

static bool read_moment(rp_work *work, const char *text, rp_moment *moment) {
    const rp_tokens t = tokens_of(work, text);
    return rp_moment_read(t.items, t.count, moment);
}

static void test_the_same_moment_in_its_forms(void **state) {
    (void)state;
    static const char *const groups[][6] = {
        {"8:34 p.m.", "8\\!:\\!34 \\text{ p.m.}", "8:34 PM", "8:34pm", "20:34", "8:34:00 P.M."},
        {"\\text{noon}", "12 PM", "12:00 p.m.", "12 noon", "\\text{12 p.m.}", "12:00 noon"},
        {"midnight", "12 AM", "12:00 a.m.", "0:00", "00:00", "12 midnight"},
        {"4:51:06 p.m.", "16:51:06", "4:51:06 PM", NULL},
        {"7 AM", "7:00 a.m.", "7 am", "\\text{7 a.m.}", NULL},
        {"\\text{October 30}", "Oct. 30", "30 October", "October 30th", "the 30th of October", "Monday, October 30"},
        {"January 1, 2025", "2025-01-01", "1 Jan 2025", "1st of January 2025", "Jan. 1, 2025", NULL},
    };
    bench b = bench_open();
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++)
        for (size_t i = 0; i < 6 && groups[g][i]; i++) {
            rp_moment first, other;
            if (!read_moment(&b.work, groups[g][0], &first) || !read_moment(&b.work, groups[g][i], &other) ||
                !rp_moment_same(&first, &other))
                fail_msg("\"%s\" and \"%s\" are not the same moment", groups[g][0], groups[g][i]);
        }
    bench_close(&b);
}

static void test_other_moments_and_what_is_none(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"8:34 p.m.", "8:34 a.m."},    {"8:34 p.m.", "8:43 p.m."},  {"4:51:06 p.m.", "4:51:07 p.m."},
        {"8:34 p.m.", "8:34"},         {"noon", "midnight"},        {"12 PM", "12 AM"},
        {"October 30", "November 30"}, {"October 30", "October 3"}, {"May 5, 2020", "May 5, 2021"},
        {"3 PM", "March 3"},
    };
    static const char *const none[] = {"3.5",
                                       "3:5",
                                       "25:00 p.m.",
                                       "15:30 p.m.",
                                       "October",
                                       "October 32",
                                       "8:61 PM",
                                       "x",
                                       "2025-13-01",
                                       "5 m",
                                       "8:34 p.m. sharp or so",
                                       ""};
    bench b = bench_open();
    rp_moment first, other;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_true(read_moment(&b.work, pairs[i][0], &first));
        assert_true(read_moment(&b.work, pairs[i][1], &other));
        if (rp_moment_same(&first, &other)) fail_msg("\"%s\" is taken for \"%s\"", pairs[i][0], pairs[i][1]);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (read_moment(&b.work, none[i], &first)) fail_msg("\"%s\" is taken for a moment", none[i]);
    assert_true(read_moment(&b.work, "3:30", &first));
    assert_false(first.certain);
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_moment_in_its_forms),
        cmocka_unit_test(test_other_moments_and_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
