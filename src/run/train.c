/* SPDX-License-Identifier: MIT
 *
 * train.c — one algorithm of a run: from the base to a trained policy on the disk.
 */
#include "base.h"
#include "look.h"
#include "stage.h"

static rp_status rl_step(rp_run *run, rp_stage *stage, rp_metrics *metrics, rp_group_report **groups, size_t *group_count) {
    rp_problem *problems;
    /* The problems live beside the step's rows, which the trainer clears at its start: they get the run's arena. */
    RP_TRY(rp_problems_of_step(&run->source, rp_trainer_step(stage->trainer), 0, run->arena, &problems, group_count));
    return rp_trainer_rl_step(stage->trainer, problems, *group_count, metrics, groups);
}

static rp_status train_algorithm(rp_run *run, const rp_algorithm *algorithm, const char *directory, rp_policy *policy,
                                 const rp_model *reference, rp_arena *arena) {
    const rp_recipe *recipe = run->recipe;
    const rp_settings settings = rp_recipe_settings(recipe, algorithm);
    const rp_trainer_setup setup = {.recipe = recipe,
                                    .source = &run->source,
                                    .policy = policy,
                                    .algorithm = algorithm,
                                    .settings = &settings,
                                    .optimizer = &recipe->optimizer,
                                    .reference = reference};
    rp_trainer *trainer;
    RP_TRY(rp_trainer_create(arena, &setup, &trainer));
    rp_stage stage = {.name = algorithm->name,
                      .directory = directory,
                      .trainer = trainer,
                      .steps = recipe->optimizer.steps,
                      .validated = true,
                      .next = rl_step};
    rp_status status = rp_stage_run(run, &stage);
    rp_trainer_destroy(trainer);
    return status;
}

/* A run that asks for more steps than an earlier one finished goes on from its last checkpoint. */
static rp_status need_checkpoint(const rp_run *run, const char *directory, int64_t steps) {
    const char *latest = rp_run_path(run, directory, "checkpoint/latest.json");
    RP_TRY_ALLOC(latest);
    if (rp_file_exists(latest)) return RP_OK;
    return rp_fail(RP_ERR_ARGUMENT, "%s finished its %lld steps without a checkpoint to go on from", run->recipe->out,
                   (long long)steps);
}

rp_status rp_run_train(rp_run *run, const char *base, const rp_algorithm *algorithm, const char *directory, rp_arena *arena,
                       rp_policy *policy) {
    const char *place = rp_run_path(run, directory, "");
    RP_TRY_ALLOC(place);
    int64_t finished = -1;
    if (run->resume) RP_TRY(rp_finished_steps(arena, place, &finished));
    if (finished >= run->recipe->optimizer.steps) return rp_policy_load(arena, run->recipe, place, policy);
    if (finished >= 0) RP_TRY(need_checkpoint(run, directory, finished));
    const rp_settings settings = rp_recipe_settings(run->recipe, algorithm);
    RP_TRY(rp_policy_load(arena, run->recipe, base, policy));
    rp_model *reference = NULL;
    if (algorithm->needs(&settings) & RP_NEEDS_REFERENCE)
        RP_TRY(rp_model_load(arena, base, &reference, &(rp_load_report){0}));
    RP_TRY(rp_run_look(run, policy, &algorithm, 1));
    RP_TRY(train_algorithm(run, algorithm, directory, policy, reference, arena));
    return rp_save_policy(run->arena, policy, place, run->recipe->optimizer.steps);
}
