/* SPDX-License-Identifier: MIT */
#include <rephrase/policy.h>

#include "check.h"

#include <string.h>

static double metric(const rp_loss *loss, const char *name) {
    for (size_t k = 0; k < loss->metric_count; k++)
        if (strcmp(loss->metrics[k].name, name) == 0) return loss->metrics[k].value;
    fail_msg("no metric %s", name);
    return 0;
}

static void test_shares_are_of_the_counted_tokens(void **state) {
    (void)state;
    rp_tally tally = {0};
    rp_tally_ratio(&tally, R(1.5), RP_CLIP_HIGH);
    rp_tally_ratio(&tally, R(0.5), RP_CLIP_LOW);
    rp_tally_ratio(&tally, 1, RP_CLIP_NONE);
    rp_tally_ratio(&tally, 1, RP_CLIP_NONE);
    rp_tally_reference(&tally, R(.25));
    rp_tally_entropy(&tally, 2);
    rp_tally_entropy(&tally, 4);
    rp_loss loss = {.metric_count = 0};
    rp_tally_write(&tally, &loss);
    assert_near(metric(&loss, "ratio_mean"), 1, 1e-12, 0);
    assert_near(metric(&loss, "ratio_max"), 1.5, 1e-12, 0);
    assert_near(metric(&loss, "clip_high"), .25, 0, 0);
    assert_near(metric(&loss, "clip_low"), .25, 0, 0);
    assert_near(metric(&loss, "clip_dual"), 0, 0, 0);
    assert_near(metric(&loss, "kl_old"), (.5 - log(1.5) - .5 - log(.5)) / 4, 1e-12, 0);
    assert_near(metric(&loss, "kl_ref"), .25, 0, 0);
    assert_near(metric(&loss, "entropy"), 3, 0, 0);
}

static void test_nothing_collected_writes_nothing(void **state) {
    (void)state;
    const rp_tally tally = {0};
    rp_loss loss = {.metric_count = 0};
    rp_tally_write(&tally, &loss);
    assert_int_equal(loss.metric_count, 0);
}

static void test_explained_variance(void **state) {
    (void)state;
    const real returns[] = {1, 2, 99, 3}, exact[] = {1, 2, 0, 3}, flat[] = {2, 2, 0, 2}, shifted[] = {2, 3, 0, 4};
    const rp_batch batch = {.rows = 1, .start = (const uint32_t[]){0, 4}, .mask = (const uint8_t[]){1, 1, 0, 1}};
    assert_near(rp_explained_variance(&batch, exact, returns), 1, 1e-12, 0);
    assert_near(rp_explained_variance(&batch, flat, returns), 0, 1e-12, 0);
    assert_near(rp_explained_variance(&batch, shifted, returns), 1, 1e-12, 0); /* a constant error is not variance */
    assert_near(rp_explained_variance(&batch, exact, (const real[]){5, 5, 5, 5}), 0, 1e-12, 0);
    const rp_batch hidden = {.rows = 1, .start = (const uint32_t[]){0, 4}, .mask = (const uint8_t[]){0, 0, 0, 0}};
    assert_near(rp_explained_variance(&hidden, exact, returns), 0, 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_are_of_the_counted_tokens),
        cmocka_unit_test(test_nothing_collected_writes_nothing),
        cmocka_unit_test(test_explained_variance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
