/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <string.h>

static void test_rows_of_other_sequences_do_not_matter(void **state) {
    (void)state;
    for (size_t c = 0; c < TINY_CONFIGS; c++) {
        rp_arena *arena = rp_arena_create("test", 0);
        const rp_model *model = tiny_model(arena, &tiny_configs[c]);
        tiny_batch b;
        tiny_fill(&b, model->config.vocab);
        rp_workspace *ws;
        assert_ok(rp_workspace_create(arena, model, 64, 64, false, &ws));
        real together[64], alone[64], entropy[64], entropy_alone[64];
        rp_model_forward(model, &b.packed, 0.8, ws, together, entropy);
        size_t m = 0;
        for (size_t s = 0; s < b.packed.sequences; s++) {
            const uint32_t start[2] = {0, b.start[s + 1] - b.start[s]};
            uint32_t score[64];
            size_t scored = 0;
            while (m + scored < b.packed.scored && b.score[m + scored] < b.start[s + 1]) {
                score[scored] = b.score[m + scored] - b.start[s];
                scored++;
            }
            const rp_packed one = {1, start, b.ids + b.start[s], scored, score, b.target + m};
            assert_ok(rp_packed_check(model, &one));
            rp_model_forward(model, &one, 0.8, ws, alone + m, entropy_alone + m);
            m += scored;
        }
        assert_int_equal(m, b.packed.scored);
        assert_close(together, alone, m, 1e-4 * (sizeof(real) == 4) + 1e-12, 0);
        assert_close(entropy, entropy_alone, m, 1e-4 * (sizeof(real) == 4) + 1e-12, 0);
        rp_arena_destroy(arena);
    }
}

static void test_log_probabilities_follow_from_the_logits(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_model *model = tiny_model(arena, &tiny_configs[0]);
    const size_t V = (size_t)model->config.vocab;
    tiny_batch b;
    tiny_fill(&b, model->config.vocab);
    rp_workspace *ws;
    assert_ok(rp_workspace_create(arena, model, 64, 64, false, &ws));
    real logp[64], *logits = rp_alloc(arena, real, b.packed.scored * V);
    rp_model_forward(model, &b.packed, 2.0, ws, logp, NULL);
    rp_model_logits(model, &b.packed, ws, logits);
    for (size_t m = 0; m < b.packed.scored; m++) {
        double sum = 0;
        for (size_t j = 0; j < V; j++) sum += exp((double)logits[m * V + j] / 2);
        assert_near((double)logp[m], (double)logits[m * V + (size_t)b.target[m]] / 2 - log(sum), 100 * (double)REAL_EPSILON,
                    0);
    }
    /* The logits are the head times the hidden states. */
    const real *hidden = rp_model_hidden(ws),
               *E = model->weights + rp_model_find(model, "model.embed_tokens.weight")->offset;
    const size_t C = (size_t)model->config.channels;
    for (size_t j = 0; j < V; j++)
        assert_near((double)logits[V + j], weighted_sum(hidden + C, E + j * C, C), 300 * (double)REAL_EPSILON, 0);
    rp_arena_destroy(arena);
}

static void test_a_workspace_takes_the_bytes_that_were_announced(void **state) {
    (void)state;
    for (size_t c = 0; c < TINY_CONFIGS; c++)
        for (int keep = 0; keep < 2; keep++) {
            rp_arena *arena = rp_arena_create("test", 0);
            const rp_model *model = tiny_model(arena, &tiny_configs[c]);
            const size_t before = rp_arena_used(arena), expected = rp_workspace_bytes(model, 50, 20, keep);
            rp_workspace *ws;
            assert_ok(rp_workspace_create(arena, model, 50, 20, keep, &ws));
            const size_t took = rp_arena_used(arena) - before;
            assert_true(took >= expected / 2 && took <= expected + 4096);
            rp_arena_destroy(arena);
        }
}

static void test_bad_batches_are_refused(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    const rp_model *model = tiny_model(arena, &tiny_configs[0]);
    tiny_batch b;
    tiny_fill(&b, model->config.vocab);
    assert_ok(rp_packed_check(model, &b.packed));
    b.ids[3] = 37;
    assert_fails(rp_packed_check(model, &b.packed), RP_ERR_SHAPE, "token id 37 at row 3 is outside the vocabulary of 37");
    b.ids[3] = -1;
    assert_fails(rp_packed_check(model, &b.packed), RP_ERR_SHAPE, "token id -1");
    tiny_fill(&b, model->config.vocab);
    b.target[2] = 99;
    assert_fails(rp_packed_check(model, &b.packed), RP_ERR_SHAPE, "target 99 of scored row 2");
    tiny_fill(&b, model->config.vocab);
    b.score[1] = b.score[0];
    assert_fails(rp_packed_check(model, &b.packed), RP_ERR_SHAPE, "scored row 1");
    tiny_fill(&b, model->config.vocab);
    b.start[2] = b.start[1];
    assert_fails(rp_packed_check(model, &b.packed), RP_ERR_SHAPE, "sequence 1 of the batch is empty");
    const uint32_t start[2] = {0, 65};
    const int32_t ids[65] = {0};
    const rp_packed longer = {1, start, ids, 0, NULL, NULL}, none = {0, start, ids, 0, NULL, NULL};
    assert_fails(rp_packed_check(model, &longer), RP_ERR_LIMIT, "65 tokens; the model's context is 64");
    assert_fails(rp_packed_check(model, &none), RP_ERR_SHAPE, "at least one sequence");
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_other_sequences_do_not_matter),
        cmocka_unit_test(test_log_probabilities_follow_from_the_logits),
        cmocka_unit_test(test_a_workspace_takes_the_bytes_that_were_announced),
        cmocka_unit_test(test_bad_batches_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
