/* SPDX-License-Identifier: MIT
 *
 * step.c — one training step, phase by phase, as docs/tour.md tells it.
 *
 * What each phase does depends on the algorithm's plan of this step alone (rp_algorithm_plan); a phase that the plan does not
 * want returns at once.
 */
#include "step.h"

#include "demonstrate.h"
#include "dynamic.h"
#include "failures.h"
#include "knowledge.h"
#include "replace.h"
#include "rollout.h"
#include "update.h"

/* Room for what the update will see of each row; of all rows, because which groups are logged is decided later. */
static rp_status make_room_for_traces(rp_arena *arena, rp_row *rows, size_t count) {
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

/* RePO's middle: the gate, the rephrasings, the replacement. */
static rp_status rephrase(rp_trainer *t, rp_groups *groups, rp_metrics *metrics) {
    if (!t->plan.gate.wanted) return RP_OK;
    rp_questions asked;
    rp_candidates candidates;
    RP_TRY(rp_open_gates(t, groups, &asked, metrics));
    RP_TRY(rp_make_candidates(t, &t->plan.gate, groups, &asked, &candidates, metrics));
    rp_replace_worst(t, groups, &candidates, metrics);
    return RP_OK;
}

/* G answers to each question, with their rewards. */
static rp_status roll_out(rp_trainer *t, rp_groups *groups, rp_metrics *metrics) {
    if (!groups->sampled) return RP_OK;
    RP_TRY(rp_sample_rollouts(t, groups, 0));
    rp_reward_rollouts(t, groups);
    rp_measure_rollouts(groups, metrics);
    return RP_OK;
}

/* An answer that was cut says nothing about how it would have ended. Its tokens leave the loss, and so the denominators that count
 * tokens; its row stays in those that count rows unless empty_rows = skip, and its reward in the baseline. */
static rp_status mask_truncated_completions(rp_trainer *t, rp_groups *groups) {
    for (size_t i = 0; t->recipe->mask_truncated_completions && i < groups->count * groups->size; i++) {
        rp_row *row = &groups->rows[i];
        if (row->stopped || row->source != RP_SOURCE_POLICY) continue;
        row->mask = rp_alloc_zero(t->rows, uint8_t, rp_row_tokens(row));
        RP_TRY_ALLOC(row->mask);
    }
    return RP_OK;
}

rp_status rp_step_rows(rp_trainer *t, const rp_problem *problems, size_t count, rp_groups *groups, rp_metrics *metrics) {
    RP_TRY(rp_groups_create(t, problems, count, groups));
    RP_TRY(roll_out(t, groups, metrics));
    RP_TRY(rp_resample_undecided(t, groups, metrics));
    RP_TRY(rp_add_demonstrations(t, groups, metrics));
    RP_TRY(rp_rephrase_demonstrations(t, groups, metrics));
    RP_TRY(rephrase(t, groups, metrics));
    RP_TRY(rp_condition_on_knowledge(t, groups));
    RP_TRY(mask_truncated_completions(t, groups));
    rp_groups_check(groups);
    return RP_OK;
}

rp_status rp_trainer_rl_step(rp_trainer *t, const rp_problem *problems, size_t count, rp_metrics *metrics,
                             rp_group_report **reports) {
    const double began = rp_seconds();
    rp_groups groups;
    RP_TRY(rp_trainer_begin_step(t));
    rp_metrics_set(metrics, "step", (double)(t->step + 1));
    RP_TRY(rp_step_rows(t, problems, count, &groups, metrics));
    RP_TRY(make_room_for_traces(t->rows, groups.rows, count * groups.size));
    const double sampled = rp_seconds();
    RP_TRY(rp_trainer_update(t, groups.rows, count * groups.size, count, metrics));
    RP_TRY(rp_learn_from_failures(t, &groups, metrics));
    rp_metrics_set(metrics, "seconds_sampling", sampled - began);
    rp_metrics_set(metrics, "seconds_update", rp_seconds() - sampled);
    rp_metrics_set(metrics, "seconds", rp_seconds() - began);
    if (reports) *reports = groups.reports;
    return RP_OK;
}
