/* SPDX-License-Identifier: MIT
 *
 * residue.h — one evaluation of an expression in a prime field; between modular.c, circular.c and plan.c.
 */
#ifndef REPHRASE_VERIFY_RESIDUE_H
#define REPHRASE_VERIFY_RESIDUE_H

#include "algebra/enclose.h"
#include "decide/equal.h"
#include "decide/field.h"

enum { RP_RADICALS = 12, RP_BRANCHES = 16 };

/* p^{k/n}: the base, and the common denominator of its exponents. */
typedef struct rp_radical {
    rp_q base;
    uint64_t degree;
    bool known; /* the base is certainly a prime, and the degree one that the field can take */
} rp_radical;

/* What has to be known of the whole expression before it is evaluated. */
typedef struct rp_plan {
    const rp_node *tree;
    int64_t common; /* R: the common denominator of exponents and angles */
    rp_radical radical[RP_RADICALS];
    size_t radicals;
    double degree;       /* of numerator and denominator, in the variables that the test gives values to */
    double written_bits; /* of all numbers in the tree */
    bool hopeless;
    bool by_value; /* e^u, cos u: one variable for the value of u, instead of one for each of its terms */
} rp_plan;

void rp_residue_plan(rp_work *work, const rp_node *a, rp_plan *plan);

typedef struct rp_chosen_root {
    uint64_t of;
    int64_t degree;
    uint64_t value;
} rp_chosen_root;

typedef struct rp_residues {
    rp_work *work;
    const rp_plan *plan;
    const rp_field_prime *prime;
    const uint64_t *chain; /* p, φ(p), …, or NULL */
    uint64_t p, seed;
    rp_chosen_root root[RP_BRANCHES];
    size_t roots;
    unsigned branch, branches; /* this choice of roots, and how many choices there are */
    bool undefined;            /* a denominator met 0, or a root is not in the field: another point is needed */
    bool opaque;               /* some variable stands for something that is none */
    bool stuck;                /* something cannot be evaluated at all */
} rp_residues;

uint64_t rp_residue(rp_residues *f, const rp_node *a);

/* A value that depends on the point, the prime and a name. */
static inline uint64_t rp_residue_random(const rp_residues *f, uint64_t name, uint64_t salt) {
    const uint64_t words[4] = {f->seed, name, salt, f->p};
    return rp_hash64(words, sizeof words, 7) % (f->p - 2) + 1;
}
static inline uint64_t rp_residue_opaque(rp_residues *f, uint64_t name, uint64_t salt) {
    f->opaque = true;
    return rp_residue_random(f, name, salt);
}
static inline uint64_t rp_residue_inverse(rp_residues *f, uint64_t value) {
    if (value == 0) f->undefined = true;
    return rp_mod_power(value, f->p - 2, f->p);
}

/* circular.c: e^x for a canonical x, and sin and cos of one. */
uint64_t rp_residue_exponential(rp_residues *f, const rp_node *x);
uint64_t rp_residue_circular(rp_residues *f, const rp_node *a);

#endif
