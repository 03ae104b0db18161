/* SPDX-License-Identifier: MIT
 *
 * results.c — the table: accuracy per tier with interval and spread, and what each row cost and did; as HTML, Markdown and CSV.
 */
#include "internal.h"

#include <rephrase/tasks.h>

#include <string.h>

static const struct {
    const char *name, *title;
} titles[] = {
    {"sound", "sound answers"},
    {"expert_style", "expert's style"},
    {"rephrase_hard", "hard, solution at hand"},
    {"kl_general", "KL from base, general"},
    {"kl_hard", "KL from base, hard"},
    {"entropy_general", "entropy, general"},
    {"entropy_hard", "entropy, hard"},
    {"grad_norm_mean", "gradient norm, mean"},
    {"grad_norm_max", "gradient norm, largest"},
    {"rephrase_pass_rate", "rephrasings passed"},
    {"logp_rephrased", "log π of rephrasings"},
    {"logp_expert", "log π of expert text"},
    {"tokens_sampled", "tokens sampled"},
    {"tokens_trained", "tokens trained"},
    {"seconds", "seconds"},
};

static const char *title_of(const char *measure) {
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i].name, measure) == 0) return titles[i].title;
    return measure;
}

/* ---- Columns: the union over the rows, in an order of ours ----------------------------------------------------- */

enum { MOST_COLUMNS = 64 };
typedef struct columns {
    const char *names[MOST_COLUMNS];
    size_t count;
} columns;

static void add_column(columns *c, const char *name) {
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->names[i], name) == 0) return;
    if (c->count < MOST_COLUMNS) c->names[c->count++] = name;
}

static const rp_spreads *spreads_of(const rp_report_row *row, bool tiers) {
    return tiers ? &row->tiers : &row->measures;
}

/* others: also the measures without a title. */
static columns columns_of(const rp_report *report, bool tiers, bool others) {
    columns c = {.count = 0};
    const size_t known = tiers ? RP_TIERS + 1 : sizeof titles / sizeof *titles;
    for (size_t k = 0; k < known; k++) {
        const char *name = !tiers ? titles[k].name : k < RP_TIERS ? rp_tiers[k] : "all";
        for (size_t i = 0; i < report->row_count; i++)
            if (rp_spread_find(spreads_of(&report->rows[i], tiers), name)) add_column(&c, name);
    }
    for (size_t i = 0; i < report->row_count && (tiers || others); i++)
        for (size_t s = 0; s < spreads_of(&report->rows[i], tiers)->count; s++)
            add_column(&c, spreads_of(&report->rows[i], tiers)->items[s].name);
    return c;
}

/* ---- HTML ------------------------------------------------------------------------------------------------------ */

static void put_row_name(const rp_report_row *row, rp_buffer *out) {
    rp_buffer_format(out, "<tr><th scope=\"row\" title=\"");
    rp_html_text(out, row->about);
    rp_buffer_format(out, "\"><i class=\"key c%d d%d\"></i>", row->colour % 8, row->colour / 8 % 4);
    rp_html_text(out, row->name);
    size_t done = 0;
    for (size_t c = 0; c < row->cell_count; c++) done += strcmp(row->cells[c].status, "done") == 0;
    rp_buffer_format(out, "<small>%zu seed%s</small></th>", done, done == 1 ? "" : "s");
}

static void put_head(const columns *c, bool tiers, const rp_report *report, rp_buffer *out) {
    rp_buffer_text(out,
                   "<div class=\"scroll\" tabindex=\"0\"><table class=\"figures\"><thead><tr><th scope=\"col\">row</th>");
    for (size_t i = 0; i < c->count; i++) {
        double questions = 0;
        for (size_t r = 0; r < report->row_count && tiers; r++) {
            const rp_spread *s = rp_spread_find(&report->rows[r].tiers, c->names[i]);
            if (s && s->questions > questions) questions = s->questions;
        }
        rp_buffer_text(out, "<th scope=\"col\">");
        rp_html_text(out, tiers ? c->names[i] : title_of(c->names[i]));
        if (questions > 0) rp_buffer_format(out, "<br/><small>%g questions</small>", questions);
        rp_buffer_text(out, "</th>");
    }
    rp_buffer_text(out, "</tr></thead><tbody>\n");
}

static void put_accuracy(const rp_spread *s, rp_buffer *out) {
    rp_buffer_format(out, "<td><b>%.3f</b>", s->mean);
    rp_plot_interval(s, out);
    if (s->has_interval) rp_buffer_format(out, "<small>[%.3f, %.3f]</small>", s->low, s->high);
    if (s->max > s->min) rp_buffer_format(out, "<small>seeds %.3f–%.3f</small>", s->min, s->max);
    rp_buffer_text(out, "</td>");
}

static void put_measure(const rp_spread *s, rp_buffer *out) {
    rp_buffer_text(out, "<td><b>");
    rp_html_number(out, s->mean, 4);
    rp_buffer_text(out, "</b>");
    if (s->max > s->min) {
        rp_buffer_text(out, "<small>");
        rp_html_number(out, s->min, 4);
        rp_buffer_text(out, "–");
        rp_html_number(out, s->max, 4);
        rp_buffer_text(out, "</small>");
    }
    rp_buffer_text(out, "</td>");
}

static void put_table(const rp_report *report, bool tiers, bool others, rp_buffer *out) {
    const columns c = columns_of(report, tiers, others);
    if (!c.count) {
        rp_buffer_format(out, "<p class=\"missing\">No %s yet.</p>\n", tiers ? "accuracies" : "measures");
        return;
    }
    put_head(&c, tiers, report, out);
    for (size_t r = 0; r < report->row_count; r++) {
        const rp_report_row *row = &report->rows[r];
        put_row_name(row, out);
        for (size_t i = 0; i < c.count; i++) {
            const rp_spread *s = rp_spread_find(spreads_of(row, tiers), c.names[i]);
            if (!s)
                rp_buffer_text(out, "<td class=\"none\">–</td>");
            else if (tiers)
                put_accuracy(s, out);
            else
                put_measure(s, out);
        }
        rp_buffer_text(out, "</tr>\n");
    }
    rp_buffer_text(out, "</tbody></table></div>\n");
}

static bool has_about(const rp_report *report) {
    for (size_t r = 0; r < report->row_count; r++)
        if (*report->rows[r].about) return true;
    return false;
}

void rp_report_tables(const rp_report *report, rp_buffer *out) {
    rp_buffer_text(
        out, "<h2 id=\"table\">The table</h2><p class=\"about\">Share of held-out questions answered right, with no false "
             "step when the recipe's reward is strict. Upright mark: mean over seeds. Bar and brackets: 95 % interval; "
             "seeds that answer the same questions do not narrow it. Whiskers: lowest and highest seed.</p>\n");
    put_table(report, true, false, out);
    rp_buffer_text(out, "<h3>What each row did and cost</h3>\n");
    put_table(report, false, false, out);
    if (columns_of(report, false, true).count > columns_of(report, false, false).count) {
        rp_buffer_text(out, "<details><summary>All measures</summary>\n");
        put_table(report, false, true, out);
        rp_buffer_text(out, "</details>\n");
    }
    if (!has_about(report)) return;
    rp_buffer_text(out, "<details><summary>What the rows are</summary><dl>\n");
    for (size_t r = 0; r < report->row_count; r++) {
        rp_buffer_text(out, "<dt>");
        rp_html_text(out, report->rows[r].name);
        rp_buffer_text(out, "</dt><dd>");
        rp_html_text(out, report->rows[r].about);
        rp_buffer_text(out, "</dd>\n");
    }
    rp_buffer_text(out, "</dl></details>\n");
}

/* ---- Markdown -------------------------------------------------------------------------------------------------- */

static void markdown_text(rp_buffer *out, const char *text) {
    for (; *text; text++) {
        if (*text == '|' || *text == '\\' || *text == '<' || *text == '`') rp_buffer_char(out, '\\');
        rp_buffer_char(out, *text == '\n' || *text == '\r' ? ' ' : *text);
    }
}

static void markdown_table(const rp_report *report, bool tiers, rp_buffer *out) {
    const columns c = columns_of(report, tiers, false);
    if (!c.count) return;
    rp_buffer_text(out, "| row |");
    for (size_t i = 0; i < c.count; i++) {
        rp_buffer_char(out, ' ');
        markdown_text(out, tiers ? c.names[i] : title_of(c.names[i]));
        rp_buffer_text(out, " |");
    }
    rp_buffer_text(out, "\n|---|");
    for (size_t i = 0; i < c.count; i++) rp_buffer_text(out, "---:|");
    for (size_t r = 0; r < report->row_count; r++) {
        rp_buffer_text(out, "\n| ");
        markdown_text(out, report->rows[r].name);
        rp_buffer_text(out, " |");
        for (size_t i = 0; i < c.count; i++) {
            const rp_spread *s = rp_spread_find(spreads_of(&report->rows[r], tiers), c.names[i]);
            rp_buffer_char(out, ' ');
            if (s && tiers)
                rp_buffer_format(out, "%.3f", s->mean);
            else if (s)
                rp_html_number(out, s->mean, 4);
            if (s && s->has_interval) rp_buffer_format(out, " [%.3f, %.3f]", s->low, s->high);
            if (s && s->max > s->min && tiers) rp_buffer_format(out, " (%.3f–%.3f)", s->min, s->max);
            rp_buffer_text(out, " |");
        }
    }
    rp_buffer_text(out, "\n\n");
}

void rp_report_markdown(const rp_report *report, rp_buffer *out) {
    rp_buffer_text(
        out, "Accuracy on held-out questions: mean [95 % interval over distinct questions] (lowest–highest seed).\n\n");
    markdown_table(report, true, out);
    markdown_table(report, false, out);
    for (size_t i = 0; i < report->note_count; i++) {
        rp_buffer_text(out, "- ");
        markdown_text(out, report->notes[i]);
        rp_buffer_char(out, '\n');
    }
}

/* ---- CSV: every figure with all its digits --------------------------------------------------------------------- */

static void csv_text(rp_buffer *out, const char *text) {
    rp_buffer_char(out, '"');
    for (; *text; text++) {
        if (*text == '"') rp_buffer_char(out, '"');
        rp_buffer_char(out, *text);
    }
    rp_buffer_char(out, '"');
}

static void csv_numbers(rp_buffer *out, const rp_spread *s, bool tiers) {
    const double values[] = {s ? s->mean : 0, s ? s->min : 0,  s ? s->max : 0,
                             s ? s->low : 0,  s ? s->high : 0, s ? s->questions : 0};
    for (size_t k = 0; k < (tiers ? 6u : 3u); k++) {
        char digits[32];
        const bool known = s && (k < 3 || (k < 5 ? s->has_interval : s->questions > 0));
        (void)rp_format_double(values[k], digits);
        rp_buffer_format(out, ",%s", known ? digits : "");
    }
}

void rp_report_csv(const rp_report *report, rp_buffer *out) {
    static const char *const suffixes[] = {"mean", "min", "max", "low", "high", "questions"};
    rp_buffer_text(out, "row,algorithm,cells");
    for (int tiers = 1; tiers >= 0; tiers--) {
        const columns c = columns_of(report, tiers == 1, true);
        for (size_t i = 0; i < c.count; i++) {
            for (size_t k = 0; k < (tiers ? 6u : 3u); k++) {
                rp_buffer_char(out, ',');
                csv_text(out, rp_sprintf(out->arena, "%s_%s", c.names[i], suffixes[k]));
            }
        }
    }
    for (size_t r = 0; r < report->row_count; r++) {
        const rp_report_row *row = &report->rows[r];
        rp_buffer_char(out, '\n');
        csv_text(out, row->name);
        rp_buffer_char(out, ',');
        csv_text(out, row->algorithm);
        rp_buffer_format(out, ",%zu", row->cell_count);
        for (int tiers = 1; tiers >= 0; tiers--) {
            const columns c = columns_of(report, tiers == 1, true);
            for (size_t i = 0; i < c.count; i++)
                csv_numbers(out, rp_spread_find(spreads_of(row, tiers == 1), c.names[i]), tiers == 1);
        }
    }
    rp_buffer_char(out, '\n');
}
