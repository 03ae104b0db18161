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

bool rp_is_name(const rp_node *a) {
    if (a->kind == RP_SYMBOL || a->kind == RP_APPLY || a->kind == RP_TEXT) return true;
    if (a->kind == RP_TUPLE || a->kind == RP_RATIO) {
        for (uint32_t i = 0; i < a->count; i++)
            if (!rp_is_name(a->kids[i])) return false;
        return true;
    }
    /* |AB| = 5, \det A = 3, … with a letter inside */
    return a->kind == RP_FUNCTION && (a->op == RP_FN_ABS || a->op == RP_FN_DET || a->op == RP_FN_RE || a->op == RP_FN_IM) &&
           rp_is_name(a->kids[0]);
}

/* The imaginary unit is a letter to the parser. */
static bool has_unknown(const rp_node *a) {
    if (a->kind == RP_SYMBOL) return !rp_str_is(a->name, "i");
    for (uint32_t i = 0; i < a->count; i++)
        if (has_unknown(a->kids[i])) return true;
    return false;
}

/* x = 1/3 ≈ 0.333: a decimal may be off by one in its last digit, a whole number by one (5300: by a hundred). Approximations
 * that are no plain numbers are not looked at. */
static bool is_near(rp_work *work, const rp_node *exact, const rp_node *approximate) {
    while (approximate->kind == RP_QUANTITY) approximate = approximate->kids[0];
    while (exact->kind == RP_QUANTITY) exact = exact->kids[0];
    const rp_node *x = rp_simplify(work, exact), *y = rp_simplify(work, approximate);
    int64_t whole = 0;
    int sign;
    if (y->kind != RP_NUMBER || !rp_is_constant(x) || rp_tree_is_answer_kind(x)) return true;
    const int64_t digits = approximate->kind == RP_NUMBER ? approximate->flags : 0;
    rp_q unit = rp_q_pow(work, rp_q_int(10), -digits);
    for (bool small = digits == 0 && rp_q_small(y->q, &whole); small && whole && whole % 10 == 0; whole /= 10)
        unit = rp_q_mul(work, unit, rp_q_int(10));
    const rp_node *off = rp_expr_subtract(work, x, y), *room = rp_tree_number(work, unit);
    const bool above = rp_constant_sign(work, rp_expr_subtract(work, off, room), &sign) && sign > 0;
    const bool below = rp_constant_sign(work, rp_expr_add(work, off, room), &sign) && sign < 0;
    return !above && !below;
}

static uint32_t first_approximation(const rp_node *a) {
    uint32_t i = 0;
    while (i + 1 < a->count && rp_relation_at(a, i) != RP_REL_APPROX) i++;
    return i + 1; /* its member; a->count when there is none */
}

/* A gold that says "≈ 0.912" must not be answered by "≈ 0.412". Where the gold is exact the approximation is a remark. */
static bool misstates_approximation(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const uint32_t stated = first_approximation(gold), given = first_approximation(answer);
    if (stated >= gold->count) return false;
    for (uint32_t i = given; i < answer->count; i++) {
        bool same = false;
        for (uint32_t k = stated; k < gold->count; k++) {
            const rp_node *a = gold->kids[k], *b = answer->kids[i];
            if (a->kind == RP_QUANTITY && b->kind == RP_QUANTITY && !rp_str_equal(a->name, b->name)) return true;
            same = same || rp_tree_equal(a, b);
        }
        if (!same && !is_near(work, answer->kids[given - 1], answer->kids[i])) return true;
    }
    return false;
}

/* Can left = right stand in a chain whose last member is the value? A constant difference that is not 0 is a false link, and a
 * formula as the last member must be the formula before it: f(x) = x^2 + 1 = x^2 + x says something about x. */
static bool link_holds(rp_work *work, const rp_node *left, const rp_node *right) {
    if (rp_tree_is_answer_kind(left) || rp_tree_is_answer_kind(right)) return true;
    const rp_node *x = rp_simplify(work, left), *y = rp_simplify(work, right);
    if (rp_is_constant(y) && !rp_is_constant(x)) return true; /* AB = 2r = 10 */
    if (x->kind == RP_MATRIX || y->kind == RP_MATRIX) return rp_compare_nodes(work, x, y).outcome == RP_SAME;
    return rp_compare_canonical(work, x, y).outcome == RP_SAME;
}

/* 3 = 5 says nothing, and x = 2 + 2 = 5 is no answer. Approximations may differ. */
static bool chain_is_consistent(rp_work *work, const rp_node *a, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i < last; i++)
        if (rp_relation_at(a, i) == RP_REL_EQ && !link_holds(work, a->kids[i], a->kids[i + 1])) return false;
    return true;
}

bool rp_is_assignment(rp_work *work, const rp_node *a, const rp_node **name, const rp_node **value) {
    if (a->kind != RP_RELATION) return false;
    for (uint32_t i = 0; i + 1 < a->count; i++)
        if (rp_relation_at(a, i) != RP_REL_EQ && rp_relation_at(a, i) != RP_REL_APPROX) return false;
    const bool named = rp_is_name(a->kids[0]);
    uint32_t last = a->count - 1;
    while (last > named && rp_relation_at(a, last - 1) == RP_REL_APPROX) last--; /* x = 1/3 ≈ 0.333: the exact one */
    if (!named && a->count == 2 && rp_is_name(a->kids[last])) {                  /* 5 = x */
        *name = a->kids[last];
        *value = a->kids[0];
        return true;
    }
    for (uint32_t i = 0; !named && i <= last; i++) /* 2 · 3 = 6: no name, but a true statement about its last member */
        if (rp_tree_is_answer_kind(a->kids[i]) || has_unknown(a->kids[i]) || !rp_is_constant(rp_simplify(work, a->kids[i])))
            return false;
    for (uint32_t i = 1; named && a->kids[0]->kind == RP_SYMBOL && i <= last; i++) /* x = 2x - 3 is no value of x */
        if (rp_tree_has_symbol(a->kids[i], a->kids[0]->name)) return false;
    if (!chain_is_consistent(work, a, named, last)) return false;
    *name = a->kids[0];
    *value = a->kids[last];
    return true;
}

/* x = y = 4, p(1) = p(5) = 1/4: the number of names that get the last member's value; 0 when there are not two. */
uint32_t rp_equal_names(const rp_node *a) {
    if (a->kind != RP_RELATION || a->count < 3 || !rp_relation_all(a, RP_REL_EQ)) return 0;
    uint32_t names = 0;
    while (names < a->count && (a->kids[names]->kind == RP_SYMBOL || a->kids[names]->kind == RP_APPLY)) names++;
    return names >= 2 && names + 1 == a->count ? names : 0;
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

/* SAME when f = c g for a constant c; *sign is that of c. A difference that is constant, above all 0, says nothing about any
 * unknown: all true identities would be one, and so would all false statements about numbers. */
static rp_finding proportional(rp_work *work, const rp_node *f, const rp_node *g, int *sign) {
    f = rp_simplify(work, f);
    g = rp_simplify(work, g);
    if (f->kind == RP_UNDEFINED || g->kind == RP_UNDEFINED) return rp_differs(RP_REASON_UNDEFINED);
    if (rp_is_constant(f) || rp_is_constant(g)) return rp_differs(RP_REASON_VALUE);
    for (int64_t trial = 0; trial < 6; trial++) {
        const rp_node *fp, *gp;
        if (!values_at(work, f, g, trial, &fp, &gp)) continue;
        if (!rp_constant_sign(work, rp_expr_divide(work, fp, gp), sign)) continue;
        return rp_compare_canonical(work, rp_expr_multiply(work, f, gp), rp_expr_multiply(work, g, fp));
    }
    *sign = 1;
    const rp_finding vanishes = rp_compare_canonical(work, f, rp_tree_int(work, 0));
    if (vanishes.outcome != RP_DIFFERENT) return rp_differs(RP_REASON_VALUE);
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

bool rp_is_definition(const rp_node *name) {
    if (name->kind != RP_APPLY) return false;
    for (uint32_t i = 0; i < name->count; i++)
        if (name->kids[i]->kind != RP_SYMBOL) return false;
    return true;
}

/* Renames all parameters at once, by way of names that no text has: f(y, x) = x - y is no f(x, y) = x - y. NULL when a letter of
 * the gold's parameters is something else in the answer: f(t) = x + 1. */
static const rp_node *with_parameters_of(rp_work *work, const rp_node *f, const rp_node *g, const rp_node *body) {
    static const char *const fresh[] = {"\001", "\002", "\003", "\004", "\005", "\006", "\007", "\010"};
    if (f->count != g->count || g->count > sizeof fresh / sizeof fresh[0]) return NULL;
    for (uint32_t i = 0; i < g->count; i++)
        body = rp_tree_substitute(work, body, g->kids[i]->name, rp_tree_symbol(work, rp_str_of(fresh[i]), 0));
    for (uint32_t i = 0; i < f->count; i++) {
        if (rp_tree_has_symbol(body, f->kids[i]->name)) return NULL;
        body = rp_tree_substitute(work, body, rp_str_of(fresh[i]), f->kids[i]);
    }
    return body;
}

/* P(A) = 1/2 speaks of A, f(x) = 5 of every x: a capital is a parameter only where the body holds it. */
static bool is_parameter(const rp_node *letter, const rp_node *body) {
    const bool small = letter->name.length && letter->name.data[0] >= 'a' && letter->name.data[0] <= 'z';
    return small || rp_tree_has_symbol(body, letter->name);
}

static rp_finding compare_definitions(rp_work *work, const rp_node *f, const rp_node *gold, const rp_node *g,
                                      const rp_node *answer) {
    if (!rp_str_equal(f->name, g->name) || f->count != g->count) return rp_differs(RP_REASON_OTHER_TEXT);
    for (uint32_t i = 0; i < f->count; i++)
        if (!rp_tree_equal(f->kids[i], g->kids[i]) && !(is_parameter(f->kids[i], gold) && is_parameter(g->kids[i], answer)))
            return rp_differs(RP_REASON_OTHER_TEXT);
    const rp_node *body = rp_tree_equal(f, g) ? answer : with_parameters_of(work, f, g, answer);
    return body ? rp_compare_nodes(work, gold, body) : rp_differs(RP_REASON_OTHER_TEXT);
}

/* ---- Comparison -------------------------------------------------------------------------------------------------- */

static bool is_order(rp_relation op) {
    return op == RP_REL_LT || op == RP_REL_GT || op == RP_REL_LE || op == RP_REL_GE;
}

static bool is_algebraic(const rp_node *a) {
    for (uint32_t i = 0; i + 1 < a->count; i++) {
        const rp_relation op = rp_relation_at(a, i);
        if (!is_order(op) && op != RP_REL_EQ && op != RP_REL_NE) return false;
    }
    return true;
}

/* One gap of each: a op b against c op d. */
static rp_finding compare_gap(rp_work *work, const rp_node *gold, uint32_t i, const rp_node *answer, uint32_t j) {
    int sign = 1;
    const rp_relation op = rp_relation_at(gold, i);
    rp_relation other = rp_relation_at(answer, j), turned = op;
    const rp_finding finding = proportional(work, difference(work, gold, i), difference(work, answer, j), &sign);
    if (finding.outcome != RP_SAME) return finding;
    if (is_order(op) && sign < 0) (void)rp_relation_turned(other, &other);
    if (op == other) return rp_found(RP_SAME, RP_REASON_RELATION, finding.certificate, finding.bits);
    (void)rp_relation_turned(op, &turned);
    return rp_differs(turned == other ? RP_REASON_VALUE : RP_REASON_OPENNESS);
}

static bool mentions_unknowns(const rp_node *a) {
    return rp_tree_contains(a, RP_SYMBOL, -1) || rp_tree_contains(a, RP_APPLY, -1);
}

static rp_finding compare_gaps(rp_work *work, const rp_node *gold, const rp_node *answer, bool backwards) {
    const uint32_t gaps = gold->count - 1;
    rp_finding all = rp_found(RP_SAME, RP_REASON_RELATION, RP_CERT_PROVED, 0);
    for (uint32_t i = 0; i < gaps && all.outcome != RP_DIFFERENT; i++)
        all = rp_finding_join(all, compare_gap(work, gold, i, answer, backwards ? gaps - 1 - i : i));
    return all;
}

/* Chains gap by gap, all forwards or all backwards. */
static rp_finding compare_chains(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->count != answer->count) return rp_differs(RP_REASON_KIND);
    const rp_finding forwards = compare_gaps(work, gold, answer, false);
    if (forwards.outcome != RP_DIFFERENT || gold->count == 2) return forwards;
    const rp_finding back = compare_gaps(work, gold, answer, true);
    return back.outcome == RP_SAME ? back : forwards;
}

/* The same members between the same signs, from the left or from the right: the readable case, and the only one for signs that
 * are no arithmetic (f(2) < f(1) < f(4), A \subseteq B). */
static rp_finding compare_members(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->count != answer->count) return rp_differs(RP_REASON_KIND);
    if (rp_str_equal(gold->name, answer->name)) {
        const rp_finding forward = rp_compare_in_order(work, gold->kids, answer->kids, gold->count, RP_REASON_RELATION);
        if (forward.outcome == RP_SAME) return forward;
    }
    rp_nodes reversed = {0};
    for (uint32_t i = answer->count; i-- > 0;)
        if (!rp_nodes_push(work, &reversed, answer->kids[i])) return rp_differs(RP_REASON_KIND);
    const uint32_t gaps = gold->count - 1;
    for (uint32_t i = 0; i < gaps; i++) {
        rp_relation turned;
        if (!rp_relation_turned(rp_relation_at(answer, gaps - 1 - i), &turned) || turned != rp_relation_at(gold, i))
            return rp_differs(RP_REASON_KIND);
    }
    return rp_compare_in_order(work, gold->kids, reversed.items, gold->count, RP_REASON_RELATION);
}

/* "x = {1, 2}" is careless for x in {1, 2}; a capital would be the name of the set. */
static bool is_careless_membership(const rp_node *a) {
    if (a->count != 2 || rp_relation_at(a, 0) != RP_REL_EQ || a->kids[0]->kind != RP_SYMBOL) return false;
    const rp_kind kind = (rp_kind)a->kids[1]->kind;
    const char first = a->kids[0]->name.data[0];
    return first >= 'a' && first <= 'z' && !(a->kids[0]->flags & RP_FLAG_WORD) &&
           (kind == RP_SET || kind == RP_SET_OP || kind == RP_BUILDER || kind == RP_NAMED_SET);
}

static const rp_node *as_membership(rp_work *work, const rp_node *a, const rp_node *other) {
    if (other->count != 2 || rp_relation_at(other, 0) != RP_REL_IN || !is_careless_membership(a)) return a;
    return rp_tree_make(work, RP_RELATION, 0, 0, other->name, a->kids, 2);
}

rp_finding rp_compare_relations(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (rp_equal_names(gold) || rp_equal_names(answer)) return rp_compare_collections(work, gold, answer);
    const rp_node *strict = as_membership(work, gold, answer);
    answer = as_membership(work, answer, gold);
    gold = strict;
    const rp_node *gold_name, *gold_value, *name, *value;
    const bool gold_assigns = rp_is_assignment(work, gold, &gold_name, &gold_value);
    const bool answer_assigns = rp_is_assignment(work, answer, &name, &value);
    const bool assigned = gold_assigns && answer_assigns;
    /* A chain of numbers that is no assignment is false: 56 = 56%. It says the same as no true one. */
    if (gold_assigns != answer_assigns && !has_unknown(gold) && !has_unknown(answer)) return rp_differs(RP_REASON_VALUE);
    if (assigned && (misstates_approximation(work, gold, answer) || misstates_approximation(work, answer, gold)))
        return rp_differs(RP_REASON_VALUE);
    if (assigned && rp_is_definition(gold_name) && rp_is_definition(name))
        return compare_definitions(work, gold_name, gold_value, name, value);
    if (assigned && (!rp_is_name(gold_name) || !rp_is_name(name) || rp_tree_equal(gold_name, name)))
        return rp_compare_nodes(work, gold_value, value);
    const rp_finding members = compare_members(work, gold, answer);
    if (members.outcome == RP_SAME) return members;
    rp_region *a = rp_work_new(work, rp_region, 1), *b = rp_work_new(work, rp_region, 1);
    if (a && b && rp_region_of(work, gold, a) && rp_region_of(work, answer, b))
        return rp_compare_regions(work, a, b, RP_REASON_RELATION);
    if (!is_algebraic(gold) || !is_algebraic(answer)) return members;
    if (!sides_are_expressions(gold) || !sides_are_expressions(answer) || !mentions_unknowns(gold)) return members;
    return compare_chains(work, gold, answer);
}
