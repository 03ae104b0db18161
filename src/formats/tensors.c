/* SPDX-License-Identifier: MIT
 *
 * tensors.c — the tensors of a checkpoint: the checks that all formats share, and finding one by name.
 */
#include "internal.h"

#include <stdlib.h>

/* ---- Checks common to all formats ------------------------------------------------------------------------------ */

rp_status rp_tensor_size(rp_tensor_view *tensor) {
    const rp_dtype_row *row = &rp_dtype_rows[tensor->type];
    size_t count = 1;
    for (int d = 0; d < tensor->rank; d++) {
        const size_t size = tensor->shape[d];
        /* With this bound a count times a block's bytes (at most 8 per value) fits too. */
        if (size && count > SIZE_MAX / 16 / size)
            return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: the product of its shape overflows", tensor->file,
                           SHOWN(tensor->name));
        count *= size;
    }
    const size_t innermost = tensor->rank ? tensor->shape[tensor->rank - 1] : 1;
    if (innermost % row->block != 0)
        return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: rows of %zu values are not whole blocks of %zu (%s)", tensor->file,
                       SHOWN(tensor->name), innermost, row->block, row->name);
    tensor->count = count;
    tensor->bytes = rp_dtype_bytes(tensor->type, count);
    return RP_OK;
}

static int compare_extents(const void *a, const void *b) {
    const rp_tensor_view *x = *(const rp_tensor_view *const *)a, *y = *(const rp_tensor_view *const *)b;
    if (x->data != y->data) return x->data < y->data ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

rp_status rp_tensors_check_extents(rp_arena *arena, const rp_tensor_view *tensors, size_t count, const unsigned char *begin,
                                   const unsigned char *end, bool dense) {
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    const rp_tensor_view **order = rp_alloc(arena, const rp_tensor_view *, count + 1);
    RP_TRY_ALLOC(order);
    for (size_t i = 0; i < count; i++) order[i] = &tensors[i];
    if (count) qsort(order, count, sizeof *order, compare_extents);
    const unsigned char *covered = begin;
    rp_status status = RP_OK;
    for (size_t i = 0; i < count && status == RP_OK; i++) {
        const rp_tensor_view *t = order[i];
        if (t->bytes && t->data < covered)
            status = rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s overlaps tensor %.*s", t->file, SHOWN(t->name),
                             SHOWN(order[i - 1]->name));
        else if (dense && t->data > covered)
            status = rp_fail(RP_ERR_FORMAT, "%s: %td bytes before tensor %.*s belong to no tensor", t->file,
                             t->data - covered, SHOWN(t->name));
        if (t->data + t->bytes > covered) covered = t->data + t->bytes;
    }
    if (status == RP_OK && dense && count && covered != end)
        status = rp_fail(RP_ERR_FORMAT, "%s: %td bytes behind the last tensor belong to no tensor", tensors[0].file,
                         end - covered);
    rp_arena_rewind(arena, mark);
    return status;
}

/* ---- Looking up ------------------------------------------------------------------------------------------------ */

void rp_tensors_close(rp_tensor_file *file) {
    if (!file) return;
    for (size_t i = 0; i < file->view_count; i++) rp_file_unmap(&file->views[i]);
    file->view_count = 0;
}

bool rp_tensors_is_gguf(const rp_tensor_file *file) {
    return file->is_gguf;
}

size_t rp_tensors_count(const rp_tensor_file *file) {
    return file->tensor_count;
}

const rp_tensor_view *rp_tensors_get(const rp_tensor_file *file, size_t index) {
    RP_REQUIRE(index < file->tensor_count);
    return &file->tensors[index];
}

const rp_tensor_view *rp_tensors_find(const rp_tensor_file *file, const char *name) {
    const rp_name *found = rp_names_find(file->names, file->tensor_count, rp_str_of(name));
    return found ? &file->tensors[found->index] : NULL;
}

bool rp_safetensors_metadata(const rp_tensor_file *file, const char *key, rp_str *value) {
    for (size_t i = 0; i < file->metadata_count; i++) {
        if (!rp_str_is(file->metadata[i].key, key)) continue;
        *value = file->metadata[i].value;
        return true;
    }
    return false;
}
