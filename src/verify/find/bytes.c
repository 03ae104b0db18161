/* SPDX-License-Identifier: MIT
 *
 * bytes.c — byte search, words of their own, formulas in prose, ends of sentences.
 */
#include "find/bytes.h"

#include <string.h>

/* ---- Search ------------------------------------------------------------------------------------------------------ */

bool rp_text_starts(rp_str text, size_t at, const char *prefix) {
    const size_t n = strlen(prefix);
    return at <= text.length && text.length - at >= n && memcmp(text.data + at, prefix, n) == 0;
}

bool rp_text_starts_folded(rp_str text, size_t at, const char *lower_prefix) {
    for (; *lower_prefix; lower_prefix++, at++)
        if (at >= text.length || rp_lower(text.data[at]) != *lower_prefix) return false;
    return true;
}

bool rp_text_has_word_at(rp_str text, size_t at, const char *lower_word) {
    if (at >= text.length || rp_lower(text.data[at]) != lower_word[0]) return false; /* most end here */
    if (!rp_text_starts_folded(text, at, lower_word)) return false;
    const size_t n = strlen(lower_word);
    if (rp_is_ascii_letter(lower_word[0]) && at > 0 && rp_is_word_byte(text.data[at - 1])) return false;
    return !rp_is_ascii_letter(lower_word[n - 1]) || at + n >= text.length || !rp_is_word_byte(text.data[at + n]);
}

size_t rp_text_any_word_at(rp_str text, size_t at, const char *const *lower_words, size_t count) {
    for (size_t i = 0; i < count && lower_words[i]; i++)
        if (rp_text_has_word_at(text, at, lower_words[i])) return strlen(lower_words[i]);
    return 0;
}

bool rp_text_find_any_word(rp_str text, const char *const *lower_words, size_t count, size_t *at) {
    for (*at = 0; *at < text.length; ++*at)
        if (rp_text_any_word_at(text, *at, lower_words, count)) return true;
    return false;
}

bool rp_text_is_folded(rp_str text, const char *lower_word) {
    return strlen(lower_word) == text.length && rp_text_starts_folded(text, 0, lower_word);
}

bool rp_text_is_one_of(rp_str text, const char *const *lower_words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (rp_text_is_folded(text, lower_words[i])) return true;
    return false;
}

rp_str rp_text_slice(rp_str text, size_t begin, size_t end) {
    return (rp_str){text.data + begin, end - begin};
}

rp_str rp_text_trim(rp_str text) {
    while (text.length > 0 && rp_is_space(text.data[0])) text.data++, text.length--;
    while (text.length > 0 && rp_is_space(text.data[text.length - 1])) text.length--;
    return text;
}

size_t rp_text_skip_spaces(rp_str text, size_t at) {
    while (at < text.length && rp_is_space(text.data[at])) at++;
    return at;
}

bool rp_text_is_blank(rp_str text) {
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (c == '\\' && i + 1 < text.length && strchr(",;:! ", text.data[i + 1]))
            i++;
        else if (!rp_is_space(c) && c != '~' && c != '$')
            return false;
    }
    return true;
}

bool rp_text_find_last(rp_str text, size_t end, const char *what, size_t *at) {
    const size_t n = strlen(what);
    if (end > text.length) end = text.length;
    for (size_t i = end < n ? 0 : end - n + 1; i-- > 0;)
        if (text.data[i] == what[0] && memcmp(text.data + i, what, n) == 0) {
            *at = i;
            return true;
        }
    return false;
}

bool rp_text_find_last_folded(rp_str text, size_t end, const char *lower_what, size_t *at) {
    const size_t n = strlen(lower_what);
    if (end > text.length) end = text.length;
    for (size_t i = end < n ? 0 : end - n + 1; i-- > 0;)
        if (rp_lower(text.data[i]) == lower_what[0] && rp_text_starts_folded(text, i, lower_what)) {
            *at = i;
            return true;
        }
    return false;
}

/* ---- Formulas and sentences -------------------------------------------------------------------------------------- */

size_t rp_formula_end(rp_formula_scan *scan, rp_str text, size_t at, size_t *mark) {
    static const char *const pairs[RP_FORMULA_MARKS][2] = {{"$$", "$$"}, {"$", "$"}, {"\\(", "\\)"}, {"\\[", "\\]"}};
    if (at >= text.length || (text.data[at] != '$' && text.data[at] != '\\')) return at;
    for (size_t p = 0; p < RP_FORMULA_MARKS; p++) {
        if (scan->hopeless[p] || !rp_text_starts(text, at, pairs[p][0])) continue;
        *mark = strlen(pairs[p][0]);
        size_t i = at + *mark;
        for (; i < text.length; i++) {
            if (rp_text_starts(text, i, pairs[p][1])) return i + strlen(pairs[p][1]);
            if (text.data[i] == '\\')
                i++;
            else if (p == 1 && text.data[i] == '\n')
                break; /* a lone dollar is money */
        }
        scan->hopeless[p] = i >= text.length;
    }
    return at;
}

size_t rp_formula_count(rp_str text, rp_str *inner) {
    size_t found = 0;
    rp_formula_scan scan = {{false}};
    for (size_t at = 0; at < text.length;) {
        size_t mark;
        const size_t end = rp_formula_end(&scan, text, at, &mark);
        if (end > at) {
            const rp_str candidate = rp_text_slice(text, at + mark, end - mark);
            if (!rp_text_is_blank(candidate)) {
                *inner = candidate;
                found++;
            }
            at = end;
        } else {
            at += text.data[at] == '\\' && at + 1 < text.length ? 2 : 1;
        }
    }
    return found;
}

bool rp_sentence_ends_at(rp_str text, size_t at) {
    if (text.data[at] == '\n') return true;
    if (rp_text_starts(text, at, "。") || rp_text_starts(text, at, "！") || rp_text_starts(text, at, "？") ||
        rp_text_starts(text, at, "．"))
        return true;
    if (!strchr(".!?", text.data[at])) return false;
    const size_t next = at + 1;
    return next >= text.length || rp_is_space(text.data[next]) || strchr("*\"'<)", text.data[next]) != NULL;
}
