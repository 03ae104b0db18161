/* SPDX-License-Identifier: MIT
 *
 * interval.c — how sure a proportion is.
 */
#include <rephrase/base.h>

#include <math.h>

void rp_wilson(double p, double n, double *low, double *high) {
    const double z = 1.959963984540054; /* Φ(z) = 0.975 */
    if (n <= 0) {                       /* nothing was asked: nothing is known */
        *low = 0, *high = 1;
        return;
    }
    const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = fmax(0, centre - half), *high = fmin(1, centre + half); /* rounding may step over the ends */
}
