/* SPDX-License-Identifier: MIT
 *
 * Details that no golden case shows because both origins would have to be asked a strange question: ties, and inputs that are
 * given but not asked for.
 */
#include "toy.h"

static rp_arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

static void test_bnpo_reads_components_only_when_asked_to_decompose(void **state) {
    (void)state;
    rp_batch batch = toy_b0(arena);
    const rp_loss without = toy_loss(arena, "bnpo", NULL, NULL, &batch);
    batch.reward_parts = (const real[]){R(0.25), R(0.75), R(0.5), R(0.125)};
    batch.parts = 2;
    const rp_loss with = toy_loss(arena, "bnpo", NULL, (const char *const[]){"decompose=false", NULL}, &batch);
    const rp_loss decomposed = toy_loss(arena, "bnpo", NULL, NULL, &batch);
    assert_memory_equal(with.dlogp, without.dlogp, 4 * sizeof(real));
    assert_true(fabs((double)(decomposed.dlogp[1] - without.dlogp[1])) > 1e-3);
}

/* Among equal entropies the earlier token of the prefix keeps its advantage. */
static void test_prefix_rft_breaks_ties_by_position(void **state) {
    (void)state;
    rp_batch batch = toy_b0(arena);
    batch.start = (const uint32_t[]){0, 0, 4};
    batch.source = (const uint8_t[]){RP_SOURCE_POLICY, RP_SOURCE_EXPERT};
    batch.prefix = (const uint8_t[]){1, 1, 1, 1};
    batch.reward = (const real[]){0, 1};
    batch.entropy = (const real[]){2, 2, 2, 2};
    rp_loss loss = toy_loss(arena, "prefix_rft", NULL, (const char *const[]){"top_entropy=0.5", NULL}, &batch);
    for (size_t t = 0; t < 4; t++) assert_near((double)loss.advantage[t], t < 2, 1e-7, 0);
    batch.entropy = (const real[]){1, 2, 2, 2}; /* the first falls behind, the last of the equal ones too */
    loss = toy_loss(arena, "prefix_rft", NULL, (const char *const[]){"top_entropy=0.5", NULL}, &batch);
    for (size_t t = 0; t < 4; t++) assert_near((double)loss.advantage[t], t == 1 || t == 2, 1e-7, 0);
}

/* exp(A/temperature) of RED-Weight is held like every ratio: a reward of 1000 is a large weight, not infinity. */
static void test_red_weight_holds_its_exponent(void **state) {
    (void)state;
    rp_batch batch = toy_b0(arena);
    batch.reward = (const real[]){1000, 0};
    const rp_loss loss = toy_loss(arena, "red_weight", "release", NULL, &batch);
    assert_near((double)loss.weight[0] / (500 * exp(20)), 1, 1e-6, 0);
    assert_true(isfinite(loss.loss));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bnpo_reads_components_only_when_asked_to_decompose, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_prefix_rft_breaks_ties_by_position, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_red_weight_holds_its_exponent, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
