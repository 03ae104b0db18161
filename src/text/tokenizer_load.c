/* SPDX-License-Identifier: MIT
 *
 * tokenizer_load.c — a tokenizer from a file or a directory, whatever its form.
 */
#include "internal.h"

#include <string.h>

/* The tokenizer.json of a directory, or of the one that a checkpoint file lies in. */
static rp_status find_file(rp_arena *arena, const char **path) {
    static const struct {
        const char *name, *what;
    } others[] = {
        {"tokenizer.model", "a model of SentencePiece, which is not supported"},
        {"vocab.json", "an older form; AutoTokenizer.from_pretrained(...).save_pretrained(...) writes tokenizer.json"},
        {"tekken.json", "Mistral's own form, which is not supported"}};
    const bool is_directory = rp_file_is_directory(*path);
    const char *directory = is_directory ? *path : NULL;
    if (!is_directory && (rp_has_suffix(*path, ".safetensors") || rp_has_suffix(*path, ".index.json")))
        directory = rp_path_directory(arena, *path);
    if (!directory) return RP_OK;
    *path = rp_path_join(arena, directory, "tokenizer.json");
    RP_TRY_ALLOC(*path);
    for (size_t i = 0; i < sizeof others / sizeof *others && !rp_file_exists(*path); i++) {
        const char *other = rp_path_join(arena, directory, others[i].name);
        RP_TRY_ALLOC(other);
        if (rp_file_exists(other))
            return rp_fail(RP_ERR_UNSUPPORTED, "%s: the directory holds no tokenizer.json but %s, %s", directory,
                           others[i].name, others[i].what);
    }
    return RP_OK;
}

rp_status rp_tokenizer_load(rp_arena *arena, const char *path, rp_tokenizer **tokenizer) {
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_status status;
    rp_file_view view = {0};
    RP_TRY(find_file(arena, &path));
    RP_TRY(rp_file_map(path, &view));
    const bool is_gguf = view.size >= 4 && memcmp(view.data, "GGUF", 4) == 0;
    rp_file_unmap(&view);
    status = is_gguf ? rp_tokenizer_read_gguf(arena, path, tokenizer) : rp_tokenizer_read_json(arena, path, tokenizer);
    if (status != RP_OK) rp_arena_rewind(arena, mark);
    return status;
}
