/* SPDX-License-Identifier: MIT
 *
 * cmd_info.c — `rephrase info`: what a checkpoint holds, and what sampling and training with it take.
 */
#include "generation.h"

#include <string.h>

static const rp_command_help help = {
    "rephrase info PATH [--tensors]",
    "Describes a model (a directory, .safetensors or .gguf) or a tokenizer.json: architecture, sizes, tokenizer, chat "
    "format, memory for "
    "sampling and "
    "training. --tensors lists every tensor.",
    "  rephrase info SmolLM2-135M-Instruct.Q4_1.gguf\n  rephrase info runs/micro-world/repo --tensors\n",
};

static void print_config(const rp_model_config *c) {
    printf("architecture   %s\n", c->architecture);
    printf("layers         %d\nchannels       %d\n", c->layers, c->channels);
    printf("heads          %d query, %d key/value, of %d\n", c->heads, c->kv_heads, c->head_size);
    printf("hidden         %d\nvocabulary     %d\ncontext        %d\n", c->hidden, c->vocab, c->context);
    printf("rope theta     %g%s\nnorm epsilon   %g\n", c->rope_theta,
           c->rope_scaling == RP_ROPE_LINEAR   ? ", scaled linearly"
           : c->rope_scaling == RP_ROPE_LLAMA3 ? ", scaled as in Llama 3"
                                               : "",
           c->norm_epsilon);
    printf("head           %s%s%s\n", c->tied_head ? "tied to the embedding" : "separate",
           c->qkv_bias ? ", bias on q, k, v" : "", c->qk_norm ? ", norm on q and k" : "");
}

static void print_memory(const rp_model *model) {
    const rp_memory_needs needs = rp_memory_of(model);
    printf("parameters     %zu\n", model->count);
    printf("sampling       %s: weights and their repacked copy; and %s per token of context\n",
           rp_size_of(needs.sampling).text, rp_size_of(needs.per_token).text);
    printf("training       %s: weights, repacked copy, gradient, two moments; and %s per 1024 tokens of a pass\n",
           rp_size_of(needs.training).text, rp_size_of(needs.per_1024).text);
}

static rp_status print_tensors(rp_arena *arena, const char *path) {
    rp_tensor_file *file;
    RP_TRY(rp_tensors_open(arena, path, &file));
    for (size_t i = 0; i < rp_tensors_count(file); i++) {
        const rp_tensor_view *t = rp_tensors_get(file, i);
        printf("  %-5s %.*s (", rp_dtype_name(t->type), (int)t->name.length, t->name.data);
        for (int k = 0; k < t->rank; k++) printf("%s%zu", k ? ", " : "", t->shape[k]);
        printf(")\n");
    }
    rp_tensors_close(file);
    return RP_OK;
}

static void print_tokenizer(const rp_tokenizer *tokenizer) {
    const rp_chat_format *chat = rp_chat_of(tokenizer);
    const int32_t ends[2] = {rp_tokenizer_bos(tokenizer), rp_tokenizer_eos(tokenizer)};
    printf("tokenizer      byte-level BPE, %zu ids", rp_tokenizer_size(tokenizer));
    for (int i = 0; i < 2; i++) {
        const rp_str text = ends[i] >= 0 ? rp_token_text(tokenizer, ends[i]) : rp_str_of("none");
        printf(", %s %.*s", i ? "end" : "begin", (int)text.length, text.data);
    }
    printf("\nchat format    %s\n", chat ? rp_chat_name(chat) : "none known");
}

/* A tokenizer alone; false when the file is none. */
static bool print_only_tokenizer(rp_arena *arena, const char *path) {
    rp_tokenizer *tokenizer;
    const size_t n = strlen(path);
    if (n < 5 || strcmp(path + n - 5, ".json") != 0 || rp_tokenizer_load(arena, path, &tokenizer) != RP_OK) return false;
    printf("file           %s\n", path);
    print_tokenizer(tokenizer);
    return true;
}

static rp_status run(rp_arena *arena, int argc, char **argv) {
    bool tensors = false, done = false;
    rp_text_list words = {.count = 0};
    const rp_flag flags[] = {
        {"tensors", RP_FLAG_BOOL, &tensors, NULL, "list every tensor"},
        {NULL, RP_FLAG_BOOL, NULL, NULL, NULL},
    };
    RP_TRY(rp_flags_parse(flags, &help, argc, argv, &words, &done));
    if (done) return RP_OK;
    if (words.count != 1) return rp_fail(RP_ERR_ARGUMENT, "name one model: a directory, .safetensors or .gguf");
    if (print_only_tokenizer(arena, words.items[0])) return RP_OK;
    rp_model *model;
    rp_tokenizer *tokenizer;
    rp_load_report report;
    RP_TRY(rp_model_load(arena, words.items[0], &model, &report));
    printf("file           %s\nstored as      %s, %s in %zu tensors, read in %.2f s\n", words.items[0], report.types,
           rp_size_of((double)report.file_bytes).text, report.tensors, report.seconds);
    print_config(&model->config);
    print_memory(model);
    if (rp_tokenizer_load(arena, words.items[0], &tokenizer) == RP_OK)
        print_tokenizer(tokenizer);
    else
        printf("tokenizer      none could be read (%s)\n", rp_last_error());
    return tensors ? print_tensors(arena, words.items[0]) : RP_OK;
}

int rp_cmd_info(int argc, char **argv) {
    rp_arena *arena = rp_arena_create("info", 0);
    const rp_status status = arena ? run(arena, argc, argv) : RP_ERR_MEMORY;
    const int code = status == RP_OK ? 0 : rp_command_failed("info", status);
    rp_arena_destroy(arena);
    return code;
}
