/* SPDX-License-Identifier: MIT
 *
 * story.c — a stage of training in a few lines: what rose, what fell, when.
 *
 *     hard    ▁▁▁▁▁▁▁▁▁▁▁▁▂▁▂▂▂▂▃▃▄▅▄▅▅▆▆▇▇▇▇▇   0.01 → 0.84
 *
 * A bar is the mean of an equal part of the steps. Shares stand on a scale of 0..1, so that two runs can be compared by eye;
 * other quantities on their own, from the least to the largest bar.
 */
#include "story.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *label;
    bool share;
} rows[RP_STORY_ROWS] = {
    {"loss", "loss", false},         {"reward", "reward", false},
    {"accuracy_easy", "easy", true}, {"accuracy_medium", "medium", true},
    {"accuracy_near", "near", true}, {"accuracy_hard", "hard", true},
    {"entropy", "entropy", false},   {"grad_norm", "gradient", false},
    {"gate_opened", "gated", false}, {"rephrase_pass_rate", "passed", true},
};

void rp_story_begin(rp_story *story, int64_t steps) {
    *story = (rp_story){.bins = steps < RP_STORY_BINS ? steps : RP_STORY_BINS};
}

void rp_story_add(rp_story *story, int64_t step, int64_t steps, const rp_metrics *metrics) {
    if (story->bins < 1 || step < 1 || step > steps) return;
    const int64_t bin = (step - 1) * story->bins / steps;
    for (int r = 0; r < RP_STORY_ROWS; r++) {
        const double value = rp_metrics_get(metrics, rows[r].name, (double)NAN);
        /* The loss of a surrogate is no objective (docs/metrics.md): where there is a reward, that is the story. */
        const bool misleading = r == 0 && !isnan(rp_metrics_get(metrics, "reward", (double)NAN));
        if (!isfinite(value) || misleading) continue;
        story->sum[r][bin] += value;
        story->count[r][bin]++;
    }
}

bool rp_story_line(const rp_story *story, int row, bool blocks, char out[RP_STORY_LINE]) {
    static const char *const bars[2][8] = {{"_", ".", ":", "-", "=", "+", "*", "#"},
                                           {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}};
    enum { SHORTEST = 4 };
    double low = rows[row].share ? 0 : (double)INFINITY, high = rows[row].share ? 1 : -(double)INFINITY,
           first = (double)NAN, last = (double)NAN;
    int known = 0;
    for (int64_t b = 0; b < story->bins; b++) {
        if (story->count[row][b] == 0) continue;
        last = story->sum[row][b] / story->count[row][b];
        if (!known++) first = last;
        low = fmin(low, last);
        high = fmax(high, last);
    }
    if (known < SHORTEST) return false;
    size_t n = (size_t)snprintf(out, RP_STORY_LINE, "  %-9s ", rows[row].label);
    for (int64_t b = 0; b < story->bins; b++) {
        const double value = story->sum[row][b] / story->count[row][b],
                     height = high > low ? (value - low) / (high - low) : 0;
        const char *bar = story->count[row][b] == 0 ? " " : bars[blocks][(int)fmin(7, fmax(0, height) * 8)];
        n += (size_t)snprintf(out + n, RP_STORY_LINE - n, "%s", bar);
    }
    (void)snprintf(out + n, RP_STORY_LINE - n, "  %.3g %s %.3g", first, blocks ? "→" : "->", last);
    return true;
}
