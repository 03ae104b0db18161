/* SPDX-License-Identifier: MIT
 *
 * weights.c — from a checkpoint to the parameter table and back.
 *
 * The table's names are Hugging Face's, so a safetensors file is looked up directly; GGUF names are translated. All shapes
 * are compared before any memory for weights is taken, and a tensor the model has no place for is an error: it would mean
 * that the model computes something else than its file says. Values are converted on all cores, in pieces.
 *
 * GGUF files of the llama family pair neighbouring rows of q and k for rotary positions where Hugging Face pairs rows i and
 * i + D/2. Row 2i + b of a head in the file is row b·D/2 + i here. Qwen files are not permuted.
 */
#include "config.h"
#include "pass.h"

#include <math.h>
#include <string.h>

/* ---- Names
 * ------------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *ours, *gguf; /* within a layer */
} gguf_names[] = {
    {"input_layernorm.weight", "attn_norm.weight"},
    {"self_attn.q_proj.weight", "attn_q.weight"},
    {"self_attn.k_proj.weight", "attn_k.weight"},
    {"self_attn.v_proj.weight", "attn_v.weight"},
    {"self_attn.q_proj.bias", "attn_q.bias"},
    {"self_attn.k_proj.bias", "attn_k.bias"},
    {"self_attn.v_proj.bias", "attn_v.bias"},
    {"self_attn.q_norm.weight", "attn_q_norm.weight"},
    {"self_attn.k_norm.weight", "attn_k_norm.weight"},
    {"self_attn.o_proj.weight", "attn_output.weight"},
    {"post_attention_layernorm.weight", "ffn_norm.weight"},
    {"mlp.gate_proj.weight", "ffn_gate.weight"},
    {"mlp.up_proj.weight", "ffn_up.weight"},
    {"mlp.down_proj.weight", "ffn_down.weight"},
    {"model.embed_tokens.weight", "token_embd.weight"},
    {"model.norm.weight", "output_norm.weight"},
    {"lm_head.weight", "output.weight"},
};

/* "model.layers.3.mlp.up_proj.weight" → "blk.3.ffn_up.weight" */
static void gguf_name(const char *ours, char out[80]) {
    static const char prefix[] = "model.layers.";
    char layer[16] = "";
    const char *rest = ours;
    if (strncmp(ours, prefix, sizeof prefix - 1) == 0) {
        const char *number = ours + sizeof prefix - 1;
        const size_t digits = strspn(number, "0123456789");
        (void)snprintf(layer, sizeof layer, "blk.%.*s.", (int)digits, number);
        rest = number + digits + 1;
    }
    for (size_t i = 0; i < sizeof gguf_names / sizeof *gguf_names; i++)
        if (strcmp(rest, gguf_names[i].ours) == 0) (void)snprintf(out, 80, "%s%s", layer, gguf_names[i].gguf);
}

/* ---- Matching
 * ----------------------------------------------------------------------------------------------------------------- */

/* What to read into a parameter. */
typedef struct source {
    const rp_tensor_view *tensor;
    size_t permuted_head; /* D when rows of q or k are paired the other way; else 0 */
} source;

static rp_status fail_shape(const rp_tensor_view *tensor, const rp_parameter *p) {
    char found[96] = "";
    size_t n = 0;
    for (int i = 0; i < tensor->rank; i++)
        n += (size_t)snprintf(found + n, sizeof found - n, "%s%zu", i ? ", " : "", tensor->shape[i]);
    const char *name = tensor->name.data;
    if (p->rows == 1)
        return rp_fail(RP_ERR_SHAPE, "%s: tensor %.*s has shape (%s); the model's %s has (%zu)", tensor->file,
                       (int)tensor->name.length, name, found, p->name, p->columns);
    return rp_fail(RP_ERR_SHAPE, "%s: tensor %.*s has shape (%s); the model's %s has (%zu, %zu)", tensor->file,
                   (int)tensor->name.length, name, found, p->name, p->rows, p->columns);
}

static bool same_shape(const rp_tensor_view *t, const rp_parameter *p) {
    if (t->rank == 1) return p->rows == 1 && t->shape[0] == p->columns;
    return t->rank == 2 && t->shape[0] == p->rows && t->shape[1] == p->columns;
}

static rp_status match(const rp_tensor_file *file, const rp_model *model, source *sources) {
    const bool gguf = rp_tensors_is_gguf(file), permuted = gguf && strcmp(model->config.architecture, "llama") == 0;
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        char name[80];
        if (gguf)
            gguf_name(p->name, name);
        else
            (void)snprintf(name, sizeof name, "%s", p->name);
        const rp_tensor_view *tensor = rp_tensors_find(file, name);
        if (!tensor) return rp_fail(RP_ERR_FORMAT, "the checkpoint has no tensor %s", name);
        if (!same_shape(tensor, p)) return fail_shape(tensor, p);
        const bool rotated = strstr(p->name, "q_proj.weight") || strstr(p->name, "k_proj.weight");
        sources[i] = (source){tensor, permuted && rotated ? (size_t)model->config.head_size : 0};
    }
    return RP_OK;
}

static bool ends_with(rp_str name, const char *end) {
    const size_t n = strlen(end);
    return name.length >= n && memcmp(name.data + name.length - n, end, n) == 0;
}

/* Tensors that a file may have beside the parameters: tables that follow from the configuration, the head when it is tied.
 */
static bool may_be_left(rp_str name, const rp_model_config *config) {
    return ends_with(name, "rotary_emb.inv_freq") || rp_str_is(name, "rope_freqs.weight") ||
           (config->tied_head && rp_str_is(name, "lm_head.weight"));
}

static bool is_used(const rp_tensor_view *tensor, const rp_model *model, const source *sources) {
    for (size_t i = 0; i < model->parameter_rows; i++)
        if (sources[i].tensor == tensor) return true;
    return false;
}

static rp_status refuse_left_overs(const rp_tensor_file *file, const rp_model *model, const source *sources) {
    for (size_t i = 0; i < rp_tensors_count(file); i++) {
        const rp_tensor_view *tensor = rp_tensors_get(file, i);
        if (!is_used(tensor, model, sources) && !may_be_left(tensor->name, &model->config))
            return rp_fail(RP_ERR_UNSUPPORTED, "%s: tensor %.*s has no place in a %s model of this configuration",
                           tensor->file, (int)tensor->name.length, tensor->name.data, model->config.architecture);
    }
    return RP_OK;
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* A NaN or an infinity among the weights spreads to every logit: it is named here and not met later. The sum of value - value
 * is 0 for finite values and NaN otherwise, and needs no branch per value. */
static rp_status check_finite(const rp_model *model) {
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        const real *w = model->weights + p->offset;
        const size_t n = p->rows * p->columns;
        real suspicion = 0;
        for (size_t k = 0; k < n; k++) suspicion += w[k] - w[k];
        if (suspicion == 0) continue;
        size_t at = 0;
        while (isfinite(w[at])) at++;
        return rp_fail(RP_ERR_NUMERIC, "tensor %s: value %zu of %zu is %s", p->name, at, n, isnan(w[at]) ? "NaN" : "infinite");
    }
    return RP_OK;
}

static void read_rows(const source *from, const rp_parameter *p, size_t first, size_t last, real *weights) {
    const size_t columns = p->columns, D = from->permuted_head;
    real *to = weights + p->offset;
    if (D == 0) {
        rp_tensor_read(from->tensor, first * columns, (last - first) * columns, to + first * columns);
        return;
    }
    for (size_t row = first; row < last; row++) { /* row of ours: head, half b, pair i */
        const size_t head = row / D, b = row % D / (D / 2), i = row % (D / 2);
        rp_tensor_read(from->tensor, (head * D + 2 * i + b) * columns, columns, to + row * columns);
    }
}

/* Threads take pieces of whatever parameter is next; none waits before all are read. */
static void read_weights(const rp_model *model, const source *sources) {
    enum { PIECE = 1 << 18 };
#pragma omp parallel
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        const size_t step = PIECE / p->columns + 1;
#pragma omp for schedule(dynamic) nowait
        for (size_t first = 0; first < p->rows; first += step)
            read_rows(&sources[i], p, first, first + step < p->rows ? first + step : p->rows, model->weights);
    }
}

static void describe(const rp_model *model, const source *sources, rp_load_report *report) {
    bool seen[RP_DTYPE_COUNT] = {false};
    *report = (rp_load_report){.tensors = model->parameter_rows};
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_tensor_view *tensor = sources[i].tensor;
        report->file_bytes += tensor->bytes;
        if (seen[tensor->type]) continue;
        seen[tensor->type] = true;
        const size_t n = strlen(report->types);
        (void)snprintf(report->types + n, sizeof report->types - n, "%s%s", n ? ", " : "", rp_dtype_name(tensor->type));
    }
}

static rp_status load_from(rp_arena *arena, const rp_tensor_file *file, const rp_model_config *config, rp_model **model,
                           rp_load_report *report) {
    rp_model *m;
    RP_TRY(rp_model_describe(arena, config, &m));
    source *sources = rp_alloc(arena, source, m->parameter_rows);
    RP_TRY_ALLOC(sources);
    RP_TRY(match(file, m, sources));
    RP_TRY(refuse_left_overs(file, m, sources));
    m->weights = rp_alloc(arena, real, m->count);
    RP_TRY_ALLOC(m->weights);
    read_weights(m, sources);
    RP_TRY(check_finite(m));
    if (report) describe(m, sources, report);
    *model = m;
    return RP_OK;
}

static rp_status config_beside(rp_arena *arena, const char *path, rp_model_config *config) {
    const char *directory = rp_file_is_directory(path) ? path : rp_path_directory(arena, path);
    RP_TRY_ALLOC(directory);
    const char *file = rp_path_join(arena, directory, "config.json");
    RP_TRY_ALLOC(file);
    return rp_config_from_json(file, config);
}

rp_status rp_model_load(rp_arena *arena, const char *path, rp_model **model, rp_load_report *report) {
    const double start = rp_seconds();
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_tensor_file *file;
    RP_TRY(rp_tensors_open(arena, path, &file));
    rp_model_config config;
    rp_status status = rp_tensors_is_gguf(file) ? rp_config_from_gguf(file, &config) : config_beside(arena, path, &config);
    if (status == RP_OK) status = load_from(arena, file, &config, model, report);
    rp_tensors_close(file);
    if (status != RP_OK) {
        rp_arena_rewind(arena, mark);
        return rp_fail_prefix(status, "loading the model %s", path);
    }
    if (report) report->seconds = rp_seconds() - start;
    return RP_OK;
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

rp_status rp_model_save(rp_arena *scratch, const rp_model *model, const char *directory, rp_dtype type) {
    static const char *const metadata[] = {"format", "pt", NULL}; /* transformers asks for it */
    if (type != RP_F32 && type != RP_F64 && type != RP_BF16)
        return rp_fail(RP_ERR_ARGUMENT, "models are saved as F32, F64 or BF16, not as %s", rp_dtype_name(type));
    if (check_finite(model) != RP_OK) return rp_fail_prefix(RP_ERR_NUMERIC, "%s: nothing is saved", directory);
    RP_TRY(rp_make_directories(directory));
    const rp_arena_mark mark = rp_arena_get_mark(scratch);
    rp_tensor_out *tensors = rp_alloc(scratch, rp_tensor_out, model->parameter_rows);
    const char *weights_path = rp_path_join(scratch, directory, "model.safetensors");
    const char *config_path = rp_path_join(scratch, directory, "config.json");
    if (!tensors || !weights_path || !config_path) return RP_ERR_MEMORY;
    for (size_t i = 0; i < model->parameter_rows; i++) {
        const rp_parameter *p = &model->parameters[i];
        const bool vector = p->rows == 1;
        tensors[i] = (rp_tensor_out){
            p->name, type, vector ? 1 : 2, {vector ? p->columns : p->rows, p->columns}, model->weights + p->offset};
    }
    rp_status status = rp_safetensors_write(scratch, weights_path, tensors, model->parameter_rows, metadata);
    if (status == RP_OK) status = rp_config_write_json(scratch, &model->config, type, config_path);
    rp_arena_rewind(scratch, mark);
    return status;
}
