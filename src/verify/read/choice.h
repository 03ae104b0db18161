/* SPDX-License-Identifier: MIT
 *
 * choice.h — letters of a multiple choice.
 */
#ifndef REPHRASE_VERIFY_CHOICE_H
#define REPHRASE_VERIFY_CHOICE_H

#include "read/lex.h"

typedef struct rp_choices {
    uint32_t letters; /* bit 0 is A */
    int count;        /* how many different letters are named */
    bool sure;        /* in brackets, named as an option, or with the option's text: no variable */
    size_t text;      /* of a single choice: the token where the option's text begins; the number of tokens when none */
} rp_choices;

/* "B", "(B)", "B.", "(B) 12", "Option B", "(A) and (C)": false when the tokens are something else. */
bool rp_choices_read(const rp_token *tokens, size_t count, rp_choices *choices);

#endif
