/* SPDX-License-Identifier: MIT
 *
 * prose.c — answers that are words.
 *
 * Words are equal or they are not: case, articles, plural endings and full stops are form, everything else is content.
 * No synonyms, no stemming beyond the plural s, no distances: "convex" is one letter-swap away from nothing.
 */
#include "read/prose.h"
#include "read/units.h"

#include <string.h>

static bool equals_folded(rp_str word, const char *lower) {
    if (word.length != strlen(lower)) return false;
    for (size_t i = 0; i < word.length; i++) {
        const char c = word.data[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != lower[i]) return false;
    }
    return true;
}

static bool one_of(rp_str word, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (equals_folded(word, list[i])) return true;
    return false;
}

bool rp_prose_is_filler(rp_str word) {
    static const char *const fillers[] = {"of", "each", "the",   "in",      "total",      "a",   "an",
                                          "is", "are",  "about", "exactly", "altogether", "only"};
    return one_of(word, fillers, sizeof fillers / sizeof fillers[0]);
}

bool rp_prose_denies(rp_str word) {
    static const char *const denials[] = {"not",     "no",       "never",      "wrong", "incorrect", "false", "except",
                                          "cannot",  "isn't",    "impossible", "but",   "unless",    "if",    "maybe",
                                          "perhaps", "possibly", "anything",   "than",  "more",      "less"};
    return one_of(word, denials, sizeof denials / sizeof denials[0]);
}

/* ---- Words ------------------------------------------------------------------------------------------------------- */

static bool may_be_letters(const rp_token *t) {
    switch ((rp_token_kind)t->kind) {
    case T_WORD:
    case T_LETTER:
        return !(t->flags & TF_COMMAND);
    case T_FUNCTION:
    case T_CONSTANT:
    case T_MOD:
        return !(t->flags & TF_COMMAND); /* "min", "inf" in prose */
    case T_PRIME:
        return true;
    default:
        return false;
    }
}

bool rp_prose_is_letters(const rp_token *tokens, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        const rp_token *t = &tokens[i];
        const bool hyphen = t->kind == T_MINUS && i > begin && i + 1 < end && !(t->flags & TF_SPACE) &&
                            may_be_letters(t - 1) && may_be_letters(t + 1);
        if (!may_be_letters(t) && !hyphen) return false;
    }
    return end > begin;
}

bool rp_prose_is(const rp_token *tokens, size_t begin, size_t end) {
    if (!rp_prose_is_letters(tokens, begin, end)) return false;
    for (size_t i = begin; i < end; i++)
        if (tokens[i].kind == T_WORD) return true;
    return false;
}

/* Tokens that stand without space between them are one word: "odd" was three letters to the lexer. */
rp_str rp_prose_normal(rp_work *work, const rp_token *tokens, size_t begin, size_t end) {
    rp_buffer out = rp_buffer_in(work->arena);
    for (size_t i = begin; i < end;) {
        rp_buffer word = rp_buffer_in(work->arena);
        do {
            rp_buffer_append(&word, tokens[i].text.data, tokens[i].text.length);
            i++;
        } while (i < end && !(tokens[i].flags & TF_SPACE));
        if (word.failed || !rp_work_pay(work, 1)) return (rp_str){"", 0};
        const rp_str singular = rp_word_singular(work, (rp_str){word.data ? word.data : "", word.length});
        if (equals_folded(singular, "a") || equals_folded(singular, "an") || equals_folded(singular, "the")) {
            if (i < end) continue; /* an article; alone it is a letter */
        }
        if (out.length) rp_buffer_char(&out, ' ');
        rp_buffer_append(&out, singular.data, singular.length);
    }
    return (rp_str){out.data ? out.data : "", out.length};
}

/* ---- Number words ------------------------------------------------------------------------------------------------ */

typedef struct number_word {
    const char *word;
    int value;
} number_word;

static const number_word number_words[] = {
    {"zero", 0},      {"one", 1},       {"two", 2},       {"three", 3},    {"four", 4},      {"five", 5},
    {"six", 6},       {"seven", 7},     {"eight", 8},     {"nine", 9},     {"ten", 10},      {"eleven", 11},
    {"twelve", 12},   {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15}, {"sixteen", 16},  {"seventeen", 17},
    {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},   {"thirty", 30},  {"forty", 40},    {"fifty", 50},
    {"sixty", 60},    {"seventy", 70},  {"eighty", 80},   {"ninety", 90},  {"hundred", 100}, {"thousand", 1000},
    {"〇", 0},        {"零", 0},        {"一", 1},        {"二", 2},       {"两", 2},        {"三", 3},
    {"四", 4},        {"五", 5},        {"六", 6},        {"七", 7},       {"八", 8},        {"九", 9},
    {"十", 10},
};

static bool word_value(rp_str word, int64_t *value) {
    for (size_t i = 0; i < sizeof number_words / sizeof number_words[0]; i++)
        if (equals_folded(word, number_words[i].word)) return *value = number_words[i].value, true;
    return false;
}

bool rp_prose_number(const rp_token *tokens, size_t begin, size_t end, int64_t *value) {
    if (end == begin + 1) return tokens[begin].kind == T_WORD && word_value(tokens[begin].text, value);
    int64_t tens, ones;
    const bool hyphen = end == begin + 3 && tokens[begin + 1].kind == T_MINUS;
    if (!hyphen && end != begin + 2) return false;
    if (tokens[begin].kind != T_WORD || tokens[end - 1].kind != T_WORD) return false;
    if (!word_value(tokens[begin].text, &tens) || !word_value(tokens[end - 1].text, &ones)) return false;
    if (tens >= 20 && tens < 100 && ones >= 1 && ones <= 9) return *value = tens + ones, true;
    if (!hyphen && tens >= 1 && tens < 100 && (ones == 100 || ones == 1000)) return *value = tens * ones, true;
    return false;
}

/* ---- Multiple choice --------------------------------------------------------------------------------------------- */

/* A capital, or a small letter inside brackets. */
static char choice_letter(const rp_token *t, bool bracketed) {
    if ((t->kind != T_LETTER && t->kind != T_WORD) || t->text.length != 1 || (t->flags & TF_COMMAND)) return 0;
    const char c = t->text.data[0];
    if (c >= 'A' && c <= 'Z') return c;
    return bracketed && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : 0;
}

/* "for sure D", "definitely (B)": words, then a letter and nothing else; no denial among the words. */
static size_t skip_assurance(const rp_token *tokens, size_t count) {
    size_t at = 0;
    while (at < count && tokens[at].kind == T_WORD && !rp_prose_denies(tokens[at].text)) at++;
    const size_t letter = at + (at < count && tokens[at].kind == T_OPEN);
    const bool ends = letter + 1 == count ||
                      (letter + 2 == count && (tokens[count - 1].kind == T_CLOSE || tokens[count - 1].kind == T_UNKNOWN));
    return at <= 3 && letter < count && tokens[letter].kind == T_LETTER && ends ? at : 0;
}

/* Behind "(B)" a minus sign or a bracket may begin the text of the option; behind "(b)" it does not. */
static bool continues_expression(const rp_token *t, bool small) {
    const bool operates = t->kind == T_PLUS || t->kind == T_TIMES || t->kind == T_DIVIDE || t->kind == T_CARET;
    return operates || (small && (t->kind == T_MINUS || t->kind == T_OPEN || t->kind == T_RELATION || t->kind == T_BANG));
}

char rp_prose_choice(const rp_token *tokens, size_t count) {
    static const char *const nouns[] = {"option", "choice", "answer", "alternative"};
    size_t at = skip_assurance(tokens, count);
    const bool named = at > 0 || (count > 0 && tokens[0].kind == T_WORD && one_of(tokens[0].text, nouns, 4));
    while (at < count && tokens[at].kind == T_WORD && one_of(tokens[at].text, nouns, 4)) at++;
    while (at + 1 < count && tokens[at].kind == T_OPEN && tokens[at].op == '{') at++;
    const bool bracketed = at < count && tokens[at].kind == T_OPEN && (tokens[at].op == '(' || tokens[at].op == '[');
    at += bracketed;
    const char letter = at < count ? choice_letter(&tokens[at], bracketed || named) : 0;
    if (!letter) return 0;
    at++;
    if (bracketed) { /* what follows is the option's text, unless it goes on like an expression: (b) + (x) */
        const bool small = tokens[at - 1].text.data[0] >= 'a';
        const bool closed = at < count && tokens[at].kind == T_CLOSE;
        return closed && !(at + 1 < count && continues_expression(&tokens[at + 1], small)) ? letter : 0;
    }
    while (at < count && tokens[at].kind == T_CLOSE && tokens[at].op == '}') at++;
    if (at == count) return letter;
    size_t words = at; /* "C Cecile": the option's text behind its letter; "A cat" is a sentence */
    while (words < count && tokens[words].kind == T_WORD) words++;
    if (words == count && letter != 'A' && letter != 'I' && !rp_prose_denies(tokens[at].text)) return letter;
    const rp_token *t = &tokens[at];
    const bool dot = t->kind == T_UNKNOWN && t->text.length == 1 && t->text.data[0] == '.';
    return dot || t->kind == T_COLON || (t->kind == T_CLOSE && t->op == ')') ? letter : 0;
}
