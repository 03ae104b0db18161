/* SPDX-License-Identifier: MIT
 *
 * advantage.c — was this answer better than its siblings?
 *
 * A critic-free method compares the answers to one question with each other. What is subtracted (the baseline) does not
 * bias the gradient as long as it does not look at the answer itself; the plain group mean does look, which only shrinks
 * the gradient by (G-1)/G, and leave-one-out puts that factor back. What it is divided by (the deviation) re-weights
 * questions.
 */
#include <rephrase/policy.h>

typedef struct pool { /* what is known of one group, or of the whole batch */
    double n, sum, length_sum, length, low, high, square;
} pool;

static void pool_add(pool *p, double R, double L) {
    p->low = p->n > 0 ? fmin(p->low, R) : R;
    p->high = p->n > 0 ? fmax(p->high, R) : R;
    p->n += 1;
    p->sum += R;
    p->length += L;
    p->length_sum += L * R;
}

static double pool_mean(const pool *p) {
    return p->n > 0 ? p->sum / p->n : 0;
}

bool rp_rewards_equal(double low, double high) {
    const double share = RP_PRECISION == 64 ? 0x1p-40 : 0x1p-20;
    return high - low <= share * fmax(fabs(low), fabs(high));
}

/* Second pass: Σ(R-mean)² around the known mean, which does not cancel. */
static double pool_deviation(const pool *p, rp_std kind) {
    if (rp_rewards_equal(p->low, p->high)) return 0;
    const double divisor = kind == RP_STD_BESSEL ? p->n - 1 : p->n;
    return divisor > 0 ? sqrt(p->square / divisor) : 0;
}

static double baseline_of(const pool *p, rp_baseline kind, double R, bool in_baseline) {
    switch (kind) {
    case RP_BASELINE_NONE:
        return 0;
    case RP_BASELINE_MEAN:
        return pool_mean(p);
    case RP_BASELINE_LEAVE_ONE_OUT: /* [rloo.2]  (Σ R - R_i)/(G-1); a row outside the pool has all of it as the others */
        if (!in_baseline) return pool_mean(p);
        return p->n > 1 ? (p->sum - R) / (p->n - 1) : R;
    case RP_BASELINE_LENGTH: /* [opo.4]  Σ L R / Σ L */
        return p->length > 0 ? p->length_sum / p->length : pool_mean(p);
    }
    return 0;
}

rp_status rp_advantage(const rp_batch *batch, const real *reward, const rp_advantage_options *options, rp_arena *arena,
                       real *A) {
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    pool *groups = rp_alloc_zero(arena, pool, batch->groups ? batch->groups : 1), all = {0};
    RP_TRY_ALLOC(groups);
    const uint8_t *in = options->in_baseline;
    for (size_t i = 0; i < batch->rows; i++)
        if (!in || in[i]) {
            pool_add(&groups[batch->group[i]], (double)reward[i], (double)rp_row_length(batch, i));
            pool_add(&all, (double)reward[i], 0);
        }
    for (size_t i = 0; i < batch->rows; i++)
        if (!in || in[i]) {
            pool *p = &groups[batch->group[i]];
            p->square += ((double)reward[i] - pool_mean(p)) * ((double)reward[i] - pool_mean(p));
            all.square += ((double)reward[i] - pool_mean(&all)) * ((double)reward[i] - pool_mean(&all));
        }
    for (size_t i = 0; i < batch->rows; i++) {
        const pool *p = &groups[batch->group[i]];
        const double R = (double)reward[i];
        const bool member = !in || in[i], single = member && p->n == 1;
        const bool keeps = single && options->single_keeps_reward && options->baseline != RP_BASELINE_NONE;
        /* Equal rewards: the difference is 0 by meaning; the rounding of the mean, divided by a deviation that is rounding
         * too, would be ±1. */
        const bool equal = member && rp_rewards_equal(p->low, p->high) && options->baseline != RP_BASELINE_NONE;
        double a = keeps ? R : equal ? 0 : R - baseline_of(p, options->baseline, R, member);
        if (options->std != RP_STD_NONE) {
            const double deviation =
                (keeps ? 1 : pool_deviation(options->std_of_batch ? &all : p, options->std)) + options->std_epsilon;
            a = deviation > 0 ? a / deviation : 0;
        }
        A[i] = (real)a;
    }
    rp_arena_rewind(arena, mark);
    return RP_OK;
}

void rp_advantage_whiten(const rp_batch *batch, real *A) {
    double n = 0, sum = 0, square = 0;
    const size_t tokens = batch->start[batch->rows];
    for (size_t t = 0; t < tokens; t++)
        if (rp_token_counts(batch, t)) {
            n += 1;
            sum += (double)A[t];
        }
    if (n < 2) return;
    const double mean = sum / n;
    for (size_t t = 0; t < tokens; t++)
        if (rp_token_counts(batch, t)) square += ((double)A[t] - mean) * ((double)A[t] - mean);
    const double deviation = sqrt(square / (n - 1) + 1e-8); /* verl's epsilon stands inside the root */
    for (size_t t = 0; t < tokens; t++)
        if (rp_token_counts(batch, t)) A[t] = (real)(((double)A[t] - mean) / deviation);
}
