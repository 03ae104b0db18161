/* SPDX-License-Identifier: MIT
 *
 * lex.h — an answer as tokens.
 */
#ifndef REPHRASE_VERIFY_LEX_H
#define REPHRASE_VERIFY_LEX_H

#include "algebra/tree.h"
#include "read/unicode.h"

typedef enum rp_token_kind {
    T_END,
    T_NUMBER,   /* digits with at most one point, perhaps an exponent; op: the base of 0x…, 0b…, else 0 */
    T_LETTER,   /* one variable: a letter or a Greek name */
    T_WORD,     /* several letters that stay together */
    T_FUNCTION, /* op: rp_function */
    T_CONSTANT, /* op: rp_constant */
    T_PLUS,
    T_MINUS,
    T_TIMES,
    T_DIVIDE,
    T_CARET,
    T_UNDERSCORE,
    T_BANG,
    T_PERCENT,
    T_DEGREE,
    T_PRIME,
    T_PLUSMINUS, /* op 0: ±, 1: ∓ */
    T_OPEN,      /* op: one of ( [ { S(\{) <(\langle) f(\lfloor) c(\lceil) |(\left|) */
    T_CLOSE,     /* op: one of ) ] } S > f c | */
    T_BAR,       /* | of unknown direction, \mid */
    T_COMMA,
    T_SEMICOLON,
    T_COLON,
    T_AND,      /* op 'a' or 'o' */
    T_RELATION, /* op: rp_relation */
    T_FRAC,
    T_SQRT,
    T_BINOM,
    T_OVER,
    T_CHOOSE,
    T_ROW, /* \\ */
    T_AMPERSAND,
    T_BEGIN,
    T_FINISH, /* of an environment; op: rp_environment */
    T_DOTS,
    T_BIG, /* op: rp_big_op */
    T_MOD,
    T_PMOD,
    T_SET_OP, /* op: rp_set_op */
    T_EMPTY_SET,
    T_NAMED_SET, /* op: its letter */
    T_ACCENT,    /* \overline, \vec …: text is its name */
    T_PREFIX,    /* \angle, \triangle: text is its name */
    T_CURRENCY,  /* text: ISO code */
    T_BREAK,     /* a line or a wide space between two formulas (breaks.c) */
    T_UNKNOWN    /* understood by nobody: text */
} rp_token_kind;

typedef enum rp_environment {
    RP_ENV_MATRIX,
    RP_ENV_DETERMINANT,
    RP_ENV_ARRAY,
    RP_ENV_CASES,
    RP_ENV_ALIGN,
    RP_ENV_UNKNOWN
} rp_environment;

enum {
    TF_SPACE = 1,   /* white space before */
    TF_TIGHT = 2,   /* a negative space before: whatever white space there is does not count */
    TF_TEXT = 4,    /* inside \text{…} */
    TF_COMMAND = 8, /* written as a TeX command */
    TF_LINE = 16,   /* a new line before */
    TF_WIDE = 32    /* \quad before, or the end of one formula in dollars and the beginning of the next */
};

typedef struct rp_token {
    uint8_t kind, flags;
    int16_t op;
    rp_str text;   /* in the folded text */
    size_t offset; /* in the folded text */
} rp_token;

typedef struct rp_tokens {
    rp_token *items; /* ends with T_END */
    size_t count;    /* without T_END */
} rp_tokens;

/* Tokens of a folded text; false when a budget is exhausted. Nothing else fails here: what is not understood is T_UNKNOWN.
 */
bool rp_lex(rp_work *work, rp_str text, rp_tokens *tokens);
/* Settles what only several tokens together say: which lines and wide spaces part formulas, which & and \\ only align, which
 * array behind \left\{ is a system or a function by cases. Called by rp_lex. (breaks.c) */
bool rp_lex_breaks(rp_work *work, rp_tokens *tokens);

/* ---- Tables (commands.c) ----------------------------------------------------------------------------------------- */

typedef enum rp_command_class {
    C_TOKEN,      /* becomes one token */
    C_SPACE,      /* white space */
    C_WIDE_SPACE, /* \quad: may part two formulas */
    C_NEGSPACE,   /* \! */
    C_NOT,        /* \not: turns the relation behind it into its contrary */
    C_SKIP,       /* dropped: \left, \displaystyle */
    C_SKIP_ARG,   /* dropped with its argument: \color{red} */
    C_TEXT,       /* its argument is text: \text, \mathrm */
    C_OPERATOR,   /* \operatorname{…}: its argument names a function */
    C_BLACKBOARD  /* \mathbb{R} */
} rp_command_class;

typedef struct rp_command {
    const char *name;
    uint8_t class, token;
    int16_t op;
    const char *text; /* the token's text when it is not the name */
} rp_command;

const rp_command *rp_command_find(rp_str name); /* without the backslash; NULL = unknown */
rp_environment rp_environment_find(rp_str name);
/* A bare word with a meaning of its own: sin, pi, and, inf. NULL = none. */
const rp_command *rp_word_find(rp_str name);

/* Splits a run of letters outside text into tokens, by rp_lex_emit (words.c). */
typedef struct rp_lexer rp_lexer;
void rp_lex_letters(rp_lexer *lexer, size_t begin, size_t end);

#endif
