/* SPDX-License-Identifier: MIT
 *
 * emit.h — the lexer on its way through an answer, for the files that put tokens out.
 */
#ifndef REPHRASE_VERIFY_EMIT_H
#define REPHRASE_VERIFY_EMIT_H

#include "read/lex.h"

typedef struct brace {
    bool emitted;     /* the opening brace became a token */
    bool text_before; /* mode to return to */
} brace;

struct rp_lexer {
    rp_work *work;
    rp_str text;
    size_t at;
    rp_token *items;
    size_t count, capacity;
    brace braces[RP_LIMIT_DEPTH];
    size_t depth;
    size_t environments; /* open \begin's */
    bool in_text;
    bool doubled;    /* every backslash was escaped once too often */
    bool negate;     /* behind \not */
    bool after_math; /* behind the closing one of two dollars */
    uint8_t pending; /* flags of the next token */
};

void rp_lex_emit(rp_lexer *lexer, rp_token_kind kind, int op, size_t begin, size_t end);
rp_str rp_lex_text(const rp_lexer *lexer);
const rp_token *rp_lex_last(const rp_lexer *lexer); /* NULL before the first token */
bool rp_lex_after_space(const rp_lexer *lexer);     /* white space stands before the cursor */
/* The same with a text that does not stand in the source. */
void rp_lex_emit_named(rp_lexer *lexer, rp_token_kind kind, int op, rp_str text, size_t offset);

#endif
