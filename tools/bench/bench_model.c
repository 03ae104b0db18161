/* SPDX-License-Identifier: MIT
 *
 * bench_model.c — how fast training steps and generation are, beside the speed of a plain matrix product.
 *
 *     bench-model product                     GF/s of each implementation of the matrix product, and GB/s of reading memory
 *     bench-model train SHAPE [runs] [part]   forward, backward and AdamW on one batch, `part` sequences per pass (default: all);
 *                                             SHAPE is tinyA, tinyB or smollm2
 *     bench-model decode SHAPE BATCH [runs] [spread|bf16]
 *                                             prompt + new tokens for BATCH sequences at a time; spread: four times as many answers
 *                                             of 1 … 2 new - 1 tokens, the same number of tokens in all as without it; bf16: with
 *                                             rounded weights
 *     bench-model rl SHAPE [runs] [part]      a step of group-relative learning: 8 prompts of 11 tokens, 8 answers of 64 tokens to
 *                                             each are sampled; forward, backward of every answer (`part` at a time), AdamW
 *     bench-model load PATH                   seconds to load a checkpoint and to repack it
 *     bench-model convert PATH DIRECTORY      loads a checkpoint and saves it as F32 safetensors
 *
 * Weights are random. Times are medians over runs. RP_PRODUCTS=plain|tiled|blas sets the implementation. RP_CLOCK=cpu counts
 * processor time instead of time on the wall; with OMP_NUM_THREADS=1 that is the measure to use on a busy machine.
 */
#include <rephrase/kernels.h>
#include <rephrase/model.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Seconds of the clock that RP_CLOCK asks for. */
static double now(void) {
    const char *wanted = getenv("RP_CLOCK");
    return wanted && strcmp(wanted, "cpu") == 0 ? (double)clock() / CLOCKS_PER_SEC : rp_seconds();
}

typedef struct shape {
    const char *name;
    rp_model_config config;
    size_t sequences, length; /* of a training batch */
    size_t prompt, new_tokens;
} shape;

static const shape shapes[] = {
    {"tinyA",
     {.architecture = "llama",
      .layers = 4,
      .channels = 128,
      .heads = 4,
      .kv_heads = 4,
      .head_size = 32,
      .hidden = 384,
      .vocab = 512,
      .context = 1024,
      .rope_theta = 10000,
      .norm_epsilon = 1e-5,
      .tied_head = true,
      .bos = -1},
     64,
     128,
     16,
     112},
    {"tinyB",
     {.architecture = "llama",
      .layers = 4,
      .channels = 256,
      .heads = 4,
      .kv_heads = 4,
      .head_size = 64,
      .hidden = 768,
      .vocab = 1024,
      .context = 1024,
      .rope_theta = 10000,
      .norm_epsilon = 1e-5,
      .tied_head = true,
      .bos = -1},
     64,
     256,
     16,
     240},
    {"smollm2",
     {.architecture = "llama",
      .layers = 30,
      .channels = 576,
      .heads = 9,
      .kv_heads = 3,
      .head_size = 64,
      .hidden = 1536,
      .vocab = 49152,
      .context = 8192,
      .rope_theta = 100000,
      .norm_epsilon = 1e-5,
      .tied_head = true,
      .bos = -1},
     4,
     256,
     64,
     128},
};

static void stop_on(rp_status status) {
    if (status == RP_OK) return;
    (void)fprintf(stderr, "%s\n", rp_last_error());
    exit(1);
}

static const shape *find_shape(const char *name) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].name, name) == 0) return &shapes[i];
    (void)fprintf(stderr, "no shape %s; there are tinyA, tinyB, smollm2\n", name);
    exit(2);
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, size_t n) {
    qsort(times, n, sizeof *times, by_value);
    return times[n / 2];
}

/* ---- Products
 * ---------------------------------------------------------------------------------------------------------------- */

/* Each thread multiplies its own 512 × 512 matrices: the rate that a perfectly shared product would have. */
static double product_rate(void) {
    enum { N = 512, RUNS = 15 };
    const int threads = rp_thread_count();
    rp_arena *arena = rp_arena_create("products", 0);
    real *x = rp_alloc_zero(arena, real, (size_t)threads * 3 * N * N);
    if (!x) exit(1);
    double times[RUNS];
    for (size_t run = 0; run < RUNS; run++) {
        const double start = now();
#pragma omp parallel for schedule(static, 1)
        for (int t = 0; t < threads; t++) {
            real *a = x + (size_t)t * 3 * N * N;
            for (int i = 0; i < 4; i++) rp_product_nt(a + 2 * N * N, N, a, N, a + N * N, N, N, N, N, false);
        }
        times[run] = now() - start;
    }
    rp_arena_destroy(arena);
    return threads * 4 * 2.0 * N * N * N / median(times, RUNS) / 1e9;
}

/* The rate of the fastest implementation there is, whichever is in use: the limit that shares are taken of. */
static double best_product_rate(void) {
    const rp_products chosen = rp_products_prepare();
    double best = 0;
    for (rp_products kind = RP_PRODUCTS_TILED; kind <= RP_PRODUCTS_BLAS; kind++) {
        if (!rp_products_use(kind)) continue;
        const double rate = product_rate();
        best = rate > best ? rate : best;
    }
    rp_products_use(chosen);
    return best;
}

/* GB/s at which all threads together read memory that no cache holds. */
static double reading_rate(void) {
    enum { RUNS = 7 };
    const size_t n = ((size_t)512 << 20) / sizeof(real);
    rp_arena *arena = rp_arena_create("memory", 0);
    const real *x = rp_alloc_zero(arena, real, n);
    if (!x) exit(1);
    double times[RUNS];
    for (size_t run = 0; run < RUNS; run++) {
        const double start = now();
        if (rp_sum(x, n) != 0) exit(1);
        times[run] = now() - start;
    }
    rp_arena_destroy(arena);
    return (double)(n * sizeof(real)) / median(times, RUNS) / 1e9;
}

static void bench_products(void) {
    const rp_blas_facts facts = rp_blas_look();
    const rp_products chosen = rp_products_prepare();
    (void)printf("OpenBLAS core: %s%s%s\n", facts.core, facts.forced ? ", forced by OPENBLAS_CORETYPE" : "",
                 facts.vectors == RP_NARROWER ? ", narrower than this program's vectors" : "");
    for (rp_products kind = RP_PRODUCTS_TILED; kind <= RP_PRODUCTS_BLAS; kind++)
        if (rp_products_use(kind))
            (void)printf("%-12s %6.0f GF/s%s\n", rp_products_name(kind), product_rate(),
                         kind == chosen ? "   (in use)" : "");
    (void)printf("%-12s %6.1f GB/s\n", "memory", reading_rate());
    rp_products_use(chosen);
}

/* ---- Training
 * ------------------------------------------------------------------------------------------------------------------ */

typedef struct training {
    rp_model *model;
    rp_workspace *workspace;
    rp_packed batch;
    real *logp, *dlogp, *gradient, *first, *second;
} training;

static training prepare_training(rp_arena *arena, const shape *s, size_t part) {
    training t;
    const size_t N = s->sequences * s->length;
    uint32_t *start = rp_alloc(arena, uint32_t, s->sequences + 1), *score = rp_alloc(arena, uint32_t, N);
    int32_t *ids = rp_alloc(arena, int32_t, N), *target = rp_alloc(arena, int32_t, N);
    rp_rng rng = rp_rng_stream(1, RP_RNG_TEST, 0, 0, 0);
    for (size_t i = 0; i <= s->sequences; i++) start[i] = (uint32_t)(i * s->length);
    for (size_t i = 0; i < N; i++) {
        ids[i] = (int32_t)rp_rng_below(&rng, (uint32_t)s->config.vocab);
        target[i] = (int32_t)rp_rng_below(&rng, (uint32_t)s->config.vocab);
        score[i] = (uint32_t)i;
    }
    t.batch = (rp_packed){s->sequences, start, ids, N, score, target};
    stop_on(rp_model_create(arena, &s->config, &t.model));
    rp_model_init(t.model, 1, 0.02, 0.02);
    stop_on(rp_packed_check(t.model, &t.batch));
    stop_on(rp_workspace_create(arena, t.model, part * s->length, part * s->length, true, &t.workspace));
    t.logp = rp_alloc(arena, real, N);
    t.dlogp = rp_alloc(arena, real, N);
    t.gradient = rp_alloc_zero(arena, real, t.model->count);
    t.first = rp_alloc_zero(arena, real, t.model->count);
    t.second = rp_alloc_zero(arena, real, t.model->count);
    if (!t.logp || !t.dlogp || !t.gradient || !t.first || !t.second) exit(1);
    for (size_t i = 0; i < N; i++) t.dlogp[i] = -1 / (real)N;
    return t;
}

static void optimise(const training *t, int64_t step) {
    const rp_optimizer adamw = {.learning_rate = 1e-3, .beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weight_decay = 0.1};
    const double norm = sqrt(rp_sum_squares(t->gradient, t->model->count));
    for (size_t i = 0; i < t->model->parameter_rows; i++) {
        const rp_parameter *p = &t->model->parameters[i];
        rp_adamw_update(t->model->weights + p->offset, t->first + p->offset, t->second + p->offset, t->gradient + p->offset,
                        p->rows * p->columns, &adamw, step, rp_clip_factor(norm, 1), p->decay);
    }
    memset(t->gradient, 0, t->model->count * sizeof *t->gradient);
}

/* 6 per weight of a product and token, and the causal half of attention's 12 L T (H D) per token. */
static double training_flops(const shape *s, const rp_model *model) {
    double products = 0;
    for (size_t i = 0; i < model->parameter_rows; i++)
        if (model->parameters[i].rows > 1)
            products += (double)model->parameters[i].rows * (double)model->parameters[i].columns;
    const double width = (double)s->config.heads * s->config.head_size;
    return (6 * products + 6.0 * s->config.layers * (double)s->length * width) * (double)(s->sequences * s->length);
}

/* Sequences first … first+part-1 of the batch, as a batch. */
static rp_packed part_of(const training *t, size_t first, size_t part, uint32_t *start) {
    const size_t offset = t->batch.start[first], rows = t->batch.start[first + part] - offset;
    for (size_t i = 0; i <= part; i++) start[i] = t->batch.start[first + i] - (uint32_t)offset;
    return (rp_packed){part, start, t->batch.ids + offset, rows, t->batch.score, t->batch.target + offset};
}

/* Seconds of the forward and of the backward passes over the whole batch. */
static void run_passes(const training *t, size_t part, uint32_t *start, double *forward, double *backward) {
    *forward = *backward = 0;
    for (size_t first = 0; first < t->batch.sequences; first += part) {
        const rp_packed packed = part_of(t, first, part, start);
        const size_t offset = t->batch.start[first];
        const double a = now();
        rp_model_forward(t->model, &packed, 1, t->workspace, t->logp + offset, NULL);
        const double b = now();
        rp_model_backward(t->model, &packed, 1, t->workspace, t->dlogp + offset, NULL, t->gradient);
        *forward += b - a;
        *backward += now() - b;
    }
}

static void bench_training(const shape *s, size_t runs, size_t part) {
    enum { FORWARD, BACKWARD, OPTIMISER, STEP, LIMIT, SHARE, PARTS };
    rp_arena *arena = rp_arena_create("bench", 0);
    double *parts[PARTS], loss = 0;
    for (size_t i = 0; i < PARTS; i++) stop_on((parts[i] = rp_alloc(arena, double, runs)) ? RP_OK : RP_ERR_MEMORY);
    const training t = prepare_training(arena, s, part);
    uint32_t *start = rp_alloc(arena, uint32_t, part + 1);
    stop_on(start && s->sequences % part == 0
                ? RP_OK
                : rp_fail(RP_ERR_ARGUMENT, "%zu sequences do not divide %zu", part, s->sequences));
    const double flops = training_flops(s, t.model) / 1e9;
    for (size_t run = 0; run < runs + 1; run++) { /* the first one touches the memory */
        const size_t at = run ? run - 1 : 0;
        parts[LIMIT][at] = best_product_rate(); /* beside each step: neighbours and clocks change from second to second */
        const double a = now();
        run_passes(&t, part, start, &parts[FORWARD][at], &parts[BACKWARD][at]);
        const double c = now();
        optimise(&t, (int64_t)run + 1);
        const double d = now();
        parts[OPTIMISER][at] = d - c;
        parts[STEP][at] = d - a;
        parts[SHARE][at] = flops / (d - a) / parts[LIMIT][at];
        loss = -rp_sum(t.logp, t.batch.scored) / (double)t.batch.scored;
    }
    for (size_t i = 0; i < PARTS; i++) (void)median(parts[i], runs); /* sorts */
    const double step = parts[STEP][runs / 2];
    (void)printf("train %s: %s, %d threads, loss %.4f\n", s->name, rp_products_name(rp_products_prepare()),
                 rp_thread_count(), loss);
    (void)printf("  step %.1f ms (forward %.1f, backward %.1f, optimiser %.1f), best %.1f\n", step * 1e3,
                 parts[FORWARD][runs / 2] * 1e3, parts[BACKWARD][runs / 2] * 1e3, parts[OPTIMISER][runs / 2] * 1e3,
                 parts[STEP][0] * 1e3);
    (void)printf("  %.0f tokens/s, %.0f GF/s = %.0f %% of the %.0f GF/s of a product; peak memory %zu MiB\n",
                 (double)(s->sequences * s->length) / step, flops / step, 100 * parts[SHARE][runs / 2],
                 parts[LIMIT][runs / 2], rp_peak_memory() >> 20);
    rp_arena_destroy(arena);
}

/* ---- Generation
 * -------------------------------------------------------------------------------------------------------------------- */

static void bench_decode(const shape *s, size_t batch, size_t runs, bool spread, rp_rounding rounding) {
    const size_t count = spread ? 4 * batch : batch;
    size_t tokens = 0;
    rp_arena *arena = rp_arena_create("bench", 0);
    rp_model *model;
    rp_decoder *decoder;
    stop_on(rp_model_create(arena, &s->config, &model));
    rp_model_init(model, 1, 0.02, 0.02);
    stop_on(rp_decoder_create(arena, model, rounding, &decoder));
    const double packing = now();
    rp_decoder_refresh(decoder, model);
    const double packed = now() - packing;
    int32_t *prompts = rp_alloc(arena, int32_t, count * s->prompt);
    rp_generate_request *requests = rp_alloc(arena, rp_generate_request, count);
    rp_generate_result *results = rp_alloc(arena, rp_generate_result, count);
    double *times = rp_alloc(arena, double, runs);
    if (!prompts || !requests || !results || !times) exit(1);
    rp_rng rng = rp_rng_stream(1, RP_RNG_TEST, 0, 0, 0);
    for (size_t i = 0; i < count * s->prompt; i++) prompts[i] = (int32_t)rp_rng_below(&rng, (uint32_t)s->config.vocab);
    for (uint32_t i = 0; i < count; i++) { /* lengths in no order: i times an odd number, modulo a power of two */
        const size_t length = spread ? 1 + i * 37 % count * (2 * s->new_tokens - 2) / (count - 1) : s->new_tokens;
        requests[i] =
            (rp_generate_request){prompts + i * s->prompt, s->prompt, length, rp_rng_stream(1, RP_RNG_ROLLOUT, 0, i, 0)};
        tokens += length;
    }
    const rp_generate_options options = {.sampling = {.temperature = 1, .top_p = 1}, .batch = batch};
    for (size_t run = 0; run < runs; run++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        const double start = now();
        stop_on(rp_generate(decoder, arena, &options, requests, count, results));
        times[run] = now() - start;
        rp_arena_rewind(arena, mark);
    }
    const double middle = median(times, runs);
    (void)printf(
        "decode %s%s batch %zu, %zu + %s%zu tokens: %.0f new tokens/s (best %.0f), repacking %.1f ms, "
        "peak memory %zu MiB\n",
        s->name, rounding == RP_TO_BF16 ? " bf16" : "", batch, s->prompt, spread ? "about " : "", s->new_tokens,
        (double)tokens / middle, (double)tokens / times[0], packed * 1e3, rp_peak_memory() >> 20);
    rp_arena_destroy(arena);
}

/* ---- A step of group-relative learning
 * -------------------------------------------------------------------------------------------------- */

enum { PROMPTS = 8, ANSWERS = 8, PROMPT_TOKENS = 11, ANSWER_TOKENS = 64, ROWS = PROMPTS * ANSWERS };

static void ask(const shape *s, rp_generate_request *requests, int32_t prompts[PROMPTS][PROMPT_TOKENS], uint32_t step) {
    rp_rng rng = rp_rng_stream(1, RP_RNG_TEST, step, 0, 0);
    for (size_t i = 0; i < PROMPTS * PROMPT_TOKENS; i++)
        prompts[i / PROMPT_TOKENS][i % PROMPT_TOKENS] = (int32_t)rp_rng_below(&rng, (uint32_t)s->config.vocab);
    for (uint32_t i = 0; i < ROWS; i++)
        requests[i] = (rp_generate_request){prompts[i / ANSWERS], PROMPT_TOKENS, ANSWER_TOKENS,
                                            rp_rng_stream(1, RP_RNG_ROLLOUT, step, i / ANSWERS, i % ANSWERS)};
}

/* Prompts and answers first … first+count-1, end to end; the answers' tokens are scored. */
static rp_packed pack_answers(const rp_generate_request *requests, const rp_generate_result *results, size_t first,
                              size_t count, uint32_t *start, int32_t *ids, uint32_t *score, int32_t *target) {
    uint32_t at = 0, m = 0;
    for (size_t i = first; i < first + count; i++) {
        start[i - first] = at;
        memcpy(ids + at, requests[i].prompt, PROMPT_TOKENS * sizeof *ids);
        memcpy(ids + at + PROMPT_TOKENS, results[i].ids, results[i].length * sizeof *ids);
        for (uint32_t k = 0; k < results[i].length; k++, m++) {
            score[m] = at + PROMPT_TOKENS - 1 + k;
            target[m] = results[i].ids[k];
        }
        at += PROMPT_TOKENS + (uint32_t)results[i].length;
    }
    start[count] = at;
    return (rp_packed){count, start, ids, m, score, target};
}

/* Forward, backward of every answer, `part` answers at a time, and AdamW. */
static void learn(const training *t, const rp_generate_request *requests, const rp_generate_result *results, size_t part,
                  int64_t step) {
    enum { TOKENS = ROWS * (PROMPT_TOKENS + ANSWER_TOKENS) };
    static int32_t ids[TOKENS], target[TOKENS];
    static uint32_t start[ROWS + 1], score[TOKENS];
    for (size_t first = 0; first < ROWS; first += part) {
        const rp_packed packed =
            pack_answers(requests, results, first, ROWS - first < part ? ROWS - first : part, start, ids, score, target);
        rp_model_forward(t->model, &packed, 1, t->workspace, t->logp, NULL);
        for (size_t i = 0; i < packed.scored; i++) t->dlogp[i] = (score[i] % 2 ? 1 : -1) / (real)(ROWS * ANSWER_TOKENS);
        rp_model_backward(t->model, &packed, 1, t->workspace, t->dlogp, NULL, t->gradient);
    }
    optimise(t, step);
}

static void bench_rl(const shape *s, size_t runs, size_t part) {
    static int32_t prompts[PROMPTS][PROMPT_TOKENS];
    rp_arena *arena = rp_arena_create("bench", 0);
    const training t = prepare_training(arena, s, part * (PROMPT_TOKENS + ANSWER_TOKENS) / s->length + 1);
    rp_decoder *decoder;
    stop_on(rp_decoder_create(arena, t.model, RP_EXACT, &decoder));
    const rp_generate_options options = {.sampling = {.temperature = 1, .top_p = 1}};
    double *sampling = rp_alloc(arena, double, runs), *steps = rp_alloc(arena, double, runs);
    if (!sampling || !steps) exit(1);
    for (size_t run = 0; run < runs + 1; run++) { /* the first one touches the memory */
        const size_t at = run ? run - 1 : 0;
        rp_generate_request requests[ROWS];
        rp_generate_result results[ROWS];
        ask(s, requests, prompts, (uint32_t)run);
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        const double a = now();
        rp_decoder_refresh(decoder, t.model);
        stop_on(rp_generate(decoder, arena, &options, requests, ROWS, results));
        sampling[at] = now() - a;
        learn(&t, requests, results, part, (int64_t)run + 1);
        steps[at] = now() - a;
        rp_arena_rewind(arena, mark);
    }
    const double step = median(steps, runs);
    (void)printf("rl %s: step %.1f ms, of these sampling %.1f; %.0f new tokens/s, peak memory %zu MiB\n", s->name, step * 1e3,
                 median(sampling, runs) * 1e3, ROWS * ANSWER_TOKENS / step, rp_peak_memory() >> 20);
    rp_arena_destroy(arena);
}

/* ---- Files
 * -------------------------------------------------------------------------------------------------------------------------
 */

static void bench_load(const char *path, const char *save_to) {
    rp_arena *arena = rp_arena_create("bench", 0);
    rp_model *model;
    rp_decoder *decoder;
    rp_load_report report;
    stop_on(rp_model_load(arena, path, &model, &report));
    (void)printf("loaded %zu tensors (%s, %zu MiB) in %.2f s\n", report.tensors, report.types, report.file_bytes >> 20,
                 report.seconds);
    const double start = now();
    if (save_to)
        stop_on(rp_model_save(arena, model, save_to, RP_F32));
    else
        stop_on(rp_decoder_create(arena, model, RP_EXACT, &decoder));
    (void)printf("%s in %.2f s\n", save_to ? "saved" : "repacked for generation", now() - start);
    rp_arena_destroy(arena);
}

int main(int argc, char **argv) {
    const char *wanted = getenv("RP_PRODUCTS"), *names[] = {"plain", "tiled", "blas"};
    for (int i = 0; wanted && i < 3; i++)
        if (strcmp(wanted, names[i]) == 0 && !rp_products_use((rp_products)i)) return 1;
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "product") == 0)
        bench_products();
    else if (strcmp(what, "train") == 0 && argc > 2)
        bench_training(find_shape(argv[2]), argc > 3 ? (size_t)atoi(argv[3]) : 7,
                       argc > 4 ? (size_t)atoi(argv[4]) : find_shape(argv[2])->sequences);
    else if (strcmp(what, "decode") == 0 && argc > 3)
        bench_decode(find_shape(argv[2]), (size_t)atoi(argv[3]), argc > 4 ? (size_t)atoi(argv[4]) : 5,
                     argc > 5 && strcmp(argv[5], "spread") == 0,
                     argc > 5 && strcmp(argv[5], "bf16") == 0 ? RP_TO_BF16 : RP_EXACT);
    else if (strcmp(what, "rl") == 0 && argc > 2)
        bench_rl(find_shape(argv[2]), argc > 3 ? (size_t)atoi(argv[3]) : 7, argc > 4 ? (size_t)atoi(argv[4]) : ROWS);
    else if (strcmp(what, "load") == 0 && argc > 2)
        bench_load(argv[2], NULL);
    else if (strcmp(what, "convert") == 0 && argc > 3)
        bench_load(argv[2], argv[3]);
    else {
        (void)fprintf(stderr, "usage: bench-model product | train SHAPE [runs] [part] | decode SHAPE BATCH [runs] [spread|bf16] "
                              "| rl SHAPE [runs] [part] "
                              "| load PATH | convert PATH "
                              "DIRECTORY\n");
        return 2;
    }
    return 0;
}
