/* SPDX-License-Identifier: MIT
 *
 * problems.c — which questions a step asks: a function of (seed, step), whatever came before.
 *
 * The micro-world draws each question afresh: the mix says how many of each tier, a stream per (step, question) picks the
 * family and the numbers. A data set is walked in a new order each epoch.
 */
#include <rephrase/learn.h>

#include <string.h>

rp_status rp_each_item(rp_arena *arena, const char *list, const char *separators, rp_item_function *on_item,
                       void *context) {
    for (const char *at = list; *at;) {
        at += strspn(at, " ,\n");
        size_t n = strcspn(at, separators);
        const char *next = at + n;
        while (n && at[n - 1] == ' ') n--;
        if (n) {
            char *item = rp_strndup(arena, at, n);
            RP_TRY_ALLOC(item);
            RP_TRY(on_item(context, item));
        }
        at = next;
    }
    return RP_OK;
}

static rp_status add_mix(void *context, const char *item) {
    rp_problem_source *source = context;
    const char *colon = strchr(item, ':');
    int64_t questions = 0;
    if (!colon || !rp_parse_int64(colon + 1 + strspn(colon + 1, " "), &questions) || questions < 0 || questions > 1000000)
        return rp_fail(RP_ERR_ARGUMENT, "mix: \"%s\" is not of the form tier:questions", item);
    if (source->mix_count == 8) return rp_fail(RP_ERR_ARGUMENT, "mix: more than 8 entries");
    for (size_t i = 0; i < RP_TIERS; i++) {
        if (strncmp(rp_tiers[i], item, (size_t)(colon - item)) != 0 || strlen(rp_tiers[i]) != (size_t)(colon - item))
            continue;
        source->mix[source->mix_count].tier = rp_tiers[i];
        source->mix[source->mix_count++].questions = questions;
        return RP_OK;
    }
    return rp_fail(RP_ERR_ARGUMENT, "mix: \"%s\" names no tier (easy, medium, near, hard, general)", item);
}

static bool in_tier(int family, const char *tier) {
    return strcmp(rp_world_family_at((size_t)family)->tier, tier) == 0;
}

static size_t families_in_tier(const rp_problem_source *source, const char *tier) {
    size_t count = 0;
    for (size_t i = 0; i < source->family_count; i++) count += in_tier(source->families[i], tier);
    return count;
}

rp_status rp_recipe_world(const rp_recipe *recipe, rp_world *world) {
    *world = (rp_world){.limit = (int)recipe->limit,
                        .expert_style = recipe->expert_style == 0 ? RP_EXPERT_TERSE : RP_EXPERT_CHAIN};
    if (*recipe->families && rp_world_select(recipe->families, &world->families) != RP_OK)
        return rp_fail_prefix(RP_ERR_ARGUMENT, "families");
    return RP_OK;
}

static rp_status open_world(rp_arena *arena, rp_problem_source *source) {
    const rp_recipe *recipe = source->recipe;
    RP_TRY(rp_recipe_world(recipe, &source->world));
    source->families = rp_alloc(arena, int, rp_world_family_count());
    RP_TRY_ALLOC(source->families);
    for (size_t i = 0; i < rp_world_family_count(); i++)
        if (rp_world_has(&source->world, i)) source->families[source->family_count++] = (int)i;
    RP_TRY(rp_each_item(arena, recipe->mix, ",\n", add_mix, source));
    int64_t total = 0;
    for (size_t i = 0; i < source->mix_count; i++) {
        total += source->mix[i].questions;
        if (source->mix[i].questions && !families_in_tier(source, source->mix[i].tier))
            return rp_fail(RP_ERR_ARGUMENT, "mix: none of the families is of the tier %s", source->mix[i].tier);
    }
    return total > 0 ? RP_OK : rp_fail(RP_ERR_ARGUMENT, "mix: \"%s\" asks no question", recipe->mix);
}

rp_status rp_problems_open(rp_arena *arena, const rp_recipe *recipe, rp_problem_source *source) {
    rp_problem_source opened = {.recipe = recipe, .is_world = strcmp(recipe->data, "world") == 0};
    if (opened.is_world)
        RP_TRY(open_world(arena, &opened));
    else
        RP_TRY(rp_dataset_load(arena, recipe->data, &opened.data));
    if (*recipe->eval_data) RP_TRY(rp_dataset_load(arena, recipe->eval_data, &opened.eval_data));
    *source = opened;
    return RP_OK;
}

/* One question of a tier: the stream of (step, question) picks the family uniformly, then the numbers. */
static rp_status draw_question(const rp_problem_source *source, const char *tier, int64_t step, uint32_t attempt,
                               size_t number, rp_arena *arena, rp_problem *problem) {
    rp_rng rng = rp_rng_stream((uint64_t)source->recipe->seed, RP_RNG_DATA, (uint32_t)step, (uint32_t)number, attempt);
    uint32_t pick = rp_rng_below(&rng, (uint32_t)families_in_tier(source, tier));
    for (size_t i = 0;; i++) {
        if (!in_tier(source->families[i], tier) || pick-- > 0) continue;
        return rp_world_problem(&source->world, source->families[i], (rp_split)source->recipe->split, &rng, arena, problem);
    }
}

static rp_status world_step(const rp_problem_source *source, int64_t step, uint32_t attempt, rp_arena *arena,
                            rp_problem **problems, size_t *count) {
    size_t total = 0, at = 0;
    for (size_t i = 0; i < source->mix_count; i++) total += (size_t)source->mix[i].questions;
    rp_problem *drawn = rp_alloc_zero(arena, rp_problem, total);
    RP_TRY_ALLOC(drawn);
    for (size_t i = 0; i < source->mix_count; i++)
        for (int64_t q = 0; q < source->mix[i].questions; q++, at++)
            RP_TRY(draw_question(source, source->mix[i].tier, step, attempt, at, arena, &drawn[at]));
    *problems = drawn;
    *count = total;
    return RP_OK;
}

/* Question k of the run is element k mod n of the order of epoch k / n. Further attempts draw at random. */
static rp_status dataset_step(const rp_problem_source *source, int64_t step, uint32_t attempt, rp_arena *arena,
                              rp_problem **problems, size_t *count) {
    const uint64_t seed = (uint64_t)source->recipe->seed;
    const size_t n = source->data.count, total = (size_t)source->recipe->questions;
    rp_problem *chosen = rp_alloc_zero(arena, rp_problem, total);
    uint32_t *order = rp_alloc(arena, uint32_t, n);
    if (!chosen || !order) return RP_ERR_MEMORY;
    size_t epoch_of_order = SIZE_MAX;
    for (size_t i = 0; i < total; i++) {
        const size_t k = (size_t)step * total + i, epoch = k / n;
        if (epoch != epoch_of_order) {
            rp_rng rng = rp_rng_stream(seed, RP_RNG_DATA, (uint32_t)epoch, 0, 1);
            for (size_t j = 0; j < n; j++) order[j] = (uint32_t)j;
            rp_rng_shuffle(&rng, order, n);
            epoch_of_order = epoch;
        }
        rp_rng again = rp_rng_stream(seed, RP_RNG_DATA, (uint32_t)step, (uint32_t)i, 1 + attempt);
        chosen[i] = source->data.problems[attempt ? rp_rng_below(&again, (uint32_t)n) : order[k % n]];
    }
    *problems = chosen;
    *count = total;
    return RP_OK;
}

rp_status rp_problems_of_step(const rp_problem_source *source, int64_t step, uint32_t attempt, rp_arena *arena,
                              rp_problem **problems, size_t *count) {
    return source->is_world ? world_step(source, step, attempt, arena, problems, count)
                            : dataset_step(source, step, attempt, arena, problems, count);
}

/* Runs of all seeds answer the same held-out problems. */
enum { EVALUATION_SEED = 0 };

rp_status rp_problems_for_eval(const rp_problem_source *source, int split, rp_arena *arena, rp_dataset *out) {
    const size_t wanted = (size_t)source->recipe->eval_count;
    if (source->eval_data.count || !source->is_world) {
        const size_t all = source->eval_data.count;
        *out = (rp_dataset){source->eval_data.problems, all < wanted ? all : wanted};
        if (wanted && wanted < all)
            rp_log(RP_LOG_WARNING, "%zu of %zu held-out problems are asked: eval_count = %zu", wanted, all, wanted);
        return RP_OK;
    }
    rp_dataset all = {rp_alloc_zero(arena, rp_problem, wanted * source->family_count + 1), 0};
    RP_TRY_ALLOC(all.problems);
    for (size_t i = 0; i < source->family_count && wanted; i++) {
        rp_dataset family;
        RP_TRY(rp_world_distinct(&source->world, source->families[i], (rp_split)split, EVALUATION_SEED, wanted, arena,
                                 &family));
        memcpy(all.problems + all.count, family.problems, family.count * sizeof *family.problems);
        all.count += family.count;
    }
    *out = all;
    return RP_OK;
}

rp_status rp_problems_for_command(rp_arena *arena, const rp_recipe *recipe, const char *jsonl, rp_dataset *list,
                                  size_t *total) {
    rp_recipe *changed = rp_alloc(arena, rp_recipe, 1);
    RP_TRY_ALLOC(changed);
    *changed = *recipe;
    if (jsonl) changed->eval_data = jsonl;
    if (*changed->eval_data) changed->data = "world"; /* the training data is not needed */
    rp_problem_source source;
    RP_TRY(rp_problems_open(arena, changed, &source));
    RP_TRY(rp_problems_for_eval(&source, (int)recipe->eval_split, arena, list));
    *total = source.eval_data.count > list->count ? source.eval_data.count : list->count;
    return list->count ? RP_OK : rp_fail(RP_ERR_ARGUMENT, "there is no problem to answer: name a --jsonl file");
}
