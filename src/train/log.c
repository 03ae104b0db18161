/* SPDX-License-Identifier: MIT
 *
 * log.c — metrics.jsonl and samples.jsonl: files that grow by one line a step and survive interruption.
 *
 * A run that was stopped between checkpoints has logged steps it will do again. Opening for resumption therefore drops the
 * lines above the checkpoint's step, so that the file of a resumed run equals that of a straight one.
 */
#include "train_internal.h"

#include <errno.h>
#include <string.h>

/* The "step" of a line, or -1 when it is not a whole JSON object (a line cut by a crash). */
static int64_t step_of_line(rp_str line, const char *path) {
    rp_json_document *document;
    double step = -1;
    if (rp_json_parse(line.data, line.length, path, &document) != RP_OK) return -1;
    const rp_json root = rp_json_root(document), value = rp_json_key(&root, "step");
    if (rp_json_get_double(&value, &step) != RP_OK) step = -1;
    rp_json_free(document);
    return (int64_t)step;
}

static rp_status keep_lines(const char *path, int64_t keep_step, rp_buffer *kept) {
    rp_line_reader reader;
    RP_TRY(rp_lines_open(path, &reader));
    rp_str line;
    bool end = false;
    rp_status status = RP_OK;
    while (status == RP_OK && (status = rp_lines_next(&reader, &line, &end)) == RP_OK && !end) {
        const int64_t step = step_of_line(line, path);
        if (step < 0 || step > keep_step) continue;
        rp_buffer_append(kept, line.data, line.length);
        rp_buffer_char(kept, '\n');
    }
    rp_lines_close(&reader);
    return status == RP_OK ? rp_buffer_status(kept) : status;
}

rp_status rp_run_log_open(rp_arena *arena, const char *path, int64_t keep_step, rp_run_log *log) {
    rp_buffer kept = rp_buffer_in(arena);
    rp_buffer_text(&kept, "");
    if (keep_step >= 0 && rp_file_exists(path)) RP_TRY(keep_lines(path, keep_step, &kept));
    RP_TRY(rp_buffer_status(&kept));
    RP_TRY(rp_file_write(arena, path, kept.data, kept.length));
    FILE *stream = fopen(path, "ab");
    if (!stream) return rp_fail(RP_ERR_IO, "%s: cannot write: %s", path, strerror(errno));
    *log = (rp_run_log){stream, path};
    return RP_OK;
}

rp_status rp_run_log_line(rp_run_log *log, const rp_buffer *line) {
    RP_TRY(rp_buffer_status(line));
    if (fwrite(line->data, 1, line->length, log->stream) != line->length || fputc('\n', log->stream) == EOF ||
        fflush(log->stream) != 0)
        return rp_fail(RP_ERR_IO, "%s: cannot write: %s", log->path, strerror(errno));
    return RP_OK;
}

void rp_run_log_close(rp_run_log *log) {
    if (log->stream) (void)fclose(log->stream);
    *log = (rp_run_log){0};
}

static void put_slice(rp_json_writer *w, const char *key, rp_str text) {
    rp_json_put_key(w, key);
    rp_json_put_string(w, text.data, text.length);
}

static void write_row(const rp_row *row, rp_json_writer *w) {
    static const char *const sources[] = {"policy", "expert", "rephrased"};
    rp_json_begin_object(w);
    put_slice(w, "text", row->text);
    rp_json_put_key(w, "source");
    rp_json_put_text(w, sources[row->source]);
    rp_json_put_key(w, "reward");
    rp_json_put_double(w, row->reward.total);
    rp_json_put_key(w, "verdict");
    rp_json_put_text(w, rp_verdict_name(row->reward.verdict));
    rp_json_put_key(w, "reason");
    rp_json_put_text(w, rp_reason_name(row->reward.reason));
    rp_json_put_key(w, "false_steps");
    rp_json_put_int(w, row->reward.false_steps);
    rp_json_put_key(w, "tokens");
    rp_json_put_int(w, (int64_t)rp_row_tokens(row));
    rp_json_put_key(w, "stopped");
    rp_json_put_bool(w, row->stopped);
    rp_json_end_object(w);
}

void rp_group_write(const rp_group_report *group, int64_t step, rp_json_writer *w) {
    rp_json_begin_object(w);
    rp_json_put_key(w, "step");
    rp_json_put_int(w, step);
    put_slice(w, "id", group->problem->id);
    put_slice(w, "family", group->problem->family);
    put_slice(w, "question", group->problem->question);
    put_slice(w, "answer", group->problem->answer);
    put_slice(w, "solution", group->problem->solution);
    rp_json_put_key(w, "rows");
    rp_json_begin_array(w);
    for (size_t i = 0; i < group->count; i++) write_row(&group->rows[i], w);
    rp_json_end_array(w);
    rp_json_put_key(w, "rephrase");
    rp_json_put_text(w, group->rephrase);
    put_slice(w, "rephrase_text", group->rephrase_text);
    rp_json_put_key(w, "replaced");
    rp_json_put_int(w, group->replaced);
    if (group->replaced >= 0) {
        rp_json_put_key(w, "before");
        write_row(&group->before, w);
    }
    rp_json_end_object(w);
}
