/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <math.h>

static void step(tiny *t, rp_trainer *trainer, rp_metrics *metrics, rp_group_report **reports, rp_problem **problems,
                 size_t *n) {
    metrics->count = 0;
    assert_ok(rp_problems_of_step(&t->source, rp_trainer_step(trainer), 0, t->arena, problems, n));
    assert_ok(rp_trainer_rl_step(trainer, *problems, *n, metrics, reports));
}

static void test_learning_rate_schedules(void **state) {
    (void)state;
    rp_optimizer s = {.learning_rate = 1, .min_lr_ratio = 0.1, .steps = 110, .warmup_steps = 10, .lr_scheduler_type = 0};
    assert_near(rp_learning_rate(&s, 0), 0.1, 1e-15, 0);
    assert_near(rp_learning_rate(&s, 9), 1, 1e-15, 0);
    assert_near(rp_learning_rate(&s, 60), 1, 1e-15, 0);
    s.lr_scheduler_type = 1;
    assert_near(rp_learning_rate(&s, 60), 0.55, 1e-15, 0); /* half way: 0.1 + 0.9 · (1 + cos π/2)/2 */
    assert_near(rp_learning_rate(&s, 110), 0.1, 1e-15, 0);
    s.lr_scheduler_type = 2;
    assert_near(rp_learning_rate(&s, 35), 0.1 + 0.9 * 0.75, 1e-15, 0);
    assert_near(rp_learning_rate(&s, 500), 0.1, 1e-15, 0);
}

static void test_every_decision_of_the_gate_is_counted(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "repo", NULL);
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    step(&t, trainer, &m, &reports, &problems, &n);
    /* An untrained policy answers nothing: every gate opens, every rephrasing is rejected for a stated reason. */
    assert_near(rp_metrics_get(&m, "gate_opened", -1), (double)n, 0, 0);
    assert_near(rp_metrics_get(&m, "rephrase_sampled", -1), (double)n, 0, 0);
    double rejected = 0;
    for (size_t i = 0; i < m.count; i++)
        if (strncmp(m.name[i], "rephrase_rejected_", 18) == 0) rejected += m.value[i];
    assert_near(rejected + rp_metrics_get(&m, "rephrase_passed", -1), (double)n, 0, 0);
    assert_true(rp_metrics_get(&m, "replaced", -1) >= 0 && rp_metrics_get(&m, "replaced", -1) <= (double)n);
    for (size_t g = 0; g < n; g++) {
        assert_near(reports[g].failed_share, 1, 0, 0);
        assert_true(rp_str_equal(reports[g].problem->question, problems[g].question));
    }
    assert_true(rp_metrics_get(&m, "sampler_gap", 1) < (rp_precision() == 32 ? 1e-4 : 1e-11));
    tiny_close(&t);
}

/* The gap between sampler and trainer is rounding for exact weights and shows for rounded ones. */
static void test_rounded_rollout_weights_show_in_the_gap(void **state) {
    (void)state;
    for (int64_t rounded = 0; rounded < 2; rounded++) {
        tiny t;
        tiny_open(&t);
        t.recipe.rollout_weights = (rp_rounding)rounded;
        rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
        rp_metrics m = {.count = 0};
        rp_group_report *reports;
        rp_problem *problems;
        size_t n;
        step(&t, trainer, &m, &reports, &problems, &n);
        const double gap = rp_metrics_get(&m, "sampler_gap", -1), mean = rp_metrics_get(&m, "sampler_gap_mean", -1);
        assert_true(rounded ? gap > 1e-4 && gap < 0.2 : gap < 1e-4);
        assert_true(rounded ? mean > 0 && mean < gap : mean >= 0 && mean <= gap);
        tiny_close(&t);
    }
}

static void test_raw_knowledge_takes_the_place_of_the_worst_row_behind_the_plain_question(void **state) {
    (void)state;
    static const char *const settings[] = {"source", "raw", NULL};
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "repo", settings);
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    step(&t, trainer, &m, &reports, &problems, &n);
    assert_near(rp_metrics_get(&m, "replaced", -1), (double)n, 0, 0);
    assert_near(rp_metrics_get(&m, "rephrase_sampled", -1), 0, 0, 0);
    for (size_t g = 0; g < n; g++) {
        assert_true(reports[g].replaced >= 0);
        const rp_row *row = &reports[g].rows[reports[g].replaced], *other = &reports[g].rows[reports[g].replaced ? 0 : 1];
        assert_int_equal(row->source, RP_SOURCE_EXPERT);
        assert_true(rp_str_equal(row->text, problems[g].solution));
        assert_near(row->reward.total, 1, 0, 0);
        assert_int_equal(row->prompt_length, other->prompt_length);
        assert_memory_equal(row->ids, other->ids, row->prompt_length * sizeof *row->ids);
        assert_int_equal(row->ids[row->length - 1], t.policy.end);
        assert_true(reports[g].before.reward.total < 1);
    }
    /* One success in a group that failed: the group now has a gradient. */
    assert_true(rp_metrics_get(&m, "grad_norm", 0) > 1e-3);
    tiny_close(&t);
}

static void test_a_closed_gate_leaves_grpo(void **state) {
    (void)state;
    /* delta below every reward: nothing fails, so RePO's step must be GRPO's, bit for bit. */
    static const char *const closed[] = {"reward_threshold", "-5", NULL};
    tiny a, b;
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    tiny_open(&a);
    tiny_open(&b);
    a.recipe.reward_length = b.recipe.reward_length = 1; /* a reward that differs between answers */
    rp_trainer *repo = tiny_trainer(&a, "repo", closed), *grpo = tiny_trainer(&b, "grpo", NULL);
    for (int i = 0; i < 3; i++) {
        step(&a, repo, &m, &reports, &problems, &n);
        assert_near(rp_metrics_get(&m, "gate_opened", -1), 0, 0, 0);
        step(&b, grpo, &m, &reports, &problems, &n);
    }
    assert_memory_equal(a.policy.model->weights, b.policy.model->weights, a.policy.model->count * sizeof(real));
    tiny_close(&a);
    tiny_close(&b);
}

static void test_importance_readings_change_the_gradient_as_they_say(void **state) {
    (void)state;
    static const char *const letters[] = {"A", "B", "C", "D"};
    real *gradient[4];
    tiny t[4];
    for (int k = 0; k < 4; k++) {
        const char *const settings[] = {"source", "raw", "reading", letters[k], NULL};
        tiny_open(&t[k]);
        rp_trainer *trainer = tiny_trainer(&t[k], "repo", settings);
        rp_metrics m = {.count = 0};
        rp_group_report *reports;
        rp_problem *problems;
        size_t n;
        step(&t[k], trainer, &m, &reports, &problems, &n);
        gradient[k] = trainer->gradient;
        assert_true(rp_metrics_get(&m, "grad_norm", 0) > 1e-4);
        for (size_t g = 0; g < n; g++) { /* reading C alone trains behind the rephrase prompt */
            const rp_row *row = &reports[g].rows[reports[g].replaced],
                         *other = &reports[g].rows[reports[g].replaced ? 0 : 1];
            assert_true(k == 2 ? row->prompt_length > other->prompt_length : row->prompt_length == other->prompt_length);
        }
    }
    for (int k = 1; k < 4; k++) {
        double difference = 0;
        for (size_t i = 0; i < t[0].policy.model->count; i++) difference += fabs((double)(gradient[k][i] - gradient[0][i]));
        assert_true(difference > 1e-3);
    }
    for (int k = 0; k < 4; k++) tiny_close(&t[k]);
}

static void test_supervised_rows_come_from_the_solutions(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "sft", NULL);
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    double first = 0, last = 0;
    for (int i = 0; i < 30; i++) {
        step(&t, trainer, &m, &reports, &problems, &n);
        assert_int_equal(reports[0].count, 1);
        assert_int_equal(reports[0].rows[0].source, RP_SOURCE_EXPERT);
        last = rp_metrics_get(&m, "loss", (double)NAN);
        if (i == 0) first = last;
    }
    assert_true(last < 0.7 * first);
    tiny_close(&t);
}

static void test_algorithms_with_a_demonstration_have_one_row_of_it(void **state) {
    (void)state;
    static const char *const names[] = {"luffy", "rl_sft", "chord", "hpt", "prefix_rft"};
    for (size_t a = 0; a < sizeof names / sizeof *names; a++) {
        tiny t;
        tiny_open(&t);
        t.recipe.reward_length = 0.1; /* so that a group of failures has advantages */
        rp_trainer *trainer = tiny_trainer(&t, names[a], NULL);
        rp_metrics m = {.count = 0};
        rp_group_report *reports;
        rp_problem *problems;
        size_t n;
        step(&t, trainer, &m, &reports, &problems, &n);
        for (size_t g = 0; g < n; g++) {
            const rp_row *rows = reports[g].rows, *demonstration = &rows[reports[g].count - 1];
            assert_int_equal(reports[g].count, t.recipe.num_generations);
            for (size_t j = 0; j + 1 < reports[g].count; j++) assert_int_equal(rows[j].source, RP_SOURCE_POLICY);
            assert_int_equal(demonstration->source, RP_SOURCE_EXPERT);
            assert_memory_equal(demonstration->ids, rows[0].ids, rows[0].prompt_length * sizeof *rows[0].ids);
            if (strcmp(names[a], "prefix_rft") == 0) {
                rp_encoding solution;
                assert_true(demonstration->prefix_length > 0 &&
                            demonstration->prefix_length < rp_row_tokens(demonstration));
                assert_ok(rp_policy_response(&t.policy, t.arena, problems[g].solution, &solution));
                assert_memory_equal(demonstration->ids + demonstration->prompt_length, solution.ids,
                                    demonstration->prefix_length * sizeof *solution.ids);
            } else {
                assert_true(rp_str_equal(demonstration->text, problems[g].solution));
                assert_near(demonstration->reward.correct, 1, 0, 0);
            }
        }
        assert_true(rp_metrics_get(&m, "grad_norm", 0) > 0);
        tiny_close(&t);
    }
}

static void test_dynamic_sampling_asks_again_and_counts(void **state) {
    (void)state;
    static const char *const settings[] = {"max_num_gen_batches", "3", NULL};
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "dapo", settings);
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    step(&t, trainer, &m, &reports, &problems, &n); /* an untrained policy's groups never disagree */
    assert_near(rp_metrics_get(&m, "dynamic_batches", 0), 3, 0, 0);
    assert_near(rp_metrics_get(&m, "dynamic_kept", -1), 0, 0, 0);
    assert_near(rp_metrics_get(&m, "grad_norm", -1), 0, 1e-12, 0);
    t.recipe.reward_length = 1;          /* answers of different lengths now differ in reward, */
    t.recipe.max_completion_length = 60; /* and are long enough that some end before the limit */
    m.count = 0;
    step(&t, trainer, &m, &reports, &problems, &n);
    assert_true(rp_metrics_get(&m, "dynamic_kept", -1) > 0);
    for (size_t g = 0; g < n; g++)
        for (size_t j = 0; j < reports[g].count; j++) assert_int_equal(reports[g].rows[j].group, g);
    tiny_close(&t);
}

static void test_relift_collects_failures_and_learns_from_their_solutions(void **state) {
    (void)state;
    static const char *const settings[] = {"buffer_size", "5", NULL};
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "relift", settings);
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    step(&t, trainer, &m, &reports, &problems, &n); /* three questions a step, all failing */
    assert_near(rp_metrics_get(&m, "failures_waiting", -1), 3, 0, 0);
    assert_near(rp_metrics_get(&m, "supervised_loss", -1), -1, 0, 0);
    m.count = 0;
    step(&t, trainer, &m, &reports, &problems, &n);
    assert_near(rp_metrics_get(&m, "failures_waiting", -1), 1, 0, 0); /* 6 came, 5 went */
    assert_true(rp_metrics_get(&m, "supervised_loss", -1) > 0);
    assert_int_equal(trainer->updates, 3);
    tiny_close(&t);
}

/* The share of tokens that DPPO masks in the last of `updates` updates on a fresh tiny policy. */
static double masked_share(const char *form, const char *candidates, int64_t updates, int64_t micro_tokens) {
    const char *const settings[] = {
        "divergence", form, "divergence_threshold", "0.05", "candidates", candidates, "baseline", "none", NULL};
    tiny t;
    tiny_open(&t);
    t.recipe.reward_length = 1; /* with no baseline every answer has an advantage below 0 */
    t.recipe.num_iterations = updates;
    t.recipe.micro_tokens = micro_tokens;
    rp_trainer *trainer = tiny_trainer(&t, "dppo", settings);
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    step(&t, trainer, &m, &reports, &problems, &n);
    tiny_close(&t);
    return rp_metrics_get(&m, "masked_tokens", -1);
}

/* D is 0 before the first update. After some it is exact where the candidates are the whole vocabulary and a lower bound where
 * they are few, so that fewer tokens are masked. */
static void test_dppo_compares_with_the_likeliest_tokens_of_the_sampler(void **state) {
    (void)state;
    static const char *const forms[] = {"topk-tv", "topk-kl"};
    for (size_t k = 0; k < 2; k++) {
        const double all = masked_share(forms[k], "1000", 4, 100000), few = masked_share(forms[k], "3", 4, 100000);
        assert_near(masked_share(forms[k], "1000", 1, 100000), 0, 0, 0);
        assert_true(all > 0.9 && all < 1);
        assert_true(few > 0.05 && few < 0.5);
        assert_near(masked_share(forms[k], "3", 4, 60), few, 0.02, 0); /* in micro-batches */
    }
}

static void test_candidates_cannot_be_made_up(void **state) {
    (void)state;
    static const char *const settings[] = {"divergence", "topk-tv", NULL};
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "dppo", settings);
    rp_row row;
    assert_ok(rp_row_create(t.arena, (int32_t[]){1, 2}, 2, (int32_t[]){3}, 1, &row));
    rp_metrics m = {.count = 0};
    assert_fails(rp_trainer_update(trainer, &row, 1, 1, &m), RP_ERR_ARGUMENT, "row 0 was not sampled");
    tiny_close(&t);
}

/* The gradient of one step of Dr. GRPO whose denominator is this setting. */
static real *gradient_with_denominator(tiny *t, const char *length) {
    const char *const settings[] = {"loss_scale_factor", length, NULL};
    tiny_open(t);
    t->recipe.reward_length = 1;
    t->recipe.max_completion_length = 60; /* long enough that some answers end before the limit */
    rp_trainer *trainer = tiny_trainer(t, "dr_grpo", settings);
    rp_metrics m = {.count = 0};
    rp_group_report *reports;
    rp_problem *problems;
    size_t n;
    step(t, trainer, &m, &reports, &problems, &n);
    assert_true(rp_metrics_get(&m, "grad_norm", 0) > 1e-4);
    return trainer->gradient;
}

static void test_a_constant_denominator_is_the_longest_response_there_can_be(void **state) {
    (void)state;
    tiny a, b, c;
    const real *unset = gradient_with_denominator(&a, "0"), *longest = gradient_with_denominator(&b, "60"),
               *other = gradient_with_denominator(&c, "24");
    assert_int_equal(a.recipe.max_completion_length, 60);
    assert_memory_equal(unset, longest, a.policy.model->count * sizeof(real));
    assert_true(memcmp(unset, other, a.policy.model->count * sizeof(real)) != 0);
    tiny_close(&a);
    tiny_close(&b);
    tiny_close(&c);
}

static void test_what_cannot_be_provided_is_refused(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    const rp_algorithm *grpo = rp_algorithm_find("grpo");
    rp_settings s = rp_settings_defaults(grpo);
    assert_ok(rp_settings_set(grpo, "beta", "0.1", &s));
    const rp_optimizer o = {.learning_rate = 1e-3, .steps = 1};
    rp_trainer *trainer;
    assert_fails(tiny_create(&t, grpo, &s, &o, NULL, &trainer), RP_ERR_ARGUMENT, "grpo needs a reference model");
    t.recipe.minibatches = 2;
    static const struct {
        const char *algorithm, *sentence;
    } whole[] = {{"opo", "opo is defined for one update per rollout batch"},
                 {"bapo", "bapo with these settings takes statistics over the whole step; minibatches = 2"}};
    for (size_t i = 0; i < 2; i++) {
        const rp_algorithm *a = rp_algorithm_find(whole[i].algorithm);
        s = rp_settings_defaults(a);
        assert_fails(tiny_create(&t, a, &s, &o, NULL, &trainer), RP_ERR_ARGUMENT, whole[i].sentence);
    }
    tiny_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learning_rate_schedules),
        cmocka_unit_test(test_every_decision_of_the_gate_is_counted),
        cmocka_unit_test(test_rounded_rollout_weights_show_in_the_gap),
        cmocka_unit_test(test_raw_knowledge_takes_the_place_of_the_worst_row_behind_the_plain_question),
        cmocka_unit_test(test_a_closed_gate_leaves_grpo),
        cmocka_unit_test(test_importance_readings_change_the_gradient_as_they_say),
        cmocka_unit_test(test_supervised_rows_come_from_the_solutions),
        cmocka_unit_test(test_algorithms_with_a_demonstration_have_one_row_of_it),
        cmocka_unit_test(test_dynamic_sampling_asks_again_and_counts),
        cmocka_unit_test(test_relift_collects_failures_and_learns_from_their_solutions),
        cmocka_unit_test(test_dppo_compares_with_the_likeliest_tokens_of_the_sampler),
        cmocka_unit_test(test_candidates_cannot_be_made_up),
        cmocka_unit_test(test_a_constant_denominator_is_the_longest_response_there_can_be),
        cmocka_unit_test(test_what_cannot_be_provided_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
