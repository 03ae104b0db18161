/* SPDX-License-Identifier: MIT
 *
 * name.c — letters and names, and what is applied to what.
 *
 * A letter before a bracket is a factor or a function: x(x + 1) is a product, y(0) a value of y. The rules, in order: f, g, h
 * and a few Greek letters are functions whatever they are applied to; a letter is one when the bracket holds a number or only
 * letters (P(2), y(t), u(x, t)), since nobody writes such a product; it is one before any bracket when the same answer also
 * has it before such a bracket (P(x) and P(x + 1)); a point is never an argument of a letter (t(1, 0, 1) is a vector).
 * What is applied stays opaque: equal only to the same name applied to equal arguments.
 */
#include "parse/parse.h"

#include <string.h>

/* ---- Symbols ----------------------------------------------------------------------------------------------------- */

static rp_str join(rp_parser *p, rp_str a, const char *middle, rp_str b) {
    rp_buffer out = rp_buffer_in(p->work->arena);
    rp_buffer_append(&out, a.data, a.length);
    rp_buffer_text(&out, middle);
    rp_buffer_append(&out, b.data, b.length);
    if (out.failed) rp_work_fail(p->work, RP_REASON_STEPS);
    return (rp_str){out.data ? out.data : "", out.length};
}

/* a_{1+n} is a_{n+1}: the terms of a sum in one order, the longest and then the greatest first. */
static rp_str sorted_subscript(rp_parser *p, rp_str text) {
    enum { TERMS = 8 };
    rp_str terms[TERMS];
    size_t count = 0;
    for (size_t i = 0; i < text.length;) {
        size_t end = i + 1;
        while (end < text.length && text.data[end] != '+' && text.data[end] != '-') end++;
        if (count == TERMS) return text;
        const size_t begin = text.data[i] == '+' ? i + 1 : i;
        terms[count++] = (rp_str){text.data + begin, end - begin};
        i = end;
    }
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k > 0; k--) {
            const rp_str a = terms[k - 1], b = terms[k];
            const size_t n = a.length < b.length ? a.length : b.length;
            const int order = memcmp(a.data, b.data, n);
            if (order > 0 || (order == 0 && a.length >= b.length)) break;
            terms[k - 1] = b;
            terms[k] = a;
        }
    rp_str out = {"", 0};
    for (size_t i = 0; i < count; i++)
        out = join(p, out, i && terms[i].length && terms[i].data[0] != '-' ? "+" : "", terms[i]);
    return out;
}

/* The subscript as text, without braces and spaces: x_{1, 2} is x_1,2. */
static rp_str take_subscript(rp_parser *p) {
    rp_str name = {"", 0};
    if (!rp_take_op(p, T_OPEN, '{')) {
        if (rp_next_is(p, T_END) || rp_next_is(p, T_CLOSE)) {
            (void)rp_parse_fail(p, RP_REASON_SYNTAX);
            return name;
        }
        return p->tokens[p->at++].text;
    }
    bool sum = false, plain = true;
    for (int depth = 1; depth > 0;) {
        if (rp_next_is(p, T_END)) {
            (void)rp_parse_fail(p, RP_REASON_SYNTAX);
            return name;
        }
        if (rp_next_is_op(p, T_OPEN, '{')) depth++;
        if (rp_next_is_op(p, T_CLOSE, '}')) depth--;
        if (depth) name = join(p, name, "", p->tokens[p->at].text);
        sum = sum || rp_next_is(p, T_PLUS);
        plain = plain && !(depth && (rp_next_is(p, T_OPEN) || rp_next_is(p, T_COMMA)));
        p->at++;
    }
    return sum && plain ? sorted_subscript(p, name) : name;
}

const rp_node *rp_parse_decorations(rp_parser *p, const rp_node *symbol) {
    rp_str name = symbol->name;
    for (;;) {
        if (rp_take(p, T_UNDERSCORE)) {
            const rp_str subscript = take_subscript(p);
            if (p->failed) return &RP_NODE_NONE;
            name = join(p, name, "_", subscript);
        } else if (rp_next_is(p, T_PRIME) && !(rp_peek(p)->flags & TF_SPACE)) {
            p->at++;
            name = join(p, name, "'", (rp_str){"", 0});
        } else {
            break;
        }
    }
    return name.length == symbol->name.length ? symbol : rp_tree_symbol(p->work, name, symbol->flags);
}

/* ---- Application ------------------------------------------------------------------------------------------------- */

/* What stands in the bracket behind a name. */
typedef enum arguments {
    ARGUMENTS_NONE,
    ARGUMENT_ZERO,
    ARGUMENT_NUMBER,
    ARGUMENTS_LETTERS, /* letters, perhaps beside numbers: x; x, t; -x */
    ARGUMENTS_POINT,   /* several numbers */
    ARGUMENTS_EVENT,   /* a relation, a bar or a set: P(X = 2), P(A | B) */
    ARGUMENTS_OTHER
} arguments;

typedef struct argument_scan {
    size_t count, letters, numbers, since; /* since: operands since the last comma */
    bool zero, plain, event;
} argument_scan;

static void scan_token(argument_scan *s, const rp_token *t) {
    switch ((rp_token_kind)t->kind) {
    case T_COMMA:
        s->plain = s->plain && s->since == 1;
        s->since = 0;
        s->count++;
        break;
    case T_NUMBER:
        s->since++;
        s->numbers++;
        s->zero = rp_token_is_text(t, "0");
        break;
    case T_LETTER:
    case T_WORD:
    case T_CONSTANT:
        s->since++;
        s->letters++;
        break;
    case T_MINUS:
    case T_PLUS:
        s->plain = s->plain && s->since == 0;
        break;
    case T_RELATION:
    case T_BAR:
    case T_SET_OP:
    case T_AND:
        s->event = true;
        break;
    default:
        s->plain = false;
        break;
    }
}

/* The bracket at `open`, at most 64 tokens long. A subscript belongs to its letter. */
static arguments look_at_arguments(const rp_token *open) {
    enum { LONGEST = 64 };
    argument_scan s = {.count = 1, .plain = true};
    size_t i = 1;
    for (int depth = 1; depth > 0; i++) {
        const rp_token *t = &open[i];
        if (t->kind == T_END || i > LONGEST) return ARGUMENTS_OTHER;
        if (t->kind == T_OPEN) depth++;
        if (t->kind == T_CLOSE && --depth == 0) break;
        if (t->kind == T_UNDERSCORE && (open[i + 1].kind == T_NUMBER || open[i + 1].kind == T_LETTER)) {
            i++;
            continue;
        }
        scan_token(&s, t);
    }
    if (i == 1) return ARGUMENTS_NONE;
    if (s.event) return ARGUMENTS_EVENT;
    if (!s.plain || s.since != 1) return ARGUMENTS_OTHER;
    if (s.letters) return ARGUMENTS_LETTERS;
    return s.count > 1 ? ARGUMENTS_POINT : s.zero ? ARGUMENT_ZERO : ARGUMENT_NUMBER;
}

static bool starts_with_one_of(rp_str name, const char *letters) {
    return name.length >= 1 && strchr(letters, name.data[0]) &&
           (name.length == 1 || name.data[1] == '_' || name.data[1] == '\'');
}

/* Names that are functions before any bracket. */
static bool is_function_name(rp_str name) {
    static const char *const names[] = {"phi", "Phi", "psi", "Psi", "zeta", "Pr", "Var", "Cov"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (rp_str_is(name, names[i])) return true;
    return starts_with_one_of(name, "fghFGH");
}

static bool has_prime(rp_str name) {
    return name.length && memchr(name.data, '\'', name.length);
}

void rp_parse_note_applications(rp_parser *p, size_t count) {
    for (size_t i = 0; i + 1 < count; i++) {
        const rp_token *t = &p->tokens[i];
        if (t->kind != T_LETTER || t->text.length != 1 || t[1].kind != T_OPEN || t[1].op != '(') continue;
        const arguments what = look_at_arguments(&t[1]);
        const unsigned char letter = (unsigned char)t->text.data[0];
        if ((what == ARGUMENTS_LETTERS || what == ARGUMENT_ZERO) && letter < 128)
            p->applied[letter / 64] |= 1ull << (letter % 64);
    }
}

static bool is_applied_elsewhere(const rp_parser *p, rp_str name) {
    const unsigned char letter = (unsigned char)name.data[0];
    return name.length == 1 && letter < 128 && (p->applied[letter / 64] >> (letter % 64) & 1u);
}

/* 2x(3), x(2)(3): a number in a bracket among factors is a factor. */
static bool stands_among_factors(const rp_parser *p, size_t name_at) {
    const rp_token *t = &p->tokens[name_at];
    const bool before = name_at > 0 && (t[-1].kind == T_NUMBER || t[-1].kind == T_LETTER) && !(t->flags & TF_SPACE);
    return before || (t[3].kind == T_CLOSE && t[4].kind == T_OPEN);
}

static bool is_application(const rp_parser *p, rp_str name, size_t name_at) {
    const rp_token *open = rp_peek(p);
    if (open->kind != T_OPEN || open->op != '(' || (open->flags & TF_SPACE && !is_function_name(name))) return false;
    const arguments what = look_at_arguments(open);
    if (what == ARGUMENTS_NONE) return false;
    if (is_function_name(name)) return true;
    if (rp_str_is(name, "i") || rp_str_is(name, "d") || what == ARGUMENTS_POINT) return false;
    const bool capital = name.data[0] >= 'A' && name.data[0] <= 'Z';
    switch (what) {
    case ARGUMENT_ZERO:
    case ARGUMENTS_LETTERS:
        return true;
    case ARGUMENT_NUMBER:
        return capital || has_prime(name) || !stands_among_factors(p, name_at);
    case ARGUMENTS_EVENT:
        return starts_with_one_of(name, "PE");
    default:
        return has_prime(name) || is_applied_elsewhere(p, name);
    }
}

/* f(x), g(2, y), f^{-1}(x), P(A | B) */
static const rp_node *parse_call(rp_parser *p, rp_str name) {
    rp_nodes kids = {0};
    const bool group_commas = p->group_commas, no_bar = p->no_bar;
    const int bars = p->bars, close = rp_peek(p)->op == '[' ? ']' : ')';
    p->at++; /* the opening bracket */
    p->group_commas = false;
    p->no_bar = true;
    p->bars = 0;
    for (bool more = true; more;) {
        const rp_node *argument = rp_parse_item(p);
        if (p->failed || !rp_nodes_push(p->work, &kids, argument)) return &RP_NODE_NONE;
        more = rp_take(p, T_COMMA);
        if (!more && rp_take(p, T_BAR)) {
            more = true;
            name = join(p, name, "|", (rp_str){"", 0});
        }
    }
    p->group_commas = group_commas;
    p->no_bar = no_bar;
    p->bars = bars;
    if (!rp_take_op(p, T_CLOSE, close)) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_tree_make(p->work, RP_APPLY, 0, 0, name, kids.items, kids.count);
}

/* \Gamma(z) is (z - 1)!. */
static const rp_node *parse_gamma(rp_parser *p) {
    const rp_node *z = rp_parse_primary(p); /* the bracket */
    if (p->failed) return z;
    return rp_tree_function1(p->work, RP_FN_FACTORIAL, rp_tree_2(p->work, RP_SUM, 0, z, rp_tree_int(p->work, -1)));
}

static bool takes_inverse(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    const bool inverse = t[0].kind == T_CARET && t[1].kind == T_OPEN && t[2].kind == T_MINUS &&
                         rp_token_is_text(&t[3], "1") && t[4].kind == T_CLOSE && t[5].kind == T_OPEN && t[5].op == '(';
    if (inverse) p->at += 5;
    return inverse;
}

/* C(10,3) with two numbers is a binomial coefficient. */
static bool is_typed_combination(const rp_token *t) {
    return rp_token_is_text(t, "C") && t[1].kind == T_OPEN && t[1].op == '(' && rp_token_is_integer(&t[2]) &&
           t[3].kind == T_COMMA && rp_token_is_integer(&t[4]) && t[5].kind == T_CLOSE && t[5].op == ')';
}

static const rp_node *parse_typed_combination(rp_parser *p) {
    p->at++;
    const rp_node *n = rp_parse_number(p);
    p->at++;
    const rp_node *k = rp_parse_number(p);
    p->at++;
    return rp_tree_function2(p->work, RP_FN_BINOMIAL, n, k);
}

/* E[X], Var[X] */
static bool is_expectation(const rp_parser *p, rp_str name) {
    const rp_token *open = rp_peek(p);
    return open->kind == T_OPEN && open->op == '[' && (rp_str_is(name, "E") || rp_str_is(name, "Var")) &&
           look_at_arguments(open) == ARGUMENTS_LETTERS;
}

const rp_node *rp_parse_letter(rp_parser *p) {
    const size_t at = p->at;
    const rp_token *t = &p->tokens[p->at++];
    if (rp_token_is_text(t, "e") && !rp_next_is(p, T_UNDERSCORE)) return rp_tree_constant(p->work, RP_E);
    const bool upright = t->kind == T_LETTER && (t->flags & TF_TEXT);
    const rp_node *symbol = rp_tree_symbol(p->work, t->text,
                                           t->kind == T_WORD ? RP_FLAG_WORD
                                           : upright         ? RP_FLAG_UPRIGHT
                                                             : 0);
    const rp_token *next = rp_peek(p);
    const bool raised = p->at >= 2 && t[-1].kind == T_CARET; /* TeX raises one token: (-1)^n2^n is (-1)^n · 2^n */
    if (rp_token_is_integer(next) && !(next->flags & TF_SPACE) && !(t->flags & TF_COMMAND) && t->text.length == 1 &&
        !raised) {
        symbol = rp_tree_symbol(p->work, join(p, t->text, "_", next->text), 0); /* x2 in plain text is x_2 */
        p->at++;
    }
    if (is_typed_combination(t)) return parse_typed_combination(p);
    if (rp_token_is_text(t, "Gamma") && rp_next_is_op(p, T_OPEN, '(')) return parse_gamma(p);
    symbol = rp_parse_decorations(p, symbol);
    if (p->failed) return symbol;
    if (is_function_name(symbol->name) && takes_inverse(p))
        return parse_call(p, join(p, symbol->name, "^-1", (rp_str){"", 0}));
    if (is_application(p, symbol->name, at) || is_expectation(p, symbol->name)) return parse_call(p, symbol->name);
    return symbol;
}

/* ---- Names with something above, before or between --------------------------------------------------------------- */

/* \overline{AB}, \vec{a}, \hat x: the accent is part of the name. */
const rp_node *rp_parse_accent(rp_parser *p) {
    const rp_str accent = p->tokens[p->at++].text;
    const size_t begin = p->at;
    const rp_node *inner = rp_parse_argument(p);
    if (p->failed) return inner;
    if (inner->kind == RP_SUM && rp_tree_has_symbol(inner, rp_str_of("i")) && rp_str_is(accent, "overline"))
        return rp_tree_function1(p->work, RP_FN_CONJUGATE, inner); /* \overline{1+2i} */
    rp_str text = {"", 0};
    for (size_t i = begin; i < p->at; i++)
        if (p->tokens[i].kind != T_OPEN && p->tokens[i].kind != T_CLOSE) text = join(p, text, "", p->tokens[i].text);
    return rp_parse_decorations(p, rp_tree_symbol(p->work, join(p, accent, " ", text), RP_FLAG_WORD));
}

/* \angle ABC, \triangle ABC */
const rp_node *rp_parse_prefix(rp_parser *p) {
    const rp_str prefix = p->tokens[p->at++].text;
    rp_str text = {"", 0};
    while (rp_next_is(p, T_LETTER) || rp_next_is(p, T_WORD)) {
        if (rp_peek(p)->flags & TF_TEXT) break;
        text = join(p, text, "", p->tokens[p->at++].text);
    }
    if (text.length == 0) return rp_parse_fail(p, RP_REASON_SYNTAX);
    return rp_parse_decorations(p, rp_tree_symbol(p->work, join(p, prefix, " ", text), RP_FLAG_WORD));
}

/* FF_{16}: letters alone are digits only in front of this base; A_{12} is a variable. */
static bool is_hexadecimal(const rp_token *t) {
    for (size_t i = 0; i < t->text.length; i++)
        if (t->text.data[i] < 'A' || t->text.data[i] > 'F') return false;
    return !(t->flags & TF_TEXT) && t[1].kind == T_UNDERSCORE && t[2].kind == T_OPEN && t[2].op == '{' &&
           rp_token_is_text(&t[3], "16") && t[4].kind == T_CLOSE;
}

/* Var(X), Area(ABC): a word stuck to a bracket with letters in it. */
static bool is_word_applied(const rp_token *t) {
    return t[1].kind == T_OPEN && (t[1].op == '(' || t[1].op == '[') && !(t[1].flags & TF_SPACE) &&
           look_at_arguments(&t[1]) == ARGUMENTS_LETTERS;
}

const rp_node *rp_parse_word(rp_parser *p) {
    const rp_token *t = rp_peek(p);
    const rp_command *known = rp_word_find(t->text);
    if ((t->flags & TF_TEXT) && known && known->token == T_FUNCTION && (t[1].kind == T_OPEN || t[1].kind == T_NUMBER)) {
        rp_token *changed = &p->tokens[p->at];
        changed->kind = T_FUNCTION;
        changed->op = known->op;
        return rp_parse_function(p);
    }
    if (is_hexadecimal(t)) return rp_parse_number(p);
    bool capitals = true;
    for (size_t i = 0; i < t->text.length; i++) capitals = capitals && t->text.data[i] >= 'A' && t->text.data[i] <= 'Z';
    const rp_token_kind next = (rp_token_kind)t[1].kind;
    if (capitals || next == T_UNDERSCORE || next == T_RELATION || next == T_END || next == T_COMMA || next == T_CLOSE ||
        next == T_AND || is_word_applied(t))
        return rp_parse_letter(p);
    return rp_parse_fail(p, RP_REASON_SYNTAX);
}
