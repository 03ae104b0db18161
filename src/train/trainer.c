/* SPDX-License-Identifier: MIT
 *
 * trainer.c — what one algorithm's training owns, and the reinforcement-learning step as a sequence of named phases.
 */
#include "train_internal.h"

#include <rephrase/kernels.h>

#include <math.h>
#include <string.h>

double rp_learning_rate(const rp_optimizer_settings *s, int64_t step) {
    if (step < s->warmup) return s->learning_rate * (double)(step + 1) / (double)s->warmup;
    const double span = (double)(s->steps - s->warmup);
    double done = span > 0 ? (double)(step - s->warmup) / span : 1;
    if (done > 1) done = 1;
    const double pi = 3.141592653589793; /* check: 3.141592653589793 == pi */
    const double left[] = {1, 0.5 * (1 + cos(pi * done)), 1 - done};
    if (s->schedule == 0) return s->learning_rate;
    return s->learning_rate * (s->final + (1 - s->final) * left[s->schedule]);
}

/* What the trainer cannot provide, it refuses with a sentence before any work is done. */
static rp_status check_needs(const rp_trainer *t) {
    const rp_recipe *recipe = t->recipe;
    const char *name = t->algorithm->name;
    if ((t->needs & RP_NEEDS_ON_POLICY) && recipe->updates * recipe->minibatches != 1)
        return rp_fail(RP_ERR_ARGUMENT,
                       "%s is defined for one update per rollout batch; updates = %lld and minibatches = %lld", name,
                       (long long)recipe->updates, (long long)recipe->minibatches);
    if ((t->needs & RP_NEEDS_WHOLE_STEP) && recipe->minibatches != 1)
        return rp_fail(RP_ERR_ARGUMENT, "%s with these settings takes statistics over the whole step; minibatches = %lld",
                       name, (long long)recipe->minibatches);
    if (recipe->demonstrations && !(t->needs & RP_NEEDS_NO_ROLLOUT))
        return rp_fail(
            RP_ERR_ARGUMENT,
            "demonstrations = rephrasing is for supervised training; %s samples rollouts: repo with gate = always "
            "injects rephrasings into groups",
            name);
    if ((t->needs & RP_NEEDS_REFERENCE) && !t->reference)
        return rp_fail(RP_ERR_ARGUMENT, "%s needs a reference model", name);
    return RP_OK;
}

rp_status rp_trainer_create(rp_arena *arena, const rp_recipe *recipe, rp_policy *policy, const rp_algorithm *algorithm,
                            const rp_settings *settings, const rp_optimizer_settings *optimizer, const rp_model *reference,
                            rp_trainer **trainer) {
    rp_trainer *t = rp_alloc_zero(arena, rp_trainer, 1);
    RP_TRY_ALLOC(t);
    const size_t n = policy->model->count;
    *t = (rp_trainer){.recipe = recipe,
                      .policy = policy,
                      .algorithm = algorithm,
                      .settings = *settings,
                      .needs = algorithm->needs(settings),
                      .optimizer = *optimizer,
                      .reference = reference};
    /* A constant denominator without a length of its own divides by the longest response there can be. */
    if (rp_settings_has(algorithm, "max_length") && rp_trainer_setting(t, "max_length") == 0)
        rp_settings_put(algorithm, &t->settings, "max_length", (double)recipe->max_new);
    RP_TRY(check_needs(t));
    if (t->needs & RP_NEEDS_TOPK) {
        const size_t asked = (size_t)rp_trainer_setting(t, "candidates"), V = (size_t)policy->model->config.vocab;
        t->top = asked < V ? asked : V;
    }
    t->gradient = rp_alloc_zero(arena, real, n);
    t->first = rp_alloc_zero(arena, real, n);
    t->second = rp_alloc_zero(arena, real, n);
    if (!t->gradient || !t->first || !t->second) return RP_ERR_MEMORY;
    if (t->needs & RP_NEEDS_VALUE) RP_TRY(rp_critic_create(arena, (size_t)policy->model->config.channels, &t->critic));
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

bool rp_trainer_samples_exactly(const rp_trainer *trainer) {
    return trainer->recipe->rollout_weights == RP_EXACT && rp_products_prepare() == RP_PRODUCTS_TILED;
}

rp_status rp_trainer_generate(rp_trainer *trainer, const rp_generate_options *options, const rp_generate_request *requests,
                              size_t count, rp_generate_result *results) {
    if (count == 0) return RP_OK;
    const rp_arena_mark mark = rp_arena_get_mark(trainer->work);
    rp_decoder *decoder;
    RP_TRY(rp_decoder_create(trainer->work, trainer->policy->model, (rp_rounding)trainer->recipe->rollout_weights, &decoder));
    const rp_status status = rp_generate(decoder, trainer->rows, options, requests, count, results);
    rp_arena_rewind(trainer->work, mark);
    return status;
}

/* ---- The step -------------------------------------------------------------------------------------------------- */

/* logp_behavior of rows that were not sampled under their own prompt: the importance readings of RePO. */
static rp_status condition_on_knowledge(rp_trainer *t, const rp_problem *problems, rp_row *rows, size_t count) {
    if (!(t->needs & RP_NEEDS_REPHRASE) || !rp_settings_has(t->algorithm, "reading")) return RP_OK;
    const char reading = rp_settings_choice(t->algorithm, &t->settings, "reading")[0];
    if (reading != 'B' && reading != 'C') return RP_OK;
    rp_row *known = rp_alloc_zero(t->rows, rp_row, count);
    RP_TRY_ALLOC(known);
    RP_TRY(rp_rows_under_knowledge(t, problems, rows, count, known));
    if (reading == 'C') { /* the update itself happens under P(q, k) */
        memcpy(rows, known, count * sizeof *rows);
        return RP_OK;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].source == RP_SOURCE_POLICY) continue;
        rows[i].logp_behavior = rp_alloc(t->rows, real, rp_row_tokens(&rows[i]));
        RP_TRY_ALLOC(rows[i].logp_behavior);
        RP_TRY(rp_rows_logp(t->policy->model, NULL, &known[i], 1, t->recipe->temperature, (size_t)t->recipe->micro_tokens,
                            t->work, (rp_row_values){.logp = rows[i].logp_behavior}));
    }
    return RP_OK;
}

/* Room for what the update will see of each row; of all rows, because which groups are logged is decided later. */
static rp_status wish_for_traces(rp_arena *arena, rp_row *rows, size_t count) {
    rp_row_trace *traces = rp_alloc(arena, rp_row_trace, count);
    RP_TRY_ALLOC(traces);
    for (size_t i = 0; i < count; i++) {
        const size_t n = rp_row_tokens(&rows[i]);
        real *values = rp_alloc_zero(arena, real, 3 * n);
        RP_TRY_ALLOC(values);
        traces[i] = (rp_row_trace){.logp = values, .advantage = values + n, .weight = values + 2 * n};
        rows[i].trace = &traces[i];
    }
    return RP_OK;
}

rp_status rp_trainer_rl_step(rp_trainer *t, const rp_problem *problems, size_t count, rp_metrics *metrics,
                             rp_group_report **reports) {
    const double began = rp_seconds();
    rp_arena_rewind(t->rows, (rp_arena_mark){0});
    rp_arena_rewind(t->work, (rp_arena_mark){0});
    rp_group_report *groups = rp_alloc_zero(t->rows, rp_group_report, count);
    RP_TRY_ALLOC(groups);
    rp_row *rows;
    size_t G;
    rp_metrics_set(metrics, "step", (double)(t->step + 1));
    RP_TRY(rp_gather_rows(t, problems, count, &rows, &G, groups, metrics));
    RP_TRY(condition_on_knowledge(t, problems, rows, count * G));
    RP_TRY(wish_for_traces(t->rows, rows, count * G));
    const double sampled = rp_seconds();
    RP_TRY(rp_trainer_update(t, rows, count * G, count, metrics));
    RP_TRY(rp_learn_from_failures(t, groups, count, metrics));
    rp_metrics_set(metrics, "seconds_sampling", sampled - began);
    rp_metrics_set(metrics, "seconds_update", rp_seconds() - sampled);
    rp_metrics_set(metrics, "seconds", rp_seconds() - began);
    if (reports) *reports = groups;
    return RP_OK;
}
