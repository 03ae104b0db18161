/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

static const uint32_t start[] = {0, 3, 4}, group[] = {0, 0};
static const uint8_t mask[] = {1, 0, 1, 1};
static const real logp[] = {R(-0.5), R(-1.0), R(-2.0), R(-0.1)}, reward[] = {1, 0};

static rp_batch sound(void) {
    return (rp_batch){.rows = 2, .start = start, .group = group, .groups = 1, .mask = mask, .logp = logp, .reward = reward};
}

static void test_counts_are_of_masked_tokens(void **state) {
    (void)state;
    const rp_batch batch = sound();
    assert_ok(rp_batch_check(&batch));
    assert_int_equal(rp_row_length(&batch, 0), 2);
    assert_int_equal(rp_row_length(&batch, 1), 1);
    assert_int_equal(rp_batch_length(&batch), 3);
}

static void test_hidden_tokens_may_hold_anything_and_shown_ones_not(void **state) {
    (void)state;
    real wild[] = {R(-0.5), (real)NAN, R(-2.0), R(-0.1)};
    rp_batch batch = sound();
    batch.logp_old = wild;
    assert_ok(rp_batch_check(&batch));
    batch.mask = NULL;
    assert_fails(rp_batch_check(&batch), RP_ERR_NUMERIC, "logp_old of row 0, token 1");
    wild[1] = -1;
    wild[3] = (real)-INFINITY;
    assert_fails(rp_batch_check(&batch), RP_ERR_NUMERIC, "logp_old of row 1, token 0");
}

static void test_what_is_no_log_probability_or_reward_is_named(void **state) {
    (void)state;
    real raised[] = {R(-0.5), 3, R(-2.0), R(0.25)}; /* token 1 is hidden */
    rp_batch batch = sound();
    batch.logp_ref = raised;
    assert_fails(rp_batch_check(&batch), RP_ERR_NUMERIC,
                 "logp_ref of row 1, token 0 is 0.25; a log-probability is at most 0");
    raised[3] = R(1e-7); /* a rounding */
    assert_ok(rp_batch_check(&batch));
    batch = sound();
    batch.entropy = raised; /* nats of entropy are positive */
    assert_ok(rp_batch_check(&batch));
    batch.reward = (const real[]){R(1e31), 0};
    assert_fails(rp_batch_check(&batch), RP_ERR_NUMERIC, "reward[0] is 1e+31; rewards beyond 1e+30 are refused");
}

static void test_the_step_is_not_smaller_than_its_part(void **state) {
    (void)state;
    rp_batch batch = sound(); /* 2 rows, 3 counted tokens */
    batch.total_rows = 2;
    batch.total_tokens = 3;
    assert_ok(rp_batch_check(&batch));
    batch.total_rows = 1;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "total_rows of the step is 1, but this part alone has 2");
    batch.total_rows = 2;
    batch.total_tokens = 2;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "total_tokens of the step is 2, but this part alone has 3");
    batch.total_tokens = 9;
    batch.total_rows = 9;
    batch.source = (const uint8_t[]){RP_SOURCE_EXPERT, RP_SOURCE_EXPERT};
    batch.total_expert_rows = 1;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "total_expert_rows of the step is 1, but this part alone has 2");
    batch.total_expert_rows = 2;
    batch.total_expert_tokens = 2;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "total_expert_tokens of the step is 2, but this part alone has 3");
}

static void test_wrong_shapes_are_named(void **state) {
    (void)state;
    rp_batch batch = sound();
    batch.rows = 0;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "no rows");
    batch = sound();
    batch.logp = NULL;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "logp is missing");
    batch = sound();
    batch.groups = 0;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "group[0]");
    batch = sound();
    batch.start = (const uint32_t[]){0, 3, 2};
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "start[2]");
    batch.start = (const uint32_t[]){1, 3, 4};
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "start[0]");
    batch = sound();
    batch.mask = (const uint8_t[]){1, 1, 2, 1};
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "mask[2]");
    batch = sound();
    batch.source = (const uint8_t[]){0, 9};
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "source[1]");
    batch = sound();
    batch.reward = (const real[]){1, (real)NAN};
    assert_fails(rp_batch_check(&batch), RP_ERR_NUMERIC, "reward[1]");
    batch = sound();
    batch.parts = 2;
    batch.reward_parts = (const real[]){1, 0, 1, (real)INFINITY};
    assert_fails(rp_batch_check(&batch), RP_ERR_NUMERIC, "reward_parts[1][1]");
    batch = sound();
    const int32_t ids[8] = {0};
    const real near[8] = {0};
    for (int missing = 0; missing <= 4; missing++) {
        batch.topk = 2;
        batch.topk_ids = missing == 0 ? NULL : ids;
        batch.token_ids = missing == 1 ? NULL : ids;
        batch.topk_logp = missing == 2 ? NULL : near;
        batch.topk_logp_behavior = missing == 3 ? NULL : near;
        if (missing == 4)
            assert_ok(rp_batch_check(&batch));
        else
            assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "topk");
    }
    batch = sound();
    batch.prefix = (const uint8_t[]){0, 1, 1, 3};
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "prefix[3]");
    batch = sound();
    batch.total_rows = 2;
    batch.total_expert_rows = 3;
    assert_fails(rp_batch_check(&batch), RP_ERR_SHAPE, "experts");
}

static void test_loss_is_made_empty_and_adds_up(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_batch batch = sound();
    rp_loss loss;
    assert_ok(rp_loss_create(arena, &batch, &loss));
    for (size_t t = 0; t < 4; t++) assert_true(loss.dlogp[t] == 0 && loss.dvalue[t] == 0 && loss.dentropy[t] == 0);
    rp_loss_add(&loss, 2, R(0.5), (rp_dual){3, -4});
    rp_loss_add(&loss, 2, R(0.5), (rp_dual){1, 1});
    assert_near(loss.loss, 2, 0, 1e-12);
    assert_near((double)loss.dlogp[2], -1.5, 0, 1e-12);
    assert_near((double)loss.weight[2], 3, 0, 1e-12);
    rp_loss_metric(&loss, "a", 1);
    rp_loss_metric(&loss, "b", 2);
    rp_loss_metric(&loss, "a", 3);
    assert_int_equal(loss.metric_count, 2);
    assert_near(loss.metrics[0].value, 3, 0, 0);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_of_masked_tokens),
        cmocka_unit_test(test_hidden_tokens_may_hold_anything_and_shown_ones_not),
        cmocka_unit_test(test_what_is_no_log_probability_or_reward_is_named),
        cmocka_unit_test(test_the_step_is_not_smaller_than_its_part),
        cmocka_unit_test(test_wrong_shapes_are_named),
        cmocka_unit_test(test_loss_is_made_empty_and_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
