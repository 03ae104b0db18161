/* SPDX-License-Identifier: MIT */
#include "../../src/model/team.h"
#include "check.h"

#include <string.h>

enum { LOOPS = 400, MOST = 37 };

/* Loops of 0 … 36 tasks; every third one is not waited for. A task counts how often it ran, and a waited-for loop checks that
 * the one before it is complete. */
typedef struct record {
    atomic_int ran[LOOPS][MOST];
    atomic_int missing;
} record;

static size_t tasks_of(size_t loop) {
    return loop * 11 % MOST;
}

static bool waits(size_t loop) {
    return loop % 3 != 1;
}

static void walk(rp_team *team, record *r) {
    rp_worker worker = rp_team_join(team);
    for (size_t loop = 0; loop < LOOPS; loop++) {
        for (size_t i; rp_team_take(&worker, tasks_of(loop), &i);) {
            atomic_fetch_add(&r->ran[loop][i], 1);
            for (size_t before = 0; loop > 0 && waits(loop - 1) && before < tasks_of(loop - 1); before++)
                if (atomic_load(&r->ran[loop - 1][before]) != 1) atomic_fetch_add(&r->missing, 1);
        }
        if (waits(loop)) rp_team_wait(&worker);
    }
}

static void test_every_task_runs_once_and_waiting_is_for_all(void **state) {
    (void)state;
    for (int threads = 1; threads <= 5; threads++) {
        static record r;
        memset(&r, 0, sizeof r);
        rp_team team = RP_TEAM;
#pragma omp parallel num_threads(threads)
        walk(&team, &r);
        assert_int_equal(atomic_load(&r.missing), 0);
        for (size_t loop = 0; loop < LOOPS; loop++)
            for (size_t i = 0; i < MOST; i++) assert_int_equal(atomic_load(&r.ran[loop][i]), i < tasks_of(loop));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_task_runs_once_and_waiting_is_for_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
