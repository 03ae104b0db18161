/* SPDX-License-Identifier: MIT
 *
 * cmd_task.c — rephrase task: look at the micro-world, or export it as a data set in the form of a user's own.
 *
 * A table of the families, problems with both worked solutions, or examples of the pretraining mixture; for people as text,
 * for programs as JSON lines. What is printed is decided by the flags alone: same flags, same bytes, on every machine.
 */
#include "commands.h"

#include <rephrase/tasks.h>

#include <string.h>

enum { STANDARD_LIMIT = 50 };

typedef struct settings {
    const char *family;
    rp_split split;
    rp_expert_style style;
    int64_t n, seed, limit, operations;
    bool list, jsonl, pretraining;
} settings;

/* ---- The table of families ------------------------------------------------------------------------------------- */

static rp_status print_family(const rp_world *world, size_t index, rp_split split, rp_arena *arena, rp_buffer *out) {
    const rp_world_family *family = rp_world_family_at(index);
    rp_problem p;
    rp_rng rng = rp_rng_stream(1, RP_RNG_TASK, 0, (uint32_t)index, 0);
    RP_TRY(rp_world_problem(world, (int)index, split, &rng, arena, &p));
    rp_buffer_format(out, "%-9s %-8s %-8s %-4s %s\n%32s%.*s\n", family->name, family->tier,
                     family->in_pretraining ? "yes" : "no", family->in_rl ? "yes" : "no", family->help, "",
                     (int)p.question.length, p.question.data);
    return RP_OK;
}

static rp_status print_list(const rp_world *world, rp_split split, rp_arena *arena) {
    rp_buffer out = rp_buffer_in(arena);
    rp_buffer_format(&out, "%-9s %-8s %-8s %-4s %s\n", "family", "tier", "pretrain", "rl", "what it asks, with an example");
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        if (rp_world_has(world, i)) RP_TRY(print_family(world, i, split, arena, &out));
    }
    RP_TRY(rp_buffer_status(&out));
    return rp_put_line(out.data, out.length - 1);
}

/* ---- Problems -------------------------------------------------------------------------------------------------- */

static void put_member(rp_json_writer *w, const char *key, rp_str value) {
    rp_json_put_key(w, key);
    rp_json_put_string(w, value.data, value.length);
}

static void write_problem(const rp_problem *p, rp_buffer *out) {
    rp_json_writer w = rp_json_write_to(out);
    rp_json_begin_object(&w);
    put_member(&w, "id", p->id);
    put_member(&w, "question", p->question);
    put_member(&w, "answer", p->answer);
    put_member(&w, "solution", p->solution);
    put_member(&w, "own", p->own);
    put_member(&w, "family", p->family);
    put_member(&w, "tier", p->tier);
    rp_json_end_object(&w);
}

/* A text of several lines under one label, the lines aligned. */
static void print_text(rp_buffer *out, const char *label, rp_str text) {
    rp_buffer_format(out, "  %-8s  ", label);
    for (size_t i = 0; i < text.length; i++) {
        rp_buffer_char(out, text.data[i]);
        if (text.data[i] == '\n' && i + 1 < text.length) rp_buffer_format(out, "%12s", "");
    }
    if (text.length == 0 || text.data[text.length - 1] != '\n') rp_buffer_char(out, '\n');
}

static void print_problem(const rp_problem *p, rp_buffer *out) {
    rp_buffer_format(out, "%.*s (%.*s)\n", (int)p->id.length, p->id.data, (int)p->tier.length, p->tier.data);
    print_text(out, "question", p->question);
    print_text(out, "answer", p->answer);
    print_text(out, "expert", p->solution);
    print_text(out, "own", p->own);
}

static rp_status print_problems(const rp_world *world, const settings *s, rp_split split, rp_arena *arena) {
    for (size_t i = 0; i < rp_world_family_count(); i++) {
        if (!rp_world_has(world, i)) continue;
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_dataset set;
        RP_TRY(rp_world_distinct(world, (int)i, split, (uint64_t)s->seed, (size_t)s->n, arena, &set));
        if (set.count < (size_t)s->n) {
            rp_log(RP_LOG_WARNING, "%s has only %zu distinct %s problems with numbers up to %d",
                   rp_world_family_at(i)->name, set.count, rp_split_name(split), world->limit);
        }
        for (size_t k = 0; k < set.count; k++) {
            rp_buffer out = rp_buffer_in(arena);
            if (s->jsonl) {
                write_problem(&set.problems[k], &out);
            } else {
                print_problem(&set.problems[k], &out);
            }
            RP_TRY(rp_buffer_status(&out));
            RP_TRY(rp_put_line(out.data, out.length));
        }
        rp_arena_rewind(arena, mark);
        if (rp_interrupt_requested()) return rp_fail(RP_ERR_INTERRUPTED, "stopped");
    }
    return RP_OK;
}

/* ---- Pretraining examples -------------------------------------------------------------------------------------- */

static void write_example(const rp_world_example *e, rp_buffer *out) {
    rp_json_writer w = rp_json_write_to(out);
    rp_json_begin_object(&w);
    put_member(&w, "prompt", e->prompt);
    put_member(&w, "response", e->response);
    rp_json_put_key(&w, "scored");
    rp_json_begin_array(&w);
    for (size_t i = 0; i < e->scored_count; i++) {
        rp_json_begin_array(&w);
        rp_json_put_int(&w, e->scored[i][0]);
        rp_json_put_int(&w, e->scored[i][1]);
        rp_json_end_array(&w);
    }
    rp_json_end_array(&w);
    rp_json_end_object(&w);
}

static rp_status print_pretraining(const rp_world *world, const settings *s, rp_arena *arena) {
    rp_rng rng = rp_rng_stream((uint64_t)s->seed, RP_RNG_TASK, 0, 0, 0);
    for (int64_t i = 0; i < s->n; i++) {
        const rp_arena_mark mark = rp_arena_get_mark(arena);
        rp_world_example e;
        rp_buffer out = rp_buffer_in(arena);
        RP_TRY(rp_world_pretraining(world, &rp_world_default_mixture, &rng, arena, &e));
        if (s->jsonl) {
            write_example(&e, &out);
        } else {
            print_text(&out, "prompt", e.prompt);
            print_text(&out, "response", e.response);
        }
        RP_TRY(rp_buffer_status(&out));
        RP_TRY(rp_put_line(out.data, out.length));
        rp_arena_rewind(arena, mark);
        if (rp_interrupt_requested()) return rp_fail(RP_ERR_INTERRUPTED, "stopped");
    }
    return RP_OK;
}

/* ---- The command ----------------------------------------------------------------------------------------------- */

static const rp_option options[] = {
    RP_OPTION_TEXT(settings, family, "family", "all", "which families", .value = "LIST"),
    RP_OPTION_INT(settings, n, "n", 5, 1, 1e9, "distinct problems of each family; examples with --pretraining"),
    RP_OPTION_CHOICE(settings, split, "split", 0, RP_CHOICES("train", "validation", "test"), "which problems"),
    RP_OPTION_INT(settings, seed, "seed", 1, 0, 9e15, "which ones, and in which order", .value = "SEED"),
    RP_OPTION_INT(settings, limit, "limit", STANDARD_LIMIT, 20, 9999, "all numbers lie in 0..N"),
    RP_OPTION_INT(settings, operations, "operations", 0, 0, 8, "operations of a calc3 problem; 0 = 3", .value = "K"),
    RP_OPTION_CHOICE(settings, style, "style", RP_EXPERT_CHAIN, RP_CHOICES("terse", "chain"), "the expert's"),
    RP_OPTION_BOOL(settings, jsonl, "jsonl", false, "one JSON object a line"),
    RP_OPTION_BOOL(settings, list, "list", false, "a table of the families"),
    RP_OPTION_BOOL(settings, pretraining, "pretraining", false, "examples of the pretraining mixture"),
    RP_OPTION_END,
};

static rp_status run(const rp_invocation *call) {
    const settings *s = call->arguments;
    rp_world world = {.limit = (int)s->limit, .operations = (int)s->operations, .expert_style = s->style};
    RP_TRY(rp_world_check(&world));
    RP_TRY(rp_world_select(s->family, &world.families));
    if (s->list) return print_list(&world, s->split, call->arena);
    if (s->pretraining) return print_pretraining(&world, s, call->arena);
    return print_problems(&world, s, s->split, call->arena);
}

const rp_command rp_command_task = {
    .name = "task",
    .summary = "print or export problems of the micro-world",
    .usage = "rephrase task [--family LIST] [--n N] [--split S] [--jsonl] | --list | --pretraining",
    .about = "Problems of the school-maths micro-world: question, answer, the expert's solution in LaTeX and one in the "
             "pupil's own style. With --jsonl one problem a line, in the form of a data set of your own. LIST names "
             "families and tiers (easy, medium, near, hard, general, all); -NAME takes away.",
    .examples = "  rephrase task --list\n"
                "  rephrase task --family mean3,legs --n 3 --split test\n"
                "  rephrase task --family hard,-pool --n 200 --split validation --jsonl > hard.jsonl\n",
    .arguments = sizeof(settings),
    .options = options,
    .run = run,
};
