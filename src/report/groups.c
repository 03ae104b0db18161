/* SPDX-License-Identifier: MIT
 *
 * groups.c — training groups for the page's browser: some of each row's samples.jsonl, spread over the run.
 *
 * A line of samples.jsonl goes into the page as it is, once it has been read as JSON. The steps of a run are divided into as many
 * parts as groups are wanted; each part gives its most telling line: one with a replacement, else one whose rows disagree.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

static const size_t MAX_SAMPLES = (size_t)1 << 30, MAX_LINE = 1 << 18;

typedef struct candidate {
    rp_str line;
    double step;
    int worth; /* 0 all rows equal, 1 they disagree, 2 a replacement; hard questions first among equals */
} candidate;

static int worth_of(const rp_json *root) {
    const rp_json rows = rp_json_key(root, "rows"), replaced_at = rp_json_key(root, "replaced"),
                  tier_at = rp_json_key(root, "tier");
    int64_t replaced = -1;
    double first = 0, reward = 0;
    rp_str tier = {"", 0};
    bool disagree = false;
    if (rp_json_get_int(&replaced_at, -1, INT32_MAX, &replaced) != RP_OK) replaced = -1;
    if (rp_json_get_string(&tier_at, &tier) != RP_OK) tier = (rp_str){"", 0};
    for (size_t i = 0; i < rp_json_length(&rows); i++) {
        const rp_json row = rp_json_at(&rows, i), at = rp_json_key(&row, "reward");
        if (rp_json_get_double(&at, &reward) != RP_OK) continue;
        if (i == 0) first = reward;
        disagree = disagree || reward != first;
    }
    return 2 * (replaced >= 0 ? 2 : disagree ? 1 : 0) + rp_str_is(tier, "hard");
}

static rp_status read_candidates(rp_report *report, const char *path, candidate **found, size_t *count) {
    rp_str text;
    size_t n = 0, bad = 0, line_number = 0;
    candidate *list = NULL;
    RP_TRY(rp_file_read(report->arena, path, MAX_SAMPLES, &text));
    for (size_t i = 0; i < text.length; line_number++) {
        const char *at = text.data + i, *stop = memchr(at, '\n', text.length - i);
        const rp_str line = {at, stop ? (size_t)(stop - at) : text.length - i};
        i += line.length + 1;
        rp_json_document *document;
        if (!line.length || line.length > MAX_LINE) continue;
        if (rp_json_parse(line.data, line.length, path, &document) != RP_OK) {
            bad++;
            continue;
        }
        const rp_json root = rp_json_root(document), step_at = rp_json_key(&root, "step");
        candidate c = {.line = line};
        const bool good = rp_json_get_double(&step_at, &c.step) == RP_OK;
        if (good) c.worth = worth_of(&root);
        rp_json_free(document);
        if (!good) continue;
        list = rp_report_room(report->arena, list, n, sizeof *list);
        RP_TRY_ALLOC(list);
        list[n++] = c;
    }
    if (bad) RP_TRY(rp_report_note(report, "%s: %zu lines could not be read", path, bad));
    *found = list;
    *count = n;
    return RP_OK;
}

static void put_string(rp_buffer *out, const char *text) {
    rp_buffer json = rp_buffer_in(out->arena);
    rp_json_writer w = rp_json_write_to(&json);
    rp_json_put_text(&w, text);
    rp_html_json(out, (rp_str){json.data, json.length});
}

static rp_status put_cell(rp_report *report, const rp_report_row *row, const rp_report_cell *cell, size_t wanted,
                          bool *first, rp_buffer *out) {
    const char *path = rp_path_join(report->arena, cell->directory, "samples.jsonl");
    candidate *found;
    size_t count;
    RP_TRY_ALLOC(path);
    if (!rp_file_exists(path)) return rp_report_note(report, "%s is missing: no groups of this run", path);
    RP_TRY(read_candidates(report, path, &found, &count));
    const double last = count ? found[count - 1].step : 0;
    size_t i = 0;
    for (size_t part = 0; part < wanted; part++) {
        const candidate *best = NULL;
        for (; i < count && (found[i].step - 1) * (double)wanted < last * (double)(part + 1); i++)
            if (!best || found[i].worth > best->worth) best = &found[i];
        if (!best) continue;
        rp_buffer_text(out, *first ? "\n{\"row\":" : ",\n{\"row\":");
        put_string(out, row->name);
        rp_buffer_text(out, ",\"cell\":");
        put_string(out, cell->label);
        rp_buffer_text(out, ",\"group\":");
        rp_html_json(out, best->line);
        rp_buffer_char(out, '}');
        *first = false;
    }
    return RP_OK;
}

rp_status rp_report_groups(rp_report *report, size_t per_row, rp_buffer *out) {
    bool first = true;
    rp_buffer_text(out, "<script type=\"application/json\" id=\"groups-data\">[");
    for (size_t r = 0; r < report->row_count; r++) {
        const rp_report_row *row = &report->rows[r];
        size_t with_logs = 0;
        for (size_t c = 0; c < row->cell_count; c++) with_logs += row->cells[c].series_count > 0;
        for (size_t c = 0; c < row->cell_count && with_logs; c++) {
            if (!row->cells[c].series_count) continue;
            const size_t share = (per_row + with_logs - 1) / with_logs;
            RP_TRY(put_cell(report, row, &row->cells[c], share, &first, out));
        }
    }
    rp_buffer_text(out, "\n]</script>\n");
    return RP_OK;
}
