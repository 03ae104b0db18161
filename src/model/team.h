/* SPDX-License-Identifier: MIT
 *
 * team.h — how the threads of a parallel region share loops and wait for each other.
 *
 * OpenMP starts the threads; its own loops would share the work too, but a thread that waits at their end keeps its core busy
 * for milliseconds by default. On a machine with other programs that core belongs to somebody else in turn, perhaps to the very
 * thread that is waited for. (Sampling from a model of 30 layers took four times as long beside one busy program.) Here a
 * thread that finds nothing to do looks around for a few microseconds and then sleeps.
 *
 * All threads walk through the same loops in the same order. The tasks of all loops are numbered through; a thread takes the
 * next number, and a number beyond the end of its loop belongs to a loop that follows.
 *
 *     #pragma omp parallel
 *     {
 *         rp_worker worker = rp_team_join(&team);
 *         for (size_t i; rp_team_take(&worker, tasks, &i);) …;      whoever is free takes the next task
 *         rp_team_wait(&worker);                                    where the next loop needs all of this one
 *     }
 */
#ifndef REPHRASE_MODEL_TEAM_H
#define REPHRASE_MODEL_TEAM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct rp_team { /* of one parallel region; starts as RP_TEAM */
    atomic_size_t next;  /* number of the next task */
    atomic_uint arrived; /* threads that wait in this round */
    atomic_uint round;   /* waits that are over */
    pthread_mutex_t lock;
    pthread_cond_t turned; /* round has changed */
} rp_team;
#define RP_TEAM                                                                                                            \
    { .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER }

typedef struct rp_worker { /* what each thread knows */
    rp_team *team;
    unsigned threads;
    size_t first;  /* number of the current loop's first task */
    size_t number; /* the one in hand */
    bool in_hand;
} rp_worker;

rp_worker rp_team_join(rp_team *team);
/* False when all tasks of the loop are taken; they may not be finished. */
bool rp_team_take(rp_worker *worker, size_t tasks, size_t *task);
/* Returns when all threads have arrived here. */
void rp_team_wait(rp_worker *worker);

#endif
