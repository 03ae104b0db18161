/* SPDX-License-Identifier: MIT */
#include "check.h"

static char logged[256];
static void keep(void *context, rp_log_level level, const char *message) {
    *(int *)context += (int)level + 1;
    (void)snprintf(logged, sizeof logged, "%s", message);
}

static void test_log_goes_to_the_installed_function_only(void **state) {
    (void)state;
    int sum = 0;
    rp_log(RP_LOG_WARNING, "dropped");
    rp_log_set(keep, &sum);
    rp_log(RP_LOG_WARNING, "step %d", 3);
    assert_string_equal(logged, "step 3");
    assert_int_equal(sum, 3);
    rp_log_set(NULL, NULL);
}

static void test_clock_memory_threads_and_interrupt(void **state) {
    (void)state;
    const double before = rp_seconds();
    assert_true(rp_seconds() >= before);
    assert_true(rp_peak_memory() > 100000);
    assert_true(rp_thread_count() >= 1);
    assert_false(rp_interrupt_requested());
    rp_interrupt_request();
    assert_true(rp_interrupt_requested());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_goes_to_the_installed_function_only),
        cmocka_unit_test(test_clock_memory_threads_and_interrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
