/* SPDX-License-Identifier: MIT
 *
 * What tokenizer.json may say, what is refused by its name, and what is broken.
 */
#include "golden.h"

/* The parts of a small sound file; a test puts another text in the place of one of them. */
enum { TRUNCATION, PADDING, ADDED, NORMALIZER, SPLITTING, AFTER, DECODER, MODEL_REST, VOCAB, MERGES, PARTS };
static const char *const names[PARTS] = {"truncation",    "padding",        "added_tokens", "normalizer",
                                         "pre_tokenizer", "post_processor", "decoder"};
#define BYTE_LEVEL "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}"
#define BYTES_ONLY "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":false}"
static const char *const sound[PARTS] = {"null",
                                         "null",
                                         "[{\"id\":4,\"content\":\"<s>\",\"special\":true}]",
                                         "null",
                                         BYTE_LEVEL,
                                         "null",
                                         BYTE_LEVEL,
                                         "\"type\":\"BPE\"",
                                         "{\"a\":0,\"b\":1,\"ab\":2,\"abb\":3}",
                                         "[\"a b\",\"ab b\"]"};

static rp_status load(rp_arena *arena, int part, const char *text, rp_tokenizer **tokenizer) {
    const char *parts[PARTS];
    memcpy(parts, sound, sizeof parts);
    if (part < PARTS) parts[part] = text;
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_text(&out, "{\"version\":\"1.0\"");
    for (int i = 0; i < MODEL_REST; i++) rp_buffer_format(&out, ",\"%s\":%s", names[i], parts[i]);
    rp_buffer_format(&out, ",\"model\":{%s,\"vocab\":%s,\"merges\":%s}}", parts[MODEL_REST], parts[VOCAB], parts[MERGES]);
    const char *path = rp_strdup(arena, temporary_path("small.json"));
    assert_ok(rp_file_write(arena, path, out.data, out.length));
    return rp_tokenizer_load(arena, path, tokenizer);
}

static const struct {
    int part;
    const char *text;
    rp_status status;
    const char *sentence;
} refused[] = {
    {TRUNCATION, "8", RP_ERR_FORMAT, "$.truncation: expected an object"},
    {PADDING, "true", RP_ERR_FORMAT, "$.padding: expected an object"},
    {NORMALIZER, "{\"type\":\"Lowercase\"}", RP_ERR_UNSUPPORTED, "normalizer Lowercase is not supported"},
    {NORMALIZER, "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Strip\"}]}", RP_ERR_UNSUPPORTED,
     "normalizer Strip"},
    {NORMALIZER, "7", RP_ERR_FORMAT, "$.normalizer"},
    {SPLITTING, "null", RP_ERR_UNSUPPORTED, "no pre-tokenizer"},
    {SPLITTING, "{\"type\":\"Metaspace\"}", RP_ERR_UNSUPPORTED, "pre-tokenizer Metaspace is not supported"},
    {SPLITTING, "{\"type\":\"ByteLevel\",\"add_prefix_space\":true}", RP_ERR_UNSUPPORTED,
     "(add_prefix_space) is not supported"},
    {SPLITTING, "{\"type\":\"ByteLevel\"}", RP_ERR_UNSUPPORTED,
     "(add_prefix_space) is not supported"}, /* its default is true */
    {SPLITTING, "{\"type\":\"Digits\",\"individual_digits\":true}", RP_ERR_UNSUPPORTED, "no ByteLevel step"},
    {SPLITTING, "{\"type\":\"Sequence\",\"pretokenizers\":[" BYTE_LEVEL ",{\"type\":\"Digits\"}]}", RP_ERR_UNSUPPORTED,
     "a step behind ByteLevel"},
    {SPLITTING,
     "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"x+\"},\"behavior\":"
     "\"Isolated\"}," BYTES_ONLY "]}",
     RP_ERR_UNSUPPORTED, "this pattern is not one of GPT-2's, Qwen2's and Llama-3's: x+"},
    {SPLITTING,
     "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"x+\"},\"behavior\":"
     "\"Removed\"}]}",
     RP_ERR_UNSUPPORTED, "behaviour Removed is not supported"},
    {SPLITTING,
     "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"x+\"},\"behavior\":"
     "\"Isolated\",\"invert\":true}]}",
     RP_ERR_UNSUPPORTED, "(invert) is not supported"},
    {SPLITTING,
     "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"String\":\" "
     "\"},\"behavior\":\"Isolated\"}]}",
     RP_ERR_FORMAT, "$.pre_tokenizer.pretokenizers[0].pattern.Regex"},
    {AFTER, "{\"type\":\"BertProcessing\"}", RP_ERR_UNSUPPORTED, "post-processor BertProcessing is not supported"},
    {AFTER, "{\"type\":\"TemplateProcessing\",\"single\":[],\"special_tokens\":{}}", RP_ERR_UNSUPPORTED,
     "the template has 0 texts"},
    {AFTER,
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"<x>\"}}],"
     "\"special_tokens\":{}}",
     RP_ERR_FORMAT, "<x> is not among the special_tokens"},
    {AFTER,
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"<x>\"}}],"
     "\"special_tokens\":{\"<x>\":{\"ids\":[99]}}}",
     RP_ERR_FORMAT, "the post-processor's id 99 is not in the vocabulary"},
    {DECODER, "null", RP_ERR_UNSUPPORTED, "no decoder"},
    {DECODER, "{\"type\":\"WordPiece\"}", RP_ERR_UNSUPPORTED, "decoder WordPiece is not supported"},
    {MODEL_REST, "\"type\":\"Unigram\"", RP_ERR_UNSUPPORTED, "model Unigram is not supported"},
    {MODEL_REST, "\"type\":\"BPE\",\"dropout\":0.1", RP_ERR_UNSUPPORTED, "(dropout) is not supported"},
    {MODEL_REST, "\"type\":\"BPE\",\"continuing_subword_prefix\":\"##\"", RP_ERR_UNSUPPORTED,
     "(continuing_subword_prefix)"},
    {MODEL_REST, "\"type\":\"BPE\",\"end_of_word_suffix\":\"</w>\"", RP_ERR_UNSUPPORTED, "(end_of_word_suffix)"},
    {MODEL_REST, "\"type\":\"BPE\",\"unk_token\":\"a\"", RP_ERR_UNSUPPORTED, "(unk_token) is not supported"},
    {MODEL_REST, "\"type\":\"BPE\",\"byte_fallback\":true", RP_ERR_UNSUPPORTED, "(byte_fallback) is not supported"},
    {MODEL_REST, "\"type\":\"BPE\",\"ignore_merges\":1", RP_ERR_FORMAT, "$.model.ignore_merges"},
    {VOCAB, "[]", RP_ERR_FORMAT, "$.model.vocab"},
    {VOCAB, "{\"a\":0,\"b\":0,\"ab\":2,\"abb\":3}", RP_ERR_FORMAT, "id 0 is given to two tokens"},
    {VOCAB, "{\"a\":-1,\"b\":1,\"ab\":2,\"abb\":3}", RP_ERR_FORMAT, "$.model.vocab.a"},
    {VOCAB, "{\"a\":2000000000,\"b\":1,\"ab\":2,\"abb\":3}", RP_ERR_FORMAT, "$.model.vocab.a"},
    {VOCAB, "{\"\":0,\"a\":5,\"b\":1,\"ab\":2,\"abb\":3}", RP_ERR_FORMAT, "token 0 is empty"},
    {MERGES, "7", RP_ERR_FORMAT, "$.model.merges"},
    {MERGES, "[\"ab\"]", RP_ERR_FORMAT, "$.model.merges[0]: \"ab\" is not two tokens with a space between"},
    {MERGES, "[\"a b b\"]", RP_ERR_FORMAT, "is not two tokens"},
    {MERGES, "[[\"a\"]]", RP_ERR_FORMAT, "a merge joins two tokens, not 1"},
    {MERGES, "[\"a b\",\"b a\"]", RP_ERR_FORMAT,
     "$.model.merges[1]: merge of \"b\" and \"a\": \"ba\" is not in the vocabulary"},
    {MERGES, "[\"a c\"]", RP_ERR_FORMAT, "\"c\" is not in the vocabulary"},
    {ADDED, "[{\"id\":0,\"content\":\"<s>\"}]", RP_ERR_FORMAT, "contradicts the vocabulary"},
    {ADDED, "[{\"id\":9,\"content\":\"ab\"}]", RP_ERR_FORMAT, "contradicts the vocabulary"},
    {ADDED, "[{\"id\":4,\"content\":\"<s>\"},{\"id\":4,\"content\":\"<t>\"}]", RP_ERR_FORMAT,
     "id 4 is given to two added tokens"},
    {ADDED, "[{\"id\":4,\"content\":\"\"}]", RP_ERR_FORMAT, "added token 4 is empty"},
    {ADDED, "[{\"id\":2000000000,\"content\":\"<s>\"}]", RP_ERR_LIMIT,
     "the largest id is 2000000000, but there are only 5 tokens"},
    {ADDED, "[{\"content\":\"<s>\"}]", RP_ERR_FORMAT, "$.added_tokens[0].id"},
    {ADDED, "{}", RP_ERR_FORMAT, "$.added_tokens"},
};

static void test_everything_else_is_refused_by_name(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        rp_tokenizer *tokenizer = NULL;
        const rp_status status = load(arena, refused[i].part, refused[i].text, &tokenizer);
        if (status != refused[i].status || !strstr(rp_last_error(), refused[i].sentence) ||
            !strstr(rp_last_error(), "small.json"))
            fail_msg("%s: expected %s \"%s\", got %s \"%s\"", refused[i].text, rp_status_name(refused[i].status),
                     refused[i].sentence, rp_status_name(status), rp_last_error());
        assert_null(tokenizer);
    }
    rp_arena_destroy(arena);
}

static void expect_encoding(rp_arena *arena, const rp_tokenizer *tokenizer, const char *text, const int32_t *ids,
                            size_t count) {
    rp_encoding e;
    assert_ok(rp_encode(tokenizer, arena, rp_str_of(text), &(rp_encode_options){.add_special = true}, &e));
    assert_int_equal(e.length, count);
    if (count) assert_memory_equal(e.ids, ids, count * sizeof *ids);
}

/* Variants that must be accepted, each with the ids of "abbab<s>c" (c is not in the vocabulary and disappears). */
static void test_accepted_variants(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    static const struct {
        int part;
        const char *text;
        int32_t ids[6];
        size_t count;
    } cases[] = {
        {PARTS, "", {3, 2, 4}, 3},
        {TRUNCATION, "{\"max_length\":1}", {3, 2, 4}, 3}, /* off unless a call asks for it, as in the reference */
        {PADDING, "{\"strategy\":{\"Fixed\":9}}", {3, 2, 4}, 3},
        {MERGES, "[[\"a\",\"b\"],[\"ab\",\"b\"]]", {3, 2, 4}, 3},
        {MERGES, "[]", {0, 1, 1, 0, 1, 4}, 6},
        {MERGES, "[\"a b\",\"ab b\",\"a b\"]", {3, 2, 4}, 3}, /* the last of equal pairs has the rank */
        {MODEL_REST, "\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":\"\"", {3, 2, 4}, 3},
        {MODEL_REST, "\"type\":\"BPE\",\"dropout\":0.0,\"fuse_unk\":true", {3, 2, 4}, 3},
        {ADDED, "[{\"id\":4,\"content\":\"<s>\"},{\"id\":5,\"content\":\"<s>c\"}]", {3, 2, 5}, 3},
        {ADDED, "[{\"id\":70,\"content\":\"bab\"}]", {2, 70}, 2},
        {NORMALIZER, "{\"type\":\"Sequence\",\"normalizers\":[]}", {3, 2, 4}, 3},
        {AFTER, BYTE_LEVEL, {3, 2, 4}, 3},
        {AFTER,
         "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}},{\"Sequence\":{"
         "\"id\":\"A\",\"type_id\":0}},"
         "{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}}],\"special_tokens\":{\"<s>\":{\"id\":\"<s>\",\"ids\":[4]},\"x\":{"
         "\"ids\":[0,1]}}}",
         {4, 3, 2, 4, 0, 1},
         6},
        {SPLITTING,
         "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\",\"individual_digits\":false}," BYTES_ONLY "]}",
         {3, 2, 4},
         3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rp_tokenizer *tokenizer;
        assert_ok(load(arena, cases[i].part, cases[i].text, &tokenizer));
        expect_encoding(arena, tokenizer, "abbab<s>c", cases[i].ids, cases[i].count);
    }
    rp_arena_destroy(arena);
}

/* The merge of "abb" has a lower rank than that of "ab" here, but needs "ab" first. */
static void test_missing_bytes_let_their_neighbours_meet(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tokenizer *tokenizer;
    assert_ok(load(arena, PARTS, "", &tokenizer));
    expect_encoding(arena, tokenizer, "aXb", (const int32_t[]){2}, 1);    /* X is no token: a and b touch */
    expect_encoding(arena, tokenizer, "a b", (const int32_t[]){0, 1}, 2); /* but not across pieces */
    expect_encoding(arena, tokenizer, "XYZ", NULL, 0);
    assert_int_equal(rp_tokenizer_bos(tokenizer), -1);
    assert_int_equal(rp_tokenizer_eos(tokenizer), -1);
    assert_int_equal(rp_tokenizer_size(tokenizer), 5);
    assert_int_equal(rp_token_id(tokenizer, "<s>"), 4);
    assert_int_equal(rp_token_id(tokenizer, "nowhere"), -1);
    rp_arena_destroy(arena);
}

static void test_files_that_are_no_tokenizers(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    static const char *const texts[] = {"", "{", "[]", "{}", "{\"model\":{}}", "\xFF\xFE"};
    rp_tokenizer *tokenizer = NULL;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *path = rp_strdup(arena, temporary_path("none.json"));
        assert_ok(rp_file_write(arena, path, texts[i], strlen(texts[i])));
        const size_t used = rp_arena_used(arena);
        assert_int_not_equal(rp_tokenizer_load(arena, path, &tokenizer), RP_OK);
        assert_non_null(strstr(rp_last_error(), "none.json"));
        assert_int_equal(rp_arena_used(arena), used);
    }
    assert_int_equal(rp_tokenizer_load(arena, "nowhere/tokenizer.json", &tokenizer), RP_ERR_IO);
    assert_null(tokenizer);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_else_is_refused_by_name),
        cmocka_unit_test(test_accepted_variants),
        cmocka_unit_test(test_missing_bytes_let_their_neighbours_meet),
        cmocka_unit_test(test_files_that_are_no_tokenizers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
