/* SPDX-License-Identifier: MIT
 *
 * equal.c — are two expressions equal? The ladder from cheap proofs to expensive ones.
 *
 *   1. the same canonical tree, or a difference that is a number        proved
 *   2. constants: enclosures of the difference apart from 0             proved different
 *      algebraic ones: an enclosure narrower than the zero bound        proved equal
 *   3. residues at random points (rational functions, atoms)            different: proved; equal: probable
 *   4. constants at 4,096 bits and more; functions at sample points     different: proved; equal: numeric, a belief
 */
#include "algebra/bound.h"
#include "algebra/enclose.h"
#include "decide/identity.h"
#include "explain.h"

enum { ENCLOSING = 300 }; /* steps of one comparison that computes: about as long as so many of the others */

rp_finding rp_finding_join(rp_finding a, rp_finding b) {
    if (a.outcome == RP_DIFFERENT) return a;
    if (b.outcome == RP_DIFFERENT) return b;
    if (a.outcome == RP_UNDECIDED) return a;
    if (b.outcome == RP_UNDECIDED) return b;
    rp_finding weak = b.certificate > a.certificate ? b : a; /* PROVED < PROBABLE < NUMERIC */
    if (a.certificate == b.certificate && a.bits && b.bits) weak.bits = a.bits < b.bits ? a.bits : b.bits;
    return weak;
}

rp_finding rp_undecided(const rp_work *work) {
    return rp_found(RP_UNDECIDED, work->failed ? work->failure : RP_REASON_PRECISION, RP_CERT_NONE, 0);
}

rp_finding rp_excluded(rp_work *work, int bits) {
    rp_explain(work, "at %d bits the enclosure of the difference excludes 0", bits);
    return rp_found(RP_DIFFERENT, RP_REASON_VALUE, RP_CERT_PROVED, 0);
}

rp_finding rp_residues_decide(rp_work *work, const rp_node *d, uint64_t seed) {
    const rp_residue_test test = rp_residues_vanish(work, d, seed);
    if (!test.decided) return rp_undecided(work);
    rp_explain(work, "modulo primes near 2^61, at random points, it %s",
               test.zero ? "vanishes every time: identically 0" : "does not vanish: not identically 0");
    return test.zero ? rp_found(RP_SAME, RP_REASON_POLY_IDENTITY, RP_CERT_PROBABLE, test.bits)
                     : rp_found(RP_DIFFERENT, RP_REASON_VALUE, RP_CERT_PROVED, 0);
}

static rp_finding algebraic_zero(rp_work *work, const rp_node *d) {
    double zero_bits;
    int bits;
    if (work->explain && rp_zero_bound(work, d, &zero_bits))
        rp_explain(work, "it is algebraic: a root-separation bound says that it is 0 or at least 2^-%.0f in size",
                   zero_bits);
    const rp_zero zero = rp_algebraic_zero(work, d, &bits);
    if (zero == RP_NONZERO_PROVED) return rp_excluded(work, bits);
    if (zero == RP_ZERO_OPEN) return rp_undecided(work);
    rp_explain(work, "at %d bits its enclosure holds 0 and is narrower than the bound: it is 0", bits);
    return rp_found(RP_SAME, RP_REASON_ALGEBRAIC, RP_CERT_PROVED, 0);
}

static rp_finding constant_zero(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d, uint64_t seed) {
    if (!rp_work_pay(work, ENCLOSING)) return rp_undecided(work);
    for (int bits = 64; bits <= 256; bits *= 4) {
        long size;
        if (rp_enclose(work, d, bits, &size) == RP_ENCLOSE_NONZERO) return rp_excluded(work, bits);
    }
    rp_explain(work, "at 256 bits its enclosure still holds 0");
    const rp_finding algebraic = algebraic_zero(work, d);
    if (algebraic.outcome != RP_UNDECIDED || work->failed) return algebraic;
    const rp_finding residues = rp_residues_decide(work, d, seed);
    if (residues.outcome != RP_UNDECIDED || work->failed) return residues;
    const rp_finding logarithms = rp_logarithms_vanish(work, d, seed);
    if (logarithms.outcome != RP_UNDECIDED || work->failed) return logarithms;
    const rp_finding angles = rp_angles_vanish(work, d);
    if (angles.outcome != RP_UNDECIDED || work->failed) return angles;
    return rp_believe_zero(work, a, b, d);
}

static rp_finding function_zero(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    if (!rp_work_pay(work, ENCLOSING)) return rp_undecided(work);
    const rp_finding identity = rp_identity(work, a, b, seed);
    if (identity.outcome != RP_UNDECIDED || work->failed) return identity;
    rp_explain(work, "both sides are enclosed at rational points inside their real domain");
    return rp_compare_samples(work, a, b, seed);
}

static bool is_infinite(const rp_node *a) {
    if (a->kind == RP_PRODUCT) return rp_tree_is_constant(a->kids[a->count - 1], RP_INFINITY);
    return rp_tree_is_constant(a, RP_INFINITY);
}

static bool has_radicals(const rp_node *a) {
    const bool transcendental = rp_tree_contains(a, RP_CONSTANT, RP_PI) || rp_tree_contains(a, RP_CONSTANT, RP_E) ||
                                rp_tree_contains(a, RP_FUNCTION, -1);
    return rp_is_constant(a) && rp_tree_contains(a, RP_POWER, -1) && !transcendental;
}

rp_finding rp_compare_canonical(rp_work *work, const rp_node *a, const rp_node *b) {
    if (work->failed) return rp_undecided(work);
    if (a->kind == RP_UNDEFINED || b->kind == RP_UNDEFINED)
        return rp_found(RP_DIFFERENT, RP_REASON_UNDEFINED, RP_CERT_NONE, 0);
    if (rp_tree_equal(a, b)) {
        rp_explain(work, "the canonical forms are the same");
        const rp_verify_reason reason = a->kind == RP_NUMBER ? RP_REASON_RATIONAL
                                        : has_radicals(a)    ? RP_REASON_ALGEBRAIC
                                                             : RP_REASON_STRUCTURAL;
        return rp_found(RP_SAME, reason, RP_CERT_PROVED, 0);
    }
    if (is_infinite(a) || is_infinite(b)) return rp_found(RP_DIFFERENT, RP_REASON_VALUE, RP_CERT_PROVED, 0);
    const rp_node *d = rp_expr_subtract(work, a, b);
    if (work->failed) return rp_undecided(work);
    if (d->kind == RP_UNDEFINED) return rp_found(RP_DIFFERENT, RP_REASON_UNDEFINED, RP_CERT_NONE, 0);
    if (work->explain) rp_explain_trees(work, "canonical difference", d, NULL);
    if (d->kind == RP_NUMBER) {
        const bool same = rp_q_sign(d->q) == 0;
        return rp_found(same ? RP_SAME : RP_DIFFERENT, same ? RP_REASON_STRUCTURAL : RP_REASON_VALUE, RP_CERT_PROVED, 0);
    }
    const uint64_t both = a->hash ^ b->hash, seed = rp_hash64(&both, sizeof both, 17); /* the same for (b, a) */
    return rp_is_constant(d) ? constant_zero(work, a, b, d, seed) : function_zero(work, a, b, seed);
}

rp_finding rp_compare_expressions(rp_work *work, const rp_node *a, const rp_node *b) {
    const rp_node *x = rp_simplify(work, a), *y = rp_simplify(work, b);
    return rp_checked_for_meaning(work, a, b, rp_compare_canonical(work, x, y));
}
