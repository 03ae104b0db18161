/* SPDX-License-Identifier: MIT
 *
 * Written calculations, judged by hand: t true, f false, u unreadable, in the order of the text; "" means no step.
 */
#include "check.h"

#include <rephrase/verify.h>

#include <string.h>

static const struct {
    const char *text, *expected;
} cases[] = {
    /* plain */
    {"6 - 2 = 4", "t"},
    {"We subtract: 6 - 2 = 4.", "t"},
    {"We subtract: 6 - 2 = 3.", "f"},
    {"Step 2: 3*4 = 12", "t"},
    {"1. 3 + 4 = 7\n2) 3 + 4 = 8", "tf"},
    {"- 3 + 4 = 7", "t"},
    {"So 3+4=7, and 7*2=14; then 14-5=8.", "ttf"},
    {"(3 + 4 = 7)", "t"},
    {"2 + 3 * 4 = 14", "t"},
    {"2 + 3 * 4 = 20", "f"},
    {"(2 + 3) * 4 = 20", "t"},
    {"5(3 + 1) = 20", "t"},
    {"(1 + 1)(3 + 1) = 8", "t"},
    {"(1 + 1)(3 + 1) = 9", "f"},
    {"5 apples today - 3 * 2 = 4", "f"},
    {"-3 + 5 = 2", "t"},
    {"2^10 = 1024 and 2**3 = 8", "tt"},
    {"10 - 2 - 3 = 5", "t"},
    {"10 / 2 / 5 = 1", "t"},
    {"3 plus 4 equals 7", "t"},
    {"3 times 4 equals 11", "f"},
    {"7 / 2 = 3", "f"},
    {"7 / 2 = 4", "f"},
    {"5 / 0 = 0", "f"},
    {"6 = 7", "f"},
    {"so 36 = 40/2", "f"},
    /* chains: each sign is a step */
    {"Total = 2*3 + 4 = 6 + 4 = 10", "tt"},
    {"Total = 2*3 + 4 = 6 + 4 = 11", "tf"},
    {"x = 3 + 4 = 7", "t"},
    {"5 + 3 = 8 + 2 = 10", "ft"},
    /* inside prose, with words as units */
    {"She has 12 - 5 = 7 apples left.", "t"},
    {"12 apples - 5 apples = 7 apples", "t"},
    {"He bought 5 apples and 3 * 2 = 6 pears.", "t"},
    {"In 2 days, he eats 3 * 4 = 12 cookies.", "t"},
    {"For a total of 5 + 10 = 15", "t"},
    {"4 cookies/day * 7 days = 28 cookies", "t"},
    {"4 cookies per day * 7 days per week = 28", "t"},
    {"5 (the apples) + 3 (the pears) = 8", "t"},
    {"10/2 = 5 bottles of 2-liter water", "t"},
    {"He waits on Monday - 3 * 2 = 6 hours", "t"},
    {"a 12-inch board: 12-5=7", "t"},
    {"3 * 4 cookies/day = 12", "t"},
    {"3 * 4 (small) cookies = 12", "t"},
    {"5 - 3 (large) = 1 box", "f"},
    /* currency, percent, separators */
    {"3 * $4 = $12", "t"},
    {"$1,200 + $300.50 = $1,500.50", "t"},
    {"1 200 + 300 = 1 500", "t"},
    {"€5 × 3 = €15", "t"},
    {"20% of 50 = 10", "t"},
    {"20% of 50 = 11", "f"},
    {"50 * 20% = 10", "t"},
    {"100% - 20% = 80%", "t"},
    {"10/50 * 100 = 20%", "t"},
    {"10/50 = 20%", "t"},
    {"10/50 = 25%", "f"},
    {"20\\% of \\$50 = \\$10", "t"},
    {"1/2 of 48 = 24", "t"},
    /* signs and TeX */
    {"6 × 7 = 42, 42 ÷ 6 = 7, 9 − 4 = 5", "ttt"},
    {"6 x 7 = 42 and 6x7=43", "tf"},
    {"$6 \\times 7 = 42$ and \\(6 \\cdot 7 = 41\\)", "tf"},
    {"\\frac{1}{2} + \\frac{1}{4} = \\frac{3}{4}", "t"},
    {"$\\frac{12 \\text{ apples}}{4} = 3 \\text{ apples}$", "t"},
    {"\\left(3+4\\right) \\times 2 = \\boxed{14}", "t"},
    {"**3 + 4 = 7**", "t"},
    {"3 + 4 = **8**", "f"},
    {"3+4 ≈ 7, 22/7 ≈ 3.14", "tt"},
    {"3 + 4 == 7", "t"},
    {"三加四：3+4=7。所以 3+4=8。", "tf"},
    /* rounded results */
    {"10 / 3 = 3.33", "t"},
    {"10 / 3 = 3.3333...", "t"},
    {"2 / 3 = 0.67 and 2 / 3 = 0.66", "tt"},
    {"2 / 3 = 0.68", "f"},
    {"7 / 2 = 3.4", "f"},
    {"10 / 3 = 3", "f"},
    {"10 / 3 = about 3", ""},
    {"10 / 3 ≈ 3", "t"},
    {"That is about 10 / 3 = 3 boxes.", "t"},
    {"10 / 3 ≈ 5", "f"},
    {"10 / 3 = 3 almost", "t"},
    {"6.5 = 7 to the nearest whole number", "t"},
    {"2 1/2 * 4 = 10", "t"},
    {"17/3 = 5 and 2/3", "t"},
    {"60 / 3/4 = 80", "t"},
    /* units that convert */
    {"90 minutes = 1.5 hours", "t"},
    {"30 + 60 minutes = 1.5 hours", "t"},
    {"1 hour = 50 minutes", "f"},
    {"5 * 20 cents = $1", "t"},
    {"3 feet = 36 inches", "t"},
    {"4 pounds - 6 ounces = 58 ounces", "u"},
    /* GSM8K's annotations */
    {"Natalia sold 48/2 = <<48/2=24>>24 clips in May.", "tt"},
    {"Weng earns 12/60 = $<<12/60=0.2>>0.2 per minute.", "tt"},
    {"He pays 3*4 = <<3*4=13>>13 dollars.", "ff"},
    {"#### 24", ""},
    /* no claims about numbers */
    {"x = 5", ""},
    {"Let n = 12 be the number.", ""},
    {"Total cost = 12", ""},
    {"Cost of 3 apples = 6 dollars", ""},
    {"1 box = 12 apples", ""},
    {"3 apples = $6", ""},
    {"2x + 3 = 7, so 2x = 4", ""},
    {"3A + 2 = 35", ""},
    {"4000=(1/2)X", ""},
    {"x >= 5 and y <= 7 and 3 != 4", ""},
    {"a => b", ""},
    {"There are 24 hours in a day.", ""},
    {"3 + 4 = ?", ""},
    {"5 + 3 = x", ""},
    {"6 = 3 * x", ""},
    {"6 = 3(x + 1)", ""},
    {"n + 6 = 3", ""},
    {"", ""},
    {"=", ""},
    {"= 5", ""},
    {"5 =", ""},
    /* claims that this grammar does not read */
    {"half of 48 = 24", "u"},
    {"twice 5 + 1 = 11", "u"},
    {"√25 = 5", "u"},
    {"\\sqrt{16} = 4", "u"},
    {"45 * 0,2 = 9", "u"},
    {"7:50 + 30 minutes = 8:20", "u"},
    {"3 + = 5", "u"},
    {"3 \\timesx 4 = 12", "u"},
    {"2 \\divideontimes 1 = 2", "u"},
    {"5 = 3 \\pm 2", "u"},
    {"2^100000 = 1", "u"},
};

static void test_each_case_is_judged_as_by_hand(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rp_steps steps = rp_verify_steps(arena, rp_str_of(cases[i].text));
        char got[64] = "";
        size_t counts[3] = {0, 0, 0};
        for (size_t k = 0; k < steps.count && k + 1 < sizeof got; k++) {
            got[k] = "tfu"[steps.items[k].truth];
            counts[steps.items[k].truth]++;
            const char *at = steps.items[k].text.data; /* shown as it was written */
            assert_true(at >= cases[i].text && at + steps.items[k].text.length <= cases[i].text + strlen(cases[i].text));
        }
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("\"%s\": \"%s\", by hand \"%s\"", cases[i].text, got, cases[i].expected);
        assert_true(counts[0] == steps.true_steps && counts[1] == steps.false_steps && counts[2] == steps.unreadable);
        assert_false(steps.cut);
    }
    rp_arena_destroy(arena);
}

static void test_a_step_is_shown_as_it_was_written(void **state) {
    (void)state;
    static const char *const shown[][2] = {{"She has 12 - 5 = 7 apples left.", "12 - 5 = 7"},
                                           {"In all, 5 / 0 = 0 of them", "5 / 0 = 0"},
                                           {"so 7:50 + 30 minutes = 8:20 today", "so 7:50 + 30 minutes = 8:20"},
                                           {"he got 3 + = 5", "he got 3 + = 5"},
                                           {"a 2) 3 + 4 = $8 loss", "3 + 4 = $8"}};
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const rp_steps steps = rp_verify_steps(arena, rp_str_of(shown[i][0]));
        assert_int_equal(steps.count, 1);
        if (!rp_str_is(steps.items[0].text, shown[i][1]))
            fail_msg("%s: \"%.*s\"", shown[i][0], (int)steps.items[0].text.length, steps.items[0].text.data);
    }
    rp_arena_destroy(arena);
}

/* Every pair of small numbers and every operator, with the result off by one and right, in several sentences. */
static void test_one_off_is_false_in_every_sentence(void **state) {
    (void)state;
    static const char *const sentences[] = {"%d %s %d = %d",
                                            "So we get %d %s %d = %d.",
                                            "She has %d apples %s %d apples = %d apples left.",
                                            "It costs $%d %s $%d = $%d today.",
                                            "\\(%d %s %d = %d\\)",
                                            "Total = %d %s %d = %d"};
    static const char *const ops[] = {"+", "-", "*", "×", "\\times"};
    rp_arena *arena = rp_arena_create("test", 0);
    for (int a = 2; a < 40; a += 3)
        for (int b = 1; b < 30; b += 4)
            for (size_t o = 0; o < 5; o++)
                for (size_t s = 0; s < sizeof sentences / sizeof sentences[0]; s++)
                    for (int off = -1; off <= 1; off++) {
                        char text[128];
                        const int result = (o == 0 ? a + b : o == 1 ? a - b : a * b) + off;
                        if (result < 0) continue; /* a sign behind the equals sign has its own case */
                        (void)snprintf(text, sizeof text, sentences[s], a, ops[o], b,
                                       result); /* NOLINT: the formats above */
                        const rp_steps steps = rp_verify_steps(arena, rp_str_of(text));
                        if (steps.count != 1 || steps.true_steps != (off == 0) || steps.false_steps != (off != 0))
                            fail_msg("%s: %zu true, %zu false, %zu unreadable", text, steps.true_steps, steps.false_steps,
                                     steps.unreadable);
                        rp_arena_release(arena);
                    }
    rp_arena_destroy(arena);
}

static void test_any_text_ends_within_its_budget(void **state) {
    (void)state;
    static const char *const pieces[] = {"(",       "1=",   "=", "1+", "<<",     "<<1=1>>", "$", "{",
                                         "\\frac{", "a = ", "-", "9",  "1 and ", "of ",     "^9"};
    rp_arena *arena = rp_arena_create("test", (size_t)32 << 20);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        const size_t n = strlen(pieces[i]), length = 200000 / n * n;
        char *text = rp_alloc(arena, char, length);
        for (size_t at = 0; at < length; at += n) memcpy(text + at, pieces[i], n);
        const rp_steps steps = rp_verify_steps(arena, (rp_str){text, length});
        assert_true(steps.count <= length);
        rp_arena_release(arena);
    }
    rp_arena_destroy(arena);
}

/* Memory that ends anywhere is said (`cut`), and what was found before it is as it would be with enough. */
static void test_memory_that_ends_is_said(void **state) {
    (void)state;
    const rp_str text = rp_str_of("We get 3 * 4 = 12 and 10 / 3 = 3.33.\nSo $5 + $7 = $13, <<1+1=2>>2 hours = 120 minutes");
    rp_arena *whole = rp_arena_create("test", 0);
    const rp_steps all = rp_verify_steps(whole, text);
    assert_int_equal(all.count, 5);
    for (size_t limit = 64; limit < 64 * 1024; limit += 64) {
        rp_arena *arena = rp_arena_create("test", limit);
        const rp_steps some = rp_verify_steps(arena, text);
        assert_true(some.cut || some.count == all.count);
        assert_true(some.count <= all.count);
        for (size_t i = 0; i < some.count; i++) assert_true(some.cut || some.items[i].truth == all.items[i].truth);
        rp_arena_destroy(arena);
    }
    rp_arena_destroy(whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_case_is_judged_as_by_hand),     cmocka_unit_test(test_a_step_is_shown_as_it_was_written),
        cmocka_unit_test(test_one_off_is_false_in_every_sentence), cmocka_unit_test(test_any_text_ends_within_its_budget),
        cmocka_unit_test(test_memory_that_ends_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
