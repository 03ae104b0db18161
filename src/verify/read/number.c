/* SPDX-License-Identifier: MIT
 *
 * number.c — the fast path: answers that are one plain number.
 *
 * Most answers in training are integers, decimals or simple fractions, and most comparisons end here: two reads of a few
 * bytes into 64-bit fractions in lowest terms. What this file accepts, the parser reads to the same value (a property test
 * compares the two); what it does not accept is not wrong, only slower.
 */
#include "read/number.h"

#include <string.h>

enum { DIGITS_MAX = 18 /* check: 10^18 < 2^63 */ };

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool is_digit(const cursor *c) {
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool take(cursor *c, char wanted) {
    if (c->at >= c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool take_text(cursor *c, const char *wanted) {
    const size_t n = strlen(wanted);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, wanted, n) != 0) return false;
    c->at += n;
    return true;
}

static void skip_spaces(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r')) c->at++;
}

static int64_t greatest_common_divisor(int64_t a, int64_t b) {
    while (b != 0) {
        const int64_t r = a % b;
        a = b;
        b = r;
    }
    return a < 0 ? -a : a;
}

static bool reduce(int64_t num, int64_t den, rp_plain *out) {
    if (den == 0) return false;
    const int64_t g = greatest_common_divisor(num, den);
    *out = (rp_plain){num / g, den / g};
    if (out->den < 0) *out = (rp_plain){-out->num, -out->den};
    return true;
}

/* A run of digits; commas are allowed between groups of three when the first group has one to three digits. */
static bool take_digits(cursor *c, bool commas, int64_t *value, int *count) {
    *value = 0;
    *count = 0;
    const char *group = c->at;
    bool grouped = false;
    for (;;) {
        while (is_digit(c)) {
            if (++*count > DIGITS_MAX) return false;
            *value = 10 * *value + (*c->at++ - '0');
        }
        const long length = c->at - group;
        if (grouped ? length != 3 : length == 0) return grouped ? false : *count > 0;
        if (!commas || c->at >= c->end || *c->at != ',') return true;
        if (!grouped && (length > 3 || *group == '0')) return false;
        grouped = true;
        group = ++c->at;
    }
}

/* digits[.digits] or .digits */
static bool take_decimal(cursor *c, int64_t *num, int64_t *den, bool *point) {
    int whole = 0, count = 0;
    *num = 0;
    *den = 1;
    if (is_digit(c) && !take_digits(c, true, num, &whole)) return false;
    *point = take(c, '.');
    if (!*point) return whole > 0;
    for (; is_digit(c); c->at++, count++) {
        if (whole + count >= DIGITS_MAX) return false;
        *num = 10 * *num + (*c->at - '0');
        *den *= 10;
    }
    return whole + count > 0;
}

/* \frac{a}{b}, read behind the command name */
static bool take_frac(cursor *c, int64_t *num, int64_t *den) {
    int64_t *parts[2] = {num, den};
    for (int i = 0; i < 2; i++) {
        int count = 0;
        if (!take(c, '{')) return false;
        const bool negative = take(c, '-');
        if (!take_digits(c, false, parts[i], &count) || count == 0 || !take(c, '}')) return false;
        if (negative) *parts[i] = -*parts[i];
    }
    return true;
}

bool rp_plain_read(rp_str text, rp_plain *out) {
    if (text.length == 0) return false; /* nothing may have no address */
    cursor c = {text.data, text.data + text.length};
    skip_spaces(&c);
    while (c.end > c.at && (c.end[-1] == ' ' || c.end[-1] == '\n' || c.end[-1] == '\t' || c.end[-1] == '\r')) c.end--;
    if (c.end - c.at >= 2 && *c.at == '$' && c.end[-1] == '$') c.at++, c.end--;
    skip_spaces(&c);
    const bool negative = take(&c, '-');
    if (!negative) take(&c, '+');
    int64_t num = 0, den = 1;
    if (take_text(&c, "\\frac") || take_text(&c, "\\dfrac") || take_text(&c, "\\tfrac")) {
        if (!take_frac(&c, &num, &den)) return false;
    } else {
        bool point = false;
        if (!take_decimal(&c, &num, &den, &point)) return false;
        int count = 0;
        if (!point && take(&c, '/') && !take_digits(&c, false, &den, &count)) return false;
    }
    skip_spaces(&c);
    if (c.at != c.end) return false;
    return reduce(negative ? -num : num, den, out);
}
