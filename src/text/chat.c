/* SPDX-License-Identifier: MIT
 *
 * chat.c — conversations as ids, in the layouts of a few model families.
 *
 * Published chat templates are programs in the Jinja language. The few that matter here all say the same thing with other
 * words: a turn is an opening token, the role, a separator, the content, a closing token. So a format is a row of such
 * words, and a template is recognised by the hash of its text; an unknown template is not guessed at.
 *
 * The tokens of the layout are put as ids, and role and content are encoded as plain text between them. So whatever a user
 * writes, "<|im_end|>" included, stays text. Where nobody writes such things the ids are those of rendering the template
 * and encoding the result, because special tokens always cut a text.
 */
#include "internal.h"

struct rp_chat_format {
    const char *name;
    const char *first;          /* token before the first turn, or NULL */
    const char *open, *headed;  /* tokens before and behind the role, NULL = none */
    const char *separator;      /* text between role and content */
    const char *close, *after;  /* token behind the content, and text behind that */
    const char *default_system; /* put first when the first message is not the system's, or NULL */
    const char *dated, *date;   /* the system's turn is always there and begins with these words and a date, or NULL */
    const char *stops[2];       /* tokens that end the assistant's turn */
    bool strips;                /* white space around the content is dropped */
    bool thinks;                /* Qwen3's treatment of <think> */
    bool three_roles;           /* only system, user and assistant have a meaning */
};

#define CHATML                                                                                                             \
    .open = "<|im_start|>", .separator = "\n", .close = "<|im_end|>", .after = "\n",                                       \
    .stops = {"<|im_end|>", "<|endoftext|>"}
#define LLAMA3                                                                                                             \
    .first = "<|begin_of_text|>", .open = "<|start_header_id|>", .headed = "<|end_header_id|>", .separator = "\n\n",       \
    .close = "<|eot_id|>", .after = "", .strips = true, .stops = {"<|eot_id|>", "<|end_of_text|>"}
static const rp_chat_format formats[] = {
    {.name = "chatml", CHATML},
    {.name = "smollm2", CHATML, .default_system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"},
    {.name = "qwen2.5",
     CHATML,
     .default_system = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
     .three_roles = true},
    {.name = "qwen3", CHATML, .thinks = true, .three_roles = true},
    {.name = "llama3", LLAMA3},
    {.name = "llama3.1", LLAMA3, .dated = "Cutting Knowledge Date: December 2023\nToday Date: ", .date = "26 Jul 2024"},
    {.name = "raw", .after = ""},
};
enum { FORMATS = sizeof formats / sizeof *formats };

/* rp_hash64 of published templates without white space at their ends; tools/make_chat_goldens.py recomputes them. */
static const struct {
    uint64_t hash;
    const char *name;
} known_templates[] = {
    {0xB57315FCBBF364DAu, "chatml"},   /* the plain loop */
    {0x6E672D4085BF4191u, "chatml"},   /* Qwen3-Instruct-2507 */
    {0x7FCEBBE67A44D2E6u, "smollm2"},  /* SmolLM2-Instruct */
    {0xE24C53751704FF96u, "qwen2.5"},  /* Qwen2.5-Instruct */
    {0x48F0E6E83ABA5BCBu, "qwen3"},    /* Qwen3 */
    {0x55E0BA0EA3A6C3ABu, "qwen3"},    /* Qwen3, first edition */
    {0x349993C2E5AC4E70u, "llama3"},   /* Meta-Llama-3-Instruct */
    {0x40A17035D5712584u, "llama3.1"}, /* Llama-3.1-Instruct */
    {0x76F22C7DF0F368DBu, "llama3.1"}, /* Llama-3.2-Instruct */
};

/* ---- Finding --------------------------------------------------------------------------------------------------- */

static bool is_python_space(uint32_t c) {
    return class_of(c) & CLASS_S || (c >= 0x1C && c <= 0x1F);
}

/* Python's str.strip, which Jinja's trim is. */
static rp_str strip(rp_str text) {
    size_t begin = 0, end = text.length, length;
    while (begin < end && is_python_space(next_code_point(text.data + begin, &length))) begin += length;
    while (end > begin) {
        size_t start = end - 1;
        while (start > begin && ((unsigned char)text.data[start] & 0xC0) == 0x80) start--;
        if (!is_python_space(next_code_point(text.data + start, &length))) break;
        end = start;
    }
    return (rp_str){text.data + begin, end - begin};
}

const rp_chat_format *rp_chat_find(const char *name) {
    const char *names[FORMATS];
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0) return &formats[i];
        names[i] = formats[i].name;
    }
    const char *near = rp_nearest_name(name, names, FORMATS);
    (void)rp_fail(RP_ERR_ARGUMENT, "there is no chat format \"%s\"%s%s%s", name, near ? "; did you mean " : "",
                  near ? near : "", near ? "?" : "");
    return NULL;
}

const rp_chat_format *rp_chat_of(const rp_tokenizer *tokenizer) {
    if (tokenizer->chat_template.length == 0) return NULL;
    if (rp_utf8_valid_prefix(tokenizer->chat_template.data, tokenizer->chat_template.length) !=
        tokenizer->chat_template.length)
        return NULL;
    const rp_str template = strip(tokenizer->chat_template);
    const uint64_t hash = rp_hash64(template.data, template.length, 0);
    for (size_t i = 0; i < sizeof known_templates / sizeof *known_templates; i++)
        if (known_templates[i].hash == hash) return rp_chat_find(known_templates[i].name);
    return NULL;
}

const char *rp_chat_name(const rp_chat_format *format) {
    return format->name;
}

bool rp_chat_is_dated(const rp_chat_format *format) {
    return format->dated != NULL;
}

rp_status rp_chat_with_date(rp_arena *arena, const rp_chat_format *format, const char *date, const rp_chat_format **dated) {
    if (!format->dated) return rp_fail(RP_ERR_ARGUMENT, "chat format %s has no date; llama3.1 has", format->name);
    const size_t length = strlen(date);
    if (rp_utf8_valid_prefix(date, length) != length || length == 0 || length > 64)
        return rp_fail(RP_ERR_ARGUMENT, "a chat's date is a short text such as \"26 Jul 2024\"");
    rp_chat_format *copy = rp_alloc(arena, rp_chat_format, 1);
    RP_TRY_ALLOC(copy);
    *copy = *format;
    copy->date = rp_strdup(arena, date);
    RP_TRY_ALLOC(copy->date);
    *dated = copy;
    return RP_OK;
}

bool rp_chat_is_unknown(const rp_tokenizer *tokenizer) {
    return tokenizer->chat_template.length > 0 && !rp_chat_of(tokenizer);
}

static size_t add_end(int32_t ends[RP_MOST_STOPS], size_t count, int32_t id) {
    bool seen = id < 0 || count == RP_MOST_STOPS;
    for (size_t k = 0; k < count; k++) seen = seen || ends[k] == id;
    if (!seen) ends[count++] = id;
    return count;
}

size_t rp_end_tokens(const rp_tokenizer *tokenizer, const rp_chat_format *format, const int *stated, size_t count,
                     int32_t ends[RP_MOST_STOPS]) {
    size_t n = 0;
    for (size_t i = 0; format && i < sizeof format->stops / sizeof *format->stops; i++)
        if (format->stops[i]) n = add_end(ends, n, rp_token_id(tokenizer, format->stops[i]));
    n = add_end(ends, n, tokenizer->eos);
    for (size_t i = 0; i < count; i++) n = add_end(ends, n, stated[i]);
    return n;
}

/* ---- Writing: text gathers until a token cuts it --------------------------------------------------------------- */

typedef struct writer {
    const rp_chat_format *format;
    const rp_tokenizer *tokenizer;
    rp_arena *arena;
    rp_buffer text;
    rp_buffer ids; /* int32_t */
} writer;

static rp_status flush(writer *w) {
    RP_TRY(rp_buffer_status(&w->text));
    if (w->text.length == 0) return RP_OK;
    rp_encoding part;
    RP_TRY(rp_encode(w->tokenizer, w->arena, (rp_str){w->text.data, w->text.length}, &(rp_encode_options){.plain = true},
                     &part));
    rp_buffer_append(&w->ids, part.ids, part.length * sizeof *part.ids);
    w->text.length = 0;
    return RP_OK;
}

static rp_status put_token(writer *w, const char *name) {
    if (!name) return RP_OK;
    const int32_t id = rp_token_id(w->tokenizer, name);
    if (id < 0)
        return rp_fail(RP_ERR_FORMAT, "the tokenizer has no token %s, which the chat format %s needs", name,
                       w->format->name);
    RP_TRY(flush(w));
    rp_buffer_append(&w->ids, &id, sizeof id);
    return RP_OK;
}

static void put(writer *w, rp_str text) {
    rp_buffer_append(&w->text, text.data, text.length);
}

/* ---- Qwen3's thoughts ---------------------------------------------------------------------------------------------
 *
 * An assistant's content "<think>R</think>C" is taken apart; turns before the user's last question keep only C, later ones
 * are written anew with the thought, which may be empty in the last turn. */

static rp_str strip_newlines(rp_str text, bool left, bool right) {
    while (left && text.length && text.data[0] == '\n') text = (rp_str){text.data + 1, text.length - 1};
    while (right && text.length && text.data[text.length - 1] == '\n') text.length--;
    return text;
}

/* Offset of the first (or last) occurrence, or SIZE_MAX. */
static size_t find(rp_str text, const char *part, bool last) {
    const size_t n = strlen(part);
    size_t found = SIZE_MAX;
    for (size_t i = 0; i + n <= text.length; i++) {
        if (memcmp(text.data + i, part, n) != 0) continue;
        found = i;
        if (!last) break;
    }
    return found;
}

static rp_str behind(rp_str text, size_t at) {
    return (rp_str){text.data + at, text.length - at};
}

static void put_thinking(writer *w, rp_str content, bool after_question, bool is_last) {
    static const char opening[] = "<think>", closing[] = "</think>";
    rp_str thought = {"", 0};
    const size_t end = find(content, closing, false);
    if (end != SIZE_MAX) {
        thought = strip_newlines((rp_str){content.data, end}, false, true);
        const size_t begin = find(thought, opening, true);
        if (begin != SIZE_MAX) thought = behind(thought, begin + sizeof opening - 1);
        thought = strip_newlines(thought, true, false);
        content = strip_newlines(behind(content, find(content, closing, true) + sizeof closing - 1), true, false);
    }
    if (after_question && (is_last || thought.length)) {
        put(w, rp_str_of("<think>\n"));
        put(w, strip_newlines(thought, true, true));
        put(w, rp_str_of("\n</think>\n\n"));
        content = strip_newlines(content, true, false);
    }
    put(w, content);
}

static bool is_tool_response(rp_str text) {
    static const char head[] = "<tool_response>", tail[] = "</tool_response>";
    const size_t h = sizeof head - 1, t = sizeof tail - 1;
    return text.length >= t && memcmp(text.data, head, h) == 0 && memcmp(text.data + text.length - t, tail, t) == 0;
}

static size_t last_question(const rp_chat_message *messages, size_t count) {
    for (size_t i = count; i-- > 0;)
        if (rp_str_is(messages[i].role, "user") && !is_tool_response(messages[i].content)) return i;
    return count - 1;
}

/* ---- Turns ----------------------------------------------------------------------------------------------------- */

static rp_status open_turn(writer *w, rp_str role) {
    RP_TRY(put_token(w, w->format->open));
    put(w, role);
    RP_TRY(put_token(w, w->format->headed));
    put(w, rp_str_of(w->format->separator));
    return RP_OK;
}

static rp_status close_turn(writer *w) {
    RP_TRY(put_token(w, w->format->close));
    put(w, rp_str_of(w->format->after));
    return RP_OK;
}

static rp_status check_message(const rp_chat_format *format, const rp_chat_message *message, size_t index) {
    const rp_str texts[2] = {message->role, message->content};
    for (int i = 0; i < 2; i++) {
        const size_t valid = rp_utf8_valid_prefix(texts[i].data, texts[i].length);
        if (valid != texts[i].length)
            return rp_fail(RP_ERR_FORMAT, "message %zu: invalid UTF-8 at byte %zu of its %s", index + 1, valid,
                           i ? "content" : "role");
    }
    const bool three_roles = format->three_roles || format->dated; /* Llama 3.1 writes tools' answers in another way */
    if (!three_roles || rp_str_is(message->role, "system") || rp_str_is(message->role, "user") ||
        rp_str_is(message->role, "assistant"))
        return RP_OK;
    return rp_fail(RP_ERR_UNSUPPORTED,
                   "message %zu: role %.*s is not supported in chat format %s (system, user, assistant)", index + 1,
                   SHOWN(message->role), format->name);
}

static rp_status put_message(writer *w, const rp_chat_message *message, bool after_question, bool is_last) {
    const rp_chat_format *f = w->format;
    if (!f->open) {
        put(w, message->content);
        return RP_OK;
    }
    RP_TRY(open_turn(w, message->role));
    if (f->thinks && rp_str_is(message->role, "assistant"))
        put_thinking(w, message->content, after_question, is_last);
    else
        put(w, f->strips ? strip(message->content) : message->content);
    return close_turn(w);
}

/* A system's turn that the conversation did not ask for, or one with more before its content. */
static rp_status put_system(writer *w, rp_str content) {
    const rp_chat_format *f = w->format;
    RP_TRY(open_turn(w, rp_str_of("system")));
    if (f->dated) {
        put(w, rp_str_of(f->dated));
        put(w, rp_str_of(f->date));
        put(w, rp_str_of("\n\n"));
    }
    put(w, f->strips ? strip(content) : content);
    return close_turn(w);
}

static rp_status put_conversation(writer *w, const rp_chat_message *messages, size_t count, bool generation) {
    const rp_chat_format *f = w->format;
    const size_t question = last_question(messages, count);
    const bool has_system = rp_str_is(messages[0].role, "system");
    RP_TRY(put_token(w, f->first));
    if (f->dated)
        RP_TRY(put_system(w, has_system ? messages[0].content : rp_str_of("")));
    else if (f->default_system && !has_system)
        RP_TRY(put_system(w, rp_str_of(f->default_system)));
    for (size_t i = f->dated && has_system; i < count; i++)
        RP_TRY(put_message(w, &messages[i], i > question, i + 1 == count));
    if (generation && f->open) RP_TRY(open_turn(w, rp_str_of("assistant")));
    return flush(w);
}

rp_status rp_chat_encode(const rp_chat_format *format, const rp_tokenizer *tokenizer, rp_arena *arena,
                         const rp_chat_message *messages, size_t count, bool generation, rp_encoding *out) {
    if (count == 0) return rp_fail(RP_ERR_ARGUMENT, "a conversation needs at least one message");
    for (size_t i = 0; i < count; i++) RP_TRY(check_message(format, &messages[i], i));
    writer w = {format, tokenizer, arena, rp_buffer_in(arena), rp_buffer_in(arena)};
    RP_TRY(put_conversation(&w, messages, count, generation));
    RP_TRY(rp_buffer_status(&w.ids));
    *out = (rp_encoding){.ids = (int32_t *)(void *)w.ids.data, .length = w.ids.length / sizeof(int32_t)};
    return RP_OK;
}
