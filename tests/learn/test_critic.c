/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <math.h>

static void test_values_gradient_and_update_agree_with_a_regression_by_hand(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_critic critic;
    assert_ok(rp_critic_create(arena, 2, &critic));
    critic.weights[0] = 2, critic.weights[1] = -1, critic.weights[2] = R(0.5);
    const real hidden[] = {1, 2, 3, 4};
    real value[2];
    rp_critic_values(&critic, hidden, 2, value);
    assert_near((double)value[0], 0.5, 1e-6, 0); /* 2·1 − 1·2 + 0.5 */
    assert_near((double)value[1], 2.5, 1e-6, 0); /* 2·3 − 1·4 + 0.5 */
    const real dvalue[] = {1, -2};
    rp_critic_gradient(&critic, hidden, dvalue, 2);
    assert_near((double)critic.gradient[0], 1 - 6, 1e-6, 0);
    assert_near((double)critic.gradient[1], 2 - 8, 1e-6, 0);
    assert_near((double)critic.gradient[2], -1, 1e-6, 0);
    const rp_optimizer o = {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8};
    rp_critic_update(&critic, 0.1, &o, 1); /* Adam's first step moves each weight by the rate against its gradient's sign */
    assert_near((double)critic.weights[0], 2.1, 1e-5, 0);
    assert_near((double)critic.weights[2], 0.6, 1e-5, 0);
    assert_near((double)critic.gradient[0], 0, 0, 0);
    rp_arena_destroy(arena);
}

/* Constant reward: the returns are 1 everywhere, so the values must approach 1 and the advantages 0. */
static void test_ppo_s_critic_learns_the_return(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    t.recipe.critic_learning_rate = 0.05;
    t.recipe.optimizer.learning_rate = 1e-6;
    rp_trainer *trainer = tiny_trainer(&t, "ppo", NULL);
    trainer->optimizer.learning_rate = 1e-6;
    rp_row rows[2];
    for (uint32_t i = 0; i < 2; i++) {
        assert_ok(rp_row_create(t.arena, (int32_t[]){5, 6}, 2, (int32_t[]){7, 8, 9}, 3, &rows[i]));
        rows[i].group = i;
        rows[i].reward.total = 1;
    }
    real before[3] = {0}, after[3];
    rp_row_values out = {.logp = rp_alloc(t.arena, real, 3), .value = before};
    const rp_scoring how = rp_trainer_scoring(trainer, t.policy.model);
    assert_ok(rp_rows_logp(&how, rows, 1, out));
    assert_near((double)before[0], 0, 0, 0);
    for (int i = 0; i < 200; i++) {
        rp_metrics m = {.count = 0};
        assert_ok(rp_trainer_update(trainer, rows, 2, 2, &m));
    }
    out.value = after;
    assert_ok(rp_rows_logp(&how, rows, 1, out));
    for (int i = 0; i < 3; i++) assert_near((double)after[i], 1, 0.05, 0);
    tiny_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_gradient_and_update_agree_with_a_regression_by_hand),
        cmocka_unit_test(test_ppo_s_critic_learns_the_return),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
