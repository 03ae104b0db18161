/* SPDX-License-Identifier: MIT
 *
 * steps.c — are the written calculations true? In a human's or a model's prose, wherever an equals sign stands.
 *
 * Each equals sign is one step when numbers stand on both sides of it. The left side is the longest expression that ends
 * there, the right side the longest that begins there; words between numbers are units and comments. A step is
 *
 *   true        both sides have the same value: exactly, or correctly rounded or cut to the decimals that were written, or
 *               after converting a unit; 20 % is .2, or 20 where both sides are meant in percent
 *   false       they have not
 *   unreadable  it is about numbers, but not in this grammar ("half of 48 = 24", a root): counted apart and shown
 *
 * What is no claim about numbers is no step: "x = 5", "Total cost = 12", "2x + 3 = 7", "1 box = 12 apples". GSM8K's
 * annotations <<48/2=24>> are steps of their own, and the text around them is read without them. The work is linear in the
 * text: a side looks at no more than SIDE tokens.
 */
#include "find/steps.h"

#include <string.h>

enum { SIDE = 64, STEPS_MAX = 100000 };

typedef struct side {
    rp_step_value value[2]; /* by reading of the percent sign */
    size_t begin, next;     /* tokens; `next` is behind the expression and before its unit */
    bool good, impossible;
} side;

typedef struct checker {
    rp_work *work;
    rp_str text;
    const rp_step_tokens *t;
    bool about; /* the line speaks of rounding */
    rp_steps *out;
    size_t capacity;
} checker;

static const rp_step_token *token(const checker *c, size_t at) {
    static const rp_step_token none = {.kind = S_STOP};
    return at < c->t->count ? &c->t->items[at] : &none;
}

static bool word_is(const checker *c, size_t at, const char *const *words) {
    const rp_step_token *t = token(c, at);
    const rp_str word = {c->text.data + t->begin, t->end - t->begin};
    if (t->kind != S_WORD && t->kind != S_OPERATOR) return false;
    for (size_t i = 0; words[i]; i++) {
        const size_t n = strlen(words[i]);
        if (word.length != n) continue;
        size_t k = 0;
        while (k < n && (word.data[k] | 32) == words[i][k]) k++;
        if (k == n) return true;
    }
    return false;
}

static side side_at(const checker *c, size_t at, size_t end) {
    side s = {.begin = at, .good = true};
    for (int reading = 0; reading < 2 && s.good; reading++)
        s.good = rp_step_value_at(c->work, c->text, c->t, at, end, (rp_step_reading)reading, &s.value[reading], &s.next,
                                  &s.impossible);
    return s;
}

/* ---- The two sides ------------------------------------------------------------------------------------------------ */

/* Only words, signs of units and comments in [at, end)? */
static bool only_units(const checker *c, size_t at, size_t end) {
    int depth = 0;
    if (end - at > 8) return false;
    for (; at < end; at++) {
        const rp_step_token *t = token(c, at);
        const bool slash = t->kind == S_OPERATOR && t->op == '/' && token(c, at + 1)->kind == S_WORD;
        if (t->kind == S_OPEN && !t->spaced) return false;
        depth += t->kind == S_OPEN ? 1 : t->kind == S_CLOSE ? -1 : 0;
        if (depth < 0) return false;
        if (t->kind != S_WORD && t->kind != S_UNIT && t->kind != S_OPEN && t->kind != S_CLOSE && !slash) return false;
    }
    return depth == 0;
}

static bool may_begin(const checker *c, size_t at, size_t first) {
    const rp_step_token *t = token(c, at);
    if (t->kind == S_NUMBER || t->kind == S_OPEN || t->kind == S_FRAC || t->kind == S_UNIT) return true;
    return t->kind == S_OPERATOR && t->op == '-' && (at == first || token(c, at - 1)->kind == S_OPEN);
}

/* A dash between words and a number may be punctuation: "on Monday - 3 * 2 = 6". */
static bool is_dash(const checker *c, size_t at) {
    const rp_step_token *t = token(c, at);
    return t->kind == S_OPERATOR && t->op == '-' && t->spaced && at > 0 && token(c, at - 1)->kind == S_WORD;
}

/* … and when a number stands before those words, there must be more of them than a unit has. */
static bool is_punctuation(const checker *c, size_t first, size_t at) {
    const rp_step_token *t = token(c, at);
    if (at == first) return t->kind == S_OPERATOR && t->op == '-' && token(c, at + 1)->spaced; /* "- 3 + 4 = 7" in a list */
    if (!is_dash(c, at)) return false;
    size_t words = 0;
    while (words < at && token(c, at - 1 - words)->kind == S_WORD) words++;
    return words >= 3;
}

/* A bracket that nothing in [first, at) opened: "2) 3 + 4 = 7". */
static bool closes_nothing(const checker *c, size_t first, size_t at) {
    int depth = 0;
    for (size_t i = first; i <= at; i++) depth += token(c, i)->kind == S_OPEN ? 1 : token(c, i)->kind == S_CLOSE ? -1 : 0;
    return depth < 0;
}

/* The longest expression of [first, equals) that ends at the equals sign, beginning at `from` or later. */
static side left_side(const checker *c, size_t from, size_t first, size_t equals) {
    side impossible = {.good = false};
    for (size_t at = from; at < equals && rp_work_pay(c->work, 2); at++) {
        if (!may_begin(c, at, first)) continue;
        rp_step_kind before = at > first ? token(c, at - 1)->kind : S_STOP;
        if (before == S_CLOSE && closes_nothing(c, first, at - 1)) before = S_STOP;
        if (before == S_LETTER || before == S_OTHER || before == S_NUMBER || before == S_CLOSE) continue;
        if (before == S_OPERATOR && !is_dash(c, at - 1)) continue;
        const side s = side_at(c, at, equals);
        if (s.impossible) impossible = s;
        if (s.good && only_units(c, s.next, equals)) return s;
    }
    return impossible;
}

/* What stands behind an expression and its unit: a variable or a bracket makes it something else than the number that was
 * read; an operator without a number leaves open what was meant. */
typedef enum following { NOTHING, VARIABLE, OPERATION } following;

static following what_follows(const checker *c, size_t at, size_t end) {
    if (at < end && token(c, at)->kind == S_OPEN && !token(c, at)->spaced) return VARIABLE;
    while (at < end && (token(c, at)->kind == S_WORD || token(c, at)->kind == S_UNIT)) at++;
    if (at >= end) return NOTHING;
    const rp_step_kind kind = token(c, at)->kind, next = at + 1 < end ? token(c, at + 1)->kind : S_STOP;
    if (kind == S_LETTER || (kind == S_OPERATOR && (next == S_LETTER || next == S_OPEN))) return VARIABLE;
    return kind == S_OPERATOR || kind == S_OTHER ? OPERATION : NOTHING;
}

/* ---- Equality ----------------------------------------------------------------------------------------------------- */

static rp_q tenth_to(rp_work *work, int places) {
    return rp_q_pow(work, rp_q_ratio(work, 1, 10), places);
}

/* Is `written`, with so many decimals, the exact value rounded or cut? */
static bool rounds_to(const checker *c, rp_q exact, rp_q written, int places, bool about) {
    if (places < 0 || (places == 0 && !about)) return false;
    rp_q gap = rp_q_sub(c->work, exact, written);
    if (rp_q_sign(gap) < 0) gap = rp_q_neg(c->work, gap);
    const rp_q unit = tenth_to(c->work, places);
    if (rp_q_cmp(c->work, rp_q_mul(c->work, gap, rp_q_int(2)), unit) <= 0) return true;
    return (places >= 2 || about) && rp_q_cmp(c->work, gap, unit) < 0;
}

static bool same_value(const checker *c, const rp_step_value *a, const rp_step_value *b, bool about) {
    if (rp_q_equal(a->q, b->q)) return true;
    if (rounds_to(c, a->q, b->q, b->places, about)) return true;
    if (about && rounds_to(c, b->q, a->q, a->places, about)) return true;
    if (rp_unit_is_none(&a->unit) || rp_unit_is_none(&b->unit) || !rp_unit_same_kind(&a->unit, &b->unit)) return false;
    /* in the right side's unit: 90 minutes = 1.5 hours */
    const rp_q scaled = rp_q_mul(c->work, a->q, rp_q_div(c->work, a->unit.factor, b->unit.factor));
    return rp_q_equal(scaled, b->q) || rounds_to(c, scaled, b->q, b->places, about);
}

/* Percent signs count as 1/100 on both sides or on neither, or on the left one alone: "10/50 * 100 = 20%". */
static bool holds(const checker *c, const side *l, const side *r, bool about) {
    if (same_value(c, &l->value[RP_PERCENT_COUNTS], &r->value[RP_PERCENT_COUNTS], about)) return true;
    if (!l->value[0].percent && !r->value[0].percent) return false;
    return same_value(c, &l->value[RP_PERCENT_IGNORED], &r->value[RP_PERCENT_IGNORED], about);
}

/* ---- One equals sign ---------------------------------------------------------------------------------------------- */

static void record(checker *c, size_t begin, size_t end, rp_step_truth truth) {
    rp_steps *out = c->out;
    if (out->count == c->capacity) {
        const size_t capacity = c->capacity ? 2 * c->capacity : 16;
        rp_step *items = capacity <= STEPS_MAX ? rp_work_new(c->work, rp_step, capacity) : NULL;
        if (!items) {
            out->cut = true;
            return;
        }
        if (out->count) memcpy(items, out->items, out->count * sizeof *items);
        out->items = items;
        c->capacity = capacity;
    }
    out->items[out->count++] = (rp_step){{c->text.data + begin, end - begin}, truth};
    out->true_steps += truth == RP_STEP_TRUE;
    out->false_steps += truth == RP_STEP_FALSE;
    out->unreadable += truth == RP_STEP_UNREADABLE;
}

/* Words behind the last number that make another value of it: "2/3 of the tank = 16". */
static bool unit_computes(const checker *c, size_t at, size_t equals) {
    static const char *const words[] = {"of",      "less",  "more",   "times", "percent",
                                        "squared", "cubed", "thirds", "half",  NULL};
    for (; at < equals; at++)
        if (word_is(c, at, words)) return true;
    return false;
}

/* "half of 48 = 24", "5 less than 9 + 1 = 5": the words before the numbers count, and cannot be read. Before a single number
 * the weaker ones are only a label: "cost of 3 apples = 6". */
static bool words_compute(const checker *c, size_t first, size_t begin, bool weak_ones) {
    static const char *const strong[] = {"half",    "twice",   "double",   "triple",     "thrice",     "third",
                                         "thirds",  "quarter", "quarters", "fourth",     "times",      "less",
                                         "minus",   "plus",    "product",  "sum",        "average",    "square",
                                         "squared", "root",    "divided",  "multiplied", "difference", NULL};
    static const char *const weak[] = {"of", "more", "than", "by", "from", NULL};
    for (size_t at = begin; at-- > first && begin - at <= 4;)
        if (word_is(c, at, strong) || token(c, at)->kind == S_OPERATOR || (weak_ones && word_is(c, at, weak))) return true;
    return false;
}

/* A bare number on the left, false: a claim ("so 6 = 7"), or only the end of a label ("Cost of 3 apples = 6")? */
static bool bare_is_claim(const checker *c, const side *l, const side *r, size_t first, size_t equals) {
    static const char *const links[] = {"so",   "then", "thus", "hence", "therefore", "is", "are",
                                        "that", "get",  "gets", "have",  "has",       NULL};
    if (l->begin > first && !word_is(c, l->begin - 1, links)) return false;
    /* "3 apples = 6 dollars" is a price; "3 apples = 4 apples" and "1 hour = 50 minutes" are claims */
    const rp_unit *a = &l->value[0].unit, *b = &r->value[0].unit;
    if (!rp_unit_is_none(a) || !rp_unit_is_none(b)) return rp_unit_same_kind(a, b);
    const rp_step_token *x = token(c, l->next), *y = token(c, r->next);
    if (l->next >= equals || x->kind != S_WORD) return true;
    return y->kind == S_WORD && rp_str_equal((rp_str){c->text.data + x->begin, x->end - x->begin},
                                             (rp_str){c->text.data + y->begin, y->end - y->begin});
}

/* "1/2 a cup" is a number like "3 cups", though an operator stands in it. */
static bool is_computed(const checker *c, const side *l) {
    if (!l->value[0].computed) return false;
    const rp_step_token *slash = token(c, l->begin + 1);
    return !(l->next == l->begin + 3 && slash->kind == S_OPERATOR && slash->op == '/' && !slash->spaced &&
             token(c, l->next)->kind == S_WORD);
}

/* The step of the equals sign at token `equals`; its segment is [first, end): from the sign or stop before it to the next. */
static void check(checker *c, size_t first, size_t equals, size_t end) {
    const side l = left_side(c, first, first, equals), r = side_at(c, equals + 1, end);
    const size_t begin_token = l.good || l.impossible ? l.begin : first;
    const size_t begin = token(c, begin_token)->begin;
    const size_t last = r.good ? r.next - 1 : equals + 1 < end ? equals + 1 : equals;
    if ((l.impossible && !l.good && r.good) || (l.good && r.impossible)) {
        record(c, begin, token(c, last)->end, RP_STEP_FALSE); /* a division by 0 has no value */
        return;
    }
    const rp_step_kind before = equals > first ? token(c, equals - 1)->kind : S_STOP, after = token(c, equals + 1)->kind;
    const bool left_numeric =
        before == S_NUMBER || before == S_CLOSE || before == S_PERCENT || before == S_OTHER || before == S_OPERATOR;
    const bool right_numeric =
        after == S_NUMBER || after == S_OPEN || after == S_UNIT || after == S_OTHER || after == S_OPERATOR;
    if (!l.good || !r.good) {
        bool letters = false, numbers = false,
             strange = false; /* strange: a root or a time among the left side's numbers */
        for (size_t at = first; at < end; at++) {
            strange |= at < equals && token(c, at)->kind == S_OTHER;
            letters |= token(c, at)->kind == S_LETTER;
            numbers |= token(c, at)->kind == S_NUMBER;
        }
        const bool about_numbers = (l.good || left_numeric || strange) && (r.good || right_numeric) && numbers && !letters;
        if (about_numbers && equals + 1 < end) record(c, begin, token(c, last)->end, RP_STEP_UNREADABLE);
        return;
    }
    const following follows = what_follows(c, r.next, end);
    if (follows == VARIABLE) return;
    const bool about = c->about || token(c, equals)->about;
    rp_step_truth truth = RP_STEP_TRUE;
    if (token(c, r.next)->kind == S_OTHER && r.next < end) {
        truth = RP_STEP_UNREADABLE;
    } else if (!holds(c, &l, &r, about)) {
        const bool vague = words_compute(c, first, l.begin, is_computed(c, &l)) || unit_computes(c, l.next, equals) ||
                           follows == OPERATION || l.value[0].mixed || r.value[0].mixed;
        if (!is_computed(c, &l) && !vague && !bare_is_claim(c, &l, &r, first, equals)) return;
        truth = vague ? RP_STEP_UNREADABLE : RP_STEP_FALSE;
        for (size_t at = l.begin; truth == RP_STEP_FALSE && at < equals; at++) {
            const side shorter =
                is_punctuation(c, first, at) ? left_side(c, at + 1, at + 1, equals) : (side){.good = false};
            if (shorter.good && holds(c, &shorter, &r, about)) truth = RP_STEP_TRUE;
        }
    }
    record(c, begin, token(c, last)->end, truth);
}

/* ---- Lines -------------------------------------------------------------------------------------------------------- */

static bool speaks_of_rounding(rp_str line) {
    static const char *const words[] = {"round", "about", "approx", "nearest", "roughly", "almost", "remainder"};
    for (size_t at = 0; at < line.length; at++)
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            const size_t n = strlen(words[i]);
            if (line.length - at >= n && memcmp(line.data + at, words[i], n) == 0) return true;
        }
    return false;
}

static void check_row(checker *c, const rp_step_tokens *tokens) {
    c->t = tokens;
    size_t first = 0;
    for (size_t at = 0; at < tokens->count && !c->work->failed; at++) {
        const rp_step_kind kind = tokens->items[at].kind;
        if (kind == S_EQUALS) {
            size_t end = at + 1;
            while (end < tokens->count && tokens->items[end].kind != S_EQUALS && tokens->items[end].kind != S_STOP &&
                   end - at < SIDE)
                end++;
            check(c, at - first > SIDE ? at - SIDE : first, at, end);
        }
        if (kind == S_EQUALS || kind == S_STOP) first = at + 1;
    }
}

/* Behind the ">>" of an annotation that opens at `at`, or 0. */
static size_t annotation_end(rp_str text, size_t at, size_t end) {
    if (end - at < 4 || memcmp(text.data + at, "<<", 2) != 0) return 0;
    for (size_t i = at + 2; i + 1 < end && i - at < 200; i++)
        if (text.data[i] == '>' && text.data[i + 1] == '>') return i + 2;
    return 0;
}

static void check_line(checker *c, size_t begin, size_t end) {
    rp_step_tokens outer = {0};
    size_t from = begin;
    c->about = speaks_of_rounding((rp_str){c->text.data + begin, end - begin});
    for (size_t at = begin; at < end; at++) {
        const size_t behind = annotation_end(c->text, at, end);
        if (!behind) continue;
        rp_step_tokens inner = {0};
        if (rp_step_lex(c->work, c->text, at + 2, behind - 2, &inner)) check_row(c, &inner);
        (void)rp_step_lex(c->work, c->text, from, at, &outer);
        from = behind;
        at = behind - 1;
    }
    if (rp_step_lex(c->work, c->text, from, end, &outer)) check_row(c, &outer);
}

rp_steps rp_verify_steps(rp_arena *arena, rp_str text) {
    rp_steps steps = {0};
    if (text.length == 0) return steps;
    const size_t refusals = rp_arena_refusals(arena);
    rp_work work = {
        .arena = arena, .options = &rp_verify_defaults, .nodes = RP_LIMIT_NODES, .scratch = rp_exact_open(arena)};
    checker c = {.work = &work, .text = text, .out = &steps};
    if (text.length > RP_LIMIT_RESPONSE) steps.cut = true;
    for (size_t begin = 0; begin < text.length && !steps.cut;) {
        const char *newline = memchr(text.data + begin, '\n', text.length - begin);
        const size_t end = newline ? (size_t)(newline - text.data) : text.length;
        if (memchr(text.data + begin, '=', end - begin) || end - begin < 4096) {
            work.steps = 64 * 1024 + 64 * (long)(end - begin); /* each line has its own budget */
            work.failed = false;
            check_line(&c, begin, end);
            steps.cut |= work.failed;
        }
        begin = end + 1;
    }
    rp_exact_close(&work);
    steps.cut |= rp_arena_refusals(arena) != refusals;
    return steps;
}

const char *rp_step_truth_name(rp_step_truth truth) {
    static const char *const names[] = {"true", "false", "unreadable"};
    RP_REQUIRE(truth >= RP_STEP_TRUE && truth <= RP_STEP_UNREADABLE);
    return names[truth];
}
