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

/* ---- Between the rungs of the ladder ----------------------------------------------------------------------------- */

/* The worse of two findings: a difference beats doubt beats equality; certificates weaken. */
rp_finding rp_finding_join(rp_finding a, rp_finding b);
rp_finding rp_undecided(const rp_work *work);
/* DIFFERENT with proof, because an enclosure of the difference excludes 0. */
rp_finding rp_excluded(rp_work *work, int bits);

/* ---- modular.c: identities by residues --------------------------------------------------------------------------- */

typedef struct rp_residue_test {
    bool decided;
    bool zero; /* identically 0, with an error below 2^-bits; else a proof of the contrary */
    int bits;
} rp_residue_test;

/* Tests whether a canonical tree is identically zero. `seed` chooses the points. */
rp_residue_test rp_residues_vanish(rp_work *work, const rp_node *a, uint64_t seed);
/* The same as a finding; UNDECIDED when the test is. */
rp_finding rp_residues_decide(rp_work *work, const rp_node *d, uint64_t seed);

/* ---- sample.c: functions at rational points ---------------------------------------------------------------------- */

/* Compares at a dozen points: DIFFERENT with proof, else a belief or UNDECIDED when too few points say anything. */
rp_finding rp_compare_samples(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed);

/* ---- belief.c: what is not told apart from 0 --------------------------------------------------------------------- */

/* Is the enclosure of d = a - b, which holds 0 and is 2^width wide at `bits` bits, narrow beside 1, beside both sides and
 * beside every term that cancelled? */
bool rp_is_resolved(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d, long width, int bits);
/* Equality without proof: SAME when the option `numeric` pays beliefs, else UNDECIDED with the reason UNPROVED. */
rp_finding rp_believed(const rp_work *work, int bits);
/* The last rung for constants: enclosures at 4,096 bits and more. */
rp_finding rp_believe_zero(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d);

#endif
