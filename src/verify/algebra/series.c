/* SPDX-License-Identifier: MIT
 *
 * series.c — sums and products with bounds, in closed form where there is one.
 *
 * Finite ones of up to a thousand terms are written out. Beyond, and up to infinity, a term is split as
 *     t(k) = c · P(k) · r^k · k^(-s) / k!
 * with a polynomial P and a ratio r, which covers what answers contain: powers, geometric series and their derivatives,
 * even zeta values and the exponential series. Everything else stays as it is, with its bound variable renamed, so that two
 * equal sums are equal trees.
 */
#include "algebra/enclose.h"
#include "algebra/simplify.h"

enum { WRITTEN_OUT = 1000, DEGREE_MAX = RP_DEGREE_MAX };

static const rp_node *whole(rp_work *work, int64_t n) {
    return rp_tree_int(work, n);
}

static const rp_node *term_at(rp_work *work, const rp_node *body, rp_str name, const rp_node *k) {
    return rp_simplify(work, rp_tree_substitute(work, body, name, k));
}

/* ---- Writing out ------------------------------------------------------------------------------------------------- */

static const rp_node *write_out(rp_work *work, rp_big_op op, rp_str name, int64_t from, int64_t to, const rp_node *body) {
    enum { BATCH = 64 };
    rp_nodes terms = {0};
    for (int64_t k = from; k <= to && !work->failed; k++) {
        const rp_node *term = term_at(work, body, name, whole(work, k));
        if (term->kind == RP_UNDEFINED || !rp_nodes_push(work, &terms, term)) return &RP_NODE_NONE;
        if (terms.count == BATCH || k == to) {
            const rp_node *part = op == RP_BIG_SUM ? rp_expr_sum(work, terms.items, terms.count)
                                                   : rp_expr_product(work, terms.items, terms.count);
            terms.count = 0;
            if (!rp_nodes_push(work, &terms, part)) return &RP_NODE_NONE;
        }
    }
    if (terms.count == 0) return whole(work, op == RP_BIG_PRODUCT);
    return terms.items[0];
}

/* ---- The parts of a term ----------------------------------------------------------------------------------------- */

typedef struct term_parts {
    const rp_node *ratio;      /* r */
    const rp_node *polynomial; /* everything else that holds k, and the constants */
    int64_t zeta;              /* s */
    bool factorial;            /* a k! below */
} term_parts;

/* u = a x + b with a ≠ 0 and b free of x: two values give the line; a polynomial of degree d is that line when it meets it
 * at d + 1 points. No identity test is needed, so nothing above this wing is asked. */
const rp_node *rp_slope_in(rp_work *work, const rp_node *u, const rp_node *x) {
    const int64_t degree = rp_degree_in(u, x);
    if (degree < 1) return NULL;
    const rp_node *at0 = term_at(work, u, x->name, whole(work, 0)), *at1 = term_at(work, u, x->name, whole(work, 1));
    const rp_node *slope = rp_expr_subtract(work, at1, at0);
    if (slope->kind == RP_UNDEFINED || rp_tree_is_int(slope, 0)) return NULL;
    for (int64_t k = 2; k <= degree; k++) {
        const rp_node *value = term_at(work, u, x->name, whole(work, k));
        const rp_node *line = rp_expr_add(work, rp_expr_scale(work, rp_q_int(k), slope), at0);
        if (!rp_tree_is_int(rp_expand(work, rp_expr_subtract(work, value, line)), 0)) return NULL;
    }
    return slope;
}

/* c^{a k + b} has the ratio c^a. */
static const rp_node *ratio_of(rp_work *work, const rp_node *factor, const rp_node *symbol) {
    if (factor->kind != RP_POWER || rp_tree_has_symbol(factor->kids[0], symbol->name)) return NULL;
    const rp_node *step = rp_slope_in(work, factor->kids[1], symbol);
    return step ? rp_expr_power(work, factor->kids[0], step) : NULL;
}

static bool is_inverse_power(const rp_node *factor, const rp_node *symbol, int64_t *s) {
    if (factor->kind != RP_POWER || !rp_tree_equal(factor->kids[0], symbol) || factor->kids[1]->kind != RP_NUMBER)
        return false;
    if (!rp_q_small(factor->kids[1]->q, s) || *s >= 0) return false;
    *s = -*s;
    return true;
}

static bool is_inverse_factorial(const rp_node *factor, const rp_node *symbol) {
    return factor->kind == RP_POWER && rp_tree_is_int(factor->kids[1], -1) &&
           rp_tree_is_function(factor->kids[0], RP_FN_FACTORIAL) && rp_tree_equal(factor->kids[0]->kids[0], symbol);
}

static bool split_term(rp_work *work, const rp_node *body, const rp_node *symbol, term_parts *parts) {
    const rp_node *const one[1] = {body};
    const rp_node *const *factors = body->kind == RP_PRODUCT ? body->kids : one;
    const size_t count = body->kind == RP_PRODUCT ? body->count : 1;
    *parts = (term_parts){.ratio = whole(work, 1)};
    rp_nodes rest = {0};
    for (size_t i = 0; i < count; i++) {
        const rp_node *factor = factors[i];
        int64_t s;
        if (rp_tree_has_symbol(factor, symbol->name)) {
            const rp_node *ratio = ratio_of(work, factor, symbol);
            if (ratio) { /* a^{bk+c} = a^c (a^b)^k: the constant part is what is left at k = 0 */
                parts->ratio = rp_expr_multiply(work, parts->ratio, ratio);
                factor = term_at(work, factor, symbol->name, whole(work, 0));
            } else if (is_inverse_power(factor, symbol, &s) && !parts->zeta) {
                parts->zeta = s;
                continue;
            } else if (is_inverse_factorial(factor, symbol) && !parts->factorial) {
                parts->factorial = true;
                continue;
            }
        }
        if (!rp_nodes_push(work, &rest, factor)) return false;
    }
    parts->polynomial = rest.count ? rp_expr_product(work, rest.items, rest.count) : whole(work, 1);
    return parts->polynomial->kind != RP_UNDEFINED;
}

int64_t rp_degree_in(const rp_node *a, const rp_node *symbol) {
    if (rp_tree_equal(a, symbol)) return 1;
    if (!rp_tree_has_symbol(a, symbol->name)) return 0;
    int64_t degree = 0, e;
    if (a->kind == RP_POWER) {
        degree = rp_degree_in(a->kids[0], symbol);
        if (a->kids[1]->kind != RP_NUMBER || !rp_q_small(a->kids[1]->q, &e) || e < 0 || e > DEGREE_MAX || degree < 0)
            return -1;
        degree *= e;
        return degree <= DEGREE_MAX ? degree : -1;
    }
    if (a->kind != RP_SUM && a->kind != RP_PRODUCT) return -1;
    for (uint32_t i = 0; i < a->count; i++) {
        const int64_t d = rp_degree_in(a->kids[i], symbol);
        if (d < 0) return -1;
        degree = a->kind == RP_PRODUCT ? degree + d : (d > degree ? d : degree);
    }
    return degree <= DEGREE_MAX ? degree : -1;
}

/* Forward differences Δ^j P(from), j = 0 … degree, from values at from, from + 1, … */
static bool differences(rp_work *work, const rp_node *p, rp_str name, const rp_node *from, int64_t degree,
                        const rp_node **out) {
    for (int64_t i = 0; i <= degree; i++) out[i] = term_at(work, p, name, rp_expr_add(work, from, whole(work, i)));
    for (int64_t j = 1; j <= degree; j++)
        for (int64_t i = degree; i >= j; i--) out[i] = rp_expr_subtract(work, out[i], out[i - 1]);
    return !work->failed;
}

/* ---- Closed forms ------------------------------------------------------------------------------------------------ */

/* Σ_{k=0}^{n-1} P(from + k) = Σ_j Δ^j P(from) C(n, j+1) */
static const rp_node *polynomial_sum(rp_work *work, const rp_node *p, rp_str name, const rp_node *from, const rp_node *n,
                                     int64_t degree) {
    const rp_node *delta[DEGREE_MAX + 1];
    if (!differences(work, p, name, from, degree, delta)) return NULL;
    rp_nodes terms = {0};
    for (int64_t j = 0; j <= degree; j++) {
        const rp_node *arguments[2] = {n, whole(work, j + 1)};
        const rp_node *choose = rp_expr_function(work, RP_FN_BINOMIAL, arguments, 2);
        if (!rp_nodes_push(work, &terms, rp_expr_multiply(work, delta[j], choose))) return NULL;
    }
    return rp_expr_sum(work, terms.items, terms.count);
}

/* Σ_{k>=0} P(from + k) r^(from+k) = r^from Σ_j Δ^j P(from) r^j / (1-r)^(j+1), for |r| < 1 */
static const rp_node *infinite_geometric(rp_work *work, const term_parts *t, rp_str name, const rp_node *from,
                                         int64_t degree) {
    const rp_node *delta[DEGREE_MAX + 1];
    const rp_node *gap = rp_expr_subtract(work, whole(work, 1), t->ratio);
    if (!differences(work, t->polynomial, name, from, degree, delta)) return NULL;
    rp_nodes terms = {0};
    for (int64_t j = 0; j <= degree; j++) {
        const rp_node *r = rp_expr_power(work, t->ratio, rp_expr_add(work, from, whole(work, j)));
        const rp_node *below = rp_expr_power(work, gap, whole(work, -j - 1));
        const rp_node *factors[3] = {delta[j], r, below};
        if (!rp_nodes_push(work, &terms, rp_expr_product(work, factors, 3))) return NULL;
    }
    return rp_expr_sum(work, terms.items, terms.count);
}

/* c (r^from - r^(to+1)) / (1 - r) */
static const rp_node *finite_geometric(rp_work *work, const term_parts *t, const rp_node *from, const rp_node *to) {
    const rp_node *after = rp_expr_add(work, to, whole(work, 1));
    const rp_node *above =
        rp_expr_subtract(work, rp_expr_power(work, t->ratio, from), rp_expr_power(work, t->ratio, after));
    const rp_node *sum = rp_expr_divide(work, above, rp_expr_subtract(work, whole(work, 1), t->ratio));
    return rp_expr_multiply(work, t->polynomial, sum);
}

/* |r| < 1 for a constant r; for a symbol the series is taken to converge, as its author did. */
static bool converges(rp_work *work, const rp_node *ratio) {
    int sign;
    if (!rp_is_constant(ratio)) return true;
    const rp_node *size = rp_expr_function(work, RP_FN_ABS, &ratio, 1);
    return rp_constant_sign(work, rp_expr_subtract(work, whole(work, 1), size), &sign) && sign > 0;
}

/* ζ(2m) = z π^(2m) */
static const rp_node *even_zeta(rp_work *work, int64_t s) {
    static const int64_t denominators[] = {6, 90, 945, 9450}; /* ζ(2) … ζ(8) */
    if (s % 2 || s > 8) return NULL;
    const rp_node *power = rp_expr_power(work, rp_tree_constant(work, RP_PI), whole(work, s));
    return rp_expr_scale(work, rp_q_ratio(work, 1, denominators[s / 2 - 1]), power);
}

/* Σ k^-s and Σ (-1)^k k^-s, from k = 1 or by taking away the first terms. */
static const rp_node *zeta_sum(rp_work *work, const term_parts *t, int64_t from) {
    const rp_node *all = NULL;
    if (t->zeta == 1 && rp_tree_is_int(t->ratio, -1))
        all = rp_expr_scale(work, rp_q_int(-1), rp_expr_logarithm(work, whole(work, 2)));
    else if (t->zeta > 1 && rp_tree_is_int(t->ratio, 1))
        all = even_zeta(work, t->zeta);
    else if (t->zeta > 1 && rp_tree_is_int(t->ratio, -1) && even_zeta(work, t->zeta)) {
        const rp_q factor = rp_q_sub(work, rp_q_pow(work, rp_q_int(2), 1 - t->zeta), rp_q_int(1)); /* η = (1 - 2^(1-s)) ζ */
        all = rp_expr_scale(work, factor, even_zeta(work, t->zeta));
    }
    if (!all || from < 1 || from > WRITTEN_OUT) return NULL;
    for (int64_t k = 1; k < from; k++) {
        rp_q term = rp_q_pow(work, rp_q_int(k), -t->zeta);
        if (rp_tree_is_int(t->ratio, -1) && k % 2) term = rp_q_neg(work, term);
        all = rp_expr_subtract(work, all, rp_tree_number(work, term));
    }
    return rp_expr_multiply(work, t->polynomial, all);
}

/* Σ r^k/k! = e^r */
static const rp_node *exponential_sum(rp_work *work, const term_parts *t, int64_t from) {
    if (from < 0 || from > WRITTEN_OUT) return NULL;
    const rp_node *all = rp_expr_exponential(work, t->ratio);
    for (int64_t k = 0; k < from; k++) {
        const rp_q below = rp_q_factorial(work, k, 1);
        const rp_node *term =
            rp_expr_scale(work, rp_q_div(work, rp_q_int(1), below), rp_expr_power(work, t->ratio, whole(work, k)));
        all = rp_expr_subtract(work, all, term);
    }
    return rp_expr_multiply(work, t->polynomial, all);
}

static const rp_node *closed_sum(rp_work *work, const rp_node *symbol, const rp_node *from, const rp_node *to,
                                 const rp_node *body) {
    term_parts t;
    int64_t start;
    if (!split_term(work, body, symbol, &t)) return NULL;
    const int64_t degree = rp_degree_in(t.polynomial, symbol);
    const bool geometric = !rp_tree_is_int(t.ratio, 1), infinite = rp_tree_is_constant(to, RP_INFINITY);
    if (degree < 0) return NULL;
    if (!infinite) {
        if (t.zeta || t.factorial) return NULL;
        if (geometric) return degree == 0 ? finite_geometric(work, &t, from, to) : NULL;
        const rp_node *n = rp_expr_add(work, rp_expr_subtract(work, to, from), whole(work, 1));
        return polynomial_sum(work, t.polynomial, symbol->name, from, n, degree);
    }
    const bool counted = from->kind == RP_NUMBER && rp_q_small(from->q, &start);
    if (t.zeta) return counted && degree == 0 && !t.factorial ? zeta_sum(work, &t, start) : NULL;
    if (t.factorial) return counted && degree == 0 ? exponential_sum(work, &t, start) : NULL;
    return geometric && converges(work, t.ratio) ? infinite_geometric(work, &t, symbol->name, from, degree) : NULL;
}

/* Π_{k=from}^{to} (a k + b) = a^n (to + b/a)! / (from - 1 + b/a)!, a factor free of k to the power n; n the number of terms.
 * Only for arguments that are natural numbers at the lower end. */
static const rp_node *closed_factor(rp_work *work, const rp_node *symbol, const rp_node *from, const rp_node *to,
                                    const rp_node *factor, const rp_node *n) {
    int64_t least, e;
    if (!rp_tree_has_symbol(factor, symbol->name)) return rp_expr_power(work, factor, n);
    if (factor->kind == RP_POWER && factor->kids[1]->kind == RP_NUMBER && rp_q_small(factor->kids[1]->q, &e)) {
        const rp_node *base = closed_factor(work, symbol, from, to, factor->kids[0], n);
        return base ? rp_expr_power(work, base, factor->kids[1]) : NULL;
    }
    const rp_node *slope = rp_degree_in(factor, symbol) == 1 ? rp_slope_in(work, factor, symbol) : NULL;
    if (!slope) return NULL;
    const rp_node *shift = rp_expr_divide(work, term_at(work, factor, symbol->name, whole(work, 0)), slope);
    const rp_node *below = rp_expr_add(work, rp_expr_subtract(work, from, whole(work, 1)), shift);
    if (below->kind != RP_NUMBER || !rp_q_small(below->q, &least) || least < 0) return NULL;
    const rp_node *above = rp_factorial(work, rp_expr_add(work, to, shift));
    return rp_expr_multiply(work, rp_expr_power(work, slope, n), rp_expr_divide(work, above, rp_factorial(work, below)));
}

static const rp_node *closed_product(rp_work *work, const rp_node *symbol, const rp_node *from, const rp_node *to,
                                     const rp_node *body) {
    const rp_node *const one[1] = {body};
    const rp_node *const *factors = body->kind == RP_PRODUCT ? body->kids : one;
    const size_t count = body->kind == RP_PRODUCT ? body->count : 1;
    if (rp_is_constant(to) || rp_tree_contains(to, RP_CONSTANT, RP_INFINITY)) return NULL;
    const rp_node *n = rp_expr_add(work, rp_expr_subtract(work, to, from), whole(work, 1));
    rp_nodes closed = {0};
    for (size_t i = 0; i < count; i++) {
        const rp_node *factor = closed_factor(work, symbol, from, to, factors[i], n);
        if (!factor || !rp_nodes_push(work, &closed, factor)) return NULL;
    }
    return rp_expr_product(work, closed.items, closed.count);
}

/* ---- All big operators ------------------------------------------------------------------------------------------- */

static const rp_node *sum_or_product(rp_work *work, rp_big_op op, const rp_node *symbol, const rp_node *from,
                                     const rp_node *to, const rp_node *body) {
    int64_t a, b;
    const bool bounded =
        from->kind == RP_NUMBER && to->kind == RP_NUMBER && rp_q_small(from->q, &a) && rp_q_small(to->q, &b);
    if (bounded && b - a < WRITTEN_OUT) return write_out(work, op, symbol->name, a, b, body);
    const rp_node *closed =
        op == RP_BIG_SUM ? closed_sum(work, symbol, from, to, body) : closed_product(work, symbol, from, to, body);
    if (closed && closed->kind != RP_UNDEFINED) return closed;
    const rp_node *kids[4] = {symbol, from, to, body};
    return rp_tree_make(work, RP_BIG, (int)op, 0, (rp_str){NULL, 0}, kids, 4);
}

/* lim f = f(point) where f is defined there: what can be written is continuous, steps excepted. */
static const rp_node *limit(rp_work *work, const rp_node *symbol, const rp_node *point, const rp_node *body) {
    const bool steps = rp_tree_contains(body, RP_FUNCTION, RP_FN_FLOOR) || rp_tree_contains(body, RP_FUNCTION, RP_FN_SIGN);
    const rp_node *value = steps ? &RP_NODE_NONE : term_at(work, body, symbol->name, point);
    if (value->kind != RP_UNDEFINED && !work->failed) return value;
    const rp_node *kids[3] = {symbol, point, body};
    return rp_tree_make(work, RP_BIG, RP_BIG_LIMIT, 0, (rp_str){NULL, 0}, kids, 3);
}

/* Levels of big operators inside: an inner one has a smaller number than the one around it. */
static int nesting(const rp_node *a) {
    int deepest = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        const int inner = nesting(a->kids[i]);
        deepest = inner > deepest ? inner : deepest;
    }
    return deepest + (a->kind == RP_BIG);
}

const rp_node *rp_expr_big(rp_work *work, rp_big_op op, const rp_node *const *kids, size_t count) {
    static const char *const names[] = {"#0", "#1", "#2", "#3", "#4", "#5", "#6", "#7"}; /* no answer can write these */
    const int level = nesting(kids[count - 1]);
    if (level >= (int)(sizeof names / sizeof names[0])) {
        rp_work_fail(work, RP_REASON_DEPTH);
        return &RP_NODE_NONE;
    }
    const rp_node *symbol = rp_tree_symbol(work, rp_str_of(names[level]), 0);
    const rp_node *raw = rp_tree_substitute(work, kids[count - 1], kids[0]->name, symbol);
    const rp_node *body = rp_simplify(work, raw);
    if (body->kind == RP_UNDEFINED) return body;
    if (op == RP_BIG_LIMIT) return limit(work, symbol, rp_simplify(work, kids[1]), body);
    const rp_node *from = kids[1]->kind == RP_UNDEFINED ? kids[1] : rp_simplify(work, kids[1]);
    const rp_node *to = kids[2]->kind == RP_UNDEFINED ? kids[2] : rp_simplify(work, kids[2]);
    if (op == RP_BIG_INTEGRAL) return rp_integral(work, symbol, from, to, body);
    return sum_or_product(work, op, symbol, from, to, body);
}
