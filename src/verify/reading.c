/* SPDX-License-Identifier: MIT
 *
 * reading.c — some texts have more than one reading: 1,234 is a number or a list, \log has no base, j may be i, a comma may
 * be a decimal point, a + b = 27 may announce 27.
 *
 * Each further reading is one row of the table below. The rows are tried in order, always the same one for both sides, and
 * the first that makes them equal counts; when none does, the verdict is that of the first row, the texts as written.
 */
#include "reading.h"

#include "explain.h"
#include "find/bytes.h"
#include "read/prose.h"

#include <string.h>

/* ---- From text to tokens to a tree ------------------------------------------------------------------------------- */

/* Markdown and quotes around an answer: **5**, `5`, "5", '5'. */
static rp_str strip_marks(rp_str s) {
    static const char marks[] = "*`\"'";
    s = rp_text_trim(s);
    while (s.length >= 2 && strchr(marks, s.data[0]) && s.data[s.length - 1] == s.data[0])
        s = rp_text_trim(rp_text_slice(s, 1, s.length - 1));
    return s;
}

static size_t without_trailing_stop(const rp_tokens *t) {
    size_t end = t->count;
    while (end > 0 && t->items[end - 1].kind == T_UNKNOWN && rp_token_is_text(&t->items[end - 1], ".")) end--;
    return end;
}

/* What the tokens are, before anybody parses them. */
static bool look_at_words(rp_work *work, rp_reading *r) {
    const size_t end = without_trailing_stop(&r->tokens);
    r->prose = end > 0 && rp_prose_is(r->tokens.items, 0, end);
    r->words = (rp_str){"", 0};
    if (end > 0 && rp_prose_is_letters(r->tokens.items, 0, end)) r->words = rp_prose_normal(work, r->tokens.items, 0, end);
    return !work->failed;
}

/* "$1.25" with no second dollar sign is money: "\$1.25". */
static rp_str with_currency(rp_work *work, rp_str s) {
    const bool opens = s.length > 1 && s.data[0] == '$' && rp_is_digit(s.data[1]);
    if (!opens || memchr(s.data + 1, '$', s.length - 1)) return s;
    char *copy = rp_work_new(work, char, s.length + 1);
    if (!copy) return s;
    copy[0] = '\\';
    memcpy(copy + 1, s.data, s.length);
    return (rp_str){copy, s.length + 1};
}

bool rp_reading_lex(rp_work *work, rp_str source, rp_reading *r) {
    *r = (rp_reading){.source = strip_marks(source), .reason = RP_REASON_SYNTAX};
    if (r->source.length > RP_LIMIT_ANSWER) return rp_work_fail(work, RP_REASON_INPUT);
    r->source = with_currency(work, r->source);
    r->folded = rp_unicode_fold(work, r->source);
    if (work->failed || !rp_lex(work, r->folded.text, &r->tokens)) return false;
    return look_at_words(work, r);
}

bool rp_reading_part(rp_work *work, const rp_reading *whole, size_t begin, size_t end, rp_reading *part) {
    rp_token *copy = rp_work_new(work, rp_token, end - begin + 1);
    if (!copy || !rp_work_pay(work, (long)(end - begin))) return false;
    memcpy(copy, whole->tokens.items + begin, (end - begin) * sizeof *copy);
    copy[end - begin] = whole->tokens.items[whole->tokens.count]; /* T_END */
    *part = *whole;
    part->tokens = (rp_tokens){copy, end - begin};
    part->tree = NULL;
    return look_at_words(work, part);
}

/* Parsing changes tokens, so every reading works on a copy. */
bool rp_reading_parse(rp_work *work, rp_reading *r, bool group_commas) {
    rp_token *copy = rp_work_new(work, rp_token, r->tokens.count + 1);
    if (!copy) return false;
    memcpy(copy, r->tokens.items, (r->tokens.count + 1) * sizeof *copy);
    const rp_parse_result result = rp_parse(work, (rp_tokens){copy, r->tokens.count}, group_commas);
    r->tree = result.tree;
    if (result.tree) return !work->failed;
    r->reason = r->folded.had_bad_utf8 ? RP_REASON_BAD_UTF8 : result.reason;
    r->offset = rp_folded_origin(&r->folded, r->source, result.offset);
    return false;
}

/* ---- Readings of two trees --------------------------------------------------------------------------------------- */

typedef struct pair {
    const rp_reading *gold_text, *answer_text;
    const rp_node *gold, *answer;
    bool decimal_log;
} pair;

static bool as_written(rp_work *work, pair *p) {
    (void)work;
    (void)p;
    return true;
}

static bool has_open_log(const rp_node *a) {
    if (a->kind == RP_FUNCTION && a->op == RP_FN_LOG && a->count == 1) return true;
    for (uint32_t i = 0; i < a->count; i++)
        if (has_open_log(a->kids[i])) return true;
    return false;
}

static bool decimal_logarithms(rp_work *work, pair *p) {
    (void)work;
    p->decimal_log = true;
    return has_open_log(p->gold) || has_open_log(p->answer);
}

static bool has_decimal(const rp_tokens *t) {
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].kind == T_NUMBER && memchr(t->items[i].text.data, '.', t->items[i].text.length)) return true;
    return false;
}

/* "2,74": exactly one tight comma between digits, and no group of three. */
static bool decimal_comma(rp_work *work, const rp_reading *r, rp_q *value) {
    const rp_token *t = r->tokens.items;
    const bool negative = t[0].kind == T_MINUS;
    const size_t at = negative;
    if (without_trailing_stop(&r->tokens) != at + 3 || !rp_token_is_integer(&t[at]) || t[at + 1].kind != T_COMMA ||
        !rp_token_is_integer(&t[at + 2]))
        return false;
    if (((t[at + 1].flags | t[at + 2].flags) & TF_SPACE) != 0) return false;
    if (t[at + 2].text.length == 3 && t[at].text.length <= 3 && t[at].text.data[0] != '0') return false; /* 1,234 groups */
    rp_q whole, part;
    (void)rp_q_digits(work, t[at].text.data, t[at].text.length, 10, &whole);
    (void)rp_q_digits(work, t[at + 2].text.data, t[at + 2].text.length, 10, &part);
    part = rp_q_div(work, part, rp_q_pow(work, rp_q_int(10), (int64_t)t[at + 2].text.length));
    *value = rp_q_add(work, whole, part);
    if (negative) *value = rp_q_neg(work, *value);
    return !work->failed;
}

static bool comma_in_answer_is_a_point(rp_work *work, pair *p) {
    rp_q value;
    if (!has_decimal(&p->gold_text->tokens) || !decimal_comma(work, p->answer_text, &value)) return false;
    p->answer = rp_tree_number(work, value);
    return true;
}

static bool comma_in_gold_is_a_point(rp_work *work, pair *p) {
    rp_q value;
    const rp_token *first = &p->gold_text->tokens.items[0];
    if (!has_decimal(&p->answer_text->tokens) || first->text.length == 0 || first->text.data[0] != '0') return false;
    if (!decimal_comma(work, p->gold_text, &value)) return false; /* 0,125: no list begins so */
    p->gold = rp_tree_number(work, value);
    return true;
}

/* 1 + 2j for 1 + 2i, when one side has only i and the other only j. */
static bool j_is_imaginary(rp_work *work, pair *p) {
    const rp_str i = rp_str_of("i"), j = rp_str_of("j");
    const bool gold_i = rp_tree_has_symbol(p->gold, i), gold_j = rp_tree_has_symbol(p->gold, j);
    const bool answer_i = rp_tree_has_symbol(p->answer, i), answer_j = rp_tree_has_symbol(p->answer, j);
    if (gold_i && !gold_j && answer_j && !answer_i) {
        p->answer = rp_tree_substitute(work, p->answer, j, rp_tree_constant(work, RP_I));
        return true;
    }
    if (!gold_j || gold_i || !answer_i || answer_j) return false;
    p->gold = rp_tree_substitute(work, p->gold, j, rp_tree_constant(work, RP_I));
    return true;
}

/* a + b, mnp: a sum or product of letters and nothing else, as questions ask for. */
static bool is_asked_for(const rp_node *a) {
    if (a->kind != RP_SUM && a->kind != RP_PRODUCT) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (a->kids[i]->kind != RP_SYMBOL || a->kids[i]->name.length != 1) return false;
    return true;
}

/* a + b = 27 announces the 27 that was asked for; x - 1 = 26 is an equation for x. Gold-driven: a gold a + b = 27 is a line. */
static bool equation_announces_its_right_side(rp_work *work, pair *p) {
    const rp_node *a = p->answer;
    if (rp_tree_is_answer_kind(p->gold) || a->kind != RP_RELATION || a->count != 2 || a->name.data[0] != RP_REL_EQ)
        return false;
    if (!is_asked_for(a->kids[0]) || rp_tree_is_answer_kind(a->kids[1])) return false;
    if (!rp_is_constant(rp_simplify(work, a->kids[1])) || !rp_is_constant(rp_simplify(work, p->gold))) return false;
    p->answer = a->kids[1];
    return true;
}

/* The specification of what is tried, in order. */
static const struct {
    const char *what;
    bool (*applies)(rp_work *work, pair *p); /* changes its copy of the pair */
} rows[] = {
    {"as written", as_written},
    {"\\log without a base as the decimal logarithm", decimal_logarithms},
    {"the gold has a decimal point: the answer's comma read as one", comma_in_answer_is_a_point},
    {"the answer has a decimal point: the gold's comma read as one", comma_in_gold_is_a_point},
    {"one side has i, the other j: j as the imaginary unit", j_is_imaginary},
    {"a sum or product of letters is given a value: the value", equation_announces_its_right_side},
};

static rp_finding compare_trees(rp_work *work, const rp_reading *gold, const rp_reading *answer) {
    rp_finding first = rp_differs(RP_REASON_VALUE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pair p = {gold, answer, gold->tree, answer->tree, false};
        if (!rows[i].applies(work, &p)) continue;
        if (i > 0) rp_explain(work, "once more: %s", rows[i].what);
        work->decimal_log = p.decimal_log;
        const rp_finding finding = rp_compare_answers(work, p.gold, p.answer);
        work->decimal_log = false;
        if (finding.outcome == RP_SAME || work->failed) return finding;
        if (i == 0) first = finding;
    }
    return first;
}

/* ---- Commas ------------------------------------------------------------------------------------------------------ */

static bool is_group_of_three(const rp_token *t) {
    return rp_token_is_integer(t) && t->text.length == 3;
}

/* The text has a comma that may group digits: behind a number and followed by three digits. */
static bool may_group(const rp_tokens *t) {
    for (size_t i = 1; i + 1 < t->count; i++)
        if (t->items[i].kind == T_COMMA && t->items[i - 1].kind == T_NUMBER && is_group_of_three(&t->items[i + 1]))
            return true;
    return false;
}

bool rp_reading_has_zero_group(const rp_reading *r) {
    const rp_tokens *t = &r->tokens;
    for (size_t i = 1; i < t->count; i++)
        if (t->items[i - 1].kind == T_COMMA && is_group_of_three(&t->items[i]) && t->items[i].text.data[0] == '0')
            return true;
    return false;
}

/* Commas group digits on both sides, or separate items on both: the other way is tried when the first finds no equality. */
rp_finding rp_reading_compare(rp_work *work, rp_reading *gold, rp_reading *answer, bool group) {
    const rp_finding first = compare_trees(work, gold, answer);
    if (first.outcome == RP_SAME || work->failed) return first;
    if (rp_reading_has_zero_group(gold) || rp_reading_has_zero_group(answer)) return first;
    if (!may_group(&gold->tokens) && (group || !may_group(&answer->tokens))) return first;
    if (group && answer->tree->kind != RP_LIST) return first;
    rp_reading other_gold = *gold, other_answer = *answer;
    if (!rp_reading_parse(work, &other_gold, !group) || !rp_reading_parse(work, &other_answer, !group)) return first;
    rp_explain(work, "once more with commas that %s", group ? "separate items" : "group digits");
    const rp_finding second = compare_trees(work, &other_gold, &other_answer);
    if (second.outcome != RP_SAME) return first;
    *gold = other_gold;
    *answer = other_answer;
    return second;
}
