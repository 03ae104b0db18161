/* SPDX-License-Identifier: MIT
 *
 * generation.c — a loaded model that answers: flags to options, stop strings, text as it comes.
 */
#include "generation.h"

#include <string.h>
#include <unistd.h>

#define GENERATION(kind, field, ...) RP_OPTION_##kind(rp_generation_flags, field, __VA_ARGS__)
const rp_option rp_generation_options[] = {
    GENERATION(TEXT, model, "model", NULL, "directory, .safetensors or .gguf", .value = "PATH"),
    GENERATION(TEXT, tokenizer, "tokenizer", NULL, "tokenizer.json; without it the model's own", .value = "PATH"),
    GENERATION(TEXT, chat_format, "chat_format", "auto", RP_CHAT_NAMES "; auto = by the template", .value = "NAME"),
    GENERATION(TEXT, chat_date, "chat_date", NULL, "the date llama3.1 conversations begin with (26 Jul 2024)"),
    GENERATION(BOOL, greedy, "greedy", false, "always the likeliest token (temperature 0)"),
    GENERATION(REAL, temperature, "temperature", 1, 0, 100, "sampling temperature", .value = "T"),
    GENERATION(INT, top_k, "top_k", 0, 0, 1e7, "sample among the K likeliest; 0 = off", .value = "K"),
    GENERATION(REAL, top_p, "top_p", 1, 0, 1, "sample among the likeliest that hold probability P; 1 = off", .value = "P"),
    GENERATION(REAL, min_p, "min_p", 0, 0, 1, "drop tokens below P times the likeliest; 0 = off", .value = "P"),
    GENERATION(INT, max_new, "max_completion_length", 256, 1, 1e7, "tokens of a completion at most",
               .trl = "max_completion_length", .verl = "data.max_response_length", .former = "max_new, max_new_tokens"),
    GENERATION(INT, seed, "seed", 0, -9e15, 9e15, "seed of the random streams", .value = "S"),
    GENERATION(LIST, stops, "stop", "end where this text appears; may be repeated"),
    GENERATION(BOOL, ignore_end, "ignore_end", false, "do not end at the model's end tokens"),
    GENERATION(INT, memory, "kv_megabytes", 1024, 1, 1e6, "memory for the key/value cache", .value = "MB"),
    RP_OPTION_END,
};

static rp_status check_flags(const rp_generation_flags *f) {
    if (!f->model) return rp_fail(RP_ERR_ARGUMENT, "--model is missing: the model to sample from");
    for (size_t i = 0; i < f->stops.count; i++)
        if (!*f->stops.items[i]) return rp_fail(RP_ERR_ARGUMENT, "--stop: an empty text stops nothing");
    return RP_OK;
}

rp_memory_needs rp_memory_of(const rp_model *model) {
    const rp_model_config *c = &model->config;
    const double weights = (double)model->count * sizeof(real);
    return (rp_memory_needs){.sampling = 2 * weights,
                             .per_token = 2.0 * c->layers * c->kv_heads * c->head_size * sizeof(real),
                             .training = 5 * weights,
                             .per_1024 = (double)rp_workspace_bytes(model, 1024, 1024, true)};
}

rp_size_text rp_size_of(double bytes) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    for (; bytes >= 999.5 && unit < 4; unit++) bytes /= 1000;
    rp_size_text out;
    (void)snprintf(out.text, sizeof out.text, "%.*f %s", unit == 0 || bytes >= 99.95 ? 0 : 1, bytes, units[unit]);
    return out;
}

static rp_status choose_chat(rp_arena *arena, const rp_generation_flags *f, rp_generation *g) {
    const bool automatic = strcmp(f->chat_format, "auto") == 0;
    g->chat = automatic ? rp_chat_of(g->tokenizer) : rp_chat_find(f->chat_format);
    if (!automatic && !g->chat) return RP_ERR_ARGUMENT;
    if (!f->chat_date) return RP_OK;
    if (!g->chat) return rp_fail(RP_ERR_ARGUMENT, "--chat-date: the model's chat format is not known");
    return rp_chat_with_date(arena, g->chat, f->chat_date, &g->chat);
}

static void say_loaded(const char *path, const rp_generation *g, const rp_load_report *report, double seconds) {
    const rp_memory_needs needs = rp_memory_of(g->model);
    rp_log(RP_LOG_INFO, "%s: %s, %.3g million parameters, read as %s (%s), ready in %.2f s", path,
           g->model->config.architecture, (double)g->model->count * 1e-6, report->types,
           rp_size_of((double)report->file_bytes).text, seconds);
    rp_log(RP_LOG_INFO, "sampling takes %s and %s per token of context; training would take %s; chat format: %s",
           rp_size_of(needs.sampling).text, rp_size_of(needs.per_token).text, rp_size_of(needs.training).text,
           g->chat ? rp_chat_name(g->chat) : "not known");
}

rp_status rp_generation_open(rp_arena *arena, const rp_generation_flags *f, rp_generation *g) {
    RP_TRY(check_flags(f));
    rp_generation made = {.stop_texts = &f->stops, .max_new = (size_t)f->max_new, .seed = (uint64_t)f->seed};
    made.options = (rp_generate_options){.sampling = {.temperature = f->greedy ? 0 : f->temperature,
                                                      .top_k = (int)f->top_k,
                                                      .top_p = f->top_p,
                                                      .min_p = f->min_p},
                                         .memory = (size_t)f->memory << 20};
    RP_TRY(rp_sampling_check(&made.options.sampling));
    const double began = rp_seconds();
    rp_load_report report;
    RP_TRY(rp_model_load(arena, f->model, &made.model, &report));
    RP_TRY(rp_tokenizer_load(arena, f->tokenizer ? f->tokenizer : f->model, &made.tokenizer));
    RP_TRY(choose_chat(arena, f, &made));
    RP_TRY(rp_decoder_create(arena, made.model, RP_EXACT, &made.decoder));
    say_loaded(f->model, &made, &report, rp_seconds() - began);
    *g = made;
    const rp_model_config *c = &g->model->config;
    if (!f->ignore_end)
        g->options.stop_count = rp_end_tokens(g->tokenizer, g->chat, c->eos, (size_t)c->eos_count, g->stop_ids);
    return RP_OK;
}

rp_status rp_generation_text(const rp_generation *g, rp_arena *arena, rp_str text, rp_encoding *out) {
    const rp_encode_options options = {.add_special = true};
    return rp_encode(g->tokenizer, arena, text, &options, out);
}

rp_status rp_generation_needs_chat(const rp_generation *g) {
    if (g->chat) return RP_OK;
    return rp_fail(RP_ERR_UNSUPPORTED, "the model's chat format is not known: --chat-format names one (" RP_CHAT_NAMES ")");
}

rp_status rp_generation_chat(const rp_generation *g, rp_arena *arena, const rp_chat_message *messages, size_t count,
                             rp_encoding *out) {
    RP_TRY(rp_generation_needs_chat(g));
    return rp_chat_encode(g->chat, g->tokenizer, arena, messages, count, true, out);
}

rp_generate_request rp_generation_request(const rp_generation *g, const rp_encoding *prompt, uint32_t number,
                                          uint32_t sample) {
    return (rp_generate_request){.prompt = prompt->ids,
                                 .prompt_length = prompt->length,
                                 .max_new = g->max_new,
                                 .rng = rp_rng_stream(g->seed, RP_RNG_ROLLOUT, 0, number, sample)};
}

/* ---- Stop strings and streaming -------------------------------------------------------------------------------- */

static const char *find(rp_str text, const char *word) {
    const size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.length; i++)
        if (memcmp(text.data + i, word, n) == 0) return text.data + i;
    return NULL;
}

size_t rp_generation_cut(const rp_generation *g, rp_str text) {
    size_t length = text.length;
    for (size_t i = 0; i < g->stop_texts->count; i++) {
        const char *at = find((rp_str){text.data, length}, g->stop_texts->items[i]);
        if (at) length = (size_t)(at - text.data);
    }
    return length;
}

/* Bytes at the end of text that could still become a stop string: they are not printed yet. */
static size_t held_back(const rp_generation *g, rp_str text) {
    size_t held = 0;
    for (size_t i = 0; i < g->stop_texts->count; i++) {
        const char *word = g->stop_texts->items[i];
        for (size_t n = strlen(word) - 1; n > held; n--)
            if (n <= text.length && memcmp(text.data + text.length - n, word, n) == 0) held = n;
    }
    return held;
}

/* A model may write escape sequences, and a terminal would obey them; files and pipes get every byte. */
static void put_text(const char *text, size_t n) {
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        const bool control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
        (void)putchar(terminal && control ? '?' : c);
    }
}

typedef struct listener {
    const rp_generation *g;
    rp_decode_stream *streams; /* per request */
    rp_buffer *texts;
    bool print;
    size_t printed;
} listener;

static bool on_token(void *context, size_t request, int32_t id, real logp_1) {
    listener *l = context;
    (void)logp_1;
    rp_buffer *text = &l->texts[request];
    rp_decode_push(&l->streams[request], id, text);
    const rp_str so_far = {text->data ? text->data : "", text->length};
    const size_t cut = rp_generation_cut(l->g, so_far);
    if (l->print) {
        const size_t safe = cut < so_far.length ? cut : so_far.length - held_back(l->g, so_far);
        if (safe > l->printed) {
            put_text(so_far.data + l->printed, safe - l->printed);
            (void)fflush(stdout);
            l->printed = safe;
        }
    }
    return cut < so_far.length;
}

static rp_status generate(rp_generation *g, rp_arena *arena, const rp_generate_request *requests, size_t count, bool print,
                          rp_generate_result *results) {
    listener l = {.g = g,
                  .streams = rp_alloc(arena, rp_decode_stream, count),
                  .texts = rp_alloc(arena, rp_buffer, count),
                  .print = print};
    rp_arena *texts = rp_arena_create("texts", 0);
    if (!l.streams || !l.texts || !texts) {
        rp_arena_destroy(texts);
        return RP_ERR_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        l.streams[i] = rp_decode_begin(g->tokenizer, true);
        l.texts[i] = rp_buffer_in(texts);
    }
    g->options.stop = g->stop_ids;
    g->options.on_token = print || g->stop_texts->count ? on_token : NULL;
    g->options.context = &l;
    const rp_status status = rp_generate(g->decoder, arena, &g->options, requests, count, results);
    if (status == RP_OK && print) { /* what was held back in the hope of a stop string */
        rp_decode_finish(&l.streams[0], &l.texts[0]);
        const rp_str whole = {l.texts[0].data ? l.texts[0].data : "", l.texts[0].length};
        const size_t cut = rp_generation_cut(g, whole);
        if (cut > l.printed) put_text(whole.data + l.printed, cut - l.printed);
    }
    rp_arena_destroy(texts);
    return status;
}

rp_status rp_generation_run(rp_generation *g, rp_arena *arena, const rp_generate_request *requests, size_t count,
                            rp_generate_result *results) {
    return generate(g, arena, requests, count, false, results);
}

rp_status rp_generation_stream(rp_generation *g, rp_arena *arena, const rp_generate_request *request,
                               rp_generate_result *result) {
    return generate(g, arena, request, 1, true, result);
}
