/* SPDX-License-Identifier: MIT
 *
 * html.c — text and numbers on their way into a page.
 *
 * Samples are hostile: a model may write `</script>` or a control character that hides what follows. Text is escaped in one
 * place, here, and by what it becomes: HTML text and attributes, or JSON inside a script element.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

static void put_control(rp_buffer *out, unsigned char c) {
    char picture[4];
    const uint32_t code = c == 0x7f ? 0x2421 : 0x2400u + c; /* the Unicode pictures of control characters */
    rp_buffer_append(out, picture, rp_utf8_encode(code, picture));
}

void rp_html(rp_buffer *out, rp_str text) {
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; i < text.length;) {
        uint32_t code = 0;
        const unsigned char c = (unsigned char)text.data[i];
        const size_t n = rp_utf8_decode(text.data + i, text.length - i, &code);
        const char *entity = NULL;
        for (size_t e = 0; e < sizeof entities / sizeof *entities; e++)
            if (text.data[i] == entities[e].c) entity = entities[e].entity;
        if (entity) {
            rp_buffer_text(out, entity);
        } else if (n == 0) {
            rp_buffer_text(out, "\xEF\xBF\xBD");
        } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            put_control(out, c);
        } else {
            rp_buffer_append(out, text.data + i, n);
        }
        i += n ? n : rp_utf8_bad_length(text.data + i, text.length - i);
    }
}

void rp_html_text(rp_buffer *out, const char *text) {
    rp_html(out, rp_str_of(text));
}

/* Outside of strings JSON has none of these characters, so the escape always stands inside one. */
void rp_html_json(rp_buffer *out, rp_str json) {
    for (size_t i = 0; i < json.length; i++) {
        const char c = json.data[i];
        if (c == '<' || c == '>' || c == '&')
            rp_buffer_format(out, "\\u%04x", (unsigned)c);
        else
            rp_buffer_char(out, c);
    }
}

void rp_html_number(rp_buffer *out, double value, int digits) {
    if (!isfinite(value)) {
        rp_buffer_text(out, isnan(value) ? "not a number" : value > 0 ? "∞" : "−∞");
        return;
    }
    const double size = fabs(value);
    if (size >= 1e7 || (size > 0 && size < 1e-4)) {
        rp_buffer_format(out, "%.*e", digits - 1, value);
        return;
    }
    int whole = 1; /* digits before the point */
    for (double p = 10; p <= size; p *= 10) whole++;
    int places = whole < digits ? digits - whole : 0;
    for (double p = 0.1; size > 0 && size < p && places < 8; p /= 10) places++;
    rp_buffer_format(out, "%.*f", places, value);
}
