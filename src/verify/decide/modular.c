/* SPDX-License-Identifier: MIT
 *
 * modular.c — identities by residues.
 *
 * A polynomial of degree d that is not zero vanishes at a random point of a field with p elements with probability at most
 * d/p [schwartz1980]. So a difference of rational functions that is 0 at random points modulo four primes near 2^61 is
 * identically 0 with an error below (d/2^60)^4, and one residue that is not 0 is a proof that it is not. Nothing is
 * expanded: (x+1)^1000000 costs twenty multiplications. Who writes a number of W bits could write a multiple of W/60 of the
 * primes; so W/60 more of them are asked.
 *
 * What is no polynomial becomes one in new variables, as far as its relations go:
 *   x^{k/n}, e^{q t}, cos(q t)   powers of one variable: x = r^R, e^t = E^R, cos t = (C^R + C^-R)/2, R the common denominator
 *   i, cos(πk/n), sqrt 2         their images in the field (field.c)
 *   sqrt(u)                      both roots of u in the field, and the difference must vanish for each
 *   ln u, |u|, n!, f(u)          a variable named by the value of u: equal arguments, equal values
 * An identity that holds for all values of the variables holds for the true ones. The contrary proves nothing when a
 * variable stands for something that is none: then the test says "not decided".
 *
 * The same walk compares numbers too large to write down. Exponents are reduced modulo p - 1 (Fermat); an exponent that is
 * itself a tower is computed modulo p - 1, with its own exponents modulo φ(p - 1), and so on down a table (Euler).
 */
#include "decide/residue.h"

#include <rephrase/real.h>
#include <math.h>

enum { PRIMES = 4, ATTEMPTS = 2 * RP_FIELD_PRIMES, BITS_PER_PRIME = 60 };

/* ---- Exponents --------------------------------------------------------------------------------------------------- */

static uint64_t number_mod(rp_residues *f, rp_q q, uint64_t m) {
    bool defined;
    const uint64_t r = rp_q_mod(q, m, &defined);
    f->undefined = f->undefined || !defined;
    return r;
}

/* An integer tree modulo the level's modulus, which need not be prime. */
static uint64_t tower(rp_residues *f, const rp_node *a, int level) {
    if (!rp_work_pay(f->work, 1)) f->stuck = true;
    if (level > 1 && !f->chain) f->undefined = true; /* only the first primes have a chain */
    if (f->stuck || f->undefined) return 0;
    const uint64_t m = level == 1 ? f->p - 1 : f->chain[level];
    if (a->kind == RP_NUMBER) return number_mod(f, a->q, m);
    if (a->kind == RP_POWER) {
        const uint64_t base = tower(f, a->kids[0], level);
        const rp_node *e = a->kids[1];
        int sign = -1;
        /* a^e = a^(e mod φ(m) + φ(m)) modulo m as soon as e >= log2 m, also when a and m share factors */
        if (level + 1 >= RP_FIELD_LEVELS ||
            !rp_constant_sign(f->work, rp_expr_subtract(f->work, e, rp_tree_int(f->work, 64)), &sign) || sign < 0) {
            int64_t small;
            if (e->kind == RP_NUMBER && rp_q_small(e->q, &small) && small >= 0)
                return rp_mod_power(base, (uint64_t)small, m);
            f->stuck = true;
            return 0;
        }
        const uint64_t rest = tower(f, e, level + 1);
        if (f->stuck || f->undefined) return 0;
        return rp_mod_power(base, rest + f->chain[level + 1], m);
    }
    uint64_t value = a->kind == RP_PRODUCT;
    for (uint32_t i = 0; i < a->count; i++) {
        const uint64_t kid = tower(f, a->kids[i], level);
        value = a->kind == RP_SUM ? rp_mod_add(value, kid, m) : rp_mod_multiply(value, kid, m);
    }
    return value;
}

/* ---- Powers ------------------------------------------------------------------------------------------------------ */

static uint64_t signed_power(rp_residues *f, uint64_t base, int64_t times) {
    const uint64_t part = rp_mod_power(base, (uint64_t)(times < 0 ? -times : times), f->p);
    return times < 0 ? rp_residue_inverse(f, part) : part;
}

/* p^{k/n} for a prime p, in the field; anything else is a variable to the power k. */
static uint64_t number_root(rp_residues *f, rp_q base, rp_q exponent) {
    int64_t times;
    for (size_t i = 0; i < f->plan->radicals; i++) {
        const rp_radical *r = &f->plan->radical[i];
        if (!rp_q_equal(r->base, base)) continue;
        if (!rp_q_small(rp_q_mul(f->work, exponent, rp_q_int((int64_t)r->degree)), &times)) break;
        uint64_t root = rp_residue_random(f, rp_q_hash(base), 12);
        if (!r->known)
            f->opaque = true;
        else if (!rp_field_radical(f->prime, (uint64_t)base.num, r->degree, &root))
            f->undefined = true;
        return signed_power(f, root, times);
    }
    return rp_residue_opaque(f, rp_q_hash(base) ^ rp_q_hash(exponent), 13);
}

/* u^{k/n}: a root of u in the field, the branch chosen by f->branch; every branch must agree before anything is said. */
static uint64_t root_of_value(rp_residues *f, uint64_t u, rp_q exponent) {
    int64_t num, den;
    if (!rp_q_small(rp_q_num(f->work, exponent), &num) || !rp_q_small(rp_q_den(f->work, exponent), &den))
        return rp_residue_opaque(f, u, 14 + rp_q_hash(exponent));
    f->opaque = true;
    if ((den != 2 && den != 3) || f->branches * (unsigned)den > RP_BRANCHES)
        return signed_power(f, rp_residue_random(f, u, 16 + (uint64_t)den), num);
    size_t i = 0;
    while (i < f->roots && (f->root[i].of != u || f->root[i].degree != den)) i++;
    if (i == f->roots) {
        uint64_t root;
        if (!rp_field_root(f->prime, u, (unsigned)den, &root)) return f->undefined = true, 0;
        const unsigned turn = f->branch / f->branches % (unsigned)den;
        const uint64_t unity = rp_mod_power(f->prime->zeta, RP_FIELD_CYCLE / (uint64_t)den * turn, f->p);
        f->root[f->roots++] = (rp_chosen_root){u, den, rp_mod_multiply(root, unity, f->p)};
        f->branches *= (unsigned)den;
    }
    return signed_power(f, f->root[i].value, num);
}

/* b^{c + Σ q t}: b^c and one variable for each t. */
static uint64_t symbolic_power(rp_residues *f, const rp_node *a) {
    const rp_node *const one[1] = {a->kids[1]};
    const rp_node *const *terms = a->kids[1]->kind == RP_SUM ? a->kids[1]->kids : one;
    const size_t count = a->kids[1]->kind == RP_SUM ? a->kids[1]->count : 1;
    const uint64_t base = rp_residue(f, a->kids[0]);
    if (base == 0) return rp_residue_opaque(f, a->hash, 6);
    uint64_t value = 1;
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest;
        const rp_q q = rp_split_coefficient(f->work, terms[i], &rest);
        int64_t times;
        if (!rest) {
            const rp_node *power = rp_tree_2(f->work, RP_POWER, 0, a->kids[0], terms[i]);
            value = rp_mod_multiply(value, rp_residue(f, power), f->p);
        } else if (rp_q_small(rp_q_mul(f->work, q, rp_q_int(f->plan->common)), &times)) {
            if (a->kids[0]->kind != RP_SYMBOL || rest->kind != RP_SYMBOL) f->opaque = true;
            const uint64_t variable = rp_residue_random(f, base ^ (rp_residue(f, rest) * 0x9E3779B97F4A7C15u), 17);
            value = rp_mod_multiply(value, signed_power(f, variable, times), f->p);
        } else {
            return rp_residue_opaque(f, a->hash, 18);
        }
    }
    return value;
}

static uint64_t power(rp_residues *f, const rp_node *a) {
    const rp_node *base = a->kids[0], *exponent = a->kids[1];
    if (rp_tree_is_constant(base, RP_E)) return rp_residue_exponential(f, exponent);
    if (exponent->kind == RP_NUMBER && !rp_q_is_int(exponent->q)) {
        int64_t times;
        if (base->kind == RP_NUMBER) return number_root(f, base->q, exponent->q);
        if (base->kind == RP_SYMBOL && rp_q_small(rp_q_mul(f->work, exponent->q, rp_q_int(f->plan->common)), &times))
            return signed_power(f, rp_residue_random(f, base->hash, 1), times);
        return root_of_value(f, rp_residue(f, base), exponent->q);
    }
    if (exponent->kind != RP_NUMBER && !rp_is_integer_tree(exponent)) return symbolic_power(f, a);
    const uint64_t value = rp_residue(f, base);
    if (exponent->kind != RP_NUMBER && value == 0) return rp_residue_opaque(f, a->hash, 6);
    if (value == 0) return rp_q_sign(exponent->q) < 0 ? rp_residue_inverse(f, 0) : 0;
    return rp_mod_power(value, tower(f, exponent, 1), f->p);
}

/* ---- The walk ---------------------------------------------------------------------------------------------------- */

/* A variable named by the function and the values of its arguments; the order of arguments counts only where it matters. */
static uint64_t named_by_arguments(rp_residues *f, const rp_node *a) {
    const bool any_order =
        a->kind == RP_FUNCTION && (a->op == RP_FN_MAX || a->op == RP_FN_MIN || a->op == RP_FN_GCD || a->op == RP_FN_LCM);
    uint64_t h = rp_hash64(a->name.data, a->name.length, 9 + ((uint64_t)a->kind << 32) + (uint64_t)a->op);
    for (uint32_t i = 0; i < a->count; i++) {
        const uint64_t value = rp_residue(f, a->kids[i]), mixed = rp_hash64(&value, sizeof value, 21);
        h = any_order ? h + mixed : h * 0x9E3779B97F4A7C15u + mixed;
    }
    return rp_residue_random(f, h, 10);
}

uint64_t rp_residue(rp_residues *f, const rp_node *a) {
    if (!rp_work_pay(f->work, 1)) f->stuck = true;
    if (f->stuck || f->undefined) return 0;
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return number_mod(f, a->q, f->p);
    case RP_SYMBOL:
        return rp_mod_power(rp_residue_random(f, a->hash, 1), (uint64_t)f->plan->common, f->p);
    case RP_POWER:
        return power(f, a);
    case RP_SUM:
    case RP_PRODUCT: {
        uint64_t value = a->kind == RP_PRODUCT;
        for (uint32_t i = 0; i < a->count; i++) {
            const uint64_t kid = rp_residue(f, a->kids[i]);
            value = a->kind == RP_SUM ? rp_mod_add(value, kid, f->p) : rp_mod_multiply(value, kid, f->p);
        }
        return value;
    }
    case RP_CONSTANT:
        if (a->op == RP_I) return rp_mod_power(f->prime->zeta, RP_FIELD_CYCLE / 4, f->p);
        if (a->op == RP_E) return rp_residue_exponential(f, rp_tree_int(f->work, 1));
        return rp_residue_opaque(f, a->hash, 8);
    case RP_FUNCTION:
        if (a->op == RP_FN_COS || a->op == RP_FN_SIN) return rp_residue_circular(f, a);
        f->opaque = true;
        return named_by_arguments(f, a);
    case RP_APPLY:
        return named_by_arguments(f, a);
    default:
        return rp_residue_opaque(f, a->hash, 11);
    }
}

/* ---- The test ---------------------------------------------------------------------------------------------------- */

typedef enum attempt { VANISHES, IS_NOT_ZERO, OPEN, ELSEWHERE } attempt;

/* All branches of the roots at one point modulo one prime. ELSEWHERE: undefined here, another point may do. */
static attempt try_point(rp_residues *f) {
    attempt result = VANISHES;
    for (f->branch = 0, f->branches = 1; f->branch < f->branches; f->branch++) {
        f->roots = 0;
        f->branches = 1;
        f->undefined = false;
        const uint64_t value = rp_residue(f, f->plan->tree);
        if (f->stuck || f->work->failed) return OPEN;
        if (f->undefined) return ELSEWHERE;
        if (value != 0) return f->opaque ? OPEN : IS_NOT_ZERO;
    }
    return result;
}

static rp_residue_test test_plan(rp_work *work, const rp_plan *plan, uint64_t seed) {
    rp_residue_test test = {false, true, 0};
    rp_residues *f = rp_work_new(work, rp_residues, 1);
    const int wanted = PRIMES + (int)fmin(plan->written_bits / BITS_PER_PRIME, RP_FIELD_PRIMES);
    if (!f || wanted > RP_FIELD_PRIMES || plan->hopeless) return test;
    bool asked[RP_FIELD_PRIMES] = {false}; /* a second point modulo one prime says nothing new about a constant */
    int vanished = 0;
    for (int i = 0; i < ATTEMPTS && vanished < wanted; i++) {
        const int which = i % RP_FIELD_PRIMES;
        if (asked[which]) continue;
        *f = (rp_residues){.work = work, .plan = plan, .prime = &rp_field_primes[which], .p = rp_field_primes[which].p};
        if (which < RP_FIELD_CHAINS) f->chain = rp_field_totients[which];
        f->seed = rp_hash64(&seed, sizeof seed, (uint64_t)i);
        const attempt result = try_point(f);
        if (result == OPEN) return test;
        if (result == IS_NOT_ZERO) return (rp_residue_test){.decided = true, .zero = false};
        asked[which] = result == VANISHES;
        vanished += asked[which];
    }
    const double bits = PRIMES * (BITS_PER_PRIME - double_log2(fmax(plan->degree, 1)));
    test.decided = vanished == wanted && bits >= 60;
    test.bits = (int)bits;
    return test;
}

/* First with one variable for each term of an exponent or angle, then, if that is open, with one for its value. */
rp_residue_test rp_residues_vanish(rp_work *work, const rp_node *a, uint64_t seed) {
    rp_plan *plan = rp_work_new(work, rp_plan, 1);
    if (!plan) return (rp_residue_test){.decided = false};
    rp_residue_plan(work, a, plan);
    rp_residue_test test = test_plan(work, plan, seed);
    const bool nested = rp_tree_contains(a, RP_FUNCTION, RP_FN_SIN) || rp_tree_contains(a, RP_FUNCTION, RP_FN_COS);
    if (test.decided || !nested) return test;
    plan->by_value = true;
    return test_plan(work, plan, seed);
}
