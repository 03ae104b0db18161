/* SPDX-License-Identifier: MIT
 *
 * gradient.c — loss and gradient of one optimiser update.
 *
 * The algorithm sees all rows of an update at once, however many micro-batches the model needs for them, so the loss and its
 * normalisers cannot depend on the split. There are two ways to the gradient:
 *
 *   whole      one micro-batch holds all rows: forward, loss, backward from the activations that were kept
 *   in parts   log π_θ of all rows first, then the loss, then micro-batch by micro-batch forward once more and backward
 *
 * Where the sampler's record is log π_θ (batch.c), `in parts` needs no forward pass for the loss, and rows without a gradient
 * (groups whose rewards are all equal) need none at all.
 */
#include "gradient.h"

#include "rows.h"

#include <math.h>
#include <string.h>

/* Does any token of the row have a derivative? (Groups whose rewards are all equal have none.) */
static bool has_gradient(const rp_trainer *t, const rp_update_batch *u, const rp_loss *loss, size_t row) {
    for (size_t k = u->batch.start[row]; k < u->batch.start[row + 1]; k++)
        if (loss->dlogp[k] != 0 || (t->plan.needs & RP_NEEDS_ENTROPY && loss->dentropy[k] != 0) ||
            (u->value && loss->dvalue[k] != 0))
            return true;
    return false;
}

static rp_status find_live_rows(rp_trainer *t, rp_update_batch *u, const rp_loss *loss) {
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
static rp_status part_room(rp_trainer *t, const rp_update_batch *u, part_values *out) {
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

static void add_row(const rp_update_batch *u, const rp_loss *loss, size_t row, part_values *p) {
    const size_t from = u->batch.start[row], n = rp_row_tokens(&u->rows[row]);
    p->rows[p->count++] = u->rows[row];
    memcpy(p->dlogp + p->tokens, loss->dlogp + from, n * sizeof(real));
    memcpy(p->dentropy + p->tokens, loss->dentropy + from, n * sizeof(real));
    memcpy(p->dvalue + p->tokens, loss->dvalue + from, n * sizeof(real));
    p->tokens += n;
}

/* One micro-batch, forward once more and backward. */
static rp_status backward_part(rp_trainer *t, const rp_update_batch *u, const part_values *p) {
    const rp_model *model = t->policy->model;
    rp_packed packed;
    rp_workspace *workspace;
    RP_TRY(rp_rows_pack(t->work, p->rows, p->count, &packed));
    RP_TRY(rp_packed_check(model, &packed));
    RP_TRY(rp_workspace_create(t->work, model, packed.start[packed.sequences], packed.scored, true, &workspace));
    rp_model_forward(model, &packed, t->recipe->temperature, workspace, p->logp, p->entropy);
    rp_model_backward(model, &packed, t->recipe->temperature, workspace, p->dlogp,
                      t->plan.needs & RP_NEEDS_ENTROPY ? p->dentropy : NULL, t->gradient);
    if (u->value) rp_critic_gradient(&t->critic, rp_model_hidden(workspace), p->dvalue, packed.scored);
    rp_count_forward(t, p->rows, p->count);
    return RP_OK;
}

/* The live rows, as many at a time as a micro-batch holds. What forward gives for them is kept: it is what the metrics are
 * about. */
static rp_status backward_in_parts(rp_trainer *t, rp_update_batch *u, const rp_loss *loss) {
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
        /* The metrics are about the values that the gradient belongs to: recorded ones give way to those just computed. */
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
static rp_status loss_of(rp_trainer *t, rp_update_batch *u, rp_loss *loss) {
    for (size_t k = 0; k < u->tokens; k++) {
        if (!isfinite(u->logp[k]))
            return rp_fail(RP_ERR_NUMERIC, "step %lld: a log-probability is not finite; the weights were left as they were",
                           (long long)t->step + 1);
    }
    RP_TRY(rp_algorithm_loss(t->algorithm, &t->plan.settings, &u->batch, t->rows, loss));
    return find_live_rows(t, u, loss);
}

static rp_status whole_gradient(rp_trainer *t, rp_update_batch *u, rp_loss *loss) {
    const rp_model *model = t->policy->model;
    const double temperature = t->recipe->temperature;
    rp_packed packed;
    rp_workspace *workspace = NULL;
    RP_TRY(rp_rows_pack(t->work, u->rows, u->count, &packed));
    RP_TRY(rp_packed_check(model, &packed));
    RP_TRY(rp_workspace_create(t->work, model, packed.start[packed.sequences], packed.scored, true, &workspace));
    rp_model_forward(model, &packed, temperature, workspace, u->logp, u->entropy);
    rp_count_forward(t, u->rows, u->count);
    if (u->value) rp_critic_values(&t->critic, rp_model_hidden(workspace), u->tokens, u->value);
    if (u->batch.topk)
        rp_model_logp_of(model, &packed, temperature, workspace, u->batch.topk_ids, u->batch.topk, u->top_logp);
    RP_TRY(loss_of(t, u, loss));
    rp_model_backward(model, &packed, temperature, workspace, loss->dlogp,
                      t->plan.needs & RP_NEEDS_ENTROPY ? loss->dentropy : NULL, t->gradient);
    if (u->value) rp_critic_gradient(&t->critic, rp_model_hidden(workspace), loss->dvalue, u->tokens);
    return RP_OK;
}

/* A row that the sampler's record does not cover costs two forward passes in parts: one for the loss, one before its backward
 * pass. A row that it covers costs one, and none without a gradient. Up to a quarter of the first kind, parts are cheaper. */
static bool is_mostly_known(const rp_trainer *t, const rp_update_batch *u) {
    size_t known = 0;
    for (size_t i = 0; i < u->count; i++) known += rp_row_is_known(t, &u->rows[i]);
    return !u->value && !u->batch.topk && 4 * known >= 3 * u->count;
}

/* Fills t->gradient and *loss for one update. */
rp_status rp_loss_and_gradient(rp_trainer *t, rp_update_batch *u, rp_loss *loss) {
    const rp_arena_mark mark = rp_arena_get_mark(t->work);
    memset(t->gradient, 0, t->policy->model->count * sizeof *t->gradient);
    RP_TRY(rp_loss_create(t->rows, &u->batch, loss));
    /* The loss needs log π_θ of all rows at once; the gradient then needs their activations, which only one micro-batch can
     * keep. So either all rows fit into one, or the live rows are run forward again, part by part. */
    const bool fits = rp_rows_fit(u->rows, u->count, 0, (size_t)t->recipe->micro_tokens) == u->count;
    if (fits && !is_mostly_known(t, u)) {
        RP_TRY(whole_gradient(t, u, loss));
    } else {
        const rp_row_values values = {u->logp, u->entropy, u->value, u->batch.topk_ids, u->batch.topk, u->top_logp};
        RP_TRY(rp_current_values(t, u, values));
        RP_TRY(loss_of(t, u, loss));
        RP_TRY(backward_in_parts(t, u, loss));
    }
    rp_arena_rewind(t->work, mark);
    return RP_OK;
}
