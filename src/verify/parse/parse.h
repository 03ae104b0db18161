/* SPDX-License-Identifier: MIT
 *
 * parse.h — tokens to a tree.
 *
 *     answer     items separated by , ; and or                     (answer.c)
 *     item       relation | sets | ratio | quantity | words        (answer.c)
 *     sum        product { (+ | - | ±) product }                   (expression.c)
 *     product    factor { [* | / | mod] factor }, implicit too     (expression.c)
 *     factor     sign factor | postfix [^ exponent]                (expression.c)
 *     postfix    primary { ! | % | ° }                             (expression.c)
 *     primary    number (literal.c) | name (name.c) | function (function.c) | brackets, fractions, roots (atom.c) | rows (grid.c)
 *
 * Every function advances the cursor past what it understood. The first thing that is not understood sets the error and
 * everything returns at once. Nesting is counted at primaries and stops at RP_LIMIT_DEPTH.
 */
#ifndef REPHRASE_VERIFY_PARSE_H
#define REPHRASE_VERIFY_PARSE_H

#include "read/lex.h"
#include "read/prose.h"
#include "read/units.h"

typedef struct rp_parser {
    rp_work *work;
    rp_token *tokens;
    size_t at;
    int depth;
    int bars;            /* open absolute values written with | */
    bool group_commas;   /* 1,234 is one number */
    bool no_bar;         /* inside {x | …} a bar separates */
    bool no_colon;       /* … and so does a colon */
    bool no_base;        /* x^2_{23}: the subscript belongs to x, not to the digits */
    bool in_grid;        /* inside a matrix \\ ends the row */
    int retries;         /* readings given up so far: each costs a second parse, so they are few */
    uint64_t applied[2]; /* letters that stand before "(x)" somewhere in this answer: functions, see name.c */
    rp_str integral;     /* inside an integral: "d" ends the integrand */
    rp_str currency;     /* a currency sign seen in the current item */
    bool failed;
    rp_verify_reason reason;
    size_t offset; /* of the token that was not understood, in the folded text */
} rp_parser;

typedef struct rp_parse_result {
    const rp_node *tree; /* NULL when not understood */
    rp_verify_reason reason;
    size_t offset;
} rp_parse_result;

/* group_commas: "1,234" is one number (else a list). The tokens are changed on the way (digits are split off). */
rp_parse_result rp_parse(rp_work *work, rp_tokens tokens, bool group_commas);

/* ---- Between the parser's files ---------------------------------------------------------------------------------- */

const rp_node *rp_parse_fail(rp_parser *p, rp_verify_reason reason); /* at the current token; returns RP_NODE_NONE */
static inline const rp_token *rp_peek(const rp_parser *p) {
    return &p->tokens[p->at];
}
static inline bool rp_next_is(const rp_parser *p, rp_token_kind kind) {
    return p->tokens[p->at].kind == kind;
}
static inline bool rp_next_is_op(const rp_parser *p, rp_token_kind kind, int op) {
    return p->tokens[p->at].kind == kind && p->tokens[p->at].op == op;
}
bool rp_take(rp_parser *p, rp_token_kind kind);
bool rp_take_op(rp_parser *p, rp_token_kind kind, int op);
bool rp_token_is_text(const rp_token *token, const char *text);

const rp_node *rp_parse_items(rp_parser *p); /* a list, or the single item itself */
const rp_node *rp_parse_item(rp_parser *p);
const rp_node *rp_parse_sets(rp_parser *p); /* sums joined by set operators */
const rp_node *rp_parse_sum(rp_parser *p);
const rp_node *rp_parse_product(rp_parser *p);
const rp_node *rp_parse_factor(rp_parser *p);
const rp_node *rp_parse_primary(rp_parser *p);
const rp_node *rp_parse_exponent(rp_parser *p); /* behind ^ */
const rp_node *rp_parse_argument(rp_parser *p); /* of \frac, \binom: a group, a digit, a letter */
const rp_node *rp_parse_number(rp_parser *p);
/* (101)_2: the base behind an integer in brackets, just parsed; the value itself when there is none. */
const rp_node *rp_parse_bracketed_base(rp_parser *p, const rp_node *value);
const rp_node *rp_parse_function(rp_parser *p);
const rp_node *rp_parse_big(rp_parser *p);
const rp_node *rp_parse_brackets(rp_parser *p);
const rp_node *rp_parse_environment(rp_parser *p);
const rp_node *rp_parse_letter(rp_parser *p);
const rp_node *rp_parse_word(rp_parser *p);
const rp_node *rp_parse_accent(rp_parser *p);
const rp_node *rp_parse_prefix(rp_parser *p);
void rp_parse_note_applications(rp_parser *p, size_t count);

/* ---- Conditions (condition.c) ---- */
enum { RP_PARSE_RETRIES = 12 };              /* an item inside an item may be read twice: without a bound 2^depth times */
bool rp_starts_condition(const rp_token *t); /* "for", "if", "where" … */
bool rp_is_otherwise(const rp_token *t);
const rp_node *rp_make_otherwise(rp_work *work);
bool rp_is_condition_bracket(const rp_token *open);                    /* "(k \in \mathbb{Z})" */
bool rp_parse_condition(rp_parser *p, rp_nodes *conditions);           /* statements joined by "and" */
const rp_node *rp_parse_conditions(rp_parser *p, const rp_node *body); /* behind an item: the item, or a WHERE */
/* "2k, k \in \mathbb{Z}": a list becomes a WHERE. separators: the strength of what stands before each item; 1 is a comma. */
const rp_node *rp_attach_conditions(rp_work *work, const rp_node *list, const char *separators);
const rp_node *rp_make_where(rp_work *work, const rp_node *body, const rp_nodes *conditions);
char rp_set_in_words(rp_str words); /* "positive integer" */
const rp_node *rp_parse_relation(rp_parser *p);

/* ---- Sets of numbers (wordset.c) ---- */
const rp_node *rp_parse_named_set(rp_parser *p); /* \mathbb{R}^+ */
const rp_node *rp_parse_word_set(rp_parser *p);  /* "all real numbers except 1"; NULL, and nothing moved, for other words */

/* What a sum or a product runs over. (bounds.c) */
typedef struct rp_bounds {
    const rp_node *variable, *lower, *upper, *above; /* above: what was written over the sign */
    const rp_node *values;                           /* a set to run over, instead of bounds */
    bool complete;                                   /* the relation below says it all */
} rp_bounds;
bool rp_parse_bounds(rp_parser *p, rp_bounds *b, bool discrete);
const rp_node *rp_parse_indexed(rp_parser *p, const rp_node *a, const rp_node *index); /* x_k depends on k */
const rp_node *rp_sum_over_values(rp_parser *p, const rp_bounds *b, const rp_node *body, bool product);

/* The state that brackets reset: bars, commas, rows, "dx". (atom.c) */
typedef struct rp_parse_context {
    int bars;
    bool group_commas, no_bar, no_colon, in_grid;
    rp_str integral;
} rp_parse_context;
rp_parse_context rp_parse_enter(rp_parser *p);
void rp_parse_leave(rp_parser *p, rp_parse_context saved);
/* Appends "_{…}" and primes behind the cursor to a symbol. */
const rp_node *rp_parse_decorations(rp_parser *p, const rp_node *symbol);
bool rp_starts_factor(const rp_parser *p); /* may the next token begin an implicit factor? */
/* The digits of the NUMBER token at the cursor are a plain integer. */
bool rp_token_is_integer(const rp_token *token);

/* Builders: a - b, a / b, -a as the rest of the layer spells them. */
const rp_node *rp_make_negative(rp_work *work, const rp_node *a);
const rp_node *rp_make_quotient(rp_work *work, const rp_node *a, const rp_node *b);
const rp_node *rp_make_list(rp_work *work, rp_kind kind, int op, unsigned flags, const rp_nodes *items);

#endif
