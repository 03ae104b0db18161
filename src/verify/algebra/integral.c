/* SPDX-License-Identifier: MIT
 *
 * integral.c — definite integrals by a table of antiderivatives.
 *
 * Linear in the integrand; polynomials of degree up to eight in any factored form; then one row per standard function of a
 * linear argument. The value is F(b) - F(a). What is not in the table stays an integral and equals only itself.
 */
#include "algebra/simplify.h"

enum { DEGREE_MAX = RP_DEGREE_MAX };

static const rp_node *whole(rp_work *work, int64_t n) {
    return rp_tree_int(work, n);
}

static const rp_node *at(rp_work *work, const rp_node *f, const rp_node *x, const rp_node *value) {
    return rp_simplify(work, rp_tree_substitute(work, f, x->name, value));
}

/* ---- The table: ∫ f(a x + b) dx = F(a x + b) / a ----------------------------------------------------------------- */

/* u^q, u^-1, e^u */
static const rp_node *of_power(rp_work *work, const rp_node *f, const rp_node *x) {
    const rp_node *base = f->kids[0], *exponent = f->kids[1];
    if (!rp_tree_has_symbol(base, x->name)) { /* c^u = c^u / (a ln c) */
        const rp_node *a = rp_slope_in(work, exponent, x);
        return a ? rp_expr_divide(work, f, rp_expr_multiply(work, a, rp_expr_logarithm(work, base))) : NULL;
    }
    const rp_node *a = rp_slope_in(work, base, x);
    if (exponent->kind != RP_NUMBER) return NULL;
    if (!a) { /* 1/(c^2 + x^2) = arctan(x/c)/c, for c^2 a positive number */
        const rp_node *c2 = at(work, base, x, whole(work, 0));
        const rp_node *x2 = rp_expr_power(work, x, whole(work, 2));
        if (!rp_tree_is_int(exponent, -1) || !rp_is_positive_constant(c2) ||
            !rp_tree_equal(base, rp_expr_add(work, c2, x2)))
            return NULL;
        const rp_node *c = rp_expr_square_root(work, c2), *ratio = rp_expr_divide(work, x, c);
        return rp_expr_divide(work, rp_elementary(work, RP_FN_ATAN, ratio), c);
    }
    if (rp_tree_is_int(exponent, -1)) {
        const rp_node *size = rp_expr_function(work, RP_FN_ABS, &base, 1);
        return rp_expr_divide(work, rp_expr_logarithm(work, size), a);
    }
    const rp_node *next = rp_expr_add(work, exponent, whole(work, 1));
    return rp_expr_divide(work, rp_expr_power(work, base, next), rp_expr_multiply(work, a, next));
}

static const rp_node *of_function(rp_work *work, const rp_node *f, const rp_node *x) {
    const rp_node *u = f->kids[0], *a = f->count == 1 ? rp_slope_in(work, u, x) : NULL;
    if (!a) return NULL;
    switch (f->op) {
    case RP_FN_SIN:
        return rp_expr_divide(work, rp_expr_scale(work, rp_q_int(-1), rp_elementary(work, RP_FN_COS, u)), a);
    case RP_FN_COS:
        return rp_expr_divide(work, rp_elementary(work, RP_FN_SIN, u), a);
    case RP_FN_LN:
        return rp_expr_divide(work, rp_expr_subtract(work, rp_expr_multiply(work, u, f), u), a);
    default:
        return NULL;
    }
}

/* ∫_0^y P as Σ_j c_j y^(j+1)/(j+1); the c_j from the values at 0 … degree by Newton's divided differences. */
static const rp_node *of_polynomial(rp_work *work, const rp_node *f, const rp_node *x, int64_t degree) {
    const rp_node *value[DEGREE_MAX + 1], *c[DEGREE_MAX + 2];
    for (int64_t i = 0; i <= degree; i++) value[i] = at(work, f, x, whole(work, i));
    for (int64_t j = 1; j <= degree; j++)
        for (int64_t i = degree; i >= j; i--)
            value[i] = rp_expr_scale(work, rp_q_ratio(work, 1, j), rp_expr_subtract(work, value[i], value[i - 1]));
    for (int64_t i = 0; i <= degree + 1; i++) c[i] = whole(work, 0);
    for (int64_t j = degree; j >= 0; j--) { /* Horner in the factors (x - j): c := c (x - j) + value[j] */
        for (int64_t i = degree + 1; i > 0; i--)
            c[i] = rp_expr_subtract(work, c[i - 1], rp_expr_scale(work, rp_q_int(j), c[i]));
        c[0] = rp_expr_subtract(work, value[j], rp_expr_scale(work, rp_q_int(j), c[0]));
    }
    rp_nodes terms = {0};
    for (int64_t i = 0; i <= degree; i++) {
        const rp_node *power = rp_expr_power(work, x, whole(work, i + 1));
        const rp_node *term = rp_expr_scale(work, rp_q_ratio(work, 1, i + 1), rp_expr_multiply(work, c[i], power));
        if (!rp_nodes_push(work, &terms, term)) return NULL;
    }
    return rp_expr_sum(work, terms.items, terms.count);
}

static const rp_node *antiderivative(rp_work *work, const rp_node *f, const rp_node *x);

static const rp_node *of_sum(rp_work *work, const rp_node *f, const rp_node *x) {
    rp_nodes terms = {0};
    for (uint32_t i = 0; i < f->count; i++) {
        const rp_node *term = antiderivative(work, f->kids[i], x);
        if (!term || !rp_nodes_push(work, &terms, term)) return NULL;
    }
    return rp_expr_sum(work, terms.items, terms.count);
}

/* Constants come out; what is left must be one factor, or powers of x that belong together. */
static const rp_node *of_product(rp_work *work, const rp_node *f, const rp_node *x) {
    rp_nodes outside = {0}, inside = {0};
    for (uint32_t i = 0; i < f->count; i++)
        if (!rp_nodes_push(work, rp_tree_has_symbol(f->kids[i], x->name) ? &inside : &outside, f->kids[i])) return NULL;
    if (inside.count != 1) return NULL;
    const rp_node *rest = antiderivative(work, inside.items[0], x);
    return rest ? rp_expr_multiply(work, rp_expr_product(work, outside.items, outside.count), rest) : NULL;
}

static const rp_node *antiderivative(rp_work *work, const rp_node *f, const rp_node *x) {
    if (!rp_work_pay(work, 1)) return NULL;
    const int64_t degree = rp_degree_in(f, x);
    if (degree >= 0) return of_polynomial(work, f, x, degree);
    switch ((rp_kind)f->kind) {
    case RP_SUM:
        return of_sum(work, f, x);
    case RP_PRODUCT:
        return of_product(work, f, x);
    case RP_POWER:
        return of_power(work, f, x);
    case RP_FUNCTION:
        return of_function(work, f, x);
    default:
        return NULL;
    }
}

/* A pole between the bounds would make F(b) - F(a) meaningless: only integrands without inverse powers, or with bounds of
 * one sign around the pole at 0, are trusted. */
static bool has_inverse(const rp_node *f, const rp_node *x) {
    if (f->kind == RP_POWER && f->kids[1]->kind == RP_NUMBER && rp_q_sign(f->kids[1]->q) < 0 &&
        rp_tree_has_symbol(f->kids[0], x->name))
        return true;
    for (uint32_t i = 0; i < f->count; i++)
        if (has_inverse(f->kids[i], x)) return true;
    return false;
}

static bool same_side(const rp_node *from, const rp_node *to) {
    return rp_is_positive_constant(from) && (rp_is_positive_constant(to) || rp_tree_is_constant(to, RP_INFINITY));
}

static bool is_plain_inverse(const rp_node *f, const rp_node *x) { /* only poles at 0, or none on the real line */
    if (f->kind == RP_POWER && f->kids[1]->kind == RP_NUMBER && rp_q_sign(f->kids[1]->q) < 0 &&
        rp_tree_has_symbol(f->kids[0], x->name))
        return rp_tree_equal(f->kids[0], x);
    for (uint32_t i = 0; i < f->count; i++)
        if (!is_plain_inverse(f->kids[i], x)) return false;
    return true;
}

static bool is_arctangent_form(const rp_node *f) {
    return f->kind == RP_POWER && f->kids[0]->kind == RP_SUM && rp_tree_is_int(f->kids[1], -1);
}

const rp_node *rp_integral(rp_work *work, const rp_node *x, const rp_node *from, const rp_node *to, const rp_node *f) {
    const bool definite = from->kind != RP_UNDEFINED && to->kind != RP_UNDEFINED;
    const bool safe = !has_inverse(f, x) || (same_side(from, to) && is_plain_inverse(f, x)) || is_arctangent_form(f);
    const rp_node *primitive = definite && safe ? antiderivative(work, f, x) : NULL;
    if (primitive && is_arctangent_form(f) && !rp_tree_contains(primitive, RP_FUNCTION, RP_FN_ATAN)) primitive = NULL;
    if (primitive) {
        const rp_node *value = rp_expr_subtract(work, at(work, primitive, x, to), at(work, primitive, x, from));
        if (value->kind != RP_UNDEFINED) return value;
    }
    const rp_node *kids[4] = {x, from, to, f};
    return rp_tree_make(work, RP_BIG, RP_BIG_INTEGRAL, 0, (rp_str){NULL, 0}, kids, 4);
}
