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
#include "gather.h"

#include "demonstrate.h"
#include "rephrase.h"
#include "rollout.h"

#include <string.h>

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
    if (hybrid) RP_TRY(rp_hybrid_rows(t, asked, count, last, metrics));
    for (size_t q = 0; q < count && expert && !hybrid; q++) RP_TRY(rp_expert_row(t, &asked[q], (uint32_t)q, &last[q]));
    if (supervised && t->recipe->demonstrations) RP_TRY(rp_rephrase_demonstrations(t, asked, count, last, metrics));
    if (expert) append_to_groups(made, count, sampled, last);
    for (size_t q = 0; q < count; q++)
        reports[q] =
            (rp_group_report){.problem = &asked[q], .policy = t->policy, .rows = made + q * G, .count = G, .replaced = -1};
    if (t->needs & RP_NEEDS_REPHRASE) RP_TRY(rp_rephrase_groups(t, asked, count, G, made, reports, metrics));
    *rows = made;
    *per_group = G;
    return RP_OK;
}
