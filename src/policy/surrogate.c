/* SPDX-License-Identifier: MIT
 *
 * surrogate.c — the per-token losses that policy gradients are made of, each with its derivative by logπ.
 *
 * All have the gradient -(weight) A ∇logπ and differ in the weight: r while the clip is inactive, a constant w, or the
 * slope of LUFFY's shaping. The clip is one-sided: it stops an update that has already gone far enough in the direction the
 * advantage asks for, and never one that comes back.
 */
#include <rephrase/policy.h>

rp_clip_side rp_clip_where(real ratio, real advantage, rp_clip clip) {
    if (advantage > 0 && ratio > clip.high) return RP_CLIP_HIGH;
    if (advantage < 0 && ratio < clip.low) return RP_CLIP_LOW;
    if (advantage < 0 && clip.dual > 0 && ratio > clip.dual) return RP_CLIP_DUAL;
    return RP_CLIP_NONE;
}

rp_dual rp_surrogate_clipped(rp_dual ratio, real advantage, rp_clip clip) {
    switch (rp_clip_where(ratio.value, advantage, clip)) {
    case RP_CLIP_HIGH:
        return (rp_dual){-clip.high * advantage, 0};
    case RP_CLIP_LOW:
        return (rp_dual){-clip.low * advantage, 0};
    case RP_CLIP_DUAL:
        return (rp_dual){-clip.dual * advantage, 0};
    case RP_CLIP_NONE:
        break;
    }
    return (rp_dual){-ratio.value * advantage, -ratio.slope * advantage};
}

rp_dual rp_surrogate_weighted(real weight, real advantage, real logp) {
    return (rp_dual){-weight * advantage * logp, -weight * advantage};
}

rp_dual rp_surrogate_shaped(real logp, real advantage, real gamma) {
    const real p = real_exp(real_fmin(logp, 0)), f = p / (p + gamma);
    return (rp_dual){-advantage * f, -advantage * f * (gamma / (p + gamma))}; /* f' p = γ p/(p+γ)² */
}
