/* SPDX-License-Identifier: MIT
 *
 * base.c — the base of a micro-world run: tokenizer, initial weights, pretraining, saved where every algorithm loads it from.
 */
#include "base.h"
#include "stage.h"

#include <string.h>

/* finished.json is written last, so its presence says that all else was written. */
static rp_status mark_finished(rp_arena *scratch, const char *directory, int64_t steps) {
    const char *path = rp_path_join(scratch, directory, "finished.json");
    const char *text = rp_sprintf(scratch, "{\"steps\": %lld}\n", (long long)steps);
    if (!path || !text) return RP_ERR_MEMORY;
    return rp_file_write(scratch, path, text, strlen(text));
}

static rp_status read_finished(const char *path, int64_t *steps) {
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document), at = rp_json_key(&root, "steps");
    const rp_status status = rp_json_get_int(&at, 0, INT64_MAX, steps);
    rp_json_free(document);
    return status;
}

rp_status rp_finished_steps(rp_arena *scratch, const char *directory, int64_t *steps) {
    static const char *const files[] = {"model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"};
    *steps = -1;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = rp_path_join(scratch, directory, files[i]);
        RP_TRY_ALLOC(path);
        if (!rp_file_exists(path)) return RP_OK;
    }
    const char *mark = rp_path_join(scratch, directory, "finished.json");
    RP_TRY_ALLOC(mark);
    *steps = INT64_MAX;
    return rp_file_exists(mark) ? read_finished(mark, steps) : RP_OK;
}

rp_status rp_save_policy(rp_arena *scratch, const rp_policy *policy, const char *directory, int64_t steps) {
    RP_TRY(rp_make_directories(directory));
    const char *tokenizer = rp_path_join(scratch, directory, "tokenizer.json");
    RP_TRY_ALLOC(tokenizer);
    RP_TRY(rp_tokenizer_save(scratch, policy->tokenizer, tokenizer));
    const char *settings = rp_path_join(scratch, directory, "tokenizer_config.json");
    RP_TRY_ALLOC(settings);
    RP_TRY(rp_tokenizer_save_config(scratch, policy->tokenizer, settings));
    RP_TRY(rp_model_save(scratch, policy->model, directory, rp_precision() == 32 ? RP_F32 : RP_F64));
    return mark_finished(scratch, directory, steps);
}

static rp_model_config config_of(const rp_recipe *recipe, const rp_tokenizer *tokenizer) {
    rp_model_config config = {.architecture = "llama",
                              .layers = (int)recipe->layers,
                              .channels = (int)recipe->channels,
                              .heads = (int)recipe->heads,
                              .kv_heads = (int)recipe->kv_heads,
                              .head_size = (int)(recipe->channels / recipe->heads),
                              .hidden = (int)recipe->hidden,
                              .vocab = (int)rp_tokenizer_size(tokenizer),
                              .context = (int)recipe->context,
                              .rope_theta = recipe->rope_theta,
                              .norm_epsilon = 1e-5,
                              .tied_head = recipe->tied,
                              .bos = -1,
                              .eos = {rp_token_id(tokenizer, "<|endoftext|>")},
                              .eos_count = 1};
    return config;
}

static rp_status pretrain_step(rp_run *run, rp_stage *stage, rp_metrics *metrics, rp_group_report **groups,
                               size_t *group_count) {
    rp_trainer *trainer = stage->trainer;
    const double began = rp_seconds();
    RP_TRY(rp_trainer_begin_step(trainer));
    rp_row *rows;
    size_t count;
    rp_metrics_set(metrics, "step", (double)(rp_trainer_step(trainer) + 1));
    RP_TRY(rp_pretrain_rows(&run->source, rp_trainer_policy(trainer), rp_trainer_step(trainer), rp_trainer_rows(trainer),
                            &rows, &count));
    RP_TRY(rp_trainer_update(trainer, rows, count, count, metrics));
    rp_metrics_set(metrics, "seconds_update", rp_seconds() - began);
    rp_metrics_set(metrics, "seconds", rp_seconds() - began);
    *groups = NULL;
    *group_count = 0;
    return RP_OK;
}

static rp_status build_policy(rp_run *run, rp_arena *arena, rp_policy *policy) {
    const rp_recipe *recipe = run->recipe;
    if (recipe->channels % recipe->heads != 0)
        return rp_fail(RP_ERR_ARGUMENT, "channels = %lld is not a multiple of heads = %lld", (long long)recipe->channels,
                       (long long)recipe->heads);
    rp_policy made = {0};
    if (*recipe->tokenizer)
        RP_TRY(rp_tokenizer_load(arena, recipe->tokenizer, &made.tokenizer));
    else
        RP_TRY(rp_train_world_tokenizer(arena, recipe, &made.tokenizer));
    const rp_model_config config = config_of(recipe, made.tokenizer);
    RP_TRY(rp_config_check(&config));
    RP_TRY(rp_model_create(arena, &config, &made.model));
    rp_model_init(made.model, (uint64_t)recipe->seed, recipe->init_std, recipe->embedding_std);
    RP_TRY(rp_policy_finish(recipe, &made));
    *policy = made;
    return RP_OK;
}

static rp_status pretrain(rp_run *run, rp_arena *arena, const char *directory) {
    rp_policy policy;
    RP_TRY(build_policy(run, arena, &policy));
    /* The pretraining pass is sft on the world's examples at temperature 1, whatever temperature the rollouts have. */
    rp_recipe *recipe = rp_alloc(arena, rp_recipe, 1);
    RP_TRY_ALLOC(recipe);
    *recipe = *run->recipe;
    recipe->temperature = 1;
    recipe->num_iterations = recipe->minibatches = 1;
    const rp_algorithm *sft = rp_algorithm_find("sft");
    const rp_settings settings = rp_settings_defaults(sft);
    const rp_trainer_setup setup = {.recipe = recipe,
                                    .source = &run->source,
                                    .policy = &policy,
                                    .algorithm = sft,
                                    .settings = &settings,
                                    .optimizer = &recipe->pretrain_optimizer};
    rp_trainer *trainer;
    RP_TRY(rp_trainer_create(arena, &setup, &trainer));
    rp_stage stage = {.name = "base",
                      .directory = "base",
                      .trainer = trainer,
                      .steps = recipe->pretrain_optimizer.steps,
                      .next = pretrain_step};
    rp_status status = rp_stage_run(run, &stage);
    if (status == RP_OK) status = rp_save_policy(run->arena, &policy, directory, recipe->pretrain_optimizer.steps);
    rp_trainer_destroy(trainer);
    return status;
}

rp_status rp_run_pretrain(rp_run *run, const char **base) {
    const char *place = rp_run_path(run, "base", "");
    RP_TRY_ALLOC(place);
    *base = place;
    int64_t finished = -1;
    if (run->resume) RP_TRY(rp_finished_steps(run->arena, place, &finished));
    if (finished >= 0) return RP_OK;
    rp_arena *arena = rp_arena_create("base model and optimiser", 0);
    RP_TRY_ALLOC(arena);
    const rp_status status = pretrain(run, arena, place);
    rp_arena_destroy(arena);
    return status;
}
