/* SPDX-License-Identifier: MIT
 *
 * defined.c — does an expression mean anything?
 *
 * The canonical form cancels x/x, which is right but for a point. With Z = (x + 1)^2 - x^2 - 2x - 1 it cancels Z/Z as well,
 * and 0 · 1/Z, though Z is 0 everywhere and both are nothing. So before an equality is paid the divisors of both sides, as
 * they were written, are looked at: one that is 0 everywhere makes its side undefined, and undefined equals nothing.
 */
#include "decide/identity.h"

#include "explain.h"

typedef enum meaning { MEANS_SOMETHING, MEANS_NOTHING, MEANING_OPEN } meaning;

/* A canonical tree that is visibly not 0: a letter, a product of such, a sum with a variable part in different letters. */
static bool visibly_nonzero(const rp_node *z) {
    switch ((rp_kind)z->kind) {
    case RP_NUMBER:
        return rp_q_sign(z->q) != 0;
    case RP_SYMBOL:
    case RP_CONSTANT:
        return true;
    case RP_PRODUCT:
        for (uint32_t i = 0; i < z->count; i++)
            if (!visibly_nonzero(z->kids[i])) return false;
        return true;
    case RP_POWER:
        return visibly_nonzero(z->kids[0]);
    case RP_SUM: /* collected terms: different monomials do not cancel */
        for (uint32_t i = 0; i < z->count; i++) {
            const rp_node *t = z->kids[i];
            if (t->kind == RP_PRODUCT && t->count == 2 && t->kids[0]->kind == RP_NUMBER) t = t->kids[1];
            if (t->kind == RP_POWER && t->kids[0]->kind == RP_SYMBOL && t->kids[1]->kind == RP_NUMBER) continue;
            if (t->kind != RP_SYMBOL && t->kind != RP_NUMBER) return false;
        }
        return true;
    default:
        return false;
    }
}

static meaning divisor(rp_work *work, const rp_node *written) {
    if (written->kind == RP_NUMBER || written->kind == RP_SYMBOL) return MEANS_SOMETHING;
    const rp_node *z = rp_simplify(work, written), *zero = rp_tree_int(work, 0);
    if (z->kind == RP_UNDEFINED) return MEANS_NOTHING;
    if (visibly_nonzero(z) || rp_has_matrix(&z, 1)) return MEANS_SOMETHING;
    const rp_finding finding = rp_identity(work, z, zero, z->hash);
    if (finding.outcome == RP_SAME) return MEANS_NOTHING;
    return finding.outcome == RP_UNDECIDED && rp_is_constant(z) ? MEANING_OPEN : MEANS_SOMETHING;
}

static bool is_negative(const rp_node *exponent) {
    if (exponent->kind == RP_NUMBER) return rp_q_sign(exponent->q) < 0;
    return exponent->kind == RP_PRODUCT && exponent->count > 0 && is_negative(exponent->kids[0]);
}

static meaning look(rp_work *work, const rp_node *a) {
    if (!rp_work_pay(work, 1)) return MEANING_OPEN;
    if (a->kind == RP_BIG) return MEANS_SOMETHING;
    meaning worst = MEANS_SOMETHING;
    for (uint32_t i = 0; i < a->count && worst == MEANS_SOMETHING; i++) worst = look(work, a->kids[i]);
    if (worst != MEANS_SOMETHING) return worst;
    if (a->kind == RP_POWER && is_negative(a->kids[1])) return divisor(work, a->kids[0]);
    const bool log = a->kind == RP_FUNCTION && (a->op == RP_FN_LN || a->op == RP_FN_LOG || a->op == RP_FN_LG);
    return log ? divisor(work, a->kids[0]) : MEANS_SOMETHING;
}

rp_finding rp_checked_for_meaning(rp_work *work, const rp_node *a, const rp_node *b, rp_finding finding) {
    if (finding.outcome != RP_SAME) return finding;
    const rp_node *const sides[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        const meaning m = look(work, sides[i]);
        if (m == MEANS_SOMETHING) continue;
        if (m == MEANING_OPEN) return rp_undecided(work);
        rp_explain(work, "a divisor, or the argument of a logarithm, is 0 everywhere: that side means nothing");
        return rp_found(RP_DIFFERENT, RP_REASON_UNDEFINED, RP_CERT_NONE, 0);
    }
    return finding;
}
