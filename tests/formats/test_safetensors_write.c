/* SPDX-License-Identifier: MIT
 *
 * What is written reads back: values, shapes, metadata; bfloat16 rounds to nearest even; an old file survives a failure.
 */
#define SCRATCH "safetensors_write"
#include "files.h"

static void test_written_tensors_read_back(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    enum { N = 5000 }; /* more than one chunk of the writer */
    real *many = rp_alloc(arena, real, N);
    for (int i = 0; i < N; i++) many[i] = (real)(i - 2500) / R(64.0);
    const real scalar = R(0.1);
    const rp_tensor_out tensors[] = {
        {"many", RP_F32, 2, {50, 100}, many}, {"wide", RP_F64, 1, {N}, many},   {"one \"quoted\"", RP_F32, 0, {0}, &scalar},
        {"none", RP_F32, 2, {0, 7}, NULL},    {"brain", RP_BF16, 1, {3}, many},
    };
    const char *const metadata[] = {"format", "pt", "step", "17", NULL};
    const char *path = scratch_path(arena, "out.safetensors");
    assert_ok(rp_safetensors_write(arena, path, tensors, 5, metadata));
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    assert_int_equal(rp_tensors_count(file), 5);
    for (size_t t = 0; t < 5; t++) {
        const rp_tensor_view *view = rp_tensors_find(file, tensors[t].name);
        assert_non_null(view);
        assert_int_equal(view->type, tensors[t].type);
        assert_int_equal(view->rank, tensors[t].rank);
        assert_memory_equal(view->shape, tensors[t].shape, sizeof(size_t) * (size_t)view->rank);
        real *back = rp_alloc(arena, real, view->count + 1);
        rp_tensor_read(view, 0, view->count, back);
        for (size_t i = 0; i < view->count; i++) {
            const double wanted = view->type == RP_F32 ? (double)(float)tensors[t].data[i] : (double)tensors[t].data[i];
            const double allowed = view->type == RP_BF16 ? fabs(wanted) / 256 : 0; /* eight significant bits */
            assert_true(fabs((double)back[i] - wanted) <= allowed);
        }
    }
    rp_str step;
    assert_true(rp_safetensors_metadata(file, "step", &step) && rp_str_is(step, "17"));
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

/* Bits by hand: 1 + 2^-8 is halfway and goes to the even 1; 1 + 3 * 2^-8 is halfway and goes up; a little more goes up. */
static void test_bf16_rounds_to_nearest_even(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const real in[] = {R(1.00390625), R(1.01171875), R(1.00390637), R(-1.00390625), (real)NAN, (real)INFINITY, R(3.4e38)};
    const uint16_t bits[] = {0x3F80, 0x3F82, 0x3F81, 0xBF80, 0x7FC0, 0x7F80, 0x7F80};
    const rp_tensor_out tensor = {"a", RP_BF16, 1, {7}, in};
    const char *path = scratch_path(arena, "bf16.safetensors");
    assert_ok(rp_safetensors_write(arena, path, &tensor, 1, NULL));
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(arena, path, &file));
    for (size_t i = 0; i < 7; i++) {
        uint16_t got;
        memcpy(&got, rp_tensors_get(file, 0)->data + 2 * i, 2);
        assert_int_equal(i == 4 ? got & 0x7FFF : got, bits[i]);
    }
    rp_tensors_close(file);
    rp_arena_destroy(arena);
}

static void test_failures_leave_no_file(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const real x[2] = {1, 2};
    const rp_tensor_out twins[] = {{"a", RP_F32, 1, {2}, x}, {"a", RP_F32, 1, {2}, x}};
    const char *path = scratch_path(arena, "twins.safetensors");
    assert_int_equal(rp_safetensors_write(arena, path, twins, 2, NULL), RP_ERR_ARGUMENT);
    assert_non_null(strstr(rp_last_error(), "tensor a would be written twice"));
    assert_false(rp_file_exists(path));
    assert_int_equal(rp_safetensors_write(arena, scratch_path(arena, "no/such/place.safetensors"), twins, 1, NULL),
                     RP_ERR_IO);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_tensors_read_back),
        cmocka_unit_test(test_bf16_rounds_to_nearest_even),
        cmocka_unit_test(test_failures_leave_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
