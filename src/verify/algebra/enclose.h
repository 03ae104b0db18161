/* SPDX-License-Identifier: MIT
 *
 * enclose.h — rigorous enclosures of constants: a rectangle in the complex plane that certainly holds the value.
 */
#ifndef REPHRASE_VERIFY_ENCLOSE_H
#define REPHRASE_VERIFY_ENCLOSE_H

#include "algebra/tree.h"

typedef enum rp_enclosure {
    RP_ENCLOSE_NONZERO, /* the rectangle does not hold 0 */
    RP_ENCLOSE_ZERO_INSIDE,
    RP_ENCLOSE_UNDEFINED, /* the value does not exist, certainly */
    RP_ENCLOSE_UNKNOWN    /* a division by something that may be 0, a function not known here, an overflow */
} rp_enclosure;

/* Encloses a constant with about `bits` bits. *log2_size: the rectangle's far corner is below 2^log2_size. */
rp_enclosure rp_enclose(rp_work *work, const rp_node *a, int bits, long *log2_size);
/* Sign of the real part when it is separated from 0 and the value is real beyond doubt; 0 only for a canonical 0. */
bool rp_constant_sign(rp_work *work, const rp_node *a, int *sign);
/* floor of a real constant when no integer lies inside its enclosure. */
bool rp_constant_floor(rp_work *work, const rp_node *a, rp_q *value);
/* Is the value certainly real (imaginary part exactly 0)? */
bool rp_encloses_real(rp_work *work, const rp_node *a, int bits);
/* The decimal expansion to `digits` digits behind the point, rounded, when the enclosure decides it; for `rounded`. */
bool rp_constant_round(rp_work *work, const rp_node *a, int64_t digits, rp_q *value);

#endif
