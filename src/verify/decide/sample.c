/* SPDX-License-Identifier: MIT
 *
 * sample.c — functions compared at rational points, with enclosures.
 *
 * When an identity is beyond residues (sin^2 x + cos^2 x, |x|, n!) both sides are computed at points: whole numbers for
 * variables that count (in an exponent, a factorial, a bound of a sum), fractions of both signs for the others. Where the
 * enclosures are apart the functions are different, with proof. A point counts only inside the real domain of both sides:
 * sqrt(x) sqrt(y) and sqrt(xy) are compared where x, y >= 0. Agreement at all points is evidence, not proof, and the
 * certificate says so.
 */
#include "algebra/enclose.h"
#include "decide/equal.h"

enum { SYMBOLS = 24, POINTS = 14, WANTED = 4, BITS = 256 };

typedef struct variables {
    rp_str names[SYMBOLS];
    bool counts[SYMBOLS]; /* takes whole numbers only */
    size_t count;
    bool too_many;
} variables;

static void note_symbol(variables *v, rp_str name, bool counts) {
    for (size_t i = 0; i < v->count; i++)
        if (rp_str_equal(v->names[i], name)) {
            v->counts[i] = v->counts[i] || counts;
            return;
        }
    if (v->count == SYMBOLS) {
        v->too_many = true;
        return;
    }
    v->names[v->count] = name;
    v->counts[v->count++] = counts;
}

/* Walks the tree; inside exponents, factorials, binomials, steps and bounds variables count. */
static void collect(variables *v, const rp_node *a, bool counts) {
    if (a->kind == RP_SYMBOL) note_symbol(v, a->name, counts);
    const bool discrete =
        a->kind == RP_FUNCTION && (a->op == RP_FN_FACTORIAL || a->op == RP_FN_FACTORIAL2 || a->op == RP_FN_BINOMIAL ||
                                   a->op == RP_FN_PERMUTATIONS || a->op == RP_FN_GCD || a->op == RP_FN_LCM);
    const bool minus_one = a->kind == RP_POWER && rp_tree_is_int(a->kids[0], -1);
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->kind == RP_BIG && i == 0) continue; /* bound */
        const bool bound = a->kind == RP_BIG && i + 1 < a->count && a->op != RP_BIG_INTEGRAL && a->op != RP_BIG_LIMIT;
        collect(v, a->kids[i], counts || discrete || bound || (minus_one && i == 1));
    }
}

/* A whole number 2…11 or a fraction; the first points are positive, so that a domain of positive numbers is met. The name
 * chooses, not the order in which the sides mention it: (a, b) and (b, a) are compared at the same points. */
static const rp_node *choose(rp_work *work, uint64_t seed, size_t point, rp_str name, bool counts) {
    const uint64_t words[3] = {seed, point, rp_hash64(name.data, name.length, 23)};
    const uint64_t r = rp_hash64(words, sizeof words, 5);
    if (counts) return rp_tree_int(work, (int64_t)(2 + r % 10));
    int64_t num = (int64_t)(1 + r % 97);
    const int64_t den = (int64_t)(7 + (r >> 16) % 23);
    if (point % 2 == 1 && (r >> 32) % 3 != 0) num = -num;
    return rp_tree_ratio(work, num, den);
}

typedef struct assignment {
    const variables *variables;
    const rp_node *values[SYMBOLS];
} assignment;

static const rp_node *at_point(rp_work *work, const rp_node *a, const assignment *point) {
    for (size_t i = 0; i < point->variables->count; i++)
        a = rp_tree_substitute(work, a, point->variables->names[i], point->values[i]);
    return rp_simplify(work, a);
}

/* Even roots and logarithms of what is negative at the point leave the real domain, even when the whole comes back to it.
 */
static bool in_real_domain(rp_work *work, const rp_node *a, const assignment *point) {
    const bool root = a->kind == RP_POWER && a->kids[1]->kind == RP_NUMBER && !rp_q_is_int(a->kids[1]->q) &&
                      !rp_q_is_odd(rp_q_den(work, a->kids[1]->q));
    const bool log = rp_tree_is_function(a, RP_FN_LN);
    if ((root || log) && !rp_is_constant(a->kids[0])) {
        int sign;
        const rp_node *value = at_point(work, a->kids[0], point);
        if (!rp_is_constant(value) || !rp_constant_sign(work, value, &sign) || sign < 0 || (log && sign == 0)) return false;
    }
    if (a->kind == RP_BIG) return true;
    for (uint32_t i = 0; i < a->count; i++)
        if (!in_real_domain(work, a->kids[i], point)) return false;
    return true;
}

typedef enum verdict_at_point { AGREE, DISAGREE, SILENT } verdict_at_point;

/* Compares the values. "0 is not excluded" is not "is 0": a point agrees only when the difference is known to be far smaller
 * than one in absolute terms and than either side; a wide enclosure, as cancellation times a huge number leaves it, is silent. */
static verdict_at_point compare_values(rp_work *work, const rp_node *x, const rp_node *y) {
    if (x->kind == RP_UNDEFINED || y->kind == RP_UNDEFINED || !rp_is_constant(x) || !rp_is_constant(y)) return SILENT;
    const rp_node *d = rp_expr_subtract(work, x, y);
    if (d->kind == RP_UNDEFINED) return SILENT;
    if (d->kind == RP_NUMBER) return rp_q_sign(d->q) == 0 ? AGREE : DISAGREE;
    long size = 0;
    for (int bits = 64; bits <= BITS; bits *= 4) {
        const rp_enclosure e = rp_enclose(work, d, bits, &size);
        if (e == RP_ENCLOSE_NONZERO) return DISAGREE;
        if (e != RP_ENCLOSE_ZERO_INSIDE && bits == BITS) return SILENT;
    }
    return rp_is_resolved(work, x, y, d, size, BITS) ? AGREE : SILENT;
}

static verdict_at_point compare_at(rp_work *work, const rp_node *a, const rp_node *b, const assignment *point,
                                   bool complex) {
    if (!complex && (!in_real_domain(work, a, point) || !in_real_domain(work, b, point))) return SILENT;
    return compare_values(work, at_point(work, a, point), at_point(work, b, point));
}

rp_finding rp_compare_samples(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    variables v = {.count = 0};
    collect(&v, a, false);
    collect(&v, b, false);
    const rp_finding undecided = rp_found(RP_UNDECIDED, RP_REASON_PRECISION, RP_CERT_NONE, 0);
    if (v.too_many) return rp_found(RP_UNDECIDED, RP_REASON_STEPS, RP_CERT_NONE, 0);
    const bool has_i = rp_tree_contains(a, RP_CONSTANT, RP_I) || rp_tree_contains(b, RP_CONSTANT, RP_I);
    for (int complex = has_i; complex < 2; complex++) {
        int agreed = 0;
        for (size_t k = 0; k < POINTS; k++) {
            assignment point = {.variables = &v};
            for (size_t i = 0; i < v.count; i++) point.values[i] = choose(work, seed, k, v.names[i], v.counts[i]);
            const verdict_at_point here = compare_at(work, a, b, &point, complex != 0);
            if (work->failed) return rp_found(RP_UNDECIDED, work->failure, RP_CERT_NONE, 0);
            if (here == DISAGREE) return rp_found(RP_DIFFERENT, RP_REASON_VALUE, RP_CERT_PROVED, 0);
            agreed += here == AGREE;
        }
        if (agreed >= WANTED) return rp_believed(work, BITS);
        if (agreed > 0) return undecided;
    }
    return undecided;
}
