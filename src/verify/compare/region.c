/* SPDX-License-Identifier: MIT
 *
 * region.c — subsets of the real line: intervals, unions, inequalities in one unknown.
 *
 * All of them become one sorted list of disjoint intervals with exact endpoints; then being equal is being the same list.
 * (1, 2) ∪ (2, 3) is not (1, 3), and x > 3 is not x >= 3.
 */
#include "compare/compare.h"
#include "algebra/enclose.h"

#include <string.h>

/* ---- Endpoints --------------------------------------------------------------------------------------------------- */

/* Sign of a - b for canonical real constants; false when it cannot be decided. */
static bool order(rp_work *work, const rp_node *a, const rp_node *b, int *sign) {
    if (rp_tree_equal(a, b)) return *sign = 0, true;
    const rp_node *d = rp_expr_subtract(work, a, b);
    if (rp_constant_sign(work, d, sign)) return true;
    *sign = 0;
    return rp_compare_canonical(work, a, b).outcome == RP_SAME;
}

static bool is_infinite(const rp_node *a, int *sign) {
    const rp_node *last = a->kind == RP_PRODUCT ? a->kids[a->count - 1] : a;
    if (!rp_tree_is_constant(last, RP_INFINITY)) return false;
    *sign = a->kind == RP_PRODUCT && a->kids[0]->kind == RP_NUMBER ? rp_q_sign(a->kids[0]->q) : 1;
    return true;
}

/* A lower end is smaller when it starts earlier; closed starts before open. NULL is -∞ below, +∞ above. */
static bool lower_before(rp_work *work, const rp_interval *a, const rp_interval *b, bool *before) {
    int sign;
    if (!a->lo || !b->lo) return *before = !a->lo, true;
    if (!order(work, a->lo, b->lo, &sign)) return false;
    *before = sign < 0 || (sign == 0 && !a->lo_open);
    return true;
}

static bool is_empty(rp_work *work, const rp_interval *i, bool *empty) {
    int sign;
    *empty = false;
    if (!i->lo || !i->hi) return true;
    if (!order(work, i->lo, i->hi, &sign)) return false;
    *empty = sign > 0 || (sign == 0 && (i->lo_open || i->hi_open));
    return true;
}

/* ---- Set algebra ------------------------------------------------------------------------------------------------- */

static bool push(rp_region *r, rp_interval i) {
    if (r->count == RP_REGION_MAX) return false;
    r->parts[r->count++] = i;
    return true;
}

/* Sorts by lower ends and joins what touches: [1, 2) and [2, 3] do, (1, 2) and (2, 3) do not. */
static bool normalise(rp_work *work, rp_region *r) {
    for (size_t i = 1; i < r->count; i++) {
        const rp_interval moved = r->parts[i];
        size_t at = i;
        for (; at > 0; at--) {
            bool before;
            if (!lower_before(work, &moved, &r->parts[at - 1], &before)) return false;
            if (!before) break;
            r->parts[at] = r->parts[at - 1];
        }
        r->parts[at] = moved;
    }
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        bool empty;
        const rp_interval next = r->parts[i];
        if (!is_empty(work, &next, &empty)) return false;
        if (empty) continue;
        rp_interval *last = kept ? &r->parts[kept - 1] : NULL;
        int gap = 1;
        if (last && last->hi && next.lo && !order(work, next.lo, last->hi, &gap)) return false;
        const bool touches = last && (!last->hi || !next.lo || gap < 0 || (gap == 0 && !(next.lo_open && last->hi_open)));
        if (!touches) {
            r->parts[kept++] = next;
            continue;
        }
        int sign = 1;
        if (!last->hi) continue;
        if (next.hi && !order(work, next.hi, last->hi, &sign)) return false;
        if (!next.hi || sign > 0)
            last->hi = next.hi, last->hi_open = next.hi_open;
        else if (sign == 0)
            last->hi_open = last->hi_open && next.hi_open;
    }
    r->count = kept;
    return true;
}

/* Two subsets agree about their unknown when they name none or the same. */
static bool join_variables(const rp_region *a, const rp_region *b, const rp_node **out) {
    if (a->variable && b->variable && !rp_tree_equal(a->variable, b->variable)) return false;
    *out = a->variable ? a->variable : b->variable;
    return true;
}

bool rp_region_unite(rp_work *work, rp_region *a, const rp_region *b) {
    if (!join_variables(a, b, &a->variable)) return false;
    for (size_t i = 0; i < b->count; i++)
        if (!push(a, b->parts[i])) return false;
    return normalise(work, a);
}

static bool intersect_parts(rp_work *work, const rp_interval *a, const rp_interval *b, rp_interval *out) {
    bool first;
    if (!lower_before(work, a, b, &first)) return false;
    *out = first ? *b : *a; /* the later lower end */
    int sign = 0;
    if (a->hi && b->hi && !order(work, a->hi, b->hi, &sign)) return false;
    const bool a_ends_first = b->hi == NULL || (a->hi && (sign < 0 || (sign == 0 && a->hi_open)));
    out->hi = a_ends_first ? a->hi : b->hi;
    out->hi_open = a_ends_first ? a->hi_open : b->hi_open;
    return true;
}

bool rp_region_intersect(rp_work *work, rp_region *a, const rp_region *b) {
    rp_region *result = rp_work_new(work, rp_region, 1);
    if (!result || !join_variables(a, b, &a->variable)) return false;
    result->count = 0;
    result->variable = a->variable;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++) {
            rp_interval part;
            if (!intersect_parts(work, &a->parts[i], &b->parts[j], &part) || !push(result, part)) return false;
        }
    if (!normalise(work, result)) return false;
    *a = *result;
    return true;
}

bool rp_region_complement(rp_work *work, rp_region *a) {
    rp_region *result = rp_work_new(work, rp_region, 1);
    if (!result) return false;
    result->count = 0;
    result->variable = a->variable;
    rp_interval gap = {NULL, NULL, true, true};
    bool ended = false;
    for (size_t i = 0; i < a->count; i++) {
        const rp_interval *part = &a->parts[i];
        if (part->lo) {
            gap.hi = part->lo;
            gap.hi_open = !part->lo_open;
            if (!push(result, gap)) return false;
        }
        ended = !part->hi;
        gap = (rp_interval){part->hi, NULL, !part->hi_open, true};
    }
    if (!ended && !push(result, gap)) return false;
    *a = *result;
    return normalise(work, a);
}

/* ---- From answers ------------------------------------------------------------------------------------------------ */

static void whole_line(rp_region *out) {
    out->count = 1;
    out->parts[0] = (rp_interval){NULL, NULL, true, true};
    out->variable = NULL;
}

/* An endpoint: a real constant, or ±∞ (NULL). */
static bool endpoint(rp_work *work, const rp_node *a, const rp_node **out, int *infinite) {
    *infinite = 0;
    if (rp_tree_is_answer_kind(a) || a->kind == RP_MATRIX) return false;
    const rp_node *value = rp_simplify(work, a);
    if (is_infinite(value, infinite)) return *out = NULL, true;
    int sign;
    *out = value;
    return rp_is_constant(value) && rp_constant_sign(work, value, &sign);
}

static bool from_tuple(rp_work *work, const rp_node *a, rp_region *out) {
    int low, high;
    rp_interval i = {NULL, NULL, a->op != '[', a->flags != ']'};
    if (a->count != 2 || a->op == '<' || !endpoint(work, a->kids[0], &i.lo, &low) ||
        !endpoint(work, a->kids[1], &i.hi, &high))
        return false;
    if (low > 0 || high < 0 || (low && !i.lo_open) || (high && !i.hi_open)) return false;
    bool empty;
    if (!is_empty(work, &i, &empty) || empty) return false;
    out->count = 1;
    out->parts[0] = i;
    out->variable = NULL;
    return true;
}

static bool from_points(rp_work *work, const rp_node *a, rp_region *out) {
    out->count = 0;
    out->variable = NULL;
    for (uint32_t i = 0; i < a->count; i++) {
        int infinite;
        rp_interval point = {.lo_open = false};
        if (!endpoint(work, a->kids[i], &point.lo, &infinite) || infinite) return false;
        point.hi = point.lo;
        if (!push(out, point)) return false;
    }
    return normalise(work, out);
}

static bool from_set_op(rp_work *work, const rp_node *a, rp_region *out) {
    rp_region *right = rp_work_new(work, rp_region, 1);
    if (!right || !rp_region_of(work, a->kids[0], out) || !rp_region_of(work, a->kids[1], right)) return false;
    if (a->op == RP_SET_UNION) return rp_region_unite(work, out, right);
    if (a->op == RP_SET_MINUS && !rp_region_complement(work, right)) return false;
    return rp_region_intersect(work, out, right);
}

/* The only unknown of an inequality: a symbol or a call f(x). */
static bool find_unknown(const rp_node *a, const rp_node **unknown) {
    if (a->kind == RP_SYMBOL || a->kind == RP_APPLY) {
        if (*unknown && !rp_tree_equal(*unknown, a)) return false;
        *unknown = a;
        return true;
    }
    for (uint32_t i = 0; i < a->count; i++)
        if (!find_unknown(a->kids[i], unknown)) return false;
    return true;
}

static const rp_node *with_unknown(rp_work *work, const rp_node *a, const rp_node *unknown, const rp_node *value) {
    if (rp_tree_equal(a, unknown)) return value;
    if (a->count == 0) return a;
    const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
    if (!kids) return &RP_NODE_NONE;
    for (uint32_t i = 0; i < a->count; i++) kids[i] = with_unknown(work, a->kids[i], unknown, value);
    return rp_tree_with_kids(work, a, kids);
}

bool rp_linear_parts(rp_work *work, const rp_node *f, const rp_node *unknown, const rp_node **slope,
                     const rp_node **offset) {
    const rp_node *at[3];
    for (int i = 0; i < 3; i++) {
        at[i] = rp_simplify(work, with_unknown(work, f, unknown, rp_tree_int(work, i)));
        if (work->failed || at[i]->kind == RP_UNDEFINED) return false;
    }
    *offset = at[0];
    *slope = rp_expr_subtract(work, at[1], at[0]);
    if (!rp_tree_equal(rp_expr_add(work, at[1], *slope), at[2])) return false;
    /* three points do not make a polynomial linear: the general identity does */
    const rp_node *line = rp_expr_add(work, rp_expr_multiply(work, *slope, unknown), *offset);
    return rp_compare_canonical(work, rp_simplify(work, f), line).outcome == RP_SAME;
}

/* The same with constants for both. */
static bool linear(rp_work *work, const rp_node *f, const rp_node *unknown, const rp_node **alpha, const rp_node **beta) {
    return rp_linear_parts(work, f, unknown, alpha, beta) && rp_is_constant(*alpha) && rp_is_constant(*beta);
}

/* α u + β op 0 as a set of u. */
static bool half_line(rp_work *work, const rp_node *alpha, const rp_node *beta, char op, rp_region *out) {
    int slope;
    if (!rp_constant_sign(work, alpha, &slope) || slope == 0) return false;
    const rp_node *root = rp_expr_divide(work, rp_expr_scale(work, rp_q_int(-1), beta), alpha);
    const bool below = (op == RP_REL_LT || op == RP_REL_LE) == (slope > 0);
    const bool open = op == RP_REL_LT || op == RP_REL_GT;
    out->count = 1;
    out->parts[0] = below ? (rp_interval){NULL, root, true, open} : (rp_interval){root, NULL, open, true};
    if (op == RP_REL_EQ || op == RP_REL_NE) out->parts[0] = (rp_interval){root, root, false, false};
    return op != RP_REL_NE || rp_region_complement(work, out);
}

static char seen_from_the_right(char op) {
    static const char pairs[] = {RP_REL_LT, RP_REL_GT, RP_REL_LE, RP_REL_GE};
    for (int i = 0; i < 4; i++)
        if (op == pairs[i]) return pairs[i ^ 1];
    return op;
}

/* |f| op c: what lies between -c and c, or outside of them. */
static bool from_absolute(rp_work *work, const rp_node *f, char op, const rp_node *c, const rp_node *unknown,
                          rp_region *out) {
    const rp_node *alpha, *beta;
    rp_region *other = rp_work_new(work, rp_region, 1);
    int sign;
    c = rp_simplify(work, c);
    if (!other || !rp_is_constant(c) || !rp_constant_sign(work, c, &sign)) return false;
    const bool points = op == RP_REL_EQ || op == RP_REL_NE;
    if ((points && sign < 0) || !linear(work, f, unknown, &alpha, &beta)) return false;
    const char turned = seen_from_the_right(op);
    const bool inside = op == RP_REL_LT || op == RP_REL_LE || op == RP_REL_NE;
    out->variable = other->variable = NULL;
    if (!half_line(work, alpha, rp_expr_subtract(work, beta, c), op, out) ||
        !half_line(work, alpha, rp_expr_add(work, beta, c), turned, other))
        return false;
    return inside ? rp_region_intersect(work, out, other) : rp_region_unite(work, out, other);
}

static bool from_gap(rp_work *work, const rp_node *a, uint32_t gap, const rp_node *unknown, rp_region *out) {
    const char op = (char)rp_relation_at(a, gap);
    const rp_node *left = a->kids[gap], *right = a->kids[gap + 1], *alpha, *beta;
    int infinite;
    const rp_node *end;
    if ((endpoint(work, left, &end, &infinite) || endpoint(work, right, &end, &infinite)) &&
        infinite) { /* -∞ < x says nothing */
        whole_line(out);
        return op == RP_REL_LT || op == RP_REL_GT;
    }
    if (rp_tree_is_function(left, RP_FN_ABS)) return from_absolute(work, left->kids[0], op, right, unknown, out);
    if (rp_tree_is_function(right, RP_FN_ABS))
        return from_absolute(work, right->kids[0], seen_from_the_right(op), left, unknown, out);
    const rp_node *minus = rp_tree_2(work, RP_PRODUCT, 0, rp_tree_int(work, -1), right);
    const rp_node *f = rp_tree_2(work, RP_SUM, 0, left, minus);
    return linear(work, f, unknown, &alpha, &beta) && half_line(work, alpha, beta, op, out);
}

static bool from_relation(rp_work *work, const rp_node *a, rp_region *out) {
    const rp_relation first = rp_relation_at(a, 0);
    if (a->count == 2 && (first == RP_REL_IN || first == RP_REL_NOT_IN)) {
        if (!rp_region_of(work, a->kids[1], out) || (a->kids[0]->kind != RP_SYMBOL && a->kids[0]->kind != RP_APPLY))
            return false;
        out->variable = a->kids[0];
        return first == RP_REL_IN || rp_region_complement(work, out);
    }
    const rp_node *unknown = NULL;
    for (uint32_t i = 0; i < a->count; i++)
        if (rp_tree_is_answer_kind(a->kids[i]) || !find_unknown(a->kids[i], &unknown)) return false;
    if (!unknown) return false;
    rp_region *part = rp_work_new(work, rp_region, 1);
    if (!part) return false;
    whole_line(out);
    for (uint32_t i = 0; i + 1 < a->count; i++) {
        if (!strchr("<>lg#=", (char)rp_relation_at(a, i))) return false;
        if (!from_gap(work, a, i, unknown, part)) return false;
        part->variable = NULL;
        if (!rp_region_intersect(work, out, part)) return false;
    }
    out->variable = unknown;
    return true;
}

/* How the parts of a statement go together. */
typedef enum joining { JOIN_ALL, JOIN_ANY, JOIN_LOOSELY } joining;

static bool is_equation(const rp_node *a) {
    return a->kind == RP_RELATION && rp_relation_all(a, RP_REL_EQ);
}

/* "x = 1 and x = 5" lists values. Beside an inequality the word means both, unless that leaves nothing: n = 1 and n >= 3. */
static joining joining_of(const rp_node *list) {
    uint32_t equations = 0;
    for (uint32_t i = 0; i < list->count; i++) equations += is_equation(list->kids[i]);
    if (list->op == RP_JOIN_OR || equations == list->count) return JOIN_ANY;
    return list->op == RP_JOIN_AND && equations == 0 ? JOIN_ALL : JOIN_LOOSELY;
}

/* "x < 1 or x > 2" is a union, "1 < x and x < 2" an intersection; a comma is the intersection unless that is empty. */
static bool from_parts(rp_work *work, const rp_node *const *parts, size_t count, joining how, rp_region *out) {
    rp_region *next = rp_work_new(work, rp_region, 1), *both = rp_work_new(work, rp_region, 1);
    if (!next || !both || count == 0 || !rp_region_of(work, parts[0], out)) return false;
    for (size_t i = 1; i < count; i++) {
        if (!rp_region_of(work, parts[i], next)) return false;
        *both = *out;
        if (!rp_region_intersect(work, both, next)) return false;
        if (how == JOIN_ANY || (how == JOIN_LOOSELY && both->count == 0)) {
            if (!rp_region_unite(work, out, next)) return false;
        } else {
            *out = *both;
        }
    }
    return true;
}

static bool is_statement(const rp_node *a) {
    if (a->kind != RP_LIST) return a->kind == RP_RELATION;
    for (uint32_t i = 0; i < a->count; i++)
        if (a->kids[i]->kind != RP_RELATION && a->kids[i]->kind != RP_LIST) return false;
    return a->count > 0;
}

/* {x | x < 1 or x > 3}, {x in R | x > 0, x != 1}: kid 0 the element, kid 1 the condition; its commas mean "and". */
static bool from_builder(rp_work *work, const rp_node *a, rp_region *out) {
    const rp_node *x = a->kids[0], *condition = a->count == 2 ? a->kids[1] : NULL;
    const bool element = x->kind == RP_RELATION && x->count == 2 && rp_relation_at(x, 0) == RP_REL_IN &&
                         x->kids[1]->kind == RP_NAMED_SET && x->kids[1]->op == 'R';
    if (element) x = x->kids[0];
    if (!condition || x->kind != RP_SYMBOL || !is_statement(condition)) return false;
    const bool all = condition->kind == RP_LIST && condition->op != RP_JOIN_OR;
    const bool found =
        all ? from_parts(work, condition->kids, condition->count, JOIN_ALL, out) : rp_region_of(work, condition, out);
    if (!found || !out->variable || !rp_tree_equal(out->variable, x)) return false;
    out->variable = NULL; /* bound */
    return true;
}

static bool region_of(rp_work *work, const rp_node *a, rp_region *out) {
    switch ((rp_kind)a->kind) {
    case RP_TUPLE:
        return from_tuple(work, a, out);
    case RP_SET:
        return from_points(work, a, out);
    case RP_SET_OP:
        return from_set_op(work, a, out);
    case RP_RELATION:
        return from_relation(work, a, out);
    case RP_LIST:
        return is_statement(a) && from_parts(work, a->kids, a->count, joining_of(a), out);
    case RP_NAMED_SET:
        whole_line(out);
        return a->op == 'R';
    case RP_BUILDER:
        return from_builder(work, a, out);
    default:
        return false;
    }
}

bool rp_region_of(rp_work *work, const rp_node *a, rp_region *out) {
    if (!rp_work_pay(work, 4) || !region_of(work, a, out)) return false;
    out->stated = is_statement(a);
    return true;
}

/* ---- Comparison -------------------------------------------------------------------------------------------------- */

static rp_finding compare_ends(rp_work *work, const rp_node *a, const rp_node *b) {
    if (!a || !b) return a == b ? rp_found(RP_SAME, RP_REASON_INTERVAL, RP_CERT_PROVED, 0) : rp_differs(RP_REASON_VALUE);
    return rp_compare_canonical(work, a, b);
}

rp_finding rp_compare_regions(rp_work *work, const rp_region *gold, const rp_region *answer, rp_verify_reason reason) {
    const rp_node *variable;
    if (!join_variables(gold, answer, &variable)) return rp_differs(RP_REASON_OTHER_TEXT);
    /* Two contradictions say nothing of each other; a gold that is the empty set may be answered by one. */
    if (gold->stated && gold->count == 0 && answer->count == 0) return rp_differs(RP_REASON_VALUE);
    if (gold->count != answer->count) return rp_differs(RP_REASON_VALUE);
    rp_finding all = rp_found(RP_SAME, reason, RP_CERT_PROVED, 0);
    bool openness = true;
    for (size_t i = 0; i < gold->count; i++) {
        const rp_interval *a = &gold->parts[i], *b = &answer->parts[i];
        all = rp_finding_join(all, compare_ends(work, a->lo, b->lo));
        all = rp_finding_join(all, compare_ends(work, a->hi, b->hi));
        openness = openness && (!a->lo || a->lo_open == b->lo_open) && (!a->hi || a->hi_open == b->hi_open);
    }
    if (all.outcome == RP_SAME && !openness) return rp_differs(RP_REASON_OPENNESS);
    if (all.outcome == RP_SAME) all.reason = reason;
    if (all.outcome == RP_DIFFERENT) all.certificate = RP_CERT_NONE;
    return all;
}
