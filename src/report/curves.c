/* SPDX-License-Identifier: MIT
 *
 * curves.c — which columns of the metrics become panels, and how the seeds of a row become one curve.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

enum { POINTS = 60, MOST_POINTS = 128 };

typedef struct panel_of {
    const char *title, *column, *fallback; /* fallback: where no run has the column */
    const char *caption;
    enum panel_scale { LINEAR, FROM_ZERO, SHARE, LOGARITHMIC } scale;
    bool largest; /* of a bin, not its mean */
} panel_of;
typedef struct section {
    const char *title, *about;
    const panel_of *panels;
    size_t count;
} section;

#define TIER(name)                                                                                                         \
    { "Accuracy, " name, "validation_" name, "accuracy_" name, "share rewarded", SHARE, false }
static const panel_of accuracy[] = {
    TIER("hard"),
    TIER("near"),
    TIER("medium"),
    TIER("easy"),
    TIER("general"),
    {"Accuracy, all questions", "validation", "accuracy", "share right", SHARE, false},
    {"Reward", "reward", NULL, "mean of the rollouts as sampled", LINEAR, false},
};
static const panel_of policy[] = {
    {"Entropy", "entropy", NULL, "nats per response token", FROM_ZERO, false},
    {"Response length", "response_tokens", NULL, "tokens", LINEAR, false},
    {"Expert's style", "expert_style_share", NULL, "share of rollouts", SHARE, false},
    {"False equations", "unsound", NULL, "share of rollouts with one", SHARE, false},
    {"Truncated", "truncated", NULL, "share of rollouts", SHARE, false},
    {"All rollouts failed", "groups_all_failed", NULL, "share of questions: no group-relative gradient", SHARE, false},
    {"All rollouts passed", "groups_all_passed", NULL, "share of questions: none either", SHARE, false},
};
static const panel_of update[] = {
    {"Gradient norm", "grad_norm", NULL, "before clipping, mean", LOGARITHMIC, false},
    {"Gradient norm, largest", "grad_norm", NULL, "before clipping, largest", LOGARITHMIC, true},
    {"KL from the reference", "kl_ref", NULL, "estimate on the trained rows, nats per token", LINEAR, false},
    {"KL from the sampling policy", "kl_old", NULL, "estimate, nats per token", LINEAR, false},
    {"Largest ratio", "ratio_max", NULL, "of the new to the old policy's probability", LOGARITHMIC, false},
    {"Clipped above", "clip_high", NULL, "share of tokens", FROM_ZERO, false},
    {"Clipped below", "clip_low", NULL, "share of tokens", FROM_ZERO, false},
};
static const panel_of rephrasing[] = {
    {"Gate opened", "gate_opened", NULL, "questions per step", FROM_ZERO, false},
    {"Rephrasings that passed", "rephrase_pass_rate", NULL, "share of those sampled", SHARE, false},
    {"Rollouts replaced", "replaced", NULL, "per step", FROM_ZERO, false},
    {"Rows not the policy's own", "injected_rows", NULL, "share of the update's rows", FROM_ZERO, false},
    {"Words copied", "rephrase_copy_share", NULL, "longest run shared with the solution, share", FROM_ZERO, false},
    {"log π of rollouts", "logp_policy", NULL, "mean per token under the plain question, nats", LINEAR, false},
    {"log π of rephrasings", "logp_rephrased", NULL, "the same of injected rephrasings", LINEAR, false},
    {"log π of expert text", "logp_expert", NULL, "the same of injected solutions", LINEAR, false},
    {"Rare tokens, rephrasings", "rare_rephrased", NULL, "share with probability below 0.01", FROM_ZERO, false},
    {"Rare tokens, expert text", "rare_expert", NULL, "share with probability below 0.01", FROM_ZERO, false},
};
static const panel_of cost[] = {
    {"Tokens sampled", "tokens_sampled", NULL, "per step", FROM_ZERO, false},
    {"Seconds", "seconds", NULL, "per step", FROM_ZERO, false},
};
#define SECTION(title, about, panels)                                                                                      \
    { title, about, panels, sizeof panels / sizeof *panels }
static const section sections[] = {
    SECTION("Learning curves", "Thick: the mean over seeds. Thin: each seed.", accuracy),
    SECTION("What the policy does", "Statistics of the rollouts.", policy),
    SECTION("What the update does",
            "Gradient and distance. A spike of the norm shows in the largest of a bin, not in its mean.", update),
    SECTION("Rephrasing and imitation", "The gate, what passed it, and how likely the policy finds what it is given.",
            rephrasing),
    SECTION("Cost", "", cost),
};

static bool logged(const rp_report *report, const char *column) {
    for (size_t i = 0; column && i < report->row_count; i++)
        for (size_t c = 0; c < report->rows[i].cell_count; c++)
            if (rp_series_find(&report->rows[i].cells[c], column)) return true;
    return false;
}

/* Few points are drawn as they are; many are binned. */
static double width_of(const rp_report *report, const char *column) {
    size_t most = 0;
    double last = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        for (size_t c = 0; c < report->rows[i].cell_count; c++) {
            const rp_series *s = rp_series_find(&report->rows[i].cells[c], column);
            if (!s || !s->count) continue;
            if (s->count > most) most = s->count;
            last = fmax(last, s->step[s->count - 1]);
        }
    }
    return most > POINTS ? ceil(last / POINTS) : 1;
}

/* The mean over seeds of the bins that at least one of them has. */
static size_t mean_of(const rp_point *const *seeds, const size_t *counts, size_t n, double width, rp_point *mean) {
    size_t at[64] = {0}, points = 0;
    const size_t cells = n < 64 ? n : 64;
    while (points < MOST_POINTS) {
        double bin = (double)INFINITY, x = 0, y = 0, have = 0;
        for (size_t s = 0; s < cells; s++)
            if (at[s] < counts[s]) bin = fmin(bin, floor((seeds[s][at[s]].x - 1) / width));
        if (!isfinite(bin)) break;
        for (size_t s = 0; s < cells; s++) {
            if (at[s] >= counts[s] || floor((seeds[s][at[s]].x - 1) / width) != bin) continue;
            x += seeds[s][at[s]].x;
            y += seeds[s][at[s]++].y;
            have++;
        }
        mean[points++] = (rp_point){x / have, y / have};
    }
    return points;
}

static rp_status line_of(rp_arena *arena, const rp_report_row *row, int index, const char *column, double width,
                         bool largest, rp_line *line) {
    const rp_point **seeds = rp_alloc(arena, const rp_point *, row->cell_count + 1);
    size_t *counts = rp_alloc(arena, size_t, row->cell_count + 1), n = 0;
    rp_point *mean = rp_alloc(arena, rp_point, MOST_POINTS);
    if (!seeds || !counts || !mean) return RP_ERR_MEMORY;
    for (size_t c = 0; c < row->cell_count; c++) {
        const rp_series *s = rp_series_find(&row->cells[c], column);
        if (!s) continue;
        rp_point *points = rp_alloc(arena, rp_point, MOST_POINTS);
        RP_TRY_ALLOC(points);
        counts[n] = rp_series_bins(s, width, largest, points, MOST_POINTS);
        seeds[n++] = points;
    }
    *line = (rp_line){.label = row->name,
                      .row = index,
                      .colour = row->colour,
                      .shown = row->shown,
                      .mean = mean,
                      .count = mean_of(seeds, counts, n, width, mean),
                      .seeds = seeds,
                      .seed_counts = counts,
                      .seed_count = n};
    return RP_OK;
}

/* Every seed of every row has the same value at every step: a sentence says it better than a picture. */
static bool constant(const rp_line *lines, size_t count, double *value) {
    bool same = count > 0;
    *value = count ? lines[0].mean[0].y : 0;
    for (size_t l = 0; l < count; l++)
        for (size_t s = 0; s < lines[l].seed_count; s++)
            for (size_t i = 0; i < lines[l].seed_counts[s]; i++) same = same && lines[l].seeds[s][i].y == *value;
    return same;
}

typedef struct drawing {
    const rp_report *report;
    rp_buffer panels, absent, constant; /* of the section; titles of what no run logged; of what never changes */
} drawing;

/* A panel none of whose rows is visible at first would look like a mistake: it names them. */
static void name_hidden(const rp_line *lines, size_t count, rp_buffer *caption) {
    enum { NAMED = 4 };
    for (size_t l = 0; l < count; l++)
        if (lines[l].shown) return;
    for (size_t l = 0; l < count && l <= NAMED; l++)
        rp_buffer_format(caption, "%s%s", l ? ", " : "; only of ", l < NAMED ? lines[l].label : "others");
}

static rp_status draw(drawing *d, const panel_of *of) {
    const rp_report *report = d->report;
    const bool fallback = !logged(report, of->column);
    const char *column = fallback ? of->fallback : of->column;
    if (!logged(report, column)) {
        rp_buffer_format(&d->absent, "%s%s", d->absent.length ? ", " : "", of->title);
        return RP_OK;
    }
    rp_line *lines = rp_alloc(report->arena, rp_line, report->row_count);
    size_t n = 0;
    double value;
    RP_TRY_ALLOC(lines);
    const double width = width_of(report, column);
    for (size_t i = 0; i < report->row_count; i++) {
        RP_TRY(line_of(report->arena, &report->rows[i], (int)i, column, width, of->largest, &lines[n]));
        n += lines[n].count > 0;
    }
    if (!of->fallback && constant(lines, n, &value)) {
        rp_buffer_format(&d->constant, "%s%s %g", d->constant.length ? ", " : "", of->title, value);
        return RP_OK;
    }
    rp_buffer caption = rp_buffer_in(report->arena);
    const char *where = !of->fallback ? "" : fallback ? ", rollouts of the step" : ", validation split, greedy";
    rp_buffer_format(&caption, "%s%s", of->caption, where);
    name_hidden(lines, n, &caption);
    RP_TRY(rp_buffer_status(&caption));
    const rp_panel panel = {.title = of->title,
                            .caption = caption.data,
                            .log_scale = of->scale == LOGARITHMIC,
                            .share = of->scale == SHARE,
                            .from_zero = of->scale == FROM_ZERO,
                            .width = width,
                            .lines = lines,
                            .line_count = n};
    if (!of->largest || width > 1) /* in bins of one step the mean and the largest are the same picture */
        rp_plot_panel(report->arena, &panel, &d->panels);
    return RP_OK;
}

static void put_list(const char *lead, const rp_buffer *titles, rp_buffer *out) {
    if (!titles->length) return;
    rp_buffer_format(out, "<p class=\"about\">%s: ", lead);
    rp_html(out, (rp_str){titles->data, titles->length});
    rp_buffer_text(out, ".</p>\n");
}

rp_status rp_report_curves(const rp_report *report, rp_buffer *out) {
    drawing d = {report, {0}, rp_buffer_in(report->arena), rp_buffer_in(report->arena)};
    for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
        d.panels = rp_buffer_in(report->arena);
        for (size_t p = 0; p < sections[s].count; p++) RP_TRY(draw(&d, &sections[s].panels[p]));
        RP_TRY(rp_buffer_status(&d.panels));
        if (!d.panels.length) continue;
        rp_buffer_format(out, "<h2>%s</h2><p class=\"about\">%s</p><div class=\"panels\">\n", sections[s].title,
                         sections[s].about);
        rp_buffer_append(out, d.panels.data, d.panels.length);
        rp_buffer_text(out, "</div>\n");
    }
    put_list("The same number in all rows at every step", &d.constant, out);
    put_list("Not logged in these runs", &d.absent, out);
    RP_TRY(rp_buffer_status(&d.constant));
    return rp_buffer_status(&d.absent);
}
