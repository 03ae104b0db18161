/* SPDX-License-Identifier: MIT
 *
 * rephrase.h — private to this layer: solutions restated by the policy.
 */
#ifndef REPHRASE_LEARN_REPHRASE_H
#define REPHRASE_LEARN_REPHRASE_H

#include "gate.h"

typedef struct rp_candidate { /* one text that may go in for one question */
    size_t question;
    rp_row row; /* behind the plain prompt; without tokens where it was rejected before it became a row */
    rp_rephrase_outcome outcome;
} rp_candidate;
typedef struct rp_candidates { /* question by question */
    rp_candidate *list;
    size_t count;
} rp_candidates;
/* Samples gate->rephrases rephrasings of every question asked, or with gate->raw takes its solution, and judges each by itself:
 * filters, and with gate->verify its reward. */
rp_status rp_make_candidates(rp_trainer *trainer, const rp_gate *gate, const rp_groups *groups, const rp_questions *asked,
                             rp_candidates *out, rp_metrics *metrics) RP_MUST_CHECK;
/* The one tally: each rephrasing that was sampled passed or was rejected, for one reason. */
void rp_count_candidates(const rp_candidates *candidates, rp_metrics *metrics);
/* Demonstrations in the policy's own words: the row of each question (its solution) becomes a verified rephrasing; where that
 * fails the row keeps the solution and carries no loss. */
rp_status rp_rephrase_demonstrations(rp_trainer *trainer, rp_groups *groups, rp_metrics *metrics) RP_MUST_CHECK;

#endif
