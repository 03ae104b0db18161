/* SPDX-License-Identifier: MIT
 *
 * A GGUF file written by the reference package, files built byte by byte, and one broken file for each way one can lie.
 */
#define SCRATCH "gguf"
#include "files.h"

static void test_reference_file_is_read_exactly(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, golden_path(arena, "tiny.gguf"), &file));
    assert_true(rp_tensors_is_gguf(file));
    compare_with_golden(arena, "tiny.gguf", file);
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

static void test_metadata_of_every_type(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, golden_path(arena, "tiny.gguf"), &file));
    static const struct {
        const char *key;
        int64_t value;
    } integers[] = {{"tiny.u32", 4000000000}, {"tiny.i32", -7}, {"tiny.u64", (int64_t)1 << 40}, {"tiny.i8", -8}};
    for (size_t i = 0; i < 4; i++) {
        int64_t value;
        assert_ok(rp_gguf_get_int(file, integers[i].key, &value));
        assert_true(value == integers[i].value);
    }
    double number;
    assert_ok(rp_gguf_get_double(file, "tiny.f32", &number));
    assert_true(number == 0.5);
    assert_ok(rp_gguf_get_double(file, "tiny.f64", &number));
    assert_true(number == 0.1);
    assert_ok(rp_gguf_get_double(file, "tiny.i32", &number));
    assert_true(number == -7);
    bool yes = false;
    assert_ok(rp_gguf_get_bool(file, "tiny.yes", &yes));
    assert_true(yes);
    rp_str text, *words;
    assert_ok(rp_gguf_get_string(file, "tiny.text", &text));
    assert_int_equal(text.length, 10);
    assert_memory_equal(text.data, "h\xC3\xA9llo\0nul", 10);
    size_t n;
    int64_t *numbers;
    assert_ok(rp_gguf_array_length(file, "tiny.words", &n));
    assert_int_equal(n, 3);
    assert_ok(rp_gguf_strings(file, "tiny.words", arena, &words, &n));
    assert_true(n == 3 && rp_str_is(words[0], "a") && rp_str_is(words[1], "") && rp_str_is(words[2], "ça"));
    assert_ok(rp_gguf_ints(file, "tiny.numbers", arena, &numbers, &n));
    assert_true(n == 3 && numbers[0] == 3 && numbers[1] == -1 && numbers[2] == 70000);
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

static void test_wrong_type_or_absent_key_is_named(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, golden_path(arena, "tiny.gguf"), &file));
    int64_t value = 77, *values = NULL;
    rp_str text, *words;
    size_t n;
    bool yes;
    double number;
    assert_int_equal(rp_gguf_get_int(file, "tiny.absent", &value), RP_ERR_FORMAT);
    assert_non_null(strstr(rp_last_error(), "key tiny.absent is missing"));
    assert_int_equal(rp_gguf_get_int(file, "tiny.text", &value), RP_ERR_FORMAT);
    assert_non_null(strstr(rp_last_error(), "key tiny.text: expected an integer below 2^63, found a string"));
    assert_int_equal(value, 77);
    assert_int_equal(rp_gguf_get_int(file, "tiny.words", &value), RP_ERR_FORMAT);
    assert_non_null(strstr(rp_last_error(), "found an array"));
    assert_int_equal(rp_gguf_get_string(file, "tiny.u32", &text), RP_ERR_FORMAT);
    assert_int_equal(rp_gguf_get_double(file, "tiny.text", &number), RP_ERR_FORMAT);
    assert_int_equal(rp_gguf_get_bool(file, "tiny.u32", &yes), RP_ERR_FORMAT);
    assert_int_equal(rp_gguf_strings(file, "tiny.numbers", arena, &words, &n), RP_ERR_FORMAT);
    assert_int_equal(rp_gguf_ints(file, "tiny.words", arena, &values, &n), RP_ERR_FORMAT);
    assert_null(values);
    assert_false(rp_gguf_has(file, "tiny.absent"));
    assert_true(rp_gguf_has(file, "tiny.text"));
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

/* ---- Files built byte by byte ---------------------------------------------------------------------------------- */

static void refuse(rp_arena *arena, const rp_buffer *bytes, rp_status status, const char *sentence) {
    expect_refusal(arena, write_bytes(arena, "broken.gguf", bytes->data, bytes->length), status, sentence);
}

static void test_broken_headers_are_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer b = header(arena, 1, 0, 0);
    refuse(arena, &b, RP_ERR_UNSUPPORTED, "version 1 is not supported");
    b = header(arena, 3u << 24, 0, 0);
    refuse(arena, &b, RP_ERR_UNSUPPORTED, "big-endian");
    b = header(arena, 3, UINT64_MAX, 0);
    refuse(arena, &b, RP_ERR_FORMAT, "18446744073709551615 tensors cannot fit");
    b = header(arena, 3, 0, (uint64_t)1 << 40);
    refuse(arena, &b, RP_ERR_FORMAT, "1099511627776 metadata pairs cannot fit");
    b = header(arena, 3, 0, 0);
    b.length = 10;
    refuse(arena, &b, RP_ERR_FORMAT, "the file ends inside the header");
    rp_arena_destroy(arena);
}

static void test_broken_metadata_is_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_buffer b = header(arena, 3, 0, 1);
    u64(&b, (uint64_t)1 << 62); /* a key longer than the file */
    u64(&b, 0);
    refuse(arena, &b, RP_ERR_FORMAT, "passes the end of the file");
    b = header(arena, 3, 0, 1);
    string(&b, "k");
    u32(&b, 13);
    refuse(arena, &b, RP_ERR_FORMAT, "key k: 13 is not a type of GGUF");
    b = header(arena, 3, 0, 1);
    string(&b, "k");
    u32(&b, 9);
    u32(&b, 9);
    u64(&b, 1);
    refuse(arena, &b, RP_ERR_UNSUPPORTED, "arrays of arrays");
    for (uint32_t type = 0; type <= 12; type++) { /* a count that only multiplied looks small */
        if (type == 9) continue;
        b = header(arena, 3, 0, 1);
        string(&b, "k");
        u32(&b, 9);
        u32(&b, type);
        u64(&b, (UINT64_MAX >> 3) + 1);
        u64(&b, 0);
        refuse(arena, &b, RP_ERR_FORMAT, "2305843009213693952 elements pass the end of the file");
    }
    b = header(arena, 3, 0, 2);
    for (int i = 0; i < 2; i++) {
        string(&b, "twin");
        u32(&b, 7);
        rp_buffer_char(&b, 1);
    }
    refuse(arena, &b, RP_ERR_FORMAT, "key twin occurs twice");
    b = header(arena, 3, 1, 1);
    string(&b, "general.alignment");
    u32(&b, 4);
    u32(&b, 24);
    tensor(&b, "a", 1, 1, 0, 0);
    refuse(arena, &b, RP_ERR_FORMAT, "general.alignment 24 is not a power of two");
    rp_arena_destroy(arena);
}

static const struct {
    uint64_t rows, columns, offset;
    uint32_t type;
    rp_status status;
    const char *sentence;
} broken_tensors[] = {
    {1, 2, 0, 99, RP_ERR_UNSUPPORTED, "tensor a: type unknown (number 99 of ggml) is not supported"},
    {1, 33, 0, 2, RP_ERR_FORMAT, "rows of 33 values are not whole blocks of 32 (Q4_0)"},
    {2, 16, 0, 2, RP_ERR_FORMAT, "rows of 16 values are not whole blocks"},
    {1, 17, 0, 0, RP_ERR_FORMAT, "68 bytes at offset 0 pass the end of the file's 64 bytes of data"},
    {1, 1, 96, 0, RP_ERR_FORMAT, "pass the end"},
    {1, 1, UINT64_MAX - 31, 0, RP_ERR_FORMAT, "pass the end"},
    {1, 1, 4, 0, RP_ERR_FORMAT, "offset 4 is not a multiple of the alignment 32"},
    {(uint64_t)1 << 32, (uint64_t)1 << 32, 0, 0, RP_ERR_FORMAT, "the product of its shape overflows"},
    {1, UINT64_MAX, 0, 0, RP_ERR_FORMAT, "the product of its shape overflows"},
};

static void test_broken_tensors_are_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof broken_tensors / sizeof *broken_tensors; i++) {
        rp_buffer b = header(arena, 3, 1, 0);
        tensor(&b, "a", broken_tensors[i].rows, broken_tensors[i].columns, broken_tensors[i].type,
               broken_tensors[i].offset);
        pad(&b, 64);
        refuse(arena, &b, broken_tensors[i].status, broken_tensors[i].sentence);
    }
    rp_buffer b = header(arena, 3, 1, 0);
    string(&b, "a");
    u32(&b, 5);
    pad(&b, 64);
    refuse(arena, &b, RP_ERR_FORMAT, "5 dimensions, GGUF allows 4");
    b = header(arena, 3, 2, 0);
    tensor(&b, "a", 1, 9, 0, 0);
    tensor(&b, "b", 1, 1, 0, 32);
    pad(&b, 64);
    refuse(arena, &b, RP_ERR_FORMAT, "tensor b overlaps tensor a");
    b = header(arena, 3, 2, 0);
    tensor(&b, "a", 1, 8, 0, 0);
    tensor(&b, "a", 1, 8, 0, 32);
    pad(&b, 64);
    refuse(arena, &b, RP_ERR_FORMAT, "tensor a occurs twice");
    rp_arena_destroy(arena);
}

/* The same builder without a fault opens: what the tests above refuse is the fault, not the builder. Version 2 as well. */
static void test_built_files_open(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (uint32_t version = 2; version <= 3; version++) {
        rp_buffer b = header(arena, version, 2, 0);
        tensor(&b, "a", 2, 4, 0, 0);
        tensor(&b, "b", 1, 8, 0, 32);
        pad(&b, 64);
        rp_tensor_file *file;
        assert_ok(rp_tensors_open(arena, write_bytes(arena, "good.gguf", b.data, b.length), &file));
        assert_int_equal(rp_tensors_get(file, 0)->shape[0], 2);
        assert_int_equal(rp_tensors_get(file, 0)->shape[1], 4);
        assert_true(rp_tensors_find(file, "b") == rp_tensors_get(file, 1));
        rp_tensors_close(file);
    }
    rp_arena_destroy(arena);
}

static void test_every_truncation_is_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str whole;
    assert_ok(rp_file_read(arena, golden_path(arena, "tiny.gguf"), 0, &whole));
    size_t refused = 0;
    for (size_t n = 0; n < whole.length; n++) {
        rp_tensor_file *file = NULL;
        const rp_status status = rp_tensors_open(arena, write_bytes(arena, "cut.gguf", whole.data, n), &file);
        /* The writer pads the end of the file to the alignment; only that padding may be missing. */
        if (status == RP_OK) assert_true(whole.length - n < 32);
        if (status != RP_OK) refused++;
        rp_tensors_close(file);
    }
    assert_true(refused > whole.length - 32);
    rp_arena_destroy(arena);
}

/* A real checkpoint: sums of three tensors as the gguf package gives them (float32 values, summed in float64). */
static void test_smollm2_tensors_have_the_known_sums(void **state) {
    (void)state;
    const char *path = smollm2_path();
    if (!path) skip();
    static const struct {
        const char *name;
        rp_dtype type;
        size_t rows, columns;
        double sum, magnitude, last;
    } known[] = {
        {"token_embd.weight", RP_Q8_0, 49152, 576, -15353.04449415207, 2802153.619805813, -0.0417022705078125},
        {"blk.29.ffn_down.weight", RP_Q4_1, 576, 1536, 49.83570861816406, 126250.91435241699, 0.056640625},
        {"output_norm.weight", RP_F32, 576, 0, 1038.33203125, 1045.09765625, 1.984375},
    };
    rp_arena *arena = rp_arena_create("test", 0);
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    assert_int_equal(rp_tensors_count(file), 272);
    for (size_t i = 0; i < 3; i++) {
        const rp_tensor_view *t = rp_tensors_find(file, known[i].name);
        assert_non_null(t);
        assert_int_equal(t->type, known[i].type);
        assert_int_equal(t->shape[0], known[i].rows);
        assert_int_equal(t->rank == 2 ? t->shape[1] : 0, known[i].columns);
        real *values = rp_alloc(arena, real, t->count);
        rp_tensor_read(t, 0, t->count, values);
        double sum = 0, magnitude = 0;
        for (size_t k = 0; k < t->count; k++) {
            sum += (double)values[k];
            magnitude += fabs((double)values[k]);
        }
        assert_near(sum, known[i].sum, 1e-7 * magnitude, 0); /* the package rounds d q + m to float */
        assert_near(magnitude, known[i].magnitude, 0, 1e-7);
        assert_near((double)values[t->count - 1], known[i].last, 0, 1e-7);
    }
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_file_is_read_exactly),
        cmocka_unit_test(test_metadata_of_every_type),
        cmocka_unit_test(test_wrong_type_or_absent_key_is_named),
        cmocka_unit_test(test_broken_headers_are_refused),
        cmocka_unit_test(test_broken_metadata_is_refused),
        cmocka_unit_test(test_broken_tensors_are_refused),
        cmocka_unit_test(test_built_files_open),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_smollm2_tensors_have_the_known_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
