/* SPDX-License-Identifier: MIT
 *
 * explain.h — the steps of a decision as lines of text, for `rephrase verify --explain`. Nobody listens in training, so every
 * call first asks whether somebody does. Explaining never changes a verdict and pays no steps.
 */
#ifndef REPHRASE_VERIFY_EXPLAIN_H
#define REPHRASE_VERIFY_EXPLAIN_H

#include "algebra/tree.h"

/* One step, indented by the comparison it belongs to. The arguments are evaluated only when somebody listens. */
#define rp_explain(work, ...) ((work)->explain ? rp_explain_step((work), __VA_ARGS__) : (void)0)
void rp_explain_step(rp_work *work, const char *format, ...) RP_PRINTF(2, 3);
/* One step about one tree or two: "what: a" or "what: a  against  b". */
void rp_explain_trees(rp_work *work, const char *what, const rp_node *a, const rp_node *b);
/* A heading and what was read: the text, the tree line by line, the canonical form (NULL: it has none). */
void rp_explain_reading(rp_work *work, const char *who, rp_str source, const rp_node *tree, const rp_node *canonical);

#endif
