/* SPDX-License-Identifier: MIT
 *
 * verify.h — is this answer the gold answer? A verdict, the reason for it, and how sure we are.
 *
 * Pure: same bytes in, same verdict out, on every machine and thread. No clock, no eval, no backtracking, no unbounded
 * recursion; all work is counted against budgets. Reward 1 only for RP_VERDICT_EQUAL.
 */
#ifndef REPHRASE_VERIFY_H
#define REPHRASE_VERIFY_H

#include <rephrase/base.h>

typedef enum rp_verdict_kind { RP_VERDICT_EQUAL, RP_VERDICT_DIFFERENT, RP_VERDICT_UNPARSED, RP_VERDICT_BUDGET } rp_verdict_kind;

typedef enum rp_verify_reason {
    /* EQUAL */
    RP_REASON_IDENTICAL_TEXT, RP_REASON_RATIONAL, RP_REASON_ALGEBRAIC, RP_REASON_POLY_IDENTITY, RP_REASON_STRUCTURAL,
    RP_REASON_SET, RP_REASON_INTERVAL, RP_REASON_RELATION, RP_REASON_MATRIX, RP_REASON_CHOICE, RP_REASON_TEXT,
    RP_REASON_NUMERIC, RP_REASON_UNIT_CONVERTED, RP_REASON_APPROX,
    /* DIFFERENT */
    RP_REASON_VALUE, RP_REASON_KIND, RP_REASON_ARITY, RP_REASON_UNIT, RP_REASON_BASE, RP_REASON_OPENNESS,
    RP_REASON_OTHER_TEXT, RP_REASON_EXTRA_ANSWERS, RP_REASON_UNDEFINED,
    /* UNPARSED */
    RP_REASON_NO_ANSWER, RP_REASON_EMPTY, RP_REASON_SYNTAX, RP_REASON_UNSUPPORTED, RP_REASON_GOLD_UNPARSED, RP_REASON_BAD_UTF8,
    /* BUDGET */
    RP_REASON_INPUT, RP_REASON_NODES, RP_REASON_DEPTH, RP_REASON_BITS, RP_REASON_STEPS, RP_REASON_PRECISION, RP_REASON_UNPROVED,
    RP_REASON_COUNT
} rp_verify_reason;

/* TEXT: the same words or the same sentence, compared as text and understood by nobody. */
typedef enum rp_certificate_kind {
    RP_CERT_NONE, RP_CERT_PROVED, RP_CERT_PROBABLE, RP_CERT_NUMERIC, RP_CERT_TEXT
} rp_certificate_kind;

typedef struct rp_verdict {
    rp_verdict_kind kind;
    rp_verify_reason reason;
    rp_certificate_kind certificate;
    int bits;            /* PROBABLE: error below 2^-bits; NUMERIC: no difference is seen at this many bits */
    size_t offset;       /* SYNTAX: byte offset in the answer */
    rp_str gold, answer; /* normalised forms, in the arena; empty when there is none */
    rp_str span;         /* what was extracted from the response; points into the response or the arena */
} rp_verdict;

typedef struct rp_verify_options {
    bool lenient;        /* extraction falls through to last maths, last number */
    bool rounded;        /* a correctly rounded decimal is accepted */
    bool percent_fraction; /* 28 equals 28 % */
    bool units_optional; /* a unit missing on one side is tolerated */
    bool open_box;       /* an unclosed last box runs to the end when it parses */
    bool numeric;        /* pays equality that is believed and not proved; without it the verdict is BUDGET, UNPROVED */
} rp_verify_options;
extern const rp_verify_options rp_verify_defaults; /* safe for RL */

/* Two bare answers. Scratch and results live in `arena`. Never fails: what goes wrong is a verdict. */
rp_verdict rp_verify_answer(rp_arena *arena, rp_str gold, rp_str answer, const rp_verify_options *options);
/* A model's response: extract the final answer, then compare. */
rp_verdict rp_verify_response(rp_arena *arena, rp_str gold, rp_str response, const rp_verify_options *options);
/* The same as a story: what was extracted, the trees as parsed, their canonical forms, each step of the comparison and the
 * rule that decided. Lines of text in the arena; the verdict is that of the calls above. */
rp_str rp_verify_explain(rp_arena *arena, rp_str gold, rp_str text, bool is_response, const rp_verify_options *options,
                         rp_verdict *verdict);
/* The final answer of a text alone (also of a worked gold solution such as GSM8K's). false = none found. */
bool rp_verify_extract(rp_arena *arena, rp_str response, const rp_verify_options *options, rp_str *span);

/* Gives back what MPFR keeps for the calling thread: for libraries, whose callers' threads come and go. */
void rp_verify_forget(void);

/* What an equality shows: one row for every way in which it comes about, the same rows as in docs/verifier.md. */
typedef struct rp_equality_rule {
    rp_verify_reason reason;
    rp_certificate_kind certificate;
    bool of_parts;        /* the certificate is the weakest of the parts' */
    const char *shown;    /* what has been shown */
    const char *false_if; /* what would make it false all the same */
} rp_equality_rule;
const rp_equality_rule *rp_equality_rules(size_t *count);

const char *rp_verdict_name(rp_verdict_kind kind);       /* "equal" "different" "unparsed" "budget" */
const char *rp_reason_name(rp_verify_reason reason);     /* "rational", … */
const char *rp_reason_sentence(rp_verify_reason reason); /* "the same fraction in lowest terms", … */
/* "proved", "probable(2^-200)", "numeric(4096)", "text", "none" into out. */
void rp_certificate_text(const rp_verdict *verdict, char out[32]);

/* ---- Written steps ------------------------------------------------------------------------------------------------- */

/* Are the calculations that a text writes down true? Each equals sign between numbers is one step, in prose too: with units,
 * currency, percent, TeX, rounded results, GSM8K's <<48/2=24>>. What is no claim about numbers ("x = 5") is no step; what is
 * one and cannot be read is counted apart. `items` lie in the arena, their text in `text`. */
typedef enum rp_step_truth { RP_STEP_TRUE, RP_STEP_FALSE, RP_STEP_UNREADABLE } rp_step_truth;
typedef struct rp_step {
    rp_str text;
    rp_step_truth truth;
} rp_step;
typedef struct rp_steps {
    rp_step *items;
    size_t count, true_steps, false_steps, unreadable;
    bool cut; /* a budget or the memory ended: there may be more steps */
} rp_steps;
rp_steps rp_verify_steps(rp_arena *arena, rp_str text);
const char *rp_step_truth_name(rp_step_truth truth); /* "true" "false" "unreadable" */

#endif
