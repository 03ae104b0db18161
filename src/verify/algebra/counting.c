/* SPDX-License-Identifier: MIT
 *
 * counting.c — factorials, double factorials, binomials and permutations.
 *
 * One function is left: u! with no integer added to u. (n + 2)! is (n + 2)(n + 1) n!, so n!/(n - 1)! is n; Γ(n) is (n - 1)!;
 * a binomial is n!/(k!(n - k)!), or a polynomial when k is a number. Then Pascal's rule and its like are identities of
 * rational functions in a few unknowns n!, k!, (n - k)!.
 */
#include "algebra/simplify.h"

enum { SHIFT_MAX = 64, FALLING_MAX = 256 };

static bool small_natural(const rp_node *a, int64_t *n) {
    return a->kind == RP_NUMBER && rp_q_small(a->q, n) && *n >= 0;
}

static const rp_node *whole(rp_work *work, int64_t n) {
    return rp_tree_int(work, n);
}

/* ---- Factorials -------------------------------------------------------------------------------------------------- */

/* u = rest + c for an integer c. A rest like -k is left alone: (5 - k)! means something where (-k)! does not. */
static bool split_shift(rp_work *work, const rp_node *u, const rp_node **rest, int64_t *c) {
    *rest = u;
    if (u->kind == RP_NUMBER) {
        const rp_q floor = rp_q_floor(work, u->q);
        *rest = rp_tree_number(work, rp_q_sub(work, u->q, floor));
        return rp_q_small(floor, c);
    }
    if (u->kind != RP_SUM || u->kids[0]->kind != RP_NUMBER) return false;
    bool positive = false;
    const rp_node *unused;
    for (uint32_t i = 1; i < u->count; i++)
        positive = positive || rp_q_sign(rp_split_coefficient(work, u->kids[i], &unused)) > 0;
    const rp_q floor = rp_q_floor(work, u->kids[0]->q);
    *rest = rp_expr_subtract(work, u, rp_tree_number(work, floor));
    return positive && rp_q_small(floor, c);
}

/* (rest + c)! over rest! */
static const rp_node *shift_product(rp_work *work, const rp_node *rest, int64_t c) {
    rp_nodes factors = {0};
    for (int64_t j = 1; j <= c; j++)
        if (!rp_nodes_push(work, &factors, rp_expr_add(work, rest, whole(work, j)))) return &RP_NODE_NONE;
    for (int64_t j = 0; j < -c; j++) {
        const rp_node *below = rp_expr_power(work, rp_expr_subtract(work, rest, whole(work, j)), whole(work, -1));
        if (!rp_nodes_push(work, &factors, below)) return &RP_NODE_NONE;
    }
    return rp_expr_product(work, factors.items, factors.count);
}

const rp_node *rp_factorial(rp_work *work, const rp_node *x) {
    int64_t n, c;
    const rp_node *rest;
    if (small_natural(x, &n)) return rp_tree_number(work, rp_q_factorial(work, n, 1));
    if (x->kind == RP_NUMBER && rp_q_is_int(x->q)) {
        if (rp_q_sign(x->q) < 0) return &RP_NODE_NONE;
        rp_work_fail(work, RP_REASON_BITS);
        return &RP_NODE_NONE;
    }
    if (!split_shift(work, x, &rest, &c) || c > SHIFT_MAX || c < -SHIFT_MAX)
        return rp_tree_function1(work, RP_FN_FACTORIAL, x);
    const rp_node *unit = rp_tree_function1(work, RP_FN_FACTORIAL, rest);
    if (rest->kind == RP_NUMBER && rp_q_equal(rest->q, rp_q_ratio(work, 1, 2))) /* (1/2)! = sqrt(π)/2 */
        unit = rp_expr_scale(work, rp_q_ratio(work, 1, 2), rp_expr_square_root(work, rp_tree_constant(work, RP_PI)));
    return rp_expr_multiply(work, unit, shift_product(work, rest, c));
}

/* ---- Double factorials ------------------------------------------------------------------------------------------- */

/* u = 2 h + odd for an integer-valued h: every coefficient but the constant is even. */
static bool split_even(rp_work *work, const rp_node *u, bool *odd) {
    const rp_node *const one[1] = {u};
    const rp_node *const *terms = u->kind == RP_SUM ? u->kids : one;
    const size_t count = u->kind == RP_SUM ? u->count : 1;
    *odd = false;
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest;
        const rp_q q = rp_split_coefficient(work, terms[i], &rest);
        if (!rp_q_is_int(q) || (rest && (!rp_is_integer_valued(rest) || rp_q_is_odd(q)))) return false;
        if (!rest) *odd = rp_q_is_odd(q);
    }
    return true;
}

/* (2h)!! = 2^h h! and (2h+1)!! = (2h+1)!/(2h)!! */
const rp_node *rp_double_factorial(rp_work *work, const rp_node *x) {
    int64_t n;
    bool odd;
    if (small_natural(x, &n)) return rp_tree_number(work, rp_q_factorial(work, n, 2));
    if (x->kind == RP_NUMBER || !split_even(work, x, &odd)) return rp_tree_function1(work, RP_FN_FACTORIAL2, x);
    const rp_node *even = odd ? rp_expr_subtract(work, x, whole(work, 1)) : x;
    const rp_node *half = rp_expr_scale(work, rp_q_ratio(work, 1, 2), even);
    const rp_node *below = rp_expr_multiply(work, rp_expr_power(work, whole(work, 2), half), rp_factorial(work, half));
    return odd ? rp_expr_divide(work, rp_factorial(work, x), below) : below;
}

/* ---- Binomials --------------------------------------------------------------------------------------------------- */

/* n (n-1) … (n-k+1): C(n, 2) = n(n-1)/2 is a polynomial. */
static const rp_node *falling(rp_work *work, const rp_node *n, int64_t k) {
    rp_nodes factors = {0};
    for (int64_t i = 0; i < k; i++)
        if (!rp_nodes_push(work, &factors, rp_expr_subtract(work, n, whole(work, i)))) return &RP_NODE_NONE;
    return rp_expr_product(work, factors.items, factors.count);
}

static const rp_node *over_factorial(rp_work *work, const rp_node *a, int64_t k) {
    return rp_expr_scale(work, rp_q_div(work, rp_q_int(1), rp_q_factorial(work, k, 1)), a);
}

const rp_node *rp_permutations(rp_work *work, const rp_node *n, const rp_node *k) {
    int64_t small;
    if (small_natural(k, &small) && small <= FALLING_MAX) return falling(work, n, small);
    if (rp_is_constant(n) && rp_is_constant(k)) return rp_tree_function2(work, RP_FN_PERMUTATIONS, n, k);
    return rp_expr_divide(work, rp_factorial(work, n), rp_factorial(work, rp_expr_subtract(work, n, k)));
}

const rp_node *rp_binomial(rp_work *work, const rp_node *n, const rp_node *k) {
    int64_t small;
    const bool natural = small_natural(k, &small);
    if (natural && n->kind == RP_NUMBER && rp_q_is_int(n->q)) return rp_tree_number(work, rp_q_binomial(work, n->q, small));
    if (natural && small <= FALLING_MAX) return over_factorial(work, falling(work, n, small), small);
    if (rp_is_constant(n) && rp_is_constant(k)) return rp_tree_function2(work, RP_FN_BINOMIAL, n, k);
    const rp_node *other = rp_expr_subtract(work, n, k); /* C(n, n-2) = C(n, 2) */
    if (small_natural(other, &small) && small <= FALLING_MAX) return over_factorial(work, falling(work, n, small), small);
    const rp_node *below = rp_expr_multiply(work, rp_factorial(work, k), rp_factorial(work, other));
    return rp_expr_divide(work, rp_factorial(work, n), below);
}
