/* SPDX-License-Identifier: MIT
 *
 * units.h — units of measurement with exact factors.
 */
#ifndef REPHRASE_VERIFY_UNITS_H
#define REPHRASE_VERIFY_UNITS_H

#include "algebra/exact.h"

/* A product of powers of units. Unknown words ("apples") count as units of their own kind. */
enum { RP_DIMENSIONS = 9, RP_ANGLE = 7, RP_UNIT_LABELS = 4 };
typedef struct rp_unit {
    rp_q factor;                  /* to the base units */
    int8_t power[RP_DIMENSIONS];  /* of m, kg, s, A, K, mol, cd, angle, US dollar */
    rp_str label[RP_UNIT_LABELS]; /* unknown words, singular and in lower case, sorted */
    int8_t label_power[RP_UNIT_LABELS];
    int labels;
    char scale; /* 'C' or 'F': a temperature whose zero is not absolute */
} rp_unit;

/* A word that may follow a bare number without \text and be meant as a unit: "cm", "mph", but not "mg" (mass times g). */
bool rp_unit_is_known(rp_str word);
/* A unit's name of two letters or more, also one that is a product without a space before it: "5 mi", "12 in". */
bool rp_unit_is_name(rp_str word);
/* One letter that may be a unit behind a space: m, s, g, h, L … */
bool rp_unit_is_letter(rp_str letter);
rp_unit rp_unit_none(void);
bool rp_unit_is_none(const rp_unit *unit);
/* Multiplies `unit` by word^power; false when there are too many words. */
bool rp_unit_multiply(rp_work *work, rp_unit *unit, rp_str word, int power);
/* Same dimensions and labels: the values may be compared after multiplying by the factors. */
bool rp_unit_same_kind(const rp_unit *a, const rp_unit *b);
/* "1/100 m", "m s^-1", "apple": equal units have equal texts */
rp_str rp_unit_text(rp_work *work, const rp_unit *unit);
/* The word in lower case without its plural ending. */
rp_str rp_word_singular(rp_work *work, rp_str word);

#endif
