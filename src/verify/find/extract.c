/* SPDX-License-Identifier: MIT
 *
 * extract.c — where in a response is the final answer? Boxes, #### lines, <answer> tags; anchors live in anchor.c.
 *
 * Each rule is one linear scan; the first rule that finds something decides. What a model only thinks (<think>…</think>) is
 * cut away first. Several boxes in a row, joined by nothing but commas, "and" and the like, are ONE answer with several
 * parts: otherwise a response could list every candidate and let the last box score.
 */
#include "find/extract.h"
#include "find/bytes.h"

#include <string.h>

static const char *const rule_sentences[] = {"nothing marks a final answer",
                                             "the last box, or a row of boxes",
                                             "the last line that begins with ####",
                                             "the last <answer>…</answer>",
                                             "what the last announcement (\"the answer is …\") announces",
                                             "the whole response is nothing but an answer",
                                             "option `lenient`: the last formula or number"};
const char *rp_span_rule_sentence(rp_span_rule rule) {
    return rule_sentences[rule];
}

/* ---- Thoughts ---------------------------------------------------------------------------------------------------- */

/* What follows the last </think>; false when a thought was opened after it and never closed. */
static bool after_thoughts(rp_str response, rp_str *rest) {
    size_t begin = 0, at;
    *rest = response;
    if (!memchr(response.data, '<', response.length)) return true;
    if (rp_text_find_last(response, response.length, "</think>", &at)) begin = at + strlen("</think>");
    *rest = rp_text_slice(response, begin, response.length);
    return !rp_text_find_last(*rest, rest->length, "<think>", &at);
}

/* ---- Boxes ------------------------------------------------------------------------------------------------------- */

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
 * nothing, so a truncated outer box still leaves a complete inner one. `open` receives the innermost unclosed box. */
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
        "\\text{and}", "\\text{ and }", "\\text{or}", "\\text{ or }", "\\quad", "\\qquad", "and", "or", "\\(",
        "\\)",         "\\[",           "\\]",        "\\,",          "\\;",    "\\;",     "\\ ", "\\"};
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

static bool last_box(rp_arena *arena, rp_str text, const rp_verify_options *options, rp_span *span) {
    box_list closed = {arena, NULL, 0, 0}, open = {arena, NULL, 0, 0};
    if (!find_boxes(text, &closed, &open)) return false;
    size_t last = closed.count;
    while (last > 0 && rp_text_is_blank(box_inner(text, &closed.items[last - 1]))) last--;
    if (options->open_box && open.count && (last == 0 || open.items[open.count - 1].begin > closed.items[last - 1].end)) {
        *span = (rp_span){rp_text_slice(text, open.items[open.count - 1].inner, text.length), RP_SPAN_BOX};
        return true;
    }
    if (last == 0) return false;
    size_t first = last - 1;
    while (first > 0 && is_joiner(rp_text_slice(text, closed.items[first - 1].end, closed.items[first].begin))) first--;
    span->rule = RP_SPAN_BOX;
    span->text = first == last - 1 ? box_inner(text, &closed.items[first])
                                   : join_boxes(arena, text, closed.items + first, last - first);
    return true;
}

/* ---- Lines and tags ---------------------------------------------------------------------------------------------- */

/* A heading of level four also starts with ####: a line that talks about steps or answers is no answer. */
static bool looks_like_heading(rp_str line) {
    static const char *const words[] = {"step", "answer", "solution", "final", "conclusion"};
    if (line.length == 0 || line.data[line.length - 1] == ':') return true;
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
        if (rp_text_starts_folded(line, 0, words[w])) return true;
    return false;
}

static bool last_hashes(rp_str text, rp_span *span) {
    size_t end = text.length, at;
    while (rp_text_find_last(text, end, "####", &at)) {
        size_t begin = at, stop = at + 4;
        while (begin > 0 && text.data[begin - 1] == '#') begin--;
        while (stop < text.length && text.data[stop] != '\n') stop++;
        const rp_str line = rp_text_trim(rp_text_slice(text, at + 4, stop));
        if (at == begin && !looks_like_heading(line)) return *span = (rp_span){line, RP_SPAN_HASHES}, true;
        if (begin == 0) break;
        end = begin;
    }
    return false;
}

static bool last_tag(rp_str text, rp_span *span) {
    size_t close, open, end = text.length;
    while (rp_text_find_last(text, end, "</answer>", &close)) {
        if (!rp_text_find_last(text, close, "<answer>", &open)) return false;
        const rp_str inner = rp_text_trim(rp_text_slice(text, open + strlen("<answer>"), close));
        if (!rp_text_is_blank(inner)) return *span = (rp_span){inner, RP_SPAN_TAG}, true;
        end = open;
    }
    return false;
}

/* ---- The order --------------------------------------------------------------------------------------------------- */

rp_span rp_extract_marked(rp_arena *arena, rp_str response, const rp_verify_options *options) {
    rp_span span = {{NULL, 0}, RP_SPAN_NONE};
    rp_str text;
    if (!after_thoughts(response, &text)) return span;
    if (last_box(arena, text, options, &span) || last_hashes(text, &span) || last_tag(text, &span)) return span;
    size_t before = text.length;
    if (rp_anchor_find(text, &before, &span.text)) {
        span.rule = RP_SPAN_ANCHOR;
        return span;
    }
    span.text = rp_text_trim(text);
    return span;
}
