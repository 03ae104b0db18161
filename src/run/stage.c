/* SPDX-License-Identifier: MIT
 *
 * stage.c — the outer loop: step, log, show, checkpoint.
 *
 * A run may be asked to stop at any moment. A step that is sampling is dropped, because nothing of it has reached the
 * weights yet; a step that is updating is finished. Either way a checkpoint is written, so that no finished step is lost.
 */
#include "stage.h"

#include "log.h"

#include <string.h>

static void add_work(rp_run *run, const rp_trainer *trainer, const rp_metrics *metrics) {
    rp_work_done *work = &run->work;
    work->seconds_sampling += rp_metrics_get(metrics, "seconds_sampling", 0);
    work->seconds_update += rp_metrics_get(metrics, "seconds_update", 0);
    work->tokens_sampled += rp_metrics_get(metrics, "tokens_sampled", 0);
    const rp_passes passes = rp_trainer_passes(trainer);
    work->passes.forward += passes.forward;
    work->passes.forward_scored += passes.forward_scored;
    work->passes.backward += passes.backward;
    work->passes.backward_scored += passes.backward_scored;
    work->tokens_trained += rp_metrics_get(metrics, "tokens_trained", 0);
    const rp_model *model = rp_trainer_policy(trainer)->model;
    work->head = (size_t)model->config.vocab * (size_t)model->config.channels;
    work->body = 0;
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        if (strstr(p->name, "layers.") && p->rows > 1) work->body += p->rows * p->columns;
    }
}

typedef struct stage_logs {
    rp_run_log metrics, samples;
    const char *checkpoint;
} stage_logs;

static rp_status load_checkpoint(rp_run *run, rp_stage *stage, const char *directory, bool *found) {
    rp_buffer warning = rp_buffer_in(run->arena);
    RP_TRY(rp_checkpoint_load(stage->trainer, directory, found, &warning));
    if (warning.length == 0) return RP_OK;
    rp_buffer_char(&warning, '\0');
    RP_TRY(rp_buffer_status(&warning));
    const rp_event event = {.kind = RP_EVENT_WARNING, .stage = stage->name, .text = warning.data};
    run->on_event(run->context, &event);
    return RP_OK;
}

static rp_status open_logs(rp_run *run, rp_stage *stage, stage_logs *logs) {
    const char *directory = rp_run_path(run, stage->directory, "");
    const char *metrics = rp_run_path(run, stage->directory, "metrics.jsonl"),
               *samples = rp_run_path(run, stage->directory, "samples.jsonl");
    logs->checkpoint = rp_run_path(run, stage->directory, "checkpoint");
    if (!directory || !metrics || !samples || !logs->checkpoint) return RP_ERR_MEMORY;
    RP_TRY(rp_make_directories(directory));
    bool found = false;
    if (run->resume) RP_TRY(load_checkpoint(run, stage, logs->checkpoint, &found));
    const int64_t keep = found ? rp_trainer_step(stage->trainer) : -1;
    RP_TRY(rp_run_log_open(run->arena, metrics, keep, &logs->metrics));
    return rp_run_log_open(run->arena, samples, keep, &logs->samples);
}

static rp_status log_step(rp_run *run, stage_logs *logs, const rp_stage *stage, const rp_metrics *metrics,
                          const rp_group_report *groups, size_t group_count) {
    rp_buffer line = rp_buffer_in(run->arena);
    rp_json_writer w = rp_json_write_to(&line);
    rp_metrics_write(metrics, &w);
    RP_TRY(rp_run_log_line(&logs->metrics, &line));
    /* Groups with a replacement say the most: they go first. */
    int64_t left = groups ? run->recipe->log_groups : 0;
    for (int wanted = 1; wanted >= 0; wanted--) {
        for (size_t g = 0; g < group_count && left > 0; g++) {
            if ((groups[g].replaced >= 0) != (wanted == 1)) continue;
            line = rp_buffer_in(run->arena);
            w = rp_json_write_to(&line);
            rp_group_write(&groups[g], rp_trainer_step(stage->trainer), &w);
            RP_TRY(rp_run_log_line(&logs->samples, &line));
            const rp_event event = {.kind = RP_EVENT_GROUP,
                                    .stage = stage->name,
                                    .step = rp_trainer_step(stage->trainer),
                                    .steps = stage->steps,
                                    .group = &groups[g]};
            run->on_event(run->context, &event);
            left--;
        }
    }
    return RP_OK;
}

/* Sampling was interrupted: the weights and moments are those of the last finished step. */
static rp_status stop_before_step(const rp_stage *stage, const stage_logs *logs) {
    const long long done = (long long)rp_trainer_step(stage->trainer);
    RP_TRY(rp_checkpoint_save(stage->trainer, logs->checkpoint));
    return rp_fail(RP_ERR_INTERRUPTED, "stopped in step %lld of %s, which is dropped; --resume continues after step %lld",
                   done + 1, stage->name, done);
}

static rp_status loop(rp_run *run, rp_stage *stage, stage_logs *logs) {
    const double began = rp_seconds();
    while (rp_trainer_step(stage->trainer) < stage->steps) {
        const rp_arena_mark mark = rp_arena_get_mark(run->arena);
        rp_metrics metrics = {.count = 0};
        rp_group_report *groups = NULL;
        size_t group_count = 0;
        const rp_status status = stage->next(run, stage, &metrics, &groups, &group_count);
        if (status == RP_ERR_INTERRUPTED) return stop_before_step(stage, logs);
        RP_TRY(status);
        if (run->validation.count && stage->validated && rp_trainer_step(stage->trainer) % run->recipe->eval_steps == 0)
            RP_TRY(rp_run_validate(run, rp_trainer_policy(stage->trainer), &metrics));
        RP_TRY(log_step(run, logs, stage, &metrics, groups, group_count));
        add_work(run, stage->trainer, &metrics);
        const int64_t step = rp_trainer_step(stage->trainer);
        const rp_event event = {.kind = RP_EVENT_STEP,
                                .stage = stage->name,
                                .step = step,
                                .steps = stage->steps,
                                .seconds = rp_seconds() - began,
                                .metrics = &metrics};
        run->on_event(run->context, &event);
        rp_arena_rewind(run->arena, mark);
        const bool stop = rp_interrupt_requested();
        /* At the end too: a finished run may go on for more steps. */
        if (stop || step == stage->steps || step % run->recipe->save_steps == 0)
            RP_TRY(rp_checkpoint_save(stage->trainer, logs->checkpoint));
        if (stop && step < stage->steps)
            return rp_fail(RP_ERR_INTERRUPTED, "stopped after step %lld of %s; --resume continues", (long long)step,
                           stage->name);
    }
    return RP_OK;
}

rp_status rp_stage_run(rp_run *run, rp_stage *stage) {
    stage_logs logs = {0};
    rp_status status = open_logs(run, stage, &logs);
    const rp_event event = {
        .kind = RP_EVENT_STAGE, .stage = stage->name, .step = rp_trainer_step(stage->trainer), .steps = stage->steps};
    if (status == RP_OK) {
        run->on_event(run->context, &event);
        status = loop(run, stage, &logs);
    }
    rp_run_log_close(&logs.metrics);
    rp_run_log_close(&logs.samples);
    return status;
}
