/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <rephrase/tasks.h>

#include <string.h>

typedef struct soundness_case {
    const char *text;
    int steps, false_steps;
    bool expert;
} soundness_case;

static void check_all(const soundness_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const rp_soundness s = rp_world_soundness(rp_str_of(cases[i].text));
        if (s.steps != cases[i].steps || s.false_steps != cases[i].false_steps || s.expert_style != cases[i].expert) {
            fail_msg("\"%s\": %d steps, %d false, expert %d; expected %d, %d, %d", cases[i].text, s.steps, s.false_steps,
                     s.expert_style, cases[i].steps, cases[i].false_steps, cases[i].expert);
        }
    }
}
#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof(cases)[0])

static void test_true_statements_are_counted(void **state) {
    (void)state;
    static const soundness_case cases[] = {
        {"Step 1: 12 + 69 = 81\nStep 2: 81 / 3 = 27\n#### 27", 3, 0, false},
        {"Step 1: 12 - 12 = 0", 1, 0, false},
        {"12*2=24\n#### 24", 2, 0, false},
        {"#### 83", 0, 0, false}, /* no step: nothing to be false */
        {"", 0, 0, false},
        {"\n\n", 0, 0, false},
        {"Step 1: 7 / 2 = 3.5\n#### 7/2", 2, 0, false}, /* exact fractions, not floating point */
        {"Step 1: 1 / 3 = 1 / 3\r\n#### 1/3\r\n", 2, 0, false},
        {"$\\boxed{83}$", 0, 0, true},
        {"$12+69=\\boxed{81}$", 1, 0, true},
        {"$\\frac{12+69}{3}=\\frac{81}{3}=\\boxed{27}$", 2, 0, true},
        {"$48-(9\\cdot3+2\\cdot6)=48-(27+12)=48-39=\\boxed{9}$", 3, 0, true},
        {"$(2+3)\\times\\frac{8}{4}=\\boxed{10}$", 1, 0, true},
        {"$2-5=-3$", 1, 0, false},
        {"The mean is wanted.\nStep 1: 2 + 2 = 4", 1, 0, false}, /* a line without = says nothing that could be false */
    };
    CHECK_ALL(cases);
}

static void test_false_statements_are_found(void **state) {
    (void)state;
    static const soundness_case cases[] = {
        {"Step 1: 12 + 69 = 82\nStep 2: 82 / 3 = 27\n#### 27", 3, 2, false},
        {"Step 1: 12 + 69 = 81\nStep 2: 81 / 3 = 28\n#### 28", 3, 1, false},
        {"Step 1: 12 + 69 = 81\n#### 27", 2, 1, false},      /* the last result is not the answer */
        {"Step 1: 12 + 69 = 81\n$\\boxed{27}$", 2, 1, true}, /* in either style */
        {"$\\frac{12+69}{3}=\\frac{80}{3}=\\boxed{27}$", 2, 2, true},
        {"$12+69=\\boxed{82}$", 1, 1, true},
        {"Step 1: 4 / 0 = 0", 1, 1, false},
        {"Step 1: 10 / 3 = 3.333", 1, 1, false},
    };
    CHECK_ALL(cases);
}

static void test_what_cannot_be_read_is_not_believed(void **state) {
    (void)state;
    static const soundness_case cases[] = {
        {"Step 1: 12 + = 81\n#### 81", 2, 1, false},
        {"Step 1: 12 + 69 =\n#### 81", 2, 2, false},
        {"Step 1: = 81", 1, 1, false},
        {"Step 1: 81\n#### 81", 2, 2, false}, /* a step without a statement */
        {"Step 1: 12 69 = 81", 1, 1, false},
        {"Step 1: (12 + 69 = 81", 1, 1, false},
        {"Step 1: 12 + 69 = 81 apples", 1, 1, false},
        {"so 12 + 69 = 81", 1, 1, false},
        {"x = 5", 1, 1, false},
        {"==", 2, 2, false},
        {"Step 1: 2 + 2 = 4\n#### four", 2, 1, false},
        {"Step 1: 99999999999999999999 - 99999999999999999999 = 0", 1, 1, false},
        {"$\\frac{1}{2=2}$", 1, 1, true},
        {"$\\sqrt{4}=2$", 1, 1, true},
        {"1.2.3=1.2.3", 1, 1, false},
    };
    CHECK_ALL(cases);
}

static void test_hostile_text_ends(void **state) {
    (void)state;
    static char deep[100001];
    memset(deep, '(', sizeof deep - 1);
    deep[50000] = '=';
    rp_soundness s = rp_world_soundness((rp_str){deep, sizeof deep - 1});
    assert_int_equal(s.steps, 1);
    assert_int_equal(s.false_steps, 1);
    memset(deep, '=', sizeof deep - 1);
    s = rp_world_soundness((rp_str){deep, sizeof deep - 1});
    assert_int_equal(s.steps, 100000);
    assert_int_equal(s.false_steps, 100000);
    s = rp_world_soundness((rp_str){"1\0=\0001\\", 6});
    assert_int_equal(s.false_steps, 1);
    s = rp_world_soundness((rp_str){NULL, 0});
    assert_int_equal(s.steps, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_true_statements_are_counted),
        cmocka_unit_test(test_false_statements_are_found),
        cmocka_unit_test(test_what_cannot_be_read_is_not_believed),
        cmocka_unit_test(test_hostile_text_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
