/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include "../../src/learn/rollout.h"

#include <rephrase/kernels.h>

#include <math.h>

/* Rows with rewards 0, 1, 0, 1, … behind the world's own solutions: something to learn without sampling. */
static rp_row *written_rows(tiny *t, size_t groups, size_t per_group) {
    rp_row *rows = rp_alloc_zero(t->arena, rp_row, groups * per_group);
    rp_problem *problems;
    size_t n;
    for (size_t g = 0; g < groups; g++) {
        assert_ok(rp_problems_of_step(&t->source, (int64_t)g, 0, t->arena, &problems, &n));
        for (size_t j = 0; j < per_group; j++) {
            rp_encoding prompt, response;
            assert_ok(rp_policy_prompt(&t->policy, t->arena, problems[0].question, NULL, &prompt));
            assert_ok(rp_policy_response(&t->policy, t->arena, j % 2 ? problems[0].own : problems[1].own, &response));
            rp_row *row = &rows[g * per_group + j];
            assert_ok(rp_row_create(t->arena, prompt.ids, prompt.length, response.ids, response.length, row));
            row->group = (uint32_t)g;
            row->stopped = true;
            row->reward.total = row->reward.correct = (double)(j % 2);
        }
    }
    return rows;
}

static real *copy_weights(tiny *t) {
    real *copy = rp_alloc(t->arena, real, t->policy.model->count);
    memcpy(copy, t->policy.model->weights, t->policy.model->count * sizeof *copy);
    return copy;
}

static void test_the_split_into_micro_batches_does_not_change_the_update(void **state) {
    (void)state;
    static const char *const names[] = {"sft", "grpo", "repo"};
    for (size_t a = 0; a < 3; a++) {
        real *result[2];
        double loss[2], norm[2];
        tiny t[2];
        for (int k = 0; k < 2; k++) {
            tiny_open(&t[k]);
            t[k].recipe.micro_tokens = k ? 70 : 100000;
            rp_trainer *trainer = tiny_trainer(&t[k], names[a], NULL);
            rp_metrics metrics = {.count = 0};
            assert_ok(rp_trainer_update(trainer, written_rows(&t[k], 3, 4), 12, 3, &metrics));
            loss[k] = rp_metrics_get(&metrics, "loss", (double)NAN);
            norm[k] = rp_metrics_get(&metrics, "grad_norm", (double)NAN);
            result[k] = trainer->gradient;
        }
        const double tolerance = rp_precision() == 32 ? 2e-5 : 1e-12;
        assert_near(loss[0], loss[1], tolerance, tolerance);
        assert_true(norm[0] > 1e-3);
        assert_close(result[0], result[1], t[0].policy.model->count, tolerance * norm[0], tolerance);
        tiny_close(&t[0]);
        tiny_close(&t[1]);
    }
}

/* On-policy, groups centred, every row weighted alike: the surrogate's value is the mean advantage, 0, and its gradient is not
 * (TRL #2995: a loss of 0 looked like a bug to many). */
static void test_on_policy_grpo_has_loss_zero_and_a_gradient(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    rp_metrics metrics = {.count = 0};
    assert_ok(rp_trainer_update(trainer, written_rows(&t, 3, 4), 12, 3, &metrics));
    assert_near(rp_metrics_get(&metrics, "loss", (double)NAN), 0, rp_precision() == 32 ? 1e-7 : 1e-15, 0);
    assert_true(rp_metrics_get(&metrics, "grad_norm", 0) > 1e-2);
    tiny_close(&t);
}

/* One small step along the gradient of sft lowers its loss by about lr |g|²: the gradient is that of the loss. */
static void test_the_gradient_is_the_slope_of_the_loss(void **state) {
    (void)state;
    if (rp_precision() == 32) return;
    tiny t;
    tiny_open(&t);
    rp_row *rows = written_rows(&t, 2, 2);
    rp_trainer *trainer = tiny_trainer(&t, "sft", NULL);
    rp_metrics metrics = {.count = 0};
    real *start = copy_weights(&t);
    assert_ok(rp_trainer_update(trainer, rows, 4, 2, &metrics));
    const size_t n = t.policy.model->count;
    const double norm = rp_metrics_get(&metrics, "grad_norm", (double)NAN), h = 1e-5;
    real *gradient = rp_alloc(t.arena, real, n);
    memcpy(gradient, trainer->gradient, n * sizeof *gradient);
    double loss[2];
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < n; i++) t.policy.model->weights[i] = start[i] + (real)((side ? -h : h) / norm) * gradient[i];
        rp_trainer *again = tiny_trainer(&t, "sft", NULL);
        assert_ok(rp_trainer_update(again, rows, 4, 2, &metrics));
        loss[side] = rp_metrics_get(&metrics, "loss", (double)NAN);
    }
    assert_near((loss[0] - loss[1]) / (2 * h), norm, 0, 1e-7);
    tiny_close(&t);
}

static void test_a_loss_that_is_no_number_leaves_the_weights(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_row *rows = written_rows(&t, 2, 2);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    t.policy.model->weights[5] = (real)NAN;
    real *before = copy_weights(&t);
    rp_metrics metrics = {.count = 0};
    assert_fails(rp_trainer_update(trainer, rows, 4, 2, &metrics), RP_ERR_NUMERIC, "step 1: ");
    assert_memory_equal(before, t.policy.model->weights, t.policy.model->count * sizeof *before);
    assert_int_equal(rp_trainer_step(trainer), 0);
    tiny_close(&t);
}

static void test_several_updates_measure_their_ratio_against_the_frozen_policy(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    t.recipe.num_iterations = 2;
    t.recipe.minibatches = 3;
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    rp_metrics metrics = {.count = 0};
    assert_ok(rp_trainer_update(trainer, written_rows(&t, 3, 4), 12, 3, &metrics));
    assert_int_equal(trainer->updates, 6);
    /* The policy has moved away from π_old, so the surrogate is no longer 0. */
    assert_true(fabs(rp_metrics_get(&metrics, "loss", 0)) > 1e-3);
    tiny_close(&t);
}

static void test_masked_tokens_get_no_gradient(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_row *rows = written_rows(&t, 1, 2);
    real *gradients[2];
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < 2; i++) {
            const size_t n = rp_row_tokens(&rows[i]);
            rows[i].mask = rp_alloc_zero(t.arena, uint8_t, n);
            rows[i].mask[1] = 1;
            if (k) rows[i].ids[rows[i].length - 1] = 7; /* a masked token behind the scored one changes nothing */
        }
        rp_model_init(t.policy.model, 3, 0.2, 0.2);
        rp_trainer *trainer = tiny_trainer(&t, "sft", NULL);
        rp_metrics metrics = {.count = 0};
        assert_ok(rp_trainer_update(trainer, rows, 2, 1, &metrics));
        assert_near(rp_metrics_get(&metrics, "tokens_trained", 0), 2, 0, 0);
        gradients[k] = trainer->gradient;
    }
    assert_close(gradients[0], gradients[1], t.policy.model->count, 1e-7, 1e-5);
    tiny_close(&t);
}

/* Rollouts of `count` problems, four each. */
static rp_row *sample(rp_trainer *trainer, const rp_problem *problems, size_t count) {
    rp_groups groups;
    assert_ok(rp_groups_create(trainer, problems, count, &groups));
    assert_int_equal(groups.sampled, 4);
    assert_ok(rp_sample_rollouts(trainer, &groups, 0));
    return groups.rows;
}

/* One update on sampled rows, where the sampler's record is taken or (forget) everything is computed again. The first group's
 * rewards differ, the second's are equal. */
static real *update_on_samples(tiny *t, const char *algorithm, int64_t updates, bool forget, rp_metrics *metrics) {
    tiny_open(t);
    t->recipe.num_iterations = updates;
    rp_trainer *trainer = tiny_trainer(t, algorithm, NULL);
    rp_problem *problems;
    size_t n;
    assert_ok(rp_problems_of_step(&t->source, 0, 0, t->arena, &problems, &n));
    assert_true(n >= 2);
    rp_row *rows = sample(trainer, problems, 2);
    for (size_t i = 0; i < 8; i++) {
        rows[i].reward.total = rows[i].reward.correct = i < 4 && i % 2;
        assert_non_null(rows[i].entropy_behavior);
        if (forget) rows[i].exact = false;
    }
    assert_ok(rp_trainer_update(trainer, rows, 8, 2, metrics));
    return copy_weights(t);
}

static double tokens_of(const rp_row *rows, size_t count) {
    double tokens = 0;
    for (size_t i = 0; i < count; i++) tokens += rows[i].length;
    return tokens;
}

static void test_the_samplers_record_stands_for_a_forward_pass(void **state) {
    (void)state;
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
    static const char *const names[] = {"grpo", "dapo", "ppo", "dppo", "reinforce"};
    for (size_t a = 0; a < 5; a++)
        for (int64_t updates = 1; updates <= 2; updates++) {
            if (updates == 2 && strcmp(names[a], "reinforce") == 0) continue; /* on-policy by definition */
            static tiny t[2];
            rp_metrics m[2] = {{.count = 0}, {.count = 0}};
            const real *recorded = update_on_samples(&t[0], names[a], updates, false, &m[0]);
            const real *computed = update_on_samples(&t[1], names[a], updates, true, &m[1]);
            assert_memory_equal(recorded, computed, t[0].policy.model->count * sizeof *recorded);
            for (size_t i = 0; i < 2; i++) assert_true(rp_metrics_get(&m[i], "grad_norm", 0) > 0);
            assert_near(rp_metrics_get(&m[0], "entropy", 0), rp_metrics_get(&m[1], "entropy", 1), 0, 0);
            tiny_close(&t[0]);
            tiny_close(&t[1]);
        }
}

static void test_rows_without_a_gradient_are_not_run(void **state) {
    (void)state;
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
    static tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    rp_problem *problems;
    size_t n;
    assert_ok(rp_problems_of_step(&t.source, 0, 0, t.arena, &problems, &n));
    rp_row *rows = sample(trainer, problems, 2);
    rp_metrics m = {.count = 0};
    for (size_t i = 0; i < 8; i++) rows[i].reward.total = rows[i].reward.correct = i < 4 && i % 2;
    assert_ok(rp_trainer_update(trainer, rows, 8, 2, &m));
    assert_near(rp_metrics_get(&m, "tokens_forward", -1), tokens_of(rows, 4), 0, 0);
    assert_near(rp_metrics_get(&m, "tokens_backward", -1), tokens_of(rows, 4), 0, 0);
    /* The weights have moved: the record is no longer that of the policy, and is not taken for it. */
    m = (rp_metrics){.count = 0};
    assert_ok(rp_trainer_update(trainer, rows, 8, 2, &m));
    assert_near(rp_metrics_get(&m, "tokens_forward", -1), tokens_of(rows, 8), 0, 0);
    assert_near(rp_metrics_get(&m, "tokens_backward", -1), tokens_of(rows, 4), 0, 0);
    assert_true(rp_metrics_get(&m, "sampler_gap", 0) > 0);
    tiny_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_split_into_micro_batches_does_not_change_the_update),
        cmocka_unit_test(test_on_policy_grpo_has_loss_zero_and_a_gradient),
        cmocka_unit_test(test_the_gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(test_a_loss_that_is_no_number_leaves_the_weights),
        cmocka_unit_test(test_several_updates_measure_their_ratio_against_the_frozen_policy),
        cmocka_unit_test(test_masked_tokens_get_no_gradient),
        cmocka_unit_test(test_the_samplers_record_stands_for_a_forward_pass),
        cmocka_unit_test(test_rows_without_a_gradient_are_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
