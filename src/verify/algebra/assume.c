/* SPDX-License-Identifier: MIT
 *
 * assume.c — what a letter stands for, and what follows for the values of an expression.
 *
 * An answer does not declare its letters, so convention does: n, m, k (and j, N, M, K, each with any index) are integers, z
 * and w are complex, other small letters are real, capitals may be anything. Where a letter stands alone under an even root
 * or in a logarithm it is positive wherever the answer means something; equal.c marks it so (RP_FLAG_POSITIVE). All rules
 * hold but for isolated points: |x|/x is the sign of x, and 0 is not looked at.
 */
#include "algebra/simplify.h"

#include <string.h>

static bool is_one_letter(const rp_node *a, const char *letters) {
    if (a->kind != RP_SYMBOL || a->name.length == 0 || rp_symbol_is_word(a)) return false;
    return strchr(letters, a->name.data[0]) && (a->name.length == 1 || a->name.data[1] == '_');
}

bool rp_is_integer_letter(const rp_node *a) {
    return is_one_letter(a, "jkmnKMN");
}

static bool all_kids(const rp_node *a, bool (*holds)(const rp_node *)) {
    for (uint32_t i = 0; i < a->count; i++)
        if (!holds(a->kids[i])) return false;
    return true;
}

bool rp_is_integer_valued(const rp_node *a) {
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return rp_q_is_int(a->q);
    case RP_SYMBOL:
        return rp_is_integer_letter(a);
    case RP_SUM:
    case RP_PRODUCT:
        return all_kids(a, rp_is_integer_valued);
    case RP_POWER:
        if (rp_tree_is_int(a->kids[0], -1)) return rp_is_integer_valued(a->kids[1]);
        return a->kids[1]->kind == RP_NUMBER && rp_q_is_int(a->kids[1]->q) && rp_q_sign(a->kids[1]->q) > 0 &&
               rp_is_integer_valued(a->kids[0]);
    case RP_FUNCTION:
        if (a->op == RP_FN_FLOOR || a->op == RP_FN_SIGN) return true;
        return (a->op == RP_FN_ABS || a->op == RP_FN_FACTORIAL || a->op == RP_FN_GCD || a->op == RP_FN_LCM) &&
               all_kids(a, rp_is_integer_valued);
    default:
        return false;
    }
}

bool rp_is_real(const rp_node *a) {
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return true;
    case RP_SYMBOL: {
        const bool word = rp_symbol_is_word(a) || memchr(a->name.data, ' ', a->name.length);
        const char first = a->name.length ? a->name.data[0] : 'A';
        return rp_is_integer_letter(a) || (!word && first >= 'a' && first <= 'z' && !is_one_letter(a, "zw")) ||
               first == '#';
    }
    case RP_CONSTANT:
        return a->op == RP_PI || a->op == RP_E;
    case RP_SUM:
    case RP_PRODUCT:
    case RP_POWER:
        return all_kids(a, rp_is_real);
    case RP_FUNCTION:
        if (a->op == RP_FN_ABS || a->op == RP_FN_RE || a->op == RP_FN_IM) return true;
        return a->op != RP_FN_CONJUGATE && a->op != RP_FN_DET && a->op != RP_FN_TRANSPOSE && all_kids(a, rp_is_real);
    case RP_APPLY:
        return all_kids(a, rp_is_real);
    default:
        return false;
    }
}

static bool is_even_number(const rp_node *a) {
    return a->kind == RP_NUMBER && rp_q_is_int(a->q) && !rp_q_is_odd(a->q);
}

static bool has_even_denominator(const rp_node *a) {
    int64_t den = 1;
    if (a->kind != RP_NUMBER || rp_q_is_int(a->q) || a->q.big) return false;
    den = a->q.den;
    return den % 2 == 0;
}

bool rp_is_positive(const rp_node *a) {
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        return rp_q_sign(a->q) > 0;
    case RP_SYMBOL:
        return rp_symbol_is_positive(a);
    case RP_CONSTANT:
        return a->op == RP_PI || a->op == RP_E;
    case RP_SUM: { /* one positive term among others that are not negative */
        bool some = false;
        for (uint32_t i = 0; i < a->count; i++) some = some || rp_is_positive(a->kids[i]);
        return some && rp_is_nonnegative(a);
    }
    case RP_PRODUCT:
        return all_kids(a, rp_is_positive);
    case RP_POWER:
        return rp_is_positive(a->kids[0]) && rp_is_real(a->kids[1]);
    default:
        return false;
    }
}

bool rp_is_nonnegative(const rp_node *a) {
    switch ((rp_kind)a->kind) {
    case RP_SUM:
    case RP_PRODUCT:
        return all_kids(a, rp_is_nonnegative);
    case RP_POWER:
        if (is_even_number(a->kids[1]) && rp_is_real(a->kids[0])) return true;
        if (has_even_denominator(a->kids[1]) && rp_is_real(a->kids[0]) && !rp_is_constant(a->kids[0])) return true;
        return rp_is_nonnegative(a->kids[0]) && rp_is_real(a->kids[1]);
    case RP_FUNCTION:
        if (a->op == RP_FN_FACTORIAL) return rp_is_integer_valued(a->kids[0]);
        return a->op == RP_FN_ABS;
    default:
        return rp_is_positive(a) || rp_tree_is_int(a, 0);
    }
}
