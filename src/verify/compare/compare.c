/* SPDX-License-Identifier: MIT
 *
 * compare.c — which comparison do two answers need?
 *
 * Kinds first: a set is no interval, a list is no number. A few readings cross kinds on purpose, because answers are
 * written that way: x = 5 for 5, a point for two values in order, a list for a set, a vector for a column, an inequality
 * for an interval. Each crossing is one line below. Arity comes before values: an answer with more parts than the gold
 * never scores.
 */
#include "compare/compare.h"
#include "explain.h"

#include <string.h>

static rp_finding with_reason(rp_finding finding, rp_verify_reason reason) {
    if (finding.outcome == RP_SAME) finding.reason = reason;
    return finding;
}

/* ---- Signs ------------------------------------------------------------------------------------------------------- */

typedef struct signs {
    bool linked; /* a ∓ makes all signs choose together */
    unsigned choice;
    int seen;
} signs;

static void count_signs(const rp_node *a, int *plus, int *minus) {
    if (a->kind == RP_PLUSMINUS) ++*(a->op ? minus : plus);
    for (uint32_t i = 0; i < a->count; i++) count_signs(a->kids[i], plus, minus);
}

static const rp_node *choose_signs(rp_work *work, const rp_node *a, signs *s) {
    if (!rp_work_pay(work, 1) || a->count == 0) return a;
    const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
    if (!kids) return &RP_NODE_NONE;
    bool changed = false;
    for (uint32_t i = 0; i < a->count; i++) {
        kids[i] = choose_signs(work, a->kids[i], s);
        changed = changed || kids[i] != a->kids[i];
    }
    if (a->kind == RP_PLUSMINUS) {
        const unsigned bit = s->linked ? 0 : (unsigned)s->seen++;
        const bool negative = ((s->choice >> bit) & 1u) != (unsigned)(a->op != 0);
        return negative ? rp_tree_2(work, RP_PRODUCT, 0, rp_tree_int(work, -1), kids[0]) : kids[0];
    }
    if (!changed) return a;
    return rp_tree_with_kids(work, a, kids);
}

static bool push_choices(rp_work *work, const rp_node *a, rp_nodes *out) {
    enum { SIGNS_MAX = 6 };
    int plus = 0, minus = 0;
    count_signs(a, &plus, &minus);
    const bool linked = minus > 0 && plus > 0;
    const int free_signs = linked ? 1 : plus + minus;
    if (free_signs > SIGNS_MAX) return rp_work_fail(work, RP_REASON_NODES);
    for (unsigned choice = 0; choice < 1u << free_signs; choice++) {
        signs s = {linked, choice, 0};
        if (!rp_nodes_push(work, out, choose_signs(work, a, &s))) return false;
    }
    return true;
}

const rp_node *rp_expand_signs(rp_work *work, const rp_node *a) {
    if (!rp_tree_contains(a, RP_PLUSMINUS, -1)) return a;
    if (a->kind == RP_WHERE && a->count) { /* the conditions stay as they are */
        const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
        if (!kids) return &RP_NODE_NONE;
        memcpy(kids, a->kids, a->count * sizeof *kids);
        kids[0] = rp_expand_signs(work, kids[0]);
        return rp_tree_with_kids(work, a, kids);
    }
    const bool collection = a->kind == RP_LIST || a->kind == RP_SET;
    rp_nodes items = {0};
    for (uint32_t i = 0; i < (collection ? a->count : 1); i++)
        if (!push_choices(work, collection ? a->kids[i] : a, &items)) return &RP_NODE_NONE;
    return rp_tree_make(work, collection ? (rp_kind)a->kind : RP_LIST, 0, 0, (rp_str){NULL, 0}, items.items, items.count);
}

/* ---- Symbols, text, ratios --------------------------------------------------------------------------------------- */

/* "triangle ABC" and "ABC" name the same thing; "angle ABC" and "triangle ABC" do not. */
static bool same_name_without_prefix(const rp_node *a, const rp_node *b) {
    if (a->kind != RP_SYMBOL || b->kind != RP_SYMBOL) return false;
    const rp_str longer = a->name.length > b->name.length ? a->name : b->name,
                 shorter = a->name.length > b->name.length ? b->name : a->name;
    if (longer.length <= shorter.length + 1 || shorter.length < 2 || memchr(shorter.data, ' ', shorter.length))
        return false;
    const size_t prefix = longer.length - shorter.length;
    return longer.data[prefix - 1] == ' ' && memcmp(longer.data + prefix, shorter.data, shorter.length) == 0;
}

/* The angle ABC is the angle CBA. */
static bool same_angle(const rp_node *a, const rp_node *b) {
    enum { PREFIX = 6, LENGTH = PREFIX + 3 };
    if (a->kind != RP_SYMBOL || b->kind != RP_SYMBOL || a->name.length != LENGTH || b->name.length != LENGTH) return false;
    const char *x = a->name.data, *y = b->name.data;
    return memcmp(x, "angle ", PREFIX) == 0 && memcmp(y, "angle ", PREFIX) == 0 && x[PREFIX] == y[PREFIX + 2] &&
           x[PREFIX + 1] == y[PREFIX + 1] && x[PREFIX + 2] == y[PREFIX];
}

/* 3:30 may be a time of day: then it is no ratio to be reduced. */
static bool looks_like_time(const rp_node *r) {
    int64_t hours, minutes;
    if (r->count > 2 || r->kids[0]->kind != RP_NUMBER || r->kids[1]->kind != RP_NUMBER) return r->count == 2;
    if (!rp_q_small(r->kids[0]->q, &hours) || !rp_q_small(r->kids[1]->q, &minutes)) return false;
    return hours <= 24 && (minutes == 0 || (minutes >= 10 && minutes < 60));
}

/* a : b : c = d : e : f when all cross products agree. */
static rp_finding compare_ratios(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->count != answer->count) return rp_differs(RP_REASON_ARITY);
    const rp_finding exact = rp_compare_in_order(work, gold->kids, answer->kids, gold->count, RP_REASON_RATIONAL);
    if (exact.outcome == RP_SAME || rp_tree_contains(gold, RP_DOTS, -1) || rp_tree_contains(answer, RP_DOTS, -1))
        return exact;
    for (uint32_t i = 0; i < gold->count; i++)
        if (rp_tree_is_answer_kind(gold->kids[i]) || rp_tree_is_answer_kind(answer->kids[i])) return exact;
    if (looks_like_time(gold) && looks_like_time(answer)) return exact;
    rp_finding all = rp_found(RP_SAME, RP_REASON_RATIONAL, RP_CERT_PROVED, 0);
    for (uint32_t i = 1; i < gold->count; i++) {
        const rp_node *left = rp_tree_2(work, RP_PRODUCT, 0, gold->kids[0], answer->kids[i]);
        const rp_node *right = rp_tree_2(work, RP_PRODUCT, 0, gold->kids[i], answer->kids[0]);
        all = rp_finding_join(all, rp_compare_expressions(work, left, right));
    }
    const rp_finding zero = rp_compare_expressions(work, answer->kids[0], rp_tree_int(work, 0));
    return zero.outcome == RP_DIFFERENT ? all : exact; /* 0:0 is proportional to everything */
}

static const rp_node *ratio_value(rp_work *work, const rp_node *r) {
    if (r->count != 2 || rp_tree_is_answer_kind(r->kids[0]) || rp_tree_is_answer_kind(r->kids[1])) return NULL;
    return rp_tree_2(work, RP_PRODUCT, 0, r->kids[0], rp_tree_2(work, RP_POWER, 0, r->kids[1], rp_tree_int(work, -1)));
}

/* ---- Matrices, vectors, points ----------------------------------------------------------------------------------- */

/* [[1, 2], [3, 4]] and (1, 2) as matrices; a tuple becomes a column. */
static const rp_node *as_matrix(rp_work *work, const rp_node *a, bool row) {
    if (a->kind == RP_MATRIX) return a;
    if (a->kind != RP_TUPLE) return NULL;
    if (a->kids[0]->kind != RP_TUPLE)
        return rp_tree_make(work, RP_MATRIX, row ? (int)a->count : 1, 0, (rp_str){NULL, 0}, a->kids, a->count);
    rp_nodes cells = {0};
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->kids[i]->kind != RP_TUPLE || a->kids[i]->count != a->kids[0]->count) return NULL;
        for (uint32_t j = 0; j < a->kids[i]->count; j++)
            if (!rp_nodes_push(work, &cells, a->kids[i]->kids[j])) return NULL;
    }
    return rp_tree_make(work, RP_MATRIX, (int)a->kids[0]->count, 0, (rp_str){NULL, 0}, cells.items, cells.count);
}

static rp_finding compare_matrices(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const bool row = gold->kind == RP_MATRIX ? (uint32_t)gold->op == gold->count : (uint32_t)answer->op == answer->count;
    const rp_node *a = as_matrix(work, gold, row), *b = as_matrix(work, answer, row);
    if (!a || !b) return rp_differs(RP_REASON_KIND);
    if (a->count != b->count || a->op != b->op) return rp_differs(RP_REASON_ARITY);
    return rp_compare_in_order(work, a->kids, b->kids, a->count, RP_REASON_MATRIX);
}

/* Brackets matter for pairs, which may be intervals; longer tuples and \langle \rangle are points whatever surrounds them.
 */
static rp_finding compare_tuples(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->count != answer->count) return rp_differs(RP_REASON_ARITY);
    const bool angle = gold->op == '<' || answer->op == '<';
    const bool same_brackets = gold->op == answer->op && gold->flags == answer->flags;
    const bool round = (gold->op == '(' && gold->flags == ')') || (answer->op == '(' && answer->flags == ')');
    const bool point = gold->count != 2 || (angle && round);
    const rp_finding values = rp_compare_in_order(work, gold->kids, answer->kids, gold->count, RP_REASON_STRUCTURAL);
    if (!same_brackets && !point && values.outcome == RP_SAME) return rp_differs(RP_REASON_OPENNESS);
    return values;
}

rp_finding rp_compare_in_order(rp_work *work, const rp_node *const *gold, const rp_node *const *answer, size_t count,
                               rp_verify_reason reason) {
    rp_finding all = rp_found(RP_SAME, reason, RP_CERT_PROVED, 0);
    for (size_t i = 0; i < count && all.outcome != RP_DIFFERENT; i++)
        all = rp_finding_join(all, rp_compare_nodes(work, gold[i], answer[i]));
    return with_reason(all, reason);
}

/* ---- Sets of the real line --------------------------------------------------------------------------------------- */

static bool is_region_kind(const rp_node *a) {
    return a->kind == RP_SET_OP || a->kind == RP_NAMED_SET || a->kind == RP_BUILDER || a->kind == RP_TUPLE ||
           a->kind == RP_SET || a->kind == RP_RELATION || a->kind == RP_LIST;
}

/* Both sides as sets of reals; false when one of them is none. */
static bool try_regions(rp_work *work, const rp_node *gold, const rp_node *answer, rp_verify_reason reason,
                        rp_finding *finding) {
    if (!is_region_kind(gold) || !is_region_kind(answer)) return false;
    rp_region *a = rp_work_new(work, rp_region, 1), *b = rp_work_new(work, rp_region, 1);
    rp_explain(work, "both as sets of real numbers, if they are: part by part, ends and openness");
    if (!a || !b || !rp_region_of(work, gold, a) || !rp_region_of(work, answer, b)) return false;
    *finding = rp_compare_regions(work, a, b, reason);
    return true;
}

static rp_finding compare_set_operations(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->kind != answer->kind || gold->op != answer->op || gold->count != answer->count)
        return rp_differs(RP_REASON_KIND);
    const rp_finding forward = rp_compare_in_order(work, gold->kids, answer->kids, gold->count, RP_REASON_SET);
    if (forward.outcome != RP_DIFFERENT || gold->kind != RP_SET_OP || gold->op == RP_SET_MINUS) return forward;
    const rp_node *swapped[2] = {answer->kids[1], answer->kids[0]};
    return rp_compare_in_order(work, gold->kids, swapped, 2, RP_REASON_SET);
}

/* ---- Words ------------------------------------------------------------------------------------------------------- */

/* "n is odd", "odd n": the words without the verb, then the letter. Empty when it is no statement about one letter. */
static rp_str statement_about_letter(rp_work *work, rp_str text) {
    rp_buffer words = rp_buffer_in(work->arena);
    char letter = 0;
    for (size_t i = 0; i < text.length;) {
        size_t end = i;
        while (end < text.length && text.data[end] != ' ') end++;
        const rp_str word = {text.data + i, end - i};
        if (word.length == 1 && letter) return (rp_str){"", 0};
        if (word.length == 1)
            letter = word.data[0];
        else if (!rp_str_is(word, "is") && !rp_str_is(word, "are") && !rp_str_is(word, "be")) {
            rp_buffer_append(&words, word.data, word.length);
            rp_buffer_char(&words, ' ');
        }
        i = end + 1;
    }
    if (!letter || words.length == 0) return (rp_str){"", 0};
    rp_buffer_char(&words, letter);
    return words.failed ? (rp_str){"", 0} : (rp_str){words.data, words.length};
}

static bool same_text(rp_work *work, rp_str gold, rp_str answer) {
    if (rp_str_equal(gold, answer)) return true;
    const rp_str a = statement_about_letter(work, gold);
    return a.length && rp_str_equal(a, statement_about_letter(work, answer));
}

/* ---- Dispatch ---------------------------------------------------------------------------------------------------- */

static bool is_expression(const rp_node *a) {
    return !rp_tree_is_answer_kind(a) && a->kind != RP_MATRIX;
}

/* A product of matrices is a matrix. */
static const rp_node *evaluate_matrices(rp_work *work, const rp_node *a) {
    if (!is_expression(a) || !rp_tree_contains(a, RP_MATRIX, -1)) return a;
    return rp_simplify(work, a);
}

static bool is_collection(const rp_node *a) {
    return a->kind == RP_LIST || a->kind == RP_SET;
}

static bool is_unit_like(const rp_node *a) {
    return a->kind == RP_QUANTITY || a->kind == RP_BASED || rp_tree_is_function(a, RP_FN_PERCENT) ||
           rp_tree_is_function(a, RP_FN_DEGREES);
}

/* x > 1 and x < 2: beside it (1, 2) is no point. */
static bool is_inequalities(const rp_node *a) {
    for (uint32_t i = 0; i < a->count; i++)
        if (a->kids[i]->kind != RP_RELATION || memchr(a->kids[i]->name.data, RP_REL_EQ, a->kids[i]->name.length))
            return false;
    return a->kind == RP_LIST;
}

static bool is_round(const rp_node *a) {
    return a->kind == RP_TUPLE && !(a->op == '[' && a->flags == ']');
}

static rp_finding compare_mixed(rp_work *work, const rp_node *gold, const rp_node *answer) {
    rp_finding finding;
    const rp_node *name, *value;
    if (!is_collection(gold) && rp_is_assignment(work, answer, &name, &value)) {
        rp_explain(work, "the answer names its value: the value is compared");
        return rp_compare_nodes(work, gold, value);
    }
    if (!is_collection(answer) && rp_is_assignment(work, gold, &name, &value)) {
        rp_explain(work, "the gold names its value: the value is compared");
        return rp_compare_nodes(work, value, answer);
    }
    if (is_collection(gold) || is_collection(answer)) {
        const bool point = is_round(gold) || is_round(answer); /* [1, 1] is the set of 1 */
        if ((!point || is_inequalities(gold) || is_inequalities(answer)) &&
            try_regions(work, gold, answer, RP_REASON_SET, &finding) && finding.outcome == RP_SAME)
            return finding;
        rp_explain(work, "a collection on one side: its items are compared");
        return rp_compare_collections(work, gold, answer);
    }
    if (gold->kind == RP_MATRIX || answer->kind == RP_MATRIX) return compare_matrices(work, gold, answer);
    if (try_regions(work, gold, answer, RP_REASON_INTERVAL, &finding)) return finding;
    if (gold->kind == RP_RATIO && is_expression(answer) && ratio_value(work, gold))
        return rp_compare_expressions(work, ratio_value(work, gold), answer);
    if (answer->kind == RP_RATIO && is_expression(gold) && ratio_value(work, answer))
        return rp_compare_expressions(work, gold, ratio_value(work, answer));
    return rp_differs(RP_REASON_KIND);
}

static rp_finding compare_same_kind(rp_work *work, const rp_node *gold, const rp_node *answer) {
    rp_finding finding;
    switch ((rp_kind)gold->kind) {
    case RP_LIST:
    case RP_SET:
        if (try_regions(work, gold, answer, RP_REASON_SET, &finding) && finding.outcome == RP_SAME) return finding;
        return rp_compare_collections(work, gold, answer);
    case RP_TUPLE:
        return compare_tuples(work, gold, answer);
    case RP_RELATION:
        return rp_compare_relations(work, gold, answer);
    case RP_MATRIX:
        return compare_matrices(work, gold, answer);
    case RP_RATIO:
        return compare_ratios(work, gold, answer);
    case RP_TEXT:
        return same_text(work, gold->name, answer->name) ? rp_found(RP_SAME, RP_REASON_TEXT, RP_CERT_PROVED, 0)
                                                         : rp_differs(RP_REASON_OTHER_TEXT);
    case RP_DOTS:
        return rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    case RP_SET_OP:
    case RP_NAMED_SET:
        if (try_regions(work, gold, answer, RP_REASON_INTERVAL, &finding)) return finding;
        return compare_set_operations(work, gold, answer);
    case RP_BUILDER:
        if (try_regions(work, gold, answer, RP_REASON_INTERVAL, &finding)) return finding;
        return rp_compare_conditioned(work, gold, answer);
    default:
        return rp_compare_expressions(work, gold, answer);
    }
}

/* f(x) = {…} on one side, the cases alone on the other. */
static rp_finding compare_with_cases(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_node *name, *value;
    if (rp_is_assignment(work, gold, &name, &value)) return rp_compare_nodes(work, value, answer);
    if (rp_is_assignment(work, answer, &name, &value)) return rp_compare_nodes(work, gold, value);
    return rp_compare_cases(work, gold, answer);
}

static rp_finding compare_nodes(rp_work *work, const rp_node *gold, const rp_node *answer) {
    gold = evaluate_matrices(work, gold);
    answer = evaluate_matrices(work, answer);
    if (gold->kind == RP_UNDEFINED || answer->kind == RP_UNDEFINED) return rp_differs(RP_REASON_UNDEFINED);
    if (same_name_without_prefix(gold, answer) || same_angle(gold, answer))
        return rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    const bool simple =
        !is_collection(gold) && !is_collection(answer) && gold->kind != RP_RELATION && answer->kind != RP_RELATION;
    if (simple && (is_unit_like(gold) || is_unit_like(answer))) return rp_compare_quantities(work, gold, answer);
    if (is_expression(gold) && is_expression(answer)) {
        const rp_finding finding = rp_compare_expressions(work, gold, answer);
        if (finding.outcome == RP_DIFFERENT && rp_spelled_units_agree(work, gold, answer))
            return rp_found(RP_SAME, RP_REASON_UNIT_CONVERTED, RP_CERT_PROVED, 0);
        return finding;
    }
    if (rp_as_cases(work, gold) || rp_as_cases(work, answer)) return compare_with_cases(work, gold, answer);
    if (gold->kind == RP_WHERE || answer->kind == RP_WHERE) return rp_compare_conditioned(work, gold, answer);
    return gold->kind == answer->kind ? compare_same_kind(work, gold, answer) : compare_mixed(work, gold, answer);
}

rp_finding rp_compare_nodes(rp_work *work, const rp_node *gold, const rp_node *answer) {
    static const char *const outcomes[] = {[RP_SAME] = "equal", [RP_DIFFERENT] = "different", [RP_UNDECIDED] = "undecided"};
    if (!rp_work_pay(work, 1)) return rp_found(RP_UNDECIDED, work->failure, RP_CERT_NONE, 0);
    if (work->explain) rp_explain_trees(work, "compare", gold, answer);
    work->explain_depth++;
    const rp_finding finding = compare_nodes(work, gold, answer);
    work->explain_depth--;
    rp_explain(work, "%s (%s)", outcomes[finding.outcome], rp_reason_name(finding.reason));
    return finding;
}

rp_finding rp_compare_answers(rp_work *work, const rp_node *gold, const rp_node *answer) {
    gold = rp_expand_signs(work, gold);
    answer = rp_expand_signs(work, answer);
    rp_finding finding = rp_compare_nodes(work, gold, answer);
    if (finding.outcome == RP_DIFFERENT && !work->failed && rp_has_open_parameter(gold) && rp_has_open_parameter(answer))
        finding = rp_compare_conditioned(work, gold, answer);
    if (work->failed) return rp_found(RP_UNDECIDED, work->failure, RP_CERT_NONE, 0);
    return finding;
}
