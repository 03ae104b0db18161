/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/cli/cli.h"

typedef struct arguments {
    bool verbose, wide;
    const char *path;
    int64_t count;
    double rate;
    rp_text_list sets;
    struct {
        int64_t top_k;
    } inner;
} arguments;

typedef struct inner {
    int64_t top_k;
} inner;

static const rp_option options[] = {
    RP_OPTION_BOOL(arguments, verbose, "verbose", false, "say more"),
    RP_OPTION_BOOL(arguments, wide, "wide", true, "wide lines"),
    RP_OPTION_TEXT(arguments, path, "path", NULL, "a file", .value = "FILE"),
    RP_OPTION_INT(arguments, count, "count", 1, 0, 10, "a number"),
    RP_OPTION_REAL(arguments, rate, "learning_rate", 0.5, 0, 1, "a rate", .former = "rate", .verl = "optim.lr"),
    RP_OPTION_LIST(arguments, sets, "set", "a setting", .value = "K=V"),
    RP_OPTION_END,
};
static const rp_option shared[] = {
    RP_OPTION_INT(inner, top_k, "top_k", 3, 0, 100, "K"),
    RP_OPTION_END,
};
static const rp_command command = {.name = "test",
                                   .usage = "test",
                                   .about = "about",
                                   .words = "WORD",
                                   .arguments = sizeof(arguments),
                                   .options = options,
                                   .shared = shared,
                                   .shared_offset = offsetof(arguments, inner)};

static rp_arena *arena;
static rp_invocation call;
static rp_status parse(int argc, char **argv) {
    bool done;
    if (!arena) arena = rp_arena_create("flags", 0);
    return rp_flags_parse(&command, arena, argc, argv, &call, &done);
}

static void test_all_forms_are_read(void **state) {
    (void)state;
    char *argv[] = {"x",      "--verbose", "--path", "a b",       "--count=7", "word",   "--learning-rate",
                    "2.5e-1", "--set",     "a=1",    "--set=b=2", "--",        "--count"};
    assert_ok(parse(13, argv));
    const arguments *a = call.arguments;
    assert_true(a->verbose && a->wide && a->count == 7 && a->rate == 0.25 && a->inner.top_k == 3);
    assert_string_equal(a->path, "a b");
    assert_int_equal(a->sets.count, 2);
    assert_string_equal(a->sets.items[1], "b=2");
    assert_int_equal(call.words.count, 2);
    assert_string_equal(call.words.items[1], "--count");
    char *off[] = {"x", "--verbose", "--no-verbose"};
    assert_ok(parse(3, off));
    a = call.arguments;
    assert_false(a->verbose);
    char *both[] = {"x", "--learning_rate=1", "--top-k", "5", "--no-wide", "--verbose=true"};
    assert_ok(parse(6, both));
    a = call.arguments;
    assert_true(a->rate == 1 && a->inner.top_k == 5 && !a->wide && a->verbose);
}

static void test_mistakes_are_named(void **state) {
    (void)state;
    static const struct {
        char *argument;
        const char *sentence;
    } cases[] = {
        {"--cuont", "there is no flag --cuont; did you mean --count?"},
        {"--count", "--count needs a value (N)"},
        {"--count=1.5", "--count is a whole number from 0 to 10, not \"1.5\""},
        {"--count=11", "--count is a whole number from 0 to 10, not \"11\""},
        {"--learning-rate=fast", "--learning-rate is a number from 0 to 1, not \"fast\""},
        {"--verbose=1", "--verbose is true or false, not \"1\""},
        {"--top-k=x", "--top-k is a whole number"},
        {"--zzzzzzzz", "there is no flag --zzzzzzzz; --help"},
        {"--no-count", "there is no flag --no-count"},
        {"--rate=1", "there is no flag --rate; here it is called --learning-rate"},
        {"--lr", "there is no flag --lr; here it is called --learning-rate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *argv[] = {"x", cases[i].argument};
        assert_fails(parse(2, argv), RP_ERR_ARGUMENT, cases[i].sentence);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_forms_are_read),
        cmocka_unit_test(test_mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
