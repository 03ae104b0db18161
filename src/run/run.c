/* SPDX-License-Identifier: MIT
 *
 * run.c — what every part of a run holds: its recipe and questions, its directory, and whom it tells.
 */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

static void ignore(void *context, const rp_event *event) {
    (void)context, (void)event;
}

rp_status rp_run_open(rp_arena *arena, const rp_recipe *recipe, bool resume, rp_event_function *on_event, void *context,
                      rp_run *run) {
    rp_run opened = {
        .recipe = recipe, .resume = resume, .on_event = on_event ? on_event : ignore, .context = context, .arena = arena};
    RP_TRY(rp_problems_open(arena, recipe, &opened.source));
    RP_TRY(rp_problems_for_eval(&opened.source, (int)recipe->eval_split, arena, &opened.held_out));
    if (recipe->eval_steps) RP_TRY(rp_problems_for_eval(&opened.source, RP_SPLIT_VALIDATION, arena, &opened.validation));
    *run = opened;
    return RP_OK;
}

const char *rp_run_path(const rp_run *run, const char *directory, const char *name) {
    const char *inner = rp_path_join(run->arena, run->recipe->out, directory);
    return !inner ? NULL : *name ? rp_path_join(run->arena, inner, name) : inner;
}

void rp_run_text(const rp_run *run, const char *text) {
    const rp_event event = {.kind = RP_EVENT_TEXT, .text = text};
    run->on_event(run->context, &event);
}

/* ---- The directory --------------------------------------------------------------------------------------------- */

/* The first line in which two recipes differ, NULL when none does. A run may be moved: where it lies does not count. *more: they
 * differ in the number of steps, and the new one has more. */
static const char *first_difference(rp_arena *arena, const char *a, const char *b, bool *more) {
    *more = false;
    while (*a || *b) {
        const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        const bool place = strncmp(a, "out = ", 6) == 0 && strncmp(b, "out = ", 6) == 0;
        const bool steps = strncmp(a, "steps = ", 8) == 0 && strncmp(b, "steps = ", 8) == 0;
        const bool same = n == m && memcmp(a, b, n) == 0;
        if (steps && !same && strtoll(a + 8, NULL, 10) > strtoll(b + 8, NULL, 10))
            *more = true;
        else if (!place && !same)
            return rp_strndup(arena, a, n);
        a += n + (a[n] != 0);
        b += m + (b[m] != 0);
    }
    return NULL;
}

/* The rate of a step is then a function of the step alone, so that more steps are the same run and nothing else. */
static bool may_grow(const rp_recipe *recipe) {
    return recipe->optimizer.lr_scheduler_type == 0 || recipe->optimizer.min_lr_ratio >= 1;
}

static rp_status compare_with_old(rp_arena *arena, const rp_recipe *recipe, const char *path, const rp_buffer *text) {
    rp_str old;
    bool more;
    RP_TRY(rp_file_read(arena, path, 1 << 20, &old));
    const char *difference = first_difference(arena, text->data, old.data, &more);
    if (difference)
        return rp_fail(RP_ERR_ARGUMENT, "%s was begun with another recipe; it differs at \"%s\"", recipe->out, difference);
    if (more && !may_grow(recipe))
        return rp_fail(
            RP_ERR_ARGUMENT,
            "%s was begun for fewer steps; with a learning rate that falls over all steps, %lld of them are another run",
            recipe->out, (long long)recipe->optimizer.steps);
    RP_TRY(rp_run_check_inputs(arena, recipe, true));
    return more ? rp_file_write(arena, path, text->data, text->length) : RP_OK;
}

rp_status rp_run_claim(rp_arena *arena, const rp_recipe *recipe, bool resume) {
    const char *path = rp_path_join(arena, recipe->out, "recipe.ini");
    RP_TRY_ALLOC(path);
    rp_buffer text = rp_buffer_in(arena);
    rp_recipe_write(recipe, &text);
    RP_TRY(rp_buffer_status(&text));
    if (rp_file_exists(path)) {
        if (!resume)
            return rp_fail(RP_ERR_ARGUMENT, "%s already holds a run: --resume continues it, --out names another place",
                           recipe->out);
        return compare_with_old(arena, recipe, path, &text);
    }
    RP_TRY(rp_make_directories(recipe->out));
    RP_TRY(rp_run_check_inputs(arena, recipe, false)); /* before the recipe: a directory is a run when it has one */
    return rp_file_write(arena, path, text.data, text.length);
}
