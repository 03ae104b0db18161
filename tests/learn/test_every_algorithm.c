/* SPDX-License-Identifier: MIT
 *
 * Every algorithm in the trainer, under every convention and with every value of every choice it has: what it needs (a
 * reference, the sampler's probabilities, the likeliest tokens, a critic, demonstrations, hybrids, rephrasings) is provided, or
 * the recipe is refused with a sentence.
 */
#include "tiny.h"

#include "../../src/learn/step.h"

#include <math.h>
#ifdef _OPENMP
#include <omp.h>
#endif

typedef struct stage {
    tiny t;
    rp_model *reference;
    size_t runs, refused;
} stage;

static void open_stage(stage *s) {
    tiny_open(&s->t);
    s->runs = s->refused = 0;
    s->t.recipe.questions = 2;
    s->t.recipe.num_generations = 3; /* rewards 0, 1/2, 1 */
    s->t.recipe.max_completion_length = 4;
    s->t.recipe.mix = "easy:1, hard:1";
    s->t.recipe.reward_length = 0.5;
    assert_ok(rp_problems_open(s->t.arena, &s->t.recipe, &s->t.source));
    assert_ok(rp_model_create(s->t.arena, &s->t.policy.model->config, &s->reference));
    rp_model_init(s->reference, 4, 0.2, 0.2);
}

/* A whole step as training makes it, if asked, and one with rewards that differ, so that every group has something to say. */
static void make_steps(stage *s, rp_trainer *trainer, bool whole, bool several, const char *what) {
    tiny *t = &s->t;
    rp_problem *problems;
    size_t n;
    rp_metrics m = {.count = 0};
    assert_ok(rp_problems_of_step(&t->source, 0, 0, t->arena, &problems, &n));
    if (whole && rp_trainer_rl_step(trainer, problems, n, &m, NULL) != RP_OK) fail_msg("%s: %s", what, rp_last_error());
    rp_groups groups;
    m.count = 0;
    if (rp_trainer_plan(trainer) != RP_OK || rp_step_rows(trainer, problems, n, &groups, &m) != RP_OK)
        fail_msg("%s: %s", what, rp_last_error());
    for (size_t i = 0; i < n * groups.size; i++)
        groups.rows[i].reward.total = groups.rows[i].reward.correct = (double)(i % 3) / 2;
    m.count = 0;
    if (rp_trainer_update(trainer, groups.rows, n * groups.size, n, &m) != RP_OK) fail_msg("%s: %s", what, rp_last_error());
    const double norm = rp_metrics_get(&m, "grad_norm", (double)NAN);
    /* Of several updates the last may meet nothing but clipped answers. */
    if (!(isfinite(norm) && (several || norm > 1e-6))) fail_msg("%s: the gradient's norm is %g", what, norm);
    if (trainer->plan.needs & RP_NEEDS_VALUE) assert_true(trainer->critic.weights[0] < 0 || trainer->critic.weights[0] > 0);
    s->runs++;
}

static void run(stage *s, const rp_algorithm *a, const rp_settings *settings, bool whole, bool several, const char *what) {
    tiny *t = &s->t;
    const rp_arena_mark mark = rp_arena_get_mark(t->arena);
    const unsigned needs = a->needs(settings);
    const rp_optimizer o = {.learning_rate = 1e-3,
                            .min_lr_ratio = 1,
                            .beta1 = 0.9,
                            .beta2 = 0.95,
                            .epsilon = 1e-8,
                            .max_grad_norm = 1,
                            .steps = 100};
    t->recipe.num_iterations = several ? 2 : 1;
    t->recipe.minibatches = several ? 2 : 1;
    rp_trainer *trainer;
    if (several && (needs & (RP_NEEDS_ON_POLICY | RP_NEEDS_WHOLE_STEP))) {
        assert_fails(tiny_create(t, a, settings, &o, s->reference, &trainer), RP_ERR_ARGUMENT, a->name);
        s->refused++;
    } else if (needs & RP_NEEDS_REFERENCE) {
        assert_fails(tiny_create(t, a, settings, &o, NULL, &trainer), RP_ERR_ARGUMENT, "needs a reference model");
        s->refused++;
    }
    if (!several || !(needs & (RP_NEEDS_ON_POLICY | RP_NEEDS_WHOLE_STEP))) {
        rp_model_init(t->policy.model, 3, 0.2, 0.2);
        assert_ok(tiny_create(t, a, settings, &o, s->reference, &trainer));
        make_steps(s, trainer, whole, several, what);
        rp_trainer_destroy(trainer);
    }
    rp_arena_rewind(t->arena, mark);
}

static void set_where_there(const rp_algorithm *a, rp_settings *settings, const char *key, const char *value) {
    if (rp_settings_has(a, key)) assert_ok(rp_settings_set(a, key, value, settings));
}

static void test_every_convention_trains(void **state) {
    (void)state;
    static stage s;
    open_stage(&s);
    for (size_t k = 0; k < rp_algorithm_count(); k++) {
        const rp_algorithm *a = rp_algorithm_at(k);
        for (const rp_convention *c = a->conventions; c->name; c++) {
            for (int terms = 0; terms < 2; terms++) {
                rp_settings settings = rp_settings_defaults(a);
                assert_ok(rp_settings_apply(a, c->name, &settings));
                set_where_there(a, &settings, "max_num_gen_batches", "2");
                if (terms) {
                    set_where_there(a, &settings, "beta", "0.1");
                    set_where_there(a, &settings, "kl_in_reward", "0.1");
                    set_where_there(a, &settings, "entropy_coef", "0.01");
                }
                char what[96];
                snprintf(what, sizeof what, "%s (%s)%s", a->name, c->name, terms ? " with all terms" : "");
                run(&s, a, &settings, true, false, what);
                run(&s, a, &settings, true, true, what);
            }
        }
    }
    print_message("%zu runs, %zu refusals\n", s.runs, s.refused);
    assert_true(s.runs >= 4 * rp_algorithm_count() && s.refused > rp_algorithm_count());
    tiny_close(&s.t);
}

static void test_every_choice_trains(void **state) {
    (void)state;
    static stage s;
    open_stage(&s);
    for (size_t k = 0; k < rp_algorithm_count(); k++) {
        const rp_algorithm *a = rp_algorithm_at(k);
        for (const rp_option *setting = a->settings; setting->name; setting++) {
            const size_t values = setting->kind == RP_OPTION_KIND_BOOL     ? 2
                                  : setting->kind == RP_OPTION_KIND_CHOICE ? 64
                                                                           : 0;
            for (size_t v = 0; v < values && (setting->kind == RP_OPTION_KIND_BOOL || setting->choices[v]); v++) {
                rp_settings settings = rp_settings_defaults(a);
                set_where_there(a, &settings, "max_num_gen_batches", "2");
                rp_settings_put(a, &settings, setting->name, (double)v);
                if (strcmp(setting->name, "kl") == 0) set_where_there(a, &settings, "beta", "0.1");
                /* Cross-entropy reads Q as a log-probability: at 0 it is held and has no slope. */
                if (strcmp(setting->name, "objective") == 0) set_where_there(a, &settings, "q0", "-0.5");
                char what[96];
                snprintf(what, sizeof what, "%s with %s = %zu", a->name, setting->name, v);
                run(&s, a, &settings, false, false, what);
            }
        }
    }
    print_message("%zu runs\n", s.runs);
    assert_true(s.runs > 300);
    tiny_close(&s.t);
}

int main(void) {
#ifdef _OPENMP
    omp_set_num_threads(1); /* a thousand steps of a few tokens: threads would only wait for each other */
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_convention_trains),
        cmocka_unit_test(test_every_choice_trains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
