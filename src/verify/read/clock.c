/* SPDX-License-Identifier: MIT
 *
 * clock.c — times of day and dates.
 *
 * To the parser 8:34 is a ratio and October a word, so these answers are read before it. A time whose half of the day is
 * not given equals none that is: 8:34 would equal both 8:34 a.m. and 8:34 p.m., which differ.
 */
#include "read/clock.h"
#include "find/bytes.h"

#include <string.h>

typedef struct cursor {
    const rp_token *t; /* ends with T_END */
    size_t at, count;
} cursor;

static bool word_is(const rp_token *t, const char *lower) {
    return (t->kind == T_WORD || t->kind == T_LETTER) && rp_text_is_folded(t->text, lower);
}

static bool take_word(cursor *c, const char *lower) {
    if (c->at >= c->count || !word_is(&c->t[c->at], lower)) return false;
    c->at++;
    return true;
}

static bool take_dot(cursor *c) {
    const rp_token *t = &c->t[c->at];
    if (c->at >= c->count || t->kind != T_UNKNOWN || !rp_str_is(t->text, ".")) return false;
    c->at++;
    return true;
}

static bool take_kind(cursor *c, rp_token_kind kind) {
    if (c->at >= c->count || c->t[c->at].kind != kind) return false;
    c->at++;
    return true;
}

/* An integer of `least` to `most` digits. */
static bool take_integer(cursor *c, size_t least, size_t most, int *value) {
    const rp_token *t = &c->t[c->at];
    if (c->at >= c->count || t->kind != T_NUMBER || t->text.length < least || t->text.length > most) return false;
    *value = 0;
    for (size_t i = 0; i < t->text.length; i++) {
        if (t->text.data[i] < '0' || t->text.data[i] > '9') return false;
        *value = 10 * *value + (t->text.data[i] - '0');
    }
    c->at++;
    return true;
}

/* Nothing more, or a full stop. */
static bool at_end(const cursor *c) {
    const rp_token *t = &c->t[c->at];
    const bool stop = c->at + 1 == c->count && t->kind == T_UNKNOWN && rp_str_is(t->text, ".");
    return c->at == c->count || stop;
}

/* ---- Times ------------------------------------------------------------------------------------------------------- */

/* "p.m.", "PM", "p m": 'a' or 'p', 0 when there is none. */
static char take_half(cursor *c) {
    static const char *const halves[] = {"am", "pm"};
    const size_t start = c->at;
    for (int h = 0; h < 2; h++) {
        const char letter[2] = {halves[h][0], 0};
        bool taken = take_word(c, halves[h]);
        if (!taken && take_word(c, letter)) {
            (void)take_dot(c);
            taken = take_word(c, "m");
        }
        if (taken) {
            (void)take_dot(c);
            return letter[0];
        }
        c->at = start;
    }
    return 0;
}

static bool read_time(cursor c, rp_moment *m) {
    int hours = 0, minutes = 0, seconds = 0;
    const bool noon = take_word(&c, "noon"), midnight = !noon && take_word(&c, "midnight");
    if (noon || midnight) {
        *m = (rp_moment){.certain = true, .half = true, .seconds = noon ? 12 * 3600 : 0};
        return at_end(&c);
    }
    if (!take_integer(&c, 1, 2, &hours)) return false;
    const bool colon = take_kind(&c, T_COLON);
    const bool minutes_written = colon && c.at < c.count && c.t[c.at].text.length == 2 && c.t[c.at].text.data[0] == '0';
    if (colon && !take_integer(&c, 2, 2, &minutes)) return false;
    if (colon && take_kind(&c, T_COLON) && !take_integer(&c, 2, 2, &seconds)) return false;
    char half = take_half(&c);
    const bool named = !half && hours == 12 && minutes == 0 && seconds == 0;
    if (named && take_word(&c, "noon")) half = 'p';
    if (named && !half && take_word(&c, "midnight")) half = 'a';
    if (!at_end(&c) || (!colon && !half) || minutes > 59 || seconds > 59 || hours > 24) return false;
    if (half && (hours < 1 || hours > 12)) return false; /* 15:30 p.m. */
    if (half) hours = hours % 12 + (half == 'p' ? 12 : 0);
    *m = (rp_moment){.certain = half != 0 || minutes_written,
                     .half = half || hours == 0 || hours > 12,
                     .seconds = (hours * 60 + minutes) * 60 + seconds};
    return true;
}

/* ---- Dates ------------------------------------------------------------------------------------------------------- */

static int take_month(cursor *c) {
    static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
    const rp_token *t = &c->t[c->at];
    if (c->at >= c->count || t->kind != T_WORD) return 0;
    for (int m = 0; m < 12; m++) {
        char shortened[4] = {months[m][0], months[m][1], months[m][2], 0};
        if (word_is(t, months[m]) || word_is(t, shortened) || (m == 8 && word_is(t, "sept"))) {
            c->at++;
            (void)take_dot(c);
            return m + 1;
        }
    }
    return 0;
}

/* "3", "3rd", "30th" */
static bool take_day(cursor *c, int *day) {
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    if (!take_integer(c, 1, 2, day) || *day < 1 || *day > 31) return false;
    (void)take_kind(c, T_CARET);
    for (int i = 0; i < 4; i++) {
        if (take_word(c, endings[i])) return true;
        const char first[2] = {endings[i][0], 0}, second[2] = {endings[i][1], 0};
        const size_t start = c->at; /* outside text the letters were split */
        if (take_word(c, first) && take_word(c, second)) return true;
        c->at = start;
    }
    return c->t[c->at - 1].kind == T_NUMBER;
}

static bool read_date(cursor c, rp_moment *m) {
    static const char *const weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    *m = (rp_moment){.is_date = true, .certain = true, .half = true};
    const cursor start = c;
    if (take_integer(&c, 4, 4, &m->year) && take_kind(&c, T_MINUS) && take_integer(&c, 2, 2, &m->month) &&
        take_kind(&c, T_MINUS) && take_integer(&c, 2, 2, &m->day) && at_end(&c))
        return m->month >= 1 && m->month <= 12 && m->day >= 1 && m->day <= 31; /* 2025-01-01 */
    c = start;
    m->year = 0;
    (void)take_word(&c, "on");
    for (int i = 0; i < 7; i++)
        if (take_word(&c, weekdays[i])) (void)take_kind(&c, T_COMMA);
    (void)take_word(&c, "the");
    m->month = take_month(&c);
    if (m->month) {
        (void)take_word(&c, "the");
        if (!take_day(&c, &m->day)) return false;
    } else {
        if (!take_day(&c, &m->day)) return false;
        (void)take_word(&c, "of");
        m->month = take_month(&c);
    }
    (void)take_kind(&c, T_COMMA);
    if (!at_end(&c) && !take_integer(&c, 4, 4, &m->year)) return false;
    return m->month != 0 && at_end(&c);
}

bool rp_moment_read(const rp_token *tokens, size_t count, rp_moment *moment) {
    enum { TOKENS_MAX = 16 };
    if (count == 0 || count > TOKENS_MAX) return false;
    const cursor c = {tokens, 0, count};
    return read_time(c, moment) || read_date(c, moment);
}

bool rp_moment_same(const rp_moment *a, const rp_moment *b) {
    if (a->is_date != b->is_date || a->half != b->half) return false;
    if (a->is_date) return a->year == b->year && a->month == b->month && a->day == b->day;
    return a->seconds == b->seconds;
}
