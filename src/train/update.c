/* SPDX-License-Identifier: MIT
 *
 * update.c — from finished rows to new weights.
 *
 *   1. log π_old, log π_ref of all rows where the algorithm or the schedule needs them (no gradients)
 *   2. per optimiser update: log π_θ of its rows  →  the algorithm: L, ∂L/∂logπ, ∂L/∂H  →  backward  →  clip  →  AdamW
 *
 * The algorithm sees all rows of an update at once, however many micro-batches the model needs for them, so the loss and its
 * normalisers cannot depend on the split. There are two ways to the gradient:
 *
 *   whole      one micro-batch holds all rows: forward, loss, backward from the activations that were kept
 *   in parts   log π_θ of all rows first, then the loss, then micro-batch by micro-batch forward once more and backward
 *
 * Sampling and training compute the same bits (rp_trainer_samples_exactly), so what the sampler recorded is log π_θ, as long as
 * the weights are those it sampled with. Then `in parts` needs no forward pass for the loss, and rows without a gradient
 * (groups whose rewards are all equal) need none at all.
 */
#include "train_internal.h"

#include <rephrase/kernels.h>

#include <math.h>
#include <string.h>

typedef struct update_batch { /* the rows of one optimiser update, flattened */
    const rp_row *rows;
    size_t count, tokens;
    rp_batch batch;
    real *logp, *entropy, *value; /* of the current weights; value only with a critic */
    real *top_logp;               /* of the recorded tokens under the current weights; only with top */
    size_t *live, live_count;     /* rows with a gradient, in order; known once the loss is */
} update_batch;

/* ---- Flattening ------------------------------------------------------------------------------------------------ */

static rp_status flatten(rp_trainer *t, const rp_row *rows, size_t count, size_t groups, update_batch *out) {
    update_batch u = {.rows = rows, .count = count};
    uint32_t *start = rp_alloc(t->rows, uint32_t, count + 1), *group = rp_alloc(t->rows, uint32_t, count);
    uint8_t *source = rp_alloc(t->rows, uint8_t, count);
    real *reward = rp_alloc(t->rows, real, count), *parts = rp_alloc(t->rows, real, count * 3);
    if (!start || !group || !source || !reward || !parts) return RP_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        start[i] = (uint32_t)u.tokens;
        u.tokens += rp_row_tokens(&rows[i]);
        group[i] = rows[i].group - rows[0].group; /* an update holds whole, consecutive groups */
        source[i] = (uint8_t)rows[i].source;
        reward[i] = (real)rows[i].reward.total;
        parts[3 * i] = (real)rows[i].reward.correct;
        parts[3 * i + 1] = (real)rows[i].reward.format;
        parts[3 * i + 2] = (real)rows[i].reward.length;
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
                         .prefix = t->needs & RP_NEEDS_PREFIX ? prefix : NULL,
                         .logp = u.logp,
                         .logp_old = u.logp,
                         .entropy = u.entropy,
                         .value = u.value,
                         .value_old = u.value,
                         .reward = reward,
                         .reward_parts = format || length ? parts : NULL,
                         .parts = format || length ? 3 : 0};
    *out = u;
    return RP_OK;
}

/* The sampler's likeliest tokens, what it thought of them, and room for what the current policy thinks. */
static rp_status fill_candidates(rp_trainer *t, update_batch *u) {
    const size_t K = t->top;
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
static rp_status fill_behavior(rp_trainer *t, update_batch *u) {
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

/* Is log π_θ of the row's tokens what the sampler recorded? */
static bool is_known(const rp_trainer *t, const rp_row *row) {
    return row->entropy_behavior && t->updates == t->sampled_at;
}

static void count_forward(rp_trainer *t, const rp_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        t->passes.forward += rows[i].length;
        t->passes.forward_scored += (double)rp_row_tokens(&rows[i]);
    }
}

/* log π_θ, and what else `out` asks for, of all rows: as recorded where that is known, else by a forward pass. */
static rp_status current_values(rp_trainer *t, const update_batch *u, rp_row_values out) {
    const size_t micro = (size_t)t->recipe->micro_tokens;
    const bool recorded = !out.value && !out.top; /* the sampler knows nothing else */
    for (size_t first = 0, end; first < u->count; first = end) {
        const size_t k = u->batch.start[first];
        const bool known = recorded && is_known(t, &u->rows[first]);
        for (end = first + 1; end < u->count && known == (recorded && is_known(t, &u->rows[end]));) end++;
        if (!known) {
            const rp_row_values part = {out.logp + k, out.entropy ? out.entropy + k : NULL, out.value ? out.value + k : NULL,
                                        out.top_ids ? out.top_ids + k * out.top : NULL, out.top,
                                        out.top_logp ? out.top_logp + k * out.top : NULL};
            RP_TRY(rp_rows_logp(t->policy->model, &t->critic, u->rows + first, end - first, t->recipe->temperature, micro,
                                t->work, part));
            count_forward(t, u->rows + first, end - first);
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

/* Frozen quantities: taken before the first optimiser update of the step. */
static rp_status freeze(rp_trainer *t, update_batch *u, bool several_updates) {
    const rp_recipe *recipe = t->recipe;
    const size_t micro = (size_t)recipe->micro_tokens;
    const bool behavior = (t->needs & RP_NEEDS_BEHAVIOR) != 0;
    if (several_updates || behavior) {
        rp_row_values old = {.logp = rp_alloc(t->rows, real, u->tokens),
                             .value = u->value ? rp_alloc(t->rows, real, u->tokens) : NULL};
        if (!old.logp || (u->value && !old.value)) return RP_ERR_MEMORY;
        RP_TRY(current_values(t, u, old));
        u->batch.logp_old = old.logp;
        u->batch.value_old = old.value;
    }
    if (behavior) RP_TRY(fill_behavior(t, u));
    if (t->top) RP_TRY(fill_candidates(t, u));
    if (t->needs & RP_NEEDS_REFERENCE) {
        real *reference = rp_alloc(t->rows, real, u->tokens);
        RP_TRY_ALLOC(reference);
        RP_TRY(rp_rows_logp(t->reference, NULL, u->rows, u->count, recipe->temperature, micro, t->work,
                            (rp_row_values){.logp = reference}));
        u->batch.logp_ref = reference;
    }
    return RP_OK;
}

/* ---- Loss and gradient ----------------------------------------------------------------------------------------- */

/* Does any token of the row have a derivative? (Groups whose rewards are all equal have none.) */
static bool has_gradient(const rp_trainer *t, const update_batch *u, const rp_loss *loss, size_t row) {
    for (size_t k = u->batch.start[row]; k < u->batch.start[row + 1]; k++)
        if (loss->dlogp[k] != 0 || (t->needs & RP_NEEDS_ENTROPY && loss->dentropy[k] != 0) ||
            (u->value && loss->dvalue[k] != 0))
            return true;
    return false;
}

static rp_status find_live_rows(rp_trainer *t, update_batch *u, const rp_loss *loss) {
    u->live = rp_alloc(t->rows, size_t, u->count);
    RP_TRY_ALLOC(u->live);
    u->live_count = 0;
    for (size_t i = 0; i < u->count; i++) {
        if (!has_gradient(t, u, loss, i)) continue;
        u->live[u->live_count++] = i;
        t->passes.backward += u->rows[i].length;
        t->passes.backward_scored += (double)rp_row_tokens(&u->rows[i]);
    }
    return RP_OK;
}

/* The token arrays of some rows, side by side. */
typedef struct part_values {
    rp_row *rows;
    size_t count, tokens;
    real *logp, *entropy, *dlogp, *dentropy, *dvalue;
} part_values;

/* Room for all rows; a part uses the beginning of it. */
static rp_status part_room(rp_trainer *t, const update_batch *u, part_values *out) {
    part_values p = {.rows = rp_alloc(t->work, rp_row, u->count)};
    RP_TRY_ALLOC(p.rows);
    real **const arrays[] = {&p.logp, &p.entropy, &p.dlogp, &p.dentropy, &p.dvalue};
    for (size_t i = 0; i < 5; i++) {
        *arrays[i] = rp_alloc(t->work, real, u->tokens);
        RP_TRY_ALLOC(*arrays[i]);
    }
    *out = p;
    return RP_OK;
}

static void add_row(const update_batch *u, const rp_loss *loss, size_t row, part_values *p) {
    const size_t from = u->batch.start[row], n = rp_row_tokens(&u->rows[row]);
    p->rows[p->count++] = u->rows[row];
    memcpy(p->dlogp + p->tokens, loss->dlogp + from, n * sizeof(real));
    memcpy(p->dentropy + p->tokens, loss->dentropy + from, n * sizeof(real));
    memcpy(p->dvalue + p->tokens, loss->dvalue + from, n * sizeof(real));
    p->tokens += n;
}

/* One micro-batch, forward once more and backward. */
static rp_status backward_part(rp_trainer *t, const update_batch *u, const part_values *p) {
    const rp_model *model = t->policy->model;
    rp_packed packed;
    rp_workspace *workspace;
    RP_TRY(rp_rows_pack(t->work, p->rows, p->count, &packed));
    RP_TRY(rp_packed_check(model, &packed));
    RP_TRY(rp_workspace_create(t->work, model, packed.start[packed.sequences], packed.scored, true, &workspace));
    rp_model_forward(model, &packed, t->recipe->temperature, workspace, p->logp, p->entropy);
    rp_model_backward(model, &packed, t->recipe->temperature, workspace, p->dlogp,
                      t->needs & RP_NEEDS_ENTROPY ? p->dentropy : NULL, t->gradient);
    if (u->value) rp_critic_gradient(&t->critic, rp_model_hidden(workspace), p->dvalue, packed.scored);
    count_forward(t, p->rows, p->count);
    return RP_OK;
}

/* The live rows, as many at a time as a micro-batch holds. What forward gives for them is kept: it is what the metrics are
 * about. */
static rp_status backward_in_parts(rp_trainer *t, update_batch *u, const rp_loss *loss) {
    part_values p;
    RP_TRY(part_room(t, u, &p));
    for (size_t next = 0; next < u->live_count;) {
        const rp_arena_mark mark = rp_arena_get_mark(t->work);
        const size_t *rows = u->live + next;
        size_t length = 0;
        for (p.count = p.tokens = 0; next < u->live_count; next++) {
            const size_t more = u->rows[u->live[next]].length;
            if (p.count && length + more > (size_t)t->recipe->micro_tokens) break;
            length += more;
            add_row(u, loss, u->live[next], &p);
        }
        RP_TRY(backward_part(t, u, &p));
        for (size_t i = 0, at = 0; i < p.count; at += rp_row_tokens(&u->rows[rows[i]]), i++) {
            const size_t n = rp_row_tokens(&u->rows[rows[i]]);
            memcpy(u->logp + u->batch.start[rows[i]], p.logp + at, n * sizeof(real));
            memcpy(u->entropy + u->batch.start[rows[i]], p.entropy + at, n * sizeof(real));
        }
        rp_arena_rewind(t->work, mark);
    }
    return RP_OK;
}

/* The loss of all rows, from values that must be finite. */
static rp_status loss_of(rp_trainer *t, update_batch *u, rp_loss *loss) {
    for (size_t k = 0; k < u->tokens; k++) {
        if (!isfinite(u->logp[k]))
            return rp_fail(RP_ERR_NUMERIC, "step %lld: a log-probability is not finite; the weights were left as they were",
                           (long long)t->step + 1);
    }
    RP_TRY(rp_algorithm_loss(t->algorithm, &t->settings, &u->batch, t->rows, loss));
    return find_live_rows(t, u, loss);
}

static rp_status whole_gradient(rp_trainer *t, update_batch *u, rp_loss *loss) {
    const rp_model *model = t->policy->model;
    const double temperature = t->recipe->temperature;
    rp_packed packed;
    rp_workspace *workspace = NULL;
    RP_TRY(rp_rows_pack(t->work, u->rows, u->count, &packed));
    RP_TRY(rp_packed_check(model, &packed));
    RP_TRY(rp_workspace_create(t->work, model, packed.start[packed.sequences], packed.scored, true, &workspace));
    rp_model_forward(model, &packed, temperature, workspace, u->logp, u->entropy);
    count_forward(t, u->rows, u->count);
    if (u->value) rp_critic_values(&t->critic, rp_model_hidden(workspace), u->tokens, u->value);
    if (t->top) rp_model_logp_of(model, &packed, temperature, workspace, u->batch.topk_ids, t->top, u->top_logp);
    RP_TRY(loss_of(t, u, loss));
    rp_model_backward(model, &packed, temperature, workspace, loss->dlogp,
                      t->needs & RP_NEEDS_ENTROPY ? loss->dentropy : NULL, t->gradient);
    if (u->value) rp_critic_gradient(&t->critic, rp_model_hidden(workspace), loss->dvalue, u->tokens);
    return RP_OK;
}

/* Rows that have to be run forward for the loss alone are paid for twice in parts; a quarter of them still pays. */
static bool is_mostly_known(const rp_trainer *t, const update_batch *u) {
    size_t known = 0;
    for (size_t i = 0; i < u->count; i++) known += is_known(t, &u->rows[i]);
    return !u->value && !t->top && 4 * known >= 3 * u->count;
}

/* Fills t->gradient and *loss for one update. */
static rp_status loss_and_gradient(rp_trainer *t, update_batch *u, rp_loss *loss) {
    const rp_arena_mark mark = rp_arena_get_mark(t->work);
    memset(t->gradient, 0, t->policy->model->count * sizeof *t->gradient);
    RP_TRY(rp_loss_create(t->rows, &u->batch, loss));
    const bool fits = rp_rows_fit(u->rows, u->count, 0, (size_t)t->recipe->micro_tokens) == u->count;
    if (fits && !is_mostly_known(t, u)) {
        RP_TRY(whole_gradient(t, u, loss));
    } else {
        const rp_row_values values = {u->logp, u->entropy, u->value, u->batch.topk_ids, t->top, u->top_logp};
        RP_TRY(current_values(t, u, values));
        RP_TRY(loss_of(t, u, loss));
        RP_TRY(backward_in_parts(t, u, loss));
    }
    rp_arena_rewind(t->work, mark);
    return RP_OK;
}

/* One AdamW update from t->gradient; refuses a gradient that is not finite before touching any weight. */
static rp_status apply(rp_trainer *t, const rp_loss *loss, rp_metrics *metrics) {
    rp_model *model = t->policy->model;
    const double norm = sqrt(rp_sum_squares(t->gradient, model->count));
    if (!isfinite(loss->loss) || !isfinite(norm)) {
        return rp_fail(RP_ERR_NUMERIC,
                       "step %lld: the loss is %g and the gradient norm %g; the weights were left as they were",
                       (long long)t->step + 1, loss->loss, norm);
    }
    const rp_adamw adamw = {.rate = rp_learning_rate(&t->optimizer, t->step),
                            .beta1 = t->optimizer.beta1,
                            .beta2 = t->optimizer.beta2,
                            .epsilon = t->optimizer.epsilon,
                            .decay = t->optimizer.decay};
    const double clip = t->optimizer.clip > 0 ? rp_clip_factor(norm, t->optimizer.clip) : 1;
    t->updates++;
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        const size_t o = p->offset, n = p->rows * p->columns;
        rp_adamw_update(model->weights + o, t->first + o, t->second + o, t->gradient + o, n, &adamw, t->updates, clip,
                        p->decay);
    }
    if (t->critic.weights) rp_critic_update(&t->critic, t->recipe->critic_learning_rate, &t->optimizer, t->updates);
    rp_metrics_set(metrics, "loss", loss->loss);
    rp_metrics_set(metrics, "grad_norm", norm);
    rp_metrics_set(metrics, "learning_rate", adamw.rate);
    return RP_OK;
}

/* ---- Metrics of the rows under the current policy -------------------------------------------------------------- */

static void measure(const update_batch *u, rp_metrics *metrics) {
    static const char *const logp_names[] = {"logp_policy", "logp_expert", "logp_rephrased"};
    static const char *const rare_names[] = {"rare_policy", "rare_expert", "rare_rephrased"};
    const real rare = R(-4.605170185988091); /* check: -4.605170185988091 == log(0.01) */
    double sum[3] = {0}, low[3] = {0}, n[3] = {0}, entropy = 0, gap = 0, gaps = 0, compared = 0, counted = 0;
    for (size_t i = 0; i < u->count; i++) {
        const rp_row *row = &u->rows[i];
        for (size_t k = u->batch.start[i]; k < u->batch.start[i + 1]; k++) {
            if (!u->batch.mask[k]) continue;
            counted++;
            entropy += (double)u->entropy[k];
            sum[row->source] += (double)u->logp[k];
            low[row->source] += u->logp[k] < rare;
            n[row->source]++;
            if (row->source != RP_SOURCE_POLICY || !row->logp_behavior) continue;
            const double off = fabs((double)(u->logp[k] - row->logp_behavior[k - u->batch.start[i]]));
            gap = fmax(gap, off);
            gaps += off;
            compared++;
        }
    }
    for (int s = 0; s < 3; s++) {
        if (n[s] == 0) continue;
        rp_metrics_set(metrics, logp_names[s], sum[s] / n[s]);
        rp_metrics_set(metrics, rare_names[s], low[s] / n[s]);
    }
    rp_metrics_set(metrics, "entropy", counted > 0 ? entropy / counted : 0);
    if (n[RP_SOURCE_POLICY] > 0) rp_metrics_set(metrics, "sampler_gap", gap);
    if (compared > 0) rp_metrics_set(metrics, "sampler_gap_mean", gaps / compared);
    rp_metrics_set(metrics, "tokens_trained", counted);
}

/* For the log; nothing below reads it. */
static void fill_traces(const update_batch *u, const rp_loss *loss) {
    for (size_t i = 0; i < u->count; i++) {
        const rp_row_trace *trace = u->rows[i].trace;
        const size_t from = u->batch.start[i], n = rp_row_tokens(&u->rows[i]);
        if (!trace) continue;
        memcpy(trace->logp, u->logp + from, n * sizeof(real));
        memcpy(trace->advantage, loss->advantage + from, n * sizeof(real));
        memcpy(trace->weight, loss->weight + from, n * sizeof(real));
    }
}

/* ---- The step -------------------------------------------------------------------------------------------------- */

/* Rows of groups [from, to): rows are grouped in ascending order of group. */
static void slice_groups(const rp_row *rows, size_t count, size_t from, size_t to, size_t *first, size_t *end) {
    *first = 0;
    while (*first < count && rows[*first].group < from) (*first)++;
    *end = *first;
    while (*end < count && rows[*end].group < to) (*end)++;
}

rp_status rp_update_rows(rp_trainer *t, const rp_row *rows, size_t count, size_t groups, rp_metrics *metrics) {
    rp_settings_at_step(t->algorithm, &t->settings, (size_t)t->step);
    t->passes = (rp_passes){0};
    const size_t parts = (size_t)t->recipe->minibatches < groups ? (size_t)t->recipe->minibatches : groups;
    update_batch *batches = rp_alloc_zero(t->rows, update_batch, parts);
    RP_TRY_ALLOC(batches);
    for (size_t b = 0; b < parts; b++) {
        const size_t from = groups * b / parts, to = groups * (b + 1) / parts;
        size_t first, end;
        slice_groups(rows, count, from, to, &first, &end);
        RP_TRY(flatten(t, rows + first, end - first, to - from, &batches[b]));
        RP_TRY(freeze(t, &batches[b], parts * (size_t)t->recipe->updates > 1));
    }
    for (int64_t pass = 0; pass < t->recipe->updates; pass++) {
        for (size_t b = 0; b < parts; b++) {
            rp_loss loss;
            RP_TRY(loss_and_gradient(t, &batches[b], &loss));
            if (pass == 0 && b == 0) measure(&batches[b], metrics);
            if (pass == 0) fill_traces(&batches[b], &loss);
            RP_TRY(apply(t, &loss, metrics));
            rp_metrics_of_loss(metrics, &loss);
        }
    }
    rp_metrics_set(metrics, "tokens_forward", t->passes.forward);
    rp_metrics_set(metrics, "tokens_backward", t->passes.backward);
    return RP_OK;
}

rp_status rp_trainer_update(rp_trainer *t, const rp_row *rows, size_t count, size_t groups, rp_metrics *metrics) {
    RP_TRY(rp_update_rows(t, rows, count, groups, metrics));
    t->step++;
    return RP_OK;
}
