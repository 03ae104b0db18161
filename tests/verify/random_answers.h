/* SPDX-License-Identifier: MIT
 *
 * random_answers.h — random expressions with known truth, for the property tests.
 *
 * An expression is a small tree. Rewriting it by laws of arithmetic gives another tree of the same value; writing a tree twice,
 * with other brackets, fractions, signs and spaces each time, gives two texts of the same value. What divides or stands under
 * a root is positive by construction (no differences inside), so every expression has a value and every law holds.
 */
#ifndef REPHRASE_TESTS_RANDOM_ANSWERS_H
#define REPHRASE_TESTS_RANDOM_ANSWERS_H

#include "check.h"

typedef enum law_op {
    OP_INT,
    OP_DECIMAL,
    OP_SYMBOL,
    OP_PI,
    OP_ROOT,
    OP_SUM,
    OP_DIFFERENCE,
    OP_PRODUCT,
    OP_QUOTIENT,
    OP_POWER
} law_op;

typedef struct law {
    law_op op;
    long n; /* an integer, hundredths of a decimal, an exponent, the letter of a symbol */
    const struct law *a, *b;
} law;

typedef struct dice {
    rp_arena *arena;
    uint64_t state;
    bool symbols; /* may variables occur? */
} dice;

/* 0 … count-1 (splitmix64) */
static inline unsigned roll(dice *d, unsigned count) {
    uint64_t z = d->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (unsigned)((z ^ (z >> 31)) % count);
}

static inline const law *make_law(dice *d, law_op op, long n, const law *a, const law *b) {
    law *node = rp_alloc(d->arena, law, 1);
    assert_non_null(node);
    *node = (law){op, n, a, b};
    return node;
}

static inline const law *make_int(dice *d, long n) {
    return make_law(d, OP_INT, n, NULL, NULL);
}

static inline const law *random_leaf(dice *d) {
    switch (roll(d, d->symbols ? 7 : 5)) {
    case 0:
    case 1:
        return make_int(d, 1 + (long)roll(d, 50));
    case 2:
        return make_law(d, OP_DECIMAL, 1 + (long)roll(d, 999), NULL, NULL);
    case 3:
        return make_law(d, OP_ROOT, 0, make_int(d, 2 + (long)roll(d, 30)), NULL);
    case 4:
        return make_law(d, OP_PI, 0, NULL, NULL);
    default:
        return make_law(d, OP_SYMBOL, "abxy"[roll(d, 4)], NULL, NULL);
    }
}

/* `positive`: the value must be positive when the symbols are. */
static inline const law *random_law(dice *d, int depth, bool positive) {
    static const law_op ops[] = {OP_SUM, OP_PRODUCT, OP_QUOTIENT,   OP_POWER,
                                 OP_SUM, OP_PRODUCT, OP_DIFFERENCE, OP_DIFFERENCE};
    if (depth == 0 || roll(d, 6) == 0) return random_leaf(d);
    const law_op op = ops[roll(d, positive ? 6 : 8)];
    const law *a = random_law(d, depth - 1, positive);
    if (op == OP_POWER) return make_law(d, op, 2 + (long)roll(d, 2), a, NULL);
    return make_law(d, op, 0, a, random_law(d, depth - 1, positive || op == OP_QUOTIENT));
}

/* Another tree of the same value. */
static inline const law *rewritten(dice *d, const law *x) {
    const law *a = x->a ? rewritten(d, x->a) : NULL, *b = x->b ? rewritten(d, x->b) : NULL;
    const law *k = make_int(d, 2 + (long)roll(d, 9));
    switch (x->op) {
    case OP_INT: /* n = (n + k) - k */
        return roll(d, 8) ? x : make_law(d, OP_DIFFERENCE, 0, make_int(d, x->n + k->n), k);
    case OP_ROOT: /* √n = √(n k²) / k */
        if (x->a->op == OP_INT && roll(d, 2))
            return make_law(d, OP_QUOTIENT, 0, make_law(d, OP_ROOT, 0, make_int(d, x->a->n * k->n * k->n), NULL), k);
        return make_law(d, OP_ROOT, 0, x->a, NULL);
    case OP_SUM:
        return roll(d, 2) ? make_law(d, OP_SUM, 0, b, a) : make_law(d, OP_SUM, 0, a, b);
    case OP_DIFFERENCE: /* a - b = a + k - (b + k) */
        if (roll(d, 3)) return make_law(d, OP_DIFFERENCE, 0, a, b);
        return make_law(d, OP_DIFFERENCE, 0, make_law(d, OP_SUM, 0, a, k), make_law(d, OP_SUM, 0, b, k));
    case OP_PRODUCT: /* a (c ± e) = a c ± a e */
        if ((b->op == OP_SUM || b->op == OP_DIFFERENCE) && roll(d, 2))
            return make_law(d, b->op, 0, make_law(d, OP_PRODUCT, 0, a, b->a), make_law(d, OP_PRODUCT, 0, a, b->b));
        return roll(d, 2) ? make_law(d, OP_PRODUCT, 0, b, a) : make_law(d, OP_PRODUCT, 0, a, b);
    case OP_QUOTIENT: /* a / b = (a k) / (b k) */
        if (roll(d, 2))
            return make_law(d, OP_QUOTIENT, 0, make_law(d, OP_PRODUCT, 0, a, k), make_law(d, OP_PRODUCT, 0, k, b));
        return make_law(d, OP_QUOTIENT, 0, a, b);
    case OP_POWER:
        if (x->n == 2 && roll(d, 2)) return make_law(d, OP_PRODUCT, 0, a, a);
        return make_law(d, OP_POWER, x->n, a, NULL);
    default:
        return x;
    }
}

/* ---- Writing ------------------------------------------------------------------------------------------------------ */

static inline const char *one_of(dice *d, const char *const *texts, unsigned count) {
    return texts[roll(d, count)];
}
#define ONE_OF(d, ...)                                                                                                     \
    one_of((d), (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static inline const char *space(dice *d) {
    return ONE_OF(d, "", "", "", " ", "\\,", "\\;", "~", "\\ ", "\u2009");
}

static inline void write_law(dice *d, rp_buffer *out, const law *x);

static inline void write_bracketed(dice *d, rp_buffer *out, const law *x) {
    static const char *const pairs[][2] = {{"(", ")"},   {"\\left(", "\\right)"}, {"\\bigl(", "\\bigr)"},
                                           {"{(", ")}"}, {"\\Big(", "\\Big)"},    {"（", "）"}};
    const unsigned i = roll(d, sizeof pairs / sizeof pairs[0]);
    rp_buffer_text(out, pairs[i][0]);
    write_law(d, out, x);
    rp_buffer_text(out, pairs[i][1]);
}

static inline void write_quotient(dice *d, rp_buffer *out, const law *x) {
    const unsigned style = roll(d, 7);
    if (style >= 5) {
        write_bracketed(d, out, x->a);
        rp_buffer_text(out, style == 5 ? "/" : "\\div ");
        write_bracketed(d, out, x->b);
        return;
    }
    rp_buffer_text(out, ONE_OF(d, "\\frac", "\\dfrac", "\\tfrac", "\\cfrac", "\\frac "));
    for (int i = 0; i < 2; i++) {
        rp_buffer_format(out, "{%s", space(d));
        write_law(d, out, i ? x->b : x->a);
        rp_buffer_format(out, "%s}", space(d));
    }
}

static inline void write_root(dice *d, rp_buffer *out, const law *x) {
    const unsigned style = roll(d, 4);
    rp_buffer_text(out, style == 0 ? "\\sqrt{" : style == 1 ? "√(" : style == 2 ? "sqrt(" : "{(");
    write_law(d, out, x->a);
    rp_buffer_text(out, style == 0 ? "}" : style < 3 ? ")" : style == 3 && roll(d, 2) ? ")}^{1/2}" : ")}^{0.5}");
}

static inline void write_law(dice *d, rp_buffer *out, const law *x) {
    switch (x->op) {
    case OP_INT:
        rp_buffer_format(out, "%ld", x->n);
        break;
    case OP_DECIMAL:
        if (roll(d, 3) == 0)
            rp_buffer_format(out, "\\frac{%ld}{100}", x->n);
        else
            rp_buffer_format(out, "%ld.%02ld%s", x->n / 100, x->n % 100, ONE_OF(d, "", "0"));
        break;
    case OP_SYMBOL:
        rp_buffer_format(out, "%c%s", (char)x->n, space(d));
        break;
    case OP_PI:
        rp_buffer_text(out, ONE_OF(d, "\\pi ", "π", "{\\pi}"));
        break;
    case OP_ROOT:
        write_root(d, out, x);
        break;
    case OP_SUM:
    case OP_DIFFERENCE:
        write_bracketed(d, out, x->a);
        rp_buffer_format(out, "%s%s%s", space(d), x->op == OP_SUM ? ONE_OF(d, "+", "＋") : ONE_OF(d, "-", "−", "－"),
                         space(d));
        write_bracketed(d, out, x->b);
        break;
    case OP_PRODUCT:
        write_bracketed(d, out, x->a);
        rp_buffer_format(out, "%s%s%s", space(d), ONE_OF(d, "\\cdot ", "\\times ", "*", "×", "·", ""), space(d));
        write_bracketed(d, out, x->b);
        break;
    case OP_QUOTIENT:
        write_quotient(d, out, x);
        break;
    case OP_POWER:
        write_bracketed(d, out, x->a);
        rp_buffer_format(out, ONE_OF(d, "^%ld", "^{%ld}", "^{ %ld }", "**%ld"), x->n);
        break;
    }
}

/* The text of an expression, written in a way that the dice choose; `tail` is appended as a further term. */
static inline rp_str written(dice *d, const law *x, const char *tail) {
    rp_buffer out = rp_buffer_in(d->arena);
    if (tail[0]) {
        write_bracketed(d, &out, x);
        rp_buffer_text(&out, tail);
    } else {
        static const char *const frames[][2] = {{"", ""},    {"$", "$"},        {"\\(", "\\)"},         {" ", " "},
                                                {"$", "$."}, {"\\boxed{", "}"}, {"\\displaystyle ", ""}};
        const char *const *around = frames[roll(d, 7)];
        rp_buffer_text(&out, around[0]);
        write_law(d, &out, x);
        rp_buffer_text(&out, around[1]);
    }
    assert_false(out.failed);
    return (rp_str){out.data, out.length};
}

#endif
