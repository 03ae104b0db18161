/* SPDX-License-Identifier: MIT
 *
 * rephrase tokenize: both directions, lines and words, and sentences that name the line.
 */
#include "check.h"

#include "../../src/cli/commands.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Runs the command with standard output and error in a file; returns the exit code and what was printed. */
static int run(rp_arena *arena, int argc, const char **argv, rp_str *printed) {
    const char *path = temporary_path("cmd_tokenize.out");
    (void)fflush(stdout);
    (void)fflush(stderr);
    const int saved_out = dup(1), saved_err = dup(2), file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(saved_out >= 0 && saved_err >= 0 && file >= 0);
    assert_true(dup2(file, 1) >= 0 && dup2(file, 2) >= 0);
    (void)close(file);
    const int code = rp_command_run(&rp_command_tokenize, argc, (char **)argv);
    (void)fflush(stdout);
    (void)fflush(stderr);
    assert_true(dup2(saved_out, 1) >= 0 && dup2(saved_err, 2) >= 0);
    (void)close(saved_out);
    (void)close(saved_err);
    assert_ok(rp_file_read(arena, path, 0, printed));
    return code;
}

static const char *write_lines(const char *text) {
    static char path[512];
    rp_arena *arena = rp_arena_create("lines", 0);
    (void)snprintf(path, sizeof path, "%s", temporary_path("lines.jsonl"));
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    rp_arena_destroy(arena);
    return path;
}

static const char *tokenizer(void) {
    return source_path("data/golden/v1/text/tokenizer_gpt2.json");
}

/* Ids of the golden tokenizer: <|endoftext|> is 0, then the printable bytes from '!' = 1 on; "the" is a token of its own.
 */
static void test_words_become_ids_and_back(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *forth[] = {"tokenize", "--tokenizer", tokenizer(), "#!", "<|endoftext|>", "--tokens", "--offsets"};
    assert_int_equal(run(arena, 7, forth, &out), 0);
    assert_text(out, "{\"ids\": [3, 1], \"tokens\": [\"#\", \"!\"], \"offsets\": [[0, 1], [1, 2]]}\n"
                     "{\"ids\": [0], \"tokens\": [\"<|endoftext|>\"], \"offsets\": [[0, 13]]}\n");
    const char *back[] = {"tokenize", "--tokenizer", tokenizer(), "--decode", "3", "0", "1"};
    assert_int_equal(run(arena, 7, back, &out), 0);
    assert_text(out, "{\"text\": \"#<|endoftext|>!\"}\n");
    const char *skipping[] = {"tokenize", "--tokenizer", tokenizer(), "--decode", "--skip-special", "3", "0", "1"};
    assert_int_equal(run(arena, 8, skipping, &out), 0);
    assert_text(out, "{\"text\": \"#!\"}\n");
    const char *plain[] = {"tokenize", "--tokenizer", tokenizer(), "--plain", "<|"};
    assert_int_equal(run(arena, 5, plain, &out), 0);
    rp_arena_destroy(arena);
}

static void test_lines_keep_their_order(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *lines = write_lines("{\"text\": \"#\"}\n\n{\"hex\": \"2122\"}\n{\"text\": \"\"}\n");
    const char *argv[] = {"tokenize", "--tokenizer", tokenizer(), "--jsonl", lines};
    assert_int_equal(run(arena, 5, argv, &out), 0);
    assert_text(out, "{\"ids\": [3]}\n{\"ids\": [1, 2]}\n{\"ids\": []}\n");
    lines = write_lines("{\"ids\": [3, 1]}\n{\"ids\": []}\n");
    const char *decode[] = {"tokenize", "--tokenizer", tokenizer(), "--decode", "--jsonl", lines};
    assert_int_equal(run(arena, 6, decode, &out), 0);
    assert_text(out, "{\"text\": \"#!\"}\n{\"text\": \"\"}\n");
    rp_arena_destroy(arena);
}

static void test_errors_name_the_line(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    static const struct {
        const char *lines, *part;
        bool decode;
    } cases[] = {
        {"{\"text\": \"#\"}\n{\"text\": 7}\n", "lines.jsonl:2: $.text: expected a string", false},
        {"{\"text\": \"#\"}\n{\"text\": \n", "lines.jsonl:2", false},
        {"{\"hex\": \"c328\"}\n", "lines.jsonl:1: invalid UTF-8 at byte 0", false},
        {"{\"hex\": \"c\"}\n", "lines.jsonl:1: $.hex: expected an even number of hexadecimal digits", false},
        {"{\"hex\": \"zz\"}\n", "hexadecimal", false},
        {"[1]\n", "lines.jsonl:1", false},
        {"{}\n", "$.text", false},
        {"{\"ids\": [1]}\n{\"ids\": [99999]}\n", "lines.jsonl:2: id 99999", true},
        {"{\"ids\": [-1]}\n", "lines.jsonl:1: $.ids[0]", true},
        {"{\"text\": \"#\"}\n", "lines.jsonl:1: $.ids", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *lines = write_lines(cases[i].lines);
        const char *argv[] = {"tokenize", "--tokenizer", tokenizer(), "--jsonl", lines, "--decode"};
        rp_str out;
        assert_int_equal(run(arena, cases[i].decode ? 6 : 5, argv, &out), 1);
        if (!strstr(out.data, cases[i].part)) fail_msg("\"%s\" is not in \"%s\"", cases[i].part, out.data);
    }
    rp_arena_destroy(arena);
}

static void test_invalid_bytes_can_be_replaced(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out, same;
    const char *lines = write_lines("{\"hex\": \"23ff\"}\n");
    const char *argv[] = {"tokenize", "--tokenizer", tokenizer(), "--replace-invalid", "--jsonl", lines};
    assert_int_equal(run(arena, 6, argv, &out), 0);
    const char *word[] = {"tokenize", "--tokenizer", tokenizer(), "#\xEF\xBF\xBD"};
    assert_int_equal(run(arena, 4, word, &same), 0);
    assert_true(rp_str_equal(out, same));
    rp_arena_destroy(arena);
}

static void test_wrong_calls_are_explained(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *bare[] = {"tokenize", "x"};
    assert_int_equal(run(arena, 2, bare, &out), 2);
    assert_non_null(strstr(out.data, "give either --tokenizer or --train"));
    const char *idle[] = {"tokenize", "--tokenizer", tokenizer()};
    assert_int_equal(run(arena, 3, idle, &out), 2);
    assert_non_null(strstr(out.data, "nothing to do"));
    const char *both[] = {"tokenize", "--tokenizer", tokenizer(), "--jsonl", "-", "x"};
    assert_int_equal(run(arena, 6, both, &out), 2);
    const char *absent[] = {"tokenize", "--tokenizer", "nowhere.json", "x"};
    assert_int_equal(run(arena, 4, absent, &out), 1);
    assert_non_null(strstr(out.data, "nowhere.json"));
    const char *words[] = {"tokenize", "--tokenizer", tokenizer(), "--decode", "x"};
    assert_int_equal(run(arena, 5, words, &out), 2);
    assert_non_null(strstr(out.data, "\"x\" is not an id"));
    rp_arena_destroy(arena);
}

static void test_saved_tokenizer_encodes_the_same(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str first, second;
    const char *copy = rp_strdup(arena, temporary_path("saved_tokenizer.json"));
    const char *save[] = {"tokenize", "--tokenizer", tokenizer(), "--save", copy, "the farmer's eggs"};
    assert_int_equal(run(arena, 6, save, &first), 0);
    const char *again[] = {"tokenize", "--tokenizer", copy, "the farmer's eggs"};
    assert_int_equal(run(arena, 4, again, &second), 0);
    assert_true(rp_str_equal(first, second));
    rp_arena_destroy(arena);
}

static void test_conversations_follow_the_named_layout(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *smollm = rp_strdup(arena, source_path("data/golden/v1/text/tokenizer_smollm.json"));
    const char *lines = write_lines("{\"messages\": [{\"role\": \"a\", \"content\": \"b\"}]}\n");
    const char *with[] = {"tokenize", "--tokenizer", smollm, "--chat-format", "chatml", "--no-generation",
                          "--tokens", "--jsonl",     lines};
    assert_int_equal(run(arena, 9, with, &out), 0);
    assert_non_null(strstr(out.data, "[\"<|im_start|>\", \"a\", \"\u010a\", \"b\", \"<|im_end|>\", \"\u010a\"]"));
    const char *without[] = {"tokenize", "--tokenizer", smollm, "--jsonl", lines};
    assert_int_equal(run(arena, 5, without, &out), 1);
    assert_non_null(strstr(out.data, "name a layout with --chat-format"));
    const char *unknown[] = {"tokenize", "--tokenizer", smollm, "--chat-format", "chatlm", "--jsonl", lines};
    assert_int_not_equal(run(arena, 7, unknown, &out), 0);
    assert_non_null(strstr(out.data, "did you mean chatml?"));
    rp_arena_destroy(arena);
}

/* By hand: in "ababab" twice the pair ab comes first, then abab. */
static void test_training_writes_a_tokenizer(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *saved = rp_strdup(arena, temporary_path("trained_here.json")),
               *lines = write_lines("{\"text\": \"ababab\"}\n\n{\"text\": \"ababab\"}\n");
    const char *train[] = {"tokenize", "--train", lines, "--vocab-size", "5", "--special", "<s>", "--no-whole-alphabet",
                           "--save",   saved};
    assert_int_equal(run(arena, 10, train, &out), 0);
    const char *use[] = {"tokenize", "--tokenizer", saved, "<s>ababab", "--tokens"};
    assert_int_equal(run(arena, 5, use, &out), 0);
    assert_text(out, "{\"ids\": [0, 4, 3], \"tokens\": [\"<s>\", \"abab\", \"ab\"]}\n");
    const char *wrong[] = {"tokenize", "--train", lines, "--splitter", "gtp2", "x"};
    assert_int_equal(run(arena, 6, wrong, &out), 2);
    assert_non_null(strstr(out.data, "did you mean gpt2?"));
    lines = write_lines("{\"text\": \"ab\"}\n{\"txt\": 1}\n");
    const char *broken[] = {"tokenize", "--train", lines, "x"};
    assert_int_equal(run(arena, 4, broken, &out), 1);
    assert_non_null(strstr(out.data, "lines.jsonl:2: $.text"));
    rp_arena_destroy(arena);
}

static void test_speed_is_measured(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    const char *lines = write_lines("#!#!");
    const char *argv[] = {"tokenize", "--tokenizer", tokenizer(), "--bench", lines};
    assert_int_equal(run(arena, 5, argv, &out), 0);
    assert_non_null(strstr(out.data, "{\"bytes\": 4, \"tokens\": 4, \"encode_mb_per_s\": "));
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_become_ids_and_back),
        cmocka_unit_test(test_lines_keep_their_order),
        cmocka_unit_test(test_errors_name_the_line),
        cmocka_unit_test(test_invalid_bytes_can_be_replaced),
        cmocka_unit_test(test_wrong_calls_are_explained),
        cmocka_unit_test(test_saved_tokenizer_encodes_the_same),
        cmocka_unit_test(test_conversations_follow_the_named_layout),
        cmocka_unit_test(test_training_writes_a_tokenizer),
        cmocka_unit_test(test_speed_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
