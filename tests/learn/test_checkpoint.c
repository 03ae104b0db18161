/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <stdlib.h>

static const char *directory;

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
    assert_ok(rp_checkpoint_load(resumed, "/no/such/place", &found));
    assert_false(found);
    run_steps(&a, straight, 2);
    assert_ok(rp_checkpoint_save(straight, directory));
    run_steps(&a, straight, 3);
    assert_ok(rp_checkpoint_load(resumed, directory, &found));
    assert_true(found);
    assert_int_equal(rp_trainer_step(resumed), 2);
    run_steps(&b, resumed, 3);
    assert_memory_equal(a.policy.model->weights, b.policy.model->weights, a.policy.model->count * sizeof(real));
    assert_memory_equal(straight->second, resumed->second, a.policy.model->count * sizeof(real));
    tiny_close(&a);
    tiny_close(&b);
}

static void test_saving_again_replaces_the_older_file(void **state) {
    (void)state;
    tiny t;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    const char *place = rp_strdup(t.arena, temporary_path("twice"));
    assert_ok(rp_checkpoint_save(trainer, place));
    const char *first = rp_path_join(t.arena, place, "step-000000000.safetensors");
    assert_true(rp_file_exists(first));
    run_steps(&t, trainer, 1);
    assert_ok(rp_checkpoint_save(trainer, place));
    assert_false(rp_file_exists(first));
    assert_true(rp_file_exists(rp_path_join(t.arena, place, "step-000000001.safetensors")));
    tiny_close(&t);
}

static void test_damage_is_named_and_changes_nothing(void **state) {
    (void)state;
    tiny t;
    bool found;
    tiny_open(&t);
    rp_trainer *trainer = tiny_trainer(&t, "grpo", NULL);
    const char *place = rp_strdup(t.arena, temporary_path("damaged"));
    const char *pointer = rp_path_join(t.arena, place, "latest.json"),
               *file = rp_path_join(t.arena, place, "step-000000000.safetensors");
    assert_ok(rp_checkpoint_save(trainer, place));
    real *before = rp_alloc(t.arena, real, t.policy.model->count);
    t.policy.model->weights[3] = R(0.5);
    memcpy(before, t.policy.model->weights, t.policy.model->count * sizeof *before);
    rp_str bytes;
    assert_ok(rp_file_read(t.arena, file, 0, &bytes));
    assert_ok(rp_file_write(t.arena, file, bytes.data, bytes.length / 2)); /* truncated */
    assert_true(rp_checkpoint_load(trainer, place, &found) != RP_OK);
    assert_non_null(strstr(rp_last_error(), "step-000000000.safetensors"));
    static const char other[] = "{\"file\": \"step-000000000.safetensors\", \"algorithm\": \"repo\", \"precision\": 32, "
                                "\"step\": 0, \"updates\": 0, \"failed\": []}";
    assert_ok(rp_file_write(t.arena, pointer, other, sizeof other - 1));
    assert_fails(rp_checkpoint_load(trainer, place, &found), RP_ERR_ARGUMENT, "belongs to another algorithm than grpo");
    static const char outside[] =
        "{\"file\": \"../x\", \"algorithm\": \"grpo\", \"precision\": 32, \"step\": 0, \"updates\": 0, \"failed\": []}";
    assert_ok(rp_file_write(t.arena, pointer, outside, sizeof outside - 1));
    assert_fails(rp_checkpoint_load(trainer, place, &found), RP_ERR_FORMAT, "is not the name of a file beside it");
    assert_memory_equal(before, t.policy.model->weights, t.policy.model->count * sizeof *before);
    tiny_close(&t);
}

int main(void) {
    static char place[4096];
    (void)snprintf(place, sizeof place, "%s", temporary_path("checkpoint"));
    directory = place;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loaded_checkpoint_goes_on_bit_for_bit),
        cmocka_unit_test(test_saving_again_replaces_the_older_file),
        cmocka_unit_test(test_damage_is_named_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
