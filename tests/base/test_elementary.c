/* SPDX-License-Identifier: MIT
 *
 * The functions of the strict build against long double.
 */
#include "check.h"

#include <inttypes.h>
#include <string.h>

enum { ARGUMENTS = 20000 };

typedef struct range {
    const char *name;
    double (*f)(double);
    long double (*reference)(long double);
    double low, high, units; /* the largest error, in units of the last place */
    bool logarithmic;
} range;

/* Not a random stream of ours: an irrational rotation covers the range evenly. */
static double argument(const range *r, int i) {
    const double u = (double)i * 0.6180339887498949 - (double)(long)((double)i * 0.6180339887498949);
    if (!r->logarithmic) return r->low + u * (r->high - r->low);
    const long double low = logl((long double)r->low), high = logl((long double)r->high);
    return (double)expl(low + (long double)u * (high - low));
}

static void test_errors_stay_below_their_bounds(void **state) {
    (void)state;
    if (sizeof(long double) == sizeof(double)) { /* the reference must be more precise than what it judges */
        print_message("SKIP: long double is no wider than double here\n");
        skip();
    }
    static const range ranges[] = {
        {"exp", rp_strict_exp, expl, -700, 700, 0.9, false},      {"exp", rp_strict_exp, expl, -744, -709, 1.1, false},
        {"log", rp_strict_log, logl, 1e-300, 1e300, 0.95, true},  {"log", rp_strict_log, logl, 0.5, 2, 0.95, false},
        {"log", rp_strict_log, logl, 5e-324, 1e-308, 0.95, true}, {"sin", rp_strict_sin, sinl, -1e6, 1e6, 0.9, false},
        {"cos", rp_strict_cos, cosl, -1e6, 1e6, 0.9, false},      {"expm1", rp_strict_expm1, expm1l, -3, 3, 3.5, false},
        {"log1p", rp_strict_log1p, log1pl, 1e-18, 10, 3, true},   {"log2", rp_strict_log2, log2l, 1e-9, 1e9, 2, true},
        {"exp2", rp_strict_exp2, exp2l, -100, 100, 2, false},
    };
    for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++) {
        const range *r = &ranges[k];
        for (int i = 0; i < ARGUMENTS; i++) {
            const double x = argument(r, i);
            const long double wanted = r->reference((long double)x);
            const double near = fabs((double)wanted), unit = nextafter(near, HUGE_VAL) - near;
            const double error = (double)fabsl((long double)r->f(x) - wanted) / unit;
            if (!(error <= r->units)) fail_msg("%s(%.17g) is %.3f units off", r->name, x, error);
        }
    }
}

static void test_powers(void **state) {
    (void)state;
    assert_true(rp_strict_pow(2, 10) == 1024 && rp_strict_pow(-2, 3) == -8 && rp_strict_pow(-2, -2) == 0.25);
    assert_true(rp_strict_pow(0, 0) == 1 && rp_strict_pow(0, 2) == 0 && rp_strict_pow(7, 0) == 1 &&
                rp_strict_pow(1, 1e300) == 1);
    for (int i = 1; i < 2000; i++) {
        const double x = 0.37 * i, y = 3.1 - 0.003 * i;
        assert_true(fabs(rp_strict_pow(x, y) / pow(x, y) - 1) < 1e-14);
    }
    assert_true(fabs(rp_strict_pow(0.999, 5000) / pow(0.999, 5000) - 1) < 1e-14);
}

static void test_what_lies_outside(void **state) {
    (void)state;
    assert_true(isnan(rp_strict_exp((double)NAN)) && isnan(rp_strict_log(-1)) && isnan(rp_strict_sin(HUGE_VAL)));
    assert_true(rp_strict_exp(1000) == HUGE_VAL && rp_strict_exp(-1000) == 0 && rp_strict_exp(0) == 1);
    assert_true(rp_strict_log(0) == -HUGE_VAL && rp_strict_log(HUGE_VAL) == HUGE_VAL && rp_strict_log(1) == 0);
    assert_true(rp_strict_cos(0) == 1 && rp_strict_sin(0) == 0);
    assert_true(rp_strict_log1p(1e-300) == 1e-300 && rp_strict_expm1(1e-300) == 1e-300);
    assert_true(fabs(rp_strict_sin(1e15) - sin(1e15)) < 0.2); /* beyond 2^20 digits are lost, and stay in range */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_stay_below_their_bounds),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_what_lies_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
