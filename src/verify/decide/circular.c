/* SPDX-License-Identifier: MIT
 *
 * circular.c — e^x, sin x and cos x in a prime field.
 *
 * Trigonometric identities are identities of Laurent polynomials: with z = e^{ix}, cos x = (z + 1/z)/2 and sin x = (z -
 * 1/z)/(2i), and sin^2 x + cos^2 x = 1 holds for every z. An argument Σ q t becomes the product of the variables of the t,
 * each raised to R q: then angles add, double and halve as they should. Hyperbolic functions are written with e^x before
 * they come here. What is known of a t is used: e^{iπ} = -1, e^{i arctan u} = (1 + iu)/sqrt(1 + u^2), e^{q ln u} = u^q.
 */
#include "decide/residue.h"

static const rp_node *const *terms_of(const rp_node *const *x, size_t *count) {
    *count = (*x)->kind == RP_SUM ? (*x)->count : 1;
    return (*x)->kind == RP_SUM ? (*x)->kids : x;
}

/* t = i s: s, or NULL for s = 1. False when i is no factor of t. */
static bool without_i(rp_work *work, const rp_node *t, const rp_node **s) {
    *s = NULL;
    if (!t) return false;
    if (rp_tree_is_constant(t, RP_I)) return true;
    if (t->kind != RP_PRODUCT) return false;
    rp_nodes others = {0};
    for (uint32_t i = 0; i < t->count; i++)
        if (!rp_tree_is_constant(t->kids[i], RP_I) && !rp_nodes_push(work, &others, t->kids[i])) return false;
    if (others.count == t->count) return false;
    *s = others.count == 1 ? others.items[0] : rp_expr_product(work, others.items, others.count);
    return true;
}

/* One variable for t, to the power R q. The kind keeps e^t and e^{it} apart. */
static uint64_t variable_power(rp_residues *f, rp_q q, const rp_node *t, uint64_t kind) {
    int64_t times;
    const uint64_t name = t ? rp_residue(f, t) : 0;
    if (!t || t->kind != RP_SYMBOL) f->opaque = true;
    if (!rp_q_small(rp_q_mul(f->work, q, rp_q_int(f->plan->common)), &times))
        return rp_residue_opaque(f, name ^ rp_q_hash(q), kind + 100);
    const uint64_t value = rp_mod_power(rp_residue_random(f, name, kind), (uint64_t)(times < 0 ? -times : times), f->p);
    return times < 0 ? rp_residue_inverse(f, value) : value;
}

/* e^{q t} for a t without the factor i */
static uint64_t real_term(rp_residues *f, rp_q q, const rp_node *t) {
    if (t && rp_tree_is_function(t, RP_FN_LN)) { /* u^q, where the logarithm is defined */
        const rp_node *power = rp_tree_2(f->work, RP_POWER, 0, t->kids[0], rp_tree_number(f->work, q));
        return rp_residue(f, power);
    }
    return variable_power(f, q, t, 3);
}

/* (c + i s)^q with s = u, c = sqrt(1 - u^2) for arcsin; over its size, with c = 1, for arctan */
static uint64_t inverse_angle(rp_residues *f, int64_t q, const rp_node *t) {
    const bool arctan = t->op == RP_FN_ATAN;
    const rp_node *one = rp_tree_int(f->work, 1), *square = rp_expr_power(f->work, t->kids[0], rp_tree_int(f->work, 2));
    const rp_node *under = arctan ? rp_expr_add(f->work, one, square) : rp_expr_subtract(f->work, one, square);
    const uint64_t u = rp_residue(f, t->kids[0]), p = f->p, i = rp_mod_power(f->prime->zeta, RP_FIELD_CYCLE / 4, p);
    const uint64_t iu = rp_mod_multiply(i, u, p), times = (uint64_t)(q < 0 ? -q : q);
    uint64_t value;
    if (arctan && q % 2 == 0) { /* ((1 + iu)/(1 - iu))^(q/2): no root is needed */
        const uint64_t below = rp_residue_inverse(f, rp_mod_add(1, p - iu, p));
        value = rp_mod_power(rp_mod_multiply(rp_mod_add(1, iu, p), below, p), times / 2, p);
    } else {
        const uint64_t root = rp_residue(f, rp_expr_square_root(f->work, under));
        const uint64_t unit =
            arctan ? rp_mod_multiply(rp_mod_add(1, iu, p), rp_residue_inverse(f, root), p) : rp_mod_add(root, iu, p);
        value = rp_mod_power(unit, times, p);
    }
    return q < 0 ? rp_residue_inverse(f, value) : value;
}

/* e^{i q t} */
static uint64_t circle_term(rp_residues *f, rp_q q, const rp_node *t) {
    int64_t turns;
    const rp_node *s;
    if (t && rp_tree_is_constant(t, RP_PI) && rp_q_small(rp_q_mul(f->work, q, rp_q_int(RP_FIELD_CYCLE / 2)), &turns)) {
        turns %= RP_FIELD_CYCLE;
        return rp_mod_power(f->prime->zeta, (uint64_t)(turns < 0 ? turns + RP_FIELD_CYCLE : turns), f->p);
    }
    if (without_i(f->work, t, &s)) return real_term(f, rp_q_neg(f->work, q), s); /* i·i = -1 */
    if (t && (rp_tree_is_function(t, RP_FN_ATAN) || rp_tree_is_function(t, RP_FN_ASIN)) && rp_q_small(q, &turns))
        return inverse_angle(f, turns, t);
    return variable_power(f, q, t, 4);
}

/* A term whose name says nothing about its value: sin y, and 2 sin(y/2) cos(y/2) beside it. */
static bool is_nameless(const rp_node *t) {
    return t && rp_tree_contains(t, RP_FUNCTION, -1) && !rp_tree_is_function(t, RP_FN_LN) &&
           !rp_tree_is_function(t, RP_FN_ATAN) && !rp_tree_is_function(t, RP_FN_ASIN);
}

/* One variable for the value v of all such terms together, its inverse for -v. */
static uint64_t variable_of_value(rp_residues *f, uint64_t v, uint64_t kind) {
    if (v == 0) return 1;
    f->opaque = true;
    const bool negative = v > f->p / 2;
    const uint64_t variable = rp_residue_random(f, negative ? f->p - v : v, kind);
    return negative ? rp_residue_inverse(f, variable) : variable;
}

/* e^{ix} */
static uint64_t circle(rp_residues *f, const rp_node *x) {
    size_t count;
    const rp_node *const *terms = terms_of(&x, &count);
    uint64_t value = 1, nameless = 0;
    for (size_t i = 0; i < count; i++) {
        const rp_node *t;
        const rp_q q = rp_split_coefficient(f->work, terms[i], &t);
        if (f->plan->by_value && is_nameless(t))
            nameless = rp_mod_add(nameless, rp_residue(f, terms[i]), f->p);
        else
            value = rp_mod_multiply(value, circle_term(f, q, t), f->p);
    }
    return rp_mod_multiply(value, variable_of_value(f, nameless, 5), f->p);
}

uint64_t rp_residue_exponential(rp_residues *f, const rp_node *x) {
    size_t count;
    const rp_node *const *terms = terms_of(&x, &count), *t, *s;
    uint64_t value = 1, nameless = 0;
    for (size_t i = 0; i < count; i++) {
        const rp_q q = rp_split_coefficient(f->work, terms[i], &t);
        const bool imaginary = without_i(f->work, t, &s);
        if (f->plan->by_value && !imaginary && is_nameless(t))
            nameless = rp_mod_add(nameless, rp_residue(f, terms[i]), f->p);
        else
            value = rp_mod_multiply(value, imaginary ? circle_term(f, q, s) : real_term(f, q, t), f->p);
    }
    return rp_mod_multiply(value, variable_of_value(f, nameless, 7), f->p);
}

uint64_t rp_residue_circular(rp_residues *f, const rp_node *a) {
    const uint64_t p = f->p, z = circle(f, a->kids[0]), inverse = rp_residue_inverse(f, z), half = (p + 1) / 2;
    if (a->op == RP_FN_COS) return rp_mod_multiply(rp_mod_add(z, inverse, p), half, p);
    const uint64_t minus_i = rp_mod_power(f->prime->zeta, RP_FIELD_CYCLE / 4 * 3, p);
    return rp_mod_multiply(rp_mod_multiply(rp_mod_add(z, p - inverse, p), half, p), minus_i, p);
}
