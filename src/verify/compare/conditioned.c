/* SPDX-License-Identifier: MIT
 *
 * conditioned.c — answers under conditions: 2k + 1 with k in Z, x^2 for x > 0, {2k | k in Z}.
 *
 * What is said must agree, and so must the conditions. The letter of an integer parameter is a matter of taste, so it is
 * renamed. By convention i, j, k, l, m, n are integers: "k in Z" may be written or not. A gold that says nothing about its
 * parameter may be answered with a first value of it (2^k for k >= 1); a gold that has a condition must get it.
 */
#include "compare/compare.h"
#include "explain.h"

#include <string.h>

typedef struct saying {
    const rp_node *body;
    rp_nodes conditions;
    bool bound; /* a set-builder binds its letters */
} saying;

/* ---- Taking apart ------------------------------------------------------------------------------------------------ */

static bool push_condition(rp_work *work, saying *s, const rp_node *c) {
    const bool both = c->kind == RP_LIST && c->op != RP_JOIN_OR;
    if (!both && c->kind != RP_WHERE) return rp_nodes_push(work, &s->conditions, c);
    for (uint32_t i = 0; i < c->count; i++)
        if (!push_condition(work, s, c->kids[i])) return false;
    return true;
}

/* x = 2k among the conditions of {x | x = 2k, k in Z}: the element is 2k. */
static void replace_element(saying *s) {
    for (size_t i = 0; i < s->conditions.count; i++) {
        const rp_node *c = s->conditions.items[i];
        if (s->body->kind != RP_SYMBOL || c->kind != RP_RELATION || c->count != 2 || rp_relation_at(c, 0) != RP_REL_EQ ||
            !rp_tree_equal(c->kids[0], s->body) || rp_tree_has_symbol(c->kids[1], s->body->name))
            continue;
        s->body = c->kids[1];
        s->conditions.items[i] = s->conditions.items[--s->conditions.count];
        return;
    }
}

static saying take_apart(rp_work *work, const rp_node *a) {
    saying s = {.body = a};
    if (a->kind != RP_WHERE && a->kind != RP_BUILDER) return s;
    s.body = a->kids[0];
    s.bound = a->kind == RP_BUILDER;
    if (s.bound && s.body->kind == RP_RELATION && s.body->count == 2 && rp_relation_at(s.body, 0) == RP_REL_IN) {
        (void)rp_nodes_push(work, &s.conditions, s.body); /* {x in R | …} */
        s.body = s.body->kids[0];
    }
    for (uint32_t i = 1; i < a->count; i++) (void)push_condition(work, &s, a->kids[i]);
    if (s.bound) replace_element(&s);
    return s;
}

/* ---- Parameters -------------------------------------------------------------------------------------------------- */

static bool is_conventional_integer(rp_str name) {
    return name.length == 1 && strchr("ijklmn", name.data[0]);
}

/* The letter a condition is about: k in Z, k > 0, "odd p". */
static bool letter_of(const rp_node *c, rp_str *letter) {
    if (c->kind == RP_RELATION) {
        const rp_node *a = c->count == 3 ? c->kids[1] : c->kids[0];
        *letter = a->name;
        return a->kind == RP_SYMBOL;
    }
    if (c->kind != RP_TEXT || c->name.length < 3 || c->name.data[c->name.length - 2] != ' ') return false;
    *letter = (rp_str){c->name.data + c->name.length - 1, 1};
    return true;
}

static bool names_integers(const rp_node *c) {
    return c->kind == RP_RELATION && c->count == 2 && rp_relation_at(c, 0) == RP_REL_IN &&
           c->kids[1]->kind == RP_NAMED_SET && strchr("ZNPW", c->kids[1]->op);
}

/* The one integer parameter that the conditions declare; a builder binds any letter. */
static bool declared_parameter(const saying *s, rp_str *name) {
    bool found = false;
    for (size_t i = 0; i < s->conditions.count; i++) {
        rp_str letter;
        const rp_node *c = s->conditions.items[i];
        if (!letter_of(c, &letter)) continue;
        if (!s->bound && !names_integers(c) && c->kind != RP_TEXT && !is_conventional_integer(letter)) continue;
        if (found && !rp_str_equal(letter, *name)) return false;
        *name = letter;
        found = true;
    }
    return found;
}

/* Letters that are integers by convention, in the body: exactly one. (i and j are often the imaginary unit.) */
static void count_conventional(const rp_node *a, rp_str *name, int *count) {
    const bool counts = a->kind == RP_SYMBOL && is_conventional_integer(a->name) && a->name.data[0] > 'j';
    if (counts && !(*count && rp_str_equal(*name, a->name))) {
        *name = a->name;
        ++*count;
    }
    for (uint32_t i = 0; i < a->count && *count < 2; i++) count_conventional(a->kids[i], name, count);
}

static bool parameter_of(const saying *s, rp_str *name) {
    int count = 0;
    if (declared_parameter(s, name)) return true;
    count_conventional(s->body, name, &count);
    return count == 1 && !(s->body->kind == RP_RELATION && rp_tree_has_symbol(s->body->kids[0], *name));
}

static const rp_node *renamed(rp_work *work, const rp_node *a, rp_str from, rp_str to) {
    rp_str letter;
    if (a->kind != RP_TEXT) return rp_tree_substitute(work, a, from, rp_tree_symbol(work, to, 0));
    if (!letter_of(a, &letter) || !rp_str_equal(letter, from)) return a;
    rp_buffer text = rp_buffer_in(work->arena);
    rp_buffer_append(&text, a->name.data, a->name.length - 1);
    rp_buffer_append(&text, to.data, to.length);
    return text.failed ? a : rp_tree_make(work, RP_TEXT, 0, 0, (rp_str){text.data, text.length}, NULL, 0);
}

static void rename_parameter(rp_work *work, saying *s, rp_str from, rp_str to) {
    if (rp_str_equal(from, to) || rp_tree_has_symbol(s->body, to)) return;
    for (size_t i = 0; i < s->conditions.count; i++)
        if (rp_tree_has_symbol(s->conditions.items[i], to)) return;
    s->body = renamed(work, s->body, from, to);
    for (size_t i = 0; i < s->conditions.count; i++)
        s->conditions.items[i] = renamed(work, s->conditions.items[i], from, to);
}

static bool are_letters(const rp_node *a) {
    for (uint32_t i = 0; i < a->count; i++)
        if (a->kids[i]->kind != RP_SYMBOL || a->kids[i]->name.length != 1) return false;
    return a->kind == RP_TUPLE;
}

/* {(a, b) | …} with the letters of {(x, y) | …}: all at once, by way of names that no text has. */
static void rename_point(rp_work *work, saying *s, const rp_node *wanted) {
    static const char *const fresh[] = {"\001", "\002", "\003", "\004"};
    const rp_node *given = s->body;
    if (!are_letters(wanted) || !are_letters(given) || wanted->count != given->count || given->count > 4) return;
    for (uint32_t i = 0; i < given->count; i++)
        for (size_t k = 0; k < s->conditions.count; k++)
            s->conditions.items[k] = renamed(work, s->conditions.items[k], given->kids[i]->name, rp_str_of(fresh[i]));
    for (uint32_t i = 0; i < given->count; i++)
        for (size_t k = 0; k < s->conditions.count; k++) {
            if (rp_tree_has_symbol(s->conditions.items[k], wanted->kids[i]->name)) return;
            s->conditions.items[k] = renamed(work, s->conditions.items[k], rp_str_of(fresh[i]), wanted->kids[i]->name);
        }
    s->body = wanted;
}

/* ---- Conditions -------------------------------------------------------------------------------------------------- */

/* k a positive integer is k >= 1. */
static const rp_node *from_first(rp_work *work, const rp_node *c) {
    static const char at_least[] = {RP_REL_GE, 0};
    const rp_node *sides[2] = {c->kids[0], rp_tree_int(work, c->kids[1]->op == 'P')};
    return rp_tree_make(work, RP_RELATION, 0, 0, rp_str_of(at_least), sides, 2);
}

/* Drops what says nothing: x in R, and of a letter that is an integer anyhow k in Z. A set-builder keeps its Z. */
static void drop_the_obvious(rp_work *work, saying *s, bool keep_integers) {
    size_t kept = 0;
    for (size_t i = 0; i < s->conditions.count; i++) {
        const rp_node *c = s->conditions.items[i];
        const bool member = c->kind == RP_RELATION && c->count == 2 && rp_relation_at(c, 0) == RP_REL_IN &&
                            c->kids[0]->kind == RP_SYMBOL && c->kids[1]->kind == RP_NAMED_SET;
        const bool integer = member && is_conventional_integer(c->kids[0]->name) && !keep_integers;
        if (member && (c->kids[1]->op == 'R' || (integer && c->kids[1]->op == 'Z'))) continue;
        const bool first = integer && (c->kids[1]->op == 'P' || c->kids[1]->op == 'W');
        s->conditions.items[kept++] = first ? from_first(work, c) : c;
    }
    s->conditions.count = kept;
}

static bool among(rp_work *work, const rp_node *c, const rp_nodes *others, bool swapped) {
    for (size_t i = 0; i < others->count; i++) {
        const rp_node *a = swapped ? others->items[i] : c, *b = swapped ? c : others->items[i];
        if (rp_compare_nodes(work, a, b).outcome == RP_SAME) return true;
    }
    return false;
}

/* All conditions of one side as one statement: 0 < k and k < 5 is 0 < k < 5. */
static const rp_node *together(rp_work *work, const rp_nodes *conditions) {
    if (conditions->count == 1) return conditions->items[0];
    return rp_tree_make(work, RP_LIST, RP_JOIN_AND, 0, (rp_str){NULL, 0}, conditions->items, conditions->count);
}

static bool same_conditions(rp_work *work, const rp_nodes *gold, const rp_nodes *answer) {
    if (gold->count == 0 || answer->count == 0) return gold->count == answer->count;
    bool same = true;
    for (size_t i = 0; i < gold->count && same; i++) same = among(work, gold->items[i], answer, false);
    for (size_t i = 0; i < answer->count && same; i++) same = among(work, answer->items[i], gold, true);
    if (same || (gold->count == 1 && answer->count == 1)) return same;
    return rp_compare_nodes(work, together(work, gold), together(work, answer)).outcome == RP_SAME;
}

/* k >= 1, k > 0, k >= 0, k in N: the first value of a parameter that the gold leaves open. */
static bool only_names_the_first(const saying *s, rp_str parameter) {
    for (size_t i = 0; i < s->conditions.count; i++) {
        const rp_node *c = s->conditions.items[i];
        if (c->kind != RP_RELATION || c->count != 2 || c->kids[0]->kind != RP_SYMBOL ||
            !rp_str_equal(c->kids[0]->name, parameter) || !is_conventional_integer(parameter))
            return false;
        const rp_relation op = rp_relation_at(c, 0);
        const bool zero = rp_tree_is_int(c->kids[1], 0), one = rp_tree_is_int(c->kids[1], 1);
        const bool natural = op == RP_REL_IN && c->kids[1]->kind == RP_NAMED_SET && c->kids[1]->op == 'N';
        if (!(op == RP_REL_GE && (zero || one)) && !(op == RP_REL_GT && zero) && !natural) return false;
    }
    return s->conditions.count > 0;
}

/* ---- Comparison -------------------------------------------------------------------------------------------------- */

static bool is_over_integers(const saying *s) {
    for (size_t i = 0; i < s->conditions.count; i++)
        if (names_integers(s->conditions.items[i]) && s->conditions.items[i]->kids[1]->op == 'Z') return true;
    return false;
}

/* With angles nobody says that k is an integer: x = π/2 + kπ. */
static bool is_periodic(const saying *s) {
    return s->conditions.count == 0 &&
           (rp_tree_contains(s->body, RP_CONSTANT, RP_PI) || rp_tree_contains(s->body, RP_FUNCTION, RP_FN_DEGREES));
}

static bool is_only_over_integers(const saying *s, bool declared) {
    if (!declared) return is_periodic(s);
    for (size_t i = 0; i < s->conditions.count; i++)
        if (!names_integers(s->conditions.items[i]) || s->conditions.items[i]->kids[1]->op != 'Z') return false;
    return true;
}

rp_finding rp_compare_conditioned(rp_work *work, const rp_node *gold, const rp_node *answer) {
    saying g = take_apart(work, gold), a = take_apart(work, answer);
    rp_str wanted, given;
    const bool declared = is_over_integers(&g) || is_over_integers(&a);
    const bool parameters = parameter_of(&g, &wanted) && parameter_of(&a, &given);
    const bool periodic = rp_has_open_parameter(g.body) && rp_has_open_parameter(a.body) && g.conditions.count == 0 &&
                          a.conditions.count == 0;
    if (parameters && (periodic || g.conditions.count || a.conditions.count)) rename_parameter(work, &a, given, wanted);
    const bool family = parameters && (declared || periodic) && is_only_over_integers(&g, is_over_integers(&g)) &&
                        is_only_over_integers(&a, is_over_integers(&a));
    const bool silent = g.conditions.count == 0; /* the gold leaves its parameter open */
    const bool sets = g.bound && a.bound;
    if (sets) rename_point(work, &a, g.body);
    drop_the_obvious(work, &g, sets);
    drop_the_obvious(work, &a, sets);
    rp_explain(work, "under conditions: first the conditions, then what is said");
    if (!same_conditions(work, &g.conditions, &a.conditions) && !(silent && parameters && only_names_the_first(&a, wanted)))
        return rp_differs(RP_REASON_VALUE);
    rp_finding bodies = rp_compare_nodes(work, g.body, a.body);
    if (bodies.outcome == RP_SAME && sets) bodies.reason = RP_REASON_SET;
    if (bodies.outcome == RP_SAME || !family || work->failed) return bodies;
    if (rp_same_families(work, g.body, a.body, rp_tree_symbol(work, wanted, 0)))
        return rp_found(RP_SAME, RP_REASON_SET, RP_CERT_PROVED, 0);
    return bodies;
}

/* x = π/2 + kπ: the name is one of an unknown, so that an area 2πn is none. */
static bool is_periodic_solution(const rp_node *a) {
    static const char *const unknowns[] = {"x", "y", "z", "t", "theta", "alpha", "beta", "phi", "omega"};
    if (a->kind != RP_RELATION || a->count != 2 || rp_relation_at(a, 0) != RP_REL_EQ || a->kids[0]->kind != RP_SYMBOL)
        return false;
    for (size_t i = 0; i < sizeof unknowns / sizeof unknowns[0]; i++)
        if (rp_str_is(a->kids[0]->name, unknowns[i])) return true;
    return false;
}

bool rp_has_open_parameter(const rp_node *a) {
    const saying s = {.body = a};
    rp_str name;
    if (!is_periodic(&s) || !parameter_of(&s, &name)) return false;
    if (a->kind != RP_LIST) return is_periodic_solution(a);
    for (uint32_t i = 0; i < a->count; i++)
        if (!is_periodic_solution(a->kids[i])) return false;
    return a->count > 0;
}
