/* SPDX-License-Identifier: MIT
 *
 * breaks.c — what only several tokens together say.
 *
 * People put two formulas on two lines, or a \quad between them, and mean two formulas. Nothing in the tokens says so, and a
 * parser that goes on reads their product: "n + 1" above "0" must not be n. So where a line (or a wide space) parts what could
 * end a formula from what could begin one, a T_BREAK is put. A line inside brackets, behind an operator or before one, parts
 * nothing: it is how a long formula is set.
 *
 * In environments that align (align, aligned) an & only places ink, and a row that begins with a relation goes on with the
 * chain above. \left\{ before an array without a closing brace makes it a system or a function by cases.
 */
#include "read/lex.h"

#include <string.h>

enum { NESTING = 32 }; /* environments; deeper ones are left as they are */

/* ---- Environments ------------------------------------------------------------------------------------------------ */

/* The token that closes the environment opened at `at`; 0 when there is none. */
static size_t end_of_environment(const rp_tokens *t, size_t at) {
    size_t depth = 0;
    for (size_t i = at; i < t->count; i++) {
        if (t->items[i].kind == T_BEGIN) depth++;
        if (t->items[i].kind == T_FINISH && --depth == 0) return i;
    }
    return 0;
}

static bool is_open_brace(const rp_token *t) {
    return t->kind == T_OPEN && t->op == 'S';
}

/* \left\{ \begin{array} … \end{array} \right. : the brace goes, the array becomes cases. Only the first NESTING of them are
 * looked at, so that the pass stays linear. */
static void read_systems(rp_tokens *t) {
    size_t kept = 0, looked = 0;
    for (size_t i = 0; i < t->count; i++) {
        const bool opens = is_open_brace(&t->items[i]) && t->items[i + 1].kind == T_BEGIN && looked++ < NESTING;
        const int which = opens ? t->items[i + 1].op : 0;
        const size_t end = opens && (which == RP_ENV_ARRAY || which == RP_ENV_ALIGN || which == RP_ENV_CASES)
                               ? end_of_environment(t, i + 1)
                               : 0;
        const bool closed = end && t->items[end + 1].kind == T_CLOSE && t->items[end + 1].op == 'S';
        if (end && !closed) {
            t->items[i + 1].op = t->items[end].op = (int16_t)(which == RP_ENV_ARRAY ? RP_ENV_CASES : which);
            continue;
        }
        t->items[kept++] = t->items[i];
    }
    t->items[kept] = t->items[t->count];
    t->count = kept;
}

/* ---- Formulas ---------------------------------------------------------------------------------------------------- */

static bool is_capitals(const rp_token *t) {
    for (size_t i = 0; i < t->text.length; i++)
        if (t->text.data[i] < 'A' || t->text.data[i] > 'Z') return false;
    return true;
}

/* A letter or a name in capitals, in mathematics: words in \text go on with the sentence, \mathbf{w}(1) begins a formula. */
static bool is_name(const rp_token *t) {
    const rp_token_kind next = (rp_token_kind)t[1].kind;
    const bool bold = t->kind == T_LETTER && (next == T_OPEN || next == T_RELATION || next == T_UNDERSCORE);
    if ((t->flags & TF_TEXT) && !bold) return false;
    return t->kind == T_LETTER || (t->kind == T_WORD && is_capitals(t));
}

static bool may_end(const rp_token *t) {
    switch ((rp_token_kind)t->kind) {
    case T_NUMBER:
    case T_CONSTANT:
    case T_CLOSE:
    case T_BANG:
    case T_PERCENT:
    case T_DEGREE:
    case T_PRIME:
    case T_DOTS:
    case T_EMPTY_SET:
    case T_NAMED_SET:
    case T_FINISH:
        return true;
    default:
        return is_name(t);
    }
}

static bool may_begin(const rp_token *t) {
    switch ((rp_token_kind)t->kind) {
    case T_NUMBER:
    case T_FUNCTION:
    case T_CONSTANT:
    case T_FRAC:
    case T_SQRT:
    case T_BINOM:
    case T_BIG:
    case T_ACCENT:
    case T_PREFIX:
    case T_EMPTY_SET:
    case T_NAMED_SET:
    case T_CURRENCY:
    case T_BEGIN:
        return !(t->flags & TF_TEXT);
    default:
        return is_name(t);
    }
}

/* What stands between two brackets: a comma makes it a point, a relation a condition. */
typedef struct inside {
    bool comma, relation;
} inside;

static inside look_inside(const rp_tokens *t, size_t open) {
    inside found = {false, false};
    int depth = 0;
    for (size_t i = open; i < t->count && i < open + 64; i++) {
        const rp_token_kind kind = (rp_token_kind)t->items[i].kind;
        if (kind == T_OPEN) depth++;
        if (kind == T_CLOSE && --depth == 0) break;
        if (depth == 1 && kind == T_COMMA) found.comma = true;
        if (kind == T_RELATION) found.relation = true;
    }
    return found;
}

/* (1, 2) and then (3, 4) are two points; f(x) and then (x > 0) is a formula with its condition. */
static bool begins_point(const rp_tokens *t, size_t open, bool relation_before) {
    const rp_token *bracket = &t->items[open];
    if (bracket->kind != T_OPEN || (bracket->op != '(' && bracket->op != '[' && bracket->op != 'S')) return false;
    const inside here = look_inside(t, open);
    return here.comma && !here.relation && (t->items[open - 1].kind == T_CLOSE || relation_before);
}

static bool is_stop(const rp_token *t) {
    return t->kind == T_UNKNOWN && t->text.length == 1 && t->text.data[0] == '.';
}

/* ---- The pass ---------------------------------------------------------------------------------------------------- */

typedef struct pass {
    rp_environment stack[NESTING];
    size_t environments;
    long brackets;
    bool relation; /* one was seen since the last break */
} pass;

static bool aligns(const pass *p) {
    if (p->environments == 0) return p->brackets == 0;
    return p->environments <= NESTING && p->stack[p->environments - 1] == RP_ENV_ALIGN;
}

static void follow(pass *p, const rp_token *t) {
    if (t->kind == T_BEGIN) {
        if (p->environments < NESTING) p->stack[p->environments] = (rp_environment)t->op;
        p->environments++;
    }
    if (t->kind == T_FINISH && p->environments) p->environments--;
    if (t->kind == T_OPEN) p->brackets++;
    if (t->kind == T_CLOSE) p->brackets--;
    if (t->kind == T_RELATION) p->relation = true;
    if (t->kind == T_ROW || t->kind == T_COMMA || t->kind == T_SEMICOLON || t->kind == T_AND) p->relation = false;
}

static bool parts_formulas(const pass *p, const rp_tokens *t, size_t at) {
    const rp_token *here = &t->items[at];
    if (at == 0 || !(here->flags & (TF_LINE | TF_WIDE)) || p->brackets != 0 || p->environments != 0) return false;
    const bool ended = may_end(&t->items[at - 1]) || (is_stop(&t->items[at - 1]) && (here->flags & TF_LINE));
    return ended && (may_begin(here) || begins_point(t, at, p->relation));
}

/* An & that only aligns, or the end of a row whose next one goes on: "\\ &= 5". */
static bool is_ink(const pass *p, const rp_tokens *t, size_t at) {
    const bool cases = p->environments && p->environments <= NESTING && p->stack[p->environments - 1] == RP_ENV_CASES;
    if (cases && t->items[at].kind == T_AMPERSAND) /* x &= 1 in a system */
        return t->items[at + 1].kind == T_RELATION || (at > 0 && t->items[at - 1].kind == T_RELATION);
    if (!aligns(p)) return false;
    if (t->items[at].kind == T_AMPERSAND) return p->environments != 0 || p->relation || t->items[at + 1].kind == T_RELATION;
    if (t->items[at].kind != T_ROW) return false;
    const bool marked = t->items[at + 1].kind == T_AMPERSAND;
    const rp_token_kind next = (rp_token_kind)t->items[at + 1 + marked].kind;
    return next == T_RELATION || (marked && (next == T_PLUS || next == T_MINUS || next == T_TIMES));
}

bool rp_lex_breaks(rp_work *work, rp_tokens *tokens) {
    read_systems(tokens);
    rp_token *out = rp_work_new(work, rp_token, 2 * tokens->count + 1);
    if (!out) return false;
    size_t count = 0;
    pass p = {.environments = 0};
    for (size_t i = 0; i < tokens->count; i++) {
        const rp_token *t = &tokens->items[i];
        if (is_ink(&p, tokens, i)) continue;
        if (parts_formulas(&p, tokens, i)) {
            if (is_stop(&tokens->items[i - 1])) count--;
            out[count++] = (rp_token){T_BREAK, t->flags, 0, {t->text.data, 0}, t->offset};
            p.relation = false;
        }
        out[count++] = *t;
        follow(&p, t);
    }
    if (count > RP_LIMIT_TOKENS) return rp_work_fail(work, RP_REASON_NODES);
    out[count] = tokens->items[tokens->count];
    *tokens = (rp_tokens){out, count};
    return true;
}
