/* SPDX-License-Identifier: MIT
 *
 * score.c — log-probabilities of finished rows, without gradients: log π_old, log π_ref, and log π(o | q, k).
 */
#include "critic.h"
#include "rows.h"

rp_status rp_rows_logp(const rp_scoring *how, const rp_row *rows, size_t count, rp_row_values out) {
    const rp_model *model = how->model;
    rp_arena *work = how->work;
    size_t done = 0;
    for (size_t first = 0, end; first < count; first = end) {
        const rp_arena_mark mark = rp_arena_get_mark(work);
        end = rp_rows_fit(rows, count, first, how->micro_tokens);
        rp_packed packed;
        RP_TRY(rp_rows_pack(work, rows + first, end - first, &packed));
        RP_TRY(rp_packed_check(model, &packed));
        rp_workspace *workspace;
        RP_TRY(rp_workspace_create(work, model, packed.start[packed.sequences], packed.scored, false, &workspace));
        rp_model_forward(model, &packed, how->temperature, workspace, out.logp + done,
                         out.entropy ? out.entropy + done : NULL);
        if (out.value) rp_critic_values(how->critic, rp_model_hidden(workspace), packed.scored, out.value + done);
        if (out.top)
            rp_model_logp_of(model, &packed, how->temperature, workspace, out.top_ids + done * out.top, out.top,
                             out.top_logp + done * out.top);
        done += packed.scored;
        rp_arena_rewind(work, mark);
    }
    return RP_OK;
}
