/* SPDX-License-Identifier: MIT
 *
 * critic.c — the value head: V_t = w · h_t + b on the policy's last normalised hidden state.
 *
 * The critic reads the features and does not shape them: its gradient stops at h. A linear critic on a trained trunk is the
 * smallest one that PPO's equations can run with; public trainers train a second whole model instead, and say so.
 */
#include "critic.h"

#include <string.h>

/* b is kept behind w, as the weight of a constant feature 1. */
static size_t width(const rp_critic *critic) {
    return critic->channels + 1;
}

rp_status rp_critic_create(rp_arena *arena, size_t channels, rp_critic *critic) {
    rp_critic made = {.channels = channels};
    real **blocks[] = {&made.weights, &made.gradient, &made.first, &made.second};
    for (size_t i = 0; i < 4; i++) {
        *blocks[i] = rp_alloc_zero(arena, real, channels + 1); /* V = 0 at first: the advantage is the return */
        RP_TRY_ALLOC(*blocks[i]);
    }
    *critic = made;
    return RP_OK;
}

void rp_critic_values(const rp_critic *critic, const real *hidden, size_t tokens, real *value) {
    const size_t C = critic->channels;
    for (size_t t = 0; t < tokens; t++) {
        double sum = (double)critic->weights[C];
        for (size_t i = 0; i < C; i++) sum += (double)critic->weights[i] * (double)hidden[t * C + i];
        value[t] = (real)sum;
    }
}

void rp_critic_gradient(rp_critic *critic, const real *hidden, const real *dvalue, size_t tokens) {
    const size_t C = critic->channels;
    for (size_t t = 0; t < tokens; t++) {
        for (size_t i = 0; i < C; i++) critic->gradient[i] += dvalue[t] * hidden[t * C + i];
        critic->gradient[C] += dvalue[t];
    }
}

void rp_critic_update(rp_critic *critic, double learning_rate, const rp_optimizer *optimizer, int64_t step) {
    rp_optimizer now = *optimizer;
    now.learning_rate = learning_rate;
    rp_adamw_update(critic->weights, critic->first, critic->second, critic->gradient, width(critic), &now, step, 1,
                    false);
    memset(critic->gradient, 0, width(critic) * sizeof *critic->gradient);
}
