/* SPDX-License-Identifier: MIT
 *
 * stats.c — the few numbers that tell a healthy run from a sick one, collected beside the loss.
 */
#include <rephrase/policy.h>

void rp_tally_ratio(rp_tally *tally, real ratio, rp_clip_side side) {
    const double r = (double)ratio;
    tally->ratio_max = tally->ratios ? fmax(tally->ratio_max, r) : r;
    tally->ratios++;
    tally->clip[side]++;
    tally->ratio_sum += r;
    tally->kl_old += r - 1 - double_log(r); /* samples of π_old: KL(π_old‖π) = E[r - 1 - log r] */
}

void rp_tally_reference(rp_tally *tally, real kl) {
    tally->references++;
    tally->kl_ref += (double)kl;
}

void rp_tally_entropy(rp_tally *tally, real entropy) {
    tally->entropies++;
    tally->entropy += (double)entropy;
}

void rp_tally_write(const rp_tally *tally, rp_loss *loss) {
    const double n = (double)tally->ratios;
    if (tally->ratios) {
        rp_loss_metric(loss, "ratio_mean", tally->ratio_sum / n);
        rp_loss_metric(loss, "ratio_max", tally->ratio_max);
        rp_loss_metric(loss, "clip_low", (double)tally->clip[RP_CLIP_LOW] / n);
        rp_loss_metric(loss, "clip_high", (double)tally->clip[RP_CLIP_HIGH] / n);
        rp_loss_metric(loss, "clip_dual", (double)tally->clip[RP_CLIP_DUAL] / n);
        rp_loss_metric(loss, "kl_old", tally->kl_old / n);
    }
    if (tally->references) rp_loss_metric(loss, "kl_ref", tally->kl_ref / (double)tally->references);
    if (tally->entropies) rp_loss_metric(loss, "entropy", tally->entropy / (double)tally->entropies);
}

double rp_explained_variance(const rp_batch *batch, const real *value, const real *returns) {
    double n = 0, sum = 0, error_sum = 0, square = 0, error_square = 0;
    const size_t tokens = batch->start[batch->rows];
    for (size_t t = 0; t < tokens; t++)
        if (rp_token_counts(batch, t)) {
            n += 1;
            sum += (double)returns[t];
            error_sum += (double)returns[t] - (double)value[t];
        }
    if (n < 1) return 0;
    for (size_t t = 0; t < tokens; t++)
        if (rp_token_counts(batch, t)) {
            const double d = (double)returns[t] - sum / n, e = (double)returns[t] - (double)value[t] - error_sum / n;
            square += d * d;
            error_square += e * e;
        }
    return square > 0 ? 1 - error_square / square : 0;
}
