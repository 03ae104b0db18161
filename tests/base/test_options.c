/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/options.h>

#include <string.h>

typedef enum colour { RED, GREEN, BLUE } colour;

typedef struct settings {
    int64_t before, steps;
    bool quiet;
    double epsilon_high;
    colour shade;
    int level;
    const char *out;
    rp_text_list stops;
    int64_t after;
} settings;

static const rp_option options[] = {
    RP_OPTION_INT(settings, steps, "steps", 300, 0, 9e15, "steps", .section = "rl", .trl = "max_steps"),
    RP_OPTION_BOOL(settings, quiet, "quiet", true, "say less"),
    RP_OPTION_REAL(settings, epsilon_high, "epsilon_high", 0.2, 0, 1, "the ratio is clipped above 1 + epsilon_high",
                   .trl = "epsilon_high", .verl = "actor.clip_ratio_high", .former = "clip_high, cap_high"),
    RP_OPTION_CHOICE(settings, shade, "shade", GREEN, RP_CHOICES("red", "green", "blue"), "a colour"),
    RP_OPTION_CHOICE(settings, level, "level", 0, RP_CHOICES("token", "sequence"), "a level"),
    RP_OPTION_TEXT(settings, out, "out", "runs", "a directory", .value = "DIR"),
    RP_OPTION_LIST(settings, stops, "stops", "texts"),
    RP_OPTION_END,
};

static settings defaults(void) {
    settings s = {.before = 7, .after = 8};
    rp_options_defaults(options, &s);
    return s;
}

static rp_status set(settings *s, const char *name, const char *value) {
    const rp_option *option = rp_options_find(options, NULL, name);
    assert_non_null(option);
    return rp_option_set(option, NULL, s, value);
}

static void test_every_kind_has_its_default_and_is_parsed(void **state) {
    (void)state;
    settings s = defaults();
    assert_true(s.steps == 300 && s.quiet && s.epsilon_high == 0.2 && s.shade == GREEN && s.level == 0);
    assert_string_equal(s.out, "runs");
    assert_int_equal(s.stops.count, 0);
    assert_ok(set(&s, "steps", "4503599627370497"));
    assert_ok(set(&s, "quiet", "false"));
    assert_ok(set(&s, "epsilon-high", "2.5e-1"));
    assert_ok(set(&s, "shade", "blue"));
    assert_ok(set(&s, "level", "sequence"));
    assert_ok(set(&s, "out", ""));
    assert_ok(set(&s, "stops", "a"));
    assert_ok(set(&s, "stops", "b"));
    assert_true(s.steps == INT64_C(4503599627370497) && !s.quiet && s.epsilon_high == 0.25 && s.shade == BLUE &&
                s.level == 1);
    assert_string_equal(s.out, "");
    assert_int_equal(s.stops.count, 2);
    assert_string_equal(s.stops.items[1], "b");
    assert_true(s.before == 7 && s.after == 8); /* nothing beside the fields was touched */
    assert_int_equal(rp_options_count(options), 7);
}

static void test_a_wrong_value_names_the_option_the_value_and_what_is_allowed(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *sentence;
    } cases[] = {
        {"steps", "1.5", "steps is a whole number from 0 to 9e+15, not \"1.5\""},
        {"steps", "-1", "not \"-1\""},
        {"steps", "99999999999999999999", "a whole number from 0"},
        {"steps", "", "not \"\""},
        {"epsilon_high", "2", "epsilon_high is a number from 0 to 1, not \"2\""},
        {"epsilon_high", "nan", "not \"nan\""},
        {"epsilon_high", "inf", "not \"inf\""},
        {"epsilon_high", "0.2x", "not \"0.2x\""},
        {"epsilon_high", "0x1", "not \"0x1\""},
        {"quiet", "on", "quiet is true or false, not \"on\""},
        {"quiet", "1", "quiet is true or false, not \"1\""},
        {"quiet", "True", "quiet is true or false, not \"True\""},
        {"shade", "gren", "shade is one of red, green, blue, not \"gren\"; did you mean green?"},
        {"shade", "", "shade is one of"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        settings s = defaults();
        const settings before = s;
        assert_fails(set(&s, cases[i].name, cases[i].value), RP_ERR_ARGUMENT, cases[i].sentence);
        assert_true(s.steps == before.steps && s.quiet == before.quiet && s.epsilon_high == before.epsilon_high &&
                    s.shade == before.shade);
    }
    settings s = defaults();
    assert_fails(rp_option_set(&options[0], "--steps", &s, "x"), RP_ERR_ARGUMENT, "--steps is a whole number");
    for (int i = 0; i < RP_LIST_MAX; i++) assert_ok(set(&s, "stops", "x"));
    assert_fails(set(&s, "stops", "x"), RP_ERR_LIMIT, "stops was given more than 64 times");
}

static void test_every_value_is_written_as_it_is_read(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("options", 0);
    settings s = defaults(), back = defaults();
    static const char *const values[][2] = {{"steps", "9000000000000000"}, {"quiet", "false"},
                                            {"epsilon_high", "0.0001"},    {"shade", "red"},
                                            {"level", "sequence"},         {"out", "a b"}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const rp_option *option = rp_options_find(options, NULL, values[i][0]);
        rp_buffer text = rp_buffer_in(arena);
        assert_ok(set(&s, values[i][0], values[i][1]));
        rp_option_write(option, &s, &text);
        assert_string_equal(text.data, values[i][1]);
        assert_ok(rp_option_set(option, NULL, &back, text.data));
    }
    assert_true(rp_option_number(&options[3], &back) == 0 && rp_option_number(&options[4], &back) == 1);
    assert_true(rp_option_number(&options[0], &back) == 9e15 && rp_option_number(&options[1], &back) == 0);
    rp_buffer text = rp_buffer_in(arena);
    for (size_t i = 0; i < 7; i++) {
        rp_option_write_default(&options[i], &text);
        rp_buffer_char(&text, ';');
    }
    assert_string_equal(text.data, "300;true;0.2;green;token;runs;;");
    rp_arena_destroy(arena);
}

static void test_an_unknown_name_is_answered_by_the_right_one(void **state) {
    (void)state;
    const rp_option *const tables[] = {options, NULL};
    static const struct {
        const char *name, *sentence;
    } cases[] = {
        {"clip_high", "HEAD; here it is called epsilon_high"},       /* a former name */
        {"cap_high", "HEAD; here it is called epsilon_high"},        /* a second one */
        {"clip_ratio_high", "HEAD; here it is called epsilon_high"}, /* verl's, by its last word */
        {"actor.clip_ratio_high", "HEAD; here it is called epsilon_high"},
        {"max_steps", "HEAD; here it is called steps"}, /* TRL's */
        {"stpes", "HEAD; did you mean steps?"},
        {"zzzzzzzz", "HEAD; TAIL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_fails(rp_option_unknown(tables, cases[i].name, false, "HEAD", "TAIL"), RP_ERR_ARGUMENT, cases[i].sentence);
    assert_fails(rp_option_unknown(tables, "clip-high", true, "HEAD", "TAIL"), RP_ERR_ARGUMENT, "called --epsilon-high");
    assert_null(rp_options_find(options, NULL, "clip_high"));
    assert_null(rp_options_find(options, "pretrain", "steps"));
    assert_non_null(rp_options_find(options, "rl", "steps"));
    char peers[160];
    rp_option_peers(&options[2], peers);
    assert_string_equal(peers, " (TRL: epsilon_high; verl: actor.clip_ratio_high)");
    rp_option_peers(&options[0], peers);
    assert_string_equal(peers, " (TRL: max_steps)");
    rp_option_peers(&options[1], peers);
    assert_string_equal(peers, "");
}

static void test_a_table_is_a_json_array(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("options", 0);
    rp_buffer text = rp_buffer_in(arena);
    rp_json_writer writer = rp_json_write_to(&text);
    rp_options_json(options, &writer);
    rp_json_document *document = NULL;
    assert_ok(rp_json_parse(text.data, text.length, "options", &document));
    const rp_json root = rp_json_root(document), first = rp_json_at(&root, 0), low = rp_json_key(&first, "low"),
                  trl = rp_json_key(&first, "trl"), fourth = rp_json_at(&root, 3),
                  choices = rp_json_key(&fourth, "choices");
    double lo = 1;
    rp_str name;
    assert_int_equal(rp_json_length(&root), 7);
    assert_ok(rp_json_get_double(&low, &lo));
    assert_true(lo == 0);
    assert_ok(rp_json_get_string(&trl, &name));
    assert_true(rp_str_is(name, "max_steps"));
    assert_int_equal(rp_json_length(&choices), 3);
    rp_json_free(document);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_has_its_default_and_is_parsed),
        cmocka_unit_test(test_a_wrong_value_names_the_option_the_value_and_what_is_allowed),
        cmocka_unit_test(test_every_value_is_written_as_it_is_read),
        cmocka_unit_test(test_an_unknown_name_is_answered_by_the_right_one),
        cmocka_unit_test(test_a_table_is_a_json_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
