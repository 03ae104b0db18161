/* SPDX-License-Identifier: MIT
 *
 * exact.h — exact rational numbers inside the call's arena.
 *
 * A number is a fraction in lowest terms with a positive denominator. As long as both fit 64 bits no big-number library is
 * touched; beyond, the limbs live in the arena and are never changed, so a number is copied by value and nothing is freed.
 * Sizes are estimated before each big operation: above RP_LIMIT_BITS the work fails with BITS (the library below would
 * abort the program instead).
 */
#ifndef REPHRASE_VERIFY_EXACT_H
#define REPHRASE_VERIFY_EXACT_H

#include "work.h"

typedef struct rp_big rp_big; /* limbs in the arena */
typedef struct rp_q {
    int64_t num, den; /* when big is NULL */
    const rp_big *big;
} rp_q;

/* Temporaries of the big-number library belong to the work: opened once, outside of any arena mark; close gives them back.
 */
struct rp_exact_scratch *rp_exact_open(rp_arena *arena);
void rp_exact_close(rp_work *work);

rp_q rp_q_int(int64_t value);
rp_q rp_q_ratio(rp_work *work, int64_t num, int64_t den); /* den != 0 */
/* digits of a base 2..36 (no sign, no separators, at least one); false when a digit does not fit the base */
bool rp_q_digits(rp_work *work, const char *digits, size_t n, int base, rp_q *out);

rp_q rp_q_neg(rp_work *work, rp_q a);
rp_q rp_q_add(rp_work *work, rp_q a, rp_q b);
rp_q rp_q_sub(rp_work *work, rp_q a, rp_q b);
rp_q rp_q_mul(rp_work *work, rp_q a, rp_q b);
rp_q rp_q_div(rp_work *work, rp_q a, rp_q b);           /* b != 0 */
rp_q rp_q_pow(rp_work *work, rp_q a, int64_t exponent); /* a != 0 when exponent < 0 */
rp_q rp_q_floor(rp_work *work, rp_q a);
rp_q rp_q_num(rp_work *work, rp_q a);
rp_q rp_q_den(rp_work *work, rp_q a);
rp_q rp_q_gcd(rp_work *work, rp_q a, rp_q b); /* of fractions: the largest q with a/q and b/q integer; >= 0 */
rp_q rp_q_factorial(rp_work *work, int64_t n, int64_t step); /* n (n-step) (n-2 step) …; n >= 0 */
rp_q rp_q_binomial(rp_work *work, rp_q n, int64_t k);        /* n integer, k >= 0 */
/* a^e mod m for integers, e >= 0, m >= 1 */
rp_q rp_q_powmod(rp_work *work, rp_q a, rp_q e, rp_q m);
/* The exact k-th root when a is a perfect k-th power (odd k: also of negatives). */
bool rp_q_root(rp_work *work, rp_q a, int64_t k, rp_q *out);

int rp_q_cmp(rp_work *work, rp_q a, rp_q b);
int rp_q_sign(rp_q a);
bool rp_q_equal(rp_q a, rp_q b);
bool rp_q_is_int(rp_q a);
bool rp_q_is(rp_q a, int64_t value);
bool rp_q_is_odd(rp_q a);                /* of integers */
bool rp_q_small(rp_q a, int64_t *value); /* integer within 64 bits */
long rp_q_bits(rp_q a);                  /* bits of numerator plus bits of denominator */
uint64_t rp_q_hash(rp_q a);
uint64_t rp_q_mod(rp_q a, uint64_t m, bool *defined); /* num / den mod m; undefined when den has no inverse */
double rp_q_double(rp_work *work, rp_q a);
/* The integer parts as limbs for interval.c: numerator (which = 0) or denominator (1). *sign is -1, 0 or 1. The limbs of a
 * small number are written to `small`. */
const void *rp_q_limbs(const rp_q *a, int which, uint64_t small[1], size_t *count, int *sign);
/* "3", "-7/2"; numbers of more than 200 digits are abbreviated as "123…789 (n digits)". */
void rp_q_print(rp_work *work, rp_q a, rp_buffer *out);

#endif
