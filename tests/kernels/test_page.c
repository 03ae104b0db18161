/* SPDX-License-Identifier: MIT */
#include "numeric.h"

#include <rephrase/kernels.h>

#include <string.h>

enum { D = 20, G = 3, LONGEST = 100, PAGES = 6, LEAF = 2 * RP_PAGE * D, STRIDE = LEAF + 16 };
static real k[LONGEST * D], v[LONGEST * D], q[G * D], pool[PAGES * STRIDE], scratch[G * (LONGEST + RP_PAGE)];
static const uint32_t page[4] = {5, 0, 3, 1}; /* a sequence's pages lie anywhere in the pool */

static void fill(void) {
    fill_normal(k, LONGEST * D, 1, 1);
    fill_normal(v, LONGEST * D, 1, 2);
    fill_normal(q, G * D, 1, 3);
    fill_normal(pool, PAGES * STRIDE, 100, 4); /* what earlier sequences left must not matter */
    for (size_t t = 0; t < LONGEST; t++)
        rp_page_store(pool + page[t / RP_PAGE] * STRIDE, t % RP_PAGE, k + t * D, v + t * D, D);
}

static void test_pages_give_the_last_row_of_causal_attention(void **state) {
    (void)state;
    fill();
    static real all[LONGEST * D], wide[2 * 64 * (LONGEST + 32) + 4 * D * (LONGEST + 64)], lse[LONGEST];
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
    assert_true(rp_attention_scratch(LONGEST, D) <= sizeof wide / sizeof *wide);
    const size_t lengths[] = {1, 2, 31, 32, 33, 64, 65, 100};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        real o[G * D], queries[LONGEST * D];
        const size_t T = lengths[i];
        rp_page_attend(o, q, G, pool, page, STRIDE, T, D, scratch);
        for (size_t g = 0; g < G; g++) {
            fill_normal(queries, T * D, 1, 9);
            memcpy(queries + (T - 1) * D, q + g * D, D * sizeof *q);
            rp_attention_forward(all, D, lse, 1, queries, D, k, v, D, T, 1, D, wide);
            assert_close(o + g * D, all + (T - 1) * D, D, 100 * (double)REAL_EPSILON, 0);
        }
    }
}

static void test_a_query_has_the_same_bits_alone(void **state) {
    (void)state;
    fill();
    real together[G * D], alone[D];
    rp_page_attend(together, q, G, pool, page, STRIDE, 77, D, scratch);
    for (size_t g = 0; g < G; g++) {
        rp_page_attend(alone, q + g * D, 1, pool, page, STRIDE, 77, D, scratch);
        assert_memory_equal(alone, together + g * D, sizeof alone);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_give_the_last_row_of_causal_attention),
        cmocka_unit_test(test_a_query_has_the_same_bits_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
