/* SPDX-License-Identifier: MIT
 *
 * numeric.h — random arrays and gradients by central differences, for the tests of kernels and of the model.
 */
#ifndef REPHRASE_TESTS_NUMERIC_H
#define REPHRASE_TESTS_NUMERIC_H

#include "check.h"

/* Values of N(0, scale²) from stream `stream` of seed 1. */
static inline void fill_normal(real *x, size_t n, double scale, uint32_t stream) {
    rp_rng rng = rp_rng_stream(1, RP_RNG_TEST, stream, 0, 0);
    for (size_t i = 0; i < n; i++) x[i] = (real)(scale * rp_rng_normal(&rng));
}

static inline real *normal_array(rp_arena *arena, size_t n, double scale, uint32_t stream) {
    real *x = rp_alloc(arena, real, n);
    assert_non_null(x);
    fill_normal(x, n, scale, stream);
    return x;
}

static inline real *zero_array(rp_arena *arena, size_t n) {
    real *x = rp_alloc_zero(arena, real, n);
    assert_non_null(x);
    return x;
}

/* Σ a_i b_i in double: turns a vector-valued kernel into a loss whose gradient is known at the output. */
static inline double weighted_sum(const real *a, const real *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

typedef double objective_function(void *context);

/* Compares dx with the five-point central difference of f at every x_i:
 *     f' = ( f(x−2h) − 8 f(x−h) + 8 f(x+h) − f(x+2h) ) / 12h      (error of order h⁴)
 * The measure is ‖dx − numeric‖ / (‖dx‖ + ‖numeric‖): 1e-9 in f64, where h⁴ = 1e-12; 2e-3 in f32, where rounding rules. */
static inline void check_gradient(objective_function *f, void *context, real *x, const real *dx, size_t n,
                                  const char *what) {
    const double h = sizeof(real) == 8 ? 1e-3 : 2e-2, tolerance = sizeof(real) == 8 ? 1e-9 : 2e-3;
    double difference = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        const real kept = x[i];
        const double steps[4] = {-2, -1, 1, 2}, weights[4] = {1, -8, 8, -1};
        double numeric = 0;
        for (int s = 0; s < 4; s++) {
            x[i] = (real)((double)kept + steps[s] * h);
            numeric += weights[s] * f(context) / (12 * h);
        }
        x[i] = kept;
        difference += (numeric - (double)dx[i]) * (numeric - (double)dx[i]);
        size += numeric * numeric + (double)dx[i] * (double)dx[i];
    }
    if (!(sqrt(difference) <= tolerance * sqrt(size) && size > 0))
        fail_msg("%s: gradient differs from central differences by %.3g relative (norm %.3g)", what,
                 sqrt(difference) / sqrt(size), sqrt(size));
}

#endif
