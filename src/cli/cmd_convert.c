/* SPDX-License-Identifier: MIT
 *
 * cmd_convert.c — `rephrase convert`: any checkpoint that can be read, written as a folder that transformers loads.
 *
 * A GGUF file becomes safetensors with its quantised values as they are (each is exact in F32), its tokenizer as tokenizer.json,
 * and its template beside it. Sharded and BF16 checkpoints become one file. So a model can be trained here and used elsewhere.
 */
#include "commands.h"
#include "generation.h"

static rp_status write_tokenizer(rp_arena *arena, const char *from, const char *folder) {
    rp_tokenizer *tokenizer;
    if (rp_tokenizer_load(arena, from, &tokenizer) != RP_OK) {
        rp_log(RP_LOG_WARNING, "no tokenizer is written: %s", rp_last_error());
        return RP_OK;
    }
    const char *path = rp_path_join(arena, folder, "tokenizer.json"),
               *settings = rp_path_join(arena, folder, "tokenizer_config.json");
    RP_TRY_ALLOC(path);
    RP_TRY_ALLOC(settings);
    RP_TRY(rp_tokenizer_save(arena, tokenizer, path));
    return rp_tokenizer_save_config(arena, tokenizer, settings);
}

typedef struct arguments {
    const char *out, *tokenizer;
    int type; /* index into types */
} arguments;

static const rp_dtype types[] = {RP_F32, RP_BF16, RP_F64};
static const rp_option options[] = {
    RP_OPTION_TEXT(arguments, out, "out", NULL, "where to write; it is made when it is not there", .value = "FOLDER"),
    RP_OPTION_CHOICE(arguments, type, "type", 0, RP_CHOICES("F32", "BF16", "F64"), "number type of the written tensors"),
    RP_OPTION_TEXT(arguments, tokenizer, "tokenizer", NULL, "tokenizer.json; without it the model's own", .value = "PATH"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    rp_arena *arena = call->arena;
    if (call->words.count != 1) return rp_fail(RP_ERR_ARGUMENT, "name one model: a directory, .safetensors or .gguf");
    if (!chosen->out) return rp_fail(RP_ERR_ARGUMENT, "--out is missing: the folder to write");
    const char *path = call->words.items[0], *config = rp_path_join(arena, chosen->out, "config.json");
    RP_TRY_ALLOC(config);
    if (rp_file_exists(config)) return rp_fail(RP_ERR_ARGUMENT, "%s already holds a model", chosen->out);
    rp_model *model;
    rp_load_report report;
    RP_TRY(rp_model_load(arena, path, &model, &report));
    RP_TRY(rp_model_save(arena, model, chosen->out, types[chosen->type]));
    printf("%s: %zu tensors, read as %s, written as %s\n", chosen->out, report.tensors, report.types,
           rp_dtype_name(types[chosen->type]));
    return write_tokenizer(arena, chosen->tokenizer ? chosen->tokenizer : path, chosen->out);
}

const rp_command rp_command_convert = {
    .name = "convert",
    .summary = "a checkpoint as safetensors that transformers loads",
    .usage = "rephrase convert PATH --out FOLDER [--type F32]",
    .about = "Reads a model (a directory, .safetensors or .gguf) and writes FOLDER with config.json, model.safetensors, "
             "tokenizer.json and tokenizer_config.json. BF16 rounds to nearest even and halves the size. A model without a "
             "tokenizer is written without one.",
    .examples = "  rephrase convert SmolLM2-135M-Instruct.Q4_1.gguf --out smollm2\n"
                "  rephrase convert runs/micro-world/repo --out small --type BF16\n",
    .words = "PATH",
    .arguments = sizeof(arguments),
    .options = options,
    .run = run,
};
