/* SPDX-License-Identifier: MIT
 *
 * Problems from JSON lines. Two forms are read, and told apart line by line: {question, answer, solution?, ...} with a bare
 * answer, and GSM8K's {question, answer} in which the answer is the work and ends in "#### 72".
 */
#include <string.h>

#include <rephrase/json.h>
#include <rephrase/tasks.h>

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static rp_str trim(rp_str s) {
    while (s.length && is_space(s.data[0])) s = (rp_str){s.data + 1, s.length - 1};
    while (s.length && is_space(s.data[s.length - 1])) s.length--;
    return s;
}

static rp_status copy(rp_arena *arena, rp_str from, rp_str *to) {
    char *bytes = rp_strndup(arena, from.data ? from.data : "", from.length);
    RP_TRY_ALLOC(bytes);
    *to = (rp_str){bytes, from.length};
    return RP_OK;
}

/* A string, or a number written as one; absent and null leave *out empty. */
static rp_status read_text(rp_arena *arena, const rp_json *at, rp_str *out) {
    const rp_json_type type = rp_json_typeof(at);
    char digits[32];
    rp_str text = {"", 0};
    if (type == RP_JSON_ABSENT || type == RP_JSON_NULL) {
        *out = text;
        return RP_OK;
    }
    if (type == RP_JSON_INTEGER) {
        int64_t value;
        RP_TRY(rp_json_get_int(at, INT64_MIN, INT64_MAX, &value));
        text = (rp_str){digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value)};
    } else if (type == RP_JSON_REAL) {
        double value;
        RP_TRY(rp_json_get_double(at, &value));
        text = (rp_str){digits, rp_format_double(value, digits)};
    } else {
        RP_TRY(rp_json_get_string(at, &text));
    }
    return copy(arena, text, out);
}

/* The last "####" of a text, or NULL. */
static const char *find_marker(rp_str text) {
    for (size_t i = text.length; i >= 4; i--) {
        if (memcmp(text.data + i - 4, "####", 4) == 0) return text.data + i - 4;
    }
    return NULL;
}

/* Copies without GSM8K's annotations: "48/2 = <<48/2=24>>24" becomes "48/2 = 24". */
static rp_status copy_without_annotations(rp_arena *arena, rp_str from, rp_str *to) {
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_text(&out, "");
    for (size_t i = 0; i < from.length; i++) {
        const char *close = NULL;
        if (from.data[i] == '<' && i + 1 < from.length && from.data[i + 1] == '<') {
            const size_t left = from.length - i, line = strcspn(from.data + i, "\n");
            close = memchr(from.data + i, '>', left < line ? left : line);
        }
        if (close && close + 1 < from.data + from.length && close[1] == '>') {
            i = (size_t)(close + 1 - from.data);
        } else {
            rp_buffer_char(&out, from.data[i]);
        }
    }
    RP_TRY(rp_buffer_status(&out));
    *to = (rp_str){out.data, out.length};
    return RP_OK;
}

static rp_status split_gsm8k(rp_arena *arena, rp_problem *p) {
    const char *marker = find_marker(p->answer);
    if (!marker || p->solution.length) return RP_OK;
    const rp_str work = p->answer, rest = {marker + 4, (size_t)(work.data + work.length - (marker + 4))};
    p->answer = trim(rest);
    return copy_without_annotations(arena, trim(work), &p->solution);
}

static rp_status read_problem(rp_arena *arena, const rp_json *root, size_t line, rp_problem *problem) {
    static const char *const names[] = {"question", "answer", "solution", "id", "family", "tier", "own"};
    rp_problem p = {.id = {NULL, 0}};
    rp_str *const places[] = {&p.question, &p.answer, &p.solution, &p.id, &p.family, &p.tier, &p.own};
    RP_TRY(rp_json_require_type(root, RP_JSON_OBJECT));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const rp_json at = rp_json_key(root, names[i]);
        if (i == 0) RP_TRY(rp_json_require_type(&at, RP_JSON_STRING));
        if (i == 1 && rp_json_typeof(&at) == RP_JSON_ABSENT) RP_TRY(rp_json_require_type(&at, RP_JSON_STRING));
        RP_TRY(read_text(arena, &at, places[i]));
    }
    RP_TRY(split_gsm8k(arena, &p));
    p.answer = trim(p.answer);
    if (trim(p.question).length == 0) return rp_json_fail(root, RP_ERR_FORMAT, "the question is empty");
    if (p.answer.length == 0) return rp_json_fail(root, RP_ERR_FORMAT, "the answer is empty");
    if (p.id.length == 0) {
        char *id = rp_sprintf(arena, "%zu", line);
        RP_TRY_ALLOC(id);
        p.id = rp_str_of(id);
    }
    *problem = p;
    return RP_OK;
}

static rp_status read_line(rp_arena *arena, const char *path, rp_str line, size_t number, rp_problem *problem) {
    rp_json_document *document = NULL;
    char source[512];
    snprintf(source, sizeof source, "%s:%zu", strcmp(path, "-") == 0 ? "standard input" : path, number);
    RP_TRY(rp_json_parse(line.data, line.length, source, &document));
    const rp_json root = rp_json_root(document);
    const rp_status status = read_problem(arena, &root, number, problem);
    rp_json_free(document);
    return status;
}

/* A list that doubles; the old halves stay in the arena, which costs at most as much again as the list. */
static rp_status append(rp_arena *arena, rp_dataset *list, size_t *capacity, rp_problem problem) {
    if (list->count == *capacity) {
        const size_t larger = *capacity ? 2 * *capacity : 64;
        rp_problem *problems = rp_alloc(arena, rp_problem, larger);
        RP_TRY_ALLOC(problems);
        if (list->count) memcpy(problems, list->problems, list->count * sizeof *problems);
        list->problems = problems;
        *capacity = larger;
    }
    list->problems[list->count++] = problem;
    return RP_OK;
}

static rp_status read_all(rp_arena *arena, rp_line_reader *reader, rp_dataset *list) {
    size_t capacity = 0;
    for (;;) {
        rp_str line;
        bool end = false;
        rp_problem problem = {.id = {NULL, 0}};
        RP_TRY(rp_lines_next(reader, &line, &end));
        if (end) return RP_OK;
        if (trim(line).length == 0) continue;
        RP_TRY(read_line(arena, reader->path, line, reader->number, &problem));
        RP_TRY(append(arena, list, &capacity, problem));
    }
}

rp_status rp_dataset_load(rp_arena *arena, const char *path, rp_dataset *dataset) {
    rp_line_reader reader;
    rp_dataset list = {NULL, 0};
    RP_TRY(rp_lines_open(path, &reader));
    const rp_status status = read_all(arena, &reader, &list);
    rp_lines_close(&reader);
    RP_TRY(status);
    if (list.count == 0) return rp_fail(RP_ERR_FORMAT, "%s: holds no problem", path);
    *dataset = list;
    return RP_OK;
}
