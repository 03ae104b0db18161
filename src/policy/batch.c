/* SPDX-License-Identifier: MIT
 *
 * batch.c — the door: everything behind it may trust the batch.
 *
 * A batch is checked once, here. What a mask hides may hold anything, NaN included, and must never be read into a sum; what
 * it shows must be finite. After this check the pieces and the algorithms cannot fail on the numbers.
 */
#include <rephrase/policy.h>

#include <string.h>

static rp_status check_rows(const rp_batch *batch) {
    if (batch->rows == 0) return rp_fail(RP_ERR_SHAPE, "batch: no rows");
    if (!batch->start) return rp_fail(RP_ERR_SHAPE, "batch: start is missing");
    if (!batch->logp) return rp_fail(RP_ERR_SHAPE, "batch: logp is missing");
    if (batch->start[0] != 0) return rp_fail(RP_ERR_SHAPE, "batch: start[0] is %u, not 0", batch->start[0]);
    for (size_t i = 0; i < batch->rows; i++) {
        if (batch->start[i + 1] < batch->start[i])
            return rp_fail(RP_ERR_SHAPE, "batch: start[%zu] = %u lies before start[%zu] = %u", i + 1, batch->start[i + 1],
                           i, batch->start[i]);
        if (batch->group && batch->group[i] >= batch->groups)
            return rp_fail(RP_ERR_SHAPE, "batch: group[%zu] is %u, but there are %zu groups", i, batch->group[i],
                           batch->groups);
        if (batch->source && batch->source[i] > RP_SOURCE_REPHRASED)
            return rp_fail(RP_ERR_SHAPE, "batch: source[%zu] is %u, no known source", i, batch->source[i]);
    }
    return RP_OK;
}

/* Per-token arrays hold `width` numbers for each token. */
static rp_status check_finite(const rp_batch *batch, const char *name, const real *array, size_t width) {
    if (!array) return RP_OK;
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++)
            for (size_t k = 0; k < width && rp_token_counts(batch, t); k++)
                if (!isfinite(array[t * width + k]))
                    return rp_fail(RP_ERR_NUMERIC, "batch: %s of row %zu, token %zu is %g", name, i, t - batch->start[i],
                                   (double)array[t * width + k]);
    return RP_OK;
}

/* What is no logarithm of a probability: logits and probabilities that were passed in its place. */
static rp_status check_logp(const rp_batch *batch, const char *name, const real *array, size_t width) {
    if (!array) return RP_OK;
    for (size_t i = 0; i < batch->rows; i++)
        for (size_t t = batch->start[i]; t < batch->start[i + 1]; t++)
            for (size_t k = 0; k < width && rp_token_counts(batch, t); k++)
                if ((double)array[t * width + k] > RP_LOGP_SLACK)
                    return rp_fail(RP_ERR_NUMERIC, "batch: %s of row %zu, token %zu is %g; a log-probability is at most 0",
                                   name, i, t - batch->start[i], (double)array[t * width + k]);
    return RP_OK;
}

static rp_status check_rewards(const rp_batch *batch) {
    for (size_t i = 0; batch->reward && i < batch->rows; i++) {
        if (!isfinite(batch->reward[i]))
            return rp_fail(RP_ERR_NUMERIC, "batch: reward[%zu] is %g", i, (double)batch->reward[i]);
        if (fabs((double)batch->reward[i]) > RP_REWARD_LIMIT)
            return rp_fail(RP_ERR_NUMERIC, "batch: reward[%zu] is %g; rewards beyond %g are refused", i,
                           (double)batch->reward[i], RP_REWARD_LIMIT);
    }
    for (size_t i = 0; batch->reward_parts && i < batch->rows; i++)
        for (size_t p = 0; p < batch->parts; p++)
            if (!isfinite(batch->reward_parts[i * batch->parts + p]))
                return rp_fail(RP_ERR_NUMERIC, "batch: reward_parts[%zu][%zu] is %g", i, p,
                               (double)batch->reward_parts[i * batch->parts + p]);
    return RP_OK;
}

/* The batch is a part of the step: the step cannot be smaller than it. */
static rp_status check_totals(const rp_batch *batch) {
    size_t expert_rows = 0, expert_tokens = 0;
    for (size_t i = 0; i < batch->rows; i++) {
        if (rp_row_source(batch, i) != RP_SOURCE_EXPERT) continue;
        expert_rows++;
        expert_tokens += rp_row_length(batch, i);
    }
    if (batch->total_expert_rows > batch->total_rows || batch->total_expert_tokens > batch->total_tokens)
        return rp_fail(RP_ERR_SHAPE, "batch: more rows or tokens of experts than rows or tokens in the whole step");
    const struct {
        const char *name;
        size_t total, own;
        bool given; /* 0 means "not a part" for rows and tokens; for experts only where those are not given */
    } totals[] = {
        {"total_rows", batch->total_rows, batch->rows, batch->total_rows > 0},
        {"total_tokens", batch->total_tokens, rp_batch_length(batch), batch->total_tokens > 0},
        {"total_expert_rows", batch->total_expert_rows, expert_rows, batch->total_expert_rows > 0},
        {"total_expert_tokens", batch->total_expert_tokens, expert_tokens, batch->total_expert_tokens > 0},
    };
    for (size_t k = 0; k < sizeof totals / sizeof totals[0]; k++)
        if (totals[k].given && totals[k].total < totals[k].own)
            return rp_fail(RP_ERR_SHAPE, "batch: %s of the step is %zu, but this part alone has %zu", totals[k].name,
                           totals[k].total, totals[k].own);
    return RP_OK;
}

rp_status rp_batch_check(const rp_batch *batch) {
    RP_TRY(check_rows(batch));
    for (size_t t = 0; batch->mask && t < batch->start[batch->rows]; t++)
        if (batch->mask[t] > 1) return rp_fail(RP_ERR_SHAPE, "batch: mask[%zu] is %u, not 0 or 1", t, batch->mask[t]);
    for (size_t t = 0; batch->prefix && t < batch->start[batch->rows]; t++)
        if (batch->prefix[t] > 1) return rp_fail(RP_ERR_SHAPE, "batch: prefix[%zu] is %u, not 0 or 1", t, batch->prefix[t]);
    const struct {
        const char *name;
        const real *array;
        size_t width;
    } arrays[] = {{"logp", batch->logp, 1},
                  {"logp_old", batch->logp_old, 1},
                  {"logp_behavior", batch->logp_behavior, 1},
                  {"logp_ref", batch->logp_ref, 1},
                  {"logp_detached", batch->logp_detached, 1},
                  {"entropy", batch->entropy, 1},
                  {"value", batch->value, 1},
                  {"value_old", batch->value_old, 1},
                  {"topk_logp_behavior", batch->topk_logp_behavior, batch->topk},
                  {"topk_logp", batch->topk_logp, batch->topk}};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++) {
        RP_TRY(check_finite(batch, arrays[k].name, arrays[k].array, arrays[k].width));
        if (strstr(arrays[k].name, "logp")) RP_TRY(check_logp(batch, arrays[k].name, arrays[k].array, arrays[k].width));
    }
    RP_TRY(check_totals(batch));
    if (batch->topk && (!batch->topk_ids || !batch->topk_logp || !batch->topk_logp_behavior || !batch->token_ids))
        return rp_fail(RP_ERR_SHAPE,
                       "batch: topk is %zu, but topk_ids, topk_logp, topk_logp_behavior or token_ids is missing",
                       batch->topk);
    return check_rewards(batch);
}

size_t rp_row_length(const rp_batch *batch, size_t row) {
    size_t length = 0;
    for (size_t t = batch->start[row]; t < batch->start[row + 1]; t++) length += rp_token_counts(batch, t);
    return length;
}

size_t rp_batch_length(const rp_batch *batch) {
    size_t length = 0;
    for (size_t i = 0; i < batch->rows; i++) length += rp_row_length(batch, i);
    return length;
}

rp_status rp_loss_create(rp_arena *arena, const rp_batch *batch, rp_loss *loss) {
    const size_t n = batch->start[batch->rows] ? batch->start[batch->rows] : 1;
    rp_loss made = {.dlogp = rp_alloc_zero(arena, real, n),
                    .dentropy = rp_alloc_zero(arena, real, n),
                    .dvalue = rp_alloc_zero(arena, real, n),
                    .advantage = rp_alloc_zero(arena, real, n),
                    .weight = rp_alloc_zero(arena, real, n)};
    if (!made.dlogp || !made.dentropy || !made.dvalue || !made.advantage || !made.weight) return RP_ERR_MEMORY;
    *loss = made;
    return RP_OK;
}

void rp_loss_metric(rp_loss *loss, const char *name, double value) {
    size_t k = 0;
    while (k < loss->metric_count && strcmp(loss->metrics[k].name, name) != 0) k++;
    RP_REQUIRE(k < RP_MAX_METRICS);
    loss->metrics[k] = (rp_metric){name, value};
    if (k == loss->metric_count) loss->metric_count++;
}

void rp_loss_add(rp_loss *loss, size_t token, real W, rp_dual l) {
    loss->loss += (double)W * (double)l.value;
    loss->dlogp[token] += W * l.slope;
    loss->weight[token] -= l.slope;
}
