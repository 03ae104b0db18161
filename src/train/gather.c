/* SPDX-License-Identifier: MIT
 *
 * gather.c — the rows of a step, as each algorithm wants them.
 *
 *   every algorithm     G rollouts per question
 *   DAPO                groups whose rewards are all equal are thrown away and other questions asked [dapo.11]
 *   LUFFY, CHORD, …     G - 1 rollouts and the expert's solution
 *   Prefix-RFT          G - 1 rollouts and a hybrid: the beginning of the solution, continued by the policy
 *   ReLIFT              G rollouts; questions that failed altogether wait for a supervised update
 *   SFT                 the expert's solution alone, or the policy's own rephrasing of it (demonstrations)
 *   RePO                G rollouts, one of which may give way to a rephrasing (rephrase.c)
 */
#include "train_internal.h"

#include <string.h>

/* ---- Rows that are written, not sampled ------------------------------------------------------------------------ */

static rp_status need_solution(const rp_trainer *t, const rp_problem *problem) {
    if (problem->solution.length) return RP_OK;
    return rp_fail(RP_ERR_FORMAT, "problem %.*s has no solution, and %s learns from solutions", (int)problem->id.length,
                   problem->id.data, t->algorithm->name);
}

static rp_status expert_row(rp_trainer *t, const rp_problem *problem, uint32_t group, rp_row *row) {
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
static rp_status hybrid_rows(rp_trainer *t, const rp_problem *problems, size_t count, rp_row *rows, rp_metrics *metrics) {
    const double share = rp_trainer_setting(t, "prefix_share");
    rp_generate_request *requests = rp_alloc_zero(t->rows, rp_generate_request, count);
    rp_generate_result *results = rp_alloc_zero(t->rows, rp_generate_result, count);
    if (!requests || !results) return RP_ERR_MEMORY;
    double copied = 0;
    for (size_t q = 0; q < count; q++) {
        rp_row whole; /* the question and all of the solution */
        RP_TRY(expert_row(t, &problems[q], (uint32_t)q, &whole));
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

/* Groups of `sampled` rows, one behind the other, make room for one more row each, taken from `last`. */
static void append_to_groups(rp_row *rows, size_t count, size_t sampled, const rp_row *last) {
    for (size_t q = count; q-- > 0;) {
        memmove(&rows[q * (sampled + 1)], &rows[q * sampled], sampled * sizeof *rows);
        rows[q * (sampled + 1) + sampled] = last[q];
    }
}

/* ---- Dynamic sampling ------------------------------------------------------------------------------------------ */

static bool disagrees(const rp_row *group, size_t rollouts) {
    for (size_t j = 1; j < rollouts; j++)
        if (group[j].reward.total != group[0].reward.total) return true;
    return false;
}

/* Replaces undecided groups by groups of further questions until all disagree or max_batches have been asked. Groups that
 * stay undecided have no advantage and only dilute the mean. */
static rp_status resample(rp_trainer *t, rp_problem *problems, size_t count, size_t rollouts, rp_row *rows,
                          rp_metrics *metrics) {
    const uint32_t most = (uint32_t)rp_trainer_setting(t, "max_batches");
    uint32_t batches = 1;
    size_t open = 0; /* groups before it disagree */
    while (open < count && disagrees(&rows[open * rollouts], rollouts)) open++;
    for (; batches < most && open < count; batches++) {
        rp_problem *further;
        size_t n;
        RP_TRY(rp_problems_of_step(t->source, t->step, batches, t->rows, &further, &n));
        rp_row *answers = rp_alloc_zero(t->rows, rp_row, n * rollouts);
        RP_TRY_ALLOC(answers);
        rp_metrics unused = {.count = 0};
        RP_TRY(rp_sample_rollouts(t, further, n, rollouts, batches, answers, &unused));
        rp_metrics_set(metrics, "tokens_sampled",
                       rp_metrics_get(metrics, "tokens_sampled", 0) + rp_metrics_get(&unused, "tokens_sampled", 0));
        for (size_t q = 0; q < n && open < count; q++) {
            if (!disagrees(&answers[q * rollouts], rollouts)) continue;
            problems[open] = further[q];
            for (size_t j = 0; j < rollouts; j++) {
                rows[open * rollouts + j] = answers[q * rollouts + j];
                rows[open * rollouts + j].group = (uint32_t)open;
            }
            while (open < count && disagrees(&rows[open * rollouts], rollouts)) open++;
        }
    }
    size_t kept = 0;
    for (size_t q = 0; q < count; q++) kept += disagrees(&rows[q * rollouts], rollouts);
    rp_metrics_set(metrics, "dynamic_batches", batches);
    rp_metrics_set(metrics, "dynamic_kept", (double)kept);
    return RP_OK;
}

/* ---- ReLIFT ---------------------------------------------------------------------------------------------------- */

static rp_status supervised_update(rp_trainer *t, size_t count, rp_metrics *metrics) {
    rp_row *rows = rp_alloc_zero(t->rows, rp_row, count);
    RP_TRY_ALLOC(rows);
    for (size_t i = 0; i < count; i++) {
        rp_problem *problems;
        size_t n;
        RP_TRY(rp_problems_of_step(t->source, t->failed[i].step, 0, t->rows, &problems, &n));
        RP_TRY(expert_row(t, &problems[t->failed[i].number], (uint32_t)i, &rows[i]));
    }
    rp_metrics own = {.count = 0};
    RP_TRY(rp_update_rows(t, rows, count, count, &own));
    rp_metrics_set(metrics, "supervised_loss", rp_metrics_get(&own, "loss", 0));
    t->failed_count -= count;
    memmove(t->failed, t->failed + count, t->failed_count * sizeof *t->failed);
    return RP_OK;
}

rp_status rp_learn_from_failures(rp_trainer *t, const rp_group_report *groups, size_t count, rp_metrics *metrics) {
    if (!rp_settings_has(t->algorithm, "buffer_size")) return RP_OK;
    for (size_t q = 0; q < count && t->failed_count < RP_FAILED_MAX; q++) {
        bool any = false;
        for (size_t j = 0; j < groups[q].count; j++) any = any || groups[q].rows[j].reward.correct > 0;
        if (!any && groups[q].problem->solution.length) /* t->step already counts this step */
            t->failed[t->failed_count++] = (failed_question){t->step - 1, (int64_t)q};
    }
    const size_t wanted = (size_t)rp_trainer_setting(t, "buffer_size");
    if (t->failed_count >= wanted && wanted <= RP_FAILED_MAX) RP_TRY(supervised_update(t, wanted, metrics));
    rp_metrics_set(metrics, "failures_waiting", (double)t->failed_count);
    return RP_OK;
}

/* ---- All together ---------------------------------------------------------------------------------------------- */

rp_status rp_gather_rows(rp_trainer *t, const rp_problem *problems, size_t count, rp_row **rows, size_t *per_group,
                         rp_group_report *reports, rp_metrics *metrics) {
    rp_settings_at_step(t->algorithm, &t->settings, (size_t)t->step); /* before any setting is read */
    const bool supervised = (t->needs & RP_NEEDS_NO_ROLLOUT) != 0, later = rp_settings_has(t->algorithm, "buffer_size");
    const bool hybrid = (t->needs & RP_NEEDS_PREFIX) != 0, expert = (t->needs & RP_NEEDS_EXPERT) != 0 && !later;
    const size_t G = supervised ? 1 : (size_t)t->recipe->rollouts, sampled = G - (expert ? 1 : 0);
    rp_problem *asked = rp_alloc(t->rows, rp_problem, count); /* dynamic sampling exchanges some */
    rp_row *made = rp_alloc_zero(t->rows, rp_row, count * G), *last = rp_alloc_zero(t->rows, rp_row, count);
    if (!asked || !made || !last) return RP_ERR_MEMORY;
    memcpy(asked, problems, count * sizeof *asked);
    if (sampled) RP_TRY(rp_sample_rollouts(t, asked, count, sampled, 0, made, metrics));
    if (rp_settings_has(t->algorithm, "dynamic_sampling") && rp_trainer_setting(t, "dynamic_sampling") != 0 && t->source)
        RP_TRY(resample(t, asked, count, sampled, made, metrics));
    if (hybrid) RP_TRY(hybrid_rows(t, asked, count, last, metrics));
    for (size_t q = 0; q < count && expert && !hybrid; q++) RP_TRY(expert_row(t, &asked[q], (uint32_t)q, &last[q]));
    if (supervised && t->recipe->demonstrations) RP_TRY(rp_rephrase_demonstrations(t, asked, count, last, metrics));
    if (expert) append_to_groups(made, count, sampled, last);
    for (size_t q = 0; q < count; q++)
        reports[q] = (rp_group_report){
            .problem = &asked[q], .policy = t->policy, .rows = made + q * G, .count = G, .replaced = -1};
    if (t->needs & RP_NEEDS_REPHRASE) RP_TRY(rp_rephrase_groups(t, asked, count, G, made, reports, metrics));
    *rows = made;
    *per_group = G;
    return RP_OK;
}
