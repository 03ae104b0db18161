/* SPDX-License-Identifier: MIT
 *
 * digest.c — does a tensor's file still hold what was written?
 *
 * A disk or a memory that flips a bit changes a weight and nothing else: the run goes on and ends with other numbers. So a file
 * that this program writes carries a digest of 64 bits for every tensor, in the file's own metadata, where other readers of
 * safetensors ignore it:
 *     "rephrase.digest": "<16 hex digits of the first tensor> <of the second> …"      in the order of their bytes
 * A file without the key is read as it is. The digest finds accidents (a changed bit is missed once in 2^64); it is no signature.
 *
 * The bytes of 4,096 values are one block. Four independent chains take every fourth word of eight bytes, so that reading is
 * limited by memory and not by the multiplications; each step is a bijection of the chain, so no single change can be lost.
 */
#include "internal.h"

#include <stdlib.h>

enum { CHAINS = 4, WORD = 8 };

static uint64_t turn(uint64_t h) {
    return h << 29 | h >> 35;
}

static uint64_t step(uint64_t h, uint64_t word) {
    return turn((h ^ word) * 0x9E3779B97F4A7C15u); /* an odd factor: 2^64 divided by the golden ratio */
}

uint64_t rp_digest_block(uint64_t digest, const unsigned char *bytes, size_t n) {
    uint64_t chain[CHAINS] = {digest, 1, 2, 3};
    size_t i = 0;
    for (; i + CHAINS * WORD <= n; i += CHAINS * WORD)
        for (size_t c = 0; c < CHAINS; c++) chain[c] = step(chain[c], load_u64(bytes + i + c * WORD));
    for (; i < n; i++) chain[0] = step(chain[0], bytes[i]);
    for (size_t c = 1; c < CHAINS; c++) chain[0] = step(chain[0], chain[c]);
    return step(chain[0], n);
}

uint64_t rp_digest_tensor(const rp_tensor_view *tensor) {
    const size_t block = RP_DIGEST_VALUES * rp_dtype_bytes(tensor->type, 1);
    uint64_t digest = 0;
    for (size_t at = 0; at < tensor->bytes; at += block)
        digest = rp_digest_block(digest, tensor->data + at, tensor->bytes - at < block ? tensor->bytes - at : block);
    return digest;
}

static int by_place(const void *a, const void *b) {
    const rp_tensor_view *const *x = a, *const *y = b;
    if ((*x)->data != (*y)->data) return (*x)->data < (*y)->data ? -1 : 1;
    return (*x)->bytes < (*y)->bytes ? -1 : (*x)->bytes > (*y)->bytes; /* an empty tensor lies before its neighbour */
}

static bool read_hex(const char **at, uint64_t *value) {
    *value = 0;
    for (int i = 0; i < 16; i++, ++*at) {
        const char *digits = "0123456789abcdef", *digit = **at ? strchr(digits, **at) : NULL;
        if (!digit) return false;
        *value = *value << 4 | (uint64_t)(digit - digits);
    }
    if (**at == ' ') ++*at;
    return true;
}

rp_status rp_digests_check(rp_arena *arena, const char *path, const rp_tensor_view *tensors, size_t count, rp_str digests) {
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    const rp_tensor_view **ordered = rp_alloc(arena, const rp_tensor_view *, count + 1);
    const char *at = rp_strndup(arena, digests.data, digests.length);
    RP_TRY_ALLOC(ordered);
    RP_TRY_ALLOC(at);
    for (size_t i = 0; i < count; i++) ordered[i] = &tensors[i];
    qsort(ordered, count, sizeof *ordered, by_place);
    rp_status status = RP_OK;
    for (size_t i = 0; i < count && status == RP_OK; i++) {
        uint64_t written;
        if (!read_hex(&at, &written))
            status = rp_fail(RP_ERR_FORMAT, "%s: " RP_DIGEST_KEY ": needs 16 hexadecimal digits for each of %zu tensors",
                             path, count);
        else if (written != rp_digest_tensor(ordered[i]))
            status =
                rp_fail(RP_ERR_FORMAT, "%s: tensor %.*s: its bytes are not those that were written: the file is damaged",
                        path, SHOWN(ordered[i]->name));
    }
    rp_arena_rewind(arena, mark);
    return status;
}
