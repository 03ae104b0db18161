/* SPDX-License-Identifier: MIT
 *
 * Every row of the table, with every schedule of its settings switched on and short enough to move, stopped and resumed: the
 * same metrics, weights and moments, bit for bit, as a run that went straight through.
 */
#include "tiny.h"

#include <math.h>
#ifdef _OPENMP
#include <omp.h>
#endif

enum { STOPPED_AFTER = 3, STEPS = 6 };

/* A schedule of a few steps, each end of which differs from the settings' defaults; buffers that fill within them. */
static const char *const quick[][2] = {
    {"schedule", "true"},    {"mu_warmup_steps", "2"},     {"mu_decay_steps", "5"}, {"decay_steps", "5"},
    {"prefix_start", "0.6"}, {"prefix_end", "0.1"},        {"mu_peak", "0.8"},      {"mu_valley", "0.2"},
    {"buffer_size", "4"},    {"max_num_gen_batches", "2"}, {"beta", "0.05"},        {"reward_threshold", "0.2"},
    {"rephrases", "2"}};

static void open_quick(tiny *t) {
    tiny_open(t);
    t->recipe.mix = "easy:1, hard:1";
    t->recipe.num_generations = 3;
    t->recipe.max_completion_length = 6;
    t->recipe.reward_length = 0.5; /* rewards that differ between answers */
    assert_ok(rp_problems_open(t->arena, &t->recipe, &t->source));
}

static rp_trainer *quick_trainer(tiny *t, const rp_algorithm *a) {
    rp_settings s = rp_settings_defaults(a);
    for (size_t k = 0; k < sizeof quick / sizeof *quick; k++)
        if (rp_settings_has(a, quick[k][0])) assert_ok(rp_settings_set(a, quick[k][0], quick[k][1], &s));
    const rp_optimizer o = {.learning_rate = 1e-2,
                            .min_lr_ratio = 0.1,
                            .beta1 = 0.9,
                            .beta2 = 0.95,
                            .epsilon = 1e-8,
                            .max_grad_norm = 1,
                            .steps = STEPS,
                            .warmup_steps = 2,
                            .lr_scheduler_type = 1};
    rp_model *reference;
    rp_trainer *trainer;
    assert_ok(rp_model_create(t->arena, &t->policy.model->config, &reference));
    rp_model_init(reference, 4, 0.2, 0.2);
    assert_ok(tiny_create(t, a, &s, &o, reference, &trainer));
    t->trainers[t->trainer_count++] = trainer;
    return trainer;
}

static void run_to(tiny *t, rp_trainer *trainer, int64_t end, rp_metrics *metrics) {
    while (rp_trainer_step(trainer) < end) {
        rp_problem *problems;
        size_t n;
        rp_metrics *m = &metrics[rp_trainer_step(trainer)];
        m->count = 0;
        assert_ok(rp_problems_of_step(&t->source, rp_trainer_step(trainer), 0, t->arena, &problems, &n));
        if (rp_trainer_rl_step(trainer, problems, n, m, NULL) != RP_OK)
            fail_msg("%s: %s", trainer->algorithm->name, rp_last_error());
    }
}

static void check_same(const rp_metrics *a, const rp_metrics *b, const char *name, int64_t step) {
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        if (strncmp(a->name[i], "seconds", 7) == 0) continue;
        const double x = a->value[i], y = rp_metrics_get(b, a->name[i], (double)NAN);
        if (memcmp(&x, &y, sizeof x) != 0)
            fail_msg("%s: step %d: %s is %.17g straight through and %.17g resumed", name, (int)step + 1, a->name[i], x, y);
    }
}

static void check_row(const rp_algorithm *a) {
    static rp_metrics went[STEPS], resumed[STEPS];
    tiny x, y;
    bool found = false;
    open_quick(&x);
    open_quick(&y);
    const char *place = rp_strdup(x.arena, temporary_path(a->name));
    rp_trainer *straight = quick_trainer(&x, a), *again = quick_trainer(&y, a);
    run_to(&x, straight, STOPPED_AFTER, went);
    assert_ok(rp_checkpoint_save(straight, place));
    run_to(&x, straight, STEPS, went);
    rp_buffer warning = rp_buffer_in(y.arena);
    assert_ok(rp_checkpoint_load(again, place, &found, &warning));
    assert_int_equal(warning.length, 0);
    assert_true(found && rp_trainer_step(again) == STOPPED_AFTER);
    run_to(&y, again, STEPS, resumed);
    for (int64_t s = STOPPED_AFTER; s < STEPS; s++) check_same(&went[s], &resumed[s], a->name, s);
    const size_t bytes = x.policy.model->count * sizeof(real);
    assert_memory_equal(x.policy.model->weights, y.policy.model->weights, bytes);
    assert_memory_equal(straight->first, again->first, bytes);
    assert_memory_equal(straight->second, again->second, bytes);
    tiny_close(&x);
    tiny_close(&y);
}

static void test_every_row_resumes_bit_for_bit_with_every_schedule_on(void **state) {
    (void)state;
    for (size_t k = 0; k < rp_algorithm_count(); k++) check_row(rp_algorithm_at(k));
}

/* The beginning of the solution that a hybrid is given follows prefix_start to prefix_end, from the first step on. */
static void test_the_prefix_follows_its_schedule_from_the_first_step(void **state) {
    (void)state;
    static const char *const settings[] = {"prefix_start", "0", "prefix_end", "1", "decay_steps", "4", NULL};
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "prefix_rft", settings);
    for (int64_t s = 0; s < 6; s++) {
        rp_problem *problems;
        size_t n;
        rp_metrics m = {.count = 0};
        double expected = 0;
        assert_ok(rp_problems_of_step(&t.source, s, 0, t.arena, &problems, &n));
        for (size_t q = 0; q < n; q++) {
            rp_encoding solution;
            assert_ok(rp_policy_response(&t.policy, t.arena, problems[q].solution, &solution));
            const double share =
                s < 4 ? 0.5 - 0.5 * cos(3.141592653589793 * (double)s / 4) : 1; /* half a cosine, by hand */
            expected += floor(share * (double)(solution.length - 1)) / (double)n;
        }
        assert_ok(rp_trainer_rl_step(trainer, problems, n, &m, NULL));
        assert_near(rp_metrics_get(&m, "prefix_tokens", -1), expected, 1e-9, 0);
    }
    tiny_close(&t);
}

int main(void) {
#ifdef _OPENMP
    omp_set_num_threads(1); /* hundreds of steps of a few tokens: threads would only wait for each other */
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_resumes_bit_for_bit_with_every_schedule_on),
        cmocka_unit_test(test_the_prefix_follows_its_schedule_from_the_first_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
