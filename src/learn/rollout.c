/* SPDX-License-Identifier: MIT
 *
 * rollout.c — answers sampled from the policy, scored.
 *
 * The stream of sample j to question i at step s is (seed, ROLLOUT, s, i, j): neither the batch's order nor the number of
 * threads nor the other answers can change a token.
 */
#include "rollout.h"

#include <math.h>

/* Prompts of all problems become rollouts requests each. */
static rp_status make_requests(rp_trainer *trainer, const rp_problem *problems, size_t count, size_t rollouts,
                               uint32_t attempt, rp_generate_request *requests) {
    const rp_recipe *recipe = trainer->recipe;
    for (size_t i = 0; i < count; i++) {
        rp_encoding prompt;
        RP_TRY(rp_policy_prompt(trainer->policy, trainer->rows, problems[i].question, NULL, &prompt));
        if (prompt.length >= (size_t)trainer->policy->model->config.context) {
            return rp_fail(RP_ERR_LIMIT, "problem %.*s: the prompt has %zu tokens and the context only %d",
                           (int)problems[i].id.length, problems[i].id.data, prompt.length,
                           trainer->policy->model->config.context);
        }
        for (size_t j = 0; j < rollouts; j++) {
            requests[i * rollouts + j] =
                (rp_generate_request){.prompt = prompt.ids,
                                      .prompt_length = prompt.length,
                                      .max_new = (size_t)recipe->max_new,
                                      .rng = rp_rng_stream((uint64_t)recipe->seed, RP_RNG_ROLLOUT, (uint32_t)trainer->step,
                                                           (uint32_t)i, attempt << 12 | (uint32_t)j)};
        }
    }
    return RP_OK;
}

static rp_status row_of_result(rp_trainer *trainer, const rp_generate_request *request, const rp_generate_result *result,
                               const rp_problem *problem, uint32_t group, rp_row *row) {
    RP_TRY(rp_row_create(trainer->rows, request->prompt, request->prompt_length, result->ids, result->length, row));
    row->group = group;
    row->source = RP_SOURCE_POLICY;
    row->stopped = result->stopped;
    row->logp_behavior = result->logp;
    row->entropy_behavior = result->entropy;
    row->top_ids = result->top_ids;
    row->top_logp = result->top_logp;
    RP_TRY(rp_policy_text(trainer->policy, trainer->rows, result->ids, result->length, &row->text));
    row->reward = rp_reward_of(trainer->recipe, trainer->rows, problem, row->text, result->length, row->stopped);
    return RP_OK;
}

static void measure(const rp_problem *problems, const rp_row *rows, size_t count, size_t rollouts, rp_metrics *metrics) {
    static const struct {
        const char *tier, *metric;
    } tiers[] = {{"easy", "accuracy_easy"},
                 {"medium", "accuracy_medium"},
                 {"near", "accuracy_near"},
                 {"hard", "accuracy_hard"},
                 {"general", "accuracy_general"}};
    double reward = 0, equal = 0, unsound = 0, expert = 0, cut = 0, tokens = 0, failed_groups = 0, passed_groups = 0;
    double tier_sum[5] = {0}, tier_count[5] = {0};
    for (size_t i = 0; i < count; i++) {
        size_t passed = 0;
        for (size_t j = 0; j < rollouts; j++) {
            const rp_row *row = &rows[i * rollouts + j];
            reward += row->reward.total;
            equal += row->reward.verdict == RP_VERDICT_EQUAL;
            unsound += row->reward.false_steps > 0;
            expert += row->reward.expert_style;
            cut += !row->stopped;
            tokens += (double)rp_row_tokens(row);
            passed += row->reward.correct > 0;
        }
        failed_groups += passed == 0;
        passed_groups += passed == rollouts;
        for (size_t k = 0; k < 5; k++) {
            if (!rp_str_is(problems[i].tier, tiers[k].tier)) continue;
            tier_sum[k] += (double)passed;
            tier_count[k] += (double)rollouts;
        }
    }
    const double n = (double)(count * rollouts);
    rp_metrics_set(metrics, "reward", reward / n);
    rp_metrics_set(metrics, "accuracy", equal / n);
    for (size_t k = 0; k < 5; k++)
        if (tier_count[k] > 0) rp_metrics_set(metrics, tiers[k].metric, tier_sum[k] / tier_count[k]);
    rp_metrics_set(metrics, "unsound", unsound / n);
    rp_metrics_set(metrics, "expert_style_share", expert / n);
    rp_metrics_set(metrics, "truncated", cut / n);
    rp_metrics_set(metrics, "response_tokens", tokens / n);
    rp_metrics_set(metrics, "groups_all_failed", failed_groups / (double)count);
    rp_metrics_set(metrics, "groups_all_passed", passed_groups / (double)count);
    rp_metrics_set(metrics, "tokens_sampled", rp_metrics_get(metrics, "tokens_sampled", 0) + tokens);
}

rp_status rp_sample_rollouts(rp_trainer *trainer, const rp_problem *problems, size_t count, size_t rollouts,
                             uint32_t attempt, rp_row *rows, rp_metrics *metrics) {
    const size_t n = count * rollouts;
    rp_generate_request *requests = rp_alloc_zero(trainer->rows, rp_generate_request, n);
    rp_generate_result *results = rp_alloc_zero(trainer->rows, rp_generate_result, n);
    if (!requests || !results) return RP_ERR_MEMORY;
    RP_TRY(make_requests(trainer, problems, count, rollouts, attempt, requests));
    rp_generate_options options = rp_trainer_sampling(trainer);
    options.top = trainer->top;
    options.entropy = rp_trainer_samples_exactly(trainer);
    trainer->sampled_at = trainer->updates;
    RP_TRY(rp_trainer_generate(trainer, &options, requests, n, results));
    for (size_t i = 0; i < n; i++)
        RP_TRY(
            row_of_result(trainer, &requests[i], &results[i], &problems[i / rollouts], (uint32_t)(i / rollouts), &rows[i]));
    measure(problems, rows, count, rollouts, metrics);
    return RP_OK;
}
