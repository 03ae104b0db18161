/* SPDX-License-Identifier: MIT
 *
 * tiny.h — a policy small enough for unit tests: a byte-level tokenizer of the micro-world and a two-layer transformer.
 */
#ifndef REPHRASE_TESTS_TINY_H
#define REPHRASE_TESTS_TINY_H

#include "check.h"

#include "../../src/learn/trainer.h"

#include <string.h>

typedef struct tiny {
    rp_arena *arena;
    rp_recipe recipe;
    rp_policy policy;
    rp_problem_source source;
    rp_trainer *trainers[8];
    size_t trainer_count;
} tiny;

static inline void tiny_open(tiny *t) {
    memset(t, 0, sizeof *t);
    t->arena = rp_arena_create("tiny", 0);
    rp_recipe_defaults(&t->recipe);
    t->recipe.families = "calc1, mean3";
    t->recipe.mix = "easy:1, hard:2";
    t->recipe.vocab = 300;
    t->recipe.num_generations = 4;
    t->recipe.max_completion_length = 12;
    t->recipe.context = 128;
    t->recipe.optimizer.learning_rate = 1e-2;
    t->recipe.optimizer.warmup_steps = 0;
    assert_ok(rp_train_world_tokenizer(t->arena, &t->recipe, &t->policy.tokenizer));
    const rp_model_config config = {.architecture = "llama",
                                    .layers = 2,
                                    .channels = 16,
                                    .heads = 4,
                                    .kv_heads = 2,
                                    .head_size = 4,
                                    .hidden = 24,
                                    .vocab = (int)rp_tokenizer_size(t->policy.tokenizer),
                                    .context = 128,
                                    .rope_theta = 1000,
                                    .norm_epsilon = 1e-5,
                                    .tied_head = true,
                                    .bos = -1,
                                    .eos = {0}, .eos_count = 1};
    assert_ok(rp_model_create(t->arena, &config, &t->policy.model));
    rp_model_init(t->policy.model, 3, 0.2, 0.2);
    assert_ok(rp_policy_finish(&t->recipe, &t->policy));
    assert_ok(rp_problems_open(t->arena, &t->recipe, &t->source));
}

static inline void tiny_close(tiny *t) {
    for (size_t i = 0; i < t->trainer_count; i++) rp_trainer_destroy(t->trainers[i]);
    rp_arena_destroy(t->arena);
}

static inline rp_status tiny_create(tiny *t, const rp_algorithm *a, const rp_settings *settings,
                                    const rp_optimizer *optimizer, const rp_model *reference, rp_trainer **trainer) {
    const rp_trainer_setup setup = {.recipe = &t->recipe,
                                    .source = &t->source,
                                    .policy = &t->policy,
                                    .algorithm = a,
                                    .settings = settings,
                                    .optimizer = optimizer,
                                    .reference = reference};
    return rp_trainer_create(t->arena, &setup, trainer);
}

/* settings: "key", "value", …, NULL. */
static inline rp_trainer *tiny_trainer(tiny *t, const char *algorithm, const char *const *settings) {
    const rp_algorithm *a = rp_algorithm_find(algorithm);
    assert_non_null(a);
    rp_settings s = rp_settings_defaults(a);
    for (; settings && settings[0]; settings += 2) assert_ok(rp_settings_set(a, settings[0], settings[1], &s));
    const rp_optimizer o = {.learning_rate = t->recipe.optimizer.learning_rate,
                            .min_lr_ratio = 1,
                            .beta1 = 0.9,
                            .beta2 = 0.95,
                            .epsilon = 1e-8,
                            .max_grad_norm = 1,
                            .steps = 100};
    rp_trainer *trainer;
    assert_ok(tiny_create(t, a, &s, &o, NULL, &trainer));
    assert_true(t->trainer_count < 8);
    t->trainers[t->trainer_count++] = trainer;
    return trainer;
}

#endif
