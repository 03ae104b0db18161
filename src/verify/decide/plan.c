/* SPDX-License-Identifier: MIT
 *
 * plan.c — what an expression needs before it is evaluated in fields: common denominators, radicals, a bound on its degree.
 */
#include "decide/residue.h"

#include <math.h>

enum { COMMON_MAX = 1 << 20, PRIME_MAX = 1 << 24 };

/* ---- Arguments multiplied out ------------------------------------------------------------------------------------ */

static const rp_node *prepared(rp_work *work, const rp_node *a) {
    if (!rp_work_pay(work, 1) || a->count == 0 || a->kind == RP_BIG) return a;
    const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
    if (!kids) return a;
    bool changed = false;
    for (uint32_t i = 0; i < a->count; i++) {
        const bool argument = a->kind == RP_FUNCTION || (a->kind == RP_POWER && i == 1);
        kids[i] = prepared(work, a->kids[i]);
        if (argument) kids[i] = rp_expand(work, kids[i]);
        changed = changed || kids[i] != a->kids[i];
    }
    return changed && !work->failed ? rp_tree_with_kids(work, a, kids) : a;
}

/* ---- Denominators ------------------------------------------------------------------------------------------------ */

static int64_t lcm(int64_t a, int64_t b) {
    int64_t x = a, y = b;
    while (y) {
        const int64_t rest = x % y;
        x = y;
        y = rest;
    }
    return a / x * b;
}

static void note_denominator(rp_work *work, rp_plan *plan, rp_q q) {
    int64_t den;
    if (!rp_q_small(rp_q_den(work, q), &den) || den > COMMON_MAX) return;
    const int64_t all = lcm(plan->common, den);
    if (all <= COMMON_MAX) plan->common = all;
}

static bool is_prime(int64_t n) {
    for (int64_t d = 2; d * d <= n; d += d > 2 ? 2 : 1)
        if (n % d == 0) return false;
    return n > 1;
}

static void note_radical(rp_work *work, rp_plan *plan, rp_q base, rp_q exponent) {
    int64_t den, b;
    size_t i = 0;
    if (!rp_q_small(rp_q_den(work, exponent), &den)) return;
    while (i < plan->radicals && !rp_q_equal(plan->radical[i].base, base)) i++;
    if (i == RP_RADICALS) return;
    rp_radical *r = &plan->radical[i];
    if (i == plan->radicals) {
        plan->radicals++;
        *r = (rp_radical){.base = base, .degree = 1, .known = rp_q_small(base, &b) && b < PRIME_MAX && is_prime(b)};
    }
    r->degree = den <= COMMON_MAX ? (uint64_t)lcm((int64_t)r->degree, den) : COMMON_MAX + 1;
    uint64_t rest = r->degree;
    while (rest % 2 == 0) rest /= 2;
    while (rest % 3 == 0) rest /= 3;
    while (rest % 5 == 0) rest /= 5;
    r->known = r->known && rest == 1 && r->degree <= 60;
    if (r->degree > COMMON_MAX) plan->hopeless = true;
}

static const rp_node *const *terms_of(const rp_node *const *x, size_t *count) {
    *count = (*x)->kind == RP_SUM ? (*x)->count : 1;
    return (*x)->kind == RP_SUM ? (*x)->kids : x;
}

/* An angle or a symbolic exponent: the denominators of its coefficients. Multiples of π are roots of unity. */
static void note_terms(rp_work *work, rp_plan *plan, const rp_node *x) {
    size_t count;
    const rp_node *const *terms = terms_of(&x, &count), *rest;
    for (size_t i = 0; i < count; i++) {
        const rp_q q = rp_split_coefficient(work, terms[i], &rest);
        if (!rest || !rp_tree_is_constant(rest, RP_PI)) note_denominator(work, plan, q);
    }
}

static void scan(rp_work *work, rp_plan *plan, const rp_node *a) {
    if (!rp_work_pay(work, 1)) return;
    if (a->kind == RP_NUMBER) plan->written_bits += fmax((double)rp_q_bits(a->q) - 2, 0); /* 1 and -1 say nothing */
    if (a->kind == RP_POWER) {
        const rp_node *base = a->kids[0], *exponent = a->kids[1];
        const bool root = exponent->kind == RP_NUMBER && !rp_q_is_int(exponent->q);
        if (root && base->kind == RP_SYMBOL) note_denominator(work, plan, exponent->q);
        if (root && base->kind == RP_NUMBER) note_radical(work, plan, base->q, exponent->q);
        if (exponent->kind != RP_NUMBER || rp_tree_is_constant(base, RP_E)) note_terms(work, plan, exponent);
    }
    if (a->kind == RP_FUNCTION && (a->op == RP_FN_SIN || a->op == RP_FN_COS)) note_terms(work, plan, a->kids[0]);
    const bool power = a->kind == RP_POWER && a->kids[1]->kind == RP_NUMBER; /* an exponent counts in the degree */
    for (uint32_t i = 0; i < a->count - power; i++) scan(work, plan, a->kids[i]);
}

/* ---- Degrees ----------------------------------------------------------------------------------------------------- */

static const double no_bound = 0x1p64;

static double degree(rp_work *work, const rp_plan *plan, const rp_node *a);

static double degree_of_kids(rp_work *work, const rp_plan *plan, const rp_node *a) {
    double total = 0;
    for (uint32_t i = 0; i < a->count; i++) total += degree(work, plan, a->kids[i]);
    return total;
}

/* Σ |q| R for the variables, and the degrees of the terms that name them */
static double degree_of_terms(rp_work *work, const rp_plan *plan, const rp_node *x) {
    size_t count;
    const rp_node *const *terms = terms_of(&x, &count), *rest;
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        const rp_q q = rp_split_coefficient(work, terms[i], &rest);
        total += 2 * fabs(rp_q_double(work, q)) * (double)plan->common + (rest ? degree(work, plan, rest) : 0);
    }
    return total;
}

static double degree(rp_work *work, const rp_plan *plan, const rp_node *a) {
    if (!rp_work_pay(work, 1)) return no_bound;
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return 0;
    case RP_SYMBOL:
        return (double)plan->common;
    case RP_SUM:
    case RP_PRODUCT:
        return degree_of_kids(work, plan, a);
    case RP_POWER: {
        const rp_node *base = a->kids[0], *exponent = a->kids[1];
        const double below = degree(work, plan, base);
        if (rp_tree_is_constant(base, RP_E)) return degree_of_terms(work, plan, exponent);
        if (exponent->kind != RP_NUMBER)
            return rp_is_integer_tree(exponent) ? no_bound : below + degree_of_terms(work, plan, exponent);
        const double size = fabs(rp_q_double(work, exponent->q));
        const bool root = !rp_q_is_int(exponent->q) && base->kind != RP_SYMBOL;
        return fmax(size, 1) * (root ? RP_BRANCHES * (below + 1) : below);
    }
    case RP_FUNCTION:
        if (a->op == RP_FN_SIN || a->op == RP_FN_COS) return 2 * degree_of_terms(work, plan, a->kids[0]);
        return 1 + degree_of_kids(work, plan, a);
    default:
        return 1 + degree_of_kids(work, plan, a);
    }
}

void rp_residue_plan(rp_work *work, const rp_node *a, rp_plan *plan) {
    *plan = (rp_plan){.tree = prepared(work, a), .common = 1};
    scan(work, plan, plan->tree);
    plan->degree = degree(work, plan, plan->tree);
    plan->hopeless = plan->hopeless || work->failed;
}
