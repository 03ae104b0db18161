/* SPDX-License-Identifier: MIT
 *
 * safetensors.c — the header of one safetensors file, checked.
 *
 * The format: eight bytes with the length of a JSON header, the header, then the bytes of all tensors without a gap:
 *     {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …, "__metadata__": {"key": "value"}}
 * Offsets count from the end of the header. As in the reference implementation every byte behind the header belongs to
 * exactly one tensor, and a header is at most 100 MB.
 */
#include "internal.h"

#include <rephrase/json.h>

enum { HEADER_LIMIT = 100000000 };

static rp_status read_dtype(const rp_json *entry, rp_tensor_view *tensor) {
    const rp_json at = rp_json_key(entry, "dtype");
    rp_str name;
    RP_TRY(rp_json_get_string(&at, &name));
    for (int t = 0; t < RP_DTYPE_COUNT; t++) {
        if (!rp_dtype_rows[t].plain || !rp_str_is(name, rp_dtype_rows[t].name)) continue;
        tensor->type = (rp_dtype)t;
        return RP_OK;
    }
    return rp_fail(RP_ERR_UNSUPPORTED, "%s: tensor %.*s: type %.*s is not one of F64, F32, F16, BF16", tensor->file,
                   SHOWN(tensor->name), SHOWN(name));
}

static rp_status read_shape(const rp_json *entry, rp_tensor_view *tensor) {
    const rp_json at = rp_json_key(entry, "shape");
    RP_TRY(rp_json_require_type(&at, RP_JSON_ARRAY));
    const size_t rank = rp_json_length(&at);
    if (rank > RP_MAX_RANK)
        return rp_fail(RP_ERR_UNSUPPORTED, "%s: tensor %.*s: %zu dimensions, at most %d are supported", tensor->file,
                       SHOWN(tensor->name), rank, RP_MAX_RANK);
    tensor->rank = (int)rank;
    for (size_t d = 0; d < rank; d++) {
        const rp_json item = rp_json_at(&at, d);
        int64_t size;
        RP_TRY(rp_json_get_int(&item, 0, INT64_MAX, &size));
        tensor->shape[d] = (size_t)size;
    }
    return rp_tensor_size(tensor);
}

/* data: what follows the header, `available` bytes. */
static rp_status read_offsets(const rp_json *entry, const unsigned char *data, size_t available, rp_tensor_view *tensor) {
    const rp_json at = rp_json_key(entry, "data_offsets");
    RP_TRY(rp_json_require_type(&at, RP_JSON_ARRAY));
    if (rp_json_length(&at) != 2)
        return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: data_offsets must be two numbers", tensor->file,
                       SHOWN(tensor->name));
    int64_t offset[2];
    for (size_t i = 0; i < 2; i++) {
        const rp_json item = rp_json_at(&at, i);
        RP_TRY(rp_json_get_int(&item, 0, INT64_MAX, &offset[i]));
    }
    if (offset[1] < offset[0] || (uint64_t)offset[1] > available)
        return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: bytes %lld to %lld lie outside the file's %zu bytes of data",
                       tensor->file, SHOWN(tensor->name), (long long)offset[0], (long long)offset[1], available);
    if ((uint64_t)(offset[1] - offset[0]) != tensor->bytes)
        return rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: its shape and type need %zu bytes, data_offsets give %lld",
                       tensor->file, SHOWN(tensor->name), tensor->bytes, (long long)(offset[1] - offset[0]));
    tensor->data = data + offset[0];
    return RP_OK;
}

static rp_status copy_string(rp_arena *arena, rp_str text, rp_str *copy) {
    char *data = rp_strndup(arena, text.data, text.length);
    RP_TRY_ALLOC(data);
    *copy = (rp_str){data, text.length};
    return RP_OK;
}

static rp_status read_metadata(rp_arena *arena, const rp_json *at, rp_shard *shard) {
    RP_TRY(rp_json_require_type(at, RP_JSON_OBJECT));
    const size_t count = rp_json_length(at);
    shard->metadata = rp_alloc(arena, rp_metadata_pair, count + 1);
    RP_TRY_ALLOC(shard->metadata);
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    for (size_t i = 0; i < count && rp_json_next_member(at, &iterator, &key, &value); i++) {
        rp_str text;
        RP_TRY(rp_json_get_string(&value, &text));
        RP_TRY(copy_string(arena, rp_str_of(key), &shard->metadata[i].key));
        RP_TRY(copy_string(arena, text, &shard->metadata[i].value));
        shard->metadata_count = i + 1;
    }
    return RP_OK;
}

static rp_status read_entries(rp_arena *arena, const rp_json *root, size_t header, rp_shard *shard) {
    const unsigned char *data = shard->view.data + 8 + header, *end = shard->view.data + shard->view.size;
    RP_TRY(rp_json_require_type(root, RP_JSON_OBJECT));
    shard->tensors = rp_alloc_zero(arena, rp_tensor_view, rp_json_length(root) + 1);
    RP_TRY_ALLOC(shard->tensors);
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json entry;
    while (rp_json_next_member(root, &iterator, &key, &entry)) {
        if (strcmp(key, "__metadata__") == 0) {
            if (rp_json_typeof(&entry) == RP_JSON_NULL) continue; /* the reference takes null for none */
            RP_TRY(read_metadata(arena, &entry, shard));
            continue;
        }
        rp_tensor_view *tensor = &shard->tensors[shard->count];
        tensor->file = shard->path;
        RP_TRY(copy_string(arena, rp_str_of(key), &tensor->name));
        RP_TRY(rp_json_require_type(&entry, RP_JSON_OBJECT));
        RP_TRY(read_dtype(&entry, tensor));
        RP_TRY(read_shape(&entry, tensor));
        RP_TRY(read_offsets(&entry, data, (size_t)(end - data), tensor));
        shard->count++;
    }
    RP_TRY(rp_tensors_check_extents(arena, shard->tensors, shard->count, data, end, true));
    for (size_t i = 0; i < shard->metadata_count; i++)
        if (rp_str_is(shard->metadata[i].key, RP_DIGEST_KEY))
            RP_TRY(rp_digests_check(arena, shard->path, shard->tensors, shard->count, shard->metadata[i].value));
    return RP_OK;
}

rp_status rp_safetensors_read(rp_arena *arena, rp_shard *shard) {
    const size_t size = shard->view.size;
    if (size < 8) return rp_fail(RP_ERR_FORMAT, "%s: %zu bytes are too few for a safetensors file", shard->path, size);
    const uint64_t header = load_u64(shard->view.data);
    if (header > size - 8)
        return rp_fail(RP_ERR_FORMAT, "%s: the header should have %llu bytes, but the file has only %zu: it is truncated",
                       shard->path, (unsigned long long)header, size);
    if (header > HEADER_LIMIT)
        return rp_fail(RP_ERR_LIMIT, "%s: a header of %llu bytes exceeds the format's limit of %d", shard->path,
                       (unsigned long long)header, HEADER_LIMIT);
    rp_json_document *document;
    RP_TRY(rp_json_parse((const char *)shard->view.data + 8, (size_t)header, shard->path, &document));
    const rp_json root = rp_json_root(document);
    const rp_status status = read_entries(arena, &root, (size_t)header, shard);
    rp_json_free(document);
    return status;
}
