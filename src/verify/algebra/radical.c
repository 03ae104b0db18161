/* SPDX-License-Identifier: MIT
 *
 * radical.c — rational powers of rationals in a normal form: sqrt(8) is 2 * 2^{1/2}, 12^{1/3} is 2^{2/3} * 3^{1/3}.
 *
 * q^{k/n} with q = Π p^a becomes Π p^{a k / n}; of each exponent the whole part is multiplied out and the fraction in (0,
 * 1) stays. Such products of prime radicals are linearly independent over the rationals (Besicovitch 1940), so two sums of
 * them are equal exactly when they are the same sum: most radical answers are decided here, with proof, by comparing trees.
 * A cofactor that trial division leaves whole stays as one "prime": the form is then merely a good one, not the normal one.
 */
#include "algebra/simplify.h"

enum { TRIAL_SMALL = 4096, TRIAL_BIG = 256 };

/* Divides out `p` as often as it goes. */
static int64_t divide_out(rp_work *work, rp_q *n, int64_t p) {
    int64_t count = 0, small;
    if (rp_q_small(*n, &small)) {
        while (small % p == 0) small /= p, count++;
        *n = rp_q_int(small);
        return count;
    }
    bool defined;
    while (!work->failed && rp_q_mod(*n, (uint64_t)p, &defined) == 0) {
        *n = rp_q_div(work, *n, rp_q_int(p));
        count++;
    }
    return count;
}

/* m = c^k with the largest k among small primes, again and again: what is left of 10^40 + 1 may still be a square. */
static int64_t perfect_power(rp_work *work, rp_q *m) {
    static const int64_t primes[] = {2, 3, 5, 7, 11, 13};
    int64_t power = 1;
    for (size_t i = 0; i < sizeof primes / sizeof primes[0];) {
        rp_q root;
        if (rp_q_root(work, *m, primes[i], &root)) {
            *m = root;
            power *= primes[i];
        } else {
            i++;
        }
    }
    return power;
}

size_t rp_factor(rp_work *work, rp_q n, rp_prime_power *out, size_t room) {
    size_t count = 0;
    int64_t small;
    for (int64_t p = 2; count + 1 < room && !work->failed; p += p > 2 ? 2 : 1) {
        const bool is_small = rp_q_small(n, &small);
        if (is_small && p * p > small) break;
        if (p > (is_small ? TRIAL_SMALL : TRIAL_BIG)) break;
        const int64_t times = divide_out(work, &n, p);
        if (times) out[count++] = (rp_prime_power){rp_q_int(p), times};
    }
    (void)rp_work_pay(work, 16);
    if (rp_q_is(n, 1)) return count;
    const bool prime = rp_q_small(n, &small) && small < (int64_t)TRIAL_SMALL * TRIAL_SMALL;
    const int64_t power = prime ? 1 : perfect_power(work, &n);
    out[count++] = (rp_prime_power){n, power};
    return count;
}

/* p^e as factors: the whole part of e is multiplied into *number when it is not too large; returns NULL or the radical. */
static const rp_node *prime_power(rp_work *work, rp_q p, rp_q e, rp_q *number) {
    rp_q whole = rp_q_floor(work, e);
    rp_q part = rp_q_sub(work, e, whole);
    int64_t k;
    const bool fits = rp_q_small(whole, &k) && k > -RP_LIMIT_BITS && k < RP_LIMIT_BITS &&
                      (k < 0 ? -k : k) * rp_q_bits(p) <= RP_LIMIT_BITS;
    if (!fits) return rp_tree_2(work, RP_POWER, 0, rp_tree_number(work, p), rp_tree_number(work, e));
    *number = rp_q_mul(work, *number, rp_q_pow(work, p, k));
    if (rp_q_is(part, 0)) return NULL;
    return rp_tree_2(work, RP_POWER, 0, rp_tree_number(work, p), rp_tree_number(work, part));
}

/* b^e for positive b, in prime radicals. */
static bool positive_power(rp_work *work, rp_q b, rp_q e, rp_q *number, rp_nodes *factors) {
    enum { PRIMES = 40 };
    for (int below = 0; below < 2; below++) {
        rp_prime_power primes[PRIMES];
        const rp_q integer = below ? rp_q_den(work, b) : rp_q_num(work, b);
        if (rp_q_is(integer, 1)) continue;
        const size_t count = rp_factor(work, integer, primes, PRIMES);
        const rp_q exponent = below ? rp_q_neg(work, e) : e;
        for (size_t i = 0; i < count && !work->failed; i++) {
            const rp_q scaled = rp_q_mul(work, exponent, rp_q_int(primes[i].count));
            const rp_node *radical = prime_power(work, primes[i].prime, scaled, number);
            if (radical && !rp_nodes_push(work, factors, radical)) return false;
        }
    }
    return !work->failed;
}

/* (-1)^{k/n}: by parity for odd n (the real root), e^{iπ k/n} for even n (the principal value). */
static const rp_node *minus_one_power(rp_work *work, rp_q e) {
    const rp_q n = rp_q_den(work, e), k = rp_q_num(work, e);
    if (rp_q_is_odd(n)) return rp_tree_int(work, rp_q_is_odd(k) ? -1 : 1);
    const rp_node *angle = rp_expr_scale(work, e, rp_tree_constant(work, RP_PI));
    return rp_expr_exponential(work, rp_expr_multiply(work, rp_tree_constant(work, RP_I), angle));
}

const rp_node *rp_expr_number_power(rp_work *work, rp_q base, rp_q exponent) {
    if (rp_q_is(base, 1)) return rp_tree_int(work, 1);
    if (rp_q_is(base, 0)) return rp_q_sign(exponent) > 0 ? rp_tree_int(work, 0) : &RP_NODE_NONE;
    int64_t k;
    if (rp_q_small(exponent, &k) && k > -RP_LIMIT_BITS && k < RP_LIMIT_BITS &&
        (k < 0 ? -k : k) * rp_q_bits(base) <= RP_LIMIT_BITS)
        return rp_tree_number(work, rp_q_pow(work, base, k));
    rp_nodes factors = {0};
    rp_q number = rp_q_int(1);
    if (rp_q_sign(base) < 0) {
        base = rp_q_neg(work, base);
        if (!rp_nodes_push(work, &factors, minus_one_power(work, exponent))) return &RP_NODE_NONE;
    }
    if (!rp_q_is(base, 1) && !positive_power(work, base, exponent, &number, &factors)) return &RP_NODE_NONE;
    if (!rp_nodes_push(work, &factors, rp_tree_number(work, number))) return &RP_NODE_NONE;
    return rp_expr_product(work, factors.items, factors.count);
}
