/* SPDX-License-Identifier: MIT
 *
 * demonstrate.c — rows that are written, not sampled: the solution itself, or a beginning of it that the policy continues.
 */
#include "demonstrate.h"

#include <string.h>

static rp_status need_solution(const rp_trainer *t, const rp_problem *problem) {
    if (problem->solution.length) return RP_OK;
    return rp_fail(RP_ERR_FORMAT, "problem %.*s has no solution, and %s learns from solutions", (int)problem->id.length,
                   problem->id.data, t->algorithm->name);
}

rp_status rp_expert_row(rp_trainer *t, const rp_problem *problem, uint32_t group, rp_row *row) {
    rp_encoding prompt, response;
    RP_TRY(need_solution(t, problem));
    RP_TRY(rp_policy_prompt(t->policy, t->rows, problem->question, NULL, &prompt));
    RP_TRY(rp_policy_response(t->policy, t->rows, problem->solution, &response));
    RP_TRY(rp_row_create(t->rows, prompt.ids, prompt.length, response.ids, response.length, row));
    row->group = group;
    row->source = RP_SOURCE_EXPERT;
    row->stopped = true;
    row->text = problem->solution;
    row->reward = rp_reward_of(t->recipe, t->rows, problem, row->text, response.length, true);
    return RP_OK;
}

/* The policy continues behind the question and the first `share` of the solution's tokens. */
rp_status rp_hybrid_rows(rp_trainer *t, const rp_problem *problems, size_t count, rp_row *rows, rp_metrics *metrics) {
    const double share = rp_trainer_setting(t, "prefix_share");
    rp_generate_request *requests = rp_alloc_zero(t->rows, rp_generate_request, count);
    rp_generate_result *results = rp_alloc_zero(t->rows, rp_generate_result, count);
    if (!requests || !results) return RP_ERR_MEMORY;
    double copied = 0;
    for (size_t q = 0; q < count; q++) {
        rp_row whole; /* the question and all of the solution */
        RP_TRY(rp_expert_row(t, &problems[q], (uint32_t)q, &whole));
        rows[q] = whole;
        rows[q].prefix_length = (uint32_t)(share * (double)(rp_row_tokens(&whole) - 1)); /* never the end token */
        copied += rows[q].prefix_length;
        requests[q] = (rp_generate_request){
            .prompt = whole.ids,
            .prompt_length = whole.prompt_length + rows[q].prefix_length,
            .max_new = (size_t)t->recipe->max_new,
            .rng = rp_rng_stream((uint64_t)t->recipe->seed, RP_RNG_ALGORITHM, (uint32_t)t->step, (uint32_t)q, 0)};
    }
    const rp_generate_options options = rp_trainer_sampling(t);
    RP_TRY(rp_trainer_generate(t, &options, requests, count, results));
    for (size_t q = 0; q < count; q++) {
        const rp_row whole = rows[q];
        const size_t n = whole.prefix_length + results[q].length;
        int32_t *response = rp_alloc(t->rows, int32_t, n);
        RP_TRY_ALLOC(response);
        memcpy(response, whole.ids + whole.prompt_length, whole.prefix_length * sizeof *response);
        memcpy(response + whole.prefix_length, results[q].ids, results[q].length * sizeof *response);
        RP_TRY(rp_row_create(t->rows, whole.ids, whole.prompt_length, response, n, &rows[q]));
        rows[q].group = whole.group;
        rows[q].source = RP_SOURCE_EXPERT;
        rows[q].prefix_length = whole.prefix_length;
        rows[q].stopped = results[q].stopped;
        RP_TRY(rp_policy_text(t->policy, t->rows, response, n, &rows[q].text));
        rows[q].reward = rp_reward_of(t->recipe, t->rows, &problems[q], rows[q].text, n, rows[q].stopped);
    }
    rp_metrics_set(metrics, "prefix_tokens", copied / (double)count);
    return RP_OK;
}
