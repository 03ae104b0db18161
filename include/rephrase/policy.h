/* SPDX-License-Identifier: MIT
 *
 * policy.h — the narrow waist: per-token arrays in, one scalar and its partial derivatives out.
 *
 * An algorithm never sees a transformer. It reads a batch of B responses (rows) of different lengths, token by token laid
 * end to end, and writes ∂L/∂logπ, ∂L/∂H and ∂L/∂V per token; the model's backward starts from those. What is constant in
 * the loss (advantages, masks, truncated ratios, baselines) is computed outside the derivative.
 *
 *   row i owns tokens start[i] … start[i+1]-1;  L_i = masked tokens of row i;  N = Σ L_i
 *   rows of equal group[i] answer the same question; they may stand in any order, but a part of a split batch holds whole
 *   groups, because advantages compare a group's rows with each other
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
    const uint8_t *prefix; /* (tokens) 1 = copied from a demonstration inside a sampled row (Prefix-RFT); NULL = none */
    /* log π_θ where the loss takes it as a constant, sg[·]: truncated ratios, masks, weights. NULL = logp, which is right for
     * training. Finite differences move logp and leave this alone. */
    const real *logp_detached;
    size_t longest; /* tokens of the longest response there can be; 0 = unknown. Lmax where the settings name none. */
    /* Normalisers of the whole optimiser step when this batch is a part of it (gradient accumulation); 0 = of this batch. */
    size_t total_rows, total_tokens;
    size_t total_expert_rows, total_expert_tokens; /* of those, rows and tokens of experts; read where totals are given */
} rp_batch;

/* A log-probability is at most 0; a rounding may leave it above by this much. Rewards beyond the limit are refused: the squares of
 * their differences, or their products with a ratio, leave the range of numbers. */
#define RP_LOGP_SLACK 1e-6
#define RP_REWARD_LIMIT 1e30
/* Shapes, finite numbers where finite is needed, log-probabilities at most 0, rewards within the limit, mask in {0,1}, totals of
 * the step at least the part's own; names the array and the index. */
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
/* Appends a metric, or replaces the one of that name. `name` is a literal. */
void rp_loss_metric(rp_loss *loss, const char *name, double value);

/* ---- Counting: who takes part (batch.c) ------------------------------------------------------------------------ */

static inline bool rp_token_counts(const rp_batch *batch, size_t token) {
    return !batch->mask || batch->mask[token] != 0;
}
/* sg[log π_θ] of a token. */
static inline real rp_detached(const rp_batch *batch, size_t token) {
    return batch->logp_detached ? batch->logp_detached[token] : batch->logp[token];
}
static inline rp_source rp_row_source(const rp_batch *batch, size_t row) {
    return batch->source ? (rp_source)batch->source[row] : RP_SOURCE_POLICY;
}
size_t rp_row_length(const rp_batch *batch, size_t row); /* L_i, masked tokens */
size_t rp_batch_length(const rp_batch *batch);           /* N = Σ L_i */

/* ---- A quantity beside its derivative -------------------------------------------------------------------------- */

/* slope = ∂value/∂logπ of the token it belongs to. What is constant in the loss has slope 0. */
typedef struct rp_dual {
    real value, slope;
} rp_dual;

/* Adds W·l of one token to the loss: loss += W l, dlogp += W l', weight -= l'. */
void rp_loss_add(rp_loss *loss, size_t token, real W, rp_dual l);

/* ---- Ratios (ratio.c) ------------------------------------------------------------------------------------------ */

/* Differences of log-probabilities are held to ±20 before exp, as in verl; outside the derivative is 0. Without it a token
 * at +800 turns the whole gradient into NaN (TRL 1.16 does). */
#define RP_LOG_RATIO_LIMIT R(20.0)
rp_dual rp_log_ratio(real logp, real logp_old); /* d = logπ - logπ_old, held */
rp_dual rp_ratio(real logp, real logp_old);     /* r = exp(d) */
/* One ratio for a row: exp(mean d) (GSPO's s_i) or exp(sum d) (TRL's RLOO). slope = ∂s/∂logπ of each counted token of the
 * row. The exponent of the whole row is held to ±20, not the single tokens. An empty row has ratio 1. */
rp_dual rp_row_ratio(const rp_batch *batch, size_t row, const real *logp_old, bool mean);

/* ---- Surrogates (surrogate.c) ---------------------------------------------------------------------------------- */

/* Bounds as values of the ratio; dual = 0 switches the dual clip off. */
typedef struct rp_clip {
    real low, high, dual;
} rp_clip;
typedef enum rp_clip_side { RP_CLIP_NONE, RP_CLIP_LOW, RP_CLIP_HIGH, RP_CLIP_DUAL } rp_clip_side;
/* Which bound takes the gradient away: A > 0 above high, A < 0 below low, A < 0 above dual. Strict, so that a ratio exactly
 * on a bound keeps its gradient. */
rp_clip_side rp_clip_where(real ratio, real advantage, rp_clip clip);
/* l = -min(r A, clip(r, low, high) A); with dual and A < 0 also l = min(l, -dual A). [ppo.7, dapo.10] */
rp_dual rp_surrogate_clipped(rp_dual ratio, real advantage, rp_clip clip);
/* l = -sg[w] A logπ: the gradient of REINFORCE weighted by a constant. The value estimates no objective. */
rp_dual rp_surrogate_weighted(real weight, real advantage, real logp);
/* l = -A f(p), f(p) = p/(p+γ), p = π itself: LUFFY's shaped off-policy term; l' = -A γp/(p+γ)². [luffy.6] */
rp_dual rp_surrogate_shaped(real logp, real advantage, real gamma);

/* ---- KL (kl.c) ------------------------------------------------------------------------------------------------- */

typedef enum rp_kl { RP_KL_K1, RP_KL_K2, RP_KL_K3, RP_KL_ABS, RP_KL_K1_PLUS, RP_KL_K3_PLUS } rp_kl;
#define RP_KL_NAMES "k1", "k2", "k3", "abs", "k1+", "k3+"
/* Estimators of KL(π‖ref) from samples of π, d = logπ - logπ_ref held to ±20 [schulman2020kl]:
 *   k1 = d          ∂ = 1          unbiased value; its expected gradient is 0
 *   k2 = d²/2       ∂ = d          biased value; its expected gradient is that of KL(π‖ref)
 *   k3 = e^-d+d-1   ∂ = 1 - e^-d   unbiased value, never negative; its expected gradient is that of KL(ref‖π)
 *   abs = |d|       ∂ = sign d
 *   k1+, k3+        the value of k1, k3 with the gradient of k2 (verl)
 * A positive `cap` holds the value to ±cap (verl: 10) and makes the derivative 0 outside. */
rp_dual rp_kl_estimate(rp_kl kind, real logp, real logp_ref, real cap);
/* Σ p log(p/q) over V categories given by log-probabilities: the quantity that the estimators estimate. */
double rp_kl_exact(const real *logp, const real *logq, size_t V);

/* ---- Aggregation (aggregate.c) --------------------------------------------------------------------------------- */

typedef enum rp_aggregate {
    RP_SEQ_MEAN_TOKEN_MEAN, /* 1/(B L_i)    GRPO's paper; TRL grpo; verl seq-mean-token-mean */
    RP_TOKEN_MEAN,          /* 1/N          DAPO; TRL dapo (global), bnpo (local); verl token-mean */
    RP_CONSTANT,            /* 1/(B Lmax)   Dr.GRPO; TRL dr_grpo; verl seq-mean-token-sum-norm */
    RP_SEQ_MEAN_TOKEN_SUM,  /* 1/B          REINFORCE, RLOO; TRL luspo; verl seq-mean-token-sum */
    RP_TOKEN_SUM,           /* 1 */
    RP_TOKEN_SUM_NORM       /* 1/Lmax       LUFFY's and HPT's released code */
} rp_aggregate;
#define RP_AGGREGATE_NAMES                                                                                                     \
    "seq-mean-token-mean", "token-mean", "constant", "seq-mean-token-sum", "token-sum", "token-sum-norm"
/* rp_aggregate_weights — the factor W_i of every token of row i in Loss = Σ_i Σ_t m W_i l
 *   Shape   W (B)
 *   B and N are total_rows and total_tokens of the batch where given, else its own. An empty row counts in B unless
 *   skip_empty (TRL counts it, verl does not). N and L_i are at least 1, so that a fully masked batch gives 0, not NaN.
 *   `max_length` is Lmax, used by RP_CONSTANT and RP_TOKEN_SUM_NORM.
 *   With part RP_PART_POLICY or RP_PART_EXPERT only those rows take part: the others receive 0 and count nowhere. */
typedef enum rp_part { RP_PART_ALL, RP_PART_POLICY, RP_PART_EXPERT } rp_part;
void rp_aggregate_weights(const rp_batch *batch, rp_aggregate kind, double max_length, bool skip_empty, rp_part part, real *W);

/* ---- Advantages (advantage.c) ---------------------------------------------------------------------------------- */

typedef enum rp_baseline {
    RP_BASELINE_NONE,          /* A = R */
    RP_BASELINE_MEAN,          /* A = R - mean of the group */
    RP_BASELINE_LEAVE_ONE_OUT, /* A = R - mean of the others = G/(G-1) (R - mean) */
    RP_BASELINE_LENGTH         /* A = R - Σ L R / Σ L: the variance-optimal baseline when |∇logπ|² ~ length */
} rp_baseline;
#define RP_BASELINE_NAMES "none", "group-mean", "leave-one-out", "length-weighted"
typedef enum rp_std {
    RP_STD_NONE,
    RP_STD_POPULATION, /* divide by sqrt(Σ(R-mean)²/G) */
    RP_STD_BESSEL      /* … /(G-1); torch.std, so TRL and verl */
} rp_std;
#define RP_STD_NAMES "none", "population", "bessel"
typedef struct rp_advantage_options {
    rp_baseline baseline;
    rp_std std;
    double std_epsilon;        /* added to the standard deviation: 0 here, 1e-4 TRL, 1e-6 verl */
    bool std_of_batch;         /* one deviation for the whole batch (TRL scale_rewards="batch") */
    bool single_keeps_reward;  /* group of one: A = R/(1+epsilon) (verl) instead of 0 */
    const uint8_t *in_baseline; /* (B) rows that enter mean and deviation; NULL = all */
} rp_advantage_options;
/* Are rewards between low and high one reward? Equal up to rounding is equal: a difference of at most 2^-40 of the larger size
 * (2^-20 in single precision) comes from summing in another order, not from a better answer. Every advantage asks here, so that
 * noise is never divided by itself into a weight of one. */
bool rp_rewards_equal(double low, double high);

/* rp_advantage — group-relative advantages of `reward`, one per row
 *   Shape   reward (B)   A (B)
 *   Rows of a group may stand anywhere. A group with equal rewards (rp_rewards_equal) gets exactly 0, and its deviation is 0.
 *   Sums run in double precision in the order of the rows.
 *   Fails   RP_ERR_MEMORY */
rp_status rp_advantage(const rp_batch *batch, const real *reward, const rp_advantage_options *options, rp_arena *arena,
                       real *A) RP_MUST_CHECK;

/* Per-token advantages, whitened over the counted tokens: (A - mean)/sqrt(Bessel variance + 1e-8) (verl). Fewer than two
 * counted tokens are left alone. */
void rp_advantage_whiten(const rp_batch *batch, real *A);

/* ---- Values (gae.c, value_loss.c) ------------------------------------------------------------------------------ */

/* rp_gae — generalised advantage estimation of one row
 *   Eq      [gae.16]  δ_t = ρ_t + γ V_{t+1} - V_t;  A_t = δ_t + γλ A_{t+1};  return_t = A_t + V_t
 *   Shape   reward, value, mask, advantage, returns (T)
 *   Masked tokens are stepped over. `after` is V behind the last token: 0 when the answer ended, the critic's estimate when
 *   it was cut, because truncation is not termination. Uncounted tokens receive 0. */
void rp_gae(const real *reward, const real *value, const uint8_t *mask, size_t T, real gamma, real lambda, real after,
            real *advantage, real *returns);
/* l = ½ max((V-ret)², (clip(V, V_old-ε, V_old+ε)-ret)²), slope = ∂l/∂V; ε = 0 leaves the clip out. [ppo2] */
rp_dual rp_value_loss(real value, real value_old, real returns, real epsilon);

/* ---- Divergences (divergence.c) -------------------------------------------------------------------------------- */

typedef enum rp_divergence { RP_BINARY_TV, RP_BINARY_KL, RP_TOPK_TV, RP_TOPK_KL } rp_divergence;
#define RP_DIVERGENCE_NAMES "binary-tv", "binary-kl", "topk-tv", "topk-kl"
/* How far the current policy is from the sampler at one token, seen through a coarse partition of the vocabulary: {sampled,
 * rest}, or {each of S, rest} with S = TopK(μ) ∪ {sampled}. Merging categories never increases either divergence, so all
 * are lower bounds of the full one. [dppo.B]
 *   tv  ½ Σ |p - q|      kl  Σ p log(p/q)      p = μ, q = sg[π] */
double rp_token_divergence(rp_divergence kind, const rp_batch *batch, const real *anchor, size_t token);

/* ---- Reward shaping and schedules (shaping.c) ------------------------------------------------------------------ */

/* DAPO's soft overlong punishment: 0 up to Lmax - Lc, falling to -1 at Lmax; below -1 behind it unless floored. [dapo.13] */
double rp_overlong_penalty(size_t length, double max_length, double cache, bool floored);
/* τ log mean exp(R/τ): between the mean (τ → ∞) and the maximum (τ → 0). */
double rp_soft_mean(const real *reward, size_t n, double tau);
/* Linear from 0 to peak in `warmup` steps, then half a cosine to valley in `decay` steps, then valley. */
double rp_cosine_schedule(double step, double warmup, double decay, double peak, double valley);

/* ---- What to look at (stats.c) --------------------------------------------------------------------------------- */

/* Collected token by token, written as metrics at the end: ratio_mean, ratio_max, clip_low, clip_high, clip_dual (shares of
 * counted tokens), kl_old (k3 of old against new), kl_ref, entropy. */
typedef struct rp_tally {
    size_t ratios, references, entropies; /* tokens that entered each sum */
    size_t clip[4];                       /* by rp_clip_side */
    double ratio_sum, ratio_max, kl_old, kl_ref, entropy;
} rp_tally;
void rp_tally_ratio(rp_tally *tally, real ratio, rp_clip_side side);
void rp_tally_reference(rp_tally *tally, real kl);
void rp_tally_entropy(rp_tally *tally, real entropy);
void rp_tally_write(const rp_tally *tally, rp_loss *loss);
/* 1 - Var(ret - V)/Var(ret) over counted tokens; 0 when the returns do not vary. */
double rp_explained_variance(const rp_batch *batch, const real *value, const real *returns);

#endif
