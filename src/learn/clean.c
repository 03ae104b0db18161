/* SPDX-License-Identifier: MIT
 *
 * clean.c — from what the policy wrote under P(q, k) to a trajectory that can stand behind q alone.
 *
 * Deterministic rules, in order: leading meta lines go ("Here is my solution:"); what still mentions the material is rejected,
 * for the material will not be there; what is mostly one copied run of the solution's words is rejected when the recipe sets a
 * limit. The paper says that meta text is removed and not how (docs/algorithms/repo.md); the tables below are our reading.
 */
#include <rephrase/learn.h>

#include <ctype.h>
#include <string.h>

/* A first line that begins so (whatever its case) and has no equation in it talks about the solution instead of giving it. */
static const char *const meta_beginnings[] = {
    "here is",      "here's",      "here are", "sure",      "certainly",
    "of course",    "okay",        "ok,",      "ok.",       "alright",
    "let me",       "let's solve", "i will",   "i'll",      "my solution",
    "the solution", "solution:",   "answer:",  "rewritten", "step 1: work through",
    "step 2:",      "---",
};
/* A trajectory that contains one of these refers to what the reader of q cannot see. */
static const char *const leaks[] = {
    "study notes",        "the notes",         "these notes",       "given solution", "provided solution",
    "reference solution", "the reference",     "study material",    "the material",   "solution above",
    "as shown above",     "solution provided", "original solution", "ref:",
};

static bool begins_with(rp_str text, const char *prefix) {
    const size_t n = strlen(prefix);
    if (text.length < n) return false;
    for (size_t i = 0; i < n; i++)
        if (tolower((unsigned char)text.data[i]) != prefix[i]) return false;
    return true;
}

static bool contains(rp_str text, const char *word) {
    for (size_t i = 0; i + strlen(word) <= text.length; i++)
        if (begins_with((rp_str){text.data + i, text.length - i}, word)) return true;
    return false;
}

static bool is_meta_line(rp_str line) {
    if (memchr(line.data, '=', line.length)) return false;
    /* "Step 2: 81 / 3" is work, "Step 2:" alone is a heading. */
    bool digits_after_colon = false;
    const char *colon = memchr(line.data, ':', line.length);
    for (const char *c = colon; c && c < line.data + line.length; c++)
        digits_after_colon |= isdigit((unsigned char)*c) != 0;
    if (digits_after_colon) return false;
    for (size_t i = 0; i < sizeof meta_beginnings / sizeof *meta_beginnings; i++)
        if (begins_with(line, meta_beginnings[i])) return true;
    return false;
}

static rp_str strip_space(rp_str text) {
    while (text.length && isspace((unsigned char)text.data[0])) text.data++, text.length--;
    while (text.length && isspace((unsigned char)text.data[text.length - 1])) text.length--;
    return text;
}

/* ---- Copying --------------------------------------------------------------------------------------------------- */

static size_t split_words(rp_arena *arena, rp_str text, rp_str **words) {
    rp_str *out = rp_alloc(arena, rp_str, text.length / 2 + 1);
    size_t count = 0;
    *words = out;
    if (!out) return 0;
    for (size_t i = 0; i < text.length;) {
        while (i < text.length && isspace((unsigned char)text.data[i])) i++;
        const size_t from = i;
        while (i < text.length && !isspace((unsigned char)text.data[i])) i++;
        if (i > from) out[count++] = (rp_str){text.data + from, i - from};
    }
    return count;
}

/* Longest common run of words, by the usual table of which one row is kept. */
static size_t longest_run(rp_arena *arena, const rp_str *a, size_t n, const rp_str *b, size_t m) {
    uint32_t *row = rp_alloc_zero(arena, uint32_t, m + 1);
    size_t best = 0;
    for (size_t i = 0; row && i < n; i++) {
        for (size_t j = m; j > 0; j--) {
            row[j] = rp_str_equal(a[i], b[j - 1]) ? row[j - 1] + 1 : 0;
            if (row[j] > best) best = row[j];
        }
    }
    return best;
}

rp_rephrase_outcome rp_rephrase_clean(rp_arena *arena, rp_str raw, rp_str knowledge, double copy_limit, rp_str *clean,
                                      double *copy_share) {
    rp_str text = strip_space(raw);
    *copy_share = 0;
    for (;;) {
        const char *newline = text.length ? memchr(text.data, '\n', text.length) : NULL;
        const rp_str line = {text.data, newline ? (size_t)(newline - text.data) : text.length};
        if (!newline || !(line.length == 0 || is_meta_line(line))) break;
        text = strip_space((rp_str){newline + 1, text.length - line.length - 1});
    }
    *clean = text;
    if (text.length == 0) return RP_REPHRASE_EMPTY;
    for (size_t i = 0; i < sizeof leaks / sizeof *leaks; i++)
        if (contains(text, leaks[i])) return RP_REPHRASE_LEAK;
    rp_str *words, *known;
    const size_t n = split_words(arena, text, &words), m = split_words(arena, knowledge, &known);
    if (n && m) *copy_share = (double)longest_run(arena, words, n, known, m) / (double)n;
    return copy_limit < 1 && *copy_share > copy_limit ? RP_REPHRASE_COPY : RP_REPHRASE_PASSED;
}
