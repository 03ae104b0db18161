/* SPDX-License-Identifier: MIT
 *
 * emit.c — tokens, one after the other, with what stands pending: flags, and the contrary after \not.
 */
#include "read/emit.h"

#include <string.h>

rp_str rp_lex_text(const rp_lexer *lexer) {
    return lexer->text;
}
const rp_token *rp_lex_last(const rp_lexer *lexer) {
    return lexer->count ? &lexer->items[lexer->count - 1] : NULL;
}
bool rp_lex_after_space(const rp_lexer *lexer) {
    return (lexer->pending & TF_SPACE) != 0;
}

static rp_token *push_token(rp_lexer *l) {
    if (l->work->failed) return NULL;
    if (l->count + 1 >= RP_LIMIT_TOKENS) {
        rp_work_fail(l->work, RP_REASON_NODES);
        return NULL;
    }
    if (l->count + 1 >= l->capacity) {
        const size_t capacity = l->capacity ? 4 * l->capacity : 64;
        rp_token *items = rp_work_new(l->work, rp_token, capacity);
        if (!items) return NULL;
        if (l->count) memcpy(items, l->items, l->count * sizeof *items);
        l->items = items;
        l->capacity = capacity;
    }
    return &l->items[l->count++];
}

void rp_lex_emit_named(rp_lexer *l, rp_token_kind kind, int op, rp_str text, size_t offset) {
    rp_token *token = push_token(l);
    if (!token) return;
    *token = (rp_token){(uint8_t)kind, (uint8_t)(l->pending | (l->in_text ? TF_TEXT : 0)), (int16_t)op, text, offset};
    l->pending = 0;
    l->after_math = false;
    if (!l->negate) return;
    rp_relation negated;
    l->negate = false;
    if (kind == T_RELATION && rp_relation_negated((rp_relation)op, &negated))
        token->op = (int16_t)negated;
    else
        token->kind = T_UNKNOWN;
}

void rp_lex_emit(rp_lexer *l, rp_token_kind kind, int op, size_t begin, size_t end) {
    rp_lex_emit_named(l, kind, op, (rp_str){l->text.data + begin, end - begin}, begin);
}
