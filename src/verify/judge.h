/* SPDX-License-Identifier: MIT
 *
 * judge.h — one bare gold against one bare answer: reading both, choosing the readings, comparing.
 */
#ifndef REPHRASE_VERIFY_JUDGE_H
#define REPHRASE_VERIFY_JUDGE_H

#include "work.h"

rp_verdict rp_judge(rp_work *work, rp_str gold, rp_str answer);
/* Is the text nothing but an answer: short, understood, and not a sentence? */
bool rp_judge_is_answer(rp_work *work, rp_str text);

#endif
