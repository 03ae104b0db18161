/* SPDX-License-Identifier: MIT
 *
 * compare.c — all cells of a comparison, one after the other; what one loses the others keep.
 *
 *   out/<row>/<base>-<rl>/        the cells (cell.c); each keeps its resolved recipe and refuses to be continued with another
 *   out/compare.json, table.md, table.csv
 *   out/sweep/<row>/<rate>/       the cells of the learning-rate sweep; out/sweep.json, sweep.md
 */
#include "cell.h"

#include <string.h>

typedef struct plan {
    const rp_comparison *comparison;
    const rp_compare_options *options;
    rp_event_function *on_event;
    void *context;
    rp_arena *arena;
    const char *out;
    bool row_wanted[RP_MAX_COMPARED], seed_wanted[RP_MAX_SEEDS]; /* by --rows and --seeds */
    rp_cell *cells;
    size_t count;
    rp_status worst;
} plan;

static void say(const plan *p, const char *text) {
    const rp_event event = {.kind = RP_EVENT_TEXT, .text = text};
    if (text) p->on_event(p->context, &event);
}

/* A name asked for that is no row would otherwise compare nothing without a word. */
static rp_status want_row(void *context, const char *name) {
    plan *p = context;
    const char *names[RP_MAX_COMPARED];
    for (size_t i = 0; i < p->comparison->row_count; i++) {
        names[i] = p->comparison->rows[i].name;
        if (strcmp(name, names[i]) != 0) continue;
        p->row_wanted[i] = true;
        return RP_OK;
    }
    const char *near = rp_nearest_name(name, names, p->comparison->row_count);
    return rp_fail(RP_ERR_ARGUMENT, "--rows: there is no row \"%s\"%s%s%s", name, near ? "; did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

static rp_status want_seed(void *context, const char *item) {
    plan *p = context;
    int64_t seed = -1;
    for (size_t i = 0; i < p->comparison->seed_count; i++) {
        if (!rp_parse_int64(item, &seed) || p->comparison->seeds[i] != seed) continue;
        p->seed_wanted[i] = true;
        return RP_OK;
    }
    return rp_fail(RP_ERR_ARGUMENT, "--seeds: %s is not among the recipe's seeds", item);
}

/* An absent list wants all. */
static rp_status choose_wanted(plan *p) {
    const char *rows = p->options->rows, *seeds = p->options->seeds;
    for (size_t i = 0; i < RP_MAX_COMPARED; i++) p->row_wanted[i] = !rows || !*rows;
    for (size_t i = 0; i < RP_MAX_SEEDS; i++) p->seed_wanted[i] = !seeds || !*seeds;
    if (rows) RP_TRY(rp_each_item(p->arena, rows, RP_WORDS, want_row, p));
    return seeds ? rp_each_item(p->arena, seeds, RP_WORDS, want_seed, p) : RP_OK;
}

/* ---- The list of cells ------------------------------------------------------------------------------------------- */

static rp_status add_cell(plan *p, const rp_compared *row, int64_t pretrain_seed, int64_t seed, const char *rate) {
    rp_cell *cell = &p->cells[p->count++];
    *cell = (rp_cell){.row = row, .pretrain_seed = pretrain_seed, .seed = seed, .rate = rate};
    cell->place = rate ? rp_sprintf(p->arena, "sweep/%s/%s", row->name, rate)
                       : rp_sprintf(p->arena, "%s/%lld-%lld", row->name, (long long)pretrain_seed, (long long)seed);
    RP_TRY_ALLOC(cell->place);
    cell->directory = rp_path_join(p->arena, p->out, cell->place);
    return cell->directory ? RP_OK : RP_ERR_MEMORY;
}

static rp_status plan_cells(plan *p) {
    const rp_comparison *c = p->comparison;
    const size_t per_row = p->options->sweep ? c->rate_count : c->seed_count * c->rl_seed_count;
    p->cells = rp_alloc_zero(p->arena, rp_cell, c->row_count * per_row + 1);
    RP_TRY_ALLOC(p->cells);
    if (p->options->sweep && !c->rate_count) return rp_fail(RP_ERR_ARGUMENT, "[compare] names no sweep_rates");
    for (size_t s = 0; s < (p->options->sweep ? 1 : c->seed_count); s++)
        for (size_t k = 0; k < (p->options->sweep ? 1 : c->rl_seed_count); k++)
            for (size_t r = 0; r < c->row_count; r++) {
                const rp_compared *row = &c->rows[r];
                if (!p->options->sweep) {
                    /* The untouched base has no reinforcement-learning seed: one cell for each base. */
                    if (row->algorithm || k == 0) RP_TRY(add_cell(p, row, c->seeds[s], c->rl_seeds[k], NULL));
                    continue;
                }
                for (size_t i = 0; i < c->rate_count && row->algorithm && row->sweep; i++)
                    RP_TRY(add_cell(p, row, c->seeds[0], c->rl_seeds[0], c->rates[i]));
            }
    return RP_OK;
}

static bool is_wanted(const plan *p, const rp_cell *cell) {
    size_t seed = 0;
    while (p->comparison->seeds[seed] != cell->pretrain_seed) seed++;
    return p->row_wanted[cell->row - p->comparison->rows] && p->seed_wanted[seed];
}

/* ---- Running ----------------------------------------------------------------------------------------------------- */

static rp_status run_cells(plan *p) {
    const char *base = NULL;
    int64_t base_seed = -1;
    for (size_t i = 0; i < p->count; i++) {
        rp_cell *cell = &p->cells[i];
        if (!is_wanted(p, cell)) continue;
        bool finished;
        RP_TRY(rp_cell_finished(p->comparison, cell, &finished));
        if (finished) continue;
        if (cell->pretrain_seed != base_seed)
            RP_TRY(rp_cell_base(p->comparison, cell->pretrain_seed, p->on_event, p->context, p->arena, &base));
        base_seed = cell->pretrain_seed;
        say(p, rp_sprintf(p->arena, "cell %zu of %zu: %s", i + 1, p->count, cell->place));
        const rp_status status = rp_cell_run(p->comparison, cell, base, p->on_event, p->context);
        if (status == RP_ERR_INTERRUPTED) return status;
        if (status == RP_OK) continue;
        p->worst = status;
        cell->failure = rp_strdup(p->arena, rp_last_error());
        RP_TRY_ALLOC(cell->failure);
        say(p, rp_sprintf(p->arena, "%s failed: %s", cell->place, cell->failure));
    }
    return RP_OK;
}

static rp_status write_text(const plan *p, const char *name, const rp_buffer *text) {
    RP_TRY(rp_buffer_status(text));
    const char *path = rp_path_join(p->arena, p->out, name);
    RP_TRY_ALLOC(path);
    return rp_file_write(p->arena, path, text->data, text->length);
}

static rp_status write_tables(const plan *p) {
    rp_buffer json = rp_buffer_in(p->arena), markdown = rp_buffer_in(p->arena), csv = rp_buffer_in(p->arena);
    RP_TRY(rp_compare_table(p->arena, p->comparison, p->cells, p->count, p->options->commit, &json));
    RP_TRY(write_text(p, "compare.json", &json));
    const char *path = rp_path_join(p->arena, p->out, "compare.json");
    RP_TRY_ALLOC(path);
    RP_TRY(rp_compare_render(p->arena, path, false, &markdown));
    RP_TRY(rp_compare_render(p->arena, path, true, &csv));
    RP_TRY(write_text(p, "table.md", &markdown));
    RP_TRY(write_text(p, "table.csv", &csv));
    say(p, markdown.data);
    return RP_OK;
}

static rp_status hold_against(const plan *p) {
    const char *made = rp_path_join(p->arena, p->out, "compare.json");
    RP_TRY_ALLOC(made);
    rp_buffer lines = rp_buffer_in(p->arena);
    const rp_status status = rp_compare_against(p->arena, made, p->options->against, p->cells, p->count, &lines);
    if (lines.length) say(p, lines.data);
    return status;
}

/* ---- The sweep --------------------------------------------------------------------------------------------------- */

static rp_status write_sweep(const plan *p) {
    rp_buffer text = rp_buffer_in(p->arena), json = rp_buffer_in(p->arena);
    rp_json_writer w = rp_json_write_to(&json);
    rp_buffer_text(&text, "| row | learning rate | score | easy | medium | near | hard | general |\n"
                          "|---|--:|--:|--:|--:|--:|--:|--:|\n");
    rp_json_begin_array(&w);
    for (size_t i = 0; i < p->count; i++) {
        const rp_cell *cell = &p->cells[i];
        const char *result = rp_path_join(p->arena, cell->directory, "result.json");
        RP_TRY_ALLOC(result);
        if (!rp_file_exists(result)) continue;
        double score, tiers[RP_TIERS], rate = 0;
        RP_TRY(rp_compare_score(p->arena, result, &score, tiers));
        (void)rp_parse_double(cell->rate, &rate);
        rp_buffer_format(&text, "| %s | %s | %.3f |", cell->row->name, cell->rate, score);
        rp_json_begin_object(&w);
        rp_json_put_key(&w, "row");
        rp_json_put_text(&w, cell->row->name);
        rp_json_put_key(&w, "learning_rate");
        rp_json_put_double(&w, rate);
        rp_json_put_key(&w, "score");
        rp_json_put_double(&w, score);
        for (size_t k = 0; k < RP_TIERS; k++) {
            rp_buffer_format(&text, " %.3f |", tiers[k]);
            rp_json_put_key(&w, rp_tiers[k]);
            rp_json_put_double(&w, tiers[k]);
        }
        rp_json_end_object(&w);
        rp_buffer_char(&text, '\n');
    }
    rp_json_end_array(&w);
    rp_buffer_char(&json, '\n');
    RP_TRY(write_text(p, "sweep.json", &json));
    RP_TRY(write_text(p, "sweep.md", &text));
    say(p, text.data);
    return RP_OK;
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

static rp_status check_place(const plan *p) {
    if (p->options->resume) return RP_OK;
    const char *marks[] = {"compare.json", "sweep.json", "base", "sweep"};
    for (size_t i = p->options->sweep ? 1 : 0; i < 4; i += 2) {
        const char *path = rp_path_join(p->arena, p->out, marks[i]);
        RP_TRY_ALLOC(path);
        if (rp_file_exists(path) || rp_file_is_directory(path))
            return rp_fail(RP_ERR_ARGUMENT,
                           "%s already holds a comparison: --resume continues it, --out names another place", p->out);
    }
    return RP_OK;
}

static rp_status run(plan *p) {
    RP_TRY(choose_wanted(p));
    RP_TRY(plan_cells(p));
    RP_TRY(check_place(p));
    RP_TRY(rp_make_directories(p->out));
    RP_TRY(run_cells(p));
    RP_TRY(p->options->sweep ? write_sweep(p) : write_tables(p));
    if (p->worst != RP_OK) return rp_fail(p->worst, "not every cell could be run; the table names those that failed");
    return p->options->against && !p->options->sweep ? hold_against(p) : RP_OK;
}

rp_status rp_compare_run(const rp_comparison *comparison, const rp_compare_options *options, rp_event_function *on_event,
                         void *context) {
    plan p = {.comparison = comparison, .options = options, .on_event = on_event, .context = context};
    p.out = comparison->recipe.out;
    p.arena = rp_arena_create("comparison", 0);
    RP_TRY_ALLOC(p.arena);
    const rp_status status = run(&p);
    rp_arena_destroy(p.arena);
    return status;
}
