/* SPDX-License-Identifier: MIT
 *
 * pool.c — golds by kind. The kind is what the text is made of (digits, letters, words, brackets, relations, …): crude, but it
 * keeps a set of ten thousand integers from hiding its two matrices.
 */
#include "attack.h"

#include <rephrase/json.h>

#include <stdlib.h>
#include <string.h>

enum { GOLDS_MAX = 100000, GOLD_LENGTH = 300 };

static bool has(rp_str text, const char *part) {
    const size_t n = strlen(part);
    for (size_t i = 0; i + n <= text.length; i++)
        if (memcmp(text.data + i, part, n) == 0) return true;
    return false;
}

static bool has_any(rp_str text, const char *characters) {
    for (size_t i = 0; i < text.length; i++)
        if (strchr(characters, text.data[i]) && text.data[i]) return true;
    return false;
}

static unsigned kind_of(rp_str text) {
    const bool signs[] = {has_any(text, "0123456789"),
                          has_any(text, "<>") || has(text, "\\l") || has(text, "\\g"),
                          has_any(text, "="),
                          has(text, "text"),
                          has_any(text, "([{"),
                          has_any(text, ","),
                          has(text, "\\sqrt"),
                          has(text, "\\begin"),
                          has(text, "\\in") || has(text, "\\cup") || has(text, "mathbb"),
                          has_any(text, "xyzabn"),
                          has_any(text, "%$"),
                          has(text, "\\pi") || has(text, "\\sin") || has(text, "\\ln") || has(text, "\\log"),
                          has_any(text, "./")};
    unsigned kind = 0;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) kind |= (unsigned)signs[i] << i;
    return kind;
}

static int by_kind(const void *a, const void *b) {
    const rp_str x = *(const rp_str *)a, y = *(const rp_str *)b;
    const unsigned k = kind_of(x), l = kind_of(y);
    if (k != l) return k < l ? -1 : 1;
    const size_t n = x.length < y.length ? x.length : y.length;
    const int order = memcmp(x.data, y.data, n);
    return order ? order : x.length < y.length ? -1 : x.length > y.length;
}

static bool equals_itself(rp_arena *scratch, rp_str gold) {
    const rp_arena_mark mark = rp_arena_get_mark(scratch);
    const bool equal = rp_verify_answer(scratch, gold, gold, &rp_verify_defaults).kind == RP_VERDICT_EQUAL;
    rp_arena_rewind(scratch, mark);
    return equal;
}

static rp_status read_golds(rp_arena *arena, rp_arena *scratch, rp_line_reader *reader, pool *p) {
    for (;;) {
        rp_str line, gold;
        bool end;
        RP_TRY(rp_lines_next(reader, &line, &end));
        if (end) return RP_OK;
        rp_json_document *document;
        RP_TRY(rp_json_parse(line.data, line.length, reader->path, &document));
        const rp_json root = rp_json_root(document), at = rp_json_key(&root, "gold");
        rp_status status = rp_json_get_string(&at, &gold);
        if (status == RP_OK && gold.length <= GOLD_LENGTH && p->count < GOLDS_MAX && equals_itself(scratch, gold)) {
            const char *copy = rp_strndup(arena, gold.data, gold.length);
            if (copy) p->golds[p->count++] = (rp_str){copy, gold.length};
            if (!copy) status = RP_ERR_MEMORY;
        }
        rp_json_free(document);
        RP_TRY(status);
    }
}

rp_status pool_load(rp_arena *arena, rp_arena *scratch, const char *path, pool *p) {
    *p = (pool){.golds = rp_alloc(arena, rp_str, GOLDS_MAX), .start = rp_alloc(arena, size_t, GOLDS_MAX + 1)};
    if (!p->golds || !p->start) return RP_ERR_MEMORY;
    rp_line_reader reader;
    RP_TRY(rp_lines_open(path, &reader));
    const rp_status status = read_golds(arena, scratch, &reader, p);
    rp_lines_close(&reader);
    RP_TRY(status);
    if (p->count < 2) return rp_fail(RP_ERR_FORMAT, "%s: fewer than two golds that equal themselves", path);
    qsort(p->golds, p->count, sizeof *p->golds, by_kind);
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (kept == 0 || !rp_str_equal(p->golds[kept - 1], p->golds[i])) p->golds[kept++] = p->golds[i];
    p->count = kept;
    for (size_t i = 0; i < kept; i++)
        if (i == 0 || kind_of(p->golds[i]) != kind_of(p->golds[i - 1])) p->start[p->kinds++] = i;
    p->start[p->kinds] = kept;
    return RP_OK;
}

rp_str pool_pick(const pool *p, rp_rng *rng) {
    const size_t kind = rp_rng_below(rng, (uint32_t)p->kinds), first = p->start[kind];
    return p->golds[first + rp_rng_below(rng, (uint32_t)(p->start[kind + 1] - first))];
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One place of the text gets another character of its own class. */
static rp_str changed(rp_arena *arena, rp_str gold, rp_rng *rng) {
    static const char *const classes[] = {"0123456789", "abcxyznk", "ABCDE", "<>", "+-", "([", ")]"};
    char *copy = rp_strndup(arena, gold.data, gold.length);
    for (int attempt = 0; copy && attempt < 40 && gold.length; attempt++) {
        const size_t at = rp_rng_below(rng, (uint32_t)gold.length);
        for (size_t c = 0; c < sizeof classes / sizeof classes[0]; c++) {
            if (!copy[at] || !strchr(classes[c], copy[at])) continue;
            const bool in_word = (at > 0 && is_letter(copy[at - 1])) || is_letter(copy[at + 1]);
            if (c == 1 && (in_word || (at > 0 && copy[at - 1] == '\\'))) continue;
            copy[at] = classes[c][rp_rng_below(rng, (uint32_t)strlen(classes[c]))];
            return (rp_str){copy, gold.length};
        }
    }
    return gold;
}

rp_str pool_neighbour(rp_arena *arena, const pool *p, rp_str gold, rp_rng *rng) {
    if (rp_rng_below(rng, 2) == 0) return changed(arena, gold, rng);
    const unsigned kind = kind_of(gold);
    for (size_t k = 0; k < p->kinds; k++) {
        const size_t first = p->start[k];
        if (kind_of(p->golds[first]) != kind) continue;
        return p->golds[first + rp_rng_below(rng, (uint32_t)(p->start[k + 1] - first))];
    }
    return pool_pick(p, rng);
}
