/* SPDX-License-Identifier: MIT
 *
 * Choosing tokens, through a model whose logits are the same whatever it reads: every embedding row is (1, 1), the layer
 * adds nothing, and row j of the head is (z_j/2, z_j/2).
 */
#include "numeric.h"

#include <rephrase/model.h>

#include <string.h>

enum { V = 12, DRAWS = 6000 };
/* A hundred-fold range of probabilities, two equal ones among them, in no order. */
static const double logits[V] = {0.5, 2.0, -1.0, 2.0, 1.2, -2.5, 0.0, 3.0, 1.9, -0.3, 0.9, 1.0};

typedef struct fixture {
    rp_arena *arena;
    rp_model *model;
    rp_decoder *decoder;
} fixture;

static void set_up(fixture *f) {
    const rp_model_config config = {.architecture = "llama",
                                    .layers = 1,
                                    .channels = 2,
                                    .heads = 1,
                                    .kv_heads = 1,
                                    .head_size = 2,
                                    .hidden = 2,
                                    .vocab = V,
                                    .context = 8,
                                    .rope_theta = 10000,
                                    .norm_epsilon = 1e-12,
                                    .bos = -1};
    f->arena = rp_arena_create("test", 0);
    assert_ok(rp_model_create(f->arena, &config, &f->model)); /* weights 0 */
    real *w = f->model->weights;
    for (size_t i = 0; i < 2 * V; i++) {
        w[rp_model_find(f->model, "model.embed_tokens.weight")->offset + i] = 1;
        w[rp_model_find(f->model, "lm_head.weight")->offset + i] = (real)(logits[i / 2] / 2);
    }
    for (size_t i = 0; i < 2; i++) w[rp_model_find(f->model, "model.norm.weight")->offset + i] = 1;
    assert_ok(rp_decoder_create(f->arena, f->model, RP_EXACT, &f->decoder));
}

/* DRAWS tokens from independent streams; their counts. */
static void sample(const rp_sampling *sampling, size_t counts[V]) {
    fixture f;
    set_up(&f);
    const int32_t prompt[] = {3};
    rp_generate_request *requests = rp_alloc(f.arena, rp_generate_request, DRAWS);
    rp_generate_result *results = rp_alloc(f.arena, rp_generate_result, DRAWS);
    for (uint32_t i = 0; i < DRAWS; i++)
        requests[i] = (rp_generate_request){prompt, 1, 1, rp_rng_stream(1, RP_RNG_ROLLOUT, 0, 0, i)};
    const rp_generate_options options = {.sampling = *sampling};
    assert_ok(rp_generate(f.decoder, f.arena, &options, requests, DRAWS, results));
    memset(counts, 0, V * sizeof *counts);
    const double scale = sampling->temperature > 0 ? 1 / sampling->temperature : 1;
    double sum = 0, sum_1 = 0;
    for (size_t j = 0; j < V; j++) {
        sum += exp(logits[j] * scale);
        sum_1 += exp(logits[j]);
    }
    for (size_t i = 0; i < DRAWS; i++) {
        const size_t id = (size_t)results[i].ids[0];
        counts[id]++;
        /* Log-probabilities are those before the filters. */
        assert_near((double)results[i].logp[0], logits[id] * scale - log(sum), 1e-5 * (sizeof(real) == 4) + 1e-11, 0);
        assert_near((double)results[i].logp_1[0], logits[id] - log(sum_1), 1e-5 * (sizeof(real) == 4) + 1e-11, 0);
    }
    rp_arena_destroy(f.arena);
}

/* What the filters should leave: by repeated search for the next most probable token, step by step as the definition says.
 */
static void expected_distribution(const rp_sampling *s, double p[V]) {
    double all[V], top_k = 0, mass = 0, kept = 0;
    bool taken[V] = {false};
    for (size_t j = 0; j < V; j++) all[j] = exp(logits[j] / s->temperature);
    size_t order[V];
    for (size_t i = 0; i < V; i++) {
        size_t best = V;
        for (size_t j = 0; j < V; j++)
            if (!taken[j] && (best == V || all[j] > all[best])) best = j;
        taken[best] = true;
        order[i] = best;
        p[i] = 0;
    }
    const size_t k = s->top_k ? (size_t)s->top_k : V;
    for (size_t i = 0; i < k; i++) top_k += all[order[i]];
    for (size_t i = 0; i < k; i++) {
        const double now = all[order[i]];
        if (i > 0 && (mass / top_k >= s->top_p || now < s->min_p * all[order[0]])) break;
        mass += now;
        p[order[i]] = now;
    }
    for (size_t j = 0; j < V; j++) kept += p[j];
    for (size_t j = 0; j < V; j++) p[j] /= kept;
}

static void test_frequencies_follow_the_filtered_distribution(void **state) {
    (void)state;
    static const rp_sampling settings[] = {
        {.temperature = 1, .top_p = 1},
        {.temperature = 0.5, .top_p = 1},
        {.temperature = 2, .top_p = 1},
        {.temperature = 1, .top_p = 1, .top_k = 1},
        {.temperature = 1, .top_p = 1, .top_k = 2}, /* cuts between the two equal ones: the lower id stays */
        {.temperature = 1, .top_p = 1, .top_k = 5},
        {.temperature = 1.5, .top_p = 0.6},
        {.temperature = 1, .top_p = 0.01},
        {.temperature = 1, .top_p = 1, .min_p = 0.3},
        {.temperature = 1, .top_p = 1, .min_p = 1},
        {.temperature = 1.2, .top_p = 0.8, .top_k = 6, .min_p = 0.2},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        size_t counts[V];
        double p[V], chi_square = 0;
        sample(&settings[i], counts);
        expected_distribution(&settings[i], p);
        for (size_t j = 0; j < V; j++) {
            if (p[j] == 0) {
                assert_int_equal(counts[j], 0);
                continue;
            }
            const double expected = p[j] * DRAWS, off = (double)counts[j] - expected;
            chi_square += off * off / expected;
        }
        assert_true(chi_square < 45); /* 11 degrees of freedom: above 45 once in 200,000 */
    }
}

static void test_greedy_takes_the_largest(void **state) {
    (void)state;
    size_t counts[V];
    sample(&(rp_sampling){.temperature = 0, .top_p = 1}, counts);
    assert_int_equal(counts[7], DRAWS);
}

static void test_settings_out_of_range_are_refused(void **state) {
    (void)state;
    static const struct {
        rp_sampling sampling;
        const char *sentence;
    } cases[] = {
        {{.temperature = -1, .top_p = 1}, "temperature -1"},
        {{.temperature = 1e-4, .top_p = 1}, "temperature 0.0001"},
        {{.temperature = (double)NAN, .top_p = 1}, "temperature"},
        {{.temperature = 1, .top_p = 0}, "top_p 0"},
        {{.temperature = 1, .top_p = 1.1}, "top_p 1.1"},
        {{.temperature = 1, .top_p = 1, .top_k = -1}, "top_k -1"},
        {{.temperature = 1, .top_p = 1, .min_p = -0.1}, "min_p -0.1"},
        {{.temperature = 1, .top_p = 1, .min_p = 2}, "min_p 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_fails(rp_sampling_check(&cases[i].sampling), RP_ERR_ARGUMENT, cases[i].sentence);
    assert_ok(rp_sampling_check(&(rp_sampling){.temperature = 1, .top_p = 1}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequencies_follow_the_filtered_distribution),
        cmocka_unit_test(test_greedy_takes_the_largest),
        cmocka_unit_test(test_settings_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
