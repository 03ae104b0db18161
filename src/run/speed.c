/* SPDX-License-Identifier: MIT
 *
 * speed.c — what a run's steps cost: tokens per second, beside what matrix products reach on this machine.
 */
#include "stage.h"

#include <rephrase/kernels.h>

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

rp_status rp_run_speed(const rp_run *run) {
    const rp_work_done *w = &run->work;
    if (w->seconds_update <= 0) return RP_OK;
    double peak;
    RP_TRY(product_peak(run->arena, &peak));
    /* Products only, attention left out: 2 per parameter forward, 4 backward; the head for scored tokens alone. */
    const rp_passes *p = &w->passes;
    const double train = (double)w->body * (2 * p->forward + 4 * p->backward) +
                         (double)w->head * (2 * p->forward_scored + 4 * p->backward_scored);
    const double sample = 2 * (double)(w->body + w->head) * w->tokens_sampled;
    rp_buffer text = rp_buffer_in(run->arena);
    rp_buffer_format(&text, "update   %8.0f response tokens/s, %2.0f %% of the %.0f GFLOP/s that products reach here\n",
                     w->tokens_trained / w->seconds_update, 100 * train / w->seconds_update / peak, peak * 1e-9);
    if (w->seconds_sampling > 0 && w->tokens_sampled > 0)
        rp_buffer_format(&text, "sampling %8.0f tokens/s, %2.0f %% of it (prompts not counted)\n",
                         w->tokens_sampled / w->seconds_sampling, 100 * sample / w->seconds_sampling / peak);
    rp_buffer_format(&text, "memory   %8.0f MB at the peak, %d threads, products by %s\n", (double)rp_peak_memory() * 1e-6,
                     rp_thread_count(), rp_products_name(rp_products_prepare()));
    RP_TRY(rp_buffer_status(&text));
    rp_run_text(run, text.data);
    return RP_OK;
}
