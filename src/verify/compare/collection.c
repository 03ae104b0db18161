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
    if (a->kind != RP_RELATION || a->count != 2 || a->name.data[0] != RP_REL_EQ) return a;
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

/* Strips names from a list of assignments: x=1, x=-3 (one name) or AB=4, CD=5 (many), or n=2, 3, 4 (the first only). */
static naming strip_names(rp_work *work, items a, rp_nodes *values) {
    const rp_node *first = NULL, *name, *value;
    naming how = UNNAMED;
    size_t named = 0;
    for (size_t i = 0; i < a.count; i++) {
        const bool assigned = rp_is_assignment(work, a.kids[i], &name, &value);
        if (!rp_nodes_push(work, values, assigned ? value : a.kids[i])) return UNNAMED;
        if (!assigned) continue;
        named++;
        if (first && !rp_tree_equal(first, name))
            how = MANY_NAMES;
        else if (!first && i == 0)
            how = ONE_NAME;
        first = first ? first : name;
    }
    if (named == a.count) return how;
    const bool leading = named == 1 && how == ONE_NAME;
    for (size_t i = 1; leading && i < a.count; i++)
        if (a.kids[i]->kind == RP_RELATION) return UNNAMED;
    return leading ? ONE_NAME : UNNAMED;
}

/* ---- Matching ---------------------------------------------------------------------------------------------------- */

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
                swapped ? rp_compare_nodes(work, b.kids[k], a.kids[i]) : rp_compare_nodes(work, a.kids[i], b.kids[k]);
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
    rp_nodes gold_values = {0}, answer_values = {0};
    const naming g = strip_names(work, gold, &gold_values), a = strip_names(work, answer, &answer_values);
    const items bare_gold = {gold_values.items, gold_values.count},
                bare_answer = {answer_values.items, answer_values.count};
    if (g == UNNAMED && a == UNNAMED)
        return ordered || has_dots(gold) || has_dots(answer) ? in_order(work, gold, answer)
                                                             : compare_as_sets(work, gold, answer);
    if (g == MANY_NAMES && a == MANY_NAMES) return compare_as_sets(work, gold, answer);
    if (g == MANY_NAMES || a == MANY_NAMES) return in_order(work, bare_gold, bare_answer);
    const rp_node *gold_name, *answer_name, *value;
    if (g == ONE_NAME && a == ONE_NAME && rp_is_assignment(work, gold.kids[0], &gold_name, &value) &&
        rp_is_assignment(work, answer.kids[0], &answer_name, &value) && !rp_tree_equal(gold_name, answer_name))
        return rp_differs(RP_REASON_OTHER_TEXT);
    return ordered ? in_order(work, bare_gold, bare_answer) : compare_as_sets(work, bare_gold, bare_answer);
}

rp_finding rp_compare_collections(rp_work *work, const rp_node *gold, const rp_node *answer) {
    gold = split_tuple_equation(work, gold);
    answer = split_tuple_equation(work, answer);
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
