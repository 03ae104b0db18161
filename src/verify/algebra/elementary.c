/* SPDX-License-Identifier: MIT
 *
 * elementary.c — exponentials, logarithms and trigonometric functions in canonical form.
 *
 * Everything is written with e^x, ln, cos of rational multiples of π in (0, π/2), sin and cos of the rest, and arctan. So
 * tan^2 y + 1 and sec^2 y become rational functions of the same two atoms, and cosh x and (e^x + e^-x)/2 the same tree.
 */
#include "algebra/simplify.h"

static const rp_node *half(rp_work *work) {
    return rp_tree_number(work, rp_q_ratio(work, 1, 2));
}
static const rp_node *pi_times(rp_work *work, rp_q q) {
    return rp_expr_scale(work, q, rp_tree_constant(work, RP_PI));
}
static const rp_node *negative(rp_work *work, const rp_node *a) {
    return rp_expr_scale(work, rp_q_int(-1), a);
}
static const rp_node *inverse(rp_work *work, const rp_node *a) {
    return rp_expr_power(work, a, rp_tree_int(work, -1));
}
static const rp_node *square(rp_work *work, const rp_node *a) {
    return rp_expr_power(work, a, rp_tree_int(work, 2));
}

static bool is_infinite(const rp_node *a) {
    return rp_tree_is_constant(a, RP_INFINITY) ||
           (a->kind == RP_PRODUCT && rp_tree_is_constant(a->kids[a->count - 1], RP_INFINITY));
}

/* ---- Cosine of a rational multiple of π -------------------------------------------------------------------------- */

/* (a + b sqrt(c)) / d, the second root for the twelfths: cos(π/12) = (sqrt 6 + sqrt 2)/4. */
typedef struct known_cosine {
    int64_t num, den; /* of the angle over π */
    int64_t a, root_a, b, root_b, divisor;
} known_cosine;

static const known_cosine cosines[] = {
    {0, 1, 1, 1, 0, 1, 1}, {1, 2, 0, 1, 0, 1, 1},  {1, 3, 1, 1, 0, 1, 2},  {1, 4, 0, 1, 1, 2, 2},   {1, 6, 0, 1, 1, 3, 2},
    {1, 5, 1, 1, 1, 5, 4}, {2, 5, -1, 1, 1, 5, 4}, {1, 12, 1, 2, 1, 6, 4}, {5, 12, -1, 2, 1, 6, 4},
};

static const rp_node *radical_times(rp_work *work, int64_t factor, int64_t under_root, int64_t divisor) {
    const rp_node *root = rp_expr_number_power(work, rp_q_int(under_root), rp_q_ratio(work, 1, 2));
    return rp_expr_scale(work, rp_q_ratio(work, factor, divisor), root);
}

/* cos(q π): reduced to 0 <= q <= 1/2 by period, symmetry and sign. */
static const rp_node *cosine_of_pi(rp_work *work, rp_q q) {
    const rp_q turns = rp_q_floor(work, rp_q_div(work, q, rp_q_int(2)));
    q = rp_q_sub(work, q, rp_q_mul(work, turns, rp_q_int(2)));
    if (rp_q_cmp(work, q, rp_q_int(1)) > 0) q = rp_q_sub(work, rp_q_int(2), q);
    const bool flip = rp_q_cmp(work, q, rp_q_ratio(work, 1, 2)) > 0;
    if (flip) q = rp_q_sub(work, rp_q_int(1), q);
    const rp_node *value = NULL;
    for (size_t i = 0; i < sizeof cosines / sizeof cosines[0] && !value; i++) {
        const known_cosine *k = &cosines[i];
        if (!rp_q_equal(q, rp_q_ratio(work, k->num, k->den))) continue;
        value = rp_expr_add(work, radical_times(work, k->a, k->root_a, k->divisor),
                            radical_times(work, k->b, k->root_b, k->divisor));
    }
    if (!value) value = rp_tree_function1(work, RP_FN_COS, pi_times(work, q));
    return flip ? negative(work, value) : value;
}

/* ---- Sine, cosine ------------------------------------------------------------------------------------------------ */

/* x = y + q π t with q an integer and t integer-valued: *sign = (-1)^{q t}, and y is left; x itself when there is none. */
static const rp_node *without_half_turns(rp_work *work, const rp_node *x, const rp_node **sign) {
    *sign = NULL;
    if (!rp_tree_contains(x, RP_CONSTANT, RP_PI) || !rp_tree_contains(x, RP_SYMBOL, -1)) return x;
    const rp_node *expanded = rp_expand(work, x), *pi = rp_tree_constant(work, RP_PI);
    const rp_node *const one[1] = {expanded};
    const rp_node *const *terms = expanded->kind == RP_SUM ? expanded->kids : one;
    const size_t count = expanded->kind == RP_SUM ? expanded->count : 1;
    rp_nodes rest = {0};
    for (size_t i = 0; i < count; i++) {
        const rp_node *turns = rp_expr_divide(work, terms[i], pi), *power = NULL;
        if (!rp_tree_contains(turns, RP_CONSTANT, RP_PI)) power = rp_sign_power(work, turns);
        if (power)
            *sign = *sign ? rp_expr_multiply(work, *sign, power) : power;
        else if (!rp_nodes_push(work, &rest, terms[i]))
            return x;
    }
    return *sign ? rp_expr_sum(work, rest.items, rest.count) : x;
}

static const rp_node *cosine(rp_work *work, const rp_node *x) {
    rp_q q;
    const rp_node *sign;
    if (rp_is_pi_multiple(work, x, &q)) return cosine_of_pi(work, q);
    if (x->kind == RP_UNDEFINED || is_infinite(x)) return &RP_NODE_NONE;
    x = without_half_turns(work, x, &sign);
    if (sign) return rp_expr_multiply(work, sign, cosine(work, x));
    return rp_tree_function1(work, RP_FN_COS, rp_leads_negative(work, x) ? negative(work, x) : x);
}

static const rp_node *sine(rp_work *work, const rp_node *x) {
    rp_q q;
    const rp_node *sign;
    if (rp_is_pi_multiple(work, x, &q)) return cosine_of_pi(work, rp_q_sub(work, rp_q_ratio(work, 1, 2), q));
    if (x->kind == RP_UNDEFINED || is_infinite(x)) return &RP_NODE_NONE;
    x = without_half_turns(work, x, &sign);
    if (sign) return rp_expr_multiply(work, sign, sine(work, x));
    if (rp_tree_is_function(x, RP_FN_ASIN)) return x->kids[0];
    if (rp_leads_negative(work, x)) return negative(work, rp_tree_function1(work, RP_FN_SIN, negative(work, x)));
    return rp_tree_function1(work, RP_FN_SIN, x);
}

/* ---- Inverse functions ------------------------------------------------------------------------------------------- */

/* arctan x for the values whose angle is known; -arctan(-x); else as it is. */
static const rp_node *arctangent(rp_work *work, const rp_node *x) {
    if (rp_tree_is_constant(x, RP_INFINITY)) return pi_times(work, rp_q_ratio(work, 1, 2));
    static const int64_t angles[][2] = {{0, 1}, {1, 6}, {1, 4}, {1, 3}, {1, 12}, {5, 12}};
    for (size_t i = 0; rp_is_constant(x) && i < sizeof angles / sizeof angles[0]; i++) {
        const rp_node *angle = pi_times(work, rp_q_ratio(work, angles[i][0], angles[i][1]));
        const rp_node *tangent = rp_expr_divide(work, sine(work, angle), cosine(work, angle));
        if (rp_tree_equal(x, tangent)) return angle;
        if (rp_tree_equal(x, negative(work, tangent))) return negative(work, angle);
    }
    if (rp_leads_negative(work, x)) return negative(work, rp_tree_function1(work, RP_FN_ATAN, negative(work, x)));
    return rp_tree_function1(work, RP_FN_ATAN, x);
}

static const rp_node *arcsine(rp_work *work, const rp_node *x) {
    static const int64_t angles[][2] = {{0, 1}, {1, 6}, {1, 4}, {1, 3}, {1, 2}, {1, 12}, {5, 12}, {1, 10}, {3, 10}};
    for (size_t i = 0; rp_is_constant(x) && i < sizeof angles / sizeof angles[0]; i++) {
        const rp_node *angle = pi_times(work, rp_q_ratio(work, angles[i][0], angles[i][1]));
        const rp_node *value = sine(work, angle);
        if (rp_tree_equal(x, value)) return angle;
        if (rp_tree_equal(x, negative(work, value))) return negative(work, angle);
    }
    if (rp_leads_negative(work, x)) return negative(work, rp_tree_function1(work, RP_FN_ASIN, negative(work, x)));
    return rp_tree_function1(work, RP_FN_ASIN, x);
}

static const rp_node *arccosine(rp_work *work, const rp_node *x) {
    return rp_expr_subtract(work, pi_times(work, rp_q_ratio(work, 1, 2)), arcsine(work, x));
}

/* ---- Exponential and logarithm ----------------------------------------------------------------------------------- */

/* Does the term hold a factor i? Then *angle becomes the rest over π when that is rational: e^{iπq}. */
static bool is_imaginary_pi(rp_work *work, const rp_node *term, rp_q *q) {
    if (term->kind != RP_PRODUCT) return false;
    bool has_i = false, has_pi = false;
    *q = rp_q_int(1);
    for (uint32_t i = 0; i < term->count; i++) {
        const rp_node *kid = term->kids[i];
        if (kid->kind == RP_NUMBER)
            *q = kid->q;
        else if (rp_tree_is_constant(kid, RP_I) && !has_i)
            has_i = true;
        else if (rp_tree_is_constant(kid, RP_PI) && !has_pi)
            has_pi = true;
        else
            return false;
    }
    (void)work;
    return has_i && has_pi;
}

/* e^{q ln y} = y^q for rational q when y is a positive number, for integer q always. NULL when the term is something else.
 */
static const rp_node *exponential_of_log(rp_work *work, const rp_node *term) {
    const rp_node *rest;
    const rp_q q = rp_split_coefficient(work, term, &rest);
    if (!rest || !rp_tree_is_function(rest, RP_FN_LN)) return NULL;
    if (!rp_is_positive_constant(rest->kids[0]) && !rp_q_is_int(q)) return NULL;
    return rp_expr_power(work, rest->kids[0], rp_tree_number(work, q));
}

/* e^{iπ q t} = (-1)^{q t} for an integer q and an integer-valued t, else NULL. */
static const rp_node *exponential_of_turns(rp_work *work, const rp_node *term) {
    if (term->kind != RP_PRODUCT || !rp_tree_contains(term, RP_CONSTANT, RP_PI)) return NULL;
    const rp_node *half_turn = rp_expr_multiply(work, rp_tree_constant(work, RP_I), rp_tree_constant(work, RP_PI));
    const rp_node *turns = rp_expr_divide(work, term, half_turn);
    return rp_tree_contains(turns, RP_CONSTANT, -1) ? NULL : rp_sign_power(work, turns);
}

const rp_node *rp_expr_exponential(rp_work *work, const rp_node *exponent) {
    if (exponent->kind == RP_UNDEFINED) return exponent;
    if (is_infinite(exponent)) /* e^∞ = ∞, e^-∞ = 0 */
        return rp_tree_is_constant(exponent, RP_INFINITY) ? exponent : rp_tree_int(work, 0);
    const rp_node *const one[1] = {exponent};
    const rp_node *const *terms = exponent->kind == RP_SUM ? exponent->kids : one;
    const size_t count = exponent->kind == RP_SUM ? exponent->count : 1;
    rp_nodes factors = {0}, rest = {0};
    for (size_t i = 0; i < count; i++) {
        rp_q q;
        const rp_node *factor = exponential_of_log(work, terms[i]);
        if (!factor && is_imaginary_pi(work, terms[i], &q)) {
            const rp_node *angle = pi_times(work, q);
            factor = rp_expr_add(work, cosine(work, angle),
                                 rp_expr_multiply(work, rp_tree_constant(work, RP_I), sine(work, angle)));
        }
        if (!factor) factor = exponential_of_turns(work, terms[i]);
        if (!rp_nodes_push(work, factor ? &factors : &rest, factor ? factor : terms[i])) return &RP_NODE_NONE;
    }
    if (rest.count) {
        const rp_node *e = rp_tree_constant(work, RP_E), *power = rp_expr_sum(work, rest.items, rest.count);
        const rp_node *pure = rp_tree_is_int(power, 0)   ? rp_tree_int(work, 1)
                              : rp_tree_is_int(power, 1) ? e
                                                         : rp_tree_2(work, RP_POWER, 0, e, power);
        if (factors.count == 0) return pure;
        if (!rp_nodes_push(work, &factors, pure)) return &RP_NODE_NONE;
    }
    return rp_expr_product(work, factors.items, factors.count);
}

static const rp_node *logarithm_of_number(rp_work *work, rp_q q) {
    enum { PRIMES = 40 };
    if (rp_q_sign(q) == 0) return &RP_NODE_NONE;
    rp_nodes terms = {0};
    if (rp_q_sign(q) < 0) { /* principal value: ln(-a) = ln a + iπ */
        q = rp_q_neg(work, q);
        const rp_node *ipi = rp_expr_multiply(work, rp_tree_constant(work, RP_I), rp_tree_constant(work, RP_PI));
        if (!rp_nodes_push(work, &terms, ipi)) return &RP_NODE_NONE;
    }
    for (int below = 0; below < 2; below++) {
        rp_prime_power primes[PRIMES];
        const rp_q integer = below ? rp_q_den(work, q) : rp_q_num(work, q);
        const size_t count = rp_q_is(integer, 1) ? 0 : rp_factor(work, integer, primes, PRIMES);
        for (size_t i = 0; i < count; i++) {
            const rp_node *log = rp_tree_function1(work, RP_FN_LN, rp_tree_number(work, primes[i].prime));
            const rp_q times = rp_q_int(below ? -primes[i].count : primes[i].count);
            if (!rp_nodes_push(work, &terms, rp_expr_scale(work, times, log))) return &RP_NODE_NONE;
        }
    }
    return rp_expr_sum(work, terms.items, terms.count);
}

/* ln(Π): what is positive comes out, the rest stays together. */
static const rp_node *logarithm_of_product(rp_work *work, const rp_node *a) {
    rp_nodes terms = {0}, inside = {0};
    for (uint32_t i = 0; i < a->count; i++) {
        const bool out = rp_is_nonnegative(a->kids[i]);
        const rp_node *kid = out ? rp_expr_logarithm(work, a->kids[i]) : a->kids[i];
        if (!rp_nodes_push(work, out ? &terms : &inside, kid)) return &RP_NODE_NONE;
    }
    if (inside.count) {
        const rp_node *rest = inside.count == 1 ? inside.items[0] : rp_expr_product(work, inside.items, inside.count);
        if (!rp_nodes_push(work, &terms, rp_tree_function1(work, RP_FN_LN, rest))) return &RP_NODE_NONE;
    }
    return rp_expr_sum(work, terms.items, terms.count);
}

const rp_node *rp_expr_logarithm(rp_work *work, const rp_node *a) {
    if (a->kind == RP_UNDEFINED) return a;
    if (a->kind == RP_NUMBER) return logarithm_of_number(work, a->q);
    if (rp_tree_is_constant(a, RP_E)) return rp_tree_int(work, 1);
    if (is_infinite(a)) return rp_tree_is_constant(a, RP_INFINITY) ? a : &RP_NODE_NONE;
    if (a->kind == RP_PRODUCT) return logarithm_of_product(work, a);
    if (a->kind == RP_POWER) {
        const rp_node *base = a->kids[0], *power = a->kids[1];
        if (rp_tree_is_constant(base, RP_E) && !rp_tree_contains(power, RP_CONSTANT, RP_I)) return power;
        const bool small = power->kind == RP_NUMBER && rp_q_cmp(work, power->q, rp_q_int(-1)) > 0 &&
                           rp_q_cmp(work, power->q, rp_q_int(1)) <= 0; /* log z^q = q log z on the principal branch */
        if (power->kind == RP_NUMBER && (small || rp_is_positive_constant(base)))
            return rp_expr_scale(work, power->q, rp_expr_logarithm(work, base));
        if (rp_is_positive(base) && rp_is_real(power)) return rp_expr_multiply(work, power, rp_expr_logarithm(work, base));
        if (power->kind == RP_NUMBER && rp_is_real(base) && !rp_is_constant(base)) { /* ln u^2 = 2 ln |u| */
            const bool even = !rp_q_is_odd(rp_q_num(work, power->q));
            return rp_expr_scale(work, power->q, rp_expr_logarithm(work, even ? rp_absolute(work, base) : base));
        }
    }
    return rp_tree_function1(work, RP_FN_LN, a);
}

/* ---- The table of functions of one argument ---------------------------------------------------------------------- */

typedef const rp_node *rule(rp_work *work, const rp_node *x);

static const rp_node *tangent(rp_work *w, const rp_node *x) {
    return rp_expr_divide(w, sine(w, x), cosine(w, x));
}
static const rp_node *cotangent(rp_work *w, const rp_node *x) {
    return rp_expr_divide(w, cosine(w, x), sine(w, x));
}
static const rp_node *secant(rp_work *w, const rp_node *x) {
    return inverse(w, cosine(w, x));
}
static const rp_node *cosecant(rp_work *w, const rp_node *x) {
    return inverse(w, sine(w, x));
}
static const rp_node *arccotangent(rp_work *w, const rp_node *x) {
    return rp_expr_subtract(w, pi_times(w, rp_q_ratio(w, 1, 2)), arctangent(w, x));
}
static const rp_node *arcsecant(rp_work *w, const rp_node *x) {
    return arccosine(w, inverse(w, x));
}
static const rp_node *arccosecant(rp_work *w, const rp_node *x) {
    return arcsine(w, inverse(w, x));
}

/* (e^x + sign e^-x) / 2 */
static const rp_node *hyperbolic(rp_work *w, const rp_node *x, int sign) {
    const rp_node *minus = rp_expr_scale(w, rp_q_int(sign), rp_expr_exponential(w, negative(w, x)));
    return rp_expr_multiply(w, half(w), rp_expr_add(w, rp_expr_exponential(w, x), minus));
}
static const rp_node *sinh_of(rp_work *w, const rp_node *x) {
    return hyperbolic(w, x, -1);
}
static const rp_node *cosh_of(rp_work *w, const rp_node *x) {
    return hyperbolic(w, x, 1);
}
static const rp_node *tanh_of(rp_work *w, const rp_node *x) {
    return rp_expr_divide(w, sinh_of(w, x), cosh_of(w, x));
}
static const rp_node *coth_of(rp_work *w, const rp_node *x) {
    return rp_expr_divide(w, cosh_of(w, x), sinh_of(w, x));
}
static const rp_node *sech_of(rp_work *w, const rp_node *x) {
    return inverse(w, cosh_of(w, x));
}
static const rp_node *csch_of(rp_work *w, const rp_node *x) {
    return inverse(w, sinh_of(w, x));
}

/* ln(x + sqrt(x^2 ± 1)) and ln((1+x)/(1-x))/2 */
static const rp_node *area(rp_work *w, const rp_node *x, int64_t shift) {
    const rp_node *root = rp_expr_square_root(w, rp_expr_add(w, square(w, x), rp_tree_int(w, shift)));
    return rp_expr_logarithm(w, rp_expr_add(w, x, root));
}
static const rp_node *arsinh(rp_work *w, const rp_node *x) {
    return area(w, x, 1);
}
static const rp_node *arcosh(rp_work *w, const rp_node *x) {
    return area(w, x, -1);
}
static const rp_node *artanh(rp_work *w, const rp_node *x) {
    const rp_node *one = rp_tree_int(w, 1);
    return rp_expr_multiply(w, half(w),
                            rp_expr_logarithm(w, rp_expr_divide(w, rp_expr_add(w, one, x), rp_expr_subtract(w, one, x))));
}
static const rp_node *decimal_logarithm(rp_work *w, const rp_node *x) {
    return rp_expr_divide(w, rp_expr_logarithm(w, x), rp_expr_logarithm(w, rp_tree_int(w, 10)));
}
static const rp_node *degrees(rp_work *w, const rp_node *x) {
    return rp_expr_multiply(w, x, pi_times(w, rp_q_ratio(w, 1, 180)));
}
static const rp_node *percent(rp_work *w, const rp_node *x) {
    return rp_expr_scale(w, rp_q_ratio(w, 1, 100), x);
}

static rule *const rules[RP_FN_COUNT] = {
    [RP_FN_SIN] = sine,
    [RP_FN_COS] = cosine,
    [RP_FN_TAN] = tangent,
    [RP_FN_COT] = cotangent,
    [RP_FN_SEC] = secant,
    [RP_FN_CSC] = cosecant,
    [RP_FN_ASIN] = arcsine,
    [RP_FN_ACOS] = arccosine,
    [RP_FN_ATAN] = arctangent,
    [RP_FN_ACOT] = arccotangent,
    [RP_FN_ASEC] = arcsecant,
    [RP_FN_ACSC] = arccosecant,
    [RP_FN_SINH] = sinh_of,
    [RP_FN_COSH] = cosh_of,
    [RP_FN_TANH] = tanh_of,
    [RP_FN_COTH] = coth_of,
    [RP_FN_SECH] = sech_of,
    [RP_FN_CSCH] = csch_of,
    [RP_FN_ASINH] = arsinh,
    [RP_FN_ACOSH] = arcosh,
    [RP_FN_ATANH] = artanh,
    [RP_FN_EXP] = rp_expr_exponential,
    [RP_FN_LN] = rp_expr_logarithm,
    [RP_FN_LG] = decimal_logarithm,
    [RP_FN_DEGREES] = degrees,
    [RP_FN_PERCENT] = percent,
};

const rp_node *rp_elementary(rp_work *work, rp_function fn, const rp_node *x) {
    return rules[fn] ? rules[fn](work, x) : NULL;
}
