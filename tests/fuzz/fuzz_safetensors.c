/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a safetensors file or an index: opening must fail or give tensors that can be read to the end.
 */
#include "fuzz.h"

#include <rephrase/formats.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { MOST = 1 << 16 };
    static real out[MOST];
    rp_arena *arena = fuzz_arena();
    rp_tensor_file *file;
    rp_str note;
    if (rp_tensors_open(arena, as_file(data, size), &file) != RP_OK) {
        RP_REQUIRE(rp_arena_used(arena) == 0);
        return 0;
    }
    RP_REQUIRE(rp_arena_peak(arena) < 512 * size + 65536);
    for (size_t i = 0; i < rp_tensors_count(file); i++) {
        const rp_tensor_view *t = rp_tensors_get(file, i);
        RP_REQUIRE(rp_dtype_bytes(t->type, t->count) == t->bytes);
        if (t->count <= MOST) rp_tensor_read(t, 0, t->count, out);
    }
    (void)rp_safetensors_metadata(file, "note", &note);
    rp_tensors_close(file);
    return 0;
}
