/* SPDX-License-Identifier: MIT
 *
 * Problems from JSON lines. What a row has is looked up by the names that data sets use (columns.c). The answer is stated,
 * or it stands at the end of the work: GSM8K's answers are the work and end in "#### 72", and where a row has a solution
 * alone its last \boxed{} or #### is the answer.
 */
#include "columns.h"

#include <string.h>

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static rp_str trim(rp_str s) {
    while (s.length && is_space(s.data[0])) s = (rp_str){s.data + 1, s.length - 1};
    while (s.length && is_space(s.data[s.length - 1])) s.length--;
    return s;
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

/* A row without an answer: its solution says it. A solution that is only an answer teaches nothing and is not kept. */
static rp_status answer_from_solution(const rp_json *root, rp_problem *p) {
    if (p->solution.length == 0) return rp_column_missing(root, COLUMN_ANSWER);
    p->answer = rp_answer_of_solution(p->solution);
    if (p->answer.length == 0)
        return rp_json_fail(root, RP_ERR_FORMAT,
                            "there is no answer, and the solution ends in none: it has neither #### nor \\boxed{}");
    if (p->answer.length == trim(p->solution).length) p->solution = (rp_str){"", 0};
    return RP_OK;
}

static rp_status read_problem(rp_arena *arena, const rp_json *root, size_t line, size_t *systems, rp_problem *problem) {
    static const char *const names[] = {"family", "tier", "own"};
    rp_problem p = {.id = {NULL, 0}};
    rp_str *const own[] = {&p.family, &p.tier, &p.own};
    RP_TRY(rp_json_require_type(root, RP_JSON_OBJECT));
    RP_TRY(rp_column_read(arena, root, COLUMN_QUESTION, systems, &p.question));
    RP_TRY(rp_column_read(arena, root, COLUMN_ANSWER, NULL, &p.answer));
    RP_TRY(rp_column_read(arena, root, COLUMN_SOLUTION, NULL, &p.solution));
    RP_TRY(rp_column_read(arena, root, COLUMN_ID, NULL, &p.id));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const rp_json at = rp_json_key(root, names[i]);
        RP_TRY(rp_text_read(arena, &at, own[i]));
    }
    if (trim(p.question).length == 0) return rp_column_missing(root, COLUMN_QUESTION);
    if (p.answer.length == 0)
        RP_TRY(answer_from_solution(root, &p));
    else
        RP_TRY(split_gsm8k(arena, &p));
    /* GSM8K's work under another name, as in verl's extra_info. */
    if (find_marker(p.solution) && strstr(p.solution.data, "<<"))
        RP_TRY(copy_without_annotations(arena, p.solution, &p.solution));
    p.answer = trim(p.answer);
    if (p.answer.length == 0) return rp_json_fail(root, RP_ERR_FORMAT, "the answer is empty");
    if (p.id.length == 0) {
        char *id = rp_sprintf(arena, "%zu", line);
        RP_TRY_ALLOC(id);
        p.id = rp_str_of(id);
    }
    *problem = p;
    return RP_OK;
}

static rp_status read_line(rp_arena *arena, const char *path, rp_str line, size_t number, size_t *systems,
                           rp_problem *problem) {
    rp_json_document *document = NULL;
    char source[512];
    snprintf(source, sizeof source, "%s:%zu", strcmp(path, "-") == 0 ? "standard input" : path, number);
    if (number == 1 && trim(line).data[0] == '[')
        return rp_fail(RP_ERR_FORMAT, "%s: begins with a list; one object on each line is read: jq -c '.[]' IN > OUT.jsonl",
                       source);
    RP_TRY(rp_json_parse(line.data, line.length, source, &document));
    const rp_json root = rp_json_root(document);
    const rp_status status = read_problem(arena, &root, number, systems, problem);
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
    size_t capacity = 0, systems = 0;
    for (;;) {
        rp_str line;
        bool end = false;
        rp_problem problem = {.id = {NULL, 0}};
        RP_TRY(rp_lines_next(reader, &line, &end));
        if (end) break;
        if (trim(line).length == 0) continue;
        RP_TRY(read_line(arena, reader->path, line, reader->number, &systems, &problem));
        RP_TRY(append(arena, list, &capacity, problem));
    }
    if (systems)
        rp_log(RP_LOG_WARNING, "%s: the messages of the system in %zu of %zu prompts are not asked with; --system sets one",
               reader->path, systems, list->count);
    return RP_OK;
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
