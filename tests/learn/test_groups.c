/* SPDX-License-Identifier: MIT
 *
 * What is true of rows and groups, and that a breach of it stops the program instead of going on silently.
 */
#include "tiny.h"

#include "../../src/learn/groups.h"
#include "../../src/learn/rows.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct row_case {
    rp_row rows[3];
    real values[2];
    int32_t ids[3], top[2];
} row_case;

/* Three sound rows of two groups: one prompt token, two of the response. */
static void make(row_case *c) {
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < 3; i++)
        c->rows[i] = (rp_row){.ids = c->ids,
                              .prompt_length = 1,
                              .length = 3,
                              .group = i == 2,
                              .logp_behavior = c->values,
                              .entropy_behavior = c->values,
                              .exact = true,
                              .top_ids = c->top,
                              .top_logp = c->values};
}

/* Does rp_rows_check abort? Asked of a child, whose sentence is not shown. */
static bool aborts(const row_case *c) {
    const pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)freopen("/dev/null", "w", stderr);
        rp_rows_check(c->rows, 3);
        _exit(0);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_rows_that_break_what_is_true_of_them_abort(void **state) {
    (void)state;
    row_case c;
    make(&c);
    assert_false(aborts(&c));
    c.rows[1].exact = true, c.rows[1].entropy_behavior = NULL; /* would be taken for a forward pass */
    assert_true(aborts(&c));
    make(&c);
    c.rows[1].exact = true, c.rows[1].logp_behavior = NULL;
    assert_true(aborts(&c));
    make(&c);
    c.rows[1].exact = false, c.rows[1].entropy_behavior = NULL;
    assert_false(aborts(&c));
    c.rows[0].group = 1, c.rows[1].group = 0; /* groups out of order: a minibatch would hold parts of them */
    assert_true(aborts(&c));
    make(&c);
    c.rows[2].length = 1; /* no response */
    assert_true(aborts(&c));
    make(&c);
    c.rows[2].prompt_length = 0;
    assert_true(aborts(&c));
    make(&c);
    c.rows[2].prefix_length = 3; /* more copied than there is */
    assert_true(aborts(&c));
    make(&c);
    c.rows[2].top_logp = NULL;
    assert_true(aborts(&c));
}

static void test_groups_have_room_for_what_the_plan_wants(void **state) {
    (void)state;
    static const struct {
        const char *algorithm;
        size_t size, sampled;
    } cases[] = {{"grpo", 4, 4}, {"luffy", 4, 3}, {"prefix_rft", 4, 3}, {"sft", 1, 0}, {"relift", 4, 4}, {"repo", 4, 4}};
    tiny t;
    tiny_open(&t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rp_trainer *trainer = tiny_trainer(&t, cases[i].algorithm, NULL);
        rp_problem *problems;
        rp_groups groups;
        size_t n;
        assert_ok(rp_problems_of_step(&t.source, 0, 0, t.arena, &problems, &n));
        assert_ok(rp_groups_create(trainer, problems, n, &groups));
        assert_int_equal(groups.size, cases[i].size);
        assert_int_equal(groups.sampled, cases[i].sampled);
        for (size_t q = 0; q < n; q++) assert_ptr_equal(groups.reports[q].rows, rp_group_rows(&groups, q));
    }
    tiny_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_that_break_what_is_true_of_them_abort),
        cmocka_unit_test(test_groups_have_room_for_what_the_plan_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
