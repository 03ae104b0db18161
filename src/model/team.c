/* SPDX-License-Identifier: MIT */
#include "team.h"

#include <rephrase/base.h>

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_num_threads(void) {
    return 1;
}
#endif

rp_worker rp_team_join(rp_team *team) {
    return (rp_worker){.team = team, .threads = (unsigned)omp_get_num_threads()};
}

bool rp_team_take(rp_worker *w, size_t tasks, size_t *task) {
    if (!w->in_hand) w->number = atomic_fetch_add_explicit(&w->team->next, 1, memory_order_relaxed);
    w->in_hand = w->number >= w->first + tasks;
    if (w->in_hand)
        w->first += tasks;
    else
        *task = w->number - w->first;
    return !w->in_hand;
}

/* Looks for at most this long before it sleeps: falling asleep and being woken takes about as long. */
static const double patience = 30e-6;

static bool turns_soon(const rp_team *team, unsigned round) {
    enum { LOOKS = 64 }; /* between looks at the clock */
    const double start = rp_seconds();
    do {
        for (int i = 0; i < LOOKS; i++)
            if (atomic_load_explicit(&team->round, memory_order_acquire) != round) return true;
    } while (rp_seconds() - start < patience);
    return false;
}

void rp_team_wait(rp_worker *w) {
    rp_team *team = w->team;
    if (w->threads == 1) return;
    const unsigned round = atomic_load_explicit(&team->round, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == w->threads) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        (void)pthread_mutex_lock(&team->lock); /* nobody is between looking and sleeping */
        atomic_store_explicit(&team->round, round + 1, memory_order_release);
        (void)pthread_cond_broadcast(&team->turned);
        (void)pthread_mutex_unlock(&team->lock);
        return;
    }
    if (turns_soon(team, round)) return;
    (void)pthread_mutex_lock(&team->lock);
    while (atomic_load_explicit(&team->round, memory_order_acquire) == round)
        (void)pthread_cond_wait(&team->turned, &team->lock);
    (void)pthread_mutex_unlock(&team->lock);
}
