/* SPDX-License-Identifier: MIT
 *
 * words.c — bare letters: is "ab" a product, is "odd" a word, is "sinx" a sine?
 *
 * Mathematics writes products of variables without a sign and people write words without \text. The rules, in order:
 * a word of mathematics (sin, pi, and); one letter is a variable; a run of capitals stays together (ABC is a name, and
 * ABC is not ACB); a capitalised run with a vowel is a word (Monday); a short everyday word; a run of four or more with one
 * of e, i, o, u is a word (even); a unit behind a number (5cm); a function with its argument stuck to it (sinx); the rest
 * is a product of variables. Whether two answers of words agree is decided on their texts before any of this matters.
 */
#include "read/emit.h"
#include "read/units.h"

#include <string.h>

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
static bool is_vowel(char c) {
    return strchr("eiouEIOU", c) != NULL;
}

/* Everyday words of two or three letters, and longer ones without e, i, o, u. Sorted by nothing: it is short. */
static const char *const short_words[] = {
    "yes",  "no",  "odd", "not",    "all",  "any", "one", "two", "six", "ten", "red", "is",   "it",  "to",   "of",   "the",
    "if",   "for", "are", "but",    "day",  "may", "man", "boy", "dog", "cat", "sum", "none", "has", "both", "east", "half",
    "even", "pct", "per", "always", "days", "she", "get", "got", "was", "So",  "We",  "He",   "If",  "It"};

static bool is_short_word(rp_str run) {
    for (size_t i = 0; i < sizeof short_words / sizeof short_words[0]; i++)
        if (rp_str_is(run, short_words[i])) return true;
    return false;
}

static size_t count_upper(rp_str run) {
    size_t count = 0;
    for (size_t i = 0; i < run.length; i++) count += is_upper(run.data[i]);
    return count;
}

static bool has_vowel(rp_str run) {
    for (size_t i = 0; i < run.length; i++)
        if (is_vowel(run.data[i]) || (i > 0 && (run.data[i] == 'a' || run.data[i] == 'y'))) return true;
    return false;
}

static bool has_strong_vowel(rp_str run) {
    for (size_t i = 0; i < run.length; i++)
        if (is_vowel(run.data[i])) return true;
    return false;
}

/* "5 packs", "3 bags": behind a number and a space four letters or more are a noun, unless they stand in the order of the
 * alphabet, as the letters of a product do (2 abcd). */
static bool is_counted_noun(rp_str run) {
    bool rises = true, lower = true, vowel = false;
    for (size_t i = 0; i < run.length; i++) {
        lower = lower && !is_upper(run.data[i]);
        vowel = vowel || run.data[i] == 'a' || is_vowel(run.data[i]);
        rises = rises && (i == 0 || run.data[i] > run.data[i - 1]);
    }
    return run.length >= 4 && lower && vowel && !rises;
}

static bool is_word(rp_str run) {
    const size_t upper = count_upper(run);
    if (upper == run.length) return true;
    if (is_short_word(run)) return true;
    if (upper == 1 && is_upper(run.data[0])) return run.length >= 3 && has_vowel(run);
    return upper == 0 && run.length >= 4 && has_strong_vowel(run);
}

static bool after_number(const rp_lexer *lexer) {
    const rp_token *last = rp_lex_last(lexer);
    return last && (last->kind == T_NUMBER || (last->kind == T_CLOSE && last->op != 'S'));
}

/* "5 (packs of gum)" */
static bool in_brackets_after_number(rp_str text, size_t begin) {
    if (begin == 0 || text.data[--begin] != '(') return false;
    while (begin > 0 && text.data[begin - 1] == ' ') begin--;
    return begin > 0 && text.data[begin - 1] >= '0' && text.data[begin - 1] <= '9';
}

/* "sinx", "lnx", "pir": a known word with one letter behind it; letters that would make an everyday word (cost, sine) are
 * not taken for an argument. */
static size_t stuck_prefix(rp_str run) {
    const size_t n = run.length - 1;
    const rp_command *known = n >= 2 ? rp_word_find((rp_str){run.data, n}) : NULL;
    if (!known || (known->token != T_FUNCTION && known->token != T_CONSTANT)) return 0;
    if (known->token == T_FUNCTION && known->op >= RP_FN_GCD) return 0;
    return strchr(known->token == T_FUNCTION ? "xyzabcnuvABC" : "rxyzhabkR", run.data[n]) ? n : 0;
}

static void emit_known(rp_lexer *lexer, const rp_command *known, size_t begin, size_t end) {
    rp_lex_emit(lexer, (rp_token_kind)known->token, known->op, begin, end);
}

static void split_letters(rp_lexer *lexer, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) rp_lex_emit(lexer, T_LETTER, 0, i, i + 1);
}

/* xsin, 2picos are rare; a function at the end of a run is found when a bracket or a number follows: "xln(x)". */
static size_t stuck_suffix(rp_str run) {
    for (size_t n = run.length - 1; n >= 2; n--) {
        const rp_command *known = rp_word_find((rp_str){run.data + run.length - n, n});
        if (known && (known->token == T_FUNCTION || known->token == T_CONSTANT || known->token == T_SQRT) &&
            run.length - n <= 2)
            return n;
    }
    return 0;
}

/* "(1,2) U (3,4)": a U between brackets is a union. */
static bool is_typed_union(const rp_lexer *lexer, rp_str text, size_t begin, size_t end) {
    const rp_token *last = rp_lex_last(lexer);
    if (end != begin + 1 || text.data[begin] != 'U' || !last || last->kind != T_CLOSE) return false;
    while (end < text.length && (text.data[end] == ' ' || text.data[end] == '\n')) end++;
    return (last->op == ')' || last->op == ']' || last->op == 'S') && end < text.length &&
           (text.data[end] == '(' || text.data[end] == '[' || text.data[end] == '\\');
}

void rp_lex_letters(rp_lexer *lexer, size_t begin, size_t end) {
    const rp_str text = rp_lex_text(lexer), run = {text.data + begin, end - begin};
    const rp_command *known = rp_word_find(run);
    if (known && !(run.length == 3 && known->op == RP_FN_MIN && known->token == T_FUNCTION && after_number(lexer) &&
                   (end == text.length || text.data[end] != '('))) {
        emit_known(lexer, known, begin, end);
        return;
    }
    if (is_typed_union(lexer, text, begin, end)) {
        rp_lex_emit(lexer, T_SET_OP, RP_SET_UNION, begin, end);
        return;
    }
    if (run.length == 1) {
        const bool hours = run.data[0] == 'h' && after_number(lexer) && rp_lex_after_space(lexer) &&
                           end + 1 < text.length && text.data[end] == ' ' && text.data[end + 1] >= '0' &&
                           text.data[end + 1] <= '9';
        rp_lex_emit(lexer, hours ? T_WORD : T_LETTER, 0, begin, end); /* 3 h 20 min */
        return;
    }
    const size_t prefix = stuck_prefix(run);
    if (prefix) {
        emit_known(lexer, rp_word_find((rp_str){run.data, prefix}), begin, begin + prefix);
        split_letters(lexer, begin + prefix, end);
        return;
    }
    const bool spaced = rp_lex_after_space(lexer);
    if (rp_str_is(run, "sq") && end < text.length && text.data[end] == '.') { /* sq. in. */
        rp_lex_emit(lexer, T_WORD, 0, begin, end);
        return;
    }
    const bool bracketed = in_brackets_after_number(text, begin), counted = bracketed || (after_number(lexer) && spaced);
    const bool unit = (counted && rp_unit_is_name(run)) || ((after_number(lexer) || bracketed) && rp_unit_is_known(run));
    if (is_word(run) || unit || (counted && is_counted_noun(run))) {
        rp_lex_emit(lexer, T_WORD, 0, begin, end);
        return;
    }
    const size_t suffix = stuck_suffix(run);
    split_letters(lexer, begin, end - suffix);
    if (suffix) emit_known(lexer, rp_word_find((rp_str){run.data + run.length - suffix, suffix}), end - suffix, end);
}
