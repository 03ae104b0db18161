/* SPDX-License-Identifier: MIT */
#include "tiny.h"

static void expect_prompt(tiny *t, const char *question, const char *reference, const char *expected) {
    rp_encoding ids;
    rp_str text, reference_text = rp_str_of(reference ? reference : "");
    assert_ok(rp_policy_prompt(&t->policy, t->arena, rp_str_of(question), reference ? &reference_text : NULL, &ids));
    assert_ok(rp_policy_text(&t->policy, t->arena, ids.ids, ids.length, &text));
    assert_text(text, expected);
}

static void test_plain_prompts_are_the_world_s_or_a_template_s(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    expect_prompt(&t, "What is 2 + 3?", NULL, "Q: What is 2 + 3?\nA:\n");
    t.policy.prompt = "{question} {unknown} {question}:";
    expect_prompt(&t, "2?", NULL, "2? {unknown} 2?:");
    t.policy.rephrase_prompt = "{question}|{solution}|";
    expect_prompt(&t, "2?", "it is {question}", "2?|it is {question}|"); /* what is filled in is not filled again */
    tiny_close(&t);
}

static void test_text_of_questions_cannot_become_special_tokens(void **state) {
    (void)state;
    tiny t;
    rp_encoding ids;
    tiny_open(&t);
    assert_ok(rp_policy_prompt(&t.policy, t.arena, rp_str_of("a<|endoftext|>b"), NULL, &ids));
    for (size_t i = 0; i < ids.length; i++) assert_int_not_equal(ids.ids[i], t.policy.end);
    tiny_close(&t);
}

static void test_written_responses_end_with_the_end_token(void **state) {
    (void)state;
    tiny t;
    rp_encoding ids;
    rp_str text;
    tiny_open(&t);
    assert_ok(rp_policy_response(&t.policy, t.arena, rp_str_of("#### 5"), &ids));
    assert_int_equal(ids.ids[ids.length - 1], t.policy.end);
    assert_ok(rp_policy_text(&t.policy, t.arena, ids.ids, ids.length, &text));
    assert_text(text, "#### 5");
    tiny_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_prompts_are_the_world_s_or_a_template_s),
        cmocka_unit_test(test_text_of_questions_cannot_become_special_tokens),
        cmocka_unit_test(test_written_responses_end_with_the_end_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
