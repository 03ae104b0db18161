/* SPDX-License-Identifier: MIT
 *
 * field.h — prime fields in which an answer's constants have their images.
 *
 * Each prime p is 1 modulo RP_FIELD_CYCLE = 2 · 27720, so that the field has i, e^{iπ k/n} for every n up to 12 and the
 * square roots of 2, 3, 5, 7 and 11, all expressed by one root of unity and therefore consistent with each other.
 */
#ifndef REPHRASE_VERIFY_FIELD_H
#define REPHRASE_VERIFY_FIELD_H

#include "algebra/exact.h"

enum {
    RP_FIELD_PRIMES = 48,
    RP_FIELD_CHAINS = 4, /* the first primes, for which the chain of totients is known */
    RP_FIELD_LEVELS = 16,
    RP_FIELD_CYCLE = 55440
};

typedef struct rp_field_prime {
    uint64_t p, zeta; /* zeta has the order RP_FIELD_CYCLE and stands for e^{2πi/RP_FIELD_CYCLE} */
} rp_field_prime;

extern const rp_field_prime rp_field_primes[RP_FIELD_PRIMES];
/* p, φ(p), φ(φ(p)), … of the first primes */
extern const uint64_t rp_field_totients[RP_FIELD_CHAINS][RP_FIELD_LEVELS];

/* Arithmetic modulo m < 2^62. */
uint64_t rp_mod_multiply(uint64_t a, uint64_t b, uint64_t m);
uint64_t rp_mod_add(uint64_t a, uint64_t b, uint64_t m);
uint64_t rp_mod_power(uint64_t base, uint64_t exponent, uint64_t m);

/* x with x^degree = a for a prime degree that is 2, 3 or 5; false when there is none. */
bool rp_field_root(const rp_field_prime *f, uint64_t a, unsigned degree, uint64_t *x);
/* sqrt(b) by Gauss sums, with the sign that fits zeta; b is 2, 3, 5, 7 or 11. */
uint64_t rp_field_square_root_of(const rp_field_prime *f, unsigned b);
/* r with r^degree = b for a prime b, such that r^(degree/2) is the sqrt(b) above where that exists. The degree may have the
 * prime factors 2, 3 and 5. False when the field has no such root. */
bool rp_field_radical(const rp_field_prime *f, uint64_t b, uint64_t degree, uint64_t *r);

#endif
