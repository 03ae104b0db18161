/* SPDX-License-Identifier: MIT
 *
 * A real model: SmolLM2-135M-Instruct from its GGUF file, against what transformers computed from the same file in float32
 * (shared/data/smollm2/reference.jsonl). Skipped where either file is absent.
 */
#include "golden.h"

enum { LINES = 64, LONGEST = 1024 };

typedef struct reference {
    size_t lines;
    int32_t *ids[LINES], *greedy[LINES];
    size_t length[LINES], greedy_length[LINES];
    real *logprob_next[LINES], *logsumexp[LINES];
} reference;

static bool read_reference(rp_arena *arena, reference *r) {
    const char *path = shared_path("data/smollm2/reference.jsonl");
    if (!path || !smollm2_path()) return false;
    rp_line_reader reader;
    rp_str line;
    assert_ok(rp_lines_open(path, &reader));
    for (bool end; assert_ok(rp_lines_next(&reader, &line, &end)), !end;) {
        rp_json_document *document;
        assert_true(r->lines < LINES);
        const size_t i = r->lines++;
        assert_ok(rp_json_parse(line.data, line.length, path, &document));
        const rp_json root = rp_json_root(document), ids = rp_json_key(&root, "ids"), greedy = rp_json_key(&root, "greedy");
        const rp_json next = rp_json_key(&root, "logprob_next"), sums = rp_json_key(&root, "logsumexp");
        r->length[i] = golden_ints(arena, &ids, &r->ids[i]);
        r->greedy_length[i] = golden_ints(arena, &greedy, &r->greedy[i]);
        r->logprob_next[i] = golden_reals(arena, &next);
        r->logsumexp[i] = golden_reals(arena, &sums);
        rp_json_free(document);
    }
    rp_lines_close(&reader);
    return r->lines > 0;
}

static void check_line(const rp_model *model, rp_workspace *ws, rp_arena *arena, const reference *r, size_t i) {
    const size_t T = r->length[i], V = (size_t)model->config.vocab;
    uint32_t score[LONGEST];
    int32_t target[LONGEST];
    real logp[LONGEST], *logits = rp_alloc(arena, real, T * V);
    for (uint32_t t = 0; t < T; t++) {
        score[t] = t;
        target[t] = t + 1 < T ? r->ids[i][t + 1] : 0;
    }
    const uint32_t start[2] = {0, (uint32_t)T};
    const rp_packed packed = {1, start, r->ids[i], T, score, target};
    assert_ok(rp_packed_check(model, &packed));
    rp_model_forward(model, &packed, 1, ws, logp, NULL);
    rp_model_logits(model, &packed, ws, logits);
    assert_close(logp, r->logprob_next[i], T - 1, 1e-3, 0);
    for (size_t t = 0; t < T; t++) /* log Σ exp(z) = z_y − log p_y */
        assert_near((double)logits[t * V + (size_t)target[t]] - (double)logp[t], (double)r->logsumexp[i][t], 1e-3, 0);
}

static void test_log_probabilities(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    reference r = {.lines = 0};
    if (!read_reference(arena, &r)) {
        rp_arena_destroy(arena);
        skip();
    }
    rp_model *model;
    rp_load_report report;
    rp_workspace *ws;
    assert_ok(rp_model_load(arena, smollm2_path(), &model, &report));
    print_message("%s, %zu tensors, %zu MiB in %.2f s\n", report.types, report.tensors, report.file_bytes >> 20,
                  report.seconds);
    assert_int_equal(model->count, 134515008);
    assert_ok(rp_workspace_create(arena, model, LONGEST, LONGEST, false, &ws));
    for (size_t i = 0; i < r.lines; i++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        check_line(model, ws, arena, &r, i);
        rp_arena_rewind(arena, mark);
    }
    rp_arena_destroy(arena);
}

static void test_greedy_tokens(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    reference r = {.lines = 0};
    if (!read_reference(arena, &r)) {
        rp_arena_destroy(arena);
        skip();
    }
    rp_model *model;
    rp_decoder *decoder;
    assert_ok(rp_model_load(arena, smollm2_path(), &model, NULL));
    assert_ok(rp_decoder_create(arena, model, RP_EXACT, &decoder));
    const rp_generate_options options = {.sampling = {.temperature = 0, .top_p = 1}, .prompt_logp = true};
    rp_generate_request requests[LINES];
    rp_generate_result results[LINES];
    for (size_t i = 0; i < r.lines; i++)
        requests[i] = (rp_generate_request){r.ids[i], r.length[i], r.greedy_length[i], {{0}, {0}, {0}, 0}};
    assert_ok(rp_generate(decoder, arena, &options, requests, r.lines, results));
    for (size_t i = 0; i < r.lines; i++) {
        assert_int_equal(results[i].length, r.greedy_length[i]);
        assert_memory_equal(results[i].ids, r.greedy[i], results[i].length * sizeof(int32_t));
        assert_close(results[i].prompt_logp, r.logprob_next[i], r.length[i] - 1, 1e-3, 0);
    }
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_probabilities),
        cmocka_unit_test(test_greedy_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
