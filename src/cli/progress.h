/* SPDX-License-Identifier: MIT
 *
 * progress.h — private to the program: a run's events on the terminal.
 */
#ifndef REPHRASE_CLI_PROGRESS_H
#define REPHRASE_CLI_PROGRESS_H

#include "story.h"

typedef struct rp_progress {
    bool terminal, open_line, blocks; /* blocks: the terminal shows UTF-8 */
    int64_t show_groups;              /* print a group every so many steps; 0 = never */
    int64_t first_step;
    double last_line; /* seconds into the stage */
    rp_story story;
} rp_progress;

rp_progress rp_progress_begin(int64_t show_groups);
void rp_progress_event(void *context, const rp_event *event); /* an rp_event_function; context is an rp_progress */

#endif
