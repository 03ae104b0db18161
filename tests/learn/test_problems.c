/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/learn.h>

#include <string.h>

static int setup(void **state) {
    return (*state = rp_arena_create("test", 0)) ? 0 : -1;
}
static int teardown(void **state) {
    rp_arena_destroy(*state);
    return 0;
}

static void test_the_mix_decides_the_tiers_and_the_step_the_questions(void **state) {
    rp_arena *arena = *state;
    rp_recipe recipe;
    rp_recipe_defaults(&recipe);
    recipe.mix = "easy:2, hard:3";
    rp_problem_source source;
    assert_ok(rp_problems_open(arena, &recipe, &source));
    rp_problem *a, *b, *c;
    size_t n;
    assert_ok(rp_problems_of_step(&source, 7, 0, arena, &a, &n));
    assert_int_equal(n, 5);
    for (size_t i = 0; i < 5; i++) assert_text(a[i].tier, i < 2 ? "easy" : "hard");
    assert_ok(rp_problems_of_step(&source, 7, 0, arena, &b, &n));
    assert_ok(rp_problems_of_step(&source, 8, 0, arena, &c, &n));
    size_t same = 0;
    for (size_t i = 0; i < 5; i++) {
        assert_true(rp_str_equal(a[i].question, b[i].question));
        same += rp_str_equal(a[i].question, c[i].question);
    }
    assert_true(same < 5);
}

static void test_a_data_set_is_walked_once_per_epoch_in_a_new_order(void **state) {
    rp_arena *arena = *state;
    const char *path = temporary_path("problems.jsonl");
    rp_buffer text = rp_buffer_in(arena);
    for (int i = 0; i < 10; i++) rp_buffer_format(&text, "{\"question\": \"q%d\", \"answer\": \"%d\"}\n", i, i);
    assert_ok(rp_file_write(arena, path, text.data, text.length));
    rp_recipe recipe;
    rp_recipe_defaults(&recipe);
    recipe.data = path;
    recipe.questions = 4;
    rp_problem_source source;
    assert_ok(rp_problems_open(arena, &recipe, &source));
    int seen[2][10] = {{0}}, order[20];
    for (int64_t step = 0; step < 5; step++) {
        rp_problem *p;
        size_t n;
        assert_ok(rp_problems_of_step(&source, step, 0, arena, &p, &n));
        assert_int_equal(n, 4);
        for (size_t i = 0; i < 4; i++) {
            const int k = (int)step * 4 + (int)i, q = p[i].question.data[1] - '0';
            seen[k / 10][q]++;
            order[k] = q;
        }
    }
    for (int e = 0; e < 2; e++)
        for (int q = 0; q < 10; q++) assert_int_equal(seen[e][q], 1);
    assert_true(memcmp(order, order + 10, 10 * sizeof *order) != 0);
}

static void test_bad_choices_are_refused(void **state) {
    static const struct {
        const char *mix, *families, *data, *sentence;
    } cases[] = {
        {"easy", "", "world", "mix: \"easy\" is not of the form tier:questions"},
        {"esay:3", "", "world", "mix: \"esay:3\" names no tier"},
        {"easy:0", "", "world", "asks no question"},
        {"hard:1", "calc1", "world", "none of the families is of the tier hard"},
        {"easy:1", "calc1, clac3", "world", "families: unknown family or tier 'clac3'; did you mean 'calc3'?"},
        {"easy:1", "", "/no/such.jsonl", "/no/such.jsonl"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rp_recipe recipe;
        rp_recipe_defaults(&recipe);
        recipe.mix = cases[i].mix;
        recipe.families = cases[i].families;
        recipe.data = cases[i].data;
        rp_problem_source source;
        assert_true(rp_problems_open(*state, &recipe, &source) != RP_OK);
        if (!strstr(rp_last_error(), cases[i].sentence))
            fail_msg("\"%s\" does not say \"%s\"", rp_last_error(), cases[i].sentence);
    }
}

static void test_evaluation_problems_are_distinct_held_out_and_the_same_for_every_seed(void **state) {
    rp_arena *arena = *state;
    rp_recipe recipe;
    rp_recipe_defaults(&recipe);
    recipe.families = "calc1, mean3";
    recipe.mix = "easy:1";
    recipe.eval_count = 20;
    rp_problem_source source;
    rp_dataset a, b;
    assert_ok(rp_problems_open(arena, &recipe, &source));
    assert_ok(rp_problems_for_eval(&source, RP_SPLIT_TEST, arena, &a));
    recipe.seed = 99;
    assert_ok(rp_problems_for_eval(&source, RP_SPLIT_TEST, arena, &b));
    assert_int_equal(a.count, 40);
    assert_int_equal(b.count, 40);
    for (size_t i = 0; i < a.count; i++) {
        assert_true(rp_str_equal(a.problems[i].question, b.problems[i].question));
        for (size_t j = 0; j < i; j++) assert_false(rp_str_equal(a.problems[i].question, a.problems[j].question));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_mix_decides_the_tiers_and_the_step_the_questions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_data_set_is_walked_once_per_epoch_in_a_new_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_choices_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_evaluation_problems_are_distinct_held_out_and_the_same_for_every_seed, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
