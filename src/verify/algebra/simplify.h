/* SPDX-License-Identifier: MIT
 *
 * simplify.h — the canonical form of expressions.
 *
 * Canonical trees: numbers are folded; a sum holds its terms sorted by hash with like terms collected and the number first;
 * a product holds its coefficient first and each base once; roots of rationals are products of prime radicals
 * p^{k/n}, 0 < k/n < 1; logarithms of rationals are sums of logarithms of primes; a^x is e^{x ln a}; tan, sec, … are
 * written with sin and cos, the hyperbolic functions with e; degrees are multiples of π. Two canonical trees that are the
 * same stand for the same value. The converse does not hold and is what equal.c is for.
 *
 * Rules that lose a point of the domain (x/x = 1) are used: an answer is a formula, not a function with its domain.
 */
#ifndef REPHRASE_VERIFY_SIMPLIFY_H
#define REPHRASE_VERIFY_SIMPLIFY_H

#include "algebra/tree.h"

const rp_node *rp_simplify(rp_work *work, const rp_node *a);

/* Constructors of canonical nodes from canonical nodes. */
const rp_node *rp_expr_sum(rp_work *work, const rp_node *const *terms, size_t count);
const rp_node *rp_expr_product(rp_work *work, const rp_node *const *factors, size_t count);
const rp_node *rp_expr_power(rp_work *work, const rp_node *base, const rp_node *exponent);
const rp_node *rp_expr_function(rp_work *work, rp_function fn, const rp_node *const *arguments, size_t count);
const rp_node *rp_expr_big(rp_work *work, rp_big_op op, const rp_node *const *kids, size_t count);

const rp_node *rp_expr_add(rp_work *work, const rp_node *a, const rp_node *b);
const rp_node *rp_expr_subtract(rp_work *work, const rp_node *a, const rp_node *b);
const rp_node *rp_expr_multiply(rp_work *work, const rp_node *a, const rp_node *b);
const rp_node *rp_expr_divide(rp_work *work, const rp_node *a, const rp_node *b);
const rp_node *rp_expr_scale(rp_work *work, rp_q q, const rp_node *a);
const rp_node *rp_expr_square_root(rp_work *work, const rp_node *a);
const rp_node *rp_expr_exponential(rp_work *work, const rp_node *exponent);
const rp_node *rp_expr_logarithm(rp_work *work, const rp_node *a);

/* elementary.c: sin, ln, … of one canonical argument; NULL when fn is not among them. */
const rp_node *rp_elementary(rp_work *work, rp_function fn, const rp_node *x);

/* expand.c: products of sums and small powers of sums multiplied out, as long as the terms are few. */
const rp_node *rp_expand(rp_work *work, const rp_node *a);

/* radical.c: q^(num/den) in prime radicals. */
const rp_node *rp_expr_number_power(rp_work *work, rp_q base, rp_q exponent);
/* Factors of a positive integer by trial division, at most `room`: primes, and last what trial division left whole. */
typedef struct rp_prime_power {
    rp_q prime;
    int64_t count;
} rp_prime_power;
size_t rp_factor(rp_work *work, rp_q n, rp_prime_power *out, size_t room);

/* a = coefficient * rest; rest is NULL for a number. */
rp_q rp_split_coefficient(rp_work *work, const rp_node *a, const rp_node **rest);
/* a = q π */
bool rp_is_pi_multiple(rp_work *work, const rp_node *a, rp_q *q);
bool rp_is_positive_constant(const rp_node *a); /* visibly so: a positive number, π, e, their powers */
bool rp_is_integer_tree(const rp_node *a);      /* built from integers by + * and powers */
bool rp_is_constant(const rp_node *a);          /* no symbols, no unknown functions, nothing opaque */

/* assume.c: what letters stand for, and what follows. All of them say "surely"; a false proves nothing. */
bool rp_is_integer_letter(const rp_node *a);
bool rp_is_integer_valued(const rp_node *a);
bool rp_is_real(const rp_node *a); /* wherever it is defined over the reals */
bool rp_is_positive(const rp_node *a);
bool rp_is_nonnegative(const rp_node *a);

/* parity.c: (-1)^x for an integer-valued x, by x modulo 2; NULL when x is none. */
const rp_node *rp_sign_power(rp_work *work, const rp_node *x);
/* A sum whose first coefficient is negative, or such a term: of x and -x exactly one leads so. */
bool rp_leads_negative(rp_work *work, const rp_node *a);

/* pieces.c and counting.c, for the dispatch of discrete.c */
const rp_node *rp_absolute(rp_work *work, const rp_node *x);
const rp_node *rp_floor(rp_work *work, const rp_node *x);
const rp_node *rp_ceiling(rp_work *work, const rp_node *x);
const rp_node *rp_sign(rp_work *work, const rp_node *x);
const rp_node *rp_modulo(rp_work *work, const rp_node *a, const rp_node *m);
const rp_node *rp_extremum(rp_work *work, rp_function fn, const rp_node *const *a, size_t count);
const rp_node *rp_complex_part(rp_work *work, rp_function fn, const rp_node *x);
const rp_node *rp_factorial(rp_work *work, const rp_node *x);
const rp_node *rp_double_factorial(rp_work *work, const rp_node *x);
const rp_node *rp_binomial(rp_work *work, const rp_node *n, const rp_node *k);
const rp_node *rp_permutations(rp_work *work, const rp_node *n, const rp_node *k);

/* series.c: degree in the symbol, -1 when it is no polynomial in it or the degree is above RP_DEGREE_MAX. */
enum { RP_DEGREE_MAX = 8 };
int64_t rp_degree_in(const rp_node *a, const rp_node *symbol);
/* The slope of a canonical tree that is linear in the symbol and not constant, else NULL. */
const rp_node *rp_slope_in(rp_work *work, const rp_node *a, const rp_node *symbol);

/* integral.c: canonical integrand in the symbol x; bounds of kind RP_UNDEFINED are missing. */
const rp_node *rp_integral(rp_work *work, const rp_node *x, const rp_node *from, const rp_node *to, const rp_node *f);

/* matrix.c */
bool rp_has_matrix(const rp_node *const *kids, size_t count);
const rp_node *rp_matrix_sum(rp_work *work, const rp_node *const *terms, size_t count);
const rp_node *rp_matrix_product(rp_work *work, const rp_node *const *factors, size_t count);
const rp_node *rp_determinant(rp_work *work, const rp_node *matrix);
const rp_node *rp_transpose(rp_work *work, const rp_node *matrix);

#endif
