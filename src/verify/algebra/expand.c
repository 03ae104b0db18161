/* SPDX-License-Identifier: MIT
 *
 * expand.c — products of sums multiplied out.
 *
 * The canonical form leaves (x + 1)^2 as it is: most questions need no expansion, and some expansions are huge. Arguments of
 * functions do need it: sin((x + 1)^2) and sin(x^2 + 2x + 1) are one value only for those who see that the arguments agree,
 * and the terms of an argument are what the rules for e^{a + b} and floor(n + a) work on.
 */
#include "algebra/simplify.h"

enum { TERMS = 64, EXPONENT_MAX = 8 };

static bool push_product(rp_work *work, rp_nodes *out, const rp_node *a, const rp_node *b) {
    return rp_nodes_push(work, out, rp_expr_multiply(work, a, b));
}

/* (a + b)(c + d) = ac + ad + bc + bd; what would have too many terms stays a product. */
static const rp_node *distribute(rp_work *work, const rp_node *a, const rp_node *b) {
    const rp_node *const one_a[1] = {a}, *const one_b[1] = {b};
    const rp_node *const *left = a->kind == RP_SUM ? a->kids : one_a;
    const rp_node *const *right = b->kind == RP_SUM ? b->kids : one_b;
    const size_t m = a->kind == RP_SUM ? a->count : 1, n = b->kind == RP_SUM ? b->count : 1;
    if (m == 1 && n == 1) return rp_expr_multiply(work, a, b);
    if (m * n > TERMS || !rp_work_pay(work, (long)(m * n))) return rp_expr_multiply(work, a, b);
    rp_nodes terms = {0};
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            if (!push_product(work, &terms, left[i], right[j])) return &RP_NODE_NONE;
    return rp_expr_sum(work, terms.items, terms.count);
}

static const rp_node *expand_product(rp_work *work, const rp_node *a) {
    const rp_node *product = rp_tree_int(work, 1);
    for (uint32_t i = 0; i < a->count; i++) product = distribute(work, product, rp_expand(work, a->kids[i]));
    return product;
}

static const rp_node *expand_power(rp_work *work, const rp_node *a) {
    int64_t e;
    const rp_node *exponent = a->kids[1], *product = rp_tree_int(work, 1);
    const bool small = exponent->kind == RP_NUMBER && rp_q_small(exponent->q, &e) && e >= 2 && e <= EXPONENT_MAX;
    if (!small || a->kids[0]->kind != RP_SUM) return a;
    const rp_node *base = rp_expand(work, a->kids[0]);
    for (int64_t i = 0; i < e; i++) product = distribute(work, product, base);
    return product;
}

const rp_node *rp_expand(rp_work *work, const rp_node *a) {
    if (!rp_work_pay(work, 1)) return &RP_NODE_NONE;
    rp_nodes terms = {0};
    switch ((rp_kind)a->kind) {
    case RP_PRODUCT:
        return expand_product(work, a);
    case RP_POWER:
        return expand_power(work, a);
    case RP_SUM:
        for (uint32_t i = 0; i < a->count; i++)
            if (!rp_nodes_push(work, &terms, rp_expand(work, a->kids[i]))) return &RP_NODE_NONE;
        return rp_expr_sum(work, terms.items, terms.count);
    default:
        return a;
    }
}
