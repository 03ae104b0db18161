/* SPDX-License-Identifier: MIT
 *
 * against.c — did the cells that were run come out as in a comparison that was kept, to the bit?
 *
 * The same recipe, program and kind of processor give the same digests (table.c), whatever the number of threads.
 */
#include "cell.h"

/* The digest of the cell with this row and these seeds in a compare.json; no data where it holds none. */
static rp_str digest_in(const rp_json *root, rp_str row, int64_t pretrain_seed, int64_t seed) {
    const rp_json rows = rp_json_key(root, "rows");
    for (size_t r = 0; r < rp_json_length(&rows); r++) {
        const rp_json at = rp_json_at(&rows, r), name = rp_json_key(&at, "row"), cells = rp_json_key(&at, "cells");
        rp_str text;
        if (rp_json_get_string(&name, &text) != RP_OK || !rp_str_equal(text, row)) continue;
        for (size_t i = 0; i < rp_json_length(&cells); i++) {
            const rp_json cell = rp_json_at(&cells, i), base = rp_json_key(&cell, "pretrain_seed"),
                          stream = rp_json_key(&cell, "seed"), digest = rp_json_key(&cell, "digest");
            int64_t a, b;
            if (rp_json_get_int(&base, INT64_MIN, INT64_MAX, &a) != RP_OK || a != pretrain_seed) continue;
            if (rp_json_get_int(&stream, INT64_MIN, INT64_MAX, &b) != RP_OK || b != seed) continue;
            if (rp_json_typeof(&digest) == RP_JSON_STRING && rp_json_get_string(&digest, &text) == RP_OK) return text;
        }
    }
    return (rp_str){0};
}

static const char *text_of(rp_arena *arena, const rp_json *root, const char *key) {
    const rp_json value = rp_json_key(root, key);
    rp_str text = {0};
    if (rp_json_typeof(&value) != RP_JSON_STRING || rp_json_get_string(&value, &text) != RP_OK) return "unknown";
    return rp_strndup(arena, text.data, text.length);
}

static rp_status judge(rp_arena *arena, const rp_json *mine, const rp_json *kept, const rp_cell *cells, size_t count,
                       rp_buffer *out) {
    size_t same = 0, others = 0;
    for (size_t i = 0; i < count; i++) {
        const rp_str row = rp_str_of(cells[i].row->name);
        const rp_str a = digest_in(mine, row, cells[i].pretrain_seed, cells[i].seed),
                     b = digest_in(kept, row, cells[i].pretrain_seed, cells[i].seed);
        if (!a.length || !b.length) continue;
        const bool equal = rp_str_equal(a, b);
        rp_buffer_format(out, "%s: %s (%.*s)\n", cells[i].place, equal ? "the same to the bit" : "other bits",
                         (int)b.length, b.data);
        *(equal ? &same : &others) += 1;
    }
    if (same + others == 0) return rp_fail(RP_ERR_ARGUMENT, "it holds no digest of a cell that was run here");
    const char *machine = text_of(arena, kept, "machine"), *commit = text_of(arena, kept, "commit");
    if (!machine || !commit) return RP_ERR_MEMORY;
    rp_buffer_format(out, "%zu of %zu cells are those that %s made at commit %s\n", same, same + others, machine, commit);
    RP_TRY(rp_buffer_status(out));
    return others
               ? rp_fail(RP_ERR_NUMERIC,
                         "%zu of %zu cells have other bits than %s gave at commit %s (another kind of processor, another "
                         "recipe or another program)",
                         others, same + others, machine, commit)
               : RP_OK;
}

rp_status rp_compare_against(rp_arena *arena, const char *made, const char *kept, const rp_cell *cells, size_t count,
                             rp_buffer *out) {
    rp_json_document *mine, *theirs;
    RP_TRY(rp_json_load(kept, &theirs));
    rp_status status = rp_json_load(made, &mine);
    if (status == RP_OK) {
        const rp_json a = rp_json_root(mine), b = rp_json_root(theirs);
        status = judge(arena, &a, &b, cells, count, out);
        rp_json_free(mine);
        if (status != RP_OK) status = rp_fail_prefix(status, "%s", kept);
    }
    rp_json_free(theirs);
    return status;
}
