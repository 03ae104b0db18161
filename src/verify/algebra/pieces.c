/* SPDX-License-Identifier: MIT
 *
 * pieces.c — functions with pieces: |x|, sign, floor and ceiling, max and min, remainders.
 *
 * Of known numbers they are computed, as far as an enclosure, or the zero bound, decides. Of anything else they get a
 * normal form: max(a, b) is (a + b + |a - b|)/2, so only |·|, sign and floor are left; a product's |·| falls into factors;
 * of u and -u one is chosen; floor(n + x) is n + floor(x) for integers n. What then still differs is compared piece by
 * piece (cases.c).
 */
#include "algebra/bound.h"
#include "algebra/enclose.h"
#include "algebra/simplify.h"

#include <stdlib.h>

/* ---- |x| and sign ------------------------------------------------------------------------------------------------ */

/* A sum divided by the greatest common divisor of its coefficients, with a positive lead: *content · result = x. */
static const rp_node *primitive_part(rp_work *work, const rp_node *x, rp_q *content) {
    const rp_node *rest;
    *content = rp_q_int(0);
    for (uint32_t i = 0; i < x->count; i++) {
        const rp_q q = rp_split_coefficient(work, x->kids[i], &rest);
        *content = rp_q_gcd(work, *content, q);
    }
    if (rp_q_is(*content, 0)) *content = rp_q_int(1);
    if (rp_leads_negative(work, x)) *content = rp_q_neg(work, *content);
    return rp_expr_scale(work, rp_q_div(work, rp_q_int(1), *content), x);
}

typedef const rp_node *of_one(rp_work *work, const rp_node *x);

/* f(u v …) = f(u) f(v) … */
static const rp_node *of_factors(rp_work *work, const rp_node *x, of_one *f) {
    rp_nodes factors = {0};
    for (uint32_t i = 0; i < x->count; i++)
        if (!rp_nodes_push(work, &factors, f(work, x->kids[i]))) return &RP_NODE_NONE;
    return rp_expr_product(work, factors.items, factors.count);
}

static const rp_node *size_of(rp_q q, rp_work *work) {
    return rp_tree_number(work, rp_q_sign(q) < 0 ? rp_q_neg(work, q) : q);
}

static const rp_node *complex_absolute(rp_work *work, const rp_node *x) { /* |a + bi|^2 = a^2 + b^2 */
    const rp_node *two = rp_tree_int(work, 2);
    const rp_node *re = rp_expr_power(work, rp_complex_part(work, RP_FN_RE, x), two),
                  *im = rp_expr_power(work, rp_complex_part(work, RP_FN_IM, x), two);
    return rp_expr_square_root(work, rp_expr_add(work, re, im));
}

const rp_node *rp_absolute(rp_work *work, const rp_node *x) {
    int sign;
    rp_q content;
    if (x->kind == RP_NUMBER) return size_of(x->q, work);
    if (rp_tree_is_constant(x, RP_INFINITY) || rp_is_nonnegative(x)) return x;
    if (rp_is_constant(x) && rp_constant_sign(work, x, &sign))
        return rp_expr_scale(work, rp_q_int(sign < 0 ? -1 : sign), x);
    if (rp_is_constant(x) && rp_tree_contains(x, RP_CONSTANT, RP_I)) return complex_absolute(work, x);
    if (x->kind == RP_PRODUCT) return of_factors(work, x, rp_absolute);
    if (x->kind == RP_POWER && x->kids[1]->kind == RP_NUMBER && !rp_tree_is_constant(x->kids[0], RP_E))
        return rp_expr_power(work, rp_absolute(work, x->kids[0]), x->kids[1]);
    if (x->kind != RP_SUM) return rp_tree_function1(work, RP_FN_ABS, x);
    x = primitive_part(work, x, &content);
    return rp_expr_multiply(work, size_of(content, work), rp_tree_function1(work, RP_FN_ABS, x));
}

const rp_node *rp_sign(rp_work *work, const rp_node *x) {
    int sign;
    rp_q content;
    if (rp_is_constant(x) && rp_constant_sign(work, x, &sign)) return rp_tree_int(work, sign);
    if (rp_is_positive(x)) return rp_tree_int(work, 1);
    if (!rp_is_real(x)) return rp_tree_function1(work, RP_FN_SIGN, x);
    if (x->kind == RP_PRODUCT) return of_factors(work, x, rp_sign);
    if (x->kind != RP_SUM) return rp_tree_function1(work, RP_FN_SIGN, x);
    x = primitive_part(work, x, &content);
    return rp_expr_scale(work, rp_q_int(rp_q_sign(content)), rp_tree_function1(work, RP_FN_SIGN, x));
}

/* ---- Floor ------------------------------------------------------------------------------------------------------- */

/* An enclosure that holds an integer decides nothing. Then x is that integer only if the zero bound proves it. */
static bool constant_floor(rp_work *work, const rp_node *x, rp_q *value) {
    int bits;
    if (rp_constant_floor(work, x, value)) return true;
    const rp_node *half = rp_tree_ratio(work, 1, 2);
    if (work->failed || !rp_constant_floor(work, rp_expr_add(work, x, half), value)) return false;
    const rp_node *off = rp_expr_subtract(work, x, rp_tree_number(work, *value));
    if (off->kind == RP_NUMBER) return rp_q_is(off->q, 0);
    return rp_algebraic_zero(work, off, &bits) == RP_ZERO_PROVED;
}

/* floor(Σ q t + c): for an integer-valued t the whole part of q comes out, and so does that of c. */
static bool take_integers_out(rp_work *work, const rp_node *x, rp_nodes *outside, rp_nodes *inside) {
    const rp_node *const one[1] = {x};
    const rp_node *const *terms = x->kind == RP_SUM ? x->kids : one;
    const size_t count = x->kind == RP_SUM ? x->count : 1;
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest;
        const rp_q q = rp_split_coefficient(work, terms[i], &rest);
        if (rest && !rp_is_integer_valued(rest)) {
            if (!rp_nodes_push(work, inside, terms[i])) return false;
            continue;
        }
        const rp_q whole = rp_q_floor(work, q), part = rp_q_sub(work, q, whole);
        const rp_node *unit = rest ? rest : rp_tree_int(work, 1);
        if (!rp_nodes_push(work, outside, rp_expr_scale(work, whole, unit))) return false;
        if (!rp_q_is(part, 0) && !rp_nodes_push(work, inside, rp_expr_scale(work, part, unit))) return false;
    }
    return true;
}

const rp_node *rp_floor(rp_work *work, const rp_node *x) {
    rp_q value;
    if (x->kind == RP_NUMBER) return rp_tree_number(work, rp_q_floor(work, x->q));
    if (rp_is_constant(x) && constant_floor(work, x, &value)) return rp_tree_number(work, value);
    if (rp_is_constant(x)) return rp_tree_function1(work, RP_FN_FLOOR, x);
    rp_nodes outside = {0}, inside = {0};
    if (!take_integers_out(work, rp_expand(work, x), &outside, &inside)) return &RP_NODE_NONE;
    const rp_node *rest = rp_expr_sum(work, inside.items, inside.count);
    const rp_node *floor = rest->kind == RP_NUMBER ? rp_tree_number(work, rp_q_floor(work, rest->q))
                                                   : rp_tree_function1(work, RP_FN_FLOOR, rest);
    if (!rp_nodes_push(work, &outside, floor)) return &RP_NODE_NONE;
    return rp_expr_sum(work, outside.items, outside.count);
}

/* ceil x = -floor(-x) */
const rp_node *rp_ceiling(rp_work *work, const rp_node *x) {
    return rp_expr_scale(work, rp_q_int(-1), rp_floor(work, rp_expr_scale(work, rp_q_int(-1), x)));
}

/* ---- Remainders -------------------------------------------------------------------------------------------------- */

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

const rp_node *rp_modulo(rp_work *work, const rp_node *a, const rp_node *m) {
    rp_q value;
    if (rp_tree_is_int(m, 0)) return &RP_NODE_NONE;
    if (m->kind == RP_NUMBER && rp_q_is_int(m->q) && rp_q_sign(m->q) > 0 && rp_is_integer_tree(a) &&
        tree_mod(work, a, m->q, &value))
        return rp_tree_number(work, value);
    const bool constants = rp_is_constant(a) && rp_is_constant(m);
    if (!constants && (m->kind != RP_NUMBER || !rp_is_real(a))) return rp_tree_function2(work, RP_FN_MOD, a, m);
    const rp_node *times = rp_floor(work, rp_expr_divide(work, a, m));
    if (constants && times->kind != RP_NUMBER) return rp_tree_function2(work, RP_FN_MOD, a, m);
    return rp_expr_subtract(work, a, rp_expr_multiply(work, m, times));
}

/* ---- Maximum and minimum ----------------------------------------------------------------------------------------- */

static int by_hash(const void *a, const void *b) {
    const rp_node *x = *(const rp_node *const *)a, *y = *(const rp_node *const *)b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static const rp_node *keep(rp_work *work, rp_function fn, rp_nodes *list) {
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_hash);
    return rp_tree_make(work, RP_FUNCTION, (int)fn, 0, (rp_str){NULL, 0}, list->items, list->count);
}

/* max(a, b) = (a + b + |a - b|)/2, min with a minus */
static const rp_node *of_two(rp_work *work, rp_function fn, const rp_node *a, const rp_node *b) {
    const rp_node *gap = rp_absolute(work, rp_expr_subtract(work, a, b));
    const rp_node *sum = rp_expr_add(work, a, b);
    const rp_node *twice = fn == RP_FN_MAX ? rp_expr_add(work, sum, gap) : rp_expr_subtract(work, sum, gap);
    return rp_expr_scale(work, rp_q_ratio(work, 1, 2), twice);
}

/* Arguments that differ by a known constant are compared; *kept holds what remains, without doubles. */
static bool drop_dominated(rp_work *work, rp_function fn, const rp_node *a, rp_nodes *kept) {
    for (size_t i = 0; i < kept->count; i++) {
        int sign = 0;
        const rp_node *gap = rp_expr_subtract(work, a, kept->items[i]);
        if (!rp_is_constant(gap) || !rp_constant_sign(work, gap, &sign)) continue;
        if (fn == RP_FN_MAX ? sign > 0 : sign < 0) kept->items[i] = a;
        return true;
    }
    return rp_nodes_push(work, kept, a);
}

const rp_node *rp_extremum(rp_work *work, rp_function fn, const rp_node *const *a, size_t count) {
    enum { FOLDED = 4 };
    rp_nodes kept = {0};
    bool real = true;
    for (size_t i = 0; i < count; i++) {
        real = real && rp_is_real(a[i]);
        if (!drop_dominated(work, fn, a[i], &kept)) return &RP_NODE_NONE;
    }
    if (kept.count == 1) return kept.items[0];
    if (!real || kept.count > FOLDED) return keep(work, fn, &kept);
    qsort(kept.items, kept.count, sizeof *kept.items, by_hash);
    const rp_node *best = kept.items[0];
    for (size_t i = 1; i < kept.count; i++) best = of_two(work, fn, best, kept.items[i]);
    return best;
}
