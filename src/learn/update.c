/* SPDX-License-Identifier: MIT
 *
 * update.c — from finished rows to new weights.
 *
 *   1. log π_old, log π_ref of all rows where the algorithm or the schedule needs them, no gradients  (batch.c)
 *   2. per optimiser update: log π_θ of its rows  →  the algorithm: L, ∂L/∂logπ, ∂L/∂H  →  backward  (gradient.c)
 *      →  clip  →  AdamW
 */
#include "update.h"

#include "gradient.h"
#include "rows.h"

#include <math.h>
#include <string.h>

/* One AdamW update from t->gradient; refuses a gradient that is not finite before touching any weight. */
static rp_status apply(rp_trainer *t, const rp_loss *loss, rp_metrics *metrics) {
    rp_model *model = t->policy->model;
    const double norm = sqrt(rp_sum_squares(t->gradient, model->count));
    if (!isfinite(loss->loss) || !isfinite(norm)) {
        return rp_fail(RP_ERR_NUMERIC,
                       "step %lld: the loss is %g and the gradient norm %g; the weights were left as they were",
                       (long long)t->step + 1, loss->loss, norm);
    }
    rp_optimizer now = t->optimizer; /* at the learning rate of this step */
    now.learning_rate = rp_learning_rate(&t->optimizer, t->step);
    const double clip = rp_clip_factor(norm, now.max_grad_norm);
    t->updates++;
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        const size_t o = p->offset, n = p->rows * p->columns;
        rp_adamw_update(model->weights + o, t->first + o, t->second + o, t->gradient + o, n, &now, t->updates, clip,
                        p->decay);
    }
    if (t->critic.weights) rp_critic_update(&t->critic, t->recipe->critic_learning_rate, &t->optimizer, t->updates);
    rp_metrics_set(metrics, "loss", loss->loss);
    rp_metrics_set(metrics, "grad_norm", norm);
    rp_metrics_set(metrics, "learning_rate", now.learning_rate);
    return RP_OK;
}

/* ---- Metrics of the rows under the current policy -------------------------------------------------------------- */

static void measure(const rp_update_batch *u, rp_metrics *metrics) {
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
static void fill_traces(const rp_update_batch *u, const rp_loss *loss) {
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
    RP_TRY(rp_trainer_plan(t)); /* the update may be called by itself, or again within a step */
    rp_rows_check(rows, count);
    t->passes = (rp_passes){0};
    const size_t parts = (size_t)t->recipe->minibatches < groups ? (size_t)t->recipe->minibatches : groups;
    rp_update_batch *batches = rp_alloc_zero(t->rows, rp_update_batch, parts);
    RP_TRY_ALLOC(batches);
    for (size_t b = 0; b < parts; b++) {
        const size_t from = groups * b / parts, to = groups * (b + 1) / parts;
        size_t first, end;
        /* Advantages compare the rows of a group, so a minibatch takes whole groups; what is frozen is taken now, before the first
         * update moves the weights. */
        slice_groups(rows, count, from, to, &first, &end);
        RP_TRY(rp_update_flatten(t, rows + first, end - first, to - from, &batches[b]));
        RP_TRY(rp_update_freeze(t, &batches[b], parts * (size_t)t->recipe->num_iterations > 1));
    }
    for (int64_t pass = 0; pass < t->recipe->num_iterations; pass++) {
        for (size_t b = 0; b < parts; b++) {
            rp_loss loss;
            RP_TRY(rp_loss_and_gradient(t, &batches[b], &loss));
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
