/* SPDX-License-Identifier: MIT
 *
 * nfc.c — Unicode normalisation form C as the reference does it, with a memory of where each byte came from.
 *
 * The reference's tables are Unicode 9's: marks that came later are not reordered, pairs that came later do not compose. So
 * utf8proc, whose tables are newer, is shown only what those tables know: a segment is a run of characters of class X,
 * which NFC may change, behind at most one of class F, which may take part. All other text is copied. Every boundary of a
 * segment is one that normalisation does not cross, because what stands outside has no class and does not compose.
 *
 * Offsets: bytes of a segment that changed stand for the whole segment.
 */
#include "internal.h"

#include <utf8proc.h>

typedef struct output {
    rp_buffer text, begin, end; /* begin and end hold uint32_t */
    bool map;
    const rp_mapped_text *in;
} output;

/* Copies in[from..to), byte for byte. */
static void copy(output *out, size_t from, size_t to) {
    rp_buffer_append(&out->text, out->in->text.data + from, to - from);
    for (size_t i = from; out->map && i < to; i++) {
        const uint32_t begin = origin_begin(out->in, i), end = origin_end(out->in, i);
        rp_buffer_append(&out->begin, &begin, sizeof begin);
        rp_buffer_append(&out->end, &end, sizeof end);
    }
}

/* Puts n bytes that stand for in[from..to). */
static void put(output *out, const char *bytes, size_t n, size_t from, size_t to) {
    rp_buffer_append(&out->text, bytes, n);
    const uint32_t begin = origin_begin(out->in, from), end = origin_end(out->in, to - 1);
    for (size_t i = 0; out->map && i < n; i++) {
        rp_buffer_append(&out->begin, &begin, sizeof begin);
        rp_buffer_append(&out->end, &end, sizeof end);
    }
}

static rp_status finish(output *out, rp_mapped_text *result) {
    RP_TRY(rp_buffer_status(&out->text));
    if (out->map) {
        RP_TRY(rp_buffer_status(&out->begin));
        RP_TRY(rp_buffer_status(&out->end));
    }
    /* Buffers are aligned like every allocation of an arena. */
    *result = (rp_mapped_text){.text = {out->text.data ? out->text.data : "", out->text.length},
                               .begin = out->map ? (const uint32_t *)(const void *)out->begin.data : NULL,
                               .end = out->map ? (const uint32_t *)(const void *)out->end.data : NULL};
    return RP_OK;
}

static output output_in(rp_arena *arena, const rp_mapped_text *in, bool map) {
    return (output){rp_buffer_in(arena), rp_buffer_in(arena), rp_buffer_in(arena), map, in};
}

rp_mapped_text rp_mapped_slice(const rp_mapped_text *text, size_t begin, size_t end) {
    return (rp_mapped_text){.text = {text->text.data + begin, end - begin},
                            .begin = text->begin ? text->begin + begin : NULL,
                            .end = text->end ? text->end + begin : NULL,
                            .shift = text->shift + (uint32_t)begin};
}

rp_status rp_replace_invalid(rp_arena *arena, rp_str text, bool map, rp_mapped_text *out) {
    const rp_mapped_text in = {.text = text};
    output o = output_in(arena, &in, map);
    for (size_t at = 0; at < text.length;) {
        const size_t valid = rp_utf8_valid_prefix(text.data + at, text.length - at);
        copy(&o, at, at + valid);
        at += valid;
        if (at == text.length) break;
        const size_t bad = rp_utf8_bad_length(text.data + at, text.length - at);
        put(&o, "\xEF\xBF\xBD", 3, at, at + bad);
        at += bad;
    }
    return finish(&o, out);
}

static int class_of_mark(utf8proc_int32_t point) {
    return utf8proc_get_property(point)->combining_class;
}

/* Stable order by class of one run of marks, counted: hostile runs are long, and utf8proc's own ordering takes time with the
 * square of their length. */
static void order_run(utf8proc_int32_t *run, size_t n, utf8proc_int32_t *scratch) {
    size_t starts[257] = {0};
    for (size_t i = 0; i < n; i++) starts[class_of_mark(run[i]) + 1]++;
    for (int c = 0; c < 256; c++) starts[c + 1] += starts[c];
    for (size_t i = 0; i < n; i++) scratch[starts[class_of_mark(run[i])]++] = run[i];
    memcpy(run, scratch, n * sizeof *run);
}

static void order_marks(utf8proc_int32_t *points, size_t n, utf8proc_int32_t *scratch) {
    for (size_t at = 0; at < n;) {
        size_t end = at;
        bool ordered = true;
        while (end < n && class_of_mark(points[end]) != 0) {
            if (end > at && class_of_mark(points[end]) < class_of_mark(points[end - 1])) ordered = false;
            end++;
        }
        if (!ordered) order_run(points + at, end - at, scratch);
        at = end > at ? end : at + 1;
    }
}

/* Decomposes text[0..length) into points; no code point has a canonical decomposition of more than four. */
enum { DECOMPOSED = 4, SHORT_SEGMENT = 64 };
static rp_status decompose(const char *text, size_t length, utf8proc_int32_t *points, size_t *count) {
    size_t n = 0;
    for (size_t at = 0, step; at < length; at += step) {
        int ignored = 0;
        const uint32_t point = next_code_point(text + at, &step);
        const utf8proc_ssize_t made = utf8proc_decompose_char((utf8proc_int32_t)point, points + n, DECOMPOSED,
                                                              UTF8PROC_STABLE | UTF8PROC_COMPOSE, &ignored);
        if (made < 0 || made > DECOMPOSED)
            return rp_fail(RP_ERR_UNSUPPORTED, "NFC: U+%04X cannot be decomposed", (unsigned)point);
        n += (size_t)made;
    }
    *count = n;
    return RP_OK;
}

/* One segment: decompose, order, compose. */
static rp_status normalize_segment(rp_arena *arena, output *out, size_t from, size_t to) {
    const size_t length = to - from;
    utf8proc_int32_t fixed[2 * SHORT_SEGMENT * DECOMPOSED], *points = fixed;
    size_t count = 0;
    if (length > SHORT_SEGMENT) {
        points = rp_alloc(arena, utf8proc_int32_t, 2 * length * DECOMPOSED);
        RP_TRY_ALLOC(points);
    }
    RP_TRY(decompose(out->in->text.data + from, length, points, &count));
    order_marks(points, count, points + count);
    const utf8proc_ssize_t n =
        utf8proc_normalize_utf32(points, (utf8proc_ssize_t)count, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0) return rp_fail(RP_ERR_UNSUPPORTED, "NFC: %s", utf8proc_errmsg(n));
    rp_buffer result = rp_buffer_in(arena);
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        char encoded[4];
        rp_buffer_append(&result, encoded, rp_utf8_encode((uint32_t)points[i], encoded));
    }
    RP_TRY(rp_buffer_status(&result));
    if (result.length == length && memcmp(result.data, out->in->text.data + from, length) == 0)
        copy(out, from, to);
    else
        put(out, result.data, result.length, from, to);
    return RP_OK;
}

/* The first character of class X at or behind `at`; *base: where the segment begins. */
static size_t find_segment(rp_str text, size_t at, size_t *base) {
    size_t previous = at;
    bool joins = false; /* the character at `previous` has class F */
    while (at < text.length) {
        size_t length;
        const unsigned class = class_of(next_code_point(text.data + at, &length));
        if (class & CLASS_X) {
            *base = joins ? previous : at;
            return at;
        }
        joins = class & CLASS_F;
        previous = at;
        at += length;
    }
    return *base = text.length;
}

static size_t end_of_segment(rp_str text, size_t at) {
    while (at < text.length) {
        size_t length;
        if (!(class_of(next_code_point(text.data + at, &length)) & CLASS_X)) break;
        at += length;
    }
    return at;
}

rp_status rp_normalize_nfc(rp_arena *arena, const rp_mapped_text *in, bool map, rp_mapped_text *out) {
    const rp_str text = in->text;
    size_t base;
    if (find_segment(text, 0, &base) == text.length) {
        *out = *in;
        return RP_OK;
    }
    output o = output_in(arena, in, map);
    for (size_t at = 0; at < text.length;) {
        const size_t mark = find_segment(text, at, &base);
        copy(&o, at, base);
        at = end_of_segment(text, mark);
        if (base < at) RP_TRY(normalize_segment(arena, &o, base, at));
    }
    return finish(&o, out);
}
