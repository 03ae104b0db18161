/* SPDX-License-Identifier: MIT
 *
 * Every bit of a written tensor is under its digest; files of others carry none and are read as they are.
 */
#define SCRATCH "digest"
#include "files.h"

enum { VALUES = 5000 }; /* two blocks, the second not full */

static const char *write_two(rp_arena *arena, const char *name) {
    real *values = rp_alloc(arena, real, VALUES);
    assert_non_null(values);
    for (int i = 0; i < VALUES; i++) values[i] = (real)(i + 1) / R(8.0);
    const rp_tensor_out tensors[] = {
        {"none", RP_F32, 1, {0}, NULL}, {"first", RP_F32, 1, {VALUES}, values}, {"second", RP_BF16, 1, {3}, values}};
    const char *path = scratch_path(arena, name);
    assert_ok(rp_safetensors_write(arena, path, tensors, 3, NULL));
    return path;
}

static void test_a_flipped_bit_names_its_tensor(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *path = write_two(arena, "whole.safetensors");
    rp_str whole;
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    rp_tensors_close(file);
    assert_ok(rp_file_read(arena, path, 0, &whole));
    const size_t data = whole.length - VALUES * sizeof(float) - 3 * 2;
    const size_t places[] = {
        0, 3, 4096 * sizeof(float) - 1, 4096 * sizeof(float), VALUES * sizeof(float) - 1, VALUES * sizeof(float) + 5};
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
        for (int bit = 0; bit < 8; bit++) {
            char *copy = rp_strndup(arena, whole.data, whole.length);
            copy[data + places[p]] = (char)(copy[data + places[p]] ^ 1 << bit);
            const char *damaged = write_bytes(arena, "damaged.safetensors", copy, whole.length);
            expect_refusal(arena, damaged, RP_ERR_FORMAT,
                           places[p] < VALUES * sizeof(float) ? "tensor first: its bytes are not"
                                                              : "tensor second: its bytes");
        }
    rp_arena_destroy(arena);
}

/* Words that change places, or a change that another one undoes in a plain sum, are seen too. */
static void test_exchanged_words_are_noticed(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str whole;
    assert_ok(rp_file_read(arena, write_two(arena, "order.safetensors"), 0, &whole));
    const size_t data = whole.length - VALUES * sizeof(float) - 3 * 2;
    const size_t distances[] = {8, 16, 32, 64, 4096 * sizeof(float)};
    for (size_t d = 0; d < sizeof distances / sizeof distances[0]; d++) {
        char *copy = rp_strndup(arena, whole.data, whole.length);
        memcpy(copy + data, whole.data + data + distances[d], 8);
        memcpy(copy + data + distances[d], whole.data + data, 8);
        expect_refusal(arena, write_bytes(arena, "exchanged.safetensors", copy, whole.length), RP_ERR_FORMAT,
                       "tensor first");
    }
    rp_arena_destroy(arena);
}

static void test_a_digest_that_cannot_be_read_is_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    static const char *const digests[] = {"", "0123", "0123456789abcdeg", "0123456789ABCDEF"};
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        const char *header = rp_sprintf(arena,
                                        "{\"__metadata__\":{\"rephrase.digest\":\"%s\"},\"a\":{\"dtype\":\"F32\",\"shape\":"
                                        "[1],\"data_offsets\":[0,4]}}",
                                        digests[i]);
        const char *path = write_safetensors_text(arena, "bad.safetensors", header, 4);
        expect_refusal(arena, path, RP_ERR_FORMAT, "16 hexadecimal digits");
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_flipped_bit_names_its_tensor),
        cmocka_unit_test(test_exchanged_words_are_noticed),
        cmocka_unit_test(test_a_digest_that_cannot_be_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
