/* SPDX-License-Identifier: MIT
 *
 * resolve.c — which file of a directory is the checkpoint, and what to say when none is.
 *
 * The order is transformers': model.safetensors before an index of several files, so that both programs read the same
 * weights where a folder holds both (an index that stayed behind when the parts were merged, say); the one that is left out
 * is named. Where neither is there, a few names tell what the folder holds instead.
 */
#include "internal.h"

static const struct {
    const char *name, *what;
} others[] = {
    {"pytorch_model.bin", "a pickle of PyTorch; save_pretrained of transformers writes safetensors"},
    {"pytorch_model.bin.index.json", "an index of pickles of PyTorch; save_pretrained of transformers writes safetensors"},
    {"consolidated.00.pth", "a pickle in Meta's own layout; the repositories with config.json hold safetensors"},
    {"consolidated.safetensors", "Mistral's own layout; the repositories with config.json hold model.safetensors"},
    {"adapter_model.safetensors", "an adapter (LoRA) without its model; merge_and_unload of PEFT joins them"},
    {"adapter_model.bin", "an adapter (LoRA) without its model; merge_and_unload of PEFT joins them"},
    {"tf_model.h5", "weights of TensorFlow; save_pretrained of transformers writes safetensors"},
    {"flax_model.msgpack", "weights of Flax; save_pretrained of transformers writes safetensors"},
};

static rp_status nothing_there(rp_arena *arena, const char *path) {
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *file = rp_path_join(arena, path, others[i].name);
        RP_TRY_ALLOC(file);
        if (rp_file_exists(file))
            return rp_fail(RP_ERR_UNSUPPORTED, "%s: the directory holds no model.safetensors but %s, %s", path,
                           others[i].name, others[i].what);
    }
    const char *found = rp_directory_find(arena, path, ".gguf");
    if (found) return rp_fail(RP_ERR_IO, "%s: the directory holds %s: name the file itself", path, found);
    found = rp_directory_find(arena, path, ".safetensors");
    if (found && strstr(found, "-of-"))
        return rp_fail(RP_ERR_IO, "%s: the directory holds %s, one part of several, but no model.safetensors.index.json",
                       path, found);
    return rp_fail(RP_ERR_IO, "%s: the directory holds neither model.safetensors nor model.safetensors.index.json", path);
}

rp_status rp_checkpoint_resolve(rp_arena *arena, const char *path, const char **resolved) {
    *resolved = path;
    if (!rp_file_is_directory(path)) return RP_OK;
    const char *whole = rp_path_join(arena, path, "model.safetensors"),
               *index = rp_path_join(arena, path, "model.safetensors.index.json");
    RP_TRY_ALLOC(whole);
    RP_TRY_ALLOC(index);
    const bool has_whole = rp_file_exists(whole), has_index = rp_file_exists(index);
    if (!has_whole && !has_index) return nothing_there(arena, path);
    if (has_whole && has_index)
        rp_log(RP_LOG_WARNING,
               "%s: model.safetensors is read and model.safetensors.index.json beside it is not, as in transformers", path);
    *resolved = has_whole ? whole : index;
    return RP_OK;
}

/* "model-00002-of-00005.safetensors" */
rp_status rp_part_refuse(rp_arena *arena, const char *path) {
    const char *of = strstr(rp_path_base(path), "-of-"), *base = rp_path_base(path);
    unsigned part = 0, parts = 0;
    while (of && of > base && of[-1] >= '0' && of[-1] <= '9') of--;
    if (!of || sscanf(of, "%5u-of-%5u", &part, &parts) != 2 || parts < 2) return RP_OK;
    const char *directory = rp_path_directory(arena, path);
    RP_TRY_ALLOC(directory);
    return rp_fail(RP_ERR_FORMAT, "%s: is part %u of %u of a checkpoint; name its folder %s or the index in it", path, part,
                   parts, directory);
}
