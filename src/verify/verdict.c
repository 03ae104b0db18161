/* SPDX-License-Identifier: MIT
 *
 * verdict.c — names of verdicts, reasons and certificates, and the defaults that are safe for a reward.
 */
#include <rephrase/verify.h>

/* Chosen for training: strict extraction, no rounding; a missing unit or percent sign is forgiven because golds are written
 * with and without them, a wrong one is not. */
const rp_verify_options rp_verify_defaults = {
    .lenient = false, .rounded = false, .percent_fraction = true, .units_optional = true, .open_box = false};

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
};

const char *rp_verdict_name(rp_verdict_kind kind) {
    RP_REQUIRE(kind >= RP_VERDICT_EQUAL && kind <= RP_VERDICT_BUDGET);
    return verdict_names[kind];
}

const char *rp_reason_name(rp_verify_reason reason) {
    RP_REQUIRE(reason >= RP_REASON_IDENTICAL_TEXT && reason < RP_REASON_COUNT);
    return reason_names[reason];
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
    }
}
