/* SPDX-License-Identifier: MIT
 *
 * piecewise.c — functions by cases: which value holds where.
 *
 * Each branch becomes a region of the line and a value. Two such functions are equal when their regions cover the same set and,
 * wherever two regions overlap, the values agree. Conditions that are no regions (n even) are matched as statements. An
 * ordinary expression is compared branch by branch, with |u| resolved by the sign that u has on the branch.
 */
#include "compare/compare.h"
#include "algebra/enclose.h"

#include <string.h>

enum { BRANCHES_MAX = 16 };

typedef struct branch {
    const rp_node *value, *condition;
    rp_region region;
} branch;

typedef struct branches {
    branch *items;
    size_t count;
    const rp_node *variable;
} branches;

static bool is_otherwise(const rp_node *a) {
    return a->kind == RP_TEXT && rp_str_is(a->name, "otherwise");
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* 5 (a = 1), 6 (a = 2): a list of values each under its condition is a function by cases. */
static bool is_list_of_cases(const rp_node *a) {
    if (a->kind != RP_LIST) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (a->kids[i]->kind != RP_WHERE) return false;
    return a->count > 1;
}

const rp_node *rp_as_cases(rp_work *work, const rp_node *a) {
    rp_nodes kids = {0};
    if (a->kind == RP_CASES) return a;
    if (!is_list_of_cases(a)) return NULL;
    for (uint32_t i = 0; i < a->count; i++) {
        const rp_node *w = a->kids[i];
        const rp_node *condition =
            w->count == 2 ? w->kids[1]
                          : rp_tree_make(work, RP_LIST, RP_JOIN_AND, 0, (rp_str){NULL, 0}, w->kids + 1, w->count - 1);
        if (!rp_nodes_push(work, &kids, w->kids[0]) || !rp_nodes_push(work, &kids, condition)) return NULL;
    }
    return rp_tree_make(work, RP_CASES, 0, 0, (rp_str){NULL, 0}, kids.items, kids.count);
}

static bool read_branches(rp_work *work, const rp_node *a, branches *out) {
    if (a->count % 2 || a->count / 2 > BRANCHES_MAX) return false;
    *out = (branches){rp_work_new(work, branch, a->count / 2), a->count / 2, NULL};
    for (size_t i = 0; out->items && i < out->count; i++) {
        out->items[i].value = a->kids[2 * i];
        out->items[i].condition = a->kids[2 * i + 1];
    }
    return out->items != NULL;
}

/* All conditions as regions of one variable; "otherwise" is what the others leave. */
static bool find_regions(rp_work *work, branches *b) {
    rp_region *others = rp_work_new(work, rp_region, 1);
    branch *rest = NULL;
    if (!others) return false;
    *others = (rp_region){.count = 0};
    for (size_t i = 0; i < b->count; i++) {
        branch *one = &b->items[i];
        if (is_otherwise(one->condition)) {
            if (rest) return false;
            rest = one;
            continue;
        }
        if (!rp_region_of(work, one->condition, &one->region) || !one->region.variable) return false;
        if (b->variable && !rp_tree_equal(b->variable, one->region.variable)) return false;
        b->variable = one->region.variable;
        if (!rp_region_unite(work, others, &one->region)) return false;
    }
    if (!rest) return b->variable != NULL;
    rest->region = *others;
    return b->variable && rp_region_complement(work, &rest->region);
}

/* ---- Values on a region ------------------------------------------------------------------------------------------ */

static bool is_point(rp_work *work, const rp_interval *i) {
    return i->lo && i->hi && rp_compare_canonical(work, i->lo, i->hi).outcome == RP_SAME;
}

static const rp_node *inner_point(rp_work *work, const rp_interval *i) {
    const rp_node *half = rp_tree_ratio(work, 1, 2), *one = rp_tree_int(work, 1);
    if (i->lo && i->hi) return rp_expr_multiply(work, half, rp_expr_add(work, i->lo, i->hi));
    if (i->lo) return rp_expr_add(work, i->lo, one);
    return i->hi ? rp_expr_subtract(work, i->hi, one) : rp_tree_int(work, 0);
}

/* Does a + b x change its sign inside the interval? */
static bool root_is_inside(rp_work *work, const rp_node *root, const rp_interval *i) {
    int below = -1, above = 1;
    if (i->lo && !rp_constant_sign(work, rp_expr_subtract(work, root, i->lo), &above)) return true;
    if (i->hi && !rp_constant_sign(work, rp_expr_subtract(work, root, i->hi), &below)) return true;
    return above > 0 && below < 0;
}

/* The one sign of a linear u on the interval; false when it has two, or none is found. */
static bool sign_on(rp_work *work, const rp_node *u, const rp_node *x, const rp_interval *on, int *sign) {
    const rp_node *slope, *offset;
    if (!rp_linear_parts(work, u, x, &slope, &offset) || rp_tree_is_int(slope, 0)) return false;
    const rp_node *root = rp_expr_divide(work, rp_expr_scale(work, rp_q_int(-1), offset), slope);
    if (root_is_inside(work, root, on)) return false;
    return rp_constant_sign(work, rp_simplify(work, rp_tree_substitute(work, u, x->name, inner_point(work, on))), sign) &&
           *sign;
}

/* |u|, max(u, v) and min(u, v) as what they are on the interval; NULL when that is not one thing. */
static const rp_node *resolve(rp_work *work, const rp_node *a, const rp_node *x, const rp_interval *on) {
    if (!rp_work_pay(work, 1)) return NULL;
    if (a->count == 0) return a;
    const rp_node **kids = rp_work_new(work, const rp_node *, a->count);
    for (uint32_t i = 0; i < a->count; i++)
        if (!kids || !(kids[i] = resolve(work, a->kids[i], x, on))) return NULL;
    const bool extreme = a->count == 2 && (rp_tree_is_function(a, RP_FN_MAX) || rp_tree_is_function(a, RP_FN_MIN));
    if ((!extreme && !rp_tree_is_function(a, RP_FN_ABS)) || !rp_tree_has_symbol(a, x->name))
        return rp_tree_with_kids(work, a, kids);
    int sign;
    const rp_node *back = rp_tree_2(work, RP_PRODUCT, 0, rp_tree_int(work, -1), kids[extreme]);
    if (!sign_on(work, extreme ? rp_tree_2(work, RP_SUM, 0, kids[0], back) : kids[0], x, on, &sign)) return NULL;
    if (extreme) return (sign > 0) == rp_tree_is_function(a, RP_FN_MAX) ? kids[0] : kids[1];
    return sign < 0 ? back : kids[0];
}

static rp_finding compare_on(rp_work *work, const rp_node *gold, const rp_node *answer, const rp_node *x,
                             const rp_interval *on) {
    if (x->kind == RP_SYMBOL && is_point(work, on))
        return rp_compare_nodes(work, rp_tree_substitute(work, gold, x->name, on->lo),
                                rp_tree_substitute(work, answer, x->name, on->lo));
    const rp_finding direct = rp_compare_nodes(work, gold, answer);
    if (direct.outcome == RP_SAME || x->kind != RP_SYMBOL) return direct;
    const rp_node *g = resolve(work, gold, x, on), *a = g ? resolve(work, answer, x, on) : NULL;
    return a ? rp_compare_nodes(work, g, a) : direct;
}

static rp_finding compare_on_region(rp_work *work, const rp_node *gold, const rp_node *answer, const rp_node *x,
                                    const rp_region *on) {
    rp_finding all = rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    for (size_t i = 0; i < on->count && all.outcome != RP_DIFFERENT; i++)
        all = rp_finding_join(all, compare_on(work, gold, answer, x, &on->parts[i]));
    return all;
}

/* ---- Comparison -------------------------------------------------------------------------------------------------- */

static bool covered(rp_work *work, const branches *b, rp_region *all) {
    *all = (rp_region){.count = 0};
    for (size_t i = 0; i < b->count; i++)
        if (!rp_region_unite(work, all, &b->items[i].region)) return false;
    return true;
}

static rp_finding compare_by_regions(rp_work *work, const branches *g, const branches *a) {
    rp_region *all = rp_work_new(work, rp_region, 3);
    if (!rp_tree_equal(g->variable, a->variable)) return rp_differs(RP_REASON_OTHER_TEXT);
    if (!all || !covered(work, g, &all[0]) || !covered(work, a, &all[1])) return rp_differs(RP_REASON_KIND);
    rp_finding finding = rp_compare_regions(work, &all[0], &all[1], RP_REASON_STRUCTURAL);
    for (size_t i = 0; i < g->count; i++)
        for (size_t j = 0; j < a->count && finding.outcome == RP_SAME; j++) {
            all[2] = g->items[i].region;
            if (!rp_region_intersect(work, &all[2], &a->items[j].region)) return rp_differs(RP_REASON_KIND);
            const rp_finding there = compare_on_region(work, g->items[i].value, a->items[j].value, g->variable, &all[2]);
            finding = rp_finding_join(finding, there);
        }
    return finding;
}

/* Branch by branch: the same values under the same statements, in any order. */
static bool has_branch(rp_work *work, const branch *one, const branches *among, bool swapped) {
    for (size_t i = 0; i < among->count; i++) {
        const branch *gold = swapped ? &among->items[i] : one, *answer = swapped ? one : &among->items[i];
        if (rp_compare_nodes(work, gold->condition, answer->condition).outcome == RP_SAME &&
            rp_compare_nodes(work, gold->value, answer->value).outcome == RP_SAME)
            return true;
    }
    return false;
}

/* "odd n" where the other side says "otherwise" beside "even n". */
static const rp_node *contrary(rp_work *work, const rp_node *a) {
    const char *word = NULL;
    if (a->kind != RP_TEXT || a->name.length < 5) return NULL;
    if (memcmp(a->name.data, "even ", 5) == 0) word = "odd ";
    if (memcmp(a->name.data, "odd ", 4) == 0) word = "even ";
    if (!word) return NULL;
    const size_t skip = word[0] == 'o' ? 5 : 4;
    rp_buffer text = rp_buffer_in(work->arena);
    rp_buffer_text(&text, word);
    rp_buffer_append(&text, a->name.data + skip, a->name.length - skip);
    return text.failed ? NULL : rp_tree_make(work, RP_TEXT, 0, 0, (rp_str){text.data, text.length}, NULL, 0);
}

static void spell_otherwise(rp_work *work, branches *b) {
    if (b->count != 2) return;
    for (size_t i = 0; i < 2; i++)
        if (is_otherwise(b->items[i].condition)) {
            const rp_node *spelled = contrary(work, b->items[1 - i].condition);
            if (spelled) b->items[i].condition = spelled;
        }
}

static rp_finding compare_by_statements(rp_work *work, branches *g, branches *a) {
    spell_otherwise(work, g);
    spell_otherwise(work, a);
    if (g->count != a->count) return rp_differs(RP_REASON_ARITY);
    for (size_t i = 0; i < g->count; i++)
        if (!has_branch(work, &g->items[i], a, false) || !has_branch(work, &a->items[i], g, true))
            return rp_differs(RP_REASON_VALUE);
    return rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
}

/* An expression against a function by cases that covers the whole line. */
static rp_finding compare_with_expression(rp_work *work, branches *b, const rp_node *expression, bool gold_has_cases) {
    rp_region *all = rp_work_new(work, rp_region, 1);
    if (!all || !find_regions(work, b) || !covered(work, b, all)) return rp_differs(RP_REASON_KIND);
    if (all->count != 1 || all->parts[0].lo || all->parts[0].hi) return rp_differs(RP_REASON_VALUE);
    rp_finding finding = rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    for (size_t i = 0; i < b->count && finding.outcome == RP_SAME; i++) {
        const rp_node *value = b->items[i].value;
        finding = rp_finding_join(finding,
                                  compare_on_region(work, gold_has_cases ? value : expression,
                                                    gold_has_cases ? expression : value, b->variable, &b->items[i].region));
    }
    return finding;
}

rp_finding rp_compare_cases(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_node *g = rp_as_cases(work, gold), *a = rp_as_cases(work, answer);
    branches *b = rp_work_new(work, branches, 2);
    if (!b || (!g && !a) || (g && !read_branches(work, g, &b[0])) || (a && !read_branches(work, a, &b[1])))
        return rp_differs(RP_REASON_KIND);
    if (!g || !a) {
        const rp_node *other = g ? answer : gold;
        if (rp_tree_is_answer_kind(other) || other->kind == RP_MATRIX) return rp_differs(RP_REASON_KIND);
        return compare_with_expression(work, g ? &b[0] : &b[1], other, g != NULL);
    }
    if (find_regions(work, &b[0]) && find_regions(work, &b[1])) return compare_by_regions(work, &b[0], &b[1]);
    return compare_by_statements(work, &b[0], &b[1]);
}
