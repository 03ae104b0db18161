/* SPDX-License-Identifier: MIT
 *
 * families.c — the matrix of families and rows: a number in every cell, and a shade behind it.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

enum { SHADES = 11, MOST_FAMILIES = 256 };

typedef struct family_list {
    const rp_spread *items[MOST_FAMILIES]; /* name and tier of each, in the files' order */
    size_t count;
} family_list;

static const rp_spreads *figures_of(const rp_report_row *row, bool rephrased) {
    return rephrased ? &row->rephrased : &row->families;
}

static void collect(const rp_report *report, bool rephrased, family_list *list) {
    list->count = 0;
    for (size_t r = 0; r < report->row_count; r++) {
        const rp_spreads *all = figures_of(&report->rows[r], rephrased);
        for (size_t f = 0; f < all->count && list->count < MOST_FAMILIES; f++) {
            bool known = false;
            for (size_t i = 0; i < list->count && !known; i++)
                known = strcmp(list->items[i]->name, all->items[f].name) == 0;
            if (!known) list->items[list->count++] = &all->items[f];
        }
    }
}

static void put_cell(const rp_spread *s, const char *row, const char *family, rp_buffer *out) {
    if (!s) {
        rp_buffer_text(out, "<td class=\"none\">–</td>");
        return;
    }
    const double held = fmin(fmax(s->mean, 0), 1);
    rp_buffer_format(out, "<td class=\"h%d\" title=\"", (int)(held * (SHADES - 1) + 0.5));
    rp_html_text(out, row);
    rp_buffer_text(out, ", ");
    rp_html_text(out, family);
    rp_buffer_format(out, ": %.4f", s->mean);
    if (s->has_interval) rp_buffer_format(out, " [%.3f, %.3f]", s->low, s->high);
    if (s->max > s->min) rp_buffer_format(out, ", seeds %.3f–%.3f", s->min, s->max);
    rp_buffer_format(out, "\">%.0f</td>", 100 * s->mean);
}

static void put_matrix(const rp_report *report, bool rephrased, const family_list *list, rp_buffer *out) {
    const char *tier = NULL;
    rp_buffer_text(out,
                   "<div class=\"scroll\" tabindex=\"0\"><table class=\"heat\"><thead><tr><th scope=\"col\">family</th>");
    for (size_t r = 0; r < report->row_count; r++) {
        if (!figures_of(&report->rows[r], rephrased)->count) continue;
        rp_buffer_text(out, "<th scope=\"col\" class=\"up\"><span>");
        rp_html_text(out, report->rows[r].name);
        rp_buffer_text(out, "</span></th>");
    }
    rp_buffer_text(out, "</tr></thead><tbody>\n");
    for (size_t f = 0; f < list->count; f++) {
        const rp_spread *family = list->items[f];
        if (*family->tier && (!tier || strcmp(tier, family->tier) != 0)) {
            rp_buffer_format(out, "<tr class=\"tier\"><th scope=\"rowgroup\" colspan=\"%zu\"><span>",
                             report->row_count + 1);
            rp_html_text(out, family->tier);
            rp_buffer_text(out, "</span></th></tr>\n");
        }
        tier = family->tier;
        rp_buffer_text(out, "<tr><th scope=\"row\">");
        rp_html_text(out, family->name);
        rp_buffer_text(out, "</th>");
        for (size_t r = 0; r < report->row_count; r++) {
            const rp_report_row *row = &report->rows[r];
            const rp_spreads *figures = figures_of(row, rephrased);
            if (figures->count) put_cell(rp_spread_find(figures, family->name), row->name, family->name, out);
        }
        rp_buffer_text(out, "</tr>\n");
    }
    rp_buffer_text(out, "</tbody></table></div>\n");
}

void rp_report_families(const rp_report *report, rp_buffer *out) {
    family_list list;
    collect(report, false, &list);
    rp_buffer_text(out, "<h2 id=\"families\">Families</h2>\n");
    if (!list.count) {
        rp_buffer_text(out, "<p class=\"missing\">No accuracies of families yet.</p>\n");
        return;
    }
    rp_buffer_text(out, "<p class=\"about\">Per cent of held-out questions answered right, mean over seeds.</p>\n");
    put_matrix(report, false, &list, out);
    collect(report, true, &list);
    if (!list.count) return;
    rp_buffer_text(out, "<details><summary>The same, asked to rephrase the expert's solution</summary>\n");
    put_matrix(report, true, &list, out);
    rp_buffer_text(out, "</details>\n");
}
