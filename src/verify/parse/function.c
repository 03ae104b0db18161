/* SPDX-License-Identifier: MIT
 *
 * function.c — named functions with their arguments, and sums, products, integrals, limits with their bounds.
 *
 * "\sin 2x" takes the product behind it, "\sin(x) y" only the bracket, "\sin x \cos y" stops before the next function, and
 * "\cos 2\pi/7" takes the denominator too, since nobody means (cos 2π)/7.
 */
#include "parse/parse.h"

#include <string.h>

/* ---- Arguments --------------------------------------------------------------------------------------------------- */

static bool is_trigonometric(rp_function fn) {
    return fn >= RP_FN_SIN && fn <= RP_FN_CSCH;
}

static rp_function inverse_of(rp_function fn) {
    switch (fn) {
    case RP_FN_SIN:
        return RP_FN_ASIN;
    case RP_FN_COS:
        return RP_FN_ACOS;
    case RP_FN_TAN:
        return RP_FN_ATAN;
    case RP_FN_COT:
        return RP_FN_ACOT;
    case RP_FN_SEC:
        return RP_FN_ASEC;
    case RP_FN_CSC:
        return RP_FN_ACSC;
    case RP_FN_SINH:
        return RP_FN_ASINH;
    case RP_FN_COSH:
        return RP_FN_ACOSH;
    case RP_FN_TANH:
        return RP_FN_ATANH;
    default:
        return RP_FN_NONE;
    }
}

/* The product behind a function's name, up to a sign, another function or an explicit operator. */
static const rp_node *parse_open_argument(rp_parser *p) {
    rp_nodes factors = {0};
    const bool negative = rp_take(p, T_MINUS);
    bool has_pi = false;
    do {
        has_pi = has_pi || rp_next_is_op(p, T_CONSTANT, RP_PI) || rp_next_is(p, T_FRAC);
        const rp_node *factor = rp_parse_factor(p);
        if (p->failed || !rp_nodes_push(p->work, &factors, factor)) return &RP_NODE_NONE;
        const bool digits_meet = rp_next_is(p, T_NUMBER) && p->tokens[p->at - 1].kind == T_NUMBER;
        if (digits_meet || rp_next_is(p, T_FUNCTION) || rp_next_is(p, T_BIG)) break;
    } while (rp_starts_factor(p));
    if (has_pi && rp_next_is(p, T_DIVIDE) && rp_token_is_integer(&p->tokens[p->at + 1])) {
        p->at++;
        const rp_node *below = rp_parse_factor(p);
        if (!rp_nodes_push(p->work, &factors, rp_tree_2(p->work, RP_POWER, 0, below, rp_tree_int(p->work, -1))))
            return &RP_NODE_NONE;
    }
    const rp_node *argument = factors.count == 1 ? factors.items[0] : rp_make_list(p->work, RP_PRODUCT, 0, 0, &factors);
    return negative ? rp_make_negative(p->work, argument) : argument;
}

/* "(a, b, …)" in any bracket; a comma never groups digits here. */
static bool parse_closed_arguments(rp_parser *p, rp_nodes *arguments) {
    static const char closers[][2] = {{'(', ')'}, {'[', ']'}, {'{', '}'}, {'S', 'S'}};
    const int open = p->tokens[p->at++].op;
    const bool group_commas = p->group_commas;
    const int bars = p->bars;
    p->group_commas = false;
    p->bars = 0;
    do {
        const rp_node *argument = rp_parse_sum(p);
        if (p->failed || !rp_nodes_push(p->work, arguments, argument)) return false;
    } while (rp_take(p, T_COMMA) || rp_take(p, T_SEMICOLON));
    p->group_commas = group_commas;
    p->bars = bars;
    for (size_t i = 0; i < 4; i++)
        if (closers[i][0] == open && rp_take_op(p, T_CLOSE, closers[i][1])) return true;
    (void)rp_parse_fail(p, RP_REASON_SYNTAX);
    return false;
}

static bool opens_arguments(const rp_parser *p) {
    const rp_token *t = rp_peek(p);
    return t->kind == T_OPEN && (t->op == '(' || t->op == '[' || t->op == '{' || t->op == 'S');
}

/* gcd, lcm, max, min take any number of arguments, the others one. */
static bool is_variadic(rp_function fn) {
    return fn == RP_FN_GCD || fn == RP_FN_LCM || fn == RP_FN_MAX || fn == RP_FN_MIN;
}

static bool parse_arguments(rp_parser *p, rp_function fn, rp_nodes *arguments) {
    if (opens_arguments(p)) {
        if (!parse_closed_arguments(p, arguments)) return false;
        if (arguments->count > 1 && !is_variadic(fn)) return rp_parse_fail(p, RP_REASON_SYNTAX), false;
        return true;
    }
    const rp_node *argument = is_variadic(fn) ? rp_parse_fail(p, RP_REASON_SYNTAX) : parse_open_argument(p);
    return !p->failed && rp_nodes_push(p->work, arguments, argument);
}

const rp_node *rp_parse_function(rp_parser *p) {
    const rp_function fn = (rp_function)p->tokens[p->at++].op;
    const rp_node *base = NULL, *exponent = NULL;
    for (;;) {
        if (!base && fn == RP_FN_LOG && rp_take(p, T_UNDERSCORE))
            base = rp_parse_argument(p);
        else if (!exponent && rp_take(p, T_CARET))
            exponent = rp_parse_exponent(p);
        else
            break;
        if (p->failed) return &RP_NODE_NONE;
    }
    rp_nodes arguments = {0};
    if (!parse_arguments(p, fn, &arguments)) return &RP_NODE_NONE;
    if (base && !rp_nodes_push(p->work, &arguments, base)) return &RP_NODE_NONE;
    rp_function actual = fn;
    if (exponent && is_trigonometric(fn) && rp_tree_is_int(exponent, -1) && inverse_of(fn) != RP_FN_NONE) {
        actual = inverse_of(fn);
        exponent = NULL;
    }
    const rp_node *call = rp_make_list(p->work, RP_FUNCTION, (int)actual, 0, &arguments);
    return exponent ? rp_tree_2(p->work, RP_POWER, 0, call, exponent) : call;
}

/* ---- Sums, products, integrals, limits --------------------------------------------------------------------------- */

/* The point of a limit may carry a direction: x \to 3^{+}. It parses as a power with nothing to raise to, so it goes first.
 */
static const rp_node *parse_limit(rp_parser *p) {
    if (!rp_take(p, T_UNDERSCORE) || !rp_take_op(p, T_OPEN, '{')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    const rp_node *variable = rp_parse_primary(p);
    if (p->failed || !rp_take_op(p, T_RELATION, RP_REL_TO)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    const bool negative = rp_take(p, T_MINUS);
    (void)rp_take(p, T_PLUS);
    const rp_node *point = rp_parse_primary(p);
    if (!p->failed && rp_next_is(p, T_DIVIDE)) {
        p->at++;
        point = rp_make_quotient(p->work, point, rp_parse_primary(p));
    }
    if (p->failed) return point;
    if (negative) point = rp_make_negative(p->work, point);
    if (rp_take(p, T_CARET)) { /* the direction is dropped: a two-sided reading of a one-sided limit */
        const bool braced = rp_take_op(p, T_OPEN, '{');
        if (!rp_take(p, T_PLUS) && !rp_take(p, T_MINUS)) return rp_parse_fail(p, RP_REASON_SYNTAX);
        if (braced && !rp_take_op(p, T_CLOSE, '}')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    }
    if (!rp_take_op(p, T_CLOSE, '}')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    const rp_node *kids[3] = {variable, point, rp_parse_product(p)};
    if (p->failed) return &RP_NODE_NONE;
    return rp_tree_make(p->work, RP_BIG, RP_BIG_LIMIT, 0, (rp_str){NULL, 0}, kids, 3);
}

/* \int \frac{dx}{x}: the differential stands in a numerator, where it was parsed as the product d x. NULL when it does not.
 */
static const rp_node *without_differential(rp_work *work, const rp_node *body, const rp_node **variable) {
    if (body->kind != RP_PRODUCT) return NULL;
    rp_nodes rest = {0};
    bool found = false;
    for (uint32_t i = 0; i < body->count; i++) {
        const rp_node *kid = body->kids[i], *next = i + 1 < body->count ? body->kids[i + 1] : NULL;
        if (!found && kid->kind == RP_SYMBOL && rp_str_is(kid->name, "d") && next && next->kind == RP_SYMBOL) {
            *variable = next;
            found = true;
            i++;
            continue;
        }
        const rp_node *inner = !found && kid->kind == RP_PRODUCT ? without_differential(work, kid, variable) : NULL;
        found = found || inner;
        if (!rp_nodes_push(work, &rest, inner ? inner : kid)) return NULL;
    }
    if (!found) return NULL;
    if (rest.count == 0) return rp_tree_int(work, 1);
    return rest.count == 1 ? rest.items[0] : rp_make_list(work, RP_PRODUCT, 0, 0, &rest);
}

/* \int … dx: the integrand runs to the differential, which names the variable. */
/* \int {x dx}: brackets around integrand and differential; returns the closing one, 0 when there are none. */
static int wraps_integrand(const rp_parser *p) {
    int depth = 0;
    for (const rp_token *t = rp_peek(p); t->kind != T_END; t++) {
        if (t->kind == T_OPEN) depth++;
        if (t->kind == T_CLOSE && --depth == 0)
            return t[-1].kind == T_LETTER && t[-2].kind == T_LETTER && rp_token_is_text(&t[-2], "d") ? t->op : 0;
        if (depth == 0) return 0;
    }
    return 0;
}

static const rp_node *parse_integral(rp_parser *p, rp_bounds *b) {
    const rp_str outer = p->integral;
    p->integral = rp_str_of("d");
    const rp_node *body;
    const int wrapped = wraps_integrand(p);
    if (wrapped) p->at++;
    const rp_token *t = rp_peek(p);
    if (t->kind == T_LETTER && rp_token_is_text(t, "d"))
        body = rp_tree_int(p->work, 1); /* \int dx */
    else
        body = rp_parse_sum(p);
    p->integral = outer;
    if (p->failed) return body;
    if (!rp_next_is(p, T_LETTER) || !rp_token_is_text(rp_peek(p), "d")) {
        const rp_node *rest = without_differential(p->work, body, &b->variable);
        return rest ? rest : rp_parse_fail(p, RP_REASON_SYNTAX);
    }
    p->at++;
    b->variable = rp_parse_primary(p);
    if (wrapped && !p->failed && !rp_take_op(p, T_CLOSE, wrapped)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return body;
}

const rp_node *rp_parse_big(rp_parser *p) {
    const rp_big_op op = (rp_big_op)p->tokens[p->at++].op;
    if (op == RP_BIG_LIMIT) return parse_limit(p);
    rp_bounds b = {.variable = NULL};
    if (!rp_parse_bounds(p, &b, op != RP_BIG_INTEGRAL)) return &RP_NODE_NONE;
    const rp_node *body = op == RP_BIG_INTEGRAL ? parse_integral(p, &b) : rp_parse_product(p);
    if (p->failed) return body;
    if (!b.variable || b.variable->kind != RP_SYMBOL) return rp_parse_fail(p, RP_REASON_UNSUPPORTED);
    body = rp_parse_indexed(p, body, b.variable);
    if (b.values) return rp_sum_over_values(p, &b, body, op == RP_BIG_PRODUCT);
    const rp_node *none = &RP_NODE_NONE;
    const rp_node *kids[4] = {b.variable, b.lower ? b.lower : none, b.upper ? b.upper : none, body};
    return rp_tree_make(p->work, RP_BIG, (int)op, 0, (rp_str){NULL, 0}, kids, 4);
}
