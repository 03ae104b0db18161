/* SPDX-License-Identifier: MIT
 *
 * real.h — the one file that knows the floating-point precision.
 *
 * Every layer is compiled twice from the same sources: with RP_PRECISION 32 (what runs) and with RP_PRECISION 64 (the
 * oracle: goldens and gradient checks are statements about it). Sources say `real`, write literals as R(0.5) and call
 * real_exp and friends. The two builds are never mixed in one program: every translation unit that includes this header
 * refers to a guard symbol that only the matching base library defines, so a mismatch fails to link.
 */
#ifndef REPHRASE_REAL_H
#define REPHRASE_REAL_H

#include <float.h>
#include <math.h>

#ifndef RP_PRECISION
#define RP_PRECISION 32
#endif

/* exp, log and their relatives: the C library's, or in a strict build (-Dstrict=true) our own, which have the same bits on every
 * machine (elementary.c says how, and how exact they are). */
double rp_strict_exp(double x);
double rp_strict_log(double x);
double rp_strict_sin(double x);
double rp_strict_cos(double x);
double rp_strict_log2(double x);
double rp_strict_exp2(double x);
double rp_strict_log1p(double x);
double rp_strict_expm1(double x);
double rp_strict_pow(double x, double y);
#ifdef RP_STRICT
#define double_exp   rp_strict_exp
#define double_log   rp_strict_log
#define double_sin   rp_strict_sin
#define double_cos   rp_strict_cos
#define double_log2  rp_strict_log2
#define double_exp2  rp_strict_exp2
#define double_log1p rp_strict_log1p
#define double_expm1 rp_strict_expm1
#define double_pow   rp_strict_pow
#else
#define double_exp   exp
#define double_log   log
#define double_sin   sin
#define double_cos   cos
#define double_log2  log2
#define double_exp2  exp2
#define double_log1p log1p
#define double_expm1 expm1
#define double_pow   pow
#endif

#if RP_PRECISION == 32
typedef float real;
#define R(x)         x##f
#define REAL_EPSILON FLT_EPSILON
#define REAL_MAX     FLT_MAX
#ifdef RP_STRICT
#define real_exp(x)   ((real)double_exp((double)(x)))
#define real_expm1(x) ((real)double_expm1((double)(x)))
#define real_log(x)   ((real)double_log((double)(x)))
#else
#define real_exp   expf
#define real_expm1 expm1f
#define real_log   logf
#endif
#define real_sqrt          sqrtf
#define real_fabs          fabsf
#define real_fmin          fminf
#define real_fmax          fmaxf
#define rp_precision_guard rp_precision_guard_f32
#elif RP_PRECISION == 64
typedef double real;
#define R(x)               x
#define REAL_EPSILON       DBL_EPSILON
#define REAL_MAX           DBL_MAX
#define real_exp           double_exp
#define real_expm1         double_expm1
#define real_log           double_log
#define real_sqrt          sqrt
#define real_fabs          fabs
#define real_fmin          fmin
#define real_fmax          fmax
#define rp_precision_guard rp_precision_guard_f64
#else
#error "RP_PRECISION must be 32 or 64"
#endif

/* A float expression is computed in float, a double one in double: what is promised about bits needs it. */
_Static_assert(FLT_EVAL_METHOD == 0, "intermediate results have excess precision: compile with -fexcess-precision=fast");

/* real_fma(a, b, c) = a b + c, used in the inner loops of matrix products only; the build forbids silent contraction
 * (-ffp-contract=off). Rounded once where the hardware does that fast, or everywhere in a strict build (-Dstrict=true, by the C
 * library where the hardware cannot); rounded twice otherwise. This is the one place where two machines may differ. */
#if RP_PRECISION == 32 && (defined(RP_STRICT) || defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMAF))
#define real_fma(a, b, c) __builtin_fmaf((a), (b), (c))
#elif RP_PRECISION == 64 && (defined(RP_STRICT) || defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMA))
#define real_fma(a, b, c) __builtin_fma((a), (b), (c))
#else
#define real_fma(a, b, c) ((a) * (b) + (c))
#endif

extern const int rp_precision_guard;
static inline int rp_precision(void) {
    return rp_precision_guard;
}

/* RP_ROWS(const real, X, x, C) binds a flat buffer x to X[t][i] with rows of length C, so that a kernel's body reads like
 * its equation and the sanitizer sees the row length. */
#define RP_ROWS(type, name, flat, columns) type(*const name)[columns] = (type(*)[columns])(flat)

#endif
