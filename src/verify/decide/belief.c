/* SPDX-License-Identifier: MIT
 *
 * belief.c — when everything points to equality and nothing proves it.
 *
 * An enclosure that holds 0 says "not told apart from 0 at this precision", never "0". 100! (sin^2 x + cos^2 x - 1) at 256
 * bits is enclosed by [-2^270, 2^270]: that holds 0, and 7, and every other gold. So a belief needs a narrow enclosure:
 * narrow beside 1, beside both sides, and beside each of the terms that cancelled, since a term smaller than the width
 * was never seen at all. Even then it is a belief, and whether a belief is paid is an option that is off by default.
 */
#include "algebra/enclose.h"
#include "decide/equal.h"
#include "explain.h"

#include <math.h>

/* Is 2^width far below every one of a's terms, here and in the sums inside? */
static bool terms_are_resolved(rp_work *work, const rp_node *a, int bits) {
    if (!rp_work_pay(work, 1)) return false;
    if (a->kind == RP_SUM) {
        long width, size;
        const rp_enclosure whole = rp_enclose(work, a, bits, &width);
        if (whole == RP_ENCLOSE_UNKNOWN) return false;
        for (uint32_t i = 0; whole == RP_ENCLOSE_ZERO_INSIDE && i < a->count; i++)
            if (rp_enclose(work, a->kids[i], bits, &size) != RP_ENCLOSE_NONZERO || width > size - bits / 2) return false;
    }
    for (uint32_t i = 0; i < a->count; i++)
        if (!terms_are_resolved(work, a->kids[i], bits)) return false;
    return true;
}

bool rp_is_resolved(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d, long width, int bits) {
    if (width > -bits / 2) return false;
    const rp_node *const sides[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        long size;
        const rp_enclosure side = rp_enclose(work, sides[i], bits, &size);
        if (side == RP_ENCLOSE_NONZERO ? width > size - bits / 2 : side != RP_ENCLOSE_ZERO_INSIDE) return false;
    }
    return terms_are_resolved(work, d, bits);
}

rp_finding rp_believed(const rp_work *work, int bits) {
    if (work->options->numeric) return rp_found(RP_SAME, RP_REASON_NUMERIC, RP_CERT_NUMERIC, bits);
    return rp_found(RP_UNDECIDED, RP_REASON_UNPROVED, RP_CERT_NUMERIC, bits);
}

/* Bits written in the tree's numbers: a transcendental coincidence closer than a few times this is no accident. */
static double written_bits(const rp_node *a) {
    double bits = a->kind == RP_NUMBER ? (double)rp_q_bits(a->q) : 2;
    for (uint32_t i = 0; i < a->count; i++) bits += written_bits(a->kids[i]);
    return bits;
}

rp_finding rp_believe_zero(rp_work *work, const rp_node *a, const rp_node *b, const rp_node *d) {
    const double wanted = fmax(4096, 8 * written_bits(d));
    if (wanted > RP_LIMIT_PRECISION) return rp_undecided(work);
    const int top = (int)wanted;
    for (int bits = 1024;; bits = bits * 4 < top ? bits * 4 : top) {
        long width;
        const rp_enclosure e = rp_enclose(work, d, bits, &width);
        if (e == RP_ENCLOSE_NONZERO) return rp_excluded(work, bits);
        if (bits < top && !work->failed) continue;
        if (e != RP_ENCLOSE_ZERO_INSIDE || !rp_is_resolved(work, a, b, d, width, top) || work->failed)
            return rp_undecided(work);
        rp_explain(work,
                   "at %d bits its enclosure holds 0 and nothing above 2^%ld: no difference is seen, none is excluded",
                   bits, width);
        return rp_believed(work, top);
    }
}
