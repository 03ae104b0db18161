/* SPDX-License-Identifier: MIT */
#include "tiny.h"

#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

static const double temperature = 0.9;

/* Σ dlogp·logp + dentropy·H */
static double loss(const rp_model *model, const tiny_batch *b, rp_workspace *ws, bool with_entropy) {
    real logp[64], entropy[64];
    rp_model_forward(model, &b->packed, temperature, ws, logp, entropy);
    return weighted_sum(logp, b->dlogp, b->packed.scored) +
           (with_entropy ? weighted_sum(entropy, b->dentropy, b->packed.scored) : 0);
}

/* One parameter tensor: up to 30 of its entries by five-point central differences, compared as vectors. */
static void check_tensor(rp_model *model, const rp_parameter *p, const real *gradient, const tiny_batch *b,
                         rp_workspace *ws, bool with_entropy) {
    const double h = sizeof(real) == 8 ? 2e-3 : 3e-2, tolerance = sizeof(real) == 8 ? 1e-7 : 3e-2;
    const size_t n = p->rows * p->columns, step = n > 30 ? n / 30 + 1 : 1;
    double difference = 0, size = 0;
    for (size_t i = p->offset; i < p->offset + n; i += step) {
        const real kept = model->weights[i];
        const double steps[4] = {-2, -1, 1, 2}, weights[4] = {1, -8, 8, -1};
        double numeric = 0;
        for (int s = 0; s < 4; s++) {
            model->weights[i] = (real)((double)kept + steps[s] * h);
            numeric += weights[s] * loss(model, b, ws, with_entropy) / (12 * h);
        }
        model->weights[i] = kept;
        difference += (numeric - (double)gradient[i]) * (numeric - (double)gradient[i]);
        size += numeric * numeric + (double)gradient[i] * (double)gradient[i];
    }
    if (!(sqrt(difference) <= tolerance * sqrt(size) && size > 0))
        fail_msg("%s %s: gradient differs from central differences by %.3g relative (norm %.3g)",
                 model->config.architecture, p->name, sqrt(difference) / sqrt(size), sqrt(size));
}

static void test_every_parameter_matches_central_differences(void **state) {
    (void)state;
#ifdef _OPENMP
    omp_set_num_threads(1); /* thousands of passes too small to share */
#endif
    for (size_t c = 0; c < TINY_CONFIGS; c++)
        for (int with_entropy = 0; with_entropy < 2; with_entropy++) {
            rp_arena *arena = rp_arena_create("test", 0);
            rp_model *model = tiny_model(arena, &tiny_configs[c]);
            tiny_batch b;
            tiny_fill(&b, model->config.vocab);
            rp_workspace *ws;
            assert_ok(rp_workspace_create(arena, model, 40, 40, true, &ws));
            real *gradient = zero_array(arena, model->count);
            (void)loss(model, &b, ws, with_entropy);
            rp_model_backward(model, &b.packed, temperature, ws, b.dlogp, with_entropy ? b.dentropy : NULL, gradient);
            for (size_t i = 0; i < model->parameter_rows; i++)
                check_tensor(model, &model->parameters[i], gradient, &b, ws, with_entropy);
            rp_arena_destroy(arena);
        }
}

static void test_gradients_accumulate_over_batches(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_model *model = tiny_model(arena, &tiny_configs[3]);
    tiny_batch b;
    tiny_fill(&b, model->config.vocab);
    rp_workspace *ws;
    assert_ok(rp_workspace_create(arena, model, 64, 64, true, &ws));
    real *once = zero_array(arena, model->count), *twice = zero_array(arena, model->count);
    for (int round = 0; round < 3; round++) {
        (void)loss(model, &b, ws, true);
        rp_model_backward(model, &b.packed, temperature, ws, b.dlogp, b.dentropy, round == 0 ? once : twice);
    }
    for (size_t i = 0; i < model->count; i++) once[i] *= 2;
    assert_close(once, twice, model->count, 1e-4 * (sizeof(real) == 4) + 1e-12, 0);
    rp_arena_destroy(arena);
}

/* A batch larger than one tile and with more rows than LOSS_ROWS, for the implementations of the products and for threads.
 */
enum { SEQUENCES = 9, ROWS = 9 * 40 };
static void large_batch(rp_arena *arena, int vocab, rp_packed *packed) {
    uint32_t *start = rp_alloc(arena, uint32_t, SEQUENCES + 1), *score = rp_alloc(arena, uint32_t, ROWS);
    int32_t *ids = rp_alloc(arena, int32_t, ROWS), *target = rp_alloc(arena, int32_t, ROWS);
    rp_rng rng = rp_rng_stream(4, RP_RNG_TEST, 0, 0, 0);
    for (uint32_t s = 0; s <= SEQUENCES; s++) start[s] = s * 40 - (s % 2 ? 7 : 0);
    for (uint32_t t = 0; t < ROWS; t++) {
        ids[t] = (int32_t)rp_rng_below(&rng, (uint32_t)vocab);
        target[t] = (int32_t)rp_rng_below(&rng, (uint32_t)vocab);
        score[t] = t;
    }
    start[SEQUENCES] = ROWS;
    *packed = (rp_packed){SEQUENCES, start, ids, ROWS, score, target};
}

static void run(const rp_model *model, rp_products products, int threads, real *logp, real *gradient) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
    (void)threads;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_packed packed;
    rp_workspace *ws;
    large_batch(arena, model->config.vocab, &packed);
    assert_ok(rp_packed_check(model, &packed));
    assert_true(rp_products_use(products));
    assert_ok(rp_workspace_create(arena, model, ROWS, ROWS, true, &ws));
    const real *weight = normal_array(arena, ROWS, 1, 5);
    rp_model_forward(model, &packed, 1, ws, logp, NULL);
    memset(gradient, 0, model->count * sizeof *gradient);
    rp_model_backward(model, &packed, 1, ws, weight, weight, gradient);
    rp_arena_destroy(arena);
}

static void test_same_bits_for_any_number_of_threads(void **state) {
    (void)state;
    for (rp_products products = RP_PRODUCTS_PLAIN; products <= RP_PRODUCTS_BLAS; products++)
        for (size_t c = 0; c < TINY_CONFIGS && rp_products_use(products); c++) {
            rp_arena *arena = rp_arena_create("test", 0);
            const rp_model *model = tiny_model(arena, &tiny_configs[c]);
            real logp[ROWS], expected_logp[ROWS];
            real *gradient = zero_array(arena, model->count), *expected = zero_array(arena, model->count);
            run(model, products, 1, expected_logp, expected);
            for (int threads = 2; threads <= 4; threads++) {
                run(model, products, threads, logp, gradient);
                assert_memory_equal(logp, expected_logp, sizeof logp);
                assert_memory_equal(gradient, expected, model->count * sizeof *gradient);
            }
            rp_arena_destroy(arena);
        }
}

static void test_implementations_of_the_products_agree(void **state) {
    (void)state;
    for (rp_products products = RP_PRODUCTS_TILED; products <= RP_PRODUCTS_BLAS; products++)
        for (size_t c = 0; c < TINY_CONFIGS && rp_products_use(products); c++) {
            rp_arena *arena = rp_arena_create("test", 0);
            const rp_model *model = tiny_model(arena, &tiny_configs[c]);
            real logp[ROWS], plain_logp[ROWS];
            real *gradient = zero_array(arena, model->count), *plain = zero_array(arena, model->count);
            run(model, RP_PRODUCTS_PLAIN, 2, plain_logp, plain);
            run(model, products, 2, logp, gradient);
            const double scale = sqrt(rp_sum_squares(plain, model->count) / (double)model->count);
            assert_close(logp, plain_logp, ROWS, 500 * (double)REAL_EPSILON, 0);
            assert_close(gradient, plain, model->count, 2000 * scale * (double)REAL_EPSILON, 2000 * (double)REAL_EPSILON);
            rp_arena_destroy(arena);
        }
}

static const bool live[SEQUENCES] = {false, true, true, false, false, true, false, true, false};

/* The live sequences alone, and their weights; in `weight` those of the others become zero. */
static rp_packed keep_live(rp_arena *arena, const rp_packed *all, real *weight, real *kept) {
    uint32_t *start = rp_alloc_zero(arena, uint32_t, SEQUENCES + 1), *score = rp_alloc(arena, uint32_t, ROWS), n = 0;
    int32_t *ids = rp_alloc(arena, int32_t, ROWS), *target = rp_alloc(arena, int32_t, ROWS);
    size_t sequences = 0;
    for (size_t s = 0; s < SEQUENCES; s++) {
        for (size_t t = all->start[s]; t < all->start[s + 1]; t++) {
            if (!live[s]) {
                weight[t] = 0;
                continue;
            }
            score[n] = n; /* every row is scored */
            ids[n] = all->ids[t];
            target[n] = all->target[t];
            kept[n++] = weight[t];
        }
        if (live[s]) start[++sequences] = n;
    }
    return (rp_packed){sequences, start, ids, n, score, target};
}

/* Sequences without a gradient, at the beginning, between and at the end, are as if they were not there: to the bit where
 * products sum in order. */
static void check_left_out(rp_arena *arena, const rp_model *model, bool same_bits) {
    rp_packed all;
    large_batch(arena, model->config.vocab, &all);
    real *weight = normal_array(arena, ROWS, 1, 5), *kept = rp_alloc(arena, real, ROWS), logp[ROWS];
    const rp_packed few = keep_live(arena, &all, weight, kept);
    real *gradient = zero_array(arena, model->count), *expected = zero_array(arena, model->count);
    rp_workspace *ws;
    assert_ok(rp_packed_check(model, &few));
    assert_ok(rp_workspace_create(arena, model, ROWS, ROWS, true, &ws));
    rp_model_forward(model, &few, 1, ws, logp, NULL);
    rp_model_backward(model, &few, 1, ws, kept, NULL, expected);
    rp_model_forward(model, &all, 1, ws, logp, NULL);
    rp_model_backward(model, &all, 1, ws, weight, NULL, gradient);
    const double scale = sqrt(rp_sum_squares(expected, model->count) / (double)model->count);
    assert_true(scale > 0);
    assert_close(gradient, expected, model->count, 2000 * scale * (double)REAL_EPSILON, 2000 * (double)REAL_EPSILON);
    if (same_bits) assert_memory_equal(gradient, expected, model->count * sizeof *gradient);
    memset(weight, 0, ROWS * sizeof *weight);
    memset(gradient, 0, model->count * sizeof *gradient);
    rp_model_backward(model, &all, 1, ws, weight, weight, gradient);
    for (size_t i = 0; i < model->count; i++) assert_true(gradient[i] == 0);
}

static void test_sequences_without_gradient_are_left_out(void **state) {
    (void)state;
    for (rp_products products = RP_PRODUCTS_PLAIN; products <= RP_PRODUCTS_BLAS; products++)
        for (size_t c = 0; c < TINY_CONFIGS && rp_products_use(products); c++) {
            rp_arena *arena = rp_arena_create("test", 0);
            check_left_out(arena, tiny_model(arena, &tiny_configs[c]), products != RP_PRODUCTS_BLAS);
            rp_arena_destroy(arena);
        }
}

/* The scored rows alone, or every row scored and the others without a gradient: the last layer then computes for all of them.
 * The values at the former, with and without what backward keeps, and the gradient are the same; to the bit where products sum
 * in order. */
static void check_scored(rp_arena *arena, const rp_model *model, bool same_bits) {
    rp_packed all;
    large_batch(arena, model->config.vocab, &all);
    real *weight = normal_array(arena, ROWS, 1, 5), *few_weight = rp_alloc(arena, real, ROWS);
    real all_logp[ROWS], all_entropy[ROWS], logp[2][ROWS], entropy[2][ROWS];
    uint32_t *score = rp_alloc(arena, uint32_t, ROWS);
    int32_t *target = rp_alloc(arena, int32_t, ROWS);
    rp_packed few = {all.sequences, all.start, all.ids, 0, score, target};
    for (uint32_t t = 0; t < ROWS; t++) {
        if (t % 40 < 15 || t % 7 == 3) { /* prompts, and single tokens between */
            weight[t] = 0;
            continue;
        }
        score[few.scored] = t;
        target[few.scored] = all.target[t];
        few_weight[few.scored++] = weight[t];
    }
    assert_true(few.scored > 128 && few.scored < ROWS);
    assert_ok(rp_packed_check(model, &few));
    real *gradient = zero_array(arena, model->count), *expected = zero_array(arena, model->count);
    rp_workspace *whole, *kept, *lean;
    assert_ok(rp_workspace_create(arena, model, ROWS, ROWS, true, &whole));
    assert_ok(rp_workspace_create(arena, model, ROWS, few.scored, true, &kept));
    assert_ok(rp_workspace_create(arena, model, ROWS, few.scored, false, &lean));
    rp_model_forward(model, &all, 1, whole, all_logp, all_entropy);
    rp_model_backward(model, &all, 1, whole, weight, NULL, expected);
    rp_model_forward(model, &few, 1, lean, logp[0], entropy[0]);
    rp_model_forward(model, &few, 1, kept, logp[1], entropy[1]);
    rp_model_backward(model, &few, 1, kept, few_weight, NULL, gradient);
    for (size_t k = 0; k < 2; k++)
        for (size_t m = 0; m < few.scored; m++) {
            assert_near((double)logp[k][m], (double)all_logp[score[m]], same_bits ? 0 : 1e-4, 0);
            assert_near((double)entropy[k][m], (double)all_entropy[score[m]], same_bits ? 0 : 1e-4, 0);
        }
    const double scale = sqrt(rp_sum_squares(expected, model->count) / (double)model->count);
    assert_true(scale > 0);
    assert_close(gradient, expected, model->count, 2000 * scale * (double)REAL_EPSILON, 2000 * (double)REAL_EPSILON);
    if (same_bits) assert_memory_equal(gradient, expected, model->count * sizeof *gradient);
}

static void test_rows_that_nobody_reads_change_nothing(void **state) {
    (void)state;
    for (rp_products products = RP_PRODUCTS_PLAIN; products <= RP_PRODUCTS_BLAS; products++)
        for (size_t c = 0; c < TINY_CONFIGS && rp_products_use(products); c++)
            for (int threads = 1; threads <= 4; threads += 3) {
#ifdef _OPENMP
                omp_set_num_threads(threads);
#endif
                rp_arena *arena = rp_arena_create("test", 0);
                check_scored(arena, tiny_model(arena, &tiny_configs[c]), products != RP_PRODUCTS_BLAS);
                rp_arena_destroy(arena);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_that_nobody_reads_change_nothing),
        cmocka_unit_test(test_every_parameter_matches_central_differences),
        cmocka_unit_test(test_gradients_accumulate_over_batches),
        cmocka_unit_test(test_same_bits_for_any_number_of_threads),
        cmocka_unit_test(test_implementations_of_the_products_agree),
        cmocka_unit_test(test_sequences_without_gradient_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
