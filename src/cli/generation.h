/* SPDX-License-Identifier: MIT
 *
 * generation.h — private to the program: what `sample` and `chat` share: flags, a loaded model, stop strings, streaming.
 */
#ifndef REPHRASE_CLI_GENERATION_H
#define REPHRASE_CLI_GENERATION_H

#include "cli.h"

#include <rephrase/model.h>
#include <rephrase/text.h>

typedef struct rp_generation_flags {
    const char *model, *tokenizer, *chat_format, *chat_date;
    bool greedy, ignore_end;
    double temperature, top_p, min_p;
    int64_t top_k, max_new, seed, memory;
    rp_text_list stops;
} rp_generation_flags;
extern const rp_option rp_generation_options[];

/* Bytes that working with a model takes. */
typedef struct rp_memory_needs {
    double sampling;  /* weights and their repacked copy */
    double per_token; /* key/value cache, per token of every sequence at once */
    double training;  /* the same, gradient, two moments */
    double per_1024;  /* activations of a training pass over 1024 tokens */
} rp_memory_needs;
rp_memory_needs rp_memory_of(const rp_model *model);
/* "538 MB", "46 kB", in three digits. */
typedef struct rp_size_text {
    char text[24];
} rp_size_text;
rp_size_text rp_size_of(double bytes);

typedef struct rp_generation {
    rp_model *model;
    rp_tokenizer *tokenizer;
    const rp_chat_format *chat; /* NULL = none known */
    rp_decoder *decoder;
    rp_generate_options options;
    int32_t stop_ids[RP_MOST_STOPS];
    const rp_text_list *stop_texts;
    size_t max_new;
    uint64_t seed;
} rp_generation;

rp_status rp_generation_open(rp_arena *arena, const rp_generation_flags *chosen, rp_generation *g) RP_MUST_CHECK;
/* Fails, naming the formats there are, when the model's is not known. */
rp_status rp_generation_needs_chat(const rp_generation *g) RP_MUST_CHECK;
rp_status rp_generation_text(const rp_generation *g, rp_arena *arena, rp_str text, rp_encoding *out) RP_MUST_CHECK;
rp_status rp_generation_chat(const rp_generation *g, rp_arena *arena, const rp_chat_message *messages, size_t count,
                             rp_encoding *out) RP_MUST_CHECK;
rp_generate_request rp_generation_request(const rp_generation *g, const rp_encoding *prompt, uint32_t number,
                                          uint32_t sample);
/* All requests; a sequence also ends where one of the stop strings appears. */
rp_status rp_generation_run(rp_generation *g, rp_arena *arena, const rp_generate_request *requests, size_t count,
                            rp_generate_result *results) RP_MUST_CHECK;
/* One request, its text printed as it comes. */
rp_status rp_generation_stream(rp_generation *g, rp_arena *arena, const rp_generate_request *request,
                               rp_generate_result *result) RP_MUST_CHECK;
/* Length of the text before the first stop string, or all of it. */
size_t rp_generation_cut(const rp_generation *g, rp_str text);

#endif
