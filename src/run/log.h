/* SPDX-License-Identifier: MIT
 *
 * log.h — private to this layer: files of a run that grow line by line.
 */
#ifndef REPHRASE_RUN_LOG_H
#define REPHRASE_RUN_LOG_H

#include <rephrase/run.h>

typedef struct rp_run_log {
    FILE *stream;
    const char *path;
} rp_run_log;
/* Opens for appending; lines whose "step" is above `keep_step` are dropped first (what a stopped run wrote after its last
 * checkpoint). keep_step < 0 starts empty. */
rp_status rp_run_log_open(rp_arena *arena, const char *path, int64_t keep_step, rp_run_log *log) RP_MUST_CHECK;
rp_status rp_run_log_line(rp_run_log *log, const rp_buffer *line) RP_MUST_CHECK;
void rp_run_log_close(rp_run_log *log);
void rp_group_write(const rp_group_report *group, int64_t step, rp_json_writer *w);

#endif
