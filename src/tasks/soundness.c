/* SPDX-License-Identifier: MIT
 *
 * Are the written steps true? The answer alone can be right under false steps: a policy that copies the answer out of a
 * reference does exactly that, and a reward that looks at the answer only teaches it to. So every line of a response is
 * re-evaluated with exact fractions:
 *
 *   line   := [ "Step" digits ":" ] side { "=" side }        each = is one statement: both sides have the same value
 *   side   := [-] product { (+ | -) product }
 *   product:= factor { (* | / | \cdot | \times) factor }
 *   factor := number | ( side ) | { side } | \frac{side}{side} | \boxed{side}
 *
 * Dollar signs around a line are ignored. A line with "=" that is not of this form counts as false: what cannot be checked
 * is not believed. The work is linear in the text; nesting is bounded; a number or a common denominator above 10^9 is not
 * believed either, which keeps every product within 64 bits.
 */
#include <string.h>

#include <rephrase/tasks.h>

enum { MAX_DEPTH = 64 };
static const int64_t MAX_PART = 1000000000; /* check: 1000000000 * 1000000000 + 1000000000 * 1000000000 < 2**63 */

typedef struct fraction {
    int64_t n, d; /* d > 0, lowest terms */
} fraction;

typedef struct cursor {
    const char *at, *end;
    int depth;
} cursor;

static bool reduce(int64_t n, int64_t d, fraction *out) {
    if (d == 0) return false;
    if (d < 0) {
        n = -n;
        d = -d;
    }
    int64_t a = n < 0 ? -n : n, b = d;
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    n /= a;
    d /= a;
    if (n > MAX_PART || n < -MAX_PART || d > MAX_PART) return false;
    *out = (fraction){n, d};
    return true;
}

static bool combine(char op, fraction a, fraction b, fraction *out) {
    if (op == '+') return reduce(a.n * b.d + b.n * a.d, a.d * b.d, out);
    if (op == '-') return reduce(a.n * b.d - b.n * a.d, a.d * b.d, out);
    if (op == '*') return reduce(a.n * b.n, a.d * b.d, out);
    return reduce(a.n * b.d, a.d * b.n, out);
}

/* ---- The grammar ----------------------------------------------------------------------------------------------- */

static void skip_spaces(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '$')) c->at++;
}

static bool take(cursor *c, const char *text) {
    skip_spaces(c);
    const size_t n = strlen(text);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, text, n) != 0) return false;
    c->at += n;
    return true;
}

static bool digit_at(const cursor *c) {
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool parse_number(cursor *c, fraction *out) {
    int64_t n = 0, d = 1;
    bool decimals = false;
    for (; digit_at(c) || (!decimals && c->at + 1 < c->end && *c->at == '.' && c->at[1] >= '0' && c->at[1] <= '9');
         c->at++) {
        if (*c->at == '.') {
            decimals = true;
            continue;
        }
        n = n * 10 + (*c->at - '0');
        if (decimals) d *= 10;
        if (n > MAX_PART || d > MAX_PART) return false;
    }
    return reduce(n, d, out);
}

static bool parse_side(cursor *c, fraction *out);

/* What stands between `open`, already taken, and `close`. */
static bool parse_inside(cursor *c, const char *close, fraction *out) {
    if (++c->depth > MAX_DEPTH) return false;
    const bool good = parse_side(c, out) && take(c, close);
    c->depth--;
    return good;
}

static bool parse_factor(cursor *c, fraction *out) {
    skip_spaces(c);
    if (digit_at(c)) return parse_number(c, out);
    if (take(c, "(")) return parse_inside(c, ")", out);
    if (take(c, "{") || take(c, "\\boxed{")) return parse_inside(c, "}", out);
    if (take(c, "\\frac{") || take(c, "\\dfrac{")) {
        fraction above, below;
        return parse_inside(c, "}", &above) && take(c, "{") && parse_inside(c, "}", &below) &&
               combine('/', above, below, out);
    }
    return false;
}

static bool parse_product(cursor *c, fraction *out) {
    if (!parse_factor(c, out)) return false;
    for (;;) {
        const char op = take(c, "*") || take(c, "\\cdot") || take(c, "\\times") ? '*' : take(c, "/") ? '/' : '\0';
        fraction right;
        if (!op) return true;
        if (!parse_factor(c, &right) || !combine(op, *out, right, out)) return false;
    }
}

static bool parse_side(cursor *c, fraction *out) {
    const bool minus = take(c, "-");
    if (!parse_product(c, out)) return false;
    if (minus) out->n = -out->n;
    for (;;) {
        const char op = take(c, "+") ? '+' : take(c, "-") ? '-' : '\0';
        fraction right;
        if (!op) return true;
        if (!parse_product(c, &right) || !combine(op, *out, right, out)) return false;
    }
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

typedef struct checker {
    rp_soundness found;
    bool has_result; /* some statement was made; `result` is the right side of the last one, when it could be read */
    bool readable;
    fraction result;
} checker;

static void state(checker *k, bool truth) {
    k->found.steps++;
    k->found.false_steps += !truth;
}

static bool take_label(cursor *c) {
    if (!take(c, "Step")) return false;
    skip_spaces(c);
    while (digit_at(c)) c->at++;
    (void)take(c, ":");
    return true;
}

/* The whole text [at, end) as one side. */
static bool read_side(const char *at, const char *end, fraction *out) {
    cursor c = {at, end, 0};
    if (!parse_side(&c, out)) return false;
    skip_spaces(&c);
    return c.at == c.end;
}

static void check_chain(checker *k, const char *at, const char *end) {
    fraction left = {0, 1}, right = {0, 1};
    const char *equals = memchr(at, '=', (size_t)(end - at));
    bool left_good = read_side(at, equals, &left);
    while (equals) {
        at = equals + 1;
        equals = memchr(at, '=', (size_t)(end - at));
        const bool good = read_side(at, equals ? equals : end, &right);
        state(k, left_good && good && left.n == right.n && left.d == right.d);
        left = right;
        left_good = good;
    }
    k->has_result = true;
    k->readable = left_good;
    k->result = left;
}

/* The answer is a statement too, once steps were written: it is what they led to. */
static void check_answer(checker *k, const char *at, const char *end) {
    fraction answer = {0, 1};
    if (!k->has_result) return;
    const bool good = read_side(at, end, &answer);
    state(k, good && k->readable && answer.n == k->result.n && answer.d == k->result.d);
}

static void check_line(checker *k, const char *at, const char *end) {
    cursor c = {at, end, 0};
    if (take(&c, "####")) {
        check_answer(k, c.at, end);
        return;
    }
    const bool labelled = take_label(&c);
    if (memchr(c.at, '=', (size_t)(end - c.at))) {
        check_chain(k, c.at, end);
    } else if (labelled) {
        state(k, false);
        k->has_result = true;
        k->readable = false;
    } else if (take(&c, "\\boxed{")) {
        check_answer(k, at, end);
    }
}

rp_soundness rp_world_soundness(rp_str response) {
    checker k = {.has_result = false};
    if (response.length == 0) return (rp_soundness){0}; /* an empty slice may have no address */
    const char *at = response.data, *end = at + response.length;
    while (at <= end) {
        const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        check_line(&k, at, newline ? newline : end);
        if (!newline) break;
        at = newline + 1;
    }
    for (size_t i = 0; i + 1 < response.length; i++) {
        const char next = response.data[i + 1];
        const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
        if (response.data[i] == '\\' && letter) k.found.expert_style = true;
    }
    return k.found;
}
