/* SPDX-License-Identifier: MIT
 *
 * identity.c — identities between functions: what is shown for all values of the letters at once.
 *
 * The rungs, from cheap to dear: residues; logarithms by exponentials; letters that must be positive; both sides
 * non-negative, so that their squares decide; signs and residue classes case by case. None of them looks at single points.
 * A rung that does not apply says UNDECIDED.
 */
#include "decide/identity.h"

#include "algebra/bound.h"
#include "algebra/enclose.h"
#include "explain.h"

/* ---- Letters that must be positive ------------------------------------------------------------------------------- */

/* sqrt(x) and ln(x) mean something for positive x only, and only there the two sides are compared. */
static bool push_positive(rp_work *work, const rp_node *a, rp_nodes *names) {
    if (!rp_work_pay(work, 1)) return false;
    const bool root = a->kind == RP_POWER && a->kids[1]->kind == RP_NUMBER && !rp_q_is_int(a->kids[1]->q) &&
                      !rp_q_is_odd(rp_q_den(work, a->kids[1]->q));
    if ((root || rp_tree_is_function(a, RP_FN_LN)) && a->kids[0]->kind == RP_SYMBOL && rp_is_real(a->kids[0]) &&
        !rp_is_positive(a->kids[0]) && !rp_nodes_push(work, names, a->kids[0]))
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!push_positive(work, a->kids[i], names)) return false;
    return true;
}

static const rp_node *with_positive(rp_work *work, const rp_node *a, const rp_nodes *names) {
    for (size_t i = 0; i < names->count; i++) {
        const rp_node *x = names->items[i];
        a = rp_tree_substitute(work, a, x->name, rp_tree_symbol(work, x->name, x->flags | RP_FLAG_POSITIVE));
    }
    return rp_simplify(work, a);
}

static rp_finding with_positive_letters(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    rp_nodes names = {0};
    if (!push_positive(work, a, &names) || !push_positive(work, b, &names) || names.count == 0) return rp_undecided(work);
    rp_explain(work, "letters under an even root or a logarithm are positive");
    return rp_identity_rungs(work, with_positive(work, a, &names), with_positive(work, b, &names), seed);
}

/* ---- Squares ----------------------------------------------------------------------------------------------------- */

/* Of two numbers that are not negative, equal squares say equal numbers. */
static rp_finding by_squares(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    if (rp_leads_negative(work, a) && rp_leads_negative(work, b)) {
        a = rp_expr_scale(work, rp_q_int(-1), a);
        b = rp_expr_scale(work, rp_q_int(-1), b);
    }
    if (!rp_is_nonnegative(a) || !rp_is_nonnegative(b)) return rp_undecided(work);
    const rp_node *two = rp_tree_int(work, 2);
    const rp_node *d = rp_expr_subtract(work, rp_expr_power(work, a, two), rp_expr_power(work, b, two));
    if (d->kind == RP_UNDEFINED) return rp_undecided(work);
    rp_explain(work, "neither side is negative: their squares are compared");
    if (d->kind == RP_NUMBER)
        return rp_found(rp_q_is(d->q, 0) ? RP_SAME : RP_DIFFERENT,
                        rp_q_is(d->q, 0) ? RP_REASON_STRUCTURAL : RP_REASON_VALUE, RP_CERT_PROVED, 0);
    return rp_is_constant(d) ? rp_undecided(work) : rp_residues_decide(work, d, seed);
}

/* ---- All of them ------------------------------------------------------------------------------------------------- */

static rp_finding constants(rp_work *work, const rp_node *d, uint64_t seed) {
    long size;
    int bits;
    for (bits = 64; bits <= 256; bits *= 4)
        if (rp_enclose(work, d, bits, &size) == RP_ENCLOSE_NONZERO) return rp_excluded(work, bits);
    const rp_zero zero = rp_algebraic_zero(work, d, &bits);
    if (zero == RP_ZERO_PROVED) return rp_found(RP_SAME, RP_REASON_ALGEBRAIC, RP_CERT_PROVED, 0);
    if (zero == RP_NONZERO_PROVED) return rp_excluded(work, bits);
    return rp_residues_decide(work, d, seed);
}

rp_finding rp_identity_rungs(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    const rp_node *d = rp_expr_subtract(work, a, b);
    if (d->kind == RP_UNDEFINED || work->failed) return rp_undecided(work);
    if (d->kind == RP_NUMBER) {
        const bool zero = rp_q_is(d->q, 0);
        return rp_found(zero ? RP_SAME : RP_DIFFERENT, zero ? RP_REASON_STRUCTURAL : RP_REASON_VALUE, RP_CERT_PROVED, 0);
    }
    if (rp_is_constant(d)) return constants(work, d, seed);
    rp_finding finding = rp_residues_decide(work, d, seed);
    if (finding.outcome == RP_UNDECIDED) finding = rp_logarithms_vanish(work, d, seed);
    if (finding.outcome == RP_UNDECIDED) finding = by_squares(work, a, b, seed);
    if (finding.outcome == RP_UNDECIDED) finding = with_positive_letters(work, a, b, seed);
    return finding;
}

rp_finding rp_identity(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    rp_finding finding = rp_identity_rungs(work, a, b, seed);
    if (finding.outcome == RP_UNDECIDED) finding = rp_compare_by_signs(work, a, b, seed);
    if (finding.outcome == RP_UNDECIDED) finding = rp_compare_by_classes(work, a, b, seed);
    return finding;
}
