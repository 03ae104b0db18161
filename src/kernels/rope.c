/* SPDX-License-Identifier: MIT
 *
 * rope.c — rotary position embedding [su2021]: pair i of a head turns by position · ω_i, ω_i = θ^(−2i/D).
 *
 * The scores q·k then depend on the distance of two positions only. Three ways to stretch a context are known here: linear
 * scaling divides every ω by a factor; Llama 3.1's divides only the slow ones, those whose wavelength 2π/ω is
 * longer than original_context/low_freq_factor, leaves alone the ones shorter than original_context/high_freq_factor, and
 * blends between; YaRN [peng2023] blends along the number of the pair, and lengthens q and k by a factor, which sharpens
 * the softmax that a longer context flattens. A rotation's transpose is the rotation back: that is all the backward pass
 * is.
 */
#include "lanes.h"

#include <rephrase/kernels.h>

/* The number of the pair, not rounded, that turns `turns` times within the original context. */
static double pair_of_turns(const rp_rope *rope, double turns, size_t D) {
    const double pi = 3.14159265358979323846;
    return (double)D * double_log(rope->original_context / (turns * 2 * pi)) / (2 * double_log(rope->theta));
}

static double yarn_frequency(const rp_rope *rope, double plain, size_t i, size_t D) {
    double low = pair_of_turns(rope, rope->beta_fast, D), high = pair_of_turns(rope, rope->beta_slow, D);
    if (rope->whole_bounds) {
        low = floor(low);
        high = ceil(high);
    }
    low = fmax(low, 0);
    high = fmin(high, (double)D - 1);
    if (low == high) high += 0.001; /* the reference's way out of a division by 0 */
    double ramp = ((double)i - low) / (high - low);
    ramp = ramp < 0 ? 0 : ramp > 1 ? 1 : ramp;
    return plain / rope->factor * ramp + plain * (1 - ramp);
}

double rp_rope_frequency(const rp_rope *rope, size_t i, size_t D) {
    const double pi = 3.14159265358979323846;
    const double plain = double_pow(rope->theta, -2.0 * (double)i / (double)D);
    if (rope->yarn) return yarn_frequency(rope, plain, i, D);
    if (!rope->llama3) return plain / rope->factor;
    /* How often the pair turns within the original context, on the ramp from low (0) to high (1). */
    const double turns = rope->original_context * plain / (2 * pi);
    double ramp = (turns - rope->low_freq_factor) / (rope->high_freq_factor - rope->low_freq_factor);
    ramp = ramp < 0 ? 0 : ramp > 1 ? 1 : ramp;
    return (1 - ramp) * plain / rope->factor + ramp * plain;
}

void rp_rope_table(real *cosine, real *sine, const rp_rope *rope, size_t T, size_t D) {
    for (size_t i = 0; i < D / 2; i++) {
        const double frequency = rp_rope_frequency(rope, i, D), length = rope->yarn ? rope->attention : 1;
        for (size_t t = 0; t < T; t++) {
            cosine[t * (D / 2) + i] = (real)(length * double_cos((double)t * frequency));
            sine[t * (D / 2) + i] = (real)(length * double_sin((double)t * frequency));
        }
    }
}

/* direction +1 turns by the angle, -1 back */
static void rotate(real *x, size_t ldx, const uint32_t *position, const real *cosine, const real *sine, size_t T,
                   size_t heads, size_t D, real direction) {
    const size_t half = D / 2;
    for (size_t t = 0; t < T; t++) {
        const real *c = cosine + position[t] * half, *s = sine + position[t] * half;
        for (size_t h = 0; h < heads; h++) {
            real *a = x + t * ldx + h * D, *b = a + half;
            VECTOR
            for (size_t i = 0; i < half; i++) {
                const real turn = direction * s[i], a_i = a[i], b_i = b[i];
                a[i] = a_i * c[i] - b_i * turn;
                b[i] = b_i * c[i] + a_i * turn;
            }
        }
    }
}

void rp_rope_forward(real *x, size_t ldx, const uint32_t *position, const real *cosine, const real *sine, size_t T,
                     size_t heads, size_t D) {
    rotate(x, ldx, position, cosine, sine, T, heads, D, 1);
}

void rp_rope_backward(real *dx, size_t lddx, const uint32_t *position, const real *cosine, const real *sine, size_t T,
                      size_t heads, size_t D) {
    rotate(dx, lddx, position, cosine, sine, T, heads, D, -1);
}
