/* SPDX-License-Identifier: MIT
 *
 * wordset.c — sets of numbers as people name them: \mathbb{R}^+, \mathbb{Z}_{\ge 0}, "all real numbers except 1".
 *
 * Each becomes the set it means: an interval, a difference, or one of the named sets, to which P (the positive integers) and W
 * (the integers from 0 on) are added. \mathbb{N} stays itself, since authors disagree about 0.
 */
#include "parse/parse.h"

#include <string.h>

/* ---- Building ---------------------------------------------------------------------------------------------------- */

static const rp_node *named(rp_work *work, char letter) {
    return rp_tree_make(work, RP_NAMED_SET, letter, 0, (rp_str){NULL, 0}, NULL, 0);
}

/* The reals with x op 0 as an interval. */
static const rp_node *half_line(rp_work *work, rp_relation op) {
    const bool above = op == RP_REL_GT || op == RP_REL_GE, closed = op == RP_REL_GE || op == RP_REL_LE;
    const rp_node *zero = rp_tree_int(work, 0), *far = rp_tree_constant(work, RP_INFINITY);
    const rp_node *kids[2] = {above ? zero : rp_make_negative(work, far), above ? far : zero};
    return rp_tree_make(work, RP_TUPLE, above && closed ? '[' : '(', !above && closed ? ']' : ')', (rp_str){NULL, 0}, kids,
                        2);
}

static const rp_node *without(rp_work *work, const rp_node *set, const rp_node *const *items, size_t count) {
    const rp_node *removed = rp_tree_make(work, RP_SET, 0, 0, (rp_str){NULL, 0}, items, count);
    return rp_tree_2(work, RP_SET_OP, RP_SET_MINUS, set, removed);
}

/* The numbers of a named set with x op bound, bound 0 or 1. */
static const rp_node *restricted(rp_work *work, char set, rp_relation op, int64_t bound) {
    const bool positive = (op == RP_REL_GT && bound == 0) || (op == RP_REL_GE && bound == 1);
    const bool integers = set == 'Z' || set == 'N';
    const rp_node *zero = rp_tree_int(work, 0);
    if (op == RP_REL_NE && bound == 0) return set == 'N' ? named(work, 'P') : without(work, named(work, set), &zero, 1);
    if (integers && positive) return named(work, 'P');
    if (integers && op == RP_REL_GE && bound == 0) return named(work, 'W');
    if (bound != 0) return NULL;
    if (set == 'R') return half_line(work, op);
    return rp_tree_2(work, RP_SET_OP, RP_SET_INTERSECTION, named(work, set), half_line(work, op));
}

/* ---- \mathbb{R}^+ ------------------------------------------------------------------------------------------------ */

/* What a raised or lowered mark says: "+", "-", "*", "> 0", "0". */
static bool read_mark(const rp_token *t, size_t *used, rp_relation *op, int64_t *bound) {
    *bound = 0;
    *used = 1;
    switch ((rp_token_kind)t->kind) {
    case T_PLUS:
        return *op = RP_REL_GT, true;
    case T_MINUS:
        return *op = RP_REL_LT, true;
    case T_TIMES:
        return *op = RP_REL_NE, true;
    case T_NUMBER:
        return *op = RP_REL_GE, rp_token_is_text(t, "0");
    case T_RELATION:
        *op = (rp_relation)t->op;
        *used = 2;
        *bound = rp_token_is_text(&t[1], "1");
        return t[1].kind == T_NUMBER && (*bound || rp_token_is_text(&t[1], "0")) && strchr("<>lg#", t->op);
    default:
        return false;
    }
}

const rp_node *rp_parse_named_set(rp_parser *p) {
    const char letter = (char)p->tokens[p->at++].op;
    const rp_token *t = rp_peek(p);
    if (t->kind != T_CARET && t->kind != T_UNDERSCORE) return named(p->work, letter);
    const bool braced = t[1].kind == T_OPEN && t[1].op == '{';
    size_t used;
    rp_relation op;
    int64_t bound;
    const rp_token *mark = &t[1 + braced];
    if (!read_mark(mark, &used, &op, &bound) || (t->kind == T_CARET && mark->kind == T_NUMBER))
        return named(p->work, letter);
    if (braced && !(mark[used].kind == T_CLOSE && mark[used].op == '}')) return named(p->work, letter);
    const rp_node *set = restricted(p->work, letter, op, bound);
    if (!set) return named(p->work, letter);
    p->at += 1 + used + 2 * braced;
    return set;
}

/* ---- All real numbers -------------------------------------------------------------------------------------------- */

typedef struct noun {
    const char *words;
    char set;
    rp_relation op; /* of x op 0; 0: all of the set */
} noun;

static const noun nouns[] = {
    {"real number", 'R', 0},
    {"real", 'R', 0},
    {"integer", 'Z', 0},
    {"natural number", 'N', 0},
    {"rational number", 'Q', 0},
    {"rational", 'Q', 0},
    {"complex number", 'C', 0},
    {"positive integer", 'Z', RP_REL_GT},
    {"nonnegative integer", 'Z', RP_REL_GE},
    {"non-negative integer", 'Z', RP_REL_GE},
    {"negative integer", 'Z', RP_REL_LT},
    {"nonzero integer", 'Z', RP_REL_NE},
    {"non-zero integer", 'Z', RP_REL_NE},
    {"positive real number", 'R', RP_REL_GT},
    {"positive real", 'R', RP_REL_GT},
    {"nonnegative real number", 'R', RP_REL_GE},
    {"non-negative real number", 'R', RP_REL_GE},
    {"nonnegative real", 'R', RP_REL_GE},
    {"negative real number", 'R', RP_REL_LT},
    {"nonzero real number", 'R', RP_REL_NE},
    {"non-zero real number", 'R', RP_REL_NE},
    {"nonzero real", 'R', RP_REL_NE},
};

static bool is_word(const rp_token *t, const char *lower) {
    const size_t n = strlen(lower);
    return t->kind == T_WORD && t->text.length == n && (t->text.data[0] | 32) == lower[0] &&
           memcmp(t->text.data + 1, lower + 1, n - 1) == 0;
}

/* "all", "any", "the set of all": the number of tokens, 0 when no quantifier stands there. */
static size_t quantifier(const rp_token *t) {
    size_t at = 0;
    while (is_word(&t[at], "the") || is_word(&t[at], "set") || is_word(&t[at], "of")) at++;
    return is_word(&t[at], "all") || is_word(&t[at], "any") || is_word(&t[at], "every") ? at + 1 : 0;
}

/* The longest run of words from `begin` on that names a set; the cursor moves behind it. */
static const rp_node *take_noun(rp_parser *p, size_t begin) {
    size_t end = begin;
    while (p->tokens[end].kind == T_WORD || (p->tokens[end].kind == T_MINUS && p->tokens[end + 1].kind == T_WORD)) end++;
    if (end > begin + 5) end = begin + 5;
    for (; end > begin; end--) {
        const rp_str words = rp_prose_normal(p->work, p->tokens, begin, end);
        for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
            if (rp_str_is(words, nouns[i].words)) {
                p->at = end;
                return nouns[i].op ? restricted(p->work, nouns[i].set, nouns[i].op, 0) : named(p->work, nouns[i].set);
            }
    }
    return NULL;
}

static bool ends_answer(const rp_token *t) {
    return t->kind == T_END || t->kind == T_CLOSE || t->kind == T_SEMICOLON || t->kind == T_COMMA || t->kind == T_ROW ||
           t->kind == T_BREAK || (t->kind == T_UNKNOWN && rp_token_is_text(t, "."));
}

/* "except", "except for", "other than", "excluding" */
static size_t exception(const rp_token *t) {
    if (is_word(t, "except")) return is_word(&t[1], "for") ? 2 : 1;
    if (is_word(t, "excluding") || is_word(t, "besides")) return 1;
    return (is_word(t, "other") && is_word(&t[1], "than")) || (is_word(t, "different") && is_word(&t[1], "from")) ? 2 : 0;
}

/* "1", "1 and 2", "x = 1, 2": the numbers that are taken out. */
static const rp_node *take_exceptions(rp_parser *p, const rp_node *set) {
    rp_nodes values = {0};
    do {
        if (rp_next_is(p, T_LETTER) && rp_next_is_op(p, T_LETTER, 0) && p->tokens[p->at + 1].kind == T_RELATION &&
            p->tokens[p->at + 1].op == RP_REL_EQ)
            p->at += 2;
        const rp_node *value = rp_parse_sum(p);
        if (p->failed || !rp_nodes_push(p->work, &values, value)) return NULL;
    } while (rp_take(p, T_COMMA) || rp_take(p, T_AND));
    return without(p->work, set, values.items, values.count);
}

/* "x \ne 1" behind a set and its letter: {x in set | x \ne 1}. */
static const rp_node *with_relation(rp_parser *p, const rp_node *set, const rp_node *letter) {
    static const char in[] = {RP_REL_IN, 0};
    const rp_node *sides[2] = {letter, set};
    rp_nodes relations = {0};
    int word = 'a';
    do { /* one level only: a further set in words would be read inside this one */
        const rp_node *relation = rp_parse_relation(p);
        if (p->failed || relation->kind != RP_RELATION || !rp_nodes_push(p->work, &relations, relation)) return NULL;
        if (rp_next_is(p, T_AND)) word = rp_peek(p)->op;
    } while (rp_take(p, T_AND));
    const rp_join join = word == 'o' ? RP_JOIN_OR : RP_JOIN_AND;
    const rp_node *condition =
        relations.count == 1 ? relations.items[0] : rp_make_list(p->work, RP_LIST, (int)join, 0, &relations);
    const rp_node *kids[2] = {rp_tree_make(p->work, RP_RELATION, 0, 0, rp_str_of(in), sides, 2), condition};
    return rp_tree_make(p->work, RP_BUILDER, 0, 0, (rp_str){NULL, 0}, kids, 2);
}

static const rp_node *read_set(rp_parser *p, size_t begin) {
    const rp_node *set = take_noun(p, begin);
    if (!set) return NULL;
    const rp_node *letter = NULL;
    const rp_token *t = rp_peek(p);
    if (t->kind == T_LETTER && t[1].kind != T_RELATION) p->at++; /* "all real numbers x" */
    t = rp_peek(p);
    if (ends_answer(t)) return set;
    const size_t skip = exception(t);
    if (skip) {
        p->at += skip;
        return take_exceptions(p, set);
    }
    if (is_word(t, "where") || is_word(t, "with")) p->at++;
    if (is_word(t, "such") && is_word(&t[1], "that")) p->at += 2;
    t = rp_peek(p);
    if (t->kind != T_LETTER) return NULL;
    letter = rp_tree_symbol(p->work, t->text, 0);
    return with_relation(p, set, letter);
}

const rp_node *rp_parse_word_set(rp_parser *p) {
    const size_t before = p->at, words = quantifier(rp_peek(p));
    if (!words || p->retries >= RP_PARSE_RETRIES) return NULL;
    const rp_node *set = read_set(p, before + words);
    if (set && !p->failed && ends_answer(rp_peek(p))) return set;
    p->failed = p->work->failed;
    p->at = before;
    p->retries++;
    return NULL;
}
