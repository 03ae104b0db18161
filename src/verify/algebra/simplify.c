/* SPDX-License-Identifier: MIT
 *
 * simplify.c — sums, products and powers in canonical form, bottom up.
 *
 * Both sums and products are multisets: a sum maps "rest" to a rational coefficient, a product maps a base to an exponent.
 * The two loops look alike: flatten, sort by hash, merge neighbours, build.
 */
#include "algebra/simplify.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry { /* q * key in a sum, key ^ power in a product */
    const rp_node *key, *power;
    rp_q q;
    size_t order;
} entry;

typedef struct entries {
    entry *items;
    size_t count, capacity;
} entries;

static bool push_entry(rp_work *work, entries *list, entry item) {
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 8;
        entry *items = rp_work_new(work, entry, capacity);
        if (!items) return false;
        if (list->count) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    item.order = list->count;
    list->items[list->count++] = item;
    return true;
}

static int by_hash(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->key->hash != y->key->hash) return x->key->hash < y->key->hash ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void sort_entries(entries *list) {
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_hash);
}

/* ---- Questions --------------------------------------------------------------------------------------------------- */

rp_q rp_split_coefficient(rp_work *work, const rp_node *a, const rp_node **rest) {
    if (a->kind == RP_NUMBER) return *rest = NULL, a->q;
    *rest = a;
    if (a->kind != RP_PRODUCT || a->kids[0]->kind != RP_NUMBER) return rp_q_int(1);
    if (a->count == 2)
        *rest = a->kids[1];
    else
        *rest = rp_tree_make(work, RP_PRODUCT, 0, 0, (rp_str){NULL, 0}, a->kids + 1, a->count - 1);
    return a->kids[0]->q;
}

bool rp_is_pi_multiple(rp_work *work, const rp_node *a, rp_q *q) {
    const rp_node *rest;
    *q = rp_split_coefficient(work, a, &rest);
    return rest ? rp_tree_is_constant(rest, RP_PI) : rp_q_is(*q, 0);
}

bool rp_is_positive_constant(const rp_node *a) {
    if (a->kind == RP_NUMBER) return rp_q_sign(a->q) > 0;
    if (a->kind == RP_CONSTANT) return a->op == RP_PI || a->op == RP_E;
    if (a->kind == RP_POWER) return rp_is_positive_constant(a->kids[0]) && a->kids[1]->kind == RP_NUMBER;
    if (a->kind != RP_SUM && a->kind != RP_PRODUCT) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_is_positive_constant(a->kids[i])) return false;
    return true;
}

bool rp_is_integer_tree(const rp_node *a) {
    if (a->kind == RP_NUMBER) return rp_q_is_int(a->q);
    if (a->kind == RP_POWER && a->kids[1]->kind == RP_NUMBER && rp_q_sign(a->kids[1]->q) < 0) return false;
    if (a->kind != RP_SUM && a->kind != RP_PRODUCT && a->kind != RP_POWER) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_is_integer_tree(a->kids[i])) return false;
    return true;
}

bool rp_is_constant(const rp_node *a) {
    if (a->kind == RP_NUMBER || a->kind == RP_CONSTANT) return true;
    if (a->kind != RP_SUM && a->kind != RP_PRODUCT && a->kind != RP_POWER && a->kind != RP_FUNCTION) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_is_constant(a->kids[i])) return false;
    return true;
}

/* ---- Sums -------------------------------------------------------------------------------------------------------- */

static bool add_term(rp_work *work, entries *list, rp_q *number, const rp_node *term) {
    if (term->kind == RP_SUM) {
        for (uint32_t i = 0; i < term->count; i++)
            if (!add_term(work, list, number, term->kids[i])) return false;
        return true;
    }
    const rp_node *rest;
    const rp_q q = rp_split_coefficient(work, term, &rest);
    if (!rp_work_pay(work, 1)) return false;
    if (rest) return push_entry(work, list, (entry){.key = rest, .q = q});
    *number = rp_q_add(work, *number, q);
    return true;
}

/* q * rest as one node; rest is no number and no sum. */
static const rp_node *with_coefficient(rp_work *work, rp_q q, const rp_node *rest) {
    if (rp_q_is(q, 1)) return rest;
    const rp_node *number = rp_tree_number(work, q);
    if (rest->kind != RP_PRODUCT) return rp_tree_2(work, RP_PRODUCT, 0, number, rest);
    const rp_node **kids = rp_work_new(work, const rp_node *, rest->count + 1);
    if (!kids) return &RP_NODE_NONE;
    kids[0] = number;
    memcpy(kids + 1, rest->kids, rest->count * sizeof *kids);
    return rp_tree_make(work, RP_PRODUCT, 0, 0, (rp_str){NULL, 0}, kids, rest->count + 1);
}

/* ∞ + finite = ∞; ∞ - ∞ is undefined. Called when some term is infinite. */
static const rp_node *infinite_sum(rp_work *work, const entries *list) {
    int sign = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!rp_tree_is_constant(list->items[i].key, RP_INFINITY)) continue;
        const int s = rp_q_sign(list->items[i].q);
        if (sign && s != sign) return &RP_NODE_NONE;
        sign = s;
    }
    return with_coefficient(work, rp_q_int(sign), rp_tree_constant(work, RP_INFINITY));
}

const rp_node *rp_expr_sum(rp_work *work, const rp_node *const *terms, size_t count) {
    entries list = {0};
    rp_q number = rp_q_int(0);
    bool infinite = false;
    for (size_t i = 0; i < count; i++) {
        if (terms[i]->kind == RP_UNDEFINED || !add_term(work, &list, &number, terms[i])) return &RP_NODE_NONE;
    }
    for (size_t i = 0; i < list.count; i++) infinite = infinite || rp_tree_is_constant(list.items[i].key, RP_INFINITY);
    if (infinite) return infinite_sum(work, &list);
    sort_entries(&list);
    rp_nodes kids = {0};
    if (!rp_q_is(number, 0) && !rp_nodes_push(work, &kids, rp_tree_number(work, number))) return &RP_NODE_NONE;
    for (size_t i = 0; i < list.count;) {
        rp_q q = list.items[i].q;
        size_t j = i + 1;
        while (j < list.count && rp_tree_equal(list.items[j].key, list.items[i].key))
            q = rp_q_add(work, q, list.items[j++].q);
        if (!rp_q_is(q, 0) && !rp_nodes_push(work, &kids, with_coefficient(work, q, list.items[i].key)))
            return &RP_NODE_NONE;
        i = j;
    }
    if (kids.count == 0) return rp_tree_int(work, 0);
    if (kids.count == 1) return kids.items[0];
    return rp_tree_make(work, RP_SUM, 0, 0, (rp_str){NULL, 0}, kids.items, kids.count);
}

/* ---- Products ---------------------------------------------------------------------------------------------------- */

static bool add_factor(rp_work *work, entries *list, rp_q *number, const rp_node *one, const rp_node *factor) {
    if (!rp_work_pay(work, 1)) return false;
    if (factor->kind == RP_NUMBER) {
        *number = rp_q_mul(work, *number, factor->q);
        return true;
    }
    if (factor->kind == RP_PRODUCT) {
        for (uint32_t i = 0; i < factor->count; i++)
            if (!add_factor(work, list, number, one, factor->kids[i])) return false;
        return true;
    }
    if (factor->kind == RP_POWER) return push_entry(work, list, (entry){.key = factor->kids[0], .power = factor->kids[1]});
    return push_entry(work, list, (entry){.key = factor, .power = one});
}

/* Merges equal bases. *again: a merged power fell apart into factors that may meet others. */
static bool merge_factors(rp_work *work, entries *list, rp_nodes *out, bool *again) {
    sort_entries(list);
    for (size_t i = 0; i < list->count;) {
        const rp_node *power = list->items[i].power, *base = list->items[i].key;
        size_t j = i + 1;
        for (; j < list->count && rp_tree_equal(list->items[j].key, base); j++)
            power = rp_expr_add(work, power, list->items[j].power);
        const bool met = j > i + 1;
        const rp_node *merged =
            met || rp_tree_is_int(power, 1) ? rp_expr_power(work, base, power) : rp_tree_2(work, RP_POWER, 0, base, power);
        if (merged->kind == RP_UNDEFINED || !rp_nodes_push(work, out, merged)) return false;
        *again = *again || (met && (merged->kind == RP_PRODUCT || merged->kind == RP_SUM));
        i = j;
    }
    return true;
}

static const rp_node *infinite_product(rp_work *work, rp_q number, size_t others) {
    if (others || rp_q_is(number, 0)) return &RP_NODE_NONE;
    return with_coefficient(work, rp_q_int(rp_q_sign(number)), rp_tree_constant(work, RP_INFINITY));
}

const rp_node *rp_expr_product(rp_work *work, const rp_node *const *factors, size_t count) {
    if (rp_has_matrix(factors, count)) return rp_matrix_product(work, factors, count);
    entries list = {0};
    rp_q number = rp_q_int(1);
    const rp_node *one = rp_tree_int(work, 1);
    for (size_t i = 0; i < count; i++)
        if (factors[i]->kind == RP_UNDEFINED || !add_factor(work, &list, &number, one, factors[i])) return &RP_NODE_NONE;
    rp_nodes kids = {0};
    for (int pass = 0; pass < 4; pass++) {
        bool again = false;
        kids.count = 0;
        if (!merge_factors(work, &list, &kids, &again)) return &RP_NODE_NONE;
        list.count = 0;
        for (size_t i = 0; i < kids.count; i++)
            if (!add_factor(work, &list, &number, one, kids.items[i])) return &RP_NODE_NONE;
        if (!again) break;
    }
    size_t kept = 0;
    bool infinite = false;
    for (size_t i = 0; i < kids.count; i++) {
        infinite = infinite || rp_tree_is_constant(kids.items[i], RP_INFINITY);
        if (kids.items[i]->kind != RP_NUMBER) kids.items[kept++] = kids.items[i];
    }
    kids.count = kept;
    if (infinite) return infinite_product(work, number, kept - 1);
    if (rp_q_is(number, 0)) return rp_tree_int(work, 0);
    if (kept == 0) return rp_tree_number(work, number);
    if (kept == 1 && kids.items[0]->kind == RP_SUM) return rp_expr_scale(work, number, kids.items[0]);
    const rp_node *rest =
        kept == 1 ? kids.items[0] : rp_tree_make(work, RP_PRODUCT, 0, 0, (rp_str){NULL, 0}, kids.items, kept);
    return work->failed ? &RP_NODE_NONE : with_coefficient(work, number, rest);
}

/* ---- Powers ------------------------------------------------------------------------------------------------------ */

/* k/n with an odd n: the root of every real number is real */
static bool is_odd_root(rp_work *work, const rp_node *exponent) {
    return exponent->kind == RP_NUMBER && rp_q_is_odd(rp_q_den(work, exponent->q));
}

/* (a b c)^e: apart when e is an integer, or an odd root of real factors; otherwise only what is positive comes out. */
static const rp_node *power_of_product(rp_work *work, const rp_node *base, const rp_node *exponent) {
    const bool integer =
        rp_is_integer_valued(exponent) || (is_odd_root(work, exponent) && rp_is_real(base) && !rp_is_constant(base));
    rp_nodes outside = {0}, inside = {0};
    for (uint32_t i = 0; i < base->count; i++) {
        const rp_node *kid = base->kids[i];
        if (integer || rp_is_nonnegative(kid)) {
            if (!rp_nodes_push(work, &outside, rp_expr_power(work, kid, exponent))) return &RP_NODE_NONE;
        } else if (kid->kind == RP_NUMBER) { /* negative: its size comes out */
            if (!rp_nodes_push(work, &inside, rp_tree_int(work, -1))) return &RP_NODE_NONE;
            const rp_node *size = rp_tree_number(work, rp_q_neg(work, kid->q));
            if (!rp_nodes_push(work, &outside, rp_expr_power(work, size, exponent))) return &RP_NODE_NONE;
        } else if (!rp_nodes_push(work, &inside, kid)) {
            return &RP_NODE_NONE;
        }
    }
    if (inside.count) {
        const rp_node *rest = inside.count == 1
                                  ? inside.items[0]
                                  : rp_tree_make(work, RP_PRODUCT, 0, 0, (rp_str){NULL, 0}, inside.items, inside.count);
        if (!rp_nodes_push(work, &outside, rp_tree_2(work, RP_POWER, 0, rest, exponent))) return &RP_NODE_NONE;
    }
    return rp_expr_product(work, outside.items, outside.count);
}

/* a^x with a > 0 and x no number: e^{x ln a}, term by term of x, so that 2^{n+1} and 2·2^n meet. */
static const rp_node *general_exponential(rp_work *work, const rp_node *base, const rp_node *exponent) {
    const rp_node *log = rp_expr_logarithm(work, base);
    const rp_node *const one[1] = {exponent};
    const rp_node *const *terms = exponent->kind == RP_SUM ? exponent->kids : one;
    const size_t count = exponent->kind == RP_SUM ? exponent->count : 1;
    const rp_node *const one_log[1] = {log};
    const rp_node *const *logs = log->kind == RP_SUM ? log->kids : one_log;
    const size_t log_count = log->kind == RP_SUM ? log->count : 1;
    rp_nodes sum = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < log_count; j++)
            if (!rp_nodes_push(work, &sum, rp_expr_multiply(work, terms[i], logs[j]))) return &RP_NODE_NONE;
    return rp_expr_exponential(work, rp_expr_sum(work, sum.items, sum.count));
}

static const rp_node *power_of_number(rp_work *work, const rp_node *base, const rp_node *exponent) {
    if (exponent->kind == RP_NUMBER) return rp_expr_number_power(work, base->q, exponent->q);
    if (rp_q_is(base->q, 1)) return rp_tree_is_constant(exponent, RP_INFINITY) ? &RP_NODE_NONE : base;
    if (rp_q_is(base->q, -1)) {
        const rp_node *sign = rp_sign_power(work, exponent);
        return sign ? sign : rp_tree_2(work, RP_POWER, 0, base, exponent);
    }
    if (rp_q_is(base->q, 0) || rp_is_integer_tree(exponent)) return rp_tree_2(work, RP_POWER, 0, base, exponent);
    if (rp_q_sign(base->q) > 0) return general_exponential(work, base, exponent);
    const rp_node *sign = rp_expr_power(work, rp_tree_int(work, -1), exponent);
    return rp_expr_multiply(work, sign, rp_expr_power(work, rp_tree_number(work, rp_q_neg(work, base->q)), exponent));
}

/* i^x for a letter x: the terms of x modulo 4, when they are integers. */
static const rp_node *symbolic_power_of_i(rp_work *work, const rp_node *base, const rp_node *exponent) {
    const rp_node *x = rp_expand(work, exponent);
    const rp_node *const one[1] = {x};
    const rp_node *const *terms = x->kind == RP_SUM ? x->kids : one;
    const size_t count = x->kind == RP_SUM ? x->count : 1;
    if (!rp_is_integer_valued(x)) return rp_tree_2(work, RP_POWER, 0, base, exponent);
    rp_nodes factors = {0};
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest, *factor;
        const rp_q q = rp_split_coefficient(work, terms[i], &rest), four = rp_q_int(4);
        const rp_q times = rp_q_sub(work, q, rp_q_mul(work, four, rp_q_floor(work, rp_q_div(work, q, four))));
        if (!rest)
            factor = rp_expr_power(work, base, rp_tree_number(work, times));
        else if (rp_q_is(times, 2))
            factor = rp_expr_power(work, rp_tree_int(work, -1), rest);
        else
            factor = rp_q_is(times, 0) ? rp_tree_int(work, 1)
                                       : rp_tree_2(work, RP_POWER, 0, base, rp_expr_scale(work, times, rest));
        if (!rp_nodes_push(work, &factors, factor)) return &RP_NODE_NONE;
    }
    if (factors.count == 1) return factors.items[0];
    return rp_expr_product(work, factors.items, factors.count);
}

/* i^n by n mod 4; i^q = e^{i π q / 2} */
static const rp_node *power_of_i(rp_work *work, const rp_node *base, const rp_node *exponent) {
    if (exponent->kind != RP_NUMBER) return symbolic_power_of_i(work, base, exponent);
    if (!rp_q_is_int(exponent->q)) {
        const rp_node *angle = rp_expr_scale(work, rp_q_div(work, exponent->q, rp_q_int(2)), rp_tree_constant(work, RP_PI));
        return rp_expr_exponential(work, rp_expr_multiply(work, base, angle));
    }
    const rp_q quarter = rp_q_floor(work, rp_q_div(work, exponent->q, rp_q_int(4)));
    const rp_q rest = rp_q_sub(work, exponent->q, rp_q_mul(work, quarter, rp_q_int(4)));
    if (rp_q_is(rest, 0)) return rp_tree_int(work, 1);
    if (rp_q_is(rest, 1)) return base;
    if (rp_q_is(rest, 2)) return rp_tree_int(work, -1);
    return rp_expr_scale(work, rp_q_int(-1), base);
}

static const rp_node *power_of_infinity(rp_work *work, const rp_node *base, const rp_node *exponent) {
    if (exponent->kind != RP_NUMBER) return &RP_NODE_NONE;
    return rp_q_sign(exponent->q) > 0 ? base : rp_tree_int(work, 0);
}

/* (u^m)^e: u^{m e} when e is an integer, u is positive, or the root is odd; |u|^{m e} for an even m under an even root. On
 * the real line only: where the root is defined. NULL when none of it holds. */
static const rp_node *power_of_power(rp_work *work, const rp_node *base, const rp_node *exponent) {
    const rp_node *u = base->kids[0], *m = base->kids[1];
    const bool real = rp_is_real(u) && !rp_is_constant(u) && m->kind == RP_NUMBER && exponent->kind == RP_NUMBER;
    const bool positive = rp_is_positive(u) && rp_is_real(m) && rp_is_real(exponent);
    const rp_node *product = rp_expr_multiply(work, m, exponent);
    if (rp_is_integer_valued(exponent) || positive || (real && is_odd_root(work, exponent)))
        return rp_expr_power(work, u, product);
    if (!real) return NULL;
    const bool even = !rp_q_is_odd(rp_q_num(work, m->q));
    return rp_expr_power(work, even ? rp_absolute(work, u) : u, product);
}

const rp_node *rp_expr_power(rp_work *work, const rp_node *base, const rp_node *exponent) {
    const rp_node *result = NULL;
    if (!rp_work_pay(work, 1) || base->kind == RP_UNDEFINED || exponent->kind == RP_UNDEFINED) return &RP_NODE_NONE;
    if (rp_tree_is_int(exponent, 1)) return base;
    if (rp_tree_is_int(exponent, 0))
        return rp_tree_is_int(base, 0) || rp_tree_is_constant(base, RP_INFINITY) ? &RP_NODE_NONE : rp_tree_int(work, 1);
    switch ((rp_kind)base->kind) {
    case RP_NUMBER:
        return power_of_number(work, base, exponent);
    case RP_CONSTANT:
        if (base->op == RP_I) return power_of_i(work, base, exponent);
        if (base->op == RP_E) return rp_expr_exponential(work, exponent);
        if (base->op == RP_INFINITY) return power_of_infinity(work, base, exponent);
        break;
    case RP_POWER:
        result = power_of_power(work, base, exponent);
        if (result) return result;
        break;
    case RP_PRODUCT:
        if (exponent->kind == RP_NUMBER || rp_is_integer_valued(exponent)) return power_of_product(work, base, exponent);
        break;
    case RP_FUNCTION: /* |u|^2 = u^2 */
        if (base->op == RP_FN_ABS && exponent->kind == RP_NUMBER && rp_q_is_int(exponent->q) && !rp_q_is_odd(exponent->q) &&
            rp_is_real(base->kids[0]))
            return rp_expr_power(work, base->kids[0], exponent);
        break;
    default:
        break;
    }
    return rp_tree_2(work, RP_POWER, 0, base, exponent);
}

/* ---- Shorthands -------------------------------------------------------------------------------------------------- */

const rp_node *rp_expr_add(rp_work *work, const rp_node *a, const rp_node *b) {
    const rp_node *pair[2] = {a, b};
    return rp_expr_sum(work, pair, 2);
}

const rp_node *rp_expr_multiply(rp_work *work, const rp_node *a, const rp_node *b) {
    const rp_node *pair[2] = {a, b};
    return rp_expr_product(work, pair, 2);
}

const rp_node *rp_expr_divide(rp_work *work, const rp_node *a, const rp_node *b) {
    return rp_expr_multiply(work, a, rp_expr_power(work, b, rp_tree_int(work, -1)));
}

/* Distributes over a sum, so that a - b of canonical trees cancels term by term. */
const rp_node *rp_expr_scale(rp_work *work, rp_q q, const rp_node *a) {
    if (rp_q_is(q, 1)) return a;
    if (a->kind != RP_SUM) return rp_expr_multiply(work, rp_tree_number(work, q), a);
    rp_nodes kids = {0};
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_nodes_push(work, &kids, rp_expr_scale(work, q, a->kids[i]))) return &RP_NODE_NONE;
    return rp_expr_sum(work, kids.items, kids.count);
}

const rp_node *rp_expr_subtract(rp_work *work, const rp_node *a, const rp_node *b) {
    return rp_expr_add(work, a, rp_expr_scale(work, rp_q_int(-1), b));
}

const rp_node *rp_expr_square_root(rp_work *work, const rp_node *a) {
    return rp_expr_power(work, a, rp_tree_number(work, rp_q_ratio(work, 1, 2)));
}

/* ---- The walk ---------------------------------------------------------------------------------------------------- */

static const rp_node *rebuild(rp_work *work, const rp_node *a, const rp_node *const *kids) {
    switch ((rp_kind)a->kind) {
    case RP_SUM:
        return rp_has_matrix(kids, a->count) ? rp_matrix_sum(work, kids, a->count) : rp_expr_sum(work, kids, a->count);
    case RP_PRODUCT:
        return rp_expr_product(work, kids, a->count);
    case RP_POWER:
        return rp_expr_power(work, kids[0], kids[1]);
    case RP_FUNCTION:
        return rp_expr_function(work, (rp_function)a->op, kids, a->count);
    case RP_BASED:
        return kids[0];
    default:
        return rp_tree_with_kids(work, a, kids);
    }
}

/* max(x, max(y, z)) = max(x, y, z), and so for min, gcd and lcm: the inner ones are opened. */
static bool open_nested(rp_work *work, const rp_node *a, int32_t op, rp_nodes *out) {
    for (uint32_t i = 0; i < a->count; i++) {
        const rp_node *kid = a->kids[i];
        const bool nested = kid->kind == RP_FUNCTION && kid->op == op;
        if (nested ? !open_nested(work, kid, op, out) : !rp_nodes_push(work, out, kid)) return false;
    }
    return true;
}

static const rp_node *flat(rp_work *work, const rp_node *a) {
    const bool associative =
        a->kind == RP_FUNCTION && (a->op == RP_FN_MAX || a->op == RP_FN_MIN || a->op == RP_FN_GCD || a->op == RP_FN_LCM);
    bool nested = false;
    for (uint32_t i = 0; associative && i < a->count; i++)
        nested = nested || (a->kids[i]->kind == RP_FUNCTION && a->kids[i]->op == a->op);
    rp_nodes kids = {0};
    if (!nested || !open_nested(work, a, a->op, &kids)) return a;
    return rp_tree_make(work, RP_FUNCTION, a->op, 0, a->name, kids.items, kids.count);
}

const rp_node *rp_simplify(rp_work *work, const rp_node *a) {
    if (!rp_work_pay(work, 1)) return &RP_NODE_NONE;
    a = flat(work, a);
    if (a->kind == RP_SYMBOL) return rp_str_is(a->name, "i") ? rp_tree_constant(work, RP_I) : a;
    if (a->kind == RP_BIG) return rp_expr_big(work, (rp_big_op)a->op, a->kids, a->count);
    if (a->count == 0) return a;
    const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
    if (!kids) return &RP_NODE_NONE;
    for (uint32_t i = 0; i < a->count; i++) {
        kids[i] = rp_simplify(work, a->kids[i]);
        if (kids[i]->kind == RP_UNDEFINED) return &RP_NODE_NONE;
    }
    return rebuild(work, a, kids);
}
