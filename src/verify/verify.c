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

static bool is_answer(rp_arena *arena, rp_str text, const rp_verify_options *options) {
    rp_plain plain;
    if (rp_plain_read(text, &plain)) return true;
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_work work = open_work(arena, options, NULL);
    const bool is = !rp_text_is_blank(text) && rp_judge_is_answer(&work, text);
    rp_exact_close(&work);
    rp_arena_rewind(arena, mark);
    return is;
}

/* What an announcement is followed by: the sentence when it is an answer; what follows its last "is" ("the largest n is
 * 34"); the formula when it has exactly one. */
static rp_str refine_sentence(rp_arena *arena, rp_str sentence, const rp_verify_options *options) {
    static const char *const verbs[] = {" is ",   " are ", " equals ", " be ",    " est ",  " sont ", " ist ",
                                        " sind ", " es ",  " é ",      " è ",     "是",     "为",     "為",
                                        "等于",   "等於",  " равен ",  " равна ", " равно "};
    if (is_answer(arena, sentence, options)) return sentence;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        size_t at;
        if (!rp_text_find_last(sentence, sentence.length, verbs[i], &at)) continue;
        const rp_str tail = rp_text_trim(rp_text_slice(sentence, at + strlen(verbs[i]), sentence.length));
        if (is_answer(arena, tail, options)) return tail;
    }
    rp_str formula;
    return rp_only_formula(sentence, &formula) ? formula : sentence;
}

/* Both sides may come boxed, tagged or after ####; a gold also at the end of a worked solution. The answer in it counts. */
static rp_str unwrap(rp_arena *arena, rp_str text, bool is_gold, const rp_verify_options *options) {
    const bool marked =
        memchr(text.data, '\\', text.length) || memchr(text.data, '#', text.length) || memchr(text.data, '<', text.length);
    const bool long_gold = is_gold && (options->lenient || text.length >= 40);
    if (text.length == 0 || (!marked && !long_gold)) return text;
    const rp_span span = rp_extract_marked(arena, text, options);
    if (span.rule == RP_SPAN_BOX || span.rule == RP_SPAN_HASHES || span.rule == RP_SPAN_TAG) return span.text;
    if (span.rule != RP_SPAN_ANCHOR || !is_gold || (!options->lenient && is_answer(arena, text, options))) return text;
    return refine_sentence(arena, span.text, options);
}

static rp_verdict judge(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options, rp_buffer *explain) {
    rp_work work = open_work(arena, options, explain);
    const rp_verdict verdict = rp_judge(&work, unwrap(arena, gold, true, options), unwrap(arena, answer, false, options));
    rp_exact_close(&work);
    return verdict;
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

static bool is_letter(rp_str gold) {
    gold = rp_text_trim(gold);
    return gold.length == 1 && gold.data[0] >= 'A' && gold.data[0] <= 'Z';
}

/* A formula that is no answer ("$? just about 1$": a dollar sign too many) gives way to the last number. */
static rp_span extract_lenient(rp_arena *arena, rp_str text, bool want_letter, const rp_verify_options *options) {
    const rp_span span = rp_extract_lenient(text, want_letter, true);
    if (span.rule == RP_SPAN_NONE || is_answer(arena, span.text, options)) return span;
    const rp_span number = rp_extract_lenient(text, want_letter, false);
    return number.rule == RP_SPAN_NONE ? span : number;
}

static rp_span extract(rp_arena *arena, rp_str gold, rp_str response, const rp_verify_options *options) {
    rp_span span = rp_extract_marked(arena, response, options);
    rp_str sentence;
    if (span.rule == RP_SPAN_BOX && rp_final_anchor_behind(response, span.text, &sentence)) {
        sentence = refine_sentence(arena, sentence, options);
        if (is_answer(arena, sentence, options)) return (rp_span){sentence, RP_SPAN_ANCHOR};
    }
    if (span.rule == RP_SPAN_ANCHOR) {
        span.text = refine_sentence(arena, span.text, options);
        if (options->lenient && !is_answer(arena, span.text, options)) (void)rp_first_number(span.text, &span.text);
    }
    if (span.rule != RP_SPAN_NONE || !span.text.data) return span;
    const bool whole = is_answer(arena, span.text, options);
    if (whole) span.rule = RP_SPAN_WHOLE;
    return whole || !options->lenient ? span : extract_lenient(arena, span.text, is_letter(gold), options);
}

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

rp_str rp_verify_explain(rp_arena *arena, rp_str gold, rp_str text, bool is_response, const rp_verify_options *options,
                         rp_verdict *verdict) {
    rp_buffer out = rp_buffer_in(arena);
    const size_t refusals = rp_arena_refusals(arena);
    *verdict =
        is_response ? verify_response(arena, gold, text, options, &out) : verify_answer(arena, gold, text, options, &out);
    *verdict = unless_cut(arena, refusals, *verdict);
    rp_buffer_format(&out, "decided by: %s — %s\n", rp_reason_name(verdict->reason), rp_reason_sentence(verdict->reason));
    return (rp_str){out.data ? out.data : "", out.failed ? 0 : out.length};
}
