/* SPDX-License-Identifier: MIT
 *
 * rollout.c — answers sampled from the policy, scored.
 *
 * The stream of sample j to question i at step s is (seed, ROLLOUT, s, i, j): neither the batch's order nor the number of
 * threads nor the other answers can change a token.
 */
#include "rollout.h"

/* Prompts of all questions become `sampled` requests each. */
static rp_status make_requests(rp_trainer *trainer, const rp_groups *groups, uint32_t attempt,
                               rp_generate_request *requests) {
    const rp_recipe *recipe = trainer->recipe;
    const size_t rollouts = groups->sampled, context = (size_t)trainer->policy->model->config.context;
    for (size_t i = 0; i < groups->count; i++) {
        const rp_problem *problem = &groups->problems[i];
        rp_encoding prompt;
        RP_TRY(rp_policy_prompt(trainer->policy, trainer->rows, problem->question, NULL, &prompt));
        if (prompt.length >= context)
            return rp_fail(RP_ERR_LIMIT, "problem %.*s: the prompt has %zu tokens and the context only %zu",
                           (int)problem->id.length, problem->id.data, prompt.length, context);
        for (size_t j = 0; j < rollouts; j++) {
            requests[i * rollouts + j] =
                (rp_generate_request){.prompt = prompt.ids,
                                      .prompt_length = prompt.length,
                                      .max_new = (size_t)recipe->max_completion_length,
                                      .rng = rp_rng_stream((uint64_t)recipe->seed, RP_RNG_ROLLOUT, (uint32_t)trainer->step,
                                                           (uint32_t)i, attempt << 12 | (uint32_t)j)};
        }
    }
    return RP_OK;
}

static rp_status row_of_result(rp_trainer *trainer, const rp_generate_request *request, const rp_generate_result *result,
                               rp_row *row) {
    RP_TRY(rp_row_create(trainer->rows, request->prompt, request->prompt_length, result->ids, result->length, row));
    row->source = RP_SOURCE_POLICY;
    row->stopped = result->stopped;
    row->logp_behavior = result->logp;
    row->entropy_behavior = result->entropy;
    row->exact = rp_trainer_samples_exactly(trainer);
    row->top_ids = result->top_ids;
    row->top_logp = result->top_logp;
    return rp_policy_text(trainer->policy, trainer->rows, result->ids, result->length, &row->text);
}

rp_status rp_sample_rollouts(rp_trainer *trainer, rp_groups *groups, uint32_t attempt) {
    const size_t rollouts = groups->sampled, n = groups->count * rollouts;
    rp_generate_request *requests = rp_alloc_zero(trainer->rows, rp_generate_request, n);
    rp_generate_result *results = rp_alloc_zero(trainer->rows, rp_generate_result, n);
    if (!requests || !results) return RP_ERR_MEMORY;
    RP_TRY(make_requests(trainer, groups, attempt, requests));
    rp_generate_options options = rp_trainer_sampling(trainer);
    options.top = rp_trainer_candidates(trainer);
    options.entropy = rp_trainer_samples_exactly(trainer);
    trainer->sampled_at = trainer->updates;
    RP_TRY(rp_trainer_generate(trainer, &options, requests, n, results));
    for (size_t i = 0; i < n; i++) {
        rp_row *row = rp_group_rows(groups, i / rollouts) + i % rollouts;
        RP_TRY(row_of_result(trainer, &requests[i], &results[i], row));
        row->group = (uint32_t)(i / rollouts);
    }
    return RP_OK;
}

void rp_reward_rollouts(rp_trainer *trainer, rp_groups *groups) {
    for (size_t q = 0; q < groups->count; q++)
        for (size_t j = 0; j < groups->sampled; j++) {
            rp_row *row = rp_group_rows(groups, q) + j;
            row->reward = rp_reward_of(trainer->recipe, trainer->rows, &groups->problems[q], row->text, rp_row_tokens(row),
                                       row->stopped);
        }
}

void rp_measure_rollouts(const rp_groups *groups, rp_metrics *metrics) {
    const size_t count = groups->count, rollouts = groups->sampled;
    double reward = 0, equal = 0, unsound = 0, expert = 0, cut = 0, tokens = 0, failed_groups = 0, passed_groups = 0;
    double tier_sum[RP_TIERS] = {0}, tier_count[RP_TIERS] = {0};
    for (size_t i = 0; i < count; i++) {
        size_t passed = 0;
        for (size_t j = 0; j < rollouts; j++) {
            const rp_row *row = rp_group_rows(groups, i) + j;
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
        const int tier = rp_tier_of(groups->problems[i].tier);
        if (tier < 0) continue;
        tier_sum[tier] += (double)passed;
        tier_count[tier] += (double)rollouts;
    }
    const double n = (double)(count * rollouts);
    rp_metrics_set(metrics, "reward", reward / n);
    rp_metrics_set(metrics, "accuracy", equal / n);
    for (size_t k = 0; k < RP_TIERS; k++)
        if (tier_count[k] > 0) rp_metrics_set(metrics, rp_metric_of_tier("accuracy", k), tier_sum[k] / tier_count[k]);
    rp_metrics_set(metrics, "unsound", unsound / n);
    rp_metrics_set(metrics, "expert_style_share", expert / n);
    rp_metrics_set(metrics, "truncated", cut / n);
    rp_metrics_set(metrics, "response_tokens", tokens / n);
    rp_metrics_set(metrics, "groups_all_failed", failed_groups / (double)count);
    rp_metrics_set(metrics, "groups_all_passed", passed_groups / (double)count);
    rp_metrics_set(metrics, "tokens_sampled", rp_metrics_get(metrics, "tokens_sampled", 0) + tokens);
}
