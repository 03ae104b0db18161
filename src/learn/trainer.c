/* SPDX-License-Identifier: MIT
 *
 * trainer.c — what one algorithm's training owns: policy, gradient, moments, counters, memory; and how it samples.
 */
#include "trainer.h"

#include <rephrase/kernels.h>

/* What the recipe does not allow. */
static rp_status check_recipe(const rp_trainer *t) {
    const rp_recipe *recipe = t->recipe;
    const rp_plan *plan = &t->plan;
    const char *name = t->algorithm->name;
    if ((plan->needs & RP_NEEDS_ON_POLICY) && recipe->num_iterations * recipe->minibatches != 1)
        return rp_fail(RP_ERR_ARGUMENT,
                       "%s is defined for one update per rollout batch; updates = %lld and minibatches = %lld", name,
                       (long long)recipe->num_iterations, (long long)recipe->minibatches);
    if ((plan->needs & RP_NEEDS_WHOLE_STEP) && recipe->minibatches != 1)
        return rp_fail(RP_ERR_ARGUMENT, "%s with these settings takes statistics over the whole step; minibatches = %lld",
                       name, (long long)recipe->minibatches);
    if (recipe->demonstrations && plan->rollouts)
        return rp_fail(
            RP_ERR_ARGUMENT,
            "demonstrations = rephrasing is for supervised training; %s samples rollouts: repo with gate = always "
            "injects rephrasings into groups",
            name);
    if (plan->rollouts && plan->demonstrations > (size_t)recipe->num_generations)
        return rp_fail(RP_ERR_ARGUMENT, "%s wants %zu rows of each group for demonstrations; rollouts = %lld", name,
                       plan->demonstrations, (long long)recipe->num_generations);
    return RP_OK;
}

/* What the trainer was not given. */
static rp_status check_means(const rp_trainer *t) {
    const rp_plan *plan = &t->plan;
    const char *name = t->algorithm->name;
    if ((plan->needs & RP_NEEDS_REFERENCE) && !t->reference)
        return rp_fail(RP_ERR_ARGUMENT, "%s needs a reference model", name);
    if ((plan->batches > 1 || plan->failures) && !t->source)
        return rp_fail(RP_ERR_ARGUMENT, "%s asks further questions, and there is nowhere to take them from", name);
    if (plan->failures > RP_FAILED_MAX)
        return rp_fail(RP_ERR_LIMIT, "%s collects %zu failed questions; at most %d can wait", name, plan->failures,
                       RP_FAILED_MAX);
    if (plan->failures && plan->batches > 1)
        return rp_fail(RP_ERR_UNSUPPORTED, "%s collects failed questions and also exchanges questions", name);
    return RP_OK;
}

rp_status rp_trainer_plan(rp_trainer *t) {
    t->plan = rp_algorithm_plan(t->algorithm, &t->settings, t->step);
    RP_TRY(check_recipe(t));
    return check_means(t);
}

size_t rp_trainer_candidates(const rp_trainer *t) {
    const size_t V = (size_t)t->policy->model->config.vocab;
    return t->plan.candidates < V ? t->plan.candidates : V;
}

rp_status rp_trainer_create(rp_arena *arena, const rp_trainer_setup *setup, rp_trainer **trainer) {
    const rp_policy *policy = setup->policy;
    rp_trainer *t = rp_alloc_zero(arena, rp_trainer, 1);
    RP_TRY_ALLOC(t);
    const size_t n = policy->model->count;
    *t = (rp_trainer){.recipe = setup->recipe,
                      .source = setup->source,
                      .policy = setup->policy,
                      .algorithm = setup->algorithm,
                      .settings = *setup->settings,
                      .optimizer = *setup->optimizer,
                      .reference = setup->reference};
    RP_TRY(rp_trainer_plan(t));
    t->gradient = rp_alloc_zero(arena, real, n);
    t->first = rp_alloc_zero(arena, real, n);
    t->second = rp_alloc_zero(arena, real, n);
    if (!t->gradient || !t->first || !t->second) return RP_ERR_MEMORY;
    if (t->plan.needs & RP_NEEDS_VALUE) RP_TRY(rp_critic_create(arena, (size_t)policy->model->config.channels, &t->critic));
    t->rows = rp_arena_create("rows of the step", 0);
    t->work = rp_arena_create("work memory of the step", 0);
    if (!t->rows || !t->work) {
        rp_trainer_destroy(t);
        return RP_ERR_MEMORY;
    }
    *trainer = t;
    return RP_OK;
}

void rp_trainer_destroy(rp_trainer *trainer) {
    if (!trainer) return;
    rp_arena_destroy(trainer->rows);
    rp_arena_destroy(trainer->work);
    trainer->rows = trainer->work = NULL;
}

int64_t rp_trainer_step(const rp_trainer *trainer) {
    return trainer->step;
}
const rp_policy *rp_trainer_policy(const rp_trainer *trainer) {
    return trainer->policy;
}
rp_passes rp_trainer_passes(const rp_trainer *trainer) {
    return trainer->passes;
}

rp_status rp_trainer_begin_step(rp_trainer *trainer) {
    rp_arena_rewind(trainer->rows, (rp_arena_mark){0});
    rp_arena_rewind(trainer->work, (rp_arena_mark){0});
    return rp_trainer_plan(trainer);
}

rp_arena *rp_trainer_rows(rp_trainer *trainer) {
    return trainer->rows;
}

bool rp_trainer_samples_exactly(const rp_trainer *trainer) {
    return trainer->recipe->rollout_weights == RP_EXACT && rp_products_prepare() == RP_PRODUCTS_TILED;
}

rp_status rp_trainer_generate(rp_trainer *trainer, const rp_generate_options *options, const rp_generate_request *requests,
                              size_t count, rp_generate_result *results) {
    if (count == 0) return RP_OK;
    const rp_arena_mark mark = rp_arena_get_mark(trainer->work);
    rp_decoder *decoder;
    RP_TRY(
        rp_decoder_create(trainer->work, trainer->policy->model, (rp_rounding)trainer->recipe->rollout_weights, &decoder));
    const rp_status status = rp_generate(decoder, trainer->rows, options, requests, count, results);
    rp_arena_rewind(trainer->work, mark);
    return status;
}

rp_generate_options rp_trainer_sampling(const rp_trainer *trainer) {
    const rp_recipe *recipe = trainer->recipe;
    return (rp_generate_options){
        .sampling = {.temperature = recipe->temperature, .top_k = (int)recipe->top_k, .top_p = recipe->top_p},
        .stop = trainer->policy->stops,
        .stop_count = trainer->policy->stop_count,
        .memory = (size_t)recipe->kv_megabytes << 20};
}

rp_scoring rp_trainer_scoring(const rp_trainer *trainer, const rp_model *model) {
    return (rp_scoring){.model = model,
                        .critic = &trainer->critic,
                        .temperature = trainer->recipe->temperature,
                        .micro_tokens = (size_t)trainer->recipe->micro_tokens,
                        .work = trainer->work};
}
