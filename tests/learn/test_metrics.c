/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/learn.h>

static void test_values_are_kept_in_order_and_overwritten_by_name(void **state) {
    (void)state;
    rp_metrics m = {.count = 0};
    rp_metrics_set(&m, "step", 1);
    rp_metrics_set(&m, "loss", 0.5);
    rp_metrics_set(&m, "step", 2);
    assert_int_equal(m.count, 2);
    assert_string_equal(m.name[1], "loss");
    assert_near(rp_metrics_get(&m, "step", -1), 2, 0, 0);
    assert_near(rp_metrics_get(&m, "reward", -1), -1, 0, 0);
}

static void test_every_metric_has_a_meaning_and_a_name_once(void **state) {
    (void)state;
    for (size_t i = 0; i < rp_metric_count(); i++) {
        assert_non_null(rp_metric_meaning(rp_metric_name(i)));
        for (size_t j = 0; j < i; j++) assert_string_not_equal(rp_metric_name(i), rp_metric_name(j));
    }
    assert_null(rp_metric_meaning("no such metric"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_kept_in_order_and_overwritten_by_name),
        cmocka_unit_test(test_every_metric_has_a_meaning_and_a_name_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
