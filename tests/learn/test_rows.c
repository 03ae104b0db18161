/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "../../src/learn/rows.h"

static void test_packing_scores_each_response_token_from_the_position_before_it(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_row rows[2];
    assert_ok(rp_row_create(arena, (int32_t[]){10, 11, 12}, 3, (int32_t[]){20, 21}, 2, &rows[0]));
    assert_ok(rp_row_create(arena, (int32_t[]){30}, 1, (int32_t[]){40, 41, 42}, 3, &rows[1]));
    rp_packed packed;
    assert_ok(rp_rows_pack(arena, rows, 2, &packed));
    assert_int_equal(packed.sequences, 2);
    assert_int_equal(packed.scored, 5);
    static const uint32_t start[] = {0, 5, 9}, score[] = {2, 3, 5, 6, 7};
    static const int32_t ids[] = {10, 11, 12, 20, 21, 30, 40, 41, 42}, target[] = {20, 21, 40, 41, 42};
    assert_memory_equal(packed.start, start, sizeof start);
    assert_memory_equal(packed.score, score, sizeof score);
    assert_memory_equal(packed.ids, ids, sizeof ids);
    assert_memory_equal(packed.target, target, sizeof target);
    rp_arena_destroy(arena);
}

static void test_micro_batches_take_whole_rows_and_at_least_one(void **state) {
    (void)state;
    const rp_row rows[] = {{.length = 5}, {.length = 4}, {.length = 20}, {.length = 1}};
    assert_int_equal(rp_rows_fit(rows, 4, 0, 9), 2);
    assert_int_equal(rp_rows_fit(rows, 4, 0, 8), 1);
    assert_int_equal(rp_rows_fit(rows, 4, 2, 8), 3); /* longer than the limit: alone */
    assert_int_equal(rp_rows_fit(rows, 4, 0, 1000), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packing_scores_each_response_token_from_the_position_before_it),
        cmocka_unit_test(test_micro_batches_take_whole_rows_and_at_least_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
