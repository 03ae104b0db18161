/* SPDX-License-Identifier: MIT
 *
 * GRPO on the batch B0 under each convention, and what RePO changes and leaves alone.
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

static void check(const char *name, const char *convention, const char *const *set, double loss, const double *dlogp) {
    const rp_batch batch = toy_b0(arena);
    const rp_loss got = toy_loss(arena, name, convention, set, &batch);
    assert_near(got.loss, loss, 1e-6, 0);
    for (size_t t = 0; dlogp && t < 4; t++) assert_near((double)got.dlogp[t], dlogp[t], 1e-6, 0);
}

#define SET(...)                                                                                                           \
    (const char *const[]) {                                                                                                \
        __VA_ARGS__, NULL                                                                                                  \
    }

static void test_grpo_numbers_of_each_convention(void **state) {
    (void)state;
    check("grpo", "paper", NULL, -.0566667, (double[]){0, -.0833333, -.1733333, 0});
    check("grpo", "trl", NULL, -.0400637, (double[]){0, -.0589172, -.1225478, 0});
    check("grpo", "trl", SET("loss_type=token-mean"), -.3428983, (double[]){0, -.0883759, -.1838218, 0});
    check("grpo", "verl", NULL, -.3429463, NULL);
    check("grpo", "paper", SET("std=none"), -.0283333, NULL);
    check("grpo", "paper", SET("std=none", "loss_type=token-mean"), -.2425, (double[]){0, -.0625, -.13, 0});
    check("grpo", "paper", SET("std=none", "loss_type=seq-mean-token-sum"), -.485, NULL);
    check("grpo", "paper", SET("std=none", "loss_type=token-sum"), -.97, NULL);
    check("grpo", "paper", SET("std=none", "loss_type=constant", "loss_scale_factor=3"), -.1616667, NULL);
}

static void test_kl_with_and_without_the_live_ratio(void **state) {
    (void)state;
    check("grpo", "trl", SET("beta=0.1"), -.0380593, NULL);
    check("grpo", "trl", SET("beta=0.1", "use_bias_correction_kl=false"), -.0369444, NULL);
    const rp_batch batch = toy_b0(arena);
    const rp_loss loss = toy_loss(arena, "grpo", "trl", SET("beta=0.1"), &batch);
    assert_near((double)loss.dlogp[0], .003597, 1e-6, 0); /* its policy part is clipped */
}

static void test_on_policy_loss_is_zero_and_its_gradient_is_not(void **state) {
    (void)state;
    rp_batch batch = toy_random(arena, 1);
    batch.logp_old = batch.logp;
    batch.mask = NULL;
    batch.group = (const uint32_t[TOY_ROWS]){2, 0, 1, 3, 2, 1, 0, 2}; /* the empty row apart: its advantage has no token */
    batch.groups = 4;
    const rp_loss loss = toy_loss(arena, "grpo", NULL, NULL, &batch);
    assert_near(loss.loss, 0, sizeof(real) == 8 ? 1e-15 : 1e-7, 0);
    double size = 0;
    for (size_t t = 0; t < batch.start[batch.rows]; t++) size += fabs((double)loss.dlogp[t]);
    assert_true(size > 0.1);
}

static void test_shifted_rewards_change_nothing_scaled_ones_only_without_std(void **state) {
    (void)state;
    rp_batch batch = toy_random(arena, 2);
    const size_t n = batch.start[batch.rows];
    const rp_loss before = toy_loss(arena, "grpo", NULL, NULL, &batch);
    const rp_loss before_plain = toy_loss(arena, "grpo", NULL, SET("std=none"), &batch);
    real reward[TOY_ROWS];
    for (size_t i = 0; i < TOY_ROWS; i++) reward[i] = 4 * batch.reward[i] + 8;
    batch.reward = reward;
    const rp_loss after = toy_loss(arena, "grpo", NULL, NULL, &batch);
    const rp_loss after_plain = toy_loss(arena, "grpo", NULL, SET("std=none"), &batch);
    assert_close(after.dlogp, before.dlogp, n, 1e-6, 1e-5);
    for (size_t t = 0; t < n; t++) assert_near((double)after_plain.dlogp[t], 4 * (double)before_plain.dlogp[t], 1e-6, 1e-5);
}

static void test_repo_is_grpo_where_nothing_was_injected(void **state) {
    (void)state;
    check("repo", "paper", NULL, -.0566667, (double[]){0, -.0833333, -.1733333, 0});
    rp_batch batch = toy_random(arena, 3);
    const rp_loss grpo = toy_loss(arena, "grpo", NULL, NULL, &batch);
    const rp_loss a = toy_loss(arena, "repo", NULL, NULL, &batch),
                  c = toy_loss(arena, "repo", NULL, SET("reading=C"), &batch);
    assert_close(a.dlogp, grpo.dlogp, batch.start[batch.rows], 0, 0);
    assert_close(c.dlogp, grpo.dlogp, batch.start[batch.rows], 0, 0);
}

static void test_repo_readings_of_an_injected_row(void **state) {
    (void)state; /* row 1 of B0 injected with reward 1, the other fails: A = [-1, 1] */
    rp_batch batch = toy_b0(arena);
    batch.reward = (const real[]){0, 1};
    batch.source = (const uint8_t[]){RP_SOURCE_POLICY, RP_SOURCE_REPHRASED};
    real sampler[4];
    for (size_t t = 0; t < 4; t++) sampler[t] = (real)log(.98);
    batch.logp_behavior = sampler;
    const rp_loss a = toy_loss(arena, "repo", NULL, NULL, &batch);
    const rp_loss b = toy_loss(arena, "repo", NULL, SET("reading=B"), &batch);
    const rp_loss d = toy_loss(arena, "repo", NULL, SET("reading=D"), &batch);
    assert_near((double)a.dlogp[3], -.7 / 2, 1e-6, 0);                     /* π/π_old = .56/.8 */
    assert_near((double)b.dlogp[3], -.56 / .98 / 2, 1e-6, 0);              /* π/π_old(o|q,k) */
    assert_near((double)d.dlogp[3], -.1 * .56 / (.66 * .66) / 2, 1e-6, 0); /* γp/(p+γ)² */
    for (size_t t = 0; t < 3; t++) assert_true(a.dlogp[t] == b.dlogp[t] && a.dlogp[t] == d.dlogp[t]);
    const rp_algorithm *repo = rp_algorithm_find("repo");
    rp_settings settings = rp_settings_defaults(repo);
    assert_true(rp_algorithm_needs(repo, &settings) & RP_NEEDS_REPHRASE);
    assert_false(repo->needs(&settings) & RP_NEEDS_BEHAVIOR);
    assert_ok(rp_settings_set(repo, "reading", "B", &settings));
    assert_true(repo->needs(&settings) & RP_NEEDS_BEHAVIOR);
}

static void test_sft_is_the_mean_over_all_tokens(void **state) {
    (void)state;
    rp_batch batch = toy_b0(arena);
    batch.reward = NULL;
    batch.group = NULL;
    const rp_loss loss = toy_loss(arena, "sft", NULL, NULL, &batch);
    assert_near(loss.loss, -(log(.7) + log(.2) + log(.26) + log(.56)) / 4, 1e-6, 0);
    for (size_t t = 0; t < 4; t++) assert_near((double)loss.dlogp[t], -.25, 1e-7, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grpo_numbers_of_each_convention),
        cmocka_unit_test(test_kl_with_and_without_the_live_ratio),
        cmocka_unit_test(test_on_policy_loss_is_zero_and_its_gradient_is_not),
        cmocka_unit_test(test_shifted_rewards_change_nothing_scaled_ones_only_without_std),
        cmocka_unit_test(test_repo_is_grpo_where_nothing_was_injected),
        cmocka_unit_test(test_repo_readings_of_an_injected_row),
        cmocka_unit_test(test_sft_is_the_mean_over_all_tokens),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
