/* SPDX-License-Identifier: MIT
 *
 * gate.c — where a group fails too often, it is rephrased [repo.gate].
 *
 *   failures    γ = (1/G) Σ 1[R(o_i) < δ]
 *   gate        open when γ >= ρ (or always)
 */
#include "gate.h"

static double failed_share(const rp_row *group, size_t rollouts, double delta) {
    size_t failed = 0;
    for (size_t j = 0; j < rollouts; j++) failed += group[j].reward.total < delta;
    return (double)failed / (double)rollouts;
}

rp_status rp_open_gates(rp_trainer *t, rp_groups *groups, rp_questions *asked, rp_metrics *metrics) {
    const rp_gate *gate = &t->plan.gate;
    const bool eager = t->recipe->rephrase_eager && !gate->raw; /* there is nothing to sample ahead of the gate */
    *asked = (rp_questions){.number = rp_alloc(t->rows, size_t, groups->count)};
    RP_TRY_ALLOC(asked->number);
    double opened = 0;
    for (size_t q = 0; q < groups->count; q++) {
        rp_group_report *report = &groups->reports[q];
        const bool known = groups->problems[q].solution.length > 0;
        report->failed_share = failed_share(report->rows, groups->size, gate->delta);
        const bool open = gate->always || report->failed_share >= gate->rho;
        opened += open;
        report->rephrase = !open ? RP_REPHRASE_NOT_GATED : known ? RP_REPHRASE_NONE : RP_REPHRASE_NO_SOLUTION;
        if (known && (open || eager)) asked->number[asked->count++] = q;
    }
    rp_metrics_set(metrics, "gate_opened", opened);
    return RP_OK;
}
