/* SPDX-License-Identifier: MIT
 *
 * table.c — from the cells' results to the numbers of a table, with what they are worth.
 *
 * A cell answers every held-out question once. For a row with k cells and n questions, p_q is question q's mean over the cells
 * and a_s cell s's mean over the questions:
 *
 *   mean       a = (1/n) Σ p_q = (1/k) Σ a_s
 *   spread     the least and the largest a_s
 *   interval   Wilson's at 95 % for the proportion a of n' questions,  n' = a(1−a)/V  (at most n),
 *              V = Σ (p_q − a)² / (n(n−1)) + Σ (a_s − a)² / (k(k−1))
 *
 * The first term of V counts distinct questions, not answers: the same question asked in k cells is one question. The second
 * is what another base or another stream of rollouts would change; with one cell it is absent, and the interval then speaks
 * of that one run.
 */
#include "cell.h"

#include <math.h>
#include <string.h>

typedef struct result { /* one cell's result.json */
    rp_json root;
} result;
typedef struct statistic {
    double mean, min, max, low, high;
    size_t questions;
} statistic;

/* All cells of a row that have a result. */
typedef struct row_results {
    const rp_compared *row;
    result *cells;
    size_t count;
} row_results;

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static rp_status load(const char *path, rp_json_document **documents, size_t *opened, result *out) {
    RP_TRY(rp_json_load(path, &documents[*opened]));
    out->root = rp_json_root(documents[(*opened)++]);
    const rp_json families = rp_json_key(&out->root, "families");
    return rp_json_require_type(&families, RP_JSON_ARRAY);
}

/* Means are over the same questions: every cell must have been asked the same ones. */
static rp_status check_same_questions(const result *a, const result *b) {
    rp_str x, y;
    const rp_json p = rp_json_key(&a->root, "questions"), q = rp_json_key(&b->root, "questions");
    RP_TRY(rp_json_get_string(&p, &x));
    RP_TRY(rp_json_get_string(&q, &y));
    return rp_str_equal(x, y) ? RP_OK
                              : rp_json_fail(&q, RP_ERR_FORMAT, "was answered on other questions than the first cell");
}

/* ---- Statistics -------------------------------------------------------------------------------------------------- */

static bool belongs(const rp_json *family, const char *name, const char *tier) {
    const rp_json f = rp_json_key(family, "family"), t = rp_json_key(family, "tier");
    rp_str text;
    if (name && (rp_json_get_string(&f, &text) != RP_OK || !rp_str_is(text, name))) return false;
    if (tier && (rp_json_get_string(&t, &text) != RP_OK || !rp_str_is(text, tier))) return false;
    return true;
}

typedef struct selection { /* one sign of the questions of a family or tier; NULL = of all */
    const char *family, *tier;
    rp_sign sign;
} selection;

/* Adds one cell's signs to the sums per question; *right becomes the number of ones, *n the number of questions. */
static rp_status add_signs(const result *cell, const selection *of, double *sum, size_t room, size_t *right, size_t *n) {
    const rp_json families = rp_json_key(&cell->root, "families");
    *right = *n = 0;
    for (size_t i = 0; i < rp_json_length(&families); i++) {
        const rp_json family = rp_json_at(&families, i), signs = rp_json_key(&family, rp_sign_names[of->sign]);
        if (!belongs(&family, of->family, of->tier)) continue;
        rp_str text;
        RP_TRY(rp_json_get_string(&signs, &text));
        for (size_t k = 0; k < text.length && *n < room; k++, (*n)++) {
            const bool one = text.data[k] == '1';
            if (sum) sum[*n] += one;
            *right += one;
        }
    }
    return RP_OK;
}

static rp_status accuracy(rp_arena *arena, const row_results *row, selection of, statistic *out) {
    enum { MOST = 1000000 };
    size_t right, n = 0;
    *out = (statistic){.min = 1};
    if (row->count) RP_TRY(add_signs(&row->cells[0], &of, NULL, MOST, &right, &n));
    if (!n) return RP_OK;
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    double *sum = rp_alloc_zero(arena, double, n), *of_cell = rp_alloc_zero(arena, double, row->count);
    if (!sum || !of_cell) return RP_ERR_MEMORY;
    const double k = (double)row->count;
    for (size_t s = 0; s < row->count; s++) {
        size_t asked;
        RP_TRY(add_signs(&row->cells[s], &of, sum, n, &right, &asked));
        if (asked != n) return rp_json_fail(&row->cells[s].root, RP_ERR_FORMAT, "has another number of answers");
        of_cell[s] = (double)right / (double)n;
        out->mean += of_cell[s] / k;
        out->min = fmin(out->min, of_cell[s]);
        out->max = fmax(out->max, of_cell[s]);
    }
    double questions = 0, cells = 0;
    for (size_t q = 0; q < n; q++) questions += (sum[q] / k - out->mean) * (sum[q] / k - out->mean);
    for (size_t s = 0; s < row->count; s++) cells += (of_cell[s] - out->mean) * (of_cell[s] - out->mean);
    const double variance = (n > 1 ? questions / ((double)n * (double)(n - 1)) : 0) + (k > 1 ? cells / (k * (k - 1)) : 0);
    const double effective = variance > 0 ? fmin((double)n, out->mean * (1 - out->mean) / variance) : (double)n;
    rp_wilson(out->mean, effective, &out->low, &out->high);
    out->questions = n;
    rp_arena_rewind(arena, mark);
    return RP_OK;
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static void put_statistic(rp_json_writer *w, const char *key, const statistic *s) {
    if (!s->questions) return;
    rp_json_put_key(w, key);
    rp_json_begin_object(w);
    rp_put_number(w, "mean", s->mean);
    rp_put_number(w, "min", s->min);
    rp_put_number(w, "max", s->max);
    rp_put_number(w, "low", s->low);
    rp_put_number(w, "high", s->high);
    rp_json_put_key(w, "questions");
    rp_json_put_int(w, (int64_t)s->questions);
    rp_json_end_object(w);
}

static rp_status put_tiers(rp_arena *arena, const row_results *row, rp_sign sign, const char *key, rp_json_writer *w) {
    rp_json_put_key(w, key);
    rp_json_begin_object(w);
    for (size_t k = 0; k <= RP_TIERS; k++) {
        statistic s;
        RP_TRY(accuracy(arena, row, (selection){NULL, k < RP_TIERS ? rp_tiers[k] : NULL, sign}, &s));
        put_statistic(w, k < RP_TIERS ? rp_tiers[k] : "all", &s);
    }
    rp_json_end_object(w);
    return RP_OK;
}

static rp_status put_families(rp_arena *arena, const row_results *row, rp_json_writer *w) {
    rp_json_put_key(w, "families");
    rp_json_begin_object(w);
    const rp_json families = rp_json_key(&row->cells[0].root, "families");
    for (size_t i = 0; i < rp_json_length(&families); i++) {
        const rp_json family = rp_json_at(&families, i), name = rp_json_key(&family, "family");
        rp_str text;
        RP_TRY(rp_json_get_string(&name, &text));
        const char *copy = rp_strndup(arena, text.data, text.length);
        RP_TRY_ALLOC(copy);
        statistic s;
        RP_TRY(accuracy(arena, row, (selection){copy, NULL, RP_SIGN_STRICT}, &s));
        put_statistic(w, copy, &s);
    }
    rp_json_end_object(w);
    return RP_OK;
}

/* Mean and range over the cells of every measure that the first cell has. */
static rp_status put_measures(const row_results *row, rp_json_writer *w) {
    rp_json_put_key(w, "measures");
    rp_json_begin_object(w);
    const rp_json first = rp_json_key(&row->cells[0].root, "measures");
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json ignored;
    while (rp_json_next_member(&first, &iterator, &key, &ignored)) {
        double sum = 0, min = (double)INFINITY, max = -(double)INFINITY;
        size_t n = 0;
        for (size_t s = 0; s < row->count; s++) {
            const rp_json all = rp_json_key(&row->cells[s].root, "measures"), one = rp_json_key(&all, key);
            double v = (double)NAN;
            RP_TRY(rp_json_opt_double(&one, &v));
            if (isnan(v)) continue;
            sum += v;
            min = fmin(min, v);
            max = fmax(max, v);
            n++;
        }
        if (!n) continue;
        rp_json_put_key(w, key);
        rp_json_begin_object(w);
        rp_put_number(w, "mean", sum / (double)n);
        rp_put_number(w, "min", min);
        rp_put_number(w, "max", max);
        rp_json_end_object(w);
    }
    rp_json_end_object(w);
    return RP_OK;
}

static void put_overrides(const rp_compared *row, rp_json_writer *w) {
    rp_json_put_key(w, "row");
    rp_json_put_text(w, row->name);
    rp_json_put_key(w, "algorithm");
    rp_json_put_text(w, row->algorithm ? row->algorithm->name : "");
    rp_json_put_key(w, "about");
    rp_json_put_text(w, row->about);
    rp_json_put_key(w, "settings");
    rp_json_begin_object(w);
    for (size_t i = 0; i < row->overrides; i++) {
        rp_json_put_key(w, row->key[i]);
        rp_json_put_text(w, row->value[i]);
    }
    rp_json_end_object(w);
}

/* What a cell came to, as 16 hexadecimal digits: every sign of every question and every measure but the seconds. Entropies and
 * divergences depend on all weights, so cells whose digests agree ended with the same bits. */
static rp_status digest_of(rp_arena *arena, const result *cell, const char **digest) {
    rp_buffer text = rp_buffer_in(arena);
    const rp_json families = rp_json_key(&cell->root, "families"), all = rp_json_key(&cell->root, "measures");
    for (size_t i = 0; i < rp_json_length(&families); i++) {
        const rp_json family = rp_json_at(&families, i);
        for (size_t k = 0; k < RP_SIGNS; k++) {
            const rp_json signs = rp_json_key(&family, rp_sign_names[k]);
            rp_str ones = {0};
            if (rp_json_typeof(&signs) == RP_JSON_STRING) RP_TRY(rp_json_get_string(&signs, &ones));
            rp_buffer_append(&text, ones.data, ones.length);
            rp_buffer_char(&text, '\n');
        }
    }
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    while (rp_json_next_member(&all, &iterator, &key, &value)) {
        double v = (double)NAN;
        RP_TRY(rp_json_opt_double(&value, &v));
        if (strcmp(key, "seconds") != 0) rp_buffer_format(&text, "%s %.17g\n", key, v);
    }
    RP_TRY(rp_buffer_status(&text));
    *digest = rp_sprintf(arena, "%016llx", (unsigned long long)rp_hash64(text.data, text.length, 0));
    return *digest ? RP_OK : RP_ERR_MEMORY;
}

/* Digest and accuracies of one cell: rows can be compared base by base. */
static rp_status put_outcome(rp_arena *arena, const result *cell, rp_json_writer *w) {
    const char *digest;
    RP_TRY(digest_of(arena, cell, &digest));
    rp_json_put_key(w, "digest");
    rp_json_put_text(w, digest);
    rp_json_put_key(w, "tiers");
    rp_json_begin_object(w);
    for (size_t k = 0; k < RP_TIERS; k++) {
        size_t right, n;
        RP_TRY(add_signs(cell, &(selection){NULL, rp_tiers[k], RP_SIGN_STRICT}, NULL, SIZE_MAX, &right, &n));
        if (n) rp_put_number(w, rp_tiers[k], (double)right / (double)n);
    }
    rp_json_end_object(w);
    return RP_OK;
}

static rp_status put_cells(rp_arena *arena, const row_results *row, const rp_cell *cells, size_t count, const bool *done,
                           rp_json_writer *w) {
    const result *next = row->cells; /* in the order of the cells that are done */
    rp_json_put_key(w, "cells");
    rp_json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        if (cells[i].row != row->row) continue;
        rp_json_begin_object(w);
        rp_json_put_key(w, "pretrain_seed");
        rp_json_put_int(w, cells[i].pretrain_seed);
        rp_json_put_key(w, "seed");
        rp_json_put_int(w, cells[i].seed);
        rp_json_put_key(w, "path");
        rp_json_put_text(w, cells[i].place);
        rp_json_put_key(w, "status");
        rp_json_put_text(w, done[i] ? "done" : cells[i].failure ? cells[i].failure : "missing");
        if (done[i]) RP_TRY(put_outcome(arena, next++, w));
        rp_json_end_object(w);
    }
    rp_json_end_array(w);
    return RP_OK;
}

static rp_status put_row(rp_arena *arena, const row_results *row, const rp_cell *cells, size_t count, const bool *done,
                         rp_json_writer *w) {
    static const struct {
        const char *key;
        rp_sign sign;
    } kinds[] = {{"tiers", RP_SIGN_STRICT},
                 {"answer", RP_SIGN_ANSWER},
                 {"sound", RP_SIGN_SOUND},
                 {"expert_style", RP_SIGN_EXPERT},
                 {"rephrase", RP_SIGN_REPHRASE}};
    rp_json_begin_object(w);
    put_overrides(row->row, w);
    if (row->count) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            RP_TRY(put_tiers(arena, row, kinds[i].sign, kinds[i].key, w));
        RP_TRY(put_families(arena, row, w));
        RP_TRY(put_measures(row, w));
    }
    RP_TRY(put_cells(arena, row, cells, count, done, w));
    rp_json_end_object(w);
    return RP_OK;
}

static rp_status write_rows(rp_arena *arena, const rp_comparison *comparison, const rp_cell *cells, size_t count,
                            rp_json_document **documents, size_t *opened, rp_json_writer *w) {
    bool *done = rp_alloc_zero(arena, bool, count + 1);
    result *results = rp_alloc_zero(arena, result, count + 1), first = {0};
    if (!done || !results) return RP_ERR_MEMORY;
    rp_json_begin_array(w);
    for (size_t r = 0; r < comparison->row_count; r++) {
        row_results row = {&comparison->rows[r], results, 0};
        for (size_t i = 0; i < count; i++) {
            const char *path = rp_path_join(arena, cells[i].directory, "result.json");
            RP_TRY_ALLOC(path);
            if (cells[i].row != row.row || !rp_file_exists(path)) continue;
            RP_TRY(load(path, documents, opened, &results[row.count]));
            if (!first.root.document) first = results[row.count];
            RP_TRY(check_same_questions(&first, &results[row.count]));
            row.count++;
            done[i] = true;
        }
        RP_TRY(put_row(arena, &row, cells, count, done, w));
    }
    rp_json_end_array(w);
    return RP_OK;
}

rp_status rp_compare_table(rp_arena *arena, const rp_comparison *comparison, const rp_cell *cells, size_t count,
                           const char *commit, rp_buffer *json) {
    rp_json_document **documents = rp_alloc_zero(arena, rp_json_document *, count + 1);
    RP_TRY_ALLOC(documents);
    size_t opened = 0;
    rp_json_writer w = rp_json_write_to(json);
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "version");
    rp_json_put_text(&w, RP_VERSION);
    rp_json_put_key(&w, "commit");
    rp_json_put_text(&w, commit ? commit : "unknown");
    rp_json_put_key(&w, "machine");
    rp_json_put_text(&w, rp_processor_name(arena));
    rp_json_put_key(&w, "seeds");
    rp_json_begin_array(&w);
    for (size_t i = 0; i < comparison->seed_count; i++) rp_json_put_int(&w, comparison->seeds[i]);
    rp_json_end_array(&w);
    rp_json_put_key(&w, "rows");
    const rp_status status = write_rows(arena, comparison, cells, count, documents, &opened, &w);
    rp_json_end_object(&w);
    rp_buffer_char(json, '\n');
    for (size_t i = 0; i < opened; i++) rp_json_free(documents[i]);
    return status == RP_OK ? rp_buffer_status(json) : status;
}

rp_status rp_compare_score(rp_arena *arena, const char *path, double *score, double tiers[RP_TIERS]) {
    rp_json_document *document = NULL;
    size_t opened = 0, known = 0;
    result cell = {0};
    rp_status status = load(path, &document, &opened, &cell);
    const row_results row = {NULL, &cell, 1};
    *score = 0;
    for (size_t k = 0; k < RP_TIERS && status == RP_OK; k++) {
        statistic s = {0};
        status = accuracy(arena, &row, (selection){NULL, rp_tiers[k], RP_SIGN_STRICT}, &s);
        tiers[k] = s.mean;
        known += s.questions > 0;
        *score += s.mean;
    }
    if (known) *score /= (double)known;
    rp_json_free(document);
    return status;
}
