/* SPDX-License-Identifier: MIT
 *
 * cases.c — functions with pieces, piece by piece.
 *
 * |u| is u where u >= 0 and -u where u <= 0, and sign(u) is 1 or -1. So both sides are compared once in each case, and they
 * are equal when they agree in all of them. Points near 0 would not do: max(x, -1000) is x at every one of them. Cases
 * whose conditions contradict each other are left out; that is known when all conditions are linear in one letter.
 *
 * floor(n/3), (-1)^n and cos(πn/2) of an integer n are polynomials on each residue class: n = 6 n' + r, for r = 0 … 5.
 */
#include "decide/identity.h"
#include "explain.h"

#include <stdlib.h>

/* ---- Signs ------------------------------------------------------------------------------------------------------- */

/* The argument of a |·| or sign that holds no other function with pieces; of several that with the least hash, so that (a, b)
 * and (b, a) take the same way. *best is NULL before and stays so when there is none. True when a holds pieces. */
static bool innermost(const rp_node *a, const rp_node **best) {
    bool inside = false;
    for (uint32_t i = 0; i < a->count && a->kind != RP_BIG; i++) inside = innermost(a->kids[i], best) || inside;
    if (!rp_tree_is_function(a, RP_FN_ABS) && !rp_tree_is_function(a, RP_FN_SIGN)) return inside;
    const rp_node *u = a->kids[0];
    if (!inside && rp_is_real(u) && (!*best || u->hash < (*best)->hash)) *best = u;
    return true;
}

static const rp_node *innermost_of_both(const rp_node *a, const rp_node *b) {
    const rp_node *best = NULL;
    (void)innermost(a, &best);
    (void)innermost(b, &best);
    return best;
}

/* a with |u| and sign(u) replaced. */
static const rp_node *replace(rp_work *work, const rp_node *a, const rp_node *u, const rp_node *size, const rp_node *sign) {
    if (!rp_work_pay(work, 1)) return &RP_NODE_NONE;
    if (a->kind == RP_FUNCTION && a->count == 1 && rp_tree_equal(a->kids[0], u)) {
        if (a->op == RP_FN_ABS) return size;
        if (a->op == RP_FN_SIGN) return sign;
    }
    if (a->count == 0) return a;
    const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
    if (!kids) return &RP_NODE_NONE;
    bool changed = false;
    for (uint32_t i = 0; i < a->count; i++) {
        kids[i] = replace(work, a->kids[i], u, size, sign);
        changed = changed || kids[i] != a->kids[i];
    }
    return changed ? rp_tree_with_kids(work, a, kids) : a;
}

static const rp_node *in_case(rp_work *work, const rp_node *a, const rp_node *u, int sign) {
    return replace(work, a, u, rp_expr_scale(work, rp_q_int(sign), u), rp_tree_int(work, sign));
}

/* a with v written as ±u under |·| and sign. */
static const rp_node *with_argument(rp_work *work, const rp_node *a, const rp_node *v, const rp_node *u, int sign) {
    const rp_node *size = rp_tree_function1(work, RP_FN_ABS, u), *of_u = rp_tree_function1(work, RP_FN_SIGN, u);
    return rp_simplify(work, replace(work, a, v, size, rp_expr_scale(work, rp_q_int(sign), of_u)));
}

enum { CONDITIONS = 6 };

/* Conditions c > 0 so far. They contradict each other when some of them add up to a number that is not positive, or when
 * they leave one letter no interval; `known`: every one is linear in that letter, so that there certainly is a place. */
typedef struct where {
    const rp_node *condition[CONDITIONS];
    int count;
    const rp_node *letter;
    rp_q lo, hi;
    bool has_lo, has_hi, known;
} where;

static const rp_node *some_symbol(const rp_node *a) {
    if (a->kind == RP_SYMBOL) return a;
    for (uint32_t i = 0; i < a->count; i++) {
        const rp_node *found = some_symbol(a->kids[i]);
        if (found) return found;
    }
    return NULL;
}

/* A condition on one letter: a half-line. False when nothing is left. */
static bool narrow_letter(rp_work *work, where *w, const rp_node *u, int sign) {
    const rp_node *x = some_symbol(u), *slope;
    const bool linear = x && rp_degree_in(u, x) == 1 && (!w->letter || rp_tree_equal(w->letter, x));
    slope = linear ? rp_slope_in(work, u, x) : NULL;
    const rp_node *at0 = slope ? rp_simplify(work, rp_tree_substitute(work, u, x->name, rp_tree_int(work, 0))) : NULL;
    if (!slope || slope->kind != RP_NUMBER || at0->kind != RP_NUMBER) return w->known = false, true;
    const rp_q root = rp_q_neg(work, rp_q_div(work, at0->q, slope->q));
    w->letter = x;
    if (sign * rp_q_sign(slope->q) > 0) {
        if (!w->has_lo || rp_q_cmp(work, root, w->lo) > 0) w->lo = root;
        w->has_lo = true;
    } else {
        if (!w->has_hi || rp_q_cmp(work, root, w->hi) < 0) w->hi = root;
        w->has_hi = true;
    }
    if (!w->has_lo || !w->has_hi) return true;
    const rp_q next = rp_q_add(work, rp_q_floor(work, w->lo), rp_q_int(1)); /* between 0 and 1 there is no n */
    return rp_q_cmp(work, rp_is_integer_letter(x) ? next : w->lo, w->hi) < 0;
}

/* x > y, y > z and z > x: their sum says 0 > 0. Sums with the newest condition; older ones were tried before. */
static bool adds_up_to_nothing(rp_work *work, const where *w) {
    const int last = w->count - 1;
    for (unsigned others = 1; others < 1u << last; others++) {
        const rp_node *sum = w->condition[last];
        for (int i = 0; i < last; i++)
            if (others >> i & 1) sum = rp_expr_add(work, sum, w->condition[i]);
        if (sum->kind == RP_NUMBER && rp_q_sign(sum->q) <= 0) return true;
    }
    return false;
}

/* Adds the condition sign · u > 0; false when no place is left. */
static bool restrict_to(rp_work *work, where *w, const rp_node *u, int sign) {
    if (w->count < CONDITIONS) {
        w->condition[w->count++] = rp_expr_scale(work, rp_q_int(sign), u);
        if (adds_up_to_nothing(work, w)) return false;
    }
    return narrow_letter(work, w, u, sign);
}

static rp_finding by_signs(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed, const where *before,
                           int depth) {
    const rp_node *u = innermost_of_both(a, b);
    if (!u) return rp_identity_rungs(work, a, b, seed);
    if (depth == CONDITIONS) return rp_undecided(work);
    rp_finding all = rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    bool some = false;
    for (int sign = 1; sign >= -1 && all.outcome == RP_SAME; sign -= 2) {
        where here = *before;
        if (!restrict_to(work, &here, u, sign)) continue;
        some = true;
        const rp_node *x = rp_simplify(work, in_case(work, a, u, sign)), *y = rp_simplify(work, in_case(work, b, u, sign));
        if (work->explain) rp_explain_trees(work, sign > 0 ? "where this is positive" : "where this is negative", u, NULL);
        rp_finding one = by_signs(work, x, y, seed, &here, depth + 1);
        if (one.outcome == RP_DIFFERENT && !here.known) one = rp_undecided(work); /* is there such a place? */
        all = rp_finding_join(all, one);
    }
    return some ? all : rp_undecided(work);
}

/* The arguments of all |·| and signs, each once. */
static bool push_arguments(rp_work *work, const rp_node *a, rp_nodes *out) {
    if (!rp_work_pay(work, 1)) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!push_arguments(work, a->kids[i], out)) return false;
    if (!rp_tree_is_function(a, RP_FN_ABS) && !rp_tree_is_function(a, RP_FN_SIGN)) return true;
    for (size_t i = 0; i < out->count; i++)
        if (rp_tree_equal(out->items[i], a->kids[0])) return true;
    return rp_nodes_push(work, out, a->kids[0]);
}

static int by_hash(const void *a, const void *b) {
    const rp_node *x = *(const rp_node *const *)a, *y = *(const rp_node *const *)b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* |v| and |u| become one where v = ±u is an identity: one condition, not two that only seem independent. */
static void unite_arguments(rp_work *work, const rp_node **a, const rp_node **b, uint64_t seed) {
    enum { ARGUMENTS = 8 };
    rp_nodes all = {0};
    if (!push_arguments(work, *a, &all) || !push_arguments(work, *b, &all) || all.count > ARGUMENTS) return;
    if (all.count > 1) qsort(all.items, all.count, sizeof *all.items, by_hash); /* the same for (b, a) */
    for (size_t i = 1; i < all.count; i++) {
        for (size_t j = 0; j < i; j++) {
            const rp_node *u = all.items[j], *v = all.items[i];
            int sign = 0;
            if (rp_residues_decide(work, rp_expr_subtract(work, v, u), seed).outcome == RP_SAME) sign = 1;
            if (!sign && rp_residues_decide(work, rp_expr_add(work, v, u), seed).outcome == RP_SAME) sign = -1;
            if (!sign) continue;
            *a = with_argument(work, *a, v, u, sign);
            *b = with_argument(work, *b, v, u, sign);
            break;
        }
    }
}

rp_finding rp_compare_by_signs(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    const where everywhere = {.known = true};
    if (!innermost_of_both(a, b)) return rp_undecided(work);
    unite_arguments(work, &a, &b, seed);
    return by_signs(work, a, b, seed, &everywhere, 0);
}

/* ---- Residue classes --------------------------------------------------------------------------------------------- */

enum { LETTERS = 4, CLASSES_MAX = 144, MODULUS_MAX = 120 };

typedef struct classes {
    const rp_node *letter[LETTERS];
    int64_t modulus[LETTERS];
    size_t count;
    bool too_many;
} classes;

static void note_letter(classes *c, const rp_node *letter, int64_t modulus) {
    size_t i = 0;
    while (i < c->count && !rp_tree_equal(c->letter[i], letter)) i++;
    if (i == LETTERS || modulus > MODULUS_MAX) {
        c->too_many = true;
        return;
    }
    if (i == c->count) {
        c->letter[c->count] = letter;
        c->modulus[c->count++] = 1;
    }
    int64_t x = c->modulus[i], y = modulus;
    while (y) {
        const int64_t rest = x % y;
        x = y;
        y = rest;
    }
    c->modulus[i] = c->modulus[i] / x * modulus;
    if (c->modulus[i] > MODULUS_MAX) c->too_many = true;
}

static void note_letters(classes *c, const rp_node *a, int64_t modulus) {
    if (rp_is_integer_letter(a)) note_letter(c, a, modulus);
    for (uint32_t i = 0; i < a->count; i++) note_letters(c, a->kids[i], modulus);
}

/* The terms of an argument: `times` the denominator of a coefficient is a period of the term. */
static void note_terms(rp_work *work, classes *c, const rp_node *x, int64_t times, bool only_turns) {
    x = rp_expand(work, x);
    const rp_node *const one[1] = {x};
    const rp_node *const *terms = x->kind == RP_SUM ? x->kids : one;
    const size_t count = x->kind == RP_SUM ? x->count : 1;
    for (size_t i = 0; i < count; i++) {
        const rp_node *rest;
        int64_t den;
        const rp_q q = rp_split_coefficient(work, terms[i], &rest);
        if (!rest || (only_turns && !rp_tree_contains(rest, RP_CONSTANT, RP_PI))) continue;
        if (!rp_q_small(rp_q_den(work, q), &den) || den > MODULUS_MAX)
            c->too_many = true;
        else if (den * times > 1)
            note_letters(c, rest, den * times);
    }
}

static void collect_classes(rp_work *work, classes *c, const rp_node *a) {
    if (a->kind == RP_BIG || !rp_work_pay(work, 1)) return;
    if (rp_tree_is_function(a, RP_FN_FLOOR)) note_terms(work, c, a->kids[0], 1, false);
    if (rp_tree_is_function(a, RP_FN_COS) || rp_tree_is_function(a, RP_FN_SIN)) note_terms(work, c, a->kids[0], 2, true);
    if (a->kind == RP_POWER && a->kids[1]->kind != RP_NUMBER) {
        if (rp_tree_is_int(a->kids[0], -1)) note_terms(work, c, a->kids[1], 2, false);
        if (rp_tree_is_constant(a->kids[0], RP_I)) note_terms(work, c, a->kids[1], 4, false);
        if (rp_tree_is_constant(a->kids[0], RP_E)) note_terms(work, c, a->kids[1], 2, true);
    }
    for (uint32_t i = 0; i < a->count; i++) collect_classes(work, c, a->kids[i]);
}

/* Every letter n as m n + r, the r read off the number of the class. */
static const rp_node *in_class(rp_work *work, const rp_node *a, const classes *c, int64_t number) {
    for (size_t i = 0; i < c->count; i++) {
        const rp_node *n = c->letter[i];
        const rp_node *class =
            rp_expr_add(work, rp_expr_scale(work, rp_q_int(c->modulus[i]), n), rp_tree_int(work, number % c->modulus[i]));
        a = rp_tree_substitute(work, a, n->name, class);
        number /= c->modulus[i];
    }
    return rp_simplify(work, a);
}

rp_finding rp_compare_by_classes(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed) {
    classes c = {.count = 0};
    collect_classes(work, &c, a);
    collect_classes(work, &c, b);
    int64_t all_classes = 1;
    for (size_t i = 0; i < c.count && !c.too_many; i++) all_classes *= c.modulus[i];
    if (c.count == 0 || c.too_many || all_classes > CLASSES_MAX || all_classes == 1) return rp_undecided(work);
    rp_explain(work, "its integer letters by residue classes: %d cases", (int)all_classes);
    rp_finding all = rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    for (int64_t k = 0; k < all_classes && all.outcome == RP_SAME; k++) {
        const rp_node *x = in_class(work, a, &c, k), *y = in_class(work, b, &c, k);
        all = rp_finding_join(all, rp_identity_rungs(work, x, y, seed));
    }
    return all;
}
