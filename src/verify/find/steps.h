/* SPDX-License-Identifier: MIT
 *
 * steps.h — the inside of rp_verify_steps: prose as a row of arithmetic tokens, and the value of a piece of that row.
 */
#ifndef REPHRASE_VERIFY_STEPS_H
#define REPHRASE_VERIFY_STEPS_H

#include "algebra/exact.h"
#include "read/units.h"

typedef enum rp_step_kind {
    S_NUMBER,   /* value; places = digits behind the point */
    S_OPERATOR, /* + - * / ^ and 'o' for "of" */
    S_OPEN,     /* ( [ { */
    S_CLOSE,
    S_FRAC,    /* \frac and its kin: two groups follow */
    S_PERCENT, /* % behind a number */
    S_UNIT,    /* a sign that is a unit: $, cents */
    S_WORD,    /* letters; part of a unit, or prose */
    S_LETTER,  /* a letter alone: a variable */
    S_EQUALS,  /* = and "equals" */
    S_STOP,    /* what ends an expression: , ; : . ? ! a newline, a relation that is no equality */
    S_OTHER    /* a sign or command that is not arithmetic here: a root, ±, a question mark inside a formula */
} rp_step_kind;

typedef struct rp_step_token {
    rp_step_kind kind;
    rp_q value;
    int places;
    char op;
    bool about;        /* S_EQUALS: ≈ */
    bool spaced;       /* a space stands before it */
    size_t begin, end; /* bytes of the text */
} rp_step_token;

typedef struct rp_step_tokens {
    rp_step_token *items;
    size_t count, capacity;
} rp_step_tokens;

/* Appends the tokens of text[begin, end). */
bool rp_step_lex(rp_work *work, rp_str text, size_t begin, size_t end, rp_step_tokens *tokens);

/* What a piece of the row is worth. */
typedef struct rp_step_value {
    rp_q q;
    int places;    /* of the number when it is one number alone, else -1 */
    bool computed; /* an operator stands in it */
    bool mixed;    /* two units of one kind stand in it: "4 pounds - 6 ounces" */
    bool percent;  /* a percent sign stands in it */
    rp_unit unit;  /* the first unit that the table knows */
} rp_step_value;

typedef enum rp_step_reading { RP_PERCENT_COUNTS, RP_PERCENT_IGNORED } rp_step_reading;

/* The longest expression that begins at `at`; *next is behind it. false: none, or a division by 0 (*impossible). */
bool rp_step_value_at(rp_work *work, rp_str text, const rp_step_tokens *tokens, size_t at, size_t end,
                      rp_step_reading reading, rp_step_value *value, size_t *next, bool *impossible);

#endif
