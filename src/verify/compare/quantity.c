/* SPDX-License-Identifier: MIT
 *
 * quantity.c — values with something behind them: units, percent signs, degrees, bases, moduli.
 *
 * A wrong unit is wrong. A missing one is forgiven by the option units_optional, because golds are written with and
 * without; likewise 28 for 28 % by percent_fraction.
 */
#include "compare/compare.h"

static bool is_percent(const rp_node *a) {
    return rp_tree_is_function(a, RP_FN_PERCENT);
}
static bool is_degrees(const rp_node *a) {
    return rp_tree_is_function(a, RP_FN_DEGREES);
}
static bool is_modular(const rp_node *a) {
    return a->kind == RP_QUANTITY && a->count == 2;
}

/* m, s^2, s^-1, (s^2)^-1 as a letter and its power. */
static bool is_unit_power(const rp_node *a, rp_str *name, int64_t *power) {
    *power = 1;
    while (a->kind == RP_POWER && a->kids[1]->kind == RP_NUMBER) {
        int64_t exponent;
        if (!rp_q_small(a->kids[1]->q, &exponent) || exponent < -3 || exponent > 3 || exponent == 0) return false;
        *power *= exponent;
        a = a->kids[0];
    }
    *name = a->name;
    return a->kind == RP_SYMBOL && rp_unit_is_letter(a->name) && *power >= -9 && *power <= 9;
}

/* 5 m/s, written without \text, was parsed as a product: when the other side has a unit, its last letters may be one. */
static const rp_node *product_as_quantity(rp_work *work, const rp_node *a) {
    if (a->kind != RP_PRODUCT || a->count < 2 || a->count > 16) return NULL;
    rp_unit *unit = rp_work_new(work, rp_unit, 1);
    if (!unit) return NULL;
    *unit = rp_unit_none();
    size_t first = a->count;
    rp_str name;
    int64_t power;
    for (; first > 0 && is_unit_power(a->kids[first - 1], &name, &power); first--)
        if (!rp_unit_multiply(work, unit, name, (int)power)) return NULL;
    if (first == a->count || first == 0) return NULL;
    const rp_node *value =
        first == 1 ? a->kids[0] : rp_tree_make(work, RP_PRODUCT, 0, 0, (rp_str){NULL, 0}, a->kids, first);
    return rp_tree_quantity(work, value, unit, rp_unit_text(work, unit));
}

static const rp_node *times_factor(rp_work *work, const rp_node *quantity) {
    return rp_tree_2(work, RP_PRODUCT, 0, rp_tree_number(work, quantity->unit->factor), quantity->kids[0]);
}

static rp_finding compare_with_units(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (!rp_unit_same_kind(gold->unit, answer->unit)) return rp_differs(RP_REASON_UNIT);
    if (rp_q_equal(gold->unit->factor, answer->unit->factor) || gold->unit->scale)
        return rp_compare_nodes(work, gold->kids[0], answer->kids[0]);
    if (rp_tree_is_answer_kind(gold->kids[0]) || rp_tree_is_answer_kind(answer->kids[0])) return rp_differs(RP_REASON_UNIT);
    rp_finding finding = rp_compare_expressions(work, times_factor(work, gold), times_factor(work, answer));
    if (finding.outcome == RP_SAME) finding.reason = RP_REASON_UNIT_CONVERTED;
    return finding;
}

/* π/3 radians against 60 degrees */
static bool is_radians(const rp_node *quantity) {
    rp_unit radian = rp_unit_none();
    radian.power[RP_ANGLE] = 1;
    return rp_unit_same_kind(quantity->unit, &radian) && rp_q_is(quantity->unit->factor, 1);
}

static rp_finding compare_one_unit(rp_work *work, const rp_node *quantity, const rp_node *other, bool gold_has_it) {
    if (is_degrees(other) && is_radians(quantity)) return rp_compare_expressions(work, quantity->kids[0], other);
    if (is_percent(other) || is_degrees(other) || other->kind == RP_BASED) return rp_differs(RP_REASON_UNIT);
    const rp_node *read = product_as_quantity(work, other);
    if (read && rp_unit_same_kind(quantity->unit, read->unit))
        return gold_has_it ? compare_with_units(work, quantity, read) : compare_with_units(work, read, quantity);
    if (!work->options->units_optional) return rp_differs(RP_REASON_UNIT);
    return gold_has_it ? rp_compare_nodes(work, quantity->kids[0], other)
                       : rp_compare_nodes(work, other, quantity->kids[0]);
}

/* 2 h and 7200 s, both written as products: units when they are of one kind and the other reading finds a difference. */
bool rp_spelled_units_agree(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_node *a = product_as_quantity(work, gold), *b = a ? product_as_quantity(work, answer) : NULL;
    if (!b || !rp_unit_same_kind(a->unit, b->unit)) return false;
    return rp_compare_expressions(work, times_factor(work, a), times_factor(work, b)).outcome == RP_SAME;
}

/* 28 % is 0.28; it may also be meant by 28. */
static rp_finding compare_percent(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_finding value = rp_compare_expressions(work, gold, answer);
    if (value.outcome == RP_SAME || (is_percent(gold) && is_percent(answer)) || !work->options->percent_fraction)
        return value;
    const rp_node *a = is_percent(gold) ? gold->kids[0] : gold, *b = is_percent(answer) ? answer->kids[0] : answer;
    return rp_compare_expressions(work, a, b);
}

/* 45 degrees are π/4; they may also be meant by 45. */
static rp_finding compare_degrees(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_finding value = rp_compare_expressions(work, gold, answer);
    if (value.outcome == RP_SAME || (is_degrees(gold) && is_degrees(answer)) || !work->options->units_optional)
        return value;
    const rp_node *a = is_degrees(gold) ? gold->kids[0] : gold, *b = is_degrees(answer) ? answer->kids[0] : answer;
    return rp_compare_expressions(work, a, b);
}

/* 101_2 equals 5 by value. A gold in a base may also be answered by its digits alone; two different bases never by digits.
 */
static rp_finding compare_based(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->kind == RP_BASED && answer->kind == RP_BASED) {
        const rp_finding value = rp_compare_expressions(work, gold->kids[0], answer->kids[0]);
        if (value.outcome == RP_DIFFERENT && gold->op != answer->op) return rp_differs(RP_REASON_BASE);
        return value;
    }
    const rp_node *a = gold->kind == RP_BASED ? gold->kids[0] : gold,
                  *b = answer->kind == RP_BASED ? answer->kids[0] : answer;
    const rp_finding value = rp_compare_expressions(work, a, b);
    if (value.outcome == RP_SAME || gold->kind != RP_BASED || answer->kind != RP_NUMBER) return value;
    rp_q digits;
    if (!rp_q_digits(work, gold->name.data, gold->name.length, 10, &digits)) return value;
    return rp_compare_expressions(work, rp_tree_number(work, digits), answer);
}

/* 3 and 10 are the same modulo 7. */
static bool same_class(rp_work *work, const rp_node *gold, const rp_node *answer) {
    for (int i = 0; i < 2; i++)
        if (gold->kids[i]->kind != RP_NUMBER || answer->kids[i]->kind != RP_NUMBER) return false;
    const rp_q modulus = gold->kids[1]->q, difference = rp_q_sub(work, gold->kids[0]->q, answer->kids[0]->q);
    return rp_q_equal(modulus, answer->kids[1]->q) && !rp_q_is(modulus, 0) &&
           rp_q_is_int(rp_q_div(work, difference, modulus));
}

static rp_finding compare_modular(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (is_modular(gold) && is_modular(answer) && same_class(work, gold, answer))
        return rp_found(RP_SAME, RP_REASON_STRUCTURAL, RP_CERT_PROVED, 0);
    if (is_modular(gold) && is_modular(answer))
        return rp_compare_in_order(work, gold->kids, answer->kids, 2, RP_REASON_STRUCTURAL);
    return is_modular(gold) ? rp_compare_nodes(work, gold->kids[0], answer) : rp_compare_nodes(work, gold, answer->kids[0]);
}

static bool is_plain(const rp_node *a) {
    return !rp_tree_is_answer_kind(a) && a->kind != RP_MATRIX;
}

rp_finding rp_compare_quantities(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (is_modular(gold) || is_modular(answer)) return compare_modular(work, gold, answer);
    if (gold->kind == RP_QUANTITY && answer->kind == RP_QUANTITY) return compare_with_units(work, gold, answer);
    if (gold->kind == RP_QUANTITY) return compare_one_unit(work, gold, answer, true);
    if (answer->kind == RP_QUANTITY) return compare_one_unit(work, answer, gold, false);
    const bool gold_fits = is_plain(gold) || gold->kind == RP_BASED,
               answer_fits = is_plain(answer) || answer->kind == RP_BASED;
    if (!gold_fits || !answer_fits) return rp_differs(RP_REASON_KIND);
    if (gold->kind == RP_BASED || answer->kind == RP_BASED) return compare_based(work, gold, answer);
    if (is_percent(gold) != is_percent(answer) && is_degrees(gold) != is_degrees(answer)) return rp_differs(RP_REASON_UNIT);
    if (is_percent(gold) || is_percent(answer)) return compare_percent(work, gold, answer);
    return compare_degrees(work, gold, answer);
}
