/* SPDX-License-Identifier: MIT
 *
 * split.c — one GGUF model in several files.
 *
 * llama.cpp cuts a large model into NAME-00001-of-00003.gguf and so on. Every part is a whole GGUF file with a directory of its own
 * tensors; split.count says how many there are, split.no which one this is (from 0), split.tensors.count how many tensors there are
 * in all. The first part holds the metadata of the model. Whichever part is named, all are opened.
 */
#include "internal.h"

#include <stdlib.h>

enum { MOST_PARTS = 9999 };

static rp_status read_part(rp_arena *arena, const char *path, rp_tensor_file *part) {
    *part = (rp_tensor_file){.path = path, .is_gguf = true, .views = rp_alloc_zero(arena, rp_file_view, 1)};
    RP_TRY_ALLOC(part->views);
    RP_TRY(rp_file_map(path, &part->views[0]));
    part->view_count = 1;
    if (part->views[0].size < 4 || memcmp(part->views[0].data, "GGUF", 4) != 0) {
        RP_TRY(rp_foreign_check(path, part->views[0].data, part->views[0].size));
        return rp_fail(RP_ERR_FORMAT, "%s: is not a GGUF file", path);
    }
    return rp_gguf_read(arena, part);
}

/* Gives back what a part has mapped and was not taken over. */
static void close_part(rp_tensor_file *part) {
    if (part->view_count) rp_file_unmap(&part->views[0]);
    part->view_count = 0;
}

/* An absent key leaves the value. */
static rp_status read_count(const rp_tensor_file *part, const char *key, int64_t most, int64_t *value) {
    if (!rp_gguf_has(part, key)) return RP_OK;
    RP_TRY(rp_gguf_get_int(part, key, value));
    if (*value >= 0 && *value <= most) return RP_OK;
    return rp_fail(RP_ERR_FORMAT, "%s: key %s is %lld, which is not from 0 to %lld", part->path, key, (long long)*value,
                   (long long)most);
}

/* The path of part i (from 0) of `count`, by the name of any part; NULL when that has another form. */
static const char *path_of_part(rp_arena *arena, const char *path, int64_t i, int64_t count) {
    char end[40];
    const size_t n = strlen(path), tail = (size_t)snprintf(end, sizeof end, "-00000-of-%05lld.gguf", (long long)count);
    if (n < tail || strcmp(path + n - tail + 6, end + 6) != 0 || path[n - tail] != '-') return NULL;
    for (size_t k = n - tail + 1; k < n - tail + 6; k++)
        if (path[k] < '0' || path[k] > '9') return NULL;
    return rp_sprintf(arena, "%.*s-%05lld-of-%05lld.gguf", (int)(n - tail), path, (long long)i + 1, (long long)count);
}

static rp_status check_part(const rp_tensor_file *part, int64_t i, int64_t count) {
    int64_t no = -1, parts = -1;
    RP_TRY(read_count(part, "split.no", MOST_PARTS, &no));
    RP_TRY(read_count(part, "split.count", MOST_PARTS, &parts));
    if (no == i && parts == count) return RP_OK;
    return rp_fail(RP_ERR_FORMAT, "%s: says that it is part %lld of %lld, not part %lld of %lld as its name does",
                   part->path, (long long)no + 1, (long long)parts, (long long)i + 1, (long long)count);
}

/* Moves what a part holds into the file. */
static void join(rp_tensor_file *file, rp_tensor_file *part) {
    file->views[file->view_count++] = part->views[0];
    part->view_count = 0;
    if (part->tensor_count)
        memcpy(file->tensors + file->tensor_count, part->tensors, part->tensor_count * sizeof *part->tensors);
    file->tensor_count += part->tensor_count;
}

static rp_status read_parts(rp_arena *arena, const char *path, int64_t count, rp_tensor_file *parts, size_t *tensors) {
    *tensors = 0;
    for (int64_t i = 0; i < count; i++) {
        const char *name = path_of_part(arena, path, i, count);
        if (!name)
            return rp_fail(
                RP_ERR_FORMAT,
                "%s: is one of %lld parts of a model; the parts are found by the names NAME-00001-of-%05lld.gguf", path,
                (long long)count, (long long)count);
        if (!rp_file_exists(name))
            return rp_fail(RP_ERR_IO, "%s: part %lld of %lld of this model is missing: there is no %s beside it", path,
                           (long long)i + 1, (long long)count, rp_path_base(name));
        RP_TRY(read_part(arena, name, &parts[i]));
        RP_TRY(check_part(&parts[i], i, count));
        *tensors += parts[i].tensor_count;
    }
    return RP_OK;
}

static rp_status join_parts(rp_arena *arena, rp_tensor_file *file, int64_t count) {
    rp_tensor_file *parts = rp_alloc_zero(arena, rp_tensor_file, (size_t)count);
    RP_TRY_ALLOC(parts);
    size_t tensors;
    rp_status status = read_parts(arena, file->path, count, parts, &tensors);
    int64_t wanted = (int64_t)tensors;
    if (status == RP_OK) status = read_count(&parts[0], "split.tensors.count", INT32_MAX, &wanted);
    if (status == RP_OK && wanted != (int64_t)tensors)
        status = rp_fail(RP_ERR_FORMAT, "%s: the parts hold %zu tensors; split.tensors.count says %lld", parts[0].path,
                         tensors, (long long)wanted);
    file->views = rp_alloc_zero(arena, rp_file_view, (size_t)count);
    file->tensors = rp_alloc_zero(arena, rp_tensor_view, tensors + 1);
    if (status == RP_OK && (!file->views || !file->tensors)) status = RP_ERR_MEMORY;
    for (int64_t i = 0; i < count && status == RP_OK; i++) join(file, &parts[i]);
    for (int64_t i = 0; i < count; i++) close_part(&parts[i]);
    if (status != RP_OK) return status;
    file->path = parts[0].path;
    file->values = parts[0].values;
    file->value_count = parts[0].value_count;
    file->keys = parts[0].keys;
    return RP_OK;
}

rp_status rp_gguf_open(rp_arena *arena, rp_tensor_file *file) {
    rp_tensor_file first;
    rp_status status = read_part(arena, file->path, &first);
    int64_t count = 1;
    if (status == RP_OK) status = read_count(&first, "split.count", MOST_PARTS, &count);
    if (status != RP_OK || count > 1) {
        close_part(&first);
        file->is_gguf = true;
        return status == RP_OK ? join_parts(arena, file, count) : status;
    }
    *file = first;
    return RP_OK;
}
