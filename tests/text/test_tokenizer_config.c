/* SPDX-License-Identifier: MIT
 *
 * tokenizer_config.json and chat_template.jinja beside a tokenizer.json: what AutoTokenizer takes from them.
 */
#include "golden.h"

#define BYTE_LEVEL "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}"

/* Four ordinary tokens and <s> = 4; `more` is put into the file, `config` beside it. */
static rp_status load(rp_arena *arena, const char *more, const char *config, rp_tokenizer **tokenizer) {
    const char *folder = rp_strdup(arena, temporary_path("beside"));
    const char *text =
        rp_sprintf(arena,
                   "{\"added_tokens\":[{\"id\":4,\"content\":\"<s>\",\"special\":true}],\"pre_tokenizer\":" BYTE_LEVEL
                   ",\"decoder\":" BYTE_LEVEL "%s,\"model\":{\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"abb\":3},"
                   "\"merges\":[\"a b\",\"ab b\"]}}",
                   more);
    assert_ok(rp_make_directories(folder));
    assert_ok(rp_file_write(arena, rp_path_join(arena, folder, "tokenizer.json"), text, strlen(text)));
    assert_ok(rp_file_write(arena, rp_path_join(arena, folder, "tokenizer_config.json"), config, strlen(config)));
    return rp_tokenizer_load(arena, folder, tokenizer);
}

static void expect(const char *more, const char *config, const char *text, const int32_t *ids, size_t count) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *tokenizer;
    rp_encoding e;
    assert_ok(load(arena, more, config, &tokenizer));
    assert_ok(rp_encode(tokenizer, arena, rp_str_of(text), &(rp_encode_options){.add_special = true}, &e));
    assert_int_equal(e.length, count);
    assert_memory_equal(e.ids, ids, count * sizeof *ids);
    rp_arena_destroy(arena);
}

static void refuse(const char *config, rp_status status, const char *part) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *tokenizer = NULL;
    assert_fails(load(arena, "", config, &tokenizer), status, part);
    assert_null(tokenizer);
    rp_arena_destroy(arena);
}

#define TEMPLATE                                                                                                           \
    ",\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\"}},{\"Sequence\":{" \
    "\"id\":\"A\"}}],\"special_tokens\":{\"<s>\":{\"ids\":[4]}}}"
#define ENDS  "\"bos_token\":\"<s>\",\"eos_token\":\"<s>\""
#define LLAMA "{\"tokenizer_class\":\"LlamaTokenizerFast\"," ENDS

static void test_the_classes_of_llama_build_the_frame_anew(void **state) {
    (void)state;
    expect("", LLAMA ",\"add_bos_token\":true,\"add_eos_token\":false}", "ab", (const int32_t[]){4, 2}, 2);
    expect("", LLAMA ",\"add_bos_token\":false,\"add_eos_token\":true}", "ab", (const int32_t[]){2, 4}, 2);
    expect("", LLAMA ",\"add_eos_token\":true}", "ab", (const int32_t[]){4, 2, 4}, 3); /* its default is to begin */
    expect(TEMPLATE, LLAMA ",\"add_bos_token\":false}", "ab", (const int32_t[]){2}, 1);
    expect(TEMPLATE, LLAMA ",\"add_bos_token\":true}", "ab", (const int32_t[]){4, 2}, 2); /* once, not twice */
    expect(TEMPLATE, LLAMA "}", "ab", (const int32_t[]){4, 2}, 2);
    expect("", "{" ENDS ",\"add_bos_token\":true}", "ab", (const int32_t[]){4, 2}, 2); /* without a class */
    refuse("{\"tokenizer_class\":\"LlamaTokenizer\",\"add_bos_token\":true}", RP_ERR_FORMAT, "there is no bos_token");
    refuse(LLAMA ",\"add_bos_token\":\"yes\"}", RP_ERR_FORMAT, "$.add_bos_token");
}

static void remember(void *context, rp_log_level level, const char *message) {
    (void)level;
    (void)snprintf(context, 512, "%s", message);
}

static void test_other_classes_pass_the_keys_over_and_it_is_said(void **state) {
    (void)state;
    char said[512] = "";
    rp_log_set(remember, said);
    expect("", "{\"tokenizer_class\":\"PreTrainedTokenizerFast\"," ENDS ",\"add_bos_token\":true}", "ab",
           (const int32_t[]){2}, 1);
    assert_non_null(strstr(said, "add_bos_token is true, but tokenizer.json adds none"));
    said[0] = 0;
    expect("", "{\"tokenizer_class\":\"Qwen2Tokenizer\"," ENDS ",\"add_bos_token\":false}", "ab", (const int32_t[]){2}, 1);
    expect(TEMPLATE, "{\"tokenizer_class\":\"GPT2Tokenizer\"," ENDS ",\"add_bos_token\":true}", "ab",
           (const int32_t[]){4, 2}, 2);
    assert_string_equal(said, "");
    rp_log_set(NULL, NULL);
}

#define DECODER(entries) "{\"added_tokens_decoder\":{" entries "}}"

static void test_tokens_that_only_the_decoder_has_are_appended(void **state) {
    (void)state;
    expect("", DECODER("\"5\":{\"content\":\"<x>\",\"special\":true}"), "ab<x>", (const int32_t[]){2, 5}, 2);
    expect("", DECODER("\"6\":{\"content\":\"<y>\"},\"5\":{\"content\":\"<x>\"}"), "<y>ab<x>", (const int32_t[]){6, 2, 5},
           3);
    expect("", DECODER("\"4\":{\"content\":\"<s>\",\"special\":true}"), "ab<s>", (const int32_t[]){2, 4}, 2);
    expect("", DECODER("\"2\":{\"content\":\"ab\"}"), "abb", (const int32_t[]){2, 1},
           2); /* an ordinary token becomes an added one */
    refuse(DECODER("\"9\":{\"content\":\"<x>\"}"), RP_ERR_FORMAT,
           "gives \"<x>\" the id 9; with this tokenizer.json it has 5");
    refuse(DECODER("\"5\":{\"content\":\"<s>\"}"), RP_ERR_FORMAT,
           "gives \"<s>\" the id 5; with this tokenizer.json it has 4");
    refuse(DECODER("\"x\":{\"content\":\"<x>\"}"), RP_ERR_FORMAT, "\"x\" is not a token id");
    refuse(DECODER("\"5\":{}"), RP_ERR_FORMAT, "$.added_tokens_decoder.5.content");
    refuse("{\"added_tokens_decoder\":[]}", RP_ERR_FORMAT, "$.added_tokens_decoder");
}

static void test_stored_truncation_and_padding_are_off(void **state) {
    (void)state;
    const char *stored =
        ",\"truncation\":{\"direction\":\"Right\",\"max_length\":1,\"strategy\":\"LongestFirst\",\"stride\":0},"
        "\"padding\":{\"strategy\":{\"Fixed\":8},\"pad_id\":4,\"pad_token\":\"<s>\"}";
    expect(stored, "{}", "ab b ab", (const int32_t[]){2, 1, 2}, 3);
}

/* Python reads a text file's line ends as line feeds, and so does Jinja with a text from JSON. */
static void test_line_ends_do_not_change_a_template(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *tokenizer;
    static const char *const configs[] = {"{\"chat_template\": \"one\\r\\ntwo\\rthree\\n\"}", "{}"};
    const char *written = rp_strdup(arena, temporary_path("written-template.json"));
    for (int from_file = 0; from_file < 2; from_file++) {
        assert_ok(load(arena, "", configs[from_file], &tokenizer));
        const char *path = rp_path_join(arena, temporary_path("beside"), "chat_template.jinja");
        (void)remove(path); /* of an earlier run that failed */
        if (from_file) assert_ok(rp_file_write(arena, path, "one\r\ntwo\rthree\n", 15));
        assert_ok(rp_tokenizer_load(arena, rp_strdup(arena, temporary_path("beside")), &tokenizer));
        assert_true(rp_chat_is_unknown(tokenizer) && !rp_chat_of(tokenizer));
        rp_str text;
        assert_ok(rp_tokenizer_save_config(arena, tokenizer, written));
        assert_ok(rp_file_read(arena, written, 0, &text));
        assert_non_null(strstr(text.data, "\"one\\ntwo\\nthree\\n\""));
        (void)remove(path);
    }
    rp_arena_destroy(arena);
}

static void test_folders_without_a_tokenizer_say_what_they_hold(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *folder = rp_strdup(arena, temporary_path("sentencepiece"));
    assert_ok(rp_make_directories(folder));
    assert_ok(rp_file_write(arena, rp_path_join(arena, folder, "tokenizer.model"), "x", 1));
    rp_tokenizer *tokenizer = NULL;
    assert_fails(rp_tokenizer_load(arena, folder, &tokenizer), RP_ERR_UNSUPPORTED,
                 "tokenizer.model, a model of SentencePiece");
    assert_ok(load(arena, "", "{}", &tokenizer)); /* a checkpoint's file stands for its folder */
    const char *weights = rp_path_join(arena, temporary_path("beside"), "model.safetensors");
    assert_ok(rp_tokenizer_load(arena, weights, &tokenizer));
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_classes_of_llama_build_the_frame_anew),
        cmocka_unit_test(test_other_classes_pass_the_keys_over_and_it_is_said),
        cmocka_unit_test(test_tokens_that_only_the_decoder_has_are_appended),
        cmocka_unit_test(test_stored_truncation_and_padding_are_off),
        cmocka_unit_test(test_line_ends_do_not_change_a_template),
        cmocka_unit_test(test_folders_without_a_tokenizer_say_what_they_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
