/* SPDX-License-Identifier: MIT
 *
 * equal.h — are two expressions equal, and how do we know?
 */
#ifndef REPHRASE_VERIFY_EQUAL_H
#define REPHRASE_VERIFY_EQUAL_H

#include "algebra/simplify.h"

typedef enum rp_outcome { RP_SAME, RP_DIFFERENT, RP_UNDECIDED } rp_outcome;

/* What a comparison found; also the result type of the comparisons of whole answers (compare.h). */
typedef struct rp_finding {
    rp_outcome outcome;
    rp_verify_reason reason; /* UNDECIDED: a budget's reason */
    rp_certificate_kind certificate;
    int bits;
} rp_finding;

static inline rp_finding rp_found(rp_outcome outcome, rp_verify_reason reason, rp_certificate_kind certificate, int bits) {
    return (rp_finding){outcome, reason, certificate, bits};
}

/* Trees as parsed; they are simplified here. */
rp_finding rp_compare_expressions(rp_work *work, const rp_node *a, const rp_node *b);
/* Canonical trees. */
rp_finding rp_compare_canonical(rp_work *work, const rp_node *a, const rp_node *b);

/* Is a difference below 2^log2_size, found at `bits` bits, small beside 1 and beside whichever of a and b is not 0? */
bool rp_narrow(rp_work *work, const rp_node *a, const rp_node *b, long log2_size, int bits);

/* ---- bound.c: a zero bound for algebraic numbers ----------------------------------------------------------------- */

/* False when `a` is not visibly algebraic. Otherwise: a is 0 or |a| >= 2^-bits. */
bool rp_zero_bound(rp_work *work, const rp_node *a, double *bits);

/* ---- modular.c: identities by residues --------------------------------------------------------------------------- */

typedef struct rp_residue_test {
    bool decided;
    bool zero; /* identically 0, with an error below 2^-bits; else a proof of the contrary */
    int bits;
} rp_residue_test;

/* Tests whether a canonical tree is identically zero. `seed` chooses the points. */
rp_residue_test rp_residues_vanish(rp_work *work, const rp_node *a, uint64_t seed);

/* ---- sample.c: functions at rational points ---------------------------------------------------------------------- */

/* Compares at up to a dozen points; UNDECIDED when too few of them say anything. */
rp_finding rp_compare_samples(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed);

#endif
