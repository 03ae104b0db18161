/* SPDX-License-Identifier: MIT */
#include "tiny.h"

typedef struct decisions {
    double gated, sampled, passed, rejected, replaced;
} decisions;

static decisions of_metrics(const rp_metrics *m) {
    decisions d = {.gated = rp_metrics_get(m, "gate_opened", 0),
                   .sampled = rp_metrics_get(m, "rephrase_sampled", -1),
                   .passed = rp_metrics_get(m, "rephrase_passed", 0),
                   .replaced = rp_metrics_get(m, "replaced", 0)};
    for (size_t i = 0; i < m->count; i++)
        if (strncmp(m->name[i], "rephrase_rejected_", 18) == 0) d.rejected += m->value[i];
    return d;
}

static void step(tiny *t, rp_trainer *trainer, rp_metrics *m, rp_group_report **reports, size_t *n) {
    rp_problem *problems;
    m->count = 0;
    assert_ok(rp_problems_of_step(&t->source, rp_trainer_step(trainer), 0, t->arena, &problems, n));
    assert_ok(rp_trainer_rl_step(trainer, problems, *n, m, reports));
}

/* Steps of RePO with these settings: the decisions must add up in every one of them. Returns their sums. */
static decisions run(bool eager, const char *const *settings, size_t steps, double each) {
    decisions sum = {0};
    tiny t;
    tiny_open(&t);
    t.recipe.max_completion_length = 60; /* long enough that some rephrasings end before the limit */
    t.recipe.reward_length = 0.5;
    t.recipe.rephrase_eager = eager;
    rp_trainer *trainer = tiny_trainer(&t, "repo", settings);
    for (size_t s = 0; s < steps; s++) {
        rp_metrics m;
        rp_group_report *reports;
        size_t n, gated = 0, replaced = 0;
        step(&t, trainer, &m, &reports, &n);
        const decisions d = of_metrics(&m);
        for (size_t g = 0; g < n; g++) {
            gated += reports[g].rephrase != RP_REPHRASE_NOT_GATED;
            replaced += reports[g].replaced >= 0;
            assert_true((reports[g].replaced >= 0) == (reports[g].rephrase == RP_REPHRASE_PASSED));
        }
        assert_near(d.sampled, each * (eager ? (double)n : d.gated), 0, 0);
        assert_near(d.sampled, d.passed + d.rejected, 0, 0);
        assert_near(d.gated, (double)gated, 0, 0);
        assert_near(d.replaced, (double)replaced, 0, 0);
        assert_true(d.replaced <= d.gated && (each < 1 || d.replaced <= d.passed)); /* raw: nothing is sampled */
        if (d.sampled > 0) assert_near(rp_metrics_get(&m, "rephrase_pass_rate", -1), d.passed / d.sampled, 1e-12, 0);
        sum.gated += d.gated, sum.sampled += d.sampled, sum.passed += d.passed, sum.replaced += d.replaced;
        sum.rejected += rp_metrics_get(&m, "rephrase_rejected_not_gated", 0);
    }
    tiny_close(&t);
    return sum;
}

static void test_each_sampled_rephrasing_passes_or_is_rejected_whatever_their_number(void **state) {
    (void)state;
    static const char *const three[] = {"verify", "false", "rephrases", "3", "reward_threshold", "5", NULL};
    const decisions d = run(false, three, 6, 3);
    assert_true(d.passed > d.replaced); /* more than one of a question passed; one went in */
    assert_true(d.replaced > 0 && d.passed < d.sampled);
}

static void test_one_rephrasing_that_passes_goes_in(void **state) {
    (void)state;
    static const char *const one[] = {"verify", "false", "reward_threshold", "5", NULL};
    const decisions d = run(false, one, 6, 1);
    assert_near(d.passed, d.replaced, 0, 0);
    assert_true(d.replaced > 0);
}

static void test_a_verified_rephrasing_must_beat_the_worst_answer(void **state) {
    (void)state;
    static const char *const three[] = {"rephrases", "3", "reward_threshold", "-0.2", "rho", "0.25", NULL};
    const decisions d = run(false, three, 6, 3);
    assert_true(d.gated > 0 && d.sampled > 0);
}

static void test_eager_rephrasings_of_closed_gates_are_counted_as_such(void **state) {
    (void)state;
    static const char *const closed[] = {"rephrases", "2", "reward_threshold", "-5", NULL};
    const decisions d = run(true, closed, 2, 2);
    assert_near(d.rejected, d.sampled, 0, 0);
    assert_near(d.replaced + d.gated + d.passed, 0, 0, 0);
}

static void test_raw_knowledge_is_not_counted_as_a_rephrasing(void **state) {
    (void)state;
    static const char *const raw[] = {"source", "raw", "reward_threshold", "5", "verify", "false", NULL};
    const decisions d = run(false, raw, 2, 0);
    assert_near(d.passed + d.sampled, 0, 0, 0);
    assert_true(d.replaced > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_sampled_rephrasing_passes_or_is_rejected_whatever_their_number),
        cmocka_unit_test(test_one_rephrasing_that_passes_goes_in),
        cmocka_unit_test(test_a_verified_rephrasing_must_beat_the_worst_answer),
        cmocka_unit_test(test_eager_rephrasings_of_closed_gates_are_counted_as_such),
        cmocka_unit_test(test_raw_knowledge_is_not_counted_as_a_rephrasing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
