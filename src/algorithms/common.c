/* SPDX-License-Identifier: MIT
 *
 * common.c — the steps around the loop that many methods share.
 */
#include "common.h"

rp_status rp_common_advantage_of(const advantage_settings *s, const rp_batch *batch, const real *reward,
                                 const uint8_t *in_baseline, rp_arena *arena, real **A) {
    const rp_advantage_options options = {.baseline = s->baseline,
                                          .std = s->scale_rewards == 2 ? RP_STD_NONE : s->std,
                                          .std_epsilon = s->std_epsilon,
                                          .std_of_batch = s->scale_rewards == 1,
                                          .single_keeps_reward = s->group_of_one > 0,
                                          .in_baseline = in_baseline};
    *A = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(*A);
    return rp_advantage(batch, reward, &options, arena, *A);
}

rp_status rp_common_advantage(const advantage_settings *s, const rp_batch *batch, rp_arena *arena, real **A) {
    return rp_common_advantage_of(s, batch, batch->reward, NULL, arena, A);
}

rp_status rp_common_policy_rows(const rp_batch *batch, rp_arena *arena, uint8_t **rows) {
    *rows = rp_alloc(arena, uint8_t, batch->rows);
    RP_TRY_ALLOC(*rows);
    for (size_t i = 0; i < batch->rows; i++) (*rows)[i] = rp_row_source(batch, i) != RP_SOURCE_EXPERT;
    return RP_OK;
}

rp_status rp_common_weights_of(const aggregate_settings *s, const rp_batch *batch, rp_part part, rp_arena *arena,
                               real **W) {
    static const char *const names[] = {RP_AGGREGATE_NAMES};
    const double longest = s->loss_scale_factor > 0 ? s->loss_scale_factor : (double)batch->longest;
    if ((s->loss_type == RP_CONSTANT || s->loss_type == RP_TOKEN_SUM_NORM) && !(longest > 0))
        return rp_fail(RP_ERR_ARGUMENT, "loss_type=%s divides by loss_scale_factor, which is not set", names[s->loss_type]);
    *W = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(*W);
    rp_aggregate_weights(batch, s->loss_type, longest, s->empty_rows > 0, part, *W);
    return RP_OK;
}

rp_status rp_common_weights(const aggregate_settings *s, const rp_batch *batch, rp_arena *arena, real **W) {
    return rp_common_weights_of(s, batch, RP_PART_ALL, arena, W);
}

rp_clip rp_common_clip(const clip_settings *s, bool clipped) {
    if (!clipped) return (rp_clip){.low = 0, .high = REAL_MAX, .dual = 0};
    return (rp_clip){.low = (real)(1 - s->epsilon), .high = (real)(1 + s->epsilon_high), .dual = (real)s->delta};
}

unsigned rp_common_needs(const advantage_settings *advantage, const penalty_settings *penalty) {
    unsigned needs = 0;
    if (penalty && penalty->beta > 0) needs |= RP_NEEDS_REFERENCE;
    if (penalty && penalty->entropy_coef != 0) needs |= RP_NEEDS_ENTROPY;
    if (advantage && advantage->scale_rewards == 1) needs |= RP_NEEDS_WHOLE_STEP;
    return needs;
}

rp_penalty rp_common_penalty(const penalty_settings *s) {
    return (rp_penalty){.kl = s->kl,
                        .beta = (real)s->beta,
                        .cap = (real)s->kl_cap,
                        .times_ratio = s->use_bias_correction_kl,
                        .entropy = (real)s->entropy_coef};
}

void rp_penalty_add(const rp_penalty *penalty, const rp_batch *batch, size_t token, real W, rp_dual ratio, rp_tally *tally,
                    rp_loss *loss) {
    if (batch->logp_ref) {
        const rp_dual k = rp_kl_estimate(penalty->kl, batch->logp[token], batch->logp_ref[token], penalty->cap);
        rp_tally_reference(tally, k.value);
        rp_dual l = {penalty->beta * k.value, penalty->beta * k.slope};
        if (penalty->times_ratio) /* β r k: the product rule */
            l = (rp_dual){ratio.value * l.value, ratio.value * l.slope + ratio.slope * l.value};
        if (penalty->beta > 0) rp_loss_add(loss, token, W, l);
    }
    rp_common_entropy(batch, token, W, penalty->entropy, tally, loss);
}

void rp_common_entropy(const rp_batch *batch, size_t token, real W, real c, rp_tally *tally, rp_loss *loss) {
    if (!batch->entropy) return;
    rp_tally_entropy(tally, batch->entropy[token]);
    loss->loss -= (double)(W * c) * (double)batch->entropy[token];
    loss->dentropy[token] -= W * c;
}

void rp_common_clipped_token(const rp_batch *batch, size_t token, real W, rp_dual ratio, real A, rp_clip clip,
                             const rp_penalty *penalty, rp_tally *tally, rp_loss *loss) {
    rp_loss_add(loss, token, W, rp_surrogate_clipped(ratio, A, clip));
    rp_penalty_add(penalty, batch, token, W, ratio, tally, loss);
    rp_tally_ratio(tally, ratio.value, rp_clip_where(ratio.value, A, clip));
    loss->advantage[token] = A;
}

void rp_common_weighted_token(const rp_batch *batch, size_t token, real W, real weight, real A, const rp_penalty *penalty,
                              rp_tally *tally, rp_loss *loss) {
    const rp_dual r = batch->logp_old ? rp_ratio(batch->logp[token], batch->logp_old[token]) : (rp_dual){1, 0};
    rp_loss_add(loss, token, W, rp_surrogate_weighted(weight, A, batch->logp[token]));
    rp_penalty_add(penalty, batch, token, W, r, tally, loss);
    if (batch->logp_old) rp_tally_ratio(tally, r.value, RP_CLIP_NONE);
    loss->advantage[token] = A;
}

void rp_common_sft_token(const rp_batch *batch, size_t token, real W, real coefficient, rp_loss *loss) {
    rp_loss_add(loss, token, W, rp_surrogate_weighted(coefficient, 1, batch->logp[token]));
    loss->advantage[token] = 1;
}
