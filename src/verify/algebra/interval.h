/* SPDX-License-Identifier: MIT
 *
 * interval.h — rectangles in the complex plane with directed rounding.
 *
 * Every function returns a rectangle that certainly holds f(z) for every z in its arguments, or NULL when it cannot say:
 * a division by a rectangle that holds 0, a branch cut inside, an overflow of exponents. Rectangles live in the work's
 * arena and are never changed. A rectangle knows when it is real: then its imaginary part is exactly 0.
 */
#ifndef REPHRASE_VERIFY_INTERVAL_H
#define REPHRASE_VERIFY_INTERVAL_H

#include "algebra/exact.h"

typedef struct rp_rect rp_rect;

/* Precision travels in the first argument: every new rectangle has this many bits. */
typedef struct rp_precision {
    rp_work *work;
    long bits;
} rp_precision;

/* The library's exponent range is a setting of the thread: widest between begin and end, then as it was. */
typedef struct rp_exponents {
    long least, greatest;
} rp_exponents;
rp_exponents rp_rect_begin(void);
void rp_rect_end(rp_exponents saved);

const rp_rect *rp_rect_number(rp_precision p, rp_q q);
const rp_rect *rp_rect_pi(rp_precision p);
const rp_rect *rp_rect_i(rp_precision p);
const rp_rect *rp_rect_add(rp_precision p, const rp_rect *a, const rp_rect *b);
const rp_rect *rp_rect_negate(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_multiply(rp_precision p, const rp_rect *a, const rp_rect *b);
const rp_rect *rp_rect_inverse(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_exp(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_log(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_sin(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_cos(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_atan(rp_precision p, const rp_rect *a); /* real arguments */
const rp_rect *rp_rect_asin(rp_precision p, const rp_rect *a); /* within [-1, 1] */
const rp_rect *rp_rect_abs(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_floor(rp_precision p, const rp_rect *a);
const rp_rect *rp_rect_max(rp_precision p, const rp_rect *a, const rp_rect *b); /* real arguments */
/* z^q: integer q by repeated squaring; odd denominators give the real root of negative reals; otherwise e^{q ln z}. */
const rp_rect *rp_rect_power(rp_precision p, const rp_rect *a, rp_q q);

bool rp_rect_holds_zero(const rp_rect *a);
bool rp_rect_is_real(const rp_rect *a);
int rp_rect_sign(const rp_rect *a);       /* of a real rectangle: -1, 1, or 0 when it holds 0 */
long rp_rect_log2_size(const rp_rect *a); /* |z| < 2^result for every z in it */
bool rp_rect_meets(const rp_rect *a, const rp_rect *b);
/* The integer n with n <= x < n + 1 for every x in a real rectangle. */
bool rp_rect_integer_part(rp_work *work, const rp_rect *a, rp_q *n);

#endif
