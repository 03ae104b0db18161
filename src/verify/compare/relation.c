/* SPDX-License-Identifier: MIT
 *
 * relation.c — equations and inequalities.
 *
 * An equation is f = 0; multiplying it by a constant changes nothing, so two equations are equal when f and g are
 * proportional: f g(p) = g f(p) identically, for some point p. For inequalities the factor must be positive, or the sign
 * turns. Those in one variable are better compared as what they say, sets of numbers (region.c).
 */
#include "compare/compare.h"
#include "algebra/enclose.h"

#include <string.h>

/* ---- Assignments ------------------------------------------------------------------------------------------------- */

static bool is_name(const rp_node *a) {
    if (a->kind == RP_SYMBOL || a->kind == RP_APPLY || a->kind == RP_TEXT) return true;
    if (a->kind == RP_TUPLE || a->kind == RP_RATIO) {
        for (uint32_t i = 0; i < a->count; i++)
            if (!is_name(a->kids[i])) return false;
        return true;
    }
    if (a->kind == RP_FUNCTION) /* |AB| = 5, \det A = 3, n! … with a letter inside */
        return (a->op == RP_FN_ABS || a->op == RP_FN_DET || a->op == RP_FN_RE || a->op == RP_FN_IM) && is_name(a->kids[0]);
    /* p(x): a letter and a bracket with a letter */
    return a->kind == RP_PRODUCT && a->count == 2 && a->kids[0]->kind == RP_SYMBOL && a->kids[1]->kind == RP_SYMBOL;
}

static bool is_value_op(char op) {
    return op == RP_REL_EQ || op == RP_REL_APPROX;
}

/* Constant members of a chain must agree: 3 = 5 says nothing, and x = 2 + 2 = 5 is no answer. Approximations may differ. */
static bool chain_is_consistent(rp_work *work, const rp_node *a, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i < last; i++) {
        if (a->name.data[i] != RP_REL_EQ) continue;
        const rp_node *left = a->kids[i], *right = a->kids[i + 1];
        if (rp_tree_is_answer_kind(left) || rp_tree_is_answer_kind(right)) continue;
        const rp_node *x = rp_simplify(work, left), *y = rp_simplify(work, right);
        if (rp_is_constant(x) && rp_is_constant(y) && rp_compare_canonical(work, x, y).outcome == RP_DIFFERENT)
            return false;
    }
    return true;
}

bool rp_is_assignment(rp_work *work, const rp_node *a, const rp_node **name, const rp_node **value) {
    if (a->kind != RP_RELATION) return false;
    for (size_t i = 0; i < a->name.length; i++)
        if (!is_value_op(a->name.data[i])) return false;
    const bool named = is_name(a->kids[0]);
    uint32_t last = a->count - 1;
    while (last > named && a->name.data[last - 1] == RP_REL_APPROX) last--;          /* x = 1/3 ≈ 0.333: the exact one */
    if (!named && is_name(a->kids[last]) && a->count == 2 && !is_name(a->kids[0])) { /* 5 = x */
        *name = a->kids[last];
        *value = a->kids[0];
        return true;
    }
    for (uint32_t i = 0; !named && i <= last; i++) /* 2 · 3 = 6: no name, but a true statement about its last member */
        if (rp_tree_is_answer_kind(a->kids[i]) || !rp_is_constant(rp_simplify(work, a->kids[i]))) return false;
    if (!chain_is_consistent(work, a, named, last)) return false;
    *name = a->kids[0];
    *value = a->kids[last];
    return true;
}

/* ---- Proportional functions -------------------------------------------------------------------------------------- */

static void collect_names(const rp_node *a, rp_str *names, size_t *count, size_t room) {
    if (a->kind == RP_SYMBOL) {
        for (size_t i = 0; i < *count; i++)
            if (rp_str_equal(names[i], a->name)) return;
        if (*count < room) names[(*count)++] = a->name;
    }
    for (uint32_t i = 0; i < a->count; i++) collect_names(a->kids[i], names, count, room);
}

/* f and g at one rational point; false when one of them vanishes or is undefined there. */
static bool values_at(rp_work *work, const rp_node *f, const rp_node *g, int64_t trial, const rp_node **fp,
                      const rp_node **gp) {
    enum { NAMES = 16 };
    rp_str names[NAMES];
    size_t count = 0;
    collect_names(f, names, &count, NAMES);
    collect_names(g, names, &count, NAMES);
    for (size_t i = 0; i < count; i++) {
        const rp_node *value = rp_tree_ratio(work, 7 + 3 * trial + 11 * (int64_t)i, 5 + 2 * (int64_t)i);
        f = rp_tree_substitute(work, f, names[i], value);
        g = rp_tree_substitute(work, g, names[i], value);
    }
    *fp = rp_simplify(work, f);
    *gp = rp_simplify(work, g);
    int sign;
    return rp_is_constant(*fp) && rp_is_constant(*gp) && rp_constant_sign(work, *fp, &sign) && sign &&
           rp_constant_sign(work, *gp, &sign) && sign;
}

/* SAME when f = c g for a constant c; *sign is that of c. */
static rp_finding proportional(rp_work *work, const rp_node *f, const rp_node *g, int *sign) {
    f = rp_simplify(work, f);
    g = rp_simplify(work, g);
    if (f->kind == RP_UNDEFINED || g->kind == RP_UNDEFINED) return rp_differs(RP_REASON_UNDEFINED);
    for (int64_t trial = 0; trial < 6; trial++) {
        const rp_node *fp, *gp;
        if (!values_at(work, f, g, trial, &fp, &gp)) continue;
        if (!rp_constant_sign(work, rp_expr_divide(work, fp, gp), sign)) continue;
        return rp_compare_canonical(work, rp_expr_multiply(work, f, gp), rp_expr_multiply(work, g, fp));
    }
    *sign = 1;
    return rp_compare_canonical(work, f, g);
}

static const rp_node *difference(rp_work *work, const rp_node *a, uint32_t at) {
    const rp_node *minus = rp_tree_2(work, RP_PRODUCT, 0, rp_tree_int(work, -1), a->kids[at + 1]);
    return rp_tree_2(work, RP_SUM, 0, a->kids[at], minus);
}

static bool sides_are_expressions(const rp_node *a) {
    for (uint32_t i = 0; i < a->count; i++)
        if (rp_tree_is_answer_kind(a->kids[i])) return false;
    return true;
}

/* ---- Definitions: f(x) = x^2 and f(y) = y^2 ---------------------------------------------------------------------- */

static bool is_definition(const rp_node *a) {
    if (a->kids[0]->kind != RP_APPLY) return false;
    for (uint32_t i = 0; i < a->kids[0]->count; i++)
        if (a->kids[0]->kids[i]->kind != RP_SYMBOL) return false;
    return true;
}

static rp_finding compare_definitions(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_node *f = gold->kids[0], *g = answer->kids[0], *body = answer->kids[1];
    if (!rp_str_equal(f->name, g->name) || f->count != g->count) return rp_differs(RP_REASON_OTHER_TEXT);
    for (uint32_t i = 0; i < g->count; i++) body = rp_tree_substitute(work, body, g->kids[i]->name, f->kids[i]);
    return rp_compare_nodes(work, gold->kids[1], body);
}

/* ---- Comparison -------------------------------------------------------------------------------------------------- */

static char mirrored(char op) {
    switch (op) {
    case RP_REL_LT:
        return RP_REL_GT;
    case RP_REL_GT:
        return RP_REL_LT;
    case RP_REL_LE:
        return RP_REL_GE;
    case RP_REL_GE:
        return RP_REL_LE;
    default:
        return op;
    }
}

static bool is_order(char op) {
    return op == RP_REL_LT || op == RP_REL_GT || op == RP_REL_LE || op == RP_REL_GE;
}
static bool is_algebraic_op(char op) {
    return is_order(op) || op == RP_REL_EQ || op == RP_REL_NE;
}

/* One gap of each: a op b against c op d. */
static rp_finding compare_gap(rp_work *work, const rp_node *gold, uint32_t i, const rp_node *answer, uint32_t j) {
    int sign = 1;
    const char op = gold->name.data[i];
    const rp_finding finding = proportional(work, difference(work, gold, i), difference(work, answer, j), &sign);
    if (finding.outcome != RP_SAME) return finding;
    const char other = is_order(op) && sign < 0 ? mirrored(answer->name.data[j]) : answer->name.data[j];
    if (op == other) return rp_found(RP_SAME, RP_REASON_RELATION, finding.certificate, finding.bits);
    return rp_differs(mirrored(op) == other ? RP_REASON_VALUE : RP_REASON_OPENNESS);
}

static bool mentions_unknowns(const rp_node *a) {
    return rp_tree_contains(a, RP_SYMBOL, -1) || rp_tree_contains(a, RP_APPLY, -1);
}

/* Chains gap by gap, forwards or mirrored. */
static rp_finding compare_chains(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->count != answer->count) return rp_differs(RP_REASON_KIND);
    const uint32_t gaps = gold->count - 1;
    rp_finding all = rp_found(RP_SAME, RP_REASON_RELATION, RP_CERT_PROVED, 0);
    for (uint32_t i = 0; i < gaps; i++) {
        rp_finding gap = compare_gap(work, gold, i, answer, i);
        if (gap.outcome != RP_SAME && gaps > 1) gap = compare_gap(work, gold, i, answer, gaps - 1 - i);
        all = rp_finding_join(all, gap);
    }
    return all;
}

/* a < b < c with the same members: the readable case, also for names of functions (f(2) < f(1) < f(4)). */
static rp_finding compare_members(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->count != answer->count) return rp_differs(RP_REASON_KIND);
    const bool same_ops = rp_str_equal(gold->name, answer->name);
    if (same_ops) {
        const rp_finding forward = rp_compare_in_order(work, gold->kids, answer->kids, gold->count, RP_REASON_RELATION);
        if (forward.outcome == RP_SAME) return forward;
    }
    rp_nodes reversed = {0};
    for (uint32_t i = answer->count; i-- > 0;)
        if (!rp_nodes_push(work, &reversed, answer->kids[i])) return rp_differs(RP_REASON_KIND);
    for (size_t i = 0; i < gold->name.length; i++)
        if (gold->name.data[i] != mirrored(answer->name.data[answer->name.length - 1 - i]))
            return rp_differs(RP_REASON_KIND);
    return rp_compare_in_order(work, gold->kids, reversed.items, gold->count, RP_REASON_RELATION);
}

/* "x = {1, 2}" is careless for x in {1, 2}; a capital would be the name of the set. */
static bool is_careless_membership(const rp_node *a) {
    if (a->count != 2 || a->name.data[0] != RP_REL_EQ || a->kids[0]->kind != RP_SYMBOL) return false;
    const rp_kind kind = (rp_kind)a->kids[1]->kind;
    const char first = a->kids[0]->name.data[0];
    return first >= 'a' && first <= 'z' && !(a->kids[0]->flags & RP_FLAG_WORD) &&
           (kind == RP_SET || kind == RP_SET_OP || kind == RP_BUILDER || kind == RP_NAMED_SET);
}

static const rp_node *as_membership(rp_work *work, const rp_node *a, const rp_node *other) {
    if (other->count != 2 || other->name.data[0] != RP_REL_IN || !is_careless_membership(a)) return a;
    return rp_tree_make(work, RP_RELATION, 0, 0, other->name, a->kids, 2);
}

rp_finding rp_compare_relations(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_node *strict = as_membership(work, gold, answer);
    answer = as_membership(work, answer, gold);
    gold = strict;
    const rp_node *gold_name, *gold_value, *name, *value;
    if (gold->count == 2 && answer->count == 2 && gold->name.data[0] == RP_REL_EQ && answer->name.data[0] == RP_REL_EQ &&
        is_definition(gold) && is_definition(answer))
        return compare_definitions(work, gold, answer);
    const bool assigned =
        rp_is_assignment(work, gold, &gold_name, &gold_value) && rp_is_assignment(work, answer, &name, &value);
    if (assigned) {
        const bool constants = !is_name(gold_name) || !is_name(name);
        if (constants || rp_tree_equal(gold_name, name)) return rp_compare_nodes(work, gold_value, value);
    }
    const rp_finding members = compare_members(work, gold, answer);
    if (members.outcome == RP_SAME) return members;
    rp_region *a = rp_work_new(work, rp_region, 1), *b = rp_work_new(work, rp_region, 1);
    if (a && b && rp_region_of(work, gold, a) && rp_region_of(work, answer, b))
        return rp_compare_regions(work, a, b, RP_REASON_RELATION);
    for (size_t i = 0; i < gold->name.length; i++)
        if (!is_algebraic_op(gold->name.data[i])) return members;
    for (size_t i = 0; i < answer->name.length; i++)
        if (!is_algebraic_op(answer->name.data[i])) return members;
    if (!sides_are_expressions(gold) || !sides_are_expressions(answer) || !mentions_unknowns(gold)) return members;
    return compare_chains(work, gold, answer);
}
