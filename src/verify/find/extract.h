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

/* Rules 1 to 4: marks that say "this is the final answer". The span points into the response, or into the arena when
 * several boxes form one list. */
rp_span rp_extract_marked(rp_arena *arena, rp_str response, const rp_verify_options *options);
/* Rule 5, only when asked for: the right side of an equals sign at the end, the last formula (when `formulas`) or number,
 * whichever is later; the last capital letter that stands alone when the gold is one (want_letter). */
rp_span rp_extract_lenient(rp_str response, bool want_letter, bool formulas);
/* The first number of a text with its sign, separators and percent sign; false when there is none. */
bool rp_first_number(rp_str text, rp_str *number);

/* The last answer announced before offset *before: the rest of its sentence; *before becomes the announcement's offset.
 * Negated and empty announcements are passed over. */
bool rp_anchor_find(rp_str text, size_t *before, rp_str *sentence);
/* "final answer is …" behind the last box of a response: a later, explicit announcement. */
bool rp_final_anchor_behind(rp_str response, rp_str box, rp_str *sentence);

/* The only formula ($…$, \(…\), \[…\]) of a text, without its marks; false when there are none or several. */
bool rp_only_formula(rp_str text, rp_str *inner);

#endif
