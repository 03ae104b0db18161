/* SPDX-License-Identifier: MIT
 *
 * cmd_tokenize.c — rephrase tokenize: text to ids and back, a JSON line for each item; training and saving tokenizers.
 */
#include "commands.h"

#include <rephrase/text.h>

#include <string.h>
#include <time.h>

typedef struct settings {
    const char *tokenizer, *jsonl, *save, *bench, *chat_format;
    bool tokens, offsets, decode, skip_special, replace_invalid, plain, add_special, generation;
    const char *train;
    rp_splitter splitter;
    int64_t vocab_size, min_frequency, max_token_length;
    bool whole_alphabet;
    rp_text_list specials;
} settings;

/* ---- One item -------------------------------------------------------------------------------------------------- */

static void put_ids(rp_json_writer *w, const rp_encoding *encoding) {
    rp_json_put_key(w, "ids");
    rp_json_begin_array(w);
    for (size_t i = 0; i < encoding->length; i++) rp_json_put_int(w, encoding->ids[i]);
    rp_json_end_array(w);
}

static void put_tokens(rp_json_writer *w, const rp_tokenizer *tokenizer, const rp_encoding *encoding) {
    rp_json_put_key(w, "tokens");
    rp_json_begin_array(w);
    for (size_t i = 0; i < encoding->length; i++) {
        const rp_str text = rp_token_text(tokenizer, encoding->ids[i]);
        rp_json_put_string(w, text.data, text.length);
    }
    rp_json_end_array(w);
}

static void put_offsets(rp_json_writer *w, const rp_encoding *encoding) {
    rp_json_put_key(w, "offsets");
    rp_json_begin_array(w);
    for (size_t i = 0; i < encoding->length; i++) {
        rp_json_begin_array(w);
        rp_json_put_int(w, encoding->begin[i]);
        rp_json_put_int(w, encoding->end[i]);
        rp_json_end_array(w);
    }
    rp_json_end_array(w);
}

static rp_status put_encoding(const settings *s, const rp_tokenizer *tokenizer, const rp_encoding *encoding,
                              rp_buffer *out) {
    rp_json_writer w = rp_json_write_to(out);
    rp_json_begin_object(&w);
    put_ids(&w, encoding);
    if (s->tokens) put_tokens(&w, tokenizer, encoding);
    if (s->offsets && encoding->begin) put_offsets(&w, encoding);
    rp_json_end_object(&w);
    return rp_buffer_status(out);
}

static rp_status encode_item(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena, rp_str text,
                             rp_buffer *out) {
    const rp_encode_options options = {
        .plain = s->plain, .add_special = s->add_special, .offsets = s->offsets, .replace_invalid = s->replace_invalid};
    rp_encoding encoding;
    RP_TRY(rp_encode(tokenizer, arena, text, &options, &encoding));
    return put_encoding(s, tokenizer, &encoding, out);
}

static rp_status decode_item(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena, const int32_t *ids,
                             size_t n, rp_buffer *out) {
    rp_str text;
    for (size_t i = 0; i < n; i++)
        if (!rp_token_is_known(tokenizer, ids[i]))
            return rp_fail(RP_ERR_ARGUMENT, "id %d at place %zu is not in the vocabulary of %zu", ids[i], i,
                           rp_tokenizer_size(tokenizer));
    RP_TRY(rp_decode(tokenizer, arena, ids, n, s->skip_special, &text));
    rp_json_writer w = rp_json_write_to(out);
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "text");
    rp_json_put_string(&w, text.data, text.length);
    rp_json_end_object(&w);
    return rp_buffer_status(out);
}

/* ---- Lines of JSON --------------------------------------------------------------------------------------------- */

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* JSON strings are valid UTF-8; bytes that are not come as hexadecimal digits. */
static rp_status read_hex(const rp_json *at, rp_arena *arena, rp_str *text) {
    rp_str digits;
    RP_TRY(rp_json_get_string(at, &digits));
    char *bytes = rp_alloc(arena, char, digits.length / 2 + 1);
    RP_TRY_ALLOC(bytes);
    for (size_t i = 0; i < digits.length; i++) {
        const int value = digit_of(digits.data[i]);
        if (value < 0 || digits.length % 2 != 0)
            return rp_json_fail(at, RP_ERR_FORMAT, "expected an even number of hexadecimal digits");
        bytes[i / 2] = (char)(i % 2 ? (unsigned char)bytes[i / 2] | value : value << 4);
    }
    *text = (rp_str){bytes, digits.length / 2};
    return RP_OK;
}

static rp_status read_ids(const rp_json *root, rp_arena *arena, int32_t **ids, size_t *count) {
    const rp_json at = rp_json_key(root, "ids");
    RP_TRY(rp_json_require_type(&at, RP_JSON_ARRAY));
    *count = rp_json_length(&at);
    *ids = rp_alloc(arena, int32_t, *count + 1);
    RP_TRY_ALLOC(*ids);
    for (size_t i = 0; i < *count; i++) {
        const rp_json item = rp_json_at(&at, i);
        int64_t id;
        RP_TRY(rp_json_get_int(&item, 0, INT32_MAX, &id));
        (*ids)[i] = (int32_t)id;
    }
    return RP_OK;
}

static rp_status find_format(const settings *s, const rp_tokenizer *tokenizer, const rp_chat_format **format) {
    *format = s->chat_format ? rp_chat_find(s->chat_format) : rp_chat_of(tokenizer);
    if (*format) return RP_OK;
    if (s->chat_format) return RP_ERR_ARGUMENT; /* the sentence is stored */
    return rp_fail(RP_ERR_UNSUPPORTED,
                   "%s has no chat template, or one that is not known: name a layout with --chat-format", s->tokenizer);
}

static rp_status encode_messages(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena, const rp_json *list,
                                 rp_buffer *out) {
    const rp_chat_format *format;
    rp_encoding encoding;
    RP_TRY(find_format(s, tokenizer, &format));
    RP_TRY(rp_json_require_type(list, RP_JSON_ARRAY));
    const size_t count = rp_json_length(list);
    rp_chat_message *messages = rp_alloc(arena, rp_chat_message, count + 1);
    RP_TRY_ALLOC(messages);
    for (size_t i = 0; i < count; i++) {
        const rp_json item = rp_json_at(list, i), role = rp_json_key(&item, "role"),
                      content = rp_json_key(&item, "content");
        RP_TRY(rp_json_get_string(&role, &messages[i].role));
        RP_TRY(rp_json_get_string(&content, &messages[i].content));
    }
    RP_TRY(rp_chat_encode(format, tokenizer, arena, messages, count, s->generation, &encoding));
    return put_encoding(s, tokenizer, &encoding, out);
}

static rp_status do_object(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena, const rp_json *root,
                           rp_buffer *out) {
    RP_TRY(rp_json_require_type(root, RP_JSON_OBJECT));
    if (s->decode) {
        int32_t *ids;
        size_t count;
        RP_TRY(read_ids(root, arena, &ids, &count));
        return decode_item(s, tokenizer, arena, ids, count, out);
    }
    const rp_json plain = rp_json_key(root, "text"), hex = rp_json_key(root, "hex"),
                  messages = rp_json_key(root, "messages");
    if (rp_json_typeof(&messages) != RP_JSON_ABSENT) return encode_messages(s, tokenizer, arena, &messages, out);
    rp_str text;
    if (rp_json_typeof(&plain) == RP_JSON_ABSENT && rp_json_typeof(&hex) != RP_JSON_ABSENT)
        RP_TRY(read_hex(&hex, arena, &text));
    else
        RP_TRY(rp_json_get_string(&plain, &text));
    return encode_item(s, tokenizer, arena, text, out);
}

static rp_status do_line(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena, rp_str line, size_t number) {
    char source[512];
    (void)snprintf(source, sizeof source, "%s:%zu", s->jsonl, number);
    rp_json_document *document;
    RP_TRY(rp_json_parse(line.data, line.length, source, &document));
    const rp_json root = rp_json_root(document);
    rp_buffer out = rp_buffer_in(arena);
    rp_status status = do_object(s, tokenizer, arena, &root, &out);
    if (status == RP_ERR_ARGUMENT) status = RP_ERR_FORMAT; /* an unknown id: the file is wrong, not the call */
    if (status != RP_OK && !strstr(rp_last_error(), source)) status = rp_fail_prefix(status, "%s", source);
    rp_json_free(document);
    return status == RP_OK ? rp_put_line(out.data, out.length) : status;
}

static rp_status do_file(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena) {
    rp_line_reader reader;
    RP_TRY(rp_lines_open(s->jsonl, &reader));
    rp_status status = RP_OK;
    bool end = false;
    while (status == RP_OK) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_str line;
        status = rp_lines_next(&reader, &line, &end);
        if (status != RP_OK || end) break;
        if (line.length) status = do_line(s, tokenizer, arena, line, reader.number);
        rp_arena_rewind(arena, mark);
        if (status == RP_OK && rp_interrupt_requested()) status = rp_fail(RP_ERR_INTERRUPTED, "stopped");
    }
    rp_lines_close(&reader);
    return status;
}

/* ---- Words of the command line --------------------------------------------------------------------------------- */

static rp_status do_words(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena, const rp_text_list *words) {
    rp_buffer out = rp_buffer_in(arena);
    if (s->decode) {
        int32_t ids[RP_LIST_MAX];
        for (size_t i = 0; i < words->count; i++) {
            int64_t id;
            if (!rp_parse_int64(words->items[i], &id) || id < 0 || id > INT32_MAX)
                return rp_fail(RP_ERR_ARGUMENT, "\"%s\" is not an id", words->items[i]);
            ids[i] = (int32_t)id;
        }
        RP_TRY(decode_item(s, tokenizer, arena, ids, words->count, &out));
        return rp_put_line(out.data, out.length);
    }
    for (size_t i = 0; i < words->count; i++) {
        out = rp_buffer_in(arena);
        RP_TRY(encode_item(s, tokenizer, arena, rp_str_of(words->items[i]), &out));
        RP_TRY(rp_put_line(out.data, out.length));
    }
    return RP_OK;
}

/* ---- Speed ----------------------------------------------------------------------------------------------------- */

/* Processor time, so that other programs on the machine disturb less. */
static double processor_seconds(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

/* The best of a few turns through the whole text, cut into parts of about 100 kB, on one core. */
static rp_status bench(const settings *s, const rp_tokenizer *tokenizer, rp_arena *arena) {
    enum { PART = 100000, TURNS = 5 };
    const rp_encode_options options = {.replace_invalid = true};
    rp_str text, back;
    RP_TRY(rp_file_read(arena, s->bench, 0, &text));
    double encode = 1e9, decode = 1e9;
    size_t tokens = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        double encoding_time = 0, decoding_time = 0;
        tokens = 0;
        for (size_t at = 0; at < text.length; at += PART) {
            const rp_arena_mark mark = rp_arena_get_mark(arena);
            const rp_str part = {text.data + at, text.length - at < PART ? text.length - at : PART};
            rp_encoding encoding;
            const double start = processor_seconds();
            RP_TRY(rp_encode(tokenizer, arena, part, &options, &encoding));
            const double middle = processor_seconds();
            RP_TRY(rp_decode(tokenizer, arena, encoding.ids, encoding.length, false, &back));
            encoding_time += middle - start;
            decoding_time += processor_seconds() - middle;
            tokens += encoding.length;
            rp_arena_rewind(arena, mark);
        }
        if (encoding_time < encode) encode = encoding_time;
        if (decoding_time < decode) decode = decoding_time;
    }
    const double megabytes = (double)text.length / 1e6;
    char *line =
        rp_sprintf(arena, "{\"bytes\": %zu, \"tokens\": %zu, \"encode_mb_per_s\": %.1f, \"decode_mb_per_s\": %.1f}",
                   text.length, tokens, megabytes / encode, megabytes / decode);
    RP_TRY_ALLOC(line);
    return rp_put_line(line, strlen(line));
}

/* ---- Training -------------------------------------------------------------------------------------------------- */

typedef struct corpus {
    rp_str *texts;
    size_t count, capacity;
} corpus;

static rp_status add_text(corpus *c, rp_arena *arena, rp_str text) {
    if (c->count == c->capacity) {
        c->capacity = c->capacity ? 2 * c->capacity : 1024;
        rp_str *larger = rp_alloc(arena, rp_str, c->capacity);
        RP_TRY_ALLOC(larger);
        if (c->count) memcpy(larger, c->texts, c->count * sizeof *larger);
        c->texts = larger;
    }
    const char *copy = rp_strndup(arena, text.data, text.length);
    RP_TRY_ALLOC(copy);
    c->texts[c->count++] = (rp_str){copy, text.length};
    return RP_OK;
}

static rp_status add_line(corpus *c, rp_arena *arena, rp_str line, const char *path, size_t number) {
    char source[512];
    (void)snprintf(source, sizeof source, "%s:%zu", path, number);
    rp_json_document *document;
    RP_TRY(rp_json_parse(line.data, line.length, source, &document));
    const rp_json root = rp_json_root(document), at = rp_json_key(&root, "text");
    rp_str text;
    rp_status status = rp_json_get_string(&at, &text);
    if (status == RP_OK) status = add_text(c, arena, text);
    rp_json_free(document);
    return status;
}

static rp_status read_corpus(const char *path, rp_arena *arena, corpus *c) {
    rp_line_reader reader;
    RP_TRY(rp_lines_open(path, &reader));
    rp_status status = RP_OK;
    bool end = false;
    while (status == RP_OK) {
        rp_str line;
        status = rp_lines_next(&reader, &line, &end);
        if (status != RP_OK || end) break;
        if (line.length) status = add_line(c, arena, line, path, reader.number);
    }
    rp_lines_close(&reader);
    return status;
}

static rp_status train(const settings *s, rp_arena *arena, rp_tokenizer **tokenizer) {
    rp_bpe_training training = {.vocab_size = (size_t)s->vocab_size,
                                .min_frequency = (size_t)s->min_frequency,
                                .max_token_length = (size_t)s->max_token_length,
                                .splitter = s->splitter,
                                .whole_alphabet = s->whole_alphabet};
    const char *specials[RP_LIST_MAX + 1] = {NULL};
    memcpy(specials, s->specials.items, s->specials.count * sizeof *specials);
    training.specials = specials;
    corpus c = {0};
    RP_TRY(read_corpus(s->train, arena, &c));
    return rp_bpe_train(arena, &training, c.texts, c.count, tokenizer);
}

#define ROW(kind, field, ...) RP_OPTION_##kind(settings, field, __VA_ARGS__)
static const rp_option options[] = {
    ROW(TEXT, tokenizer, "tokenizer", NULL, "tokenizer.json, a folder that holds one, or a GGUF file", .value = "FILE"),
    ROW(TEXT, jsonl, "jsonl", NULL, "items as lines of JSON; - is standard input", .value = "FILE"),
    ROW(BOOL, decode, "decode", false, "ids to text"),
    ROW(BOOL, tokens, "tokens", false, "also write the tokens as the vocabulary spells them"),
    ROW(BOOL, offsets, "offsets", false, "also write each token's byte range in the text"),
    ROW(BOOL, plain, "plain", false, "special tokens in the text are ordinary text"),
    ROW(BOOL, add_special, "add_special", true, "add what the tokenizer puts around a text, such as Llama-3's begin token"),
    ROW(BOOL, replace_invalid, "replace_invalid", false, "invalid UTF-8 becomes U+FFFD instead of an error"),
    ROW(BOOL, skip_special, "skip_special", false, "with --decode: leave special tokens out"),
    ROW(TEXT, chat_format, "chat_format", NULL,
        "layout of conversations: " RP_CHAT_NAMES " (default: what the chat template stands for)", .value = "NAME"),
    ROW(BOOL, generation, "generation", true, "end conversations with the opening of the assistant's turn"),
    ROW(TEXT, bench, "bench", NULL, "measure how fast this text is encoded and decoded on one core", .value = "FILE"),
    ROW(TEXT, save, "save", NULL, "write the tokenizer as tokenizer.json", .value = "FILE"),
    ROW(TEXT, train, "train", NULL, "instead of --tokenizer: train one on the {\"text\"} lines of this file",
        .value = "FILE"),
    ROW(CHOICE, splitter, "splitter", 1, RP_CHOICES("gpt2", "smollm", "qwen2", "llama3"),
        "with --train: the splitting rule"),
    ROW(INT, vocab_size, "vocab_size", 4096, 0, 1e9, "with --train: the number of tokens"),
    ROW(INT, min_frequency, "min_frequency", 0, 0, 1e15, "with --train: pairs seen less often are not merged"),
    ROW(INT, max_token_length, "max_token_length", 0, 0, 1e9, "with --train: the longest token in bytes, 0 = any"),
    ROW(BOOL, whole_alphabet, "whole_alphabet", true, "with --train: all 256 bytes are tokens even when unseen"),
    ROW(LIST, specials, "special", "with --train: a special token; may be repeated", .value = "TOKEN"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const settings *s = call->arguments;
    const rp_text_list *words = &call->words;
    rp_arena *arena = call->arena;
    if (!s->tokenizer == !s->train) return rp_fail(RP_ERR_ARGUMENT, "give either --tokenizer or --train");
    if (s->jsonl && words->count) return rp_fail(RP_ERR_ARGUMENT, "give either --jsonl or texts, not both");
    if (!s->jsonl && !words->count && !s->save && !s->bench)
        return rp_fail(RP_ERR_ARGUMENT, "nothing to do: give --jsonl, a text, --save or --bench");
    rp_tokenizer *tokenizer;
    RP_TRY(s->train ? train(s, arena, &tokenizer) : rp_tokenizer_load(arena, s->tokenizer, &tokenizer));
    if (s->save) RP_TRY(rp_tokenizer_save(arena, tokenizer, s->save));
    if (s->bench) RP_TRY(bench(s, tokenizer, arena));
    if (s->jsonl) return do_file(s, tokenizer, arena);
    return words->count ? do_words(s, tokenizer, arena, words) : RP_OK;
}

const rp_command rp_command_tokenize = {
    .name = "tokenize",
    .summary = "text to token ids and back",
    .usage = "rephrase tokenize --tokenizer FILE [--decode] [flags] --jsonl FILE | TEXT ...",
    .about =
        "Turns text into token ids, or ids into text with --decode. --jsonl reads one JSON object a line and writes one "
        "a line, in order: {\"text\": ...} or, for bytes that are not valid UTF-8, {\"hex\": \"c328\"} becomes "
        "{\"ids\": [...]}; {\"messages\": [{\"role\": ..., \"content\": ...}]} is a conversation; with --decode "
        "{\"ids\": [...]} becomes {\"text\": ...}. Without --jsonl each TEXT (or, with --decode, the ids together) is "
        "an item.",
    .examples =
        "  rephrase tokenize --tokenizer tokenizer.json \"Hello, world\" --tokens\n"
        "  rephrase tokenize --tokenizer model.gguf --decode 19556 28 905\n"
        "  echo '{\"text\": \"naïve\"}' | rephrase tokenize --tokenizer model.gguf --jsonl - --offsets\n"
        "  rephrase tokenize --tokenizer model.gguf --save tokenizer.json\n"
        "  rephrase tokenize --train corpus.jsonl --vocab-size 2048 --special \"<|endoftext|>\" --save tokenizer.json\n",
    .words = "TEXT",
    .arguments = sizeof(settings),
    .options = options,
    .run = run,
};
