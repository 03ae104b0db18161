/* SPDX-License-Identifier: MIT
 *
 * read.c — what kind of run a directory holds; which rows the page shows first, and in which colours.
 */
#include "internal.h"

#include <string.h>

enum { SHOWN_AT_FIRST = 6 };

static rp_status read_run(rp_report *report, size_t run) {
    rp_report_run *r = &report->runs[run];
    const char *recipe = rp_path_join(report->arena, r->path, "recipe.ini"),
               *compare = rp_path_join(report->arena, r->path, "compare.json"),
               *table = rp_path_join(report->arena, r->path, "table.json");
    if (!recipe || !compare || !table) return RP_ERR_MEMORY;
    if (!rp_file_is_directory(r->path))
        return rp_fail(RP_ERR_IO, "%s is no directory: a report reads the directory of a run", r->path);
    r->compared = rp_file_exists(compare);
    r->recipe_path = recipe;
    if (rp_file_exists(recipe))
        RP_TRY(rp_file_read(report->arena, recipe, 1 << 20, &r->recipe));
    else if (!r->compared)
        return rp_fail(
            RP_ERR_FORMAT,
            "%s holds neither compare.json nor recipe.ini: it is no directory of a run, or of a comparison without a "
            "table yet",
            r->path);
    return r->compared ? rp_report_read_compare(report, run) : rp_report_read_train(report, run);
}

static bool has_curves(const rp_report_row *row) {
    for (size_t i = 0; i < row->cell_count; i++)
        if (row->cells[i].series_count) return true;
    return false;
}

static bool listed(const char *list, const char *name) {
    for (const char *at = list; *at;) {
        at += strspn(at, " ,");
        const size_t n = strcspn(at, " ,");
        if (n && n == strlen(name) && memcmp(at, name, n) == 0) return true;
        at += n;
    }
    return false;
}

/* Rows without settings of their own carry the name of their algorithm: they are the ones a reader looks for. */
static void choose_shown(rp_report *report, const char *show) {
    size_t shown = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < report->row_count; i++) {
            rp_report_row *row = &report->rows[i];
            const bool plain = strcmp(row->key, row->algorithm) == 0;
            if (row->shown || !has_curves(row)) continue;
            if (show && *show ? pass == 0 && (listed(show, row->name) || listed(show, row->key))
                              : shown < SHOWN_AT_FIRST && (plain || pass == 1))
                row->shown = true;
            shown += row->shown;
        }
    }
    int colour = 0; /* the shown rows get the colours that differ most */
    for (int wanted = 1; wanted >= 0; wanted--)
        for (size_t i = 0; i < report->row_count; i++)
            if (report->rows[i].shown == (wanted == 1)) report->rows[i].colour = colour++;
}

rp_status rp_report_read(rp_arena *arena, const char *const *paths, size_t count, const char *show, rp_report *report) {
    rp_report r = {.arena = arena, .runs = rp_alloc_zero(arena, rp_report_run, count)};
    RP_TRY_ALLOC(r.runs);
    if (!count) return rp_fail(RP_ERR_ARGUMENT, "a report needs the directory of at least one run");
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(paths[i]);
        while (n > 1 && paths[i][n - 1] == '/') n--; /* "runs/x/" has no last name */
        r.runs[i] = (rp_report_run){.path = rp_strndup(arena, paths[i], n), .recipe = {"", 0}};
        RP_TRY_ALLOC(r.runs[i].path);
        r.run_count = i + 1;
        RP_TRY(read_run(&r, i));
    }
    choose_shown(&r, show);
    *report = r;
    return RP_OK;
}
