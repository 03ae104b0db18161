/* SPDX-License-Identifier: MIT
 *
 * render.c — compare.json as Markdown for people and as CSV for programs.
 *
 * The pages that show a comparison are made from its JSON by this file and by nothing else, so that no figure is typed.
 */
#include "cell.h"

#include <math.h>
#include <string.h>

typedef struct column { /* of a table: where its numbers stand in a row of compare.json */
    const char *title, *group, *name;
    double scale;
    const char *format;
} column;

static const column accuracies[] = {
    {"easy", "tiers", "easy", 1, NULL},
    {"medium", "tiers", "medium", 1, NULL},
    {"near", "tiers", "near", 1, NULL},
    {"hard", "tiers", "hard", 1, NULL},
    {"general", "tiers", "general", 1, NULL},
    {"hard, answer only", "answer", "hard", 1, NULL},
    {"hard, sound steps", "sound", "hard", 1, NULL},
    {"hard, expert's style", "expert_style", "hard", 1, NULL},
    {"general, expert's style", "expert_style", "general", 1, NULL},
    {"hard, rephrased", "rephrase", "hard", 1, NULL},
};
static const column measures[] = {
    {"steps", "measures", "steps", 1, "%.0f"},
    {"generated tokens (thousands)", "measures", "tokens_sampled", 1e-3, "%.0f"},
    {"trained tokens (thousands)", "measures", "tokens_trained", 1e-3, "%.0f"},
    {"seconds", "measures", "seconds", 1, "%.0f"},
    {"gradient norm, mean", "measures", "grad_norm_mean", 1, "%.2f"},
    {"gradient norm, max", "measures", "grad_norm_max", 1, "%.2f"},
    {"entropy hard", "measures", "entropy_hard", 1, "%.3f"},
    {"entropy general", "measures", "entropy_general", 1, "%.3f"},
    {"KL hard", "measures", "kl_hard", 1, "%.3f"},
    {"KL general", "measures", "kl_general", 1, "%.3f"},
    {"rephrasings passed", "measures", "rephrase_pass_rate", 1, "%.2f"},
};
static const column nearness[] = {
    {"log p, rollouts", "measures", "logp_policy", 1, "%.3f"},
    {"log p, rephrasings", "measures", "logp_rephrased", 1, "%.3f"},
    {"log p, expert's text", "measures", "logp_expert", 1, "%.3f"},
    {"rare, rollouts", "measures", "rare_policy", 1, "%.3f"},
    {"rare, rephrasings", "measures", "rare_rephrased", 1, "%.3f"},
    {"rare, expert's text", "measures", "rare_expert", 1, "%.3f"},
};

static double number(const rp_json *row, const column *c, const char *which) {
    const rp_json group = rp_json_key(row, c->group), cell = rp_json_key(&group, c->name),
                  value = rp_json_key(&cell, which);
    double v = (double)NAN;
    if (rp_json_opt_double(&value, &v) != RP_OK) return (double)NAN;
    return v * c->scale;
}

static rp_status put_text(const rp_json *row, const char *key, rp_buffer *out) {
    const rp_json value = rp_json_key(row, key);
    rp_str text;
    RP_TRY(rp_json_get_string(&value, &text));
    rp_buffer_append(out, text.data, text.length);
    return RP_OK;
}

typedef enum cell_style { INTERVAL, SPREAD, PLAIN } cell_style;
static void put_cell(const rp_json *row, const column *c, cell_style style, rp_buffer *out) {
    const double mean = number(row, c, "mean");
    if (isnan(mean)) {
        rp_buffer_text(out, " – |");
        return;
    }
    if (style == PLAIN) {
        rp_buffer_char(out, ' ');
        rp_buffer_format(out, c->format, mean);
    } else if (style == INTERVAL) {
        rp_buffer_format(out, " %.3f [%.2f, %.2f]", mean, number(row, c, "low"), number(row, c, "high"));
    } else {
        rp_buffer_format(out, " %.3f–%.3f", number(row, c, "min"), number(row, c, "max"));
    }
    rp_buffer_text(out, " |");
}

static rp_status put_table(const rp_json *rows, const char *title, const column *columns, size_t n, cell_style style,
                           rp_buffer *out) {
    rp_buffer_format(out, "\n%s\n\n| row |", title);
    for (size_t c = 0; c < n; c++) rp_buffer_format(out, " %s |", columns[c].title);
    rp_buffer_text(out, "\n|---|");
    for (size_t c = 0; c < n; c++) rp_buffer_text(out, "--:|");
    for (size_t r = 0; r < rp_json_length(rows); r++) {
        const rp_json row = rp_json_at(rows, r);
        double any = (double)NAN;
        for (size_t c = 0; c < n && isnan(any); c++) any = number(&row, &columns[c], "mean");
        if (isnan(any)) continue; /* a row without a finished cell has nothing to show here */
        rp_buffer_text(out, "\n| ");
        RP_TRY(put_text(&row, "row", out));
        rp_buffer_text(out, " |");
        for (size_t c = 0; c < n; c++) put_cell(&row, &columns[c], style, out);
    }
    rp_buffer_char(out, '\n');
    return RP_OK;
}

/* Finished cells of a row, or cells that failed. */
static rp_status count_cells(const rp_json *row, size_t *done, size_t *failed, size_t *all) {
    const rp_json cells = rp_json_key(row, "cells");
    *done = *failed = 0;
    *all = rp_json_length(&cells);
    for (size_t i = 0; i < *all; i++) {
        const rp_json cell = rp_json_at(&cells, i), status = rp_json_key(&cell, "status");
        rp_str text;
        RP_TRY(rp_json_get_string(&status, &text));
        *done += rp_str_is(text, "done");
        *failed += !rp_str_is(text, "done") && !rp_str_is(text, "missing");
    }
    return RP_OK;
}

/* What each row is, and how many of its cells are finished; rows that nobody began are named in one line. */
static rp_status put_legend(const rp_json *rows, rp_buffer *out) {
    size_t done, failed, all, waiting = 0;
    rp_buffer_text(out, "| row | cells | what |\n|---|--:|---|\n");
    for (size_t r = 0; r < rp_json_length(rows); r++) {
        const rp_json row = rp_json_at(rows, r);
        RP_TRY(count_cells(&row, &done, &failed, &all));
        if (!done && !failed) {
            waiting++;
            continue;
        }
        rp_buffer_text(out, "| ");
        RP_TRY(put_text(&row, "row", out));
        rp_buffer_format(out, " | %zu of %zu%s | ", done, all, failed ? ", failed" : "");
        RP_TRY(put_text(&row, "about", out));
        rp_buffer_text(out, " |\n");
    }
    if (!waiting) return RP_OK;
    rp_buffer_text(out, "\nNot run:");
    for (size_t r = 0; r < rp_json_length(rows); r++) {
        const rp_json row = rp_json_at(rows, r);
        RP_TRY(count_cells(&row, &done, &failed, &all));
        if (done || failed) continue;
        rp_buffer_char(out, ' ');
        RP_TRY(put_text(&row, "row", out));
        rp_buffer_char(out, --waiting ? ',' : '.');
    }
    rp_buffer_char(out, '\n');
    return RP_OK;
}

static bool has_families(const rp_json *row) {
    const rp_json families = rp_json_key(row, "families");
    return rp_json_length(&families) > 0;
}

/* Families down, rows across: where a tier's mean comes from. */
static rp_status put_families(const rp_json *rows, rp_buffer *out) {
    rp_json families = {0};
    rp_buffer line = rp_buffer_in(out->arena);
    rp_buffer_text(&line, "\n|---|");
    for (size_t r = 0; r < rp_json_length(rows); r++) {
        const rp_json row = rp_json_at(rows, r);
        if (!has_families(&row)) continue;
        if (!rp_json_length(&families)) {
            families = rp_json_key(&row, "families");
            rp_buffer_text(out, "\n**Per family**\n\n| family |");
        }
        rp_buffer_char(out, ' ');
        RP_TRY(put_text(&row, "row", out));
        rp_buffer_text(out, " |");
        rp_buffer_text(&line, "--:|");
    }
    if (!rp_json_length(&families)) return RP_OK;
    RP_TRY(rp_buffer_status(&line));
    rp_buffer_append(out, line.data, line.length);
    rp_json_iterator iterator = {0};
    const char *name;
    rp_json ignored;
    while (rp_json_next_member(&families, &iterator, &name, &ignored)) {
        rp_buffer_format(out, "\n| %s |", name);
        const column c = {name, "families", name, 1, "%.2f"};
        for (size_t r = 0; r < rp_json_length(rows); r++) {
            const rp_json row = rp_json_at(rows, r);
            if (has_families(&row)) put_cell(&row, &c, PLAIN, out);
        }
    }
    rp_buffer_char(out, '\n');
    return RP_OK;
}

#define TABLE(title, columns, style) put_table(rows, title, columns, sizeof(columns) / sizeof *(columns), style, out)

static rp_status write_markdown(const rp_json *rows, rp_buffer *out) {
    RP_TRY(put_legend(rows, out));
    RP_TRY(TABLE(
        "**Accuracy on held-out questions**: answer right and no false equation written; mean over the cells and 95 % "
        "interval.",
        accuracies, INTERVAL));
    RP_TRY(TABLE("**Spread**: the least and the largest cell.", accuracies, SPREAD));
    RP_TRY(
        TABLE("**What it took and where it went**: means over the cells; entropy and KL from the base in nats per token.",
              measures, PLAIN));
    RP_TRY(TABLE("**How near the injected rows are**: mean log-probability per token under the plain question and share of "
                 "tokens with probability below 0.01, during training.",
                 nearness, PLAIN));
    return put_families(rows, out);
}

static rp_status csv_group(const rp_json *row, const char *group, rp_buffer *out) {
    const rp_json all = rp_json_key(row, group);
    rp_json_iterator iterator = {0};
    const char *name;
    rp_json cell;
    while (rp_json_next_member(&all, &iterator, &name, &cell)) {
        static const char *const parts[] = {"mean", "min", "max", "low", "high", "questions"};
        RP_TRY(put_text(row, "row", out));
        rp_buffer_format(out, ",%s,%s", group, name);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            const rp_json value = rp_json_key(&cell, parts[i]);
            double v = (double)NAN;
            char digits[32];
            RP_TRY(rp_json_opt_double(&value, &v));
            (void)rp_format_double(v, digits);
            rp_buffer_format(out, ",%s", isnan(v) ? "" : digits);
        }
        rp_buffer_char(out, '\n');
    }
    return RP_OK;
}

static rp_status write_csv(const rp_json *rows, rp_buffer *out) {
    static const char *const groups[] = {"tiers", "answer", "sound", "expert_style", "rephrase", "families", "measures"};
    rp_buffer_text(out, "row,group,name,mean,min,max,low,high,questions\n");
    for (size_t r = 0; r < rp_json_length(rows); r++) {
        const rp_json row = rp_json_at(rows, r);
        for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) RP_TRY(csv_group(&row, groups[g], out));
    }
    return RP_OK;
}

rp_status rp_compare_render(rp_arena *arena, const char *path, bool csv, rp_buffer *out) {
    (void)arena;
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document), rows = rp_json_key(&root, "rows");
    rp_status status = rp_json_require_type(&rows, RP_JSON_ARRAY);
    if (status == RP_OK) status = csv ? write_csv(&rows, out) : write_markdown(&rows, out);
    rp_json_free(document);
    return status == RP_OK ? rp_buffer_status(out) : status;
}
