/* SPDX-License-Identifier: MIT
 *
 * value_loss.c — the critic's squared error, with PPO's pessimistic clip.
 *
 * The clip holds the new value within ε of the old one and takes the larger error of the two: no reward for moving further
 * than ε, but a full gradient where the clipped value would look better than the real one.
 */
#include <rephrase/policy.h>

rp_dual rp_value_loss(real value, real value_old, real returns, real epsilon) {
    const real error = value - returns;
    const rp_dual plain = {error * error / 2, error};
    if (!(epsilon > 0)) return plain;
    const real held = real_fmin(real_fmax(value, value_old - epsilon), value_old + epsilon);
    const real held_error = held - returns;
    const rp_dual clipped = {held_error * held_error / 2, held == value ? held_error : 0};
    return clipped.value > plain.value ? clipped : plain;
}
