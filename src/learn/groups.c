/* SPDX-License-Identifier: MIT
 *
 * groups.c — the questions of a step with their rows: what the phases of a step hand to each other.
 */
#include "groups.h"

#include "rows.h"

#include <string.h>

rp_status rp_groups_create(rp_trainer *t, const rp_problem *problems, size_t count, rp_groups *groups) {
    const rp_plan *plan = &t->plan;
    rp_groups made = {.count = count, .size = plan->rollouts ? (size_t)t->recipe->num_generations : plan->demonstrations};
    made.sampled = made.size - plan->demonstrations;
    made.problems = rp_alloc(t->rows, rp_problem, count);
    made.rows = rp_alloc_zero(t->rows, rp_row, count * made.size);
    made.reports = rp_alloc_zero(t->rows, rp_group_report, count);
    if (!made.problems || !made.rows || !made.reports) return RP_ERR_MEMORY;
    memcpy(made.problems, problems, count * sizeof *problems);
    for (size_t q = 0; q < count; q++)
        made.reports[q] = (rp_group_report){.problem = &made.problems[q],
                                            .policy = t->policy,
                                            .rows = made.rows + q * made.size,
                                            .count = made.size,
                                            .replaced = -1};
    *groups = made;
    return RP_OK;
}

rp_row *rp_group_rows(const rp_groups *groups, size_t question) {
    RP_REQUIRE(question < groups->count);
    return groups->rows + question * groups->size;
}

void rp_groups_check(const rp_groups *groups) {
    rp_rows_check(groups->rows, groups->count * groups->size);
    for (size_t q = 0; q < groups->count; q++) {
        const rp_group_report *report = &groups->reports[q];
        RP_REQUIRE(report->problem == &groups->problems[q] && report->rows == rp_group_rows(groups, q));
        RP_REQUIRE(report->count == groups->size && report->replaced < (int)groups->size);
        for (size_t j = 0; j < groups->size; j++) RP_REQUIRE(report->rows[j].group == q);
    }
}
