/* SPDX-License-Identifier: MIT
 *
 * step_value.c — the value of an expression in prose. Units and comments may stand between its numbers:
 *
 *   sum     := product { (+ | -) product }
 *   product := power { (* | / | of) power | power that opens with a bracket at once }
 *   power   := [-] primary [^ integer] [%] [unit]
 *   primary := number | ( sum ) | \frac{sum}{sum}
 *   unit    := at most six words, "per" and "/" before a word, "$", or a bracket that holds words only
 *
 * The longest expression counts: an operator without a number behind it ends the expression before it.
 */
#include "find/steps.h"

enum { WORDS_MAX = 6, NESTING = 32 };

typedef struct reader {
    rp_work *work;
    rp_str text;
    const rp_step_token *items;
    size_t at, end;
    rp_step_reading reading;
    rp_step_value *value; /* what is noticed on the way */
    int depth;
    bool impossible;
} reader;

static const rp_step_token *peek(const reader *r, size_t ahead) {
    static const rp_step_token none = {.kind = S_STOP};
    return r->at + ahead < r->end ? &r->items[r->at + ahead] : &none;
}

static bool read_sum(reader *r, rp_q *out);

static bool is_operator(const rp_step_token *t, const char *ops) {
    if (t->kind != S_OPERATOR) return false;
    for (; *ops; ops++)
        if (t->op == *ops) return true;
    return false;
}

static void note_unit(reader *r, rp_str word) {
    rp_unit unit = rp_unit_none(), *first = &r->value->unit;
    const bool ton = rp_str_is(word, "ton") || rp_str_is(word, "tons"); /* of several sizes */
    if (ton || !rp_unit_is_name(word) || !rp_unit_multiply(r->work, &unit, word, 1)) return;
    if (rp_unit_is_none(first))
        *first = unit;
    else if (rp_unit_same_kind(first, &unit) && !rp_q_equal(first->factor, unit.factor))
        r->value->mixed = true;
}

static void note_sign(reader *r, const rp_step_token *t) {
    note_unit(r, rp_str_of(t->op == 'c' ? "cents" : "dollars"));
}

/* A bracket that holds no number is a comment: "5 (the apples)"; at once behind a number it is a factor: ".05(minutes)". */
static size_t comment_length(const reader *r) {
    if (peek(r, 0)->kind != S_OPEN || !peek(r, 0)->spaced) return 0;
    for (size_t n = 1; n < 16; n++) {
        const rp_step_kind kind = peek(r, n)->kind;
        if (kind == S_CLOSE) return n > 1 ? n + 1 : 0;
        if (kind != S_WORD && kind != S_LETTER) return 0;
    }
    return 0;
}

/* Words that begin a sentence about the number are no unit, so nothing behind them belongs to the expression. */
static bool ends_unit(const reader *r, const rp_step_token *t) {
    static const char *const words[] = {"and",   "so",    "then",    "is",    "are",  "was", "has", "have", "he",
                                        "she",   "they",  "because", "which", "that", "but", "or",  "if",   "when",
                                        "since", "gives", "it",      "we",    "I",    "you", NULL};
    const rp_str word = {r->text.data + t->begin, t->end - t->begin};
    for (size_t i = 0; words[i]; i++)
        if (rp_str_is(word, words[i])) return true;
    return false;
}

/* Passes over a unit. The words are taken only when the expression goes on or ends right behind them, which the caller sees;
 * so the place is put back by the caller where an operator fails to follow. */
static void skip_unit(reader *r) {
    for (int words = 0; words < WORDS_MAX; words++) {
        const rp_step_token *t = peek(r, 0);
        const size_t comment = comment_length(r);
        if (t->kind == S_UNIT) {
            note_sign(r, t);
            r->at++;
        } else if (t->kind == S_WORD && !ends_unit(r, t)) {
            note_unit(r, (rp_str){r->text.data + t->begin, t->end - t->begin});
            r->at++;
        } else if (is_operator(t, "/") && peek(r, 1)->kind == S_WORD) {
            r->at += 2;
        } else if (comment) {
            r->at += comment;
        } else {
            return;
        }
    }
}

static bool read_group(reader *r, rp_q *out) {
    if (peek(r, 0)->kind != S_OPEN || ++r->depth > NESTING) return false;
    r->at++;
    if (!read_sum(r, out)) return false;
    skip_unit(r);
    if (peek(r, 0)->kind != S_CLOSE) return false;
    r->at++;
    r->depth--;
    return true;
}

static bool divide(reader *r, rp_q a, rp_q b, rp_q *out) {
    if (rp_q_sign(b) == 0) {
        r->impossible = true;
        return false;
    }
    *out = rp_q_div(r->work, a, b);
    return !r->work->failed;
}

static bool read_primary(reader *r, rp_q *out) {
    while (peek(r, 0)->kind == S_UNIT) { /* $5 */
        note_sign(r, peek(r, 0));
        r->at++;
    }
    const rp_step_token *t = peek(r, 0);
    if (t->kind == S_NUMBER) {
        r->at++;
        *out = t->value;
        r->value->places = t->places;
        return true;
    }
    if (t->kind == S_OPEN) return read_group(r, out);
    rp_q above, below;
    if (t->kind != S_FRAC) return false;
    r->at++;
    r->value->computed = true;
    return read_group(r, &above) && read_group(r, &below) && divide(r, above, below, out);
}

static bool read_exponent(reader *r, rp_q *out) {
    int64_t exponent;
    rp_q power;
    const size_t start = r->at;
    if (!is_operator(peek(r, 0), "^")) return true;
    r->at++;
    if (peek(r, 0)->kind == S_NUMBER) {
        power = peek(r, 0)->value;
        r->at++;
    } else if (!read_group(r, &power)) {
        r->at = start;
        return true;
    }
    if (!rp_q_small(power, &exponent) || exponent > 64 || exponent < -64) return false;
    if (exponent < 0 && rp_q_sign(*out) == 0) return false;
    r->value->computed = true;
    *out = rp_q_pow(r->work, *out, exponent);
    return !r->work->failed;
}

static bool read_power(reader *r, rp_q *out) {
    bool minus = false;
    while (is_operator(peek(r, 0), "+-") || (peek(r, 0)->kind == S_UNIT && is_operator(peek(r, 1), "-"))) {
        minus ^= is_operator(peek(r, 0), "-");
        r->at++;
    }
    if (!read_primary(r, out) || !read_exponent(r, out)) return false;
    if (minus) *out = rp_q_neg(r->work, *out);
    if (peek(r, 0)->kind == S_PERCENT) {
        r->at++;
        r->value->percent = true;
        if (r->reading == RP_PERCENT_COUNTS) *out = rp_q_div(r->work, *out, rp_q_int(100));
    }
    return !r->work->failed;
}

/* 60 / 3/4: what is written closely is divided by as a whole. */
static bool read_close_fraction(reader *r, rp_q *out) {
    const rp_step_token *a = peek(r, 0), *slash = peek(r, 1), *b = peek(r, 2);
    if (a->kind != S_NUMBER || b->kind != S_NUMBER || !is_operator(slash, "/") || !a->spaced || slash->spaced || b->spaced)
        return false;
    r->at += 3;
    return divide(r, a->value, b->value, out);
}

static bool apply(reader *r, char op, rp_q right, rp_q *out) {
    r->value->computed = true;
    switch (op) {
    case '+':
        *out = rp_q_add(r->work, *out, right);
        break;
    case '-':
        *out = rp_q_sub(r->work, *out, right);
        break;
    case '/':
        return divide(r, *out, right, out);
    default:
        *out = rp_q_mul(r->work, *out, right);
    }
    return !r->work->failed;
}

/* Operators of one rank with what stands behind them; where nothing can be read behind one, the expression ends before it and
 * before the words that led there. */
static bool read_row(reader *r, const char *ops, bool (*next)(reader *, rp_q *), rp_q *out) {
    if (!next(r, out)) return false;
    for (;;) {
        const size_t before = r->at;
        const rp_step_token *t = peek(r, 0);
        const bool touching = t->kind == S_OPEN && !t->spaced && ops[0] == '*' && before > 0 &&
                              (r->items[before - 1].kind == S_CLOSE || r->items[before - 1].kind == S_NUMBER);
        rp_q right;
        if (touching && comment_length(r) == 0) { /* 5(3+4) */
            if (!next(r, &right) || !apply(r, '*', right, out)) return false;
            continue;
        }
        skip_unit(r);
        t = peek(r, 0);
        if (!is_operator(t, ops)) {
            r->at = before;
            return true;
        }
        r->at++;
        const int depth = r->depth;
        const bool close = t->op == '/' && read_close_fraction(r, &right);
        if (!close && !next(r, &right)) {
            if (r->impossible || r->work->failed) return false;
            r->at = before;
            r->depth = depth;
            return true;
        }
        if (!apply(r, t->op, right, out)) return false;
    }
}

static bool read_product(reader *r, rp_q *out) {
    return read_row(r, "*/o", read_power, out);
}

static bool read_sum(reader *r, rp_q *out) {
    return rp_work_pay(r->work, 4) && read_row(r, "+-", read_product, out);
}

bool rp_step_value_at(rp_work *work, rp_str text, const rp_step_tokens *tokens, size_t at, size_t end,
                      rp_step_reading reading, rp_step_value *value, size_t *next, bool *impossible) {
    *value = (rp_step_value){.unit = rp_unit_none(), .places = 0};
    reader r = {
        .work = work, .text = text, .items = tokens->items, .at = at, .end = end, .reading = reading, .value = value};
    const bool good = read_sum(&r, &value->q);
    *impossible = r.impossible;
    *next = r.at;
    if (value->computed) value->places = -1;
    if (good) skip_unit(&r); /* a unit behind the last number is noticed, not passed */
    return good && !work->failed;
}
