/* SPDX-License-Identifier: MIT
 *
 * dynamic.c — dynamic sampling [dapo.11]: groups that agree are thrown away and other questions asked.
 *
 * A group whose rewards are all equal has no advantage and only dilutes the mean over tokens.
 */
#include "dynamic.h"

#include "rollout.h"

static bool disagrees(const rp_groups *groups, size_t question) {
    const rp_row *rows = rp_group_rows(groups, question);
    double low = rows[0].reward.total, high = low;
    for (size_t j = 1; j < groups->sampled; j++) {
        low = rows[j].reward.total < low ? rows[j].reward.total : low;
        high = rows[j].reward.total > high ? rows[j].reward.total : high;
    }
    return !rp_rewards_equal(low, high);
}

/* The first group from `first` on that does not disagree. */
static size_t next_undecided(const rp_groups *groups, size_t first) {
    while (first < groups->count && disagrees(groups, first)) first++;
    return first;
}

/* Question and rollouts `from` of other groups take the place of group `to`. */
static void exchange(rp_groups *groups, size_t to, const rp_groups *others, size_t from) {
    groups->problems[to] = others->problems[from];
    for (size_t j = 0; j < groups->sampled; j++) {
        rp_row *row = rp_group_rows(groups, to) + j;
        *row = rp_group_rows(others, from)[j];
        row->group = (uint32_t)to;
    }
}

/* One more batch of this step's questions, answered and scored. */
static rp_status ask_further(rp_trainer *t, uint32_t attempt, rp_groups *further, rp_metrics *metrics) {
    rp_problem *problems;
    size_t n;
    rp_metrics own = {.count = 0};
    RP_REQUIRE(t->source); /* rp_trainer_begin_step refused a plan with further batches and no source */
    RP_TRY(rp_problems_of_step(t->source, t->step, attempt, t->rows, &problems, &n));
    RP_TRY(rp_groups_create(t, problems, n, further));
    RP_TRY(rp_sample_rollouts(t, further, attempt));
    rp_reward_rollouts(t, further);
    rp_measure_rollouts(further, &own);
    rp_metrics_set(metrics, "tokens_sampled",
                   rp_metrics_get(metrics, "tokens_sampled", 0) + rp_metrics_get(&own, "tokens_sampled", 0));
    return RP_OK;
}

rp_status rp_resample_undecided(rp_trainer *t, rp_groups *groups, rp_metrics *metrics) {
    if (t->plan.batches <= 1) return RP_OK;
    uint32_t batches = 1;
    size_t open = next_undecided(groups, 0); /* groups before it disagree */
    for (; batches < t->plan.batches && open < groups->count; batches++) {
        rp_groups further;
        RP_TRY(ask_further(t, batches, &further, metrics));
        for (size_t q = 0; q < further.count && open < groups->count; q++) {
            if (!disagrees(&further, q)) continue;
            exchange(groups, open, &further, q);
            open = next_undecided(groups, open);
        }
    }
    size_t kept = 0;
    for (size_t q = 0; q < groups->count; q++) kept += disagrees(groups, q);
    rp_metrics_set(metrics, "dynamic_batches", batches);
    rp_metrics_set(metrics, "dynamic_kept", (double)kept);
    return RP_OK;
}
