/* SPDX-License-Identifier: MIT
 *
 * cmd_convert.c — `rephrase convert`: any checkpoint that can be read, written as a folder that transformers loads.
 *
 * A GGUF file becomes safetensors with its quantised values as they are (each is exact in F32), its tokenizer as tokenizer.json,
 * and its template beside it. Sharded and BF16 checkpoints become one file. So a model can be trained here and used elsewhere.
 */
#include "generation.h"

#include <string.h>

static const rp_command_help help = {
    "rephrase convert PATH --out FOLDER [--type F32]",
    "Reads a model (a directory, .safetensors or .gguf) and writes FOLDER with config.json, model.safetensors, "
    "tokenizer.json and "
    "tokenizer_config.json. BF16 rounds to nearest even and halves the size. A model without a tokenizer is written "
    "without one.",
    "  rephrase convert SmolLM2-135M-Instruct.Q4_1.gguf --out smollm2\n"
    "  rephrase convert runs/micro-world/repo --out small --type BF16\n",
};

static rp_status find_type(const char *name, rp_dtype *type) {
    static const rp_dtype types[] = {RP_F32, RP_BF16, RP_F64};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, rp_dtype_name(types[i])) == 0) {
            *type = types[i];
            return RP_OK;
        }
    return rp_fail(RP_ERR_ARGUMENT, "--type = %s: models are written as F32, BF16 or F64", name);
}

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

static rp_status run(rp_arena *arena, int argc, char **argv) {
    const char *out = NULL, *type_name = "F32", *tokenizer = NULL;
    bool done = false;
    rp_text_list words = {.count = 0};
    const rp_flag flags[] = {
        {"out", RP_FLAG_TEXT, &out, "FOLDER", "where to write; it is made when it is not there"},
        {"type", RP_FLAG_TEXT, &type_name, "NAME", "F32, BF16 or F64"},
        {"tokenizer", RP_FLAG_TEXT, &tokenizer, "PATH", "tokenizer.json; without it the model's own"},
        {NULL, RP_FLAG_BOOL, NULL, NULL, NULL},
    };
    RP_TRY(rp_flags_parse(flags, &help, argc, argv, &words, &done));
    if (done) return RP_OK;
    if (words.count != 1) return rp_fail(RP_ERR_ARGUMENT, "name one model: a directory, .safetensors or .gguf");
    if (!out) return rp_fail(RP_ERR_ARGUMENT, "--out is missing: the folder to write");
    const char *config = rp_path_join(arena, out, "config.json");
    RP_TRY_ALLOC(config);
    if (rp_file_exists(config)) return rp_fail(RP_ERR_ARGUMENT, "%s already holds a model", out);
    rp_dtype type = RP_F32;
    rp_model *model;
    rp_load_report report;
    RP_TRY(find_type(type_name, &type));
    RP_TRY(rp_model_load(arena, words.items[0], &model, &report));
    RP_TRY(rp_model_save(arena, model, out, type));
    printf("%s: %zu tensors, read as %s, written as %s\n", out, report.tensors, report.types, type_name);
    return write_tokenizer(arena, tokenizer ? tokenizer : words.items[0], out);
}

int rp_cmd_convert(int argc, char **argv) {
    rp_arena *arena = rp_arena_create("convert", 0);
    const rp_status status = arena ? run(arena, argc, argv) : RP_ERR_MEMORY;
    const int code = status == RP_OK ? 0 : rp_command_failed("convert", status);
    rp_arena_destroy(arena);
    return code;
}
