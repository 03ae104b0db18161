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

static rp_status read_cell(rp_report *report, rp_report_row *row, const rp_json *at) {
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
    rp_report_cell *cell;
    RP_TRY(rp_report_add_cell(report, row, rp_sprintf(arena, "%lld-%lld", (long long)pretrain, (long long)seed),
                              rp_path_join(arena, report->runs[row->run].path, path), &cell));
    cell->status = status;
    if (*status && strcmp(status, "done") != 0) RP_TRY(rp_report_note(report, "%s %s: %s", row->name, cell->label, status));
    return strcmp(row->key, "base") == 0 || strcmp(status, "missing") == 0 ? RP_OK : rp_report_read_metrics(report, cell);
}

static rp_status read_row(rp_report *report, size_t run, const rp_json *at) {
    const char *name = text_at(report->arena, at, "row"), *algorithm = text_at(report->arena, at, "algorithm"),
               *about = text_at(report->arena, at, "about");
    if (!name || !algorithm || !about) return RP_ERR_MEMORY;
    if (!*name) return rp_report_note(report, "%s: a row of compare.json has no name", report->runs[run].path);
    rp_report_row *row;
    RP_TRY(rp_report_row_of(report, name, report->runs[run].path, run, &row)); /* comparisons are never merged */
    row->algorithm = algorithm;
    row->about = about;
    const struct {
        const char *key;
        rp_spreads *into;
    } parts[] = {
        {"tiers", &row->tiers}, {"families", &row->families}, {"rephrased", &row->rephrased}, {"measures", &row->measures}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const rp_json object = rp_json_key(at, parts[i].key);
        RP_TRY(read_spreads(report, &object, parts[i].into));
    }
    const rp_json cells = rp_json_key(at, "cells");
    for (size_t i = 0; i < rp_json_length(&cells); i++) {
        const rp_json cell = rp_json_at(&cells, i);
        RP_TRY(read_cell(report, row, &cell));
    }
    return RP_OK;
}

rp_status rp_report_read_compare(rp_report *report, size_t run) {
    const char *path = rp_path_join(report->arena, report->runs[run].path, "compare.json");
    RP_TRY_ALLOC(path);
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document), rows = rp_json_key(&root, "rows");
    rp_status status = rp_json_require_type(&rows, RP_JSON_ARRAY);
    for (size_t i = 0; status == RP_OK && i < rp_json_length(&rows); i++) {
        const rp_json row = rp_json_at(&rows, i);
        status = read_row(report, run, &row);
    }
    rp_json_free(document);
    return status;
}
