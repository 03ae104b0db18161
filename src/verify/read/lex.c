/* SPDX-License-Identifier: MIT
 *
 * lex.c — an answer as tokens.
 *
 * One forward pass. TeX that only places ink (\left, \displaystyle, \,) vanishes here; TeX that changes the mode (\text{…})
 * becomes a flag on the tokens inside, its braces vanish too. Braces are tracked on a bounded stack, since the closing one
 * must know what it closes. Whatever is not understood becomes T_UNKNOWN and is the parser's to refuse.
 */
#include "read/emit.h"

#include <string.h>

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '~';
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_ascii_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool is_letter(char c) {
    return is_ascii_letter(c) || (unsigned char)c >= 0x80;
}

static char peek(const rp_lexer *l, size_t ahead) {
    return l->at + ahead < l->text.length ? l->text.data[l->at + ahead] : '\0';
}
static bool starts(const rp_lexer *l, const char *what) {
    const size_t n = strlen(what);
    return l->text.length - l->at >= n && memcmp(l->text.data + l->at, what, n) == 0;
}

/* ---- Emitting ---------------------------------------------------------------------------------------------------- */

/* Emits the next n bytes as one token. */
static void emit_next(rp_lexer *l, rp_token_kind kind, int op, size_t n) {
    rp_lex_emit(l, kind, op, l->at, l->at + n);
    l->at += n;
}

/* ---- Braces ------------------------------------------------------------------------------------------------------ */

static void open_brace(rp_lexer *l, bool emitted, bool text) {
    if (l->depth == RP_LIMIT_DEPTH) {
        rp_work_fail(l->work, RP_REASON_DEPTH);
        return;
    }
    l->braces[l->depth++] = (brace){emitted, l->in_text};
    if (emitted) rp_lex_emit(l, T_OPEN, '{', l->at, l->at + 1);
    l->in_text = text;
    l->at++;
}

static void close_brace(rp_lexer *l) {
    if (l->depth == 0) {
        emit_next(l, T_CLOSE, '}', 1);
        return;
    }
    const brace top = l->braces[--l->depth];
    l->in_text = top.text_before;
    if (top.emitted) rp_lex_emit(l, T_CLOSE, '}', l->at, l->at + 1);
    l->at++;
}

static void skip_spaces(rp_lexer *l) {
    while (l->at < l->text.length && is_space(l->text.data[l->at])) l->at++;
}

/* "{name}" at the cursor: the slice inside; the cursor moves behind. Empty when there is no such group. */
static rp_str take_group(rp_lexer *l) {
    skip_spaces(l);
    if (peek(l, 0) != '{') return (rp_str){"", 0};
    size_t end = l->at + 1, depth = 1;
    for (; end < l->text.length; end++) {
        if (l->text.data[end] == '{') depth++;
        if (l->text.data[end] == '}' && --depth == 0) break;
    }
    const rp_str inner = {l->text.data + l->at + 1, end - l->at - 1};
    l->at = end < l->text.length ? end + 1 : end;
    return inner;
}

/* ---- Commands ---------------------------------------------------------------------------------------------------- */

/* Behind \left, \right, \middle and the like: a dot is no bracket; a bar gets its direction. */
static void after_sizing(rp_lexer *l, rp_str name) {
    const char last = name.data[name.length - 1];
    const bool left = rp_str_is(name, "left") || rp_str_is(name, "mleft") || (last == 'l' && name.length <= 5);
    const bool right = rp_str_is(name, "right") || rp_str_is(name, "mright") || (last == 'r' && name.length <= 5);
    skip_spaces(l);
    if (!left && !right) return;
    if (peek(l, 0) == '.')
        l->at++;
    else if (peek(l, 0) == '|')
        emit_next(l, left ? T_OPEN : T_CLOSE, '|', 1);
    else if (peek(l, 0) == '<' || peek(l, 0) == '>')
        emit_next(l, left ? T_OPEN : T_CLOSE, left ? '<' : '>', 1);
    else if (starts(l, "\\|"))
        emit_next(l, left ? T_OPEN : T_CLOSE, '|', 2);
    else if ((starts(l, "\\vert") || starts(l, "\\Vert")))
        emit_next(l, left ? T_OPEN : T_CLOSE, '|', 5);
}

static void begin_environment(rp_lexer *l, bool begin) {
    const size_t offset = l->at;
    const rp_str name = take_group(l);
    const rp_environment which = rp_environment_find(name);
    if (begin && which == RP_ENV_ARRAY) {
        skip_spaces(l);
        if (peek(l, 0) == '[')
            while (l->at < l->text.length && l->text.data[l->at++] != ']') {
            }
        (void)take_group(l); /* column layout */
    }
    rp_lex_emit_named(l, begin ? T_BEGIN : T_FINISH, (int)which, name, offset);
    if (begin)
        l->environments++;
    else if (l->environments)
        l->environments--;
}

static void operator_name(rp_lexer *l, size_t offset) {
    if (peek(l, 0) == '*') l->at++;
    rp_str name = take_group(l);
    while (name.length && is_space(name.data[0])) name.data++, name.length--;
    while (name.length && is_space(name.data[name.length - 1])) name.length--;
    const rp_command *known = rp_command_find(name);
    if (known && known->class == C_TOKEN)
        rp_lex_emit_named(l, (rp_token_kind)known->token, known->op, name, offset);
    else
        rp_lex_emit_named(l, name.length == 1 ? T_LETTER : T_WORD, 0, name, offset);
}

static void blackboard(rp_lexer *l, size_t offset) {
    rp_str name = take_group(l);
    if (name.length == 0 && is_ascii_letter(peek(l, 0))) name = (rp_str){l->text.data + l->at++, 1};
    const bool is_set = name.length == 1 && strchr("RZNQC", name.data[0]);
    rp_lex_emit_named(l, is_set ? T_NAMED_SET : T_LETTER, is_set ? name.data[0] : 0, name, offset);
}

/* A name nobody knows may be a known one with letters stuck to it: "\pir", "\vertx". */
static const rp_command *known_prefix(rp_str *name) {
    rp_str prefix = *name;
    while (prefix.length > 1) {
        const rp_command *known = rp_command_find(prefix);
        if (known &&
            (prefix.length == name->length || (known->class == C_TOKEN && (prefix.length > 2 || prefix.data[0] == 'p')))) {
            *name = prefix;
            return known;
        }
        prefix.length--;
    }
    return prefix.length == name->length ? rp_command_find(prefix) : NULL;
}

static void named_command(rp_lexer *l, const rp_command *known, rp_str name, size_t offset) {
    switch ((rp_command_class)known->class) {
    case C_TOKEN:
        l->pending |= TF_COMMAND;
        rp_lex_emit_named(l, (rp_token_kind)known->token, known->op, known->text ? rp_str_of(known->text) : name, offset);
        break;
    case C_SPACE:
        l->pending |= TF_SPACE;
        break;
    case C_WIDE_SPACE:
        l->pending |= TF_SPACE | TF_WIDE;
        break;
    case C_NEGSPACE:
        l->pending |= TF_TIGHT;
        break;
    case C_NOT:
        l->negate = true;
        break;
    case C_SKIP:
        after_sizing(l, name);
        break;
    case C_SKIP_ARG:
        (void)take_group(l);
        break;
    case C_TEXT:
        skip_spaces(l);
        if (peek(l, 0) == '{') open_brace(l, false, true);
        break;
    case C_OPERATOR:
        operator_name(l, offset);
        break;
    case C_BLACKBOARD:
        blackboard(l, offset);
        break;
    }
}

static void letter_command(rp_lexer *l) {
    const size_t offset = l->at++;
    size_t end = l->at;
    while (end < l->text.length && is_ascii_letter(l->text.data[end])) end++;
    rp_str name = {l->text.data + l->at, end - l->at};
    if (rp_str_is(name, "begin") || rp_str_is(name, "end")) {
        l->at = end;
        begin_environment(l, name.length == 5);
        return;
    }
    const rp_command *known = known_prefix(&name);
    l->at += name.length;
    if (known)
        named_command(l, known, name, offset);
    else
        rp_lex_emit_named(l, T_UNKNOWN, 0, (rp_str){l->text.data + offset, l->at - offset}, offset);
}

/* Two backslashes end a row; in text that was escaped once too often ("\\frac") they are one. */
static void double_backslash(rp_lexer *l) {
    size_t end = l->at + 2;
    while (end < l->text.length && is_ascii_letter(l->text.data[end])) end++;
    const rp_str name = {l->text.data + l->at + 2, end - l->at - 2};
    const bool escaped_twice = l->environments == 0 && name.length >= 2 &&
                               (rp_command_find(name) || rp_str_is(name, "begin") || rp_str_is(name, "end"));
    if (escaped_twice) {
        l->at++;
        letter_command(l);
        return;
    }
    emit_next(l, T_ROW, 0, 2);
    if (peek(l, 0) == '[') /* \\[2pt] */
        for (size_t i = 1; i < 12 && peek(l, i); i++)
            if (peek(l, i) == ']' && !is_digit(peek(l, i - 1)) && is_ascii_letter(peek(l, i - 1))) {
                l->at += i + 1;
                break;
            }
}

/* A JSON string escaped twice has "\\\\frac{1}{2}" for \frac{1}{2}: no backslash stands alone, and some pair of them stands
 * before what is no beginning of a row. */
static bool is_doubled(rp_str text) {
    bool found = false;
    for (size_t i = 0; i < text.length; i++) {
        size_t run = 0;
        while (i + run < text.length && text.data[i + run] == '\\') run++;
        if (run == 0) continue;
        if (run % 2) return false;
        i += run;
        size_t end = i;
        while (end < text.length && is_ascii_letter(text.data[end])) end++;
        const rp_str name = {text.data + i, end - i};
        const bool sign = i < text.length && strchr("{}!$%,;:", text.data[i]) != NULL && text.data[i] != '\0';
        found = found || sign || rp_str_is(name, "begin") || (name.length >= 2 && rp_command_find(name));
    }
    return found;
}

static void backslash(rp_lexer *l) {
    if (l->doubled) {
        if (peek(l, 2) == '\\') { /* four of them: the end of a row */
            emit_next(l, T_ROW, 0, 4);
            return;
        }
        l->at++;
    }
    const char next = peek(l, 1);
    if (is_ascii_letter(next))
        letter_command(l);
    else if (next == '\\')
        double_backslash(l);
    else if (next == '{')
        emit_next(l, T_OPEN, 'S', 2);
    else if (next == '}')
        emit_next(l, T_CLOSE, 'S', 2);
    else if (next == '%')
        emit_next(l, T_PERCENT, 0, 2);
    else if (next == '|')
        emit_next(l, T_BAR, 0, 2);
    else if (next == '$') {
        rp_lex_emit_named(l, T_CURRENCY, 0, rp_str_of("USD"), l->at);
        l->at += 2;
    } else {
        if (next == '!')
            l->pending |= TF_TIGHT;
        else
            l->pending |= TF_SPACE; /* \, \; \( \] and a lone backslash at the end */
        l->at += next ? 2 : 1;
    }
}

/* ---- Numbers and words ------------------------------------------------------------------------------------------- */

/* "0xFF", "0b101": the length of the literal and its base; 0 when there is none. */
static size_t prefixed_literal(const rp_lexer *l, int *base) {
    const char mark = peek(l, 1);
    if (peek(l, 0) != '0' || (mark != 'x' && mark != 'b')) return 0;
    size_t n = 2;
    for (;; n++) {
        const char c = peek(l, n);
        const bool hex = is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
        if (!(mark == 'x' ? hex : c == '0' || c == '1')) break;
    }
    *base = mark == 'x' ? 16 : 2;
    return n > 2 && !is_letter(peek(l, n)) && !is_digit(peek(l, n)) ? n : 0;
}

/* A command that marks a period stands `ahead`. */
static bool is_period_mark(const rp_lexer *l, size_t ahead) {
    static const char *const marks[] = {"\\overline", "\\bar", "\\dot"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t n = 0;
        while (marks[i][n] && peek(l, ahead + n) == marks[i][n]) n++;
        if (!marks[i][n]) return true;
    }
    return false;
}

static void number(rp_lexer *l) {
    int base;
    const size_t prefixed = prefixed_literal(l, &base);
    if (prefixed) {
        emit_next(l, T_NUMBER, base, prefixed);
        return;
    }
    size_t end = l->at;
    const char *s = l->text.data;
    while (end < l->text.length && is_digit(s[end])) end++;
    if (end < l->text.length && s[end] == '.') {
        const char next = end + 1 < l->text.length ? s[end + 1] : '\0';
        const bool repeating = next == '(' || is_period_mark(l, end + 1 - l->at); /* 0.(3), 0.\overline{3} */
        if (is_digit(next) || (repeating && end > l->at)) end++;
        while (end < l->text.length && is_digit(s[end])) end++;
    }
    if (end < l->text.length && (s[end] == 'e' || s[end] == 'E') && !l->in_text) {
        size_t digits = end + 1;
        if (digits < l->text.length && (s[digits] == '-' || s[digits] == '+')) digits++;
        size_t stop = digits;
        while (stop < l->text.length && is_digit(s[stop])) stop++;
        if (stop > digits && (stop == l->text.length || !is_letter(s[stop]))) end = stop;
    }
    rp_lex_emit(l, T_NUMBER, 0, l->at, end);
    l->at = end;
}

/* "frac{1}{2}", "bar{x}": a command that takes a group, and lost its backslash on the way. */
static const rp_command *lost_backslash(const rp_lexer *l, rp_str run) {
    if (run.length < 3 || l->at + run.length >= l->text.length || run.data[run.length] != '{') return NULL;
    const rp_command *known = rp_command_find(run);
    if (!known) return NULL;
    const bool takes_group = known->class == C_TEXT || known->class == C_OPERATOR || known->class == C_BLACKBOARD ||
                             (known->class == C_TOKEN && (known->token == T_FRAC || known->token == T_SQRT ||
                                                          known->token == T_BINOM || known->token == T_ACCENT));
    return takes_group ? known : NULL;
}

static void letters(rp_lexer *l) {
    size_t end = l->at;
    while (end < l->text.length && is_letter(l->text.data[end])) end++;
    const bool words = l->in_text || (unsigned char)l->text.data[l->at] >= 0x80;
    if (words) /* don't, o'clock */
        while (end + 1 < l->text.length && l->text.data[end] == '\'' && is_letter(l->text.data[end + 1])) {
            end++;
            while (end < l->text.length && is_letter(l->text.data[end])) end++;
        }
    const rp_str run = {l->text.data + l->at, end - l->at};
    const rp_command *lost = words ? NULL : lost_backslash(l, run);
    if (lost) {
        const size_t offset = l->at;
        l->at += run.length;
        named_command(l, lost, run, offset);
        return;
    }
    const rp_command *known = words ? rp_word_find(run) : NULL;
    if (known && known->token == T_AND)
        rp_lex_emit_named(l, T_AND, known->op, run, l->at);
    else if (words)
        rp_lex_emit(l, run.length == 1 ? T_LETTER : T_WORD, 0, l->at, end);
    else
        rp_lex_letters(l, l->at, end);
    l->at = end;
}

/* ---- Everything else --------------------------------------------------------------------------------------------- */

/* "^\circ", "^{\circ}", "^{\prime}": a raised mark is no exponent. */
static bool raised_mark(rp_lexer *l) {
    static const struct {
        const char *text;
        rp_token_kind kind;
    } marks[] = {{"{\\circ}", T_DEGREE},   {"\\circ", T_DEGREE},     {"{\\prime}", T_PRIME},   {"\\prime", T_PRIME},
                 {"{\\degree}", T_DEGREE}, {"\\degree", T_DEGREE},   {"{ \\circ }", T_DEGREE}, {"{\\circ }", T_DEGREE},
                 {"{o}", T_DEGREE},        {"{\\text{o}}", T_DEGREE}};
    const size_t start = l->at++;
    skip_spaces(l);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (starts(l, marks[i].text)) {
            l->at += strlen(marks[i].text);
            rp_lex_emit(l, marks[i].kind, 0, start, l->at);
            return true;
        }
    l->at = start;
    return false;
}

typedef struct sign {
    const char *text;
    uint8_t kind;
    int16_t op;
} sign;

/* Longest first where one begins like another. */
static const sign signs[] = {
    {"...", T_DOTS, 0},
    {"+/-", T_PLUSMINUS, 0},
    {"**", T_CARET, 0},
    {"=<", T_RELATION, RP_REL_LE},
    {">=", T_RELATION, RP_REL_GE},
    {"<=>", T_RELATION, RP_REL_IFF},
    {"<->", T_RELATION, RP_REL_IFF},
    {"<=", T_RELATION, RP_REL_LE},
    {"=>", T_RELATION, RP_REL_IMPLIES},
    {"<<", T_RELATION, RP_REL_MUCH_LESS},
    {">>", T_RELATION, RP_REL_MUCH_GREATER},
    {"->", T_RELATION, RP_REL_TO},
    {"==", T_RELATION, RP_REL_EQ},
    {":=", T_RELATION, RP_REL_EQ},
    {"!=", T_RELATION, RP_REL_NE},
    {"=", T_RELATION, RP_REL_EQ},
    {"<", T_RELATION, RP_REL_LT},
    {">", T_RELATION, RP_REL_GT},
    {"+", T_PLUS, 0},
    {"-", T_MINUS, 0},
    {"*", T_TIMES, 0},
    {"/", T_DIVIDE, 0},
    {"^", T_CARET, 0},
    {"_", T_UNDERSCORE, 0},
    {"!", T_BANG, 0},
    {"%", T_PERCENT, 0},
    {"'", T_PRIME, 0},
    {"(", T_OPEN, '('},
    {")", T_CLOSE, ')'},
    {"[", T_OPEN, '['},
    {"]", T_CLOSE, ']'},
    {"|", T_BAR, 0},
    {",", T_COMMA, 0},
    {";", T_SEMICOLON, 0},
    {":", T_COLON, 0},
    {"&", T_AMPERSAND, 0},
};

/* After a number or a bracket "!=" is a factorial and an equals sign: 5!=120. */
static bool is_factorial_equals(const rp_lexer *l, const sign *s) {
    const rp_token *last = rp_lex_last(l);
    return strcmp(s->text, "!=") == 0 && last && (last->kind == T_NUMBER || last->kind == T_CLOSE);
}

static void other(rp_lexer *l) {
    if (peek(l, 0) == '^' && raised_mark(l)) return;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (starts(l, signs[i].text) && !is_factorial_equals(l, &signs[i])) {
            emit_next(l, (rp_token_kind)signs[i].kind, signs[i].op, strlen(signs[i].text));
            return;
        }
    emit_next(l, T_UNKNOWN, 0, 1);
}

/* "14{,}916": TeX's way to write a comma without the space behind it. */
static bool braced_comma(rp_lexer *l) {
    size_t i = 1;
    while (is_space(peek(l, i))) i++;
    if (peek(l, i++) != ',') return false;
    while (is_space(peek(l, i))) i++;
    if (peek(l, i) != '}') return false;
    l->pending = TF_TIGHT;
    emit_next(l, T_COMMA, ',', i + 1);
    skip_spaces(l);
    l->pending = TF_TIGHT;
    return true;
}

/* In \text{…} dollars leave the text; elsewhere they only show where one formula ends and the next begins. */
static void dollar(rp_lexer *l) {
    if (l->in_text || (l->depth && l->braces[l->depth - 1].emitted == false)) l->in_text = !l->in_text;
    if (l->after_math && (l->pending & TF_SPACE)) l->pending |= TF_WIDE;
    l->after_math = true;
    l->at++;
}

static void next_token(rp_lexer *l) {
    const char c = peek(l, 0);
    if (is_space(c) || c == '"' || c == '`') {
        l->pending |= TF_SPACE | (c == '\n' ? TF_LINE : 0);
        l->at++;
    } else if (c == '$') {
        dollar(l);
    } else if (c == '\\')
        backslash(l);
    else if (c == '{') {
        if (!braced_comma(l)) open_brace(l, true, l->in_text);
    } else if (c == '}')
        close_brace(l);
    else if (is_digit(c) || (c == '.' && is_digit(peek(l, 1))))
        number(l);
    else if (is_letter(c))
        letters(l);
    else
        other(l);
}

bool rp_lex(rp_work *work, rp_str text, rp_tokens *tokens) {
    rp_lexer *lexer = rp_work_new(work, rp_lexer, 1);
    if (!lexer) return false;
    memset(lexer, 0, sizeof *lexer);
    lexer->work = work;
    lexer->text = text;
    if (text.length > RP_LIMIT_ANSWER) return rp_work_fail(work, RP_REASON_INPUT);
    lexer->doubled = is_doubled(text);
    while (lexer->at < text.length && !work->failed) next_token(lexer);
    rp_lex_emit(lexer, T_END, 0, text.length, text.length);
    if (work->failed) return false;
    *tokens = (rp_tokens){lexer->items, lexer->count - 1};
    return rp_lex_breaks(work, tokens);
}
