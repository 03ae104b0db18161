/* SPDX-License-Identifier: MIT
 *
 * formats.h — tensors in files: safetensors (one file, or an index of several) and GGUF, opened by mapping, read by name.
 *
 * Every size, offset, count and alignment is checked against the file before use; a hostile header cannot make the reader
 * allocate more than the file justifies. Values are converted to `real` on reading; nothing is converted before it is asked
 * for.
 */
#ifndef REPHRASE_FORMATS_H
#define REPHRASE_FORMATS_H

#include <rephrase/base.h>
#include <rephrase/real.h>

typedef enum rp_dtype {
    RP_F32, RP_F16, RP_BF16, RP_F64, RP_Q8_0, RP_Q4_0, RP_Q4_1, RP_Q5_0, RP_Q5_1,
    RP_Q2_K, RP_Q3_K, RP_Q4_K, RP_Q5_K, RP_Q6_K, RP_IQ4_NL, RP_IQ4_XS, RP_DTYPE_COUNT
} rp_dtype;
/* "F32", "BF16", "Q4_1", … */
const char *rp_dtype_name(rp_dtype type);
/* Bytes of n values; n must be a multiple of the type's block size (1 for the plain types). */
size_t rp_dtype_bytes(rp_dtype type, size_t n);

enum { RP_MAX_RANK = 4 };
typedef struct rp_tensor_view {
    rp_str name;
    rp_dtype type;
    int rank;
    size_t shape[RP_MAX_RANK]; /* outermost first (row-major); GGUF's reversed order is already undone */
    size_t count;              /* product of shape */
    const unsigned char *data; /* into the mapped file */
    size_t bytes;
    const char *file;          /* for messages */
} rp_tensor_view;

typedef struct rp_tensor_file rp_tensor_file;
/* path: a .safetensors file, a model.safetensors.index.json, a directory that holds either, or a .gguf file (told apart by
 * their first bytes, not by their name). Where a directory holds both, the single file counts, as in transformers, with a
 * warning. Any part of a split GGUF file opens the whole: parts are NAME-00001-of-00003.gguf beside each other. The mapping
 * lives until close.
 * Fails  what is in the place of a checkpoint (a Git LFS pointer, a pickle, an old ggml file, one part of several) by its
 * name */
rp_status rp_tensors_open(rp_arena *arena, const char *path, rp_tensor_file **file) RP_MUST_CHECK;
void rp_tensors_close(rp_tensor_file *file); /* accepts NULL */
/* The value of a key of safetensors' __metadata__; false when there is none. It lives as long as the arena. */
bool rp_safetensors_metadata(const rp_tensor_file *file, const char *key, rp_str *value);
bool rp_tensors_is_gguf(const rp_tensor_file *file);
size_t rp_tensors_count(const rp_tensor_file *file);
const rp_tensor_view *rp_tensors_get(const rp_tensor_file *file, size_t index);
/* NULL when there is none of that name. */
const rp_tensor_view *rp_tensors_find(const rp_tensor_file *file, const char *name);
/* Converts elements first..first+count to out. first and count are multiples of the block size. */
void rp_tensor_read(const rp_tensor_view *tensor, size_t first, size_t count, real *out);

/* GGUF metadata. Typed look-ups fail with the key's name when absent or of another type. Strings point into the mapping. */
rp_status rp_gguf_get_string(const rp_tensor_file *file, const char *key, rp_str *out) RP_MUST_CHECK;
rp_status rp_gguf_get_int(const rp_tensor_file *file, const char *key, int64_t *out) RP_MUST_CHECK;
rp_status rp_gguf_get_double(const rp_tensor_file *file, const char *key, double *out) RP_MUST_CHECK;
rp_status rp_gguf_get_bool(const rp_tensor_file *file, const char *key, bool *out) RP_MUST_CHECK;
/* Keys in the order of the file. */
size_t rp_gguf_count(const rp_tensor_file *file);
rp_str rp_gguf_key(const rp_tensor_file *file, size_t index);
bool rp_gguf_has(const rp_tensor_file *file, const char *key);
/* Arrays: the element count, then elements one by one (strings and integers). */
rp_status rp_gguf_array_length(const rp_tensor_file *file, const char *key, size_t *n) RP_MUST_CHECK;
rp_status rp_gguf_strings(const rp_tensor_file *file, const char *key, rp_arena *arena, rp_str **out, size_t *n) RP_MUST_CHECK;
rp_status rp_gguf_ints(const rp_tensor_file *file, const char *key, rp_arena *arena, int64_t **out, size_t *n) RP_MUST_CHECK;

/* Writing safetensors: declare all tensors, then write; the file appears atomically. type is RP_F32, RP_F64 or RP_BF16
 * (round to nearest even); data is `real` in either build. */
typedef struct rp_tensor_out {
    const char *name;
    rp_dtype type;
    int rank;
    size_t shape[RP_MAX_RANK];
    const real *data;
} rp_tensor_out;
/* metadata: NULL-terminated list key, value, key, value, … or NULL. */
rp_status rp_safetensors_write(rp_arena *scratch, const char *path, const rp_tensor_out *tensors, size_t count,
                               const char *const *metadata) RP_MUST_CHECK;

#endif
