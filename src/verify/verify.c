/* SPDX-License-Identifier: MIT
 *
 * verify.c — the two calls of the public header: extract when there is a response, then compare.
 */
#include "extract.h"
#include "number.h"
#include "work.h"

static rp_verdict verdict_of(rp_verdict_kind kind, rp_verify_reason reason, rp_certificate_kind certificate) {
    return (rp_verdict){.kind = kind, .reason = reason, .certificate = certificate};
}

static bool compare_plain(rp_str gold, rp_str answer, rp_verdict *verdict) {
    rp_plain a, b;
    if (!rp_plain_read(gold, &a) || !rp_plain_read(answer, &b)) return false;
    const bool equal = a.num == b.num && a.den == b.den;
    *verdict = verdict_of(equal ? RP_VERDICT_EQUAL : RP_VERDICT_DIFFERENT, equal ? RP_REASON_RATIONAL : RP_REASON_VALUE,
                          RP_CERT_PROVED);
    return true;
}

rp_verdict rp_verify_answer(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options) {
    (void)arena;
    (void)options;
    gold = rp_text_trim(gold);
    answer = rp_text_trim(answer);
    rp_verdict verdict;
    if (!compare_plain(gold, answer, &verdict)) {
        if (rp_text_is_blank(gold))
            verdict = verdict_of(RP_VERDICT_UNPARSED, RP_REASON_GOLD_UNPARSED, RP_CERT_NONE);
        else if (rp_text_is_blank(answer))
            verdict = verdict_of(RP_VERDICT_UNPARSED, RP_REASON_EMPTY, RP_CERT_NONE);
        else if (rp_str_equal(gold, answer))
            verdict = verdict_of(RP_VERDICT_EQUAL, RP_REASON_IDENTICAL_TEXT, RP_CERT_PROVED);
        else
            verdict = verdict_of(RP_VERDICT_DIFFERENT, RP_REASON_OTHER_TEXT, RP_CERT_NONE);
    }
    verdict.gold = gold;
    verdict.answer = answer;
    return verdict;
}

bool rp_verify_extract(rp_arena *arena, rp_str response, const rp_verify_options *options, rp_str *span) {
    rp_span found = rp_extract_marked(arena, response, options);
    rp_plain plain;
    if (found.rule == RP_SPAN_NONE && rp_plain_read(found.text, &plain)) found.rule = RP_SPAN_WHOLE;
    if (found.rule == RP_SPAN_NONE && options->lenient) found = rp_extract_lenient(arena, found.text);
    if (found.rule == RP_SPAN_NONE) return false;
    *span = found.text;
    return true;
}

rp_verdict rp_verify_response(rp_arena *arena, rp_str gold, rp_str response, const rp_verify_options *options) {
    rp_str span;
    if (response.length > RP_LIMIT_RESPONSE) return verdict_of(RP_VERDICT_BUDGET, RP_REASON_INPUT, RP_CERT_NONE);
    if (!rp_verify_extract(arena, response, options, &span)) {
        rp_verdict verdict = verdict_of(RP_VERDICT_UNPARSED, RP_REASON_NO_ANSWER, RP_CERT_NONE);
        verdict.gold = gold;
        return verdict;
    }
    rp_verdict verdict = rp_verify_answer(arena, gold, span, options);
    verdict.span = span;
    return verdict;
}
