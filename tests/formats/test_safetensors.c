/* SPDX-License-Identifier: MIT
 *
 * A safetensors file written by the reference library, and one broken file for each way a header can lie.
 */
#define SCRATCH "safetensors"
#include "files.h"

static void test_reference_file_is_read_exactly(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, golden_path(arena, "tiny.safetensors"), &file));
    assert_false(rp_tensors_is_gguf(file));
    compare_with_golden(arena, "tiny.safetensors", file);
    rp_str note;
    assert_true(rp_safetensors_metadata(file, "note", &note));
    assert_true(rp_str_is(note, "two\nlines"));
    assert_false(rp_safetensors_metadata(file, "absent", &note));
    assert_null(rp_tensors_find(file, "absent"));
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

#define ENTRY(name, dtype, shape, begin, end)                                                                              \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static const struct {
    const char *header;
    size_t data;
    rp_status status;
    const char *sentence;
} broken[] = {
    {"{\"a\":", 0, RP_ERR_FORMAT, ""},
    {"[]", 0, RP_ERR_FORMAT, "expected an object"},
    {"{\"a\":7}", 0, RP_ERR_FORMAT, "expected an object"},
    {"{" ENTRY("a", "F32", "[1]", "0", "4") "," ENTRY("a", "F32", "[1]", "4", "8") "}", 8, RP_ERR_FORMAT, "duplicate"},
    {"{" ENTRY("a", "I7", "[1]", "0", "4") "}", 4, RP_ERR_UNSUPPORTED, "tensor a: type I7 is not one of"},
    {"{" ENTRY("a", "Q4_0", "[32]", "0", "18") "}", 18, RP_ERR_UNSUPPORTED, "tensor a: type Q4_0 is not one of"},
    {"{" ENTRY("a", "F32", "[1,1,1,1,1]", "0", "4") "}", 4, RP_ERR_UNSUPPORTED, "5 dimensions"},
    {"{" ENTRY("a", "F32", "[-1]", "0", "4") "}", 4, RP_ERR_FORMAT, "shape"},
    {"{" ENTRY("a", "F32", "[1.5]", "0", "4") "}", 4, RP_ERR_FORMAT, "shape"},
    {"{" ENTRY("a", "F32", "7", "0", "4") "}", 4, RP_ERR_FORMAT, "shape"},
    {"{" ENTRY("a", "F32", "[4294967296,4294967296]", "0", "0") "}", 0, RP_ERR_FORMAT,
     "the product of its shape overflows"},
    {"{" ENTRY("a", "F32", "[9223372036854775807]", "0", "0") "}", 0, RP_ERR_FORMAT, "the product of its shape overflows"},
    {"{" ENTRY("a", "F32", "[2]", "0", "8") "}", 4, RP_ERR_FORMAT, "bytes 0 to 8 lie outside the file's 4 bytes of data"},
    {"{" ENTRY("a", "F32", "[1]", "4", "0") "}", 4, RP_ERR_FORMAT, "bytes 4 to 0 lie outside"},
    {"{" ENTRY("a", "F32", "[1]", "9223372036854775804", "9223372036854775807") "}", 4, RP_ERR_FORMAT, "lie outside"},
    {"{" ENTRY("a", "F32", "[1]", "0", "8") "}", 8, RP_ERR_FORMAT, "need 4 bytes, data_offsets give 8"},
    {"{" ENTRY("a", "F32", "[2]", "0", "8") "," ENTRY("b", "F32", "[1]", "4", "8") "}", 8, RP_ERR_FORMAT,
     "tensor b overlaps tensor a"},
    {"{" ENTRY("a", "F32", "[1]", "0", "4") "," ENTRY("b", "F32", "[1]", "8", "12") "}", 12, RP_ERR_FORMAT,
     "4 bytes before tensor b"},
    {"{" ENTRY("a", "F32", "[1]", "0", "4") "}", 6, RP_ERR_FORMAT, "2 bytes behind the last tensor"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, RP_ERR_FORMAT, "must be two numbers"},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, RP_ERR_FORMAT, "dtype"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, RP_ERR_FORMAT, "data_offsets"},
    {"{\"__metadata__\":{\"a\":1}}", 0, RP_ERR_FORMAT, "__metadata__"},
    {"{\"__metadata__\":[]}", 0, RP_ERR_FORMAT, "__metadata__"},
};

static void test_each_broken_header_is_refused_with_its_sentence(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        expect_refusal(arena, write_safetensors_text(arena, "broken.safetensors", broken[i].header, broken[i].data),
                       broken[i].status, broken[i].sentence);
    rp_arena_destroy(arena);
}

/* Cutting a good file anywhere must never be accepted, nor read past the end (the sanitizers watch). */
static void test_every_truncation_is_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str whole;
    assert_ok(rp_file_read(arena, golden_path(arena, "tiny.safetensors"), 0, &whole));
    for (size_t n = 0; n < whole.length; n++) {
        const char *path = write_bytes(arena, "cut.safetensors", whole.data, n);
        rp_tensor_file *file = NULL;
        assert_int_equal(rp_tensors_open(arena, path, &file), RP_ERR_FORMAT);
        assert_non_null(strstr(rp_last_error(), "cut.safetensors"));
    }
    rp_arena_destroy(arena);
}

static void test_huge_header_length_is_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const uint64_t lengths[] = {100, (uint64_t)1 << 55};
    for (size_t i = 0; i < 2; i++)
        expect_refusal(arena, write_bytes(arena, "huge.safetensors", &lengths[i], 8), RP_ERR_FORMAT, "it is truncated");
    const uint64_t wild[2] = {UINT64_MAX, 0};
    expect_refusal(arena, write_bytes(arena, "wild.safetensors", wild, 16), RP_ERR_FORMAT, "neither GGUF nor safetensors");
    rp_arena_destroy(arena);
}

/* The format does not promise alignment: an odd header shifts everything by one byte and must read the same. */
static void test_misaligned_data_reads_the_same(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const char *header = "{" ENTRY("a", "F64", "[2]", "0", "16") "}  ";
    const double values[2] = {0.5, -3.25};
    for (size_t cut = 0; cut < 3; cut++) {
        rp_buffer out = rp_buffer_in(arena);
        const uint64_t length = strlen(header) - cut;
        rp_buffer_append(&out, &length, 8);
        rp_buffer_append(&out, header, (size_t)length);
        rp_buffer_append(&out, values, sizeof values);
        rp_tensor_file *file;
        assert_ok(rp_tensors_open(arena, write_bytes(arena, "odd.safetensors", out.data, out.length), &file));
        real got[2];
        rp_tensor_read(rp_tensors_get(file, 0), 0, 2, got);
        assert_true(got[0] == R(0.5) && got[1] == R(-3.25));
        rp_tensors_close(file);
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_file_is_read_exactly),
        cmocka_unit_test(test_each_broken_header_is_refused_with_its_sentence),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_huge_header_length_is_refused),
        cmocka_unit_test(test_misaligned_data_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
