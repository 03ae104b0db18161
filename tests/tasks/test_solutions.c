/* SPDX-License-Identifier: MIT
 *
 * Every solution verifies: a pupil's text and an expert's text are evaluated here by readers that know nothing of trees (a
 * line scanner; a two-stack evaluator in floating point), for every family, split and style.
 */
#include "check.h"

#include <rephrase/tasks.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static rp_arena *arena;

static int setup(void **state) {
    (void)state;
    arena = rp_arena_create("test", 0);
    return arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    rp_arena_destroy(arena);
    return 0;
}

/* ---- An evaluator of one side of a LaTeX chain: two stacks, division by floating point ------------------------- */

static double number_stack[64];
static char op_stack[64];
static int numbers, ops;

static void apply_top(void) {
    assert_true(numbers >= 2 && ops >= 1);
    const double b = number_stack[--numbers], a = number_stack[numbers - 1];
    const char op = op_stack[--ops];
    number_stack[numbers - 1] = op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
}

static int strength(char op) {
    return op == '+' || op == '-' ? 1 : op == '*' ? 2 : op == '/' ? 3 : 0;
}

static void push_op(char op) {
    while (ops > 0 && strength(op_stack[ops - 1]) >= strength(op)) apply_top();
    op_stack[ops++] = op;
}

static void close_group(char open) {
    while (ops > 0 && op_stack[ops - 1] != open) apply_top();
    assert_true(ops > 0);
    ops--;
}

/* \frac{A}{B} is read as {A}/{B}: the "}{" between them becomes a strong division sign. */
static double evaluate_latex(const char *at, const char *end) {
    numbers = ops = 0;
    while (at < end) {
        if (strncmp(at, "\\frac{", 6) == 0 || strncmp(at, "\\boxed{", 7) == 0) {
            op_stack[ops++] = '{';
            at = strchr(at, '{') + 1;
        } else if (strncmp(at, "}{", 2) == 0) {
            close_group('{');
            push_op('/');
            op_stack[ops++] = '{';
            at += 2;
        } else if (strncmp(at, "\\cdot", 5) == 0) {
            push_op('*');
            at += 5;
        } else if (*at == '(') {
            op_stack[ops++] = *at++;
        } else if (*at == ')' || *at == '}') {
            close_group(*at++ == ')' ? '(' : '{');
        } else if (*at == '+' || *at == '-') {
            push_op(*at++);
        } else {
            assert_true(*at >= '0' && *at <= '9');
            char *rest;
            number_stack[numbers++] = (double)strtol(at, &rest, 10);
            at = rest;
        }
    }
    while (ops > 0) apply_top();
    assert_int_equal(numbers, 1);
    return number_stack[0];
}

/* Every side of "$ … = … = \boxed{n}$" has the value n; returns the number of sides. */
static int check_expert(rp_str text, long answer) {
    assert_true(text.length > 2 && text.data[0] == '$' && text.data[text.length - 1] == '$');
    const char *at = text.data + 1, *end = text.data + text.length - 1;
    char box[32];
    snprintf(box, sizeof box, "\\boxed{%ld}", answer);
    assert_true((size_t)(end - at) >= strlen(box) && memcmp(end - strlen(box), box, strlen(box)) == 0);
    for (int sides = 1;; sides++) {
        const char *equals = memchr(at, '=', (size_t)(end - at));
        assert_near(evaluate_latex(at, equals ? equals : end), (double)answer, 1e-9, 0);
        if (!equals) return sides;
        at = equals + 1;
    }
}

/* Steps are numbered from 1, true, within 0..limit, and the last one gives the answer; returns their number. */
static int check_own(rp_str text, long answer, long limit) {
    char *copy = rp_strndup(arena, text.data, text.length), *line = strtok(copy, "\n");
    long last = answer;
    int steps = 0;
    for (; line && line[0] != '#'; line = strtok(NULL, "\n")) {
        int number, used = 0;
        long a, b, c;
        char op;
        assert_int_equal(sscanf(line, "Step %d: %ld %c %ld = %ld%n", &number, &a, &op, &b, &c, &used), 5);
        assert_int_equal(line[used], '\0');
        assert_int_equal(number, ++steps);
        assert_true(op == '+'   ? a + b == c
                    : op == '-' ? a - b == c
                    : op == '*' ? a * b == c
                                : op == '/' && b * c == a && b != 0);
        assert_true(a >= 0 && b >= 0 && c >= 0 && a <= limit && b <= limit && c <= limit);
        last = c;
    }
    assert_non_null(line);
    assert_int_equal(last, answer);
    char closing[32];
    snprintf(closing, sizeof closing, "#### %ld", answer);
    assert_string_equal(line, closing);
    assert_null(strtok(NULL, "\n"));
    return steps;
}

static void check_problem(const rp_problem *p, const rp_world *world, const rp_world_family *family) {
    const long answer = strtol(p->answer.data, NULL, 10);
    assert_true(answer >= 0 && answer <= world->limit);
    const int steps = check_own(p->own, answer, world->limit);
    const int sides = check_expert(p->solution, answer);
    if (world->expert_style == RP_EXPERT_TERSE) assert_int_equal(sides, steps > 0 ? 2 : 1);
    assert_true(sides <= steps + 1); /* a chain evaluates at least one operation per = */
    const rp_soundness own = rp_world_soundness(p->own), expert = rp_world_soundness(p->solution);
    assert_true(own.false_steps == 0 && !own.expert_style && own.steps == steps + (steps > 0));
    assert_true(expert.false_steps == 0 && expert.expert_style && expert.steps == sides - 1);
    assert_text(p->family, family->name);
    assert_text(p->tier, family->tier);
    /* The structural line between the tiers. */
    if (strcmp(family->tier, "easy") == 0) assert_int_equal(steps, 1);
    if (strcmp(family->tier, "near") == 0) assert_in_range(steps, 1, 2);
    if (strcmp(family->tier, "hard") == 0) assert_true(steps >= 3);
}

static void test_every_solution_verifies(void **state) {
    (void)state;
    static const int limits[] = {20, 50, 99, 1000};
    for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
        for (size_t f = 0; f < rp_world_family_count(); f++) {
            const rp_world_family *family = rp_world_family_at(f);
            rp_rng rng = rp_rng_stream(11, RP_RNG_TEST, (uint32_t)l, (uint32_t)f, 0);
            for (int i = 0; i < 60; i++) {
                const rp_arena_mark mark = rp_arena_get_mark(arena);
                const rp_world world = {.limit = limits[l], .expert_style = i % 2 ? RP_EXPERT_CHAIN : RP_EXPERT_TERSE};
                const rp_split split = (rp_split)(i % 3);
                rp_problem p;
                if (limits[l] == 20 && split != RP_SPLIT_TRAIN) continue; /* a tiny world may have no held-out problem */
                assert_ok(rp_world_problem(&world, (int)f, split, &rng, arena, &p));
                assert_int_equal(rp_world_split_of(p.question), split);
                check_problem(&p, &world, family);
                rp_arena_rewind(arena, mark);
            }
        }
    }
}

static void test_styles_look_as_documented(void **state) {
    (void)state;
    rp_problem p;
    const int mean3 = rp_world_family_find("mean3");
    rp_rng rng = rp_rng_stream(12, RP_RNG_TEST, 0, 0, 0);
    rp_world world = {.limit = 50, .expert_style = RP_EXPERT_CHAIN};
    assert_ok(rp_world_problem(&world, mean3, RP_SPLIT_TRAIN, &rng, arena, &p));
    long a, b, c;
    char *question = rp_strndup(arena, p.question.data, p.question.length), own[256], chain[256], terse[256];
    assert_int_equal(sscanf(question, "Find the mean of %ld, %ld and %ld.", &a, &b, &c), 3);
    const long s = a + b + c;
    snprintf(own, sizeof own, "Step 1: %ld + %ld = %ld\nStep 2: %ld + %ld = %ld\nStep 3: %ld / 3 = %ld\n#### %ld", a, b,
             a + b, a + b, c, s, s, s / 3, s / 3);
    snprintf(chain, sizeof chain, "$\\frac{%ld+%ld+%ld}{3}=\\frac{%ld+%ld}{3}=\\frac{%ld}{3}=\\boxed{%ld}$", a, b, c, a + b,
             c, s, s / 3);
    snprintf(terse, sizeof terse, "$\\frac{%ld+%ld+%ld}{3}=\\boxed{%ld}$", a, b, c, s / 3);
    assert_text(p.own, own);
    assert_text(p.solution, chain);
    rng = rp_rng_stream(12, RP_RNG_TEST, 0, 0, 0);
    world.expert_style = RP_EXPERT_TERSE;
    assert_ok(rp_world_problem(&world, mean3, RP_SPLIT_TRAIN, &rng, arena, &p));
    assert_text(p.solution, terse);
}

static void test_the_operations_dial_lengthens_expressions(void **state) {
    (void)state;
    const rp_world world = {.limit = 50, .operations = 5};
    rp_rng rng = rp_rng_stream(13, RP_RNG_TEST, 0, 0, 0);
    for (int i = 0; i < 50; i++) {
        rp_problem p;
        assert_ok(rp_world_problem(&world, rp_world_family_find("calc3"), RP_SPLIT_TRAIN, &rng, arena, &p));
        assert_int_equal(check_own(p.own, strtol(p.answer.data, NULL, 10), 50), 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_solution_verifies),
        cmocka_unit_test(test_styles_look_as_documented),
        cmocka_unit_test(test_the_operations_dial_lengthens_expressions),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
