/* SPDX-License-Identifier: MIT
 *
 * bound.c — how near to zero can an algebraic number be without being zero?
 *
 * [bfmss] Burnikel, Funke, Mehlhorn, Schirra, Schmitt: A separation bound for real algebraic expressions, 2001.
 * Write E = α/β with algebraic integers whose conjugates are at most u and l in size, and let D bound the degree. The
 * product of the conjugates of α is a non-zero integer, so
 *     E ≠ 0   implies   |E| >= 1 / (u^(D-1) l).
 * u and l follow from the expression by the rules below; D is the product of the degrees of its distinct radicals and of the
 * field of all its cosines of rational multiples of π. An enclosure of E around 0 that is narrower than this bound proves
 * E = 0. That is the difference between "cannot be told apart from 0" and "is 0".
 */
#include "algebra/bound.h"

#include "algebra/enclose.h"
#include "algebra/simplify.h"

#include <rephrase/real.h>
#include <math.h>

typedef struct height { /* base-two logarithms */
    double u, l;
} height;

enum { RADICALS = 32 };

typedef struct bounding {
    rp_work *work;
    double log2_degree;
    const rp_node *bases[RADICALS];
    int64_t degrees[RADICALS];
    size_t count;
    int64_t turns; /* all cosines are those of multiples of π/turns */
    bool algebraic;
} bounding;

/* Each distinct algebraic generator multiplies the degree once. */
static void adjoin(bounding *b, const rp_node *base, int64_t degree) {
    for (size_t i = 0; i < b->count; i++)
        if (b->degrees[i] == degree && rp_tree_equal(b->bases[i], base)) return;
    b->log2_degree += double_log2((double)degree);
    if (b->count == RADICALS) {
        b->algebraic = false;
        return;
    }
    b->bases[b->count] = base;
    b->degrees[b->count++] = degree;
}

static height bound(bounding *b, const rp_node *a);

static height of_number(rp_q q) {
    /* log2 of numerator and denominator from above, by their bit lengths */
    uint64_t small[1];
    size_t count;
    int sign;
    double bits[2];
    for (int which = 0; which < 2; which++) {
        const uint64_t *limbs = rp_q_limbs(&q, which, small, &count, &sign);
        uint64_t top = count ? limbs[count - 1] : 0;
        bits[which] = count ? 64.0 * (double)(count - 1) : 0;
        for (; top; top >>= 1) bits[which]++;
    }
    return (height){bits[0], rp_q_is_int(q) ? 0 : bits[1]};
}

/* a/b + c/d = (ad + cb)/(bd) */
static height of_sum(bounding *b, const rp_node *a) {
    height sum = bound(b, a->kids[0]);
    for (uint32_t i = 1; i < a->count; i++) {
        const height next = bound(b, a->kids[i]);
        sum.u = fmax(sum.u + next.l, next.u + sum.l) + 1;
        sum.l += next.l;
    }
    return sum;
}

/* the k-th root of α/β: (α β^(k-1))^(1/k) / β, or α / (α^(k-1) β)^(1/k), whichever is smaller */
static height of_root(height h, double k) {
    if (h.u >= h.l) return (height){(h.u + (k - 1) * h.l) / k, h.l};
    return (height){h.u, ((k - 1) * h.u + h.l) / k};
}

static height of_power(bounding *b, const rp_node *a) {
    int64_t num, den;
    const rp_node *exponent = a->kids[1];
    const rp_q q = exponent->kind == RP_NUMBER ? exponent->q : rp_q_int(0);
    if (exponent->kind != RP_NUMBER || !rp_q_small(rp_q_num(b->work, q), &num) || !rp_q_small(rp_q_den(b->work, q), &den)) {
        b->algebraic = false;
        return (height){0, 0};
    }
    height h = bound(b, a->kids[0]);
    if (den > 1) {
        adjoin(b, a->kids[0], den);
        h = of_root(h, (double)den);
    }
    if (num < 0) h = (height){h.l, h.u};
    const double times = fabs((double)num);
    return (height){h.u * times, h.l * times};
}

/* 2 cos(kπ/n) is an algebraic integer, all its conjugates are cosines too; one field holds all of them. */
static height of_cosine(bounding *b, const rp_node *a) {
    enum { TURNS_MAX = 1 << 20 };
    rp_q q;
    int64_t n;
    if (!rp_is_pi_multiple(b->work, a->kids[0], &q) || !rp_q_small(rp_q_den(b->work, q), &n) || n > TURNS_MAX) {
        b->algebraic = false;
        return (height){0, 0};
    }
    int64_t x = b->turns, y = n;
    while (y) {
        const int64_t rest = x % y;
        x = y;
        y = rest;
    }
    b->turns = b->turns / x * n;
    if (b->turns > TURNS_MAX) b->algebraic = false;
    return (height){1, 1};
}

/* The degree of Q(cos(π/n)) is φ(2n)/2, and at least 1. */
static double log2_degree_of_cosines(int64_t n) {
    int64_t phi = 2 * n, rest = 2 * n;
    for (int64_t p = 2; p * p <= rest; p++) {
        if (rest % p) continue;
        phi = phi / p * (p - 1);
        while (rest % p == 0) rest /= p;
    }
    if (rest > 1) phi = phi / rest * (rest - 1);
    return phi > 2 ? double_log2((double)phi / 2) : 0;
}

static height bound(bounding *b, const rp_node *a) {
    if (!rp_work_pay(b->work, 1)) b->algebraic = false;
    if (!b->algebraic) return (height){0, 0};
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return of_number(a->q);
    case RP_SUM:
        return of_sum(b, a);
    case RP_POWER:
        return of_power(b, a);
    case RP_PRODUCT: {
        height product = {0, 0};
        for (uint32_t i = 0; i < a->count; i++) {
            const height next = bound(b, a->kids[i]);
            product = (height){product.u + next.u, product.l + next.l};
        }
        return product;
    }
    case RP_CONSTANT:
        if (a->op == RP_I) {
            adjoin(b, a, 2);
            return (height){0, 0};
        }
        break;
    case RP_FUNCTION:
        if (a->op == RP_FN_COS) return of_cosine(b, a);
        break;
    default:
        break;
    }
    b->algebraic = false;
    return (height){0, 0};
}

bool rp_zero_bound(rp_work *work, const rp_node *a, double *bits) {
    bounding b = {.work = work, .algebraic = true, .turns = 1};
    const height h = bound(&b, a);
    if (!b.algebraic || work->failed) return false;
    const double log2_degree = b.log2_degree + log2_degree_of_cosines(b.turns);
    *bits = (double_exp2(log2_degree) - 1) * fmax(h.u, 0) + fmax(h.l, 0) + 1;
    return true;
}

/* An enclosure of `bits` bits that is 2^size wide tells how many bits one of 2^-zero_bits will take. */
rp_zero rp_algebraic_zero(rp_work *work, const rp_node *a, int *bits) {
    double zero_bits;
    if (!rp_zero_bound(work, a, &zero_bits)) return RP_ZERO_OPEN;
    for (*bits = 256; !work->failed;) {
        long size;
        const rp_enclosure e = rp_enclose(work, a, *bits, &size);
        if (e == RP_ENCLOSE_NONZERO) return RP_NONZERO_PROVED;
        if (e == RP_ENCLOSE_ZERO_INSIDE && (double)size < -zero_bits) return RP_ZERO_PROVED;
        const double needed = e == RP_ENCLOSE_ZERO_INSIDE ? *bits + (double)size + zero_bits + 16 : 4.0 * *bits;
        if (*bits == RP_LIMIT_PRECISION || needed > RP_LIMIT_PRECISION) break;
        *bits = needed > 1.1 * *bits ? (int)needed : *bits + *bits / 4;
        if (*bits > RP_LIMIT_PRECISION) *bits = RP_LIMIT_PRECISION;
    }
    return RP_ZERO_OPEN;
}
