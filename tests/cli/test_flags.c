/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/cli/cli.h"

static bool verbose;
static const char *path;
static int64_t count;
static double rate;
static rp_text_list sets, words;
static const rp_flag flags[] = {
    {"verbose", RP_FLAG_BOOL, &verbose, NULL, "say more"}, {"path", RP_FLAG_TEXT, &path, "FILE", "a file"},
    {"count", RP_FLAG_INT, &count, "N", "a number"},       {"rate", RP_FLAG_REAL, &rate, "R", "a rate"},
    {"set", RP_FLAG_LIST, &sets, "K=V", "a setting"},      {NULL, RP_FLAG_BOOL, NULL, NULL, NULL},
};
static const rp_command_help help = {"test", "about", NULL};

static rp_status parse(int argc, char **argv) {
    bool done;
    verbose = false, path = NULL, count = 1, rate = 0.5;
    sets.count = words.count = 0;
    return rp_flags_parse(flags, &help, argc, argv, &words, &done);
}

static void test_all_forms_are_read(void **state) {
    (void)state;
    char *argv[] = {"x",      "--verbose", "--path", "a b",       "--count=7", "word",   "--rate",
                    "2.5e-1", "--set",     "a=1",    "--set=b=2", "--",        "--count"};
    assert_ok(parse(13, argv));
    assert_true(verbose && count == 7 && rate == 0.25);
    assert_string_equal(path, "a b");
    assert_int_equal(sets.count, 2);
    assert_string_equal(sets.items[1], "b=2");
    assert_int_equal(words.count, 2);
    assert_string_equal(words.items[1], "--count");
    char *off[] = {"x", "--verbose", "--no-verbose"};
    assert_ok(parse(3, off));
    assert_false(verbose);
}

static void test_mistakes_are_named(void **state) {
    (void)state;
    static const struct {
        char *argument;
        const char *sentence;
    } cases[] = {
        {"--cuont", "there is no flag --cuont; did you mean --count?"},
        {"--count", "--count wants a value (N)"},
        {"--count=1.5", "--count wants a whole number, not \"1.5\""},
        {"--rate=fast", "--rate wants a number"},
        {"--verbose=1", "--verbose takes no value"},
        {"--zzzzzzzz", "there is no flag --zzzzzzzz; --help"},
        {"--no-count", "there is no flag --no-count"},
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
