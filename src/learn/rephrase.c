/* SPDX-License-Identifier: MIT
 *
 * rephrase.c — the policy restates a solution: o_rep ~ π_θ(· | P(q, k)), stripped, filtered, scored by the same reward.
 *
 * What comes out stands behind the plain question q as an ordinary row: its log-probabilities are taken under q (reading A),
 * after the replacement and never before.
 */
#include "rephrase.h"

#include <string.h>

static const char *const outcome_names[RP_REPHRASE_OUTCOMES] = {
    [RP_REPHRASE_NONE] = "",
    [RP_REPHRASE_NO_SOLUTION] = "no solution",
    [RP_REPHRASE_PASSED] = "replaced",
    [RP_REPHRASE_EMPTY] = "rephrase_rejected_empty",
    [RP_REPHRASE_TRUNCATED] = "rephrase_rejected_truncated",
    [RP_REPHRASE_LEAK] = "rephrase_rejected_leak",
    [RP_REPHRASE_COPY] = "rephrase_rejected_copy",
    [RP_REPHRASE_REWARD] = "rephrase_rejected_reward",
    [RP_REPHRASE_NOT_BETTER] = "rephrase_rejected_not_better",
    [RP_REPHRASE_LONG] = "rephrase_rejected_long",
    [RP_REPHRASE_NOT_GATED] = "not gated",
};

const char *rp_rephrase_outcome_name(rp_rephrase_outcome outcome) {
    return outcome_names[outcome];
}

void rp_count_candidates(const rp_candidates *candidates, rp_metrics *metrics) {
    const size_t count = candidates->count;
    double of[RP_REPHRASE_OUTCOMES] = {0};
    for (size_t i = 0; i < count; i++) {
        RP_REQUIRE(candidates->list[i].outcome >= RP_REPHRASE_PASSED);
        of[candidates->list[i].outcome]++;
    }
    rp_metrics_set(metrics, "rephrase_sampled", (double)count);
    rp_metrics_set(metrics, "rephrase_passed", of[RP_REPHRASE_PASSED]);
    rp_metrics_set(metrics, "rephrase_pass_rate", count ? of[RP_REPHRASE_PASSED] / (double)count : 0);
    for (int k = RP_REPHRASE_EMPTY; k < RP_REPHRASE_NOT_GATED; k++)
        if (of[k] > 0) rp_metrics_set(metrics, outcome_names[k], of[k]);
    if (of[RP_REPHRASE_NOT_GATED] > 0) rp_metrics_set(metrics, "rephrase_rejected_not_gated", of[RP_REPHRASE_NOT_GATED]);
}

/* ---- Turning what was sampled into a row behind the plain question --------------------------------------------- */

/* Keeps the sampled tokens when stripping changed nothing, so that re-encoding cannot change the segmentation. */
static rp_status encode(rp_trainer *trainer, const rp_generate_result *result, rp_str raw, rp_str clean, rp_encoding *out) {
    if (!rp_str_equal(raw, clean)) return rp_policy_response(trainer->policy, trainer->rows, clean, out);
    *out = (rp_encoding){.ids = result->ids, .length = result->length};
    return RP_OK;
}

/* The text becomes a row behind the plain question, if the context holds both. */
static rp_status candidate_row(rp_trainer *trainer, const rp_row *plain, const rp_problem *problem, rp_str text,
                               const rp_encoding *response, rp_candidate *out) {
    if (plain->prompt_length + response->length > (size_t)trainer->policy->model->config.context) {
        out->outcome = RP_REPHRASE_LONG;
        return RP_OK;
    }
    RP_TRY(rp_row_create(trainer->rows, plain->ids, plain->prompt_length, response->ids, response->length, &out->row));
    out->row.group = plain->group;
    out->row.source = RP_SOURCE_REPHRASED;
    out->row.stopped = true;
    out->row.text = text;
    out->row.reward = rp_reward_of(trainer->recipe, trainer->rows, problem, text, response->length, true);
    return RP_OK;
}

/* What can be said of a candidate that became a row without looking at its group. */
static void judge_row(const rp_gate *gate, rp_candidate *c) {
    if (c->outcome == RP_REPHRASE_PASSED && gate->verify && c->row.reward.total < gate->delta)
        c->outcome = RP_REPHRASE_REWARD;
}

static rp_status judge(rp_trainer *trainer, const rp_gate *gate, const rp_row *plain, const rp_problem *problem,
                       const rp_generate_result *result, double *copy_sum, rp_candidate *out) {
    rp_str raw, clean;
    rp_encoding response;
    double copy = 0;
    RP_TRY(rp_policy_text(trainer->policy, trainer->rows, result->ids, result->length, &raw));
    out->outcome = rp_rephrase_clean(trainer->rows, raw, problem->solution, trainer->recipe->copy_limit, &clean, &copy);
    *copy_sum += copy;
    out->row.text = clean;
    if (out->outcome == RP_REPHRASE_PASSED && !result->stopped) out->outcome = RP_REPHRASE_TRUNCATED;
    if (out->outcome != RP_REPHRASE_PASSED) return RP_OK;
    RP_TRY(encode(trainer, result, raw, clean, &response));
    RP_TRY(candidate_row(trainer, plain, problem, clean, &response, out));
    judge_row(gate, out);
    return RP_OK;
}

/* ---- Candidates ------------------------------------------------------------------------------------------------ */

static rp_status make_requests(rp_trainer *trainer, const rp_gate *gate, const rp_groups *groups, const rp_questions *asked,
                               rp_generate_request *requests) {
    const rp_recipe *recipe = trainer->recipe;
    const size_t each = gate->rephrases;
    for (size_t i = 0; i < asked->count * each; i++) {
        const size_t q = asked->number[i / each];
        const rp_problem *problem = &groups->problems[q];
        rp_encoding prompt;
        RP_TRY(rp_policy_prompt(trainer->policy, trainer->rows, problem->question, &problem->solution, &prompt));
        requests[i] =
            (rp_generate_request){.prompt = prompt.ids,
                                  .prompt_length = prompt.length,
                                  .max_new = (size_t)recipe->max_completion_length,
                                  .rng = rp_rng_stream((uint64_t)recipe->seed, RP_RNG_REPHRASE, (uint32_t)trainer->step,
                                                       (uint32_t)q, (uint32_t)(i % each))};
    }
    return RP_OK;
}

static rp_status sample_rephrasings(rp_trainer *trainer, const rp_gate *gate, const rp_groups *groups,
                                    const rp_questions *asked, rp_candidates *out, rp_metrics *metrics) {
    const rp_recipe *recipe = trainer->recipe;
    const size_t n = out->count;
    rp_generate_request *requests = rp_alloc_zero(trainer->rows, rp_generate_request, n);
    rp_generate_result *results = rp_alloc_zero(trainer->rows, rp_generate_result, n);
    if (!requests || !results) return RP_ERR_MEMORY;
    RP_TRY(make_requests(trainer, gate, groups, asked, requests));
    rp_generate_options options = rp_trainer_sampling(trainer);
    options.sampling = (rp_sampling){.temperature = recipe->rephrase_temperature, .top_p = recipe->rephrase_top_p};
    RP_TRY(rp_trainer_generate(trainer, &options, requests, n, results));
    double copy_sum = 0, tokens = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t q = asked->number[i / gate->rephrases];
        out->list[i] = (rp_candidate){.question = q};
        tokens += (double)results[i].length;
        RP_TRY(judge(trainer, gate, rp_group_rows(groups, q), &groups->problems[q], &results[i], &copy_sum, &out->list[i]));
    }
    rp_metrics_set(metrics, "tokens_sampled", rp_metrics_get(metrics, "tokens_sampled", 0) + tokens);
    rp_metrics_set(metrics, "rephrase_copy_share", n ? copy_sum / (double)n : 0);
    return RP_OK;
}

/* gate->raw: the knowledge itself is the trajectory, in its own words and style. */
static rp_status raw_knowledge(rp_trainer *trainer, const rp_gate *gate, const rp_groups *groups, const rp_questions *asked,
                               rp_candidates *out) {
    for (size_t i = 0; i < asked->count; i++) {
        const size_t q = asked->number[i];
        const rp_problem *problem = &groups->problems[q];
        rp_candidate *c = &out->list[i];
        *c = (rp_candidate){.question = q, .outcome = RP_REPHRASE_PASSED, .row = {.text = problem->solution}};
        rp_encoding response;
        RP_TRY(rp_policy_response(trainer->policy, trainer->rows, problem->solution, &response));
        RP_TRY(candidate_row(trainer, rp_group_rows(groups, q), problem, problem->solution, &response, c));
        c->row.source = RP_SOURCE_EXPERT;
        judge_row(gate, c);
    }
    return RP_OK;
}

rp_status rp_make_candidates(rp_trainer *trainer, const rp_gate *gate, const rp_groups *groups, const rp_questions *asked,
                             rp_candidates *out, rp_metrics *metrics) {
    *out = (rp_candidates){.count = asked->count * (gate->raw ? 1 : gate->rephrases)};
    out->list = rp_alloc_zero(trainer->rows, rp_candidate, out->count);
    RP_TRY_ALLOC(out->list);
    return gate->raw ? raw_knowledge(trainer, gate, groups, asked, out)
                     : sample_rephrasings(trainer, gate, groups, asked, out, metrics);
}

rp_status rp_rephrase_demonstrations(rp_trainer *trainer, rp_groups *groups, rp_metrics *metrics) {
    if (trainer->plan.rollouts || !trainer->recipe->demonstrations) return RP_OK;
    /* Supervised algorithms have no gate: all solutions are rephrased, and what is learnt from must be right. */
    const rp_gate gate = {.wanted = true, .always = true, .verify = true, .delta = 0.5, .rephrases = 1};
    rp_questions all = {.number = rp_alloc(trainer->rows, size_t, groups->count), .count = groups->count};
    RP_TRY_ALLOC(all.number);
    for (size_t q = 0; q < all.count; q++) all.number[q] = q;
    rp_candidates candidates;
    RP_TRY(rp_make_candidates(trainer, &gate, groups, &all, &candidates, metrics));
    for (size_t q = 0; q < all.count; q++) {
        rp_row *row = rp_group_rows(groups, q);
        if (candidates.list[q].outcome == RP_REPHRASE_PASSED) {
            *row = candidates.list[q].row;
            continue;
        }
        row->mask = rp_alloc_zero(trainer->rows, uint8_t, rp_row_tokens(row)); /* nothing to learn from */
        RP_TRY_ALLOC(row->mask);
    }
    rp_count_candidates(&candidates, metrics);
    return RP_OK;
}
