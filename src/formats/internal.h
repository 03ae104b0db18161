/* SPDX-License-Identifier: MIT
 *
 * internal.h — what the files of this layer share: the type table, an index of names, and the open file itself.
 */
#ifndef REPHRASE_FORMATS_INTERNAL_H
#define REPHRASE_FORMATS_INTERNAL_H

#include <rephrase/formats.h>

#include <string.h>

/* ---- Types (dtype.c) ------------------------------------------------------------------------------------------- */

/* Converts n blocks to n * block values. */
typedef void rp_block_reader(const unsigned char *blocks, size_t n, real *out);

typedef struct rp_dtype_row {
    const char *name;    /* also safetensors' spelling where `plain` */
    bool plain;          /* one value per block: safetensors knows the type */
    uint32_t gguf;       /* ggml's number */
    size_t block, bytes; /* values in a block, bytes of a block */
    rp_block_reader *read;
} rp_dtype_row;

extern const rp_dtype_row rp_dtype_rows[RP_DTYPE_COUNT];

float rp_f16_to_float(uint16_t bits);
/* gguf_blocks.c */
rp_block_reader rp_read_q8_0, rp_read_q4_0, rp_read_q4_1, rp_read_q5_0, rp_read_q5_1, rp_read_iq4_nl;
rp_block_reader rp_read_q2_k, rp_read_q3_k, rp_read_q4_k, rp_read_q5_k, rp_read_q6_k, rp_read_iq4_xs;
/* The name of a type of ggml by its number, also of those that are not read; NULL = there is none known. */
const char *rp_ggml_type_name(uint32_t number);

/* Little-endian loads and stores from any address, on a machine of any byte order. Compilers turn each into one instruction. */
static inline uint16_t load_u16(const unsigned char *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}
static inline uint32_t load_u32(const unsigned char *at) {
    return (uint32_t)load_u16(at) | (uint32_t)load_u16(at + 2) << 16;
}
static inline uint64_t load_u64(const unsigned char *at) {
    return (uint64_t)load_u32(at) | (uint64_t)load_u32(at + 4) << 32;
}
static inline float load_f32(const unsigned char *at) {
    const uint32_t word = load_u32(at);
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}
static inline double load_f64(const unsigned char *at) {
    const uint64_t word = load_u64(at);
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}
static inline void store_little(unsigned char *at, uint64_t word, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) at[i] = (unsigned char)(word >> 8 * i);
}

/* ---- Digests (digest.c) ---------------------------------------------------------------------------------------- */

#define RP_DIGEST_KEY "rephrase.digest"
enum { RP_DIGEST_VALUES = 4096 }; /* values of a block */

/* The digest of what came before, continued by the bytes of one block (at most RP_DIGEST_VALUES values). */
uint64_t rp_digest_block(uint64_t digest, const unsigned char *bytes, size_t n);
uint64_t rp_digest_tensor(const rp_tensor_view *tensor);
/* Compares every tensor with the digests that the file's metadata gives; names the first that differs. */
rp_status rp_digests_check(rp_arena *arena, const char *path, const rp_tensor_view *tensors, size_t count, rp_str digests);

/* ---- Names (names.c) ------------------------------------------------------------------------------------------- */

/* A list of names sorted for binary search; index says where the thing itself is. */
typedef struct rp_name {
    rp_str name;
    size_t index;
} rp_name;

/* Sorts; returns the first name that occurs twice, or NULL. */
const rp_name *rp_names_sort(rp_name *names, size_t count);
const rp_name *rp_names_find(const rp_name *names, size_t count, rp_str name);

/* For "%.*s" in messages: names come from hostile files, so at most 96 bytes of one are shown. */
#define SHOWN(text) (int)((text).length < 96 ? (text).length : 96), (text).data

/* ---- The open file (tensor_file.c) ----------------------------------------------------------------------------- */

typedef struct rp_gguf_value {
    rp_str key;
    uint32_t type; /* GGUF's number; for an array the type of its elements */
    bool is_array;
    uint64_t count;            /* elements; 1 for a single value */
    const unsigned char *data; /* the first element, in the mapping, whole extent checked */
    const unsigned char *end;
} rp_gguf_value;

typedef struct rp_metadata_pair {
    rp_str key, value;
} rp_metadata_pair;

struct rp_tensor_file {
    const char *path;
    bool is_gguf;
    rp_file_view *views; /* one per shard */
    size_t view_count;
    rp_tensor_view *tensors;
    size_t tensor_count;
    rp_name *names; /* of tensors */
    rp_gguf_value *values;
    size_t value_count;
    rp_name *keys;              /* of values */
    rp_metadata_pair *metadata; /* safetensors' __metadata__ of the last shard that has one */
    size_t metadata_count;
};

/* One mapped shard's tensors, appended to nothing: the caller collects. */
typedef struct rp_shard {
    const char *path;
    rp_file_view view;
    rp_tensor_view *tensors;
    size_t count;
    rp_metadata_pair *metadata;
    size_t metadata_count;
} rp_shard;

/* Reads the header in shard->view; fills tensors and metadata. */
rp_status rp_safetensors_read(rp_arena *arena, rp_shard *shard) RP_MUST_CHECK;
/* Which file of a directory is read; another path stays. (resolve.c) */
rp_status rp_checkpoint_resolve(rp_arena *arena, const char *path, const char **resolved) RP_MUST_CHECK;
/* Fails when the name says that this safetensors file is one of several. (resolve.c) */
rp_status rp_part_refuse(rp_arena *arena, const char *path) RP_MUST_CHECK;
/* The GGUF file at file->path, with all its parts. (split.c) */
rp_status rp_gguf_open(rp_arena *arena, rp_tensor_file *file) RP_MUST_CHECK;
/* Reads the directory in file->views[0]. */
rp_status rp_gguf_read(rp_arena *arena, rp_tensor_file *file) RP_MUST_CHECK;

/* Product of the shape and its bytes as `type`; both must fit. Fails naming file and tensor. */
rp_status rp_tensor_size(rp_tensor_view *tensor) RP_MUST_CHECK;
/* Fails when two tensors share bytes, or, with `dense`, when bytes between `begin` and `end` belong to none. */
rp_status rp_tensors_check_extents(rp_arena *arena, const rp_tensor_view *tensors, size_t count, const unsigned char *begin,
                                   const unsigned char *end, bool dense) RP_MUST_CHECK;

#endif
