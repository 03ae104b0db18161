/* SPDX-License-Identifier: MIT
 *
 * cmd_verify.c — rephrase verify: one pair, one response, or a file of cases on all cores.
 *
 * The lines of a file are judged in blocks: every line of a block by some thread, each with its own scratch arena, then all
 * results written in the order of the input. A line depends on nothing but itself, so the output has the same bytes for any
 * number of threads. And every line of the input gives one line of the output: a case that fills its memory is `budget`, a
 * line that cannot be read becomes {"id", "error"}, and the exit code says at the end that there were such lines.
 */
#include "commands.h"

#include <rephrase/verify.h>

#include <string.h>

#ifdef _OPENMP
#include <omp.h>
static int thread_number(void) {
    return omp_get_thread_num();
}
#else
static int thread_number(void) {
    return 0;
}
#endif

enum { BLOCK = 1024, THREADS_MAX = 256, ARENA_LIMIT = 32 << 20, ARENA_KEPT = 4 << 20 };

typedef struct settings {
    const char *gold, *answer, *response, *jsonl;
    bool explain, steps;
    rp_verify_options options;
} settings;

/* ---- Printing one verdict ---------------------------------------------------------------------------------------- */

static void print_field(rp_buffer *out, const char *name, rp_str value) {
    rp_buffer_format(out, "%-12s%.*s\n", name, (int)value.length, value.length ? value.data : "");
}

static rp_status print_verdict(rp_arena *arena, const rp_verdict *verdict) {
    char certificate[32];
    rp_certificate_text(verdict, certificate);
    rp_buffer out = rp_buffer_in(arena);
    print_field(&out, "verdict", rp_str_of(rp_verdict_name(verdict->kind)));
    print_field(&out, "reason", rp_str_of(rp_reason_name(verdict->reason)));
    print_field(&out, "certificate", rp_str_of(certificate));
    if (verdict->kind == RP_VERDICT_UNPARSED && verdict->reason == RP_REASON_SYNTAX)
        rp_buffer_format(&out, "%-12s%zu\n", "offset", verdict->offset);
    if (verdict->span.length) print_field(&out, "span", verdict->span);
    print_field(&out, "gold", verdict->gold);
    print_field(&out, "answer", verdict->answer);
    RP_TRY(rp_buffer_status(&out));
    return rp_put_line(out.data, out.length - 1);
}

/* ---- Files of cases ---------------------------------------------------------------------------------------------- */

#define ROW(kind, field, ...) RP_OPTION_##kind(rp_verify_options, field, __VA_ARGS__)
/* Flags of the command, and members of a case's "options". */
static const rp_option verify_options[] = {
    ROW(BOOL, lenient, "lenient", false, "without a marked answer take the last formula or number"),
    ROW(BOOL, rounded, "rounded", false, "accept a correctly rounded decimal"),
    ROW(BOOL, percent_fraction, "percent_fraction", true, "28 equals 28 %"),
    ROW(BOOL, units_optional, "units_optional", true, "a missing unit is forgiven"),
    ROW(BOOL, open_box, "open_box", false, "an unclosed last box runs to the end"),
    ROW(BOOL, numeric, "numeric", false,
        "pay equality that no difference contradicts and nothing proves; without it: budget, unproved"),
    RP_OPTION_END,
};
#undef ROW

static rp_status read_options(const rp_json *at, rp_verify_options *options) {
    if (rp_json_typeof(at) == RP_JSON_ABSENT || rp_json_typeof(at) == RP_JSON_NULL) return RP_OK;
    RP_TRY(rp_json_require_type(at, RP_JSON_OBJECT));
    rp_json_iterator iterator = {NULL};
    const char *name;
    rp_json value;
    while (rp_json_next_member(at, &iterator, &name, &value)) {
        const rp_option *option = rp_options_find(verify_options, NULL, name);
        const rp_option *const tables[] = {verify_options, NULL};
        char head[120];
        (void)snprintf(head, sizeof head, "there is no option \"%s\"", name);
        bool on = false;
        if (!option) return rp_option_unknown(tables, name, false, head, "--help lists them");
        RP_TRY(rp_json_get_bool(&value, &on));
        RP_TRY(rp_option_set(option, NULL, options, on ? "true" : "false"));
    }
    return RP_OK;
}

static void write_id(rp_json_writer *w, const rp_json *id) {
    rp_str text;
    int64_t number;
    if (rp_json_typeof(id) == RP_JSON_STRING && rp_json_get_string(id, &text) == RP_OK)
        rp_json_put_string(w, text.data, text.length);
    else if (rp_json_typeof(id) == RP_JSON_INTEGER && rp_json_get_int(id, INT64_MIN, INT64_MAX, &number) == RP_OK)
        rp_json_put_int(w, number);
    else
        rp_json_put_null(w);
}

static void write_verdict(rp_buffer *out, const rp_json *id, const rp_verdict *verdict) {
    char certificate[32];
    rp_certificate_text(verdict, certificate);
    rp_json_writer w = rp_json_write_to(out);
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "id");
    write_id(&w, id);
    rp_json_put_key(&w, "verdict");
    rp_json_put_text(&w, rp_verdict_name(verdict->kind));
    rp_json_put_key(&w, "reason");
    rp_json_put_text(&w, rp_reason_name(verdict->reason));
    rp_json_put_key(&w, "certificate");
    rp_json_put_text(&w, certificate);
    rp_json_put_key(&w, "gold");
    rp_json_put_string(&w, verdict->gold.data, verdict->gold.length);
    rp_json_put_key(&w, "pred");
    rp_json_put_string(&w, verdict->answer.data, verdict->answer.length);
    if (verdict->span.length) {
        rp_json_put_key(&w, "span");
        rp_json_put_string(&w, verdict->span.data, verdict->span.length);
    }
    rp_json_end_object(&w);
}

/* With --steps: the calculations that the text writes down, and no gold. */
static void write_steps(rp_buffer *out, const rp_json *id, const rp_steps *steps) {
    rp_json_writer w = rp_json_write_to(out);
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "id");
    write_id(&w, id);
    const struct {
        const char *name;
        size_t count;
    } counts[] = {{"true", steps->true_steps}, {"false", steps->false_steps}, {"unreadable", steps->unreadable}};
    for (size_t i = 0; i < 3; i++) {
        rp_json_put_key(&w, counts[i].name);
        rp_json_put_int(&w, (int64_t)counts[i].count);
    }
    if (steps->cut) {
        rp_json_put_key(&w, "cut");
        rp_json_put_bool(&w, true);
    }
    rp_json_put_key(&w, "steps");
    rp_json_begin_array(&w);
    for (size_t i = 0; i < steps->count; i++) {
        rp_json_begin_array(&w);
        rp_json_put_text(&w, rp_step_truth_name(steps->items[i].truth));
        rp_json_put_string(&w, steps->items[i].text.data, steps->items[i].text.length);
        rp_json_end_array(&w);
    }
    rp_json_end_array(&w);
    rp_json_end_object(&w);
}

static rp_status check_steps(rp_arena *scratch, const rp_json *root, rp_buffer *out) {
    const rp_json id = rp_json_key(root, "id"), response_at = rp_json_key(root, "response");
    rp_str response;
    RP_TRY(rp_json_get_string(&response_at, &response));
    const rp_steps steps = rp_verify_steps(scratch, response);
    write_steps(out, &id, &steps);
    return rp_buffer_status(out);
}

static rp_status print_steps(const settings *s) {
    rp_arena *arena = rp_arena_create("verify steps", 4 * (size_t)ARENA_LIMIT), *texts = rp_arena_create("verify texts", 0);
    rp_status status = arena && texts ? RP_OK : RP_ERR_MEMORY;
    rp_str text;
    if (status == RP_OK) status = rp_file_read(texts, s->response, 16u << 20, &text);
    if (status == RP_OK) {
        const rp_steps steps = rp_verify_steps(arena, text);
        rp_buffer out = rp_buffer_in(texts);
        for (size_t i = 0; i < steps.count; i++)
            print_field(&out, rp_step_truth_name(steps.items[i].truth), steps.items[i].text);
        rp_buffer_format(&out, "%zu true, %zu false, %zu unreadable%s", steps.true_steps, steps.false_steps,
                         steps.unreadable, steps.cut ? "; the text has more than could be looked at" : "");
        status = rp_buffer_status(&out);
        if (status == RP_OK) status = rp_put_line(out.data, out.length);
    }
    rp_arena_destroy(arena);
    rp_arena_destroy(texts);
    return status;
}

static rp_status judge(rp_arena *scratch, const rp_json *root, rp_verify_options options, rp_buffer *out) {
    const rp_json id = rp_json_key(root, "id"), gold_at = rp_json_key(root, "gold"), pred_at = rp_json_key(root, "pred"),
                  response_at = rp_json_key(root, "response"), options_at = rp_json_key(root, "options");
    rp_str gold, text;
    RP_TRY(rp_json_get_string(&gold_at, &gold));
    const bool is_response = rp_json_typeof(&response_at) != RP_JSON_ABSENT;
    if (is_response && rp_json_typeof(&pred_at) != RP_JSON_ABSENT)
        return rp_json_fail(root, RP_ERR_FORMAT, "a case has either \"pred\" or \"response\", not both");
    RP_TRY(rp_json_get_string(is_response ? &response_at : &pred_at, &text));
    RP_TRY(read_options(&options_at, &options));
    const rp_verdict verdict =
        is_response ? rp_verify_response(scratch, gold, text, &options) : rp_verify_answer(scratch, gold, text, &options);
    write_verdict(out, &id, &verdict);
    return rp_buffer_status(out);
}

typedef struct line {
    rp_str text, result;
    size_t number;
    rp_status status; /* not RP_OK: the result is an error for the reader of the output */
    bool asked;       /* false: it could not even be read from the file; `result` is there already */
} line;

static const char *file_name(const settings *s) {
    return strcmp(s->jsonl, "-") == 0 ? "standard input" : s->jsonl;
}

/* {"id": …, "error": sentence} for a line that is no case. Where not even that has room, a constant without the id. */
static rp_str error_line(rp_arena *kept, const rp_json *id) {
    static const char no_memory[] = "{\"id\": null, \"error\": \"no memory for the result of this line\"}";
    rp_buffer out = rp_buffer_in(kept);
    rp_json_writer w = rp_json_write_to(&out);
    char sentence[1024]; /* rp_last_error's own is overwritten when the arena is full */
    (void)snprintf(sentence, sizeof sentence, "%s", rp_last_error());
    rp_json_begin_object(&w);
    rp_json_put_key(&w, "id");
    if (id)
        write_id(&w, id);
    else
        rp_json_put_null(&w);
    rp_json_put_key(&w, "error");
    rp_json_put_text(&w, sentence);
    rp_json_end_object(&w);
    return out.failed ? (rp_str){no_memory, sizeof no_memory - 1} : (rp_str){out.data, out.length};
}

/* Verdicts are made in `scratch`, which has a limit that a case may fill; their text goes into `kept`, which has none. */
static void judge_line(const settings *s, rp_arena *scratch, rp_arena *kept, line *l) {
    char source[512];
    (void)snprintf(source, sizeof source, "%s:%zu", file_name(s), l->number);
    rp_json_document *document = NULL;
    rp_buffer out = rp_buffer_in(kept);
    l->status = rp_json_parse(l->text.data, l->text.length, source, &document);
    if (l->status == RP_OK) {
        const rp_json root = rp_json_root(document), id = rp_json_key(&root, "id");
        l->status = s->steps ? check_steps(scratch, &root, &out) : judge(scratch, &root, s->options, &out);
        l->result = l->status == RP_OK ? (rp_str){out.data, out.length} : error_line(kept, &id);
    } else {
        l->result = error_line(kept, NULL);
    }
    rp_json_free(document);
}

typedef struct crew { /* arenas, one pair for each thread; `lines` holds the block's text */
    rp_arena *lines, *scratch[THREADS_MAX], *kept[THREADS_MAX];
    int threads;
    size_t asked, unread; /* lines so far, and those that could not be read */
    size_t first;         /* … the number of the first of them */
    rp_status first_status;
} crew;

static rp_status run_block(const settings *s, crew *c, line *lines, size_t count) {
#pragma omp parallel for schedule(dynamic, 4) num_threads(c->threads)
    for (size_t i = 0; i < count; i++) {
        const int t = thread_number();
        if (!lines[i].asked) continue;
        const rp_arena_mark start = rp_arena_get_mark(c->scratch[t]);
        judge_line(s, c->scratch[t], c->kept[t], &lines[i]);
        if (rp_arena_reserved(c->scratch[t]) > ARENA_KEPT)
            rp_arena_release(c->scratch[t]);
        else
            rp_arena_rewind(c->scratch[t], start);
    }
    rp_status status = RP_OK;
    for (size_t i = 0; i < count && status == RP_OK; i++) {
        c->asked++;
        if (lines[i].status != RP_OK && c->unread++ == 0) {
            c->first = lines[i].number;
            c->first_status = lines[i].status;
        }
        status = rp_put_line(lines[i].result.data, lines[i].result.length);
    }
    for (int t = 0; t < c->threads; t++) rp_arena_release(c->kept[t]);
    rp_arena_release(c->lines);
    return status;
}

/* The next line of the file, or what is wrong with it. Only the file itself failing is a failure here. */
static rp_status next_line(crew *c, rp_line_reader *reader, line *l, bool *end) {
    rp_str text;
    rp_status status = rp_lines_next(reader, &text, end);
    if (status == RP_ERR_IO) return status;
    if (status == RP_OK && *end) return RP_OK;
    *l = (line){.number = reader->number, .asked = true};
    if (status == RP_OK && text.length == 0)
        status = rp_fail(RP_ERR_FORMAT, "%s:%zu: the line is empty", reader->path, reader->number);
    const char *copy = status == RP_OK ? rp_strndup(c->lines, text.data, text.length) : NULL;
    if (copy) {
        l->text = (rp_str){copy, text.length};
        return RP_OK;
    }
    *end = false;
    l->asked = false;
    l->status = status == RP_OK ? RP_ERR_MEMORY : status;
    l->result = error_line(c->lines, NULL);
    return RP_OK;
}

static rp_status run_lines(const settings *s, crew *c, rp_line_reader *reader) {
    static line lines[BLOCK];
    for (bool end = false; !end;) {
        size_t count = 0, bytes = 0;
        while (count < BLOCK && bytes < (8u << 20)) {
            RP_TRY(next_line(c, reader, &lines[count], &end));
            if (end) break;
            bytes += lines[count++].text.length;
        }
        RP_TRY(run_block(s, c, lines, count));
        if (rp_interrupt_requested()) return rp_fail(RP_ERR_INTERRUPTED, "stopped");
    }
    if (c->unread == 0) return RP_OK;
    return rp_fail(c->first_status,
                   "%s: %zu of %zu lines could not be read (\"error\" in the output); the first is line %zu", s->jsonl,
                   c->unread, c->asked, c->first);
}

static rp_status run_file(const settings *s) {
    crew c = {.threads = rp_thread_count()};
    if (c.threads > THREADS_MAX) c.threads = THREADS_MAX;
    rp_status status = RP_OK;
    c.lines = rp_arena_create("verify lines", 0);
    for (int t = 0; t < c.threads; t++) {
        c.scratch[t] = rp_arena_create("verify scratch", ARENA_LIMIT);
        c.kept[t] = rp_arena_create("verify results", 0);
        if (!c.lines || !c.scratch[t] || !c.kept[t]) status = RP_ERR_MEMORY;
    }
    rp_line_reader reader = {0};
    if (status == RP_OK) status = rp_lines_open(s->jsonl, &reader);
    if (status == RP_OK) {
        status = run_lines(s, &c, &reader);
        rp_lines_close(&reader);
    }
    for (int t = 0; t < c.threads; t++) {
        rp_arena_destroy(c.scratch[t]);
        rp_arena_destroy(c.kept[t]);
    }
    rp_arena_destroy(c.lines);
    return status;
}

/* ---- The command ------------------------------------------------------------------------------------------------- */

/* The texts and what is printed lie outside the arena that a hard case may fill. */
static rp_status run_one(const settings *s) {
    rp_arena *arena = rp_arena_create("verify", ARENA_LIMIT), *texts = rp_arena_create("verify texts", 0);
    rp_status status = arena && texts ? RP_OK : RP_ERR_MEMORY;
    rp_verdict verdict;
    rp_str response;
    if (s->answer)
        response = rp_str_of(s->answer);
    else if (status == RP_OK)
        status = rp_file_read(texts, s->response, 16u << 20, &response);
    if (status == RP_OK) {
        const rp_str gold = rp_str_of(s->gold);
        if (s->explain) {
            const rp_str story = rp_verify_explain(arena, gold, response, s->answer == NULL, &s->options, &verdict);
            if (story.length) status = rp_put_line(story.data, story.length);
        } else {
            verdict = s->answer ? rp_verify_answer(arena, gold, response, &s->options)
                                : rp_verify_response(arena, gold, response, &s->options);
        }
        if (status == RP_OK) status = print_verdict(texts, &verdict);
    }
    rp_arena_destroy(arena);
    rp_arena_destroy(texts);
    return status;
}

static rp_status check_settings(const settings *s) {
    if (s->steps) {
        if ((s->response != NULL) == (s->jsonl != NULL) || s->gold || s->answer || s->explain)
            return rp_fail(RP_ERR_ARGUMENT, "--steps looks at one text: give it --response or --jsonl, and no gold");
        return RP_OK;
    }
    const int sources = (s->answer != NULL) + (s->response != NULL) + (s->jsonl != NULL);
    if (sources != 1) return rp_fail(RP_ERR_ARGUMENT, "give exactly one of --answer, --response and --jsonl");
    if (!s->jsonl && !s->gold) return rp_fail(RP_ERR_ARGUMENT, "--gold is missing");
    if (s->jsonl && s->gold) return rp_fail(RP_ERR_ARGUMENT, "with --jsonl every line brings its own gold; drop --gold");
    if (s->jsonl && s->explain)
        return rp_fail(RP_ERR_ARGUMENT, "--explain tells about one pair; it does not go with --jsonl");
    return RP_OK;
}

#define ROW(kind, field, ...) RP_OPTION_##kind(settings, field, __VA_ARGS__)
static const rp_option options[] = {
    ROW(TEXT, gold, "gold", NULL, "the gold answer", .value = "G"),
    ROW(TEXT, answer, "answer", NULL, "a bare answer", .value = "A"),
    ROW(TEXT, response, "response", NULL, "a model's response (- is standard input)", .value = "FILE"),
    ROW(TEXT, jsonl, "jsonl", NULL, "many cases (- is standard input)", .value = "FILE"),
    ROW(BOOL, explain, "explain", false,
        "tell the decision: what was extracted, the parsed trees, the canonical forms, each comparison, the rule"),
    ROW(BOOL, steps, "steps", false,
        "check the calculations that the response (or each response of the file) writes down: true, false, unreadable"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const settings *s = call->arguments;
    RP_TRY(check_settings(s));
    return s->jsonl ? run_file(s) : s->steps ? print_steps(s) : run_one(s);
}

const rp_command rp_command_verify = {
    .name = "verify",
    .summary = "is this answer the gold answer?",
    .usage = "rephrase verify --gold G (--answer A | --response FILE) | [--steps] --jsonl FILE | --steps --response FILE",
    .about =
        "Is this answer the gold answer? Prints the verdict (equal, different, unparsed, budget), the reason, how sure "
        "it is, and both answers in normal form. A response is searched for its final answer first. With --jsonl every "
        "line is {\"id\", \"gold\", \"pred\" or \"response\", \"options\"?} and gives one line of results, in the same "
        "order; a line that cannot be read gives {\"id\", \"error\"}, and the exit code says so at the end.",
    .examples = "  rephrase verify --gold '\\frac{1}{2}' --answer '0.5'\n"
                "  echo 'So it is \\boxed{5}.' | rephrase verify --gold 5 --response -\n"
                "  rephrase verify --gold '\\sqrt{8}' --answer '2\\sqrt2' --explain\n"
                "  rephrase verify --jsonl cases.jsonl > verdicts.jsonl\n"
                "  echo 'She paid 3 * $4 = $12.' | rephrase verify --steps --response -\n",
    .arguments = sizeof(settings),
    .options = options,
    .shared = verify_options,
    .shared_offset = offsetof(settings, options),
    .run = run,
};
