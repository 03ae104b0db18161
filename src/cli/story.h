/* SPDX-License-Identifier: MIT
 *
 * story.h — private to the program: a stage of training in a few lines, when it ends.
 */
#ifndef REPHRASE_CLI_STORY_H
#define REPHRASE_CLI_STORY_H

#include <rephrase/compare.h>

enum { RP_STORY_ROWS = 10, RP_STORY_BINS = 32, RP_STORY_LINE = 256 };
typedef struct rp_story {
    double sum[RP_STORY_ROWS][RP_STORY_BINS], count[RP_STORY_ROWS][RP_STORY_BINS];
    int64_t bins;
} rp_story;

void rp_story_begin(rp_story *story, int64_t steps);
void rp_story_add(rp_story *story, int64_t step, int64_t steps, const rp_metrics *metrics);
/* Line `row` of the story: a label, its course as a bar for each bin, first and last value. False when the stage has no such
 * metric or is too short to have a course. `blocks`: bars are block characters in UTF-8, else ASCII. */
bool rp_story_line(const rp_story *story, int row, bool blocks, char out[RP_STORY_LINE]);

#endif
