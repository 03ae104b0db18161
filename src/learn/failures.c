/* SPDX-License-Identifier: MIT
 *
 * failures.c — ReLIFT: questions that nobody in the group solved wait; when there are enough, one supervised update on their
 * solutions.
 *
 * A question is kept as (step, number), which is all that is needed to ask it again.
 */
#include "failures.h"

#include "demonstrate.h"
#include "update.h"

#include <string.h>

static rp_status supervised_update(rp_trainer *t, size_t count, rp_metrics *metrics) {
    RP_REQUIRE(t->source && count <= t->failed_count);
    rp_row *rows = rp_alloc_zero(t->rows, rp_row, count);
    RP_TRY_ALLOC(rows);
    for (size_t i = 0; i < count; i++) {
        rp_problem *problems;
        size_t n;
        RP_TRY(rp_problems_of_step(t->source, t->failed[i].step, 0, t->rows, &problems, &n));
        RP_TRY(rp_expert_row(t, &problems[t->failed[i].number], (uint32_t)i, &rows[i]));
    }
    rp_metrics own = {.count = 0};
    RP_TRY(rp_update_rows(t, rows, count, count, &own));
    rp_metrics_set(metrics, "supervised_loss", rp_metrics_get(&own, "loss", 0));
    t->failed_count -= count;
    memmove(t->failed, t->failed + count, t->failed_count * sizeof *t->failed);
    return RP_OK;
}

static bool is_failed(const rp_groups *groups, size_t question) {
    const rp_row *rows = rp_group_rows(groups, question);
    for (size_t j = 0; j < groups->size; j++)
        if (rows[j].reward.correct > 0) return false;
    return groups->problems[question].solution.length > 0;
}

rp_status rp_learn_from_failures(rp_trainer *t, const rp_groups *groups, rp_metrics *metrics) {
    const size_t wanted = t->plan.failures;
    if (!wanted) return RP_OK;
    RP_REQUIRE(t->step >= 1); /* the step is counted: its questions are those of step - 1 */
    size_t dropped = 0;
    for (size_t q = 0; q < groups->count; q++) {
        if (!is_failed(groups, q)) continue;
        if (t->failed_count < RP_FAILED_MAX)
            t->failed[t->failed_count++] = (failed_question){t->step - 1, (int64_t)q};
        else
            dropped++;
    }
    if (t->failed_count >= wanted) RP_TRY(supervised_update(t, wanted, metrics));
    rp_metrics_set(metrics, "failures_waiting", (double)t->failed_count);
    if (dropped) rp_metrics_set(metrics, "failures_dropped", (double)dropped);
    return RP_OK;
}
