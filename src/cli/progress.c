/* SPDX-License-Identifier: MIT
 *
 * progress.c — a run's events for a person: one line that renews itself on a terminal, plain lines now and then in a pipe; and
 * the course of a stage in a few lines when it ends.
 */
#include "progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS_BETWEEN_LINES = 10 };

/* Metrics worth a place on the line, where the step has them. */
static const struct {
    const char *name, *label, *format;
} shown[] = {
    {"loss", "loss", "%.4f"},
    {"reward", "reward", "%.3f"},
    {"accuracy_hard", "hard", "%.3f"},
    {"entropy", "entropy", "%.3f"},
    {"grad_norm", "grad", "%.2f"},
    {"gate_opened", "gated", "%.0f"},
    {"rephrase_passed", "passed", "%.0f"},
    {"replaced", "replaced", "%.0f"},
};

static void time_left(double seconds, char out[32]) {
    const int s = (int)(seconds + 0.5);
    if (s >= 3600)
        (void)snprintf(out, 32, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    else
        (void)snprintf(out, 32, "%d:%02d", s / 60, s % 60);
}

static void step_line(const rp_event *event, int64_t steps_here, char out[512]) {
    size_t n =
        (size_t)snprintf(out, 512, "%-10s %5lld/%lld", event->stage, (long long)event->step, (long long)event->steps);
    for (size_t i = 0; i < sizeof shown / sizeof *shown && n < 400; i++) {
        char value[32];
        const double v = rp_metrics_get(event->metrics, shown[i].name, -1e300);
        const bool misleading = i == 0 && rp_metrics_get(event->metrics, "reward", -1e300) != -1e300;
        if (v == -1e300 || misleading) continue; /* a surrogate's loss says nothing: docs/metrics.md */
        (void)snprintf(value, sizeof value, shown[i].format, v);
        n += (size_t)snprintf(out + n, 512 - n, "  %s %s", shown[i].label, value);
    }
    const double each = steps_here > 0 ? event->seconds / (double)steps_here : 0;
    char left[32];
    time_left(each * (double)(event->steps - event->step), left);
    (void)snprintf(out + n, 512 - n, "  %.2f s/step  %s left", each, left);
}

static void tell(const rp_progress *p, const rp_event *event) {
    char line[RP_STORY_LINE], took[32];
    int lines = 0;
    for (int r = 0; r < RP_STORY_ROWS; r++) {
        if (!rp_story_line(&p->story, r, p->blocks, line)) continue;
        time_left(event->seconds, took);
        if (!lines++)
            (void)fprintf(stderr, "%s, steps %lld to %lld in %s:\n", event->stage, (long long)p->first_step + 1,
                          (long long)event->steps, took);
        (void)fprintf(stderr, "%s\n", line);
    }
}

static void on_step(rp_progress *p, const rp_event *event) {
    char line[512];
    const int64_t here = event->step - p->first_step;
    const bool last = event->step == event->steps;
    step_line(event, here, line);
    if (p->terminal) {
        (void)fprintf(stderr, "\r\033[K%s%s", line, last ? "\n" : "");
    } else if (last || p->last_line < 0 || event->seconds - p->last_line >= SECONDS_BETWEEN_LINES) {
        (void)fprintf(stderr, "%s\n", line);
        p->last_line = event->seconds;
    }
    p->open_line = p->terminal && !last;
    rp_story_add(&p->story, event->step, event->steps, event->metrics);
    if (last) tell(p, event);
}

/* ---- A group for a person -------------------------------------------------------------------------------------- */

static void put_indented(const char *label, rp_str text) {
    (void)fprintf(stderr, "  %-14s", label);
    for (size_t i = 0; i < text.length; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (c == '\n')
            (void)fprintf(stderr, "\n%16s", "");
        else /* a model may write escape sequences, and a terminal would obey them */
            (void)fputc(c < 0x20 || c == 0x7f ? '?' : c, stderr);
    }
    (void)fputc('\n', stderr);
}

static void on_group(const rp_event *event) {
    const rp_group_report *g = event->group;
    (void)fprintf(stderr, "\n-- %s, step %lld, %.*s --\n", event->stage, (long long)event->step,
                  (int)g->problem->family.length, g->problem->family.data);
    put_indented("question", g->problem->question);
    put_indented("answer", g->problem->answer);
    if (g->problem->solution.length) put_indented("solution", g->problem->solution);
    for (size_t i = 0; i < g->count; i++) {
        char label[64];
        const rp_row *row = (int)i == g->replaced ? &g->before : &g->rows[i];
        (void)snprintf(label, sizeof label, "%c%zu: %.2f %s", (int)i == g->replaced ? '*' : ' ', i + 1, row->reward.total,
                       rp_verdict_name(row->reward.verdict));
        put_indented(label, row->text);
    }
    if (g->rephrase != RP_REPHRASE_NONE)
        (void)fprintf(stderr, "  %.0f %% failed; rephrasing: %s\n", 100 * g->failed_share,
                      rp_rephrase_outcome_name(g->rephrase));
    if (g->rephrase_text.length) put_indented(g->replaced >= 0 ? "* replaced by" : "rephrased", g->rephrase_text);
}

void rp_progress_event(void *context, const rp_event *event) {
    rp_progress *p = context;
    if (p->open_line && event->kind != RP_EVENT_STEP) {
        (void)fputc('\n', stderr);
        p->open_line = false;
    }
    switch (event->kind) {
    case RP_EVENT_STAGE:
        p->first_step = event->step;
        p->last_line = -1;
        rp_story_begin(&p->story, event->steps);
        (void)fprintf(stderr, "%s: %lld steps%s\n", event->stage, (long long)event->steps,
                      event->step ? " (continued)" : "");
        return;
    case RP_EVENT_STEP:
        on_step(p, event);
        return;
    case RP_EVENT_GROUP:
        if (p->show_groups > 0 && event->step % p->show_groups == 0) on_group(event);
        return;
    case RP_EVENT_TEXT:
        (void)fputs(event->text, stdout);
        (void)fputc('\n', stdout);
        (void)fflush(stdout);
        return;
    case RP_EVENT_WARNING:
        (void)fprintf(stderr, "warning: %s%s%s\n", event->stage ? event->stage : "", event->stage ? ": " : "", event->text);
        return;
    }
}

/* As the locale says; the first variable that is set counts. */
static bool shows_utf8(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value) return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8");
    }
    return false;
}

rp_progress rp_progress_begin(int64_t show_groups) {
    return (rp_progress){
        .terminal = isatty(STDERR_FILENO) == 1, .blocks = shows_utf8(), .show_groups = show_groups, .last_line = -1};
}
