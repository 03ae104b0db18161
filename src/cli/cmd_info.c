/* SPDX-License-Identifier: MIT
 *
 * cmd_info.c — `rephrase info`: what a checkpoint holds, and what sampling and training with it take.
 */
#include "commands.h"
#include "generation.h"

#include <string.h>

static void print_config(const rp_model_config *c) {
    printf("architecture   %s\n", c->architecture);
    printf("layers         %d\nchannels       %d\n", c->layers, c->channels);
    printf("heads          %d query, %d key/value, of %d\n", c->heads, c->kv_heads, c->head_size);
    printf("hidden         %d\nvocabulary     %d\ncontext        %d\n", c->hidden, c->vocab, c->context);
    printf("rope theta     %g%s\nnorm epsilon   %g\n", c->rope_theta,
           c->rope_scaling == RP_ROPE_LINEAR   ? ", scaled linearly"
           : c->rope_scaling == RP_ROPE_LLAMA3 ? ", scaled as in Llama 3"
           : c->rope_scaling == RP_ROPE_YARN   ? ", scaled by YaRN"
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
    printf("\nchat format    %s\n", chat ? rp_chat_name(chat)
                                    : rp_chat_is_unknown(tokenizer)
                                        ? "a template that is not known; --chat-format names its layout"
                                        : "none");
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

typedef struct arguments {
    bool tensors;
} arguments;

static const rp_option options[] = {
    RP_OPTION_BOOL(arguments, tensors, "tensors", false, "list every tensor"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    rp_arena *arena = call->arena;
    if (call->words.count != 1) return rp_fail(RP_ERR_ARGUMENT, "name one model: a directory, .safetensors or .gguf");
    const char *path = call->words.items[0];
    if (print_only_tokenizer(arena, path)) return RP_OK;
    rp_model *model;
    rp_tokenizer *tokenizer;
    rp_load_report report;
    RP_TRY(rp_model_load(arena, path, &model, &report));
    printf("file           %s\nstored as      %s, %s in %zu tensors, read in %.2f s\n", path, report.types,
           rp_size_of((double)report.file_bytes).text, report.tensors, report.seconds);
    print_config(&model->config);
    print_memory(model);
    if (rp_tokenizer_load(arena, path, &tokenizer) == RP_OK)
        print_tokenizer(tokenizer);
    else
        printf("tokenizer      none could be read (%s)\n", rp_last_error());
    return chosen->tensors ? print_tensors(arena, path) : RP_OK;
}

const rp_command rp_command_info = {
    .name = "info",
    .summary = "what a checkpoint holds",
    .usage = "rephrase info PATH [--tensors]",
    .about = "Describes a model (a directory, .safetensors or .gguf) or a tokenizer.json: architecture, sizes, tokenizer, "
             "chat format, memory for sampling and training. --tensors lists every tensor.",
    .examples = "  rephrase info SmolLM2-135M-Instruct.Q4_1.gguf\n  rephrase info runs/micro-world/repo --tensors\n",
    .words = "PATH",
    .arguments = sizeof(arguments),
    .options = options,
    .run = run,
};
