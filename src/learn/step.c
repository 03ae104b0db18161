/* SPDX-License-Identifier: MIT
 *
 * step.c — one reinforcement-learning step as a sequence of named phases (docs/tour.md walks through it).
 */
#include "failures.h"
#include "gather.h"
#include "rephrase.h"
#include "update.h"

#include <string.h>

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
    (void)rp_trainer_begin_step(t);
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
