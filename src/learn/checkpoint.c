/* SPDX-License-Identifier: MIT
 *
 * checkpoint.c — stop anywhere, go on bit for bit.
 *
 * State is the weights, Adam's two moments and two counters; random streams and the data's cursor are functions of the step.
 * The tensors go to a new file named by the step; latest.json, written after it and replaced atomically, is what makes the
 * checkpoint exist; only then are older files removed. The checkpoint before it stays as previous.json with its file: where the
 * latest one does not load (a disk that lies, a file that somebody removed) the run goes on from there. Nothing that is not
 * finite is ever saved, so the last good state cannot be replaced by a bad one.
 */
#include "trainer.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct state_tensor { /* one piece of the trainer's state */
    const char *name;
    real *data;
    size_t rows, columns;
} state_tensor;

/* All of it, for saving and loading alike: three blocks by the parameter table, and the critic where there is one. */
static rp_status list_state(const rp_trainer *t, state_tensor **list, size_t *count) {
    const rp_model *model = t->policy->model;
    const struct {
        const char *kind;
        real *model, *critic;
    } blocks[] = {
        {"weights", model->weights, t->critic.weights},
        {"adam_first", t->first, t->critic.first},
        {"adam_second", t->second, t->critic.second},
    };
    state_tensor *made = rp_alloc_zero(t->work, state_tensor, 3 * (model->parameter_rows + 1));
    RP_TRY_ALLOC(made);
    size_t n = 0;
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < model->parameter_rows; i++) {
            const rp_parameter *p = &model->parameters[i];
            made[n++] = (state_tensor){rp_sprintf(t->work, "%s.%s", blocks[k].kind, p->name), blocks[k].model + p->offset,
                                       p->rows, p->columns};
        }
        if (blocks[k].critic)
            made[n++] = (state_tensor){rp_sprintf(t->work, "%s.critic", blocks[k].kind), blocks[k].critic, 1,
                                       t->critic.channels + 1};
    }
    for (size_t i = 0; i < n; i++) RP_TRY_ALLOC(made[i].name);
    *list = made;
    *count = n;
    return RP_OK;
}

/* A weight or moment that is not finite, or a second moment below 0 (a sum of squares), is damage: it must not be kept. */
static rp_status check_state(const rp_trainer *t, const state_tensor *state, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const bool squares = strncmp(state[i].name, "adam_second.", 12) == 0;
        for (size_t k = 0; k < state[i].rows * state[i].columns; k++)
            if (!isfinite(state[i].data[k]) || (squares && state[i].data[k] < 0))
                return rp_fail(RP_ERR_NUMERIC,
                               "after step %" PRId64
                               ": value %zu of %s is %g; nothing was saved and the checkpoint before it stays",
                               t->step, k, state[i].name, (double)state[i].data[k]);
    }
    return RP_OK;
}

static rp_status save_tensors(const rp_trainer *t, const char *path) {
    state_tensor *state;
    size_t n;
    RP_TRY(list_state(t, &state, &n));
    RP_TRY(check_state(t, state, n));
    rp_tensor_out *tensors = rp_alloc_zero(t->work, rp_tensor_out, n);
    RP_TRY_ALLOC(tensors);
    for (size_t i = 0; i < n; i++)
        tensors[i] = (rp_tensor_out){.name = state[i].name,
                                     .type = rp_precision() == 32 ? RP_F32 : RP_F64,
                                     .rank = 2,
                                     .shape = {state[i].rows, state[i].columns},
                                     .data = state[i].data};
    return rp_safetensors_write(t->work, path, tensors, n, NULL);
}

static rp_status save_pointer(const rp_trainer *t, const char *directory, const char *file) {
    rp_buffer text = rp_buffer_in(t->work);
    rp_json_writer w = rp_json_write_to(&text);
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "file");
    rp_json_put_text(&w, file);
    rp_json_put_key(&w, "algorithm");
    rp_json_put_text(&w, t->algorithm->name);
    rp_json_put_key(&w, "precision");
    rp_json_put_int(&w, rp_precision());
    rp_json_put_key(&w, "step");
    rp_json_put_int(&w, t->step);
    rp_json_put_key(&w, "updates");
    rp_json_put_int(&w, t->updates);
    rp_json_put_key(&w, "failed");
    rp_json_begin_array(&w);
    for (size_t i = 0; i < t->failed_count; i++) {
        rp_json_begin_array(&w);
        rp_json_put_int(&w, t->failed[i].step);
        rp_json_put_int(&w, t->failed[i].number);
        rp_json_end_array(&w);
    }
    rp_json_end_array(&w);
    rp_json_end_object(&w);
    rp_buffer_char(&text, '\n');
    RP_TRY(rp_buffer_status(&text));
    const char *path = rp_path_join(t->work, directory, "latest.json");
    RP_TRY_ALLOC(path);
    return rp_file_write(t->work, path, text.data, text.length);
}

typedef struct pointer {
    char file[64];
    int64_t step, updates;
    failed_question failed[RP_FAILED_MAX];
    size_t failed_count;
} pointer;

static rp_status read_failed(const rp_json *list, pointer *out) {
    RP_TRY(rp_json_require_type(list, RP_JSON_ARRAY));
    if (rp_json_length(list) > RP_FAILED_MAX)
        return rp_json_fail(list, RP_ERR_LIMIT, "has more than %d entries", (int)RP_FAILED_MAX);
    for (size_t i = 0; i < rp_json_length(list); i++) {
        const rp_json pair = rp_json_at(list, i), step = rp_json_at(&pair, 0), number = rp_json_at(&pair, 1);
        RP_TRY(rp_json_get_int(&step, 0, INT64_MAX, &out->failed[i].step));
        RP_TRY(rp_json_get_int(&number, 0, INT64_MAX, &out->failed[i].number));
    }
    out->failed_count = rp_json_length(list);
    return RP_OK;
}

static rp_status read_pointer(const rp_trainer *t, const char *path, pointer *out) {
    rp_json_document *document;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document);
    const rp_json file = rp_json_key(&root, "file"), algorithm = rp_json_key(&root, "algorithm"),
                  precision = rp_json_key(&root, "precision"), step = rp_json_key(&root, "step"),
                  updates = rp_json_key(&root, "updates"), failed = rp_json_key(&root, "failed");
    pointer read = {.step = 0};
    rp_str name = {0}, owner = {0};
    int64_t bits = 0;
    rp_status status = rp_json_get_string(&file, &name);
    if (status == RP_OK) status = rp_json_get_string(&algorithm, &owner);
    if (status == RP_OK) status = rp_json_get_int(&precision, 32, 64, &bits);
    if (status == RP_OK) status = rp_json_get_int(&step, 0, INT64_MAX, &read.step);
    if (status == RP_OK) status = rp_json_get_int(&updates, 0, INT64_MAX, &read.updates);
    if (status == RP_OK) status = read_failed(&failed, &read);
    if (status == RP_OK && (name.length >= sizeof read.file || memchr(name.data, '/', name.length)))
        status = rp_json_fail(&file, RP_ERR_FORMAT, "is not the name of a file beside it");
    if (status == RP_OK && !rp_str_is(owner, t->algorithm->name))
        status = rp_json_fail(&algorithm, RP_ERR_ARGUMENT, "belongs to another algorithm than %s", t->algorithm->name);
    if (status == RP_OK && bits != rp_precision())
        status = rp_json_fail(&precision, RP_ERR_ARGUMENT, "was written by the %d-bit program; this is the %d-bit one",
                              (int)bits, rp_precision());
    if (status == RP_OK) {
        memcpy(read.file, name.data, name.length);
        *out = read;
    }
    rp_json_free(document);
    return status;
}

/* What latest.json says becomes previous.json, word for word. */
static rp_status keep_previous(const rp_trainer *t, const char *latest, const char *previous) {
    rp_str text;
    RP_TRY(rp_file_read(t->work, latest, 1 << 20, &text));
    return rp_file_write(t->work, previous, text.data, text.length);
}

static void remove_file(const rp_trainer *t, const char *directory, const pointer *old) {
    const char *path = rp_path_join(t->work, directory, old->file);
    if (path) (void)unlink(path); /* a leftover file costs room, not correctness */
}

rp_status rp_checkpoint_save(const rp_trainer *t, const char *directory) {
    const rp_arena_mark mark = rp_arena_get_mark(t->work);
    RP_TRY(rp_make_directories(directory));
    const char *latest_path = rp_path_join(t->work, directory, "latest.json");
    const char *previous_path = rp_path_join(t->work, directory, "previous.json");
    const char *file = rp_sprintf(t->work, "step-%09" PRId64 ".safetensors", t->step);
    const char *path = file ? rp_path_join(t->work, directory, file) : NULL;
    if (!latest_path || !previous_path || !path) return RP_ERR_MEMORY;
    pointer latest = {.step = 0}, previous = {.step = 0};
    const bool had = rp_file_exists(latest_path) && read_pointer(t, latest_path, &latest) == RP_OK;
    const bool two = rp_file_exists(previous_path) && read_pointer(t, previous_path, &previous) == RP_OK;
    RP_TRY(save_tensors(t, path));
    const bool again = had && strcmp(latest.file, file) == 0; /* the same step once more: what came before it stays */
    if (had && !again) RP_TRY(keep_previous(t, latest_path, previous_path));
    RP_TRY(save_pointer(t, directory, file));
    if (two && had && !again && strcmp(previous.file, file) != 0 && strcmp(previous.file, latest.file) != 0)
        remove_file(t, directory, &previous);
    rp_arena_rewind(t->work, mark);
    return RP_OK;
}

static rp_status load_tensors(rp_trainer *t, const char *path) {
    state_tensor *state;
    size_t n;
    rp_tensor_file *file;
    RP_TRY(list_state(t, &state, &n));
    RP_TRY(rp_tensors_open(t->work, path, &file));
    rp_status status = RP_OK;
    for (size_t i = 0; i < n && status == RP_OK; i++) { /* check all, then read: a bad file changes nothing */
        const rp_tensor_view *tensor = rp_tensors_find(file, state[i].name);
        if (!tensor || tensor->count != state[i].rows * state[i].columns)
            status = rp_fail(RP_ERR_SHAPE, "%s: has no tensor %s of %zu x %zu values", path, state[i].name, state[i].rows,
                             state[i].columns);
    }
    for (size_t i = 0; i < n && status == RP_OK; i++) {
        const rp_tensor_view *tensor = rp_tensors_find(file, state[i].name);
        rp_tensor_read(tensor, 0, tensor->count, state[i].data);
    }
    rp_tensors_close(file);
    return status;
}

/* Reads the checkpoint that a pointer file names; the trainer is untouched on failure. */
static rp_status load_from(rp_trainer *t, const char *directory, const char *pointer_path) {
    pointer found;
    RP_TRY(read_pointer(t, pointer_path, &found));
    const char *path = rp_path_join(t->work, directory, found.file);
    RP_TRY_ALLOC(path);
    RP_TRY(load_tensors(t, path));
    t->step = found.step;
    t->updates = found.updates;
    memcpy(t->failed, found.failed, found.failed_count * sizeof *t->failed);
    t->failed_count = found.failed_count;
    return RP_OK;
}

/* Damage and absence are a disk's faults, and the checkpoint before helps; another algorithm or precision is the caller's. */
static bool is_damage(rp_status status) {
    return status == RP_ERR_IO || status == RP_ERR_FORMAT || status == RP_ERR_SHAPE;
}

rp_status rp_checkpoint_load(rp_trainer *t, const char *directory, bool *found, rp_buffer *warning) {
    const rp_arena_mark mark = rp_arena_get_mark(t->work);
    const char *latest = rp_path_join(t->work, directory, "latest.json"),
               *previous = rp_path_join(t->work, directory, "previous.json");
    RP_TRY_ALLOC(latest);
    RP_TRY_ALLOC(previous);
    const bool two = rp_file_exists(previous);
    *found = two || rp_file_exists(latest);
    if (!*found) return RP_OK;
    rp_status status = load_from(t, directory, latest);
    if (is_damage(status) && two) {
        rp_buffer_text(warning, rp_last_error());
        rp_buffer_text(warning, "; the run goes on from the checkpoint before it");
        RP_TRY(rp_buffer_status(warning));
        status = load_from(t, directory, previous);
    }
    rp_arena_rewind(t->work, mark);
    return status;
}
