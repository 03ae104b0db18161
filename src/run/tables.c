/* SPDX-License-Identifier: MIT
 *
 * tables.c — what happened, per family and tier: one column per evaluated policy.
 *
 * A cell counts distinct held-out problems, each answered once. Its uncertainty is the 95 % Wilson interval of a proportion;
 * it is written to the JSON beside the table and as a half-width in the summary rows.
 */
#include <rephrase/run.h>

#include <string.h>

typedef struct tally {
    size_t problems, right, answer_right, rephrased_right;
} tally;

static bool belongs(const rp_problem *problem, const char *family, const char *tier) {
    return (!family || rp_str_is(problem->family, family)) && (!tier || rp_str_is(problem->tier, tier));
}

static tally count(const rp_dataset *problems, const rp_eval_column *column, const char *family, const char *tier) {
    tally t = {0};
    for (size_t i = 0; i < problems->count; i++) {
        if (!belongs(&problems->problems[i], family, tier)) continue;
        t.problems++;
        t.right += column->answers[i].reward.correct > 0;
        t.answer_right += column->answers[i].verdict.kind == RP_VERDICT_EQUAL;
        if (column->rephrased) t.rephrased_right += column->rephrased[i].reward.correct > 0;
    }
    return t;
}

static double share(size_t part, size_t whole) {
    return whole ? (double)part / (double)whole : 0;
}

typedef struct table {
    const rp_dataset *problems;
    const rp_eval_column *columns;
    size_t count;
    rp_buffer *text;
    rp_json_writer json;
} table;

static void write_row(table *t, const char *label, const char *family, const char *tier) {
    const rp_dataset *problems = t->problems;
    rp_json_writer *w = &t->json;
    size_t total = 0;
    for (size_t i = 0; i < problems->count; i++) total += belongs(&problems->problems[i], family, tier);
    if (!total) return;
    rp_buffer_format(t->text, "| %-14s | %-8s | %5zu |", label, tier ? tier : "", total);
    rp_json_begin_object(w);
    rp_json_put_key(w, "row");
    rp_json_put_text(w, label);
    rp_json_put_key(w, "tier");
    rp_json_put_text(w, tier ? tier : "all");
    rp_json_put_key(w, "problems");
    rp_json_put_int(w, (int64_t)total);
    for (size_t c = 0; c < t->count; c++) {
        const tally cell = count(problems, &t->columns[c], family, tier);
        double lo, hi;
        rp_wilson(share(cell.right, cell.problems), (double)cell.problems, &lo, &hi);
        rp_buffer_format(t->text, " %7.3f |", share(cell.right, cell.problems));
        rp_json_put_key(w, t->columns[c].name);
        rp_json_begin_object(w);
        const struct {
            const char *key;
            double value;
        } cells[] = {{"accuracy", share(cell.right, cell.problems)},
                     {"low", lo},
                     {"high", hi},
                     {"answer_right", share(cell.answer_right, cell.problems)},
                     {"rephrase", share(cell.rephrased_right, cell.problems)}};
        for (size_t k = 0; k < (t->columns[c].rephrased ? 5u : 4u); k++) {
            rp_json_put_key(w, cells[k].key);
            rp_json_put_double(w, cells[k].value);
        }
        rp_json_end_object(w);
    }
    rp_json_end_object(w);
    rp_buffer_char(t->text, '\n');
}

/* Distinct values of a slice field over the problems, in order of appearance, as C strings. */
static rp_status distinct(rp_arena *arena, const rp_dataset *problems, bool families, const char ***names,
                          const char ***tiers, size_t *n) {
    const char **found = rp_alloc(arena, const char *, problems->count + 1),
               **owner = rp_alloc(arena, const char *, problems->count + 1);
    if (!found || !owner) return RP_ERR_MEMORY;
    *n = 0;
    for (size_t i = 0; i < problems->count; i++) {
        const rp_problem *p = &problems->problems[i];
        const rp_str value = families ? p->family : p->tier;
        bool known = value.length == 0;
        for (size_t j = 0; j < *n && !known; j++) known = rp_str_is(value, found[j]);
        if (known) continue;
        found[*n] = rp_strndup(arena, value.data, value.length);
        owner[*n] = rp_strndup(arena, p->tier.data, p->tier.length);
        if (!found[*n] || !owner[*n]) return RP_ERR_MEMORY;
        (*n)++;
    }
    *names = found;
    *tiers = owner;
    return RP_OK;
}

rp_status rp_table_write(rp_arena *arena, const rp_dataset *problems, const rp_eval_column *columns, size_t n,
                         rp_buffer *text, rp_buffer *json) {
    const char **names, **tiers;
    size_t rows;
    table t = {.problems = problems, .columns = columns, .count = n, .text = text, .json = rp_json_write_to(json)};
    rp_json_begin_array(&t.json);
    rp_buffer_format(text, "| %-14s | %-8s | %5s |", "family", "tier", "n");
    for (size_t c = 0; c < n; c++) rp_buffer_format(text, " %7s |", columns[c].name);
    rp_buffer_text(text, "\n|----------------|----------|------:|");
    for (size_t c = 0; c < n; c++) rp_buffer_text(text, "--------:|");
    rp_buffer_char(text, '\n');
    RP_TRY(distinct(arena, problems, true, &names, &tiers, &rows));
    for (size_t i = 0; i < rows; i++) write_row(&t, names[i], names[i], tiers[i]);
    RP_TRY(distinct(arena, problems, false, &names, &tiers, &rows));
    for (size_t i = 0; i < rows; i++) write_row(&t, "all", NULL, names[i]);
    write_row(&t, "all", NULL, NULL);
    rp_json_end_array(&t.json);
    rp_buffer_char(json, '\n');
    RP_TRY(rp_buffer_status(text));
    return rp_buffer_status(json);
}
