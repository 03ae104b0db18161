/* SPDX-License-Identifier: MIT
 *
 * interval.c — rectangles in the complex plane with directed rounding; the only file that includes <mpfr.h>.
 *
 * A floating-point number can be wrong in every digit without saying so. Here each real number is a pair of bounds, the
 * lower one always rounded down and the upper one up, so that the truth stays inside. Two values whose rectangles do not
 * meet are different: that is a proof. Bounds take their memory from the arena (MPFR's custom interface).
 */
#include "algebra/interval.h"

#include <mpfr.h>

typedef struct range {
    mpfr_t lo, hi;
} range;

struct rp_rect {
    range re, im;
    bool real;
};

/* sin of 2^40 needs 40 extra bits of π, sin of 10^(10^10) more memory than there is. */
enum { LARGEST_ANGLE = 4096 };

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

static bool fresh_number(rp_precision p, mpfr_t x) {
    void *memory = rp_work_alloc(p.work, 1, mpfr_custom_get_size((mpfr_prec_t)p.bits));
    if (!memory || !rp_work_pay(p.work, 1 + p.bits / 64)) return false;
    mpfr_custom_init(memory, (mpfr_prec_t)p.bits);
    mpfr_custom_init_set(x, MPFR_ZERO_KIND, 0, (mpfr_prec_t)p.bits, memory);
    return true;
}

static bool fresh_range(rp_precision p, range *r) {
    return fresh_number(p, r->lo) && fresh_number(p, r->hi);
}

void rp_verify_forget(void) {
    mpfr_free_cache();
}

/* A real zero, to be filled. */
static rp_rect *fresh(rp_precision p) {
    rp_rect *r = rp_work_new(p.work, rp_rect, 1);
    if (!r || !fresh_range(p, &r->re) || !fresh_range(p, &r->im)) return NULL;
    r->real = true;
    return r;
}

static bool is_sound(const range *r) {
    return mpfr_number_p(r->lo) && mpfr_number_p(r->hi);
}

/* Infinite bounds are kept only in products of powers that overflow; NaN never is. */
static const rp_rect *checked(const rp_rect *r) {
    if (mpfr_nan_p(r->re.lo) || mpfr_nan_p(r->re.hi) || mpfr_nan_p(r->im.lo) || mpfr_nan_p(r->im.hi)) return NULL;
    return r;
}

static void copy(range *out, const range *a) {
    mpfr_set(out->lo, a->lo, MPFR_RNDD);
    mpfr_set(out->hi, a->hi, MPFR_RNDU);
}

/* ---- Real ranges ------------------------------------------------------------------------------------------------- */

static bool holds_zero(const range *r) {
    return mpfr_sgn(r->lo) <= 0 && mpfr_sgn(r->hi) >= 0;
}

static void add(range *out, const range *a, const range *b) {
    mpfr_add(out->lo, a->lo, b->lo, MPFR_RNDD);
    mpfr_add(out->hi, a->hi, b->hi, MPFR_RNDU);
}

static void subtract(range *out, const range *a, const range *b) { /* out is neither a nor b */
    mpfr_sub(out->lo, a->lo, b->hi, MPFR_RNDD);
    mpfr_sub(out->hi, a->hi, b->lo, MPFR_RNDU);
}

static void negate(range *out, const range *a) {
    mpfr_neg(out->lo, a->hi, MPFR_RNDD);
    mpfr_neg(out->hi, a->lo, MPFR_RNDU);
}

/* The least and the greatest of the four products of ends. out is neither a nor b. */
static bool multiply(rp_precision p, range *out, const range *a, const range *b) {
    if (mpfr_sgn(a->lo) >= 0 && mpfr_sgn(b->lo) >= 0) {
        mpfr_mul(out->lo, a->lo, b->lo, MPFR_RNDD);
        mpfr_mul(out->hi, a->hi, b->hi, MPFR_RNDU);
        return true;
    }
    const rp_arena_mark mark = rp_arena_get_mark(p.work->arena);
    mpfr_t product;
    if (!fresh_number(p, product)) return false;
    for (int i = 0; i < 4; i++) {
        const mpfr_srcptr x = i & 1 ? a->hi : a->lo, y = i & 2 ? b->hi : b->lo;
        mpfr_mul(product, x, y, MPFR_RNDD);
        if (i == 0 || mpfr_less_p(product, out->lo)) mpfr_set(out->lo, product, MPFR_RNDD);
        mpfr_mul(product, x, y, MPFR_RNDU);
        if (i == 0 || mpfr_greater_p(product, out->hi)) mpfr_set(out->hi, product, MPFR_RNDU);
    }
    rp_arena_rewind(p.work->arena, mark);
    return true;
}

static bool invert(range *out, const range *a) {
    if (holds_zero(a)) return false;
    mpfr_ui_div(out->lo, 1, a->hi, MPFR_RNDD);
    mpfr_ui_div(out->hi, 1, a->lo, MPFR_RNDU);
    return true;
}

typedef int monotone(mpfr_ptr out, mpfr_srcptr in, mpfr_rnd_t rounding);

static void increasing(range *out, const range *a, monotone *f) {
    f(out->lo, a->lo, MPFR_RNDD);
    f(out->hi, a->hi, MPFR_RNDU);
}

/* |sin x - sin m| <= |x - m|: the value at the lower end, widened by the width, inside [-1, 1]. */
static bool wave(rp_precision p, range *out, const range *a, monotone *f) {
    if (!is_sound(a) || (!mpfr_zero_p(a->lo) && mpfr_get_exp(a->lo) > LARGEST_ANGLE) ||
        (!mpfr_zero_p(a->hi) && mpfr_get_exp(a->hi) > LARGEST_ANGLE))
        return false;
    const rp_arena_mark mark = rp_arena_get_mark(p.work->arena);
    mpfr_t width;
    if (!fresh_number(p, width)) return false;
    mpfr_sub(width, a->hi, a->lo, MPFR_RNDU);
    f(out->lo, a->lo, MPFR_RNDD);
    f(out->hi, a->lo, MPFR_RNDU);
    mpfr_sub(out->lo, out->lo, width, MPFR_RNDD);
    mpfr_add(out->hi, out->hi, width, MPFR_RNDU);
    if (mpfr_cmp_si(out->lo, -1) < 0) mpfr_set_si(out->lo, -1, MPFR_RNDD);
    if (mpfr_cmp_si(out->hi, 1) > 0) mpfr_set_si(out->hi, 1, MPFR_RNDU);
    rp_arena_rewind(p.work->arena, mark);
    return true;
}

/* ---- Constants --------------------------------------------------------------------------------------------------- */

static void integer_part(mpz_t view, const rp_q *q, int which, uint64_t small[1]) {
    size_t count;
    int sign;
    const mp_limb_t *limbs = rp_q_limbs(q, which, small, &count, &sign);
    (void)mpz_roinit_n(view, limbs, sign < 0 ? -(mp_size_t)count : (mp_size_t)count);
}

const rp_rect *rp_rect_number(rp_precision p, rp_q q) {
    rp_rect *r = fresh(p);
    if (!r) return NULL;
    mpz_t num, den;
    uint64_t small_num[1], small_den[1];
    integer_part(num, &q, 0, small_num);
    integer_part(den, &q, 1, small_den);
    mpfr_set_z(r->re.lo, num, MPFR_RNDD);
    mpfr_set_z(r->re.hi, num, MPFR_RNDU);
    if (!rp_q_is_int(q)) { /* den > 0: the lower bound of the quotient comes from the lower bound of num, rounded down */
        mpfr_div_z(r->re.lo, r->re.lo, den, MPFR_RNDD);
        mpfr_div_z(r->re.hi, r->re.hi, den, MPFR_RNDU);
    }
    return r;
}

const rp_rect *rp_rect_pi(rp_precision p) {
    rp_rect *r = fresh(p);
    if (!r) return NULL;
    mpfr_const_pi(r->re.lo, MPFR_RNDD);
    mpfr_const_pi(r->re.hi, MPFR_RNDU);
    return r;
}

const rp_rect *rp_rect_i(rp_precision p) {
    rp_rect *r = fresh(p);
    if (!r) return NULL;
    mpfr_set_ui(r->im.lo, 1, MPFR_RNDD);
    mpfr_set_ui(r->im.hi, 1, MPFR_RNDU);
    r->real = false;
    return r;
}

/* ---- Arithmetic -------------------------------------------------------------------------------------------------- */

const rp_rect *rp_rect_add(rp_precision p, const rp_rect *a, const rp_rect *b) {
    rp_rect *r = a && b ? fresh(p) : NULL;
    if (!r) return NULL;
    add(&r->re, &a->re, &b->re);
    r->real = a->real && b->real;
    if (!r->real) add(&r->im, &a->im, &b->im);
    return checked(r);
}

const rp_rect *rp_rect_negate(rp_precision p, const rp_rect *a) {
    rp_rect *r = a ? fresh(p) : NULL;
    if (!r) return NULL;
    negate(&r->re, &a->re);
    r->real = a->real;
    if (!r->real) negate(&r->im, &a->im);
    return r;
}

/* (a + bi)(c + di) = (ac - bd) + (ad + bc) i */
const rp_rect *rp_rect_multiply(rp_precision p, const rp_rect *a, const rp_rect *b) {
    rp_rect *r = a && b ? fresh(p) : NULL;
    if (!r) return NULL;
    if (a->real && b->real) return multiply(p, &r->re, &a->re, &b->re) ? checked(r) : NULL;
    r->real = false;
    const rp_arena_mark mark = rp_arena_get_mark(p.work->arena);
    range x, y;
    if (!fresh_range(p, &x) || !fresh_range(p, &y)) return NULL;
    if (!multiply(p, &x, &a->re, &b->re) || !multiply(p, &y, &a->im, &b->im)) return NULL;
    subtract(&r->re, &x, &y);
    if (!multiply(p, &x, &a->re, &b->im) || !multiply(p, &y, &a->im, &b->re)) return NULL;
    add(&r->im, &x, &y);
    rp_arena_rewind(p.work->arena, mark);
    return checked(r);
}

/* x^2 of a range is never negative, which the product of two ranges does not know. */
static bool square(rp_precision p, range *out, const range *a) {
    if (!multiply(p, out, a, a)) return false;
    if (holds_zero(a) && mpfr_sgn(out->lo) < 0) mpfr_set_ui(out->lo, 0, MPFR_RNDD);
    return true;
}

static bool norm(rp_precision p, range *out, const rp_rect *a) {
    range other;
    const rp_arena_mark mark = rp_arena_get_mark(p.work->arena);
    if (!square(p, out, &a->re)) return false;
    if (a->real) return true;
    if (!fresh_range(p, &other) || !square(p, &other, &a->im)) return false;
    add(out, out, &other);
    rp_arena_rewind(p.work->arena, mark);
    return true;
}

/* 1/z = conj(z) / |z|^2 */
const rp_rect *rp_rect_inverse(rp_precision p, const rp_rect *a) {
    rp_rect *r = a ? fresh(p) : NULL;
    if (!r) return NULL;
    if (a->real) return invert(&r->re, &a->re) ? checked(r) : NULL;
    range size, inverse, minus;
    if (!fresh_range(p, &size) || !fresh_range(p, &inverse) || !fresh_range(p, &minus)) return NULL;
    if (!norm(p, &size, a) || !invert(&inverse, &size)) return NULL;
    negate(&minus, &a->im);
    r->real = false;
    if (!multiply(p, &r->re, &a->re, &inverse) || !multiply(p, &r->im, &minus, &inverse)) return NULL;
    return checked(r);
}

/* ---- Elementary functions ---------------------------------------------------------------------------------------- */

/* e^{a + bi} = e^a (cos b + i sin b) */
const rp_rect *rp_rect_exp(rp_precision p, const rp_rect *a) {
    rp_rect *r = a ? fresh(p) : NULL;
    if (!r) return NULL;
    increasing(&r->re, &a->re, mpfr_exp);
    if (a->real) return checked(r);
    range size, turn;
    if (!fresh_range(p, &size) || !fresh_range(p, &turn)) return NULL;
    copy(&size, &r->re);
    r->real = false;
    if (!wave(p, &turn, &a->im, mpfr_cos) || !multiply(p, &r->re, &size, &turn)) return NULL;
    if (!wave(p, &turn, &a->im, mpfr_sin) || !multiply(p, &r->im, &size, &turn)) return NULL;
    return checked(r);
}

/* The argument of a rectangle that holds neither 0 nor a point of the negative real axis is extreme at corners. */
static void argument(range *out, const rp_rect *a) {
    for (int i = 0; i < 4; i++) {
        const mpfr_srcptr x = i & 1 ? a->re.hi : a->re.lo, y = i & 2 ? a->im.hi : a->im.lo;
        mpfr_t angle;
        mpfr_init2(angle, mpfr_get_prec(out->lo));
        mpfr_atan2(angle, y, x, MPFR_RNDD);
        if (i == 0 || mpfr_less_p(angle, out->lo)) mpfr_set(out->lo, angle, MPFR_RNDD);
        mpfr_atan2(angle, y, x, MPFR_RNDU);
        if (i == 0 || mpfr_greater_p(angle, out->hi)) mpfr_set(out->hi, angle, MPFR_RNDU);
        mpfr_clear(angle);
    }
}

/* ln z = ln|z|^2 / 2 + i arg z, principal value */
const rp_rect *rp_rect_log(rp_precision p, const rp_rect *a) {
    rp_rect *r = a ? fresh(p) : NULL;
    if (!r || rp_rect_holds_zero(a)) return NULL;
    if (a->real && mpfr_sgn(a->re.lo) > 0) {
        increasing(&r->re, &a->re, mpfr_log);
        return checked(r);
    }
    r->real = false;
    if (a->real) {
        range minus;
        if (!fresh_range(p, &minus)) return NULL;
        negate(&minus, &a->re);
        increasing(&r->re, &minus, mpfr_log);
        mpfr_const_pi(r->im.lo, MPFR_RNDD);
        mpfr_const_pi(r->im.hi, MPFR_RNDU);
        return checked(r);
    }
    if (mpfr_sgn(a->re.lo) <= 0 && holds_zero(&a->im)) return NULL; /* the branch cut */
    range size;
    if (!fresh_range(p, &size) || !norm(p, &size, a)) return NULL;
    increasing(&r->re, &size, mpfr_log);
    mpfr_div_2ui(r->re.lo, r->re.lo, 1, MPFR_RNDD);
    mpfr_div_2ui(r->re.hi, r->re.hi, 1, MPFR_RNDU);
    argument(&r->im, a);
    return checked(r);
}

static const rp_rect *real_wave(rp_precision p, const rp_rect *a, monotone *f) {
    rp_rect *r = fresh(p);
    return r && wave(p, &r->re, &a->re, f) ? r : NULL;
}

/* (e^{iz} + sign e^{-iz}) / 2, divided by i for the sine */
static const rp_rect *complex_wave(rp_precision p, const rp_rect *a, bool sine) {
    const rp_rect *i = rp_rect_i(p), *iz = rp_rect_multiply(p, i, a);
    const rp_rect *plus = rp_rect_exp(p, iz), *minus = rp_rect_exp(p, rp_rect_negate(p, iz));
    const rp_rect *sum = rp_rect_add(p, plus, sine ? rp_rect_negate(p, minus) : minus);
    const rp_rect *half = rp_rect_multiply(p, sum, rp_rect_number(p, (rp_q){1, 2, NULL}));
    return sine ? rp_rect_multiply(p, half, rp_rect_negate(p, i)) : half;
}

const rp_rect *rp_rect_sin(rp_precision p, const rp_rect *a) {
    if (!a) return NULL;
    return a->real ? real_wave(p, a, mpfr_sin) : complex_wave(p, a, true);
}

const rp_rect *rp_rect_cos(rp_precision p, const rp_rect *a) {
    if (!a) return NULL;
    return a->real ? real_wave(p, a, mpfr_cos) : complex_wave(p, a, false);
}

const rp_rect *rp_rect_atan(rp_precision p, const rp_rect *a) {
    rp_rect *r = a && a->real ? fresh(p) : NULL;
    if (!r) return NULL;
    increasing(&r->re, &a->re, mpfr_atan);
    return checked(r);
}

const rp_rect *rp_rect_asin(rp_precision p, const rp_rect *a) {
    rp_rect *r = a && a->real ? fresh(p) : NULL;
    if (!r || mpfr_cmp_si(a->re.lo, -1) < 0 || mpfr_cmp_si(a->re.hi, 1) > 0) return NULL;
    increasing(&r->re, &a->re, mpfr_asin);
    return checked(r);
}

const rp_rect *rp_rect_abs(rp_precision p, const rp_rect *a) {
    rp_rect *r = a ? fresh(p) : NULL;
    range size;
    if (!r || !fresh_range(p, &size) || !norm(p, &size, a)) return NULL;
    increasing(&r->re, &size, mpfr_sqrt);
    return checked(r);
}

const rp_rect *rp_rect_floor(rp_precision p, const rp_rect *a) {
    rp_rect *r = a && a->real ? fresh(p) : NULL;
    if (!r || !is_sound(&a->re)) return NULL;
    mpfr_rint_floor(r->re.lo, a->re.lo, MPFR_RNDD);
    mpfr_rint_floor(r->re.hi, a->re.hi, MPFR_RNDU);
    return checked(r);
}

const rp_rect *rp_rect_max(rp_precision p, const rp_rect *a, const rp_rect *b) {
    rp_rect *r = a && b && a->real && b->real ? fresh(p) : NULL;
    if (!r) return NULL;
    mpfr_max(r->re.lo, a->re.lo, b->re.lo, MPFR_RNDD);
    mpfr_max(r->re.hi, a->re.hi, b->re.hi, MPFR_RNDU);
    return checked(r);
}

/* ---- Powers ------------------------------------------------------------------------------------------------------ */

static const rp_rect *integer_power(rp_precision p, const rp_rect *a, rp_q n) {
    int64_t small;
    if (a->real &&
        !holds_zero(&a->re)) { /* monotone: |x|^n grows with |x| for n > 0, and the sign is that of an odd power */
        rp_rect *r = fresh(p);
        mpz_t exponent;
        uint64_t limb[1];
        if (!r) return NULL;
        integer_part(exponent, &n, 0, limb);
        const bool grows = (rp_q_sign(n) > 0) == (mpfr_sgn(a->re.lo) > 0 || rp_q_is_odd(n));
        mpfr_pow_z(r->re.lo, grows ? a->re.lo : a->re.hi, exponent, MPFR_RNDD);
        mpfr_pow_z(r->re.hi, grows ? a->re.hi : a->re.lo, exponent, MPFR_RNDU);
        return checked(r);
    }
    if (!rp_q_small(n, &small) || small > 4096 || small < -4096)
        return rp_rect_exp(p, rp_rect_multiply(p, rp_rect_number(p, n), rp_rect_log(p, a)));
    const rp_rect *result = rp_rect_number(p, rp_q_int(1)), *base = a;
    for (int64_t k = small < 0 ? -small : small; k > 0; k >>= 1) {
        if (k & 1) result = rp_rect_multiply(p, result, base);
        if (k > 1) base = rp_rect_multiply(p, base, base);
    }
    return small < 0 ? rp_rect_inverse(p, result) : result;
}

/* x^q for real x >= 0 that may touch 0, q > 0: from 0 up. */
static const rp_rect *power_from_zero(rp_precision p, const rp_rect *a, rp_q q) {
    rp_rect *r = fresh(p), *top = fresh(p);
    if (!r || !top) return NULL;
    mpfr_set(top->re.lo, a->re.hi, MPFR_RNDD);
    mpfr_set(top->re.hi, a->re.hi, MPFR_RNDU);
    if (mpfr_zero_p(a->re.hi)) return r;
    const rp_rect *power = rp_rect_exp(p, rp_rect_multiply(p, rp_rect_number(p, q), rp_rect_log(p, top)));
    if (!power) return NULL;
    mpfr_set(r->re.hi, power->re.hi, MPFR_RNDU);
    return r;
}

const rp_rect *rp_rect_power(rp_precision p, const rp_rect *a, rp_q q) {
    if (!a) return NULL;
    if (rp_q_is_int(q)) return integer_power(p, a, q);
    const rp_q den = rp_q_den(p.work, q), num = rp_q_num(p.work, q);
    if (a->real && mpfr_sgn(a->re.lo) >= 0 && holds_zero(&a->re) && rp_q_sign(q) > 0) return power_from_zero(p, a, q);
    if (a->real && mpfr_sgn(a->re.lo) > 0 && rp_q_is(den, 2)) {
        rp_rect *root = fresh(p);
        if (!root) return NULL;
        increasing(&root->re, &a->re, mpfr_sqrt);
        return integer_power(p, root, num);
    }
    if (a->real && mpfr_sgn(a->re.hi) < 0 && rp_q_is_odd(den)) {
        const rp_rect *size = rp_rect_power(p, rp_rect_negate(p, a), q);
        return rp_q_is_odd(num) ? rp_rect_negate(p, size) : size;
    }
    return rp_rect_exp(p, rp_rect_multiply(p, rp_rect_number(p, q), rp_rect_log(p, a)));
}

/* ---- The range of exponents -------------------------------------------------------------------------------------- */

rp_exponents rp_rect_begin(void) {
    const rp_exponents saved = {mpfr_get_emin(), mpfr_get_emax()};
    (void)mpfr_set_emin(mpfr_get_emin_min());
    (void)mpfr_set_emax(mpfr_get_emax_max());
    return saved;
}

void rp_rect_end(rp_exponents saved) {
    (void)mpfr_set_emin(saved.least);
    (void)mpfr_set_emax(saved.greatest);
}

/* ---- Questions --------------------------------------------------------------------------------------------------- */

bool rp_rect_holds_zero(const rp_rect *a) {
    return holds_zero(&a->re) && holds_zero(&a->im);
}
bool rp_rect_is_real(const rp_rect *a) {
    return a->real;
}
int rp_rect_sign(const rp_rect *a) {
    return mpfr_sgn(a->re.lo) > 0 ? 1 : mpfr_sgn(a->re.hi) < 0 ? -1 : 0;
}

bool rp_rect_meets(const rp_rect *a, const rp_rect *b) {
    return mpfr_lessequal_p(a->re.lo, b->re.hi) && mpfr_lessequal_p(b->re.lo, a->re.hi) &&
           mpfr_lessequal_p(a->im.lo, b->im.hi) && mpfr_lessequal_p(b->im.lo, a->im.hi);
}

long rp_rect_log2_size(const rp_rect *a) {
    const mpfr_srcptr ends[] = {a->re.lo, a->re.hi, a->im.lo, a->im.hi};
    mpfr_exp_t largest = mpfr_get_emin_min();
    for (int i = 0; i < 4; i++) {
        if (mpfr_inf_p(ends[i])) return mpfr_get_emax_max();
        if (!mpfr_zero_p(ends[i]) && mpfr_get_exp(ends[i]) > largest) largest = mpfr_get_exp(ends[i]);
    }
    return largest + 1; /* |re| and |im| below 2^largest: |z| below 2^(largest + 1/2) */
}

bool rp_rect_integer_part(rp_work *work, const rp_rect *a, rp_q *n) {
    if (!a->real || !is_sound(&a->re) || rp_rect_log2_size(a) > 2000) return false;
    mpz_t low, high;
    mpz_inits(low, high, NULL);
    mpfr_get_z(low, a->re.lo, MPFR_RNDD);
    mpfr_get_z(high, a->re.hi, MPFR_RNDD);
    bool same = mpz_cmp(low, high) == 0;
    if (same) {
        char digits[1024];
        same = mpz_sizeinbase(low, 10) + 2 < sizeof digits;
        if (same) {
            mpz_get_str(digits, 10, low);
            const bool minus = digits[0] == '-';
            size_t length = 0;
            while (digits[minus + length]) length++;
            same = rp_q_digits(work, digits + minus, length, 10, n);
            if (minus) *n = rp_q_neg(work, *n);
        }
    }
    mpz_clears(low, high, NULL);
    return same && !work->failed;
}
