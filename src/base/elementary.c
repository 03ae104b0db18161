/* SPDX-License-Identifier: MIT
 *
 * elementary.c — exp, log, sin, cos and their relatives, in operations that IEEE 754 specifies.
 *
 * The C library's own versions differ between libraries, and sometimes between two processors with one library, in the last
 * bit; a run would then not be the same on both. Here every result comes from +, -, *, / and conversions of doubles alone, in
 * the order written, so it has the same bits wherever doubles are IEEE's and contraction is off. Each function splits its
 * argument so that a short series is enough; the series are Taylor's, with their coefficients as fractions.
 *
 * Errors, measured against long double (tests/base/test_elementary.c states the bounds and checks them): below one
 * unit in the last place for exp, log, sin and cos (a little more where exp is subnormal), below four for the others; pow grows by
 * |y log x| units of 2^-53.
 */
#include <rephrase/real.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ln 2 and π/2 in parts: the first parts end in enough zero bits that a small integer times them is exact. */
static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;
static const double HALF_PI[3] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e037073p-69};

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x 2^n in two exact steps, or three where the result is subnormal. */
static double scale(double x, int n) {
    for (; n < -1000; n += 900) x *= of_bits((uint64_t)(1023 - 900) << 52);
    for (; n > 1000; n -= 900) x *= of_bits((uint64_t)(1023 + 900) << 52);
    return x * of_bits((uint64_t)(1023 + n) << 52);
}

/* The nearest integer, halves to even: the sum has no bits left for a fraction. */
static double nearest(double x) {
    const double shift = 0x1.8p52;
    return (x + shift) - shift;
}

/* Σ_{k=first}^{last} r^(k - first) / k!, summed from the small end. */
static double exponential_series(double r, int first, int last) {
    static const double inverse_factorial[] = {1,
                                               1,
                                               1.0 / 2,
                                               1.0 / 6,
                                               1.0 / 24,
                                               1.0 / 120,
                                               1.0 / 720,
                                               1.0 / 5040,
                                               1.0 / 40320,
                                               1.0 / 362880,
                                               1.0 / 3628800,
                                               1.0 / 39916800,
                                               1.0 / 479001600,
                                               1.0 / 6227020800,
                                               1.0 / 87178291200};
    double sum = inverse_factorial[last];
    for (int k = last - 1; k >= first; k--) sum = sum * r + inverse_factorial[k];
    return sum;
}

/* x = n ln 2 + r with |r| <= ln 2/2, exp(x) = 2^n (1 + r + r²(1/2 + r/6 + …)). The rounding error of r's low part is carried. */
double rp_strict_exp(double x) {
    if (x != x) return x;
    if (x > 709.8) return HUGE_VAL;
    if (x < -745.2) return 0;
    const double n = nearest(x * 0x1.71547652b82fep+0);
    const double high = x - n * LN2_HIGH, low = n * LN2_LOW, r = high - low;
    const double rest = (high - r) - low; /* what r lost in rounding */
    const double tail = r * r * exponential_series(r, 2, 14) + (rest + rest * r);
    return scale(1 + (r + tail), (int)n);
}

/* x = 2^k (1 + f) with 1 + f in [√½, √2], s = f / (2 + f): log(1 + f) = 2 artanh s = f - s (f - 2 (s²/3 + s⁴/5 + …)), in
 * which the leading f is exact. */
double rp_strict_log(double x) {
    if (x != x || x == HUGE_VAL) return x;
    if (x < 0) return (x - x) / 0.0; /* NaN, as the standard wants */
    if (x == 0) return -HUGE_VAL;
    int k = 0;
    if (x < DBL_MIN) {
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits = bits_of(x);
    k += (int)(bits >> 52) - 1023;
    double m = of_bits((bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m /= 2;
        k++;
    }
    const double f = m - 1, s = f / (2 + f), s2 = s * s;
    double sum = 0;
    for (int i = 23; i >= 3; i -= 2) sum = (sum + 1.0 / i) * s2;
    return k * LN2_HIGH + (f - (s * (f - 2 * sum) - k * LN2_LOW));
}

double rp_strict_log2(double x) {
    return rp_strict_log(x) * 0x1.71547652b82fep+0;
}

double rp_strict_exp2(double x) {
    if (!(fabs(x) < 1000)) return rp_strict_exp(x);
    const double n = nearest(x); /* 2^x = 2^n e^((x - n) ln 2) */
    return scale(rp_strict_exp((x - n) * 0x1.62e42fefa39efp-1), (int)n);
}

/* Kahan's corrections: the rounding of 1 + x, or of exp(x), is undone by the same rounding beside it. */
double rp_strict_log1p(double x) {
    const double u = 1 + x;
    if (u == 1) return x;
    return u > 0 && u < HUGE_VAL ? rp_strict_log(u) * (x / (u - 1)) : rp_strict_log(u);
}

double rp_strict_expm1(double x) {
    if (fabs(x) < 0.35) return x * exponential_series(x, 1, 14);
    return rp_strict_exp(x) - 1;
}

double rp_strict_pow(double x, double y) {
    if (y == 0 || x == 1) return 1;
    const bool whole = nearest(y) == y && fabs(y) < 0x1p51;
    if (x == 0) return y > 0 ? 0 : HUGE_VAL;
    if (x < 0 && !whole) return rp_strict_log(x);
    double product = 1; /* exact for small whole powers of short numbers, and always near */
    if (whole && fabs(y) <= 64) {
        double power = fabs(x);
        for (int n = (int)fabs(y); n; n >>= 1, power *= power)
            if (n & 1) product *= power;
        if (y < 0) product = 1 / product;
    } else {
        product = rp_strict_exp(y * rp_strict_log(fabs(x)));
    }
    return x < 0 && fabs(y - 2 * nearest(y / 2)) == 1 ? -product : product;
}

/* ---- Sine and cosine --------------------------------------------------------------------------------------------- */

/* sin r and cos r for |r| <= π/4, r given with a small correction `low`. */
static double sine_series(double r, double low) {
    const double r2 = r * r;
    double sum = 0;
    for (int k = 17; k >= 3; k -= 2) sum = (1 + sum) * (-r2 / (k * (k - 1))); /* r - r³/3! + …, divided by r, less 1 */
    return r + (r * sum + low * (1 - r2 / 2));
}

static double cosine_series(double r, double low) {
    const double r2 = r * r;
    double sum = 0;
    for (int k = 18; k >= 4; k -= 2) sum = (1 + sum) * (-r2 / (k * (k - 1)));
    const double half = r2 / 2, w = 1 - half; /* 1 - r²/2 + r⁴/24 - …: the rounding of w is put back */
    return w + (((1 - w) - half) + (-half * sum - r * low));
}

/* sin(x + quarter π/2). Arguments of 2^20 and more, which no model of ours has, lose digits in the remainder by 2π. */
static double turned(double x, int quarter) {
    if (x != x || fabs(x) == HUGE_VAL) return x - x;
    if (fabs(x) >= 0x1p20) x = fmod(x, 0x1.921fb54442d18p+2);
    const double n = nearest(x * 0x1.45f306dc9c883p-1);
    const double a = x - n * HALF_PI[0], part = n * HALF_PI[1], b = a - part;
    const double r_low = ((a - b) - part) - n * HALF_PI[2];
    const double r = b + r_low, low = (b - r) + r_low;
    switch (((int)n + quarter) & 3) {
    case 0:
        return sine_series(r, low);
    case 1:
        return cosine_series(r, low);
    case 2:
        return -sine_series(r, low);
    default:
        return -cosine_series(r, low);
    }
}

double rp_strict_sin(double x) {
    return turned(x, 0);
}

double rp_strict_cos(double x) {
    return turned(x, 1);
}
