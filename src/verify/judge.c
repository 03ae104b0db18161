/* SPDX-License-Identifier: MIT
 *
 * judge.c — one bare gold against one bare answer.
 *
 * Some texts have more than one reading: 1,234 is a number or a list, \log has no base, j may be i, a comma may be a
 * decimal point. The gold decides where it can; otherwise the readings are tried in a fixed order, always the same one for
 * both sides, and the first that makes them equal counts.
 */
#include "judge.h"

#include "algebra/enclose.h"
#include "explain.h"
#include "find/extract.h"
#include "read/prose.h"

#include <string.h>

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

typedef struct reading {
    rp_str source;
    rp_folded folded;
    rp_tokens tokens;
    bool prose;   /* words only */
    rp_str words; /* … in normal form */
    const rp_node *tree;
    rp_verify_reason reason;
    size_t offset;
} reading;

/* Markdown and quotes around an answer: **5**, `5`, "5". */
static rp_str strip_marks(rp_str s) {
    static const char marks[] = "*`\"";
    for (bool again = true; again && s.length >= 2;) {
        again = false;
        s = rp_text_trim(s);
        if (s.length >= 2 && strchr(marks, s.data[0]) && s.data[s.length - 1] == s.data[0]) {
            s = rp_text_slice(s, 1, s.length - 1);
            again = true;
        }
    }
    return rp_text_trim(s);
}

static size_t without_trailing_stop(const rp_tokens *t) {
    size_t end = t->count;
    while (end > 0 && t->items[end - 1].kind == T_UNKNOWN && rp_token_is_text(&t->items[end - 1], ".")) end--;
    return end;
}

static bool lex(rp_work *work, rp_str source, reading *r) {
    *r = (reading){.source = strip_marks(source), .reason = RP_REASON_SYNTAX};
    if (r->source.length > RP_LIMIT_ANSWER) return rp_work_fail(work, RP_REASON_INPUT);
    r->folded = rp_unicode_fold(work, r->source);
    if (work->failed || !rp_lex(work, r->folded.text, &r->tokens)) return false;
    const size_t end = without_trailing_stop(&r->tokens);
    r->prose = end > 0 && rp_prose_is(r->tokens.items, 0, end);
    if (end > 0 && rp_prose_is_letters(r->tokens.items, 0, end)) r->words = rp_prose_normal(work, r->tokens.items, 0, end);
    return !work->failed;
}

/* Parsing changes tokens, so every reading works on a copy. */
static bool parse(rp_work *work, reading *r, bool group_commas) {
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

/* ---- Explaining -------------------------------------------------------------------------------------------------- */

/* The canonical form for a reader: computed on a copy of the budgets, since telling must not change the outcome. */
static const rp_node *canonical_form(rp_work *work, const rp_node *tree) {
    if (!tree || rp_tree_is_answer_kind(tree) || rp_tree_contains(tree, RP_PLUSMINUS, -1)) return NULL;
    rp_work own = *work;
    own.explain = NULL;
    const rp_node *canonical = rp_simplify(&own, tree);
    work->scratch = own.scratch;
    return own.failed ? NULL : canonical;
}

static void explain_reading(rp_work *work, const char *who, const reading *r) {
    if (work->explain) rp_explain_reading(work, who, r->source, r->tree, canonical_form(work, r->tree));
}

/* ---- Readings ---------------------------------------------------------------------------------------------------- */

static bool has_decimal(const rp_tokens *t) {
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].kind == T_NUMBER && memchr(t->items[i].text.data, '.', t->items[i].text.length)) return true;
    return false;
}

/* "2,74" for a gold 2.74: exactly one tight comma between digits, and no group of three. */
static bool decimal_comma(rp_work *work, const reading *r, rp_q *value) {
    size_t at = 0;
    const rp_token *t = r->tokens.items;
    const bool negative = t[0].kind == T_MINUS;
    at += negative;
    if (without_trailing_stop(&r->tokens) != at + 3 || !rp_token_is_integer(&t[at]) || t[at + 1].kind != T_COMMA ||
        !rp_token_is_integer(&t[at + 2]))
        return false;
    if (((t[at + 1].flags | t[at + 2].flags) & TF_SPACE) != 0) return false;
    rp_q whole, part;
    (void)rp_q_digits(work, t[at].text.data, t[at].text.length, 10, &whole);
    (void)rp_q_digits(work, t[at + 2].text.data, t[at + 2].text.length, 10, &part);
    if (t[at + 2].text.length == 3 && t[at].text.length <= 3 && t[at].text.data[0] != '0') return false; /* 1,234 groups */
    part = rp_q_div(work, part, rp_q_pow(work, rp_q_int(10), (int64_t)t[at + 2].text.length));
    *value = rp_q_add(work, whole, part);
    if (negative) *value = rp_q_neg(work, *value);
    return !work->failed;
}

static bool joined_digits(const rp_token *t) {
    return rp_token_is_integer(t) && t->text.length == 3;
}

/* The text has a comma that may group digits: behind a number and followed by three digits. */
static bool may_group(const rp_tokens *t) {
    for (size_t i = 1; i + 1 < t->count; i++)
        if (t->items[i].kind == T_COMMA && t->items[i - 1].kind == T_NUMBER && joined_digits(&t->items[i + 1])) return true;
    return false;
}

/* … but 000 is no number of a list: 1,000, 2,000 are two thousands. */
static bool has_zero_group(const rp_tokens *t) {
    for (size_t i = 1; i < t->count; i++)
        if (t->items[i - 1].kind == T_COMMA && joined_digits(&t->items[i]) && t->items[i].text.data[0] == '0') return true;
    return false;
}

static bool has_open_log(const rp_node *a) {
    if (a->kind == RP_FUNCTION && a->op == RP_FN_LOG && a->count == 1) return true;
    for (uint32_t i = 0; i < a->count; i++)
        if (has_open_log(a->kids[i])) return true;
    return false;
}

/* \log without a base: natural, then decimal. */
static rp_finding compare_logs(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_finding natural = rp_compare_answers(work, gold, answer);
    if (natural.outcome == RP_SAME || (!has_open_log(gold) && !has_open_log(answer))) return natural;
    rp_explain(work, "\\log without a base: once more as the decimal logarithm");
    work->decimal_log = true;
    const rp_finding decimal = rp_compare_answers(work, gold, answer);
    work->decimal_log = false;
    return decimal.outcome == RP_SAME ? decimal : natural;
}

/* 1 + 2j for 1 + 2i, when one side has only i and the other only j. */
static rp_finding compare_engineers(rp_work *work, const rp_node *gold, const rp_node *answer) {
    const rp_str i = rp_str_of("i"), j = rp_str_of("j");
    const bool gold_i = rp_tree_has_symbol(gold, i), gold_j = rp_tree_has_symbol(gold, j);
    const bool answer_i = rp_tree_has_symbol(answer, i), answer_j = rp_tree_has_symbol(answer, j);
    const rp_node *unit = rp_tree_constant(work, RP_I);
    if ((gold_i && !gold_j && answer_j && !answer_i) || (gold_j && !gold_i && answer_i && !answer_j))
        rp_explain(work, "one side has i, the other j: once more with j as the imaginary unit");
    if (gold_i && !gold_j && answer_j && !answer_i)
        return rp_compare_answers(work, gold, rp_tree_substitute(work, answer, j, unit));
    if (gold_j && !gold_i && answer_i && !answer_j)
        return rp_compare_answers(work, rp_tree_substitute(work, gold, j, unit), answer);
    return rp_differs(RP_REASON_VALUE);
}

static rp_finding compare_readings(rp_work *work, reading *gold, reading *answer) {
    const rp_finding first = compare_logs(work, gold->tree, answer->tree);
    if (first.outcome == RP_SAME || work->failed) return first;
    rp_q value;
    if (has_decimal(&gold->tokens) && decimal_comma(work, answer, &value)) {
        rp_explain(work, "the gold has a decimal point: the answer's comma read as one");
        const rp_finding comma = rp_compare_answers(work, gold->tree, rp_tree_number(work, value));
        if (comma.outcome == RP_SAME) return comma;
    }
    if (has_decimal(&answer->tokens) && gold->tokens.items[0].text.data[0] == '0' && decimal_comma(work, gold, &value)) {
        const rp_finding comma =
            rp_compare_answers(work, rp_tree_number(work, value), answer->tree); /* 0,125: no list begins so */
        if (comma.outcome == RP_SAME) return comma;
    }
    const rp_finding engineer = compare_engineers(work, gold->tree, answer->tree);
    return engineer.outcome == RP_SAME ? engineer : first;
}

/* Commas group digits on both sides, or separate items on both: the other way is tried when the first finds no equality. */
static rp_finding compare_commas(rp_work *work, reading *gold, reading *answer, bool group) {
    const rp_finding first = compare_readings(work, gold, answer);
    if (first.outcome == RP_SAME || work->failed) return first;
    if (has_zero_group(&gold->tokens) || has_zero_group(&answer->tokens)) return first;
    if (!may_group(&gold->tokens) && (group || !may_group(&answer->tokens))) return first;
    if (group && answer->tree->kind != RP_LIST) return first;
    reading other_gold = *gold, other_answer = *answer;
    if (!parse(work, &other_gold, !group) || !parse(work, &other_answer, !group)) return first;
    rp_explain(work, "once more with commas that %s", group ? "separate items" : "group digits");
    const rp_finding second = compare_readings(work, &other_gold, &other_answer);
    if (second.outcome != RP_SAME) return first;
    *gold = other_gold;
    *answer = other_answer;
    return second;
}

/* ---- Rounded decimals -------------------------------------------------------------------------------------------- */

/* A decimal with k digits equals the other side rounded to k digits; k digits must say something (3 significant ones). */
static bool equals_rounded(rp_work *work, const rp_node *decimal, const rp_node *exact) {
    if (decimal->kind != RP_NUMBER || decimal->flags == 0 || rp_tree_is_answer_kind(exact)) return false;
    const rp_node *value = rp_simplify(work, exact);
    rp_q rounded;
    const rp_q least = rp_q_pow(work, rp_q_int(10), 2 - (int64_t)decimal->flags);
    const rp_q size = rp_q_sign(decimal->q) < 0 ? rp_q_neg(work, decimal->q) : decimal->q;
    if (rp_q_cmp(work, size, least) < 0 || !rp_is_constant(value)) return false;
    if (!rp_constant_round(work, value, decimal->flags, &rounded)) return false;
    return rp_q_equal(rounded, decimal->q);
}

static bool approximately(rp_work *work, const rp_node *gold, const rp_node *answer) {
    if (gold->kind == answer->kind && gold->count == answer->count && gold->count > 0 && rp_tree_is_answer_kind(gold) &&
        gold->op == answer->op && gold->flags == answer->flags && rp_str_equal(gold->name, answer->name)) {
        for (uint32_t i = 0; i < gold->count; i++)
            if (!approximately(work, gold->kids[i], answer->kids[i]) &&
                rp_compare_nodes(work, gold->kids[i], answer->kids[i]).outcome != RP_SAME)
                return false;
        return true;
    }
    return equals_rounded(work, answer, gold) || equals_rounded(work, gold, answer);
}

/* ---- The verdict ------------------------------------------------------------------------------------------------- */

static rp_verdict verdict_of(rp_verdict_kind kind, rp_verify_reason reason, rp_certificate_kind certificate, int bits) {
    return (rp_verdict){.kind = kind, .reason = reason, .certificate = certificate, .bits = bits};
}

static rp_verdict from_finding(rp_finding f) {
    static const rp_verdict_kind kinds[] = {
        [RP_SAME] = RP_VERDICT_EQUAL, [RP_DIFFERENT] = RP_VERDICT_DIFFERENT, [RP_UNDECIDED] = RP_VERDICT_BUDGET};
    const bool decided = f.outcome != RP_UNDECIDED;
    return verdict_of(kinds[f.outcome], f.reason, decided ? f.certificate : RP_CERT_NONE, decided ? f.bits : 0);
}

/* The normal form of an answer, for the verdict: its canonical expression, or the answer as it was read. */
static rp_str normal_form(rp_work *work, const reading *r) {
    if (!r->tree) return r->prose ? r->words : (rp_str){"", 0};
    rp_buffer out = rp_buffer_in(work->arena);
    const rp_node *canonical = canonical_form(work, r->tree);
    rp_work own = *work; /* printing must not change the outcome */
    rp_tree_print(&own, canonical ? canonical : r->tree, &out);
    work->scratch = own.scratch;
    return (rp_str){out.data ? out.data : "", out.failed ? 0 : out.length};
}

static bool compare_words(rp_work *work, const reading *gold, const reading *answer, rp_verdict *verdict) {
    if (!gold->prose && !answer->prose) return false; /* \text{cat} and cat: to the lexer the second is a product */
    if (gold->words.length && rp_str_equal(gold->words, answer->words)) {
        rp_explain(work, "words on at least one side, and the same words on both");
        *verdict = verdict_of(RP_VERDICT_EQUAL, RP_REASON_TEXT, RP_CERT_PROVED, 0);
        return true;
    }
    return false;
}

/* A gold that is one capital letter may be a choice; then the answer's letter decides. */
static bool compare_choices(rp_work *work, const reading *gold, const reading *answer, rp_verdict *verdict) {
    const char wanted = rp_prose_choice(gold->tokens.items, without_trailing_stop(&gold->tokens));
    const char given = rp_prose_choice(answer->tokens.items, answer->tokens.count);
    if (!wanted || !given || gold->tokens.count > 8 || (answer->tokens.count == 1 && gold->tokens.count == 1)) return false;
    rp_explain(work, "a choice: the letters %c and %c are compared", wanted, given);
    *verdict = wanted == given ? verdict_of(RP_VERDICT_EQUAL, RP_REASON_CHOICE, RP_CERT_PROVED, 0)
                               : verdict_of(RP_VERDICT_DIFFERENT, RP_REASON_OTHER_TEXT, RP_CERT_NONE, 0);
    return true;
}

static rp_verdict compare_parsed(rp_work *work, reading *gold, reading *answer, bool group) {
    rp_finding finding = compare_commas(work, gold, answer, group);
    /* What nobody can compute is still equal to itself, as long as it means something. */
    if (finding.outcome != RP_SAME && finding.reason != RP_REASON_UNDEFINED && rp_tree_equal(gold->tree, answer->tree))
        finding = rp_found(RP_SAME, RP_REASON_IDENTICAL_TEXT, RP_CERT_PROVED, 0);
    if (finding.outcome == RP_DIFFERENT && work->options->rounded && approximately(work, gold->tree, answer->tree))
        finding = rp_found(RP_SAME, RP_REASON_APPROX, RP_CERT_NONE, 0);
    return from_finding(finding);
}

/* "Maria" against "Maria Lopez" is a difference of words, not a failure to parse. */
static rp_verdict unparsed(const reading *r, bool is_gold) {
    rp_verdict v = verdict_of(RP_VERDICT_UNPARSED, is_gold ? RP_REASON_GOLD_UNPARSED : r->reason, RP_CERT_NONE, 0);
    v.offset = r->offset;
    return v;
}

static rp_verdict judge_readings(rp_work *work, reading *gold, reading *answer, rp_judgement *j) {
    rp_verdict verdict;
    if (gold->tokens.count == 0) return unparsed(gold, true);
    if (answer->tokens.count == 0) return verdict_of(RP_VERDICT_UNPARSED, RP_REASON_EMPTY, RP_CERT_NONE, 0);
    j->answer_is_text = answer->prose;
    j->answer_parsed = true;
    if (compare_words(work, gold, answer, &verdict) || compare_choices(work, gold, answer, &verdict)) return verdict;
    const bool gold_parsed = parse(work, gold, true);
    if (!gold_parsed && !work->failed) return unparsed(gold, true);
    /* In a list commas separate, unless a group of zeros says otherwise. */
    const bool list = gold_parsed && gold->tree->kind == RP_LIST;
    const bool group = !list || has_zero_group(&gold->tokens) || has_zero_group(&answer->tokens);
    if (!group && !parse(work, gold, false) && !work->failed) return unparsed(gold, true);
    j->answer_parsed = gold_parsed && parse(work, answer, group);
    explain_reading(work, "gold", gold);
    explain_reading(work, "answer", answer);
    if (work->failed) return verdict_of(RP_VERDICT_BUDGET, work->failure, RP_CERT_NONE, 0);
    if (!j->answer_parsed) return unparsed(answer, false);
    j->answer_is_text = answer->tree->kind == RP_TEXT;
    return compare_parsed(work, gold, answer, group);
}

rp_judgement rp_judge(rp_work *work, rp_str gold, rp_str answer) {
    rp_judgement j = {.answer_parsed = false};
    reading g, a;
    const bool gold_read = lex(work, gold, &g);
    const bool answer_read = gold_read && lex(work, answer, &a);
    if (!answer_read) {
        j.verdict = verdict_of(RP_VERDICT_BUDGET, work->failure, RP_CERT_NONE, 0);
        return j;
    }
    j.verdict = judge_readings(work, &g, &a, &j);
    j.verdict.gold = normal_form(work, &g);
    j.verdict.answer = normal_form(work, &a);
    return j;
}

bool rp_judge_is_answer(rp_work *work, rp_str text) {
    enum { TOKENS = 64, BYTES = 400 };
    reading r;
    if (text.length > BYTES || !lex(work, text, &r) || r.tokens.count > TOKENS) return false;
    if (r.prose) return r.tokens.count == 1;
    if (rp_prose_choice(r.tokens.items, r.tokens.count)) return true;
    return parse(work, &r, true);
}
