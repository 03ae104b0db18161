/* SPDX-License-Identifier: MIT
 *
 * cmd_report.c — `rephrase report`: directories of runs as one page, and its table as Markdown and CSV.
 */
#include "commands.h"

#include <rephrase/report.h>

#include <string.h>

/* FILE.html becomes FILE.md and FILE.csv. */
static const char *beside(rp_arena *arena, const char *path, const char *suffix) {
    const size_t n = strlen(path) - (rp_has_suffix(path, ".html") ? 5 : 0);
    return rp_sprintf(arena, "%.*s%s", (int)n, path, suffix);
}

static rp_status write_file(rp_arena *arena, const char *path, const rp_buffer *text) {
    RP_TRY_ALLOC(path);
    RP_TRY(rp_buffer_status(text));
    RP_TRY(rp_file_write(arena, path, text->data, text->length));
    const char *line = rp_sprintf(arena, "%s (%zu kB)", path, (text->length + 999) / 1000);
    RP_TRY_ALLOC(line);
    return rp_put_line(line, strlen(line));
}

typedef struct arguments {
    const char *out, *show;
    int64_t groups;
} arguments;

static const rp_option options[] = {
    RP_OPTION_TEXT(arguments, out, "out", NULL, "the page (default: report.html in the first RUN)", .value = "FILE.html"),
    RP_OPTION_TEXT(arguments, show, "show", NULL, "rows whose curves are visible at first, separated by commas",
                   .value = "ROWS"),
    RP_OPTION_INT(arguments, groups, "groups", 16, 0, 10000, "training groups of each row in the page, about 5 kB each"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    const rp_text_list *runs = &call->words;
    rp_arena *arena = call->arena;
    if (!runs->count) return rp_fail(RP_ERR_ARGUMENT, "which run? (rephrase report RUN...)");
    const char *out = chosen->out ? chosen->out : rp_path_join(arena, runs->items[0], "report.html");
    RP_TRY_ALLOC(out);
    rp_report report;
    rp_buffer page = rp_buffer_in(arena), markdown = rp_buffer_in(arena), csv = rp_buffer_in(arena);
    RP_TRY(rp_report_read(arena, runs->items, runs->count, chosen->show, &report));
    RP_TRY(rp_report_html(&report, (size_t)chosen->groups, &page));
    rp_report_markdown(&report, &markdown);
    rp_report_csv(&report, &csv);
    RP_TRY(write_file(arena, out, &page));
    RP_TRY(write_file(arena, beside(arena, out, ".md"), &markdown));
    return write_file(arena, beside(arena, out, ".csv"), &csv);
}

const rp_command rp_command_report = {
    .name = "report",
    .summary = "one page of curves, tables and training groups from directories of runs",
    .usage = "rephrase report RUN... [--out FILE.html]",
    .about =
        "Reads directories that `rephrase train` or `rephrase compare` wrote and makes one HTML page of them: the table "
        "with intervals and the spread over seeds, learning curves, what the policy and its updates did, accuracy by "
        "family, and training groups with the weight of every token. The page refers to nothing outside itself and "
        "opens from the disk. The table goes beside it as FILE.md and FILE.csv. Runs of `rephrase train` that differ "
        "in nothing but the seed become one table. A run that is still going on can be read too.",
    .examples = "  rephrase report runs/quick\n"
                "  rephrase report runs/seed1 runs/seed2 runs/seed3 --out seeds.html\n"
                "  rephrase report runs/compare --show grpo,repo,luffy --groups 40\n",
    .words = "RUN",
    .arguments = sizeof(arguments),
    .options = options,
    .run = run,
};
