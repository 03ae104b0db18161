/* SPDX-License-Identifier: MIT
 *
 * batch.c — finished rows as the arrays an algorithm reads, and what is frozen before the first update of a step.
 *
 * Three log-probabilities of one token: log π_θ of the current weights; log π_old, frozen when the step's rows are complete; log μ,
 * as the sampler reported it. Sampling and training compute the same bits (rp_trainer_samples_exactly), so what the sampler
 * recorded is log π_θ as long as the weights are those it sampled with.
 */
#include "batch.h"

#include <string.h>

rp_status rp_update_flatten(rp_trainer *t, const rp_row *rows, size_t count, size_t groups, rp_update_batch *out) {
    rp_update_batch u = {.rows = rows, .count = count};
    uint32_t *start = rp_alloc(t->rows, uint32_t, count + 1), *group = rp_alloc(t->rows, uint32_t, count);
    uint8_t *source = rp_alloc(t->rows, uint8_t, count);
    real *reward = rp_alloc(t->rows, real, count), *parts = rp_alloc(t->rows, real, count * 3);
    if (!start || !group || !source || !reward || !parts) return RP_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        start[i] = (uint32_t)u.tokens;
        u.tokens += rp_row_tokens(&rows[i]);
        group[i] = rows[i].group - rows[0].group; /* an update holds whole, consecutive groups: the first becomes 0 */
        source[i] = (uint8_t)rows[i].source;
        reward[i] = (real)rows[i].reward.total;
        parts[3 * i] = (real)rows[i].reward.correct;
        parts[3 * i + 1] = (real)rows[i].reward.format;
        parts[3 * i + 2] = (real)(1 + rows[i].reward.length); /* -1 .. 0 as 0 .. 1, like the others; differences stay */
    }
    start[count] = (uint32_t)u.tokens;
    uint8_t *mask = rp_alloc(t->rows, uint8_t, u.tokens);
    u.logp = rp_alloc_zero(t->rows, real, u.tokens);
    u.entropy = rp_alloc_zero(t->rows, real, u.tokens);
    u.value = t->critic.weights ? rp_alloc_zero(t->rows, real, u.tokens) : NULL;
    if (!mask || !u.logp || !u.entropy || (t->critic.weights && !u.value)) return RP_ERR_MEMORY;
    uint8_t *prefix = rp_alloc(t->rows, uint8_t, u.tokens);
    RP_TRY_ALLOC(prefix);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < rp_row_tokens(&rows[i]); k++) {
            mask[start[i] + k] = rows[i].mask ? rows[i].mask[k] : 1;
            prefix[start[i] + k] = k < rows[i].prefix_length;
        }
    }
    const bool format = t->recipe->reward_format != 0, length = t->recipe->reward_length != 0;
    u.batch = (rp_batch){.rows = count,
                         .start = start,
                         .group = group,
                         .groups = groups,
                         .source = source,
                         .mask = mask,
                         .prefix = t->plan.needs & RP_NEEDS_PREFIX ? prefix : NULL,
                         .logp = u.logp,
                         .logp_old = u.logp,
                         .entropy = u.entropy,
                         .value = u.value,
                         .value_old = u.value,
                         .reward = reward,
                         .reward_parts = format || length ? parts : NULL,
                         .parts = format || length ? 3 : 0,
                         .longest = (size_t)t->recipe->max_completion_length};
    *out = u;
    return RP_OK;
}

/* The sampler's likeliest tokens, what it thought of them, and room for what the current policy thinks. */
static rp_status fill_candidates(rp_trainer *t, rp_update_batch *u) {
    const size_t K = rp_trainer_candidates(t);
    int32_t *ids = rp_alloc(t->rows, int32_t, u->tokens * K), *sampled = rp_alloc(t->rows, int32_t, u->tokens);
    real *behavior = rp_alloc(t->rows, real, u->tokens * K);
    u->top_logp = rp_alloc_zero(t->rows, real, u->tokens * K);
    if (!ids || !sampled || !behavior || !u->top_logp) return RP_ERR_MEMORY;
    for (size_t i = 0; i < u->count; i++) {
        const rp_row *row = &u->rows[i];
        const size_t from = u->batch.start[i], n = rp_row_tokens(row);
        if (!row->top_ids || !row->top_logp)
            return rp_fail(RP_ERR_ARGUMENT, "%s compares with the sampler's likeliest tokens; row %zu was not sampled",
                           t->algorithm->name, i);
        memcpy(ids + from * K, row->top_ids, n * K * sizeof *ids);
        memcpy(behavior + from * K, row->top_logp, n * K * sizeof *behavior);
        memcpy(sampled + from, row->ids + row->prompt_length, n * sizeof *sampled);
    }
    u->batch.topk = K;
    u->batch.topk_ids = ids;
    u->batch.topk_logp_behavior = behavior;
    u->batch.topk_logp = u->top_logp;
    u->batch.token_ids = sampled;
    return RP_OK;
}

/* What the sampler reported; rows that were not sampled under their prompt (written or re-encoded ones) get log π_old, that is
 * a ratio of 1 to themselves: the sampler's values under P(q, k) would silently switch such rows off. */
static rp_status fill_behavior(rp_trainer *t, rp_update_batch *u) {
    real *behavior = rp_alloc(t->rows, real, u->tokens);
    RP_TRY_ALLOC(behavior);
    for (size_t i = 0; i < u->count; i++) {
        const size_t from = u->batch.start[i], n = rp_row_tokens(&u->rows[i]);
        const real *known = u->rows[i].logp_behavior ? u->rows[i].logp_behavior : u->batch.logp_old + from;
        memcpy(behavior + from, known, n * sizeof *behavior);
    }
    u->batch.logp_behavior = behavior;
    return RP_OK;
}

bool rp_row_is_known(const rp_trainer *t, const rp_row *row) {
    return row->exact && t->updates == t->sampled_at;
}

void rp_count_forward(rp_trainer *t, const rp_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        t->passes.forward += rows[i].length;
        t->passes.forward_scored += (double)rp_row_tokens(&rows[i]);
    }
}

/* log π_θ, and what else `out` asks for, of all rows: as recorded where that is known, else by a forward pass. */
rp_status rp_current_values(rp_trainer *t, const rp_update_batch *u, rp_row_values out) {
    const rp_scoring how = rp_trainer_scoring(t, t->policy->model);
    const bool recorded = !out.value && !out.top;                /* the sampler knows nothing else */
    for (size_t first = 0, end; first < u->count; first = end) { /* runs of rows that are all known or all not */
        const size_t k = u->batch.start[first];
        const bool known = recorded && rp_row_is_known(t, &u->rows[first]);
        for (end = first + 1; end < u->count && known == (recorded && rp_row_is_known(t, &u->rows[end]));) end++;
        if (!known) {
            const rp_row_values part = {out.logp + k,
                                        out.entropy ? out.entropy + k : NULL,
                                        out.value ? out.value + k : NULL,
                                        out.top_ids ? out.top_ids + k * out.top : NULL,
                                        out.top,
                                        out.top_logp ? out.top_logp + k * out.top : NULL};
            RP_TRY(rp_rows_logp(&how, u->rows + first, end - first, part));
            rp_count_forward(t, u->rows + first, end - first);
            continue;
        }
        for (size_t i = first; i < end; i++) {
            const size_t from = u->batch.start[i], n = rp_row_tokens(&u->rows[i]);
            memcpy(out.logp + from, u->rows[i].logp_behavior, n * sizeof(real));
            if (out.entropy) memcpy(out.entropy + from, u->rows[i].entropy_behavior, n * sizeof(real));
        }
    }
    return RP_OK;
}

rp_status rp_update_freeze(rp_trainer *t, rp_update_batch *u, bool several_updates) {
    const bool behavior = (t->plan.needs & RP_NEEDS_BEHAVIOR) != 0;
    /* With one update the old policy is the current one: logp_old stays the array that the forward pass fills, as flatten made
     * it, so every ratio is exactly 1. Further updates and the sampler's corrections need a copy that does not move. */
    if (several_updates || behavior) {
        rp_row_values old = {.logp = rp_alloc(t->rows, real, u->tokens),
                             .value = u->value ? rp_alloc(t->rows, real, u->tokens) : NULL};
        if (!old.logp || (u->value && !old.value)) return RP_ERR_MEMORY;
        RP_TRY(rp_current_values(t, u, old));
        u->batch.logp_old = old.logp;
        u->batch.value_old = old.value;
    }
    if (behavior) RP_TRY(fill_behavior(t, u));
    if (t->plan.candidates) RP_TRY(fill_candidates(t, u));
    if (t->plan.needs & RP_NEEDS_REFERENCE) {
        real *reference = rp_alloc(t->rows, real, u->tokens);
        RP_TRY_ALLOC(reference);
        const rp_scoring how = rp_trainer_scoring(t, t->reference);
        RP_TRY(rp_rows_logp(&how, u->rows, u->count, (rp_row_values){.logp = reference}));
        u->batch.logp_ref = reference;
    }
    return RP_OK;
}
