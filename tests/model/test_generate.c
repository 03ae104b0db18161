/* SPDX-License-Identifier: MIT */
#include "golden.h"
#include "tiny.h"

#ifdef _OPENMP
#include <omp.h>
#endif

static const rp_generate_options greedy_options = {.sampling = {.temperature = 0, .top_p = 1}};

/* ---- Against transformers and against the training pass -------------------------------------------------------- */

static void greedy_case(rp_arena *arena, const golden_case *g) {
    rp_model *model;
    rp_decoder *decoder;
    assert_ok(rp_model_load(arena, source_path(g->folder), &model, NULL));
    assert_ok(rp_decoder_create(arena, model, RP_EXACT, &decoder));
    rp_generate_request requests[8];
    rp_generate_result results[8];
    for (size_t i = 0; i < g->prompts; i++)
        requests[i] = (rp_generate_request){g->prompt[i], g->prompt_length[i], g->greedy_length[i], {{0}, {0}, {0}, 0}};
    assert_ok(rp_generate(decoder, arena, &greedy_options, requests, g->prompts, results));
    for (size_t i = 0; i < g->prompts; i++) {
        assert_int_equal(results[i].length, g->greedy_length[i]);
        assert_memory_equal(results[i].ids, g->greedy[i], results[i].length * sizeof(int32_t));
    }
}

static void test_greedy_tokens_are_those_of_transformers(void **state) {
    (void)state;
    for_each_golden(greedy_case);
}

/* Requests of many lengths around the page size, one longer than a step reads at once. */
enum { REQUESTS = 14, LONGEST = 300, NEW = 40 };
static const size_t prompt_lengths[REQUESTS] = {1, 2, 31, 32, 33, 33, 33, 34, 64, 65, 65, 66, 300, 5};

typedef struct fixture {
    rp_arena *arena;
    rp_model *model;
    rp_decoder *decoder;
    int32_t prompts[REQUESTS][LONGEST];
    rp_generate_request requests[REQUESTS];
} fixture;

static void set_up(fixture *f, size_t config) {
    rp_model_config c = tiny_configs[config];
    c.context = 512;
    f->arena = rp_arena_create("test", 0);
    f->model = tiny_model(f->arena, &c);
    assert_ok(rp_decoder_create(f->arena, f->model, RP_EXACT, &f->decoder));
    rp_rng rng = rp_rng_stream(6, RP_RNG_TEST, 0, 0, 0);
    for (size_t r = 0; r < REQUESTS; r++) {
        const bool repeated = r > 0 && prompt_lengths[r] == prompt_lengths[r - 1]; /* equal neighbours share their prompt */
        for (size_t i = 0; i < prompt_lengths[r]; i++)
            f->prompts[r][i] = repeated ? f->prompts[r - 1][i] : (int32_t)rp_rng_below(&rng, (uint32_t)c.vocab);
        f->requests[r] = (rp_generate_request){f->prompts[r], prompt_lengths[r], NEW - 2 * r,
                                               rp_rng_stream(7, RP_RNG_ROLLOUT, 0, (uint32_t)r, 0)};
    }
}

/* Compares one result with the training pass over prompt and answer. */
static void check_against_forward(const fixture *f, size_t r, const rp_generate_result *result, double temperature,
                                  double tolerance) {
    const size_t P = prompt_lengths[r], T = P + result->length;
    int32_t ids[LONGEST + NEW];
    uint32_t score[LONGEST + NEW];
    real logp[LONGEST + NEW], logp_1[LONGEST + NEW];
    memcpy(ids, f->prompts[r], P * sizeof *ids);
    memcpy(ids + P, result->ids, result->length * sizeof *ids);
    for (uint32_t t = 0; t < T; t++) score[t] = t;
    const uint32_t start[2] = {0, (uint32_t)T};
    const rp_packed packed = {1, start, ids, T - 1, score, ids + 1};
    const rp_arena_mark mark = rp_arena_get_mark(f->arena);
    rp_workspace *ws;
    assert_ok(rp_workspace_create(f->arena, f->model, T, T, false, &ws));
    rp_model_forward(f->model, &packed, temperature, ws, logp, NULL);
    rp_model_forward(f->model, &packed, 1, ws, logp_1, NULL);
    assert_close(result->logp, logp + P - 1, result->length, tolerance, tolerance);
    assert_close(result->logp_1, logp_1 + P - 1, result->length, tolerance, tolerance);
    assert_close(result->prompt_logp, logp_1, P - 1, tolerance, tolerance);
    rp_arena_rewind(f->arena, mark);
}

static void check_decoding(double tolerance) {
    static fixture f;
    for (size_t c = 0; c < TINY_CONFIGS; c++) {
        set_up(&f, c);
        const rp_generate_options options = {.sampling = {.temperature = 1.4, .top_p = 1}, .prompt_logp = true};
        rp_generate_result results[REQUESTS];
        assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, results));
        for (size_t r = 0; r < REQUESTS; r++) {
            assert_int_equal(results[r].length, f.requests[r].max_new);
            assert_false(results[r].stopped);
            check_against_forward(&f, r, &results[r], 1.4, tolerance);
        }
        rp_arena_destroy(f.arena);
    }
}

static void test_decoding_equals_the_training_pass(void **state) {
    (void)state;
    for (rp_products products = RP_PRODUCTS_PLAIN; products <= RP_PRODUCTS_BLAS; products++)
        if (rp_products_use(products)) check_decoding(sizeof(real) == 8 ? 1e-12 : 1e-5);
}

/* The sums of both are chains over the same indices in the same order: what is sampled is what is trained. */
static void test_with_tiled_products_to_the_bit(void **state) {
    (void)state;
    assert_true(rp_products_use(RP_PRODUCTS_TILED));
    check_decoding(0);
}

/* Every step's likeliest tokens against the logits of the training pass, and the training pass's own look at them. */
static void check_top(const fixture *f, size_t r, const rp_generate_result *result, size_t K, double temperature) {
    const size_t P = prompt_lengths[r], n = result->length, T = P + n, V = (size_t)f->model->config.vocab;
    const double tolerance = sizeof(real) == 8 ? 1e-12 : 1e-5;
    int32_t ids[LONGEST + NEW];
    uint32_t score[NEW];
    real logp[NEW];
    memcpy(ids, f->prompts[r], P * sizeof *ids);
    memcpy(ids + P, result->ids, n * sizeof *ids);
    for (uint32_t t = 0; t < n; t++) score[t] = (uint32_t)P - 1 + t;
    const uint32_t start[2] = {0, (uint32_t)T};
    const rp_packed packed = {1, start, ids, n, score, result->ids};
    rp_workspace *ws;
    assert_ok(rp_workspace_create(f->arena, f->model, T, n, true, &ws));
    rp_model_forward(f->model, &packed, temperature, ws, logp, NULL);
    real *logits = zero_array(f->arena, n * V), *kept = zero_array(f->arena, n * K), *again = zero_array(f->arena, n * K);
    rp_model_logp_of(f->model, &packed, temperature, ws, result->top_ids, K, kept);
    real *dlogp = zero_array(f->arena, n), *gradient = zero_array(f->arena, f->model->count);
    rp_model_backward(f->model, &packed, temperature, ws, dlogp, NULL, gradient); /* the logits are overwritten */
    rp_model_logp_of(f->model, &packed, temperature, ws, result->top_ids, K, again);
    rp_model_logits(f->model, &packed, ws, logits);
    assert_close(result->top_logp, kept, n * K, tolerance, tolerance);
    assert_close(kept, again, n * K, tolerance, tolerance);
    for (size_t t = 0; t < n; t++) {
        const int32_t *top = result->top_ids + t * K;
        size_t larger = 0;
        for (size_t j = 0; j < V; j++) larger += logits[t * V + j] > logits[t * V + (size_t)top[K - 1]];
        assert_int_equal(larger, K - 1); /* tiny models have no equal logits */
        for (size_t k = 0; k < K; k++) {
            if (k > 0) assert_true(logits[t * V + (size_t)top[k]] < logits[t * V + (size_t)top[k - 1]]);
            if (top[k] == result->ids[t])
                assert_near((double)result->top_logp[t * K + k], (double)result->logp[t], tolerance, tolerance);
        }
    }
}

static void test_the_likeliest_tokens_of_each_step_are_recorded(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0);
    rp_generate_options options = {.sampling = {.temperature = 0.7, .top_p = 1}, .top = 5};
    rp_generate_result results[REQUESTS];
    assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, results));
    for (size_t r = 0; r < REQUESTS; r++) check_top(&f, r, &results[r], 5, 0.7);
    options.top = (size_t)f.model->config.vocab + 1;
    assert_fails(rp_generate(f.decoder, f.arena, &options, f.requests, 1, results), RP_ERR_ARGUMENT, "the vocabulary has");
    options.top = 0;
    assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, 1, results));
    assert_null(results[0].top_ids);
    rp_arena_destroy(f.arena);
}

/* ---- Independence ---------------------------------------------------------------------------------------------- */

static void assert_same(const rp_generate_result *a, const rp_generate_result *b, bool prompt_logp, size_t prompt) {
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->stopped, b->stopped);
    assert_memory_equal(a->ids, b->ids, a->length * sizeof *a->ids);
    assert_memory_equal(a->logp, b->logp, a->length * sizeof *a->logp);
    assert_memory_equal(a->logp_1, b->logp_1, a->length * sizeof *a->logp_1);
    if (prompt_logp) assert_memory_equal(a->prompt_logp, b->prompt_logp, (prompt - 1) * sizeof *a->logp);
}

static void test_a_sequence_does_not_depend_on_its_company_memory_or_threads(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 3);
    const int32_t stop[] = {4, 11};
    rp_generate_options options = {
        .sampling = {.temperature = 0.9, .top_p = 0.95, .top_k = 20}, .stop = stop, .stop_count = 2, .prompt_logp = true};
    rp_generate_result alone[REQUESTS], together[REQUESTS];
    size_t stopped = 0;
    for (size_t r = 0; r < REQUESTS; r++) {
        assert_ok(rp_generate(f.decoder, f.arena, &options, &f.requests[r], 1, &alone[r]));
        stopped += alone[r].stopped;
    }
    assert_true(stopped > 0 && stopped < REQUESTS); /* both ways of ending occur */
    const size_t batches[] = {0, 1, 2, 3, 5, 100};
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
        for (int threads = 1; threads <= 4; threads++) {
#ifdef _OPENMP
            omp_set_num_threads(threads);
#endif
            options.batch = batches[b];
            options.memory = threads % 2 ? 1 : 0; /* one byte: room for the hungriest request only */
            assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, together));
            for (size_t r = 0; r < REQUESTS; r++) assert_same(&alone[r], &together[r], true, prompt_lengths[r]);
        }
    rp_arena_destroy(f.arena);
}

static void test_samples_of_one_prompt_differ_and_can_be_repeated(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0);
    enum { G = 12 };
    rp_generate_request group[G], mixed[2 * G];
    rp_generate_result results[G], again[2 * G];
    const rp_generate_options options = {.sampling = {.temperature = 1, .top_p = 1}, .batch = 5};
    for (uint32_t i = 0; i < G; i++) {
        group[i] = (rp_generate_request){f.prompts[8], 64, 20, rp_rng_stream(8, RP_RNG_ROLLOUT, 0, 0, i)};
        mixed[2 * i] = group[i];
        mixed[2 * i + 1] = f.requests[9]; /* between them another prompt: nothing is shared */
    }
    assert_ok(rp_generate(f.decoder, f.arena, &options, group, G, results));
    assert_ok(rp_generate(f.decoder, f.arena, &options, mixed, 2 * G, again));
    for (size_t i = 0; i < G; i++) {
        assert_same(&results[i], &again[2 * i], false, 0);
        if (i > 0) assert_memory_not_equal(results[i].ids, results[0].ids, 20 * sizeof(int32_t));
        assert_memory_equal(again[2 * i + 1].ids, again[1].ids, again[1].length * sizeof(int32_t));
    }
    rp_arena_destroy(f.arena);
}

/* ---- Ends ------------------------------------------------------------------------------------------------------ */

typedef struct watcher {
    size_t calls, end_after;
    size_t last[REQUESTS];
} watcher;

static bool watch(void *context, size_t request, int32_t id, real logp_1) {
    watcher *w = context;
    (void)id;
    assert_true(logp_1 <= 0);
    w->calls++;
    return ++w->last[request] == w->end_after;
}

static void test_stop_tokens_the_callback_and_the_context_end_a_sequence(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0);
    rp_generate_options options = greedy_options;
    rp_generate_result free_run, stopped;
    assert_ok(rp_generate(f.decoder, f.arena, &options, &f.requests[2], 1, &free_run));
    options.stop = &free_run.ids[7];
    options.stop_count = 1;
    assert_ok(rp_generate(f.decoder, f.arena, &options, &f.requests[2], 1, &stopped));
    size_t first = 0;
    while (free_run.ids[first] != free_run.ids[7]) first++;
    assert_true(stopped.stopped && stopped.length == first + 1 && stopped.ids[first] == free_run.ids[7]);
    watcher w = {.end_after = 3};
    options = greedy_options;
    options.on_token = watch;
    options.context = &w;
    rp_generate_result results[REQUESTS];
    assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, results));
    for (size_t r = 0; r < REQUESTS; r++) assert_true(results[r].length == 3 && results[r].stopped);
    assert_int_equal(w.calls, 3 * REQUESTS);
    rp_generate_request edge = {f.prompts[12], 300, 10000, f.requests[0].rng};
    assert_ok(rp_generate(f.decoder, f.arena, &greedy_options, &edge, 1, &stopped));
    assert_true(stopped.length == 512 - 300 && !stopped.stopped);
    rp_arena_destroy(f.arena);
}

static void test_no_new_tokens_scores_the_prompt_only(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 1);
    rp_generate_options options = greedy_options;
    options.prompt_logp = true;
    rp_generate_result with[REQUESTS], without[REQUESTS];
    assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, with));
    for (size_t r = 0; r < REQUESTS; r++) f.requests[r].max_new = 0;
    assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, without));
    for (size_t r = 0; r < REQUESTS; r++) {
        assert_int_equal(without[r].length, 0);
        assert_memory_equal(with[r].prompt_logp, without[r].prompt_logp, (prompt_lengths[r] - 1) * sizeof(real));
    }
    rp_arena_destroy(f.arena);
}

/* ---- Faults ---------------------------------------------------------------------------------------------------- */

static void test_faulty_requests_are_named_and_leave_results_alone(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 0);
    rp_generate_result results[REQUESTS], before[REQUESTS];
    memset(results, 0x5a, sizeof results);
    memcpy(before, results, sizeof results);
    const size_t used = rp_arena_used(f.arena);
    static int32_t too_long[600];
    const int32_t outside[] = {1, 37};
    f.requests[3] = (rp_generate_request){too_long, 512, 1, f.requests[0].rng};
    assert_fails(rp_generate(f.decoder, f.arena, &greedy_options, f.requests, REQUESTS, results), RP_ERR_LIMIT,
                 "the prompt of request 3 has 512 tokens; the model's context of 512 leaves no room");
    f.requests[3] = (rp_generate_request){outside, 2, 1, f.requests[0].rng};
    assert_fails(rp_generate(f.decoder, f.arena, &greedy_options, f.requests, REQUESTS, results), RP_ERR_SHAPE,
                 "token id 37 in the prompt of request 3");
    f.requests[3] = (rp_generate_request){outside, 0, 1, f.requests[0].rng};
    assert_fails(rp_generate(f.decoder, f.arena, &greedy_options, f.requests, REQUESTS, results), RP_ERR_ARGUMENT,
                 "the prompt of request 3 is empty");
    f.requests[3] = f.requests[4];
    f.model->weights[rp_model_find(f.model, "model.norm.weight")->offset] = (real)NAN;
    assert_fails(rp_generate(f.decoder, f.arena, &greedy_options, f.requests, REQUESTS, results), RP_ERR_NUMERIC, "NaN");
    rp_arena *small = rp_arena_create("small", 100000);
    assert_fails(rp_generate(f.decoder, small, &greedy_options, f.requests, REQUESTS, results), RP_ERR_MEMORY, "small");
    assert_int_equal(rp_arena_used(small), 0);
    rp_arena_destroy(small);
    assert_memory_equal(results, before, sizeof results);
    assert_int_equal(rp_arena_used(f.arena), used);
    assert_ok(rp_generate(f.decoder, f.arena, &greedy_options, f.requests, 0, results));
    rp_arena_destroy(f.arena);
}

static void test_refreshed_weights_are_used(void **state) {
    (void)state;
    static fixture f;
    set_up(&f, 2);
    rp_generate_result first, second, third;
    assert_ok(rp_generate(f.decoder, f.arena, &greedy_options, &f.requests[8], 1, &first));
    fill_normal(f.model->weights, f.model->count, 0.3, 99);
    rp_decoder_refresh(f.decoder, f.model);
    assert_ok(rp_generate(f.decoder, f.arena, &greedy_options, &f.requests[8], 1, &second));
    rp_decoder *fresh;
    assert_ok(rp_decoder_create(f.arena, f.model, RP_EXACT, &fresh));
    assert_ok(rp_generate(fresh, f.arena, &greedy_options, &f.requests[8], 1, &third));
    assert_memory_equal(second.logp, third.logp, second.length * sizeof(real));
    assert_memory_not_equal(first.logp, second.logp, first.length * sizeof(real));
    rp_arena_destroy(f.arena);
}

/* Rounding the matrices in the decoder or in the model beforehand is the same. The embedding, the norms and the biases stay as
 * they are; so only models with a head of their own can be compared. */
static void test_a_rounded_decoder_is_a_decoder_of_rounded_matrices(void **state) {
    (void)state;
    static fixture f;
    int compared = 0;
    for (size_t c = 0; c < TINY_CONFIGS; c++) {
        if (tiny_configs[c].tied_head) continue;
        set_up(&f, c);
        const rp_generate_options options = {.sampling = {.temperature = 1, .top_p = 1}};
        rp_generate_result rounded[REQUESTS], expected[REQUESTS], exact[REQUESTS];
        rp_decoder *decoder;
        assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, exact));
        assert_ok(rp_decoder_create(f.arena, f.model, RP_TO_BF16, &decoder));
        assert_ok(rp_generate(decoder, f.arena, &options, f.requests, REQUESTS, rounded));
        for (size_t i = 0; i < f.model->parameter_rows; i++) {
            const rp_parameter *p = &f.model->parameters[i];
            for (size_t k = p->offset; p->rows > 1 && i > 0 && k < p->offset + p->rows * p->columns; k++) {
                int exponent;
                const double fraction = frexp((double)(float)f.model->weights[k], &exponent);
                f.model->weights[k] = (real)ldexp(nearbyint(fraction * 256), exponent - 8);
            }
        }
        rp_decoder_refresh(f.decoder, f.model);
        assert_ok(rp_generate(f.decoder, f.arena, &options, f.requests, REQUESTS, expected));
        for (size_t r = 0; r < REQUESTS; r++, compared++) {
            assert_memory_equal(rounded[r].ids, expected[r].ids, expected[r].length * sizeof(int32_t));
            assert_memory_equal(rounded[r].logp, expected[r].logp, expected[r].length * sizeof(real));
        }
        assert_memory_not_equal(rounded[0].logp, exact[0].logp, sizeof(real)); /* and it is not the exact decoder */
        rp_arena_destroy(f.arena);
    }
    assert_true(compared >= REQUESTS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greedy_tokens_are_those_of_transformers),
        cmocka_unit_test(test_decoding_equals_the_training_pass),
        cmocka_unit_test(test_with_tiled_products_to_the_bit),
        cmocka_unit_test(test_the_likeliest_tokens_of_each_step_are_recorded),
        cmocka_unit_test(test_a_sequence_does_not_depend_on_its_company_memory_or_threads),
        cmocka_unit_test(test_samples_of_one_prompt_differ_and_can_be_repeated),
        cmocka_unit_test(test_stop_tokens_the_callback_and_the_context_end_a_sequence),
        cmocka_unit_test(test_no_new_tokens_scores_the_prompt_only),
        cmocka_unit_test(test_faulty_requests_are_named_and_leave_results_alone),
        cmocka_unit_test(test_refreshed_weights_are_used),
        cmocka_unit_test(test_a_rounded_decoder_is_a_decoder_of_rounded_matrices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
