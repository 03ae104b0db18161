/* SPDX-License-Identifier: MIT
 *
 * matrix.c — sums, products, determinants of matrices whose entries are expressions.
 */
#include "algebra/simplify.h"

static size_t columns_of(const rp_node *m) {
    return (size_t)m->op;
}
static size_t rows_of(const rp_node *m) {
    return m->count / columns_of(m);
}

bool rp_has_matrix(const rp_node *const *kids, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (kids[i]->kind == RP_MATRIX) return true;
    return false;
}

static const rp_node *build(rp_work *work, const rp_nodes *cells, size_t columns) {
    return rp_tree_make(work, RP_MATRIX, (int)columns, 0, (rp_str){NULL, 0}, cells->items, cells->count);
}

const rp_node *rp_matrix_sum(rp_work *work, const rp_node *const *terms, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (terms[i]->kind != RP_MATRIX || terms[i]->op != terms[0]->op || terms[i]->count != terms[0]->count)
            return &RP_NODE_NONE;
    rp_nodes cells = {0};
    for (uint32_t k = 0; k < terms[0]->count; k++) {
        rp_nodes column = {0};
        for (size_t i = 0; i < count; i++)
            if (!rp_nodes_push(work, &column, terms[i]->kids[k])) return &RP_NODE_NONE;
        if (!rp_nodes_push(work, &cells, rp_expr_sum(work, column.items, count))) return &RP_NODE_NONE;
    }
    return build(work, &cells, columns_of(terms[0]));
}

static const rp_node *scaled(rp_work *work, const rp_node *factor, const rp_node *m) {
    rp_nodes cells = {0};
    for (uint32_t k = 0; k < m->count; k++)
        if (!rp_nodes_push(work, &cells, rp_expr_multiply(work, factor, m->kids[k]))) return &RP_NODE_NONE;
    return build(work, &cells, columns_of(m));
}

static const rp_node *times(rp_work *work, const rp_node *a, const rp_node *b) {
    const size_t inner = columns_of(a), rows = rows_of(a), columns = columns_of(b);
    if (inner != rows_of(b)) return &RP_NODE_NONE;
    rp_nodes cells = {0};
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            rp_nodes terms = {0};
            for (size_t k = 0; k < inner; k++) {
                const rp_node *term = rp_expr_multiply(work, a->kids[i * inner + k], b->kids[k * columns + j]);
                if (!rp_nodes_push(work, &terms, term)) return &RP_NODE_NONE;
            }
            if (!rp_nodes_push(work, &cells, rp_expr_sum(work, terms.items, terms.count))) return &RP_NODE_NONE;
        }
    return build(work, &cells, columns);
}

/* Matrices multiply in the order written; scalars commute. */
const rp_node *rp_matrix_product(rp_work *work, const rp_node *const *factors, size_t count) {
    const rp_node *matrix = NULL;
    rp_nodes scalars = {0};
    for (size_t i = 0; i < count; i++) {
        if (factors[i]->kind == RP_UNDEFINED) return &RP_NODE_NONE;
        if (factors[i]->kind != RP_MATRIX) {
            if (!rp_nodes_push(work, &scalars, factors[i])) return &RP_NODE_NONE;
        } else {
            matrix = matrix ? times(work, matrix, factors[i]) : factors[i];
            if (matrix->kind != RP_MATRIX) return &RP_NODE_NONE;
        }
    }
    return scalars.count ? scaled(work, rp_expr_product(work, scalars.items, scalars.count), matrix) : matrix;
}

const rp_node *rp_transpose(rp_work *work, const rp_node *m) {
    if (m->kind != RP_MATRIX) return rp_tree_function1(work, RP_FN_TRANSPOSE, m);
    rp_nodes cells = {0};
    for (size_t j = 0; j < columns_of(m); j++)
        for (size_t i = 0; i < rows_of(m); i++)
            if (!rp_nodes_push(work, &cells, m->kids[i * columns_of(m) + j])) return &RP_NODE_NONE;
    return build(work, &cells, rows_of(m));
}

/* Expansion along the first row; `used` marks the columns taken. n <= 6 keeps this below 720 products. */
static const rp_node *expand(rp_work *work, const rp_node *m, size_t row, unsigned used) {
    const size_t n = columns_of(m);
    if (row == n) return rp_tree_int(work, 1);
    rp_nodes terms = {0};
    int sign = 1;
    for (size_t j = 0; j < n; j++) {
        if (used & 1u << j) continue;
        const rp_node *minor = expand(work, m, row + 1, used | 1u << j);
        const rp_node *term = rp_expr_scale(work, rp_q_int(sign), rp_expr_multiply(work, m->kids[row * n + j], minor));
        if (!rp_nodes_push(work, &terms, term)) return &RP_NODE_NONE;
        sign = -sign;
    }
    return rp_expr_sum(work, terms.items, terms.count);
}

const rp_node *rp_determinant(rp_work *work, const rp_node *m) {
    enum { LARGEST = 6 };
    if (m->kind != RP_MATRIX) return rp_tree_function1(work, RP_FN_DET, m);
    if (columns_of(m) != rows_of(m)) return &RP_NODE_NONE;
    if (columns_of(m) > LARGEST) {
        rp_work_fail(work, RP_REASON_STEPS);
        return &RP_NODE_NONE;
    }
    return expand(work, m, 0, 0);
}
