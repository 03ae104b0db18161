/* SPDX-License-Identifier: MIT */
#include "support_cases.h"

#include "find/extract.h"

static bool is_paid(rp_str gold, rp_str response, bool lenient) {
    rp_arena *arena = rp_arena_create("test", 0);
    rp_verify_options options = rp_verify_defaults;
    options.lenient = lenient;
    const rp_verdict v = rp_verify_response(arena, gold, response, &options);
    rp_arena_destroy(arena);
    return v.kind == RP_VERDICT_EQUAL;
}

static bool check_response(char mark, rp_str gold, rp_str response) {
    return is_paid(gold, response, mark == '~') == (mark == '=');
}

/* Kinds of sentences that people and models write: what commits to exactly one value is understood, what does not is not
 * paid. */
static void test_every_response_is_paid_for_what_it_commits_to(void **state) {
    (void)state;
    assert_true(for_each_case("tests/verify/responses.txt", check_response) > 1000);
}

static void test_what_a_sentence_offers(void **state) {
    (void)state;
    static const struct {
        const char *sentence, *first; /* NULL: it leaves its value open */
    } cases[] = {
        {"27", "27"},
        {"27 apples in total", "27\\text{ apples}"},
        {"**27**", "27"},
        {"27, which is odd", "27"},
        {"27 because 9*3=27", "27"},
        {"27 (since 9*3=27)", "27"},
        {"41, oops, 37", "37"},
        {"27, not 28", "27"},
        {"27, but not 28", "27"},
        {"27, but it is 28 in base 9", NULL},
        {"27, maybe 28", NULL},
        {"27; 28 is also possible", NULL},
        {"2**3", "2**3"},
    };
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rp_str candidates[RP_CANDIDATES];
        const size_t count = rp_sentence_candidates(arena, rp_str_of(cases[i].sentence), candidates);
        if ((count > 0) != (cases[i].first != NULL) || (count && !rp_str_is(candidates[0], cases[i].first)))
            fail_msg("\"%s\": %zu candidates, the first \"%.*s\"", cases[i].sentence, count,
                     count ? (int)candidates[0].length : 0, count ? candidates[0].data : "");
    }
    rp_arena_destroy(arena);
}

static void test_what_denies_before_and_behind(void **state) {
    (void)state;
    static const char *const before[] = {"and not ",      "it is not true that ", "Suppose the answer is ",
                                         "rather than $", "If the answer is ",    "Maybe "};
    static const char *const stands[] = {"so ", "the answer is ", "If x = 3, then it is ", "It is not 5. So ", ""};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        if (!rp_denied_before(rp_str_of(before[i]), strlen(before[i]))) fail_msg("\"%s\"", before[i]);
    for (size_t i = 0; i < sizeof stands / sizeof stands[0]; i++)
        if (rp_denied_before(rp_str_of(stands[i]), strlen(stands[i]))) fail_msg("\"%s\"", stands[i]);
    assert_true(rp_denied_behind(rp_str_of("$ is wrong."), 0));
    assert_false(rp_denied_behind(rp_str_of("$ is right."), 0));
    assert_true(rp_withdrawn_behind(rp_str_of(". Wait, that is wrong."), 0));
    assert_true(rp_withdrawn_behind(rp_str_of(". Hmm, no, that can't be right."), 0));
    assert_false(rp_withdrawn_behind(rp_str_of(". Many say that is wrong."), 0));
    assert_false(rp_withdrawn_behind(rp_str_of(". No other value works."), 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_response_is_paid_for_what_it_commits_to),
        cmocka_unit_test(test_what_a_sentence_offers),
        cmocka_unit_test(test_what_denies_before_and_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
