/* SPDX-License-Identifier: MIT
 *
 * prose.c — answers that are words.
 *
 * Words are equal or they are not: case, articles, plural endings and full stops are form, everything else is content.
 * No synonyms, no stemming beyond the plural s, no distances: "convex" is one letter-swap away from nothing.
 */
#include "read/numerals.h"
#include "read/prose.h"
#include "find/bytes.h"
#include "read/units.h"

#include <string.h>

bool rp_prose_is_filler(rp_str word) {
    static const char *const fillers[] = {"of", "each", "the", "in",      "total",      "a",
                                          "an", "is",   "are", "exactly", "altogether", "only"};
    return rp_text_is_one_of(word, fillers, sizeof fillers / sizeof fillers[0]);
}

/* In groups: denials; doubts and conditions; comparisons; operations; parts and multiples. */
bool rp_prose_denies(rp_str word) {
    static const char *const denials[] = {
        "not",        "no",          "non",       "never",         "nor",        "neither",     "none",       "wrong",
        "incorrect",  "false",       "except",    "cannot",        "isn't",      "impossible",  "anything",   "besides",
        "excluding",  "without",     "but",       "unless",        "if",         "when",        "maybe",      "perhaps",
        "possibly",   "either",      "or",        "alternatively", "otherwise",  "else",        "instead",    "rather",
        "could",      "might",       "may",       "unknown",       "than",       "more",        "less",       "fewer",
        "greater",    "least",       "most",      "below",         "above",      "under",       "over",       "beyond",
        "between",    "almost",      "nearly",    "squared",       "cubed",      "halved",      "doubled",    "tripled",
        "quadrupled", "factorial",   "times",     "plus",          "minus",      "divided",     "multiplied", "added",
        "subtracted", "root",        "roots",     "power",         "exponent",   "base",        "mod",        "modulo",
        "negative",   "negated",     "inverse",   "inverted",      "reciprocal", "conjugate",   "complement", "opposite",
        "remainder",  "log",         "half",      "double",        "twice",      "halves",      "third",      "thirds",
        "fourth",     "fourths",     "fifth",     "fifths",        "sixth",      "sixths",      "seventh",    "sevenths",
        "eighth",     "eighths",     "ninth",     "ninths",        "tenth",      "tenths",      "hundredth",  "hundredths",
        "thousandth", "thousandths", "millionth", "millionths",    "billionth",  "billionths",  "fold",       "score",
        "gross",      "hundreds",    "thousands", "binary",        "octal",      "hexadecimal", "th",         "nd",
        "rd",         "st"};
    return rp_text_is_one_of(word, denials, sizeof denials / sizeof denials[0]);
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
        if (rp_text_is_folded(singular, "a") || rp_text_is_folded(singular, "an") || rp_text_is_folded(singular, "the")) {
            if (i < end) continue; /* an article; alone it is a letter */
        }
        if (out.length) rp_buffer_char(&out, ' ');
        rp_buffer_append(&out, singular.data, singular.length);
    }
    return (rp_str){out.data ? out.data : "", out.length};
}

/* ---- One spelling of everything ---------------------------------------------------------------------------------- */

static bool is_text(const rp_token *t, const char *text) {
    return rp_str_is(t->text, text);
}

/* ② for \textcircled{2}; 0 when the tokens say something else. *used counts them. */
static int circled_number(const rp_token *t, const rp_token *end, size_t *used) {
    if (end - t < 4 || !is_text(t, "\\textcircled") || t[1].kind != T_OPEN || t[2].kind != T_NUMBER ||
        t[3].kind != T_CLOSE || t[2].text.length > 2)
        return 0;
    int n = 0;
    for (size_t i = 0; i < t[2].text.length; i++) n = 10 * n + (t[2].text.data[i] - '0');
    if (n < 1 || n > 20) return 0;
    *used = 4;
    return n;
}

/* A capital only at the beginning of a word of two letters or more is form: "Blue", but not "pH" or "NO". */
static void append_word(rp_buffer *out, rp_str word) {
    bool lower_rest = word.length > 1;
    for (size_t i = 1; i < word.length; i++) lower_rest = lower_rest && !(word.data[i] >= 'A' && word.data[i] <= 'Z');
    const char first = word.length ? word.data[0] : ' ';
    rp_buffer_char(out, lower_rest && first >= 'A' && first <= 'Z' ? (char)(first - 'A' + 'a') : first);
    if (word.length > 1) rp_buffer_append(out, word.data + 1, word.length - 1);
}

/* \le, \leq and <= are one sign; rarer relations share an op and differ in their names. */
static bool spelled_in_many_ways(int relation) {
    return relation == RP_REL_EQ || relation == RP_REL_NE || relation == RP_REL_LT || relation == RP_REL_GT ||
           relation == RP_REL_LE || relation == RP_REL_GE || relation == RP_REL_IN;
}

rp_str rp_prose_same_text(rp_work *work, const rp_token *tokens, size_t begin, size_t end) {
    rp_buffer out = rp_buffer_in(work->arena);
    while (end > begin && tokens[end - 1].kind == T_UNKNOWN && is_text(&tokens[end - 1], ".")) end--;
    bool after_circled = false;
    for (size_t i = begin, used = 1; i < end && rp_work_pay(work, 1); i += used) {
        const rp_token *t = &tokens[i];
        used = 1;
        const int circled = circled_number(t, tokens + end, &used);
        const bool joined = i > begin && !(t->flags & TF_SPACE) && (t->kind == T_LETTER || t->kind == T_WORD) &&
                            (t[-1].kind == T_LETTER || t[-1].kind == T_WORD); /* letters of one run were split */
        if (!joined && !(circled && after_circled)) rp_buffer_char(&out, ' ');
        after_circled = circled != 0;
        if (circled) {
            const char code[] = {(char)0xE2, (char)0x91, (char)(0x9F + circled), 0}; /* U+2460 is ① */
            rp_buffer_text(&out, code);
            continue;
        }
        if (t->kind == T_WORD || t->kind == T_LETTER)
            append_word(&out, t->text);
        else
            rp_buffer_format(&out, "%d:%d", t->kind, t->op);
        const bool by_text = t->kind == T_NUMBER || t->kind == T_UNKNOWN || t->kind == T_ACCENT || t->kind == T_PREFIX ||
                             t->kind == T_CURRENCY || (t->kind == T_RELATION && !spelled_in_many_ways(t->op));
        if (by_text) rp_buffer_format(&out, "%.*s", (int)t->text.length, t->text.data);
    }
    return (rp_str){out.data ? out.data : "", out.failed ? 0 : out.length};
}

/* ---- Number words ------------------------------------------------------------------------------------------------ */

bool rp_prose_number(const rp_token *tokens, size_t begin, size_t end, int64_t *num, int64_t *den) {
    rp_numeral value;
    if (end == begin || rp_numeral_read(tokens, begin, end, &value) != end) return false;
    *num = value.num;
    *den = value.den;
    return true;
}
