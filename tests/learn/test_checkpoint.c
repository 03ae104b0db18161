/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <stdlib.h>

static const char *directory;
static char warned[512];

static rp_status load(rp_trainer *trainer, const char *place, bool *found) {
    rp_arena *arena = rp_arena_create("warning", 0);
    rp_buffer warning = rp_buffer_in(arena);
    const rp_status status = rp_checkpoint_load(trainer, place, found, &warning);
    (void)snprintf(warned, sizeof warned, "%.*s", (int)warning.length, warning.data ? warning.data : "");
    rp_arena_destroy(arena);
    return status;
}

/* An empty place for checkpoints: an earlier run of this program may have left files there. */
static const char *fresh_place(rp_arena *arena, const char *name) {
    const char *place = rp_strdup(arena, temporary_path(name));
    assert_non_null(place);
    (void)remove(rp_path_join(arena, place, "latest.json"));
    (void)remove(rp_path_join(arena, place, "previous.json"));
    for (int step = 0; step < 6; step++)
        (void)remove(rp_path_join(arena, place, rp_sprintf(arena, "step-%09d.safetensors", step)));
    return place;
}

static void run_steps(tiny *t, rp_trainer *trainer, int count) {
    for (int i = 0; i < count; i++) {
        rp_problem *problems;
        size_t n;
        rp_metrics metrics = {.count = 0};
        assert_ok(rp_problems_of_step(&t->source, rp_trainer_step(trainer), 0, t->arena, &problems, &n));
        assert_ok(rp_trainer_rl_step(trainer, problems, n, &metrics, NULL));
    }
}

static void test_a_loaded_checkpoint_goes_on_bit_for_bit(void **state) {
    (void)state;
    static const char *const raw[] = {"source", "raw", NULL};
    tiny a, b;
    bool found = true;
    tiny_open(&a);
    tiny_open(&b);
    rp_trainer *straight = tiny_trainer(&a, "repo", raw), *resumed = tiny_trainer(&b, "repo", raw);
    assert_ok(load(resumed, "/no/such/place", &found));
    assert_false(found);
    run_steps(&a, straight, 2);
    assert_ok(rp_checkpoint_save(straight, directory));
    run_steps(&a, straight, 3);
    assert_ok(load(resumed, directory, &found));
    assert_true(found);
    assert_int_equal(rp_trainer_step(resumed), 2);
    run_steps(&b, resumed, 3);
    assert_memory_equal(a.policy.model->weights, b.policy.model->weights, a.policy.model->count * sizeof(real));
    assert_memory_equal(straight->second, resumed->second, a.policy.model->count * sizeof(real));
    tiny_close(&a);
    tiny_close(&b);
}

static void test_the_last_two_are_kept(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    const char *place = fresh_place(t.arena, "twice");
    for (int step = 0; step < 4; step++) {
        if (step) run_steps(&t, trainer, 1);
        assert_ok(rp_checkpoint_save(trainer, place));
        assert_ok(rp_checkpoint_save(trainer, place)); /* the same step again loses nothing */
        for (int s = 0; s < 4; s++) {
            const char *file = rp_path_join(t.arena, place, rp_sprintf(t.arena, "step-%09d.safetensors", s));
            assert_int_equal(rp_file_exists(file), s == step || s + 1 == step);
        }
    }
    tiny_close(&t);
}

/* A flipped bit, a missing file, an empty pointer: the run goes on from the checkpoint before, and says so. */
static void test_a_damaged_latest_checkpoint_gives_way_to_the_one_before(void **state) {
    (void)state;
    tiny t;
    bool found;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    const char *place = fresh_place(t.arena, "before");
    const char *latest = rp_path_join(t.arena, place, "latest.json"),
               *file = rp_path_join(t.arena, place, "step-000000002.safetensors");
    run_steps(&t, trainer, 1);
    assert_ok(rp_checkpoint_save(trainer, place));
    run_steps(&t, trainer, 1);
    assert_ok(rp_checkpoint_save(trainer, place));
    rp_str bytes, pointer;
    assert_ok(rp_file_read(t.arena, file, 0, &bytes));
    assert_ok(rp_file_read(t.arena, latest, 0, &pointer));
    char *flipped = rp_strndup(t.arena, bytes.data, bytes.length);
    flipped[bytes.length - 5] ^= 4;
    assert_ok(rp_file_write(t.arena, file, flipped, bytes.length));
    assert_ok(load(trainer, place, &found));
    assert_true(found && rp_trainer_step(trainer) == 1);
    assert_non_null(strstr(warned, "its bytes are not those that were written"));
    assert_ok(rp_file_write(t.arena, latest, "", 0));
    assert_ok(load(trainer, place, &found));
    assert_true(rp_trainer_step(trainer) == 1 && strstr(warned, "latest.json"));
    assert_int_equal(remove(latest), 0);
    assert_ok(load(trainer, place, &found));
    assert_true(found && rp_trainer_step(trainer) == 1 && strstr(warned, "latest.json"));
    assert_ok(rp_file_write(t.arena, latest, pointer.data, pointer.length));
    assert_ok(rp_file_write(t.arena, file, bytes.data, bytes.length));
    assert_ok(load(trainer, place, &found));
    assert_true(rp_trainer_step(trainer) == 2 && warned[0] == 0);
    tiny_close(&t);
}

static void test_what_is_not_finite_is_never_saved(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    const char *place = fresh_place(t.arena, "finite");
    assert_ok(rp_checkpoint_save(trainer, place));
    run_steps(&t, trainer, 1);
    const struct {
        real *at, value;
        const char *part;
    } faults[] = {{&t.policy.model->weights[7], (real)NAN, "weights."},
                  {&trainer->first[7], (real)INFINITY, "adam_first."},
                  {&trainer->second[7], (real)-INFINITY, "adam_second."},
                  {&trainer->second[7], R(-1e-9), "adam_second."}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const real good = *faults[i].at;
        *faults[i].at = faults[i].value;
        assert_fails(rp_checkpoint_save(trainer, place), RP_ERR_NUMERIC, faults[i].part);
        *faults[i].at = good;
        assert_true(rp_file_exists(rp_path_join(t.arena, place, "step-000000000.safetensors")));
        assert_false(rp_file_exists(rp_path_join(t.arena, place, "step-000000001.safetensors")));
    }
    assert_ok(rp_checkpoint_save(trainer, place));
    tiny_close(&t);
}

static void test_damage_is_named_and_changes_nothing(void **state) {
    (void)state;
    tiny t;
    bool found;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    const char *place = fresh_place(t.arena, "damaged");
    const char *pointer = rp_path_join(t.arena, place, "latest.json"),
               *file = rp_path_join(t.arena, place, "step-000000000.safetensors");
    assert_ok(rp_checkpoint_save(trainer, place));
    real *before = rp_alloc(t.arena, real, t.policy.model->count);
    t.policy.model->weights[3] = R(0.5);
    memcpy(before, t.policy.model->weights, t.policy.model->count * sizeof *before);
    rp_str bytes;
    assert_ok(rp_file_read(t.arena, file, 0, &bytes));
    assert_ok(rp_file_write(t.arena, file, bytes.data, bytes.length / 2)); /* truncated */
    assert_true(load(trainer, place, &found) != RP_OK);
    assert_non_null(strstr(rp_last_error(), "step-000000000.safetensors"));
    static const char other[] = "{\"file\": \"step-000000000.safetensors\", \"algorithm\": \"repo\", \"precision\": 32, "
                                "\"step\": 0, \"updates\": 0, \"failed\": []}";
    assert_ok(rp_file_write(t.arena, pointer, other, sizeof other - 1));
    assert_fails(load(trainer, place, &found), RP_ERR_ARGUMENT, "belongs to another algorithm than grpo");
    static const char outside[] =
        "{\"file\": \"../x\", \"algorithm\": \"grpo\", \"precision\": 32, \"step\": 0, \"updates\": 0, \"failed\": []}";
    assert_ok(rp_file_write(t.arena, pointer, outside, sizeof outside - 1));
    assert_fails(load(trainer, place, &found), RP_ERR_FORMAT, "is not the name of a file beside it");
    assert_memory_equal(before, t.policy.model->weights, t.policy.model->count * sizeof *before);
    tiny_close(&t);
}

int main(void) {
    static char place[4096];
    (void)snprintf(place, sizeof place, "%s", temporary_path("checkpoint"));
    directory = place;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loaded_checkpoint_goes_on_bit_for_bit),
        cmocka_unit_test(test_the_last_two_are_kept),
        cmocka_unit_test(test_a_damaged_latest_checkpoint_gives_way_to_the_one_before),
        cmocka_unit_test(test_what_is_not_finite_is_never_saved),
        cmocka_unit_test(test_damage_is_named_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
