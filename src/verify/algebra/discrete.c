/* SPDX-License-Identifier: MIT
 *
 * discrete.c — the dispatch over all named functions, and those that are short: complex parts, gcd and lcm, log to a base.
 *
 * pieces.c has the functions with pieces, counting.c the factorials, elementary.c the functions of calculus.
 */
#include "algebra/simplify.h"

#include <stdlib.h>

static const rp_node *keep(rp_work *work, rp_function fn, const rp_node *const *arguments, size_t count) {
    return rp_tree_make(work, RP_FUNCTION, (int)fn, 0, (rp_str){NULL, 0}, arguments, count);
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

const rp_node *rp_complex_part(rp_work *work, rp_function fn, const rp_node *x) {
    if (!rp_is_constant(x)) return rp_tree_function1(work, fn, x);
    const rp_node *bar = conjugate(work, x);
    if (fn == RP_FN_CONJUGATE) return bar;
    if (fn == RP_FN_RE) return rp_expr_scale(work, rp_q_ratio(work, 1, 2), rp_expr_add(work, x, bar));
    const rp_node *twice_i = rp_expr_scale(work, rp_q_int(2), rp_tree_constant(work, RP_I));
    return rp_expr_divide(work, rp_expr_subtract(work, x, bar), twice_i);
}

/* ---- gcd, lcm ---------------------------------------------------------------------------------------------------- */

static int by_hash(const void *a, const void *b) {
    const rp_node *x = *(const rp_node *const *)a, *y = *(const rp_node *const *)b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Sorted, each argument once; gcd(a, a) is a. */
static const rp_node *symbolic_divisor(rp_work *work, rp_function fn, const rp_node *const *a, size_t count) {
    rp_nodes kept = {0};
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        for (size_t j = 0; j < kept.count; j++) seen = seen || rp_tree_equal(kept.items[j], a[i]);
        if (!seen && !rp_nodes_push(work, &kept, a[i])) return &RP_NODE_NONE;
    }
    if (kept.count == 1) return kept.items[0]; /* what is counted is positive */
    qsort(kept.items, kept.count, sizeof *kept.items, by_hash);
    return keep(work, fn, kept.items, kept.count);
}

static const rp_node *divisor(rp_work *work, rp_function fn, const rp_node *const *a, size_t count) {
    rp_q value = rp_q_int(0);
    for (size_t i = 0; i < count; i++) {
        if (a[i]->kind != RP_NUMBER) return symbolic_divisor(work, fn, a, count);
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
        return a[0]->kind == RP_MATRIX ? rp_determinant(work, a[0]) : rp_absolute(work, a[0]);
    case RP_FN_FLOOR:
        return rp_floor(work, a[0]);
    case RP_FN_CEIL:
        return rp_ceiling(work, a[0]);
    case RP_FN_SIGN:
        return rp_sign(work, a[0]);
    case RP_FN_MOD:
        return rp_modulo(work, a[0], a[1]);
    case RP_FN_FACTORIAL:
        return rp_factorial(work, a[0]);
    case RP_FN_FACTORIAL2:
        return rp_double_factorial(work, a[0]);
    case RP_FN_GAMMA:
        return rp_factorial(work, rp_expr_subtract(work, a[0], rp_tree_int(work, 1)));
    case RP_FN_BINOMIAL:
        return rp_binomial(work, a[0], a[1]);
    case RP_FN_PERMUTATIONS:
        return rp_permutations(work, a[0], a[1]);
    case RP_FN_GCD:
    case RP_FN_LCM:
        return divisor(work, fn, a, count);
    case RP_FN_MAX:
    case RP_FN_MIN:
        return rp_extremum(work, fn, a, count);
    case RP_FN_RE:
    case RP_FN_IM:
    case RP_FN_CONJUGATE:
        return rp_complex_part(work, fn, a[0]);
    case RP_FN_DET:
        return rp_determinant(work, a[0]);
    case RP_FN_TRANSPOSE:
        return rp_transpose(work, a[0]);
    default:
        return keep(work, fn, a, count);
    }
}
