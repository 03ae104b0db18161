/* SPDX-License-Identifier: MIT
 *
 * A GGUF model in parts: whichever is named, all are read; a part that is missing or lies is named.
 */
#define SCRATCH "split"
#include "files.h"

static void pair_u16(rp_buffer *out, const char *key, uint16_t value) {
    string(out, key);
    u32(out, 2);
    rp_buffer_append(out, &value, 2);
}

/* Part `no` (from 0) of `count` with one tensor of 8 values, and a key of its own in the first part. */
static const char *write_part(rp_arena *arena, const char *name, uint16_t no, uint16_t count, uint16_t tensors) {
    rp_buffer b = header(arena, 3, 1, no == 0 ? 4 : 3);
    pair_u16(&b, "split.no", no);
    pair_u16(&b, "split.count", count);
    pair_u16(&b, "split.tensors.count", tensors);
    if (no == 0) pair_u16(&b, "tiny.answer", 42);
    tensor(&b, rp_sprintf(arena, "t%u", no), 1, 8, 0, 0);
    pad(&b, 0);
    for (int i = 0; i < 8; i++) {
        const float value = (float)(10 * no + i);
        rp_buffer_append(&b, &value, sizeof value);
    }
    return write_bytes(arena, name, b.data, b.length);
}

static void test_every_part_opens_the_whole(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *paths[3];
    for (uint16_t i = 0; i < 3; i++)
        paths[i] = write_part(arena, rp_sprintf(arena, "m-q8-%05u-of-00003.gguf", i + 1u), i, 3, 3);
    for (size_t i = 0; i < 3; i++) {
        rp_tensor_file *file;
        assert_ok(rp_tensors_open(arena, paths[i], &file));
        assert_true(rp_tensors_is_gguf(file));
        assert_int_equal(rp_tensors_count(file), 3);
        int64_t answer = 0;
        assert_ok(rp_gguf_get_int(file, "tiny.answer", &answer));
        assert_int_equal(answer, 42);
        real values[8];
        rp_tensor_read(rp_tensors_find(file, "t2"), 0, 8, values);
        assert_true(values[0] == 20 && values[7] == 27);
        assert_string_equal(rp_path_base(rp_tensors_find(file, "t1")->file), "m-q8-00002-of-00003.gguf");
        rp_tensors_close(file);
    }
    rp_arena_destroy(arena);
}

static void test_missing_and_false_parts_are_named(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *alone = write_part(arena, "alone-00001-of-00002.gguf", 0, 2, 2);
    expect_refusal(arena, alone, RP_ERR_IO, "part 2 of 2 of this model is missing: there is no alone-00002-of-00002.gguf");
    const char *renamed = write_part(arena, "renamed.gguf", 1, 2, 2);
    expect_refusal(arena, renamed, RP_ERR_FORMAT,
                   "is one of 2 parts of a model; the parts are found by the names NAME-00001-of-00002");
    const char *swapped = write_part(arena, "swapped-00001-of-00002.gguf", 1, 2, 2);
    write_part(arena, "swapped-00002-of-00002.gguf", 0, 2, 2);
    expect_refusal(arena, swapped, RP_ERR_FORMAT, "says that it is part 2 of 2, not part 1 of 2");
    const char *twice = write_part(arena, "few-00001-of-00002.gguf", 0, 2, 5);
    write_part(arena, "few-00002-of-00002.gguf", 1, 2, 5);
    expect_refusal(arena, twice, RP_ERR_FORMAT, "the parts hold 2 tensors; split.tensors.count says 5");
    static const char pointer[] = "version https://git-lfs.github.com/spec/v1\n";
    const char *first = write_part(arena, "half-00001-of-00002.gguf", 0, 2, 2);
    write_bytes(arena, "half-00002-of-00002.gguf", pointer, sizeof pointer - 1);
    rp_tensor_file *file = NULL;
    assert_int_equal(rp_tensors_open(arena, first, &file), RP_ERR_FORMAT);
    assert_non_null(strstr(rp_last_error(), "half-00002-of-00002.gguf: is a Git LFS pointer"));
    rp_arena_destroy(arena);
}

static void test_a_split_of_one_is_a_file(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, write_part(arena, "one.gguf", 0, 1, 1), &file));
    assert_int_equal(rp_tensors_count(file), 1);
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_part_opens_the_whole),
        cmocka_unit_test(test_missing_and_false_parts_are_named),
        cmocka_unit_test(test_a_split_of_one_is_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
