/* SPDX-License-Identifier: MIT
 *
 * stage.c — the outer loop: step, log, show, checkpoint; and what it cost in the end.
 */
#include "job.h"

#include <rephrase/kernels.h>

#include <string.h>

rp_status rp_stage_rl_step(rp_job *job, rp_stage *stage, rp_metrics *metrics, rp_group_report **groups,
                           size_t *group_count) {
    rp_problem *problems;
    /* The problems live beside the step's rows, which the trainer clears at its start: they get the job's arena. */
    RP_TRY(rp_problems_of_step(&job->source, rp_trainer_step(stage->trainer), 0, job->arena, &problems, group_count));
    return rp_trainer_rl_step(stage->trainer, problems, *group_count, metrics, groups);
}

static void add_work(rp_job *job, const rp_trainer *trainer, const rp_metrics *metrics) {
    rp_work_done *work = &job->work;
    work->seconds_sampling += rp_metrics_get(metrics, "seconds_sampling", 0);
    work->seconds_update += rp_metrics_get(metrics, "seconds_update", 0);
    work->tokens_sampled += rp_metrics_get(metrics, "tokens_sampled", 0);
    work->passes.forward += trainer->passes.forward;
    work->passes.forward_scored += trainer->passes.forward_scored;
    work->passes.backward += trainer->passes.backward;
    work->passes.backward_scored += trainer->passes.backward_scored;
    work->tokens_trained += rp_metrics_get(metrics, "tokens_trained", 0);
    const rp_model *model = trainer->policy->model;
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

static rp_status open_logs(rp_job *job, rp_stage *stage, stage_logs *logs) {
    const char *directory = rp_job_path(job, stage->directory, "");
    const char *metrics = rp_job_path(job, stage->directory, "metrics.jsonl"),
               *samples = rp_job_path(job, stage->directory, "samples.jsonl");
    logs->checkpoint = rp_job_path(job, stage->directory, "checkpoint");
    if (!directory || !metrics || !samples || !logs->checkpoint) return RP_ERR_MEMORY;
    RP_TRY(rp_make_directories(directory));
    bool found = false;
    if (job->resume) RP_TRY(rp_checkpoint_load(stage->trainer, logs->checkpoint, &found));
    const int64_t keep = found ? rp_trainer_step(stage->trainer) : -1;
    RP_TRY(rp_run_log_open(job->arena, metrics, keep, &logs->metrics));
    return rp_run_log_open(job->arena, samples, keep, &logs->samples);
}

static rp_status log_step(rp_job *job, stage_logs *logs, const rp_stage *stage, const rp_metrics *metrics,
                          const rp_group_report *groups, size_t group_count) {
    rp_buffer line = rp_buffer_in(job->arena);
    rp_json_writer w = rp_json_write_to(&line);
    rp_metrics_write(metrics, &w);
    RP_TRY(rp_run_log_line(&logs->metrics, &line));
    /* Groups with a replacement say the most: they go first. */
    int64_t left = groups ? job->recipe->log_groups : 0;
    for (int wanted = 1; wanted >= 0; wanted--) {
        for (size_t g = 0; g < group_count && left > 0; g++) {
            if ((groups[g].replaced >= 0) != (wanted == 1)) continue;
            line = rp_buffer_in(job->arena);
            w = rp_json_write_to(&line);
            rp_group_write(&groups[g], rp_trainer_step(stage->trainer), &w);
            RP_TRY(rp_run_log_line(&logs->samples, &line));
            const rp_event event = {.kind = RP_EVENT_GROUP,
                                    .stage = stage->name,
                                    .step = rp_trainer_step(stage->trainer),
                                    .steps = stage->steps,
                                    .group = &groups[g]};
            job->on_event(job->context, &event);
            left--;
        }
    }
    return RP_OK;
}

static rp_status loop(rp_job *job, rp_stage *stage, stage_logs *logs) {
    const double began = rp_seconds();
    while (rp_trainer_step(stage->trainer) < stage->steps) {
        const rp_arena_mark mark = rp_arena_get_mark(job->arena);
        rp_metrics metrics = {.count = 0};
        rp_group_report *groups = NULL;
        size_t group_count = 0;
        RP_TRY(stage->next(job, stage, &metrics, &groups, &group_count));
        if (job->validation.count && stage->next == rp_stage_rl_step &&
            rp_trainer_step(stage->trainer) % job->recipe->eval_every == 0)
            RP_TRY(rp_job_validate(job, stage->trainer->policy, &metrics));
        RP_TRY(log_step(job, logs, stage, &metrics, groups, group_count));
        add_work(job, stage->trainer, &metrics);
        const int64_t step = rp_trainer_step(stage->trainer);
        const rp_event event = {.kind = RP_EVENT_STEP,
                                .stage = stage->name,
                                .step = step,
                                .steps = stage->steps,
                                .seconds = rp_seconds() - began,
                                .metrics = &metrics};
        job->on_event(job->context, &event);
        rp_arena_rewind(job->arena, mark);
        const bool stop = rp_interrupt_requested();
        if (stop || step % job->recipe->checkpoint_every == 0) RP_TRY(rp_checkpoint_save(stage->trainer, logs->checkpoint));
        if (stop && step < stage->steps)
            return rp_fail(RP_ERR_INTERRUPTED, "stopped after step %lld of %s; --resume continues", (long long)step,
                           stage->name);
    }
    return RP_OK;
}

rp_status rp_stage_run(rp_job *job, rp_stage *stage) {
    stage_logs logs = {0};
    rp_status status = open_logs(job, stage, &logs);
    const rp_event event = {
        .kind = RP_EVENT_STAGE, .stage = stage->name, .step = rp_trainer_step(stage->trainer), .steps = stage->steps};
    if (status == RP_OK) {
        job->on_event(job->context, &event);
        status = loop(job, stage, &logs);
    }
    rp_run_log_close(&logs.metrics);
    rp_run_log_close(&logs.samples);
    return status;
}

/* ---- Speed ----------------------------------------------------------------------------------------------------- */

/* The best of a few products of a size that suits every cache: what this machine can do, in multiply-adds × 2 per second. */
static rp_status product_peak(rp_arena *arena, double *flops) {
    enum { ROWS = 2048, SIDE = 768, ROUNDS = 5 };
    real *x = rp_alloc_zero(arena, real, ROWS * SIDE), *y = rp_alloc_zero(arena, real, ROWS * SIDE),
         *w = rp_alloc_zero(arena, real, SIDE * SIDE);
    if (!x || !y || !w) return RP_ERR_MEMORY;
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const double began = rp_seconds();
        rp_linear_forward(y, x, w, NULL, NULL, ROWS, SIDE, SIDE, false);
        const double rate = 2.0 * ROWS * SIDE * SIDE / (rp_seconds() - began);
        if (rate > best) best = rate;
    }
    *flops = best;
    return RP_OK;
}

rp_status rp_job_speed(rp_job *job) {
    const rp_work_done *w = &job->work;
    if (w->seconds_update <= 0) return RP_OK;
    double peak;
    RP_TRY(product_peak(job->arena, &peak));
    /* Products only, attention left out: 2 per parameter forward, 4 backward; the head for scored tokens alone. */
    const rp_passes *p = &w->passes;
    const double train = (double)w->body * (2 * p->forward + 4 * p->backward) +
                         (double)w->head * (2 * p->forward_scored + 4 * p->backward_scored);
    const double sample = 2 * (double)(w->body + w->head) * w->tokens_sampled;
    rp_buffer text = rp_buffer_in(job->arena);
    rp_buffer_format(&text, "update   %8.0f response tokens/s, %2.0f %% of the %.0f GFLOP/s that products reach here\n",
                     w->tokens_trained / w->seconds_update, 100 * train / w->seconds_update / peak, peak * 1e-9);
    if (w->seconds_sampling > 0 && w->tokens_sampled > 0)
        rp_buffer_format(&text, "sampling %8.0f tokens/s, %2.0f %% of it (prompts not counted)\n",
                         w->tokens_sampled / w->seconds_sampling, 100 * sample / w->seconds_sampling / peak);
    rp_buffer_format(&text, "memory   %8.0f MB at the peak, %d threads, products by %s\n", (double)rp_peak_memory() * 1e-6,
                     rp_thread_count(), rp_products_name(rp_products_prepare()));
    RP_TRY(rp_buffer_status(&text));
    rp_job_text(job, text.data);
    return RP_OK;
}
