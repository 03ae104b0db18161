/* SPDX-License-Identifier: MIT
 *
 * policy.h — the narrow waist: per-token arrays in, one scalar and its partial derivatives out.
 *
 * An algorithm never sees a transformer. It reads a batch of B responses (rows) of different lengths, token by token laid
 * end to end, and writes ∂L/∂logπ, ∂L/∂H and ∂L/∂V per token; the model's backward starts from those. What is constant in
 * the loss (advantages, masks, truncated ratios, baselines) is computed outside the derivative.
 *
 *   row i owns tokens start[i] … start[i+1]-1;  L_i = masked tokens of row i;  N = Σ L_i
 *   rows of equal group[i] answer the same question
 */
#ifndef REPHRASE_POLICY_H
#define REPHRASE_POLICY_H

#include <rephrase/base.h>
#include <rephrase/real.h>

typedef enum rp_source { RP_SOURCE_POLICY, RP_SOURCE_EXPERT, RP_SOURCE_REPHRASED } rp_source;

/* Arrays may be NULL where the algorithm's `needs` do not ask for them. Log-probabilities are in nats. */
typedef struct rp_batch {
    size_t rows;            /* B */
    const uint32_t *start;  /* (B+1) */
    const uint32_t *group;  /* (B) */
    size_t groups;          /* one more than the largest group number */
    const uint8_t *source;  /* (B) rp_source; NULL = all policy */
    const uint8_t *mask;    /* (tokens) 1 = counts; NULL = all ones */
    const real *logp;          /* (tokens) log π_θ, the current weights: what is differentiated */
    const real *logp_old;      /* (tokens) log π_old, frozen at the start of the update phase, recomputed by the trainer */
    const real *logp_behavior; /* (tokens) log μ as the sampler reported it */
    const real *logp_ref;      /* (tokens) log π_ref */
    const real *entropy;       /* (tokens) */
    const real *value, *value_old; /* (tokens) */
    const real *reward;        /* (B) total */
    const real *reward_parts;  /* (B, parts) components, or NULL */
    size_t parts;
    /* Top-K probabilities at sampling and now, for divergences (DPPO): (tokens, topk); NULL otherwise. */
    size_t topk;
    const int32_t *topk_ids;
    const real *topk_logp_behavior, *topk_logp;
    const int32_t *token_ids; /* (tokens) the sampled ids, needed with topk */
    /* Normalisers of the whole optimiser step when this batch is a part of it (gradient accumulation); 0 = of this batch. */
    size_t total_rows, total_tokens;
} rp_batch;

/* Shapes, finite numbers where finite is needed, mask in {0,1}; names the array and the index. */
rp_status rp_batch_check(const rp_batch *batch) RP_MUST_CHECK;

enum { RP_MAX_METRICS = 24 };
typedef struct rp_metric {
    const char *name; /* a name of the metrics table, docs/metrics.md */
    double value;
} rp_metric;

/* What an algorithm writes. Arrays are provided by the caller, zeroed. */
typedef struct rp_loss {
    double loss;
    real *dlogp, *dentropy, *dvalue; /* (tokens) */
    real *advantage;                 /* (tokens) the advantage used at each token */
    real *weight;                    /* (tokens) -dlogp without the aggregation factor: the effective coefficient of ∇logπ */
    rp_metric metrics[RP_MAX_METRICS];
    size_t metric_count;
} rp_loss;
/* Allocates and zeroes the arrays for a batch. */
rp_status rp_loss_create(rp_arena *arena, const rp_batch *batch, rp_loss *loss) RP_MUST_CHECK;
void rp_loss_metric(rp_loss *loss, const char *name, double value);

#endif
