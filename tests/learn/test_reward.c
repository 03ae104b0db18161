/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/learn.h>

static void test_reward_has_its_columns(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_recipe recipe;
    rp_recipe_defaults(&recipe);
    recipe.reward_format = 0.5;
    recipe.reward_length = 0.1;
    recipe.max_completion_length = 80;
    const rp_problem problem = {.answer = rp_str_of("27")};
    static const struct {
        const char *text;
        bool stopped;
        int strict;
        double correct, format, total;
    } cases[] = {
        {"Step 1: 12 + 69 = 81\nStep 2: 81 / 3 = 27\n#### 27", true, 1, 1, 1, 1.45},
        {"Step 1: 12 + 69 = 80\nStep 2: 81 / 3 = 27\n#### 27", true, 1, 0, 1, 0.45}, /* right answer under a false step */
        {"Step 1: 12 + 69 = 80\nStep 2: 81 / 3 = 27\n#### 27", true, 0, 1, 1, 1.45}, /* outcome only */
        {"Step 1: 12 + 69 = 81\n#### 81", true, 1, 0, 1, 0.45},
        {"Step 1: 12 + 69 = 81", true, 1, 0, 0, -0.05},
        {"#### 27", false, 1, 1, 0, 0.95}, /* cut: no format term */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        recipe.strict = cases[i].strict;
        const rp_reward r = rp_reward_of(&recipe, arena, &problem, rp_str_of(cases[i].text), 40, cases[i].stopped);
        assert_near(r.correct, cases[i].correct, 0, 0);
        assert_near(r.format, cases[i].format, 0, 0);
        assert_near(r.length, -0.5, 0, 0);
        assert_near(r.total, cases[i].total, 1e-12, 0);
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reward_has_its_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
