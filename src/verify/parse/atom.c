/* SPDX-License-Identifier: MIT
 *
 * atom.c — what an expression is made of: letters, brackets of all kinds, fractions, roots, matrices.
 *
 * One question cannot be settled here: (1, 2) is a point or an interval. The tree keeps the brackets as written and the
 * comparison asks for the reading it needs. French ]0, 1[ is read as (0, 1).
 */
#include "parse/parse.h"

#include <string.h>

/* ---- Symbols ----------------------------------------------------------------------------------------------------- */

static rp_str join(rp_parser *p, rp_str a, const char *middle, rp_str b) {
    rp_buffer out = rp_buffer_in(p->work->arena);
    rp_buffer_append(&out, a.data, a.length);
    rp_buffer_text(&out, middle);
    rp_buffer_append(&out, b.data, b.length);
    if (out.failed) rp_work_fail(p->work, RP_REASON_STEPS);
    return (rp_str){out.data ? out.data : "", out.length};
}

/* The subscript as text, without braces and spaces: x_{1, 2} is x_1,2. */
static rp_str take_subscript(rp_parser *p) {
    rp_str name = {"", 0};
    if (!rp_take_op(p, T_OPEN, '{')) {
        if (rp_next_is(p, T_END) || rp_next_is(p, T_CLOSE)) {
            (void)rp_parse_fail(p, RP_REASON_SYNTAX);
            return name;
        }
        return p->tokens[p->at++].text;
    }
    for (int depth = 1; depth > 0;) {
        if (rp_next_is(p, T_END)) {
            (void)rp_parse_fail(p, RP_REASON_SYNTAX);
            return name;
        }
        if (rp_next_is_op(p, T_OPEN, '{')) depth++;
        if (rp_next_is_op(p, T_CLOSE, '}')) depth--;
        if (depth) name = join(p, name, "", p->tokens[p->at].text);
        p->at++;
    }
    return name;
}

const rp_node *rp_parse_decorations(rp_parser *p, const rp_node *symbol) {
    rp_str name = symbol->name;
    for (;;) {
        if (rp_take(p, T_UNDERSCORE)) {
            const rp_str subscript = take_subscript(p);
            if (p->failed) return &RP_NODE_NONE;
            name = join(p, name, "_", subscript);
        } else if (rp_next_is(p, T_PRIME) && !(rp_peek(p)->flags & TF_SPACE)) {
            p->at++;
            name = join(p, name, "'", (rp_str){"", 0});
        } else {
            break;
        }
    }
    return name.length == symbol->name.length ? symbol : rp_tree_symbol(p->work, name, symbol->flags);
}

/* f(x), g(2, y), f^{-1}(x) */
static const rp_node *parse_call(rp_parser *p, rp_str name) {
    rp_nodes arguments = {0};
    p->at++; /* the opening bracket */
    do {
        const rp_node *argument = rp_parse_sum(p);
        if (p->failed || !rp_nodes_push(p->work, &arguments, argument)) return &RP_NODE_NONE;
    } while (rp_take(p, T_COMMA));
    if (!rp_take_op(p, T_CLOSE, ')')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_tree_make(p->work, RP_APPLY, 0, 0, name, arguments.items, arguments.count);
}

static bool is_function_letter(rp_str name) {
    return name.length >= 1 && strchr("fghFGH", name.data[0]) &&
           (name.length == 1 || name.data[1] == '_' || name.data[1] == '\'');
}

static bool takes_inverse(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    const bool inverse = t[0].kind == T_CARET && t[1].kind == T_OPEN && t[2].kind == T_MINUS &&
                         rp_token_is_text(&t[3], "1") && t[4].kind == T_CLOSE && t[5].kind == T_OPEN && t[5].op == '(';
    if (inverse) p->at += 5;
    return inverse;
}

/* C(10,3) with two numbers is a binomial coefficient. */
static bool is_typed_combination(const rp_token *t) {
    return rp_token_is_text(t, "C") && t[1].kind == T_OPEN && t[1].op == '(' && rp_token_is_integer(&t[2]) &&
           t[3].kind == T_COMMA && rp_token_is_integer(&t[4]) && t[5].kind == T_CLOSE && t[5].op == ')';
}

static const rp_node *parse_letter(rp_parser *p) {
    const rp_token *t = &p->tokens[p->at++];
    if (rp_token_is_text(t, "e") && !rp_next_is(p, T_UNDERSCORE)) return rp_tree_constant(p->work, RP_E);
    const rp_node *symbol = rp_tree_symbol(p->work, t->text, t->kind == T_WORD ? RP_FLAG_WORD : 0);
    const rp_token *next = rp_peek(p);
    if (rp_token_is_integer(next) && !(next->flags & TF_SPACE) && !(t->flags & TF_COMMAND) && t->text.length == 1) {
        symbol = rp_tree_symbol(p->work, join(p, t->text, "_", next->text), 0); /* x2 in plain text is x_2 */
        p->at++;
    }
    if (is_typed_combination(t)) {
        const rp_node *n = (p->at++, rp_parse_number(p)), *k = (p->at++, rp_parse_number(p));
        p->at++;
        return rp_tree_function2(p->work, RP_FN_BINOMIAL, n, k);
    }
    symbol = rp_parse_decorations(p, symbol);
    if (p->failed || !is_function_letter(symbol->name)) return symbol;
    if (takes_inverse(p)) return parse_call(p, join(p, symbol->name, "^-1", (rp_str){"", 0}));
    if (rp_next_is_op(p, T_OPEN, '(')) return parse_call(p, symbol->name);
    return symbol;
}

/* \overline{AB}, \vec{a}, \hat x: the accent is part of the name. */
static const rp_node *parse_accent(rp_parser *p) {
    const rp_str accent = p->tokens[p->at++].text;
    const size_t begin = p->at;
    const rp_node *inner = rp_parse_argument(p);
    if (p->failed) return inner;
    if (inner->kind == RP_SUM && rp_tree_has_symbol(inner, rp_str_of("i")) && rp_str_is(accent, "overline"))
        return rp_tree_function1(p->work, RP_FN_CONJUGATE, inner); /* \overline{1+2i} */
    rp_str text = {"", 0};
    for (size_t i = begin; i < p->at; i++)
        if (p->tokens[i].kind != T_OPEN && p->tokens[i].kind != T_CLOSE) text = join(p, text, "", p->tokens[i].text);
    return rp_parse_decorations(p, rp_tree_symbol(p->work, join(p, accent, " ", text), RP_FLAG_WORD));
}

/* \angle ABC, \triangle ABC */
static const rp_node *parse_prefix(rp_parser *p) {
    const rp_str prefix = p->tokens[p->at++].text;
    rp_str text = {"", 0};
    while (rp_next_is(p, T_LETTER) || rp_next_is(p, T_WORD)) {
        if (rp_peek(p)->flags & TF_TEXT) break;
        text = join(p, text, "", p->tokens[p->at++].text);
    }
    if (text.length == 0) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_parse_decorations(p, rp_tree_symbol(p->work, join(p, prefix, " ", text), RP_FLAG_WORD));
}

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

/* The state that brackets reset: bars, commas, rows, "dx". */
typedef struct context {
    int bars;
    bool group_commas, no_bar, no_colon, in_grid;
    rp_str integral;
} context;

static context enter(rp_parser *p) {
    const context saved = {p->bars, p->group_commas, p->no_bar, p->no_colon, p->in_grid, p->integral};
    p->no_base = false;
    p->bars = 0;
    p->no_bar = p->no_colon = p->in_grid = false;
    p->integral = (rp_str){NULL, 0};
    return saved;
}

static void leave(rp_parser *p, context saved) {
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
    const context saved = enter(p);
    p->group_commas = p->group_commas && commas_group_inside(p);
    const bool ok = parse_bracket_items(p, &items);
    leave(p, saved);
    if (!ok) return &RP_NODE_NONE;
    const rp_token *t = rp_peek(p);
    const bool closes =
        t->kind == T_CLOSE ? strchr(open == '<' ? ">" : ")]", t->op) != NULL : (t->kind == T_OPEN && t->op == '[');
    if (!closes || items.count == 0) return rp_parse_fail(p, RP_REASON_SYNTAX);
    int close = t->kind == T_OPEN ? ')' : t->op; /* ]0, 1[ */
    p->at++;
    if (open == ']') open = '(';
    if (items.count == 1 && ((open == '(' && close == ')') || (open == '[' && close == ']'))) return items.items[0];
    if (items.count == 1) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_make_list(p->work, RP_TUPLE, open, (unsigned)close, &items);
}

/* \{ a, b \} and \{ x | x > 0 \} */
static const rp_node *parse_set(rp_parser *p) {
    rp_nodes items = {0};
    const context saved = enter(p);
    p->group_commas = p->group_commas && commas_group_inside(p);
    p->no_bar = p->no_colon = true;
    bool ok = parse_bracket_items(p, &items);
    const bool builder = ok && items.count == 1 && (rp_take(p, T_BAR) || rp_take(p, T_COLON));
    p->no_bar = p->no_colon = false;
    if (builder) ok = parse_bracket_items(p, &items);
    leave(p, saved);
    if (!ok) return &RP_NODE_NONE;
    if (!rp_take_op(p, T_CLOSE, 'S')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_make_list(p->work, builder ? RP_BUILDER : RP_SET, 0, 0, &items);
}

/* { … }: grouping; with commas inside a list. */
static const rp_node *parse_group(rp_parser *p) {
    const context saved = enter(p);
    const rp_node *inner = rp_parse_items(p);
    leave(p, saved);
    if (p->failed) return inner;
    if (rp_next_is(p, T_UNKNOWN) && rp_token_is_text(rp_peek(p), ".") && p->tokens[p->at + 1].kind == T_CLOSE)
        p->at++; /* {42.} */
    if (!rp_take_op(p, T_CLOSE, '}')) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return inner;
}

static const rp_node *parse_enclosed(rp_parser *p, int close, rp_function fn) {
    const context saved = enter(p);
    const rp_node *inner = rp_parse_sum(p);
    leave(p, saved);
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
    if (rp_next_is_op(p, T_OPEN, '{') || rp_next_is(p, T_LETTER) || rp_next_is(p, T_CONSTANT) || rp_next_is(p, T_NUMBER) ||
        rp_next_is(p, T_SQRT) || rp_next_is(p, T_FRAC) || rp_next_is(p, T_WORD) || rp_next_is(p, T_ACCENT))
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
    const context saved = enter(p);
    const rp_node *above = rp_parse_argument(p);
    const rp_node *below = p->failed ? above : rp_parse_argument(p);
    leave(p, saved);
    if (p->failed) return below;
    if (!binomial && is_differential(above, true) && is_differential(below, false))
        return rp_tree_function2(p->work, RP_FN_DERIVATIVE, above, below);
    return binomial ? rp_tree_function2(p->work, RP_FN_BINOMIAL, above, below) : rp_make_quotient(p->work, above, below);
}

static const rp_node *parse_sqrt(rp_parser *p) {
    const bool command = (p->tokens[p->at++].flags & TF_COMMAND) != 0;
    const rp_node *degree = NULL;
    const context saved = enter(p);
    if (command && rp_take_op(p, T_OPEN, '[')) {
        degree = rp_parse_sum(p);
        if (!p->failed && !rp_take_op(p, T_CLOSE, ']')) degree = rp_parse_fail(p, RP_REASON_SYNTAX);
    }
    const rp_node *inner = p->failed ? degree : rp_parse_primary(p);
    leave(p, saved);
    if (p->failed) return inner;
    return rp_tree_function2(p->work, RP_FN_ROOT, inner, degree ? degree : rp_tree_int(p->work, 2));
}

/* ---- Matrices ---------------------------------------------------------------------------------------------------- */

typedef struct grid {
    rp_nodes cells;
    size_t columns, in_row;
    bool ragged;
} grid;

static bool end_row(grid *g) {
    if (g->in_row == 0) return true;
    if (g->columns == 0) g->columns = g->in_row;
    g->ragged = g->ragged || g->columns != g->in_row;
    g->in_row = 0;
    return true;
}

static bool parse_grid(rp_parser *p, grid *g) {
    for (;;) {
        if (rp_next_is(p, T_FINISH)) return end_row(g);
        if (rp_take(p, T_ROW)) {
            (void)end_row(g);
            continue;
        }
        if (rp_take(p, T_AMPERSAND)) continue;
        const rp_node *cell = rp_parse_items(p);
        if (p->failed || !rp_nodes_push(p->work, &g->cells, cell)) return false;
        if (g->cells.count > 4 * RP_LIMIT_ITEMS) return rp_work_fail(p->work, RP_REASON_NODES);
        g->in_row++;
    }
}

const rp_node *rp_parse_environment(rp_parser *p) {
    const rp_environment which = (rp_environment)p->tokens[p->at].op;
    if (which == RP_ENV_UNKNOWN) return rp_parse_fail(p, RP_REASON_UNSUPPORTED);
    p->at++;
    const context saved = enter(p);
    p->in_grid = true;
    grid g = {0};
    const bool ok = parse_grid(p, &g);
    leave(p, saved);
    if (!ok) return &RP_NODE_NONE;
    if (p->tokens[p->at].op != (int)which || g.cells.count == 0) return rp_parse_fail(p, RP_REASON_SYNTAX);
    p->at++;
    if (which == RP_ENV_CASES || which == RP_ENV_ALIGN)
        return g.cells.count == 1 ? g.cells.items[0] : rp_make_list(p->work, RP_LIST, RP_JOIN_AND, 0, &g.cells);
    if (g.ragged) return rp_parse_fail(p, RP_REASON_SYNTAX);
    const rp_node *matrix = rp_make_list(p->work, RP_MATRIX, (int)g.columns, 0, &g.cells);
    return which == RP_ENV_DETERMINANT ? rp_tree_function1(p->work, RP_FN_DET, matrix) : matrix;
}

/* ---- Primaries --------------------------------------------------------------------------------------------------- */

/* FF_{16}: letters alone are digits only in front of this base; A_{12} is a variable. */
static bool is_hexadecimal(const rp_token *t) {
    for (size_t i = 0; i < t->text.length; i++)
        if (t->text.data[i] < 'A' || t->text.data[i] > 'F') return false;
    return !(t->flags & TF_TEXT) && t[1].kind == T_UNDERSCORE && t[2].kind == T_OPEN && t[2].op == '{' &&
           rp_token_is_text(&t[3], "16") && t[4].kind == T_CLOSE;
}

static const rp_node *parse_word(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    const rp_command *known = rp_word_find(t->text);
    if ((t->flags & TF_TEXT) && known && known->token == T_FUNCTION && (t[1].kind == T_OPEN || t[1].kind == T_NUMBER)) {
        rp_token *changed = &p->tokens[p->at];
        changed->kind = T_FUNCTION;
        changed->op = known->op;
        return rp_parse_function(p);
    }
    if (is_hexadecimal(t)) return rp_parse_number(p);
    bool capitals = true;
    for (size_t i = 0; i < t->text.length; i++) capitals = capitals && t->text.data[i] >= 'A' && t->text.data[i] <= 'Z';
    const rp_token_kind next = (rp_token_kind)t[1].kind;
    if (capitals || next == T_UNDERSCORE || next == T_RELATION || next == T_END || next == T_COMMA || next == T_CLOSE ||
        next == T_AND)
        return parse_letter(p);
    return rp_parse_fail(p, RP_REASON_SYNTAX);
}

static const rp_node *parse_primary(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    switch ((rp_token_kind)t->kind) {
    case T_NUMBER:
        return rp_parse_number(p);
    case T_LETTER:
        return parse_letter(p);
    case T_WORD:
        return parse_word(p);
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
        return parse_accent(p);
    case T_PREFIX:
        return parse_prefix(p);
    case T_EMPTY_SET:
        p->at++;
        return rp_tree_make(p->work, RP_SET, 0, 0, (rp_str){NULL, 0}, NULL, 0);
    case T_NAMED_SET:
        p->at++;
        return rp_tree_make(p->work, RP_NAMED_SET, t->op, 0, (rp_str){NULL, 0}, NULL, 0);
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
