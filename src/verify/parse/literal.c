/* SPDX-License-Identifier: MIT
 *
 * literal.c — numbers as people write them: 1,234.5, 1 000 000, 3 1/2, 0.\overline{3}, 1.2e-4, 101_2, FF_{16}.
 *
 * Every form denotes an exact rational. A decimal is a fraction with a power of ten below; a repeating one is
 *     0.a(r) = a / 10^m + r / (10^m (10^k - 1))        with m digits in a and k in r.
 */
#include "parse/parse.h"

#include <string.h>

bool rp_token_is_integer(const rp_token *token) {
    if (token->kind != T_NUMBER) return false;
    for (size_t i = 0; i < token->text.length; i++)
        if (token->text.data[i] < '0' || token->text.data[i] > '9') return false;
    return true;
}

static bool joined(const rp_token *token) {
    return !(token->flags & TF_SPACE) || (token->flags & TF_TIGHT);
}

/* ---- Groups of digits -------------------------------------------------------------------------------------------- */

/* Number of further groups of three behind the integer at `at`, joined by commas (comma) or by spaces. */
static size_t count_groups(const rp_token *t, bool comma) {
    size_t groups = 0, at = 0;
    if (t[0].text.length > 3 || t[0].text.data[0] == '0') return 0;
    for (;;) {
        const rp_token *next = &t[at + 1];
        if (comma) {
            if (next->kind != T_COMMA || !(joined(next) || next->op == ',')) return groups;
            next++;
            if (!joined(next)) return groups;
        } else if (joined(next)) {
            return groups;
        }
        if (next->kind != T_NUMBER) return groups;
        if (next->text.length < 3) return 0;
        const bool last = !rp_token_is_integer(next); /* 1,234.5 */
        if (last ? next->text.length < 4 || next->text.data[3] != '.' : next->text.length != 3) return 0;
        groups++;
        at += comma ? 2 : 1;
        if (last) return groups;
    }
}

/* 1'234'567 and 1_234_567: groups of three behind apostrophes or underscores. */
static size_t count_marked(const rp_token *t, rp_token_kind mark) {
    size_t groups = 0;
    if (t[0].text.length > 3 || t[0].text.data[0] == '0') return 0;
    while (t[2 * groups + 1].kind == mark && joined(&t[2 * groups + 1]) && rp_token_is_integer(&t[2 * groups + 2]) &&
           joined(&t[2 * groups + 2])) {
        if (t[2 * groups + 2].text.length != 3) return 0;
        groups++;
    }
    return groups;
}

/* Indian grouping: 12,34,567 — pairs, and three digits at the end. */
static size_t count_indian(const rp_token *t) {
    size_t groups = 0, at = 0;
    if (t[0].text.length > 2 || t[0].text.data[0] == '0') return 0;
    while (t[at + 1].kind == T_COMMA && joined(&t[at + 1]) && rp_token_is_integer(&t[at + 2]) && joined(&t[at + 2])) {
        groups++;
        at += 2;
        if (t[at].text.length == 3) return groups >= 2 && t[at + 1].kind != T_COMMA ? groups : 0;
        if (t[at].text.length != 2) return 0;
    }
    return 0;
}

typedef struct digits {
    rp_buffer text;  /* digits without the point */
    size_t fraction; /* how many of them stand behind it */
    bool point;
    int64_t exponent;
    bool huge_exponent;
} digits;

static void append_token(digits *d, rp_str text) {
    size_t i = 0;
    for (; i < text.length && (text.data[i] == '.' || (text.data[i] >= '0' && text.data[i] <= '9')); i++) {
        if (text.data[i] == '.') {
            d->point = true;
            continue;
        }
        rp_buffer_char(&d->text, text.data[i]);
        d->fraction += d->point;
    }
    if (i == text.length) return;
    bool negative = false; /* behind "e" */
    for (i++; i < text.length; i++) {
        if (text.data[i] == '-') negative = true;
        if (text.data[i] < '0' || text.data[i] > '9') continue;
        d->huge_exponent = d->huge_exponent || d->exponent > RP_LIMIT_BITS;
        if (!d->huge_exponent) d->exponent = 10 * d->exponent + (text.data[i] - '0');
    }
    if (negative) d->exponent = -d->exponent;
}

/* integer(digits) * 10^(exponent - fraction) */
static rp_q value_of(rp_work *work, const digits *d) {
    rp_q value = rp_q_int(0);
    if (d->text.length) (void)rp_q_digits(work, d->text.data, d->text.length, 10, &value);
    if (rp_q_is(value, 0)) return value;
    if (d->huge_exponent) {
        rp_work_fail(work, RP_REASON_BITS);
        return value;
    }
    return rp_q_mul(work, value, rp_q_pow(work, rp_q_int(10), d->exponent - (int64_t)d->fraction));
}

/* ---- Repeating decimals ------------------------------------------------------------------------------------------ */

/* value + repetend / (10^fraction (10^k - 1)) */
static rp_q repeating(rp_work *work, const digits *d, rp_str repetend) {
    rp_q r = rp_q_int(0);
    (void)rp_q_digits(work, repetend.data, repetend.length, 10, &r);
    const rp_q nines = rp_q_sub(work, rp_q_pow(work, rp_q_int(10), (int64_t)repetend.length), rp_q_int(1));
    if (work->failed || rp_q_is(nines, 0)) return r;
    const rp_q scale = rp_q_pow(work, rp_q_int(10), (int64_t)d->fraction);
    return rp_q_add(work, value_of(work, d), rp_q_div(work, r, rp_q_mul(work, nines, scale)));
}

/* "\overline{3}", "\bar3", "(3)" behind the point: moves the cursor and returns the repetend. */
static bool take_overlined(rp_parser *p, rp_str *repetend) {
    const rp_token *t = rp_peek(p);
    const bool accent = t->kind == T_ACCENT && rp_token_is_text(t, "overline");
    if (accent && t[1].kind == T_OPEN && t[1].op == '{' && rp_token_is_integer(&t[2]) && t[3].kind == T_CLOSE &&
        t[3].op == '}') {
        *repetend = t[2].text;
        p->at += 4;
        return true;
    }
    if (accent && rp_token_is_integer(&t[1]) && t[1].text.length == 1) {
        *repetend = t[1].text;
        p->at += 2;
        return true;
    }
    if (t->kind == T_OPEN && t->op == '(' && joined(t) && rp_token_is_integer(&t[1]) && t[2].kind == T_CLOSE &&
        t[2].op == ')') {
        *repetend = t[1].text;
        p->at += 3;
        return true;
    }
    return false;
}

/* "\dot{1}4285\dot{7}" or "\dot{3}": dots above the first and the last repeating digit. */
static bool take_dotted(rp_parser *p, rp_buffer *repetend) {
    for (int dots = 0; dots < 2; dots++) {
        const rp_token *t = rp_peek(p);
        if (dots == 1 && rp_token_is_integer(t) && rp_token_is_text(&t[1], "dot")) {
            rp_buffer_append(repetend, t->text.data, t->text.length);
            p->at++;
            t++;
        }
        if (t->kind != T_ACCENT || !rp_token_is_text(t, "dot")) return dots == 1;
        const bool braced = t[1].kind == T_OPEN && t[1].op == '{';
        const rp_token *digit = &t[braced ? 2 : 1];
        if (!rp_token_is_integer(digit) || digit->text.length != 1) return false;
        if (braced && !(digit[1].kind == T_CLOSE && digit[1].op == '}')) return false;
        rp_buffer_append(repetend, digit->text.data, 1);
        p->at += braced ? 4 : 2;
    }
    return true;
}

/* 0.333… : the last digit three times, or a longer period twice, then dots. */
static bool repeats_itself(const digits *d, size_t *period) {
    const char *end = d->text.data + d->text.length;
    for (size_t k = 1; k <= 12; k++) {
        const size_t times = k == 1 ? 3 : 2;
        if (k * times > d->fraction) return false;
        bool same = true;
        for (size_t i = k; i < k * times && same; i++) same = end[-1 - (long)i] == end[-1 - (long)(i % k)];
        if (same) return *period = k, true;
    }
    return false;
}

static bool take_repeating(rp_parser *p, const digits *d, rp_q *value) {
    rp_str repetend;
    if (!d->point || d->exponent) return false;
    if (take_overlined(p, &repetend)) return *value = repeating(p->work, d, repetend), true;
    if (rp_next_is(p, T_ACCENT) && rp_token_is_text(rp_peek(p), "dot")) {
        rp_buffer dotted = rp_buffer_in(p->work->arena);
        if (!take_dotted(p, &dotted) || dotted.failed) return false;
        return *value = repeating(p->work, d, (rp_str){dotted.data, dotted.length}), true;
    }
    size_t k;
    if (rp_next_is(p, T_DOTS) && repeats_itself(d, &k)) {
        p->at++;
        return *value = repeating(p->work, d, (rp_str){d->text.data + d->text.length - k, k}), true;
    }
    return false;
}

/* ---- Bases ------------------------------------------------------------------------------------------------------- */

/* "_2", "_{16}" behind digits that fit: the base, else 0. *used counts the tokens. */
static int base_behind(const rp_token *t, rp_str all_digits, size_t *used) {
    if (t->kind != T_UNDERSCORE) return 0;
    const bool braced = t[1].kind == T_OPEN && t[1].op == '{';
    const rp_token *number = &t[braced ? 2 : 1];
    if (!rp_token_is_integer(number) || number->text.length > 2) return 0;
    if (braced && !(t[3].kind == T_CLOSE && t[3].op == '}')) return 0;
    int base = 0;
    for (size_t i = 0; i < number->text.length; i++) base = 10 * base + (number->text.data[i] - '0');
    if (base < 2 || base > 36) return 0;
    for (size_t i = 0; i < all_digits.length; i++) {
        const char c = all_digits.data[i];
        const int digit = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
        if (digit >= base) return 0;
    }
    *used = braced ? 4 : 2;
    return base;
}

/* Digits, perhaps with capital letters among them (1A, FF), then a subscript: a number in that base. */
static const rp_node *based_number(rp_parser *p) {
    rp_buffer all = rp_buffer_in(p->work->arena);
    size_t at = p->at, used;
    while (at == p->at || joined(&p->tokens[at])) {
        const rp_token *t = &p->tokens[at];
        const bool letters = (t->kind == T_LETTER || t->kind == T_WORD) && !(t->flags & TF_COMMAND);
        if (!rp_token_is_integer(t) && !letters) break;
        for (size_t i = 0; letters && i < t->text.length; i++)
            if (t->text.data[i] < 'A' || t->text.data[i] > 'Z') return NULL;
        rp_buffer_append(&all, t->text.data, t->text.length);
        at++;
    }
    if (all.length == 0 || all.failed) return NULL;
    const rp_str text = {all.data, all.length};
    const int base = base_behind(&p->tokens[at], text, &used);
    if (!base || ((text.data[0] > '9') && base < 11)) return NULL;
    rp_q value;
    if (!rp_q_digits(p->work, text.data, text.length, base, &value)) return NULL;
    p->at = at + used;
    const rp_node *kid = rp_tree_number(p->work, value);
    return rp_tree_make(p->work, RP_BASED, base, 0, text, &kid, 1);
}

/* ---- The whole literal ------------------------------------------------------------------------------------------- */

/* "3 1/2" written on one line: integer, space, proper fraction of integers. */
static bool take_spaced_mixed(rp_parser *p, rp_q *value) {
    const rp_token *t = rp_peek(p); /* behind the integer */
    if (!rp_token_is_integer(t) || t[1].kind != T_DIVIDE || !rp_token_is_integer(&t[2])) return false;
    if (t[3].kind == T_DIVIDE || t[3].kind == T_CARET || t[3].kind == T_NUMBER || t[3].kind == T_LETTER) return false;
    rp_q num, den;
    (void)rp_q_digits(p->work, t->text.data, t->text.length, 10, &num);
    (void)rp_q_digits(p->work, t[2].text.data, t[2].text.length, 10, &den);
    if (rp_q_sign(num) <= 0 || rp_q_cmp(p->work, num, den) >= 0) return false;
    *value = rp_q_add(p->work, *value, rp_q_div(p->work, num, den));
    p->at += 3;
    return true;
}

/* 0xFF, 0b101: the lexer has put the base into op. */
static const rp_node *prefixed_number(rp_parser *p) {
    const rp_token *t = &p->tokens[p->at++];
    const rp_str text = {t->text.data + 2, t->text.length - 2};
    rp_q value;
    if (!rp_q_digits(p->work, text.data, text.length, t->op, &value)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    const rp_node *kid = rp_tree_number(p->work, value);
    return rp_tree_make(p->work, RP_BASED, t->op, 0, text, &kid, 1);
}

const rp_node *rp_parse_bracketed_base(rp_parser *p, const rp_node *value) {
    const rp_token *t = rp_peek(p);
    size_t used;
    if (p->at < 3 || t[-1].kind != T_CLOSE || !rp_token_is_integer(&t[-2]) || t[-3].kind != T_OPEN) return value;
    const int base = base_behind(t, t[-2].text, &used);
    rp_q value_in_base;
    if (!base || !rp_q_digits(p->work, t[-2].text.data, t[-2].text.length, base, &value_in_base)) return value;
    p->at += used;
    const rp_node *kid = rp_tree_number(p->work, value_in_base);
    return rp_tree_make(p->work, RP_BASED, base, 0, t[-2].text, &kid, 1);
}

const rp_node *rp_parse_number(rp_parser *p) {
    if (rp_peek(p)->op) return prefixed_number(p);
    const rp_node *based = p->no_base ? NULL : based_number(p);
    if (based) return based;
    const rp_token *t = rp_peek(p);
    size_t commas = 0, spaces = 0;
    if (rp_token_is_integer(t)) {
        commas = p->group_commas ? count_groups(t, true) : 0;
        if (!commas && p->group_commas) commas = count_indian(t);
        if (!commas) commas = count_marked(t, T_PRIME);
        if (!commas) commas = count_marked(t, T_UNDERSCORE);
        spaces = commas ? 0 : count_groups(t, false);
    }
    digits d = {.text = rp_buffer_in(p->work->arena)};
    append_token(&d, t->text);
    for (size_t i = 0; i < commas; i++) append_token(&d, t[2 * i + 2].text);
    for (size_t i = 0; i < spaces; i++) append_token(&d, t[i + 1].text);
    p->at += 1 + 2 * commas + spaces;
    rp_q value;
    if (!take_repeating(p, &d, &value)) {
        if (d.text.length == 0 || (d.point && d.fraction == 0))
            return rp_parse_fail(p, RP_REASON_SYNTAX); /* "0." and no more */
        value = value_of(p->work, &d);
        if (rp_token_is_integer(t) && !commas && !spaces) (void)take_spaced_mixed(p, &value);
    }
    const rp_node *plain = rp_tree_number(p->work, value);
    if (!d.point || d.exponent || plain == &RP_NODE_NONE) return plain;
    rp_node *decimal = rp_work_new(p->work, rp_node, 1); /* remembers its digits, for the option `rounded` */
    if (!decimal) return plain;
    *decimal = *plain;
    decimal->flags = (uint8_t)(d.fraction < 255 ? d.fraction : 255);
    return decimal;
}
