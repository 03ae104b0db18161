/* SPDX-License-Identifier: MIT
 *
 * tree.h — expression trees of the micro-world: one tree, four ways to look at it.
 *
 * A problem of the micro-world is a question and an expression tree over + - * /. The tree is stored in post-order, so that
 * the children of a node come before it, the root is the last node, and a pupil's worked solution ("own style") is one pass
 * over the array. A tree is valid for a limit N when every leaf and every intermediate value is an integer in 0..N, which
 * makes every division exact.
 *
 * A plan is the text of a tree, such as "(a+b)/3": integers, slots a-z whose values are drawn for each problem, and N.
 */
#ifndef REPHRASE_TASKS_TREE_H
#define REPHRASE_TASKS_TREE_H

#include <rephrase/base.h>

enum { TREE_MAX_NODES = 32, TREE_SLOTS = 26, TREE_MAX_OPERATIONS = 8 };

typedef struct tree_node {
    char op;         /* '+' '-' '*' '/'; 0 = a leaf */
    char slot;       /* a leaf's letter, 'N' for the limit, 0 for a constant */
    int left, right; /* indices of the children, smaller than the node's own */
    int64_t value;   /* a constant's, and every node's after rp_tree_evaluate */
} tree_node;

typedef struct tree {
    int count;
    tree_node node[TREE_MAX_NODES];
} tree;

/* Parses the plan that starts at text and ends at a space, "..", or the end; returns where it ended. A mistake in a plan is
 * a mistake in a table of the program and aborts. */
const char *rp_tree_parse(const char *text, tree *t);
/* Computes all values. false when some value is not an integer in 0..limit. */
bool rp_tree_evaluate(tree *t, const int64_t slot[TREE_SLOTS], int64_t limit);
/* The value of the root with divisions rounded down and no limit on values: for the bounds of a slot ("N/2"). */
int64_t rp_tree_floor(tree *t, const int64_t slot[TREE_SLOTS], int64_t limit);
int64_t rp_tree_value(const tree *t);

/* A random valid tree of exactly `operations` operations; leaves are 1..9 in 60 % of the cases, else 10..limit. */
void rp_tree_random(tree *t, int operations, int64_t limit, rp_rng *rng);

/* 10 + 34 + (7 + 3) */
void rp_tree_infix(const tree *t, rp_buffer *out);
/* Own style: "Step 1: 12 + 69 = 81\nStep 2: 81 / 3 = 27\n#### 27". */
void rp_tree_own(const tree *t, rp_buffer *out);
/* Expert style, LaTeX. Terse: $\frac{12+69}{3}=\boxed{27}$. Chain: each = evaluates every node whose children are numbers,
 * $\frac{12+69}{3}=\frac{81}{3}=\boxed{27}$. */
void rp_tree_expert(const tree *t, bool chain, rp_buffer *out);

#endif
