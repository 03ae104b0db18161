/* SPDX-License-Identifier: MIT
 *
 * rephrase.c — RePO's middle: the gate, the rephrased trajectory, and the replacement [repo.gate].
 *
 *   failures    γ = (1/G) Σ 1[R(o_i) < δ]
 *   gate        open when γ >= ρ (or always)
 *   rephrase    o_rep ~ π_θ(· | P(q, k)), meta lines stripped, filters applied, scored by the same reward
 *   replace     the row argmin R gives way; ties are broken by the stream (seed, REPLACE, step, question)
 *
 * What stands behind q afterwards is an ordinary row: its log-probabilities are taken under q (reading A), after the
 * replacement and never before.
 */
#include "rephrase.h"

#include <string.h>

/* Supervised algorithms have no gate: what they learn from must be right. */
static bool verifies(const rp_trainer *t) {
    return !rp_settings_has(t->algorithm, "verify") || rp_trainer_setting(t, "verify") != 0;
}
static double failure_bound(const rp_trainer *t) {
    return rp_settings_has(t->algorithm, "delta") ? rp_trainer_setting(t, "delta") : 0.5;
}

typedef struct candidate { /* one sampled rephrasing of one question */
    size_t question;
    rp_row row; /* behind the plain prompt */
    rp_rephrase_outcome outcome;
} candidate;

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

/* The one tally: each rephrasing that was sampled passed or was rejected, for one reason. */
static void count_outcomes(const candidate *candidates, size_t count, rp_metrics *metrics) {
    double of[RP_REPHRASE_OUTCOMES] = {0};
    for (size_t i = 0; i < count; i++) {
        RP_REQUIRE(candidates[i].outcome >= RP_REPHRASE_PASSED);
        of[candidates[i].outcome]++;
    }
    rp_metrics_set(metrics, "rephrase_sampled", (double)count);
    rp_metrics_set(metrics, "rephrase_passed", of[RP_REPHRASE_PASSED]);
    rp_metrics_set(metrics, "rephrase_pass_rate", count ? of[RP_REPHRASE_PASSED] / (double)count : 0);
    for (int k = RP_REPHRASE_EMPTY; k < RP_REPHRASE_NOT_GATED; k++)
        if (of[k] > 0) rp_metrics_set(metrics, outcome_names[k], of[k]);
    if (of[RP_REPHRASE_NOT_GATED] > 0) rp_metrics_set(metrics, "rephrase_rejected_not_gated", of[RP_REPHRASE_NOT_GATED]);
}

static double failed_share(const rp_row *group, size_t rollouts, double delta) {
    size_t failed = 0;
    for (size_t j = 0; j < rollouts; j++) failed += group[j].reward.total < delta;
    return (double)failed / (double)rollouts;
}

/* The row of lowest reward; among equals each is equally likely. */
static size_t worst_row(const rp_trainer *trainer, const rp_row *group, size_t rollouts, size_t question) {
    double lowest = group[0].reward.total;
    size_t ties = 0;
    for (size_t j = 1; j < rollouts; j++)
        if (group[j].reward.total < lowest) lowest = group[j].reward.total;
    for (size_t j = 0; j < rollouts; j++) ties += group[j].reward.total == lowest;
    rp_rng rng =
        rp_rng_stream((uint64_t)trainer->recipe->seed, RP_RNG_REPLACE, (uint32_t)trainer->step, (uint32_t)question, 0);
    uint32_t pick = rp_rng_below(&rng, (uint32_t)ties);
    for (size_t j = 0;; j++)
        if (group[j].reward.total == lowest && pick-- == 0) return j;
}

/* ---- Turning what was sampled into a row behind the plain question --------------------------------------------- */

/* Keeps the sampled tokens when stripping changed nothing, so that re-encoding cannot change the segmentation. */
static rp_status candidate_row(rp_trainer *trainer, const rp_row *plain, const rp_problem *problem, const int32_t *ids,
                               size_t n, rp_str raw, rp_str clean, bool stopped, candidate *out) {
    rp_encoding response = {.ids = rp_alloc(trainer->rows, int32_t, n), .length = n};
    RP_TRY_ALLOC(response.ids);
    memcpy(response.ids, ids, n * sizeof *ids);
    if (!rp_str_equal(raw, clean)) RP_TRY(rp_policy_response(trainer->policy, trainer->rows, clean, &response));
    if (plain->prompt_length + response.length > (size_t)trainer->policy->model->config.context) {
        out->outcome = RP_REPHRASE_LONG;
        return RP_OK;
    }
    RP_TRY(rp_row_create(trainer->rows, plain->ids, plain->prompt_length, response.ids, response.length, &out->row));
    out->row.group = plain->group;
    out->row.source = RP_SOURCE_REPHRASED;
    out->row.stopped = stopped;
    out->row.text = clean;
    out->row.reward = rp_reward_of(trainer->recipe, trainer->rows, problem, clean, response.length, stopped);
    return RP_OK;
}

static rp_status judge(rp_trainer *trainer, const rp_row *plain, const rp_problem *problem,
                       const rp_generate_result *result, double *copy_sum, candidate *out) {
    rp_str raw, clean;
    double copy = 0;
    RP_TRY(rp_policy_text(trainer->policy, trainer->rows, result->ids, result->length, &raw));
    out->outcome = rp_rephrase_clean(trainer->rows, raw, problem->solution, trainer->recipe->copy_limit, &clean, &copy);
    *copy_sum += copy;
    out->row.text = clean;
    if (out->outcome == RP_REPHRASE_PASSED && !result->stopped) out->outcome = RP_REPHRASE_TRUNCATED;
    if (out->outcome != RP_REPHRASE_PASSED) return RP_OK;
    RP_TRY(candidate_row(trainer, plain, problem, result->ids, result->length, raw, clean, result->stopped, out));
    if (out->outcome == RP_REPHRASE_PASSED && verifies(trainer) && out->row.reward.total < failure_bound(trainer))
        out->outcome = RP_REPHRASE_REWARD;
    return RP_OK;
}

/* Samples `each` rephrasings for every listed question and judges them; candidates question by question. */
static rp_status sample_rephrasings(rp_trainer *trainer, const rp_problem *problems, const rp_row *rows, size_t rollouts,
                                    const size_t *questions, size_t count, size_t each, candidate *candidates,
                                    rp_metrics *metrics) {
    const rp_recipe *recipe = trainer->recipe;
    const size_t n = count * each;
    rp_generate_request *requests = rp_alloc_zero(trainer->rows, rp_generate_request, n);
    rp_generate_result *results = rp_alloc_zero(trainer->rows, rp_generate_result, n);
    if (!requests || !results) return RP_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const size_t q = questions[i / each];
        rp_encoding prompt;
        RP_TRY(rp_policy_prompt(trainer->policy, trainer->rows, problems[q].question, &problems[q].solution, &prompt));
        requests[i] =
            (rp_generate_request){.prompt = prompt.ids,
                                  .prompt_length = prompt.length,
                                  .max_new = (size_t)recipe->max_new,
                                  .rng = rp_rng_stream((uint64_t)recipe->seed, RP_RNG_REPHRASE, (uint32_t)trainer->step,
                                                       (uint32_t)q, (uint32_t)(i % each))};
    }
    rp_generate_options options = rp_trainer_sampling(trainer);
    options.sampling = (rp_sampling){.temperature = recipe->rephrase_temperature, .top_p = recipe->rephrase_top_p};
    RP_TRY(rp_trainer_generate(trainer, &options, requests, n, results));
    double copy_sum = 0, tokens = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t q = questions[i / each];
        candidates[i] = (candidate){.question = q};
        tokens += (double)results[i].length;
        RP_TRY(judge(trainer, &rows[q * rollouts], &problems[q], &results[i], &copy_sum, &candidates[i]));
    }
    rp_metrics_set(metrics, "tokens_sampled", rp_metrics_get(metrics, "tokens_sampled", 0) + tokens);
    rp_metrics_set(metrics, "rephrase_copy_share", n ? copy_sum / (double)n : 0);
    return RP_OK;
}

/* source = raw: the knowledge itself is the trajectory, in its own words and style. */
static rp_status raw_knowledge(rp_trainer *trainer, const rp_problem *problems, const rp_row *rows, size_t rollouts,
                               const size_t *questions, size_t count, candidate *candidates) {
    for (size_t i = 0; i < count; i++) {
        const size_t q = questions[i];
        candidate *c = &candidates[i];
        *c = (candidate){.question = q, .outcome = RP_REPHRASE_PASSED};
        rp_encoding response;
        RP_TRY(rp_policy_response(trainer->policy, trainer->rows, problems[q].solution, &response));
        RP_TRY(candidate_row(trainer, &rows[q * rollouts], &problems[q], response.ids, response.length,
                             problems[q].solution, problems[q].solution, true, c));
        if (c->outcome != RP_REPHRASE_PASSED) continue;
        c->row.source = RP_SOURCE_EXPERT;
        if (verifies(trainer) && c->row.reward.total < failure_bound(trainer)) c->outcome = RP_REPHRASE_REWARD;
    }
    return RP_OK;
}

/* ---- Replacement ----------------------------------------------------------------------------------------------- */

/* The verdict on a candidate that depends on its group: gate closed, or no better than what it would replace. */
static void judge_in_group(const rp_trainer *trainer, const rp_row *group, size_t rollouts, const rp_group_report *report,
                           candidate *c) {
    const size_t worst = worst_row(trainer, group, rollouts, c->question);
    if (report->rephrase == RP_REPHRASE_NOT_GATED)
        c->outcome = RP_REPHRASE_NOT_GATED;
    else if (c->outcome == RP_REPHRASE_PASSED && verifies(trainer) && c->row.reward.total <= group[worst].reward.total)
        c->outcome = RP_REPHRASE_NOT_BETTER;
}

/* Puts the first usable candidate of each question in the place of its group's worst row; returns how many went in. */
static size_t replace(const rp_trainer *trainer, const candidate *candidates, size_t count, size_t rollouts, rp_row *rows,
                      rp_group_report *reports) {
    size_t replaced = 0;
    for (size_t i = 0; i < count; i++) {
        const candidate *c = &candidates[i];
        rp_group_report *report = &reports[c->question];
        if (c->outcome == RP_REPHRASE_NOT_GATED || report->replaced >= 0) continue; /* an earlier one went in */
        report->rephrase_text = c->row.text;
        report->rephrase = c->outcome;
        if (c->outcome != RP_REPHRASE_PASSED) continue;
        rp_row *group = &rows[c->question * rollouts];
        const size_t worst = worst_row(trainer, group, rollouts, c->question);
        report->before = group[worst];
        report->replaced = (int)worst;
        group[worst] = c->row;
        replaced++;
    }
    return replaced;
}

rp_status rp_rephrase_groups(rp_trainer *trainer, const rp_problem *problems, size_t count, size_t rollouts, rp_row *rows,
                             rp_group_report *reports, rp_metrics *metrics) {
    const double rho = rp_trainer_setting(trainer, "rho"), delta = rp_trainer_setting(trainer, "delta");
    const bool always = rp_trainer_setting(trainer, "gate") != 0, raw = rp_trainer_setting(trainer, "source") != 0;
    const bool eager = trainer->recipe->rephrase_eager && !raw; /* there is nothing to sample ahead of the gate */
    const size_t each = raw ? 1 : (size_t)rp_trainer_setting(trainer, "rephrases");
    size_t *questions = rp_alloc(trainer->rows, size_t, count), asked = 0;
    candidate *candidates = rp_alloc_zero(trainer->rows, candidate, count * each);
    if (!questions || !candidates) return RP_ERR_MEMORY;
    double opened = 0;
    for (size_t q = 0; q < count; q++) {
        rp_group_report *report = &reports[q];
        report->failed_share = failed_share(&rows[q * rollouts], rollouts, delta);
        const bool open = always || report->failed_share >= rho;
        opened += open;
        report->rephrase = !open                         ? RP_REPHRASE_NOT_GATED
                           : problems[q].solution.length ? RP_REPHRASE_NONE
                                                         : RP_REPHRASE_NO_SOLUTION;
        if (problems[q].solution.length && (open || eager)) questions[asked++] = q;
    }
    if (raw)
        RP_TRY(raw_knowledge(trainer, problems, rows, rollouts, questions, asked, candidates));
    else
        RP_TRY(sample_rephrasings(trainer, problems, rows, rollouts, questions, asked, each, candidates, metrics));
    for (size_t i = 0; i < asked * each; i++) {
        const size_t q = candidates[i].question;
        judge_in_group(trainer, &rows[q * rollouts], rollouts, &reports[q], &candidates[i]);
    }
    rp_metrics_set(metrics, "gate_opened", opened);
    const size_t replaced = replace(trainer, candidates, asked * each, rollouts, rows, reports);
    rp_metrics_set(metrics, "replaced", (double)replaced);
    if (!raw) {
        count_outcomes(candidates, asked * each, metrics);
        return RP_OK;
    }
    rp_metrics_set(metrics, "rephrase_sampled", 0);
    if (asked > replaced) rp_metrics_set(metrics, "raw_rejected", (double)(asked - replaced));
    return RP_OK;
}

rp_status rp_rephrase_demonstrations(rp_trainer *trainer, const rp_problem *problems, size_t count, rp_row *rows,
                                     rp_metrics *metrics) {
    size_t *questions = rp_alloc(trainer->rows, size_t, count);
    candidate *candidates = rp_alloc_zero(trainer->rows, candidate, count);
    if (!questions || !candidates) return RP_ERR_MEMORY;
    for (size_t q = 0; q < count; q++) questions[q] = q;
    RP_TRY(sample_rephrasings(trainer, problems, rows, 1, questions, count, 1, candidates, metrics));
    for (size_t q = 0; q < count; q++) {
        if (candidates[q].outcome == RP_REPHRASE_PASSED) {
            rows[q] = candidates[q].row;
            continue;
        }
        rows[q].mask = rp_alloc_zero(trainer->rows, uint8_t, rp_row_tokens(&rows[q])); /* nothing to learn from */
        RP_TRY_ALLOC(rows[q].mask);
    }
    count_outcomes(candidates, count, metrics);
    return RP_OK;
}

rp_status rp_rows_under_knowledge(rp_trainer *trainer, const rp_problem *problems, const rp_row *rows, size_t count,
                                  rp_row *out) {
    for (size_t i = 0; i < count; i++) {
        out[i] = rows[i];
        if (rows[i].source == RP_SOURCE_POLICY) continue;
        const rp_problem *problem = &problems[rows[i].group];
        rp_encoding prompt;
        RP_TRY(rp_policy_prompt(trainer->policy, trainer->rows, problem->question, &problem->solution, &prompt));
        rp_row moved;
        RP_TRY(rp_row_create(trainer->rows, prompt.ids, prompt.length, rows[i].ids + rows[i].prompt_length,
                             rp_row_tokens(&rows[i]), &moved));
        out[i].ids = moved.ids;
        out[i].prompt_length = moved.prompt_length;
        out[i].length = moved.length;
    }
    return RP_OK;
}
