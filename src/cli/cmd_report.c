/* SPDX-License-Identifier: MIT
 *
 * cmd_report.c — `rephrase report`: directories of runs as one page, and its table as Markdown and CSV.
 */
#include "cli.h"

#include <rephrase/report.h>

#include <string.h>

static const rp_command_help help = {
    "rephrase report RUN... [--out FILE.html]",
    "Reads directories that `rephrase train` or `rephrase compare` wrote and makes one HTML page of them: the table with "
    "intervals and the spread over seeds, learning curves, what the policy and its updates did, accuracy by family, and "
    "training "
    "groups with the weight of every token. The page refers to nothing outside itself and opens from the disk. The table "
    "goes "
    "beside it as FILE.md and FILE.csv. Runs of `rephrase train` that differ in nothing but the seed become one table. A "
    "run that "
    "is still going on can be read too.",
    "  rephrase report runs/quick\n"
    "  rephrase report runs/seed1 runs/seed2 runs/seed3 --out seeds.html\n"
    "  rephrase report runs/compare --show grpo,repo,luffy --groups 40\n",
};

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

static rp_status run(rp_arena *arena, int argc, char **argv) {
    const char *out = NULL, *show = NULL;
    int64_t groups = 16;
    bool done = false;
    rp_text_list runs = {.count = 0};
    const rp_flag flags[] = {
        {"out", RP_FLAG_TEXT, &out, "FILE.html", "the page (default: report.html in the first RUN)"},
        {"show", RP_FLAG_TEXT, &show, "ROWS", "rows whose curves are visible at first, separated by commas"},
        {"groups", RP_FLAG_INT, &groups, "N", "training groups of each row in the page, about 5 kB each"},
        {NULL, RP_FLAG_BOOL, NULL, NULL, NULL},
    };
    RP_TRY(rp_flags_parse(flags, &help, argc, argv, &runs, &done));
    if (done) return RP_OK;
    if (!runs.count) return rp_fail(RP_ERR_ARGUMENT, "which run? (rephrase report RUN...)");
    if (groups < 0 || groups > 10000)
        return rp_fail(RP_ERR_ARGUMENT, "--groups %lld is not in 0..10000", (long long)groups);
    if (!out) out = rp_path_join(arena, runs.items[0], "report.html");
    RP_TRY_ALLOC(out);
    rp_report report;
    rp_buffer page = rp_buffer_in(arena), markdown = rp_buffer_in(arena), csv = rp_buffer_in(arena);
    RP_TRY(rp_report_read(arena, runs.items, runs.count, show, &report));
    RP_TRY(rp_report_html(&report, (size_t)groups, &page));
    rp_report_markdown(&report, &markdown);
    rp_report_csv(&report, &csv);
    RP_TRY(write_file(arena, out, &page));
    RP_TRY(write_file(arena, beside(arena, out, ".md"), &markdown));
    return write_file(arena, beside(arena, out, ".csv"), &csv);
}

int rp_cmd_report(int argc, char **argv) {
    rp_arena *arena = rp_arena_create("report", 0);
    const rp_status status = arena ? run(arena, argc, argv) : RP_ERR_MEMORY;
    const int code = status == RP_OK ? 0 : rp_command_failed("report", status);
    rp_arena_destroy(arena);
    return code;
}
