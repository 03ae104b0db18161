/* SPDX-License-Identifier: MIT
 *
 * knowledge.c — the prompt P(q, k) under which readings B and C of RePO take log-probabilities (src/algorithms/repo.c).
 */
#include "knowledge.h"

/* A copy of the row behind the rephrase prompt of its question. */
static rp_status behind_knowledge(rp_trainer *t, const rp_problem *problem, const rp_row *row, rp_row *out) {
    rp_encoding prompt;
    rp_row moved;
    RP_TRY(rp_policy_prompt(t->policy, t->rows, problem->question, &problem->solution, &prompt));
    RP_TRY(rp_row_create(t->rows, prompt.ids, prompt.length, row->ids + row->prompt_length, rp_row_tokens(row), &moved));
    *out = *row;
    out->ids = moved.ids;
    out->prompt_length = moved.prompt_length;
    out->length = moved.length;
    return RP_OK;
}

rp_status rp_condition_on_knowledge(rp_trainer *t, rp_groups *groups) {
    const rp_conditioning conditioning = t->plan.gate.conditioning;
    if (!t->plan.gate.wanted || conditioning == RP_UNDER_QUESTION) return RP_OK;
    const rp_scoring how = rp_trainer_scoring(t, t->policy->model);
    for (size_t i = 0; i < groups->count * groups->size; i++) {
        rp_row *row = &groups->rows[i], known;
        if (row->source == RP_SOURCE_POLICY) continue;
        RP_TRY(behind_knowledge(t, &groups->problems[row->group], row, &known));
        if (conditioning == RP_UNDER_KNOWLEDGE) { /* the update itself happens under P(q, k) */
            *row = known;
            continue;
        }
        row->logp_behavior = rp_alloc(t->rows, real, rp_row_tokens(row));
        RP_TRY_ALLOC(row->logp_behavior);
        RP_TRY(rp_rows_logp(&how, &known, 1, (rp_row_values){.logp = row->logp_behavior}));
    }
    return RP_OK;
}
