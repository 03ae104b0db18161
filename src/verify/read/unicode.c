/* SPDX-License-Identifier: MIT
 *
 * unicode.c — other scripts' forms of mathematics, told in ASCII and TeX.
 *
 * "−5", "½", "x²" and "３" are answers people and models write; the lexer should not know them all. One pass replaces each
 * character by what it means: runs of digits and alphabets by arithmetic on the code point, the rest by one sorted table.
 * Superscripts collect into "^{…}", subscripts into "_{…}".
 */
#include "read/unicode.h"

#include <stdlib.h>
#include <string.h>

typedef struct meaning {
    uint32_t code;
    const char *text; /* "" drops the character */
} meaning;

/* Sorted by code point. A command ends with a space so that a following letter does not run into its name. */
static const meaning meanings[] = {
    {0x00A0, "\\ "},
    {0x00A2, "\\cent "},
    {0x00A3, "\\pounds "},
    {0x00A5, "\\yen "},
    {0x00AC, "\\neg "},
    {0x00AD, ""},
    {0x00B0, "^{\\circ}"},
    {0x00B1, "\\pm "},
    {0x00B4, "'"},
    {0x00B5, "\\mu "},
    {0x00B7, "\\cdot "},
    {0x00BA, "^{\\circ}"},
    {0x00BC, "\\frac{1}{4}"},
    {0x00BD, "\\frac{1}{2}"},
    {0x00BE, "\\frac{3}{4}"},
    {0x00D7, "\\times "},
    {0x00F7, "\\div "},
    {0x02C6, "^"},
    {0x02CB, ""},
    {0x02D9, ""},
    {0x02DA, "^{\\circ}"},
    {0x02DC, "\\sim "},
    {0x0305, "\\combiningbar "},
    {0x03D1, "\\theta "},
    {0x03D5, "\\phi "},
    {0x03F5, "\\epsilon "},
    {0x061C, ""},
    {0x066A, "\\%"},
    {0x066B, "."},
    {0x066C, ","},
    {0x180E, ""},
    {0x2000, " "},
    {0x2001, " "},
    {0x2002, " "},
    {0x2003, " "},
    {0x2004, " "},
    {0x2005, " "},
    {0x2006, " "},
    {0x2007, "\\ "},
    {0x2008, " "},
    {0x2009, "\\,"},
    {0x200A, "\\,"},
    {0x200B, ""},
    {0x200C, ""},
    {0x200D, ""},
    {0x200E, ""},
    {0x200F, ""},
    {0x2010, "-"},
    {0x2011, "-"},
    {0x2012, "-"},
    {0x2013, "-"},
    {0x2014, "-"},
    {0x2015, "-"},
    {0x2016, "\\|"},
    {0x2018, "'"},
    {0x2019, "'"},
    {0x201C, "\""},
    {0x201D, "\""},
    {0x2022, "\\cdot "},
    {0x2024, "."},
    {0x2026, "\\ldots "},
    {0x202A, ""},
    {0x202B, ""},
    {0x202C, ""},
    {0x202D, ""},
    {0x202E, ""},
    {0x202F, "\\,"},
    {0x2030, "\\cdot 0.1\\%"},
    {0x2032, "'"},
    {0x2033, "''"},
    {0x2044, "/"},
    {0x205F, " "},
    {0x2060, ""},
    {0x2061, ""},
    {0x2062, ""},
    {0x2063, ","},
    {0x2064, "+"},
    {0x2066, ""},
    {0x2067, ""},
    {0x2068, ""},
    {0x2069, ""},
    {0x20AC, "\\euro "},
    {0x20B9, "\\rupee "},
    {0x20BD, "\\rouble "},
    {0x2102, "\\mathbb{C}"},
    {0x2103, "^{\\circ}\\text{C}"},
    {0x2107, "e"},
    {0x2109, "^{\\circ}\\text{F}"},
    {0x2115, "\\mathbb{N}"},
    {0x211A, "\\mathbb{Q}"},
    {0x211D, "\\mathbb{R}"},
    {0x2124, "\\mathbb{Z}"},
    {0x2126, "\\Omega "},
    {0x212F, "e"},
    {0x2147, "e"},
    {0x2148, "i"},
    {0x2150, "\\frac{1}{7}"},
    {0x2151, "\\frac{1}{9}"},
    {0x2152, "\\frac{1}{10}"},
    {0x2153, "\\frac{1}{3}"},
    {0x2154, "\\frac{2}{3}"},
    {0x2155, "\\frac{1}{5}"},
    {0x2156, "\\frac{2}{5}"},
    {0x2157, "\\frac{3}{5}"},
    {0x2158, "\\frac{4}{5}"},
    {0x2159, "\\frac{1}{6}"},
    {0x215A, "\\frac{5}{6}"},
    {0x215B, "\\frac{1}{8}"},
    {0x215C, "\\frac{3}{8}"},
    {0x215D, "\\frac{5}{8}"},
    {0x215E, "\\frac{7}{8}"},
    {0x2190, "\\leftarrow "},
    {0x2192, "\\to "},
    {0x2194, "\\leftrightarrow "},
    {0x21A6, "\\mapsto "},
    {0x21D0, "\\Leftarrow "},
    {0x21D2, "\\Rightarrow "},
    {0x21D4, "\\iff "},
    {0x2200, "\\forall "},
    {0x2203, "\\exists "},
    {0x2205, "\\emptyset "},
    {0x2206, "\\Delta "},
    {0x2208, "\\in "},
    {0x2209, "\\notin "},
    {0x220B, "\\ni "},
    {0x220F, "\\prod "},
    {0x2211, "\\sum "},
    {0x2212, "-"},
    {0x2213, "\\mp "},
    {0x2215, "/"},
    {0x2216, "\\setminus "},
    {0x2217, "*"},
    {0x2218, "\\circ "},
    {0x2219, "\\cdot "},
    {0x221A, "\\sqrt "},
    {0x221B, "\\sqrt[3] "},
    {0x221C, "\\sqrt[4] "},
    {0x221D, "\\propto "},
    {0x221E, "\\infty "},
    {0x2220, "\\angle "},
    {0x2223, "\\mid "},
    {0x2224, "\\nmid "},
    {0x2225, "\\parallel "},
    {0x2226, "\\nparallel "},
    {0x2227, "\\wedge "},
    {0x2228, "\\vee "},
    {0x2229, "\\cap "},
    {0x222A, "\\cup "},
    {0x222B, "\\int "},
    {0x2234, "\\therefore "},
    {0x2236, ":"},
    {0x223C, "\\sim "},
    {0x2243, "\\simeq "},
    {0x2245, "\\cong "},
    {0x2248, "\\approx "},
    {0x2260, "\\neq "},
    {0x2261, "\\equiv "},
    {0x2264, "\\leq "},
    {0x2265, "\\geq "},
    {0x2266, "\\leq "},
    {0x2267, "\\geq "},
    {0x226A, "\\ll "},
    {0x226B, "\\gg "},
    {0x226E, "\\nless "},
    {0x226F, "\\ngtr "},
    {0x2270, "\\nleq "},
    {0x2271, "\\ngeq "},
    {0x227A, "\\prec "},
    {0x227B, "\\succ "},
    {0x2282, "\\subset "},
    {0x2283, "\\supset "},
    {0x2284, "\\not\\subset "},
    {0x2286, "\\subseteq "},
    {0x2287, "\\supseteq "},
    {0x2288, "\\nsubseteq "},
    {0x228A, "\\subsetneq "},
    {0x228B, "\\supsetneq "},
    {0x2295, "\\oplus "},
    {0x2297, "\\otimes "},
    {0x22A2, "\\vdash "},
    {0x22A5, "\\perp "},
    {0x22C5, "\\cdot "},
    {0x22C6, "*"},
    {0x22EF, "\\cdots "},
    {0x2308, "\\lceil "},
    {0x2309, "\\rceil "},
    {0x230A, "\\lfloor "},
    {0x230B, "\\rfloor "},
    {0x2329, "\\langle "},
    {0x232A, "\\rangle "},
    {0x25B3, "\\triangle "},
    {0x2705, " "},
    {0x2713, " "},
    {0x2714, " "},
    {0x2716, "\\times "},
    {0x2795, "+"},
    {0x2796, "-"},
    {0x2797, "\\div "},
    {0x27E8, "\\langle "},
    {0x27E9, "\\rangle "},
    {0x27F6, "\\longrightarrow "},
    {0x27F9, "\\implies "},
    {0x27FA, "\\iff "},
    {0x2A2F, "\\times "},
    {0x2A7D, "\\leq "},
    {0x2A7E, "\\geq "},
    {0x3000, " "},
    {0x3001, ","},
    {0x3002, "."},
    {0x3010, "["},
    {0x3011, "]"},
    {0xFE0E, ""},
    {0xFE0F, ""},
    {0xFE63, "-"},
    {0xFEFF, ""},
    {0xFFE0, "\\cent "},
    {0xFFE1, "\\pounds "},
    {0xFFE5, "\\yen "},
};

static int by_code(const void *key, const void *item) {
    const uint32_t code = *(const uint32_t *)key, other = ((const meaning *)item)->code;
    return (code > other) - (code < other);
}

/* Digits of other scripts: blocks of ten in order. */
static const uint32_t digit_blocks[] = {0x0660, 0x06F0, 0x07C0, 0x0966,  0x09E6,  0x0A66,  0x0AE6,  0x0B66,
                                        0x0BE6, 0x0C66, 0x0CE6, 0x0D66,  0x0E50,  0x0ED0,  0x0F20,  0x1040,
                                        0x17E0, 0x1810, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6};

static char digit_of(uint32_t c) {
    for (size_t i = 0; i < sizeof digit_blocks / sizeof digit_blocks[0]; i++)
        if (c >= digit_blocks[i] && c < digit_blocks[i] + 10) return (char)('0' + (c - digit_blocks[i]));
    return 0;
}

/* Mathematical alphabets U+1D400…U+1D6A3: blocks of 52 letters, capitals first (the holes are letters encoded elsewhere).
 */
static char letter_of(uint32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return (char)(c - 0xFF01 + '!');
    if (c < 0x1D400 || c > 0x1D6A3) return 0;
    const uint32_t k = (c - 0x1D400) % 52;
    return (char)(k < 26 ? 'A' + k : 'a' + (k - 26));
}

static const char *const greek_names[] = {
    "alpha", "beta",    "gamma", "delta", "epsilon",  "zeta",  "eta", "theta",   "iota", "kappa", "lambda", "mu",   "nu",
    "xi",    "omicron", "pi",    "rho",   "varsigma", "sigma", "tau", "upsilon", "phi",  "chi",   "psi",    "omega"};
/* Capitals that look like Latin letters are read as those. */
static const char *const greek_capitals[] = {
    "A",     "B", "\\Gamma ", "\\Delta ", "E", "Z",        "H", "\\Theta ",   "I",      "K", "\\Lambda ", "M",       "N",
    "\\Xi ", "O", "\\Pi ",    "P",        "",  "\\Sigma ", "T", "\\Upsilon ", "\\Phi ", "X", "\\Psi ",    "\\Omega "};

static bool append_greek(rp_buffer *out, uint32_t c) {
    if (c >= 0x03B1 && c <= 0x03C9) {
        rp_buffer_format(out, "\\%s ", greek_names[c - 0x03B1]);
        return true;
    }
    if (c >= 0x0391 && c <= 0x03A9) {
        rp_buffer_text(out, greek_capitals[c - 0x0391]);
        return true;
    }
    return false;
}

/* A superscript (+1) or subscript (-1) character and the ASCII character it raises or lowers; 0 for all others. */
static int script_of(uint32_t c, char *base) {
    static const char raised[] = "0\0\0\0"
                                 "456789+-=()n";
    if (c == 0xB9) return *base = '1', 1;
    if (c == 0xB2) return *base = '2', 1;
    if (c == 0xB3) return *base = '3', 1;
    if (c >= 0x2070 && c <= 0x207F && raised[c - 0x2070]) return *base = raised[c - 0x2070], 1;
    if (c == 0x2071) return *base = 'i', 1;
    if (c == 0x02E3) return *base = 'x', 1;
    if (c == 0x02B8) return *base = 'y', 1;
    if (c == 0x1D4F) return *base = 'k', 1;
    if (c == 0x1D50) return *base = 'm', 1;
    static const char lowered[] = "0123456789+-=()";
    if (c >= 0x2080 && c <= 0x208E) return *base = lowered[c - 0x2080], -1;
    if (c == 0x2099) return *base = 'n', -1;
    if (c == 0x1D62) return *base = 'i', -1;
    if (c == 0x2C7C) return *base = 'j', -1;
    if (c == 0x2096) return *base = 'k', -1;
    return 0;
}

static void append_character(rp_buffer *out, uint32_t c, const char *bytes, size_t n) {
    const meaning *known = bsearch(&c, meanings, sizeof meanings / sizeof meanings[0], sizeof meanings[0], by_code);
    if (known)
        rp_buffer_text(out, known->text);
    else if (digit_of(c))
        rp_buffer_char(out, digit_of(c));
    else if (letter_of(c))
        rp_buffer_char(out, letter_of(c));
    else if (!append_greek(out, c))
        rp_buffer_append(out, bytes, n);
}

typedef struct folding {
    rp_buffer out;
    uint32_t *origin;
    size_t capacity;
    int script; /* of the run that is open: +1, -1 or 0 */
} folding;

static void set_script(folding *f, int script) {
    if (script == f->script) return;
    if (f->script) rp_buffer_char(&f->out, '}');
    if (script) rp_buffer_text(&f->out, script > 0 ? "^{" : "_{");
    f->script = script;
}

/* All bytes appended since the last call come from offset `from`. */
static bool note_origin(rp_work *work, folding *f, size_t *noted, size_t from) {
    if (f->out.length > f->capacity) {
        const size_t capacity = 2 * f->out.length + 64;
        uint32_t *bigger = rp_work_new(work, uint32_t, capacity);
        if (!bigger) return false;
        if (*noted) memcpy(bigger, f->origin, *noted * sizeof *bigger);
        f->origin = bigger;
        f->capacity = capacity;
    }
    while (*noted < f->out.length) f->origin[(*noted)++] = (uint32_t)from;
    return true;
}

rp_folded rp_unicode_fold(rp_work *work, rp_str source) {
    rp_folded folded = {source, NULL, false};
    size_t at = 0, noted = 0;
    while (at < source.length && (unsigned char)source.data[at] < 0x80) at++;
    if (at == source.length) return folded;
    folding f = {.out = rp_buffer_in(work->arena)};
    for (at = 0; at < source.length;) {
        uint32_t c = 0;
        char base;
        size_t n = rp_utf8_decode(source.data + at, source.length - at, &c);
        if (n == 0) {
            n = rp_utf8_bad_length(source.data + at, source.length - at);
            folded.had_bad_utf8 = true;
            set_script(&f, 0);
            rp_buffer_text(&f.out, "\xEF\xBF\xBD");
        } else {
            const int script = script_of(c, &base);
            set_script(&f, script);
            if (script)
                rp_buffer_char(&f.out, base);
            else
                append_character(&f.out, c, source.data + at, n);
        }
        if (!note_origin(work, &f, &noted, at)) return folded;
        at += n;
    }
    set_script(&f, 0);
    if (!note_origin(work, &f, &noted, source.length) || f.out.failed) {
        rp_work_fail(work, RP_REASON_INPUT);
        return folded;
    }
    folded.text = (rp_str){f.out.data ? f.out.data : "", f.out.length};
    folded.origin = f.origin;
    return folded;
}

size_t rp_folded_origin(const rp_folded *folded, rp_str source, size_t at) {
    if (!folded->origin) return at < source.length ? at : source.length;
    return at < folded->text.length ? folded->origin[at] : source.length;
}
