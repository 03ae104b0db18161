/* SPDX-License-Identifier: MIT
 *
 * cmd_sample.c — `rephrase sample`: continue prompts, chats or ids; text as it comes, or JSON lines with log-probabilities.
 */
#include "commands.h"
#include "generation.h"

#include <math.h>
#include <string.h>

typedef struct item { /* one line of input */
    rp_encoding prompt;
    rp_json_type id_kind; /* its "id", written back into the answers: a text, a number, or none */
    rp_str id_text;
    int64_t id_number;
} item;

static rp_status ids_of_json(rp_arena *arena, const rp_json *array, int32_t vocab, rp_encoding *out) {
    RP_TRY(rp_json_require_type(array, RP_JSON_ARRAY));
    const size_t n = rp_json_length(array);
    int32_t *ids = rp_alloc(arena, int32_t, n + 1);
    RP_TRY_ALLOC(ids);
    for (size_t i = 0; i < n; i++) {
        const rp_json at = rp_json_at(array, i);
        int64_t id;
        RP_TRY(rp_json_get_int(&at, 0, vocab - 1, &id));
        ids[i] = (int32_t)id;
    }
    *out = (rp_encoding){.ids = ids, .length = n};
    return RP_OK;
}

static rp_status messages_of_json(const rp_generation *g, rp_arena *arena, const rp_json *array, rp_encoding *out) {
    RP_TRY(rp_json_require_type(array, RP_JSON_ARRAY));
    const size_t n = rp_json_length(array);
    rp_chat_message *messages = rp_alloc_zero(arena, rp_chat_message, n + 1);
    RP_TRY_ALLOC(messages);
    for (size_t i = 0; i < n; i++) {
        const rp_json message = rp_json_at(array, i), role = rp_json_key(&message, "role"),
                      content = rp_json_key(&message, "content");
        RP_TRY(rp_json_get_string(&role, &messages[i].role));
        RP_TRY(rp_json_get_string(&content, &messages[i].content));
    }
    return rp_generation_chat(g, arena, messages, n, out);
}

static rp_status keep_id(rp_arena *arena, const rp_json *root, item *out) {
    const rp_json id = rp_json_key(root, "id");
    rp_str text;
    out->id_kind = rp_json_typeof(&id);
    if (out->id_kind <= RP_JSON_NULL) return RP_OK;
    if (out->id_kind != RP_JSON_STRING) return rp_json_get_int(&id, INT64_MIN, INT64_MAX, &out->id_number);
    RP_TRY(rp_json_get_string(&id, &text));
    out->id_text = (rp_str){rp_strndup(arena, text.data, text.length), text.length}; /* the line's own text goes with it */
    RP_TRY_ALLOC(out->id_text.data);
    return RP_OK;
}

static rp_status prompt_of_line(const rp_generation *g, rp_arena *arena, const rp_json *root, item *out) {
    static const char *const known[] = {"text", "ids", "messages", "id", NULL};
    RP_TRY(rp_json_only_keys(root, known));
    const rp_json text = rp_json_key(root, "text"), ids = rp_json_key(root, "ids"),
                  messages = rp_json_key(root, "messages");
    const int given = (text.value != NULL) + (ids.value != NULL) + (messages.value != NULL);
    if (given != 1) return rp_json_fail(root, RP_ERR_FORMAT, "give one of text, ids and messages, not %d", given);
    if (ids.value)
        RP_TRY(ids_of_json(arena, &ids, g->model->config.vocab, &out->prompt));
    else if (messages.value)
        RP_TRY(messages_of_json(g, arena, &messages, &out->prompt));
    else {
        rp_str slice;
        RP_TRY(rp_json_get_string(&text, &slice));
        RP_TRY(rp_generation_text(g, arena, slice, &out->prompt));
    }
    if (out->prompt.length == 0) return rp_json_fail(root, RP_ERR_ARGUMENT, "the prompt has no token");
    return keep_id(arena, root, out);
}

static rp_status read_items(const rp_generation *g, rp_arena *arena, const char *path, item **items, size_t *count) {
    rp_line_reader reader;
    RP_TRY(rp_lines_open(path, &reader));
    size_t capacity = 64;
    item *list = rp_alloc(arena, item, capacity);
    *count = 0;
    rp_str line;
    bool end = false;
    rp_status status = list ? RP_OK : RP_ERR_MEMORY;
    while (status == RP_OK && (status = rp_lines_next(&reader, &line, &end)) == RP_OK && !end) {
        if (*count == capacity) {
            item *more = rp_alloc(arena, item, capacity * 2);
            if (!more) {
                status = RP_ERR_MEMORY;
                break;
            }
            memcpy(more, list, capacity * sizeof *list);
            list = more;
            capacity *= 2;
        }
        char source[512];
        (void)snprintf(source, sizeof source, "%s:%zu", reader.path, reader.number);
        rp_json_document *document;
        status = rp_json_parse(line.data, line.length, source, &document);
        if (status != RP_OK) break;
        const rp_json root = rp_json_root(document);
        status = prompt_of_line(g, arena, &root, &list[*count]);
        rp_json_free(document);
        if (status == RP_OK)
            (*count)++;
        else if (strncmp(rp_last_error(), source, strlen(source)) != 0)
            status = rp_fail_prefix(status, "%s", source);
    }
    rp_lines_close(&reader);
    *items = list;
    return status;
}

static void put_ids(rp_json_writer *w, const char *key, const int32_t *ids, size_t n) {
    rp_json_put_key(w, key);
    rp_json_begin_array(w);
    for (size_t i = 0; i < n; i++) rp_json_put_int(w, ids[i]);
    rp_json_end_array(w);
}

static void put_reals(rp_json_writer *w, const char *key, const real *values, size_t n) {
    rp_json_put_key(w, key);
    rp_json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
#if RP_PRECISION == 32
        rp_json_put_float(w, values[i]);
#else
        rp_json_put_double(w, values[i]);
#endif
    }
    rp_json_end_array(w);
}

static void put_id(rp_json_writer *w, const item *from) {
    if (from->id_kind <= RP_JSON_NULL) return;
    rp_json_put_key(w, "id");
    if (from->id_kind == RP_JSON_STRING)
        rp_json_put_string(w, from->id_text.data, from->id_text.length);
    else
        rp_json_put_int(w, from->id_number);
}

static rp_status put_result(const rp_generation *g, rp_arena *arena, const item *from, const rp_generate_request *request,
                            const rp_generate_result *result) {
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    rp_buffer line = rp_buffer_in(arena);
    rp_json_writer w = rp_json_write_to(&line);
    rp_str text;
    RP_TRY(rp_decode(g->tokenizer, arena, result->ids, result->length, true, &text));
    rp_json_begin_object(&w);
    put_id(&w, from);
    put_ids(&w, "ids", result->ids, result->length);
    put_ids(&w, "prompt_ids", request->prompt, request->prompt_length);
    rp_json_put_key(&w, "text");
    rp_json_put_string(&w, text.data, rp_generation_cut(g, text));
    put_reals(&w, "logprobs", result->logp_1, result->length);
    if (g->options.sampling.temperature != 1.0 && g->options.sampling.temperature != 0.0)
        put_reals(&w, "logprobs_sampled", result->logp, result->length);
    put_reals(&w, "prompt_logprobs", result->prompt_logp, request->prompt_length - 1);
    rp_json_put_key(&w, "stopped");
    rp_json_put_bool(&w, result->stopped);
    rp_json_end_object(&w);
    RP_TRY(rp_buffer_status(&line));
    const rp_status status = rp_put_line(line.data, line.length);
    rp_arena_rewind(arena, mark);
    return status;
}

/* Answers are written a window of requests at a time: what a long run has finished is not lost when it is stopped, and its memory
 * is given back. What a request's answer is does not depend on the window. */
static rp_status sample_lines(rp_generation *g, rp_arena *arena, const char *path, size_t each) {
    enum { WINDOW = 512 };
    item *items;
    size_t count;
    RP_TRY(read_items(g, arena, path, &items, &count));
    rp_generate_request *requests = rp_alloc_zero(arena, rp_generate_request, WINDOW);
    rp_generate_result *results = rp_alloc_zero(arena, rp_generate_result, WINDOW);
    if (!requests || !results) return RP_ERR_MEMORY;
    g->options.prompt_logp = true;
    const rp_arena_mark mark = rp_arena_get_mark(arena);
    for (size_t first = 0, n; first < count * each; first += n) {
        n = count * each - first < WINDOW ? count * each - first : WINDOW;
        for (size_t i = 0; i < n; i++) {
            const size_t line = (first + i) / each, sample = (first + i) % each;
            requests[i] = rp_generation_request(g, &items[line].prompt, (uint32_t)line, (uint32_t)sample);
        }
        RP_TRY(rp_generation_run(g, arena, requests, n, results));
        for (size_t i = 0; i < n; i++) RP_TRY(put_result(g, arena, &items[(first + i) / each], &requests[i], &results[i]));
        (void)fflush(stdout);
        rp_arena_rewind(arena, mark);
    }
    return RP_OK;
}

static rp_status sample_words(rp_generation *g, rp_arena *arena, const rp_text_list *words, bool chat, size_t each) {
    rp_buffer text = rp_buffer_in(arena);
    for (size_t i = 0; i < words->count; i++) rp_buffer_format(&text, "%s%s", i ? " " : "", words->items[i]);
    RP_TRY(rp_buffer_status(&text));
    rp_encoding prompt;
    const rp_chat_message message = {rp_str_of("user"), {text.data, text.length}};
    if (chat)
        RP_TRY(rp_generation_chat(g, arena, &message, 1, &prompt));
    else
        RP_TRY(rp_generation_text(g, arena, message.content, &prompt));
    if (prompt.length == 0) return rp_fail(RP_ERR_ARGUMENT, "the prompt has no token");
    for (size_t i = 0; i < each; i++) {
        const rp_generate_request request = rp_generation_request(g, &prompt, 0, (uint32_t)i);
        rp_generate_result result;
        if (each > 1) printf("%s-- %zu --\n", i ? "\n" : "", i + 1);
        RP_TRY(rp_generation_stream(g, arena, &request, &result));
        putchar('\n');
    }
    return RP_OK;
}

typedef struct arguments {
    rp_generation_flags generation;
    const char *jsonl;
    bool chat;
    int64_t n;
} arguments;

static const rp_option options[] = {
    RP_OPTION_TEXT(arguments, jsonl, "jsonl", NULL, "prompts, one JSON object per line; - is standard input",
                   .value = "FILE"),
    RP_OPTION_BOOL(arguments, chat, "chat", false, "PROMPT is a user's message in the model's chat format"),
    RP_OPTION_INT(arguments, n, "n", 1, 1, 65536, "answers per prompt"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const arguments *chosen = call->arguments;
    const size_t each = (size_t)chosen->n;
    if (!chosen->jsonl == (call->words.count == 0)) return rp_fail(RP_ERR_ARGUMENT, "give either a PROMPT or --jsonl FILE");
    rp_generation g;
    RP_TRY(rp_generation_open(call->arena, &chosen->generation, &g));
    if (chosen->jsonl) return sample_lines(&g, call->arena, chosen->jsonl, each);
    return sample_words(&g, call->arena, &call->words, chosen->chat, each);
}

const rp_command rp_command_sample = {
    .name = "sample",
    .summary = "continue prompts or chats; log-probabilities as JSON",
    .usage = "rephrase sample --model PATH [PROMPT] [--jsonl FILE] [flags]",
    .about = "Generates text. A PROMPT is continued on the terminal as it is sampled. --jsonl reads one JSON object per "
             "line, {text}, {ids} or {messages: [{role, content}...]}, an id if you like, and writes {id, ids, prompt_ids, "
             "text, logprobs, prompt_logprobs} lines in the same order; logprobs are those of the sampled tokens at "
             "temperature 1 (and logprobs_sampled, at the sampling temperature). The same seed gives the same answers "
             "whatever the batch and the number of threads.",
    .examples = "  rephrase sample --model SmolLM2.gguf --chat \"Why is the sky blue?\"\n"
                "  rephrase sample --model SmolLM2.gguf --greedy --max-completion-length 64 --jsonl prompts.jsonl > answers.jsonl\n"
                "  echo '{\"text\": \"Once upon a time\"}' | rephrase sample --model m --jsonl - --n 4 --seed 7\n",
    .words = "PROMPT",
    .arguments = sizeof(arguments),
    .options = options,
    .shared = rp_generation_options,
    .shared_offset = offsetof(arguments, generation),
    .run = run,
};
