/* SPDX-License-Identifier: MIT
 *
 * choice.c — letters of a multiple choice.
 *
 *     choices  lead item { joint item }            several letters
 *           |  lead item [ text ]                  one letter, perhaps with its option's text
 *     lead     { option | choice | answer | the | correct | is | definitely | I | choose | … } [ : ]
 *     item     ( L ) | [ L ] | L | L . | L ) | L :
 *     joint    , | ; | and | or | / | nothing, between brackets
 *
 * Only the words of `lead` may stand before a letter: "team B" and "hepatitis B" name other things, and "odd n" is no
 * choice at all. A text that names a second bracketed letter names two choices. What denies its letter ("A is wrong") or
 * goes on like an expression ("(b) + (x)") is no choice.
 */
#include "read/choice.h"
#include "find/bytes.h"
#include "read/prose.h"

#include <string.h>

static bool is_dot(const rp_token *t) {
    return t->kind == T_UNKNOWN && t->text.length == 1 && t->text.data[0] == '.';
}

static bool is_bracket(const rp_token *t, rp_token_kind kind) {
    return t->kind == kind && (t->op == '(' || t->op == '[' || t->op == ')' || t->op == ']');
}

/* The capital that the token is; a small letter counts only when `small` says so. 0 when it is none. */
static char letter_of(const rp_token *t, bool small) {
    if ((t->kind != T_LETTER && t->kind != T_WORD) || t->text.length != 1 || (t->flags & TF_COMMAND)) return 0;
    const char c = t->text.data[0];
    if (c >= 'A' && c <= 'Z') return c;
    return small && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : 0;
}

typedef struct cursor {
    const rp_token *tokens;
    size_t count, at;
    bool named; /* a noun like "option" came before */
} cursor;

static const rp_token *peek(const cursor *c, size_t ahead) {
    return &c->tokens[c->at + ahead < c->count ? c->at + ahead : c->count]; /* the last token is T_END */
}

static void skip_lead(cursor *c) {
    static const char *const nouns[] = {"option", "options", "choice",      "choices",
                                        "answer", "answers", "alternative", "letter"};
    static const char *const words[] = {"the",  "correct",   "right", "final",      "is",        "are",     "for",
                                        "sure", "it",        "it's",  "definitely", "certainly", "clearly", "so",
                                        "thus", "therefore", "hence", "choose",     "select",    "pick",    "chose"};
    for (;; c->at++) {
        const rp_token *t = peek(c, 0);
        const bool pronoun = t->kind == T_LETTER && rp_str_is(t->text, "I") && peek(c, 1)->kind == T_WORD;
        const bool colon = c->at > 0 && t->kind == T_COLON;
        const bool noun = t->kind == T_WORD && rp_text_is_one_of(t->text, nouns, sizeof nouns / sizeof nouns[0]);
        const bool word = t->kind == T_WORD && rp_text_is_one_of(t->text, words, sizeof words / sizeof words[0]);
        if (!noun && !word && !colon && !pronoun) return;
        c->named = c->named || noun || word;
    }
}

typedef struct item {
    char letter;
    bool bracketed, small;
    bool marked; /* with a dot, a bracket or a colon behind it */
} item;

/* One letter in one of its forms; the cursor moves past it. */
static bool take_item(cursor *c, item *out) {
    size_t braces = 0;
    const size_t start = c->at;
    while (peek(c, 0)->kind == T_OPEN && peek(c, 0)->op == '{') c->at++, braces++;
    const bool bracketed = is_bracket(peek(c, 0), T_OPEN);
    c->at += bracketed;
    *out = (item){.letter = letter_of(peek(c, 0), bracketed || c->named), .bracketed = bracketed};
    out->small = peek(c, 0)->text.length && peek(c, 0)->text.data[0] >= 'a';
    c->at++;
    for (; braces && peek(c, 0)->kind == T_CLOSE && peek(c, 0)->op == '}'; braces--) c->at++;
    const bool closed = is_bracket(peek(c, 0), T_CLOSE);
    if (!out->letter || (bracketed && !closed) || braces) {
        c->at = start;
        return false;
    }
    const rp_token *next = peek(c, 1);
    const bool colon = peek(c, 0)->kind == T_COLON && (next->flags & TF_SPACE);
    out->marked = !bracketed && (is_dot(peek(c, 0)) || colon || (closed && peek(c, 0)->op == ')'));
    c->at += bracketed || out->marked;
    return true;
}

static bool take_joint(cursor *c, bool bracketed) {
    const size_t start = c->at;
    for (;; c->at++) {
        const rp_token *t = peek(c, 0);
        if (t->kind != T_COMMA && t->kind != T_SEMICOLON && t->kind != T_AND && t->kind != T_DIVIDE) break;
    }
    return c->at > start || (bracketed && is_bracket(peek(c, 0), T_OPEN));
}

/* Tokens that continue an expression which began with the letter: no option's text begins so. */
static bool continues_expression(const rp_token *t, bool small) {
    switch ((rp_token_kind)t->kind) {
    case T_PLUS:
    case T_TIMES:
    case T_DIVIDE:
    case T_CARET:
    case T_UNDERSCORE:
    case T_PRIME:
    case T_SET_OP:
    case T_COMMA:
    case T_AND:
        return true;
    case T_RELATION:
        return small || (t->op != RP_REL_LT && t->op != RP_REL_GT && t->op != RP_REL_LE && t->op != RP_REL_GE &&
                         t->op != RP_REL_NE && t->op != RP_REL_APPROX);
    case T_MINUS:
    case T_OPEN:
    case T_BANG:
        return small;
    default:
        return false;
    }
}

/* "is wrong", "cannot be": a verb makes a sentence about the letter. */
static bool talks_about(const rp_token *t) {
    static const char *const verbs[] = {"is",      "isn't", "was",    "are",   "cannot",  "can't", "can", "would", "does",
                                        "doesn't", "must",  "should", "could", "might",   "may",   "but", "if",    "almost",
                                        "not",     "and",   "or",     "maybe", "perhaps", "then",  "only"};
    return (t->kind == T_WORD || t->kind == T_FUNCTION) &&
           rp_text_is_one_of(t->text, verbs, sizeof verbs / sizeof verbs[0]);
}

/* "(B)" with a space before it among the option's text: a second choice. f(B) is none. */
static bool names_another(const rp_token *tokens, size_t begin, size_t count) {
    for (size_t i = begin; i + 2 < count; i++)
        if (is_bracket(&tokens[i], T_OPEN) && letter_of(&tokens[i + 1], false) && is_bracket(&tokens[i + 2], T_CLOSE) &&
            ((tokens[i].flags & TF_SPACE) || (i > 0 && tokens[i - 1].kind != T_LETTER && tokens[i - 1].kind != T_WORD)))
            return true;
    return false;
}

/* Words behind a bare letter ("C Cecile"): words only, none of them a denial; "A cat" and "I know" are sentences. */
static bool is_spoken_option(const cursor *c, char letter) {
    if (letter == 'A' || letter == 'I') return false;
    for (size_t i = c->at; i < c->count; i++)
        if (c->tokens[i].kind != T_WORD || rp_prose_denies(c->tokens[i].text)) return false;
    return true;
}

static bool add_letter(rp_choices *choices, char letter) {
    const uint32_t bit = 1u << (letter - 'A');
    choices->count += !(choices->letters & bit);
    choices->letters |= bit;
    return true;
}

/* The rest of a single choice: nothing, or its option's text. */
static bool take_text(cursor *c, const item *first, rp_choices *choices) {
    if (is_dot(peek(c, 0)) && c->at + 1 == c->count) c->at++;
    if (c->at == c->count) return true;
    const rp_token *t = peek(c, 0);
    if (talks_about(t) || continues_expression(t, first->small)) return false;
    if (!first->bracketed && !first->marked) {
        if (!is_spoken_option(c, first->letter)) return false;
    } else if (!first->bracketed && !c->named && first->letter > 'J') {
        return false; /* "P. 5" is no option */
    }
    choices->sure = true;
    choices->text = c->at;
    cursor rest = *c;
    item second;
    if (names_another(c->tokens, c->at, c->count)) return add_letter(choices, first->letter == 'A' ? 'B' : 'A');
    if (take_item(&rest, &second) && rest.at == rest.count) return add_letter(choices, second.letter); /* "A: C" */
    return true;
}

bool rp_choices_read(const rp_token *tokens, size_t count, rp_choices *choices) {
    cursor c = {tokens, count, 0, false};
    item first, next = {.letter = 0};
    bool small;
    *choices = (rp_choices){.text = count};
    skip_lead(&c);
    if (!take_item(&c, &first)) return false;
    choices->sure = first.bracketed || c.named || (first.marked && tokens[c.at - 1].kind == T_CLOSE); /* "C)" */
    (void)add_letter(choices, first.letter);
    small = first.small;
    cursor more = c;
    while (take_joint(&more, first.bracketed) && take_item(&more, &next)) {
        (void)add_letter(choices, next.letter);
        small = small || next.small;
        c = more;
    }
    if (small && choices->count > 1 && !c.named) return false; /* (a)(b) is a product */
    if (choices->count > 1) {
        choices->sure = choices->sure || next.bracketed;
        if (is_dot(peek(&c, 0)) && c.at + 1 == count) c.at++;
        return c.at == count || choices->sure; /* whatever follows, several choices are named */
    }
    return take_text(&c, &first, choices);
}
