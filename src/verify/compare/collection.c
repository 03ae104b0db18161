/* SPDX-License-Identifier: MIT
 *
 * collection.c — sets and lists of answers.
 *
 * Lists are compared as sets: the order in which solutions are written is no content, nor is writing one twice. Order
 * counts where names give it (AB = 4, CD = 5 against 4, 5), against a point, and around an ellipsis.
 */
#include "compare/compare.h"
#include "explain.h"

#include <stdlib.h>
#include <string.h>

typedef struct items {
    const rp_node *const *kids;
    size_t count;
} items;

static items items_of(const rp_node *a) {
    return (items){a->kids, a->count};
}

/* ---- Names ------------------------------------------------------------------------------------------------------- */

/* (x, y) = (1, 2) says x = 1 and y = 2. */
static const rp_node *split_tuple_equation(rp_work *work, const rp_node *a) {
    if (a->kind != RP_RELATION || a->count != 2 || rp_relation_at(a, 0) != RP_REL_EQ) return a;
    const rp_node *left = a->kids[0], *right = a->kids[1];
    if (left->kind != RP_TUPLE || right->kind != RP_TUPLE || left->count != right->count) return a;
    rp_nodes equations = {0};
    for (uint32_t i = 0; i < left->count; i++) {
        const rp_node *sides[2] = {left->kids[i], right->kids[i]};
        const rp_node *equation = rp_tree_make(work, RP_RELATION, 0, 0, a->name, sides, 2);
        if (left->kids[i]->kind != RP_SYMBOL || !rp_nodes_push(work, &equations, equation)) return a;
    }
    return rp_tree_make(work, RP_LIST, RP_JOIN_AND, 0, (rp_str){NULL, 0}, equations.items, equations.count);
}

typedef enum naming { UNNAMED, ONE_NAME, MANY_NAMES } naming;

typedef struct named_items {
    naming how;
    const rp_node *name; /* the first one */
    items whole, values; /* as written, and without the names */
} named_items;

/* Strips names from a list of assignments: x=1, x=-3 (one name) or AB=4, CD=5 (many), or n=2, 3, 4 (the first only). */
static named_items strip_names(rp_work *work, items a) {
    const rp_node *name, *value;
    rp_nodes values = {0};
    named_items out = {.how = UNNAMED, .whole = a, .values = a};
    size_t named = 0;
    bool many = false, leads = false;
    for (size_t i = 0; i < a.count; i++) {
        const bool assigned =
            rp_is_assignment(work, a.kids[i], &name, &value) && rp_is_name(name); /* 2 + 3 = 5 names nothing */
        if (!rp_nodes_push(work, &values, assigned ? value : a.kids[i])) return out;
        if (!assigned) continue;
        named++;
        many = many || (out.name && !rp_tree_equal(out.name, name));
        leads = leads || i == 0;
        out.name = out.name ? out.name : name;
    }
    bool leading = named == 1 && leads;
    for (size_t i = 1; leading && i < a.count; i++) leading = a.kids[i]->kind != RP_RELATION;
    if (named == 0 || (named < a.count && !leading)) return out;
    out.how = many ? MANY_NAMES : ONE_NAME;
    out.values = (items){values.items, values.count};
    return out;
}

/* x_1, x_2 number the values of x. */
static bool is_numbered(const rp_node *name, const rp_node *base) {
    if (name->kind != RP_SYMBOL || base->kind != RP_SYMBOL || name->name.length < base->name.length + 2) return false;
    if (memcmp(name->name.data, base->name.data, base->name.length) != 0 || name->name.data[base->name.length] != '_')
        return false;
    for (size_t i = base->name.length + 1; i < name->name.length; i++)
        if (name->name.data[i] < '0' || name->name.data[i] > '9') return false;
    return true;
}

static bool all_numbered(rp_work *work, items a, const rp_node *base) {
    const rp_node *name, *value;
    for (size_t i = 0; i < a.count; i++)
        if (!rp_is_assignment(work, a.kids[i], &name, &value) || !is_numbered(name, base)) return false;
    return true;
}

static const rp_node *equation(rp_work *work, const rp_node *left, const rp_node *right) {
    static const char equals[] = {RP_REL_EQ, 0};
    const rp_node *sides[2] = {left, right};
    return rp_tree_make(work, RP_RELATION, 0, 0, rp_str_of(equals), sides, 2);
}

/* n \equiv 1, 3 (mod 8): the relation and the modulus hold for every number of the list. */
static const rp_node *spell_congruences(rp_work *work, const rp_node *a) {
    static const char equivalent[] = {RP_REL_EQUIV, 0};
    const rp_node *first = a->count ? a->kids[0] : a, *last = a->count ? a->kids[a->count - 1] : a;
    if (a->kind != RP_LIST || first->kind != RP_RELATION || first->count != 2 || rp_relation_at(first, 0) != RP_REL_EQUIV ||
        last->kind != RP_QUANTITY || last->count != 2)
        return a;
    rp_nodes spelled = {0};
    for (uint32_t i = 0; i < a->count; i++) {
        const rp_node *residue = i == 0 ? first->kids[1] : i + 1 == a->count ? last->kids[0] : a->kids[i];
        const rp_node *with_modulus[2] = {residue, last->kids[1]};
        const rp_node *sides[2] = {first->kids[0], rp_tree_with_kids(work, last, with_modulus)};
        if (rp_tree_is_answer_kind(residue) ||
            !rp_nodes_push(work, &spelled, rp_tree_make(work, RP_RELATION, 0, 0, rp_str_of(equivalent), sides, 2)))
            return a;
    }
    return rp_tree_make(work, RP_LIST, RP_JOIN_OR, 0, (rp_str){NULL, 0}, spelled.items, spelled.count);
}

/* y in {1, 2} lists the values of y. */
static const rp_node *list_membership(rp_work *work, const rp_node *a) {
    if (a->kind != RP_RELATION || a->count != 2 || rp_relation_at(a, 0) != RP_REL_IN || a->kids[1]->kind != RP_SET ||
        a->kids[1]->count == 0)
        return a;
    rp_nodes equations = {0};
    for (uint32_t i = 0; i < a->kids[1]->count; i++)
        if (!rp_nodes_push(work, &equations, equation(work, a->kids[0], a->kids[1]->kids[i]))) return a;
    return rp_tree_make(work, RP_LIST, RP_JOIN_OR, 0, (rp_str){NULL, 0}, equations.items, equations.count);
}

/* x = y = 4 among the items: x = 4 and y = 4. */
static const rp_node *spell_equal_names(rp_work *work, const rp_node *a) {
    const bool list = a->kind == RP_LIST;
    bool any = rp_equal_names(a) > 0;
    for (uint32_t i = 0; list && i < a->count; i++) any = any || rp_equal_names(a->kids[i]) > 0;
    if (!any) return a;
    rp_nodes spelled = {0};
    for (uint32_t i = 0; i < (list ? a->count : 1); i++) {
        const rp_node *item = list ? a->kids[i] : a;
        const uint32_t names = rp_equal_names(item);
        if (!names && !rp_nodes_push(work, &spelled, item)) return a;
        for (uint32_t k = 0; k < names; k++)
            if (!rp_nodes_push(work, &spelled, equation(work, item->kids[k], item->kids[item->count - 1]))) return a;
    }
    return rp_tree_make(work, RP_LIST, list ? a->op : RP_JOIN_AND, 0, (rp_str){NULL, 0}, spelled.items, spelled.count);
}

/* ---- Connectives ------------------------------------------------------------------------------------------------- */

/* x < 1 or y > 2 is not x < 1 and y > 2; a comma or a new line between statements means "and". Values, the values of one name
 * and groups of statements are alternatives whatever stands between them. */
typedef enum connective { ALTERNATIVES, BOTH, EITHER } connective;

static connective connective_of(rp_work *work, const rp_node *a) {
    bool statements = a->flags != 0; /* p \land q */
    if (a->kind != RP_LIST) return ALTERNATIVES;
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->kids[i]->kind == RP_LIST) return ALTERNATIVES;
        statements = statements || a->kids[i]->kind == RP_RELATION || a->kids[i]->kind == RP_TEXT;
    }
    if (!statements || strip_names(work, items_of(a)).how == ONE_NAME) return ALTERNATIVES;
    return a->op == RP_JOIN_OR ? EITHER : BOTH;
}

static bool connectives_clash(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const connective g = connective_of(work, gold), a = connective_of(work, answer);
    return g != ALTERNATIVES && a != ALTERNATIVES && g != a;
}

/* ---- Matching ---------------------------------------------------------------------------------------------------- */

/* {1} is no 1 where both are elements: {{1}, 2} is not {1, 2}. */
static rp_finding compare_elements(rp_work *work, const rp_node *a, const rp_node *b) {
    if ((a->kind == RP_SET) != (b->kind == RP_SET) && a->kind != RP_LIST && b->kind != RP_LIST)
        return rp_differs(RP_REASON_KIND);
    return rp_compare_nodes(work, a, b);
}

/* An item written the same way, found without computing anything; looked for from the same place on. */
static bool has_twin(rp_work *work, const rp_node *item, items among, size_t from) {
    if (item->kind == RP_UNDEFINED || item->kind == RP_DOTS || !rp_work_pay(work, 1 + (long)among.count / 16)) return false;
    for (size_t j = 0; j < among.count; j++)
        if (rp_tree_equal(item, among.kids[(from + j) % among.count]))
            return rp_compare_nodes(work, item, among.kids[(from + j) % among.count]).outcome == RP_SAME;
    return false;
}

/* Every item of a has an equal among b. */
static rp_finding covered(rp_work *work, items a, items b, bool swapped) {
    rp_finding all = rp_found(RP_SAME, RP_REASON_SET, RP_CERT_PROVED, 0);
    for (size_t i = 0; i < a.count; i++) {
        if (has_twin(work, a.kids[i], b, i)) continue;
        rp_finding best = rp_differs(RP_REASON_VALUE);
        for (size_t j = 0; j < b.count && best.outcome != RP_SAME; j++) {
            const size_t k = (i + j) % b.count; /* the same place first: most lists agree in order */
            const rp_finding one =
                swapped ? compare_elements(work, b.kids[k], a.kids[i]) : compare_elements(work, a.kids[i], b.kids[k]);
            if (j == 0 || one.outcome != RP_DIFFERENT)
                best = one; /* the reason of a difference is that of the same place */
        }
        if (best.outcome == RP_DIFFERENT && !work->failed) return best;
        all = rp_finding_join(all, best);
    }
    all.reason = all.outcome == RP_SAME ? RP_REASON_SET : all.reason;
    return all;
}

static rp_finding compare_as_sets(rp_work *work, items gold, items answer) {
    rp_explain(work, "as sets: every item of the gold among those of the answer?");
    const rp_finding there = covered(work, gold, answer, false);
    if (there.outcome == RP_DIFFERENT) {
        if (gold.count != answer.count) return rp_differs(RP_REASON_ARITY);
        return there;
    }
    rp_explain(work, "and every item of the answer among those of the gold?");
    const rp_finding back = covered(work, answer, gold, true);
    if (back.outcome == RP_DIFFERENT) return rp_differs(RP_REASON_EXTRA_ANSWERS);
    return rp_finding_join(there, back);
}

static bool has_dots(items a) {
    for (size_t i = 0; i < a.count; i++)
        if (a.kids[i]->kind == RP_DOTS) return true;
    return false;
}

static rp_finding in_order(rp_work *work, items gold, items answer) {
    if (gold.count != answer.count) return rp_differs(RP_REASON_ARITY);
    return rp_compare_in_order(work, gold.kids, answer.kids, gold.count, RP_REASON_SET);
}

/* ---- All cases --------------------------------------------------------------------------------------------------- */

static bool is_collection(const rp_node *a) {
    return a->kind == RP_LIST || a->kind == RP_SET;
}

/* 1, 2, …, 10 against the whole list: integers with one difference, then dots, then the last one. */
static items without_dots(rp_work *work, items a) {
    enum { LONGEST = 256, SMALL = 1 << 30 };
    int64_t first, second, last;
    if (a.count < 4 || a.kids[a.count - 2]->kind != RP_DOTS) return a;
    for (size_t i = 0; i < a.count; i++)
        if (i != a.count - 2 && a.kids[i]->kind != RP_NUMBER) return a;
    if (!rp_q_small(a.kids[0]->q, &first) || !rp_q_small(a.kids[1]->q, &second) ||
        !rp_q_small(a.kids[a.count - 1]->q, &last))
        return a;
    if (llabs(first) > SMALL || llabs(second) > SMALL || llabs(last) > SMALL) return a;
    const int64_t step = second - first;
    if (step == 0 || (last - first) % step || (last - first) / step < 1 || (last - first) / step >= LONGEST) return a;
    rp_nodes all = {0};
    for (int64_t i = 0; i <= (last - first) / step; i++) {
        const rp_node *term = rp_tree_int(work, first + i * step);
        if ((size_t)i + 2 < a.count && !rp_tree_equal(term, a.kids[i])) return a;
        if (!rp_nodes_push(work, &all, term)) return a;
    }
    return (items){all.items, all.count};
}

static rp_finding compare_items(rp_work *work, items gold, items answer, bool ordered) {
    if (has_dots(gold) && !has_dots(answer))
        gold = without_dots(work, gold);
    else if (has_dots(answer) && !has_dots(gold))
        answer = without_dots(work, answer);
    const named_items g = strip_names(work, gold), a = strip_names(work, answer);
    if (g.how == UNNAMED && a.how == UNNAMED)
        return ordered || has_dots(gold) || has_dots(answer) ? in_order(work, gold, answer)
                                                             : compare_as_sets(work, gold, answer);
    if (g.how != UNNAMED && a.how != UNNAMED) { /* names on both sides must agree */
        const bool one = g.how == ONE_NAME && a.how == ONE_NAME;
        if (one && rp_tree_equal(g.name, a.name)) return compare_as_sets(work, g.values, a.values);
        if (one && !(rp_is_definition(g.name) && rp_is_definition(a.name))) return rp_differs(RP_REASON_OTHER_TEXT);
        const bool numbered = (g.how == ONE_NAME && all_numbered(work, answer, g.name)) ||
                              (a.how == ONE_NAME && all_numbered(work, gold, a.name));
        return numbered ? compare_as_sets(work, g.values, a.values) : compare_as_sets(work, gold, answer);
    }
    if (g.how == MANY_NAMES || a.how == MANY_NAMES) return in_order(work, g.values, a.values);
    return ordered ? in_order(work, g.values, a.values) : compare_as_sets(work, g.values, a.values);
}

rp_finding rp_compare_collections(rp_work *work, const rp_node *gold, const rp_node *answer) {
    gold = split_tuple_equation(work, gold);
    answer = split_tuple_equation(work, answer);
    gold = spell_equal_names(work, list_membership(work, spell_congruences(work, gold)));
    answer = spell_equal_names(work, list_membership(work, spell_congruences(work, answer)));
    if (connectives_clash(work, gold, answer)) return rp_differs(RP_REASON_KIND);
    if (is_collection(gold) && is_collection(answer)) return compare_items(work, items_of(gold), items_of(answer), false);
    const rp_node *collection = is_collection(gold) ? gold : answer, *other = is_collection(gold) ? answer : gold;
    const bool gold_is_list = collection == gold;
    if (other->kind == RP_TUPLE) { /* 1, 2 for the point (1, 2); a set in braces is no point */
        if (collection->kind == RP_SET && collection->count != 1) return rp_differs(RP_REASON_KIND);
        if (collection->kind == RP_LIST)
            return gold_is_list ? compare_items(work, items_of(gold), items_of(answer), true)
                                : compare_items(work, items_of(gold), items_of(answer), true);
    }
    if (collection->count == 0) return rp_differs(RP_REASON_KIND);
    const items single = {&other, 1};
    return gold_is_list ? compare_items(work, items_of(gold), single, false)
                        : compare_items(work, single, items_of(answer), false);
}
