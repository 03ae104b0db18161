/* SPDX-License-Identifier: MIT
 *
 * numerals.c — numbers written in words.
 *
 * English builds a number from the left: a group below a thousand grows ("three hundred and seven"), a scale word
 * (thousand, million) closes it and adds it to the total. A last word may turn the number into a rank ("twenty-first") or
 * into a fraction ("three quarters", "one third"). Chinese writes the same sum without spaces: 二十五 is 2·10 + 5.
 */
#include "read/numerals.h"
#include "find/bytes.h"

#include <string.h>

typedef struct word_value {
    const char *word;
    int64_t value;
} word_value;

static const word_value cardinals[] = {
    {"zero", 0},
    {"one", 1},
    {"two", 2},
    {"three", 3},
    {"four", 4},
    {"five", 5},
    {"six", 6},
    {"seven", 7},
    {"eight", 8},
    {"nine", 9},
    {"ten", 10},
    {"eleven", 11},
    {"twelve", 12},
    {"thirteen", 13},
    {"fourteen", 14},
    {"fifteen", 15},
    {"sixteen", 16},
    {"seventeen", 17},
    {"eighteen", 18},
    {"nineteen", 19},
    {"twenty", 20},
    {"thirty", 30},
    {"forty", 40},
    {"fifty", 50},
    {"sixty", 60},
    {"seventy", 70},
    {"eighty", 80},
    {"ninety", 90},
    {"hundred", 100},
    {"thousand", 1000},
    {"million", 1000000},
    {"billion", 1000000000},
    {"trillion", 1000000000000},
};
static const word_value ordinals[] = {
    {"first", 1},       {"second", 2},      {"third", 3},      {"fourth", 4},      {"fifth", 5},         {"sixth", 6},
    {"seventh", 7},     {"eighth", 8},      {"ninth", 9},      {"tenth", 10},      {"eleventh", 11},     {"twelfth", 12},
    {"thirteenth", 13}, {"fourteenth", 14}, {"fifteenth", 15}, {"sixteenth", 16},  {"seventeenth", 17},  {"eighteenth", 18},
    {"nineteenth", 19}, {"twentieth", 20},  {"thirtieth", 30}, {"fortieth", 40},   {"fiftieth", 50},     {"sixtieth", 60},
    {"seventieth", 70}, {"eightieth", 80},  {"ninetieth", 90}, {"hundredth", 100}, {"thousandth", 1000},
};
/* Parts that are named as parts only. */
static const word_value parts[] = {{"half", 2}, {"halves", 2}, {"quarter", 4}, {"quarters", 4}};

static bool look_up(rp_str word, const word_value *table, size_t count, int64_t *value) {
    for (size_t i = 0; i < count; i++)
        if (rp_text_is_folded(word, table[i].word)) {
            *value = table[i].value;
            return true;
        }
    return false;
}
#define LOOK_UP(word, table, value) look_up(word, table, sizeof table / sizeof table[0], value)

/* ---- Chinese ----------------------------------------------------------------------------------------------------- */

static bool chinese_digit(const char *at, int64_t *value) {
    static const char *const digits[] = {"〇", "零", "一", "二", "两", "三", "四", "五", "六", "七", "八", "九"};
    static const int8_t values[] = {0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9};
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
        if (memcmp(at, digits[i], 3) == 0) {
            *value = values[i];
            return true;
        }
    return false;
}

static int64_t chinese_scale(const char *at) {
    static const char *const scales[] = {"十", "百", "千", "万"};
    static const int64_t values[] = {10, 100, 1000, 10000};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++)
        if (memcmp(at, scales[i], 3) == 0) return values[i];
    return 0;
}

/* One run of numerals, three bytes each: digits that wait for their scale, scales in falling order, a digit at the end. */
static bool chinese_number(rp_str word, int64_t *value) {
    int64_t total = 0, digit = -1, last_scale = 100000;
    if (word.length == 0 || word.length % 3 != 0 || word.length > 30) return false;
    for (size_t i = 0; i < word.length; i += 3) {
        int64_t read;
        const int64_t scale = chinese_scale(word.data + i);
        if (scale) {
            if (scale >= last_scale || (digit < 0 && !(scale == 10 && i == 0))) return false;
            total += (digit < 0 ? 1 : digit) * scale;
            last_scale = scale;
            digit = -1;
        } else if (chinese_digit(word.data + i, &read)) {
            if (digit > 0 || (digit == 0 && read == 0)) return false; /* 二五 is no number, 一百零五 is one */
            digit = read;
        } else {
            return false;
        }
    }
    *value = total + (digit > 0 ? digit : 0);
    return true;
}

/* ---- English ----------------------------------------------------------------------------------------------------- */

typedef struct builder {
    int64_t total, group; /* closed by scale words; still growing */
    int64_t room;         /* the next word of the group must be below this */
    int64_t last_scale;
    int words;
} builder;

/* Adds one word; false when English does not go on so ("two three", "twenty eleven"). */
static bool add_word(builder *b, int64_t value) {
    if (value >= 1000) {
        if (b->group == 0 || value >= b->last_scale) return false;
        b->total += b->group * value;
        b->group = 0;
        b->room = 1000;
        b->last_scale = value;
    } else if (value == 100) {
        if (b->group == 0 || b->group > 99) return false;
        b->group *= 100;
        b->room = 100;
    } else {
        if (value >= b->room || (value == 0 && b->words)) return false;
        b->group += value;
        b->room = value >= 20 ? 10 : 0;
    }
    b->words++;
    return true;
}

/* A hyphen that joins two words of one number, or "and" behind a hundred or more: twenty and five are two numbers. */
static size_t skip_joint(const rp_token *tokens, size_t at, size_t end, int64_t last) {
    if (at + 1 >= end) return at;
    const bool hyphen = tokens[at].kind == T_MINUS && !(tokens[at].flags & TF_SPACE) && !(tokens[at + 1].flags & TF_SPACE);
    const bool joins = hyphen || (tokens[at].kind == T_AND && tokens[at].op == 'a' && last >= 100);
    return joins && tokens[at + 1].kind == T_WORD ? at + 1 : at;
}

/* "third", "thirds", "quarter": as a rank when it stands alone or ends a number, as a part when a number counts it. */
static bool add_last_word(rp_str word, const builder *b, rp_numeral *value) {
    int64_t n;
    const int64_t before = b->total + b->group;
    if (LOOK_UP(word, parts, &n)) {
        *value = (rp_numeral){b->words ? before : 1, n, false};
        return b->words || word.length == 4; /* "half" alone; a quarter alone may be a coin */
    }
    if (LOOK_UP(word, ordinals, &n)) {
        builder rank = *b;
        if (b->words == 0) {
            *value = (rp_numeral){n, 1, true};
        } else if (before == 1 && n > 2) { /* one third */
            *value = (rp_numeral){1, n, false};
        } else if (add_word(&rank, n)) { /* twenty-first */
            *value = (rp_numeral){rank.total + rank.group, 1, true};
        } else {
            return false;
        }
        return true;
    }
    if (b->words == 0 || word.length < 5 || (word.data[word.length - 1] | 32) != 's') return false;
    if (!LOOK_UP(((rp_str){word.data, word.length - 1}), ordinals, &n) || n < 3) return false;
    *value = (rp_numeral){before, n, false}; /* two thirds */
    return true;
}

size_t rp_numeral_read(const rp_token *tokens, size_t begin, size_t end, rp_numeral *value) {
    size_t at = begin, stop = begin;
    builder b = {.room = 1000, .last_scale = INT64_MAX};
    if (at >= end) return begin;
    static const char *const signs[] = {"minus", "negative"};
    const bool negative = tokens[at].kind == T_WORD && rp_text_is_one_of(tokens[at].text, signs, 2);
    at += negative;
    int64_t n;
    if (at < end && tokens[at].kind == T_WORD && chinese_number(tokens[at].text, &n)) {
        *value = (rp_numeral){negative ? -n : n, 1, false};
        return at + 1;
    }
    while (at < end && tokens[at].kind == T_WORD) {
        if (add_last_word(tokens[at].text, &b, value)) {
            stop = at + 1;
            break;
        }
        if (!LOOK_UP(tokens[at].text, cardinals, &n) || !add_word(&b, n)) break;
        stop = at + 1;
        *value = (rp_numeral){b.total + b.group, 1, false};
        at = skip_joint(tokens, stop, end, n);
    }
    if (stop == begin || (negative && stop == begin + 1)) return begin;
    if (negative) value->num = -value->num;
    return stop;
}

bool rp_numeral_is_word(rp_str word) {
    int64_t n;
    if (LOOK_UP(word, cardinals, &n) || LOOK_UP(word, parts, &n)) return true;
    if (word.length > 1 && (word.data[word.length - 1] | 32) == 's') word.length--;
    return LOOK_UP(word, ordinals, &n) && n > 2; /* a second is a unit of time, and "first" an adverb */
}
