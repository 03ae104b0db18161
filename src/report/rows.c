/* SPDX-License-Identifier: MIT
 *
 * rows.c — the report as it grows: rows, cells, figures, notes.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

void *rp_report_room(rp_arena *arena, void *items, size_t count, size_t size) {
    enum { FIRST = 4 };
    if (count == 0) return rp_alloc_bytes(arena, FIRST, size);
    if (count < FIRST || (count & (count - 1)) != 0) return items; /* full exactly at powers of two */
    void *larger = rp_alloc_bytes(arena, 2 * count, size);
    if (larger) memcpy(larger, items, count * size);
    return larger;
}

rp_status rp_report_note(rp_report *report, const char *format, ...) {
    char sentence[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    const char *note = rp_strdup(report->arena, sentence);
    report->notes = rp_report_room(report->arena, report->notes, report->note_count, sizeof *report->notes);
    if (!note || !report->notes) return RP_ERR_MEMORY;
    report->notes[report->note_count++] = note;
    return RP_OK;
}

rp_status rp_report_row_of(rp_report *report, const char *name, const char *signature, size_t run, rp_report_row **row) {
    bool taken = false; /* by a row of another recipe */
    for (size_t i = 0; i < report->row_count; i++) {
        if (strcmp(report->rows[i].key, name) != 0) continue;
        if (strcmp(report->rows[i].signature, signature) == 0) {
            *row = &report->rows[i];
            return RP_OK;
        }
        taken = true;
    }
    report->rows = rp_report_room(report->arena, report->rows, report->row_count, sizeof *report->rows);
    const char *copy = taken ? rp_sprintf(report->arena, "%s (%s)", name, rp_path_base(report->runs[run].path))
                             : rp_strdup(report->arena, name);
    const char *key = rp_strdup(report->arena, name);
    if (!report->rows || !copy || !key) return RP_ERR_MEMORY;
    *row = &report->rows[report->row_count++];
    **row = (rp_report_row){.name = copy, .algorithm = key, .about = "", .run = run, .key = key, .signature = signature};
    return RP_OK;
}

rp_status rp_report_add_cell(rp_report *report, rp_report_row *row, const char *label, const char *directory,
                             rp_report_cell **cell) {
    row->cells = rp_report_room(report->arena, row->cells, row->cell_count, sizeof *row->cells);
    if (!row->cells || !label || !directory) return RP_ERR_MEMORY;
    *cell = &row->cells[row->cell_count++];
    **cell = (rp_report_cell){.label = label, .directory = directory, .status = "done"};
    return RP_OK;
}

const rp_spread *rp_spread_find(const rp_spreads *spreads, const char *name) {
    for (size_t i = 0; i < spreads->count; i++)
        if (strcmp(spreads->items[i].name, name) == 0) return &spreads->items[i];
    return NULL;
}

rp_status rp_spread_put(rp_arena *arena, rp_spreads *spreads, const rp_spread *spread) {
    spreads->items = rp_report_room(arena, spreads->items, spreads->count, sizeof *spreads->items);
    RP_TRY_ALLOC(spreads->items);
    spreads->items[spreads->count++] = *spread;
    return RP_OK;
}

/* Questions that several cells share are counted once: seeds make the mean steadier, not the sample of questions larger. */
rp_status rp_spread_add(rp_arena *arena, rp_spreads *spreads, const char *name, const char *tier, double value,
                        double questions) {
    rp_spread *s = NULL;
    for (size_t i = 0; i < spreads->count && !s; i++)
        if (strcmp(spreads->items[i].name, name) == 0) s = &spreads->items[i];
    if (!s) {
        const char *name_copy = rp_strdup(arena, name), *tier_copy = rp_strdup(arena, tier);
        if (!name_copy || !tier_copy) return RP_ERR_MEMORY;
        const rp_spread first = {.name = name_copy, .tier = tier_copy, .min = value, .max = value, .questions = questions};
        RP_TRY(rp_spread_put(arena, spreads, &first));
        s = &spreads->items[spreads->count - 1];
    }
    s->mean = (s->mean * (double)s->cells + value) / (double)(s->cells + 1);
    s->cells++;
    s->min = fmin(s->min, value);
    s->max = fmax(s->max, value);
    s->questions = fmin(s->questions, questions);
    s->has_interval = s->questions > 0;
    if (s->has_interval) rp_wilson(s->mean, s->questions, &s->low, &s->high);
    return RP_OK;
}
