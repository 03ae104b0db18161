/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a GGUF file: opening must fail or give tensors and metadata that can be read to the end.
 */
#include "fuzz.h"

#include <rephrase/formats.h>

#include <string.h>

static void read_all(const rp_tensor_file *file) {
    enum { MOST = 1 << 16 };
    static real out[MOST];
    for (size_t i = 0; i < rp_tensors_count(file); i++) {
        const rp_tensor_view *t = rp_tensors_get(file, i);
        RP_REQUIRE(rp_dtype_bytes(t->type, t->count) == t->bytes);
        if (t->count <= MOST) rp_tensor_read(t, 0, t->count, out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const keys[] = {"general.alignment", "tiny.u32", "tiny.text", "tiny.words",
                                       "tiny.numbers",      "tiny.yes", "tiny.f32",  "a"};
    rp_arena *arena = fuzz_arena();
    rp_tensor_file *file;
    if (rp_tensors_open(arena, as_file(data, size), &file) != RP_OK) {
        RP_REQUIRE(rp_arena_used(arena) == 0);
        return 0;
    }
    /* A hostile header must not make the reader hold much more than the file justifies. */
    RP_REQUIRE(rp_arena_peak(arena) < 64 * size + 65536);
    read_all(file);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && rp_tensors_is_gguf(file); i++) {
        rp_str text, *words;
        int64_t number, *numbers;
        double real_number;
        bool flag;
        size_t n;
        if (rp_gguf_get_string(file, keys[i], &text) == RP_OK) (void)rp_hash64(text.data, text.length, 0);
        (void)!rp_gguf_get_int(file, keys[i], &number);
        (void)!rp_gguf_get_double(file, keys[i], &real_number);
        (void)!rp_gguf_get_bool(file, keys[i], &flag);
        (void)!rp_gguf_ints(file, keys[i], arena, &numbers, &n);
        if (rp_gguf_strings(file, keys[i], arena, &words, &n) != RP_OK) continue;
        for (size_t w = 0; w < n; w++) (void)rp_hash64(words[w].data, words[w].length, 0);
    }
    rp_tensors_close(file);
    return 0;
}
