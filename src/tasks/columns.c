/* SPDX-License-Identifier: MIT
 *
 * columns.c — one table of the names that open-r1, verl, TRL, GSM8K and their kin give to a question, its answer and its
 * solution.
 *
 * A row is looked through from left to right in the table, so the plainest name counts where a row has several. A dot steps
 * into an object: verl keeps the gold answer in reward_model.ground_truth. Prompts come as text or as a list of messages
 * {role, content}; the question is then what the user says. A name that is there with null or an empty text counts as
 * absent, because that is how tables with optional columns are written as lines.
 */
#include "columns.h"

#include <string.h>

enum { MOST_NAMES = 14 };
static const struct {
    const char *what;
    const char *names[MOST_NAMES];
} columns[COLUMNS] = {
    [COLUMN_QUESTION] = {"a question",
                         {"question", "problem", "prompt", "query", "instruction", "messages", "extra_info.question"}},
    [COLUMN_ANSWER] = {"an answer",
                       {"answer", "final_answer", "expected_answer", "ground_truth", "gold", "target",
                        "reward_model.ground_truth"}},
    [COLUMN_SOLUTION] = {"a solution",
                         {"solution", "rationale", "reasoning", "completion", "response", "output", "generated_solution",
                          "messages", "extra_info.solution", "extra_info.answer"}},
    [COLUMN_ID] = {"an id", {"id", "idx", "index", "uuid", "unique_id", "problem_id", "extra_info.index"}},
};

/* ---- One value -------------------------------------------------------------------------------------------------- */

static rp_status copy(rp_arena *arena, rp_str from, rp_str *to) {
    char *bytes = rp_strndup(arena, from.data ? from.data : "", from.length);
    RP_TRY_ALLOC(bytes);
    *to = (rp_str){bytes, from.length};
    return RP_OK;
}

rp_status rp_text_read(rp_arena *arena, const rp_json *at, rp_str *out) {
    const rp_json_type type = rp_json_typeof(at);
    char digits[32];
    rp_str text = {"", 0};
    if (type == RP_JSON_INTEGER) {
        int64_t value;
        RP_TRY(rp_json_get_int(at, INT64_MIN, INT64_MAX, &value));
        text = (rp_str){digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value)};
    } else if (type == RP_JSON_REAL) {
        double value;
        RP_TRY(rp_json_get_double(at, &value));
        text = (rp_str){digits, rp_format_double(value, digits)};
    } else if (type > RP_JSON_NULL) {
        RP_TRY(rp_json_get_string(at, &text));
    }
    return copy(arena, text, out);
}

/* The content of a message: a text, or a list of parts of which the texts count. */
static rp_status read_content(rp_arena *arena, const rp_json *at, rp_str *out) {
    if (rp_json_typeof(at) != RP_JSON_ARRAY) return rp_text_read(arena, at, out);
    rp_buffer joined = rp_buffer_in(arena);
    rp_buffer_text(&joined, "");
    for (size_t i = 0; i < rp_json_length(at); i++) {
        const rp_json part = rp_json_at(at, i), kind = rp_json_key(&part, "type"), text = rp_json_key(&part, "text");
        rp_str name = rp_str_of("text"), piece;
        RP_TRY(rp_json_opt_string(&kind, &name));
        if (!rp_str_is(name, "text"))
            return rp_json_fail(&kind, RP_ERR_UNSUPPORTED, "only text is supported in a message, not \"%.*s\"",
                                (int)(name.length < 40 ? name.length : 40), name.data);
        RP_TRY(rp_json_get_string(&text, &piece));
        rp_buffer_append(&joined, piece.data, piece.length);
    }
    RP_TRY(rp_buffer_status(&joined));
    *out = (rp_str){joined.data, joined.length};
    return RP_OK;
}

/* What the user asks (or, for a solution, the assistant answers) in a list of messages. One question is asked at a time, so a
 * conversation of several turns is refused rather than cut. */
static rp_status read_messages(rp_arena *arena, const rp_json *list, const char *wanted, size_t *systems, rp_str *out) {
    size_t found = 0, system = 0;
    rp_str content = {"", 0};
    for (size_t i = 0; i < rp_json_length(list); i++) {
        const rp_json message = rp_json_at(list, i), role_at = rp_json_key(&message, "role"),
                      content_at = rp_json_key(&message, "content");
        rp_str role;
        RP_TRY(rp_json_get_string(&role_at, &role));
        system += rp_str_is(role, "system");
        if (!rp_str_is(role, wanted)) continue;
        if (++found > 1)
            return rp_json_fail(&message, RP_ERR_UNSUPPORTED,
                                "is a second message of the %s; one question with one answer is read", wanted);
        RP_TRY(read_content(arena, &content_at, &content));
    }
    if (systems && system) (*systems)++;
    *out = content;
    return RP_OK;
}

/* A list with one text is that text: some verl files keep the accepted answers so. */
static rp_status read_value(rp_arena *arena, const rp_json *at, rp_column column, size_t *systems, rp_str *out) {
    const bool list = rp_json_typeof(at) == RP_JSON_ARRAY;
    const rp_json first = rp_json_at(at, 0);
    if (list && rp_json_typeof(&first) == RP_JSON_OBJECT && column == COLUMN_QUESTION)
        return read_messages(arena, at, "user", systems, out);
    if (list && rp_json_typeof(&first) == RP_JSON_OBJECT && column == COLUMN_SOLUTION)
        return read_messages(arena, at, "assistant", NULL, out);
    if (list && rp_json_length(at) == 1 && column == COLUMN_ANSWER && rp_json_typeof(&first) != RP_JSON_INTEGER)
        return rp_text_read(arena, &first, out);
    if (column == COLUMN_QUESTION && rp_json_typeof(at) > RP_JSON_NULL) RP_TRY(rp_json_require_type(at, RP_JSON_STRING));
    return rp_text_read(arena, at, out);
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

/* Names with a dot, taken apart: a place in a document keeps its key by reference. */
static const struct {
    const char *name, *outer, *inner;
} nested[] = {
    {"extra_info.question", "extra_info", "question"},
    {"extra_info.solution", "extra_info", "solution"},
    {"extra_info.answer", "extra_info", "answer"},
    {"extra_info.index", "extra_info", "index"},
    {"reward_model.ground_truth", "reward_model", "ground_truth"},
};

static rp_json member(const rp_json *row, const char *name) {
    for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
        if (strcmp(nested[i].name, name) != 0) continue;
        const rp_json outer = rp_json_key(row, nested[i].outer);
        return rp_json_key(&outer, nested[i].inner);
    }
    return rp_json_key(row, name);
}

rp_status rp_column_read(rp_arena *arena, const rp_json *row, rp_column column, size_t *systems, rp_str *out) {
    *out = (rp_str){"", 0};
    for (size_t i = 0; columns[column].names[i] && out->length == 0; i++) {
        const rp_json at = member(row, columns[column].names[i]);
        if (rp_json_typeof(&at) > RP_JSON_NULL) RP_TRY(read_value(arena, &at, column, systems, out));
    }
    return RP_OK;
}

rp_status rp_column_missing(const rp_json *row, rp_column column) {
    char there[300] = "", wanted[300] = "";
    size_t n = 0, count = 0;
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    while (rp_json_next_member(row, &iterator, &key, &value) && n + 70 < sizeof there)
        n += (size_t)snprintf(there + n, sizeof there - n, "%s%.60s", count++ ? ", " : "", key);
    n = 0;
    for (size_t i = 0; columns[column].names[i]; i++)
        n += (size_t)snprintf(wanted + n, sizeof wanted - n, "%s%s", i ? ", " : "", columns[column].names[i]);
    const rp_json at = rp_json_key(row, columns[column].names[0]);
    return rp_json_fail(&at, RP_ERR_FORMAT, "there is no %s (or it is empty): the row has %s; %s is read from %s",
                        columns[column].names[0], *there ? there : "no keys", columns[column].what, wanted);
}

/* ---- An answer at the end of a solution ------------------------------------------------------------------------- */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static rp_str trim(rp_str s) {
    while (s.length && is_space(s.data[0])) s = (rp_str){s.data + 1, s.length - 1};
    while (s.length && is_space(s.data[s.length - 1])) s.length--;
    return s;
}

/* The content of the last \boxed{...} whose braces close; length 0 when there is none. */
static rp_str last_box(rp_str text) {
    static const char word[] = "\\boxed{";
    const size_t n = sizeof word - 1;
    for (size_t at = text.length >= n ? text.length - n + 1 : 0; at-- > 0;) {
        if (memcmp(text.data + at, word, n) != 0) continue;
        size_t depth = 1, end = at + n;
        for (; end < text.length && depth > 0; end++) {
            depth += text.data[end] == '{';
            depth -= text.data[end] == '}';
        }
        if (depth == 0) return (rp_str){text.data + at + n, end - 1 - at - n};
    }
    return (rp_str){"", 0};
}

rp_str rp_answer_of_solution(rp_str solution) {
    enum { SHORT = 64 };
    for (size_t i = solution.length; i >= 4; i--)
        if (memcmp(solution.data + i - 4, "####", 4) == 0) return trim((rp_str){solution.data + i, solution.length - i});
    const rp_str box = trim(last_box(solution)), line = trim(solution);
    if (box.length) return box;
    return line.length <= SHORT && !memchr(line.data, '\n', line.length) ? line : (rp_str){"", 0};
}
