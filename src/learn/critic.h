/* SPDX-License-Identifier: MIT
 *
 * critic.h — private to this layer: the value head.
 */
#ifndef REPHRASE_LEARN_CRITIC_H
#define REPHRASE_LEARN_CRITIC_H

#include <rephrase/learn.h>

struct rp_critic { /* V_t = w · h_t + b */
    size_t channels;
    real *weights, *gradient, *first, *second; /* (channels + 1), b last */
};

rp_status rp_critic_create(rp_arena *arena, size_t channels, rp_critic *critic) RP_MUST_CHECK;
/* value (tokens) from hidden (tokens, channels). */
void rp_critic_values(const rp_critic *critic, const real *hidden, size_t tokens, real *value);
void rp_critic_gradient(rp_critic *critic, const real *hidden, const real *dvalue, size_t tokens); /* accumulates */
/* One AdamW step; clears the gradient. */
void rp_critic_update(rp_critic *critic, double learning_rate, const rp_optimizer *optimizer, int64_t step);

#endif
