/* SPDX-License-Identifier: MIT
 *
 * Equality of expressions is an equivalence relation: reflexive, symmetric, transitive, for expressions nobody wrote down.
 *
 * A family is a few ways to write one function and a few functions that are near to it, with U and V for random
 * expressions, which are rewritten and written anew in every place. All pairs of a family are compared: the ways agree, the
 * near ones are not paid, every verdict is the same in both orders, and no chain of equalities ends in a difference.
 */
#include "random_answers.h"

#include <rephrase/verify.h>

#include <string.h>

enum { SAME = 4, NEAR = 4, MEMBERS = SAME + NEAR };

typedef struct family {
    const char *same[SAME], *near[NEAR];
} family;

static const family families[] = {
    {{"\\sin(2(U))", "2\\sin(U)\\cos(U)", "\\frac{2\\tan(U)}{1+\\tan^2(U)}"},
     {"2\\sin(U)", "\\sin(2(U)+1)", "2\\sin(U)\\cos(V)"}},
    {{"\\cos((U)+(V))", "\\cos(U)\\cos(V)-\\sin(U)\\sin(V)", "\\cos(V)\\cos(U)-\\sin(V)\\sin(U)"},
     {"\\cos(U)\\cos(V)+\\sin(U)\\sin(V)", "\\cos(U)+\\cos(V)"}},
    {{"\\cosh(2(U))", "2\\cosh^2(U)-1", "\\frac{e^{2(U)}+e^{-2(U)}}{2}", "\\cosh^2(U)+\\sinh^2(U)"},
     {"2\\cosh^2(U)+1", "\\cosh^2(U)-\\sinh^2(U)"}},
    {{"e^{(U)+(V)}", "e^{U}e^{V}", "\\frac{e^{U}}{e^{-(V)}}"}, {"e^{U}+e^{V}", "e^{(U)(V)}", "e^{U}e^{-(V)}"}},
    {{"|U|", "|-(U)|", "\\sqrt{(U)^2}", "\\max(U,-(U))"}, {"U", "-(U)", "|(U)+1|", "|U|+1"}},
    {{"\\max(U,V)", "\\max(V,U)", "\\frac{(U)+(V)+|(U)-(V)|}{2}", "(U)+(V)-\\min(U,V)"},
     {"\\min(U,V)", "U", "V", "(U)+(V)"}},
    {{"\\lfloor (U)+2\\rfloor", "\\lfloor U\\rfloor+2", "2-\\lceil-(U)\\rceil"},
     {"\\lfloor U\\rfloor+3", "(U)+2", "\\lceil (U)+2\\rceil"}},
    {{"|(U)(V)|", "|U||V|", "\\sqrt{(U)^2(V)^2}"}, {"(U)(V)", "|U|(V)", "|(U)+(V)|"}},
    {{"\\ln((U)^2)", "2\\ln|U|", "2\\ln|-(U)|"}, {"\\ln|U|", "\\ln((U)^2+1)", "(\\ln|U|)^2"}},
    {{"\\frac{1}{\\sqrt{(U)^2+1}-1}", "\\frac{\\sqrt{(U)^2+1}+1}{(U)^2}"},
     {"\\frac{\\sqrt{(U)^2+1}-1}{(U)^2}", "\\frac{1}{|U|}"}},
    {{"(n+1)!(U)", "(n+1)(U)n!", "\\frac{(n+2)!(U)}{n+2}"}, {"n!(U)", "n(U)n!", "(n+1)!+(U)"}},
    {{"(-1)^n(U)", "(-1)^{n+2}(U)", "\\cos(\\pi n)(U)", "\\frac{U}{(-1)^{n}}"}, {"(-1)^{n+1}(U)", "(U)", "(-1)^{2n}(U)"}},
    {{"\\lfloor\\frac{n}{2}\\rfloor(U)", "\\lceil\\frac{n-1}{2}\\rceil(U)", "\\frac{2n-1+(-1)^n}{4}(U)"},
     {"\\lceil\\frac{n}{2}\\rceil(U)", "\\frac{n}{2}(U)"}},
    {{"\\binom{n}{k}(U)", "\\binom{n}{n-k}(U)", "\\frac{n!(U)}{k!(n-k)!}"}, {"\\binom{n}{k+1}(U)", "\\frac{n!(U)}{k!}"}},
    {{"2^{n+1}(U)", "2\\cdot2^n(U)", "(2^n+2^n)(U)"}, {"2^{n}(U)", "2^{2n}(U)", "4^n(U)"}},
};

static const law *rewritten_often(dice *d, const law *x) {
    for (unsigned times = roll(d, 3); times; times--) x = rewritten(d, x);
    return x;
}

static rp_str filled(dice *d, const char *format, const law *u, const law *v) {
    rp_buffer out = rp_buffer_in(d->arena);
    for (; *format; format++) {
        if (*format == 'U' || *format == 'V')
            write_law(d, &out, rewritten_often(d, *format == 'U' ? u : v));
        else
            rp_buffer_char(&out, *format);
    }
    return (rp_str){out.data, out.length};
}

/* A letter plus something random, so that it is no constant. */
static const law *random_function(dice *d, char letter) {
    const law *x = make_law(d, OP_SYMBOL, letter, NULL, NULL);
    return make_law(d, OP_SUM, 0, x, random_law(d, 1, false));
}

typedef struct table {
    size_t count, same;
    rp_str text[MEMBERS];
    rp_verdict_kind verdict[MEMBERS][MEMBERS];
} table;

static void fill_table(dice *d, const family *f, table *t) {
    const law *u = random_function(d, 't'), *v = random_function(d, 's');
    t->count = 0;
    for (size_t i = 0; i < SAME && f->same[i]; i++) t->text[t->count++] = filled(d, f->same[i], u, v);
    t->same = t->count;
    for (size_t i = 0; i < NEAR && f->near[i]; i++) t->text[t->count++] = filled(d, f->near[i], u, v);
    for (size_t i = 0; i < t->count; i++)
        for (size_t j = 0; j < t->count; j++)
            t->verdict[i][j] = rp_verify_answer(d->arena, t->text[i], t->text[j], &rp_verify_defaults).kind;
}

static void tell(const table *t, const char *what, size_t i, size_t j) {
    fail_msg("%s: \"%.*s\" against \"%.*s\": %s, backwards %s", what, (int)t->text[i].length, t->text[i].data,
             (int)t->text[j].length, t->text[j].data, rp_verdict_name(t->verdict[i][j]), rp_verdict_name(t->verdict[j][i]));
}

/* Returns how many of the true equalities are open; everything else must hold. */
static int check_table(const table *t) {
    int open = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (t->verdict[i][i] != RP_VERDICT_EQUAL) tell(t, "not reflexive", i, i);
        for (size_t j = 0; j < t->count; j++) {
            const bool equal = t->verdict[i][j] == RP_VERDICT_EQUAL;
            if (t->verdict[i][j] != t->verdict[j][i]) tell(t, "not symmetric", i, j);
            if (equal && i != j && (i >= t->same || j >= t->same) && i + j > 0 && (i < t->same || j < t->same))
                tell(t, "a near miss is paid", i, j);
            if (!equal && i < t->same && j < t->same) {
                if (t->verdict[i][j] != RP_VERDICT_BUDGET) tell(t, "another way to write it is not known", i, j);
                open++;
            }
            for (size_t k = 0; equal && k < t->count; k++)
                if (t->verdict[j][k] == RP_VERDICT_EQUAL && t->verdict[i][k] == RP_VERDICT_DIFFERENT)
                    tell(t, "not transitive", i, k);
        }
    }
    return open;
}

static void test_equality_is_an_equivalence_relation(void **state) {
    (void)state;
    enum { ROUNDS = 40, COUNT = sizeof families / sizeof families[0] };
    rp_arena *arena = rp_arena_create("test", 0);
    int open = 0, all = 0;
    for (uint64_t seed = 0; seed < ROUNDS * COUNT; seed++) {
        dice d = {arena, seed * 0xD1342543DE82EF95u + 1, true};
        table t;
        fill_table(&d, &families[seed % COUNT], &t);
        open += check_table(&t);
        all += (int)(t.same * t.same);
        rp_arena_release(arena);
    }
    if (open * 100 > all) fail_msg("%d of %d true equalities are undecided", open, all);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_equality_is_an_equivalence_relation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
