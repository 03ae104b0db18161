/* SPDX-License-Identifier: MIT
 *
 * exact.c — exact rational numbers inside the call's arena; the only file that includes <gmp.h>.
 *
 * Floating point cannot tell 10^20 from 10^20 + 1, so nothing here rounds. The small path works on 64-bit fractions with
 * checked arithmetic; an overflow falls through to the big path, whose result comes back small when it fits.
 */
#include "algebra/exact.h"

#include <rephrase/real.h>
#include <gmp.h>
#include <math.h>
#include <string.h>

_Static_assert(GMP_NUMB_BITS == 64, "limbs are 64 bits without nails");

struct rp_big {
    mp_size_t num_size, den_size; /* the numerator's sign is that of num_size */
    mp_limb_t limbs[];            /* numerator, then denominator */
};

struct rp_exact_scratch {
    mpq_t a, b, r;
    mpz_t z;
    bool ready; /* most verifications never need it */
};

struct rp_exact_scratch *rp_exact_open(rp_arena *arena) {
    return rp_alloc_zero(arena, struct rp_exact_scratch, 1);
}

static struct rp_exact_scratch *scratch_of(rp_work *work) {
    if (!work->scratch) {
        rp_work_fail(work, RP_REASON_STEPS); /* the arena was full at the start */
        return NULL;
    }
    if (!work->scratch->ready) {
        mpq_inits(work->scratch->a, work->scratch->b, work->scratch->r, NULL);
        mpz_init(work->scratch->z);
        work->scratch->ready = true;
    }
    return work->scratch;
}

void rp_exact_close(rp_work *work) {
    if (!work->scratch || !work->scratch->ready) return;
    mpq_clears(work->scratch->a, work->scratch->b, work->scratch->r, NULL);
    mpz_clear(work->scratch->z);
    work->scratch->ready = false;
}

/* ---- Between the two forms ----------------------------------------------------------------------------------------
 */

static void load(mpq_t out, rp_q a) {
    if (!a.big) {
        mpz_set_si(mpq_numref(out), a.num);
        mpz_set_si(mpq_denref(out), a.den);
        return;
    }
    mpz_t view;
    const mp_size_t n = a.big->num_size < 0 ? -a.big->num_size : a.big->num_size;
    mpz_set(mpq_numref(out), mpz_roinit_n(view, a.big->limbs, a.big->num_size));
    mpz_set(mpq_denref(out), mpz_roinit_n(view, a.big->limbs + n, a.big->den_size));
}

static bool fits(const mpz_t z) {
    return mpz_fits_slong_p(z) && mpz_cmp_si(z, INT64_MIN) != 0;
}

/* Takes the canonical value r out of scratch. Copies of big limbs are paid for, so that a long sum cannot fill the memory.
 */
static rp_q store(rp_work *work) {
    mpq_srcptr q = work->scratch->r;
    if (fits(mpq_numref(q)) && fits(mpq_denref(q)))
        return (rp_q){mpz_get_si(mpq_numref(q)), mpz_get_si(mpq_denref(q)), NULL};
    const size_t num = mpz_size(mpq_numref(q)), den = mpz_size(mpq_denref(q));
    if (mpz_sizeinbase(mpq_numref(q), 2) > RP_LIMIT_BITS || mpz_sizeinbase(mpq_denref(q), 2) > RP_LIMIT_BITS) {
        rp_work_fail(work, RP_REASON_BITS);
        return rp_q_int(0);
    }
    rp_big *big = NULL;
    if (rp_work_pay(work, (long)(num + den))) big = rp_work_alloc(work, 1, sizeof *big + (num + den) * sizeof(mp_limb_t));
    if (!big) return rp_q_int(0);
    big->num_size = (mp_size_t)num * mpz_sgn(mpq_numref(q));
    big->den_size = (mp_size_t)den;
    memcpy(big->limbs, mpz_limbs_read(mpq_numref(q)), num * sizeof(mp_limb_t));
    memcpy(big->limbs + num, mpz_limbs_read(mpq_denref(q)), den * sizeof(mp_limb_t));
    return (rp_q){0, 0, big};
}

long rp_q_bits(rp_q a) {
    if (a.big) {
        const mp_size_t n = a.big->num_size < 0 ? -a.big->num_size : a.big->num_size;
        return 64 * (n + a.big->den_size);
    }
    long bits = 0;
    for (uint64_t v = (uint64_t)(a.num < 0 ? -a.num : a.num); v; v >>= 1) bits++;
    for (uint64_t v = (uint64_t)a.den; v > 1; v >>= 1) bits++;
    return bits;
}

/* True when a big operation whose result has at most `bits` bits may start. */
static bool may_start(rp_work *work, long bits) {
    if (work->failed || !scratch_of(work)) return false;
    if (bits > 2L * RP_LIMIT_BITS) return rp_work_fail(work, RP_REASON_BITS);
    return rp_work_pay(work, 1 + bits / 64);
}

/* ---- Making -------------------------------------------------------------------------------------------------------
 */

rp_q rp_q_int(int64_t value) {
    return (rp_q){value, 1, NULL};
}

static int64_t gcd64(int64_t a, int64_t b) {
    while (b != 0) {
        const int64_t r = a % b;
        a = b;
        b = r;
    }
    return a < 0 ? -a : a;
}

rp_q rp_q_ratio(rp_work *work, int64_t num, int64_t den) {
    return rp_q_div(work, rp_q_int(num), rp_q_int(den));
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

bool rp_q_digits(rp_work *work, const char *digits, size_t n, int base, rp_q *out) {
    int64_t value = 0;
    bool small = true;
    for (size_t i = 0; i < n; i++) {
        const int d = digit_value(digits[i]);
        if (d >= base) return false;
        small = small && value <= (INT64_MAX - d) / base;
        if (small) value = value * base + d;
    }
    *out = rp_q_int(value);
    if (small) return true;
    if (!may_start(work, (long)n * 6)) return true;
    char *text = rp_strndup(work->arena, digits, n);
    if (!text) return rp_work_fail(work, RP_REASON_STEPS);
    mpz_set_str(mpq_numref(work->scratch->r), text, base);
    mpz_set_ui(mpq_denref(work->scratch->r), 1);
    *out = store(work);
    return true;
}

/* ---- The four operations ----------------------------------------------------------------------------------------- */

typedef void big_operation(mpq_t r, const mpq_t a, const mpq_t b);

static rp_q big_apply(rp_work *work, big_operation *operation, rp_q a, rp_q b) {
    if (!may_start(work, rp_q_bits(a) + rp_q_bits(b))) return rp_q_int(0);
    load(work->scratch->a, a);
    load(work->scratch->b, b);
    operation(work->scratch->r, work->scratch->a, work->scratch->b);
    return store(work);
}

static bool small_ratio(int64_t num, int64_t den, rp_q *out) {
    if (num == INT64_MIN || den == INT64_MIN) return false;
    const int64_t g = gcd64(num, den);
    *out = den < 0 ? (rp_q){-num / g, -den / g, NULL} : (rp_q){num / g, den / g, NULL};
    return true;
}

rp_q rp_q_neg(rp_work *work, rp_q a) {
    if (!a.big) return (rp_q){-a.num, a.den, NULL};
    return rp_q_sub(work, rp_q_int(0), a);
}

rp_q rp_q_add(rp_work *work, rp_q a, rp_q b) {
    int64_t left, right, num, den;
    rp_q r;
    if (!a.big && !b.big && !__builtin_mul_overflow(a.num, b.den, &left) && !__builtin_mul_overflow(b.num, a.den, &right) &&
        !__builtin_add_overflow(left, right, &num) && !__builtin_mul_overflow(a.den, b.den, &den) &&
        small_ratio(num, den, &r))
        return r;
    return big_apply(work, mpq_add, a, b);
}

rp_q rp_q_sub(rp_work *work, rp_q a, rp_q b) {
    if (!b.big) return rp_q_add(work, a, (rp_q){-b.num, b.den, NULL});
    return big_apply(work, mpq_sub, a, b);
}

rp_q rp_q_mul(rp_work *work, rp_q a, rp_q b) {
    int64_t num, den;
    rp_q r;
    if (!a.big && !b.big && !__builtin_mul_overflow(a.num, b.num, &num) && !__builtin_mul_overflow(a.den, b.den, &den) &&
        small_ratio(num, den, &r))
        return r;
    return big_apply(work, mpq_mul, a, b);
}

rp_q rp_q_div(rp_work *work, rp_q a, rp_q b) {
    RP_REQUIRE(rp_q_sign(b) != 0 || work->failed);
    if (work->failed) return rp_q_int(0);
    int64_t num, den;
    rp_q r;
    if (!a.big && !b.big && !__builtin_mul_overflow(a.num, b.den, &num) && !__builtin_mul_overflow(a.den, b.num, &den) &&
        small_ratio(num, den, &r))
        return r;
    return big_apply(work, mpq_div, a, b);
}

rp_q rp_q_pow(rp_work *work, rp_q a, int64_t exponent) {
    if (exponent == 0 || rp_q_is(a, 1)) return rp_q_int(1);
    if (rp_q_is(a, 0)) return a;
    if (rp_q_is(a, -1)) return rp_q_int(exponent % 2 ? -1 : 1);
    const uint64_t e = exponent < 0 ? 0 - (uint64_t)exponent : (uint64_t)exponent;
    const long bits = rp_q_bits(a);
    if (e > (uint64_t)RP_LIMIT_BITS || bits * (long)e > 2L * RP_LIMIT_BITS) {
        rp_work_fail(work, RP_REASON_BITS);
        return rp_q_int(0);
    }
    if (!may_start(work, bits * (long)e)) return rp_q_int(0);
    struct rp_exact_scratch *s = work->scratch;
    load(s->a, a);
    mpz_pow_ui(mpq_numref(s->r), mpq_numref(s->a), e);
    mpz_pow_ui(mpq_denref(s->r), mpq_denref(s->a), e);
    if (exponent < 0) mpq_inv(s->r, s->r);
    return store(work);
}

/* ---- Integers ---------------------------------------------------------------------------------------------------- */

rp_q rp_q_floor(rp_work *work, rp_q a) {
    if (!a.big) {
        const int64_t q = a.num / a.den;
        return rp_q_int(q - (a.num % a.den < 0));
    }
    if (!may_start(work, rp_q_bits(a))) return rp_q_int(0);
    struct rp_exact_scratch *s = work->scratch;
    load(s->a, a);
    mpz_fdiv_q(mpq_numref(s->r), mpq_numref(s->a), mpq_denref(s->a));
    mpz_set_ui(mpq_denref(s->r), 1);
    return store(work);
}

static rp_q part(rp_work *work, rp_q a, int which) {
    if (!a.big) return rp_q_int(which ? a.den : a.num);
    if (!may_start(work, rp_q_bits(a))) return rp_q_int(1);
    struct rp_exact_scratch *s = work->scratch;
    load(s->a, a);
    mpz_set(mpq_numref(s->r), which ? mpq_denref(s->a) : mpq_numref(s->a));
    mpz_set_ui(mpq_denref(s->r), 1);
    return store(work);
}

rp_q rp_q_num(rp_work *work, rp_q a) {
    return part(work, a, 0);
}
rp_q rp_q_den(rp_work *work, rp_q a) {
    return part(work, a, 1);
}

/* gcd(a/b, c/d) = gcd(ad, cb) / bd: with both in lowest terms this equals gcd(a, c) / lcm(b, d). */
rp_q rp_q_gcd(rp_work *work, rp_q a, rp_q b) {
    if (!may_start(work, rp_q_bits(a) + rp_q_bits(b))) return rp_q_int(0);
    struct rp_exact_scratch *s = work->scratch;
    load(s->a, a);
    load(s->b, b);
    mpz_gcd(mpq_numref(s->r), mpq_numref(s->a), mpq_numref(s->b));
    mpz_lcm(mpq_denref(s->r), mpq_denref(s->a), mpq_denref(s->b));
    mpq_canonicalize(s->r);
    return store(work);
}

rp_q rp_q_factorial(rp_work *work, int64_t n, int64_t step) {
    RP_REQUIRE(n >= 0 && step >= 1);
    if (n > RP_LIMIT_BITS) {
        rp_work_fail(work, RP_REASON_BITS);
        return rp_q_int(0);
    }
    const double log2_size = n < 2 ? 1 : (double)n * double_log2((double)n) / (double)step;
    if (log2_size > RP_LIMIT_BITS) rp_work_fail(work, RP_REASON_BITS);
    if (!may_start(work, (long)log2_size)) return rp_q_int(0);
    struct rp_exact_scratch *s = work->scratch;
    mpz_mfac_uiui(mpq_numref(s->r), (unsigned long)n, (unsigned long)step);
    mpz_set_ui(mpq_denref(s->r), 1);
    return store(work);
}

rp_q rp_q_binomial(rp_work *work, rp_q n, int64_t k) {
    int64_t small;
    if (rp_q_small(n, &small) && small >= 0) {
        if (k > small) return rp_q_int(0);
        if (k > small - k) k = small - k;
    }
    if (k > RP_LIMIT_BITS || rp_q_bits(n) * (long)k > RP_LIMIT_BITS * 4L) rp_work_fail(work, RP_REASON_BITS);
    if (!may_start(work, 64 + k)) return rp_q_int(0);
    struct rp_exact_scratch *s = work->scratch;
    load(s->a, n);
    mpz_bin_ui(mpq_numref(s->r), mpq_numref(s->a), (unsigned long)k);
    mpz_set_ui(mpq_denref(s->r), 1);
    return store(work);
}

rp_q rp_q_powmod(rp_work *work, rp_q a, rp_q e, rp_q m) {
    RP_REQUIRE(rp_q_sign(e) >= 0 && rp_q_sign(m) > 0);
    const long m_bits = rp_q_bits(m);
    if (m_bits > 4096 || rp_q_bits(e) > RP_LIMIT_BITS) rp_work_fail(work, RP_REASON_BITS);
    if (!may_start(work, 1) || !rp_work_pay(work, (1 + m_bits / 64) * rp_q_bits(e))) return rp_q_int(0);
    struct rp_exact_scratch *s = work->scratch;
    load(s->a, a);
    load(s->b, e);
    load(s->r, m);
    mpz_powm(s->z, mpq_numref(s->a), mpq_numref(s->b), mpq_numref(s->r));
    mpz_swap(mpq_numref(s->r), s->z);
    return store(work);
}

bool rp_q_root(rp_work *work, rp_q a, int64_t k, rp_q *out) {
    if (k < 1 || (k % 2 == 0 && rp_q_sign(a) < 0)) return false;
    if (rp_q_is(a, 0) || rp_q_is(a, 1)) return *out = a, true;
    if (k > rp_q_bits(a) + 1) return false;
    if (!may_start(work, rp_q_bits(a))) return false;
    struct rp_exact_scratch *s = work->scratch;
    load(s->a, a);
    const bool exact = mpz_root(mpq_numref(s->r), mpq_numref(s->a), (unsigned long)k) &&
                       mpz_root(mpq_denref(s->r), mpq_denref(s->a), (unsigned long)k);
    if (exact) *out = store(work);
    return exact && !work->failed;
}

/* ---- Questions --------------------------------------------------------------------------------------------------- */

int rp_q_sign(rp_q a) {
    if (a.big) return a.big->num_size < 0 ? -1 : a.big->num_size > 0;
    return (a.num > 0) - (a.num < 0);
}

bool rp_q_equal(rp_q a, rp_q b) {
    if (!a.big || !b.big) return !a.big && !b.big && a.num == b.num && a.den == b.den;
    const mp_size_t n = a.big->num_size < 0 ? -a.big->num_size : a.big->num_size;
    return a.big->num_size == b.big->num_size && a.big->den_size == b.big->den_size &&
           memcmp(a.big->limbs, b.big->limbs, (size_t)(n + a.big->den_size) * sizeof(mp_limb_t)) == 0;
}

int rp_q_cmp(rp_work *work, rp_q a, rp_q b) {
    if (!a.big && !b.big && a.den == b.den) return (a.num > b.num) - (a.num < b.num);
    return rp_q_sign(rp_q_sub(work, a, b));
}

bool rp_q_is_int(rp_q a) {
    if (!a.big) return a.den == 1;
    const mp_size_t n = a.big->num_size < 0 ? -a.big->num_size : a.big->num_size;
    return a.big->den_size == 1 && a.big->limbs[n] == 1;
}

bool rp_q_is(rp_q a, int64_t value) {
    return !a.big && a.den == 1 && a.num == value;
}

bool rp_q_is_odd(rp_q a) {
    return a.big ? (a.big->limbs[0] & 1) != 0 : (a.num & 1) != 0;
}

bool rp_q_small(rp_q a, int64_t *value) {
    if (a.big || a.den != 1) return false;
    *value = a.num;
    return true;
}

uint64_t rp_q_hash(rp_q a) {
    if (!a.big) {
        const int64_t pair[2] = {a.num, a.den};
        return rp_hash64(pair, sizeof pair, 1);
    }
    const mp_size_t n = a.big->num_size < 0 ? -a.big->num_size : a.big->num_size;
    return rp_hash64(a.big->limbs, (size_t)(n + a.big->den_size) * sizeof(mp_limb_t), (uint64_t)a.big->num_size);
}

/* Inverse modulo m by Euclid's algorithm; 0 when there is none. */
static uint64_t inverse_mod(uint64_t a, uint64_t m) {
    int64_t t = 0, next_t = 1;
    uint64_t r = m, next_r = a % m;
    while (next_r != 0) {
        const uint64_t q = r / next_r;
        const int64_t t2 = t - (int64_t)q * next_t;
        const uint64_t r2 = r - q * next_r;
        t = next_t, next_t = t2, r = next_r, next_r = r2;
    }
    if (r != 1) return 0;
    return t < 0 ? m - (uint64_t)-t : (uint64_t)t;
}

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m) {
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)a * b % m);
}

/* m < 2^62, so that Euclid's coefficients fit a signed word. */
uint64_t rp_q_mod(rp_q a, uint64_t m, bool *defined) {
    if (m == 1) return *defined = true, 0;
    uint64_t small[1];
    size_t count;
    int sign;
    const mp_limb_t *limbs = rp_q_limbs(&a, 0, small, &count, &sign);
    uint64_t num = count ? mpn_mod_1(limbs, (mp_size_t)count, m) : 0;
    if (sign < 0 && num) num = m - num;
    limbs = rp_q_limbs(&a, 1, small, &count, &sign);
    const uint64_t den = mpn_mod_1(limbs, (mp_size_t)count, m);
    if (den == 1) return *defined = true, num;
    const uint64_t inverse = inverse_mod(den, m);
    *defined = inverse != 0;
    return mul_mod(num, inverse, m);
}

double rp_q_double(rp_work *work, rp_q a) {
    if (!a.big) return (double)a.num / (double)a.den;
    if (!may_start(work, 1)) return 0;
    load(work->scratch->a, a);
    return mpq_get_d(work->scratch->a);
}

const void *rp_q_limbs(const rp_q *a, int which, uint64_t small[1], size_t *count, int *sign) {
    if (!a->big) {
        const int64_t v = which ? a->den : a->num;
        small[0] = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
        *count = v != 0;
        *sign = (v > 0) - (v < 0);
        return small;
    }
    const mp_size_t n = a->big->num_size < 0 ? -a->big->num_size : a->big->num_size;
    *count = (size_t)(which ? a->big->den_size : n);
    *sign = which ? 1 : rp_q_sign(*a);
    return a->big->limbs + (which ? n : 0);
}

/* ---- Printing ---------------------------------------------------------------------------------------------------- */

static void print_integer(rp_work *work, const mpz_t z, rp_buffer *out) {
    enum { SHOWN = 200, EDGE = 20 };
    const size_t room = mpz_sizeinbase(z, 10) + 2;
    char *text = rp_work_new(work, char, room);
    if (!text) return;
    mpz_get_str(text, 10, z);
    const size_t n = strlen(text);
    if (n <= SHOWN)
        rp_buffer_append(out, text, n);
    else
        rp_buffer_format(out, "%.*s…%s (%zu digits)", EDGE, text, text + n - EDGE, n - (text[0] == '-'));
}

void rp_q_print(rp_work *work, rp_q a, rp_buffer *out) {
    if (!a.big) {
        rp_buffer_format(out, "%lld", (long long)a.num);
        if (a.den != 1) rp_buffer_format(out, "/%lld", (long long)a.den);
        return;
    }
    if (!scratch_of(work)) return;
    load(work->scratch->a, a);
    print_integer(work, mpq_numref(work->scratch->a), out);
    if (mpz_cmp_ui(mpq_denref(work->scratch->a), 1) == 0) return;
    rp_buffer_char(out, '/');
    print_integer(work, mpq_denref(work->scratch->a), out);
}
