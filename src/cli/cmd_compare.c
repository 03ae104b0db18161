/* SPDX-License-Identifier: MIT
 *
 * cmd_compare.c — `rephrase compare`: several algorithms, several seeds, one base each, one table.
 */
#include "commands.h"
#include "progress.h"

#include <stdio.h>

static rp_status render(rp_arena *arena, const char *path, bool csv) {
    rp_buffer text = rp_buffer_in(arena);
    RP_TRY(rp_compare_render(arena, path, csv, &text));
    return rp_put_line(text.data, text.length - 1);
}

typedef struct arguments {
    const char *recipe, *out, *render;
    bool csv;
    rp_compare_options compare;
} arguments;

static const rp_option options[] = {
    RP_OPTION_TEXT(arguments, recipe, "recipe", NULL,
                   "INI file with [compare] and [row NAME] sections (docs/experiment.md)", .value = "FILE"),
    RP_OPTION_TEXT(arguments, out, "out", NULL, "directory of the comparison; default: the recipe's", .value = "DIR"),
    RP_OPTION_TEXT(arguments, compare.rows, "rows", NULL, "run only these rows", .value = "A,B"),
    RP_OPTION_TEXT(arguments, compare.seeds, "seeds", NULL, "run only these pretraining seeds", .value = "1,2"),
    RP_OPTION_BOOL(arguments, compare.resume, "resume", false, "continue: cells that have a result are kept"),
    RP_OPTION_BOOL(arguments, compare.sweep, "sweep", false,
                   "instead of the comparison, try each row at each of sweep_rates for sweep_steps, scored on the "
                   "validation split"),
    RP_OPTION_TEXT(arguments, compare.commit, "commit", NULL, "the source's commit, written beside the results",
                   .value = "ID"),
    RP_OPTION_TEXT(arguments, compare.against, "against", NULL,
                   "say of every cell whether it is the same to the bit as in this compare.json; fail if one is not",
                   .value = "FILE"),
    RP_OPTION_TEXT(arguments, render, "render", NULL, "print the tables of a compare.json and leave", .value = "FILE"),
    RP_OPTION_BOOL(arguments, csv, "csv", false, "with --render: as CSV"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    if (chosen->render) return render(call->arena, chosen->render, chosen->csv);
    if (!chosen->recipe) return rp_fail(RP_ERR_ARGUMENT, "--recipe names the comparison to run");
    rp_comparison *comparison = rp_alloc(call->arena, rp_comparison, 1);
    RP_TRY_ALLOC(comparison);
    RP_TRY(rp_comparison_load(call->arena, chosen->recipe, comparison));
    if (chosen->out) comparison->recipe.out = chosen->out;
    rp_progress progress = rp_progress_begin(0);
    return rp_compare_run(comparison, &chosen->compare, rp_progress_event, &progress);
}

const rp_command rp_command_compare = {
    .name = "compare",
    .summary = "several algorithms and seeds, one table",
    .usage = "rephrase compare --recipe FILE [--out DIR] [--rows A,B] [--seeds 1,2] [--resume]",
    .about =
        "Runs every row of a comparison (an algorithm and its settings) from the same pretrained base, for every seed, "
        "answers the held-out questions and writes one table: compare.json, table.md, table.csv. Bases are kept under "
        "the digest of what they depend on and shared. A run that was stopped continues with --resume; a row that "
        "fails is named in the table and the others go on. `rephrase report DIR` draws the result.",
    .examples =
        "  rephrase compare --recipe data/recipes/compare-quick.ini\n"
        "  rephrase compare --recipe data/recipes/compare.ini --sweep       learning rates, on the validation split\n"
        "  rephrase compare --recipe data/recipes/compare.ini --rows repo --seeds 2 --out again \\\n"
        "    --against data/results/micro-world.json                        one cell once more: the same bits?\n"
        "  rephrase compare --render data/results/micro-world.json          the tables of a comparison that was kept\n",
    .arguments = sizeof(arguments),
    .options = options,
    .run = run,
};
