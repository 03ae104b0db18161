/* SPDX-License-Identifier: MIT
 *
 * cmd_compare.c — `rephrase compare`: several algorithms, several seeds, one base each, one table.
 */
#include "cli.h"
#include "progress.h"

#include <stdio.h>

static const rp_command_help help = {
    "rephrase compare --recipe FILE [--out DIR] [--rows A,B] [--seeds 1,2] [--resume]",
    "Runs every row of a comparison (an algorithm and its settings) from the same pretrained base, for every seed, answers "
    "the held-out questions and writes one table: compare.json, table.md, table.csv. Bases are kept under the digest of "
    "what they depend on and shared. A run that was stopped continues with --resume; a row that fails is named in the "
    "table and the others go on. `rephrase report DIR` draws the result.",
    "  rephrase compare --recipe data/recipes/compare-quick.ini\n"
    "  rephrase compare --recipe data/recipes/compare.ini --sweep       learning rates, on the validation split\n"
    "  rephrase compare --recipe data/recipes/compare.ini --rows repo --seeds 2 --out again \\\n"
    "    --against data/results/micro-world.json                        one cell once more: the same bits?\n"
    "  rephrase compare --render data/results/micro-world.json          the tables of a comparison that was kept\n",
};

static rp_status render(rp_arena *arena, const char *path, bool csv) {
    rp_buffer text = rp_buffer_in(arena);
    RP_TRY(rp_compare_render(arena, path, csv, &text));
    return rp_put_line(text.data, text.length - 1);
}

static rp_status run(rp_arena *arena, int argc, char **argv) {
    const char *recipe = NULL, *out = NULL, *shown = NULL;
    bool done = false, csv = false;
    rp_compare_options options = {.rows = NULL};
    const rp_flag flags[] = {
        {"recipe", RP_FLAG_TEXT, &recipe, "FILE", "INI file with [compare] and [row NAME] sections (docs/experiment.md)"},
        {"out", RP_FLAG_TEXT, &out, "DIR", "directory of the comparison; default: the recipe's"},
        {"rows", RP_FLAG_TEXT, &options.rows, "A,B", "run only these rows"},
        {"seeds", RP_FLAG_TEXT, &options.seeds, "1,2", "run only these pretraining seeds"},
        {"resume", RP_FLAG_BOOL, &options.resume, NULL, "continue: cells that have a result are kept"},
        {"sweep", RP_FLAG_BOOL, &options.sweep, NULL,
         "instead of the comparison, try each row at each of sweep_rates for sweep_steps, scored on the validation split"},
        {"commit", RP_FLAG_TEXT, &options.commit, "ID", "the source's commit, written beside the results"},
        {"against", RP_FLAG_TEXT, &options.against, "FILE",
         "say of every cell whether it is the same to the bit as in this compare.json; fail if one is not"},
        {"render", RP_FLAG_TEXT, &shown, "FILE", "print the tables of a compare.json and leave"},
        {"csv", RP_FLAG_BOOL, &csv, NULL, "with --render: as CSV"},
        {NULL, RP_FLAG_BOOL, NULL, NULL, NULL},
    };
    RP_TRY(rp_flags_parse(flags, &help, argc, argv, NULL, &done));
    if (done) return RP_OK;
    if (shown) return render(arena, shown, csv);
    if (!recipe) return rp_fail(RP_ERR_ARGUMENT, "--recipe names the comparison to run");
    rp_comparison *comparison = rp_alloc(arena, rp_comparison, 1);
    RP_TRY_ALLOC(comparison);
    RP_TRY(rp_comparison_load(arena, recipe, comparison));
    if (out) comparison->recipe.out = out;
    rp_progress progress = rp_progress_begin(0);
    return rp_compare_run(comparison, &options, rp_progress_event, &progress);
}

int rp_cmd_compare(int argc, char **argv) {
    rp_arena *arena = rp_arena_create("compare", 0);
    const rp_status status = arena ? run(arena, argc, argv) : RP_ERR_MEMORY;
    const int code = status == RP_OK ? 0 : rp_command_failed("compare", status);
    rp_arena_destroy(arena);
    return code;
}
