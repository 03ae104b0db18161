/* SPDX-License-Identifier: MIT
 *
 * extract.h — where in a response is the final answer?
 */
#ifndef REPHRASE_VERIFY_EXTRACT_H
#define REPHRASE_VERIFY_EXTRACT_H

#include <rephrase/verify.h>

typedef enum rp_span_rule {
    RP_SPAN_NONE,
    RP_SPAN_BOX,    /* the last \boxed{} or \fbox{}, or several joined by commas and "and" */
    RP_SPAN_HASHES, /* the last line that starts with #### */
    RP_SPAN_TAG,    /* the last <answer>…</answer> */
    RP_SPAN_ANCHOR, /* what follows the last "the answer is" */
    RP_SPAN_WHOLE,  /* the whole response is nothing but an answer */
    RP_SPAN_LENIENT /* last maths, last equals sign, last number */
} rp_span_rule;

typedef struct rp_span {
    rp_str text;
    rp_span_rule rule;
} rp_span;

const char *rp_span_rule_sentence(rp_span_rule rule); /* what decided where the answer is */

/* What follows the last thought; false when a thought was opened after it and never closed. (extract.c) */
bool rp_after_thoughts(rp_str response, rp_str *rest);
/* The last #### line, else the last <answer> tag. (extract.c) */
bool rp_last_line_or_tag(rp_str text, rp_span *span);

/* ---- Boxes (box.c) ----------------------------------------------------------------------------------------------- */

typedef enum rp_boxed {
    RP_BOXED_NOT,      /* no box at all, or none that stands */
    RP_BOXED,          /* *inner holds the answer */
    RP_BOXED_CUT_OFF,  /* the last box never closes: the response ends in the middle of its answer */
    RP_BOXED_WITHDRAWN /* the last box is taken back by what follows */
} rp_boxed;

/* The last box that is not denied where it stands. *end is the offset behind it. The inner text points into `text`, or into
 * the arena when several boxes in a row form one list. */
rp_boxed rp_box_find(rp_arena *arena, rp_str text, const rp_verify_options *options, rp_str *inner, size_t *end);

/* ---- Announcements (anchor.c) ------------------------------------------------------------------------------------ */

typedef struct rp_announcement {
    rp_str sentence; /* what is announced, to the end of its sentence; empty when it only says that all was wrong */
    size_t begin;    /* of the noun */
    size_t end;      /* behind the sentence */
} rp_announcement;

/* The last announcement ("the answer is …") that begins before *before; *before becomes its beginning. Denied, hypothetical
 * and empty ones are passed over. */
bool rp_anchor_find(rp_str text, size_t *before, rp_announcement *found);

/* ---- Sentences (sentence.c) -------------------------------------------------------------------------------------- */

enum { RP_CANDIDATES = 8 };
/* The texts that may be the one value a sentence commits to, the best first; 0 when it leaves the value open ("5, maybe 6").
 * They point into the sentence or into the arena. */
size_t rp_sentence_candidates(rp_arena *arena, rp_str sentence, rp_str candidates[RP_CANDIDATES]);
/* What follows the last verb of a sentence ("the largest n is 34"); empty when there is none, or it is under a condition. */
rp_str rp_sentence_after_verb(rp_str sentence);
/* "\text{There are }27\text{ apples}" as "There are 27 apples". */
rp_str rp_without_text_mode(rp_arena *arena, rp_str text);

/* ---- Context (extract.c) ----------------------------------------------------------------------------------------- */

/* What stands before `at` in its sentence denies or only supposes what follows. */
bool rp_denied_before(rp_str text, size_t at);
/* The rest of the sentence at `at` says that what came before is wrong. */
bool rp_denied_behind(rp_str text, size_t at);
/* The next sentence takes back what came before: "Wait, that is wrong." */
bool rp_withdrawn_behind(rp_str text, size_t at);

/* ---- The last resort (lenient.c) --------------------------------------------------------------------------------- */

/* The right side of an equals sign at the end, the last formula (when `formulas`) or number, whichever is later; the last
 * capital letter that stands alone when the gold is one (want_letter). Nothing when its sentence denies it, compares with it
 * or computes on. */
rp_span rp_extract_lenient(rp_str response, bool want_letter, bool formulas);
/* In its sentence the span is denied, compared with, or computed on. */
bool rp_spoken_against(rp_str text, rp_str span);
/* The first number of a text with its sign, separators and percent sign; false when there is none. */
bool rp_first_number(rp_str text, rp_str *number);

#endif
