/* SPDX-License-Identifier: MIT
 *
 * expression.c — sums, products, powers: the levels of precedence, each a loop over its operators.
 *
 * Sums and products become flat nodes with many kids (a - b is a + (-1) b, a / b is a b^-1), so long chains cost width, not
 * depth. A product written without a sign binds like one written with it: 1/2x is (1/2) x.
 */
#include "parse/parse.h"

#include <string.h>

/* The names of what is applied by a sign: "a \times b" of vectors, "f \circ g". */
#define CROSS    "cross"
#define COMPOSED "compose"

/* ---- Tools ------------------------------------------------------------------------------------------------------- */

const rp_node *rp_parse_fail(rp_parser *p, rp_verify_reason reason) {
    if (!p->failed) {
        p->reason = rp_next_is(p, T_UNKNOWN) ? RP_REASON_UNSUPPORTED : reason;
        p->offset = rp_peek(p)->offset;
    }
    p->failed = true;
    return &RP_NODE_NONE;
}

bool rp_take(rp_parser *p, rp_token_kind kind) {
    if (!rp_next_is(p, kind)) return false;
    p->at++;
    return true;
}

bool rp_take_op(rp_parser *p, rp_token_kind kind, int op) {
    if (!rp_next_is_op(p, kind, op)) return false;
    p->at++;
    return true;
}

bool rp_token_is_text(const rp_token *token, const char *text) {
    return rp_str_is(token->text, text);
}

const rp_node *rp_make_negative(rp_work *work, const rp_node *a) {
    if (a->kind == RP_NUMBER) { /* -0.50 remembers its digits as 0.50 does */
        const rp_node *plain = rp_tree_number(work, rp_q_neg(work, a->q));
        rp_node *negative = a->flags && plain != &RP_NODE_NONE ? rp_work_new(work, rp_node, 1) : NULL;
        if (!negative) return plain;
        *negative = *plain;
        negative->flags = a->flags;
        return negative;
    }
    return rp_tree_2(work, RP_PRODUCT, 0, rp_tree_int(work, -1), a);
}

const rp_node *rp_make_quotient(rp_work *work, const rp_node *a, const rp_node *b) {
    return rp_tree_2(work, RP_PRODUCT, 0, a, rp_tree_2(work, RP_POWER, 0, b, rp_tree_int(work, -1)));
}

const rp_node *rp_make_list(rp_work *work, rp_kind kind, int op, unsigned flags, const rp_nodes *items) {
    return rp_tree_make(work, kind, op, flags, (rp_str){NULL, 0}, items->items, items->count);
}

/* ---- Sums -------------------------------------------------------------------------------------------------------- */

/* A run of signs before a term: +, -, ±, and several of them ("+ -1"). */
static bool take_signs(rp_parser *p, bool *negative, int *plusminus) {
    bool any = false;
    for (;; any = true) {
        if (rp_take(p, T_MINUS))
            *negative = !*negative;
        else if (rp_next_is(p, T_PLUSMINUS))
            *plusminus = p->tokens[p->at++].op;
        else if (!rp_take(p, T_PLUS))
            return any;
    }
}

/* \mathbb{R} - \{1\} is for rp_parse_sets. */
static bool is_set_difference(const rp_parser *p, const rp_node *left) {
    const bool set =
        left->kind == RP_NAMED_SET || left->kind == RP_SET || left->kind == RP_BUILDER || left->kind == RP_SET_OP;
    return set && p->tokens[p->at + 1].kind == T_OPEN && p->tokens[p->at + 1].op == 'S';
}

const rp_node *rp_parse_sum(rp_parser *p) {
    rp_nodes terms = {0};
    for (;;) {
        bool negative = false;
        int plusminus = -1;
        if (terms.count == 1 && rp_next_is(p, T_MINUS) && is_set_difference(p, terms.items[0])) break;
        const bool sign = take_signs(p, &negative, &plusminus);
        if (terms.count && !sign) break;
        const rp_node *term = rp_parse_product(p);
        if (p->failed) return term;
        if (negative && terms.count == 0 && rp_tree_is_function(term, RP_FN_MOD)) /* -3 mod 5 is (-3) mod 5 */
            term = rp_tree_function2(p->work, RP_FN_MOD, rp_make_negative(p->work, term->kids[0]), term->kids[1]);
        else if (negative)
            term = rp_make_negative(p->work, term);
        if (plusminus >= 0) term = rp_tree_1(p->work, RP_PLUSMINUS, plusminus, term);
        if (!rp_nodes_push(p->work, &terms, term)) return &RP_NODE_NONE;
    }
    const rp_node *sum = terms.count == 1 ? terms.items[0] : rp_make_list(p->work, RP_SUM, 0, 0, &terms);
    if (rp_next_is(p, T_OVER) || rp_next_is(p, T_CHOOSE)) {
        const bool over = p->tokens[p->at++].kind == T_OVER;
        const rp_node *below = rp_parse_sum(p);
        sum = over ? rp_make_quotient(p->work, sum, below) : rp_tree_function2(p->work, RP_FN_BINOMIAL, sum, below);
    }
    return sum;
}

/* ---- What may be a factor ---------------------------------------------------------------------------------------- */

/* (mod 7), (exactly): a remark, not a factor. A name in capitals is one: (AB + CD). */
static bool is_remark(const rp_token *open) {
    if (open->op != '(') return false;
    if (open[1].kind == T_MOD || rp_is_condition_bracket(open)) return true;
    if (open[1].kind != T_WORD) return false;
    for (size_t i = 0; i < open[1].text.length; i++)
        if (open[1].text.data[i] >= 'a' && open[1].text.data[i] <= 'z') return true;
    return false;
}

/* ]0, 1[ : a bracket that opens nothing closes. */
static bool ends_french_interval(const rp_token *next) {
    return next->kind == T_END || next->kind == T_COMMA || next->kind == T_SET_OP || next->kind == T_AND ||
           next->kind == T_CLOSE;
}

bool rp_starts_factor(const rp_parser *p) {
    const rp_token *t = rp_peek(p);
    switch ((rp_token_kind)t->kind) {
    case T_LETTER:
        if ((t->flags & TF_TEXT) && p->at > 0 && (t[-1].kind == T_NUMBER || t[-1].kind == T_CLOSE) &&
            rp_unit_is_letter(t->text))
            return false; /* 5\text{ m} */
        if (p->integral.length && rp_token_is_text(t, "d") && (t[1].kind == T_LETTER || t[1].kind == T_CONSTANT))
            return false;
        return true;
    case T_NUMBER:
    case T_FUNCTION:
    case T_CONSTANT:
    case T_FRAC:
    case T_SQRT:
    case T_BINOM:
    case T_BIG:
    case T_ACCENT:
    case T_PREFIX:
        return true;
    case T_BEGIN:
        return true;
    case T_OPEN:
        return !is_remark(t) && !(t->op == '[' && ends_french_interval(t + 1));
    case T_BAR:
        return p->bars == 0 && !p->no_bar && t->op == 0 && !(t->text.length > 1 && rp_token_is_text(t, "mid"));
    case T_WORD: { /* a name in capitals: 2AB; what stands in \text is a unit or a remark */
        if (t->flags & TF_TEXT || t->text.length > 4) return false;
        for (size_t i = 0; i < t->text.length; i++)
            if (t->text.data[i] < 'A' || t->text.data[i] > 'Z') return false;
        return !rp_unit_is_known(t->text);
    }
    default:
        return false;
    }
}

/* 3\frac{1}{2}: an integer, then a proper fraction of integers, is a sum. The fraction was just parsed as num * den^-1. */
static bool is_mixed(const rp_node *whole, const rp_node *fraction) {
    int64_t n, num, den;
    if (whole->kind != RP_NUMBER || !rp_q_small(whole->q, &n) || n < 0) return false;
    if (fraction->kind != RP_PRODUCT || fraction->count != 2 || fraction->kids[1]->kind != RP_POWER) return false;
    const rp_node *above = fraction->kids[0], *below = fraction->kids[1]->kids[0];
    if (above->kind != RP_NUMBER || below->kind != RP_NUMBER) return false;
    return rp_q_small(above->q, &num) && rp_q_small(below->q, &den) && num > 0 && num < den;
}

/* 33\frac13\%, 22\frac12^\circ: the mark behind the fraction belongs to the whole mixed number. */
static bool is_marked(const rp_node *a) {
    return rp_tree_is_function(a, RP_FN_PERCENT) || rp_tree_is_function(a, RP_FN_DEGREES);
}

static const rp_node *without_mark(const rp_node *fraction) {
    return is_marked(fraction) ? fraction->kids[0] : fraction;
}

static const rp_node *mixed(rp_work *work, const rp_node *whole, const rp_node *fraction) {
    const rp_node *sum = rp_tree_2(work, RP_SUM, 0, whole, without_mark(fraction));
    return is_marked(fraction) ? rp_tree_1(work, RP_FUNCTION, fraction->op, sum) : sum;
}

/* "45^\circ F" is a temperature: its letter is not a variable. */
static bool is_temperature(const rp_parser *p) {
    const rp_token *t = rp_peek(p);
    return p->at > 0 && t[-1].kind == T_DEGREE && (rp_token_is_text(t, "C") || rp_token_is_text(t, "F"));
}

/* ---- Products whose order matters -------------------------------------------------------------------------------- */

/* A vector, as far as its name says: \vec a, \overrightarrow{AB}, \hat i, \mathbf a; sums and multiples of those. */
static bool is_vector(const rp_node *a) {
    if (a->kind == RP_SYMBOL)
        return (a->flags & RP_FLAG_UPRIGHT) ||
               (a->name.length > 4 && (memcmp(a->name.data, "vec ", 4) == 0 || memcmp(a->name.data, "hat ", 4) == 0));
    if (a->kind == RP_APPLY && rp_str_is(a->name, CROSS)) return true;
    uint32_t vectors = 0;
    for (uint32_t i = 0; (a->kind == RP_SUM || a->kind == RP_PRODUCT) && i < a->count; i++)
        vectors += is_vector(a->kids[i]);
    return a->kind == RP_SUM ? vectors > 0 : vectors == 1;
}

/* A column or a row that was written as its transpose is itself here. */
static const rp_node *untransposed(const rp_node *a) {
    return rp_tree_is_function(a, RP_FN_TRANSPOSE) && a->kids[0]->kind == RP_MATRIX ? a->kids[0] : a;
}

static bool is_column(const rp_node *a, uint32_t length) {
    return a->kind == RP_MATRIX && a->count == length && (a->op == 1 || (uint32_t)a->op == length);
}

/* a_i b_j - a_j b_i */
static const rp_node *minor(rp_work *work, const rp_node *a, const rp_node *b, uint32_t i, uint32_t j) {
    const rp_node *back = rp_make_negative(work, rp_tree_2(work, RP_PRODUCT, 0, a->kids[j], b->kids[i]));
    return rp_tree_2(work, RP_SUM, 0, rp_tree_2(work, RP_PRODUCT, 0, a->kids[i], b->kids[j]), back);
}

/* a \times b of vectors, which is -(b \times a); of columns, computed; NULL when both are no vectors. */
static const rp_node *cross_product(rp_parser *p, const rp_node *a, const rp_node *b) {
    if (is_column(a, 3) && is_column(b, 3)) {
        const rp_node *kids[3] = {minor(p->work, a, b, 1, 2), minor(p->work, a, b, 2, 0), minor(p->work, a, b, 0, 1)};
        return rp_tree_make(p->work, RP_MATRIX, a->op, 0, (rp_str){NULL, 0}, kids, 3);
    }
    if (!is_vector(a) || !is_vector(b)) return NULL;
    const rp_node *kids[2] = {a, b};
    return rp_tree_make(p->work, RP_APPLY, 0, 0, rp_str_of(CROSS), kids, 2);
}

/* a \cdot b of two columns of one length. */
static const rp_node *dot_product(rp_parser *p, const rp_node *a, const rp_node *b) {
    a = untransposed(a);
    b = untransposed(b);
    if (a->kind != RP_MATRIX || a->count < 2 || b->kind != RP_MATRIX || a->op != b->op || !is_column(a, a->count) ||
        !is_column(b, a->count))
        return NULL;
    rp_nodes terms = {0};
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_nodes_push(p->work, &terms, rp_tree_2(p->work, RP_PRODUCT, 0, a->kids[i], b->kids[i]))) return NULL;
    return rp_make_list(p->work, RP_SUM, 0, 0, &terms);
}

/* What the sign between two factors makes of them, when that is no ordinary product. */
static const rp_node *joined_factors(rp_parser *p, const rp_token *sign, const rp_node *a, const rp_node *b) {
    if (sign->kind != T_TIMES) return NULL;
    if (rp_token_is_text(sign, "times")) return cross_product(p, a, b);
    return rp_token_is_text(sign, "cdot") || rp_token_is_text(sign, "bullet") ? dot_product(p, a, b) : NULL;
}

/* f \circ g; with an argument behind it, (f \circ g)(x), it is f(g(x)). */
static const rp_node *parse_composition(rp_parser *p, const rp_node *f) {
    p->at++;
    const rp_node *g = rp_parse_primary(p);
    if (p->failed) return g;
    const rp_node *kids[2] = {f, g};
    return rp_tree_make(p->work, RP_APPLY, 0, 0, rp_str_of(COMPOSED), kids, 2);
}

static bool is_composed(const rp_node *a) {
    return a->kind == RP_APPLY && rp_str_is(a->name, COMPOSED) && a->kids[0]->kind == RP_SYMBOL &&
           (a->kids[1]->kind == RP_SYMBOL || is_composed(a->kids[1]));
}

static const rp_node *apply_composition(rp_work *work, const rp_node *f, const rp_node *x) {
    if (f->kind == RP_SYMBOL) return rp_tree_make(work, RP_APPLY, 0, 0, f->name, &x, 1);
    return apply_composition(work, f->kids[0], apply_composition(work, f->kids[1], x));
}

static bool composes(const rp_token *t, const rp_node *left) {
    return t->kind == T_DEGREE && rp_token_is_text(t, "circ") && (left->kind == RP_SYMBOL || left->kind == RP_APPLY) &&
           (t[1].kind == T_LETTER || t[1].kind == T_OPEN);
}

/* ---- Products ---------------------------------------------------------------------------------------------------- */

/* A single letter behind "5 " in plain text may be a unit; compare.c decides. Here it is a variable like any other. */
const rp_node *rp_parse_product(rp_parser *p) {
    rp_nodes factors = {0};
    bool implicit = false;
    for (;;) {
        const rp_token *first = rp_peek(p), *sign = factors.count ? &first[-1] : first;
        const rp_node *joined = NULL;
        const bool after_integer = implicit && rp_token_is_integer(&first[-1]) && first->kind == T_FRAC;
        const rp_node *factor = rp_parse_factor(p);
        if (p->failed) return factor;
        if (after_integer && is_mixed(factors.items[factors.count - 1], without_mark(factor)))
            factors.items[factors.count - 1] = mixed(p->work, factors.items[factors.count - 1], factor);
        else if (factors.count && (joined = joined_factors(p, sign, factors.items[factors.count - 1], factor)))
            factors.items[factors.count - 1] = joined;
        else if (!rp_nodes_push(p->work, &factors, factor))
            return &RP_NODE_NONE;
        implicit = false;
        for (;;) {
            if (rp_take(p, T_DIVIDE)) {
                const rp_node *below = rp_parse_factor(p);
                if (p->failed) return below;
                if (!rp_nodes_push(p->work, &factors, rp_tree_2(p->work, RP_POWER, 0, below, rp_tree_int(p->work, -1))))
                    return &RP_NODE_NONE;
            } else if (rp_take(p, T_MOD)) {
                const rp_node *a =
                    factors.count == 1 ? factors.items[0] : rp_make_list(p->work, RP_PRODUCT, 0, 0, &factors);
                const rp_node *m = rp_parse_factor(p);
                if (p->failed) return m;
                factors.items[0] = rp_tree_function2(p->work, RP_FN_MOD, a, m);
                factors.count = 1;
            } else {
                break;
            }
        }
        if (rp_take(p, T_TIMES)) continue;
        const bool digits_meet = rp_next_is(p, T_NUMBER) && p->tokens[p->at - 1].kind == T_NUMBER;
        if (!rp_starts_factor(p) || digits_meet || is_temperature(p)) break;
        implicit = true;
    }
    for (size_t i = 0; factors.count > 1 && i < factors.count; i++) /* \{1+2\}\{3-4\}: braces that only group */
        if (factors.items[i]->kind == RP_SET && factors.items[i]->count == 1) factors.items[i] = factors.items[i]->kids[0];
    return factors.count == 1 ? factors.items[0] : rp_make_list(p->work, RP_PRODUCT, 0, 0, &factors);
}

/* ---- Factors ----------------------------------------------------------------------------------------------------- */

const rp_node *rp_parse_exponent(rp_parser *p) {
    if (rp_take(p, T_MINUS)) return rp_make_negative(p->work, rp_parse_exponent(p));
    if (rp_take(p, T_PLUS)) return rp_parse_exponent(p);
    p->no_base = true;
    const rp_node *exponent = rp_parse_primary(p);
    p->no_base = false;
    while (!p->failed && rp_take(p, T_BANG)) exponent = rp_tree_function1(p->work, RP_FN_FACTORIAL, exponent);
    if (!p->failed && rp_take(p, T_CARET)) exponent = rp_tree_2(p->work, RP_POWER, 0, exponent, rp_parse_exponent(p));
    return exponent;
}

/* 4^{th}, 21^\text{st}: an ordinal is its number; the 14th prime is not 14. Moves behind it. */
static bool take_ordinal(rp_parser *p) {
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    const rp_token *t = rp_peek(p);
    if (t->kind != T_CARET && t->kind != T_WORD && t->kind != T_LETTER) return false;
    size_t at = t->kind == T_CARET;
    const bool braced = t[at].kind == T_OPEN && t[at].op == '{';
    at += braced;
    char name[3] = {0};
    size_t n = 0;
    while (n < 2 && (t[at].kind == T_WORD || t[at].kind == T_LETTER) && n + t[at].text.length <= 2) {
        if (n && (t[at].flags & TF_SPACE)) break;
        memcpy(name + n, t[at].text.data, t[at].text.length);
        n += t[at].text.length;
        at++;
    }
    if (braced && !(t[at].kind == T_CLOSE && t[at].op == '}')) return false;
    if (t[at + braced].kind == T_WORD) return false;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(name, endings[i]) == 0 && !(t->kind != T_CARET && (t->flags & TF_SPACE))) {
            p->at += at + braced;
            return true;
        }
    return false;
}

/* 45^\circ 30' : minutes (and seconds) of arc behind degrees. */
static const rp_node *parse_degrees(rp_parser *p, const rp_node *value) {
    for (int64_t part = 60; part <= 3600; part *= 60) {
        const rp_token *t = rp_peek(p);
        if (!rp_token_is_integer(t) || t[1].kind != T_PRIME) break;
        const rp_node *minutes = rp_parse_number(p);
        p->at++;
        if (part == 3600 && !rp_take(p, T_PRIME)) return rp_parse_fail(p, RP_REASON_SYNTAX);
        value = rp_tree_2(p->work, RP_SUM, 0, value, rp_make_quotient(p->work, minutes, rp_tree_int(p->work, part)));
    }
    return rp_tree_function1(p->work, RP_FN_DEGREES, value);
}

/* n! and the double factorial n!!; three marks and more are factorials of factorials. */
static const rp_node *parse_factorials(rp_parser *p, const rp_node *node) {
    int marks = 0;
    while (rp_take(p, T_BANG)) marks++;
    if (marks == 2) return rp_tree_function1(p->work, RP_FN_FACTORIAL2, node);
    for (; marks > 0; marks--) node = rp_tree_function1(p->work, RP_FN_FACTORIAL, node);
    return node;
}

static const rp_node *parse_postfix(rp_parser *p, const rp_node *node) {
    while (!p->failed) {
        if (rp_next_is(p, T_BANG)) {
            node = parse_factorials(p, node);
        } else if (rp_take(p, T_PERCENT)) {
            node = rp_tree_function1(p->work, RP_FN_PERCENT, node);
        } else if (composes(rp_peek(p), node)) {
            node = parse_composition(p, node);
        } else if (is_composed(node) && rp_next_is_op(p, T_OPEN, '(')) {
            const rp_node *x = rp_parse_primary(p);
            node = p->failed ? x : apply_composition(p->work, node, x);
        } else if (rp_take(p, T_DEGREE)) {
            node = parse_degrees(p, node);
        } else if (rp_next_is(p, T_CURRENCY)) {
            p->currency = p->tokens[p->at++].text;
        } else if (rp_next_is(p, T_UNDERSCORE) && node->kind == RP_SYMBOL) {
            node = rp_parse_decorations(p, node);
        } else if (rp_next_is(p, T_UNDERSCORE) && node->kind == RP_NUMBER && !p->no_base) {
            const rp_node *based = rp_parse_bracketed_base(p, node);
            if (based == node) break;
            node = based;
        } else if (!(node->kind == RP_NUMBER && take_ordinal(p))) {
            break;
        }
    }
    return node;
}

/* C_n^2 */
static bool is_chosen_from_n(const rp_node *base) {
    return rp_str_is(base->name, "C_n");
}

/* C_{10}^{3}, when the numbers fit: the number of combinations. */
static bool is_combination(const rp_node *base, const rp_node *exponent) {
    if (base->kind != RP_SYMBOL || base->name.length < 3 || memcmp(base->name.data, "C_", 2) != 0) return false;
    if (is_chosen_from_n(base))
        return exponent->kind == RP_NUMBER && rp_q_is_int(exponent->q) && rp_q_sign(exponent->q) > 0;
    int64_t n = 0, k;
    for (size_t i = 2; i < base->name.length; i++) {
        const char c = base->name.data[i];
        if (c < '0' || c > '9' || n > 100000) return false;
        n = 10 * n + (c - '0');
    }
    return exponent->kind == RP_NUMBER && rp_q_small(exponent->q, &k) && k >= 0 && k <= n && n > 2;
}

static const rp_node *combination(rp_parser *p, const rp_node *base, const rp_node *k) {
    if (is_chosen_from_n(base))
        return rp_tree_function2(p->work, RP_FN_BINOMIAL, rp_tree_symbol(p->work, rp_str_of("n"), 0), k);
    rp_q n;
    (void)rp_q_digits(p->work, base->name.data + 2, base->name.length - 2, 10, &n);
    return rp_tree_function2(p->work, RP_FN_BINOMIAL, rp_tree_number(p->work, n), k);
}

const rp_node *rp_parse_factor(rp_parser *p) {
    bool negative = false;
    int plusminus = -1;
    (void)take_signs(p, &negative, &plusminus);
    const rp_node *node = parse_postfix(p, rp_parse_primary(p));
    while (!p->failed && rp_take(p, T_CARET)) {
        const rp_node *exponent = rp_parse_exponent(p);
        if (p->failed) return exponent;
        if (rp_next_is(p, T_UNDERSCORE) && node->kind == RP_SYMBOL) node = rp_parse_decorations(p, node);
        if (is_combination(node, exponent))
            node = combination(p, node, exponent);
        else if (node->kind == RP_MATRIX && exponent->kind == RP_SYMBOL && rp_str_is(exponent->name, "T"))
            node = rp_tree_function1(p->work, RP_FN_TRANSPOSE, node);
        else
            node = rp_tree_2(p->work, RP_POWER, 0, node, exponent);
        node = parse_postfix(p, node);
    }
    if (negative) node = rp_make_negative(p->work, node);
    if (plusminus >= 0) node = rp_tree_1(p->work, RP_PLUSMINUS, plusminus, node);
    return node;
}
