/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a model: a GGUF file, or else the config.json beside a small file of weights. Loading must fail or give a model
 * of the sizes its configuration states, in memory that the weights justify; a configuration that is accepted must come back
 * the same when it is written and read.
 */
#include "fuzz.h"

#include <rephrase/model.h>

#include <string.h>

static void check_config(rp_arena *arena, const char *folder, const rp_model_config *config) {
    rp_model_config again;
    memset(&again, 0, sizeof again);
    const char *path = rp_path_join(arena, folder, "written.json");
    RP_REQUIRE(rp_config_check(config) == RP_OK);
    RP_REQUIRE(rp_config_write_json(arena, config, RP_F32, path) == RP_OK);
    RP_REQUIRE(rp_config_from_json(path, &again) == RP_OK);
    /* A scaling that is not used leaves its numbers behind: compared is what the model computes with. */
    RP_REQUIRE(strcmp(again.architecture, config->architecture) == 0);
    RP_REQUIRE(again.layers == config->layers && again.channels == config->channels && again.heads == config->heads);
    RP_REQUIRE(again.kv_heads == config->kv_heads && again.head_size == config->head_size);
    RP_REQUIRE(again.hidden == config->hidden && again.vocab == config->vocab && again.context == config->context);
    RP_REQUIRE(again.rope_theta == config->rope_theta && again.norm_epsilon == config->norm_epsilon);
    RP_REQUIRE(again.rope_scaling == config->rope_scaling && again.tied_head == config->tied_head);
    RP_REQUIRE(again.bos == config->bos && again.eos_count == config->eos_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum {
        WEIGHTS = 1 << 16,
        TABLES = 1 << 22
    }; /* bytes: the golden model's; tables of 1000 layers, the most there may be */
    static const char *folder;
    if (!folder) {
        folder = folder_with_link("config.json", as_file(data, size));
        link_in(folder, "model.safetensors", RP_SOURCE "/data/golden/v1/model/llama-tied/model.safetensors");
    }
    const bool gguf = size >= 4 && memcmp(data, "GGUF", 4) == 0;
    const char *path = as_file(data, size);
    rp_arena *arena = fuzz_arena();
    rp_model_config config;
    memset(&config, 0, sizeof config);
    if (!gguf && rp_config_from_json(path, &config) == RP_OK) check_config(arena, folder, &config);
    arena = fuzz_arena();
    rp_model *model;
    const rp_status status = rp_model_load(arena, gguf ? path : folder, &model, NULL);
    RP_REQUIRE(rp_arena_peak(arena) < 64 * size + WEIGHTS + TABLES);
    if (status != RP_OK) {
        RP_REQUIRE(rp_arena_used(arena) == 0);
        return 0;
    }
    check_config(arena, folder, &model->config);
    size_t count = 0;
    for (size_t i = 0; i < model->parameter_rows; i++) {
        RP_REQUIRE(model->parameters[i].offset == count);
        count += model->parameters[i].rows * model->parameters[i].columns;
    }
    RP_REQUIRE(count == model->count);
    (void)rp_hash64(model->weights, model->count * sizeof *model->weights, 0);
    return 0;
}
