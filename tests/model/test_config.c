/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <rephrase/json.h>

#include <string.h>

static rp_status parse(const char *text, rp_model_config *config) {
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("config.json");
    assert_ok(rp_file_write(arena, path, text, strlen(text)));
    rp_arena_destroy(arena);
    return rp_config_from_json(path, config);
}

#define SIZES                                                                                                              \
    "\"num_hidden_layers\":2,\"hidden_size\":8,\"num_attention_heads\":2,\"intermediate_size\":16,\"vocab_size\":10"
#define LLAMA(more) "{\"model_type\":\"llama\"," SIZES more "}"

static void test_what_is_silent_has_the_defaults_of_transformers(void **state) {
    (void)state;
    rp_model_config c;
    assert_ok(parse(LLAMA(""), &c));
    assert_string_equal(c.architecture, "llama");
    assert_true(c.layers == 2 && c.channels == 8 && c.heads == 2 && c.kv_heads == 2 && c.head_size == 4 && c.hidden == 16);
    assert_true(c.vocab == 10 && c.context == 2048 && c.rope_theta == 10000 && c.norm_epsilon == 1e-6);
    assert_true(c.rope_scaling == RP_ROPE_PLAIN && !c.tied_head && !c.qkv_bias && !c.qk_norm && c.bos == -1 &&
                c.eos_count == 0);
    assert_ok(parse("{\"model_type\":\"qwen2\"," SIZES ",\"num_key_value_heads\":1,\"tie_word_embeddings\":true}", &c));
    assert_true(c.qkv_bias && !c.qk_norm && c.kv_heads == 1 && c.tied_head);
    assert_ok(parse("{\"model_type\":\"qwen3\"," SIZES "}", &c));
    assert_true(!c.qkv_bias && c.qk_norm && c.head_size == 128);
}

static void test_both_spellings_of_rope_settings(void **state) {
    (void)state;
    rp_model_config c;
#define SCALING "\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64,"
    assert_ok(parse(LLAMA(",\"rope_theta\":5e5,\"rope_scaling\":{" SCALING "\"rope_type\":\"llama3\"}"), &c));
    assert_true(c.rope_scaling == RP_ROPE_LLAMA3 && c.rope_theta == 5e5 && c.rope_factor == 8);
    assert_true(c.rope_low_freq_factor == 1 && c.rope_high_freq_factor == 4 && c.rope_original_context == 64);
    rp_model_config d;
    assert_ok(parse(LLAMA(",\"rope_parameters\":{\"rope_theta\":500000," SCALING "\"rope_type\":\"llama3\"}"), &d));
    assert_memory_equal(&c, &d, sizeof c);
    assert_ok(parse(LLAMA(",\"rope_scaling\":{\"type\":\"linear\",\"factor\":2}"), &c));
    assert_true(c.rope_scaling == RP_ROPE_LINEAR && c.rope_factor == 2 && c.rope_theta == 10000);
    assert_ok(parse(LLAMA(",\"rope_scaling\":null"), &c));
    assert_true(c.rope_scaling == RP_ROPE_PLAIN);
    assert_ok(parse(LLAMA(",\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":7}"), &c));
    assert_true(c.rope_scaling == RP_ROPE_PLAIN && c.rope_theta == 7);
}

static void test_token_ids(void **state) {
    (void)state;
    rp_model_config c;
    assert_ok(parse(LLAMA(",\"bos_token_id\":0,\"eos_token_id\":[3,4]"), &c));
    assert_true(c.bos == 0 && c.eos_count == 2 && c.eos[0] == 3 && c.eos[1] == 4);
    assert_ok(parse(LLAMA(",\"eos_token_id\":[4,4,99,3]"), &c)); /* each once, and only those that can be produced */
    assert_true(c.eos_count == 2 && c.eos[0] == 4 && c.eos[1] == 3);
    assert_fails(parse(LLAMA(",\"eos_token_id\":[3,\"x\"]"), &c), RP_ERR_FORMAT, "$.eos_token_id[1]");
    assert_ok(parse(LLAMA(",\"bos_token_id\":null,\"eos_token_id\":99"), &c));
    assert_true(c.bos == -1 && c.eos_count == 0);
}

static void test_end_tokens_of_the_generation_config_count_too(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *folder = rp_strdup(arena, temporary_path("ends")), *file = "generation_config.json";
    const char *beside = rp_path_join(arena, folder, file), *config = rp_path_join(arena, folder, "config.json");
    const char *text = LLAMA(",\"eos_token_id\":3"), *ends = "{\"eos_token_id\":[5,3,2]}",
               *broken = "{\"eos_token_id\":\"a\"}";
    assert_ok(rp_make_directories(folder));
    assert_ok(rp_file_write(arena, config, text, strlen(text)));
    assert_ok(rp_file_write(arena, beside, ends, strlen(ends)));
    rp_model_config c;
    assert_ok(rp_config_from_json(config, &c));
    assert_true(c.eos_count == 3 && c.eos[0] == 3 && c.eos[1] == 5 && c.eos[2] == 2);
    assert_ok(rp_config_write_json(arena, &c, RP_F32, rp_path_join(arena, folder, "written.json"))); /* and are kept */
    rp_model_config again;
    assert_ok(rp_config_from_json(rp_path_join(arena, folder, "written.json"), &again));
    assert_true(again.eos_count == 3 && again.eos[2] == 2);
    assert_ok(rp_file_write(arena, beside, broken, strlen(broken)));
    assert_fails(rp_config_from_json(config, &c), RP_ERR_FORMAT, "generation_config.json: $.eos_token_id");
    rp_arena_destroy(arena);
}

static void test_rope_scaling_counts_before_rope_parameters(void **state) {
    (void)state; /* as transformers 5, which takes its theta from the place it took or from beside it */
    rp_model_config c;
    assert_ok(parse(LLAMA(",\"rope_scaling\":{\"type\":\"linear\",\"factor\":4},"
                          "\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":7}"),
                    &c));
    assert_true(c.rope_scaling == RP_ROPE_LINEAR && c.rope_factor == 4 && c.rope_theta == 10000);
    assert_ok(parse(
        LLAMA(",\"rope_theta\":9,\"rope_scaling\":{},\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":7}"),
        &c));
    assert_true(c.rope_scaling == RP_ROPE_PLAIN && c.rope_theta == 7); /* an empty object is none */
    assert_ok(parse(
        LLAMA(",\"rope_theta\":9,\"rope_scaling\":{\"rope_type\":\"linear\",\"type\":\"dynamic\",\"factor\":2}"), &c));
    assert_true(c.rope_scaling == RP_ROPE_LINEAR && c.rope_theta == 9); /* the newer name of the kind */
}

static void test_yarn(void **state) {
    (void)state;
    rp_model_config c;
#define YARN(more)                                                                                                         \
    LLAMA(",\"max_position_embeddings\":256,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0" more "}")
    assert_ok(parse(YARN(""), &c));
    assert_true(c.rope_scaling == RP_ROPE_YARN && c.rope_factor == 4 && c.rope_original_context == 256);
    assert_true(c.rope_beta_fast == 32 && c.rope_beta_slow == 1 && c.rope_whole_bounds);
    assert_near(c.rope_attention_factor, 1.1386294361119891, 1e-15, 0); /* 0.1 log 4 + 1 */
    assert_ok(
        parse(YARN(",\"original_max_position_embeddings\":64,\"beta_fast\":8,\"beta_slow\":null,\"truncate\":false"), &c));
    assert_true(c.rope_original_context == 64 && c.rope_beta_fast == 8 && c.rope_beta_slow == 1 && !c.rope_whole_bounds);
    assert_ok(parse(YARN(",\"attention_factor\":1.5,\"mscale\":1,\"mscale_all_dim\":1"), &c));
    assert_true(c.rope_attention_factor == 1.5);
    assert_ok(parse(YARN(",\"mscale\":1,\"mscale_all_dim\":1"), &c));
    assert_true(c.rope_attention_factor == 1);
    assert_ok(parse(YARN(",\"mscale\":1"), &c)); /* one alone does not count */
    assert_near(c.rope_attention_factor, 1.1386294361119891, 1e-15, 0);
    assert_ok(parse(LLAMA(",\"original_max_position_embeddings\":32,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4,"
                          "\"original_max_position_embeddings\":64}"),
                    &c));
    assert_true(c.rope_original_context == 32); /* beside the settings it has priority */
    assert_fails(parse(YARN(",\"beta_fast\":0.5"), &c), RP_ERR_FORMAT, "beta_fast 0.5 is below beta_slow 1");
    assert_fails(parse(YARN(",\"attention_factor\":-1"), &c), RP_ERR_FORMAT, "attention_factor is -1");
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("yarn.json");
    rp_model_config again;
    assert_ok(parse(YARN(",\"original_max_position_embeddings\":64,\"mscale\":0.7,\"mscale_all_dim\":1"), &c));
    assert_ok(rp_config_write_json(arena, &c, RP_F32, path));
    assert_ok(rp_config_from_json(path, &again));
    assert_true(again.rope_scaling == RP_ROPE_YARN && again.rope_attention_factor == c.rope_attention_factor);
    assert_true(again.rope_original_context == 64 && again.rope_whole_bounds);
    rp_arena_destroy(arena);
}

static void test_mistral_without_a_window(void **state) {
    (void)state;
    rp_model_config c;
#define MISTRAL(more) "{\"model_type\":\"mistral\"," SIZES ",\"max_position_embeddings\":32768" more "}"
    assert_ok(parse(MISTRAL(",\"sliding_window\":null"), &c));
    assert_string_equal(c.architecture, "mistral");
    assert_true(!c.qkv_bias && !c.qk_norm);
    assert_ok(parse(MISTRAL(",\"sliding_window\":32768"), &c)); /* hides nothing */
    assert_fails(parse(MISTRAL(",\"sliding_window\":4096"), &c), RP_ERR_UNSUPPORTED,
                 "a window of 4096 in a context of 32768");
    assert_fails(parse(MISTRAL(""), &c), RP_ERR_UNSUPPORTED, "a window of 4096"); /* the reference's default */
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = temporary_path("mistral.json");
    assert_ok(parse(MISTRAL(",\"sliding_window\":null"), &c));
    assert_ok(rp_config_write_json(arena, &c, RP_F32, path));
    assert_ok(rp_config_from_json(path, &c));
    rp_arena_destroy(arena);
}

static void test_what_is_not_supported_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"{\"model_type\":\"gpt2\"," SIZES "}", "model type \"gpt2\" is not supported"},
        {"{\"model_type\":\"qwen3_moe\"," SIZES "}", "model type \"qwen3_moe\""},
        {LLAMA(",\"num_local_experts\":8"), "$.num_local_experts: a mixture of experts is not supported"},
        {LLAMA(",\"attention_bias\":true"), "a bias on the attention output"},
        {LLAMA(",\"mlp_bias\":true"), "a bias in the feed-forward block"},
        {LLAMA(",\"use_sliding_window\":true,\"sliding_window\":64"), "sliding-window attention is not supported"},
        {LLAMA(",\"layer_types\":[\"full_attention\",\"sliding_attention\"]"), "layer type \"sliding_attention\""},
        {LLAMA(",\"hidden_act\":\"gelu\""), "activation \"gelu\""},
        {LLAMA(",\"quantization_config\":{}"), "quantised weights"},
        {LLAMA(",\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2}"), "rope scaling \"dynamic\" is not supported"},
        {LLAMA(",\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[1]}"), "rope scaling \"longrope\""},
        {LLAMA(",\"rope_parameters\":{\"rope_type\":\"su\"}"), "$.rope_parameters.rope_type: rope scaling \"su\""},
        {LLAMA(",\"rope_parameters\":{\"rope_type\":\"default\",\"mrope_section\":[1,1]}"),
         "(mrope_section) is not supported"},
        {LLAMA(",\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"default\"}}"),
         "(full_attention) is not supported"},
        {LLAMA(",\"rope_parameters\":{\"rope_type\":\"default\",\"partial_rotary_factor\":0.5}"), "a part of each head"},
        {LLAMA(",\"partial_rotary_factor\":0.5"), "rotating only a part of each head"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rp_model_config c;
        assert_fails(parse(cases[i].text, &c), RP_ERR_UNSUPPORTED, cases[i].sentence);
    }
    rp_model_config c; /* a window that is there but not in use is fine */
    assert_ok(parse(LLAMA(",\"use_sliding_window\":false,\"sliding_window\":64"), &c));
    assert_ok(parse(LLAMA(",\"use_sliding_window\":true,\"sliding_window\":null"), &c));
}

static void test_wrong_values_name_the_field(void **state) {
    (void)state;
    rp_model_config c;
    assert_fails(parse("{\"model_type\":\"llama\"}", &c), RP_ERR_FORMAT, "$.num_hidden_layers");
    assert_fails(parse("{}", &c), RP_ERR_FORMAT, "$.model_type");
    assert_fails(parse("[]", &c), RP_ERR_FORMAT, "expected");
    assert_fails(parse(LLAMA(",\"num_key_value_heads\":0"), &c), RP_ERR_FORMAT, "$.num_key_value_heads");
    assert_fails(parse(LLAMA(",\"num_key_value_heads\":3"), &c), RP_ERR_FORMAT, "2 heads are not a multiple of 3 kv_heads");
    assert_fails(parse(LLAMA(",\"head_dim\":5"), &c), RP_ERR_FORMAT, "head_size 5 is odd");
    assert_fails(parse(LLAMA(",\"rms_norm_eps\":0"), &c), RP_ERR_FORMAT, "norm_epsilon is 0");
    assert_fails(parse(LLAMA(",\"rope_theta\":-1"), &c), RP_ERR_FORMAT, "rope_theta is -1");
    assert_fails(parse(LLAMA(",\"rope_scaling\":{\"type\":\"linear\"}"), &c), RP_ERR_FORMAT, "$.rope_scaling.factor");
    assert_fails(parse(LLAMA(",\"max_position_embeddings\":1e3"), &c), RP_ERR_FORMAT, "$.max_position_embeddings");
    assert_fails(parse(LLAMA(",\"head_dim\":2000000000"), &c), RP_ERR_FORMAT, "head_size is 2000000000");
    assert_fails(rp_config_from_json("/nonexistent/config.json", &c), RP_ERR_IO, "/nonexistent/config.json");
    c = tiny_configs[1];
    c.rope_high_freq_factor = 0.5;
    assert_fails(rp_config_check(&c), RP_ERR_ARGUMENT, "high_freq_factor 0.5 is not above low_freq_factor 1");
    c = tiny_configs[0];
    c.eos[0] = c.vocab;
    c.eos_count = 1;
    assert_fails(rp_config_check(&c), RP_ERR_ARGUMENT, "eos 37 is outside");
    (void)snprintf(c.architecture, sizeof c.architecture, "bert");
    assert_fails(rp_config_check(&c), RP_ERR_UNSUPPORTED, "architecture \"bert\"");
}

static void test_writing_and_reading_gives_the_same(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < TINY_CONFIGS; i++) {
        const char *path = temporary_path("written.json");
        rp_model_config c;
        memset(&c, 0, sizeof c);
        assert_ok(rp_config_write_json(arena, &tiny_configs[i], RP_F32, path));
        assert_ok(rp_config_from_json(path, &c));
        assert_memory_equal(&c, &tiny_configs[i], sizeof c);
    }
    assert_int_equal(rp_arena_used(arena), 0);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_silent_has_the_defaults_of_transformers),
        cmocka_unit_test(test_both_spellings_of_rope_settings),
        cmocka_unit_test(test_token_ids),
        cmocka_unit_test(test_end_tokens_of_the_generation_config_count_too),
        cmocka_unit_test(test_rope_scaling_counts_before_rope_parameters),
        cmocka_unit_test(test_yarn),
        cmocka_unit_test(test_mistral_without_a_window),
        cmocka_unit_test(test_what_is_not_supported_is_refused_by_name),
        cmocka_unit_test(test_wrong_values_name_the_field),
        cmocka_unit_test(test_writing_and_reading_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
