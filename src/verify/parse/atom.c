/* SPDX-License-Identifier: MIT
 *
 * atom.c — what an expression is made of: brackets of all kinds, fractions, roots (names are in name.c, grids in grid.c).
 *
 * One question cannot be settled here: (1, 2) is a point or an interval. The tree keeps the brackets as written and the
 * comparison asks for the reading it needs. French ]0, 1[ is read as (0, 1).
 */
#include "parse/parse.h"

#include <string.h>

/* ---- Brackets ---------------------------------------------------------------------------------------------------- */

/* Inside brackets a comma separates, except where loose commas separate and tight ones group: (10,000, 20,000). */
static bool commas_group_inside(const rp_parser *p) {
    int depth = 0;
    bool loose = false, tight = false;
    for (size_t i = p->at; p->tokens[i].kind != T_END; i++) {
        const rp_token *t = &p->tokens[i];
        if (t->kind == T_OPEN) depth++;
        if (t->kind == T_CLOSE && --depth < 0) break;
        if (t->kind != T_COMMA || depth > 0) continue;
        if (t->op == ',')
            tight = true;
        else if (t[1].flags & TF_SPACE)
            loose = true;
        else if (rp_token_is_integer(&t[1]) && t[1].text.length == 3)
            tight = true;
        else
            return false;
    }
    return tight && loose;
}

static bool parse_bracket_items(rp_parser *p, rp_nodes *items) {
    if (rp_next_is(p, T_CLOSE)) return true;
    do {
        const rp_node *item =
            rp_next_is(p, T_DOTS) ? rp_tree_make(p->work, RP_DOTS, 0, 0, (rp_str){NULL, 0}, NULL, 0) : rp_parse_item(p);
        if (rp_next_is(p, T_DOTS) && item->kind == RP_DOTS) p->at++;
        if (p->failed || !rp_nodes_push(p->work, items, item)) return false;
        if (items->count > RP_LIMIT_ITEMS) return rp_work_fail(p->work, RP_REASON_NODES);
    } while (rp_take(p, T_COMMA) || rp_take(p, T_SEMICOLON) || rp_take(p, T_AND));
    return true;
}

/* The state that brackets reset. */
rp_parse_context rp_parse_enter(rp_parser *p) {
    const rp_parse_context saved = {p->bars, p->group_commas, p->no_bar, p->no_colon, p->in_grid, p->integral};
    p->no_base = false;
    p->bars = 0;
    p->no_bar = p->no_colon = p->in_grid = false;
    p->integral = (rp_str){NULL, 0};
    return saved;
}

void rp_parse_leave(rp_parser *p, rp_parse_context saved) {
    p->bars = saved.bars;
    p->group_commas = saved.group_commas;
    p->no_bar = saved.no_bar;
    p->no_colon = saved.no_colon;
    p->in_grid = saved.in_grid;
    p->integral = saved.integral;
}

/* ( … ), [ … ], ] … [ and the mixed forms; \langle … \rangle. */
static const rp_node *parse_tuple(rp_parser *p, int open) {
    rp_nodes items = {0};
    const rp_parse_context saved = rp_parse_enter(p);
    p->group_commas = p->group_commas && commas_group_inside(p);
    const bool ok = parse_bracket_items(p, &items);
    rp_parse_leave(p, saved);
    if (!ok) return &RP_NODE_NONE;
    const rp_token *t = rp_peek(p);
    const bool closes =
        t->kind == T_CLOSE ? strchr(open == '<' ? ">" : ")]", t->op) != NULL : (t->kind == T_OPEN && t->op == '[');
    if (!closes || items.count == 0) return rp_parse_fail(p, RP_REASON_SYNTAX);
    int close = t->kind == T_OPEN ? ')' : t->op; /* ]0, 1[ */
    p->at++;
    if (open == ']') open = '(';
    if (items.count == 1 && ((open == '(' && close == ')') || (open == '[' && close == ']'))) return items.items[0];
    const bool mixed = (open == '(' && close == ']') || (open == '[' && close == ')'); /* half open: only an interval is */
    if (items.count == 1 || (mixed && items.count > 2)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_make_list(p->work, RP_TUPLE, open, (unsigned)close, &items);
}

/* \{ a, b \} and \{ x | x > 0 \} */
static const rp_node *parse_set(rp_parser *p) {
    rp_nodes items = {0};
    const rp_parse_context saved = rp_parse_enter(p);
    p->group_commas = p->group_commas && commas_group_inside(p);
    p->no_bar = p->no_colon = true;
    bool ok = parse_bracket_items(p, &items);
    const bool builder = ok && items.count == 1 && (rp_take(p, T_BAR) || rp_take(p, T_COLON));
    p->no_bar = p->no_colon = false;
    if (builder) { /* the condition, with its "and" or "or" */
        const rp_node *condition = rp_parse_items(p);
        ok = !p->failed && rp_nodes_push(p->work, &items, condition);
    }
    rp_parse_leave(p, saved);
    if (!ok) return &RP_NODE_NONE;
    if (!rp_take_op(p, T_CLOSE, 'S')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_make_list(p->work, builder ? RP_BUILDER : RP_SET, 0, 0, &items);
}

/* { … }: grouping; with commas inside a list. */
static const rp_node *parse_group(rp_parser *p) {
    const rp_parse_context saved = rp_parse_enter(p);
    const rp_node *inner = rp_parse_items(p);
    rp_parse_leave(p, saved);
    if (p->failed) return inner;
    if (rp_next_is(p, T_UNKNOWN) && rp_token_is_text(rp_peek(p), ".") && p->tokens[p->at + 1].kind == T_CLOSE)
        p->at++; /* {42.} */
    if (!rp_take_op(p, T_CLOSE, '}')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return inner;
}

static const rp_node *parse_enclosed(rp_parser *p, int close, rp_function fn) {
    const rp_parse_context saved = rp_parse_enter(p);
    const rp_node *inner = rp_parse_sum(p);
    rp_parse_leave(p, saved);
    if (p->failed) return inner;
    if (!rp_take_op(p, T_CLOSE, close)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_tree_function1(p->work, fn, inner);
}

const rp_node *rp_parse_brackets(rp_parser *p) {
    const int open = p->tokens[p->at++].op;
    switch (open) {
    case '{':
        return parse_group(p);
    case 'S':
        return parse_set(p);
    case 'f':
        return parse_enclosed(p, 'f', RP_FN_FLOOR);
    case 'c':
        return parse_enclosed(p, 'c', RP_FN_CEIL);
    case '|':
        return parse_enclosed(p, '|', RP_FN_ABS);
    default:
        return parse_tuple(p, open);
    }
}

/* |x|: the bar that comes where an operand is due opens, the next one that comes where an operator is due closes. */
static const rp_node *parse_bars(rp_parser *p) {
    p->at++;
    p->bars++;
    const rp_node *inner = rp_parse_sum(p);
    p->bars--;
    if (p->failed) return inner;
    if (!rp_take(p, T_BAR)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_tree_function1(p->work, RP_FN_ABS, inner);
}

/* ---- Fractions and roots ----------------------------------------------------------------------------------------- */

/* TeX takes one token: \frac12 is one half. A longer number gives its first digit away. */
const rp_node *rp_parse_argument(rp_parser *p) {
    rp_token *t = &p->tokens[p->at];
    if (rp_token_is_integer(t) && t->text.length > 1) {
        rp_q digit;
        (void)rp_q_digits(p->work, t->text.data, 1, 10, &digit);
        t->text.data++;
        t->text.length--;
        t->flags = 0;
        return rp_tree_number(p->work, digit);
    }
    if (rp_next_is(p, T_LETTER)) { /* \frac n2: neither the digit nor a bracket belongs to the letter */
        p->at++;
        return rp_token_is_text(t, "e") ? rp_tree_constant(p->work, RP_E) : rp_tree_symbol(p->work, t->text, 0);
    }
    if (rp_next_is_op(p, T_OPEN, '{') || rp_next_is(p, T_CONSTANT) || rp_next_is(p, T_NUMBER) || rp_next_is(p, T_SQRT) ||
        rp_next_is(p, T_FRAC) || rp_next_is(p, T_WORD) || rp_next_is(p, T_ACCENT))
        return rp_parse_primary(p);
    return rp_parse_fail(p, RP_REASON_SYNTAX);
}

/* d, d^2, dy above; dx, dx^2 below: with them a fraction is a derivative, whose letters d do not cancel. */
static bool is_differential(const rp_node *a, bool above) {
    const rp_node *d = a->kind == RP_PRODUCT ? a->kids[0] : a;
    if (a->kind == RP_PRODUCT ? a->count != 2 : !above) return false;
    if (above && d->kind == RP_POWER) d = d->kids[0];
    if (d->kind != RP_SYMBOL || !(rp_str_is(d->name, "d") || rp_str_is(d->name, "partial"))) return false;
    return above || a->kids[1]->kind == RP_SYMBOL ||
           (a->kids[1]->kind == RP_POWER && a->kids[1]->kids[0]->kind == RP_SYMBOL);
}

static const rp_node *parse_frac(rp_parser *p) {
    const bool binomial = p->tokens[p->at++].kind == T_BINOM;
    const rp_parse_context saved = rp_parse_enter(p);
    const rp_node *above = rp_parse_argument(p);
    const rp_node *below = p->failed ? above : rp_parse_argument(p);
    rp_parse_leave(p, saved);
    if (p->failed) return below;
    if (!binomial && is_differential(above, true) && is_differential(below, false))
        return rp_tree_function2(p->work, RP_FN_DERIVATIVE, above, below);
    return binomial ? rp_tree_function2(p->work, RP_FN_BINOMIAL, above, below) : rp_make_quotient(p->work, above, below);
}

static const rp_node *parse_sqrt(rp_parser *p) {
    const bool command = (p->tokens[p->at++].flags & TF_COMMAND) != 0;
    const rp_node *degree = NULL;
    const rp_parse_context saved = rp_parse_enter(p);
    if (command && rp_take_op(p, T_OPEN, '[')) {
        degree = rp_parse_sum(p);
        if (!p->failed && !rp_take_op(p, T_CLOSE, ']')) degree = rp_parse_fail(p, RP_REASON_SYNTAX);
    }
    const rp_node *inner = p->failed ? degree : rp_parse_primary(p);
    rp_parse_leave(p, saved);
    if (p->failed) return inner;
    return rp_tree_function2(p->work, RP_FN_ROOT, inner, degree ? degree : rp_tree_int(p->work, 2));
}

/* ---- Primaries --------------------------------------------------------------------------------------------------- */

static const rp_node *parse_primary(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    switch ((rp_token_kind)t->kind) {
    case T_NUMBER:
        return rp_parse_number(p);
    case T_LETTER:
        return rp_parse_letter(p);
    case T_WORD:
        return rp_parse_word(p);
    case T_FUNCTION:
        return rp_parse_function(p);
    case T_CONSTANT:
        p->at++;
        return rp_tree_constant(p->work, (rp_constant)t->op);
    case T_OPEN:
        return rp_parse_brackets(p);
    case T_CLOSE:
        return t->op == ']' ? (p->at++, parse_tuple(p, ']')) : rp_parse_fail(p, RP_REASON_SYNTAX);
    case T_BAR:
        return parse_bars(p);
    case T_FRAC:
    case T_BINOM:
        return parse_frac(p);
    case T_SQRT:
        return parse_sqrt(p);
    case T_BIG:
        return rp_parse_big(p);
    case T_BEGIN:
        return rp_parse_environment(p);
    case T_ACCENT:
        return rp_parse_accent(p);
    case T_PREFIX:
        return rp_parse_prefix(p);
    case T_EMPTY_SET:
        p->at++;
        return rp_tree_make(p->work, RP_SET, 0, 0, (rp_str){NULL, 0}, NULL, 0);
    case T_NAMED_SET:
        return rp_parse_named_set(p);
    case T_DOTS:
        p->at++;
        return rp_tree_symbol(p->work, rp_str_of("..."), 0);
    case T_CURRENCY:
        p->currency = t->text;
        p->at++;
        return rp_parse_primary(p);
    default:
        return rp_parse_fail(p, RP_REASON_SYNTAX);
    }
}

const rp_node *rp_parse_primary(rp_parser *p) {
    if (p->work->failed || p->failed) return rp_parse_fail(p, p->work->failure);
    if (++p->depth > RP_LIMIT_DEPTH) {
        rp_work_fail(p->work, RP_REASON_DEPTH);
        return rp_parse_fail(p, RP_REASON_DEPTH);
    }
    const rp_node *node = parse_primary(p);
    p->depth--;
    if (p->work->failed) return rp_parse_fail(p, p->work->failure);
    return node;
}
