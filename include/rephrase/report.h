/* SPDX-License-Identifier: MIT
 *
 * report.h — directories of runs, read back; and one page that shows them.
 *
 * A run is a directory of `rephrase train` or of `rephrase compare`. Both become the same thing: rows (an algorithm and its
 * settings) with cells (one for each pair of seeds); a cell has a log of metrics and a file of training groups. What a
 * directory lacks is a note on the page and no error: a report of a run that is still going on is a useful thing.
 *
 * The page is one HTML file without any reference to another file or host. Text from a run (samples, names, recipes) is
 * written by a model or a stranger: it is escaped wherever it appears.
 */
#ifndef REPHRASE_REPORT_H
#define REPHRASE_REPORT_H

#include <rephrase/base.h>

/* ---- What is read ---------------------------------------------------------------------------------------------- */

/* A figure of a row: mean, least and largest over its cells; for shares of questions also a 95 % interval. */
typedef struct rp_spread {
    const char *name, *tier; /* tier: of a family, "" = not known */
    double mean, min, max;
    double low, high; /* has_interval */
    double questions; /* distinct ones, 0 = not known */
    size_t cells;     /* that the mean is of, 0 = not known */
    bool has_interval;
} rp_spread;

typedef struct rp_spreads {
    rp_spread *items;
    size_t count;
} rp_spreads;
/* NULL when there is none of that name. */
const rp_spread *rp_spread_find(const rp_spreads *spreads, const char *name);

typedef struct rp_series { /* one column of a metrics.jsonl */
    const char *name;
    double *step, *value;
    size_t count;
} rp_series;

typedef struct rp_report_cell {
    const char *label;     /* "1-1": pretraining seed and seed */
    const char *directory; /* metrics.jsonl and samples.jsonl lie here */
    const char *status;    /* "done", "missing", "failed: ..." */
    rp_series *series;
    size_t series_count;
} rp_report_cell;
const rp_series *rp_series_find(const rp_report_cell *cell, const char *name);

typedef struct rp_report_row {
    const char *name, *algorithm, *about;
    size_t run;                  /* index into the report's runs: the first that has this row */
    const char *key, *signature; /* private: what must be equal for two runs to share a row */
    rp_spreads tiers, families, measures;
    rp_spreads rephrased; /* by family, asked with the expert's solution at hand */
    rp_report_cell *cells;
    size_t cell_count;
    bool shown; /* its curves are visible when the page opens */
    int colour; /* 0..7, and the dash of its lines is colour / 8 */
} rp_report_row;

typedef struct rp_report_run {
    const char *path;
    rp_str recipe;           /* the text of recipe.ini, of a comparison that of its first cell; empty when missing */
    const char *recipe_path; /* where it was read */
    bool compared;           /* by `rephrase compare` */
} rp_report_run;

typedef struct rp_report {
    rp_arena *arena;
    rp_report_run *runs;
    rp_report_row *rows;
    const char **notes; /* what is missing or could not be read */
    size_t run_count, row_count, note_count;
} rp_report;

/* Reads the directories in the order given. Runs of `rephrase train` whose recipes differ in nothing but the seed become cells
 * of the same rows. `show` names the rows whose curves are visible at first, separated by commas; NULL or empty = chosen: the
 * rows without settings of their own, at most six. Fails when a path is no directory of a run. */
rp_status rp_report_read(rp_arena *arena, const char *const *paths, size_t count, const char *show,
                         rp_report *report) RP_MUST_CHECK;

/* ---- What is written ------------------------------------------------------------------------------------------- */

/* The page. `groups` training groups of each row are put into it, spread over the run, those with a replacement first. */
rp_status rp_report_html(rp_report *report, size_t groups, rp_buffer *out) RP_MUST_CHECK;
/* The table alone. */
void rp_report_markdown(const rp_report *report, rp_buffer *out);
void rp_report_csv(const rp_report *report, rp_buffer *out);

#endif
