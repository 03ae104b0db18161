/* SPDX-License-Identifier: MIT
 *
 * gguf.c — the directory of a GGUF file, checked.
 *
 * The format: "GGUF", a version, the numbers of tensors and of key/value pairs; then the pairs, each a key, a type and a
 * value; then the tensors' names, shapes, types and offsets; then, at the next multiple of the alignment, the data.
 * Versions 2 and 3 are alike for little-endian files. A shape is stored innermost first; it is turned round here.
 *
 * Reading goes through a cursor that refuses to step over the end of the file. No count is believed before it is compared
 * with what the bytes left could hold, so that memory is at most a small multiple of the file's size.
 */
#include "internal.h"

typedef struct cursor {
    const char *path;
    const unsigned char *at, *end;
} cursor;

static size_t left(const cursor *c) {
    return (size_t)(c->end - c->at);
}

static rp_status truncated(const char *path, const char *what) {
    return rp_fail(RP_ERR_FORMAT, "%s: the file ends inside %s: it is truncated", path, what);
}

static rp_status take_u32(cursor *c, const char *what, uint32_t *value) {
    if (left(c) < 4) return truncated(c->path, what);
    *value = load_u32(c->at);
    c->at += 4;
    return RP_OK;
}

static rp_status take_u64(cursor *c, const char *what, uint64_t *value) {
    if (left(c) < 8) return truncated(c->path, what);
    *value = load_u64(c->at);
    c->at += 8;
    return RP_OK;
}

static rp_status take_string(cursor *c, const char *what, rp_str *text) {
    uint64_t length = 0;
    RP_TRY(take_u64(c, what, &length));
    if (length > left(c))
        return rp_fail(RP_ERR_FORMAT, "%s: a string of %llu bytes in %s passes the end of the file", c->path,
                       (unsigned long long)length, what);
    *text = (rp_str){(const char *)c->at, (size_t)length};
    c->at += length;
    return RP_OK;
}

/* ---- Metadata -------------------------------------------------------------------------------------------------- */

/* Bytes of one value by GGUF's type number; 0 = a string (8) or an array (9). */
static const unsigned char value_bytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
enum { TYPE_STRING = 8, TYPE_ARRAY = 9, TYPE_COUNT = sizeof value_bytes };

static rp_status skip_strings(cursor *c, uint64_t count, const char *what) {
    for (uint64_t i = 0; i < count; i++) {
        rp_str ignored;
        RP_TRY(take_string(c, what, &ignored));
    }
    return RP_OK;
}

static rp_status read_value(cursor *c, rp_gguf_value *value) {
    const char *what = "the metadata";
    RP_TRY(take_string(c, what, &value->key));
    RP_TRY(take_u32(c, what, &value->type));
    value->count = 1;
    if (value->type == TYPE_ARRAY) {
        value->is_array = true;
        RP_TRY(take_u32(c, what, &value->type));
        RP_TRY(take_u64(c, what, &value->count));
    }
    if (value->type >= TYPE_COUNT)
        return rp_fail(RP_ERR_FORMAT, "%s: key %.*s: %u is not a type of GGUF", c->path, SHOWN(value->key), value->type);
    if (value->type == TYPE_ARRAY)
        return rp_fail(RP_ERR_UNSUPPORTED, "%s: key %.*s: arrays of arrays are not supported", c->path, SHOWN(value->key));
    const size_t smallest = value->type == TYPE_STRING ? 8 : value_bytes[value->type];
    if (value->count > left(c) / smallest)
        return rp_fail(RP_ERR_FORMAT, "%s: key %.*s: %llu elements pass the end of the file", c->path, SHOWN(value->key),
                       (unsigned long long)value->count);
    value->data = c->at;
    if (value->type == TYPE_STRING)
        RP_TRY(skip_strings(c, value->count, what));
    else
        c->at += value->count * smallest;
    value->end = c->at;
    return RP_OK;
}

static rp_status read_metadata(rp_arena *arena, cursor *c, uint64_t count, rp_tensor_file *file) {
    enum { SMALLEST_PAIR = 8 + 4 + 1 };
    if (count > left(c) / SMALLEST_PAIR)
        return rp_fail(RP_ERR_FORMAT, "%s: %llu metadata pairs cannot fit into the file", c->path,
                       (unsigned long long)count);
    file->value_count = (size_t)count;
    file->values = rp_alloc_zero(arena, rp_gguf_value, file->value_count + 1);
    file->keys = rp_alloc(arena, rp_name, file->value_count + 1);
    RP_TRY_ALLOC(file->values);
    RP_TRY_ALLOC(file->keys);
    for (size_t i = 0; i < file->value_count; i++) {
        RP_TRY(read_value(c, &file->values[i]));
        file->keys[i] = (rp_name){file->values[i].key, i};
    }
    const rp_name *twice = rp_names_sort(file->keys, file->value_count);
    if (!twice) return RP_OK;
    return rp_fail(RP_ERR_FORMAT, "%s: key %.*s occurs twice", c->path, SHOWN(twice->name));
}

/* ---- Tensors --------------------------------------------------------------------------------------------------- */

static rp_status read_type(cursor *c, rp_tensor_view *tensor) {
    uint32_t number = 0;
    RP_TRY(take_u32(c, "the tensor directory", &number));
    for (int t = 0; t < RP_DTYPE_COUNT; t++) {
        if (rp_dtype_rows[t].gguf != number) continue;
        tensor->type = (rp_dtype)t;
        return RP_OK;
    }
    const char *name = rp_ggml_type_name(number);
    return rp_fail(
        RP_ERR_UNSUPPORTED,
        "%s: tensor %.*s: type %s (number %u of ggml) is not supported; F32, F16, BF16, F64, Q8_0, Q4_0, Q4_1, Q5_0, "
        "Q5_1, Q2_K to Q6_K, IQ4_NL and IQ4_XS are",
        c->path, SHOWN(tensor->name), name ? name : "unknown", number);
}

/* The offset is kept in *offset until the start of the data is known. */
static rp_status read_tensor(cursor *c, rp_tensor_view *tensor, uint64_t *offset) {
    const char *what = "the tensor directory";
    uint32_t rank = 0;
    tensor->file = c->path;
    RP_TRY(take_string(c, what, &tensor->name));
    RP_TRY(take_u32(c, what, &rank));
    if (rank > RP_MAX_RANK)
        return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: %u dimensions, GGUF allows %d", c->path, SHOWN(tensor->name), rank,
                       RP_MAX_RANK);
    tensor->rank = (int)rank;
    for (int d = tensor->rank - 1; d >= 0; d--) {
        uint64_t size = 0;
        RP_TRY(take_u64(c, what, &size));
        if (size > SIZE_MAX / 16)
            return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: the product of its shape overflows", c->path,
                           SHOWN(tensor->name));
        tensor->shape[d] = (size_t)size;
    }
    RP_TRY(read_type(c, tensor));
    RP_TRY(rp_tensor_size(tensor));
    return take_u64(c, what, offset);
}

static rp_status place_tensor(rp_tensor_view *tensor, uint64_t offset, uint64_t alignment, const unsigned char *data,
                              size_t available) {
    if (offset % alignment != 0)
        return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: offset %llu is not a multiple of the alignment %llu", tensor->file,
                       SHOWN(tensor->name), (unsigned long long)offset, (unsigned long long)alignment);
    if (offset > available || tensor->bytes > available - offset)
        return rp_fail(RP_ERR_FORMAT,
                       "%s: tensor %.*s: %zu bytes at offset %llu pass the end of the file's %zu bytes of data",
                       tensor->file, SHOWN(tensor->name), tensor->bytes, (unsigned long long)offset, available);
    tensor->data = data + offset;
    return RP_OK;
}

static rp_status read_alignment(const rp_tensor_file *file, uint64_t *alignment) {
    int64_t value = 32;
    if (rp_gguf_has(file, "general.alignment")) RP_TRY(rp_gguf_get_int(file, "general.alignment", &value));
    if (value < 1 || value > 1 << 20 || (value & (value - 1)) != 0)
        return rp_fail(RP_ERR_FORMAT, "%s: general.alignment %lld is not a power of two up to 2^20", file->path,
                       (long long)value);
    *alignment = (uint64_t)value;
    return RP_OK;
}

static rp_status read_tensors(rp_arena *arena, cursor *c, uint64_t count, rp_tensor_file *file) {
    enum { SMALLEST_TENSOR = 8 + 4 + 4 + 8 };
    if (count > left(c) / SMALLEST_TENSOR)
        return rp_fail(RP_ERR_FORMAT, "%s: %llu tensors cannot fit into the file", c->path, (unsigned long long)count);
    uint64_t alignment = 0;
    RP_TRY(read_alignment(file, &alignment));
    file->tensor_count = (size_t)count;
    file->tensors = rp_alloc_zero(arena, rp_tensor_view, file->tensor_count + 1);
    uint64_t *offsets = rp_alloc(arena, uint64_t, file->tensor_count + 1);
    RP_TRY_ALLOC(file->tensors);
    RP_TRY_ALLOC(offsets);
    for (size_t i = 0; i < file->tensor_count; i++) RP_TRY(read_tensor(c, &file->tensors[i], &offsets[i]));
    if (file->tensor_count == 0) return RP_OK;
    const unsigned char *begin = file->views[0].data;
    const uint64_t used = (uint64_t)(c->at - begin), start = (used + alignment - 1) / alignment * alignment;
    if (start > file->views[0].size) return truncated(c->path, "the padding before the data");
    const unsigned char *data = begin + start;
    for (size_t i = 0; i < file->tensor_count; i++)
        RP_TRY(place_tensor(&file->tensors[i], offsets[i], alignment, data, (size_t)(c->end - data)));
    return rp_tensors_check_extents(arena, file->tensors, file->tensor_count, data, c->end, false);
}

rp_status rp_gguf_read(rp_arena *arena, rp_tensor_file *file) {
    const rp_file_view *view = &file->views[0];
    cursor c = {file->path, view->data + 4, view->data + view->size};
    uint32_t version = 0;
    uint64_t tensors = 0, pairs = 0;
    RP_TRY(take_u32(&c, "the header", &version));
    if (version == 2u << 24 || version == 3u << 24)
        return rp_fail(RP_ERR_UNSUPPORTED, "%s: big-endian GGUF is not supported", file->path);
    if (version != 2 && version != 3)
        return rp_fail(RP_ERR_UNSUPPORTED, "%s: GGUF version %u is not supported (2 and 3 are)", file->path, version);
    RP_TRY(take_u64(&c, "the header", &tensors));
    RP_TRY(take_u64(&c, "the header", &pairs));
    RP_TRY(read_metadata(arena, &c, pairs, file));
    return read_tensors(arena, &c, tensors, file);
}
