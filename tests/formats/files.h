/* SPDX-License-Identifier: MIT
 *
 * files.h — making small files for the tests of this layer, whole and broken.
 */
#ifndef REPHRASE_TEST_FORMATS_FILES_H
#define REPHRASE_TEST_FORMATS_FILES_H

#include <rephrase/formats.h>
#include <rephrase/json.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* A file in a directory of this test program: each one defines SCRATCH before it includes this header. */
static inline const char *scratch_path(rp_arena *arena, const char *name) {
    const char *directory = rp_strdup(arena, temporary_path("formats-" SCRATCH));
    assert_ok(rp_make_directories(directory));
    return rp_path_join(arena, directory, name);
}

static inline const char *golden_path(rp_arena *arena, const char *name) {
    return source_path(rp_sprintf(arena, "data/golden/v1/formats/%s", name));
}

static inline const char *write_bytes(rp_arena *arena, const char *name, const void *bytes, size_t n) {
    const char *path = scratch_path(arena, name);
    assert_ok(rp_file_write(arena, path, bytes, n));
    return path;
}

/* Opening must fail with this status and a sentence that has both the file's name and `part`. */
static inline void expect_refusal(rp_arena *arena, const char *path, rp_status status, const char *part) {
    rp_tensor_file *file = NULL;
    const rp_status got = rp_tensors_open(arena, path, &file);
    if (got != status || !strstr(rp_last_error(), part) || !strstr(rp_last_error(), rp_path_base(path)))
        fail_msg("expected %s \"…%s…\", got %s \"%s\"", rp_status_name(status), part, rp_status_name(got), rp_last_error());
    assert_null(file);
}

/* A safetensors file from its header's text and a number of zero bytes. */
static inline const char *write_safetensors_text(rp_arena *arena, const char *name, const char *header, size_t data) {
    rp_buffer out = rp_buffer_in(arena);
    const uint64_t length = strlen(header);
    rp_buffer_append(&out, &length, sizeof length);
    rp_buffer_text(&out, header);
    for (size_t i = 0; i < data; i++) rp_buffer_char(&out, 0);
    assert_ok(rp_buffer_status(&out));
    return write_bytes(arena, name, out.data, out.length);
}

/* Bytes of a string of hexadecimal digits. */
static inline size_t from_hex(rp_arena *arena, rp_str hex, unsigned char **bytes) {
    *bytes = rp_alloc(arena, unsigned char, hex.length / 2 + 1);
    for (size_t i = 0; i < hex.length / 2; i++) {
        const char pair[3] = {hex.data[2 * i], hex.data[2 * i + 1], 0};
        (*bytes)[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return hex.length / 2;
}

/* Every tensor of files.json's entry for `name` against the open file. Values must be the same bits after rounding to real.
 */
static inline void compare_with_golden(rp_arena *arena, const char *name, const rp_tensor_file *file) {
    rp_json_document *document;
    assert_ok(rp_json_load(golden_path(arena, "files.json"), &document));
    const rp_json root = rp_json_root(document), files = rp_json_key(&root, "files"), expected = rp_json_key(&files, name);
    assert_int_equal(rp_tensors_count(file), rp_json_length(&expected));
    assert_true(rp_json_length(&expected) >= 5);
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json entry;
    while (rp_json_next_member(&expected, &iterator, &key, &entry)) {
        const rp_tensor_view *tensor = rp_tensors_find(file, key);
        assert_non_null(tensor);
        const rp_json type = rp_json_key(&entry, "type"), shape = rp_json_key(&entry, "shape"),
                      values = rp_json_key(&entry, "values");
        rp_str type_name;
        assert_ok(rp_json_get_string(&type, &type_name));
        assert_true(rp_str_is(type_name, rp_dtype_name(tensor->type)));
        assert_int_equal(tensor->rank, rp_json_length(&shape));
        for (int d = 0; d < tensor->rank; d++) {
            const rp_json item = rp_json_at(&shape, (size_t)d);
            int64_t size;
            assert_ok(rp_json_get_int(&item, 0, 1 << 20, &size));
            assert_int_equal(tensor->shape[d], size);
        }
        assert_int_equal(tensor->count, rp_json_length(&values));
        real *out = rp_alloc(arena, real, tensor->count + 1);
        rp_tensor_read(tensor, 0, tensor->count, out);
        for (size_t i = 0; i < tensor->count; i++) {
            const rp_json item = rp_json_at(&values, i);
            double value;
            assert_ok(rp_json_get_double(&item, &value));
            /* The files hold float32 arithmetic where blocks are quantised: allow one rounding of the sum d q + m. */
            if (fabs((double)out[i] - value) > 1e-7 * fabs(value))
                fail_msg("%s[%zu]: %.9g, expected %.9g", key, i, (double)out[i], value);
        }
    }
    rp_json_free(document);
}

/* ---- GGUF files built byte by byte ---------------------------------------------------------------------------------- */

static inline void u32(rp_buffer *out, uint32_t value) {
    rp_buffer_append(out, &value, 4);
}
static inline void u64(rp_buffer *out, uint64_t value) {
    rp_buffer_append(out, &value, 8);
}
static inline void string(rp_buffer *out, const char *text) {
    u64(out, strlen(text));
    rp_buffer_text(out, text);
}
static inline rp_buffer header(rp_arena *arena, uint32_t version, uint64_t tensors, uint64_t pairs) {
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_text(&out, "GGUF");
    u32(&out, version);
    u64(&out, tensors);
    u64(&out, pairs);
    return out;
}
static inline void tensor(rp_buffer *out, const char *name, uint64_t rows, uint64_t columns, uint32_t type,
                          uint64_t offset) {
    string(out, name);
    u32(out, 2);
    u64(out, columns);
    u64(out, rows);
    u32(out, type);
    u64(out, offset);
}
static inline void pad(rp_buffer *out, size_t bytes) {
    while (out->length % 32 != 0) rp_buffer_char(out, 0);
    for (size_t i = 0; i < bytes; i++) rp_buffer_char(out, 1);
}

#endif
