/* SPDX-License-Identifier: MIT
 *
 * replace.c — the row argmin R makes way for a rephrasing; ties are broken by the stream (seed, REPLACE, step, question).
 */
#include "replace.h"

/* The row of lowest reward; among equals each is equally likely. */
static size_t worst_row(const rp_trainer *trainer, const rp_groups *groups, size_t question) {
    const rp_row *group = rp_group_rows(groups, question);
    const size_t rollouts = groups->size;
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

/* The verdict on a candidate that depends on its group: gate closed, or no better than what it would replace. */
static void judge_in_group(const rp_trainer *trainer, const rp_groups *groups, rp_candidate *c) {
    const rp_row *worst = rp_group_rows(groups, c->question) + worst_row(trainer, groups, c->question);
    if (groups->reports[c->question].rephrase == RP_REPHRASE_NOT_GATED)
        c->outcome = RP_REPHRASE_NOT_GATED;
    else if (c->outcome == RP_REPHRASE_PASSED && trainer->plan.gate.verify && c->row.reward.total <= worst->reward.total)
        c->outcome = RP_REPHRASE_NOT_BETTER;
}

/* Returns whether it went in. */
static bool offer(const rp_trainer *trainer, rp_groups *groups, const rp_candidate *c) {
    rp_group_report *report = &groups->reports[c->question];
    if (c->outcome == RP_REPHRASE_NOT_GATED || report->replaced >= 0) return false; /* an earlier one went in */
    report->rephrase_text = c->row.text;
    report->rephrase = c->outcome;
    if (c->outcome != RP_REPHRASE_PASSED) return false;
    const size_t worst = worst_row(trainer, groups, c->question);
    rp_row *row = rp_group_rows(groups, c->question) + worst;
    report->before = *row;
    report->replaced = (int)worst;
    *row = c->row;
    return true;
}

void rp_replace_worst(rp_trainer *trainer, rp_groups *groups, rp_candidates *candidates, rp_metrics *metrics) {
    size_t replaced = 0;
    /* All are judged before any goes in: each against the rows as sampled. */
    for (size_t i = 0; i < candidates->count; i++) judge_in_group(trainer, groups, &candidates->list[i]);
    for (size_t i = 0; i < candidates->count; i++) replaced += offer(trainer, groups, &candidates->list[i]);
    rp_metrics_set(metrics, "replaced", (double)replaced);
    if (!trainer->plan.gate.raw) {
        rp_count_candidates(candidates, metrics);
        return;
    }
    rp_metrics_set(metrics, "rephrase_sampled", 0);
    if (candidates->count > replaced) rp_metrics_set(metrics, "raw_rejected", (double)(candidates->count - replaced));
}
