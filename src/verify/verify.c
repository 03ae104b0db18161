/* SPDX-License-Identifier: MIT
 *
 * verify.c — the two calls of the public header: extract when there is a response, then judge.
 *
 * The fast path comes first: two plain numbers are compared without an arena and without a parser.
 */
#include "explain.h"
#include "find/bytes.h"
#include "find/extract.h"
#include "judge.h"
#include "read/number.h"

#include <string.h>

static rp_verdict verdict_of(rp_verdict_kind kind, rp_verify_reason reason, rp_certificate_kind certificate) {
    return (rp_verdict){.kind = kind, .reason = reason, .certificate = certificate};
}

static bool compare_plain(rp_str gold, rp_str answer, const rp_verify_options *options, rp_verdict *verdict) {
    rp_plain a, b;
    if (!rp_plain_read(gold, &a) || !rp_plain_read(answer, &b)) return false;
    const bool equal = a.num == b.num && a.den == b.den;
    if (!equal && options->rounded) return false; /* how many digits were written matters then */
    *verdict = verdict_of(equal ? RP_VERDICT_EQUAL : RP_VERDICT_DIFFERENT, equal ? RP_REASON_RATIONAL : RP_REASON_VALUE,
                          RP_CERT_PROVED);
    verdict->gold = rp_text_trim(gold);
    verdict->answer = rp_text_trim(answer);
    return true;
}

static rp_work open_work(rp_arena *arena, const rp_verify_options *options, rp_buffer *explain) {
    return (rp_work){.arena = arena,
                     .options = options,
                     .explain = explain,
                     .steps = RP_LIMIT_STEPS,
                     .nodes = RP_LIMIT_NODES,
                     .scratch = rp_exact_open(arena)};
}

/* ---- What counts as an answer ------------------------------------------------------------------------------------ */

static rp_answer_kind kind_of(rp_arena *arena, rp_str text, const rp_verify_options *options) {
    rp_plain plain;
    if (rp_plain_read(text, &plain)) return RP_ANSWER_VALUE;
    if (rp_text_is_blank(text)) return RP_ANSWER_NOT;
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_work work = open_work(arena, options, NULL);
    const rp_answer_kind kind = rp_judge_answer_kind(&work, text);
    rp_exact_close(&work);
    rp_arena_rewind(arena, mark);
    return kind;
}

static bool is_answer(rp_arena *arena, rp_str text, const rp_verify_options *options) {
    return kind_of(arena, text, options) != RP_ANSWER_NOT;
}

/* The value that a sentence commits to: the first of its candidates that is an answer. */
static rp_answer_kind value_of_sentence(rp_arena *arena, rp_str sentence, const rp_verify_options *options, rp_str *value) {
    rp_str candidates[RP_CANDIDATES];
    const size_t count = rp_sentence_candidates(arena, sentence, candidates);
    for (size_t i = 0; i < count; i++) {
        const rp_answer_kind kind = kind_of(arena, candidates[i], options);
        if (kind == RP_ANSWER_NOT) continue;
        *value = candidates[i];
        return kind;
    }
    return RP_ANSWER_NOT;
}

/* ---- Where the answer is ----------------------------------------------------------------------------------------- */

static const rp_span nowhere = {{NULL, 0}, RP_SPAN_NONE};

/* A value that is announced behind a box replaces the box; a word does not: "The answer is positive, since …". False when the
 * announcements take the box back. */
static bool announced_behind(rp_arena *arena, rp_str tail, const rp_verify_options *options, rp_span *span) {
    enum { LOOKED_AT = 8 };
    rp_announcement a;
    size_t before = tail.length;
    for (int i = 0; i < LOOKED_AT && rp_anchor_find(tail, &before, &a); i++) {
        if (a.sentence.length == 0 || rp_withdrawn_behind(tail, a.end)) return false;
        rp_str value;
        if (value_of_sentence(arena, a.sentence, options, &value) != RP_ANSWER_VALUE) continue;
        *span = (rp_span){value, RP_SPAN_ANCHOR};
        return true;
    }
    return true;
}

/* The last announcement that stands. Its sentence is the span even when it commits to no value: an earlier one does not
 * speak for it. */
static rp_span announced(rp_arena *arena, rp_str text, const rp_verify_options *options) {
    rp_announcement a;
    size_t before = text.length;
    if (!rp_anchor_find(text, &before, &a) || a.sentence.length == 0 || rp_withdrawn_behind(text, a.end)) return nowhere;
    rp_span span = {a.sentence, RP_SPAN_ANCHOR};
    if (value_of_sentence(arena, a.sentence, options, &span.text) == RP_ANSWER_NOT) {
        rp_str candidates[RP_CANDIDATES];
        if (rp_sentence_candidates(arena, a.sentence, candidates) == 0) return nowhere; /* left open */
        if (options->lenient && rp_first_number(a.sentence, &candidates[0]) &&
            !rp_spoken_against(a.sentence, candidates[0]))
            span.text = candidates[0];
    }
    return span;
}

/* The marks that say "this is the final answer", the strongest first: a box, a line or a tag, an announcement. */
static rp_span extract_marked(rp_arena *arena, rp_str text, const rp_verify_options *options) {
    rp_span span = nowhere;
    size_t end = 0;
    const rp_boxed boxed = rp_box_find(arena, text, options, &span.text, &end);
    if (boxed == RP_BOXED_CUT_OFF) return nowhere;
    if (boxed != RP_BOXED_NOT) {
        span.rule = RP_SPAN_BOX;
        const bool stands = announced_behind(arena, rp_text_slice(text, end, text.length), options, &span);
        const bool replaced = span.rule == RP_SPAN_ANCHOR;
        return replaced || (stands && boxed == RP_BOXED) ? span : nowhere;
    }
    if (rp_last_line_or_tag(text, &span)) return span;
    return announced(arena, text, options);
}

/* A formula that is no answer ("$? just about 1$": a dollar sign too many) gives way to the last number. */
static rp_span extract_lenient(rp_arena *arena, rp_str text, bool want_letter, const rp_verify_options *options) {
    const rp_span span = rp_extract_lenient(text, want_letter, true);
    if (span.rule == RP_SPAN_NONE || is_answer(arena, span.text, options)) return span;
    const rp_span number = rp_extract_lenient(text, want_letter, false);
    return number.rule == RP_SPAN_NONE ? span : number;
}

static bool is_letter(rp_str gold) {
    gold = rp_text_trim(gold);
    return gold.length == 1 && gold.data[0] >= 'A' && gold.data[0] <= 'Z';
}

static rp_span extract(rp_arena *arena, rp_str gold, rp_str response, const rp_verify_options *options) {
    rp_str text;
    if (!rp_after_thoughts(response, &text)) return nowhere;
    const rp_span span = extract_marked(arena, text, options);
    if (span.rule != RP_SPAN_NONE) return span;
    static const char *const open[] = {"either", "neither", "about",  "around",  "roughly", "almost",
                                       "nearly", "not",     "isn't",  "never",   "cannot",  "unknown",
                                       "answer", "\\boxed", "\\fbox", "<answer>"};
    const rp_str whole = rp_text_trim(text);
    rp_str candidates[RP_CANDIDATES];
    size_t at;
    const bool left_open = whole.length < 200 && rp_text_find_any_word(whole, open, sizeof open / sizeof open[0], &at);
    if (!left_open && is_answer(arena, whole, options) && rp_sentence_candidates(arena, whole, candidates))
        return (rp_span){whole, RP_SPAN_WHOLE};
    return options->lenient ? extract_lenient(arena, whole, is_letter(gold), options) : span;
}

/* Both sides may come boxed, tagged or after ####; a gold also at the end of a worked solution. The answer in it counts. */
static rp_str unwrap(rp_arena *arena, rp_str text, bool is_gold, const rp_verify_options *options) {
    if (text.length == 0) return (rp_str){"", 0}; /* a caller's empty text may be NULL, and no pointer sum starts there */
    const bool marked =
        memchr(text.data, '\\', text.length) || memchr(text.data, '#', text.length) || memchr(text.data, '<', text.length);
    const bool long_gold = is_gold && (options->lenient || text.length >= 40);
    if (!marked && !long_gold) return text;
    rp_str rest;
    if (!rp_after_thoughts(text, &rest)) return text;
    rp_span span = nowhere;
    size_t end;
    if (rp_box_find(arena, rest, options, &span.text, &end) == RP_BOXED) return span.text;
    if (rp_last_line_or_tag(rest, &span)) return span.text;
    if (!is_gold || (!options->lenient && is_answer(arena, text, options))) return text;
    span = announced(arena, rest, options);
    return span.rule == RP_SPAN_ANCHOR ? span.text : text;
}

static rp_verdict judge_once(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options,
                             rp_buffer *explain) {
    rp_work work = open_work(arena, options, explain);
    const rp_verdict verdict = rp_judge(&work, gold, answer);
    rp_exact_close(&work);
    return verdict;
}

/* A gold that is a sentence outside the grammar may still give its value: "The smallest such n is 248." */
static bool value_of_gold(rp_arena *arena, rp_str gold, const rp_verify_options *options, rp_str *value) {
    const rp_str tail = rp_sentence_after_verb(gold);
    return tail.length > 0 && value_of_sentence(arena, tail, options, value) == RP_ANSWER_VALUE;
}

/* So may an answer in the mode of text: \text{There are }27\text{ apples}. */
static bool value_of_text(rp_arena *arena, rp_str answer, const rp_verify_options *options, rp_str *value) {
    size_t at;
    if (!rp_text_find_last(answer, answer.length, "\\text", &at)) return false;
    return value_of_sentence(arena, rp_without_text_mode(arena, answer), options, value) == RP_ANSWER_VALUE;
}

static rp_verdict judge(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options, rp_buffer *explain) {
    rp_str value;
    gold = unwrap(arena, gold, true, options);
    answer = unwrap(arena, answer, false, options);
    const rp_verdict verdict = judge_once(arena, gold, answer, options, explain);
    if (verdict.kind != RP_VERDICT_UNPARSED) return verdict;
    const bool gold_failed = verdict.reason == RP_REASON_GOLD_UNPARSED;
    if (gold_failed ? !value_of_gold(arena, gold, options, &value) : !value_of_text(arena, answer, options, &value))
        return verdict;
    if (explain)
        rp_buffer_format(explain, "the %s is a sentence: once more with its value\n", gold_failed ? "gold" : "answer");
    return judge_once(arena, gold_failed ? value : gold, gold_failed ? answer : value, options, explain);
}

static void explain_plain(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options,
                          rp_buffer *explain) {
    rp_work work = open_work(arena, options, explain);
    rp_explain(&work, "both are plain numbers: compared as 64-bit fractions in lowest terms, without a parser");
    rp_explain_reading(&work, "gold", gold, NULL, NULL);
    rp_explain_reading(&work, "answer", answer, NULL, NULL);
    rp_exact_close(&work);
}

static rp_verdict verify_answer(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options,
                                rp_buffer *explain) {
    rp_verdict verdict;
    if (compare_plain(gold, answer, options, &verdict)) {
        if (explain) explain_plain(arena, gold, answer, options, explain);
        return verdict;
    }
    return judge(arena, gold, answer, options, explain);
}

/* A request for memory that was refused anywhere on the way may have cut a text or hidden a token: whatever was found then
 * is not believed. `refusals` is what the arena had counted before. */
static rp_verdict unless_cut(const rp_arena *arena, size_t refusals, rp_verdict verdict) {
    if (rp_arena_refusals(arena) == refusals) return verdict;
    verdict.kind = RP_VERDICT_BUDGET;
    if (verdict.reason < RP_REASON_INPUT) verdict.reason = RP_REASON_STEPS;
    verdict.certificate = RP_CERT_NONE;
    verdict.bits = 0;
    return verdict;
}

rp_verdict rp_verify_answer(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options) {
    const size_t refusals = rp_arena_refusals(arena);
    return unless_cut(arena, refusals, verify_answer(arena, gold, answer, options, NULL));
}

/* ---- Responses --------------------------------------------------------------------------------------------------- */

bool rp_verify_extract(rp_arena *arena, rp_str response, const rp_verify_options *options, rp_str *span) {
    if (response.length > RP_LIMIT_RESPONSE) return false;
    const size_t refusals = rp_arena_refusals(arena);
    const rp_span found = extract(arena, (rp_str){"", 0}, response, options);
    if (found.rule == RP_SPAN_NONE || rp_arena_refusals(arena) > refusals) return false;
    *span = found.text;
    return true;
}

static rp_verdict verify_response(rp_arena *arena, rp_str gold, rp_str response, const rp_verify_options *options,
                                  rp_buffer *explain) {
    if (response.length > RP_LIMIT_RESPONSE) return verdict_of(RP_VERDICT_BUDGET, RP_REASON_INPUT, RP_CERT_NONE);
    const rp_span span = extract(arena, gold, response, options);
    if (explain) rp_buffer_format(explain, "extraction: %s\n", rp_span_rule_sentence(span.rule));
    if (span.rule == RP_SPAN_NONE) {
        rp_verdict verdict = verdict_of(RP_VERDICT_UNPARSED, RP_REASON_NO_ANSWER, RP_CERT_NONE);
        verdict.gold = gold;
        return verdict;
    }
    rp_verdict verdict = verify_answer(arena, gold, span.text, options, explain);
    verdict.span = span.text;
    return verdict;
}

rp_verdict rp_verify_response(rp_arena *arena, rp_str gold, rp_str response, const rp_verify_options *options) {
    const size_t refusals = rp_arena_refusals(arena);
    return unless_cut(arena, refusals, verify_response(arena, gold, response, options, NULL));
}

/* The rows of the table of equalities that fit the verdict. */
static void explain_equality(rp_buffer *out, const rp_verdict *verdict) {
    size_t count;
    const rp_equality_rule *rules = rp_equality_rules(&count);
    for (size_t i = 0; verdict->kind == RP_VERDICT_EQUAL && i < count; i++) {
        if (rules[i].reason != verdict->reason) continue;
        rp_buffer_format(out, "shown: %s\nfalse if: %s\n", rules[i].shown, rules[i].false_if);
    }
}

rp_str rp_verify_explain(rp_arena *arena, rp_str gold, rp_str text, bool is_response, const rp_verify_options *options,
                         rp_verdict *verdict) {
    rp_buffer out = rp_buffer_in(arena);
    const size_t refusals = rp_arena_refusals(arena);
    *verdict =
        is_response ? verify_response(arena, gold, text, options, &out) : verify_answer(arena, gold, text, options, &out);
    *verdict = unless_cut(arena, refusals, *verdict);
    rp_buffer_format(&out, "decided by: %s — %s\n", rp_reason_name(verdict->reason), rp_reason_sentence(verdict->reason));
    explain_equality(&out, verdict);
    return (rp_str){out.data ? out.data : "", out.failed ? 0 : out.length};
}
