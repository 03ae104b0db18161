/* SPDX-License-Identifier: MIT */
#include "support_verify.h"

#include "read/prose.h"

/* One letter for each token kind, in the order of the enumeration. */
static const char kinds[] = ".nxwfc+-*/^_!%o'p()|,;:arFSB............P...;?";

static void test_the_table_of_commands_is_sorted_and_complete(void **state) {
    (void)state;
    static const char *const known[] = {"Bbb",  "alpha",        "arccos", "frac",  "zeta",
                                        "vert", "operatorname", "left",   "infty", "mathbb"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) assert_non_null(rp_command_find(rp_str_of(known[i])));
    static const char *const words[] = {"sin", "pi", "and", "oo", "AND", "sqrt", "union"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) assert_non_null(rp_word_find(rp_str_of(words[i])));
    assert_null(rp_command_find(rp_str_of("frax")));
    assert_null(rp_command_find(rp_str_of("fra")));
    assert_null(rp_command_find(rp_str_of("")));
}

static const struct {
    const char *text, *kinds;
} token_cases[] = {
    {"42", "n"},
    {"4.5", "n"},
    {".5", "n"},
    {"42.", "n?"},
    {"1e6", "n"},
    {"2e", "nx"},
    {"1E-3x", "nx-nx"},
    {"x+1", "x+n"},
    {"\\frac12", "Fn"},
    {"\\dfrac{1}{2}", "F(n)(n)"},
    {"\\left(x\\right)", "(x)"},
    {"\\left.x\\right|", "x)"},
    {"\\text{ and }", "a"},
    {"5\\text{ cm}^2", "nw^n"},
    {"\\mathrm{e}", "x"},
    {"\\boxed{5}", "(n)"},
    {"45^\\circ", "no"},
    {"45^{\\circ}", "no"},
    {"45°", "no"},
    {"½", "F(n)(n)"},
    {"x²", "x^(n)"},
    {"10⁻⁴", "n^(-n)"},
    {"x₁", "x_(n)"},
    {"３", "n"},
    {"–5", "-n"},
    {"5\u200b", "n"},
    {"√2", "Sn"},
    {"2×3", "n*n"},
    {"x≠3", "xrn"},
    {"1,2", "n,n"},
    {"14{,}916", "n,n"},
    {"\\{1\\}", "(n)"},
    {"\\color{red}5", "n"},
    {"\\operatorname{gcd}(a,b)", "f(x,x)"},
    {"\\mathbb{R}", "P"},
    {"\\mathbb Z", "P"},
    {"5!=120", "n!rn"},
    {"x!=3", "xrn"},
    {"a**2", "x^n"},
    {"\\\\frac12", "Fn"},
    {"\\pir", "cx"},
    {"\\nonsense", "?"},
};

static void test_texts_become_tokens(void **state) {
    (void)state;
    bench b = bench_open();
    for (size_t i = 0; i < sizeof token_cases / sizeof token_cases[0]; i++) {
        const rp_tokens tokens = tokens_of(&b.work, token_cases[i].text);
        char got[64] = "";
        for (size_t k = 0; k < tokens.count && k < 60; k++) {
            const int kind = tokens.items[k].kind;
            got[k] = kinds[kind];
            got[k + 1] = '\0';
        }
        if (strcmp(got, token_cases[i].kinds) != 0)
            fail_msg("\"%s\": tokens %s, expected %s", token_cases[i].text, got, token_cases[i].kinds);
    }
    bench_close(&b);
}

static void test_bare_letters_are_variables_words_or_functions(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t tokens;
        rp_token_kind first;
    } cases[] = {
        {"abc", 3, T_LETTER},  {"ABC", 1, T_WORD},     {"odd", 1, T_WORD},      {"even", 1, T_WORD},
        {"Monday", 1, T_WORD}, {"xyz", 3, T_LETTER},   {"sinx", 2, T_FUNCTION}, {"2pi", 2, T_NUMBER},
        {"5cm", 2, T_NUMBER},  {"mph", 3, T_LETTER},   {"inf", 1, T_CONSTANT},  {"xln", 2, T_LETTER},
        {"cost", 1, T_WORD},   {"pir", 2, T_CONSTANT}, {"and", 1, T_AND},       {"abcd", 4, T_LETTER},
    };
    bench b = bench_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rp_tokens tokens = tokens_of(&b.work, cases[i].text);
        if (tokens.count != cases[i].tokens || tokens.items[0].kind != cases[i].first)
            fail_msg("\"%s\": %zu tokens, first of kind %d", cases[i].text, tokens.count, tokens.items[0].kind);
    }
    bench_close(&b);
}

static void test_words_have_a_normal_form(void **state) {
    (void)state;
    static const struct {
        const char *text, *normal;
    } cases[] = {
        {"Evelyn", "evelyn"},           {"\\text{No solutions}", "no solution"},
        {"an ellipse", "ellipse"},      {"odd", "odd"},
        {"\\text{The  Moon}", "moon"},  {"\\text{bus}", "bus"},
        {"twenty-five", "twenty-five"},
    };
    bench b = bench_open();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const rp_tokens t = tokens_of(&b.work, cases[i].text);
        assert_true(rp_prose_is(t.items, 0, t.count));
        assert_text(rp_prose_normal(&b.work, t.items, 0, t.count), cases[i].normal);
    }
    const rp_tokens product = tokens_of(&b.work, "xy"), sum = tokens_of(&b.work, "odd + 1");
    assert_false(rp_prose_is(product.items, 0, product.count));
    assert_false(rp_prose_is(sum.items, 0, sum.count));
    bench_close(&b);
}

static void test_invalid_utf8_is_replaced_and_offsets_lead_back(void **state) {
    (void)state;
    bench b = bench_open();
    const rp_str source = rp_str_of("x\xFF\xC2\xB2+y");
    const rp_folded folded = rp_unicode_fold(&b.work, source);
    assert_true(folded.had_bad_utf8);
    assert_text(folded.text, "x\xEF\xBF\xBD^{2}+y");
    assert_int_equal(rp_folded_origin(&folded, source, 0), 0);
    assert_int_equal(rp_folded_origin(&folded, source, 4), 2); /* "^{2}" comes from the raised two */
    assert_int_equal(rp_folded_origin(&folded, source, folded.text.length - 1), 5);
    bench_close(&b);
}

static void test_budgets_stop_the_lexer(void **state) {
    (void)state;
    bench b = bench_open();
    char *many = rp_alloc(b.arena, char, 40001);
    memset(many, '{', 400);
    many[400] = '\0';
    rp_tokens tokens;
    assert_false(rp_lex(&b.work, rp_str_of(many), &tokens));
    assert_int_equal(b.work.failure, RP_REASON_DEPTH);
    bench again = bench_open();
    for (int i = 0; i < 40000; i++) many[i] = i % 2 ? '+' : '1';
    many[40000] = '\0';
    assert_false(rp_lex(&again.work, rp_str_of(many), &tokens));
    assert_int_equal(again.work.failure, RP_REASON_NODES);
    bench_close(&again);
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_of_commands_is_sorted_and_complete),
        cmocka_unit_test(test_texts_become_tokens),
        cmocka_unit_test(test_bare_letters_are_variables_words_or_functions),
        cmocka_unit_test(test_words_have_a_normal_form),
        cmocka_unit_test(test_invalid_utf8_is_replaced_and_offsets_lead_back),
        cmocka_unit_test(test_budgets_stop_the_lexer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
