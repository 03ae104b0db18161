/* SPDX-License-Identifier: MIT
 *
 * rules.c — what each `equal` has shown, and what would make it false.
 *
 * One row for every way in which the verdict can come about. docs/verifier.md prints the same rows (a test compares them),
 * and --explain ends with the rows of its reason. Whoever adds a path to `equal` adds its row, or the test of the golden
 * verdicts finds an equality without one.
 */
#include <rephrase/verify.h>

#define ALL_PARTS RP_CERT_NONE, true

static const rp_equality_rule rules[] = {
    {RP_REASON_RATIONAL, RP_CERT_PROVED, false, "the same fraction in lowest terms, computed exactly",
     "the text was read as another number than its author meant"},
    {RP_REASON_ALGEBRAIC, RP_CERT_PROVED, false,
     "the same sum of products of prime radicals, which are linearly independent",
     "a root is meant on another branch than the real or principal one"},
    {RP_REASON_ALGEBRAIC, RP_CERT_PROVED, false,
     "an enclosure of the difference holds 0 and is narrower than its zero bound",
     "nothing but a fault in the bound or in the rounding of the enclosure"},
    {RP_REASON_ALGEBRAIC, RP_CERT_PROVED, false,
     "a sum of angles is a multiple of π/L by an equation of algebraic numbers, and an enclosure says: the multiple 0",
     "nothing but a fault in the zero bound or in the rounding of the enclosure"},
    {RP_REASON_STRUCTURAL, RP_CERT_PROVED, false,
     "one canonical form, or a canonical difference of 0, perhaps in every case "
     "of signs and of residue classes",
     "a letter breaks the conventions (n, m, k integers; z, w complex; a letter alone under "
     "an even root or a logarithm positive), or is taken at an isolated point that the form loses"},
    {RP_REASON_POLY_IDENTITY, RP_CERT_PROBABLE, false,
     "the difference vanishes modulo four primes near 2^61 at random points, for every branch of its roots",
     "bad luck below 2^-bits; or numbers written by someone who computed with these primes and this hash; or a letter "
     "breaks "
     "the conventions"},
    {RP_REASON_NUMERIC, RP_CERT_NUMERIC, false,
     "no difference is seen: enclosures agree to half their bits beside 1, both sides and every term that cancelled",
     "two values or functions that agree as far as was looked; paid only with the option numeric"},
    {RP_REASON_SET, ALL_PARTS, "every item of each side equals one of the other by a row of this table",
     "order or repetition was meant to count"},
    {RP_REASON_INTERVAL, ALL_PARTS, "the same pieces of the real line, with equal ends and the same openness",
     "another set than that of real numbers was meant"},
    {RP_REASON_RELATION, ALL_PARTS,
     "one relation is the other times a constant factor, positive for inequalities, or has "
     "equal sides",
     "the letters of the two sides mean different things"},
    {RP_REASON_MATRIX, ALL_PARTS, "the same shape, and equal entries", "a row and a column were meant to differ"},
    {RP_REASON_UNIT_CONVERTED, ALL_PARTS, "equal values after exact conversion to one unit",
     "a unit was meant in another sense than the table's (US and imperial measures)"},
    {RP_REASON_CHOICE, RP_CERT_PROVED, false, "the same choice letter", "the options were listed in another order"},
    {RP_REASON_TEXT, RP_CERT_TEXT, false, "the same words or the same sentence, token by token in normal form",
     "one phrase with two meanings"},
    {RP_REASON_TEXT, RP_CERT_PROVED, false, "an item of words, the same in normal form", "one phrase with two meanings"},
    {RP_REASON_IDENTICAL_TEXT, RP_CERT_PROVED, false, "the same tree, of which nothing here can compute the value",
     "the expression has no value"},
    {RP_REASON_APPROX, RP_CERT_NONE, false, "one side is the other, correctly rounded to the digits it is written with",
     "another number rounds to the same digits; paid only with the option rounded"},
};

const rp_equality_rule *rp_equality_rules(size_t *count) {
    *count = sizeof rules / sizeof rules[0];
    return rules;
}
