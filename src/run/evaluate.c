/* SPDX-License-Identifier: MIT
 *
 * evaluate.c — answers to held-out problems, with verdicts.
 */
#include <rephrase/run.h>

static rp_status request_of(const rp_policy *policy, rp_arena *arena, const rp_eval_settings *settings,
                            const rp_problem *problem, size_t index, size_t sample, rp_generate_request *request) {
    rp_encoding prompt;
    RP_TRY(rp_policy_prompt(policy, arena, problem->question, settings->rephrase ? &problem->solution : NULL, &prompt));
    if (prompt.length >= (size_t)policy->model->config.context) {
        return rp_fail(RP_ERR_LIMIT, "problem %.*s: the prompt has %zu tokens and the context only %d",
                       (int)problem->id.length, problem->id.data, prompt.length, policy->model->config.context);
    }
    *request =
        (rp_generate_request){.prompt = prompt.ids,
                              .prompt_length = prompt.length,
                              .max_new = settings->max_new,
                              .rng = rp_rng_stream(settings->seed, RP_RNG_EVAL, 0, (uint32_t)index, (uint32_t)sample)};
    return RP_OK;
}

rp_status rp_evaluate(const rp_recipe *recipe, const rp_policy *policy, rp_arena *arena, const rp_eval_settings *settings,
                      const rp_problem *problems, size_t count, rp_answered **answers) {
    const size_t n = count * settings->samples;
    rp_answered *made = rp_alloc_zero(arena, rp_answered, n + 1);
    rp_generate_request *requests = rp_alloc_zero(arena, rp_generate_request, n + 1);
    rp_generate_result *results = rp_alloc_zero(arena, rp_generate_result, n + 1);
    if (!made || !requests || !results) return RP_ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        RP_TRY(request_of(policy, arena, settings, &problems[i / settings->samples], i / settings->samples,
                          i % settings->samples, &requests[i]));
    rp_arena *work = rp_arena_create("work memory of the evaluation", 0);
    RP_TRY_ALLOC(work);
    rp_decoder *decoder;
    rp_status status = rp_decoder_create(work, policy->model, RP_EXACT, &decoder);
    const rp_generate_options options = {.sampling = settings->sampling,
                                         .stop = policy->stops,
                                         .stop_count = policy->stop_count,
                                         .memory = settings->memory};
    if (status == RP_OK && n) status = rp_generate(decoder, arena, &options, requests, n, results);
    rp_arena_destroy(work);
    for (size_t i = 0; i < n && status == RP_OK; i++) {
        rp_answered *a = &made[i];
        a->problem = &problems[i / settings->samples];
        a->stopped = results[i].stopped;
        a->tokens = results[i].length;
        status = rp_policy_text(policy, arena, results[i].ids, results[i].length, &a->response);
        if (status != RP_OK) break;
        a->verdict = rp_verify_response(arena, a->problem->answer, a->response, &rp_verify_defaults);
        a->reward = rp_reward_of(recipe, arena, a->problem, a->response, a->tokens, a->stopped);
    }
    if (status == RP_OK) *answers = made;
    return status;
}
