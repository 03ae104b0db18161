/* SPDX-License-Identifier: MIT
 *
 * What the algorithms report beside the loss, by hand on B0 (ratios 1.40, .50, 1.04 | .70), and settings on a schedule.
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

#define SET(...)                                                                                                           \
    (const char *const[]) {                                                                                                \
        __VA_ARGS__, NULL                                                                                                  \
    }

static void metric(const rp_loss *loss, const char *name, double expected) {
    for (size_t k = 0; k < loss->metric_count; k++)
        if (strcmp(loss->metrics[k].name, name) == 0) {
            assert_near(loss->metrics[k].value, expected, 1e-6, 0);
            return;
        }
    fail_msg("there is no metric %s", name);
}

static void test_shares_of_clipped_and_masked_tokens(void **state) {
    (void)state;
    const rp_batch batch = toy_b0(arena);
    rp_loss loss = toy_loss(arena, "grpo", NULL, NULL, &batch);
    metric(&loss, "clip_low", .25);
    metric(&loss, "clip_high", .25);
    metric(&loss, "ratio_mean", (1.4 + .5 + 1.04 + .7) / 4);
    metric(&loss, "ratio_max", 1.4);
    metric(&loss, "kl_ref",
           ((log(.7 / .6) + .6 / .7) + (log(.2 / .3) + 1.5) + (log(.26 / .25) + .25 / .26) + (log(.8) + 1.25)) / 4 - 1);
    loss = toy_loss(arena, "cispo", "verl", NULL, &batch);
    metric(&loss, "weight_capped", .25);
    loss = toy_loss(arena, "dppo", NULL, NULL, &batch);
    metric(&loss, "masked_tokens", .5);
    loss = toy_loss(arena, "rec", NULL, NULL, &batch);
    metric(&loss, "masked_tokens", .5);
}

static void test_bapo_reports_where_its_bounds_ended(void **state) {
    (void)state;
    rp_batch batch = toy_b0(arena);
    batch.reward = (const real[]){R(0.5), R(-1.5)};
    const rp_loss loss = toy_loss(arena, "bapo", NULL, SET("baseline=none", "std=none"), &batch);
    metric(&loss, "bapo_low", .6);
    metric(&loss, "bapo_high", 1.35);
    metric(&loss, "bapo_statistic", .4031972);
}

static void test_rows_dropped_and_injected(void **state) {
    (void)state;
    const rp_batch four = {.rows = 4,
                           .start = (const uint32_t[]){0, 1, 2, 3, 4},
                           .group = (const uint32_t[]){0, 0, 0, 0},
                           .groups = 1,
                           .logp = (const real[]){R(-0.1), R(-0.2), R(-0.3), R(-0.4)},
                           .reward = (const real[]){1, 0, 0, 0}};
    rp_loss loss = toy_loss(arena, "red_drop", NULL, NULL, &four);
    metric(&loss, "kept_rows", .5);
    assert_near((double)loss.advantage[0], .5, 0, 0);
    double sum = 0;
    for (size_t t = 1; t < 4; t++) {
        assert_true(loss.advantage[t] == 0 || loss.advantage[t] == R(-0.5));
        sum += (double)loss.advantage[t];
    }
    assert_near(sum, -.5, 0, 0); /* one failure is left */
    rp_batch batch = toy_b0(arena);
    batch.source = (const uint8_t[]){RP_SOURCE_POLICY, RP_SOURCE_REPHRASED};
    loss = toy_loss(arena, "repo", NULL, NULL, &batch);
    metric(&loss, "injected_rows", .5);
    loss = toy_loss(arena, "spo", NULL, SET("q0=0.5"), &batch);
    metric(&loss, "spo_residual", (1 - .4787906 + .4776856) / 2);
}

static void test_the_critic_is_judged_by_its_old_values(void **state) {
    (void)state; /* one row: returns 1, 1, 1 do not vary; two rows: returns 1 and 0 against values .9, .1 */
    rp_batch batch = toy_b0(arena);
    batch.value = batch.value_old = (const real[]){R(0.9), R(0.9), R(0.9), R(0.1)};
    const rp_loss loss = toy_loss(arena, "ppo", NULL, NULL, &batch);
    /* errors .1, .1, .1, -.1: variance .0075; returns' variance .1875 */
    metric(&loss, "explained_variance", 1 - .0075 / .1875);
}

static double mu_at(const rp_algorithm *chord, const rp_settings *settings, int64_t step) {
    const rp_plan plan = rp_algorithm_plan(chord, settings, step);
    return rp_settings_get(chord, &plan.settings, "mu");
}

static void test_a_plan_follows_the_schedule_and_leaves_the_settings_alone(void **state) {
    (void)state;
    const rp_algorithm *chord = rp_algorithm_find("chord"), *prefix = rp_algorithm_find("prefix_rft");
    rp_settings s = rp_settings_defaults(chord);
    assert_near(mu_at(chord, &s, 100), .1, 0, 0); /* the schedule is off */
    assert_ok(rp_settings_set(chord, "schedule", "true", &s));
    const rp_settings kept = s;
    assert_near(mu_at(chord, &s, 0), .9, 1e-12, 0);
    assert_near(mu_at(chord, &s, 100), .475, 1e-12, 0);
    assert_near(mu_at(chord, &s, 5000), .05, 1e-12, 0);
    assert_memory_equal(&s, &kept, sizeof s);
    s = rp_settings_defaults(prefix);
    const rp_plan hybrid = rp_algorithm_plan(prefix, &s, 150);
    assert_int_equal(hybrid.demonstrations, 1);
    assert_false(hybrid.demonstration[0].whole);
    assert_near(hybrid.demonstration[0].share, .5, 1e-12, 0);
}

/* Every row, by hand: what departs from "rollouts and nothing else". */
static void test_plans_say_what_each_algorithm_wants(void **state) {
    (void)state;
    static const char *const with_solution[] = {"sft", "luffy", "rl_sft", "chord", "hpt", "prefix_rft"};
    for (size_t k = 0; k < rp_algorithm_count(); k++) {
        const rp_algorithm *a = rp_algorithm_at(k);
        const rp_settings s = rp_settings_defaults(a);
        const rp_plan p = rp_algorithm_plan(a, &s, 3), again = rp_algorithm_plan(a, &s, 3);
        size_t demonstrations = 0;
        for (size_t i = 0; i < 6; i++) demonstrations += strcmp(a->name, with_solution[i]) == 0;
        assert_int_equal(p.demonstrations, demonstrations);
        assert_true(p.rollouts == (strcmp(a->name, "sft") != 0));
        assert_true(p.gate.wanted == (strcmp(a->name, "repo") == 0));
        assert_int_equal(p.batches, strcmp(a->name, "dapo") == 0 ? 10 : 1);
        assert_int_equal(p.failures, strcmp(a->name, "relift") == 0 ? 128 : 0);
        assert_int_equal(p.candidates, 0);
        assert_true(p.needs == again.needs && p.demonstration[0].share == again.demonstration[0].share);
        assert_true(p.needs == rp_algorithm_needs(a, &s));
    }
}

static void test_needs_follow_the_settings(void **state) {
    (void)state;
    const struct {
        const char *algorithm, *key, *value;
        unsigned bit;
    } rows[] = {{"grpo", "beta", "0.1", RP_NEEDS_REFERENCE},
                {"grpo", "entropy_coef", "-0.1", RP_NEEDS_ENTROPY},
                {"grpo", "scale_rewards", "batch", RP_NEEDS_WHOLE_STEP},
                {"rloo", "form", "token-ratio", RP_NEEDS_OLD},
                {"rloo", "kl_in_reward", "0.1", RP_NEEDS_REFERENCE},
                {"ppo", "whiten", "true", RP_NEEDS_WHOLE_STEP},
                {"ppo", "kl_in_reward", "0.1", RP_NEEDS_REFERENCE},
                {"opo", "form", "ratio", RP_NEEDS_OLD},
                {"dppo", "divergence", "topk-kl", RP_NEEDS_TOPK},
                {"dppo", "anchor", "old", RP_NEEDS_OLD}};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const rp_algorithm *a = rp_algorithm_find(rows[k].algorithm);
        rp_settings s = rp_settings_defaults(a);
        assert_false(a->needs(&s) & rows[k].bit);
        assert_ok(rp_settings_set(a, rows[k].key, rows[k].value, &s));
        assert_true(a->needs(&s) & rows[k].bit);
    }
    const rp_algorithm *ppo = rp_algorithm_find("ppo");
    rp_settings s = rp_settings_defaults(ppo);
    assert_true(ppo->needs(&s) & RP_NEEDS_VALUE);
    assert_ok(rp_settings_set(ppo, "critic", "false", &s));
    assert_false(ppo->needs(&s) & RP_NEEDS_VALUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_of_clipped_and_masked_tokens),
        cmocka_unit_test(test_bapo_reports_where_its_bounds_ended),
        cmocka_unit_test(test_rows_dropped_and_injected),
        cmocka_unit_test(test_the_critic_is_judged_by_its_old_values),
        cmocka_unit_test(test_a_plan_follows_the_schedule_and_leaves_the_settings_alone),
        cmocka_unit_test(test_plans_say_what_each_algorithm_wants),
        cmocka_unit_test(test_needs_follow_the_settings),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
