/* SPDX-License-Identifier: MIT
 *
 * read_compare.c — a directory of `rephrase compare`: compare.json has the figures, each cell's directory its logs.
 */
#include "internal.h"

#include <string.h>

static const char *text_at(rp_arena *arena, const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    rp_str text = {"", 0};
    if (rp_json_typeof(&at) != RP_JSON_STRING || rp_json_get_string(&at, &text) != RP_OK) return "";
    return rp_strndup(arena, text.data, text.length);
}

/* {"mean", "min", "max", "low", "high", "questions"}; a bare number is a mean. */
static rp_status read_spread(rp_arena *arena, const char *name, const rp_json *at, rp_spreads *spreads) {
    rp_spread s = {.name = rp_strdup(arena, name), .tier = ""};
    const rp_json mean = rp_json_key(at, "mean"), min = rp_json_key(at, "min"), max = rp_json_key(at, "max"),
                  low = rp_json_key(at, "low"), high = rp_json_key(at, "high"), n = rp_json_key(at, "questions");
    const bool bare = rp_json_typeof(at) == RP_JSON_REAL || rp_json_typeof(at) == RP_JSON_INTEGER;
    RP_TRY_ALLOC(s.name);
    if (rp_json_get_double(bare ? at : &mean, &s.mean) != RP_OK) return RP_OK; /* null: not measured */
    s.min = s.max = s.mean;
    RP_TRY(rp_json_opt_double(&min, &s.min));
    RP_TRY(rp_json_opt_double(&max, &s.max));
    RP_TRY(rp_json_opt_double(&n, &s.questions));
    s.has_interval = rp_json_typeof(&low) != RP_JSON_ABSENT && rp_json_typeof(&high) != RP_JSON_ABSENT;
    if (s.has_interval) {
        RP_TRY(rp_json_get_double(&low, &s.low));
        RP_TRY(rp_json_get_double(&high, &s.high));
    }
    s.tier = text_at(arena, at, "tier");
    RP_TRY_ALLOC(s.tier);
    return rp_spread_put(arena, spreads, &s);
}

static rp_status read_spreads(rp_report *report, const rp_json *object, rp_spreads *spreads) {
    rp_json_iterator iterator = {0};
    const char *name;
    rp_json at;
    while (rp_json_next_member(object, &iterator, &name, &at)) {
        const rp_status status = read_spread(report->arena, name, &at, spreads);
        if (status == RP_ERR_MEMORY) return status;
        if (status != RP_OK) RP_TRY(rp_report_note(report, "%s", rp_last_error()));
    }
    return RP_OK;
}

/* ---- Cells ------------------------------------------------------------------------------------------------------- */

/* Share of ones in "0110…". */
static double share_of_ones(rp_str signs) {
    double ones = 0;
    for (size_t i = 0; i < signs.length; i++) ones += signs.data[i] == '1';
    return ones / (double)signs.length;
}

static void set_tier(rp_spreads *families, const char *family, const char *tier) {
    for (size_t i = 0; i < families->count; i++)
        if (strcmp(families->items[i].name, family) == 0) families->items[i].tier = tier;
}

/* result.json: the tiers of the families, and how a cell did with the solution at hand. */
static rp_status read_result(rp_report *report, rp_report_row *row, const rp_report_cell *cell) {
    const char *path = rp_path_join(report->arena, cell->directory, "result.json");
    RP_TRY_ALLOC(path);
    if (!rp_file_exists(path)) return rp_report_note(report, "%s is missing", path);
    rp_json_document *document;
    if (rp_json_load(path, &document) != RP_OK) return rp_report_note(report, "%s", rp_last_error());
    const rp_json root = rp_json_root(document), families = rp_json_key(&root, "families");
    rp_status status = RP_OK;
    for (size_t i = 0; status == RP_OK && i < rp_json_length(&families); i++) {
        const rp_json at = rp_json_at(&families, i), signs_at = rp_json_key(&at, "rephrase");
        const char *family = text_at(report->arena, &at, "family"), *tier = text_at(report->arena, &at, "tier");
        rp_str signs = {"", 0};
        if (!family || !tier) status = RP_ERR_MEMORY;
        if (status == RP_OK) set_tier(&row->families, family, tier);
        if (status != RP_OK || rp_json_typeof(&signs_at) != RP_JSON_STRING) continue;
        if (rp_json_get_string(&signs_at, &signs) != RP_OK || !signs.length) continue;
        status = rp_spread_add(report->arena, &row->rephrased, family, tier, share_of_ones(signs), (double)signs.length);
    }
    rp_json_free(document);
    return status;
}

/* *absent collects the labels of cells that have no result yet. */
static rp_status read_cell(rp_report *report, rp_report_row *row, const rp_json *at, rp_buffer *absent) {
    rp_arena *arena = report->arena;
    const char *path = text_at(arena, at, "path"), *status = text_at(arena, at, "status");
    const rp_json pretrain_at = rp_json_key(at, "pretrain_seed"), seed_at = rp_json_key(at, "seed");
    int64_t pretrain = 0, seed = 0;
    if (!path || !status) return RP_ERR_MEMORY;
    if (strstr(path, "..") || path[0] == '/')
        return rp_report_note(report, "%s: the path \"%s\" of a cell leads out of the directory: left out", row->name,
                              path);
    RP_TRY(rp_json_opt_int(&pretrain_at, 0, INT64_MAX, &pretrain));
    RP_TRY(rp_json_opt_int(&seed_at, 0, INT64_MAX, &seed));
    const char *label = rp_sprintf(arena, "%lld-%lld", (long long)pretrain, (long long)seed),
               *directory = rp_path_join(arena, report->runs[row->run].path, path);
    if (!label || !directory) return RP_ERR_MEMORY;
    if (strcmp(status, "missing") == 0) {
        rp_buffer_format(absent, "%s%s", absent->length ? ", " : "", label);
        if (!rp_file_is_directory(directory)) return RP_OK; /* else it is running: its curves are there */
    }
    rp_report_cell *cell;
    RP_TRY(rp_report_add_cell(report, row, label, directory, &cell));
    cell->status = status;
    const bool done = strcmp(status, "done") == 0;
    if (done) RP_TRY(read_result(report, row, cell));
    if (!done && strcmp(status, "missing") != 0)
        RP_TRY(rp_report_note(report, "%s %s failed: %s", row->name, label, status));
    return strcmp(row->key, "base") == 0 ? RP_OK : rp_report_read_metrics(report, cell);
}

static rp_status read_cells(rp_report *report, rp_report_row *row, const rp_json *cells) {
    rp_buffer absent = rp_buffer_in(report->arena);
    for (size_t i = 0; i < rp_json_length(cells); i++) {
        const rp_json cell = rp_json_at(cells, i);
        RP_TRY(read_cell(report, row, &cell, &absent));
    }
    RP_TRY(rp_buffer_status(&absent));
    return absent.length && row->cell_count ? rp_report_note(report, "%s: no result yet of %s", row->name, absent.data)
                                            : RP_OK;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

/* Some figures are given by tier; the table of measures has a column for one of them. */
static rp_status read_by_tier(rp_report *report, rp_report_row *row, const rp_json *at) {
    static const struct {
        const char *key, *tier, *measure;
    } taken[] = {{"sound", "all", "sound"}, {"expert_style", "all", "expert_style"}, {"rephrase", "hard", "rephrase_hard"}};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        const rp_json by_tier = rp_json_key(at, taken[i].key), one = rp_json_key(&by_tier, taken[i].tier);
        if (rp_json_typeof(&one) == RP_JSON_OBJECT)
            RP_TRY(read_spread(report->arena, taken[i].measure, &one, &row->measures));
    }
    return RP_OK;
}

/* "about (key = value, …)" */
static const char *description(rp_arena *arena, const rp_json *at, const char *about) {
    const rp_json settings = rp_json_key(at, "settings");
    rp_buffer text = rp_buffer_in(arena);
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    rp_str word;
    size_t n = 0;
    rp_buffer_text(&text, about);
    while (rp_json_next_member(&settings, &iterator, &key, &value)) {
        if (rp_json_get_string(&value, &word) != RP_OK) continue;
        rp_buffer_format(&text, "%s%s = %.*s", n++ ? ", " : text.length ? " (" : "(", key, (int)word.length, word.data);
    }
    if (n) rp_buffer_char(&text, ')');
    return text.failed ? NULL : text.data;
}

static rp_status read_row(rp_report *report, size_t run, const rp_json *at, rp_buffer *unstarted) {
    const char *name = text_at(report->arena, at, "row"), *algorithm = text_at(report->arena, at, "algorithm"),
               *about = text_at(report->arena, at, "about");
    if (!name || !algorithm || !about) return RP_ERR_MEMORY;
    if (!*name) return rp_report_note(report, "%s: a row of compare.json has no name", report->runs[run].path);
    rp_report_row *row;
    RP_TRY(rp_report_row_of(report, name, report->runs[run].path, run, &row)); /* comparisons are never merged */
    row->algorithm = algorithm;
    row->about = description(report->arena, at, about);
    RP_TRY_ALLOC(row->about);
    const struct {
        const char *key;
        rp_spreads *into;
    } parts[] = {{"tiers", &row->tiers}, {"families", &row->families}, {"measures", &row->measures}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const rp_json object = rp_json_key(at, parts[i].key);
        RP_TRY(read_spreads(report, &object, parts[i].into));
    }
    RP_TRY(read_by_tier(report, row, at));
    const rp_json cells = rp_json_key(at, "cells");
    RP_TRY(read_cells(report, row, &cells));
    if (row->cell_count || row->tiers.count) return RP_OK;
    report->row_count--; /* nothing of it exists: a name in a list says as much as an empty row */
    rp_buffer_format(unstarted, "%s%s", unstarted->length ? ", " : "", name);
    return RP_OK;
}

/* A cell's recipe is that of the comparison with the row's settings. */
static rp_status read_a_recipe(rp_report *report, size_t run) {
    for (size_t r = 0; r < report->row_count && !report->runs[run].recipe.length; r++) {
        for (size_t c = 0; c < report->rows[r].cell_count && report->rows[r].run == run; c++) {
            const char *path = rp_path_join(report->arena, report->rows[r].cells[c].directory, "recipe.ini");
            RP_TRY_ALLOC(path);
            if (!rp_file_exists(path)) continue;
            report->runs[run].recipe_path = path;
            return rp_file_read(report->arena, path, 1 << 20, &report->runs[run].recipe);
        }
    }
    return RP_OK;
}

rp_status rp_report_read_compare(rp_report *report, size_t run) {
    const char *path = rp_path_join(report->arena, report->runs[run].path, "compare.json");
    RP_TRY_ALLOC(path);
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document), rows = rp_json_key(&root, "rows");
    rp_buffer unstarted = rp_buffer_in(report->arena);
    rp_status status = rp_json_require_type(&rows, RP_JSON_ARRAY);
    for (size_t i = 0; status == RP_OK && i < rp_json_length(&rows); i++) {
        const rp_json row = rp_json_at(&rows, i);
        status = read_row(report, run, &row, &unstarted);
    }
    rp_json_free(document);
    if (status == RP_OK) status = rp_buffer_status(&unstarted);
    if (status == RP_OK && unstarted.length)
        status = rp_report_note(report, "%s: rows not begun: %s", report->runs[run].path, unstarted.data);
    return status == RP_OK ? read_a_recipe(report, run) : status;
}
