/* SPDX-License-Identifier: MIT
 *
 * tree.h — answers as trees.
 *
 * The parser builds trees with rp_tree_* as they were written; simplify.c turns expressions into a canonical form in which
 * equal structure means equal value. Nodes are never changed once built, so trees share branches freely. A node's depth is
 * kept in it, and no node deeper than RP_LIMIT_DEPTH is ever made: recursion over a tree is bounded by construction.
 *
 * When a budget is exhausted the constructors return the shared node RP_NODE_NONE of kind RP_UNDEFINED, never NULL.
 */
#ifndef REPHRASE_VERIFY_TREE_H
#define REPHRASE_VERIFY_TREE_H

#include "algebra/exact.h"

struct rp_node;

typedef enum rp_kind {
    /* expressions */
    RP_NUMBER,    /* q */
    RP_SYMBOL,    /* name, with its subscript and accents */
    RP_CONSTANT,  /* op: rp_constant */
    RP_SUM,       /* kids */
    RP_PRODUCT,   /* kids */
    RP_POWER,     /* base, exponent */
    RP_FUNCTION,  /* op: rp_function, kids: arguments */
    RP_APPLY,     /* name, kids: f(x) of an unknown function */
    RP_BIG,       /* op: rp_big_op; kids: variable, lower, upper, body (for a limit: variable, point, body) */
    RP_PLUSMINUS, /* op 0: ±, 1: ∓; kid */
    RP_UNDEFINED, /* 1/0, ∞ - ∞ */
    RP_MATRIX,    /* op: columns; kids row by row */
    /* answers */
    RP_LIST,      /* items, in the order written; op: rp_join */
    RP_SET,       /* {a, b}; no kids: the empty set */
    RP_TUPLE,     /* op: opening bracket, flags: closing bracket; also an interval when there are two kids */
    RP_BUILDER,   /* {x | relations}: kids variable, condition … */
    RP_RELATION,  /* kids a, b, c …; name: one rp_relation per gap */
    RP_SET_OP,    /* op: rp_set_op; kids */
    RP_NAMED_SET, /* op: 'R', 'Z', 'N', 'Q', 'C'; 'P': the positive integers, 'W': those from 0 on */
    RP_RATIO,     /* a : b : c */
    RP_QUANTITY,  /* kid with a unit: name is the unit's canonical text; name "mod 7" for a congruence */
    RP_BASED,     /* digits with a base: name the digits, op the base, kid the value */
    RP_WHERE,     /* what is said under conditions: the answer, then relations or words, all of which hold */
    RP_CASES,     /* a function by cases: value, condition, value, condition …; a condition may be the word "otherwise" */
    RP_TEXT,      /* name: words in lower case, one space apart */
    RP_DOTS       /* … */
} rp_kind;

typedef enum rp_constant { RP_PI, RP_E, RP_I, RP_INFINITY } rp_constant;

typedef enum rp_function {
    RP_FN_NONE,
    RP_FN_SIN,
    RP_FN_COS,
    RP_FN_TAN,
    RP_FN_COT,
    RP_FN_SEC,
    RP_FN_CSC,
    RP_FN_ASIN,
    RP_FN_ACOS,
    RP_FN_ATAN,
    RP_FN_ACOT,
    RP_FN_ASEC,
    RP_FN_ACSC,
    RP_FN_SINH,
    RP_FN_COSH,
    RP_FN_TANH,
    RP_FN_COTH,
    RP_FN_SECH,
    RP_FN_CSCH,
    RP_FN_ASINH,
    RP_FN_ACOSH,
    RP_FN_ATANH,
    RP_FN_EXP,
    RP_FN_LN,
    RP_FN_LOG, /* kids: argument [, base] */
    RP_FN_LG,
    RP_FN_ABS,
    RP_FN_FLOOR,
    RP_FN_CEIL,
    RP_FN_FACTORIAL,
    RP_FN_FACTORIAL2,
    RP_FN_BINOMIAL,
    RP_FN_PERMUTATIONS,
    RP_FN_GCD,
    RP_FN_LCM,
    RP_FN_MAX,
    RP_FN_MIN,
    RP_FN_MOD,
    RP_FN_DEGREES,
    RP_FN_PERCENT,
    RP_FN_ROOT, /* kids: argument, degree */
    RP_FN_DET,
    RP_FN_TRANSPOSE,
    RP_FN_RE,
    RP_FN_IM,
    RP_FN_ARG,
    RP_FN_CONJUGATE,
    RP_FN_SIGN,
    RP_FN_DERIVATIVE,
    RP_FN_GAMMA,
    RP_FN_PHI,
    RP_FN_COUNT
} rp_function;

typedef enum rp_big_op { RP_BIG_SUM, RP_BIG_PRODUCT, RP_BIG_INTEGRAL, RP_BIG_LIMIT } rp_big_op;

/* One printable code each: the codes of a chain stand side by side in its `name` (see rp_relation_at). */
typedef enum rp_relation {
    RP_REL_EQ = '=',
    RP_REL_NE = '#',
    RP_REL_LT = '<',
    RP_REL_GT = '>',
    RP_REL_LE = 'l',
    RP_REL_GE = 'g',
    RP_REL_IN = 'i',
    RP_REL_NI = 'j', /* A \ni x */
    RP_REL_NOT_IN = 'n',
    RP_REL_APPROX = '~',
    RP_REL_EQUIV = 'e',
    RP_REL_NOT_EQUIV = 'E',
    RP_REL_SUBSET = 's', /* of \subset and \subseteq, which authors do not tell apart */
    RP_REL_SUPERSET = 'S',
    RP_REL_PROPER_SUBSET = 'p',
    RP_REL_PROPER_SUPERSET = 'P',
    RP_REL_NOT_SUBSET = 'u',
    RP_REL_NOT_SUPERSET = 'U',
    RP_REL_TO = 't',
    RP_REL_FROM = 'T',
    RP_REL_MAPS_TO = 'm',
    RP_REL_IMPLIES = 'I',
    RP_REL_IMPLIED_BY = 'J',
    RP_REL_NOT_IMPLIES = 'K',
    RP_REL_IFF = 'F',
    RP_REL_MUCH_LESS = 'w',
    RP_REL_MUCH_GREATER = 'W',
    RP_REL_PRECEDES = 'a',
    RP_REL_SUCCEEDS = 'A',
    RP_REL_PRECEDES_EQ = 'b',
    RP_REL_SUCCEEDS_EQ = 'B',
    RP_REL_DIVIDES = 'd',
    RP_REL_NOT_DIVIDES = 'D',
    RP_REL_PARALLEL = '|',
    RP_REL_NOT_PARALLEL = '/',
    RP_REL_PERPENDICULAR = '+',
    RP_REL_SIMILAR = 'y',
    RP_REL_PROPORTIONAL = 'x',
    RP_REL_PROVES = 'r'
} rp_relation;

/* The relation in a gap of a chain: gap 0 stands between the first two members. (relations.c) */
rp_relation rp_relation_at(const struct rp_node *chain, uint32_t gap);
/* Is every relation of the chain this one? */
bool rp_relation_all(const struct rp_node *chain, rp_relation which);
/* a R b says the same as b R' a: '<' and '>', '=' and '='. False when nothing says it: a maps to b. */
bool rp_relation_turned(rp_relation op, rp_relation *turned);
/* The relation that holds exactly when this one does not: \not\in. False when it has no name here. */
bool rp_relation_negated(rp_relation op, rp_relation *negated);
const char *rp_relation_text(rp_relation op); /* for a reader: "<=" */

typedef enum rp_join { RP_JOIN_COMMA, RP_JOIN_AND, RP_JOIN_OR, RP_JOIN_SEMICOLON } rp_join;

typedef enum rp_set_op { RP_SET_UNION, RP_SET_INTERSECTION, RP_SET_MINUS } rp_set_op;

typedef struct rp_node {
    uint8_t kind, depth;
    uint8_t flags;
    int32_t op;
    uint32_t count;
    uint32_t weight; /* nodes of the tree when shared branches are counted each time; at most RP_LIMIT_NODES */
    const struct rp_node *const *kids;
    rp_q q;
    rp_str name;
    const struct rp_unit *unit; /* of a quantity */
    uint64_t hash;              /* of kind, op, q, name and the kids' hashes: equal trees have equal hashes */
} rp_node;

enum {
    RP_FLAG_WORD = 1,    /* symbol: written as a word (ABC, \text{x}); a number's flags are its digits behind the point */
    RP_FLAG_UPRIGHT = 2, /* symbol: one letter in \mathbf or \text, perhaps a vector */
    RP_FLAG_POSITIVE = 4 /* symbol: positive wherever the expression it comes from is defined */
};

extern const rp_node RP_NODE_NONE;

const rp_node *rp_tree_number(rp_work *work, rp_q q);
const rp_node *rp_tree_int(rp_work *work, int64_t value);
const rp_node *rp_tree_ratio(rp_work *work, int64_t num, int64_t den); /* den != 0 */
const rp_node *rp_tree_symbol(rp_work *work, rp_str name, unsigned flags);
const rp_node *rp_tree_constant(rp_work *work, rp_constant which);
/* Any kind with kids (copied) and a name (kept as it is; both may be empty). Fails with DEPTH or NODES. */
const rp_node *rp_tree_make(rp_work *work, rp_kind kind, int op, unsigned flags, rp_str name, const rp_node *const *kids,
                            size_t count);
const rp_node *rp_tree_1(rp_work *work, rp_kind kind, int op, const rp_node *a);
const rp_node *rp_tree_2(rp_work *work, rp_kind kind, int op, const rp_node *a, const rp_node *b);
#define rp_tree_function1(work, fn, a)    rp_tree_1((work), RP_FUNCTION, (int)(fn), (a))
#define rp_tree_function2(work, fn, a, b) rp_tree_2((work), RP_FUNCTION, (int)(fn), (a), (b))

bool rp_tree_equal(const rp_node *a, const rp_node *b); /* same structure */
bool rp_tree_is_int(const rp_node *a, int64_t value);   /* the number `value` */
bool rp_tree_is_constant(const rp_node *a, rp_constant which);
bool rp_tree_is_function(const rp_node *a, rp_function fn);
/* Does the tree contain a node of this kind (op < 0: any op)? */
bool rp_tree_contains(const rp_node *a, rp_kind kind, int op);
bool rp_tree_has_symbol(const rp_node *a, rp_str name);
bool rp_tree_is_answer_kind(const rp_node *a); /* a list, set, relation …: not an expression */

/* The same node with other kids, as many as before. */
const rp_node *rp_tree_with_kids(rp_work *work, const rp_node *a, const rp_node *const *kids);
/* A value with a unit; the unit is kept by pointer, `text` is its canonical text. */
const rp_node *rp_tree_quantity(rp_work *work, const rp_node *value, const struct rp_unit *unit, rp_str text);
/* Copy with every symbol `name` replaced (not inside a sum or integral that binds it). */
const rp_node *rp_tree_substitute(rp_work *work, const rp_node *a, rp_str name, const rp_node *by);

/* A growing array of nodes, for the parser and the rewriting rules. */
typedef struct rp_nodes {
    const rp_node **items;
    size_t count, capacity;
} rp_nodes;
bool rp_nodes_push(rp_work *work, rp_nodes *list, const rp_node *node);

/* What every tree satisfies, built by the parser or by a rule: each kind has the kids, names and codes that the list of kinds
 * says, and depth, weight and hash are those of the kids. The tests ask it of every tree that they make. */
bool rp_tree_is_sound(const rp_node *a);

/* Fields that mean another thing for another kind, by their names there. */
static inline bool rp_symbol_is_word(const rp_node *symbol) {
    return (symbol->flags & RP_FLAG_WORD) != 0;
}
static inline bool rp_symbol_is_positive(const rp_node *symbol) {
    return (symbol->flags & RP_FLAG_POSITIVE) != 0;
}
static inline char rp_tuple_opens(const rp_node *tuple) {
    return (char)tuple->op;
}
static inline char rp_tuple_closes(const rp_node *tuple) {
    return (char)tuple->flags;
}

const char *rp_function_name(rp_function fn);
/* The normal form for a reader: plain ASCII, "x^2 + 3/4*pi", cut at 2,000 bytes. */
void rp_tree_print(rp_work *work, const rp_node *a, rp_buffer *out);

#endif
