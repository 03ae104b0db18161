/* SPDX-License-Identifier: MIT
 *
 * What must hold for answers nobody wrote down: equal by construction is never DIFFERENT, different by construction is never
 * EQUAL, order and notation change nothing, and a 1 in the fortieth digit is a difference.
 */
#include "random_answers.h"

#include <rephrase/verify.h>

#include <string.h>

typedef struct tally {
    int wrong, undecided, all;
} tally;

static dice dice_of(rp_arena *arena, uint64_t seed, bool symbols) {
    return (dice){arena, seed * 0xD1342543DE82EF95u + 1, symbols};
}

static rp_verdict verify(dice *d, rp_str gold, rp_str answer) {
    return rp_verify_answer(d->arena, gold, answer, &rp_verify_defaults);
}

/* The verdict, in both orders; counts what is wrong, and what is undecided. */
static void expect(dice *d, rp_str gold, rp_str answer, rp_verdict_kind wanted, tally *t) {
    const rp_verdict forward = verify(d, gold, answer), backward = verify(d, answer, gold);
    t->all++;
    if (forward.kind == RP_VERDICT_BUDGET && backward.kind == RP_VERDICT_BUDGET) {
        t->undecided++;
        return;
    }
    if (forward.kind == wanted && backward.kind == wanted) return;
    t->wrong++;
    print_error("%s expected: \"%.*s\" | \"%.*s\": %s (%s), backwards %s (%s)\n", rp_verdict_name(wanted), (int)gold.length,
                gold.data, (int)answer.length, answer.data, rp_verdict_name(forward.kind), rp_reason_name(forward.reason),
                rp_verdict_name(backward.kind), rp_reason_name(backward.reason));
}

/* Nothing wrong, and hardly anything undecided. */
static void check_tally(const tally *t) {
    if (t->wrong) fail_msg("%d of %d verdicts are wrong", t->wrong, t->all);
    if (t->undecided * 50 > t->all) fail_msg("%d of %d verdicts are undecided", t->undecided, t->all);
}

static void test_rewriting_and_notation_change_nothing(void **state) {
    (void)state;
    tally t = {0, 0, 0};
    rp_arena *arena = rp_arena_create("test", 0);
    for (uint64_t seed = 0; seed < 1500; seed++) {
        dice d = dice_of(arena, seed, seed % 2);
        const law *x = random_law(&d, 1 + (int)(seed % 3), false);
        const rp_str gold = written(&d, x, "");
        expect(&d, gold, gold, RP_VERDICT_EQUAL, &t);
        expect(&d, gold, written(&d, x, ""), RP_VERDICT_EQUAL, &t);
        expect(&d, gold, written(&d, rewritten(&d, x), ""), RP_VERDICT_EQUAL, &t);
        rp_arena_release(arena);
    }
    check_tally(&t);
    rp_arena_destroy(arena);
}

static void test_the_smallest_change_is_a_difference(void **state) {
    (void)state;
    static const char *const changes[] = {"+10^{-40}", "-10^{-40}", "+\\frac{1}{10^{40}}",
                                          "+0.0000000000000000000000000000000000000001"};
    tally t = {0, 0, 0};
    rp_arena *arena = rp_arena_create("test", 0);
    for (uint64_t seed = 0; seed < 1500; seed++) {
        dice d = dice_of(arena, seed ^ 0xABCDEF, seed % 2);
        const law *x = random_law(&d, 1 + (int)(seed % 3), false);
        expect(&d, written(&d, x, ""), written(&d, rewritten(&d, x), changes[seed % 4]), RP_VERDICT_DIFFERENT, &t);
        rp_arena_release(arena);
    }
    check_tally(&t);
    rp_arena_destroy(arena);
}

/* Forty digits behind the point: as a decimal, as a fraction, and with the last digit changed. */
static void test_the_fortieth_digit_counts(void **state) {
    (void)state;
    tally t = {0, 0, 0};
    rp_arena *arena = rp_arena_create("test", 0);
    for (uint64_t seed = 0; seed < 300; seed++) {
        dice d = dice_of(arena, seed, false);
        char digits[41] = {0}, decimal[64], changed[64], fraction[128];
        for (int i = 0; i < 40; i++) digits[i] = (char)('0' + roll(&d, 10));
        digits[0] = (char)('1' + roll(&d, 9));
        (void)snprintf(decimal, sizeof decimal, "%u.%s", roll(&d, 100), digits);
        (void)snprintf(fraction, sizeof fraction, "\\frac{%.*s%s}{10^{40}}", (int)(strchr(decimal, '.') - decimal), decimal,
                       digits);
        (void)snprintf(changed, sizeof changed, "%s", decimal);
        char *last = &changed[strlen(changed) - 1];
        *last = *last == '9' ? '8' : (char)(*last + 1);
        expect(&d, rp_str_of(decimal), rp_str_of(fraction), RP_VERDICT_EQUAL, &t);
        expect(&d, rp_str_of(decimal), rp_str_of(changed), RP_VERDICT_DIFFERENT, &t);
        expect(&d, rp_str_of(changed), rp_str_of(fraction), RP_VERDICT_DIFFERENT, &t);
        rp_arena_release(arena);
    }
    assert_int_equal(t.undecided, 0);
    check_tally(&t);
    rp_arena_destroy(arena);
}

/* ---- Collections -------------------------------------------------------------------------------------------------- */

enum { ITEMS = 4 };

static rp_str joined(dice *d, const char *open, const rp_str *items, const unsigned *order, const char *close) {
    rp_buffer out = rp_buffer_in(d->arena);
    rp_buffer_text(&out, open);
    for (int i = 0; i < ITEMS; i++) {
        if (i) rp_buffer_format(&out, ",%s", ONE_OF(d, " ", "\\ ", "\\;"));
        rp_buffer_append(&out, items[order[i]].data, items[order[i]].length);
    }
    rp_buffer_text(&out, close);
    return (rp_str){out.data, out.length};
}

/* Distinct values by construction: item i is i + a value in (0, 1). */
static void random_items(dice *d, rp_str *a, rp_str *b) {
    for (long i = 0; i < ITEMS; i++) {
        const law *part =
            make_law(d, OP_QUOTIENT, 0, make_int(d, 1 + (long)roll(d, 8)), make_int(d, 9 + (long)roll(d, 20)));
        const law *x = make_law(d, OP_SUM, 0, part, make_int(d, 2 * i));
        rp_buffer out[2] = {rp_buffer_in(d->arena), rp_buffer_in(d->arena)};
        write_law(d, &out[0], x);
        write_law(d, &out[1], rewritten(d, x));
        a[i] = (rp_str){out[0].data, out[0].length};
        b[i] = (rp_str){out[1].data, out[1].length};
    }
}

static void test_sets_forget_their_order_and_tuples_keep_it(void **state) {
    (void)state;
    static const unsigned straight[ITEMS] = {0, 1, 2, 3}, shuffled[ITEMS] = {2, 0, 3, 1}, lacking[ITEMS] = {0, 1, 2, 2};
    tally t = {0, 0, 0};
    rp_arena *arena = rp_arena_create("test", 0);
    for (uint64_t seed = 0; seed < 300; seed++) {
        dice d = dice_of(arena, seed, false);
        rp_str a[ITEMS], b[ITEMS];
        random_items(&d, a, b);
        const rp_str set = joined(&d, "\\{", a, straight, "\\}"), tuple = joined(&d, "(", a, straight, ")");
        expect(&d, set, joined(&d, "\\left\\{", b, shuffled, "\\right\\}"), RP_VERDICT_EQUAL, &t);
        expect(&d, set, joined(&d, "", b, shuffled, ""), RP_VERDICT_EQUAL, &t);
        expect(&d, set, joined(&d, "\\{", b, lacking, "\\}"), RP_VERDICT_DIFFERENT, &t);
        expect(&d, tuple, joined(&d, "\\left(", b, straight, "\\right)"), RP_VERDICT_EQUAL, &t);
        expect(&d, tuple, joined(&d, "(", b, shuffled, ")"), RP_VERDICT_DIFFERENT, &t);
        rp_arena_release(arena);
    }
    assert_int_equal(t.undecided, 0);
    check_tally(&t);
    rp_arena_destroy(arena);
}

static rp_str formatted(dice *d, const char *format, const char *lo, const char *hi) {
    rp_buffer out = rp_buffer_in(d->arena);
    for (; *format; format++) {
        if (*format == 'L' || *format == 'H')
            rp_buffer_text(&out, *format == 'L' ? lo : hi);
        else
            rp_buffer_char(&out, *format);
    }
    return (rp_str){out.data, out.length};
}

/* Each row says the same set in every form; no two rows say the same. */
static void test_intervals_in_every_form(void **state) {
    (void)state;
    static const char *const rows[][4] = {
        {"(L,H)", "L<x<H", "H>x>L", "\\left]L,H\\right["},
        {"[L,H)", "L\\le x<H", "x\\ge L\\text{ and }x<H", "\\{x\\mid L\\leq x<H\\}"},
        {"(L,H]", "H\\geq x>L", "x\\in(L,H]", "(L,\\infty)\\cap(-\\infty,H]"},
        {"[L,H]", "L≤x≤H", "\\left[L,H\\right]", "\\{x:L\\leqslant x\\leqslant H\\}"},
        {"(-\\infty,L)\\cup(H,\\infty)", "x<L\\text{ or }x>H", "(H,\\infty)\\cup(-\\infty,L)",
         "\\mathbb{R}\\setminus[L,H]"},
    };
    tally t = {0, 0, 0};
    rp_arena *arena = rp_arena_create("test", 0);
    for (uint64_t seed = 0; seed < 40; seed++) {
        dice d = dice_of(arena, seed, false);
        char lo[32], hi[32];
        (void)snprintf(lo, sizeof lo, "-\\frac{%u}{7}", 1 + roll(&d, 50));
        (void)snprintf(hi, sizeof hi, "\\sqrt{%u}", 2 + roll(&d, 50));
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 5; j++)
                expect(&d, formatted(&d, rows[i][roll(&d, 4)], lo, hi), formatted(&d, rows[j][roll(&d, 4)], lo, hi),
                       i == j ? RP_VERDICT_EQUAL : RP_VERDICT_DIFFERENT, &t);
        rp_arena_release(arena);
    }
    assert_int_equal(t.undecided, 0);
    check_tally(&t);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rewriting_and_notation_change_nothing),
        cmocka_unit_test(test_the_smallest_change_is_a_difference),
        cmocka_unit_test(test_the_fortieth_digit_counts),
        cmocka_unit_test(test_sets_forget_their_order_and_tuples_keep_it),
        cmocka_unit_test(test_intervals_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
