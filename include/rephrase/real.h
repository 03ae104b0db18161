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

#if RP_PRECISION == 32
typedef float real;
#define R(x)               x##f
#define REAL_EPSILON       FLT_EPSILON
#define REAL_MAX           FLT_MAX
#define real_exp           expf
#define real_expm1         expm1f
#define real_log           logf
#define real_log1p         log1pf
#define real_sqrt          sqrtf
#define real_pow           powf
#define real_sin           sinf
#define real_cos           cosf
#define real_tanh          tanhf
#define real_fabs          fabsf
#define real_fmin          fminf
#define real_fmax          fmaxf
#define rp_precision_guard rp_precision_guard_f32
#elif RP_PRECISION == 64
typedef double real;
#define R(x)               x
#define REAL_EPSILON       DBL_EPSILON
#define REAL_MAX           DBL_MAX
#define real_exp           exp
#define real_expm1         expm1
#define real_log           log
#define real_log1p         log1p
#define real_sqrt          sqrt
#define real_pow           pow
#define real_sin           sin
#define real_cos           cos
#define real_tanh          tanh
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
