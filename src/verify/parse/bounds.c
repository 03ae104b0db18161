/* SPDX-License-Identifier: MIT
 *
 * bounds.c — what a sum, a product or an integral runs over.
 *
 * "k = 1" with an upper bound, "1 \le k \le 5", "n > 0", "k \in \{1, 2, 3\}" and "k \mid 6" say it. Every other relation
 * (n \ne 0, k < 1 with an upper bound) is refused: a bound that is not understood must not be dropped.
 */
#include "parse/parse.h"

#include <string.h>

/* ---- Ranges ------------------------------------------------------------------------------------------------------ */

static const rp_node *shifted(rp_parser *p, const rp_node *a, bool open, int64_t by) {
    return open ? rp_tree_2(p->work, RP_SUM, 0, a, rp_tree_int(p->work, by)) : a;
}

static bool is_below(rp_relation op) {
    return op == RP_REL_LT || op == RP_REL_LE;
}

/* a <= k < b */
static bool from_chain(rp_parser *p, const rp_node *a, rp_bounds *b) {
    rp_relation first = rp_relation_at(a, 0), second = rp_relation_at(a, 1);
    const rp_node *low = a->kids[0], *high = a->kids[2];
    if (!is_below(first)) {
        if (!rp_relation_turned(rp_relation_at(a, 1), &first) || !rp_relation_turned(rp_relation_at(a, 0), &second))
            return false;
        low = a->kids[2];
        high = a->kids[0];
    }
    if (!is_below(first) || !is_below(second)) return false;
    b->variable = a->kids[1];
    b->lower = shifted(p, low, first == RP_REL_LT, 1);
    b->upper = shifted(p, high, second == RP_REL_LT, -1);
    return true;
}

/* k > a, a <= k: up to infinity. */
static bool from_inequality(rp_parser *p, const rp_node *a, rp_bounds *b) {
    const bool variable_first = a->kids[0]->kind == RP_SYMBOL;
    rp_relation op = rp_relation_at(a, 0);
    if (!variable_first && !rp_relation_turned(op, &op)) return false;
    if (op != RP_REL_GT && op != RP_REL_GE) return false;
    b->variable = a->kids[variable_first ? 0 : 1];
    b->lower = shifted(p, a->kids[variable_first ? 1 : 0], op == RP_REL_GT, 1);
    b->upper = rp_tree_constant(p->work, RP_INFINITY);
    return true;
}

/* The positive divisors of a small number. */
static bool from_divisors(rp_parser *p, const rp_node *a, rp_bounds *b) {
    enum { LARGEST = 10000 };
    int64_t n;
    rp_nodes divisors = {0};
    if (a->kids[1]->kind != RP_NUMBER || !rp_q_small(a->kids[1]->q, &n) || n < 1 || n > LARGEST) return false;
    for (int64_t d = 1; d <= n; d++)
        if (n % d == 0 && !rp_nodes_push(p->work, &divisors, rp_tree_int(p->work, d))) return false;
    b->variable = a->kids[0];
    b->values = rp_make_list(p->work, RP_SET, 0, 0, &divisors);
    return rp_work_pay(p->work, n / 16);
}

static bool from_relation(rp_parser *p, const rp_node *a, rp_bounds *b, bool discrete) {
    const rp_relation op = rp_relation_at(a, 0);
    if (a->count == 2 && op == RP_REL_EQ) {
        b->variable = a->kids[0];
        b->lower = a->kids[1];
        return true;
    }
    if (!discrete) return false;
    b->complete = true;
    if (a->count == 3) return from_chain(p, a, b);
    if (a->count != 2) return false;
    if (op == RP_REL_DIVIDES) return from_divisors(p, a, b);
    if (op != RP_REL_IN) return from_inequality(p, a, b);
    b->variable = a->kids[0];
    b->values = a->kids[1];
    return b->values->kind == RP_SET && b->values->count <= RP_LIMIT_ITEMS && !rp_tree_contains(b->values, RP_DOTS, -1);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* "_{k=1}", "_0", "^{10}", in any order; an empty group stands for nothing. */
bool rp_parse_bounds(rp_parser *p, rp_bounds *b, bool discrete) {
    for (int i = 0; i < 2; i++) {
        const bool below = rp_next_is(p, T_UNDERSCORE);
        if (!below && !rp_next_is(p, T_CARET)) break;
        p->at++;
        if (rp_next_is_op(p, T_OPEN, '{') && p->tokens[p->at + 1].kind == T_CLOSE) {
            p->at += 2;
            continue;
        }
        const rp_node *bound;
        if (below && discrete && rp_take_op(p, T_OPEN, '{')) {
            bound = rp_parse_item(p);
            if (!p->failed && !rp_take_op(p, T_CLOSE, '}')) bound = rp_parse_fail(p, RP_REASON_SYNTAX);
        } else {
            bound = below ? rp_parse_argument(p) : rp_parse_exponent(p);
        }
        if (p->failed) return false;
        if (below && bound->kind == RP_RELATION) {
            if (!from_relation(p, bound, b, discrete)) return rp_parse_fail(p, RP_REASON_UNSUPPORTED), false;
        } else if (below) {
            b->lower = bound;
        } else {
            b->above = bound;
        }
    }
    if (!b->complete) b->upper = b->above;
    const bool agrees = !b->complete || !b->above || (b->upper && rp_tree_equal(b->upper, b->above));
    return agrees || (rp_parse_fail(p, RP_REASON_UNSUPPORTED), false); /* n > 0 with an upper bound that is not infinity */
}

/* ---- Indexed terms ----------------------------------------------------------------------------------------------- */

/* The name with every occurrence of the index behind its underscore replaced by # and the place of its argument, so that x_{ij}
 * and x_{ji} stay two; empty when there is none. */
static rp_str without_index(rp_parser *p, rp_str name, rp_str index, uint32_t place) {
    const char *underscore = name.length ? memchr(name.data, '_', name.length) : NULL;
    if (!underscore) return (rp_str){"", 0};
    rp_buffer out = rp_buffer_in(p->work->arena);
    size_t at = (size_t)(underscore - name.data) + 1;
    bool found = false;
    rp_buffer_append(&out, name.data, at);
    while (at < name.length) {
        const bool here = name.length - at >= index.length && memcmp(name.data + at, index.data, index.length) == 0;
        if (here)
            rp_buffer_format(&out, "#%u", place);
        else
            rp_buffer_char(&out, name.data[at]);
        at += here ? index.length : 1;
        found = found || here;
    }
    return found && !out.failed ? (rp_str){out.data, out.length} : (rp_str){"", 0};
}

/* x_k under a sum over k is no constant: it becomes the function x_# of k, and so does f_k(x). */
const rp_node *rp_parse_indexed(rp_parser *p, const rp_node *a, const rp_node *index) {
    if (!rp_work_pay(p->work, 1)) return &RP_NODE_NONE;
    const rp_str name =
        a->kind == RP_SYMBOL || a->kind == RP_APPLY ? without_index(p, a->name, index->name, a->count) : (rp_str){"", 0};
    if (a->count == 0 && name.length == 0) return a;
    rp_nodes kids = {0};
    for (uint32_t i = 0; i < a->count; i++)
        if (!rp_nodes_push(p->work, &kids, rp_parse_indexed(p, a->kids[i], index))) return &RP_NODE_NONE;
    if (name.length == 0) return rp_tree_with_kids(p->work, a, kids.items);
    if (!rp_nodes_push(p->work, &kids, index)) return &RP_NODE_NONE;
    return rp_tree_make(p->work, RP_APPLY, 0, 0, name, kids.items, kids.count);
}

/* ---- Sums over a set --------------------------------------------------------------------------------------------- */

const rp_node *rp_sum_over_values(rp_parser *p, const rp_bounds *b, const rp_node *body, bool product) {
    rp_nodes terms = {0};
    for (uint32_t i = 0; i < b->values->count; i++) {
        const rp_node *term = rp_tree_substitute(p->work, body, b->variable->name, b->values->kids[i]);
        if (!rp_nodes_push(p->work, &terms, term)) return &RP_NODE_NONE;
    }
    if (terms.count == 0) return rp_tree_int(p->work, product);
    return terms.count == 1 ? terms.items[0] : rp_make_list(p->work, product ? RP_PRODUCT : RP_SUM, 0, 0, &terms);
}
