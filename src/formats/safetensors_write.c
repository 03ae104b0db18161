/* SPDX-License-Identifier: MIT
 *
 * safetensors_write.c — checkpoints out: the header, then the tensors in the order given.
 *
 * The header is padded with spaces to a multiple of eight bytes, as the reference implementation does. The file appears
 * under its name only when it is complete (rp_writer_commit).
 */
#include "internal.h"

#include <rephrase/json.h>

#include <inttypes.h>

/* Round to nearest, ties to even, on the upper half of a float: add just under half of what is dropped, plus the last kept
 * bit. A NaN keeps its upper bits and becomes quiet, so that it cannot round to an infinity. */
static uint16_t to_bf16(float value) {
    uint32_t word;
    memcpy(&word, &value, sizeof word);
    if ((word & 0x7FFFFFFFu) > 0x7F800000u) return (uint16_t)(word >> 16 | 0x40);
    return (uint16_t)((word + 0x7FFF + (word >> 16 & 1)) >> 16);
}

/* One value in the file's type and byte order. */
static void store_value(rp_dtype type, real value, unsigned char *at) {
    if (type == RP_F32) {
        const float narrow = (float)value;
        uint32_t word;
        memcpy(&word, &narrow, sizeof word);
        store_little(at, word, sizeof word);
    } else if (type == RP_F64) {
        const double wide = (double)value;
        uint64_t word;
        memcpy(&word, &wide, sizeof word);
        store_little(at, word, sizeof word);
    } else {
        store_little(at, to_bf16((float)value), sizeof(uint16_t));
    }
}

/* Values first … first + n of an array as the file's bytes; returns their number. */
static size_t encode(rp_dtype type, const real *data, size_t first, size_t n, unsigned char *out) {
    const size_t size = rp_dtype_bytes(type, 1);
    for (size_t i = 0; i < n; i++) store_value(type, data[first + i], out + i * size);
    return n * size;
}

/* The tensor's bytes block by block, into the file or, without one, into the digest alone: the header comes first in the
 * file and holds the digests, so every tensor is encoded twice. */
static uint64_t write_values(rp_file_writer *writer, rp_dtype type, const real *data, size_t count) {
    unsigned char out[RP_DIGEST_VALUES * sizeof(double)];
    uint64_t digest = 0;
    for (size_t first = 0; first < count; first += RP_DIGEST_VALUES) {
        const size_t left = count - first;
        const size_t bytes = encode(type, data, first, left < RP_DIGEST_VALUES ? left : RP_DIGEST_VALUES, out);
        if (writer)
            rp_writer_write(writer, out, bytes);
        else
            digest = rp_digest_block(digest, out, bytes);
    }
    return digest;
}

/* The tensors as views: sizes, and the check that what is written can be read back. */
static rp_status check_tensors(rp_arena *scratch, const char *path, const rp_tensor_out *tensors, size_t count,
                               rp_tensor_view **views) {
    rp_tensor_view *list = rp_alloc_zero(scratch, rp_tensor_view, count + 1);
    rp_name *names = rp_alloc(scratch, rp_name, count + 1);
    RP_TRY_ALLOC(list);
    RP_TRY_ALLOC(names);
    for (size_t i = 0; i < count; i++) {
        const rp_tensor_out *t = &tensors[i];
        RP_REQUIRE(t->type == RP_F32 || t->type == RP_F64 || t->type == RP_BF16);
        RP_REQUIRE(t->rank >= 0 && t->rank <= RP_MAX_RANK);
        list[i] = (rp_tensor_view){.name = rp_str_of(t->name), .type = t->type, .rank = t->rank, .file = path};
        memcpy(list[i].shape, t->shape, sizeof t->shape);
        RP_TRY(rp_tensor_size(&list[i]));
        names[i] = (rp_name){list[i].name, i};
    }
    const rp_name *twice = rp_names_sort(names, count);
    if (twice) return rp_fail(RP_ERR_ARGUMENT, "%s: tensor %.*s would be written twice", path, SHOWN(twice->name));
    *views = list;
    return RP_OK;
}

static void put_tensor(rp_json_writer *w, const rp_tensor_view *tensor, size_t offset) {
    rp_json_put_key(w, tensor->name.data);
    rp_json_begin_object(w);
    rp_json_put_key(w, "dtype");
    rp_json_put_text(w, rp_dtype_name(tensor->type));
    rp_json_put_key(w, "shape");
    rp_json_begin_array(w);
    for (int d = 0; d < tensor->rank; d++) rp_json_put_int(w, (int64_t)tensor->shape[d]);
    rp_json_end_array(w);
    rp_json_put_key(w, "data_offsets");
    rp_json_begin_array(w);
    rp_json_put_int(w, (int64_t)offset);
    rp_json_put_int(w, (int64_t)(offset + tensor->bytes));
    rp_json_end_array(w);
    rp_json_end_object(w);
}

static rp_status put_metadata(rp_arena *scratch, rp_json_writer *w, const char *const *metadata,
                              const rp_tensor_out *tensors, const rp_tensor_view *views, size_t count) {
    rp_buffer digests = rp_buffer_in(scratch);
    for (size_t i = 0; i < count; i++) {
        char hex[20];
        const uint64_t digest = write_values(NULL, tensors[i].type, tensors[i].data, views[i].count);
        rp_buffer_append(&digests, hex, (size_t)snprintf(hex, sizeof hex, "%s%016" PRIx64, i ? " " : "", digest));
    }
    rp_buffer_char(&digests, '\0');
    RP_TRY(rp_buffer_status(&digests));
    rp_json_put_key(w, "__metadata__");
    rp_json_begin_object(w);
    for (; metadata && metadata[0]; metadata += 2) {
        if (strcmp(metadata[0], RP_DIGEST_KEY) == 0) continue; /* of the file that these were read from */
        rp_json_put_key(w, metadata[0]);
        rp_json_put_text(w, metadata[1]);
    }
    rp_json_put_key(w, RP_DIGEST_KEY);
    rp_json_put_text(w, digests.data);
    rp_json_end_object(w);
    return RP_OK;
}

static rp_status build_header(rp_arena *scratch, rp_buffer *header, const rp_tensor_out *out, const rp_tensor_view *tensors,
                              size_t count, const char *const *metadata) {
    rp_json_writer w = rp_json_write_to(header);
    rp_json_begin_object(&w);
    RP_TRY(put_metadata(scratch, &w, metadata, out, tensors, count));
    size_t offset = 0;
    for (size_t i = 0; i < count; offset += tensors[i].bytes, i++) put_tensor(&w, &tensors[i], offset);
    rp_json_end_object(&w);
    while (header->length % 8 != 0 && !header->failed) rp_buffer_char(header, ' ');
    return rp_buffer_status(header);
}

rp_status rp_safetensors_write(rp_arena *scratch, const char *path, const rp_tensor_out *tensors, size_t count,
                               const char *const *metadata) {
    const rp_arena_mark mark = rp_arena_get_mark(scratch);
    rp_tensor_view *views = NULL;
    rp_buffer header = rp_buffer_in(scratch);
    rp_file_writer writer = {0};
    rp_status status = check_tensors(scratch, path, tensors, count, &views);
    if (status == RP_OK) status = build_header(scratch, &header, tensors, views, count, metadata);
    if (status == RP_OK) status = rp_writer_open(scratch, path, &writer);
    if (status == RP_OK) {
        unsigned char length[sizeof(uint64_t)];
        store_little(length, header.length, sizeof length);
        rp_writer_write(&writer, length, sizeof length);
        rp_writer_write(&writer, header.data, header.length);
        for (size_t i = 0; i < count; i++) (void)write_values(&writer, tensors[i].type, tensors[i].data, views[i].count);
        status = rp_writer_commit(&writer);
    }
    rp_writer_abandon(&writer);
    rp_arena_rewind(scratch, mark);
    return status;
}
