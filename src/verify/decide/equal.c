/* SPDX-License-Identifier: MIT
 *
 * equal.c — are two expressions equal? The ladder from cheap proofs to expensive ones.
 *
 *   1. the same canonical tree, or a difference that is a number        proved
 *   2. constants: enclosures of the difference apart from 0             proved different
 *      algebraic ones: an enclosure narrower than the zero bound        proved equal
 *   3. residues at random points (rational functions, atoms)            different: proved; equal: probable
 *   4. constants at 4,096 bits and more; functions at sample points     different: proved; equal: numeric
 */
#include "algebra/enclose.h"
#include "decide/equal.h"
#include "explain.h"

#include <math.h>

enum { ENCLOSING = 300 }; /* steps of one comparison that computes: about as long as so many of the others */

/* Bits written in the tree's numbers: a transcendental coincidence closer than a few times this is no accident. */
static double written_bits(const rp_node *a) {
    double bits = a->kind == RP_NUMBER ? (double)rp_q_bits(a->q) : 2;
    for (uint32_t i = 0; i < a->count; i++) bits += written_bits(a->kids[i]);
    return bits;
}

static rp_finding undecided(const rp_work *work) {
    return rp_found(RP_UNDECIDED, work->failed ? work->failure : RP_REASON_PRECISION, RP_CERT_NONE, 0);
}

static rp_finding excluded(rp_work *work, int bits) {
    rp_explain(work, "at %d bits the enclosure of the difference excludes 0", bits);
    return rp_found(RP_DIFFERENT, RP_REASON_VALUE, RP_CERT_PROVED, 0);
}

/* The difference of two algebraic numbers, with its zero bound. An enclosure of `bits` bits that is 2^size wide tells how
 * many bits one of 2^-zero_bits will take. */
static rp_finding algebraic_zero(rp_work *work, const rp_node *d, double zero_bits) {
    rp_explain(work, "it is algebraic: a root-separation bound says that it is 0 or at least 2^-%.0f in size", zero_bits);
    for (int bits = 256; !work->failed;) {
        long size;
        const rp_enclosure e = rp_enclose(work, d, bits, &size);
        if (e == RP_ENCLOSE_NONZERO) return excluded(work, bits);
        if (e == RP_ENCLOSE_ZERO_INSIDE && (double)size < -zero_bits) {
            rp_explain(work, "at %d bits its enclosure holds 0 and is narrower than the bound: it is 0", bits);
            return rp_found(RP_SAME, RP_REASON_ALGEBRAIC, RP_CERT_PROVED, 0);
        }
        const double needed = e == RP_ENCLOSE_ZERO_INSIDE ? bits + (double)size + zero_bits + 16 : 4.0 * bits;
        if (bits == RP_LIMIT_PRECISION || needed > RP_LIMIT_PRECISION) break;
        bits = needed > 1.1 * bits ? (int)needed : bits + bits / 4;
        if (bits > RP_LIMIT_PRECISION) bits = RP_LIMIT_PRECISION;
    }
    return undecided(work);
}

/* The larger side sets the scale; a side that is itself only known to lie around 0 sets none, and then 1 is the scale. */
bool rp_narrow(rp_work *work, const rp_node *a, const rp_node *b, long log2_size, int bits) {
    if (log2_size > -bits / 2) return false;
    const rp_node *const sides[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        long side;
        if (rp_enclose(work, sides[i], bits, &side) == RP_ENCLOSE_NONZERO && log2_size > side - bits / 2) return false;
    }
    return true;
}

static rp_finding transcendental_zero(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d) {
    const double wanted = fmax(4096, 8 * written_bits(d));
    if (wanted > RP_LIMIT_PRECISION) return undecided(work);
    const int top = (int)wanted;
    for (int bits = 1024;; bits = bits * 4 < top ? bits * 4 : top) {
        long size;
        const rp_enclosure e = rp_enclose(work, d, bits, &size);
        if (e == RP_ENCLOSE_NONZERO) return excluded(work, bits);
        if (bits < top && !work->failed) continue;
        if (e != RP_ENCLOSE_ZERO_INSIDE || work->failed || !rp_narrow(work, a, b, size, top)) return undecided(work);
        rp_explain(work, "at %d bits its enclosure holds 0 and nothing above 2^%ld: taken for 0, not proved", bits, size);
        return rp_found(RP_SAME, RP_REASON_NUMERIC, RP_CERT_NUMERIC, top);
    }
}

static bool residues_decide(rp_work *work, const rp_node *d, uint64_t seed, rp_finding *finding) {
    const rp_residue_test test = rp_residues_vanish(work, d, seed);
    if (!test.decided) return false;
    rp_explain(work, "modulo four primes near 2^61, at random points, it %s",
               test.zero ? "vanishes every time: identically 0" : "does not vanish: not identically 0");
    *finding = test.zero ? rp_found(RP_SAME, RP_REASON_POLY_IDENTITY, RP_CERT_PROBABLE, test.bits)
                         : rp_found(RP_DIFFERENT, RP_REASON_VALUE, RP_CERT_PROVED, 0);
    return true;
}

static rp_finding constant_zero(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d, uint64_t seed) {
    if (!rp_work_pay(work, ENCLOSING)) return undecided(work);
    for (int bits = 64; bits <= 256; bits *= 4) {
        long size;
        if (rp_enclose(work, d, bits, &size) == RP_ENCLOSE_NONZERO) return excluded(work, bits);
    }
    rp_explain(work, "at 256 bits its enclosure still holds 0");
    double zero_bits;
    const bool algebraic = rp_zero_bound(work, d, &zero_bits);
    if (algebraic) {
        const rp_finding finding = algebraic_zero(work, d, zero_bits);
        if (finding.outcome != RP_UNDECIDED || work->failed) return finding;
    }
    rp_finding finding;
    if (residues_decide(work, d, seed, &finding)) return finding;
    return algebraic ? undecided(work) : transcendental_zero(work, a, b, d);
}

static rp_finding function_zero(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d, uint64_t seed) {
    rp_finding finding;
    if (!rp_work_pay(work, ENCLOSING)) return undecided(work);
    if (residues_decide(work, d, seed, &finding)) return finding;
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
    if (work->failed) return undecided(work);
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
    if (work->failed) return undecided(work);
    if (d->kind == RP_UNDEFINED) return rp_found(RP_DIFFERENT, RP_REASON_UNDEFINED, RP_CERT_NONE, 0);
    if (work->explain) rp_explain_trees(work, "canonical difference", d, NULL);
    if (d->kind == RP_NUMBER) {
        const bool same = rp_q_sign(d->q) == 0;
        return rp_found(same ? RP_SAME : RP_DIFFERENT, same ? RP_REASON_STRUCTURAL : RP_REASON_VALUE, RP_CERT_PROVED, 0);
    }
    const uint64_t both = a->hash ^ b->hash, seed = rp_hash64(&both, sizeof both, 17); /* the same for (b, a) */
    return rp_is_constant(d) ? constant_zero(work, a, b, d, seed) : function_zero(work, a, b, d, seed);
}

rp_finding rp_compare_expressions(rp_work *work, const rp_node *a, const rp_node *b) {
    const rp_node *x = rp_simplify(work, a), *y = rp_simplify(work, b);
    return rp_compare_canonical(work, x, y);
}
