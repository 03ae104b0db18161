/* SPDX-License-Identifier: MIT
 *
 * modular.c — identities by residues.
 *
 * A polynomial of degree d that is not zero vanishes at a random point of a field with p elements with probability at most
 * d/p [schwartz1980]. So a difference of rational functions that is 0 at random points modulo four primes near 2^61 is
 * identically 0 with an error below (d/2^60)^4, and one residue that is not 0 is a proof that it is not. Nothing is
 * expanded: (x+1)^1000000 costs twenty multiplications.
 *
 * The same walk compares numbers too large to write down. Exponents are reduced modulo p - 1 (Fermat); an exponent that is
 * itself a tower is computed modulo p - 1, with its own exponents modulo φ(p - 1), and so on down a table (Euler).
 *
 * What is no polynomial is taken for an independent variable: π, e^x, ln 2, sin x, a square root. An identity that holds
 * for all values of such atoms holds for theirs. The contrary proves nothing then, and the test says "not decided".
 */
#include "algebra/enclose.h"
#include "decide/equal.h"

#include <math.h>

enum { PRIMES = 4, LEVELS = 16, ROOTS = 12 };

/* p, φ(p), φ(φ(p)), …; p = 1 mod 4, so that -1 has a root. check: tools/verify_primes.py */
static const uint64_t totients[PRIMES][LEVELS] = {
    {2305843009213693921u, 2305843009213693920u, 536681683164856320u, 112764087183605760u, 25774648499109888u,
     7364185285459968u, 2104052938702848u, 601157982486528u, 200385994162176u, 66795331387392u, 22265110462464u,
     7421703487488u, 2473901162496u, 824633720832u, 274877906944u, 137438953472u},
    {2305843009213693693u, 2305843009213693692u, 768613347424195200u, 197679322320076800u, 44524243035095040u,
     9838395685601280u, 2226511046246400u, 593736278999040u, 158329674399744u, 52776558133248u, 17592186044416u,
     8796093022208u, 4398046511104u, 2199023255552u, 1099511627776u, 549755813888u},
    {2305843009213693669u, 2305843009213693668u, 763724672489697184u, 317938321096704000u, 65265658232832000u,
     16977871503360000u, 4522600562688000u, 1113255523123200u, 296868139499520u, 79164837199872u, 26388279066624u,
     8796093022208u, 4398046511104u, 2199023255552u, 1099511627776u, 549755813888u},
    {2305843009213693613u, 2305843009213693612u, 1017425247354667008u, 271902284017827840u, 61001841411883008u,
     14858250381950976u, 3562417673994240u, 949978046398464u, 316659348799488u, 105553116266496u, 35184372088832u,
     17592186044416u, 8796093022208u, 4398046511104u, 2199023255552u, 1099511627776u},
};

typedef struct field {
    rp_work *work;
    const uint64_t *chain;
    uint64_t p, seed;
    bool undefined; /* a denominator met 0: another point is needed */
    bool opaque;    /* some atom stands for something that is no variable */
    bool stuck;     /* something cannot be evaluated at all */
} field;

/* ---- Arithmetic modulo m < 2^62 ---------------------------------------------------------------------------------- */

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m) {
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)a * b % m);
}

static uint64_t add_mod(uint64_t a, uint64_t b, uint64_t m) {
    return (a + b) % m;
}

static uint64_t pow_mod(uint64_t base, uint64_t exponent, uint64_t m) {
    uint64_t result = 1 % m;
    for (base %= m; exponent; exponent >>= 1) {
        if (exponent & 1) result = mul_mod(result, base, m);
        base = mul_mod(base, base, m);
    }
    return result;
}

static uint64_t number_mod(field *f, rp_q q, uint64_t m) {
    bool defined;
    const uint64_t r = rp_q_mod(q, m, &defined);
    f->undefined = f->undefined || !defined;
    return r;
}

/* ---- Exponents --------------------------------------------------------------------------------------------------- */

/* An integer tree modulo the level's modulus, which need not be prime. */
static uint64_t tower(field *f, const rp_node *a, int level) {
    const uint64_t m = f->chain[level];
    if (!rp_work_pay(f->work, 1)) f->stuck = true;
    if (f->stuck) return 0;
    if (a->kind == RP_NUMBER) return number_mod(f, a->q, m);
    if (a->kind == RP_POWER) {
        const uint64_t base = tower(f, a->kids[0], level);
        const rp_node *e = a->kids[1];
        int sign = -1;
        /* a^e = a^(e mod φ(m) + φ(m)) modulo m as soon as e >= log2 m, also when a and m share factors */
        if (level + 1 >= LEVELS ||
            !rp_constant_sign(f->work, rp_expr_subtract(f->work, e, rp_tree_int(f->work, 64)), &sign) || sign < 0) {
            int64_t small;
            if (e->kind == RP_NUMBER && rp_q_small(e->q, &small) && small >= 0) return pow_mod(base, (uint64_t)small, m);
            f->stuck = true;
            return 0;
        }
        const uint64_t phi = f->chain[level + 1];
        return pow_mod(base, tower(f, e, level + 1) + phi, m);
    }
    uint64_t value = a->kind == RP_PRODUCT;
    for (uint32_t i = 0; i < a->count; i++) {
        const uint64_t kid = tower(f, a->kids[i], level);
        value = a->kind == RP_SUM ? add_mod(value, kid, m) : mul_mod(value, kid, m);
    }
    return value;
}

/* ---- Atoms ------------------------------------------------------------------------------------------------------- */

static uint64_t random_residue(const field *f, uint64_t name, uint64_t salt) {
    const uint64_t words[4] = {f->seed, name, salt, f->p};
    return rp_hash64(words, sizeof words, 7) % (f->p - 2) + 1;
}

static uint64_t opaque(field *f, const rp_node *a, uint64_t salt) {
    f->opaque = true;
    return random_residue(f, a->hash, salt);
}

/* A symbol's residue is a twelfth power, so that its roots up to the twelfth exist and fit together. */
static uint64_t symbol_root(const field *f, const rp_node *a) {
    return random_residue(f, a->hash, 1);
}

static uint64_t inverse(field *f, uint64_t value) {
    if (value == 0) f->undefined = true;
    return pow_mod(value, f->p - 2, f->p);
}

static uint64_t square_root_of_minus_one(const field *f) {
    for (uint64_t g = 2;; g++) {
        const uint64_t r = pow_mod(g, (f->p - 1) / 4, f->p);
        if (mul_mod(r, r, f->p) == f->p - 1) return r;
    }
}

static uint64_t evaluate(field *f, const rp_node *a);

/* e^{Σ q t}: one atom per t, raised to 12 q. */
static uint64_t exponential(field *f, const rp_node *a) {
    const rp_node *exponent = a->kids[1];
    const rp_node *const one[1] = {exponent};
    const rp_node *const *terms = exponent->kind == RP_SUM ? exponent->kids : one;
    const size_t count = exponent->kind == RP_SUM ? exponent->count : 1;
    uint64_t value = 1;
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest;
        const rp_q q = rp_split_coefficient(f->work, terms[i], &rest);
        int64_t times;
        if (!rp_q_small(rp_q_mul(f->work, q, rp_q_int(ROOTS)), &times)) return opaque(f, a, 2);
        f->opaque = true;
        const uint64_t atom = random_residue(f, rest ? rest->hash : 0, 3);
        const uint64_t part = pow_mod(atom, (uint64_t)(times < 0 ? -times : times), f->p);
        value = mul_mod(value, times < 0 ? inverse(f, part) : part, f->p);
    }
    return value;
}

static uint64_t power(field *f, const rp_node *a) {
    const rp_node *base = a->kids[0], *exponent = a->kids[1];
    if (rp_tree_is_constant(base, RP_E)) return exponential(f, a);
    if (exponent->kind == RP_NUMBER && !rp_q_is_int(exponent->q)) {
        int64_t times;
        if (base->kind == RP_SYMBOL && rp_q_small(rp_q_mul(f->work, exponent->q, rp_q_int(ROOTS)), &times)) {
            const uint64_t part = pow_mod(symbol_root(f, base), (uint64_t)(times < 0 ? -times : times), f->p);
            return times < 0 ? inverse(f, part) : part;
        }
        int64_t num; /* another root: an atom to the numerator's power */
        if (!rp_q_small(rp_q_num(f->work, exponent->q), &num)) return opaque(f, a, 4);
        const uint64_t atom = opaque(f, base, rp_q_hash(rp_q_den(f->work, exponent->q)));
        const uint64_t part = pow_mod(atom, (uint64_t)(num < 0 ? -num : num), f->p);
        return num < 0 ? inverse(f, part) : part;
    }
    if (exponent->kind != RP_NUMBER && !rp_is_integer_tree(exponent)) return opaque(f, a, 5);
    const uint64_t value = evaluate(f, base);
    if (exponent->kind != RP_NUMBER && value == 0) return opaque(f, a, 6);
    if (value == 0) return rp_q_sign(exponent->q) < 0 ? inverse(f, 0) : 0;
    return pow_mod(value, tower(f, exponent, 1), f->p);
}

static uint64_t evaluate(field *f, const rp_node *a) {
    if (!rp_work_pay(f->work, 1)) f->stuck = true;
    if (f->stuck || f->undefined) return 0;
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return number_mod(f, a->q, f->p);
    case RP_SYMBOL:
        return pow_mod(symbol_root(f, a), ROOTS, f->p);
    case RP_POWER:
        return power(f, a);
    case RP_SUM:
    case RP_PRODUCT: {
        uint64_t value = a->kind == RP_PRODUCT;
        for (uint32_t i = 0; i < a->count; i++) {
            const uint64_t kid = evaluate(f, a->kids[i]);
            value = a->kind == RP_SUM ? add_mod(value, kid, f->p) : mul_mod(value, kid, f->p);
        }
        return value;
    }
    case RP_CONSTANT:
        if (a->op == RP_I) return square_root_of_minus_one(f);
        if (a->op == RP_E) { /* e^1, in the atoms of exponential() */
            f->opaque = true;
            return pow_mod(random_residue(f, 0, 3), ROOTS, f->p);
        }
        return opaque(f, a, 8);
    case RP_APPLY: { /* an unknown function: equal arguments, equal values */
        uint64_t h = rp_hash64(a->name.data, a->name.length, 9);
        for (uint32_t i = 0; i < a->count; i++) h = h * 0x9E3779B97F4A7C15u + evaluate(f, a->kids[i]);
        return random_residue(f, h, 10);
    }
    default:
        return opaque(f, a, 11);
    }
}

/* ---- Degrees ----------------------------------------------------------------------------------------------------- */

/* log2 of a bound on the degree of numerator and denominator, in the twelfth roots of the symbols. */
static double log2_degree(rp_work *work, const rp_node *a) {
    double total = 0;
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return 0;
    case RP_SUM:
    case RP_PRODUCT:
        for (uint32_t i = 0; i < a->count; i++) total += exp2(fmin(log2_degree(work, a->kids[i]), 900));
        return log2(fmax(total, 1));
    case RP_POWER:
        if (a->kids[1]->kind == RP_NUMBER) {
            const double size = fabs(rp_q_double(work, a->kids[1]->q));
            return log2_degree(work, a->kids[0]) + (size > 1 ? log2(size) : 0);
        }
        return 64; /* a tower: no bound, so no certificate */
    default:
        return log2(ROOTS);
    }
}

rp_residue_test rp_residues_vanish(rp_work *work, const rp_node *a, uint64_t seed) {
    rp_residue_test test = {false, true, 0};
    for (int i = 0; i < PRIMES; i++) {
        field f = {.work = work, .chain = totients[i], .p = totients[i][0], .seed = seed};
        uint64_t value = 0;
        for (int attempt = 0; attempt < 4; attempt++) {
            f.seed = rp_hash64(&f.seed, sizeof f.seed, (uint64_t)attempt);
            f.undefined = false;
            value = evaluate(&f, a);
            if (!f.undefined) break;
        }
        if (f.stuck || f.undefined || work->failed) return test;
        if (value != 0) {
            test.decided = !f.opaque;
            test.zero = false;
            return test;
        }
    }
    const double bits = PRIMES * (60 - log2_degree(work, a));
    test.decided = bits >= 60;
    test.bits = (int)bits;
    return test;
}
