/* SPDX-License-Identifier: MIT
 *
 * comparison.c — reads what is to be compared: a recipe with a section [compare] and one section [row NAME] for each row.
 *
 *   [compare]
 *   seeds = 1, 2, 3          pretraining seeds: one base each
 *   rl_seeds = 1             reinforcement-learning seeds on each base
 *   cache = runs/bases       where pretrained bases are kept, by the digest of what they depend on
 *   sweep_rates = 3e-5, 1e-4, 3e-4
 *   sweep_steps = 60
 *
 *   [row grpo-9]
 *   about = one rollout more, to pay for what RePO samples
 *   algorithm = grpo
 *   rollouts = 9             any key of a recipe …
 *   grpo.beta = 0.01      … and any setting of the algorithm
 *   sweep = false            takes the learning rate of the recipe or of its own, not one of the sweep
 */
#include <rephrase/compare.h>

#include <string.h>

typedef struct reading {
    rp_arena *arena;
    rp_comparison *comparison;
    rp_recipe *tried; /* overrides are set here too, so that a mistake is reported with its line */
} reading;

typedef struct seed_list {
    const char *key;
    int64_t *seeds;
    size_t *count;
} seed_list;
static rp_status add_seed(void *context, const char *item) {
    const seed_list *list = context;
    int64_t seed = 0;
    if (!rp_parse_int64(item, &seed) || seed < 0 || seed > 1000000)
        return rp_fail(RP_ERR_ARGUMENT, "%s: \"%s\" is not a whole number of 0..1000000", list->key, item);
    for (size_t i = 0; i < *list->count; i++)
        if (list->seeds[i] == seed) return rp_fail(RP_ERR_ARGUMENT, "%s: %s is named twice", list->key, item);
    if (*list->count == RP_MAX_SEEDS) return rp_fail(RP_ERR_LIMIT, "%s: more than %d", list->key, RP_MAX_SEEDS);
    list->seeds[(*list->count)++] = seed;
    return RP_OK;
}

static rp_status add_rate(void *context, const char *item) {
    rp_comparison *c = context;
    double rate = 0;
    if (!rp_parse_double(item, &rate) || rate <= 0 || rate > 1)
        return rp_fail(RP_ERR_ARGUMENT, "sweep_rates: \"%s\" is not a learning rate", item);
    if (c->rate_count == RP_MAX_SEEDS) return rp_fail(RP_ERR_LIMIT, "sweep_rates: more than %d", RP_MAX_SEEDS);
    c->rates[c->rate_count++] = item;
    return RP_OK;
}

const rp_option rp_comparison_keys[] = {
    RP_OPTION_TEXT(rp_comparison, seed_list, "seeds", "1", "pretraining seeds, separated by commas: one base each",
                   .value = "LIST"),
    RP_OPTION_TEXT(rp_comparison, rl_seed_list, "rl_seeds", "1", "seeds of reinforcement learning on each base",
                   .value = "LIST"),
    RP_OPTION_TEXT(rp_comparison, cache, "cache", "runs/bases", "where pretrained bases are kept, by digest",
                   .value = "DIR"),
    RP_OPTION_TEXT(rp_comparison, rate_list, "sweep_rates", "", "learning rates of --sweep", .value = "LIST"),
    RP_OPTION_INT(rp_comparison, sweep_steps, "sweep_steps", 60, 1, 1e9, "steps of a run of --sweep"),
    RP_OPTION_END,
};

const rp_option rp_compared_keys[] = {
    RP_OPTION_TEXT(rp_compared, about, "about", "", "said in the table"),
    RP_OPTION_TEXT(rp_compared, algorithm_name, "algorithm", NULL, "what the row trains with", .value = "NAME"),
    RP_OPTION_BOOL(rp_compared, sweep, "sweep", true, "takes part in --sweep, and takes its learning rate from there"),
    RP_OPTION_END,
};

/* The lists are read as soon as they are set, so that a mistake has its line. */
static rp_status set_compare(reading *r, const char *name, const char *value) {
    const rp_option *const tables[] = {rp_comparison_keys, NULL};
    rp_comparison *c = r->comparison;
    const rp_option *key = rp_options_find(rp_comparison_keys, NULL, name);
    char head[120];
    (void)snprintf(head, sizeof head, "there is no key \"%s\" in section [compare]", name);
    if (!key) return rp_option_unknown(tables, name, false, head, "docs/recipes.md lists them");
    RP_TRY(rp_option_set(key, NULL, c, value));
    if (strcmp(key->name, "seeds") == 0) {
        c->seed_count = 0;
        return rp_each_item(r->arena, value, RP_WORDS, add_seed, &(seed_list){name, c->seeds, &c->seed_count});
    }
    if (strcmp(key->name, "rl_seeds") == 0) {
        c->rl_seed_count = 0;
        return rp_each_item(r->arena, value, RP_WORDS, add_seed, &(seed_list){name, c->rl_seeds, &c->rl_seed_count});
    }
    if (strcmp(key->name, "sweep_rates") == 0) {
        c->rate_count = 0;
        return rp_each_item(r->arena, value, RP_WORDS, add_rate, c);
    }
    return RP_OK;
}

static rp_compared *row_named(rp_comparison *c, const char *name) {
    for (size_t i = 0; i < c->row_count; i++)
        if (strcmp(c->rows[i].name, name) == 0) return &c->rows[i];
    return NULL;
}

/* A row's name becomes a directory. */
static rp_status add_row(reading *r, const char *name, rp_compared **row) {
    rp_comparison *c = r->comparison;
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    if (!*name || strlen(name) > 40 || name[strspn(name, allowed)])
        return rp_fail(RP_ERR_ARGUMENT, "[row %s]: a name has 1 to 40 of a-z, 0-9, - and _", name);
    if (c->row_count == RP_MAX_COMPARED) return rp_fail(RP_ERR_LIMIT, "more than %d rows", RP_MAX_COMPARED);
    const char *copy = rp_strdup(r->arena, name);
    RP_TRY_ALLOC(copy);
    *row = &c->rows[c->row_count++];
    **row = (rp_compared){.name = copy};
    rp_options_defaults(rp_compared_keys, *row);
    return RP_OK;
}

static rp_status set_row(reading *r, rp_compared *row, const char *name, const char *value) {
    const rp_option *own = rp_options_find(rp_compared_keys, NULL, name);
    if (own) {
        RP_TRY(rp_option_set(own, NULL, row, value));
        if (strcmp(own->name, "algorithm") == 0) row->algorithm = rp_algorithm_find(value);
        return row->algorithm || !row->algorithm_name ? RP_OK : RP_ERR_ARGUMENT;
    }
    if (strcmp(name, "seed") == 0 || strcmp(name, "out") == 0 || strcmp(name, "algorithms") == 0)
        return rp_fail(RP_ERR_ARGUMENT, "[row %s]: %s is the comparison's to choose", row->name, name);
    RP_TRY(rp_recipe_set(r->arena, r->tried, NULL, name, value));
    if (row->overrides == RP_MAX_OVERRIDES)
        return rp_fail(RP_ERR_LIMIT, "[row %s]: more than %d settings", row->name, RP_MAX_OVERRIDES);
    const char *key = rp_strdup(r->arena, name);
    RP_TRY_ALLOC(key);
    row->key[row->overrides] = key;
    row->value[row->overrides++] = value;
    return RP_OK;
}

static rp_status on_section(void *context, const char *section, const char *name, const char *value, bool *taken) {
    reading *r = context;
    *taken = true;
    if (strcmp(section, "compare") == 0) return set_compare(r, name, value);
    if (strncmp(section, "row ", 4) == 0) {
        if (strcmp(section + 4, "base") == 0) return rp_fail(RP_ERR_ARGUMENT, "[row base]: the base is always compared");
        rp_compared *row = row_named(r->comparison, section + 4);
        if (!row) RP_TRY(add_row(r, section + 4, &row));
        return set_row(r, row, name, value);
    }
    *taken = false;
    return RP_OK;
}

rp_status rp_comparison_load(rp_arena *arena, const char *path, rp_comparison *comparison) {
    rp_comparison *c = rp_alloc_zero(arena, rp_comparison, 1);
    rp_recipe *tried = rp_alloc(arena, rp_recipe, 1);
    if (!c || !tried) return RP_ERR_MEMORY;
    *c = (rp_comparison){.seeds = {1}, .seed_count = 1, .rl_seeds = {1}, .rl_seed_count = 1};
    rp_options_defaults(rp_comparison_keys, c);
    c->rows[c->row_count++] = (rp_compared){.name = "base", .about = "the pretrained model, untouched"};
    rp_recipe_defaults(&c->recipe);
    rp_recipe_defaults(tried);
    reading r = {arena, c, tried};
    RP_TRY(rp_recipe_load_with(arena, &c->recipe, path, on_section, &r));
    for (size_t i = 1; i < c->row_count; i++)
        if (!c->rows[i].algorithm)
            return rp_fail(RP_ERR_ARGUMENT, "%s: [row %s] names no algorithm", path, c->rows[i].name);
    if (c->row_count == 1) return rp_fail(RP_ERR_ARGUMENT, "%s: there is no [row NAME] section to compare", path);
    if (!c->seed_count || !c->rl_seed_count) return rp_fail(RP_ERR_ARGUMENT, "%s: [compare] names no seed", path);
    *comparison = *c;
    return RP_OK;
}
