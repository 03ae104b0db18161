/* SPDX-License-Identifier: MIT
 *
 * run.c — what every part of a run holds: its recipe and questions, its directory, and whom it tells.
 */
#include <rephrase/run.h>

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
    if (recipe->eval_every) RP_TRY(rp_problems_for_eval(&opened.source, RP_SPLIT_VALIDATION, arena, &opened.validation));
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

/* The first line in which two recipes differ, NULL when none does. A run may be moved: where it lies does not count. */
static const char *first_difference(rp_arena *arena, const char *a, const char *b) {
    while (*a || *b) {
        const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        const bool place = strncmp(a, "out = ", 6) == 0 && strncmp(b, "out = ", 6) == 0;
        if (!place && (n != m || memcmp(a, b, n) != 0)) return rp_strndup(arena, a, n);
        a += n + (a[n] != 0);
        b += m + (b[m] != 0);
    }
    return NULL;
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
        rp_str old;
        RP_TRY(rp_file_read(arena, path, 1 << 20, &old));
        const char *difference = first_difference(arena, text.data, old.data);
        if (difference)
            return rp_fail(RP_ERR_ARGUMENT, "%s was begun with another recipe; it differs at \"%s\"", recipe->out,
                           difference);
        return RP_OK;
    }
    RP_TRY(rp_make_directories(recipe->out));
    return rp_file_write(arena, path, text.data, text.length);
}
