/* SPDX-License-Identifier: MIT
 *
 * internal.h — private to the report layer.
 */
#ifndef REPHRASE_REPORT_INTERNAL_H
#define REPHRASE_REPORT_INTERNAL_H

#include <rephrase/json.h>
#include <rephrase/report.h>

/* ---- rows.c: the report as it grows ---------------------------------------------------------------------------- */

/* Room for one more item behind `count` items; NULL when memory is exhausted. Sizes double, so the pointer is kept as long as
 * it has room. */
void *rp_report_room(rp_arena *arena, void *items, size_t count, size_t size);
rp_status rp_report_note(rp_report *report, const char *format, ...) RP_PRINTF(2, 3);
/* The row of this name and signature, made when there is none; rows of one name and several signatures are told apart by the
 * names of their runs. */
rp_status rp_report_row_of(rp_report *report, const char *name, const char *signature, size_t run,
                           rp_report_row **row) RP_MUST_CHECK;
rp_status rp_report_add_cell(rp_report *report, rp_report_row *row, const char *label, const char *directory,
                             rp_report_cell **cell) RP_MUST_CHECK;
/* Adds a spread as it is. */
rp_status rp_spread_put(rp_arena *arena, rp_spreads *spreads, const rp_spread *spread) RP_MUST_CHECK;
/* Takes one more cell's value into the mean of `name`. */
rp_status rp_spread_add(rp_arena *arena, rp_spreads *spreads, const char *name, const char *tier, double value,
                        double questions) RP_MUST_CHECK;

/* ---- series.c: metrics.jsonl ----------------------------------------------------------------------------------- */

rp_status rp_report_read_metrics(rp_report *report, rp_report_cell *cell) RP_MUST_CHECK;
/* Points of a curve: means (or maxima) of bins of `width` steps; x is the middle of the steps that a bin has. At most `most`
 * points are written; returns their number. */
typedef struct rp_point {
    double x, y;
} rp_point;
size_t rp_series_bins(const rp_series *series, double width, bool largest, rp_point *points, size_t most);

/* ---- read_train.c, read_compare.c ------------------------------------------------------------------------------ */

rp_status rp_report_read_train(rp_report *report, size_t run) RP_MUST_CHECK;
rp_status rp_report_read_compare(rp_report *report, size_t run) RP_MUST_CHECK;

/* ---- html.c: text and numbers ---------------------------------------------------------------------------------- */

void rp_html(rp_buffer *out, rp_str text); /* escaped; control characters become their pictures */
void rp_html_text(rp_buffer *out, const char *text);
/* JSON text for a <script> element: nothing in it can close the element. */
void rp_html_json(rp_buffer *out, rp_str json);
/* A number for people: at most `digits` significant digits (one less below 1), without an exponent between 1e-4 and 1e7. */
void rp_html_number(rp_buffer *out, double value, int digits);

/* ---- plot.c: a small SVG writer -------------------------------------------------------------------------------- */

typedef struct rp_line { /* one row's curve in a panel */
    const char *label;
    int row, colour;
    bool shown;
    const rp_point *mean;
    size_t count;
    const rp_point *const *seeds; /* thin lines, one for each cell */
    const size_t *seed_counts;
    size_t seed_count;
} rp_line;
typedef struct rp_panel {
    const char *title, *caption;
    bool log_scale, share, from_zero; /* share: the y axis is 0..1 */
    double width;                     /* of a bin in steps, for the caption */
    const rp_line *lines;
    size_t line_count;
} rp_panel;
void rp_plot_panel(rp_arena *scratch, const rp_panel *panel, rp_buffer *out);
/* Mean, interval and span of the seeds on an axis 0..1, small enough for a cell of a table. */
void rp_plot_interval(const rp_spread *spread, rp_buffer *out);

/* ---- The parts of the page ------------------------------------------------------------------------------------- */

void rp_report_tables(const rp_report *report, rp_buffer *out);
rp_status rp_report_curves(const rp_report *report, rp_buffer *out) RP_MUST_CHECK;
void rp_report_families(const rp_report *report, rp_buffer *out);
rp_status rp_report_groups(rp_report *report, size_t per_row, rp_buffer *out) RP_MUST_CHECK;
void rp_report_style(const rp_report *report, rp_buffer *out);
void rp_report_script(rp_buffer *out);

#endif
