/* SPDX-License-Identifier: MIT
 *
 * step_tokens.c — a line of prose as arithmetic tokens: numbers with their separators and decimals, operators in every
 * spelling, TeX that only places ink dropped, words kept as words.
 *
 * Nothing here fails for a strange text: what is not arithmetic becomes S_WORD, S_LETTER or S_OTHER and ends an expression.
 */
#include "find/steps.h"
#include "find/extract.h"

#include <string.h>

typedef struct lexer {
    rp_work *work;
    rp_str text;
    size_t at, end;
    bool spaced;
    rp_step_tokens *out;
} lexer;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
/* Also the first bytes of letters beyond ASCII: Latin, Greek, Cyrillic, Arabic (C3 to DF), CJK and Hangul (E3 to EA). */
static bool is_letter(char c) {
    const unsigned char u = (unsigned char)c;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (u >= 0xC3 && u <= 0xDF) || (u >= 0xE3 && u <= 0xEA);
}
static char peek(const lexer *l, size_t ahead) {
    return l->at + ahead < l->end ? l->text.data[l->at + ahead] : '\0';
}
static bool sees(const lexer *l, const char *what) {
    const size_t n = strlen(what);
    return l->end - l->at >= n && memcmp(l->text.data + l->at, what, n) == 0;
}

static rp_step_token *add(lexer *l, rp_step_kind kind, size_t length) {
    rp_step_tokens *t = l->out;
    if (t->count == t->capacity) {
        const size_t capacity = t->capacity ? 2 * t->capacity : 64;
        rp_step_token *items = rp_work_new(l->work, rp_step_token, capacity);
        if (!items) return NULL;
        if (t->count) memcpy(items, t->items, t->count * sizeof *items);
        t->items = items;
        t->capacity = capacity;
    }
    rp_step_token *token = &t->items[t->count++];
    *token = (rp_step_token){.kind = kind, .spaced = l->spaced, .begin = l->at, .end = l->at + length};
    l->at += length;
    l->spaced = false;
    return token;
}

static const rp_step_token *last(const lexer *l) {
    return l->out->count ? &l->out->items[l->out->count - 1] : NULL;
}

/* A value may end here, so that an operator may follow. */
static bool after_value(const lexer *l) {
    const rp_step_token *t = last(l);
    return t && (t->kind == S_NUMBER || t->kind == S_CLOSE || t->kind == S_PERCENT || t->kind == S_UNIT ||
                 t->kind == S_WORD || t->kind == S_LETTER);
}

/* ---- Numbers ------------------------------------------------------------------------------------------------------ */

enum { DIGITS = 40 };

/* 1,234 and 1{,}234 and 1 234: exactly three digits behind it, after at most three. */
static size_t separator(const lexer *l, size_t at) {
    static const char *const forms[] = {",", "{,}", ",\\!", "\\,", " "};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const size_t n = strlen(forms[i]);
        if (at + n + 3 > l->end || memcmp(l->text.data + at, forms[i], n) != 0) continue;
        const char *d = l->text.data + at + n;
        const char after = at + n + 3 < l->end ? d[3] : ' ';
        if (forms[i][0] == ' ' && after == '-') continue; /* twelve 200-page books */
        if (is_digit(d[0]) && is_digit(d[1]) && is_digit(d[2]) && !is_digit(after)) return n;
    }
    return 0;
}

static bool lex_number(lexer *l) {
    char digits[DIGITS];
    size_t n = 0, at = l->at, run = 0;
    int places = -1;
    bool grouped = false;
    while (at < l->end && n < DIGITS) {
        const char c = l->text.data[at];
        const size_t gap = places < 0 && (grouped ? run == 3 : run > 0 && run <= 3) ? separator(l, at) : 0;
        if (is_digit(c)) {
            digits[n++] = c;
            run++;
            places += places >= 0;
            at++;
        } else if (gap) {
            grouped = true;
            run = 0;
            at += gap;
        } else if (c == '.' && places < 0 && at + 1 < l->end && is_digit(l->text.data[at + 1])) {
            places = 0;
            at++;
        } else {
            break;
        }
    }
    if (at + 1 < l->end && strchr(",:", l->text.data[at]) && is_digit(l->text.data[at + 1])) { /* 0,2 or 16,0000 or 7:30 */
        while (at < l->end && (is_digit(l->text.data[at]) || strchr(",:", l->text.data[at]))) at++;
        return add(l, S_OTHER, at - l->at) != NULL;
    }
    rp_q whole;
    if (n == DIGITS || !rp_q_digits(l->work, digits, n, 10, &whole)) return add(l, S_OTHER, at - l->at) != NULL;
    while (places >= 1 && at + 3 <= l->end && memcmp(l->text.data + at, "...", 3) == 0) at += 3; /* 8.333... */
    rp_step_token *t = add(l, S_NUMBER, at - l->at);
    if (!t) return false;
    t->places = places < 0 ? 0 : places;
    t->value = rp_q_div(l->work, whole, rp_q_pow(l->work, rp_q_int(10), t->places));
    return true;
}

/* 1st, 4pm, 2x+1: what stands directly behind a number. */
static bool lex_attached(lexer *l) {
    static const char *const ordinals[] = {"st", "nd", "rd", "th", "am", "pm"};
    rp_step_token *number = &l->out->items[l->out->count - 1];
    for (size_t i = 0; i < sizeof ordinals / sizeof ordinals[0]; i++)
        if (sees(l, ordinals[i]) && !is_letter(peek(l, 2))) {
            number->kind = S_WORD;
            number->end += 2;
            l->at += 2;
        }
    return true;
}

/* 2 1/2 and "2 and 1/2" are two and a half: a space, then a proper fraction of plain integers. */
static bool lex_mixed(lexer *l) {
    size_t at = l->at, n = 0;
    int64_t parts[2] = {0, 0};
    while (at < l->end && l->text.data[at] == ' ') at++;
    if (at == l->at || last(l)->places) return true;
    if (l->end - at > 4 && memcmp(l->text.data + at, "and ", 4) == 0) at += 4;
    for (int i = 0; i < 2; i++, at += i == 1) {
        for (n = 0; at < l->end && is_digit(l->text.data[at]) && n < 6; n++)
            parts[i] = 10 * parts[i] + (l->text.data[at++] - '0');
        if (n == 0 || (i == 0 && !(at < l->end && l->text.data[at] == '/'))) return true;
    }
    if (parts[0] >= parts[1] || parts[1] > 16 || (at < l->end && (is_digit(l->text.data[at]) || l->text.data[at] == '.')))
        return true;
    rp_step_token *t = &l->out->items[l->out->count - 1];
    t->value = rp_q_add(l->work, t->value, rp_q_ratio(l->work, parts[0], parts[1]));
    t->end = l->at = at;
    return true;
}

/* ---- Signs -------------------------------------------------------------------------------------------------------- */

typedef struct sign {
    const char *text;
    rp_step_kind kind;
    char op;
} sign;

/* The longest first where one begins another. A kind of S_STOP with op 's' is skipped like a space. */
static const sign signs[] = {{"=>", S_STOP, 0},
                             {"<=", S_STOP, 0},
                             {">=", S_STOP, 0},
                             {"!=", S_STOP, 0},
                             {"==", S_EQUALS, 0},
                             {"=", S_EQUALS, 0},
                             {"≈", S_EQUALS, '~'},
                             {"\\approx", S_EQUALS, '~'},
                             {"<", S_STOP, 0},
                             {">", S_STOP, 0},
                             {"+", S_OPERATOR, '+'},
                             {"-", S_OPERATOR, '-'},
                             {"−", S_OPERATOR, '-'},
                             {"–", S_OPERATOR, '-'},
                             {"*", S_OPERATOR, '*'},
                             {"×", S_OPERATOR, '*'},
                             {"·", S_OPERATOR, '*'},
                             {"⋅", S_OPERATOR, '*'},
                             {"∗", S_OPERATOR, '*'},
                             {"\\times", S_OPERATOR, '*'},
                             {"\\cdot", S_OPERATOR, '*'},
                             {"\\div", S_OPERATOR, '/'},
                             {"÷", S_OPERATOR, '/'},
                             {"/", S_OPERATOR, '/'},
                             {"^", S_OPERATOR, '^'},
                             {"(", S_OPEN, 0},
                             {"[", S_OPEN, 0},
                             {"\\{", S_OPEN, 0},
                             {"{", S_OPEN, 0},
                             {")", S_CLOSE, 0},
                             {"]", S_CLOSE, 0},
                             {"\\}", S_CLOSE, 0},
                             {"}", S_CLOSE, 0},
                             {"\\%", S_PERCENT, 0},
                             {"%", S_PERCENT, 0},
                             {"\\frac", S_FRAC, 0},
                             {"\\dfrac", S_FRAC, 0},
                             {"\\tfrac", S_FRAC, 0},
                             {"\\left", S_STOP, 's'},
                             {"\\right", S_STOP, 's'},
                             {"\\,", S_STOP, 's'},
                             {"\\;", S_STOP, 's'},
                             {"\\:", S_STOP, 's'},
                             {"\\!", S_STOP, 's'},
                             {"\\ ", S_STOP, 's'},
                             {"\\boxed", S_STOP, 's'},
                             {"\\mathbf", S_STOP, 's'},
                             {"\\quad", S_STOP, 0},
                             {"\\(", S_STOP, 's'},
                             {"\\)", S_STOP, 's'},
                             {"\\[", S_STOP, 's'},
                             {"\\]", S_STOP, 's'},
                             {"\\$", S_UNIT, '$'},
                             {"$", S_UNIT, '$'},
                             {"¢", S_UNIT, 'c'},
                             {"€", S_STOP, 's'},
                             {"£", S_STOP, 's'},
                             {"¥", S_STOP, 's'},
                             {"₹", S_STOP, 's'},
                             {"\"", S_STOP, 's'},
                             {"'", S_STOP, 's'},
                             {"`", S_STOP, 's'},
                             {"°", S_STOP, 's'},
                             {"\\circ", S_STOP, 's'},
                             {"~", S_STOP, 's'},
                             {"&", S_STOP, 's'},
                             {"’", S_STOP, 's'},
                             {"\\rightarrow", S_STOP, 0},
                             {"\\implies", S_STOP, 0},
                             {"\\Rightarrow", S_STOP, 0},
                             {"→", S_STOP, 0},
                             {"⇒", S_STOP, 0},
                             {",", S_STOP, 0},
                             {";", S_STOP, 0},
                             {":", S_STOP, 0},
                             {".", S_STOP, 0},
                             {"?", S_STOP, 0},
                             {"!", S_STOP, 0},
                             {"\n", S_STOP, 0},
                             {"\\\\", S_STOP, 0},
                             {"•", S_STOP, 0},
                             {"|", S_STOP, 0},
                             {"#", S_STOP, 0},
                             {"…", S_STOP, 0},
                             {"，", S_STOP, 0},
                             {"。", S_STOP, 0},
                             {"、", S_STOP, 0},
                             {"：", S_STOP, 0},
                             {"；", S_STOP, 0},
                             {"（", S_OPEN, 0},
                             {"）", S_CLOSE, 0},
                             {"＝", S_EQUALS, 0},
                             {"＋", S_OPERATOR, '+'},
                             {"元", S_STOP, 's'}};

/* Two stars are a power between digits ("2**3") and else the marks of bold print. */
static void lex_stars(lexer *l) {
    const bool between = l->at > 0 && is_digit(l->text.data[l->at - 1]) && is_digit(peek(l, 2));
    if (!between) {
        l->at += 2;
        l->spaced = true;
        return;
    }
    rp_step_token *t = add(l, S_OPERATOR, 2);
    if (t) t->op = '^';
}

static void lex_sign(lexer *l) {
    if (sees(l, "**")) {
        lex_stars(l);
        return;
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        const sign *s = &signs[i];
        const size_t n = strlen(s->text);
        if (!sees(l, s->text) || (s->text[0] == '\\' && is_letter(s->text[1]) && is_letter(peek(l, n)))) continue;
        /* "12-inch": a hyphen between a number and a word joins a unit */
        const bool hyphen = s->op == '-' && n == 1 && !l->spaced && after_value(l) && is_letter(peek(l, 1));
        if ((s->kind == S_STOP && s->op == 's') || hyphen) {
            l->at += n;
            l->spaced = true;
            return;
        }
        rp_step_token *t = add(l, s->kind, n);
        if (!t) return;
        t->op = s->op;
        t->about = s->op == '~';
        return;
    }
    size_t n = 1;
    if (peek(l, 0) == '\\')
        while (is_letter(peek(l, n))) n++;
    while ((unsigned char)peek(l, n) >= 0x80 && (unsigned char)peek(l, n) < 0xC0) n++; /* the rest of a character */
    (void)add(l, S_OTHER, n);
}

/* ---- Words -------------------------------------------------------------------------------------------------------- */

/* "5 plus 3", "5 times 3", "20% of 50" are operators when a number stands behind them. */
static char word_operator(const lexer *l, rp_str word) {
    static const struct {
        const char *word;
        char op;
    } words[] = {{"plus", '+'}, {"minus", '-'}, {"times", '*'}, {"of", 'o'}, {"x", '*'}, {"X", '*'}};
    if (!after_value(l)) return 0;
    const rp_step_kind before = last(l)->kind; /* "20% of 50" and "1/2 of 50", but not "a total of 50" */
    if (rp_str_is(word, "of") && before != S_NUMBER && before != S_PERCENT && before != S_CLOSE) return 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!rp_str_is(word, words[i].word)) continue;
        size_t at = l->at + word.length;
        while (at < l->end && strchr(" $(\\", l->text.data[at]) && l->text.data[at]) at++;
        return at < l->end && (is_digit(l->text.data[at]) || l->text.data[at] == '.') ? words[i].op : 0;
    }
    return 0;
}

static void lex_word(lexer *l) {
    size_t n = 0;
    while (is_letter(peek(l, n)) || (n > 0 && (unsigned char)peek(l, n) >= 0x80) ||
           (n > 0 && (peek(l, n) == '-' || peek(l, n) == '\'') && is_letter(peek(l, n + 1))))
        n++;
    if (peek(l, 0) == 'x' && is_digit(peek(l, 1)) && !l->spaced) n = 1; /* 2x3 */
    const rp_str word = {l->text.data + l->at, n};
    const char op = word_operator(l, word);
    const bool equals = rp_str_is(word, "equals") || rp_str_is(word, "equal");
    const bool attached = !l->spaced && after_value(l); /* 3A */
    const bool article = !attached && (rp_str_is(word, "a") || rp_str_is(word, "A") || rp_str_is(word, "I"));
    rp_step_token *t = add(l, op ? S_OPERATOR : equals ? S_EQUALS : n == 1 && !article ? S_LETTER : S_WORD, n);
    if (t) t->op = op;
}

/* \text{ apples}: its words count like any others. */
static bool skip_text_command(lexer *l) {
    static const char *const commands[] = {"\\text", "\\mathrm", "\\textbf", "\\mbox", "\\operatorname"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const size_t n = strlen(commands[i]);
        if (!sees(l, commands[i]) || peek(l, n) != '{') continue;
        for (l->at += n + 1; l->at < l->end && l->text.data[l->at] != '}' && !l->work->failed;) {
            if (is_letter(peek(l, 0)))
                lex_word(l);
            else
                l->at++, l->spaced = true;
        }
        l->at += l->at < l->end;
        return true;
    }
    return false;
}

static bool is_sign_beyond_ascii(const lexer *l) {
    return sees(l, "×") || sees(l, "÷") || sees(l, "。") || sees(l, "、") || sees(l, "元");
}

bool rp_step_lex(rp_work *work, rp_str text, size_t begin, size_t end, rp_step_tokens *tokens) {
    lexer l = {.work = work, .text = text, .at = begin, .end = end, .spaced = true, .out = tokens};
    while (l.at < l.end && rp_work_pay(work, 1)) {
        const char c = peek(&l, 0);
        if (c == ' ' || c == '\t' || c == '\r') {
            l.at++;
            l.spaced = true;
        } else if (is_digit(c) || (c == '.' && is_digit(peek(&l, 1)))) {
            (void)(lex_number(&l) && last(&l)->kind == S_NUMBER && lex_attached(&l) && last(&l)->kind == S_NUMBER &&
                   lex_mixed(&l));
        } else if (is_letter(c) && !is_sign_beyond_ascii(&l)) {
            lex_word(&l);
        } else if (!skip_text_command(&l)) {
            lex_sign(&l);
        }
    }
    return !work->failed;
}
