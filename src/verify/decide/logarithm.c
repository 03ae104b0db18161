/* SPDX-License-Identifier: MIT
 *
 * logarithm.c — sums of logarithms and of angles are shown to be 0 by exponentials.
 *
 * Σ q_j ln u_j is 0 where all u_j > 0 exactly when Π u_j^{L q_j} is 1, L the common denominator of the q_j: that is an
 * identity of rational functions. Σ q_j arctan u_j + q π is a multiple of π/L when Π ((1 + i u_j)/(1 - i u_j))^{L q_j} is 1,
 * an equation between algebraic numbers; an enclosure narrower than π/L then says which multiple.
 */
#include "algebra/enclose.h"
#include "decide/identity.h"
#include "explain.h"

enum { GROUPS = 8, POWER_MAX = 128 };

static const rp_node *const *terms_of(const rp_node *const *x, size_t *count) {
    *count = (*x)->kind == RP_SUM ? (*x)->count : 1;
    return (*x)->kind == RP_SUM ? (*x)->kids : x;
}

/* term = q · factor · ln u; false when the term is of another kind. */
static bool split_logarithm(rp_work *work, const rp_node *term, rp_q *q, const rp_node **factor, const rp_node **u) {
    const rp_node *rest;
    *q = rp_split_coefficient(work, term, &rest);
    *u = NULL;
    *factor = rp_tree_int(work, 1);
    if (!rest) return false;
    const rp_node *const one[1] = {rest};
    const rp_node *const *factors = rest->kind == RP_PRODUCT ? rest->kids : one;
    const size_t count = rest->kind == RP_PRODUCT ? rest->count : 1;
    rp_nodes others = {0};
    for (size_t i = 0; i < count; i++) {
        if (!*u && rp_tree_is_function(factors[i], RP_FN_LN))
            *u = factors[i]->kids[0];
        else if (!rp_nodes_push(work, &others, factors[i]))
            return false;
    }
    if (others.count) *factor = rp_expr_product(work, others.items, others.count);
    return *u != NULL;
}

typedef struct group { /* factor · Σ q_j ln u_j */
    const rp_node *factor;
    rp_q q[32];
    const rp_node *u[32];
    size_t count;
} group;

static bool add_to_groups(rp_work *work, group *groups, size_t *count, const rp_node *term) {
    rp_q q;
    const rp_node *factor, *u;
    int sign;
    if (!split_logarithm(work, term, &q, &factor, &u)) return false;
    if (rp_is_constant(u) ? !rp_constant_sign(work, u, &sign) || sign <= 0 : !rp_is_real(u)) return false;
    size_t i = 0;
    while (i < *count && !rp_tree_equal(groups[i].factor, factor)) i++;
    if (i == GROUPS) return false;
    if (i == *count) groups[(*count)++] = (group){.factor = factor};
    group *g = &groups[i];
    if (g->count == sizeof g->q / sizeof g->q[0]) return false;
    g->q[g->count] = q;
    g->u[g->count++] = u;
    return true;
}

static int64_t common_denominator(rp_work *work, const rp_q *q, size_t count) {
    int64_t all = 1;
    for (size_t i = 0; i < count; i++) {
        int64_t den, x = all;
        if (!rp_q_small(rp_q_den(work, q[i]), &den) || den > POWER_MAX) return 0;
        int64_t y = den;
        while (y) {
            const int64_t rest = x % y;
            x = y;
            y = rest;
        }
        all = all / x * den;
        if (all > POWER_MAX) return 0;
    }
    return all;
}

/* Π u^{L q}, or NULL when an exponent is too large. */
static const rp_node *product_of_powers(rp_work *work, const rp_q *q, const rp_node *const *u, size_t count,
                                        int64_t common) {
    rp_nodes factors = {0};
    for (size_t i = 0; i < count; i++) {
        int64_t times;
        const rp_q power = rp_q_mul(work, q[i], rp_q_int(common));
        if (!rp_q_small(power, &times) || times > POWER_MAX || times < -POWER_MAX) return NULL;
        if (!rp_nodes_push(work, &factors, rp_expr_power(work, u[i], rp_tree_number(work, power)))) return NULL;
    }
    return rp_expr_product(work, factors.items, factors.count);
}

rp_finding rp_logarithms_vanish(rp_work *work, const rp_node *d, uint64_t seed) {
    size_t count, used = 0;
    const rp_node *const *terms = terms_of(&d, &count);
    group *groups = rp_work_new(work, group, GROUPS);
    rp_nodes others = {0};
    if (!groups || !rp_tree_contains(d, RP_FUNCTION, RP_FN_LN)) return rp_undecided(work);
    for (size_t i = 0; i < count; i++)
        if (!add_to_groups(work, groups, &used, terms[i]) && !rp_nodes_push(work, &others, terms[i]))
            return rp_undecided(work);
    if (used == 0) return rp_undecided(work);
    const rp_node *one = rp_tree_int(work, 1), *zero = rp_tree_int(work, 0);
    rp_finding all = rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    if (others.count) all = rp_identity_rungs(work, rp_expr_sum(work, others.items, others.count), zero, seed);
    for (size_t i = 0; i < used && all.outcome == RP_SAME; i++) {
        const int64_t common = common_denominator(work, groups[i].q, groups[i].count);
        const rp_node *product = common ? product_of_powers(work, groups[i].q, groups[i].u, groups[i].count, common) : NULL;
        if (!product || product->kind == RP_UNDEFINED) return rp_undecided(work);
        if (work->explain)
            rp_explain_trees(work, "its logarithms add up to that of this, which has to be 1", product, NULL);
        all = rp_finding_join(all, rp_identity_rungs(work, product, one, seed));
    }
    return all.outcome == RP_SAME ? all : rp_undecided(work); /* other groups might make up for one that is not 0 */
}

/* ---- Angles ------------------------------------------------------------------------------------------------------ */

/* e^{2i t} for an inverse function t, algebraic when its argument is. */
static const rp_node *turn_of(rp_work *work, const rp_node *t) {
    const rp_node *i = rp_tree_constant(work, RP_I), *one = rp_tree_int(work, 1), *two = rp_tree_int(work, 2);
    const rp_node *u = t->kids[0], *iu = rp_expr_multiply(work, i, u);
    if (t->op == RP_FN_ATAN) return rp_expr_divide(work, rp_expr_add(work, one, iu), rp_expr_subtract(work, one, iu));
    const rp_node *cosine = rp_expr_square_root(work, rp_expr_subtract(work, one, rp_expr_power(work, u, two)));
    return rp_expr_power(work, rp_expr_add(work, cosine, iu), two);
}

rp_finding rp_angles_vanish(rp_work *work, const rp_node *d) {
    enum { ANGLES = 16 };
    size_t count, used = 0;
    const rp_node *const *terms = terms_of(&d, &count), *turns[ANGLES];
    rp_q q[ANGLES];
    if (count > ANGLES || !rp_is_constant(d)) return rp_undecided(work);
    const rp_node *two_i = rp_expr_scale(work, rp_q_int(2), rp_tree_constant(work, RP_I)), *pi_part = rp_tree_int(work, 0);
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest;
        const rp_q coefficient = rp_split_coefficient(work, terms[i], &rest);
        if (rest && (rp_tree_is_function(rest, RP_FN_ATAN) || rp_tree_is_function(rest, RP_FN_ASIN))) {
            q[used] = coefficient;
            turns[used++] = turn_of(work, rest);
        } else if (rest && rp_tree_is_constant(rest, RP_PI)) {
            pi_part = terms[i];
        } else {
            return rp_undecided(work);
        }
    }
    const int64_t common = common_denominator(work, q, used);
    const rp_node *product = used && common ? product_of_powers(work, q, turns, used, common) : NULL;
    if (!product || product->kind == RP_UNDEFINED || work->failed) return rp_undecided(work);
    const rp_node *phase =
        rp_expr_exponential(work, rp_expr_multiply(work, two_i, rp_expr_scale(work, rp_q_int(common), pi_part)));
    product = rp_expr_multiply(work, product, phase);
    if (work->explain) rp_explain_trees(work, "the angles add up to a multiple of π/L if this is 1", product, NULL);
    const rp_finding is_one = rp_compare_canonical(work, product, rp_tree_int(work, 1));
    long width; /* a multiple of π/common that is below 2^width <= 1/common is 0 */
    const bool near_zero = rp_enclose(work, d, 256, &width) == RP_ENCLOSE_ZERO_INSIDE && width < -8;
    return is_one.outcome == RP_SAME && near_zero ? is_one : rp_undecided(work);
}
