/* SPDX-License-Identifier: MIT
 *
 * The shared libraries through capi.h alone: verdicts as texts, errors as sentences, many threads at once, nothing to free.
 */
#include <rephrase/capi.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int verify(rephrase_verifier *v, const char *gold, const char *answer, const char *const *options,
                  rephrase_verdict *out) {
    return rephrase_verify(v, gold, strlen(gold), answer, strlen(answer), options, out);
}

/* Easy, algebraic, with enclosures (MPFR), with units, unreadable, empty, with bytes that are no UTF-8. */
static const struct {
    const char *gold, *answer, *verdict;
} pairs[] = {
    {"1/2", "0.5", "equal"},
    {"\\sqrt{8}", "2\\sqrt{2}", "equal"},
    {"\\sin(1)", "0.8414709848", "different"},
    {"\\pi^2/6", "1.644934066848226436472", "different"},
    {"7", "8", "different"},
    {"12", "", "unparsed"},
    {"12", "5+(", "unparsed"},
    {"3 \\text{ cm}", "30 \\text{ mm}", "equal"},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0], THREADS = 4, ROUNDS = 20 };

static void test_every_verdict_is_complete(void **state) {
    (void)state;
    rephrase_verifier *v = rephrase_verifier_open();
    assert_non_null(v);
    for (size_t k = 0; k < PAIRS; k++) {
        rephrase_verdict got;
        assert_int_equal(verify(v, pairs[k].gold, pairs[k].answer, NULL, &got), 0);
        if (strcmp(got.verdict, pairs[k].verdict) != 0)
            fail_msg("%s against %s is %s (%s)", pairs[k].answer, pairs[k].gold, got.verdict, got.sentence);
        assert_int_equal(got.equal, strcmp(got.verdict, "equal") == 0);
        const char *const texts[] = {got.reason, got.sentence, got.certificate, got.gold, got.answer, got.span};
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) assert_non_null(texts[t]);
        assert_true(got.reason[0] && got.sentence[0] && got.certificate[0]);
    }
    rephrase_verifier_close(v);
}

static void test_lengths_rule_and_not_nul(void **state) {
    (void)state;
    rephrase_verifier *v = rephrase_verifier_open();
    rephrase_verdict got;
    assert_int_equal(rephrase_verify(v, "12XX", 2, "12YY", 2, NULL, &got), 0);
    assert_int_equal(got.equal, 1);
    assert_int_equal(rephrase_verify(v, "12", 2, NULL, 0, NULL, &got), 0);
    assert_string_equal(got.verdict, "unparsed");
    rephrase_verifier_close(v);
}

static void test_options_by_name(void **state) {
    (void)state;
    rephrase_verifier *v = rephrase_verifier_open();
    rephrase_verdict got;
    const char *const response[] = {"response=on", NULL}, *const strict[] = {"units_optional=off", NULL};
    assert_int_equal(verify(v, "5", "So it is \\boxed{5}.", response, &got), 0);
    assert_int_equal(got.equal, 1);
    assert_string_equal(got.span, "5");
    assert_int_equal(verify(v, "5 \\text{ cm}", "5", NULL, &got), 0);
    assert_int_equal(got.equal, 1);
    assert_int_equal(verify(v, "5 \\text{ cm}", "5", strict, &got), 0);
    assert_int_equal(got.equal, 0);
    const char *const wrong[][2] = {{"strict=on", NULL}, {"rounded", NULL}, {"rounded=1", NULL}, {"=on", NULL}, {"", NULL}};
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        const rephrase_verdict before = got;
        assert_int_equal(verify(v, "1", "1", wrong[k], &got), -1);
        assert_non_null(strstr(rephrase_verifier_error(v), "verifier"));
        assert_ptr_equal(before.verdict, got.verdict); /* untouched */
        assert_ptr_equal(before.span, got.span);
    }
    rephrase_verifier_close(v);
}

static void test_a_huge_answer_is_a_verdict(void **state) {
    (void)state;
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    rephrase_verifier *v = rephrase_verifier_open();
    rephrase_verdict got;
    for (const char *fill = "9({\\ "; *fill; fill++) {
        memset(text, *fill, SIZE);
        assert_int_equal(rephrase_verify(v, "1", 1, text, SIZE, NULL, &got), 0);
        assert_int_equal(got.equal, 0);
        assert_int_equal(rephrase_verify(v, text, SIZE, "1", 1, NULL, &got), 0);
        assert_int_equal(got.equal, 0);
    }
    assert_int_equal(verify(v, "1/2", "0.5", NULL, &got), 0);
    assert_int_equal(got.equal, 1);
    rephrase_verifier_close(v);
    rephrase_verifier_close(NULL);
    free(text);
}

/* Each thread has its own verifier and its own oracle; all see what one alone sees. */
static void *work(void *argument) {
    static const char json[] =
        "{\"logp\": [[-1.0, -2.0], [-0.5]], \"logp_old\": [[-1.5, -2.0], [-0.5]], \"reward\": [1, 0]}";
    bool *failed = argument;
    rephrase_verifier *v = rephrase_verifier_open();
    rephrase *oracle = rephrase_open();
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t k = 0; k < PAIRS; k++) {
            rephrase_verdict got;
            *failed |=
                verify(v, pairs[k].gold, pairs[k].answer, NULL, &got) != 0 || strcmp(got.verdict, pairs[k].verdict) != 0;
        }
        *failed |= !rephrase_oracle(oracle, "loss", "grpo", NULL, NULL, json, sizeof json - 1);
        *failed |= rephrase_oracle(oracle, "loss", "grop", NULL, NULL, json, sizeof json - 1) ||
                   !strstr(rephrase_error(oracle), "grop");
    }
    rephrase_close(oracle);
    rephrase_verifier_close(v);
    return NULL;
}

static void test_threads_with_their_own_contexts(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    bool failed[THREADS] = {false};
    for (int k = 0; k < THREADS; k++) assert_int_equal(pthread_create(&threads[k], NULL, work, &failed[k]), 0);
    for (int k = 0; k < THREADS; k++) assert_int_equal(pthread_join(threads[k], NULL), 0);
    for (int k = 0; k < THREADS; k++) assert_false(failed[k]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_verdict_is_complete), cmocka_unit_test(test_lengths_rule_and_not_nul),
        cmocka_unit_test(test_options_by_name), cmocka_unit_test(test_a_huge_answer_is_a_verdict),
        cmocka_unit_test(test_threads_with_their_own_contexts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
