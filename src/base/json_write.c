/* SPDX-License-Identifier: MIT
 *
 * json_write.c — JSON out, in the order of the calls, with numbers that read back exactly.
 */
#include <rephrase/json.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

rp_json_writer rp_json_write_to(rp_buffer *out) {
    return (rp_json_writer){.out = out};
}

/* A comma between items; none before the first item of a container or behind a key. */
static void separate(rp_json_writer *w) {
    const uint64_t bit = (uint64_t)1 << w->depth;
    if (w->after_key)
        w->after_key = false;
    else if (w->has_items & bit)
        rp_buffer_text(w->out, ", ");
    w->has_items |= bit;
}

static void open_container(rp_json_writer *w, char bracket) {
    separate(w);
    rp_buffer_char(w->out, bracket);
    RP_REQUIRE(w->depth < 62);
    w->depth++;
    w->has_items &= ~((uint64_t)1 << w->depth);
}

static void close_container(rp_json_writer *w, char bracket) {
    RP_REQUIRE(w->depth > 0 && !w->after_key);
    w->depth--;
    rp_buffer_char(w->out, bracket);
}

void rp_json_begin_object(rp_json_writer *w) {
    open_container(w, '{');
}
void rp_json_end_object(rp_json_writer *w) {
    close_container(w, '}');
}
void rp_json_begin_array(rp_json_writer *w) {
    open_container(w, '[');
}
void rp_json_end_array(rp_json_writer *w) {
    close_container(w, ']');
}

/* Characters that JSON allows as they are, but that many readers take for the end of a line: NEL, line and paragraph separator. */
static bool ends_line(uint32_t code_point) {
    return code_point == 0x85 || code_point == 0x2028 || code_point == 0x2029;
}

static void quoted(rp_buffer *out, const char *text, size_t n) {
    if (n == 0) text = ""; /* an empty slice may have no address */
    rp_buffer_char(out, '"');
    size_t at = 0, plain = 0; /* text[plain..at) is copied as it is */
    while (at < n) {
        const unsigned char c = (unsigned char)text[at];
        uint32_t code_point;
        const size_t length = rp_utf8_decode(text + at, n - at, &code_point);
        if (length && c >= 0x20 && c != '"' && c != '\\' && c != 0x7F && !ends_line(code_point)) {
            at += length;
            continue;
        }
        rp_buffer_append(out, text + plain, at - plain);
        if (!length) {
            rp_buffer_text(out, "\xEF\xBF\xBD"); /* U+FFFD for each maximal ill-formed part */
            at += rp_utf8_bad_length(text + at, n - at);
        } else {
            static const char escaped[] = "\"\\\n\r\t\b\f", letter[] = "\"\\nrtbf";
            const char *found = c ? strchr(escaped, c) : NULL;
            if (found)
                rp_buffer_format(out, "\\%c", letter[found - escaped]);
            else
                rp_buffer_format(out, "\\u%04x", (unsigned)code_point);
            at += length;
        }
        plain = at;
    }
    rp_buffer_append(out, text + plain, at - plain);
    rp_buffer_char(out, '"');
}

void rp_json_put_string(rp_json_writer *w, const char *text, size_t n) {
    separate(w);
    quoted(w->out, text, n);
}

void rp_json_put_text(rp_json_writer *w, const char *text) {
    if (text)
        rp_json_put_string(w, text, strlen(text));
    else
        rp_json_put_null(w);
}

void rp_json_put_key(rp_json_writer *w, const char *key) {
    separate(w);
    quoted(w->out, key, strlen(key));
    rp_buffer_text(w->out, ": ");
    w->after_key = true;
}

static void put_raw(rp_json_writer *w, const char *text) {
    separate(w);
    rp_buffer_text(w->out, text);
}

void rp_json_put_double(rp_json_writer *w, double value) {
    char digits[32];
    if (!isfinite(value)) {
        rp_json_put_null(w);
        return;
    }
    (void)rp_format_double(value, digits);
    put_raw(w, digits);
}

void rp_json_put_float(rp_json_writer *w, float value) {
    char digits[32];
    if (!isfinite(value)) {
        rp_json_put_null(w);
        return;
    }
    if (value == floorf(value) && fabsf(value) < 1e7f) { /* whole numbers in full */
        rp_json_put_double(w, (double)value);
        return;
    }
    for (int precision = 1; precision <= 9; precision++) { /* 9 digits identify any float */
        (void)snprintf(digits, sizeof digits, "%.*g", precision, (double)value);
        if (strtof(digits, NULL) == value) break;
    }
    put_raw(w, digits);
}

void rp_json_put_int(rp_json_writer *w, int64_t value) {
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%lld", (long long)value);
    put_raw(w, digits);
}

void rp_json_put_bool(rp_json_writer *w, bool value) {
    put_raw(w, value ? "true" : "false");
}
void rp_json_put_null(rp_json_writer *w) {
    put_raw(w, "null");
}
