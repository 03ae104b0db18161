/* SPDX-License-Identifier: MIT
 *
 * inputs.c — are the files the ones the run began with?
 *
 * "Goes on bit for bit" is true only when data, model and tokenizer are the same. inputs.json in the run's directory keeps
 * a digest of each file that was named; --resume compares. Files are known by their bytes, not by their times: a folder may
 * be copied.
 */
#include "inputs.h"

#include <inttypes.h>
#include <string.h>

typedef struct input {
    const char *name, *path;
    uint64_t digest;
    bool known; /* named, and a file or folder with files that count */
} input;

enum { INPUTS = 4 };

static rp_status digest_file(const char *path, uint64_t *digest) {
    rp_file_view view;
    RP_TRY(rp_file_map(path, &view));
    *digest = rp_hash64(view.size ? (const void *)view.data : (const void *)"", view.size, *digest);
    rp_file_unmap(&view);
    return RP_OK;
}

/* A folder stands for the files that are read from it. */
static rp_status digest_folder(rp_arena *arena, const char *folder, input *in) {
    static const char *const files[] = {
        "config.json",    "generation_config.json", "model.safetensors",  "model.safetensors.index.json",
        "tokenizer.json", "tokenizer_config.json",  "chat_template.jinja"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = rp_path_join(arena, folder, files[i]);
        RP_TRY_ALLOC(path);
        if (!rp_file_exists(path)) continue;
        RP_TRY(digest_file(path, &in->digest));
        in->known = true;
    }
    return RP_OK;
}

static rp_status digest(rp_arena *arena, input *in) {
    if (!*in->path || strcmp(in->path, "world") == 0 || strcmp(in->path, "-") == 0) return RP_OK;
    if (rp_file_is_directory(in->path)) return digest_folder(arena, in->path, in);
    in->known = true;
    return digest_file(in->path, &in->digest);
}

static rp_status write(rp_arena *arena, const char *path, const input *inputs) {
    rp_buffer text = rp_buffer_in(arena);
    rp_json_writer w = rp_json_write_to(&text);
    rp_json_begin_object(&w);
    for (size_t i = 0; i < INPUTS; i++) {
        if (!inputs[i].known) continue;
        char digits[24];
        (void)snprintf(digits, sizeof digits, "%016" PRIx64, inputs[i].digest);
        rp_json_put_key(&w, inputs[i].name);
        rp_json_put_text(&w, digits);
    }
    rp_json_end_object(&w);
    rp_buffer_char(&text, '\n');
    RP_TRY(rp_buffer_status(&text));
    return rp_file_write(arena, path, text.data, text.length);
}

static rp_status compare(const rp_json *root, const input *inputs) {
    for (size_t i = 0; i < INPUTS; i++) {
        const rp_json at = rp_json_key(root, inputs[i].name);
        char digits[24];
        rp_str then = {0};
        RP_TRY(rp_json_opt_string(&at, &then));
        (void)snprintf(digits, sizeof digits, "%016" PRIx64, inputs[i].digest);
        if (inputs[i].known && then.data && !rp_str_is(then, digits))
            return rp_fail(
                RP_ERR_ARGUMENT,
                "%s: %s is not the file that the run began with (digest %s, then %.*s): put it back, or begin another run",
                inputs[i].path, inputs[i].name, digits, (int)(then.length < 20 ? then.length : 20), then.data);
    }
    return RP_OK;
}

rp_status rp_run_check_inputs(rp_arena *arena, const rp_recipe *recipe, bool begun) {
    input inputs[INPUTS] = {{.name = "data", .path = recipe->data},
                            {.name = "eval_data", .path = recipe->eval_data},
                            {.name = "model", .path = recipe->model},
                            {.name = "tokenizer", .path = recipe->tokenizer}};
    for (size_t i = 0; i < INPUTS; i++) RP_TRY(digest(arena, &inputs[i]));
    const char *path = rp_path_join(arena, recipe->out, "inputs.json");
    RP_TRY_ALLOC(path);
    if (!begun || !rp_file_exists(path)) return write(arena, path, inputs);
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document);
    const rp_status status = compare(&root, inputs);
    rp_json_free(document);
    return status;
}
