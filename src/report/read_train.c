/* SPDX-License-Identifier: MIT
 *
 * read_train.c — a directory of `rephrase train`: recipe.ini, <algorithm>/metrics.jsonl, table.json, eval-<name>.jsonl.
 *
 * A run has one seed. Several runs whose recipes differ in the seed alone are the cells of one table; whatever else differs
 * makes them different rows.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

enum { MAX_FILE = 64 << 20 };

/* ---- The recipe as text ---------------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* What the recipe's line "key = value" says, "" when it has none. */
static const char *recipe_value(rp_arena *arena, rp_str recipe, const char *key) {
    const char *end = recipe.data + recipe.length, *wanted = rp_sprintf(arena, "%s = ", key);
    for (const char *at = recipe.data; wanted && recipe.length && at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        const size_t n = strlen(wanted);
        if ((size_t)(stop - at) >= n && memcmp(at, wanted, n) == 0)
            return rp_strndup(arena, at + n, (size_t)(stop - at) - n);
        at = stop + 1;
    }
    return "";
}

/* The recipe without the lines in which the runs of one table may differ. */
static const char *signature_of(rp_arena *arena, rp_str recipe) {
    static const char *const free_keys[] = {"out = ",  "algorithms = ",       "seed = ",         "log_groups = ",
                                            "threads", "save_steps = ", "micro_tokens = ", "kv_megabytes = "};
    rp_buffer kept = rp_buffer_in(arena);
    rp_buffer_text(&kept, "");
    for (size_t i = 0; i < recipe.length;) {
        const char *at = recipe.data + i, *stop = memchr(at, '\n', recipe.length - i);
        const size_t n = stop ? (size_t)(stop - at) + 1 : recipe.length - i;
        bool is_free = false;
        for (size_t k = 0; k < sizeof free_keys / sizeof *free_keys; k++) is_free = is_free || begins(at, free_keys[k]);
        if (!is_free) rp_buffer_append(&kept, at, n);
        i += n;
    }
    return kept.data;
}

/* ---- Figures of one cell --------------------------------------------------------------------------------------- */

typedef struct column_figures {
    double sum, largest;
    size_t count;
} column_figures;

static column_figures figures_of(const rp_report_cell *cell, const char *name) {
    const rp_series *s = rp_series_find(cell, name);
    column_figures f = {.largest = -(double)INFINITY};
    for (size_t i = 0; s && i < s->count; i++) {
        f.sum += s->value[i];
        f.largest = fmax(f.largest, s->value[i]);
        f.count++;
    }
    return f;
}

static rp_status put_measure(rp_report *report, rp_report_row *row, const char *name, double value, bool known) {
    return known ? rp_spread_add(report->arena, &row->measures, name, "", value, 0) : RP_OK;
}

static rp_status measures_of_metrics(rp_report *report, rp_report_row *row, const rp_report_cell *cell) {
    const column_figures gradient = figures_of(cell, "grad_norm"), passed = figures_of(cell, "rephrase_passed"),
                         sampled = figures_of(cell, "rephrase_sampled"), tokens = figures_of(cell, "tokens_sampled"),
                         seconds = figures_of(cell, "seconds");
    RP_TRY(put_measure(report, row, "grad_norm_mean", gradient.sum / (double)gradient.count, gradient.count > 0));
    RP_TRY(put_measure(report, row, "grad_norm_max", gradient.largest, gradient.count > 0));
    RP_TRY(put_measure(report, row, "rephrase_pass_rate", passed.sum / sampled.sum, sampled.sum > 0));
    RP_TRY(put_measure(report, row, "tokens_sampled", tokens.sum, tokens.count > 0));
    return put_measure(report, row, "seconds", seconds.sum, seconds.count > 0);
}

/* A recipe that asks no held-out questions, or has none, misses no answers. */
static bool is_evaluated(rp_arena *arena, rp_str recipe) {
    const char *count = recipe_value(arena, recipe, "eval_count"), *data = recipe_value(arena, recipe, "data"),
               *held_out = recipe_value(arena, recipe, "eval_data");
    const bool is_file = *data && strcmp(data, "world") != 0;
    return strcmp(count, "0") != 0 && (*held_out || !is_file);
}

/* Share of the answers to held-out questions without a false statement. */
static rp_status soundness(rp_report *report, rp_report_row *row, const char *path) {
    if (!rp_file_exists(path)) return rp_report_note(report, "%s is missing: no soundness of %s", path, row->name);
    rp_line_reader reader;
    RP_TRY(rp_lines_open(path, &reader));
    rp_str line;
    bool end = false;
    double sound = 0, asked = 0;
    rp_status status = RP_OK;
    while (status == RP_OK && (status = rp_lines_next(&reader, &line, &end)) == RP_OK && !end) {
        rp_json_document *document;
        int64_t wrong = 0;
        rp_str prompt = {0};
        if (rp_json_parse(line.data, line.length, path, &document) != RP_OK) continue;
        const rp_json root = rp_json_root(document), steps = rp_json_key(&root, "false_steps"),
                      kind = rp_json_key(&root, "prompt");
        if (rp_json_get_int(&steps, 0, INT32_MAX, &wrong) == RP_OK && rp_json_get_string(&kind, &prompt) == RP_OK &&
            rp_str_is(prompt, "solve")) {
            sound += wrong == 0;
            asked++;
        }
        rp_json_free(document);
    }
    rp_lines_close(&reader);
    RP_TRY(status);
    return put_measure(report, row, "sound", sound / asked, asked > 0);
}

/* ---- table.json ------------------------------------------------------------------------------------------------ */

static rp_status add_accuracy(rp_report *report, rp_report_row *row, const rp_json *entry, const rp_json *figures) {
    const rp_json label = rp_json_key(entry, "row"), tier_at = rp_json_key(entry, "tier"),
                  problems = rp_json_key(entry, "problems"), accuracy = rp_json_key(figures, "accuracy"),
                  rephrase = rp_json_key(figures, "rephrase");
    rp_str name, tier;
    double value, questions, rephrased = (double)NAN;
    RP_TRY(rp_json_get_string(&label, &name));
    RP_TRY(rp_json_get_string(&tier_at, &tier));
    RP_TRY(rp_json_get_double(&problems, &questions));
    RP_TRY(rp_json_get_double(&accuracy, &value));
    RP_TRY(rp_json_opt_double(&rephrase, &rephrased));
    const char *family = rp_strndup(report->arena, name.data, name.length),
               *group = rp_strndup(report->arena, tier.data, tier.length);
    if (!family || !group) return RP_ERR_MEMORY;
    if (strcmp(family, "all") == 0) return rp_spread_add(report->arena, &row->tiers, group, "", value, questions);
    if (isfinite(rephrased)) RP_TRY(rp_spread_add(report->arena, &row->rephrased, family, group, rephrased, questions));
    return rp_spread_add(report->arena, &row->families, family, group, value, questions);
}

static rp_status read_table(rp_report *report, rp_report_row *row, const char *path) {
    if (!rp_file_exists(path)) return RP_OK;
    rp_json_document *document;
    rp_status status = rp_json_load(path, &document);
    if (status != RP_OK) return rp_report_note(report, "%s", rp_last_error());
    const rp_json root = rp_json_root(document);
    for (size_t i = 0; status == RP_OK && i < rp_json_length(&root); i++) {
        const rp_json entry = rp_json_at(&root, i), figures = rp_json_key(&entry, row->key);
        if (rp_json_typeof(&figures) != RP_JSON_OBJECT) continue;
        status = add_accuracy(report, row, &entry, &figures);
        if (status != RP_OK && status != RP_ERR_MEMORY) status = rp_report_note(report, "%s", rp_last_error());
    }
    rp_json_free(document);
    return status;
}

/* ---- The directory --------------------------------------------------------------------------------------------- */

static rp_status read_row(rp_report *report, size_t run, const char *name, const char *signature, const char *label) {
    const char *path = report->runs[run].path;
    rp_report_row *row;
    rp_report_cell *cell;
    const char *table = rp_path_join(report->arena, path, "table.json"),
               *directory = rp_path_join(report->arena, path, name),
               *file = rp_sprintf(report->arena, "eval-%s.jsonl", name),
               *answers = file ? rp_path_join(report->arena, path, file) : NULL;
    if (!table || !directory || !answers) return RP_ERR_MEMORY;
    RP_TRY(rp_report_row_of(report, name, signature, run, &row));
    RP_TRY(rp_report_add_cell(report, row, label, directory, &cell));
    RP_TRY(read_table(report, row, table));
    if (is_evaluated(report->arena, report->runs[run].recipe)) RP_TRY(soundness(report, row, answers));
    if (strcmp(name, "base") == 0) return RP_OK; /* its log is of pretraining */
    RP_TRY(rp_report_read_metrics(report, cell));
    return measures_of_metrics(report, row, cell);
}

rp_status rp_report_read_train(rp_report *report, size_t run) {
    const rp_report_run *r = &report->runs[run];
    const char *signature = signature_of(report->arena, r->recipe),
               *algorithms = recipe_value(report->arena, r->recipe, "algorithms"),
               *seed = recipe_value(report->arena, r->recipe, "seed"), *label = rp_sprintf(report->arena, "seed %s", seed),
               *table = rp_path_join(report->arena, r->path, "table.json");
    if (!signature || !algorithms || !seed || !label || !table) return RP_ERR_MEMORY;
    if (is_evaluated(report->arena, r->recipe) && !rp_file_exists(table))
        RP_TRY(rp_report_note(report, "%s is missing: the run has not been evaluated yet", table));
    RP_TRY(read_row(report, run, "base", signature, label));
    for (const char *at = algorithms; *at;) {
        at += strspn(at, " ,");
        const size_t n = strcspn(at, " ,");
        const char *name = rp_strndup(report->arena, at, n);
        RP_TRY_ALLOC(name);
        /* The list is text from a file: a name with a slash would lead out of the directory. */
        if (n && !strpbrk(name, "/\\") && name[0] != '.') RP_TRY(read_row(report, run, name, signature, label));
        at += n;
    }
    return RP_OK;
}
