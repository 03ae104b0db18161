/* SPDX-License-Identifier: MIT
 *
 * stage.h — private to this layer: a loop of training steps with logs and checkpoints, and what it cost.
 */
#ifndef REPHRASE_RUN_STAGE_H
#define REPHRASE_RUN_STAGE_H

#include <rephrase/run.h>

typedef struct rp_stage rp_stage;
struct rp_stage {
    const char *name;      /* for people */
    const char *directory; /* within the run's; "" = the run's own */
    rp_trainer *trainer;
    int64_t steps;
    bool validated; /* looks at the validation problems along the way, where the recipe says so */
    /* Does one step. */
    rp_status (*next)(rp_run *run, rp_stage *stage, rp_metrics *metrics, rp_group_report **groups, size_t *group_count);
};
rp_status rp_stage_run(rp_run *run, rp_stage *stage) RP_MUST_CHECK;
/* Prints tokens per second and the share of the measured matrix-product peak. */
rp_status rp_run_speed(const rp_run *run) RP_MUST_CHECK;

#endif
