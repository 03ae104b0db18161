/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/cli/story.h"

#include <string.h>

/* `steps` steps of a metric that is a line from `from` to `to`. */
static rp_story story_of(const char *name, int steps, double from, double to) {
    rp_story story;
    rp_story_begin(&story, steps);
    for (int step = 1; step <= steps; step++) {
        rp_metrics m = {.name = {name}, .value = {from + (to - from) * (step - 1) / (steps - 1)}, .count = 1};
        rp_story_add(&story, step, steps, &m);
    }
    return story;
}

static int line_with(const rp_story *story, const char *label, bool blocks, char out[RP_STORY_LINE]) {
    int found = 0;
    char line[RP_STORY_LINE];
    for (int r = 0; r < RP_STORY_ROWS; r++) {
        if (!rp_story_line(story, r, blocks, line)) continue;
        found++;
        if (strstr(line, label)) memcpy(out, line, sizeof line);
    }
    return found;
}

static void test_a_share_stands_on_a_scale_of_its_own(void **state) {
    (void)state;
    char line[RP_STORY_LINE] = "";
    rp_story story = story_of("accuracy_hard", 8, 0, 1);
    assert_int_equal(line_with(&story, "hard", false, line), 1);
    assert_string_equal(line, "  hard      _.:-=+*#  0 -> 1");
    story = story_of("accuracy_hard", 8, 0, 0.4375); /* half as high as before */
    (void)line_with(&story, "hard", true, line);
    assert_string_equal(line, "  hard      ▁▁▂▂▃▃▄▄  0 → 0.438");
}

static void test_other_quantities_stand_on_their_own(void **state) {
    (void)state;
    char line[RP_STORY_LINE] = "";
    rp_story story = story_of("entropy", 64, 3, 1);
    (void)line_with(&story, "entropy", false, line);
    assert_int_equal(strlen(line), 12 + 32 + strlen("  2.98 -> 1.02"));
    assert_true(line[12] == '#' && line[12 + 31] == '_');
    story = story_of("grad_norm", 5, 2, 2);
    (void)line_with(&story, "gradient", false, line);
    assert_string_equal(line, "  gradient  _____  2 -> 2");
}

static void test_what_was_not_seen_is_left_out(void **state) {
    (void)state;
    char line[RP_STORY_LINE];
    rp_story story;
    rp_story_begin(&story, 8); /* resumed behind step 4 */
    for (int step = 5; step <= 8; step++) {
        const rp_metrics m = {.name = {"loss", "reward"}, .value = {-1, step}, .count = 2};
        rp_story_add(&story, step, 8, &m);
    }
    assert_int_equal(line_with(&story, "reward", false, line), 1); /* and no loss beside a reward */
    assert_string_equal(line, "  reward        _:+#  5 -> 8");
    story = story_of("reward", 3, 0, 1); /* too short to have a course */
    assert_int_equal(line_with(&story, "reward", false, line), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_share_stands_on_a_scale_of_its_own),
        cmocka_unit_test(test_other_quantities_stand_on_their_own),
        cmocka_unit_test(test_what_was_not_seen_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
