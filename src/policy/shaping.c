/* SPDX-License-Identifier: MIT
 *
 * shaping.c — small functions of a length, of a group's rewards, or of the step number.
 */
#include <rephrase/policy.h>

double rp_overlong_penalty(size_t length, double max_length, double cache, bool floored) {
    if (!(cache > 0)) return 0;
    const double over = (double)length - (max_length - cache);
    if (over <= 0) return 0;
    return floored ? fmax(-over / cache, -1) : -over / cache;
}

double rp_soft_mean(const real *reward, size_t n, double tau) {
    double most = n ? (double)reward[0] : 0, sum = 0;
    /* A comparison and no fmax: gcc 12 for AArch64 ends with an internal error where it vectorises that over floats. */
    for (size_t i = 1; i < n; i++) most = (double)reward[i] > most ? (double)reward[i] : most;
    for (size_t i = 0; i < n; i++) sum += double_exp(((double)reward[i] - most) / tau); /* the largest term is 1 */
    return n ? most + tau * double_log(sum / (double)n) : 0;
}

double rp_cosine_schedule(double step, double warmup, double decay, double peak, double valley) {
    if (step < warmup) return peak * step / warmup;
    const double done = decay > 0 ? fmin((step - warmup) / decay, 1) : 1;
    return valley + (peak - valley) * (1 + double_cos(0x1.921fb54442d18p+1 * done)) / 2;
}
