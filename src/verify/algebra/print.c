/* SPDX-License-Identifier: MIT
 *
 * print.c — trees as one readable line: what the verifier understood.
 */
#include "algebra/tree.h"

#include <string.h>

enum { PRINTED_MAX = 2000 };
enum { LEVEL_ITEM, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_FACTOR, LEVEL_POWER, LEVEL_ATOM };

static const char *const function_names[RP_FN_COUNT] = {
    [RP_FN_SIN] = "sin",
    [RP_FN_COS] = "cos",
    [RP_FN_TAN] = "tan",
    [RP_FN_COT] = "cot",
    [RP_FN_SEC] = "sec",
    [RP_FN_CSC] = "csc",
    [RP_FN_ASIN] = "arcsin",
    [RP_FN_ACOS] = "arccos",
    [RP_FN_ATAN] = "arctan",
    [RP_FN_ACOT] = "arccot",
    [RP_FN_ASEC] = "arcsec",
    [RP_FN_ACSC] = "arccsc",
    [RP_FN_SINH] = "sinh",
    [RP_FN_COSH] = "cosh",
    [RP_FN_TANH] = "tanh",
    [RP_FN_COTH] = "coth",
    [RP_FN_SECH] = "sech",
    [RP_FN_CSCH] = "csch",
    [RP_FN_ASINH] = "arsinh",
    [RP_FN_ACOSH] = "arcosh",
    [RP_FN_ATANH] = "artanh",
    [RP_FN_EXP] = "exp",
    [RP_FN_LN] = "ln",
    [RP_FN_LOG] = "log",
    [RP_FN_LG] = "lg",
    [RP_FN_ABS] = "abs",
    [RP_FN_FLOOR] = "floor",
    [RP_FN_CEIL] = "ceil",
    [RP_FN_FACTORIAL] = "factorial",
    [RP_FN_FACTORIAL2] = "factorial2",
    [RP_FN_BINOMIAL] = "binomial",
    [RP_FN_PERMUTATIONS] = "permutations",
    [RP_FN_GCD] = "gcd",
    [RP_FN_LCM] = "lcm",
    [RP_FN_MAX] = "max",
    [RP_FN_MIN] = "min",
    [RP_FN_MOD] = "mod",
    [RP_FN_DEGREES] = "degrees",
    [RP_FN_PERCENT] = "percent",
    [RP_FN_ROOT] = "root",
    [RP_FN_DET] = "det",
    [RP_FN_TRANSPOSE] = "transpose",
    [RP_FN_RE] = "Re",
    [RP_FN_IM] = "Im",
    [RP_FN_ARG] = "arg",
    [RP_FN_CONJUGATE] = "conj",
    [RP_FN_SIGN] = "sign",
    [RP_FN_DERIVATIVE] = "derivative",
    [RP_FN_GAMMA] = "Gamma",
    [RP_FN_PHI] = "phi",
};

const char *rp_function_name(rp_function fn) {
    return function_names[fn] ? function_names[fn] : "function";
}

typedef struct printer {
    rp_work *work;
    rp_buffer *out;
    size_t start; /* what the buffer held before */
} printer;

static bool full(const printer *p) {
    return p->out->length - p->start > PRINTED_MAX;
}
static void text(printer *p, const char *s) {
    rp_buffer_text(p->out, s);
}
static void name(printer *p, rp_str s) {
    rp_buffer_append(p->out, s.data, s.length);
}
static void print(printer *p, const rp_node *a, int level);

static void joined(printer *p, const rp_node *a, uint32_t first, const char *separator) {
    for (uint32_t i = first; i < a->count && !full(p); i++) {
        if (i > first) text(p, separator);
        print(p, a->kids[i], LEVEL_ITEM);
    }
}

static void call(printer *p, const char *function, const rp_node *a) {
    text(p, function);
    text(p, "(");
    joined(p, a, 0, ", ");
    text(p, ")");
}

/* A term that begins with a minus sign needs no plus before it. */
static bool is_negative(const rp_node *a) {
    if (a->kind == RP_NUMBER) return rp_q_sign(a->q) < 0;
    return a->kind == RP_PRODUCT && a->kids[0]->kind == RP_NUMBER && rp_q_sign(a->kids[0]->q) < 0;
}

static void print_sum(printer *p, const rp_node *a) {
    for (uint32_t i = 0; i < a->count && !full(p); i++) {
        if (i > 0) text(p, is_negative(a->kids[i]) || a->kids[i]->kind == RP_PLUSMINUS ? " " : " + ");
        print(p, a->kids[i], LEVEL_PRODUCT);
    }
}

static bool is_inverse(const rp_node *a) {
    return a->kind == RP_POWER && rp_tree_is_int(a->kids[1], -1);
}

static void print_product(printer *p, const rp_node *a) {
    for (uint32_t i = 0; i < a->count && !full(p); i++) {
        const bool minus_one = i == 0 && a->count > 1 && rp_tree_is_int(a->kids[0], -1) && !is_inverse(a->kids[1]);
        if (minus_one) {
            text(p, "-");
            continue;
        }
        const bool first = i == 0 || (i == 1 && rp_tree_is_int(a->kids[0], -1));
        if (is_inverse(a->kids[i])) {
            text(p, first ? "1/" : "/");
            print(p, a->kids[i]->kids[0], LEVEL_FACTOR);
        } else {
            if (!first) text(p, "*");
            print(p, a->kids[i], first ? LEVEL_PRODUCT : LEVEL_FACTOR);
        }
    }
}

static void print_big(printer *p, const rp_node *a) {
    static const char *const names[] = {"sum", "product", "integral", "limit"};
    text(p, names[a->op]);
    text(p, "(");
    print(p, a->kids[a->count - 1], LEVEL_ITEM);
    for (uint32_t i = 0; i + 1 < a->count; i++) {
        text(p, ", ");
        if (a->kids[i]->kind != RP_UNDEFINED) print(p, a->kids[i], LEVEL_ITEM);
    }
    text(p, ")");
}

static void print_relation(printer *p, const rp_node *a) {
    for (uint32_t i = 0; i < a->count && !full(p); i++) {
        if (i > 0) {
            text(p, " ");
            text(p, rp_relation_text(rp_relation_at(a, i - 1)));
            text(p, " ");
        }
        print(p, a->kids[i], LEVEL_SUM);
    }
}

static void print_matrix(printer *p, const rp_node *a) {
    text(p, "[");
    for (uint32_t i = 0; i < a->count && !full(p); i++) {
        if (i > 0) text(p, i % (uint32_t)a->op == 0 ? "; " : ", ");
        print(p, a->kids[i], LEVEL_ITEM);
    }
    text(p, "]");
}

static void print_number(printer *p, const rp_node *a, int level) {
    const bool brackets = level >= LEVEL_FACTOR && (rp_q_sign(a->q) < 0 || !rp_q_is_int(a->q));
    if (brackets) text(p, "(");
    rp_q_print(p->work, a->q, p->out);
    if (brackets) text(p, ")");
}

/* Lists, sets, tuples and what is said under conditions; false for other kinds. */
static bool print_collection(printer *p, const rp_node *a) {
    static const char *const joins[] = {
        [RP_JOIN_COMMA] = ", ", [RP_JOIN_AND] = " and ", [RP_JOIN_OR] = " or ", [RP_JOIN_SEMICOLON] = "; "};
    switch ((rp_kind)a->kind) {
    case RP_LIST:
        joined(p, a, 0, joins[a->op]);
        return true;
    case RP_SET:
        text(p, "{");
        joined(p, a, 0, ", ");
        text(p, "}");
        return true;
    case RP_TUPLE:
        rp_buffer_char(p->out, (char)a->op);
        joined(p, a, 0, ", ");
        rp_buffer_char(p->out, rp_tuple_closes(a));
        return true;
    case RP_BUILDER:
        text(p, "{");
        print(p, a->kids[0], LEVEL_ITEM);
        text(p, " | ");
        joined(p, a, 1, ", ");
        text(p, "}");
        return true;
    case RP_WHERE:
        print(p, a->kids[0], LEVEL_ITEM);
        text(p, " where ");
        joined(p, a, 1, " and ");
        return true;
    case RP_CASES:
        for (uint32_t i = 0; i < a->count; i++) {
            if (i) text(p, i % 2 ? " if " : "; ");
            print(p, a->kids[i], LEVEL_ITEM);
        }
        return true;
    default:
        return false;
    }
}

static void print_answer(printer *p, const rp_node *a) {
    static const char *const set_ops[] = {" union ", " intersect ", " minus "};
    if (print_collection(p, a)) return;
    switch ((rp_kind)a->kind) {
    case RP_RELATION:
        print_relation(p, a);
        break;
    case RP_SET_OP:
        joined(p, a, 0, set_ops[a->op]);
        break;
    case RP_NAMED_SET:
        text(p, a->op == 'P' ? "positive integers" : a->op == 'W' ? "integers from 0" : "");
        if (a->op != 'P' && a->op != 'W') rp_buffer_char(p->out, (char)a->op);
        break;
    case RP_RATIO:
        joined(p, a, 0, ":");
        break;
    case RP_QUANTITY:
        print(p, a->kids[0], LEVEL_PRODUCT);
        text(p, " [");
        name(p, a->name);
        if (a->count == 2) text(p, " "), print(p, a->kids[1], LEVEL_ATOM);
        text(p, "]");
        break;
    case RP_BASED:
        name(p, a->name);
        rp_buffer_format(p->out, "_%d", a->op);
        break;
    case RP_TEXT:
        text(p, "\"");
        name(p, a->name);
        text(p, "\"");
        break;
    default:
        text(p, "...");
        break;
    }
}

static void print(printer *p, const rp_node *a, int level) {
    static const char *const constants[] = {"pi", "e", "i", "infinity"};
    if (full(p)) return;
    const int own = a->kind == RP_SUM         ? LEVEL_SUM
                    : a->kind == RP_PLUSMINUS ? LEVEL_PRODUCT
                    : a->kind == RP_PRODUCT   ? LEVEL_PRODUCT
                    : a->kind == RP_POWER     ? LEVEL_POWER
                                              : LEVEL_ATOM;
    const bool brackets = own < level;
    if (brackets) text(p, "(");
    switch ((rp_kind)a->kind) {
    case RP_NUMBER:
        print_number(p, a, level);
        break;
    case RP_SYMBOL:
        name(p, a->name);
        break;
    case RP_CONSTANT:
        text(p, constants[a->op]);
        break;
    case RP_SUM:
        print_sum(p, a);
        break;
    case RP_PRODUCT:
        print_product(p, a);
        break;
    case RP_POWER:
        print(p, a->kids[0], LEVEL_ATOM);
        text(p, "^");
        print(p, a->kids[1], LEVEL_ATOM);
        break;
    case RP_FUNCTION:
        call(p, rp_function_name((rp_function)a->op), a);
        break;
    case RP_APPLY:
        name(p, a->name);
        call(p, "", a);
        break;
    case RP_BIG:
        print_big(p, a);
        break;
    case RP_PLUSMINUS:
        text(p, a->op ? "-+ " : "+- ");
        print(p, a->kids[0], LEVEL_PRODUCT);
        break;
    case RP_UNDEFINED:
        text(p, "undefined");
        break;
    case RP_MATRIX:
        print_matrix(p, a);
        break;
    default:
        print_answer(p, a);
        break;
    }
    if (brackets) text(p, ")");
}

void rp_tree_print(rp_work *work, const rp_node *a, rp_buffer *out) {
    printer p = {work, out, out->length};
    print(&p, a, LEVEL_ITEM);
    if (full(&p)) text(&p, "…");
}
