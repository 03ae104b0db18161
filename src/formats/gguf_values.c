/* SPDX-License-Identifier: MIT
 *
 * gguf_values.c — GGUF's metadata by key, converted.
 *
 * The extent of every value was checked when the file was opened; here only types can disagree. A writer is free to choose
 * the width of an integer, so every width is accepted and widened to 64 bits.
 */
#include "internal.h"

/* GGUF's type numbers. */
enum { U8, I8, U16, I16, U32, I32, FLOAT32, BOOL, STRING, ARRAY, U64, I64, FLOAT64 };

static const char *const type_names[] = {"an 8-bit unsigned integer",
                                         "an 8-bit integer",
                                         "a 16-bit unsigned integer",
                                         "a 16-bit integer",
                                         "a 32-bit unsigned integer",
                                         "a 32-bit integer",
                                         "a float",
                                         "a boolean",
                                         "a string",
                                         "an array",
                                         "a 64-bit unsigned integer",
                                         "a 64-bit integer",
                                         "a double"};

static const rp_gguf_value *find(const rp_tensor_file *file, const char *key) {
    const rp_name *found = rp_names_find(file->keys, file->value_count, rp_str_of(key));
    return found ? &file->values[found->index] : NULL;
}

static rp_status find_value(const rp_tensor_file *file, const char *key, bool array, const rp_gguf_value **value) {
    *value = find(file, key);
    if (!*value) return rp_fail(RP_ERR_FORMAT, "%s: key %s is missing", file->path, key);
    if ((*value)->is_array == array) return RP_OK;
    return rp_fail(RP_ERR_FORMAT, "%s: key %s: expected %s, found %s", file->path, key,
                   array ? "an array" : "a single value", array ? type_names[(*value)->type] : "an array");
}

static rp_status wrong_type(const rp_tensor_file *file, const char *key, const char *expected, const rp_gguf_value *value) {
    return rp_fail(RP_ERR_FORMAT, "%s: key %s: expected %s, found %s", file->path, key, expected, type_names[value->type]);
}

/* One integer of any width; false for other types and for values above 2^63 - 1. */
static bool read_int(uint32_t type, const unsigned char *at, int64_t *out) {
    switch (type) {
    case U8:
        *out = at[0];
        return true;
    case I8:
        *out = (int8_t)at[0];
        return true;
    case U16:
        *out = load_u16(at);
        return true;
    case I16:
        *out = (int16_t)load_u16(at);
        return true;
    case U32:
        *out = load_u32(at);
        return true;
    case I32:
        *out = (int32_t)load_u32(at);
        return true;
    case U64:
        if (load_u64(at) > INT64_MAX) return false;
        *out = (int64_t)load_u64(at);
        return true;
    case I64:
        *out = (int64_t)load_u64(at);
        return true;
    default:
        return false;
    }
}

static size_t int_bytes(uint32_t type) {
    return type <= I8 ? 1 : type <= I16 ? 2 : type <= I32 ? 4 : 8;
}

size_t rp_gguf_count(const rp_tensor_file *file) {
    return file->value_count;
}

rp_str rp_gguf_key(const rp_tensor_file *file, size_t index) {
    RP_REQUIRE(index < file->value_count);
    return file->values[index].key;
}

bool rp_gguf_has(const rp_tensor_file *file, const char *key) {
    return find(file, key) != NULL;
}

rp_status rp_gguf_get_string(const rp_tensor_file *file, const char *key, rp_str *out) {
    const rp_gguf_value *value;
    RP_TRY(find_value(file, key, false, &value));
    if (value->type != STRING) return wrong_type(file, key, "a string", value);
    *out = (rp_str){(const char *)value->data + 8, (size_t)load_u64(value->data)};
    return RP_OK;
}

rp_status rp_gguf_get_int(const rp_tensor_file *file, const char *key, int64_t *out) {
    const rp_gguf_value *value;
    RP_TRY(find_value(file, key, false, &value));
    if (!read_int(value->type, value->data, out)) return wrong_type(file, key, "an integer below 2^63", value);
    return RP_OK;
}

rp_status rp_gguf_get_double(const rp_tensor_file *file, const char *key, double *out) {
    const rp_gguf_value *value;
    int64_t integer;
    RP_TRY(find_value(file, key, false, &value));
    if (value->type == FLOAT32) {
        *out = (double)load_f32(value->data);
    } else if (value->type == FLOAT64) {
        *out = load_f64(value->data);
    } else if (read_int(value->type, value->data, &integer)) {
        *out = (double)integer;
    } else {
        return wrong_type(file, key, "a number", value);
    }
    return RP_OK;
}

rp_status rp_gguf_get_bool(const rp_tensor_file *file, const char *key, bool *out) {
    const rp_gguf_value *value;
    RP_TRY(find_value(file, key, false, &value));
    if (value->type != BOOL || value->data[0] > 1) return wrong_type(file, key, "a boolean (0 or 1)", value);
    *out = value->data[0] == 1;
    return RP_OK;
}

rp_status rp_gguf_array_length(const rp_tensor_file *file, const char *key, size_t *n) {
    const rp_gguf_value *value;
    RP_TRY(find_value(file, key, true, &value));
    *n = (size_t)value->count;
    return RP_OK;
}

rp_status rp_gguf_strings(const rp_tensor_file *file, const char *key, rp_arena *arena, rp_str **out, size_t *n) {
    const rp_gguf_value *value;
    RP_TRY(find_value(file, key, true, &value));
    if (value->type != STRING) return wrong_type(file, key, "an array of strings, one element is", value);
    rp_str *items = rp_alloc(arena, rp_str, (size_t)value->count + 1);
    RP_TRY_ALLOC(items);
    const unsigned char *at = value->data;
    for (size_t i = 0; i < value->count; i++) {
        items[i] = (rp_str){(const char *)at + 8, (size_t)load_u64(at)};
        at += 8 + items[i].length;
    }
    *out = items;
    *n = (size_t)value->count;
    return RP_OK;
}

rp_status rp_gguf_ints(const rp_tensor_file *file, const char *key, rp_arena *arena, int64_t **out, size_t *n) {
    const rp_gguf_value *value;
    RP_TRY(find_value(file, key, true, &value));
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    int64_t *items = rp_alloc(arena, int64_t, (size_t)value->count + 1);
    RP_TRY_ALLOC(items);
    const size_t step = int_bytes(value->type);
    for (size_t i = 0; i < value->count; i++) {
        if (read_int(value->type, value->data + i * step, &items[i])) continue;
        rp_arena_rewind(arena, mark);
        return wrong_type(file, key, "an array of integers below 2^63, one element is", value);
    }
    *out = items;
    *n = (size_t)value->count;
    return RP_OK;
}
