/* SPDX-License-Identifier: MIT
 *
 * box.c — the last \boxed{…} of a response.
 *
 * Several boxes in a row, joined by nothing but commas, "and" and the like, are ONE answer with several parts: otherwise a
 * response could list every candidate and let the last box score. A box that never closes is an answer cut off in the
 * middle, and no earlier box speaks for it. A box that its own sentence denies ("and not \boxed{5}") does not count.
 */
#include "find/bytes.h"
#include "find/extract.h"

#include <string.h>

typedef struct box {
    size_t begin, end; /* from the backslash to behind the closing brace */
    size_t inner, inner_end;
} box;

typedef struct box_list {
    rp_arena *arena;
    box *items;
    size_t count, capacity;
} box_list;

static bool box_push(box_list *list, box item) {
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 16;
        box *items = rp_alloc(list->arena, box, capacity);
        if (!items) return false;
        if (list->count) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

/* Length of the box command at `at` ("\boxed", "\fbox", "\framebox"), 0 when there is none. */
static size_t box_command(rp_str text, size_t at) {
    if (at + 1 >= text.length || (text.data[at + 1] != 'b' && text.data[at + 1] != 'f')) return 0;
    static const char *const names[] = {"\\boxed", "\\fbox", "\\framebox"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t n = strlen(names[i]);
        if (rp_text_starts(text, at, names[i]) && (at + n == text.length || !rp_is_ascii_letter(text.data[at + n])))
            return n;
    }
    return 0;
}

/* "\boxed 5": without braces the box holds what stands before the next space or dollar. */
static size_t bare_box_end(rp_str text, size_t at) {
    while (at < text.length && !rp_is_space(text.data[at]) && !strchr("$,;{}", text.data[at])) at++;
    while (at > 0 && text.data[at - 1] == '.') at--;
    return at;
}

/* One pass with a stack of open boxes. A box that closes swallows the boxes inside it; boxes that never close swallow
 * nothing, so a truncated outer box still leaves a complete inner one. `open` receives the unclosed boxes. */
static bool find_boxes(rp_str text, box_list *closed, box_list *open) {
    long depth = 0;
    size_t at = 0;
    while (at < text.length) {
        if (open->count == 0) { /* outside boxes only a backslash is of interest */
            const char *next = memchr(text.data + at, '\\', text.length - at);
            if (!next) break;
            at = (size_t)(next - text.data);
        }
        const char c = text.data[at];
        const size_t command = c == '\\' ? box_command(text, at) : 0;
        if (command) {
            const size_t inner = rp_text_skip_spaces(text, at + command);
            if (inner < text.length && text.data[inner] == '{') {
                if (!box_push(open, (box){at, 0, inner + 1, (size_t)++depth})) return false;
                at = inner + 1;
            } else {
                const size_t end = bare_box_end(text, inner);
                if (end > inner && !box_push(closed, (box){at, end, inner, end})) return false;
                at = end > at + command ? end : at + command;
            }
        } else if (c == '\\') {
            const bool escaped_twice = at + 1 < text.length && box_command(text, at + 1); /* "\\\\boxed" */
            at += at + 1 < text.length && !escaped_twice ? 2 : 1;
        } else {
            if (c == '{') depth++;
            if (c == '}' && depth > 0) {
                if (open->items[open->count - 1].inner_end == (size_t)depth) {
                    box done = open->items[--open->count];
                    while (closed->count && closed->items[closed->count - 1].begin > done.begin) closed->count--;
                    done.inner_end = at;
                    done.end = at + 1;
                    if (!box_push(closed, done)) return false;
                }
                depth--;
            }
            at++;
        }
    }
    return true;
}

/* Only commas, "and", "or", marks and spaces between two boxes? Then they are parts of one answer. */
static bool is_joiner(rp_str gap) {
    static const char marks[] = ",;$&~+-*_|/";
    static const char *const pieces[] = {
        "\\text{and}", "\\text{ and }", "\\text{or}", "\\text{ or }", "\\quad", "\\qquad", "and", "or",
        "\\(",         "\\)",           "\\[",        "\\]",          "\\,",    "\\;",     "\\ ", "\\"};
    size_t at = 0;
    while (at < gap.length) {
        if (rp_is_space(gap.data[at]) || strchr(marks, gap.data[at])) {
            at++;
            continue;
        }
        size_t i = 0;
        while (i < sizeof pieces / sizeof pieces[0] && !rp_text_starts_folded(gap, at, pieces[i])) i++;
        if (i == sizeof pieces / sizeof pieces[0]) return false;
        at += strlen(pieces[i]);
    }
    return true;
}

/* \boxed{27}x, \boxed{2}^n: what follows at once goes on with the expression, so the box is not all of it. */
static bool goes_on(rp_str text, size_t end) {
    if (end >= text.length) return false;
    const char c = text.data[end];
    if (c == '^' || c == '_' || rp_is_digit(c)) return true;
    return rp_is_ascii_letter(c) && (end + 1 >= text.length || !rp_is_word_byte(text.data[end + 1]));
}

static rp_str box_inner(rp_str text, const box *item) {
    return rp_text_slice(text, item->inner, item->inner_end);
}

static rp_str join_boxes(rp_arena *arena, rp_str text, const box *items, size_t count) {
    rp_buffer joined = rp_buffer_in(arena);
    for (size_t i = 0; i < count; i++) {
        const rp_str inner = box_inner(text, &items[i]);
        if (rp_text_is_blank(inner)) continue;
        if (joined.length) rp_buffer_text(&joined, " ; ");
        rp_buffer_append(&joined, inner.data, inner.length);
    }
    return (rp_str){joined.data, joined.failed ? 0 : joined.length};
}

rp_boxed rp_box_find(rp_arena *arena, rp_str text, const rp_verify_options *options, rp_str *inner, size_t *end) {
    box_list closed = {arena, NULL, 0, 0}, open = {arena, NULL, 0, 0};
    if (!find_boxes(text, &closed, &open)) return RP_BOXED_NOT;
    size_t last = closed.count;
    while (last > 0 && rp_text_is_blank(box_inner(text, &closed.items[last - 1]))) last--;
    if (open.count && (last == 0 || open.items[open.count - 1].begin > closed.items[last - 1].begin)) {
        *inner = rp_text_slice(text, open.items[open.count - 1].inner, text.length);
        *end = text.length;
        return options->open_box ? RP_BOXED : RP_BOXED_CUT_OFF;
    }
    enum { ROWS_LOOKED_AT = 64 }; /* a megabyte of denied boxes is no answer */
    for (int rows = 0; last > 0 && rows < ROWS_LOOKED_AT; rows++) {
        size_t first = last - 1;
        while (first > 0 && is_joiner(rp_text_slice(text, closed.items[first - 1].end, closed.items[first].begin))) first--;
        *end = closed.items[last - 1].end;
        if (!goes_on(text, *end) && !rp_denied_before(text, closed.items[first].begin) && !rp_denied_behind(text, *end)) {
            *inner = first == last - 1 ? box_inner(text, &closed.items[first])
                                       : join_boxes(arena, text, closed.items + first, last - first);
            return rows == 0 && rp_withdrawn_behind(text, *end) ? RP_BOXED_WITHDRAWN : RP_BOXED;
        }
        last = first;
        while (last > 0 && rp_text_is_blank(box_inner(text, &closed.items[last - 1]))) last--;
    }
    return RP_BOXED_NOT;
}
