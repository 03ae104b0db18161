/* SPDX-License-Identifier: MIT
 *
 * parity.c — (-1)^x for integers x, and angles that are integer multiples of π.
 *
 * Only x modulo 2 counts: even terms vanish, odd coefficients are 1, and n^2 and n have the same parity. So (-1)^{n+2} is
 * (-1)^n, (-1)^{n(n-1)} is 1, and cos(πn), which is (-1)^n, needs no value of its own.
 */
#include "algebra/simplify.h"

bool rp_leads_negative(rp_work *work, const rp_node *a) {
    const rp_node *rest;
    const rp_node *lead = a->kind == RP_SUM ? a->kids[a->count > 1 && a->kids[0]->kind == RP_NUMBER ? 1 : 0] : a;
    return rp_q_sign(rp_split_coefficient(work, lead, &rest)) < 0;
}

/* n^e k^f … = n k … modulo 2 */
static const rp_node *without_exponents(rp_work *work, const rp_node *a) {
    if (a->kind == RP_POWER && a->kids[1]->kind == RP_NUMBER) return without_exponents(work, a->kids[0]);
    if (a->kind != RP_PRODUCT) return a;
    rp_nodes factors = {0};
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_nodes_push(work, &factors, without_exponents(work, a->kids[i]))) return &RP_NODE_NONE;
    return rp_expr_product(work, factors.items, factors.count);
}

/* The terms of an integer-valued sum that are odd, each once; *odd: the constant's parity. False when some term is no
 * integer times something integer-valued. */
static bool odd_terms(rp_work *work, const rp_node *x, rp_nodes *terms, bool *odd) {
    const rp_node *const one[1] = {x};
    const rp_node *const *all = x->kind == RP_SUM ? x->kids : one;
    const size_t count = x->kind == RP_SUM ? x->count : 1;
    *odd = false;
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest;
        const rp_q q = rp_split_coefficient(work, all[i], &rest);
        if (!rp_q_is_int(q) || (rest && !rp_is_integer_valued(rest))) return false;
        if (!rp_q_is_odd(q)) continue;
        if (!rest)
            *odd = !*odd;
        else if (!rp_nodes_push(work, terms, without_exponents(work, rest)))
            return false;
    }
    return true;
}

const rp_node *rp_sign_power(rp_work *work, const rp_node *x) {
    bool odd = false;
    x = rp_expand(work, x);
    for (int pass = 0; pass < 2; pass++) { /* like terms that met may have become even: n^2 + n */
        rp_nodes terms = {0};
        bool here;
        if (!odd_terms(work, x, &terms, &here)) return NULL;
        odd = odd != here;
        x = rp_expr_sum(work, terms.items, terms.count);
    }
    if (x->kind == RP_NUMBER) return rp_tree_int(work, odd ? -1 : 1);
    const rp_node *power = rp_tree_2(work, RP_POWER, 0, rp_tree_int(work, -1), x);
    return odd ? rp_expr_scale(work, rp_q_int(-1), power) : power;
}
