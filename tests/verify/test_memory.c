/* SPDX-License-Identifier: MIT
 *
 * What happens when the memory of a verification is used up at any of its requests: the verdict is the one that enough memory
 * gives, or `budget`; never another one.
 *
 * The arena's limit is raised by one request's unit at a time, so every request of these cases is refused once.
 */
#include "support_verify.h"

static const struct {
    const char *gold, *answer;
    bool is_response;
} cases[] = {
    {"7", "\\frac{14}{2}", false},
    {"\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt2}{2}", false},
    {"\\sqrt{2}+\\sqrt{3}", "\\sqrt{5+2\\sqrt{6}}", false},
    {"\\sin^2 x", "1-\\cos^2 x", false},
    {"(x+1)^3", "x^3+3x^2+3x+1", false},
    {"x>3", "(3,\\infty)", false},
    {"\\{1,2,3\\}", "3, 2 and 1", false},
    {"(1,2)\\cup[3,4]", "[3,4]\\cup(1,2)", false},
    {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&5\\end{pmatrix}", false},
    {"2 hours", "120\\text{ min}", false},
    {"$1,234.50", "1234.5 dollars", false},
    {"B", "(B)", false},
    {"Tuesday", "on Tuesday", false},
    {"x=1, y=2", "y=2, x=1", false},
    {"\\sum_{n=1}^{10} n^2", "385", false},
    {"0.\\overline{3}", "1/3", false},
    {"½", "０.５", false},
    {"12", "We add 5 and 7.\n\\[\\boxed{12}\\]", true},
    {"12", "<think>5+7</think> The final answer is $12$.", true},
    {"3,4", "\\boxed{3} and \\boxed{4}", true},
    {"12", "5+7=12\n#### 12", true},
};

static rp_verdict verdict_within(size_t limit, size_t i) {
    rp_arena *arena = rp_arena_create("limited", limit);
    assert_non_null(arena);
    const rp_str gold = rp_str_of(cases[i].gold), answer = rp_str_of(cases[i].answer);
    const rp_verdict verdict = cases[i].is_response ? rp_verify_response(arena, gold, answer, &rp_verify_defaults)
                                                    : rp_verify_answer(arena, gold, answer, &rp_verify_defaults);
    rp_arena_destroy(arena);
    return verdict;
}

static void test_memory_that_ends_anywhere_gives_budget_or_the_same_verdict(void **state) {
    (void)state;
    size_t budgets = 0;
    enum { UNIT = 64, LIMIT = 1 << 19 };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rp_verdict whole = verdict_within(0, i);
        for (size_t limit = UNIT; limit < LIMIT; limit += limit < 8192 ? UNIT : limit / 64 / UNIT * UNIT) {
            const rp_verdict v = verdict_within(limit, i);
            const bool same = v.kind == whole.kind && v.reason == whole.reason;
            if (!same && v.kind != RP_VERDICT_BUDGET)
                fail_msg("%s | %s within %zu bytes: %s (%s)", cases[i].gold, cases[i].answer, limit,
                         rp_verdict_name(v.kind), rp_reason_name(v.reason));
            budgets += !same;
        }
    }
    assert_true(budgets > 1000); /* … and memory did run out, again and again */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_that_ends_anywhere_gives_budget_or_the_same_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
