/* SPDX-License-Identifier: MIT
 *
 * drift.c — how far a policy has moved from the base, and how undecided it is, on held-out questions.
 *
 *   Eq      KL(π ‖ π_base) per token ≈ (1/N) Σ log π(o_t) − log π_base(o_t),  o ~ π at the rollouts' temperature   (k1)
 *           H per token = (1/N) Σ_t H(π(· | o_<t))
 *
 * One answer per question is sampled. k1 is unbiased for the divergence of whole answers, divided here by their length.
 */
#include <rephrase/run.h>

static rp_status sample_rows(const rp_recipe *recipe, const rp_policy *policy, const rp_dataset *problems, rp_arena *arena,
                             rp_row *rows) {
    const size_t n = problems->count;
    rp_generate_request *requests = rp_alloc_zero(arena, rp_generate_request, n);
    rp_generate_result *results = rp_alloc_zero(arena, rp_generate_result, n);
    if (!requests || !results) return RP_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        rp_encoding prompt;
        RP_TRY(rp_policy_prompt(policy, arena, problems->problems[i].question, NULL, &prompt));
        requests[i] = (rp_generate_request){.prompt = prompt.ids,
                                            .prompt_length = prompt.length,
                                            .max_new = (size_t)recipe->max_completion_length,
                                            .rng = rp_rng_stream((uint64_t)recipe->seed, RP_RNG_EVAL, 1, (uint32_t)i, 0)};
    }
    const rp_generate_options options = {.sampling = {.temperature = recipe->temperature, .top_p = 1},
                                         .stop = policy->stops,
                                         .stop_count = policy->stop_count,
                                         .memory = (size_t)recipe->kv_megabytes << 20};
    rp_decoder *decoder;
    RP_TRY(rp_decoder_create(arena, policy->model, RP_EXACT, &decoder));
    RP_TRY(rp_generate(decoder, arena, &options, requests, n, results));
    for (size_t i = 0; i < n; i++)
        RP_TRY(rp_row_create(arena, requests[i].prompt, requests[i].prompt_length, results[i].ids, results[i].length,
                             &rows[i]));
    return RP_OK;
}

static rp_status measure(const rp_recipe *recipe, const rp_policy *policy, const rp_model *base, const rp_dataset *problems,
                         rp_arena *arena, rp_drift *out) {
    const size_t n = problems->count;
    rp_row *rows = rp_alloc_zero(arena, rp_row, n + 1);
    RP_TRY_ALLOC(rows);
    RP_TRY(sample_rows(recipe, policy, problems, arena, rows));
    size_t tokens = 0;
    for (size_t i = 0; i < n; i++) tokens += rp_row_tokens(&rows[i]);
    rp_row_values own = {.logp = rp_alloc(arena, real, tokens + 1), .entropy = rp_alloc(arena, real, tokens + 1)};
    rp_row_values theirs = {.logp = rp_alloc(arena, real, tokens + 1)};
    if (!own.logp || !own.entropy || !theirs.logp) return RP_ERR_MEMORY;
    rp_scoring how = {.model = policy->model,
                      .temperature = recipe->temperature,
                      .micro_tokens = (size_t)recipe->micro_tokens,
                      .work = arena};
    RP_TRY(rp_rows_logp(&how, rows, n, own));
    how.model = base;
    RP_TRY(rp_rows_logp(&how, rows, n, theirs));
    double counted[RP_TIERS] = {0};
    *out = (rp_drift){0};
    for (size_t i = 0, t = 0; i < n; i++) {
        const int tier = rp_tier_of(problems->problems[i].tier);
        for (size_t k = 0; k < rp_row_tokens(&rows[i]); k++, t++) {
            if (tier < 0) continue;
            out->kl[tier] += (double)(own.logp[t] - theirs.logp[t]);
            out->entropy[tier] += (double)own.entropy[t];
            counted[tier]++;
        }
    }
    for (size_t k = 0; k < RP_TIERS; k++) {
        out->known[k] = counted[k] > 0;
        if (!out->known[k]) continue;
        out->kl[k] /= counted[k];
        out->entropy[k] /= counted[k];
    }
    return RP_OK;
}

rp_status rp_drift_from(const rp_recipe *recipe, const rp_policy *policy, const rp_model *base, const rp_dataset *problems,
                        rp_drift *out) {
    rp_arena *arena = rp_arena_create("divergence from the base", 0);
    RP_TRY_ALLOC(arena);
    const rp_status status = measure(recipe, policy, base, problems, arena, out);
    rp_arena_destroy(arena);
    return status;
}
