/* SPDX-License-Identifier: MIT
 *
 * What the base model is trained on. Five kinds of examples:
 *
 *   drill      eight facts of one operation, a third of the drills in LaTeX; only the results carry loss, since the
 *              operands are random
 *   explain    read a reference: a random tree, worked by the expert, to be re-told step by step. It has between one
 *              operation and as many as the longest plan of the world's families. The question says nothing about it: it
 *              is the fixed sentence "Explain the solution." or a soup of words and numbers from the world's questions.
 *              So the reference must be read, and the words of the new concepts get embeddings but no plan
 *   rephrase   the same with a true question of a known family
 *   expert     a known family solved in the expert's style, so that the base can compute in it
 *   own        a known family solved in the pupil's own style
 *
 * References are terse or chains with equal probability, whatever style the world's expert has.
 */
#include "families.h"
#include "tree.h"

enum { DRILL_FACTS = 8, SOUP_LOW = 4, SOUP_HIGH = 12 };

const rp_world_mixture rp_world_default_mixture = {.drill = 25, .explain = 35, .rephrase = 15, .expert = 10, .own = 40};

static rp_status slice(const rp_buffer *buffer, rp_str *out) {
    RP_TRY(rp_buffer_status(buffer));
    *out = (rp_str){buffer->data, buffer->length};
    return RP_OK;
}

/* ---- Drill --------------------------------------------------------------------------------------------------------
 *
 * Sums and differences: the larger number is uniform on 0..N, then one part of it. Products and quotients: one factor is
 * 1..12, the other whatever N leaves, in either order.
 */
typedef struct fact {
    char op;
    int64_t a, b, result;
} fact;

static fact draw_fact(int64_t limit, rp_rng *rng) {
    const char op = "+-*/"[rp_rng_below(rng, 4)];
    if (op == '+' || op == '-') {
        const int64_t whole = rp_rng_range(rng, 0, limit), part = rp_rng_range(rng, 0, whole);
        return op == '+' ? (fact){op, part, whole - part, whole} : (fact){op, whole, part, whole - part};
    }
    int64_t a = rp_rng_range(rng, 1, 12), b = rp_rng_range(rng, 1, limit / a);
    if (rp_rng_below(rng, 2)) {
        const int64_t t = a;
        a = b;
        b = t;
    }
    return op == '*' ? (fact){op, a, b, a * b} : (fact){op, a * b, a, b};
}

static void write_fact_left(const fact *f, bool latex, rp_buffer *out) {
    const long long a = f->a, b = f->b;
    if (!latex) {
        rp_buffer_format(out, "%lld %c %lld = ", a, f->op, b);
    } else if (f->op == '/') {
        rp_buffer_format(out, "$\\frac{%lld}{%lld}=", a, b);
    } else if (f->op == '*') {
        rp_buffer_format(out, "$%lld\\cdot%lld=", a, b);
    } else {
        rp_buffer_format(out, "$%lld%c%lld=", a, f->op, b);
    }
}

static rp_status make_drill(const rp_world *world, rp_rng *rng, rp_arena *arena, rp_world_example *example) {
    const bool latex = rp_rng_below(rng, 3) == 0;
    rp_buffer text = rp_buffer_in(arena);
    uint32_t(*scored)[2] = (uint32_t(*)[2])rp_alloc_bytes(arena, DRILL_FACTS, sizeof *scored);
    RP_TRY_ALLOC(scored);
    for (int i = 0; i < DRILL_FACTS; i++) {
        const fact f = draw_fact(world->limit, rng);
        write_fact_left(&f, latex, &text);
        scored[i][0] = (uint32_t)text.length;
        /* The sign behind the result is scored too: it says that the number has no further digit. */
        rp_buffer_format(&text, latex ? "%lld$" : "%lld\n", (long long)f.result);
        scored[i][1] = (uint32_t)text.length;
        if (latex) rp_buffer_char(&text, '\n');
    }
    rp_str response;
    RP_TRY(slice(&text, &response));
    *example = (rp_world_example){
        .prompt = rp_str_of("Q: Drill.\nA:\n"), .response = response, .scored = scored, .scored_count = DRILL_FACTS};
    return RP_OK;
}

/* ---- Explain --------------------------------------------------------------------------------------------------- */

static rp_status make_soup(const rp_world *world, rp_rng *rng, rp_arena *arena, rp_str *question) {
    rp_buffer text = rp_buffer_in(arena);
    const int64_t words = rp_rng_range(rng, SOUP_LOW, SOUP_HIGH);
    for (int64_t i = 0; i < words; i++) {
        if (i > 0) rp_buffer_char(&text, ' ');
        if (rp_rng_below(rng, 10) < 3) {
            rp_buffer_format(&text, "%lld", (long long)rp_rng_range(rng, 0, world->limit));
        } else {
            rp_world_word(world, rng, &text);
        }
    }
    rp_buffer_char(&text, rp_rng_below(rng, 2) ? '.' : '?');
    return slice(&text, question);
}

static rp_status make_explain(const rp_world *world, rp_rng *rng, rp_arena *arena, rp_world_example *example) {
    rp_str question = rp_str_of("Explain the solution."), reference, response;
    if (rp_rng_below(rng, 2)) RP_TRY(make_soup(world, rng, arena, &question));
    tree t;
    rp_tree_random(&t, (int)rp_rng_range(rng, 1, rp_world_longest_plan(world)), world->limit, rng);
    rp_buffer expert = rp_buffer_in(arena), own = rp_buffer_in(arena);
    rp_tree_expert(&t, rp_rng_below(rng, 2) != 0, &expert);
    RP_TRY(slice(&expert, &reference));
    rp_tree_own(&t, &own);
    RP_TRY(slice(&own, &response));
    const rp_str prompt = rp_world_rephrase_prompt(arena, question, reference);
    RP_TRY_ALLOC(prompt.data);
    *example = (rp_world_example){.prompt = prompt, .response = response};
    return RP_OK;
}

/* ---- Known families -------------------------------------------------------------------------------------------- */

static uint32_t share_of(const rp_world *world, size_t family) {
    if (!rp_world_has(world, family) || !rp_world_family_at(family)->in_pretraining) return 0;
    const uint32_t share = rp_world_family_at(family)->share;
    return share ? share : 1;
}

static rp_status known_problem(const rp_world *world, rp_rng *rng, rp_arena *arena, rp_problem *problem) {
    uint32_t total = 0;
    for (size_t i = 0; i < rp_world_family_count(); i++) total += share_of(world, i);
    if (total == 0) return rp_fail(RP_ERR_ARGUMENT, "no family of pretraining takes part in the world");
    uint32_t left = rp_rng_below(rng, total);
    size_t family = 0;
    while (left >= share_of(world, family)) left -= share_of(world, family++);
    rp_world styled = *world;
    styled.expert_style = rp_rng_below(rng, 2) ? RP_EXPERT_CHAIN : RP_EXPERT_TERSE;
    return rp_world_problem(&styled, (int)family, RP_SPLIT_TRAIN, rng, arena, problem);
}

static rp_status make_rephrase(const rp_world *world, rp_rng *rng, rp_arena *arena, rp_world_example *example) {
    rp_problem problem;
    RP_TRY(known_problem(world, rng, arena, &problem));
    const rp_str prompt = rp_world_rephrase_prompt(arena, problem.question, problem.solution);
    RP_TRY_ALLOC(prompt.data);
    *example = (rp_world_example){.prompt = prompt, .response = problem.own};
    return RP_OK;
}

static rp_status make_solve(const rp_world *world, bool expert, rp_rng *rng, rp_arena *arena, rp_world_example *example) {
    rp_problem problem;
    RP_TRY(known_problem(world, rng, arena, &problem));
    const rp_str prompt = rp_world_solve_prompt(arena, problem.question);
    RP_TRY_ALLOC(prompt.data);
    *example = (rp_world_example){.prompt = prompt, .response = expert ? problem.solution : problem.own};
    return RP_OK;
}

static rp_status make_expert(const rp_world *world, rp_rng *rng, rp_arena *arena, rp_world_example *example) {
    return make_solve(world, true, rng, arena, example);
}

static rp_status make_own(const rp_world *world, rp_rng *rng, rp_arena *arena, rp_world_example *example) {
    return make_solve(world, false, rng, arena, example);
}

/* ---- The mixture ----------------------------------------------------------------------------------------------- */

static rp_status check_mixture(const rp_world_mixture *m) {
    const double others = m->explain + m->rephrase + m->expert + m->own;
    const bool negative = m->drill < 0 || m->explain < 0 || m->rephrase < 0 || m->expert < 0 || m->own < 0;
    if (negative || !(m->drill <= 100) || !(others < 1e9) || (!(others > 0) && m->drill < 100)) {
        return rp_fail(RP_ERR_ARGUMENT, "the pretraining mixture needs shares of 0 or more, drill of at most 100, and some "
                                        "share beside drill unless that is 100");
    }
    return RP_OK;
}

rp_status rp_world_pretraining(const rp_world *world, const rp_world_mixture *mixture, rp_rng *rng, rp_arena *arena,
                               rp_world_example *example) {
    RP_TRY(check_mixture(mixture));
    RP_TRY(rp_world_check(world));
    if (rp_rng_uniform(rng) * 100 < mixture->drill) return make_drill(world, rng, arena, example);
    const struct {
        double share;
        rp_status (*make)(const rp_world *, rp_rng *, rp_arena *, rp_world_example *);
    } kinds[] = {{mixture->explain, make_explain},
                 {mixture->rephrase, make_rephrase},
                 {mixture->expert, make_expert},
                 {mixture->own, make_own}};
    double left = rp_rng_uniform(rng) * (mixture->explain + mixture->rephrase + mixture->expert + mixture->own);
    size_t kind = 0;
    while (kind < 3 && !(left < kinds[kind].share)) left -= kinds[kind++].share;
    return kinds[kind].make(world, rng, arena, example);
}

/* ---- A corpus for a tokenizer -------------------------------------------------------------------------------------
 *
 * A byte-level BPE joins what stands together often, and in LaTeX that is punctuation: "}{", ")=", "}-(". A bracket would
 * then be hidden in a dozen different tokens and a small model has to learn each. The corpus therefore puts a line break
 * between neighbouring signs (not within ####), so that every sign stays a token of its own, wherever it stands.
 */
static bool is_sign(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !letter && !(c >= '0' && c <= '9') && c != ' ' && c != '\n';
}

static rp_status spaced(rp_arena *arena, rp_str prompt, rp_str response, rp_str *out) {
    const rp_str parts[] = {prompt, response};
    rp_buffer text = rp_buffer_in(arena);
    for (int p = 0; p < 2; p++) {
        for (size_t i = 0; i < parts[p].length; i++) {
            const char c = parts[p].data[i], before = i > 0 ? parts[p].data[i - 1] : ' ';
            if (is_sign(c) && is_sign(before) && !(c == '#' && before == '#')) rp_buffer_char(&text, '\n');
            rp_buffer_char(&text, c);
        }
    }
    return slice(&text, out);
}

rp_status rp_world_corpus(const rp_world *world, uint64_t seed, size_t examples, rp_arena *arena, rp_str **texts,
                          size_t *count) {
    rp_str *all = rp_alloc(arena, rp_str, examples);
    RP_TRY_ALLOC(all);
    rp_rng rng = rp_rng_stream(seed, RP_RNG_TASK, 0, 0, 0xC0);
    size_t family = 0;
    for (size_t i = 0; i < examples; i++) {
        rp_str prompt, response;
        if (i % 2 == 0) {
            rp_world_example example;
            RP_TRY(rp_world_pretraining(world, &rp_world_default_mixture, &rng, arena, &example));
            prompt = example.prompt;
            response = example.response;
        } else {
            rp_problem problem;
            do {
                family = (family + 1) % rp_world_family_count();
            } while (!rp_world_has(world, family));
            RP_TRY(rp_world_problem(world, (int)family, RP_SPLIT_TRAIN, &rng, arena, &problem));
            prompt = rp_world_rephrase_prompt(arena, problem.question, problem.solution);
            RP_TRY_ALLOC(prompt.data);
            response = problem.own;
        }
        RP_TRY(spaced(arena, prompt, response, &all[i]));
    }
    *texts = all;
    *count = examples;
    return RP_OK;
}
