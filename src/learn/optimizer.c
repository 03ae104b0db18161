/* SPDX-License-Identifier: MIT
 *
 * optimizer.c — the learning rate's schedule, and AdamW as the recipe sets it.
 */
#include "optimizer.h"

#include <math.h>

double rp_learning_rate(const rp_optimizer_settings *s, int64_t step) {
    if (step < s->warmup) return s->learning_rate * (double)(step + 1) / (double)s->warmup;
    const double span = (double)(s->steps - s->warmup);
    double done = span > 0 ? (double)(step - s->warmup) / span : 1;
    if (done > 1) done = 1;
    const double pi = 3.141592653589793; /* check: 3.141592653589793 == pi */
    const double left[] = {1, 0.5 * (1 + cos(pi * done)), 1 - done};
    if (s->schedule == 0) return s->learning_rate;
    return s->learning_rate * (s->final + (1 - s->final) * left[s->schedule]);
}

rp_adamw rp_adamw_of(const rp_optimizer_settings *settings, double rate) {
    return (rp_adamw){.rate = rate,
                      .beta1 = settings->beta1,
                      .beta2 = settings->beta2,
                      .epsilon = settings->epsilon,
                      .decay = settings->decay};
}
