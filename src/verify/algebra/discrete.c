/* SPDX-License-Identifier: MIT
 *
 * discrete.c — functions with cases: |x|, floor, factorials, binomials, gcd, max, remainders. And the dispatch over all
 * named functions.
 *
 * Each is computed when its arguments are known numbers; a constant like |1 - sqrt 2| asks for its sign, which an enclosure
 * decides; what depends on a variable stays as it is and is compared at sample points.
 */
#include "algebra/enclose.h"
#include "algebra/simplify.h"

#include <stdlib.h>

static const rp_node *keep(rp_work *work, rp_function fn, const rp_node *const *arguments, size_t count) {
    return rp_tree_make(work, RP_FUNCTION, (int)fn, 0, (rp_str){NULL, 0}, arguments, count);
}

static bool small_natural(const rp_node *a, int64_t *n) {
    return a->kind == RP_NUMBER && rp_q_small(a->q, n) && *n >= 0;
}

/* ---- Complex parts ----------------------------------------------------------------------------------------------- */

/* Replaces i by -i; right for everything built from real atoms by + * and integer powers, and for e^x. */
static const rp_node *conjugate(rp_work *work, const rp_node *x) {
    if (rp_tree_is_constant(x, RP_I)) return rp_expr_scale(work, rp_q_int(-1), x);
    if (x->count == 0 || !rp_tree_contains(x, RP_CONSTANT, RP_I)) return x;
    const rp_node **kids = rp_work_new(work, const rp_node *, x->count);
    if (!kids) return &RP_NODE_NONE;
    for (uint32_t i = 0; i < x->count; i++) kids[i] = conjugate(work, x->kids[i]);
    return rp_simplify(work, rp_tree_with_kids(work, x, kids));
}

static const rp_node *complex_part(rp_work *work, rp_function fn, const rp_node *x) {
    if (!rp_is_constant(x)) return rp_tree_function1(work, fn, x);
    const rp_node *bar = conjugate(work, x);
    if (fn == RP_FN_CONJUGATE) return bar;
    if (fn == RP_FN_RE) return rp_expr_scale(work, rp_q_ratio(work, 1, 2), rp_expr_add(work, x, bar));
    const rp_node *twice_i = rp_expr_scale(work, rp_q_int(2), rp_tree_constant(work, RP_I));
    return rp_expr_divide(work, rp_expr_subtract(work, x, bar), twice_i);
}

/* ---- Sizes and steps --------------------------------------------------------------------------------------------- */

static const rp_node *absolute(rp_work *work, const rp_node *x) {
    int sign;
    if (x->kind == RP_NUMBER) return rp_q_sign(x->q) < 0 ? rp_tree_number(work, rp_q_neg(work, x->q)) : x;
    if (rp_tree_is_constant(x, RP_INFINITY)) return x;
    if (rp_is_constant(x) && rp_constant_sign(work, x, &sign)) return rp_expr_scale(work, rp_q_int(sign < 0 ? -1 : 1), x);
    if (rp_is_constant(x) && rp_tree_contains(x, RP_CONSTANT, RP_I)) { /* |a + bi|^2 = a^2 + b^2 */
        const rp_node *two = rp_tree_int(work, 2);
        const rp_node *re = rp_expr_power(work, complex_part(work, RP_FN_RE, x), two),
                      *im = rp_expr_power(work, complex_part(work, RP_FN_IM, x), two);
        return rp_expr_square_root(work, rp_expr_add(work, re, im));
    }
    const rp_node *rest;
    const rp_q q = rp_split_coefficient(work, x, &rest);
    const rp_node *size = rp_tree_number(work, rp_q_sign(q) < 0 ? rp_q_neg(work, q) : q);
    return rp_expr_multiply(work, size, rp_tree_function1(work, RP_FN_ABS, rest));
}

static const rp_node *floor_of(rp_work *work, const rp_node *x) {
    rp_q value;
    if (x->kind == RP_NUMBER) return rp_tree_number(work, rp_q_floor(work, x->q));
    if (rp_is_constant(x) && rp_constant_floor(work, x, &value)) return rp_tree_number(work, value);
    return rp_tree_function1(work, RP_FN_FLOOR, x);
}

/* ceil x = -floor(-x) */
static const rp_node *ceiling(rp_work *work, const rp_node *x) {
    return rp_expr_scale(work, rp_q_int(-1), floor_of(work, rp_expr_scale(work, rp_q_int(-1), x)));
}

static const rp_node *sign_of(rp_work *work, const rp_node *x) {
    int sign;
    if (rp_is_constant(x) && rp_constant_sign(work, x, &sign)) return rp_tree_int(work, sign);
    return rp_tree_function1(work, RP_FN_SIGN, x);
}

/* a mod m = a - m floor(a/m); towers of powers by modular exponentiation. */
static bool tree_mod(rp_work *work, const rp_node *a, rp_q m, rp_q *out) {
    rp_q value = rp_q_int(a->kind == RP_PRODUCT), part;
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        value = a->q;
        break;
    case RP_POWER:
        if (a->kids[1]->kind != RP_NUMBER || !tree_mod(work, a->kids[0], m, &part)) return false;
        value = rp_q_powmod(work, part, a->kids[1]->q, m);
        break;
    default:
        for (uint32_t i = 0; i < a->count; i++) {
            if (!tree_mod(work, a->kids[i], m, &part)) return false;
            value = a->kind == RP_SUM ? rp_q_add(work, value, part) : rp_q_mul(work, value, part);
        }
    }
    *out = rp_q_sub(work, value, rp_q_mul(work, m, rp_q_floor(work, rp_q_div(work, value, m))));
    return !work->failed;
}

static const rp_node *modulo(rp_work *work, const rp_node *a, const rp_node *m) {
    rp_q value;
    if (rp_tree_is_int(m, 0)) return &RP_NODE_NONE;
    if (m->kind == RP_NUMBER && rp_q_is_int(m->q) && rp_q_sign(m->q) > 0 && rp_is_integer_tree(a) &&
        tree_mod(work, a, m->q, &value))
        return rp_tree_number(work, value);
    if (rp_is_constant(a) && rp_is_constant(m)) {
        const rp_node *times = floor_of(work, rp_expr_divide(work, a, m));
        if (times->kind == RP_NUMBER) return rp_expr_subtract(work, a, rp_expr_multiply(work, m, times));
    }
    return rp_tree_function2(work, RP_FN_MOD, a, m);
}

/* ---- Counting ---------------------------------------------------------------------------------------------------- */

static const rp_node *factorial(rp_work *work, const rp_node *x, int64_t step) {
    int64_t n;
    if (small_natural(x, &n)) return rp_tree_number(work, rp_q_factorial(work, n, step));
    if (x->kind == RP_NUMBER && rp_q_is_int(x->q)) {
        if (rp_q_sign(x->q) < 0) return &RP_NODE_NONE;
        rp_work_fail(work, RP_REASON_BITS);
    }
    return rp_tree_function1(work, step == 1 ? RP_FN_FACTORIAL : RP_FN_FACTORIAL2, x);
}

/* n (n-1) … (n-k+1), for small k also of a symbol: C(n, 2) = n(n-1)/2 is a polynomial. */
static const rp_node *falling(rp_work *work, const rp_node *n, int64_t k) {
    rp_nodes factors = {0};
    for (int64_t i = 0; i < k; i++)
        if (!rp_nodes_push(work, &factors, rp_expr_subtract(work, n, rp_tree_int(work, i)))) return &RP_NODE_NONE;
    return rp_expr_product(work, factors.items, factors.count);
}

static const rp_node *binomial(rp_work *work, const rp_node *n, const rp_node *k) {
    enum { EXPANDED = 8 };
    int64_t small;
    const bool natural = small_natural(k, &small);
    if (natural && n->kind == RP_NUMBER && rp_q_is_int(n->q)) return rp_tree_number(work, rp_q_binomial(work, n->q, small));
    if (natural && small <= EXPANDED && small > 0) {
        const rp_q inverse = rp_q_div(work, rp_q_int(1), rp_q_factorial(work, small, 1));
        return rp_expr_scale(work, inverse, falling(work, n, small));
    }
    if (natural && small == 0) return rp_tree_int(work, 1);
    return rp_tree_function2(work, RP_FN_BINOMIAL, n, k);
}

static const rp_node *permutations(rp_work *work, const rp_node *n, const rp_node *k) {
    int64_t small;
    if (small_natural(k, &small) && small <= 64) return falling(work, n, small);
    return rp_tree_function2(work, RP_FN_PERMUTATIONS, n, k);
}

/* ---- gcd, lcm, max, min ------------------------------------------------------------------------------------------ */

static const rp_node *divisor(rp_work *work, rp_function fn, const rp_node *const *a, size_t count) {
    rp_q value = rp_q_int(0);
    for (size_t i = 0; i < count; i++) {
        if (a[i]->kind != RP_NUMBER) return keep(work, fn, a, count);
        const rp_q g = rp_q_gcd(work, value, a[i]->q);
        if (fn == RP_FN_GCD)
            value = g;
        else if (i == 0)
            value = a[i]->q;
        else
            value = rp_q_is(g, 0) ? g : rp_q_div(work, rp_q_mul(work, value, a[i]->q), g);
    }
    if (rp_q_sign(value) < 0) value = rp_q_neg(work, value);
    return rp_tree_number(work, value);
}

static int by_hash(const void *a, const void *b) {
    const rp_node *x = *(const rp_node *const *)a, *y = *(const rp_node *const *)b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Constants are compared; what remains is sorted and without doubles. */
static const rp_node *extremum(rp_work *work, rp_function fn, const rp_node *const *a, size_t count) {
    rp_nodes kept = {0};
    const rp_node *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!rp_is_constant(a[i])) {
            bool seen = false;
            for (size_t j = 0; j < kept.count; j++) seen = seen || rp_tree_equal(kept.items[j], a[i]);
            if (!seen && !rp_nodes_push(work, &kept, a[i])) return &RP_NODE_NONE;
            continue;
        }
        int sign = 0;
        if (best && !rp_constant_sign(work, rp_expr_subtract(work, a[i], best), &sign)) return keep(work, fn, a, count);
        if (!best || (fn == RP_FN_MAX ? sign > 0 : sign < 0)) best = a[i];
    }
    if (best && !rp_nodes_push(work, &kept, best)) return &RP_NODE_NONE;
    if (kept.count == 1) return kept.items[0];
    qsort(kept.items, kept.count, sizeof *kept.items, by_hash);
    return keep(work, fn, kept.items, kept.count);
}

/* ---- Dispatch ---------------------------------------------------------------------------------------------------- */

/* ln a / ln b, a number when the one is a multiple of the other: log_4 8 = (3 ln 2)/(2 ln 2). */
static const rp_node *logarithm(rp_work *work, const rp_node *const *a, size_t count) {
    if (count == 1 && !work->decimal_log) return rp_expr_logarithm(work, a[0]);
    const rp_node *above = rp_expr_logarithm(work, a[0]),
                  *below = rp_expr_logarithm(work, count == 2 ? a[1] : rp_tree_int(work, 10)), *rest;
    if (above->kind == RP_SUM && below->kind == RP_SUM) {
        const rp_q p = rp_split_coefficient(work, above->kids[0], &rest),
                   q = rp_split_coefficient(work, below->kids[0], &rest);
        const rp_q ratio = rp_q_div(work, p, q);
        if (rp_tree_equal(above, rp_expr_scale(work, ratio, below))) return rp_tree_number(work, ratio);
    }
    return rp_expr_divide(work, above, below);
}

/* The real root of a negative number when the degree is odd, as school and most answers mean it. */
static const rp_node *root(rp_work *work, const rp_node *x, const rp_node *degree) {
    return rp_expr_power(work, x, rp_expr_power(work, degree, rp_tree_int(work, -1)));
}

const rp_node *rp_expr_function(rp_work *work, rp_function fn, const rp_node *const *a, size_t count) {
    if (!rp_work_pay(work, 1)) return &RP_NODE_NONE;
    for (size_t i = 0; i < count; i++)
        if (a[i]->kind == RP_UNDEFINED) return &RP_NODE_NONE;
    const rp_node *simple = count == 1 ? rp_elementary(work, fn, a[0]) : NULL;
    if (simple) return simple;
    switch (fn) {
    case RP_FN_LOG:
        return logarithm(work, a, count);
    case RP_FN_ROOT:
        return root(work, a[0], a[1]);
    case RP_FN_ABS:
        return a[0]->kind == RP_MATRIX ? rp_determinant(work, a[0]) : absolute(work, a[0]);
    case RP_FN_FLOOR:
        return floor_of(work, a[0]);
    case RP_FN_CEIL:
        return ceiling(work, a[0]);
    case RP_FN_SIGN:
        return sign_of(work, a[0]);
    case RP_FN_MOD:
        return modulo(work, a[0], a[1]);
    case RP_FN_FACTORIAL:
        return factorial(work, a[0], 1);
    case RP_FN_FACTORIAL2:
        return factorial(work, a[0], 2);
    case RP_FN_BINOMIAL:
        return binomial(work, a[0], a[1]);
    case RP_FN_PERMUTATIONS:
        return permutations(work, a[0], a[1]);
    case RP_FN_GCD:
    case RP_FN_LCM:
        return divisor(work, fn, a, count);
    case RP_FN_MAX:
    case RP_FN_MIN:
        return extremum(work, fn, a, count);
    case RP_FN_RE:
    case RP_FN_IM:
    case RP_FN_CONJUGATE:
        return complex_part(work, fn, a[0]);
    case RP_FN_DET:
        return rp_determinant(work, a[0]);
    case RP_FN_TRANSPOSE:
        return rp_transpose(work, a[0]);
    default:
        return keep(work, fn, a, count);
    }
}
