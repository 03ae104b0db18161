/* SPDX-License-Identifier: MIT
 *
 * judge.c — asking the verifier, and telling a fault from a named policy.
 *
 * Equality with a gold is gold-driven where the golds of public sets are: "5" is worth full marks against "5 cm", "x=5",
 * "5 (apples)", "(5)". So two golds that differ may both be paid by an answer that leaves out just what tells them apart. Such
 * an answer is excused when what remains of both golds without that part is equal.
 */
#include "attack.h"

#include <string.h>

rp_verdict ask(asked *a, rp_str gold, rp_str text, bool is_response) {
    rp_arena_release(a->scratch);
    const rp_verdict v = is_response ? rp_verify_response(a->scratch, gold, text, &a->options)
                                     : rp_verify_answer(a->scratch, gold, text, &a->options);
    a->tally->pairs++;
    a->tally->equal += v.kind == RP_VERDICT_EQUAL;
    a->tally->budget += v.kind == RP_VERDICT_BUDGET;
    return v;
}

bool is_equal(asked *a, rp_str gold, rp_str text, bool is_response) {
    return ask(a, gold, text, is_response).kind == RP_VERDICT_EQUAL;
}

double progress(const rp_verdict *v) {
    if (v->kind == RP_VERDICT_EQUAL)
        return v->certificate == RP_CERT_NUMERIC ? 9 : v->certificate == RP_CERT_PROBABLE ? 8 : 7;
    if (v->kind == RP_VERDICT_BUDGET) return v->reason == RP_REASON_PRECISION ? 5 : 4;
    if (v->kind == RP_VERDICT_UNPARSED) return 0;
    return v->reason == RP_REASON_KIND || v->reason == RP_REASON_OTHER_TEXT ? 1 : 2;
}

/* ---- What the policies leave out ---------------------------------------------------------------------------------- */

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* Without "name =" at the beginning of it and of its items, and without "\in". */
static rp_str without_names(rp_arena *arena, rp_str gold) {
    rp_buffer out = rp_buffer_in(arena);
    size_t from = 0;
    for (size_t i = 0; i <= gold.length; i++) {
        const bool end = i == gold.length, comma = !end && (gold.data[i] == ',' || gold.data[i] == ';');
        if (!end && gold.data[i] == '=' && (i + 1 == gold.length || gold.data[i + 1] != '=')) from = i + 1;
        if (!end && i + 3 < gold.length && memcmp(gold.data + i, "\\in", 3) == 0 && !is_word(gold.data[i + 3]))
            from = i + 3;
        if (!end && !comma) continue;
        rp_buffer_append(&out, gold.data + from, i - from + comma);
        from = i + 1;
    }
    return (rp_str){out.data ? out.data : "", out.length};
}

/* Up to the unit: "5 cm", "5 (apples)", "5\text{ m}", "5\%", "5^\circ"; and behind "$". */
static rp_str without_unit(rp_arena *arena, rp_str gold) {
    (void)arena;
    size_t begin = 0, i = 0;
    while (begin < gold.length && strchr("$\\ ", gold.data[begin])) begin++;
    for (i = begin; i < gold.length; i++) {
        const char *at = gold.data + i;
        const size_t left = gold.length - i;
        const bool command =
            left > 5 && (memcmp(at, "\\text", 5) == 0 || memcmp(at, "\\math", 5) == 0 || memcmp(at, "\\mbox", 5) == 0);
        if (command || *at == '%' || (*at == '\\' && left > 1 && at[1] == '%') || (left > 2 && memcmp(at, "^\\c", 3) == 0))
            break;
        if (i > begin && at[-1] == ' ' && (is_word(*at) || *at == '(')) break;
    }
    return i > begin ? (rp_str){gold.data + begin, i - begin} : gold;
}

/* Without one pair of outer brackets. */
static rp_str without_brackets(rp_arena *arena, rp_str gold) {
    rp_buffer out = rp_buffer_in(arena);
    for (size_t i = 0; i < gold.length; i++) {
        const char c = gold.data[i];
        if (strchr("()[]", c)) continue;
        if (c == '\\' && i + 1 < gold.length && strchr("{}", gold.data[i + 1])) {
            i++;
            continue;
        }
        rp_buffer_char(&out, c);
    }
    return (rp_str){out.data ? out.data : "", out.length};
}

/* The letter of "(B) 12", "B. 12", "\textbf{(B)} 12". */
static rp_str choice_letter(rp_arena *arena, rp_str gold) {
    (void)arena;
    for (size_t i = 0; i < gold.length && i < 12; i++)
        if (gold.data[i] >= 'A' && gold.data[i] <= 'H' && (i + 1 == gold.length || !is_word(gold.data[i + 1])))
            return (rp_str){gold.data + i, 1};
    return gold;
}

/* The one formula of a sentence: "So the answer is $36$." */
static rp_str its_formula(rp_arena *arena, rp_str gold) {
    (void)arena;
    const char *open = memchr(gold.data, '$', gold.length);
    const size_t rest = open ? gold.length - (size_t)(open + 1 - gold.data) : 0;
    const char *close = rest ? memchr(open + 1, '$', rest) : NULL;
    return close && close > open + 1 ? (rp_str){open + 1, (size_t)(close - open - 1)} : gold;
}

typedef rp_str leave_out(rp_arena *arena, rp_str gold);
static leave_out *const policies[] = {without_names, without_unit, without_brackets, choice_letter, its_formula};
enum { POLICIES = sizeof policies / sizeof policies[0] };

static bool same(asked *a, rp_str x, rp_str y) {
    return is_equal(a, x, y, false) || is_equal(a, y, x, false);
}

static bool mentions(rp_str text, const char *part) {
    const size_t n = strlen(part);
    for (size_t i = 0; i + n <= text.length; i++)
        if (memcmp(text.data + i, part, n) == 0) return true;
    return false;
}

/* 28 and 28 % are worth the same by policy, so an answer in percent equals 28 and 0.28. */
static bool percent_apart(asked *a, rp_arena *arena, rp_str x, rp_str y) {
    rp_buffer scaled = rp_buffer_in(arena);
    const rp_str core = without_unit(arena, x);
    rp_buffer_format(&scaled, "\\frac{%.*s}{100}", (int)core.length, core.data);
    return same(a, (rp_str){scaled.data, scaled.length}, without_unit(arena, y));
}

bool is_fault(asked *a, rp_arena *arena, rp_str first, rp_str second, rp_str text, bool is_response) {
    if (same(a, first, second)) return false;
    /* What one policy leaves out, then a second one: "x=5 cm". */
    for (size_t i = 0; i < POLICIES; i++)
        for (size_t k = 0; k < POLICIES; k++) {
            const rp_str x = policies[k](arena, policies[i](arena, first)),
                         y = policies[k](arena, policies[i](arena, second));
            if (x.length == 0 || y.length == 0 || !same(a, x, y)) continue;
            /* … and the answer is just what remains, not something with parts of its own. */
            if (is_equal(a, x, text, is_response)) {
                a->tally->excused++;
                return false;
            }
        }
    if ((mentions(text, "%") || mentions(text, "percent") || mentions(first, "%") || mentions(second, "%")) &&
        (percent_apart(a, arena, first, second) || percent_apart(a, arena, second, first))) {
        a->tally->excused++;
        return false;
    }
    return true;
}
