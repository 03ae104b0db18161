/* SPDX-License-Identifier: MIT
 *
 * page.c — the page: head, notes, rows to choose from, and the parts in order.
 *
 * Everything but the browser of groups works without a script: which rows' curves are visible hangs on check boxes that the style
 * sheet looks at.
 */
#include "internal.h"

#include <string.h>

static void put_head(const rp_report *report, rp_buffer *out) {
    rp_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
                        "<meta name=\"color-scheme\" content=\"light dark\"/><title>Rephrase report</title>\n<style>\n");
    rp_report_style(report, out);
    rp_buffer_text(out, "</style></head><body><main>\n<h1>Rephrase report</h1>\n<p class=\"about\">");
    for (size_t i = 0; i < report->run_count; i++) {
        rp_buffer_text(out, i ? ", <code>" : "<code>");
        rp_html_text(out, report->runs[i].path);
        rp_buffer_text(out, "</code>");
    }
    size_t cells = 0;
    for (size_t i = 0; i < report->row_count; i++)
        cells = report->rows[i].cell_count > cells ? report->rows[i].cell_count : cells;
    rp_buffer_format(out, ": %zu rows, %zu seed%s; written by rephrase %s.</p>\n", report->row_count, cells,
                     cells == 1 ? "" : "s at most", RP_VERSION);
    rp_buffer_text(out,
                   "<nav><a href=\"#table\">Table</a> <a href=\"#curves\">Curves</a> <a href=\"#families\">Families</a> "
                   "<a href=\"#groups\">Groups</a> <a href=\"#recipes\">Recipes</a></nav>\n");
}

static void put_notes(const rp_report *report, rp_buffer *out) {
    if (!report->note_count) return;
    enum { FEW = 6 };
    rp_buffer_format(out, "<details class=\"missing\"%s><summary>Missing or unreadable: %zu</summary><ul>\n",
                     report->note_count <= FEW ? " open=\"open\"" : "", report->note_count);
    for (size_t i = 0; i < report->note_count; i++) {
        rp_buffer_text(out, "<li>");
        rp_html_text(out, report->notes[i]);
        rp_buffer_text(out, "</li>\n");
    }
    rp_buffer_text(out, "</ul></details>\n");
}

static void put_choice(const rp_report *report, rp_buffer *out) {
    rp_buffer_text(out, "<fieldset class=\"rows\" id=\"curves\"><legend>Rows in the curves</legend>");
    for (size_t i = 0; i < report->row_count; i++) {
        const rp_report_row *row = &report->rows[i];
        bool curves = false;
        for (size_t c = 0; c < row->cell_count; c++) curves = curves || row->cells[c].series_count > 0;
        if (!curves) continue;
        rp_buffer_format(out,
                         "<label class=\"chip\"><input type=\"checkbox\" id=\"show-%zu\"%s/><i class=\"key c%d d%d\"></i>",
                         i, row->shown ? " checked=\"checked\"" : "", row->colour % 8, row->colour / 8 % 4);
        rp_html_text(out, row->name);
        rp_buffer_text(out, "</label>");
    }
    rp_buffer_text(out, "</fieldset>\n");
}

static void put_browser(rp_buffer *out) {
    rp_buffer_text(out,
                   "<h2 id=\"groups\">Training groups</h2>\n<p class=\"about\">A question, what the policy answered, what "
                   "it was paid, and what "
                   "each token weighed in the update: advantage × ratio, zero where a clip took the gradient away.</p>\n"
                   "<noscript><p class=\"missing\">The browser of groups needs JavaScript; the groups are lines of "
                   "samples.jsonl in the "
                   "directories of the runs.</p></noscript>\n"
                   "<div id=\"browser\" hidden=\"hidden\"><div class=\"controls\">"
                   "<label>Row <select id=\"g-row\"></select></label><label>Seed <select id=\"g-cell\"></select></label>"
                   "<label class=\"chip\"><input type=\"checkbox\" id=\"g-only\"/>only with a replacement</label>"
                   "<label>Shade by <select id=\"g-shade\"><option value=\"w\">advantage × ratio</option>"
                   "<option value=\"p\">improbability</option><option value=\"n\">nothing</option></select></label>"
                   "<span class=\"steps\"><button type=\"button\" id=\"g-back\" aria-label=\"earlier group\">◀</button>"
                   "<input type=\"range\" id=\"g-at\" min=\"0\" value=\"0\" aria-label=\"group\"/>"
                   "<button type=\"button\" id=\"g-next\" aria-label=\"later group\">▶</button> <output "
                   "id=\"g-step\"></output></span></div>"
                   "<p id=\"g-token\" aria-live=\"polite\"></p><div id=\"g-group\"></div></div>\n");
}

static void put_recipes(const rp_report *report, rp_buffer *out) {
    rp_buffer_text(out, "<h2 id=\"recipes\">Recipes</h2>\n");
    for (size_t i = 0; i < report->run_count; i++) {
        if (!report->runs[i].recipe.length) continue;
        rp_buffer_text(out, "<details><summary><code>");
        rp_html_text(out, report->runs[i].recipe_path);
        rp_buffer_text(out, "</code></summary><pre class=\"scroll\">");
        rp_html(out, report->runs[i].recipe);
        rp_buffer_text(out, "</pre></details>\n");
    }
}

rp_status rp_report_html(rp_report *report, size_t groups, rp_buffer *out) {
    rp_buffer data = rp_buffer_in(report->arena); /* before the notes, because reading it makes some */
    RP_TRY(rp_report_groups(report, groups, &data));
    RP_TRY(rp_buffer_status(&data));
    put_head(report, out);
    put_notes(report, out);
    rp_report_tables(report, out);
    put_choice(report, out);
    RP_TRY(rp_report_curves(report, out));
    rp_report_families(report, out);
    put_browser(out);
    put_recipes(report, out);
    rp_buffer_text(out, "</main>\n");
    rp_buffer_append(out, data.data, data.length);
    rp_report_script(out);
    rp_buffer_text(out, "</body></html>\n");
    return rp_buffer_status(out);
}
