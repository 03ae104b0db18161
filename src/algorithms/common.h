/* SPDX-License-Identifier: MIT
 *
 * common.h — private to this layer: rows of settings tables and the steps around the loop that many methods share.
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

/* ---- Rows of a settings table ---------------------------------------------------------------------------------- */

#define SETTING_REAL(key, value, least, most, text)                                                                        \
    { .name = key, .help = text, .kind = RP_SETTING_REAL, .standard = value, .lo = least, .hi = most }
#define SETTING_INT(key, value, least, most, text)                                                                         \
    { .name = key, .help = text, .kind = RP_SETTING_INT, .standard = value, .lo = least, .hi = most }
#define SETTING_BOOL(key, value, text)                                                                                     \
    { .name = key, .help = text, .kind = RP_SETTING_BOOL, .standard = value, .lo = 0, .hi = 1 }
#define SETTING_CHOICE(key, value, text, ...)                                                                              \
    {                                                                                                                      \
        .name = key, .help = text, .kind = RP_SETTING_CHOICE, .standard = value, .choices = { __VA_ARGS__ }                \
    }
#define SETTING_END                                                                                                        \
    { .name = NULL }

#define SETTINGS_ADVANTAGE(base, kind, epsilon)                                                                            \
    SETTING_CHOICE("baseline", base, "what is subtracted from the rewards of a group", RP_BASELINE_NAMES),                 \
        SETTING_CHOICE("std", kind, "divide advantages by the standard deviation of the group", RP_STD_NAMES),             \
        SETTING_REAL("std_epsilon", epsilon, 0, 1, "added to the standard deviation"),                                     \
        SETTING_CHOICE("std_scope", 0, "deviation of the group or of the whole batch", "group", "batch"),                  \
        SETTING_CHOICE("group_of_one", 0, "advantage of a group of one: 0, or its reward as in verl", "zero", "reward")
#define SETTINGS_AGGREGATE(kind)                                                                                           \
    SETTING_CHOICE("aggregate", kind, "how token losses become one number", RP_AGGREGATE_NAMES),                           \
        SETTING_REAL("max_length", 0, 0, 1e9, "the constant Lmax of constant and token-sum-norm; 0 = not set"),            \
        SETTING_CHOICE("empty_rows", 0, "rows without a counted token enter B or not", "count", "skip")
#define SETTINGS_CLIP(low, high)                                                                                           \
    SETTING_REAL("clip_low", low, 0, 1, "the ratio is clipped below 1 - clip_low"),                                        \
        SETTING_REAL("clip_high", high, 0, 1e9, "the ratio is clipped above 1 + clip_high"),                               \
        SETTING_REAL("clip_dual", 0, 0, 1e9, "for negative advantages, bound of the ratio from above; 0 = off")
#define SETTINGS_PENALTY                                                                                                   \
    SETTING_REAL("kl_beta", 0, 0, 1e3, "coefficient of the KL estimate to the reference policy"),                          \
        SETTING_CHOICE("kl", RP_KL_K3, "estimator of the KL term", RP_KL_NAMES),                                           \
        SETTING_REAL("kl_cap", 0, 0, 1e9, "bound of the estimate's size; 0 = none"),                                       \
        SETTING_BOOL("kl_ratio", 0, "multiply the KL estimate by the live ratio (TRL's bias correction)"),                 \
        SETTING_REAL("entropy_bonus", 0, -1e3, 1e3, "coefficient of the entropy, subtracted from the loss")

/* ---- Before the loop ------------------------------------------------------------------------------------------- */

/* A (B) of `reward` by the rows of SETTINGS_ADVANTAGE; in_baseline as in rp_advantage_options. */
rp_status rp_common_advantage_of(const rp_algorithm *self, const rp_settings *settings, const rp_batch *batch,
                                 const real *reward, const uint8_t *in_baseline, rp_arena *arena, real **A) RP_MUST_CHECK;
/* The same of batch->reward with every row in the baseline. */
rp_status rp_common_advantage(const rp_algorithm *self, const rp_settings *settings, const rp_batch *batch, rp_arena *arena,
                              real **A) RP_MUST_CHECK;
/* (B) 1 where the row is no expert's. */
rp_status rp_common_policy_rows(const rp_batch *batch, rp_arena *arena, uint8_t **rows) RP_MUST_CHECK;
/* W (B) by the rows of SETTINGS_AGGREGATE, of all rows or of a part. */
rp_status rp_common_weights_of(const rp_algorithm *self, const rp_settings *settings, const rp_batch *batch, rp_part part,
                               rp_arena *arena, real **W) RP_MUST_CHECK;
rp_status rp_common_weights(const rp_algorithm *self, const rp_settings *settings, const rp_batch *batch, rp_arena *arena,
                            real **W) RP_MUST_CHECK;
/* Bounds as ratio values from SETTINGS_CLIP; a row with a setting "clip" that is off has none. */
rp_clip rp_common_clip(const rp_algorithm *self, const rp_settings *settings);
/* The bits of rp_needs that the shared settings ask for: kl_beta, entropy_bonus, std_scope. */
unsigned rp_common_needs(const rp_algorithm *self, const rp_settings *settings);

/* ---- In the loop ----------------------------------------------------------------------------------------------- */

typedef struct rp_penalty {
    rp_kl kl;
    real beta, cap, entropy;
    bool times_ratio;
} rp_penalty;
rp_penalty rp_common_penalty(const rp_algorithm *self, const rp_settings *settings);
/* + β KL(π‖ref) - c H of one token. `ratio` is the live ratio, for kl_ratio. */
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
