/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <string.h>

static void test_memory_is_aligned_distinct_and_writable(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    unsigned char *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        blocks[i] = rp_alloc(arena, unsigned char, i * 97 + 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        memset(blocks[i], (int)i, i * 97 + 1);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < i * 97 + 1; j++) assert_int_equal(blocks[i][j], (unsigned char)i);
    rp_arena_destroy(arena);
}

static void test_rewind_gives_memory_back_and_keeps_what_was_before(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    int *kept = rp_alloc_zero(arena, int, 10);
    kept[9] = 42;
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    const size_t used = rp_arena_used(arena);
    size_t reserved = 0;
    for (int round = 0; round < 5; round++) {
        assert_non_null(rp_alloc(arena, double, 100000));
        assert_non_null(rp_alloc(arena, double, 3000000));
        assert_non_null(rp_alloc(arena, char, 5));
        if (round == 0) reserved = rp_arena_reserved(arena);
        rp_arena_rewind(arena, mark);
        assert_int_equal(rp_arena_used(arena), used);
    }
    assert_int_equal(rp_arena_reserved(arena), reserved); /* the second round reuses the first one's chunks */
    assert_int_equal(kept[9], 42);
    assert_true(rp_arena_peak(arena) >= 3100000 * sizeof(double));
    rp_arena_destroy(arena);
}

static void test_growing_steps_do_not_leave_chunks_behind(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_arena_mark start = rp_arena_get_mark(arena);
    for (size_t step = 0; step < 60; step++) {
        for (size_t i = 0; i < 12; i++) {
            const size_t n = 3000000 + 50000 * step + 70000 * i;
            unsigned char *block = rp_alloc(arena, unsigned char, n);
            assert_non_null(block);
            block[0] = block[n - 1] = (unsigned char)i;
        }
        rp_arena_rewind(arena, start);
    }
    /* Huge pages and chunk boundaries cost something; a set of chunks per step would be sixty times the peak. */
    assert_true(rp_arena_reserved(arena) < 2 * rp_arena_peak(arena));
    rp_arena_destroy(arena);
}

static void test_rewind_to_an_empty_arena_and_release(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_arena_mark start = rp_arena_get_mark(arena);
    assert_non_null(rp_alloc(arena, char, 1000));
    rp_arena_rewind(arena, start);
    assert_int_equal(rp_arena_used(arena), 0);
    assert_non_null(rp_alloc(arena, char, 1000));
    rp_arena_release(arena);
    assert_int_equal(rp_arena_reserved(arena), 0);
    assert_non_null(rp_alloc(arena, char, 1000));
    rp_arena_destroy(arena);
    rp_arena_destroy(NULL);
}

static void test_limit_and_overflow_give_null_and_a_sentence(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("answers", 1 << 20);
    assert_null(rp_alloc(arena, char, 2 << 20));
    assert_non_null(strstr(rp_last_error(), "answers: needs more than its limit of 1 MiB"));
    assert_null(rp_alloc(arena, double, SIZE_MAX / 2));
    assert_non_null(rp_alloc(arena, char, 1 << 19));
    assert_null(rp_alloc(arena, char, 1 << 20));
    assert_int_equal(rp_arena_refusals(arena), 3);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_aligned_distinct_and_writable),
        cmocka_unit_test(test_rewind_gives_memory_back_and_keeps_what_was_before),
        cmocka_unit_test(test_growing_steps_do_not_leave_chunks_behind),
        cmocka_unit_test(test_rewind_to_an_empty_arena_and_release),
        cmocka_unit_test(test_limit_and_overflow_give_null_and_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
