/* SPDX-License-Identifier: MIT
 *
 * verdict.c — names of verdicts, reasons and certificates, and the defaults that are safe for a reward.
 */
#include <rephrase/verify.h>

/* Chosen for training: strict extraction, no rounding; a missing unit or percent sign is forgiven because golds are written
 * with and without them, a wrong one is not. */
const rp_verify_options rp_verify_defaults = {.lenient = false,
                                              .rounded = false,
                                              .percent_fraction = true,
                                              .units_optional = true,
                                              .open_box = false,
                                              .numeric = false};

static const char *const verdict_names[] = {"equal", "different", "unparsed", "budget"};

static const char *const reason_names[RP_REASON_COUNT] = {
    [RP_REASON_IDENTICAL_TEXT] = "identical_text",
    [RP_REASON_RATIONAL] = "rational",
    [RP_REASON_ALGEBRAIC] = "algebraic",
    [RP_REASON_POLY_IDENTITY] = "poly_identity",
    [RP_REASON_STRUCTURAL] = "structural",
    [RP_REASON_SET] = "set",
    [RP_REASON_INTERVAL] = "interval",
    [RP_REASON_RELATION] = "relation",
    [RP_REASON_MATRIX] = "matrix",
    [RP_REASON_CHOICE] = "choice",
    [RP_REASON_TEXT] = "text",
    [RP_REASON_NUMERIC] = "numeric",
    [RP_REASON_UNIT_CONVERTED] = "unit_converted",
    [RP_REASON_APPROX] = "approx",
    [RP_REASON_VALUE] = "value",
    [RP_REASON_KIND] = "kind",
    [RP_REASON_ARITY] = "arity",
    [RP_REASON_UNIT] = "unit",
    [RP_REASON_BASE] = "base",
    [RP_REASON_OPENNESS] = "openness",
    [RP_REASON_OTHER_TEXT] = "other_text",
    [RP_REASON_EXTRA_ANSWERS] = "extra_answers",
    [RP_REASON_UNDEFINED] = "undefined",
    [RP_REASON_NO_ANSWER] = "no_answer",
    [RP_REASON_EMPTY] = "empty",
    [RP_REASON_SYNTAX] = "syntax",
    [RP_REASON_UNSUPPORTED] = "unsupported",
    [RP_REASON_GOLD_UNPARSED] = "gold_unparsed",
    [RP_REASON_BAD_UTF8] = "bad_utf8",
    [RP_REASON_INPUT] = "input",
    [RP_REASON_NODES] = "nodes",
    [RP_REASON_DEPTH] = "depth",
    [RP_REASON_BITS] = "bits",
    [RP_REASON_STEPS] = "steps",
    [RP_REASON_PRECISION] = "precision",
    [RP_REASON_UNPROVED] = "unproved",
};

static const char *const reason_sentences[RP_REASON_COUNT] = {
    [RP_REASON_IDENTICAL_TEXT] = "both were read as the same tree, which nothing here can compute",
    [RP_REASON_RATIONAL] = "the same fraction in lowest terms",
    [RP_REASON_ALGEBRAIC] = "the same algebraic number: one canonical form, or a difference below its zero bound",
    [RP_REASON_POLY_IDENTITY] = "the difference vanishes modulo large primes at random points",
    [RP_REASON_STRUCTURAL] = "the same canonical form",
    [RP_REASON_SET] = "every item of each side has its equal on the other",
    [RP_REASON_INTERVAL] = "the same set of real numbers, ends and openness included",
    [RP_REASON_RELATION] = "the same equation or inequality up to a permitted factor",
    [RP_REASON_MATRIX] = "equal entry by entry",
    [RP_REASON_CHOICE] = "the same choice letter",
    [RP_REASON_TEXT] = "the same words, as text: nobody computed anything",
    [RP_REASON_NUMERIC] =
        "no difference is seen at the highest precision: believed, not proved, and the option `numeric` pays that",
    [RP_REASON_UNIT_CONVERTED] = "the same quantity after exact conversion of units",
    [RP_REASON_APPROX] = "one side is the other, correctly rounded, and the option `rounded` accepts that",
    [RP_REASON_VALUE] = "the values differ",
    [RP_REASON_KIND] = "the answers are of different kinds",
    [RP_REASON_ARITY] = "the numbers of parts differ",
    [RP_REASON_UNIT] = "the units differ",
    [RP_REASON_BASE] = "the number bases differ",
    [RP_REASON_OPENNESS] = "an end belongs to one side and not to the other",
    [RP_REASON_OTHER_TEXT] = "the words or names differ",
    [RP_REASON_EXTRA_ANSWERS] = "the answer has parts that the gold has not",
    [RP_REASON_UNDEFINED] = "one side is undefined, and undefined equals nothing",
    [RP_REASON_NO_ANSWER] = "the response marks no final answer",
    [RP_REASON_EMPTY] = "the answer is empty",
    [RP_REASON_SYNTAX] = "the answer is not in the grammar",
    [RP_REASON_UNSUPPORTED] = "the answer contains a sign or command that nothing here understands",
    [RP_REASON_GOLD_UNPARSED] = "the gold is not in the grammar: leave the problem out",
    [RP_REASON_BAD_UTF8] = "the answer is not in the grammar, and it is not valid UTF-8",
    [RP_REASON_INPUT] = "the text is too long",
    [RP_REASON_NODES] = "too many tokens or nodes",
    [RP_REASON_DEPTH] = "nested too deeply",
    [RP_REASON_BITS] = "an integer would need too many bits",
    [RP_REASON_STEPS] = "the steps or the memory of one verification are used up",
    [RP_REASON_PRECISION] = "the highest precision does not decide",
    [RP_REASON_UNPROVED] = "no difference is seen, none is excluded: nothing proves equality, and a belief is not paid",
};

const char *rp_verdict_name(rp_verdict_kind kind) {
    RP_REQUIRE(kind >= RP_VERDICT_EQUAL && kind <= RP_VERDICT_BUDGET);
    return verdict_names[kind];
}

const char *rp_reason_name(rp_verify_reason reason) {
    RP_REQUIRE(reason >= RP_REASON_IDENTICAL_TEXT && reason < RP_REASON_COUNT);
    return reason_names[reason];
}

const char *rp_reason_sentence(rp_verify_reason reason) {
    RP_REQUIRE(reason >= RP_REASON_IDENTICAL_TEXT && reason < RP_REASON_COUNT);
    return reason_sentences[reason];
}

void rp_certificate_text(const rp_verdict *verdict, char out[32]) {
    switch (verdict->certificate) {
    case RP_CERT_NONE:
        (void)snprintf(out, 32, "none");
        return;
    case RP_CERT_PROVED:
        (void)snprintf(out, 32, "proved");
        return;
    case RP_CERT_PROBABLE:
        (void)snprintf(out, 32, "probable(2^-%d)", verdict->bits);
        return;
    case RP_CERT_NUMERIC:
        (void)snprintf(out, 32, "numeric(%d)", verdict->bits);
        return;
    case RP_CERT_TEXT:
        (void)snprintf(out, 32, "text");
        return;
    }
}
