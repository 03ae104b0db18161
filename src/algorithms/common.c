/* SPDX-License-Identifier: MIT
 *
 * common.c — the steps before and after the loop that many methods share.
 */
#include "common.h"

rp_status rp_common_advantage(const rp_algorithm *self, const rp_settings *settings, const rp_batch *batch,
                              rp_baseline baseline, const uint8_t *in_baseline, rp_arena *arena, real **A) {
    const rp_advantage_options options = {.baseline = baseline,
                                          .std = (rp_std)rp_settings_get(self, settings, "std"),
                                          .std_epsilon = rp_settings_get(self, settings, "std_epsilon"),
                                          .std_of_batch = rp_settings_get(self, settings, "std_scope") > 0,
                                          .single_keeps_reward = rp_settings_get(self, settings, "group_of_one") > 0,
                                          .in_baseline = in_baseline};
    *A = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(*A);
    return rp_advantage(batch, batch->reward, &options, arena, *A);
}

rp_status rp_common_weights(const rp_algorithm *self, const rp_settings *settings, const rp_batch *batch, rp_arena *arena,
                            real **W) {
    const rp_aggregate kind = (rp_aggregate)rp_settings_get(self, settings, "aggregate");
    const double max_length = rp_settings_get(self, settings, "max_length");
    if (kind == RP_CONSTANT && !(max_length > 0))
        return rp_fail(RP_ERR_ARGUMENT, "%s: aggregate=constant divides by max_length, which is not set", self->name);
    *W = rp_alloc(arena, real, batch->rows);
    RP_TRY_ALLOC(*W);
    rp_aggregate_weights(batch, kind, max_length, rp_settings_get(self, settings, "empty_rows") > 0, *W);
    return RP_OK;
}

rp_clip rp_common_clip(const rp_algorithm *self, const rp_settings *settings) {
    return (rp_clip){.low = (real)(1 - rp_settings_get(self, settings, "clip_low")),
                     .high = (real)(1 + rp_settings_get(self, settings, "clip_high")),
                     .dual = (real)rp_settings_get(self, settings, "clip_dual")};
}

rp_penalty rp_common_penalty(const rp_algorithm *self, const rp_settings *settings) {
    return (rp_penalty){.kl = (rp_kl)rp_settings_get(self, settings, "kl"),
                        .beta = (real)rp_settings_get(self, settings, "kl_beta"),
                        .cap = (real)rp_settings_get(self, settings, "kl_cap"),
                        .times_ratio = rp_settings_get(self, settings, "kl_ratio") > 0,
                        .entropy = (real)rp_settings_get(self, settings, "entropy_bonus")};
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

unsigned rp_penalty_needs(const rp_algorithm *self, const rp_settings *settings) {
    unsigned needs = 0;
    if (rp_settings_get(self, settings, "kl_beta") > 0) needs |= RP_NEEDS_REFERENCE;
    if (rp_settings_get(self, settings, "entropy_bonus") != 0) needs |= RP_NEEDS_ENTROPY;
    return needs;
}
