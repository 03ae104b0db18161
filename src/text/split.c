/* SPDX-License-Identifier: MIT
 *
 * split.c — the splitting rules ("pre-tokenizers") as one-pass code instead of a regular-expression engine.
 *
 * The three published patterns look at a character's class and at most at where a run ends. With S, L, N the classes and
 * "other" the rest, at each place the first rule that applies gives the piece:
 *
 *     1  a contraction          's 't 're 've 'm 'll 'd
 *     2  letters                L+, after one optional character (GPT-2: a space; the others: anything but CR, LF, L, N)
 *     3  numbers                N+ with an optional space (GPT-2), N (Qwen2), N N N at most (Llama-3)
 *     4  others                 an optional space, others+, and for Qwen2 and Llama-3 the CR and LF that follow
 *     5  white space            Qwen2 and Llama-3: up to the last CR or LF of the run, if it has one;
 *                               else the run, but its last character is left to the next piece unless the run ends the text
 *                               or is one character
 *
 * Each row of the table says what the variants do differently. No class comes from libc: see unicode_classes.c.
 */
#include "internal.h"

typedef struct rule {
    const char *pattern;
    bool any_before_letters; /* rule 2: any one character, not only a space */
    int most_numbers;        /* rule 3; 0 = as many as there are, after an optional space */
    bool newlines;           /* rules 4 and 5 know about CR and LF */
    bool ignore_case;        /* rule 1 */
} rule;

#define CONTRACTIONS "'s|'t|'re|'ve|'m|'ll|'d"
static const rule rules[SPLIT_KINDS] = {
    [SPLIT_GPT2] = {CONTRACTIONS "| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", false, 0, false, false},
    [SPLIT_QWEN2] = {"(?i:" CONTRACTIONS ")|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                     "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                     true, 1, true, true},
    [SPLIT_LLAMA3] = {"(?i:" CONTRACTIONS ")|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                      "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                      true, 3, true, true},
};

const char *rp_split_pattern(rp_split_kind kind) {
    return rules[kind].pattern;
}

typedef struct place { /* a character: its class and where the next one begins */
    uint32_t code_point;
    unsigned class;
    size_t next;
} place;

static inline place look(const char *text, size_t at, size_t end) {
    if (at >= end) return (place){0, 0, at};
    size_t length;
    const uint32_t c = next_code_point(text + at, &length);
    return (place){c, class_of(c), at + length};
}

/* End of the run of characters with any of these classes. */
static size_t run_of(unsigned classes, const char *text, size_t at, size_t end) {
    while (at < end) {
        const place p = look(text, at, end);
        if (!(p.class & classes)) break;
        at = p.next;
    }
    return at;
}

static size_t run_of_others(const char *text, size_t at, size_t end) {
    while (at < end) {
        const place p = look(text, at, end);
        if (p.class & (CLASS_S | CLASS_L | CLASS_N)) break;
        at = p.next;
    }
    return at;
}

/* End of a contraction whose apostrophe is at `at`, or `at`. Under case folding U+017F (long s) is an s. */
static size_t contraction(const char *text, size_t at, size_t end, bool ignore_case) {
    static const char *const endings[] = {"s", "t", "m", "d", "re", "ve", "ll"};
    if (ignore_case && end - at >= 3 && memcmp(text + at + 1, "\xC5\xBF", 2) == 0) return at + 3;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t n = strlen(endings[i]);
        if (end - at - 1 < n) continue;
        size_t same = 0;
        while (same < n) {
            unsigned char c = (unsigned char)text[at + 1 + same];
            if (ignore_case && c >= 'A' && c <= 'Z') c = (unsigned char)(c + ('a' - 'A'));
            if (c != (unsigned char)endings[i][same]) break;
            same++;
        }
        if (same == n) return at + 1 + n;
    }
    return at;
}

static size_t white_space(const rule *variant, const char *text, size_t at, size_t end) {
    size_t stop = at, last = at, after_newline = at; /* last: where the last character of the run begins */
    while (stop < end) {
        const place p = look(text, stop, end);
        if (!(p.class & CLASS_S)) break;
        last = stop;
        stop = p.next;
        if (p.code_point == '\n' || p.code_point == '\r') after_newline = stop;
    }
    if (variant->newlines && after_newline > at) return after_newline;
    return stop == end || last == at ? stop : last;
}

static size_t numbers(int most, const char *text, size_t at, size_t end) {
    for (int i = 0; i < most; i++) {
        const place p = look(text, at, end);
        if (!(p.class & CLASS_N)) break;
        at = p.next;
    }
    return at;
}

static size_t next_by_rule(const rule *variant, const char *text, size_t at, size_t end) {
    const place first = look(text, at, end);
    if (first.code_point == '\'') {
        const size_t stop = contraction(text, at, end, variant->ignore_case);
        if (stop > at) return stop;
    }
    if (first.class & CLASS_L) return run_of(CLASS_L, text, first.next, end);
    const bool is_space = first.code_point == ' ', is_newline = first.code_point == '\n' || first.code_point == '\r';
    if (first.class & CLASS_N && variant->most_numbers) return numbers(variant->most_numbers, text, at, end);
    const place second = look(text, first.next, end);
    const bool before_letters = variant->any_before_letters ? !is_newline && !(first.class & CLASS_N) : is_space;
    if (before_letters && second.class & CLASS_L) return run_of(CLASS_L, text, second.next, end);
    if (!variant->most_numbers) {
        if (first.class & CLASS_N) return run_of(CLASS_N, text, first.next, end);
        if (is_space && second.class & CLASS_N) return run_of(CLASS_N, text, second.next, end);
    }
    const size_t others = is_space ? first.next : at, stop = run_of_others(text, others, end);
    if (stop > others) {
        size_t after = stop;
        while (variant->newlines && after < end && (text[after] == '\r' || text[after] == '\n')) after++;
        return after;
    }
    return white_space(variant, text, at, end);
}

static size_t next_digits(bool individual, const char *text, size_t at, size_t end) {
    const place first = look(text, at, end);
    if (first.class & CLASS_D) return individual ? first.next : run_of(CLASS_D, text, first.next, end);
    for (at = first.next; at < end;) {
        const place p = look(text, at, end);
        if (p.class & CLASS_D) break;
        at = p.next;
    }
    return at;
}

size_t rp_split_next(rp_split_kind kind, const char *text, size_t at, size_t end) {
    if (kind == SPLIT_DIGIT || kind == SPLIT_DIGITS) return next_digits(kind == SPLIT_DIGIT, text, at, end);
    return next_by_rule(&rules[kind], text, at, end);
}

/* ---- Several steps, each within the pieces of the one before --------------------------------------------------- */

rp_piece_walk rp_pieces(const rp_splitting *splitting, const char *text, size_t length) {
    rp_piece_walk walk = {.splitting = splitting, .text = text};
    walk.ends[0] = length; /* ends[k]: end of the current piece of step k; step 0 is the whole text */
    return walk;
}

bool rp_next_piece(rp_piece_walk *walk, rp_str *piece) {
    const size_t at = walk->at;
    if (at >= walk->ends[0]) return false;
    const int count = walk->splitting->count;
    for (int k = 1; k <= count; k++)
        if (walk->ends[k] <= at)
            walk->ends[k] = rp_split_next(walk->splitting->steps[k - 1], walk->text, at, walk->ends[k - 1]);
    *piece = (rp_str){walk->text + at, walk->ends[count] - at};
    walk->at = walk->ends[count];
    return true;
}
