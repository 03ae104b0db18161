/* SPDX-License-Identifier: MIT
 *
 * series.c — metrics.jsonl as columns, and columns as the points of a curve.
 *
 * A line that cannot be read (the run was stopped while it wrote) is left out and said so. Hundreds of steps of a noisy quantity
 * make a smear rather than a curve: a point is the mean of a bin of steps, or its largest value where spikes are the point.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

const rp_series *rp_series_find(const rp_report_cell *cell, const char *name) {
    for (size_t i = 0; i < cell->series_count; i++)
        if (strcmp(cell->series[i].name, name) == 0) return &cell->series[i];
    return NULL;
}

static rp_status add_value(rp_arena *arena, rp_report_cell *cell, const char *name, double step, double value) {
    rp_series *s = NULL;
    for (size_t i = 0; i < cell->series_count && !s; i++)
        if (strcmp(cell->series[i].name, name) == 0) s = &cell->series[i];
    if (!s) {
        const char *copy = rp_strdup(arena, name);
        cell->series = rp_report_room(arena, cell->series, cell->series_count, sizeof *cell->series);
        if (!cell->series || !copy) return RP_ERR_MEMORY;
        s = &cell->series[cell->series_count++];
        *s = (rp_series){.name = copy};
    }
    s->step = rp_report_room(arena, s->step, s->count, sizeof *s->step);
    s->value = rp_report_room(arena, s->value, s->count, sizeof *s->value);
    if (!s->step || !s->value) return RP_ERR_MEMORY;
    s->step[s->count] = step;
    s->value[s->count++] = value;
    return RP_OK;
}

/* *read = false: the line is no object with a step. */
static rp_status add_line(rp_arena *arena, rp_report_cell *cell, rp_str line, const char *path, bool *read) {
    rp_json_document *document;
    *read = false;
    if (rp_json_parse(line.data, line.length, path, &document) != RP_OK) return RP_OK;
    const rp_json root = rp_json_root(document), at = rp_json_key(&root, "step");
    double step, value;
    rp_status status = RP_OK;
    if (rp_json_get_double(&at, &step) == RP_OK) {
        rp_json_iterator iterator = {0};
        const char *name;
        rp_json member;
        *read = true;
        while (status == RP_OK && rp_json_next_member(&root, &iterator, &name, &member))
            if (rp_json_get_double(&member, &value) == RP_OK && strcmp(name, "step") != 0)
                status = add_value(arena, cell, name, step, value);
    }
    rp_json_free(document);
    return status;
}

rp_status rp_report_read_metrics(rp_report *report, rp_report_cell *cell) {
    const char *path = rp_path_join(report->arena, cell->directory, "metrics.jsonl");
    RP_TRY_ALLOC(path);
    if (!rp_file_exists(path)) return rp_report_note(report, "%s is missing: no curves of this run", path);
    rp_line_reader reader;
    RP_TRY(rp_lines_open(path, &reader));
    rp_str line;
    bool end = false, read;
    size_t bad = 0;
    rp_status status = RP_OK;
    while (status == RP_OK && (status = rp_lines_next(&reader, &line, &end)) == RP_OK && !end) {
        if (!line.length) continue;
        status = add_line(report->arena, cell, line, path, &read);
        bad += !read;
    }
    rp_lines_close(&reader);
    if (status == RP_OK && bad) status = rp_report_note(report, "%s: %zu lines could not be read", path, bad);
    return status;
}

size_t rp_series_bins(const rp_series *series, double width, bool largest, rp_point *points, size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < series->count;) {
        const double bin = floor((series->step[i] - 1) / width);
        double x = 0, y = 0, top = -(double)INFINITY, count = 0;
        for (; i < series->count && floor((series->step[i] - 1) / width) == bin; i++) {
            if (!isfinite(series->value[i])) continue;
            x += series->step[i];
            y += series->value[i];
            top = fmax(top, series->value[i]);
            count++;
        }
        if (count > 0 && n < most) points[n++] = (rp_point){x / count, largest ? top : y / count};
    }
    return n;
}
