/* SPDX-License-Identifier: MIT
 *
 * judge.h — one bare gold against one bare answer: reading both, choosing the readings, comparing.
 */
#ifndef REPHRASE_VERIFY_JUDGE_H
#define REPHRASE_VERIFY_JUDGE_H

#include "work.h"

rp_verdict rp_judge(rp_work *work, rp_str gold, rp_str answer);
typedef enum rp_answer_kind {
    RP_ANSWER_NOT,  /* a sentence, or not understood */
    RP_ANSWER_WORD, /* one word */
    RP_ANSWER_VALUE /* everything else: numbers, formulas, letters of a choice, times */
} rp_answer_kind;

/* Is the text nothing but an answer: short, understood, and not a sentence? */
rp_answer_kind rp_judge_answer_kind(rp_work *work, rp_str text);

#endif
