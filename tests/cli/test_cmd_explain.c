/* SPDX-License-Identifier: MIT
 *
 * rephrase explain as its user runs it.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static int run(rp_arena *arena, const char *arguments, rp_str *printed) {
    const char *out = temporary_path("explain.out");
    const int code =
        system(rp_sprintf(arena, "'%s/rephrase' explain %s > '%s' 2>&1", getenv("RP_BUILD_DIR"), arguments, out));
    assert_ok(rp_file_read(arena, out, 0, printed));
    return WEXITSTATUS(code);
}

static void test_an_algorithm_is_explained(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_str out;
    assert_int_equal(run(arena, "grpo", &out), 0);
    const char *const parts[] = {"grpo.3", "src/algorithms/grpo.c",        "std_epsilon", "logp_old",
                                 "trl",    "use_bias_correction_kl = true"};
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) assert_non_null(strstr(out.data, parts[k]));
    assert_int_equal(run(arena, "", &out), 0);
    assert_non_null(strstr(out.data, "repo"));
    assert_int_equal(run(arena, "grpp", &out), 2);
    assert_non_null(strstr(out.data, "did you mean \"grpo\""));
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_an_algorithm_is_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
