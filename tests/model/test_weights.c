/* SPDX-License-Identifier: MIT */
#include "golden.h"
#include "tiny.h"

static void gguf_case(rp_arena *arena, const golden_case *g) {
    rp_model *from_hf, *from_gguf;
    rp_load_report report;
    char path[2048];
    assert_ok(rp_model_load(arena, source_path(g->folder), &from_hf, &report));
    assert_string_equal(report.types, "F32");
    assert_int_equal(report.tensors, from_hf->parameter_rows);
    assert_int_equal(report.file_bytes, from_hf->count * 4);
    (void)snprintf(path, sizeof path, "%s/model.gguf", source_path(g->folder));
    assert_ok(rp_model_load(arena, path, &from_gguf, NULL));
    assert_int_equal(from_hf->count, from_gguf->count);
    assert_memory_equal(from_hf->weights, from_gguf->weights, from_hf->count * sizeof(real));
    (void)snprintf(path, sizeof path, "%s/model.safetensors", source_path(g->folder));
    assert_ok(rp_model_load(arena, path, &from_gguf, NULL)); /* the file by its own name */
    assert_memory_equal(from_hf->weights, from_gguf->weights, from_hf->count * sizeof(real));
}

static void test_gguf_and_safetensors_give_the_same_weights(void **state) {
    (void)state;
    for_each_golden(gguf_case);
}

static void test_saving_and_loading_round_trips(void **state) {
    (void)state;
    for (size_t c = 0; c < TINY_CONFIGS; c++) {
        rp_arena *arena = rp_arena_create("test", 0);
        const rp_model *model = tiny_model(arena, &tiny_configs[c]);
        char folder[2048];
        (void)snprintf(folder, sizeof folder, "%s", temporary_path("saved"));
        const rp_dtype exact = sizeof(real) == 8 ? RP_F64 : RP_F32;
        rp_model *loaded;
        assert_ok(rp_model_save(arena, model, folder, exact));
        assert_ok(rp_model_load(arena, folder, &loaded, NULL));
        assert_memory_equal(&loaded->config, &model->config, sizeof model->config);
        assert_memory_equal(loaded->weights, model->weights, model->count * sizeof(real));
        assert_ok(rp_model_save(arena, model, folder, RP_BF16));
        assert_ok(rp_model_load(arena, folder, &loaded, NULL));
        assert_close(loaded->weights, model->weights, model->count, 0, 1.0 / 256); /* 8 significant bits */
        assert_fails(rp_model_save(arena, model, folder, RP_Q4_0), RP_ERR_ARGUMENT, "not as Q4_0");
        rp_arena_destroy(arena);
    }
}

static void test_a_value_that_is_not_finite_is_named(void **state) {
    (void)state;
    static const real values[] = {(real)NAN, (real)INFINITY, (real)-INFINITY};
    rp_arena *arena = rp_arena_create("test", 0);
    rp_model *model = tiny_model(arena, &tiny_configs[0]);
    const char *folder = rp_strdup(arena, temporary_path("not-finite"));
    assert_ok(rp_model_save(arena, model, folder, RP_F32));
    const rp_parameter *p = &model->parameters[2];
    real *at = model->weights + p->offset + 1;
    const real good = *at;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        *at = values[i];
        assert_fails(rp_model_save(arena, model, folder, RP_F32), RP_ERR_NUMERIC, "nothing is saved");
        assert_non_null(strstr(rp_last_error(), p->name));
        *at = good;
        rp_model *loaded;
        assert_ok(rp_model_load(arena, folder, &loaded, NULL)); /* the earlier file is whole */
        const rp_parameter *all = model->parameters;
        rp_tensor_out *tensors = rp_alloc(arena, rp_tensor_out, model->parameter_rows);
        *at = values[i];
        for (size_t k = 0; k < model->parameter_rows; k++) {
            const bool vector = all[k].rows == 1;
            tensors[k] = (rp_tensor_out){all[k].name,
                                         RP_F32,
                                         vector ? 1 : 2,
                                         {vector ? all[k].columns : all[k].rows, all[k].columns},
                                         model->weights + all[k].offset};
        }
        const char *path = rp_path_join(arena, folder, "model.safetensors");
        assert_ok(rp_safetensors_write(arena, path, tensors, model->parameter_rows, NULL));
        assert_fails(rp_model_load(arena, folder, &loaded, NULL), RP_ERR_NUMERIC, p->name);
        *at = good;
        assert_ok(rp_model_save(arena, model, folder, RP_F32));
    }
    rp_arena_destroy(arena);
}

/* Saves model, loads it with the configuration `as`. */
static rp_status load_as(rp_arena *arena, const rp_model *model, const rp_model_config *as) {
    char folder[2048];
    (void)snprintf(folder, sizeof folder, "%s", temporary_path("mismatch"));
    assert_ok(rp_model_save(arena, model, folder, RP_F32));
    assert_ok(rp_config_write_json(arena, as, RP_F32, rp_path_join(arena, folder, "config.json")));
    rp_model *loaded = NULL;
    const size_t used = rp_arena_used(arena);
    const rp_status status = rp_model_load(arena, folder, &loaded, NULL);
    if (status != RP_OK) {
        assert_null(loaded);
        assert_int_equal(rp_arena_used(arena), used);
    }
    return status;
}

static void test_what_does_not_fit_is_named(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_model *model = tiny_model(arena, &tiny_configs[0]);
    rp_model_config as = model->config;
    assert_ok(load_as(arena, model, &as));
    as.vocab = 38;
    assert_fails(load_as(arena, model, &as), RP_ERR_SHAPE,
                 "tensor model.embed_tokens.weight has shape (37, 24); the model's model.embed_tokens.weight has (38, 24)");
    as = model->config;
    as.channels = 26;
    as.vocab = 37;
    assert_fails(load_as(arena, model, &as), RP_ERR_SHAPE, "(37, 24)");
    as = model->config;
    as.tied_head = false;
    assert_fails(load_as(arena, model, &as), RP_ERR_FORMAT, "has no tensor lm_head.weight");
    as = model->config;
    as.layers = 1;
    assert_fails(load_as(arena, model, &as), RP_ERR_UNSUPPORTED,
                 "tensor model.layers.1.input_layernorm.weight has no place in a llama model");
    as = model->config;
    as.layers = 1000; /* a configuration that promises more than the file holds takes no memory for it */
    as.hidden = 1 << 18;
    assert_fails(load_as(arena, model, &as), RP_ERR_SHAPE, "gate_proj");
    rp_model *none;
    assert_fails(rp_model_load(arena, temporary_path("nothing-here"), &none, NULL), RP_ERR_IO, "nothing-here");
    rp_arena_destroy(arena);
}

static void test_a_tied_model_ignores_a_stored_head(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_model *model = tiny_model(arena, &tiny_configs[1]); /* own head */
    rp_model_config as = model->config;
    as.tied_head = true;
    assert_ok(load_as(arena, model, &as));
    rp_arena_destroy(arena);
}

/* The rows [first, last) of the table as one file of a checkpoint; adds them to the index. */
static void write_shard(rp_arena *arena, const rp_model *model, const char *folder, int number, size_t first, size_t last,
                        rp_buffer *index) {
    rp_tensor_out *out = rp_alloc(arena, rp_tensor_out, last - first);
    const char *name = rp_sprintf(arena, "model-%d-of-2.safetensors", number);
    for (size_t i = first; i < last; i++) {
        const rp_parameter *p = &model->parameters[i];
        const bool vector = p->rows == 1;
        out[i - first] = (rp_tensor_out){
            p->name, RP_F64, vector ? 1 : 2, {vector ? p->columns : p->rows, p->columns}, model->weights + p->offset};
        rp_buffer_format(index, "%s\"%s\":\"%s\"", index->data[index->length - 1] == '"' ? "," : "", p->name, name);
    }
    assert_ok(rp_safetensors_write(arena, rp_path_join(arena, folder, name), out, last - first, NULL));
}

/* The model in two files, without its last `left_out` tensors. */
static rp_status load_sharded(rp_arena *arena, const rp_model *model, size_t left_out, rp_model **loaded) {
    const char *folder = rp_strdup(arena, temporary_path("sharded"));
    const size_t rows = model->parameter_rows - left_out, half = rows / 2;
    rp_buffer index = rp_buffer_in(arena);
    assert_ok(rp_make_directories(folder));
    rp_buffer_text(&index, "{\"weight_map\":{ ");
    write_shard(arena, model, folder, 1, 0, half, &index);
    write_shard(arena, model, folder, 2, half, rows, &index);
    rp_buffer_text(&index, "}}");
    assert_ok(rp_file_write(arena, rp_path_join(arena, folder, "model.safetensors.index.json"), index.data, index.length));
    assert_ok(rp_config_write_json(arena, &model->config, RP_F64, rp_path_join(arena, folder, "config.json")));
    return rp_model_load(arena, folder, loaded, NULL);
}

static void test_a_checkpoint_in_several_files(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    for (size_t c = 0; c < TINY_CONFIGS; c++) {
        const rp_model *model = tiny_model(arena, &tiny_configs[c]);
        rp_model *loaded = NULL;
        assert_ok(load_sharded(arena, model, 0, &loaded));
        assert_memory_equal(loaded->weights, model->weights, model->count * sizeof(real));
        loaded = NULL;
        assert_fails(load_sharded(arena, model, 1, &loaded), RP_ERR_FORMAT,
                     rp_sprintf(arena, "has no tensor %s", model->parameters[model->parameter_rows - 1].name));
        assert_null(loaded);
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gguf_and_safetensors_give_the_same_weights),
        cmocka_unit_test(test_saving_and_loading_round_trips),
        cmocka_unit_test(test_a_value_that_is_not_finite_is_named),
        cmocka_unit_test(test_what_does_not_fit_is_named),
        cmocka_unit_test(test_a_checkpoint_in_several_files),
        cmocka_unit_test(test_a_tied_model_ignores_a_stored_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
