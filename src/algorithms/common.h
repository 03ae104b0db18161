/* SPDX-License-Identifier: MIT
 *
 * common.h — private to this layer: settings that many methods share and the steps around the loop that many methods share.
 *
 * An algorithm's file reads: make A, make W, then for each counted token say what the loss is. The three lines before and
 * after that loop are here; the loop is never here, because it is the algorithm.
 */
#ifndef REPHRASE_ALGORITHMS_COMMON_H
#define REPHRASE_ALGORITHMS_COMMON_H

#include <rephrase/algorithms.h>

#define ALGORITHM(name) extern const rp_algorithm rp_algorithm_##name;
#include "algorithms.def"
#undef ALGORITHM

/* ---- Settings ------------------------------------------------------------------------------------------------------
 *
 * Each algorithm has a struct of its own, NAME_settings, and one table of options over it. Parts that many share are members:
 * `advantage`, `aggregate`, `clip`, `penalty`.
 */

/* Rows named like their field; see options.h. */
#define SETTING_REAL(owner, field, ...)   RP_OPTION_REAL(owner##_settings, field, #field, __VA_ARGS__)
#define SETTING_INT(owner, field, ...)    RP_OPTION_INT(owner##_settings, field, #field, __VA_ARGS__)
#define SETTING_BOOL(owner, field, ...)   RP_OPTION_BOOL(owner##_settings, field, #field, __VA_ARGS__)
#define SETTING_CHOICE(owner, field, ...) RP_OPTION_CHOICE(owner##_settings, field, #field, __VA_ARGS__)

typedef struct advantage_settings {
    rp_baseline baseline;
    rp_std std;
    double std_epsilon;
    int scale_rewards, group_of_one; /* group, batch, none; zero, reward */
} advantage_settings;
#define SETTINGS_ADVANTAGE(owner, baseline_, std_, epsilon_)                                                               \
    RP_OPTION_CHOICE(owner##_settings, advantage.baseline, "baseline", baseline_, RP_CHOICES(RP_BASELINE_NAMES),           \
                     "what is subtracted from the rewards of a group"),                                                    \
        RP_OPTION_CHOICE(owner##_settings, advantage.std, "std", std_, RP_CHOICES(RP_STD_NAMES),                           \
                         "which standard deviation divides the advantages", .verl = "norm_adv_by_std_in_grpo"),            \
        RP_OPTION_REAL(owner##_settings, advantage.std_epsilon, "std_epsilon", epsilon_, 0, 1,                             \
                       "added to the standard deviation"),                                                                 \
        RP_OPTION_CHOICE(owner##_settings, advantage.scale_rewards, "scale_rewards", 0,                                    \
                         RP_CHOICES("group", "batch", "none"),                                                             \
                         "deviation of the group, of the whole batch, or none whatever std says", .trl = "scale_rewards",  \
                         .former = "std_scope"),                                                                           \
        RP_OPTION_CHOICE(owner##_settings, advantage.group_of_one, "group_of_one", 0, RP_CHOICES("zero", "reward"),        \
                         "advantage of a group of one: 0, or its reward as in verl")

typedef struct aggregate_settings {
    rp_aggregate loss_type;
    double loss_scale_factor;
    int empty_rows; /* count, skip */
} aggregate_settings;
#define SETTINGS_AGGREGATE(owner, kind_)                                                                                   \
    RP_OPTION_CHOICE(owner##_settings, aggregate.loss_type, "loss_type", kind_, RP_CHOICES(RP_AGGREGATE_NAMES),            \
                     "how token losses become one number; TRL's grpo is seq-mean-token-mean, dapo token-mean, dr_grpo "    \
                     "constant",                                                                                           \
                     .trl = "loss_type", .verl = "actor.loss_agg_mode", .former = "aggregate"),                            \
        RP_OPTION_REAL(owner##_settings, aggregate.loss_scale_factor, "loss_scale_factor", 0, 0, 1e9,                      \
                       "the constant Lmax of constant and token-sum-norm; 0 = the longest completion there can be",        \
                       .trl = "max_completion_length", .verl = "actor.loss_scale_factor", .former = "max_length"),         \
        RP_OPTION_CHOICE(owner##_settings, aggregate.empty_rows, "empty_rows", 0, RP_CHOICES("count", "skip"),             \
                         "rows without a counted token enter B or not")

/* The rows of the clip one by one, for methods that read them in their own way. */
#define SETTING_EPSILON(owner, field, ...)                                                                                 \
    RP_OPTION_REAL(owner##_settings, field, "epsilon", __VA_ARGS__, .trl = "epsilon",                                      \
                   .verl = "actor.clip_ratio_low, actor.clip_ratio", .former = "clip_low")
#define SETTING_EPSILON_HIGH(owner, field, ...)                                                                            \
    RP_OPTION_REAL(owner##_settings, field, "epsilon_high", __VA_ARGS__, .trl = "epsilon_high",                            \
                   .verl = "actor.clip_ratio_high", .former = "clip_high")
#define SETTING_DELTA(owner, field, initial_)                                                                              \
    RP_OPTION_REAL(owner##_settings, field, "delta", initial_, 0, 1e9,                                                     \
                   "dual clip: bound of the ratio from above where the "                                                   \
                   "advantage is negative; 0 = off",                                                                       \
                   .above = 1, .trl = "delta", .verl = "actor.clip_ratio_c", .former = "clip_dual")

typedef struct clip_settings {
    double epsilon, epsilon_high, delta;
} clip_settings;
#define SETTINGS_CLIP(owner, low_, high_, dual_)                                                                           \
    SETTING_EPSILON(owner, clip.epsilon, low_, 0, 1, "the ratio is clipped below 1 - epsilon"),                            \
        SETTING_EPSILON_HIGH(owner, clip.epsilon_high, high_, 0, 1e9, "the ratio is clipped above 1 + epsilon_high"),      \
        SETTING_DELTA(owner, clip.delta, dual_)

#define SETTING_ENTROPY(owner, field)                                                                                      \
    RP_OPTION_REAL(owner##_settings, field, "entropy_coef", 0, -1e3, 1e3,                                                  \
                   "coefficient of the entropy, subtracted from the loss", .trl = "entropy_coef",                          \
                   .verl = "actor.entropy_coeff", .former = "entropy_bonus")

typedef struct penalty_settings {
    double beta;
    rp_kl kl;
    double kl_cap;
    bool use_bias_correction_kl;
    double entropy_coef;
} penalty_settings;
#define SETTINGS_PENALTY(owner)                                                                                            \
    RP_OPTION_REAL(owner##_settings, penalty.beta, "beta", 0, 0, 1e3,                                                      \
                   "coefficient of the KL estimate to the reference policy", .trl = "beta", .verl = "actor.kl_loss_coef",  \
                   .former = "kl_beta, kl_coef"),                                                                          \
        RP_OPTION_CHOICE(owner##_settings, penalty.kl, "kl", RP_KL_K3, RP_CHOICES(RP_KL_NAMES),                            \
                         "estimator of the KL term", .verl = "actor.kl_loss_type"),                                        \
        RP_OPTION_REAL(owner##_settings, penalty.kl_cap, "kl_cap", 0, 0, 1e9, "bound of the estimate's size; 0 = none"),   \
        RP_OPTION_BOOL(owner##_settings, penalty.use_bias_correction_kl, "use_bias_correction_kl", false,                  \
                       "multiply the KL estimate by the live ratio", .trl = "use_bias_correction_kl",                      \
                       .former = "kl_ratio"),                                                                              \
        SETTING_ENTROPY(owner, penalty.entropy_coef)

/* ---- Before the loop ------------------------------------------------------------------------------------------- */

/* A (B) of `reward`; in_baseline as in rp_advantage_options. */
rp_status rp_common_advantage_of(const advantage_settings *s, const rp_batch *batch, const real *reward,
                                 const uint8_t *in_baseline, rp_arena *arena, real **A) RP_MUST_CHECK;
/* The same of batch->reward with every row in the baseline. */
rp_status rp_common_advantage(const advantage_settings *s, const rp_batch *batch, rp_arena *arena, real **A) RP_MUST_CHECK;
/* (B) 1 where the row is no expert's. */
rp_status rp_common_policy_rows(const rp_batch *batch, rp_arena *arena, uint8_t **rows) RP_MUST_CHECK;
/* W (B), of all rows or of a part. */
rp_status rp_common_weights_of(const aggregate_settings *s, const rp_batch *batch, rp_part part, rp_arena *arena,
                               real **W) RP_MUST_CHECK;
rp_status rp_common_weights(const aggregate_settings *s, const rp_batch *batch, rp_arena *arena, real **W) RP_MUST_CHECK;
/* Bounds as ratio values; none when `clipped` is false. */
rp_clip rp_common_clip(const clip_settings *s, bool clipped);
/* The bits of rp_needs that the shared settings ask for; NULL = the algorithm does not have that part. */
unsigned rp_common_needs(const advantage_settings *advantage, const penalty_settings *penalty);

/* ---- In the loop ----------------------------------------------------------------------------------------------- */

typedef struct rp_penalty {
    rp_kl kl;
    real beta, cap, entropy;
    bool times_ratio;
} rp_penalty;
rp_penalty rp_common_penalty(const penalty_settings *s);
/* + β KL(π‖ref) - c H of one token. `ratio` is the live ratio, for use_bias_correction_kl. */
void rp_penalty_add(const rp_penalty *penalty, const rp_batch *batch, size_t token, real W, rp_dual ratio, rp_tally *tally,
                    rp_loss *loss);
/* - c H of one token; the entropy is a metric wherever the batch has it. */
void rp_common_entropy(const rp_batch *batch, size_t token, real W, real c, rp_tally *tally, rp_loss *loss);

/* One loss of the clipped family, in all its places: clipped surrogate, penalty, metrics, advantage. */
void rp_common_clipped_token(const rp_batch *batch, size_t token, real W, rp_dual ratio, real A, rp_clip clip,
                             const rp_penalty *penalty, rp_tally *tally, rp_loss *loss);
/* The same for -sg[weight] A logπ. */
void rp_common_weighted_token(const rp_batch *batch, size_t token, real W, real weight, real A, const rp_penalty *penalty,
                              rp_tally *tally, rp_loss *loss);
/* Negative log-likelihood of one demonstrated token, times `coefficient`. */
void rp_common_sft_token(const rp_batch *batch, size_t token, real W, real coefficient, rp_loss *loss);

#endif
