/* SPDX-License-Identifier: MIT
 *
 * text.c — slices, growing buffers and UTF-8.
 *
 * UTF-8 is decoded by the table of well-formed sequences of the Unicode standard (table 3-7): the second byte's range
 * depends on the first, which excludes overlong forms, surrogates and values above U+10FFFF without further tests.
 */
#include <rephrase/base.h>

#include <string.h>

rp_str rp_str_of(const char *text) {
    return (rp_str){text, strlen(text)};
}

bool rp_str_equal(rp_str a, rp_str b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool rp_str_is(rp_str a, const char *text) {
    return rp_str_equal(a, rp_str_of(text));
}

char *rp_strndup(rp_arena *arena, const char *text, size_t n) {
    char *copy = rp_alloc(arena, char, n + 1);
    if (!copy) return NULL;
    if (n) memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

char *rp_strdup(rp_arena *arena, const char *text) {
    return rp_strndup(arena, text, strlen(text));
}

char *rp_sprintf(rp_arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = n < 0 ? NULL : rp_alloc(arena, char, (size_t)n + 1);
    if (text) (void)vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

/* ---- Buffers --------------------------------------------------------------------------------------------------- */

rp_buffer rp_buffer_in(rp_arena *arena) {
    return (rp_buffer){.arena = arena};
}

static bool buffer_reserve(rp_buffer *buffer, size_t extra) {
    if (buffer->failed) return false;
    const size_t needed = buffer->length + extra + 1;
    if (needed <= buffer->capacity) return true;
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    while (capacity < needed) capacity *= 2;
    char *data = rp_alloc(buffer->arena, char, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    if (buffer->length) memcpy(data, buffer->data, buffer->length);
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void rp_buffer_append(rp_buffer *buffer, const void *bytes, size_t n) {
    if (!buffer_reserve(buffer, n)) return;
    if (n) memcpy(buffer->data + buffer->length, bytes, n);
    buffer->length += n;
    buffer->data[buffer->length] = '\0';
}

void rp_buffer_text(rp_buffer *buffer, const char *text) {
    rp_buffer_append(buffer, text, strlen(text));
}
void rp_buffer_char(rp_buffer *buffer, char c) {
    rp_buffer_append(buffer, &c, 1);
}

void rp_buffer_format(rp_buffer *buffer, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n >= 0 && buffer_reserve(buffer, (size_t)n)) {
        (void)vsnprintf(buffer->data + buffer->length, (size_t)n + 1, format, again);
        buffer->length += (size_t)n;
    }
    va_end(again);
}

rp_status rp_buffer_status(const rp_buffer *buffer) {
    return buffer->failed ? RP_ERR_MEMORY : RP_OK;
}

/* ---- UTF-8 ----------------------------------------------------------------------------------------------------- */

typedef struct utf8_row { /* first bytes lo..hi start `length` bytes, the second of them in second_lo..second_hi */
    unsigned char lo, hi, length, second_lo, second_hi;
} utf8_row;

static const utf8_row utf8_rows[] = {
    {0x00, 0x7F, 1, 0x00, 0x00}, {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

static const utf8_row *utf8_row_of(unsigned char first) {
    for (size_t i = 0; i < sizeof utf8_rows / sizeof utf8_rows[0]; i++)
        if (first >= utf8_rows[i].lo && first <= utf8_rows[i].hi) return &utf8_rows[i];
    return NULL;
}

/* Bytes of text[0..n) that agree with some well-formed sequence, at most its length; *row is that sequence's row. */
static size_t utf8_agreeing(const char *text, size_t n, const utf8_row **row) {
    *row = n ? utf8_row_of((unsigned char)text[0]) : NULL;
    if (!*row) return 0;
    size_t i = 1;
    for (; i < (*row)->length && i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        const unsigned char lo = i == 1 ? (*row)->second_lo : 0x80, hi = i == 1 ? (*row)->second_hi : 0xBF;
        if (c < lo || c > hi) break;
    }
    return i;
}

size_t rp_utf8_decode(const char *text, size_t n, uint32_t *code_point) {
    if (n && (unsigned char)text[0] < 0x80) {
        *code_point = (unsigned char)text[0];
        return 1;
    }
    const utf8_row *row;
    const size_t agreeing = utf8_agreeing(text, n, &row);
    if (!row || agreeing < row->length) return 0;
    static const unsigned char payload[5] = {0, 0x7F, 0x1F, 0x0F, 0x07}; /* bits of the first byte that carry value */
    uint32_t value = (unsigned char)text[0] & payload[row->length];
    for (size_t i = 1; i < row->length; i++) value = value << 6 | ((unsigned char)text[i] & 0x3Fu);
    *code_point = value;
    return row->length;
}

size_t rp_utf8_encode(uint32_t c, char out[4]) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    const size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead[length] | c);
    return length;
}

size_t rp_utf8_valid_prefix(const char *text, size_t n) {
    size_t at = 0;
    while (at < n) {
        uint32_t c;
        const size_t length = rp_utf8_decode(text + at, n - at, &c);
        if (!length) break;
        at += length;
    }
    return at;
}

size_t rp_utf8_bad_length(const char *text, size_t n) {
    const utf8_row *row;
    const size_t agreeing = utf8_agreeing(text, n, &row);
    return agreeing ? agreeing : 1;
}

size_t rp_utf8_incomplete_suffix(const char *text, size_t n) {
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        if (((unsigned char)text[n - back] & 0xC0) == 0x80) continue; /* a continuation byte: look further back */
        const utf8_row *row;
        const size_t agreeing = utf8_agreeing(text + n - back, back, &row);
        return row && agreeing == back && row->length > back ? back : 0;
    }
    return 0;
}
