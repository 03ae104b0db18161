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

/* Copies the first `share` of the solution's tokens, never the end token, and asks the policy to continue. `whole` holds the
 * question and all of the solution. */
static rp_generate_request continue_behind(const rp_trainer *t, const rp_row *whole, double share, uint32_t which,
                                           rp_row *row) {
    *row = *whole;
    row->prefix_length = (uint32_t)(share * (double)(rp_row_tokens(whole) - 1));
    return (rp_generate_request){
        .prompt = whole->ids,
        .prompt_length = whole->prompt_length + row->prefix_length,
        .max_new = (size_t)t->recipe->max_completion_length,
        .rng = rp_rng_stream((uint64_t)t->recipe->seed, RP_RNG_ALGORITHM, (uint32_t)t->step, whole->group, which)};
}

/* The copied beginning and what the policy wrote behind it, as one response. */
static rp_status join(rp_trainer *t, const rp_problem *problem, const rp_generate_result *result, rp_row *row) {
    const rp_row whole = *row;
    const size_t n = whole.prefix_length + result->length;
    int32_t *response = rp_alloc(t->rows, int32_t, n);
    RP_TRY_ALLOC(response);
    memcpy(response, whole.ids + whole.prompt_length, whole.prefix_length * sizeof *response);
    memcpy(response + whole.prefix_length, result->ids, result->length * sizeof *response);
    RP_TRY(rp_row_create(t->rows, whole.ids, whole.prompt_length, response, n, row));
    row->group = whole.group;
    row->source = RP_SOURCE_EXPERT;
    row->prefix_length = whole.prefix_length;
    row->stopped = result->stopped;
    RP_TRY(rp_policy_text(t->policy, t->rows, response, n, &row->text));
    row->reward = rp_reward_of(t->recipe, t->rows, problem, row->text, n, row->stopped);
    return RP_OK;
}

/* Row `at` of every group: a beginning of the solution that the policy continues. Returns the tokens that were copied. */
static rp_status add_hybrids(rp_trainer *t, rp_groups *groups, size_t at, double share, double *copied) {
    const size_t count = groups->count;
    rp_generate_request *requests = rp_alloc_zero(t->rows, rp_generate_request, count);
    rp_generate_result *results = rp_alloc_zero(t->rows, rp_generate_result, count);
    if (!requests || !results) return RP_ERR_MEMORY;
    for (size_t q = 0; q < count; q++) {
        rp_row whole, *row = rp_group_rows(groups, q) + at;
        RP_TRY(rp_expert_row(t, &groups->problems[q], (uint32_t)q, &whole));
        requests[q] = continue_behind(t, &whole, share, (uint32_t)(at - groups->sampled), row);
        *copied += row->prefix_length;
    }
    const rp_generate_options options = rp_trainer_sampling(t);
    RP_TRY(rp_trainer_generate(t, &options, requests, count, results));
    for (size_t q = 0; q < count; q++) RP_TRY(join(t, &groups->problems[q], &results[q], rp_group_rows(groups, q) + at));
    return RP_OK;
}

rp_status rp_add_demonstrations(rp_trainer *t, rp_groups *groups, rp_metrics *metrics) {
    double copied = 0, hybrids = 0;
    for (size_t k = 0; k < t->plan.demonstrations; k++) {
        const rp_demonstration *d = &t->plan.demonstration[k];
        const size_t at = groups->sampled + k;
        if (!d->whole) {
            RP_TRY(add_hybrids(t, groups, at, d->share, &copied));
            hybrids += (double)groups->count;
            continue;
        }
        for (size_t q = 0; q < groups->count; q++)
            RP_TRY(rp_expert_row(t, &groups->problems[q], (uint32_t)q, rp_group_rows(groups, q) + at));
    }
    if (hybrids > 0) rp_metrics_set(metrics, "prefix_tokens", copied / hybrids);
    return RP_OK;
}
