/* SPDX-License-Identifier: MIT
 *
 * log.c — metrics.jsonl and samples.jsonl: files that grow by one line a step and survive interruption.
 *
 * A run that was stopped between checkpoints has logged steps it will do again. Opening for resumption therefore drops the
 * lines above the checkpoint's step, so that the file of a resumed run equals that of a straight one.
 */
#include "log.h"

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

/* ---- Groups ---------------------------------------------------------------------------------------------------- */

enum { SHOWN_DIGITS = 4 };

/* A file of every token of a run is large: four digits are what a reader can see. */
static void put_shown(rp_json_writer *w, double value) {
    char text[32];
    double rounded = value;
    (void)snprintf(text, sizeof text, "%.*g", SHOWN_DIGITS, value);
    if (!rp_parse_double(text, &rounded)) rounded = value;
    rp_json_put_double(w, rounded);
}

/* One number stands for many that are equal. */
static void put_series(rp_json_writer *w, const char *key, const real *values, size_t n) {
    bool constant = n > 0;
    for (size_t k = 1; k < n; k++) constant = constant && values[k] == values[0];
    rp_json_put_key(w, key);
    if (constant) {
        put_shown(w, (double)values[0]);
        return;
    }
    rp_json_begin_array(w);
    for (size_t k = 0; k < n; k++) put_shown(w, (double)values[k]);
    rp_json_end_array(w);
}

/* The text of each token. A character that several tokens share is given to the one that completes it. */
static void put_pieces(rp_json_writer *w, const rp_policy *policy, const rp_row *row) {
    rp_decode_stream stream = rp_decode_begin(policy->tokenizer, false);
    rp_json_put_key(w, "pieces");
    rp_json_begin_array(w);
    for (uint32_t k = row->prompt_length; k < row->length; k++) {
        rp_buffer piece = rp_buffer_in(w->out->arena);
        rp_buffer_text(&piece, "");
        rp_decode_push(&stream, row->ids[k], &piece);
        if (k + 1 == row->length) rp_decode_finish(&stream, &piece);
        w->out->failed = w->out->failed || piece.failed;
        if (!piece.failed) rp_json_put_string(w, piece.data, piece.length);
    }
    rp_json_end_array(w);
}

static void write_trace(const rp_row *row, const rp_policy *policy, rp_json_writer *w) {
    const size_t n = rp_row_tokens(row);
    double advantage = 0;
    for (size_t k = 0; k < n; k++) advantage += (double)row->trace->advantage[k];
    rp_json_put_key(w, "advantage");
    put_shown(w, n ? advantage / (double)n : 0);
    put_pieces(w, policy, row);
    put_series(w, "logp", row->trace->logp, n);
    put_series(w, "weight", row->trace->weight, n);
}

/* policy NULL: without what was seen of its tokens. */
static void write_row(const rp_row *row, const rp_policy *policy, rp_json_writer *w) {
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
    if (policy && row->trace) write_trace(row, policy, w);
    rp_json_end_object(w);
}

void rp_group_write(const rp_group_report *group, int64_t step, rp_json_writer *w) {
    rp_json_begin_object(w);
    rp_json_put_key(w, "step");
    rp_json_put_int(w, step);
    put_slice(w, "id", group->problem->id);
    put_slice(w, "family", group->problem->family);
    put_slice(w, "tier", group->problem->tier);
    put_slice(w, "question", group->problem->question);
    put_slice(w, "answer", group->problem->answer);
    put_slice(w, "solution", group->problem->solution);
    rp_json_put_key(w, "rows");
    rp_json_begin_array(w);
    for (size_t i = 0; i < group->count; i++) write_row(&group->rows[i], group->policy, w);
    rp_json_end_array(w);
    rp_json_put_key(w, "rephrase");
    rp_json_put_text(w, rp_rephrase_outcome_name(group->rephrase));
    put_slice(w, "rephrase_text", group->rephrase_text);
    rp_json_put_key(w, "replaced");
    rp_json_put_int(w, group->replaced);
    if (group->replaced >= 0) {
        rp_json_put_key(w, "before");
        write_row(&group->before, NULL, w);
    }
    rp_json_end_object(w);
}
