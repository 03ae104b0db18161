/* SPDX-License-Identifier: MIT
 *
 * grid.c — what is written in rows: matrices, systems, functions by cases.
 */
#include "parse/parse.h"

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

/* "x^2, & x < 0" */
static void skip_commas(rp_parser *p) {
    while (rp_take(p, T_COMMA) || rp_take(p, T_SEMICOLON)) {
    }
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
        skip_commas(p);
        if (p->failed || !rp_nodes_push(p->work, &g->cells, cell)) return false;
        if (g->cells.count > 4 * RP_LIMIT_ITEMS) return rp_work_fail(p->work, RP_REASON_NODES);
        g->in_row++;
    }
}

/* ---- Functions by cases ------------------------------------------------------------------------------------------ */

static bool ends_row(const rp_parser *p) {
    return rp_next_is(p, T_ROW) || rp_next_is(p, T_FINISH);
}

/* The second cell: "x < 0", "if n is even", "otherwise". NULL when there is none. */
static const rp_node *parse_case(rp_parser *p) {
    rp_nodes conditions = {0};
    while (rp_take(p, T_AMPERSAND)) {
    }
    if (ends_row(p)) return NULL;
    if (rp_is_otherwise(rp_peek(p)) || (rp_starts_condition(rp_peek(p)) && rp_is_otherwise(rp_peek(p) + 1))) {
        while (!ends_row(p) && rp_next_is(p, T_WORD)) p->at++;
        return rp_make_otherwise(p->work);
    }
    do {
        if (!rp_parse_condition(p, &conditions)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    } while (rp_take(p, T_COMMA) && !ends_row(p));
    if (rp_next_is(p, T_UNKNOWN) && rp_token_is_text(rp_peek(p), ".")) p->at++;
    if (conditions.count == 0) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return conditions.count == 1 ? conditions.items[0] : rp_make_list(p->work, RP_LIST, RP_JOIN_AND, 0, &conditions);
}

/* "x^2 \text{ if } x < 0" in one cell: the value and its condition. */
static const rp_node *split_condition(rp_parser *p, const rp_node **value) {
    const rp_node *where = *value;
    if (where->kind != RP_WHERE) return NULL;
    *value = where->kids[0];
    if (where->count == 2) return where->kids[1];
    return rp_tree_make(p->work, RP_LIST, RP_JOIN_AND, 0, (rp_str){NULL, 0}, where->kids + 1, where->count - 1);
}

/* Rows of a value and its condition are a function by cases, rows of statements a system. */
static const rp_node *parse_cases(rp_parser *p) {
    rp_nodes rows = {0}, cases = {0};
    size_t with_condition = 0;
    while (!rp_next_is(p, T_FINISH)) {
        if (rp_take(p, T_ROW) || rp_take(p, T_BREAK)) continue;
        const rp_node *value = rp_parse_items(p);
        if (p->failed) return value;
        skip_commas(p);
        const rp_node *condition = split_condition(p, &value);
        if (!condition) condition = parse_case(p);
        if (p->failed || !ends_row(p)) return rp_parse_fail(p, RP_REASON_SYNTAX);
        with_condition += condition != NULL;
        if (!rp_nodes_push(p->work, &rows, value) || !rp_nodes_push(p->work, &cases, value) ||
            !rp_nodes_push(p->work, &cases, condition ? condition : value))
            return &RP_NODE_NONE;
        if (rows.count > RP_LIMIT_ITEMS) return rp_work_fail(p->work, RP_REASON_NODES), &RP_NODE_NONE;
    }
    if (rows.count == 0 || (with_condition && with_condition != rows.count)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    if (with_condition) return rp_make_list(p->work, RP_CASES, 0, 0, &cases);
    return rows.count == 1 ? rows.items[0] : rp_make_list(p->work, RP_LIST, RP_JOIN_AND, 0, &rows);
}

/* \begin{array}{l} x = 1 \\ y = 2 \end{array}: relations make no matrix. */
static const rp_node *system_of(rp_parser *p, const grid *g) {
    for (size_t i = 0; i < g->cells.count; i++)
        if (g->cells.items[i]->kind != RP_RELATION) return NULL;
    return g->columns == 1 ? rp_make_list(p->work, RP_LIST, RP_JOIN_AND, 0, &g->cells) : NULL;
}

const rp_node *rp_parse_environment(rp_parser *p) {
    const rp_environment which = (rp_environment)p->tokens[p->at].op;
    if (which == RP_ENV_UNKNOWN) return rp_parse_fail(p, RP_REASON_UNSUPPORTED);
    p->at++;
    const rp_parse_context saved = rp_parse_enter(p);
    p->in_grid = true;
    grid g = {0};
    const rp_node *cases = which == RP_ENV_CASES ? parse_cases(p) : NULL;
    const bool ok = cases ? rp_nodes_push(p->work, &g.cells, cases) : parse_grid(p, &g);
    rp_parse_leave(p, saved);
    if (!ok || p->failed) return &RP_NODE_NONE;
    if (p->tokens[p->at].op != (int)which || g.cells.count == 0) return rp_parse_fail(p, RP_REASON_SYNTAX);
    p->at++;
    if (which == RP_ENV_CASES || which == RP_ENV_ALIGN)
        return g.cells.count == 1 ? g.cells.items[0] : rp_make_list(p->work, RP_LIST, RP_JOIN_AND, 0, &g.cells);
    const rp_node *system = system_of(p, &g);
    if (system) return system;
    if (g.ragged) return rp_parse_fail(p, RP_REASON_SYNTAX);
    const rp_node *matrix = rp_make_list(p->work, RP_MATRIX, (int)g.columns, 0, &g.cells);
    return which == RP_ENV_DETERMINANT ? rp_tree_function1(p->work, RP_FN_DET, matrix) : matrix;
}
