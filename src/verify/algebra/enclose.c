/* SPDX-License-Identifier: MIT
 *
 * enclose.c — the value of a canonical constant, enclosed: one walk over the tree in rectangle arithmetic.
 */
#include "algebra/enclose.h"

#include "algebra/interval.h"
#include "algebra/simplify.h"

static const rp_rect *walk(rp_precision p, const rp_node *a);

static const rp_rect *walk_sum(rp_precision p, const rp_node *a) {
    const rp_rect *sum = walk(p, a->kids[0]);
    for (uint32_t i = 1; i < a->count && sum; i++) sum = rp_rect_add(p, sum, walk(p, a->kids[i]));
    return sum;
}

static const rp_rect *walk_product(rp_precision p, const rp_node *a) {
    const rp_rect *product = walk(p, a->kids[0]);
    for (uint32_t i = 1; i < a->count && product; i++) product = rp_rect_multiply(p, product, walk(p, a->kids[i]));
    return product;
}

static const rp_rect *walk_power(rp_precision p, const rp_node *a) {
    const rp_node *base = a->kids[0], *exponent = a->kids[1];
    if (rp_tree_is_constant(base, RP_E)) return rp_rect_exp(p, walk(p, exponent));
    const rp_rect *value = walk(p, base);
    if (!value) return NULL;
    if (exponent->kind == RP_NUMBER) return rp_rect_power(p, value, exponent->q);
    const rp_rect *log = rp_rect_log(p, value);
    return log ? rp_rect_exp(p, rp_rect_multiply(p, log, walk(p, exponent))) : NULL;
}

static const rp_rect *walk_function(rp_precision p, const rp_node *a) {
    const rp_rect *x = a->count ? walk(p, a->kids[0]) : NULL;
    if (!x) return NULL;
    switch ((rp_function)a->op) {
    case RP_FN_SIN:
        return rp_rect_sin(p, x);
    case RP_FN_COS:
        return rp_rect_cos(p, x);
    case RP_FN_ATAN:
        return rp_rect_atan(p, x);
    case RP_FN_ASIN:
        return rp_rect_asin(p, x);
    case RP_FN_LN:
        return rp_rect_log(p, x);
    case RP_FN_ABS:
        return rp_rect_abs(p, x);
    case RP_FN_FLOOR:
        return rp_rect_floor(p, x);
    case RP_FN_MAX:
    case RP_FN_MIN: {
        const bool min = a->op == RP_FN_MIN; /* min(a, b) = -max(-a, -b) */
        const rp_rect *best = min ? rp_rect_negate(p, x) : x;
        for (uint32_t i = 1; i < a->count && best; i++) {
            const rp_rect *next = walk(p, a->kids[i]);
            best = rp_rect_max(p, best, min ? rp_rect_negate(p, next) : next);
        }
        return min ? rp_rect_negate(p, best) : best;
    }
    default:
        return NULL;
    }
}

static const rp_rect *walk(rp_precision p, const rp_node *a) {
    if (!rp_work_pay(p.work, 1)) return NULL;
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return rp_rect_number(p, a->q);
    case RP_SUM:
        return walk_sum(p, a);
    case RP_PRODUCT:
        return walk_product(p, a);
    case RP_POWER:
        return walk_power(p, a);
    case RP_FUNCTION:
        return walk_function(p, a);
    case RP_CONSTANT:
        if (a->op == RP_PI) return rp_rect_pi(p);
        if (a->op == RP_E) return rp_rect_exp(p, rp_rect_number(p, rp_q_int(1)));
        return a->op == RP_I ? rp_rect_i(p) : NULL;
    default:
        return NULL;
    }
}

/* Walks at the widest exponent range and gives the memory back; `use` looks at the rectangle before it is gone. */
typedef struct answer {
    rp_enclosure outcome;
    bool real, has_integer_part;
    int sign;
    long log2_size;
    rp_q integer_part;
} answer;

static answer look(rp_work *work, const rp_node *a, int bits, bool want_integer) {
    answer found = {.outcome = RP_ENCLOSE_UNKNOWN};
    const rp_arena_mark mark = rp_arena_get_mark(work->arena);
    const rp_exponents saved = rp_rect_begin();
    const rp_precision p = {work, bits};
    const rp_rect *r = walk(p, a);
    if (r && !work->failed) {
        found.outcome = rp_rect_holds_zero(r) ? RP_ENCLOSE_ZERO_INSIDE : RP_ENCLOSE_NONZERO;
        found.real = rp_rect_is_real(r);
        found.sign = rp_rect_sign(r);
        found.log2_size = rp_rect_log2_size(r);
    }
    rp_rect_end(saved);
    if (!want_integer) { /* an integer part may live in the arena */
        rp_arena_rewind(work->arena, mark);
        return found;
    }
    if (r && !work->failed) found.has_integer_part = rp_rect_integer_part(work, r, &found.integer_part);
    return found;
}

rp_enclosure rp_enclose(rp_work *work, const rp_node *a, int bits, long *log2_size) {
    const answer found = look(work, a, bits, false);
    *log2_size = found.log2_size;
    return found.outcome;
}

bool rp_encloses_real(rp_work *work, const rp_node *a, int bits) {
    const answer found = look(work, a, bits, false);
    return found.outcome != RP_ENCLOSE_UNKNOWN && found.real;
}

bool rp_constant_sign(rp_work *work, const rp_node *a, int *sign) {
    if (a->kind == RP_NUMBER) return *sign = rp_q_sign(a->q), true;
    for (int bits = 64; bits <= 1024; bits *= 4) {
        const answer found = look(work, a, bits, false);
        if (found.outcome == RP_ENCLOSE_UNKNOWN && bits > 64) return false;
        if (found.outcome == RP_ENCLOSE_NONZERO && !found.real) return false;
        if (found.outcome == RP_ENCLOSE_NONZERO) return *sign = found.sign, true;
    }
    return false;
}

bool rp_constant_floor(rp_work *work, const rp_node *a, rp_q *value) {
    for (int bits = 64; bits <= 1024; bits *= 4) {
        const answer found = look(work, a, bits, true);
        if (found.has_integer_part) return *value = found.integer_part, true;
        if (work->failed || (found.outcome != RP_ENCLOSE_UNKNOWN && !found.real)) return false;
    }
    return false;
}

/* round(x 10^d) / 10^d with halves up: floor(x 10^d + 1/2) / 10^d */
bool rp_constant_round(rp_work *work, const rp_node *a, int64_t digits, rp_q *value) {
    const rp_q scale = rp_q_pow(work, rp_q_int(10), digits);
    const rp_node *shifted = rp_expr_add(work, rp_expr_scale(work, scale, a), rp_tree_number(work, rp_q_ratio(work, 1, 2)));
    rp_q n;
    if (shifted->kind == RP_NUMBER)
        n = rp_q_floor(work, shifted->q);
    else if (!rp_constant_floor(work, shifted, &n))
        return false;
    *value = rp_q_div(work, n, scale);
    return !work->failed;
}
