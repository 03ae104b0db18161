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

static rp_status load_text(rp_arena *arena, rp_recipe *recipe, const char *text) {
    const char *path = temporary_path("recipe.ini");
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    return rp_recipe_load(arena, recipe, path);
}

static void test_keys_of_all_kinds_are_read_from_ini(void **state) {
    rp_recipe r;
    rp_recipe_defaults(&r);
    assert_true(r.optimizer.steps == 300 && r.num_generations == 8 && r.tied && r.strict == 1 &&
                r.optimizer.learning_rate == 1e-4);
    assert_ok(load_text(*state, &r,
                        "; a comment\n[rl]\nsteps = 7 ; behind a value\nlearning_rate=2.5e-5\nstrict = outcome\n"
                        "[model]\ntied = false\n[text]\nprompt = Q: {question}\n    in two lines\n"
                        "[repo]\nrho = 0.5\nconvention = verl\n"));
    assert_true(r.optimizer.steps == 7 && r.optimizer.learning_rate == 2.5e-5 && r.strict == 0 && !r.tied);
    assert_string_equal(r.prompt, "Q: {question}\nin two lines");
    assert_int_equal(r.chosen_count, 1);
    assert_string_equal(r.chosen[0].convention, "verl");
    assert_near(rp_settings_get(r.chosen[0].settings.of, &r.chosen[0].settings, "rho"), 0.5, 0, 0);
}

static void test_mistakes_name_file_line_and_the_nearest_key(void **state) {
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"[rl]\nstpes = 3\n", "recipe.ini:2: there is no key \"stpes\" in section [rl]; did you mean steps?"},
        {"[rl]\n\nsteps = many\n", "recipe.ini:3: steps is a whole number from 0 to 1000000000, not \"many\""},
        {"[rl]\nsteps = -1\n", "recipe.ini:2: steps is a whole number from 0 to 1000000000, not \"-1\""},
        {"[rl]\nlearning_rate = fast\n", "learning_rate is a number from 0 to 1, not \"fast\""},
        {"[rl]\nstrict = very\n", "strict is one of outcome, strict, not \"very\""},
        {"[model]\ntied = yes\n", "tied is true or false, not \"yes\""},
        {"[grop]\nsteps = 1\n", "did you mean"},
        {"[repo]\nrhoo = 0.5\n", "recipe.ini:2: "},
        {"[repo]\nrho = 1.5\n", "recipe.ini:2: "},
        {"steps = 1\n", "recipe.ini:1: \"steps\" stands before the first [section]"},
        {"[rl]\nno equals sign\n", "recipe.ini:2: is neither \"[section]\" nor \"key = value\""},
        {"[model]\nsteps = 1\n", "there is no key \"steps\" in section [model]; it belongs to section [rl]"},
        {"[rl]\nclip = 1\n", "recipe.ini:2: there is no key \"clip\" in section [rl]; here it is called max_grad_norm"},
        {"[rl]\nrollouts = 1\n", "here it is called num_generations"},
        {"[rl]\nmax_new = 1\n", "here it is called max_completion_length"},
        {"[rl]\nppo_epochs = 1\n", "here it is called num_iterations"},
        {"[rl]\nlr = 1\n", "here it is called learning_rate"},
        {"[pretrain]\npretrain_decay = 1\n", "here it is called pretrain_weight_decay"},
        {"[rl]\nsteps = 1\nsteps = 2\n", "recipe.ini:3: steps is a whole number from 0 to 1000000000, not \"1\n2\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rp_recipe r;
        rp_recipe_defaults(&r);
        const rp_status status = load_text(*state, &r, cases[i].text);
        assert_true(status != RP_OK);
        if (!strstr(rp_last_error(), cases[i].sentence))
            fail_msg("\"%s\" does not say \"%s\"", rp_last_error(), cases[i].sentence);
        assert_true(r.optimizer.steps == 300); /* nothing of a refused file is kept */
    }
    rp_recipe r;
    rp_recipe_defaults(&r);
    char longer[400] = "[text]\nprompt = ";
    memset(longer + strlen(longer), 'x', 250);
    assert_fails(load_text(*state, &r, longer), RP_ERR_FORMAT, "recipe.ini:2: the line is longer than 198 bytes");
    assert_fails(rp_recipe_load(*state, &r, "/no/such.ini"), RP_ERR_IO, "/no/such.ini: cannot open");
}

/* Every row of the table: a value that is not the default is set, written, and read back to the same text. */
static void test_every_key_survives_writing_and_reading(void **state) {
    rp_arena *arena = *state;
    rp_recipe r, back;
    rp_recipe_defaults(&r);
    for (const rp_option *key = rp_recipe_keys; key->name; key++) {
        const char *value = key->kind == RP_OPTION_KIND_BOOL     ? (key->initial > 0 ? "false" : "true")
                            : key->kind == RP_OPTION_KIND_CHOICE ? key->choices[0]
                            : key->kind == RP_OPTION_KIND_TEXT   ? "one\ntwo: {question}"
                            : key->kind == RP_OPTION_KIND_INT
                                ? rp_sprintf(arena, "%.0f", key->hi)
                                : rp_sprintf(arena, "%.17g", key->lo + (key->hi - key->lo) / 3);
        assert_ok(rp_recipe_set(arena, &r, key->section, key->name, value));
        assert_ok(rp_recipe_set(arena, &r, NULL, key->name, value)); /* names are unique across sections */
    }
    assert_ok(rp_recipe_set(arena, &r, NULL, "repo.rho", "0.25"));
    rp_buffer first = rp_buffer_in(arena), second = rp_buffer_in(arena);
    rp_recipe_write(&r, &first);
    rp_recipe_defaults(&back);
    assert_ok(load_text(arena, &back, first.data));
    rp_recipe_write(&back, &second);
    assert_string_equal(first.data, second.data);
    assert_string_equal(back.prompt, "one\ntwo: {question}");
}

static void test_settings_put_the_convention_below_single_keys(void **state) {
    rp_arena *arena = *state;
    rp_recipe r;
    rp_recipe_defaults(&r);
    const rp_algorithm *grpo = rp_algorithm_find("grpo");
    assert_ok(rp_recipe_set(arena, &r, NULL, "grpo.epsilon", "0.123"));
    assert_ok(rp_recipe_set(arena, &r, NULL, "grpo.convention", "trl"));
    rp_settings trl = rp_settings_defaults(grpo);
    const rp_settings settings = rp_recipe_settings(&r, grpo);
    assert_ok(rp_settings_apply(grpo, "trl", &trl));
    assert_near(rp_settings_get(grpo, &settings, "epsilon"), 0.123, 0, 0);
    assert_near(rp_settings_get(grpo, &settings, "std_epsilon"), rp_settings_get(grpo, &trl, "std_epsilon"), 0, 0);
    assert_fails(rp_recipe_set(arena, &r, NULL, "grpo.convention", "nobody"), RP_ERR_ARGUMENT, "nobody");
    assert_fails(rp_recipe_set(arena, &r, NULL, "grrpo.epsilon", "1"), RP_ERR_ARGUMENT, "grpo");
}

static void test_recipes_in_the_repository_load(void **state) {
    static const char *const names[] = {"data/recipes/micro-world.ini", "data/recipes/quick.ini",
                                        "data/recipes/gsm8k-smollm2.ini"};
    for (size_t i = 0; i < 3; i++) {
        rp_recipe r;
        rp_recipe_defaults(&r);
        assert_ok(rp_recipe_load(*state, &r, source_path(names[i])));
        assert_true(r.optimizer.steps > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys_of_all_kinds_are_read_from_ini, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mistakes_name_file_line_and_the_nearest_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_key_survives_writing_and_reading, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings_put_the_convention_below_single_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recipes_in_the_repository_load, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
