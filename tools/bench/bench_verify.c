/* SPDX-License-Identifier: MIT
 *
 * bench_verify.c — how many verifications a core makes in a second, and what the worst input costs.
 *
 *     bench-verify numeric                  numbers, boxed at the end of responses of 2 kB
 *     bench-verify cases [FILE] [PART]      the cases of a golden file whose group's name contains PART ("own core")
 *     bench-verify limits [FILE] [PART]     each case alone ("adversarial"): the slowest one, and the memory; exit code 1
 *                                           when one takes 50 ms or the process grows to 64 MB
 *
 * FILE is data/golden/v1/verify/answers.json unless given. Time is processor time of this one thread: what other programs do
 * on the machine does not count. Every verdict is looked at, so nothing is optimised away; `cases` also says how many agree.
 */
#include <rephrase/json.h>
#include <rephrase/verify.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define GOLDEN "data/golden/v1/verify/answers.json"
enum { ARENA_LIMIT = 32 << 20, LIMIT_MS = 50 };

static double now(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

typedef struct pair {
    const char *id;
    rp_str gold, text;
    bool is_response, expected;
    rp_verify_options options;
} pair;

static rp_verdict verify(rp_arena *arena, const pair *p) {
    return p->is_response ? rp_verify_response(arena, p->gold, p->text, &p->options)
                          : rp_verify_answer(arena, p->gold, p->text, &p->options);
}

/* All pairs again and again for about a second of processor time; returns verifications per second. */
static double rate(rp_arena *scratch, const pair *pairs, size_t count, size_t *agree) {
    size_t done = 0;
    const double start = now();
    double seconds;
    do {
        *agree = 0;
        for (size_t i = 0; i < count; i++) {
            const rp_arena_mark mark = rp_arena_get_mark(scratch);
            *agree += (verify(scratch, &pairs[i]).kind == RP_VERDICT_EQUAL) == pairs[i].expected;
            rp_arena_rewind(scratch, mark);
        }
        done += count;
        seconds = now() - start;
    } while (seconds < 1);
    return (double)done / seconds;
}

/* ---- Numbers in long responses ------------------------------------------------------------------------------------ */

static rp_str response_with(rp_arena *arena, const char *answer) {
    enum { BYTES = 2048 };
    rp_buffer out = rp_buffer_in(arena);
    for (int line = 1; out.length + 100 < BYTES; line++)
        rp_buffer_format(&out, "Step %d: we multiply $%d \\cdot \\frac{%d}{7}$ and keep {the} rest (%d left).\n", line,
                         line + 3, line * 17 % 11, line * 5);
    rp_buffer_format(&out, "Therefore the answer is $\\boxed{%s}$.", answer);
    return (rp_str){out.data, out.length};
}

static int bench_numeric(rp_arena *arena, rp_arena *scratch) {
    enum { COUNT = 256 };
    static const char *const answers[] = {"%d", "%d.50", "-%d", "\\frac{%d}{3}", "%d/7", "1,%03d", "0.%03d", "+%d.0"};
    static pair pairs[COUNT];
    for (int i = 0; i < COUNT; i++) {
        char answer[64], gold[64];
        (void)snprintf(answer, sizeof answer, answers[i % 8], 100 + i); /* NOLINT: the formats are the eight above */
        (void)snprintf(gold, sizeof gold, answers[i % 8], 100 + (i % 5 ? i : i + 1));
        pairs[i] = (pair){.gold = rp_str_of(rp_strdup(arena, gold)),
                          .text = response_with(arena, answer),
                          .is_response = true,
                          .expected = i % 5 != 0,
                          .options = rp_verify_defaults};
    }
    size_t agree;
    const double per_second = rate(scratch, pairs, COUNT, &agree);
    printf("numeric answers in 2 kB responses: %.0f verifications/s, %zu of %d as expected\n", per_second, agree, COUNT);
    return agree == COUNT ? 0 : 1;
}

/* ---- Golden cases ------------------------------------------------------------------------------------------------- */

static bool read_text(rp_arena *arena, const rp_json *at, const char *name, rp_str *text) {
    char parts_name[32];
    (void)snprintf(parts_name, sizeof parts_name, "%s_parts", name);
    const rp_json plain = rp_json_key(at, name), parts = rp_json_key(at, parts_name);
    if (rp_json_typeof(&plain) == RP_JSON_STRING) return rp_json_get_string(&plain, text) == RP_OK;
    rp_buffer out = rp_buffer_in(arena);
    for (size_t i = 0; i < rp_json_length(&parts); i++) {
        const rp_json part = rp_json_at(&parts, i), what = rp_json_at(&part, 0), times = rp_json_at(&part, 1);
        rp_str piece;
        int64_t count;
        if (rp_json_get_string(&what, &piece) != RP_OK || rp_json_get_int(&times, 0, 1 << 24, &count) != RP_OK)
            return false;
        for (int64_t k = 0; k < count; k++) rp_buffer_append(&out, piece.data, piece.length);
    }
    *text = (rp_str){out.data ? out.data : "", out.length};
    return rp_json_length(&parts) > 0 && !out.failed;
}

static bool read_case(rp_arena *arena, const rp_json *at, pair *p) {
    const rp_json id = rp_json_key(at, "id"), expected = rp_json_key(at, "expected"), options = rp_json_key(at, "options"),
                  lenient = rp_json_key(&options, "lenient");
    rp_str name;
    *p = (pair){.options = rp_verify_defaults};
    if (rp_json_get_string(&id, &name) != RP_OK || !read_text(arena, at, "gold", &p->gold)) return false;
    p->id = name.data;
    p->is_response = !read_text(arena, at, "answer", &p->text);
    if (p->is_response && !read_text(arena, at, "response", &p->text)) return false;
    return rp_json_opt_bool(&expected, &p->expected) == RP_OK && rp_json_opt_bool(&lenient, &p->options.lenient) == RP_OK;
}

typedef struct visitor { /* called with each case; returns whether its texts must stay */
    bool (*visit)(struct visitor *self, const pair *p);
    rp_arena *arena, *scratch;
    pair *pairs;
    size_t count, room;
    double worst;
    char slowest[64];
} visitor;

static int visit_cases(visitor *v, const char *path, const char *part) {
    rp_json_document *document;
    if (rp_json_load(path, &document) != RP_OK) {
        fprintf(stderr, "bench-verify: %s\n", rp_last_error());
        return 1;
    }
    const rp_json root = rp_json_root(document), groups = rp_json_key(&root, "groups");
    for (size_t g = 0; g < rp_json_length(&groups); g++) {
        const rp_json group = rp_json_at(&groups, g), name_at = rp_json_key(&group, "name"),
                      cases = rp_json_key(&group, "cases");
        rp_str name;
        if (rp_json_get_string(&name_at, &name) != RP_OK || !strstr(name.data, part)) continue;
        for (size_t i = 0; i < rp_json_length(&cases) && v->count < v->room; i++) {
            const rp_json one = rp_json_at(&cases, i);
            const rp_arena_mark mark = rp_arena_get_mark(v->arena);
            pair p;
            if (!read_case(v->arena, &one, &p)) continue;
            v->count++;
            if (!v->visit(v, &p)) rp_arena_rewind(v->arena, mark);
        }
    }
    return v->count ? 0 : 1; /* the document stays: its strings are in use */
}

static bool keep(visitor *v, const pair *p) {
    v->pairs[v->count - 1] = *p;
    return true;
}

static int bench_cases(rp_arena *scratch, const pair *pairs, size_t count) {
    size_t agree;
    const double per_second = rate(scratch, pairs, count, &agree);
    printf("%zu cases: %.0f verifications/s, %zu as expected\n", count, per_second, agree);
    return 0;
}

/* The fastest of three runs: an interruption is not the program's time. */
static double milliseconds(rp_arena *scratch, const pair *p) {
    double best = 1e9;
    for (int run = 0; run < 3; run++) {
        const double start = now();
        (void)verify(scratch, p);
        const double took = 1e3 * (now() - start);
        if (took < best) best = took;
        rp_arena_release(scratch);
    }
    return best;
}

static bool time_alone(visitor *v, const pair *p) {
    const double took = milliseconds(v->scratch, p);
    if (took > v->worst) {
        v->worst = took;
        (void)snprintf(v->slowest, sizeof v->slowest, "%s", p->id);
    }
    if (took >= LIMIT_MS) printf("%s took %.1f ms\n", p->id, took);
    return false;
}

static int check_limits(const visitor *v) {
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    const double megabytes = (double)usage.ru_maxrss / 1024;
    printf("%zu cases: the slowest (%s) took %.1f ms; the process grew to %.1f MB\n", v->count, v->slowest, v->worst,
           megabytes);
    return v->worst < LIMIT_MS && megabytes < 64 ? 0 : 1;
}

int main(int argc, char **argv) {
    enum { ROOM = 4096 };
    static pair pairs[ROOM];
    const char *what = argc > 1 ? argv[1] : "", *path = argc > 2 ? argv[2] : GOLDEN;
    rp_arena *arena = rp_arena_create("cases", 0), *scratch = rp_arena_create("scratch", ARENA_LIMIT);
    if (!arena || !scratch) return 1;
    if (strcmp(what, "numeric") == 0) return bench_numeric(arena, scratch);
    const bool limits = strcmp(what, "limits") == 0;
    if (!limits && strcmp(what, "cases") != 0) {
        fprintf(stderr, "usage: bench-verify numeric | cases [FILE] [PART] | limits [FILE] [PART]\n");
        return 2;
    }
    visitor v = {.visit = limits ? time_alone : keep, .arena = arena, .scratch = scratch, .pairs = pairs, .room = ROOM};
    const char *part = argc > 3 ? argv[3] : limits ? "adversarial" : "own core";
    if (visit_cases(&v, path, part) != 0) return 1;
    return limits ? check_limits(&v) : bench_cases(scratch, pairs, v.count);
}
