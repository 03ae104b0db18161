/* SPDX-License-Identifier: MIT
 *
 * lenient.c — the last resort of the option `lenient`: the last formula, the last number, the last letter.
 *
 * Nothing announced an answer here, so the sentence around it must at least not speak against it: "it is not 7", "at least
 * 7", "half of 7" and "neither 7 nor 8" leave nothing to take.
 */
#include "find/bytes.h"
#include "find/extract.h"

#include <string.h>

/* The run of digits that ends here with what belongs to a number: sign, separators, point, a fraction bar, a percent sign. */
static bool number_ending_at(rp_str text, size_t end, rp_str *number) {
    size_t begin = end;
    while (begin > 0) {
        const char c = text.data[begin - 1];
        const bool inside = begin > 1 && rp_is_digit(text.data[begin - 2]);
        if (rp_is_digit(c) || (c == '.' && begin < end) || ((c == ',' || c == '/') && inside))
            begin--;
        else
            break;
    }
    if (begin > 0 && text.data[begin - 1] == '-') begin--;
    if (end < text.length && text.data[end] == '%') end++;
    *number = rp_text_slice(text, begin, end);
    return true;
}

static bool last_number(rp_str text, rp_str *number) {
    size_t end = text.length;
    while (end > 0 && !rp_is_digit(text.data[end - 1])) end--;
    return end > 0 && number_ending_at(text, end, number);
}

bool rp_first_number(rp_str text, rp_str *number) {
    size_t at = 0;
    while (at < text.length && !rp_is_digit(text.data[at])) at++;
    if (at == text.length) return false;
    while (at < text.length && (rp_is_digit(text.data[at]) ||
                                (strchr(".,/", text.data[at]) && at + 1 < text.length && rp_is_digit(text.data[at + 1]))))
        at++;
    return number_ending_at(text, at, number);
}

/* The last capital letter that stands alone and is no article: "I think it's B". */
static bool last_choice(rp_str text, rp_str *letter) {
    for (size_t at = text.length; at-- > 0;) {
        const char c = text.data[at];
        const bool alone =
            (at == 0 || !(rp_is_word_byte(text.data[at - 1]) || rp_is_digit(text.data[at - 1]))) &&
            (at + 1 == text.length || !(rp_is_word_byte(text.data[at + 1]) || rp_is_digit(text.data[at + 1])));
        if (c < 'A' || c > 'H' || !alone) continue;
        if (c == 'A' && at + 2 < text.length && text.data[at + 1] == ' ' && rp_is_word_byte(text.data[at + 2])) continue;
        *letter = rp_text_slice(text, at, at + 1);
        return true;
    }
    return false;
}

/* "= 15" with nothing behind it but the end of the text. */
static bool last_equation(rp_str text, rp_str *right) {
    size_t at;
    if (!rp_text_find_last(text, text.length, "=", &at)) return false;
    *right = rp_text_trim(rp_text_slice(text, at + 1, text.length));
    while (right->length && strchr(".*$", right->data[right->length - 1])) right->length--;
    if (rp_text_is_blank(*right) || right->length > 64) return false;
    for (size_t i = 0; i < right->length; i++)
        if (rp_sentence_ends_at(*right, i)) return false;
    return true;
}

/* In the part of the sentence that leads to the number, from its verb or another number on: words that deny it, compare with
 * it, or compute with it. */
static bool led_against(rp_str text, rp_str span) {
    static const char *const words[] = {
        "not",         "isn't",    "aren't",   "wasn't",    "can't",      "cannot",     "never",        "neither",
        "nor",         "at least", "at most",  "more than", "less than",  "fewer than", "greater than", "smaller than",
        "larger than", "above",    "below",    "half of",   "a third of", "twice",      "double",       "either",
        "between",     "unless",   "suppose",  "assume",    "except",     "other than", "rather than",  "instead of",
        "maybe",       "perhaps",  "possibly", "might be",  "could be",   "or",         "and"};
    static const char *const verbs[] = {"is", "are", "equals", "="};
    if (span.data < text.data || span.data > text.data + text.length) return false;
    const size_t end = (size_t)(span.data - text.data);
    size_t begin = end, at;
    while (begin > 0 && end - begin < 60 && !rp_sentence_ends_at(text, begin - 1) &&
           !strchr(",;0123456789", text.data[begin - 1]) &&
           !rp_text_any_word_at(text, begin, verbs, sizeof verbs / sizeof verbs[0]))
        begin--;
    return rp_text_find_any_word(rp_text_slice(text, begin, end), words, sizeof words / sizeof words[0], &at);
}

/* What follows the number computes on, compares or denies: "7 squared", "7 is wrong". */
static bool goes_on(rp_str text, rp_str span) {
    static const char *const words[] = {"squared",  "cubed",     "factorial",    "times", "plus",  "minus",
                                        "divided",  "more than", "less than",    "or",    "below", "above",
                                        "is wrong", "is not",    "is incorrect", "isn't"};
    if (span.data < text.data || span.data + span.length > text.data + text.length) return false;
    size_t at = (size_t)(span.data + span.length - text.data);
    while (at < text.length && strchr(" $)\\*", text.data[at])) at++;
    return rp_text_any_word_at(text, at, words, sizeof words / sizeof words[0]) != 0;
}

bool rp_spoken_against(rp_str text, rp_str span) {
    return led_against(text, span) || goes_on(text, span);
}

static rp_span choose(rp_str response, bool want_letter, bool formulas) {
    rp_span span = {{NULL, 0}, RP_SPAN_LENIENT};
    rp_str formula, number;
    if (want_letter && last_choice(response, &span.text)) return span;
    const bool has_formula = formulas && rp_formula_count(response, &formula) > 0;
    const bool has_number = last_number(response, &number);
    if (!has_formula && last_equation(response, &span.text)) return span;
    if (!has_formula && !has_number)
        span.rule = RP_SPAN_NONE;
    else
        span.text =
            has_formula && (!has_number || number.data < formula.data + formula.length) ? formula : number; /* the later */
    return span;
}

rp_span rp_extract_lenient(rp_str response, bool want_letter, bool formulas) {
    rp_span span = choose(response, want_letter, formulas);
    if (span.rule != RP_SPAN_NONE && rp_spoken_against(response, span.text)) span.rule = RP_SPAN_NONE;
    return span;
}
