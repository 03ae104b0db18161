/* SPDX-License-Identifier: MIT
 *
 * pretrain.c — the pupil before reinforcement learning: a tokenizer from the micro-world's text, batches of its examples.
 */
#include <rephrase/learn.h>

#include <string.h>

enum { CORPUS_EXAMPLES = 4000 };
static const char end_of_text[] = "<|endoftext|>";

rp_status rp_train_world_tokenizer(rp_arena *arena, const rp_recipe *recipe, rp_tokenizer **tokenizer) {
    rp_world world;
    RP_TRY(rp_recipe_world(recipe, &world));
    static const char *const specials[] = {end_of_text, NULL};
    rp_str *texts;
    size_t count;
    RP_TRY(rp_world_corpus(&world, (uint64_t)recipe->seed, CORPUS_EXAMPLES, arena, &texts, &count));
    const rp_bpe_training settings = {.vocab_size = (size_t)recipe->vocab,
                                      .min_frequency = 2,
                                      .splitter = RP_SPLIT_SMOLLM,
                                      .specials = specials,
                                      .whole_alphabet = true};
    return rp_bpe_train(arena, &settings, texts, count, tokenizer);
}

/* Tokens whose bytes meet a scored range carry loss; with no ranges all do. The end token always does. */
static rp_status mask_of(rp_arena *arena, const rp_world_example *example, const rp_encoding *response, rp_row *row) {
    if (example->scored_count == 0) return RP_OK;
    row->mask = rp_alloc_zero(arena, uint8_t, rp_row_tokens(row));
    RP_TRY_ALLOC(row->mask);
    for (size_t t = 0; t < response->length; t++)
        for (size_t r = 0; r < example->scored_count; r++)
            if (response->begin[t] < example->scored[r][1] && response->end[t] > example->scored[r][0]) row->mask[t] = 1;
    row->mask[response->length] = 1;
    return RP_OK;
}

static rp_status example_row(const rp_policy *policy, const rp_world_example *example, rp_arena *arena, rp_row *row) {
    const rp_encode_options plain = {.plain = true, .offsets = true};
    rp_encoding prompt, response;
    RP_TRY(rp_encode(policy->tokenizer, arena, example->prompt, &plain, &prompt));
    RP_TRY(rp_encode(policy->tokenizer, arena, example->response, &plain, &response));
    int32_t *ids = rp_alloc(arena, int32_t, response.length + 1);
    RP_TRY_ALLOC(ids);
    if (response.length) memcpy(ids, response.ids, response.length * sizeof *ids);
    ids[response.length] = policy->end;
    RP_TRY(rp_row_create(arena, prompt.ids, prompt.length, ids, response.length + 1, row));
    row->source = RP_SOURCE_EXPERT;
    row->stopped = true;
    return mask_of(arena, example, &response, row);
}

rp_status rp_pretrain_rows(const rp_problem_source *source, const rp_policy *policy, int64_t step, rp_arena *arena,
                           rp_row **rows, size_t *count) {
    const rp_recipe *recipe = source->recipe;
    const rp_world_mixture mixture = {.drill = recipe->drill,
                                      .explain = recipe->explain,
                                      .rephrase = recipe->rephrase_share,
                                      .expert = recipe->expert_share,
                                      .own = recipe->own_share};
    const size_t n = (size_t)recipe->pretrain_batch;
    rp_row *made = rp_alloc_zero(arena, rp_row, n);
    RP_TRY_ALLOC(made);
    for (size_t i = 0; i < n; i++) {
        rp_rng rng = rp_rng_stream((uint64_t)recipe->seed, RP_RNG_TASK, (uint32_t)step, (uint32_t)i, 0);
        rp_world_example example;
        RP_TRY(rp_world_pretraining(&source->world, &mixture, &rng, arena, &example));
        RP_TRY(example_row(policy, &example, arena, &made[i]));
        made[i].group = (uint32_t)i;
    }
    *rows = made;
    *count = n;
    return RP_OK;
}
