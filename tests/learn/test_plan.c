/* SPDX-License-Identifier: MIT
 *
 * A method that gathers rows in a way no other does, written as CONTRIBUTING asks: one descriptor, which in the library would
 * be one file and one row of the table. No file of the trainer knows it.
 *
 *   even steps   rollouts and nothing else
 *   odd steps    of each group one row is the solution and one continues behind a share of it that grows with the step; what
 *                nobody disagrees about is asked again
 */
#include "tiny.h"

#include "../../src/learn/step.h"

#include <rephrase/policy.h>

extern const rp_algorithm rp_algorithm_toy;

typedef struct toy_settings {
    double growth;
} toy_settings;
RP_SETTINGS_OF(toy)

static const rp_option settings_of_toy[] = {
    RP_OPTION_REAL(toy_settings, growth, "growth", 0.25, 0, 1, "of the copied share, per step"),
    RP_OPTION_END,
};
static const rp_convention toy_conventions[] = {{.name = "paper"}, {.name = NULL}};

static unsigned toy_needs(const rp_settings *settings) {
    (void)settings;
    return RP_NEEDS_REWARD | RP_NEEDS_PREFIX;
}

static void toy_plan(const rp_settings *settings, int64_t step, rp_plan *plan) {
    const double share = toy_of(settings).growth * (double)step;
    if (step % 2 == 0) return;
    plan->demonstration[plan->demonstrations++] = (rp_demonstration){.whole = true};
    plan->demonstration[plan->demonstrations++] = (rp_demonstration){.share = share < 1 ? share : 1};
    plan->batches = 2;
}

/* Rewarded rows become likelier; tokens that were copied carry no loss. */
static rp_status toy_loss(const rp_batch *batch, const rp_settings *settings, rp_arena *arena, rp_loss *out) {
    (void)settings, (void)arena;
    const real W = R(1.0) / (real)batch->rows;
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++)
            if (rp_token_counts(batch, t) && !batch->prefix[t])
                rp_loss_add(out, t, W, rp_surrogate_weighted(1, batch->reward[i], batch->logp[t]));
    return RP_OK;
}

const rp_algorithm rp_algorithm_toy = {.name = "toy",
                                       .title = "Alternation",
                                       .citation = "none",
                                       .equations = "",
                                       .summary = "Rollouts and demonstrations by turns.",
                                       .settings = settings_of_toy,
                                       .conventions = toy_conventions,
                                       .needs = toy_needs,
                                       .plan = toy_plan,
                                       .loss = toy_loss};

static rp_trainer *toy_trainer(tiny *t) {
    const rp_settings s = rp_settings_defaults(&rp_algorithm_toy);
    const rp_optimizer o = {
        .learning_rate = 1e-2, .min_lr_ratio = 1, .beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .steps = 9};
    rp_trainer *trainer;
    assert_ok(tiny_create(t, &rp_algorithm_toy, &s, &o, NULL, &trainer));
    t->trainers[t->trainer_count++] = trainer;
    return trainer;
}

static rp_problem *questions(tiny *t, const rp_trainer *trainer, size_t *n) {
    rp_problem *problems;
    assert_ok(rp_problems_of_step(&t->source, rp_trainer_step(trainer), 0, t->arena, &problems, n));
    return problems;
}

static void check_sources(const rp_group_report *group, size_t rollouts) {
    for (size_t j = 0; j < group->count; j++)
        assert_int_equal(group->rows[j].source, j < rollouts ? RP_SOURCE_POLICY : RP_SOURCE_EXPERT);
}

static void test_a_new_way_of_gathering_rows_needs_one_descriptor(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = toy_trainer(&t);
    for (int64_t s = 0; s < 4; s++) {
        rp_metrics m = {.count = 0};
        rp_group_report *groups;
        size_t n;
        const rp_problem *problems = questions(&t, trainer, &n);
        assert_ok(rp_trainer_rl_step(trainer, problems, n, &m, &groups));
        for (size_t g = 0; g < n; g++) {
            const rp_row *rows = groups[g].rows;
            assert_int_equal(groups[g].count, 4);
            check_sources(&groups[g], s % 2 ? 2 : 4);
            if (s % 2 == 0) continue;
            rp_encoding solution;
            assert_ok(rp_policy_response(&t.policy, t.arena, groups[g].problem->solution, &solution));
            assert_int_equal(rows[2].prefix_length, 0); /* the whole solution is learnt */
            assert_int_equal(rp_row_tokens(&rows[2]), solution.length);
            assert_int_equal(rows[3].prefix_length, (size_t)(0.25 * (double)s * (double)(solution.length - 1)));
            assert_memory_equal(rows[3].ids, rows[0].ids, rows[0].prompt_length * sizeof(int32_t));
        }
        assert_true((rp_metrics_get(&m, "dynamic_batches", 0) > 0) == (s % 2 == 1));
        assert_true((rp_metrics_get(&m, "prefix_tokens", 0) > 0) == (s % 2 == 1));
        if (s % 2) assert_true(rp_metrics_get(&m, "grad_norm", 0) > 1e-3); /* the solutions are rewarded */
    }
    tiny_close(&t);
}

static void test_a_plan_that_cannot_be_carried_out_is_refused(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    t.recipe.num_generations = 1;
    rp_trainer *trainer = toy_trainer(&t);
    rp_metrics m = {.count = 0};
    size_t n;
    const rp_problem *problems = questions(&t, trainer, &n);
    assert_ok(rp_trainer_rl_step(trainer, problems, n, &m, NULL)); /* step 0 wants no demonstration */
    m.count = 0;
    assert_fails(rp_trainer_rl_step(trainer, problems, n, &m, NULL), RP_ERR_ARGUMENT,
                 "toy wants 2 rows of each group for demonstrations; rollouts = 1");
    t.recipe.num_generations = 4;
    trainer->source = NULL;
    assert_fails(rp_trainer_rl_step(trainer, problems, n, &m, NULL), RP_ERR_ARGUMENT, "toy asks further questions");
    tiny_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_way_of_gathering_rows_needs_one_descriptor),
        cmocka_unit_test(test_a_plan_that_cannot_be_carried_out_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
