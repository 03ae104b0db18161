/* SPDX-License-Identifier: MIT
 *
 * sample.c — from logits to one token and its log-probability.
 *
 * Greedy takes the largest logit, the lowest id among equals. Otherwise p = softmax(logits/τ), and the filters follow each
 * other as in transformers: top-k keeps the k most probable tokens; top-p, on what is left and rescaled, the fewest most
 * probable ones whose sum reaches top_p; min-p those with at least min_p times the largest probability. All three walk the
 * tokens by falling probability, so they need a heap, not a sort: V steps to build, a few to walk.
 *
 * The log-probabilities reported are those of the whole distribution, before the filters: policy-gradient methods need the
 * same quantity that the training pass computes.
 */
#include "decode.h"

#include <string.h>

rp_status rp_sampling_check(const rp_sampling *s) {
    if (!(s->temperature >= 0 && s->temperature <= 1000))
        return rp_fail(RP_ERR_ARGUMENT, "temperature %g is not between 0 (greedy) and 1000", s->temperature);
    if (s->temperature > 0 && s->temperature < 1e-3)
        return rp_fail(RP_ERR_ARGUMENT, "temperature %g is below 0.001; 0 means greedy", s->temperature);
    if (s->top_k < 0) return rp_fail(RP_ERR_ARGUMENT, "top_k %d is negative; 0 means off", s->top_k);
    if (!(s->top_p > 0 && s->top_p <= 1))
        return rp_fail(RP_ERR_ARGUMENT, "top_p %g is not above 0 and at most 1 (off)", s->top_p);
    if (!(s->min_p >= 0 && s->min_p <= 1))
        return rp_fail(RP_ERR_ARGUMENT, "min_p %g is not between 0 (off) and 1", s->min_p);
    return RP_OK;
}

/* ---- Tokens by falling probability
 * --------------------------------------------------------------------------------------- */

typedef struct heap {
    const real *p;
    uint32_t *item;
    size_t count;
} heap;

static bool before(const heap *h, uint32_t a, uint32_t b) {
    return h->p[a] > h->p[b] || (h->p[a] == h->p[b] && a < b);
}

static void sink(heap *h, size_t at) {
    for (size_t child; (child = 2 * at + 1) < h->count; at = child) {
        if (child + 1 < h->count && before(h, h->item[child + 1], h->item[child])) child++;
        if (!before(h, h->item[child], h->item[at])) return;
        const uint32_t kept = h->item[at];
        h->item[at] = h->item[child];
        h->item[child] = kept;
    }
}

static heap heap_of(const real *p, size_t V, uint32_t *item) {
    heap h = {p, item, V};
    for (size_t i = 0; i < V; i++) item[i] = (uint32_t)i;
    for (size_t i = V / 2; i-- > 0;) sink(&h, i);
    return h;
}

static uint32_t pop(heap *h) {
    const uint32_t first = h->item[0];
    h->item[0] = h->item[--h->count];
    h->item[h->count] = first; /* what was taken lies behind the heap, the most probable last */
    sink(h, 0);
    return first;
}

/* How many of the most probable tokens pass the filters; they end up at the end of item, in rising order. *mass is their
 * sum. p is not normalised: `total` is its sum. */
static size_t filter(const real *p, size_t V, double total, const rp_sampling *s, uint32_t *item, double *mass) {
    heap h = heap_of(p, V, item);
    const size_t k = s->top_k > 0 && (size_t)s->top_k < V ? (size_t)s->top_k : V;
    double reference = total; /* what top-p is a share of: all, or the top k */
    if (k < V) {
        reference = 0;
        for (size_t i = 0; i < k; i++) reference += (double)p[pop(&h)];
    }
    size_t kept = 0;
    const double least = s->min_p * (double)p[k < V ? item[V - 1] : item[0]];
    for (*mass = 0; kept < k; kept++) {
        if (kept > 0 && s->top_p < 1 && *mass >= s->top_p * reference) break;
        const uint32_t next = k < V ? item[V - 1 - kept] : pop(&h); /* popped ones lie at the end */
        if (kept > 0 && (double)p[next] < least) break;
        *mass += (double)p[next];
    }
    return kept;
}

/* ---- The choice
 * -------------------------------------------------------------------------------------------------------------- */

size_t rp_choose_scratch(size_t V) {
    return V + (V * sizeof(uint32_t) + sizeof(real) - 1) / sizeof(real);
}

static int32_t draw(const real *p, size_t V, double total, const rp_sampling *s, double u, uint32_t *item) {
    if (s->top_k == 0 && s->top_p >= 1 && s->min_p <= 0) return (int32_t)rp_pick(p, V, u * total);
    double mass, sum = 0;
    const size_t kept = filter(p, V, total, s, item, &mass);
    for (size_t i = 0; i + 1 < kept; i++) {
        sum += (double)p[item[V - 1 - i]];
        if (sum > u * mass) return (int32_t)item[V - 1 - i];
    }
    return (int32_t)item[V - kept];
}

choice rp_choose(const real *logits, size_t V, const rp_sampling *s, double u, real *scratch) {
    const size_t largest = rp_argmax(logits, V);
    const real max = logits[largest];
    memcpy(scratch, logits, V * sizeof *logits);
    const double total_1 = rp_exp_in_place(scratch, V, max, 1);
    if (!isfinite(max) || !isfinite(total_1)) return (choice){.finite = false};
    const bool greedy = s->temperature == 0;
    const real scale = greedy ? 1 : (real)(1 / s->temperature);
    double total = total_1;
    if (scale != 1) {
        memcpy(scratch, logits, V * sizeof *logits);
        total = rp_exp_in_place(scratch, V, max, scale);
    }
    const int32_t id = greedy ? (int32_t)largest : draw(scratch, V, total, s, u, (uint32_t *)(void *)(scratch + V));
    const real below = logits[id] - max;
    return (choice){.id = id,
                    .logp = (real)((double)(below * scale) - double_log(total)),
                    .logp_1 = (real)((double)below - double_log(total_1)),
                    .max = max,
                    .scale = scale,
                    .log_sum = double_log(total),
                    .finite = true};
}

void rp_likeliest(const real *logits, size_t V, const choice *made, size_t K, int32_t *ids, real *logp) {
    size_t n = 0;
    for (size_t j = 0; j < V && K > 0; j++) { /* ids holds the best of the first j, in order */
        if (n == K && !(logits[j] > logits[ids[K - 1]])) continue;
        size_t at = n < K ? n++ : K - 1;
        for (; at > 0 && logits[j] > logits[ids[at - 1]]; at--) ids[at] = ids[at - 1];
        ids[at] = (int32_t)j;
    }
    for (size_t k = 0; k < n; k++) logp[k] = (real)((double)((logits[ids[k]] - made->max) * made->scale) - made->log_sum);
}
