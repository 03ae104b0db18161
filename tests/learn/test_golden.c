/* SPDX-License-Identifier: MIT
 *
 * data/golden/v1/training: twenty steps of the real trainer on given rows, against two programs that share nothing with it.
 *
 * Every step starts from the weights of the step before, so the last loss knows of every backward pass, every moment and every
 * learning rate before it.
 */
#include "golden.h"

#include "../../src/learn/trainer.h"

#define TRACES "data/golden/v1/training/traces.json"

typedef struct trace {
    rp_recipe recipe;
    rp_policy policy;
    rp_model *reference;
    rp_trainer *trainer;
} trace;

static const char *text(const golden *g, const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    rp_str s;
    assert_ok(rp_json_get_string(&at, &s));
    return rp_sprintf(g->arena, "%.*s", (int)s.length, s.data);
}

static rp_optimizer optimizer_of(const golden *g) {
    const rp_json o = rp_json_key(&g->inputs, "optimizer");
    assert_string_equal(text(g, &o, "schedule"), "cosine");
    return (rp_optimizer){.learning_rate = golden_double(&o, "learning_rate"),
                          .min_lr_ratio = golden_double(&o, "final"),
                          .beta1 = golden_double(&o, "beta1"),
                          .beta2 = golden_double(&o, "beta2"),
                          .epsilon = golden_double(&o, "epsilon"),
                          .weight_decay = golden_double(&o, "decay"),
                          .max_grad_norm = golden_double(&o, "clip"),
                          .steps = (int64_t)golden_double(&o, "steps"),
                          .warmup_steps = (int64_t)golden_double(&o, "warmup"),
                          .lr_scheduler_type = 1};
}

static void open_trace(const golden *g, int64_t micro_tokens, trace *t) {
    memset(t, 0, sizeof *t);
    rp_recipe_defaults(&t->recipe);
    t->recipe.num_iterations = (int64_t)golden_double(&g->inputs, "updates");
    t->recipe.minibatches = (int64_t)golden_double(&g->inputs, "minibatches");
    t->recipe.temperature = golden_double(&g->inputs, "temperature");
    t->recipe.micro_tokens = micro_tokens;
    const char *folder = rp_sprintf(g->arena, "data/golden/v1/model/%s", text(g, &g->inputs, "model"));
    assert_ok(rp_model_load(g->arena, source_path(folder), &t->policy.model, NULL));
    assert_ok(rp_model_load(g->arena, source_path(folder), &t->reference, NULL));
    const rp_algorithm *algorithm = rp_algorithm_find(text(g, &g->inputs, "algorithm"));
    assert_non_null(algorithm);
    rp_settings settings = rp_settings_defaults(algorithm);
    assert_ok(rp_settings_apply(algorithm, text(g, &g->inputs, "convention"), &settings));
    assert_ok(rp_settings_read(&g->inputs, algorithm, &settings));
    const rp_optimizer optimizer = optimizer_of(g);
    const rp_trainer_setup setup = {.recipe = &t->recipe,
                                    .policy = &t->policy,
                                    .algorithm = algorithm,
                                    .settings = &settings,
                                    .optimizer = &optimizer,
                                    .reference = t->reference};
    assert_ok(rp_trainer_create(g->arena, &setup, &t->trainer));
}

static rp_row row_of(const golden *g, const rp_json *at) {
    const size_t p = golden_rows(at, "prompt"), n = golden_rows(at, "response");
    rp_row row;
    assert_ok(rp_row_create(g->arena, golden_ids(g->arena, at, "prompt", p), p, golden_ids(g->arena, at, "response", n), n,
                            &row));
    const int32_t *mask = golden_ids(g->arena, at, "mask", n);
    row.mask = rp_alloc(g->arena, uint8_t, n);
    for (size_t k = 0; k < n; k++) row.mask[k] = (uint8_t)mask[k];
    row.group = (uint32_t)golden_double(at, "group");
    row.source = strcmp(text(g, at, "source"), "expert") == 0 ? RP_SOURCE_EXPERT : RP_SOURCE_POLICY;
    row.reward.total = golden_double(at, "reward");
    row.stopped = true;
    return row;
}

static void check_step(const golden *g, size_t step, const rp_metrics *metrics, const rp_model *model) {
    static const char *const names[] = {"loss", "grad_norm", "learning_rate"};
    const size_t steps = golden_rows(&g->inputs, "steps");
    for (size_t k = 0; k < 3; k++) {
        const double *want = golden_doubles(g->arena, &g->expected, names[k], steps);
        golden_check_number(g, names[k], step, rp_metrics_get(metrics, names[k], (double)NAN), want[step]);
    }
    double sum = 0, square = 0;
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        for (size_t k = 0; k < p->rows * p->columns; k++) {
            const double w = (double)model->weights[p->offset + k];
            sum += w;
            square += w * w;
        }
    }
    golden_check_number(g, "weight_sum", step, sum, golden_doubles(g->arena, &g->expected, "weight_sum", steps)[step]);
    golden_check_number(g, "weight_norm", step, sqrt(square),
                        golden_doubles(g->arena, &g->expected, "weight_norm", steps)[step]);
}

static void check_weights(const golden *g, const rp_model *model) {
    const char *path = rp_sprintf(g->arena, "data/golden/v1/training/%s", text(g, &g->expected, "weights"));
    rp_tensor_file *file;
    assert_ok(rp_tensors_open(g->arena, source_path(path), &file));
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        const rp_tensor_view *view = rp_tensors_find(file, p->name);
        assert_non_null(view);
        assert_int_equal(view->count, p->rows * p->columns);
        real *want = rp_alloc(g->arena, real, view->count);
        rp_tensor_read(view, 0, view->count, want);
        for (size_t k = 0; k < view->count; k++)
            golden_check_number(g, p->name, k, (double)model->weights[p->offset + k], (double)want[k]);
    }
    rp_tensors_close(file);
}

static void follow(const golden *g, int64_t micro_tokens) {
    trace t;
    open_trace(g, micro_tokens, &t);
    const rp_json steps = rp_json_key(&g->inputs, "steps");
    assert_int_equal(rp_json_length(&steps), 20);
    for (size_t s = 0; s < rp_json_length(&steps); s++) {
        const rp_json list = rp_json_at(&steps, s);
        const size_t n = rp_json_length(&list);
        rp_row *rows = rp_alloc(g->arena, rp_row, n);
        for (size_t i = 0; i < n; i++) {
            const rp_json at = rp_json_at(&list, i);
            rows[i] = row_of(g, &at);
        }
        rp_metrics metrics = {.count = 0};
        assert_ok(rp_trainer_update(t.trainer, rows, n, rows[n - 1].group + 1, &metrics));
        check_step(g, s, &metrics, t.policy.model);
    }
    check_weights(g, t.policy.model);
    rp_trainer_destroy(t.trainer);
}

static void in_one_piece(const golden *g) {
    follow(g, 100000);
}

static void in_micro_batches(const golden *g) {
    follow(g, 20);
}

static void test_twenty_steps_are_those_of_two_other_programs(void **state) {
    (void)state;
    golden_each(TRACES, 2, in_one_piece);
}

static void test_micro_batches_follow_the_same_trace(void **state) {
    (void)state;
    golden_each(TRACES, 2, in_micro_batches);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twenty_steps_are_those_of_two_other_programs),
        cmocka_unit_test(test_micro_batches_follow_the_same_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
