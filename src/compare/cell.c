/* SPDX-License-Identifier: MIT
 *
 * cell.c — one cell of a comparison: one row with one pair of seeds, from the base to result.json.
 *
 *   <cell>/recipe.ini      the recipe of this cell
 *   <cell>/metrics.jsonl, samples.jsonl, checkpoint/, model.safetensors …   as of any run
 *   <cell>/eval.jsonl      every held-out question with its answer
 *   <cell>/result.json     what the table needs: one sign per question and question kind, and the run's measures
 *
 * result.json is written last: a cell that has one is finished.
 */
#include "cell.h"

#include <string.h>

const char *const rp_sign_names[RP_SIGNS] = {"strict", "answer", "sound", "expert_style", "rephrase"};

/* ---- The base, kept by the digest of everything it depends on ---------------------------------------------------- */

/* Settings of these sections shape the base, except what only reinforcement learning and evaluation read. */
static bool shapes_base(const rp_option *key) {
    static const char *const sections[] = {"model", "text", "data", "pretrain"};
    static const char *const others[] = {"mix", "eval_data", "eval_split", "eval_count", "data"};
    bool inside = false;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        inside = inside || strcmp(key->section, sections[i]) == 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) inside = inside && strcmp(key->name, others[i]) != 0;
    return inside;
}

static rp_status base_text(const rp_recipe *recipe, int64_t seed, rp_buffer *out) {
    rp_buffer_format(out, "seed = %lld\nprecision = %d\n", (long long)seed, rp_precision());
    for (const rp_option *key = rp_recipe_keys; key->name; key++)
        if (shapes_base(key)) rp_recipe_write_key(recipe, key, out);
    return rp_buffer_status(out);
}

rp_status rp_cell_base(const rp_comparison *comparison, int64_t seed, rp_event_function *on_event, void *context,
                       rp_arena *arena, const char **base) {
    rp_recipe *recipe = rp_alloc(arena, rp_recipe, 1);
    RP_TRY_ALLOC(recipe);
    *recipe = comparison->recipe;
    if (*recipe->model) { /* a pretrained model is the same for every seed */
        *base = recipe->model;
        return RP_OK;
    }
    rp_buffer text = rp_buffer_in(arena);
    RP_TRY(base_text(recipe, seed, &text));
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)rp_hash64(text.data, text.length, 0));
    recipe->seed = seed;
    recipe->out = rp_path_join(arena, comparison->cache, digest);
    const char *note = recipe->out ? rp_path_join(arena, recipe->out, "base.txt") : NULL;
    RP_TRY_ALLOC(note);
    RP_TRY(rp_make_directories(recipe->out));
    RP_TRY(rp_file_write(arena, note, text.data, text.length));
    rp_run run;
    RP_TRY(rp_run_open(arena, recipe, true, on_event, context, &run));
    return rp_run_pretrain(&run, base);
}

/* ---- The recipe of a cell ---------------------------------------------------------------------------------------- */

/* The reinforcement-learning seed of a pair: no two pairs share a stream. */
enum { SEEDS_PER_BASE = 1000 };

rp_status rp_cell_recipe(const rp_comparison *comparison, const rp_cell *cell, rp_arena *arena, rp_recipe *recipe) {
    *recipe = comparison->recipe;
    for (size_t i = 0; i < cell->row->overrides; i++)
        RP_TRY(rp_recipe_set(arena, recipe, NULL, cell->row->key[i], cell->row->value[i]));
    if (cell->rate) {
        RP_TRY(rp_recipe_set(arena, recipe, "rl", "learning_rate", cell->rate));
        recipe->optimizer.steps = comparison->sweep_steps;
        recipe->eval_split = RP_SPLIT_VALIDATION;
        recipe->eval_steps = 0;
    }
    recipe->algorithms = cell->row->algorithm ? cell->row->algorithm->name : "";
    recipe->seed = cell->pretrain_seed * SEEDS_PER_BASE + cell->seed;
    recipe->out = cell->directory;
    return RP_OK;
}

/* ---- Measures ---------------------------------------------------------------------------------------------------- */

/* Columns of metrics.jsonl over the steps that have them. */
typedef enum how { SUM, MEAN, MAX, LAST } how;
static const struct {
    const char *name, *column;
    how how;
} measures[] = {
    {"steps", "step", LAST},
    {"tokens_sampled", "tokens_sampled", SUM},
    {"tokens_trained", "tokens_trained", SUM},
    {"seconds", "seconds", SUM},
    {"grad_norm_mean", "grad_norm", MEAN},
    {"grad_norm_max", "grad_norm", MAX},
    {"entropy_mean", "entropy", MEAN},
    {"entropy_last", "entropy", LAST},
    {"gate_opened", "gate_opened", SUM},
    {"rephrase_sampled", "rephrase_sampled", SUM},
    {"rephrase_passed", "rephrase_passed", SUM},
    {"rephrase_pass_rate", "rephrase_pass_rate", MEAN},
    {"replaced", "replaced", SUM},
    {"logp_policy", "logp_policy", MEAN},
    {"logp_rephrased", "logp_rephrased", MEAN},
    {"logp_expert", "logp_expert", MEAN},
    {"rare_policy", "rare_policy", MEAN},
    {"rare_rephrased", "rare_rephrased", MEAN},
    {"rare_expert", "rare_expert", MEAN},
    {"injected_rows", "injected_rows", MEAN},
    {"ratio_max", "ratio_max", MAX},
};
enum { MEASURES = sizeof measures / sizeof *measures };
typedef struct summary {
    double sum[MEASURES], max[MEASURES], last[MEASURES], count[MEASURES];
} summary;

static rp_status add_line(const char *path, rp_str line, summary *s) {
    rp_json_document *document;
    RP_TRY(rp_json_parse(line.data, line.length, path, &document));
    const rp_json root = rp_json_root(document);
    rp_status status = RP_OK;
    for (size_t i = 0; i < MEASURES && status == RP_OK; i++) {
        const rp_json value = rp_json_key(&root, measures[i].column);
        const rp_json_type type = rp_json_typeof(&value);
        if (type != RP_JSON_INTEGER && type != RP_JSON_REAL) continue;
        double v = 0;
        status = rp_json_get_double(&value, &v);
        s->sum[i] += v;
        s->max[i] = s->count[i] == 0 || v > s->max[i] ? v : s->max[i];
        s->last[i] = v;
        s->count[i]++;
    }
    rp_json_free(document);
    return status;
}

static rp_status summarise(const char *path, summary *s) {
    *s = (summary){0};
    if (!rp_file_exists(path)) return RP_OK; /* the base was not trained here */
    rp_line_reader reader;
    RP_TRY(rp_lines_open(path, &reader));
    rp_str line;
    bool end = false;
    rp_status status;
    while ((status = rp_lines_next(&reader, &line, &end)) == RP_OK && !end)
        if ((status = add_line(path, line, s)) != RP_OK) break;
    rp_lines_close(&reader);
    return status;
}

static void write_measures(const summary *s, const rp_drift *drift, rp_arena *arena, rp_json_writer *w) {
    rp_json_put_key(w, "measures");
    rp_json_begin_object(w);
    for (size_t i = 0; i < MEASURES; i++) {
        if (s->count[i] == 0) continue;
        const double by_how[] = {s->sum[i], s->sum[i] / s->count[i], s->max[i], s->last[i]};
        rp_put_number(w, measures[i].name, by_how[measures[i].how]);
    }
    for (size_t k = 0; k < RP_TIERS; k++) {
        if (!drift->known[k]) continue;
        const char *kl = rp_sprintf(arena, "kl_%s", rp_tiers[k]), *entropy = rp_sprintf(arena, "entropy_%s", rp_tiers[k]);
        if (!kl || !entropy) continue; /* the buffer fails with the arena */
        rp_put_number(w, kl, drift->kl[k]);
        rp_put_number(w, entropy, drift->entropy[k]);
    }
    rp_json_end_object(w);
}

/* ---- Answers, one sign per question ------------------------------------------------------------------------------ */

static bool is_sound(const rp_reward *r) {
    return r->steps > 0 && r->false_steps == 0;
}
static bool sign_of(const rp_eval_column *column, rp_sign sign, size_t i) {
    const rp_reward *r = &column->answers[i].reward;
    const bool right = r->verdict == RP_VERDICT_EQUAL;
    switch (sign) {
    case RP_SIGN_STRICT:
        return right && r->false_steps == 0;
    case RP_SIGN_ANSWER:
        return right;
    case RP_SIGN_SOUND:
        return is_sound(r);
    case RP_SIGN_EXPERT:
        return r->expert_style;
    case RP_SIGN_REPHRASE:
        return column->rephrased && column->rephrased[i].reward.verdict == RP_VERDICT_EQUAL &&
               column->rephrased[i].reward.false_steps == 0;
    case RP_SIGNS:
        break;
    }
    return false;
}

static void write_family(const rp_dataset *problems, const rp_eval_column *column, size_t first, size_t end, char *signs,
                         rp_json_writer *w) {
    rp_json_begin_object(w);
    rp_json_put_key(w, "family");
    rp_json_put_string(w, problems->problems[first].family.data, problems->problems[first].family.length);
    rp_json_put_key(w, "tier");
    rp_json_put_string(w, problems->problems[first].tier.data, problems->problems[first].tier.length);
    for (size_t s = 0; s < RP_SIGNS; s++) {
        for (size_t i = first; i < end; i++) signs[i - first] = sign_of(column, (rp_sign)s, i) ? '1' : '0';
        rp_json_put_key(w, rp_sign_names[s]);
        rp_json_put_string(w, signs, end - first);
    }
    rp_json_end_object(w);
}

static uint64_t questions_digest(const rp_dataset *problems) {
    uint64_t digest = 0;
    for (size_t i = 0; i < problems->count; i++)
        digest = rp_hash64(problems->problems[i].question.data, problems->problems[i].question.length, digest);
    return digest;
}

static rp_status write_result(const rp_run *run, const rp_cell *cell, const rp_eval_column *column, const rp_drift *drift,
                              const char *path) {
    const rp_dataset *problems = &run->held_out;
    const char *metrics = rp_run_path(run, "", "metrics.jsonl");
    char *signs = rp_alloc(run->arena, char, problems->count + 1);
    if (!metrics || !signs) return RP_ERR_MEMORY;
    summary s;
    RP_TRY(summarise(metrics, &s));
    rp_buffer text = rp_buffer_in(run->arena);
    rp_json_writer w = rp_json_write_to(&text);
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)questions_digest(problems));
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "row");
    rp_json_put_text(&w, cell->row->name);
    rp_json_put_key(&w, "pretrain_seed");
    rp_json_put_int(&w, cell->pretrain_seed);
    rp_json_put_key(&w, "seed");
    rp_json_put_int(&w, cell->seed);
    rp_json_put_key(&w, "questions");
    rp_json_put_text(&w, digest);
    write_measures(&s, drift, run->arena, &w);
    rp_json_put_key(&w, "families");
    rp_json_begin_array(&w);
    for (size_t first = 0, end; first < problems->count; first = end) {
        for (end = first; end < problems->count; end++)
            if (!rp_str_equal(problems->problems[end].family, problems->problems[first].family)) break;
        write_family(problems, column, first, end, signs, &w);
    }
    rp_json_end_array(&w);
    rp_json_end_object(&w);
    rp_buffer_char(&text, '\n');
    RP_TRY(rp_buffer_status(&text));
    return rp_file_write(run->arena, path, text.data, text.length);
}

/* ---- The cell ---------------------------------------------------------------------------------------------------- */

static rp_status finish(rp_run *run, const rp_cell *cell, const char *base, rp_arena *arena, const char *result) {
    rp_policy policy;
    if (cell->row->algorithm)
        RP_TRY(rp_run_train(run, base, cell->row->algorithm, "", arena, &policy));
    else
        RP_TRY(rp_policy_load(arena, run->recipe, base, &policy));
    rp_eval_column column = {.name = cell->row->name};
    if (run->held_out.count) RP_TRY(rp_run_evaluate(run, cell->row->name, "eval.jsonl", &policy, &column));
    rp_drift drift = {0};
    if (run->source.is_world) {
        rp_model *untouched;
        RP_TRY(rp_model_load(arena, base, &untouched, &(rp_load_report){0}));
        RP_TRY(rp_drift_from(run->recipe, &policy, untouched, &run->held_out, &drift));
    }
    return write_result(run, cell, &column, &drift, result);
}

static rp_status claim_and_finish(rp_run *run, const rp_cell *cell, const char *base, const char *result) {
    RP_TRY(rp_run_claim(run->arena, run->recipe, run->resume));
    rp_arena *arena = rp_arena_create("model and optimiser", 0);
    RP_TRY_ALLOC(arena);
    const rp_status status = finish(run, cell, base, arena, result);
    rp_arena_destroy(arena);
    return status;
}

rp_status rp_cell_finished(const rp_comparison *comparison, const rp_cell *cell, bool *finished) {
    rp_arena *arena = rp_arena_create("cell", 0);
    RP_TRY_ALLOC(arena);
    rp_recipe recipe;
    const char *result = rp_path_join(arena, cell->directory, "result.json");
    rp_status status = result ? rp_cell_recipe(comparison, cell, arena, &recipe) : RP_ERR_MEMORY;
    *finished = status == RP_OK && rp_file_exists(result);
    /* A result of another recipe must not slip into the table. */
    if (*finished) status = rp_run_claim(arena, &recipe, true);
    rp_arena_destroy(arena);
    return status;
}

rp_status rp_cell_run(const rp_comparison *comparison, const rp_cell *cell, const char *base, rp_event_function *on_event,
                      void *context) {
    rp_arena *arena = rp_arena_create("cell", 0);
    RP_TRY_ALLOC(arena);
    rp_recipe recipe;
    rp_run run;
    const char *result = rp_path_join(arena, cell->directory, "result.json");
    rp_status status = result ? rp_cell_recipe(comparison, cell, arena, &recipe) : RP_ERR_MEMORY;
    if (status == RP_OK) status = rp_run_open(arena, &recipe, true, on_event, context, &run);
    if (status == RP_OK) status = claim_and_finish(&run, cell, base, result);
    rp_arena_destroy(arena);
    return status;
}
