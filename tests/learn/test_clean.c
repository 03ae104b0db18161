/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/learn.h>

static rp_arena *arena;
static rp_str clean;
static double copied;

static rp_rephrase_outcome run(const char *raw, const char *knowledge, double limit) {
    return rp_rephrase_clean(arena, rp_str_of(raw), rp_str_of(knowledge), limit, &clean, &copied);
}

static void test_meta_lines_go_and_work_stays(void **state) {
    (void)state;
    assert_int_equal(RP_REPHRASE_PASSED, run("Sure! Here is my own solution:\n\nStep 1: 2 + 3 = 5\n#### 5\n", "k", 1));
    assert_text(clean, "Step 1: 2 + 3 = 5\n#### 5");
    assert_int_equal(RP_REPHRASE_PASSED, run("Step 2:\nShe has 5 apples.\n#### 5", "k", 1));
    assert_text(clean, "She has 5 apples.\n#### 5");
    assert_int_equal(RP_REPHRASE_PASSED, run("Step 1: 2 + 3 = 5\nStep 2: 5 * 2 = 10\n#### 10", "k", 1));
    assert_text(clean, "Step 1: 2 + 3 = 5\nStep 2: 5 * 2 = 10\n#### 10");
    assert_int_equal(RP_REPHRASE_PASSED,
                     run("Let me see: 3 boxes of 4 = 12\n#### 12", "k", 1)); /* an equation makes it work */
    assert_text(clean, "Let me see: 3 boxes of 4 = 12\n#### 12");
}

static void test_leaks_and_emptiness_are_rejected_by_name(void **state) {
    (void)state;
    assert_int_equal(run("As the Study Notes say, 2 + 3 = 5\n#### 5", "k", 1), RP_REPHRASE_LEAK);
    assert_int_equal(run("2 + 3 = 5, like in the given solution", "k", 1), RP_REPHRASE_LEAK);
    assert_int_equal(run(" \n ", "k", 1), RP_REPHRASE_EMPTY);
    assert_int_equal(run("", "", 1), RP_REPHRASE_EMPTY);
}

static void test_copy_share_is_the_longest_common_run_of_words(void **state) {
    (void)state;
    assert_int_equal(RP_REPHRASE_PASSED, run("we add two and three to get five", "first add two and three then stop", 1));
    assert_near(copied, 4.0 / 8, 1e-12, 0); /* "add two and three" of eight words */
    assert_int_equal(run("we add two and three to get five", "first add two and three then stop", 0.4), RP_REPHRASE_COPY);
    assert_int_equal(RP_REPHRASE_PASSED, run("alpha beta", "gamma delta", 0.0));
    assert_near(copied, 0, 0, 0);
}

int main(void) {
    arena = rp_arena_create("test", 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meta_lines_go_and_work_stays),
        cmocka_unit_test(test_leaks_and_emptiness_are_rejected_by_name),
        cmocka_unit_test(test_copy_share_is_the_longest_common_run_of_words),
    };
    const int result = cmocka_run_group_tests(tests, NULL, NULL);
    rp_arena_destroy(arena);
    return result;
}
