/* SPDX-License-Identifier: MIT
 *
 * tensor_file.c — opening a checkpoint whatever its form, and finding tensors in it by name.
 *
 * A checkpoint is a GGUF file, a safetensors file, or several safetensors files with an index that says which tensor is in
 * which file. The kind is read from the first bytes: GGUF begins with its name; a safetensors file with a 64-bit length,
 * whose top byte is zero; an index is JSON text and begins with '{'. What else lies in a checkpoint's place is named
 * (resolve.c says what a directory holds, split.c joins the parts of a GGUF file).
 */
#include "internal.h"

#include <rephrase/json.h>

/* ---- Collecting shards ----------------------------------------------------------------------------------------- */

/* A header's length within the file, and then a JSON object: a pickle may begin with the same bytes as a length. */
static bool is_safetensors(const rp_file_view *view) {
    return view->size > 8 && load_u64(view->data) <= view->size - 8 && view->data[8] == '{';
}

static rp_status index_names(rp_arena *arena, rp_tensor_file *file) {
    file->names = rp_alloc(arena, rp_name, file->tensor_count + 1);
    RP_TRY_ALLOC(file->names);
    for (size_t i = 0; i < file->tensor_count; i++) file->names[i] = (rp_name){file->tensors[i].name, i};
    const rp_name *twice = rp_names_sort(file->names, file->tensor_count);
    if (!twice) return RP_OK;
    return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s occurs twice", file->path, SHOWN(twice->name));
}

static rp_status open_shards(rp_arena *arena, rp_tensor_file *file, const char *const *paths, size_t count) {
    rp_shard *shards = rp_alloc_zero(arena, rp_shard, count);
    file->views = rp_alloc_zero(arena, rp_file_view, count);
    RP_TRY_ALLOC(shards);
    RP_TRY_ALLOC(file->views);
    for (size_t s = 0; s < count; s++) {
        RP_TRY(rp_file_map(paths[s], &file->views[s]));
        file->view_count = s + 1;
        shards[s] = (rp_shard){.path = paths[s], .view = file->views[s]};
        if (!is_safetensors(&file->views[s])) RP_TRY(rp_foreign_check(paths[s], file->views[s].data, file->views[s].size));
        RP_TRY(rp_safetensors_read(arena, &shards[s]));
        file->tensor_count += shards[s].count;
        if (!shards[s].metadata) continue;
        file->metadata = shards[s].metadata;
        file->metadata_count = shards[s].metadata_count;
    }
    file->tensors = rp_alloc(arena, rp_tensor_view, file->tensor_count + 1);
    RP_TRY_ALLOC(file->tensors);
    for (size_t s = 0, n = 0; s < count; n += shards[s].count, s++)
        memcpy(file->tensors + n, shards[s].tensors, shards[s].count * sizeof *file->tensors);
    return index_names(arena, file);
}

/* ---- An index of several files --------------------------------------------------------------------------------- */

/* A shard is a file beside the index: a name with a directory in it could point anywhere. */
static rp_status check_shard_name(const rp_json *at, rp_str name) {
    if (name.length == 0 || memchr(name.data, '/', name.length) || memchr(name.data, '\\', name.length) ||
        memchr(name.data, 0, name.length) || rp_str_is(name, ".."))
        return rp_json_fail(at, RP_ERR_FORMAT, "\"%.*s\" is not the name of a file beside the index", SHOWN(name));
    return RP_OK;
}

/* The distinct file names of the map, as paths, in the order of their names. */
static rp_status list_shards(rp_arena *arena, const char *path, const rp_json *map, const char ***paths, size_t *count) {
    const size_t entries = rp_json_length(map);
    rp_name *files = rp_alloc(arena, rp_name, entries + 1);
    RP_TRY_ALLOC(files);
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    for (size_t i = 0; i < entries && rp_json_next_member(map, &iterator, &key, &value); i++) {
        RP_TRY(rp_json_get_string(&value, &files[i].name));
        RP_TRY(check_shard_name(&value, files[i].name));
        files[i].index = i;
    }
    (void)rp_names_sort(files, entries); /* repeated names are the rule here */
    const char **list = rp_alloc(arena, const char *, entries + 1);
    const char *directory = rp_path_directory(arena, path);
    RP_TRY_ALLOC(list);
    RP_TRY_ALLOC(directory);
    size_t n = 0;
    for (size_t i = 0; i < entries; i++) {
        if (i && rp_str_equal(files[i].name, files[i - 1].name)) continue;
        const char *name = rp_strndup(arena, files[i].name.data, files[i].name.length);
        RP_TRY_ALLOC(name);
        list[n] = rp_path_join(arena, directory, name);
        RP_TRY_ALLOC(list[n]);
        n++;
    }
    *paths = list;
    *count = n;
    return RP_OK;
}

/* Every tensor the map names must be in the very file it names. */
static rp_status check_map(const rp_tensor_file *file, const rp_json *map) {
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    while (rp_json_next_member(map, &iterator, &key, &value)) {
        rp_str name;
        RP_TRY(rp_json_get_string(&value, &name));
        const rp_tensor_view *tensor = rp_tensors_find(file, key);
        if (!tensor || !rp_str_is(name, rp_path_base(tensor->file)))
            return rp_fail(RP_ERR_FORMAT, "%s: tensor %.96s is not in %.*s as the index says", file->path, key,
                           SHOWN(name));
    }
    return RP_OK;
}

static rp_status open_map(rp_arena *arena, rp_tensor_file *file, const rp_json *root) {
    const rp_json map = rp_json_key(root, "weight_map");
    RP_TRY(rp_json_require_type(&map, RP_JSON_OBJECT));
    if (rp_json_length(&map) == 0) return rp_fail(RP_ERR_FORMAT, "%s: the weight_map is empty", file->path);
    const char **paths;
    size_t count;
    RP_TRY(list_shards(arena, file->path, &map, &paths, &count));
    RP_TRY(open_shards(arena, file, paths, count));
    return check_map(file, &map);
}

static rp_status open_index(rp_arena *arena, rp_tensor_file *file) {
    rp_json_document *document;
    RP_TRY(rp_json_load(file->path, &document));
    const rp_json root = rp_json_root(document);
    const rp_status status = open_map(arena, file, &root);
    rp_json_free(document);
    return status;
}

/* ---- Opening --------------------------------------------------------------------------------------------------- */

static rp_status open_by_content(rp_arena *arena, rp_tensor_file *file) {
    rp_file_view view = {0};
    RP_TRY(rp_file_map(file->path, &view));
    const bool is_gguf = view.size >= 4 && memcmp(view.data, "GGUF", 4) == 0, whole = is_safetensors(&view),
               is_index = view.size && view.data[rp_byte_order_mark(view.data, view.size) % view.size] == '{',
               may_be_cut = view.size >= 8 && view.data[7] == 0;
    const rp_status foreign = whole || !view.size ? RP_OK : rp_foreign_check(file->path, view.data, view.size);
    rp_file_unmap(&view);
    RP_TRY(foreign);
    if (is_gguf) {
        RP_TRY(rp_gguf_open(arena, file));
        return index_names(arena, file);
    }
    if (is_index && !whole) return open_index(arena, file);
    if (whole || may_be_cut) {
        const char *const paths[1] = {file->path};
        RP_TRY(rp_part_refuse(arena, file->path));
        return open_shards(arena, file, paths, 1);
    }
    return rp_fail(RP_ERR_FORMAT, "%s: neither GGUF nor safetensors nor an index of safetensors files", file->path);
}

rp_status rp_tensors_open(rp_arena *arena, const char *path, rp_tensor_file **file) {
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_tensor_file *opened = rp_alloc_zero(arena, rp_tensor_file, 1);
    RP_TRY_ALLOC(opened);
    const char *resolved;
    rp_status status = rp_checkpoint_resolve(arena, path, &resolved);
    if (status == RP_OK) {
        opened->path = rp_strdup(arena, resolved);
        status = opened->path ? open_by_content(arena, opened) : RP_ERR_MEMORY;
    }
    if (status != RP_OK) {
        rp_tensors_close(opened);
        rp_arena_rewind(arena, mark);
        return status;
    }
    *file = opened;
    return RP_OK;
}
